/* The four state machines of transactions: RFC 3261 section 17, as RFC 6026 section 8 changes it.
 *
 * A machine is a table of arcs, one for each arrow of its figure: state, event, next state, what is
 * done, which timers start.  An event without an arc in the present state changes nothing.  On
 * entering another state, timers for which that state has no arc are stopped.
 *
 * Nothing here knows messages or time; transactions.c carries arcs out. */
#ifndef HARNESS_MACHINE_H
#define HARNESS_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum transaction_kind {
    INVITE_CLIENT,     /* section 17.1.1, RFC 6026 figure 5 */
    NON_INVITE_CLIENT, /* section 17.1.2, RFC 3261 figure 6 */
    INVITE_SERVER,     /* section 17.2.1, RFC 6026 figure 7 */
    NON_INVITE_SERVER, /* section 17.2.2, RFC 3261 figure 8 */
    TRANSACTION_KINDS
};

enum transaction_state {
    STATE_INITIAL, /* the dot of the figures: before the first event */
    STATE_CALLING,
    STATE_TRYING,
    STATE_PROCEEDING,
    STATE_ACCEPTED,
    STATE_COMPLETED,
    STATE_CONFIRMED,
    STATE_TERMINATED,
    TRANSACTION_STATES
};

/* Timers of RFC 3261 table 4 and RFC 6026 section 8.11.  C is a proxy's (section 16.6) and none of
 * a transaction's.  Two have no letter: */
enum transaction_timer {
    TIMER_A,
    TIMER_B,
    TIMER_D,
    TIMER_E,
    TIMER_F,
    TIMER_G,
    TIMER_H,
    TIMER_I,
    TIMER_J,
    TIMER_K,
    TIMER_L,
    TIMER_M,
    TIMER_100,    /* the 200 ms within which the TU answers an INVITE, section 17.2.1 */
    TIMER_CANCEL, /* how long a cancelled INVITE waits for its final response, section 9.1 */
    TRANSACTION_TIMERS
};

/* Responses are received by a client and passed by the TU to a server. */
enum transaction_event {
    EVENT_START, /* the request, from the TU or from the network */
    EVENT_1XX,
    EVENT_2XX,
    EVENT_300_699,
    EVENT_REQUEST, /* a retransmission of it */
    EVENT_ACK,
    EVENT_CANCEL, /* the TU has sent a CANCEL */
    EVENT_TRANSPORT_ERROR,
    EVENT_TIMER, /* + transaction_timer, as those below */
    EVENT_TIMER_A = EVENT_TIMER + TIMER_A,
    EVENT_TIMER_B = EVENT_TIMER + TIMER_B,
    EVENT_TIMER_D = EVENT_TIMER + TIMER_D,
    EVENT_TIMER_E = EVENT_TIMER + TIMER_E,
    EVENT_TIMER_F = EVENT_TIMER + TIMER_F,
    EVENT_TIMER_G = EVENT_TIMER + TIMER_G,
    EVENT_TIMER_H = EVENT_TIMER + TIMER_H,
    EVENT_TIMER_I = EVENT_TIMER + TIMER_I,
    EVENT_TIMER_J = EVENT_TIMER + TIMER_J,
    EVENT_TIMER_K = EVENT_TIMER + TIMER_K,
    EVENT_TIMER_L = EVENT_TIMER + TIMER_L,
    EVENT_TIMER_M = EVENT_TIMER + TIMER_M,
    EVENT_TIMER_100 = EVENT_TIMER + TIMER_100,
    EVENT_TIMER_CANCEL = EVENT_TIMER + TIMER_CANCEL,
    TRANSACTION_EVENTS = EVENT_TIMER + TRANSACTION_TIMERS
};

/* What an arc does, in this order. */
enum {
    SEND_REQUEST = 1 << 0,
    SEND_ACK = 1 << 1,
    SEND_RESPONSE = 1 << 2, /* the last one */
    KEEP_RESPONSE = 1 << 3, /* the response of the TU becomes the last one, before it is sent */
    PASS_UP = 1 << 4,       /* the message, to the TU */
    INFORM_TIMEOUT = 1 << 5,
    INFORM_ERROR = 1 << 6,
    STOP_100 = 1 << 7
};

/* Timers that an arc starts; one that is started by its own firing is reset. */
enum {
    START_A = 1 << TIMER_A,
    START_B = 1 << TIMER_B,
    START_D = 1 << TIMER_D,
    START_E = 1 << TIMER_E,
    START_F = 1 << TIMER_F,
    START_G = 1 << TIMER_G,
    START_H = 1 << TIMER_H,
    START_I = 1 << TIMER_I,
    START_J = 1 << TIMER_J,
    START_K = 1 << TIMER_K,
    START_L = 1 << TIMER_L,
    START_M = 1 << TIMER_M,
    START_100 = 1 << TIMER_100,
    START_CANCEL = 1 << TIMER_CANCEL
};

struct arc {
    uint8_t state, event, next;
    uint8_t act;
    uint16_t start;
};

struct machine {
    const char *name;
    const struct arc *arcs;
    size_t n;
};

extern const struct machine invite_client, non_invite_client, invite_server, non_invite_server;

/* The machine of a kind. */
const struct machine *machine_of(enum transaction_kind kind);

/* The arc for an event in a state, or NULL. */
const struct arc *machine_arc(const struct machine *m, enum transaction_state state,
                              enum transaction_event event);

/* EVENT_1XX and so on, of a status from 100 to 699. */
enum transaction_event event_of_status(int status);

/* "Calling", "Timer A", ... */
const char *state_name(enum transaction_state state);
const char *timer_name(enum transaction_timer timer);

/* ---- Durations ------------------------------------------------------------------------------- */

/* The values that RFC 3261 table 4 gives as T1 and so on, in milliseconds. */
struct timer_values {
    uint32_t t1_ms;     /* estimate of the round trip: 500 */
    uint32_t t2_ms;     /* longest interval between retransmissions: 4,000 */
    uint32_t t4_ms;     /* longest a message stays in the network: 5,000 */
    uint32_t d_ms;      /* Timer D, at least 32,000 */
    uint32_t trying_ms; /* how long the TU may take before 100 is sent: 200; 0: it goes at once */
};

/* The defaults of the RFC. */
struct timer_values timer_values_default(void);

/* How long `timer` runs, in milliseconds, when it starts in `state`: 0 fires at once, TIMER_NEVER
 * is not started (retransmissions over a reliable transport).  `last_ms` is the interval that just
 * ended if the timer is reset by its own firing, else 0. */
#define TIMER_NEVER UINT64_MAX
uint64_t timer_ms(const struct timer_values *v, enum transaction_timer timer,
                  enum transaction_state state, uint64_t last_ms, bool reliable);

#endif
