/* Families of texts that made parsers slow: each can be written in any length. */
#ifndef FUZZ_LINEAR_FAMILIES_H
#define FUZZ_LINEAR_FAMILIES_H

#include <sipvet/grammar.h>

#include <stddef.h>

/* What a text is.  Bits, so that a subject can take several. */
enum kind {
    VALUE = 1,        /* of the header `name` */
    LINES = 2,        /* header lines, or what stands in their place */
    BODY = 4,         /* multipart, its boundary is b */
    URI = 8,          /* as between angle brackets */
    DESCRIPTION = 16, /* SDP */
    DIGEST = 32       /* challenges or credentials */
};

/* A text is `begin`, `piece` as often as there is room, `end`, and then `more`, if there is any, as
 * often as the piece.  A # in piece and more stands for the number of the piece. */
struct family {
    unsigned kind;
    const char *name;
    const char *begin, *piece, *end, *more;
    /* NULL: the largest text is accepted in the strict profile, so what it repeats has been read
     * and judged to its end.  Else why it is not: the name of the finding, or REFUSED where what
     * reads it gives no name. */
    const char *refusal;
};

#define REFUSED "refused"

extern const struct family families[];
extern const size_t n_families;

/* The text of a family, of fewer than `size` octets; valid until the next call. */
sipv_slice family_text(const struct family *f, size_t size);

#endif
