/* bench.h: what a benchmark subject is.
 *
 * A library is one file subject_NAME.c that defines `const struct bench_library bench_NAME`, a
 * table of operations.  The runner calls each operation on every input of its kind.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum bench_kind {
    BENCH_SIP,    /* one SIP message */
    BENCH_SDP,    /* one session description */
    BENCH_DIGEST, /* the one computation of bench_digest; data is not to be read */
};

struct bench_subject {
    const char *bench;   /* "parse.full" */
    const char *subject; /* "sipvet" */
    enum bench_kind kind;
    /* The measured operation.  data has size octets, is not to be written, and is followed by a
     * NUL. state is what open returned, else NULL.  Returns 0 if the input was accepted. */
    int (*run)(void *state, const char *data, size_t size);
    /* Optional, not measured: what run needs for this one message, such as the parsed message that
     * is to be written.  It lives until close.  NULL: the message is refused. */
    void *(*open)(const char *data, size_t size);
    void (*close)(void *state);
};

struct bench_library {
    const struct bench_subject *subjects;
    size_t count;
    int (*start)(void); /* optional; once, 0 for success */
    void (*stop)(void); /* optional */
};

extern const struct bench_library bench_limit;
extern const struct bench_library bench_sipvet;
extern const struct bench_library bench_sipvet_digest;
extern const struct bench_library bench_sofia;
extern const struct bench_library bench_osip;
extern const struct bench_library bench_re;
extern const struct bench_library bench_openssl;

/* RFC 2617 3.2.2, MD5 and qop=auth: H(A1) from the password, H(A2), the response.  A subject
 * returns 0 only if it got this response. */
struct bench_digest {
    const char *username, *realm, *password, *method, *uri, *nonce, *nc, *cnonce, *response;
};
extern const struct bench_digest bench_digest;

/* Results are added here so that no compiler drops the work that made them. */
extern volatile uint64_t bench_sink;

/* Calls of malloc, calloc, realloc and the aligned ones since the program began; bench_counting is
 * false where they cannot be counted. */
extern uint64_t bench_allocations;
extern const bool bench_counting;

#endif
