/* redirect.h: a redirect server (RFC 3261 section 8.3): every INVITE gets a 302 with one Contact,
 * any other request a 405. */
#ifndef SIPVET_TOOLS_FLOW_REDIRECT_H
#define SIPVET_TOOLS_FLOW_REDIRECT_H

#include <network.h>
#include <transactions.h>

struct reader;

struct redirect {
    struct transactions table;
    struct network network;
    const char *contact; /* the value */
    struct reader *in, *out;
    uint64_t seed, count;
};

/* SIPV_OK, or what transactions_open() returns.  `contact` must outlive it. */
int redirect_open(struct redirect *r, const char *contact, const struct network *network,
                  uint64_t seed);
void redirect_close(struct redirect *r);
struct element redirect_element(struct redirect *r);
size_t redirect_left(const struct redirect *r);

#endif
