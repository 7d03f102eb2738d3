/* A table of transactions: RFC 3261 section 17 with RFC 6026, without I/O.
 *
 *     struct transactions t;
 *     transactions_open(&t, &settings);
 *     transactions_receive(&t, now, &message, flow, reliable);
 *     for (size_t i = 0; i < t.n_actions; i++)
 *         carry_out(&t.actions[i]);
 *     while (transactions_advance(&t, now))
 *         for ...
 *     sleep_until(transactions_wake(&t));
 *
 * Messages and time go in, actions come out; there are no sockets, no clock, no random numbers and
 * no global state in here.  Time is in milliseconds from any beginning and must not go back.  The
 * timers of all transactions are kept in the table, which tells the one time at which it wants to
 * be called next.
 *
 * Functions that take `now`, and transactions_abandon(), replace the actions of the call before.
 * What an action points to is valid until the next such call; transactions_close() ends it too. The
 * caller carries actions out in their order.
 *
 * The RFC gives no timer to a server transaction that the TU has not answered, and none to an
 * INVITE client in Proceeding: they last until the TU answers, cancels or abandons them.
 *
 * What is kept is bounded: `limits.transactions` entries, `limits.octets` octets of messages, and
 * TRANSACTIONS_ALIKE entries that RFC 2543 rules would have to be compared with each other.  Where
 * there is no room, or no memory, a request from the network is answered with 503 and Retry-After
 * statelessly, and one of the TU is refused; who is in the table already is served on, but that the
 * ACK of a refusal is not sent: the refusal will come again. */
#ifndef HARNESS_TRANSACTIONS_H
#define HARNESS_TRANSACTIONS_H

#include <sipvet/parser.h>

#include "machine.h"

/* Names one transaction as long as it lives; later it names none.  0 is none. */
typedef uint64_t transaction_id;

enum { TRANSACTIONS_ALIKE = 32, TRANSACTIONS_ACTIONS = 8, TRANSACTIONS_RETRY_AFTER_S = 10 };

struct transactions_limits {
    size_t transactions; /* entries: 10,000; at most 2^24 */
    size_t octets;       /* of the messages they keep: 64 MiB */
};

struct transactions_settings {
    struct timer_values timers;
    struct transactions_limits limits;
    uint64_t seed[2]; /* secret of the hash table and of the tags of stateless answers */
};

/* The defaults above; the seed is 0 and should be set. */
struct transactions_settings transactions_settings_default(void);

enum action_what {
    ACTION_SEND,      /* hand `octets` to the transport, for `flow` */
    ACTION_PASS_UP,   /* hand `message` to the TU; id 0: an ACK that matches no transaction */
    ACTION_TIMEOUT,   /* tell the TU: timer B, F or H fired (a client treats it as a 408), or a
                         cancelled INVITE got no final response */
    ACTION_ERROR,     /* tell the TU: the transport has failed (section 17.1.4, 17.2.4) */
    ACTION_TERMINATED /* the entry is gone, `id` names nothing from now on */
};

struct action {
    enum action_what what;
    transaction_id id; /* 0 for what is sent statelessly */
    enum transaction_kind kind;
    uint64_t user; /* what the TU has set for `id` */
    uint64_t flow; /* as handed in with the request */
    bool reliable;
    sipv_slice octets;     /* of ACTION_SEND */
    sipv_slice request;    /* the request of `id`, even if that is gone */
    sipv_message *message; /* of ACTION_PASS_UP: the caller's */
    transaction_id invite; /* of a CANCEL that is passed up: the INVITE it wants to cancel, or 0
                              (then it is answered with 481, section 9.2) */
    bool begins;           /* of ACTION_PASS_UP: `message` has begun this server transaction */
};

struct transactions {
    struct action actions[TRANSACTIONS_ACTIONS];
    size_t n_actions;
    struct transactions_table *table;
};

/* SIPV_OK; SIPV_NO_SPACE: no memory; SIPV_BAD_ARGUMENT: a limit of 0 or too large, T1 of 0. */
int transactions_open(struct transactions *t, const struct transactions_settings *settings);
/* Frees everything, whatever is still there. */
void transactions_close(struct transactions *t);

/* A message from the network, parsed and accepted.  `flow` is the transport's name for the peer and
 * connection it came by, `reliable` its kind; responses of a server transaction go there.
 *
 * A response goes to its client transaction, a retransmitted request or an ACK to its server
 * transaction.  Any other request begins a server transaction and is passed up; an ACK is passed up
 * without one.
 * SIPV_OK; SIPV_ABSENT: a response that matches nothing, drop it (RFC 6026 section 8.9);
 * SIPV_LIMIT: the table is full, a 503 is among the actions unless a part of it did not fit;
 * SIPV_REJECT: not accepted, or without what identifies a transaction: there are no actions. */
int transactions_receive(struct transactions *t, uint64_t now, sipv_message *m, uint64_t flow,
                         bool reliable);

/* The TU begins a client transaction with `request`, parsed and accepted, any method but ACK (an
 * ACK for a 2xx is no transaction: send it).  The octets are copied.  `user` comes back in its
 * actions. SIPV_OK: *id names it; SIPV_LIMIT: the table is full; SIPV_REJECT: not accepted, an ACK,
 * no request, or what identifies it is missing or taken by another transaction; or a CANCEL without
 * an INVITE in Proceeding, or for one that was cancelled before. */
int transactions_request(struct transactions *t, uint64_t now, sipv_message *request, uint64_t flow,
                         bool reliable, uint64_t user, transaction_id *id);

/* The TU answers the request of server transaction `id` with `response`, parsed and accepted; its
 * octets are copied.
 * SIPV_OK: sent; SIPV_ABSENT: there is no such server transaction; SIPV_REJECT: its state takes no
 * such response (a second final one), or it is no response to that request; SIPV_LIMIT: no room for
 * it, nothing has changed. */
int transactions_respond(struct transactions *t, uint64_t now, transaction_id id,
                         sipv_message *response);

/* The TU knows that it will take its time: the 100 of INVITE server transaction `id` goes now and
 * not after `timers.trying_ms`.  SIPV_OK; SIPV_ABSENT: no such transaction, or it was answered. */
int transactions_trying(struct transactions *t, uint64_t now, transaction_id id);

/* Writes the CANCEL (section 9.1) for the INVITE of client transaction `id`.  Parsed and handed to
 * transactions_request() it becomes a transaction of its own, and the INVITE then ends with its
 * final response (487), or with a timeout after 64*T1.
 * SIPV_OK: out[0 .. *n]; SIPV_NO_SPACE: *n octets are needed; SIPV_ABSENT: no such INVITE client
 * transaction; SIPV_REJECT: not in Proceeding, that is, no provisional response has come yet (wait
 * for one) or there is nothing left to cancel. */
int transactions_write_cancel(const struct transactions *t, transaction_id id, void *out,
                              size_t cap, size_t *n);

/* The transport could not send what `id` gave it.  SIPV_OK, SIPV_ABSENT. */
int transactions_transport_error(struct transactions *t, uint64_t now, transaction_id id);

/* The TU gives `id` up: it is gone at once, there are no actions.  SIPV_OK, SIPV_ABSENT. */
int transactions_abandon(struct transactions *t, transaction_id id);

/* Ends the life of the actions of the call before, and frees what has ended, which otherwise
 * happens with the next call. */
void transactions_reap(struct transactions *t);

/* Lets one timer fire that is due at `now`, if there is one; then its actions are there.  True as
 * long as more may be due. */
bool transactions_advance(struct transactions *t, uint64_t now);

/* When transactions_advance() wants to be called next; UINT64_MAX if no timer runs. */
uint64_t transactions_wake(const struct transactions *t);

/* ---- Looking -------------------------------------------------------------------------------- */

/* Entries that are alive; octets kept for them and for the present actions. */
size_t transactions_count(const struct transactions *t);
size_t transactions_octets(const struct transactions *t);

/* STATE_TERMINATED if `id` names none. */
enum transaction_state transactions_state(const struct transactions *t, transaction_id id);
/* When a timer of it fires; UINT64_MAX if it does not run. */
uint64_t transactions_timer(const struct transactions *t, transaction_id id,
                            enum transaction_timer timer);
/* The octets of its request, absent if `id` names none.  Valid as long as the transaction. */
sipv_slice transactions_octets_of(const struct transactions *t, transaction_id id);
/* Is that response about the request of a server transaction, by Call-ID, method and number?  False
 * if `id` names none. */
bool transactions_is_about(const struct transactions *t, transaction_id id,
                           const sipv_message *response);
/* What has been set for it; 0 if `id` names none. */
uint64_t transactions_user(const struct transactions *t, transaction_id id);
/* Where its messages go; 0 if `id` names none. */
uint64_t transactions_flow(const struct transactions *t, transaction_id id);
/* A number below `limits.transactions` that no other living transaction has. */
size_t transactions_number(transaction_id id);
/* Are these two server transactions of one request: equal From tag, Call-ID and CSeq (RFC 3261
 * section 8.2.2.2)? */
bool transactions_same_request(const struct transactions *t, transaction_id a, transaction_id b);
/* A client transaction whose request went to `flow`, behind `after` in some order that does not
 * change while nothing begins or ends; 0 is the first one, and means that there are no more.  For
 * when a connection is gone: it looks at all entries. */
transaction_id transactions_on_flow(const struct transactions *t, uint64_t flow,
                                    transaction_id after);
/* Changes what comes back as `user`.  SIPV_OK, SIPV_ABSENT. */
int transactions_set_user(struct transactions *t, transaction_id id, uint64_t user);

#endif
