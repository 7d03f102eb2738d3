/* An element of the simulator that is a user agent and somebody who uses it: answers after a while,
 * hangs up after a while, and writes down what happens. */
#ifndef TESTS_PHONE_H
#define TESTS_PHONE_H

#include <simulator.h>
#include <ua.h>

#include "cable.h"

enum { PHONE_TODO = 64, PHONE_LOG = 4096 };

enum phone_what {
    PHONE_NOTHING,
    PHONE_RING,
    PHONE_ANSWER,
    PHONE_HANG_UP,
    PHONE_REINVITE,
    PHONE_UPDATE,
    PHONE_UNREGISTER
};

struct phone {
    struct ua ua;
    struct cable cable;
    struct simulator *sim;
    unsigned number;
    int status;                              /* how it answers */
    uint32_t ring_ms, answer_ms, hang_up_ms; /* UINT32_MAX: never; the last from 'established' on */
    uint32_t modify_ms; /* a re-INVITE or UPDATE so long after 'established'; UINT32_MAX: none */
    bool updates;       /* it is an UPDATE */
    bool random;        /* times and status are chosen anew for each call */
    bool describes;     /* answers have a session description, provisional ones too */
    bool offers_not;    /* calls are made without an offer */
    bool forgets;       /* offers are not answered */
    int offer_status;   /* how offers inside of calls are answered: 200 */
    struct {
        enum phone_what what;
        uint64_t at;
        ua_call_id call;
    } todo[PHONE_TODO];
    const char *uri;     /* whom it calls; NULL: the element that it is told */
    char log[PHONE_LOG]; /* "incoming established ended-0 " */
    char body[256];      /* of the last event that had one */
    ua_call_id last;     /* call of the last event that had one */
    unsigned began, ended, faults;
};

extern const char phone_sdp[];

/* Adds itself to the simulator.  `settings` NULL: the defaults.  Its address-of-record is
 * sip:NAME@NAME.example, unless the settings say something else, its host NAME.example. */
bool phone_open(struct phone *p, struct simulator *sim, const char *name,
                const struct ua_settings *settings);
void phone_close(struct phone *p);
void phone_call(struct phone *p, unsigned to, uint32_t patience_ms);
void phone_later(struct phone *p, uint32_t ms, enum phone_what what, ua_call_id call);
/* Notes what the user agent has to tell; after any call of it. */
void phone_carry_out(struct phone *p);
/* Steps until all is quiet; false if that takes too long. */
bool phones_settle(struct simulator *sim);

#endif
