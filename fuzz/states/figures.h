/* The four transactions as RFC 3261 section 17 and RFC 6026 section 8 draw and describe them:
 * figures 5 to 8, written down once more, so that a table of the library can be wrong.  Of the
 * library only the names of kinds and states are used.
 *
 *     struct figure f;
 *     done = figure_begin(&f, INVITE_CLIENT, reliable, now);   what the first arrow does
 *     if (figure_happens(&f, now, FIGURE_1XX, &done)) ...      another arrow
 *
 * Timers are named by their letters; two have none: '1' is that of the 200 ms before a 100
 * (section 17.2.1), 'X' the 64*T1 that a cancelled INVITE waits for its end (section 9.1). */
#ifndef FUZZ_FIGURES_H
#define FUZZ_FIGURES_H

#include <machine.h>

/* RFC 3261 table 4, in milliseconds, with the defaults. */
enum { FIGURES_T1 = 500, FIGURES_T2 = 4000, FIGURES_T4 = 5000, FIGURES_64_T1 = 64 * FIGURES_T1 };

enum figure_event {
    FIGURE_1XX,
    FIGURE_2XX,
    FIGURE_300_699,
    FIGURE_REQUEST, /* once more */
    FIGURE_ACK,
    FIGURE_CANCEL, /* the TU has sent one */
    FIGURE_ERROR   /* of the transport */
};

/* What an arrow does. */
enum {
    FIGURE_SENDS_REQUEST = 1 << 0,
    FIGURE_SENDS_RESPONSE = 1 << 1,
    FIGURE_SENDS_ACK = 1 << 2,
    FIGURE_TO_TU = 1 << 3,
    FIGURE_TIMEOUT = 1 << 4,  /* tells the TU */
    FIGURE_TROUBLE = 1 << 5,  /* tells the TU of a transport error */
    FIGURE_DESTROYED = 1 << 6 /* it is Terminated */
};

enum { FIGURE_TIMERS = 26 };

struct figure {
    enum transaction_kind kind;
    enum transaction_state state;
    bool reliable;
    uint64_t due[FIGURE_TIMERS]; /* UINT64_MAX: it does not run */
    unsigned fired;              /* timer A, E or G so many times */
};

/* The first arrow, from the dot.  Returns what it does. */
unsigned figure_begin(struct figure *f, enum transaction_kind kind, bool reliable, uint64_t now);

/* An event, and the timers of zero seconds that it starts.  False, and nothing has changed: the
 * figure has no arrow for it in this state. */
bool figure_happens(struct figure *f, uint64_t now, enum figure_event event, unsigned *done);

/* The timer that is due at `now`, the earliest; 0: none. */
char figure_due(const struct figure *f, uint64_t now);
/* It fires.  False: no arrow. */
bool figure_fires(struct figure *f, uint64_t now, char timer, unsigned *done);
bool figure_runs(const struct figure *f, char timer);
/* When the next timer is due; UINT64_MAX: none runs. */
uint64_t figure_wake(const struct figure *f);

#endif
