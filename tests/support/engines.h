/* Both engines on one text: the fast matchers in every flavour, and the explaining engine.
 *
 * Programs that link this choose by engines_use() what the whole library matches with, so that also
 * messages can be parsed with either flavour. */
#ifndef TESTS_ENGINES_H
#define TESTS_ENGINES_H

#include <sipvet/parser.h>
#include <sipvet/sdp.h>

#include <stdbool.h>
#include <stddef.h>

#include "fence.h"

enum engines_flavour { ENGINES_TABLES, ENGINES_EXPRESS, ENGINES_FLAVOURS };

/* Makes the library match with one flavour from now on.  False if this machine has not got it. */
bool engines_use(enum engines_flavour flavour);
const char *engines_flavour_name(enum engines_flavour flavour);

/* Languages that have engines of their own. */
enum engines_language {
    ENGINES_SIP,
    ENGINES_SDP,
#ifdef TESTS_WITH_AUTH
    ENGINES_DIGEST,
#endif
    ENGINES_LANGUAGES
};
const sipv_grammar *engines_grammar(enum engines_language language);

struct engines {
    enum engines_language language; /* of the rules; SIP at first */
    struct fence fence;
    void *work;              /* of the explaining engine */
    sipv_event *fast, *slow; /* captures of either engine */
    size_t cap;
};

/* What both engines say. */
struct engines_outcome {
    bool accepted;
    sipv_match match;
    const sipv_event *events; /* of the accepted text */
    size_t n_events;
};

/* Room for texts of up to `room` bytes.  False if there is no memory. */
bool engines_open(struct engines *e, size_t room);
void engines_close(struct engines *e);

/* Runs `n` bytes against a rule (`value`: against the value grammar of a header rule) with every
 * flavour and with the explaining engine, flush against a fence page, and compares verdict,
 * captures and first impossible byte.  False if they differ: `why` says how.  `out` may be NULL. */
bool engines_agree(struct engines *e, int rule, bool value, const void *bytes, size_t n,
                   struct engines_outcome *out, char *why, size_t cap);

/* Cuts bytes out of `text` as long as the engines still differ; `*n` bytes are left. */
void engines_minimise(struct engines *e, int rule, bool value, unsigned char *text, size_t *n);

/* Writes `n` bytes with the escapes of C into `out`, always ended by a NUL; returns `out`. */
char *escape_bytes(const void *bytes, size_t n, char *out, size_t cap);

#endif
