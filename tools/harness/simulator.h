/* A network and a clock that exist only in memory: elements send each other messages, which are
 * lost, doubled and delayed as a seed says.  The same seed and elements give the same events.
 *
 *     struct simulator *sim = simulator_new(&settings);
 *     unsigned alice = simulator_add(sim, &element);
 *     simulator_send(sim, alice, bob, octets, false);
 *     while (simulator_step(sim))
 *         ;
 *
 * Time is in milliseconds, begins with 0, and jumps to the next message or timer.  At one time
 * messages come before timers, messages in the order in which they were sent, timers in the order
 * of elements.  Elements may send, and choose by simulator_random(), whenever they are called. */
#ifndef HARNESS_SIMULATOR_H
#define HARNESS_SIMULATOR_H

#include <sipvet/grammar.h>

struct simulator;

/* One element: what it is, and how it is called. */
struct simulator_element {
    void *self;
    /* A message of element `from`. */
    void (*receive)(void *self, uint64_t now, unsigned from, sipv_slice octets, bool reliable);
    /* When it wants to be called without a message; UINT64_MAX: not at all. */
    uint64_t (*wake)(void *self);
    /* That time has come.  Afterwards wake() must give a later time or UINT64_MAX. */
    void (*advance)(void *self, uint64_t now);
};

enum simulator_what { SIMULATOR_SENT, SIMULATOR_LOST, SIMULATOR_DOUBLED, SIMULATOR_RECEIVED };

struct simulator_event {
    enum simulator_what what;
    uint64_t now;
    unsigned from, to;
    sipv_slice octets;
    bool reliable;
};

struct simulator_settings {
    uint64_t seed;
    unsigned loss;         /* of 1,000 messages over an unreliable transport */
    unsigned duplication;  /* of 1,000 */
    uint32_t delay_min_ms; /* each message takes some time between these; so one may overtake */
    uint32_t delay_max_ms; /* another, but not over a reliable transport */
    size_t in_flight;      /* messages on their way at one time; more are lost */
    void (*trace)(void *with, const struct simulator_event *event); /* may be NULL */
    void *with;
};

enum { SIMULATOR_ELEMENTS = 16 };

/* Nothing lost, nothing doubled, 1 ms each way, 1,024 in flight, seed 0. */
struct simulator_settings simulator_settings_default(void);

/* NULL without memory. */
struct simulator *simulator_new(const struct simulator_settings *settings);
void simulator_free(struct simulator *sim);

/* Adds an element; its number, or SIMULATOR_ELEMENTS if there are as many already.  `self` is the
 * caller's and must outlive the simulator. */
unsigned simulator_add(struct simulator *sim, const struct simulator_element *element);

/* Hands a message to the network, which copies it.  SIPV_OK, whatever becomes of it;
 * SIPV_BAD_ARGUMENT: no such element. */
int simulator_send(struct simulator *sim, unsigned from, unsigned to, sipv_slice octets,
                   bool reliable);

/* The next message or timer.  False if there is none: all is quiet. */
bool simulator_step(struct simulator *sim);

uint64_t simulator_now(const struct simulator *sim);
size_t simulator_in_flight(const struct simulator *sim);
/* A number below `below`, which is not 0. */
uint32_t simulator_random(struct simulator *sim, uint32_t below);
/* A sum over all events so far: equal for equal traces. */
uint64_t simulator_sum(const struct simulator *sim);

#endif
