/* An element of the simulator that uses transactions as a simple user agent would: it asks, answers
 * after a while, acknowledges and cancels, and keeps account of how everything ended. */
#ifndef TESTS_AGENT_H
#define TESTS_AGENT_H

#include <simulator.h>
#include <transactions.h>

#include "messages.h"

enum { AGENT_CALLS = 8, AGENT_ASKED = 32 };

/* A request of this agent. */
struct agent_call {
    transaction_id id;
    bool invite, wants_cancel, cancelled;
    unsigned finals;   /* final responses, without retransmissions of a 2xx */
    unsigned timeouts; /* and other failures */
    unsigned terminated;
    int status;       /* of the final response */
    uint64_t give_up; /* when an INVITE has been in Proceeding for too long */
};

/* A request of somebody else. */
struct agent_asked {
    transaction_id id;
    bool invite;
    int status;                        /* that it will get; 0: it was answered */
    uint64_t ring, answer, again, end; /* when to send 180, the final response, the 2xx once more,
                                          and when to stop doing so */
    uint64_t interval_ms;
    unsigned acked, timeouts, terminated;
    unsigned char ok[1024]; /* the 2xx */
    size_t n_ok;
};

struct agent {
    struct transactions t;
    struct room room, other; /* for what comes in, and for what is made */
    struct simulator *sim;
    unsigned number;
    bool reliable;
    struct agent_call calls[AGENT_CALLS];
    size_t n_calls;
    struct agent_asked asked[AGENT_ASKED];
    size_t n_asked;
    unsigned n_acks; /* for their branches */
    unsigned faults; /* messages that were not accepted, calls that the table refused */
};

/* Adds itself to the simulator.  `a` is all zero at first; opened once more it begins anew. */
bool agent_open(struct agent *a, struct simulator *sim, bool reliable);
void agent_close(struct agent *a);

/* Begins an INVITE or OPTIONS with element `to`. */
void agent_call(struct agent *a, unsigned to, bool invite, bool cancel);

/* NULL, or what of a quiet agent does not hold: every request ended once, nothing is left.
 * `lossless`: every request got a final response and every 2xx its ACK. */
const char *agent_fault(const struct agent *a, bool lossless);

#endif
