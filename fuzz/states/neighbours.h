/* Neighbours of a proxy that do something by themselves, as a row of numbers says: answer what they
 * are sent, once or more, send it back, are out of reach; who is asked for credentials sends them,
 * right or wrong.  What they say is made of the octets that the witness has kept. */
#ifndef FUZZ_NEIGHBOURS_H
#define FUZZ_NEIGHBOURS_H

#include "witness.h"

enum { NEIGHBOUR_ERRANDS = 64 };

/* What somebody is about to do. */
struct errand {
    enum { ERRAND_ANSWER, ERRAND_SEND_ON, ERRAND_BREAK, ERRAND_AUTHENTICATE } what;
    uint64_t at;
    size_t branch;  /* what was sent, of the witness */
    size_t request; /* that is sent once more, with credentials */
    int status;
    const char *tag;
    sipv_slice response; /* with the challenges */
    bool own;            /* these are the proxy's */
};

struct neighbours {
    struct witness *witness;
    uint64_t *seed;
    struct errand errands[NEIGHBOUR_ERRANDS];
    size_t n;
    unsigned numbers; /* of branches that they have made */
};

/* What happens to the proxy. */
struct neighbour_act {
    uint64_t flow;
    sipv_slice octets; /* that it receives; absent: the flow has failed */
};

void neighbours_open(struct neighbours *n, struct witness *w, uint64_t *seed);

/* The proxy has sent a request, which is this branch of the witness. */
void neighbours_asked(struct neighbours *n, size_t branch);
/* It has sent a response upstream, which is this reply. */
void neighbours_answered(struct neighbours *n, size_t reply, sipv_slice octets);

/* When somebody does something next; UINT64_MAX: nobody will. */
uint64_t neighbours_next(const struct neighbours *n);
/* Does it.  False: it comes to nothing. */
bool neighbours_act(struct neighbours *n, struct neighbour_act *act);

#endif
