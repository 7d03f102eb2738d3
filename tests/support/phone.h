/* An element of the simulator that is a user agent and somebody who uses it: answers after a while,
 * hangs up after a while, and writes down what happens. */
#ifndef TESTS_PHONE_H
#define TESTS_PHONE_H

#include <simulator.h>
#include <ua.h>

enum { PHONE_TODO = 64, PHONE_LOG = 2048 };

enum phone_what { PHONE_NOTHING, PHONE_RING, PHONE_ANSWER, PHONE_HANG_UP };

struct phone {
    struct ua ua;
    struct simulator *sim;
    unsigned number;
    int status;                              /* how it answers */
    uint32_t ring_ms, answer_ms, hang_up_ms; /* UINT32_MAX: never; the last from 'established' on */
    bool random;                             /* times and status are chosen anew for each call */
    struct {
        enum phone_what what;
        uint64_t at;
        ua_call_id call;
    } todo[PHONE_TODO];
    char log[PHONE_LOG]; /* "incoming established ended-0 " */
    unsigned began, ended, faults;
};

/* Adds itself to the simulator.  `settings` NULL: the defaults. */
bool phone_open(struct phone *p, struct simulator *sim, const char *name,
                const struct ua_settings *settings);
void phone_close(struct phone *p);
void phone_call(struct phone *p, unsigned to, uint32_t patience_ms);
void phone_later(struct phone *p, uint32_t ms, enum phone_what what, ua_call_id call);
/* Sends and notes what the user agent wants; after any call of it. */
void phone_carry_out(struct phone *p);
/* Steps until all is quiet; false if that takes too long. */
bool phones_settle(struct simulator *sim);

#endif
