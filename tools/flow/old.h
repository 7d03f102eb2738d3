/* old.h: a client as of RFC 2543 that says what the SIP flow document prints, octet for octet but
 * for what depends on the other side: the digest response, the Via of responses; and the
 * Request-URI of REGISTER, which is printed as the address of the client, becomes the domain.  What
 * is not printed there - ACK, BYE - it writes in the same style, without branch and From tag.
 *
 * It repeats nothing and remembers little: it is for a network that loses nothing. */
#ifndef SIPVET_TOOLS_FLOW_OLD_H
#define SIPVET_TOOLS_FLOW_OLD_H

#include "callflow.h"

#include <network.h>

struct old {
    const struct callflow_element *is;
    struct network network;
    struct reader *in, *other;
    struct bytes invite;   /* that it got */
    uint64_t flow;         /* by which */
    uint64_t ring, answer; /* when; UINT64_MAX: not */
    struct bytes ok;       /* the 200 that it got: its ACK and BYE are made from it */
    /* What has become of it. */
    bool rings, calling, stands;
    int registered; /* status of the answer to REGISTER, 0 while it is awaited */
};

void old_open(struct old *o, const struct callflow_element *is, const struct network *network);
void old_close(struct old *o);
struct element old_element(struct old *o);

bool old_register(struct old *o);
bool old_call(struct old *o);
bool old_hang_up(struct old *o);

#endif
