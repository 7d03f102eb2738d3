/* What stands between the cores and a network, real or simulated.
 *
 * A core is an *element*: it is handed messages and is woken.  The *network* around it names its
 * peers by flows, sends what it is given, and knows by which address the element is reached.  The
 * simulator is one network, sockets are another; cores cannot tell them apart.
 *
 * The network does what RFC 3261 section 18 asks of the transport layer: it adds received and rport
 * to the topmost Via of requests before an element sees them (18.2.1, RFC 3581), and sends a
 * response over UDP to where that Via says (18.2.2). */
#ifndef HARNESS_NETWORK_H
#define HARNESS_NETWORK_H

#include "hop.h"

/* Time is in milliseconds and does not go back.  An element sends whenever it is called. */
struct element {
    void *self;
    /* One message of a peer. */
    void (*receive)(void *self, uint64_t now, uint64_t flow, bool reliable, sipv_slice octets);
    /* Something that was to be sent for `flow` could not be, or its connection is gone. */
    void (*failed)(void *self, uint64_t now, uint64_t flow);
    /* When it wants to be called without a message; UINT64_MAX: not at all. */
    uint64_t (*wake)(void *self);
    /* That time has come.  Afterwards wake() gives a later time. */
    void (*advance)(void *self, uint64_t now);
};

struct network {
    void *with;
    /* The flow to a hop, begun if there is none; it need not be open yet.  0: this network cannot
     * get there.  Never 0 for a hop of a transport that it has, as far as its limits go. */
    uint64_t (*flow)(void *with, const struct hop *to);
    /* Hands over one message, which is copied.  What becomes of it may be told by failed(). */
    void (*send)(void *with, uint64_t flow, sipv_slice octets);
    /* Transport of a flow. */
    enum hop_transport (*transport)(void *with, uint64_t flow);
    /* How this element is reached over a transport: for Via, Contact, Record-Route.  SIPV_OK, or
     * SIPV_ABSENT if it does not listen there. */
    int (*self)(void *with, enum hop_transport transport, struct hop *out);
};

#endif
