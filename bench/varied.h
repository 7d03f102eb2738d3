/* varied.h: variants of a SIP message.
 *
 * A branch predictor learns one repeated message by heart and makes a parser look up to twice as
 * fast as it is.  A variant has other users, hosts, addresses, ports, tags, branches, Call-IDs,
 * numbers and display names, a header name in another letter case, another order of headers (those
 * of one name keep theirs), fewer optional headers and some more X- headers.  The body is the
 * original's, so its Content-Length stays right, and every variant is as valid as its original.
 */
#ifndef BENCH_VARIED_H
#define BENCH_VARIED_H

#include <stddef.h>
#include <stdint.h>

/* A small generator (splitmix64): the same seed gives the same numbers on every machine. */
struct varied_random {
    uint64_t state;
};

uint64_t varied_next(struct varied_random *random);

/* A number in 0 .. limit-1; limit is not 0. */
size_t varied_below(struct varied_random *random, size_t limit);

/* Writes a variant of a message to out.  Returns its length, or 0 if the message has no empty line,
 * has over 64 headers, or does not fit. */
size_t varied_make(struct varied_random *random, const char *message, size_t size, char *out,
                   size_t room);

#endif
