/* The same message in other words (RFC 3261 7.3.1, 25.1). */
#ifndef FUZZ_SPELLING_H
#define FUZZ_SPELLING_H

#include <sipvet/parser.h>

#include "text.h"

/* Ways of saying it otherwise, as bits. */
enum {
    FUZZ_FOLDS = 1 << 0,        /* a fold in place of a run of white space */
    FUZZ_SPACE = 1 << 1,        /* white space round the separators of parameters */
    FUZZ_COMPACT = 1 << 2,      /* compact names for long ones and the reverse */
    FUZZ_CASE = 1 << 3,         /* names of headers and parameters in the other case */
    FUZZ_LINES = 1 << 4,        /* commas for lines and the reverse */
    FUZZ_QUOTED_PAIRS = 1 << 5, /* backslashes in quoted strings */
    FUZZ_ORDER = 1 << 6,        /* headers of different names in another order */
    FUZZ_ALL_WAYS = (1 << 7) - 1,
    /* What the interop profile takes besides. */
    FUZZ_BARE_LF = 1 << 7,     /* LF for CRLF at the end of a line */
    FUZZ_START_SPACE = 1 << 8, /* runs of white space in a start line, and behind it */
    FUZZ_EMPTY_LINES = 1 << 9, /* empty lines in front of it */
    FUZZ_NO_HEADERS = 1 << 10  /* lines between the headers that are none */
};

/* Writes an accepted message otherwise, in those of the `ways` that `seed` chooses. */
void fuzz_spell(const sipv_message *m, unsigned ways, uint64_t seed, struct fuzz_out *out);

/* Writes it with the headers `i` and `k` in each other's place: another meaning. */
void fuzz_swap(const sipv_message *m, size_t i, size_t k, struct fuzz_out *out);

#endif
