/* A judge of a table of transactions: it keeps one figure (figures.h) for each transaction and
 * looks at what the table does along every call.
 *
 *     result = transactions_receive(...);             a call of the table
 *     begun = judge_actions(&judge);                  what it wants done
 *     judge_call(&judge, &event);                     that was right
 *
 * Oracles: states (the same arrows as the figure's, the same actions along them, each timer at its
 * time and none else; what is sent again is what was sent), slices (what is sent is a message of
 * the grammar). */
#ifndef FUZZ_TRANSACTION_JUDGE_H
#define FUZZ_TRANSACTION_JUDGE_H

#include <transactions.h>

#include "figures.h"
#include "said.h"

enum { JUDGE_KNOWN = 64 };

/* What is known of one transaction. */
struct judged {
    transaction_id id;
    struct figure figure;
    bool server, cookie;
    uint64_t via, method;            /* topmost Via and method of its request */
    uint64_t request, response, ack; /* hashes of what is sent; 0: nothing yet */
    unsigned done;                   /* in the call that is being judged */
};

/* What has just happened, for all transactions but those it is not about. */
struct judge_event {
    enum { TIMER, MESSAGE, TU } from;
    enum figure_event what; /* but of a timer */
    const struct said *message;
    transaction_id id; /* of what the TU or the transport says */
};

struct judge {
    const struct transactions *table;
    uint64_t now; /* of the call */
    uint64_t sum; /* of the trace */
    bool reliable;
    bool strict; /* by the figures; else there is too little room for what they want */
    struct judged known[JUDGE_KNOWN];
    size_t n_known;
};

/* A table in which nothing has happened. */
void judge_open(struct judge *j, const struct transactions *table, bool reliable, bool strict);

/* The transaction of this name that has begun, though it may have ended; NULL: there was none. */
struct judged *judge_find(struct judge *j, transaction_id id);
/* It has not ended, by its figure. */
bool judge_is_alive(const struct judged *s);

/* A transaction has begun with `request`; what it had to do for that. */
unsigned judge_begin(struct judge *j, transaction_id id, bool server, const sipv_message *request);

/* Adds the actions of a call to its transactions; the one that has begun and was passed up, or 0.
 */
transaction_id judge_actions(struct judge *j);

/* After a call with all its actions: each transaction has gone along an arrow of its figure if the
 * event is about it, else it is as it was. */
void judge_call(struct judge *j, const struct judge_event *e);
/* After a call in which the last one has begun: it had to do `wanted`, and nothing else happened.
 */
void judge_begun(struct judge *j, unsigned wanted, unsigned done);
/* After a call that lets a timer of one transaction fire before its time. */
void judge_fired(struct judge *j, struct judged *s, char timer);

/* The one that has begun is a CANCEL: its INVITE waits 64*T1 and no longer. */
void judge_cancelled(struct judge *j);

/* Would the figure take a response of this kind? */
bool judge_takes(const struct judged *s, enum figure_event what);

#endif
