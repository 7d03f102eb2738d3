/* The simulator as the network of one element (network.h): hosts are elements by name.
 *
 * A flow to a host that nobody has leads nowhere: messages are lost.  Over TCP a peer may refuse.
 */
#ifndef TESTS_CABLE_H
#define TESTS_CABLE_H

#include <network.h>
#include <simulator.h>

enum { CABLE_SENT = 64 * 1024, CABLE_WORDS = 1024 };

struct cable {
    struct network network;
    struct element element; /* who is called */
    struct simulator *sim;
    unsigned number;
    char host[64];
    bool no_tcp;             /* it has none */
    bool tcp_only;           /* it has nothing else */
    bool refuses_tcp;        /* who sends to it over TCP is told that it failed */
    unsigned damage;         /* of 1,000 messages have an octet of another place somewhere */
    bool muted;              /* what is sent is noted and not sent */
    uint64_t failed;         /* a flow, to be told at once; 0: none */
    size_t n_sent;           /* messages */
    char sent[CABLE_SENT];   /* the last one, a text */
    char words[CABLE_WORDS]; /* the first words of each since it was last emptied: "INVITE 200 " */
};

/* Adds it to the simulator, as `host`.  The element is set before anything is sent to it. */
void cable_open(struct cable *w, struct simulator *sim, const char *host);
/* The name of an element that has no cable; `host` must outlive the simulator. */
void cable_name(const struct simulator *sim, unsigned number, const char *host);
/* The name of an element. */
const char *cable_host(const struct simulator *sim, unsigned number);
/* The flow to an element. */
uint64_t cable_flow(unsigned number, enum hop_transport transport);

#endif
