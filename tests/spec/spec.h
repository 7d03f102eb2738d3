/* What the runner of spec pages shares: the input of the present case, and what came out of it. */
#ifndef TESTS_SPEC_H
#define TESTS_SPEC_H

#include "descriptions.h"
#include "engines.h"
#include "messages.h"

enum { SPEC_LONGEST = 1 << 18, SPEC_LINES = 1 << 16 };

/* Lines as they would stand in a page; what does not fit is left out. */
struct spec_text {
    char *p;
    size_t n, cap;
};

extern struct spec {
    struct engines engines;
    struct fence fence;
    struct room room;
    struct description description;
    unsigned char input[SPEC_LONGEST];
    size_t n_input;
    struct spec_text got; /* what came out */
    char problem[512];    /* what no page can say: the engines differ, ... */
} spec;

void spec_add(struct spec_text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void spec_problem(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* input.c: adds a line of an input block to the input.  `lines`: it ends in CRLF. */
void spec_input_line(const char *line, size_t n, bool lines);

/* value.c: what both engines say of the input by itself.  False: they differ. */
bool spec_match(int rule, bool value, struct engines_outcome *out);

/* The input run as what its block says; which block must follow, NULL: there is no such thing. */

/* value.c: text of a rule, and the value of header `id`, perhaps SIPV_H_OTHER: of none. */
const char *spec_run_value(int rule, bool value, unsigned id);
/* digest.c: text of a rule of the digest grammar. */
const char *spec_run_digest(const char *rule);
/* message.c, stream.c: a datagram; what comes in on a connection. */
const char *spec_run_message(void);
const char *spec_run_stream(sipv_profile profile);
/* description.c: "sdp", "o=", "a=rtpmap", "sdp rule NAME". */
const char *spec_run_sdp(const char *subject);

#endif
