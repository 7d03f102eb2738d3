/* A user agent core: RFC 3261 sections 8, 9, 10.2, 11, 13 and 15 on top of transactions and
 * dialogs, without I/O.
 *
 *     struct ua ua;
 *     ua_open(&ua, &settings);
 *     ua_invite(&ua, now, "sip:bob@b.example", flow, offer, &call);
 *     for (size_t i = 0; i < ua.n_events; i++)
 *         carry_out(&ua.events[i]);
 *     ua_receive(&ua, now, octets, flow, reliable);     and so on
 *     while (ua_advance(&ua, now)) ...                  at ua_wake(&ua)
 *
 * Octets and time go in, events come out: what to send, and what has become of calls.  Functions
 * that take `now` replace the events of the call before, with all they point to.
 *
 * It makes calls (INVITE, CANCEL, ACK, BYE) and sends any request outside of a dialog (REGISTER,
 * OPTIONS).  It is asked: INVITE, ACK, CANCEL, BYE, OPTIONS; other methods get 405, unknown
 * extensions 420, an INVITE inside a dialog 488, by which the session stays as it is
 * (section 14.2).  It does not look into bodies, follows no redirection, answers no challenge and
 * does not recognise merged requests (section 8.2.2.2).
 *
 * Messages are read in the strict profile; what is not accepted is dropped. */
#ifndef HARNESS_UA_H
#define HARNESS_UA_H

#include "dialogs.h"
#include "transactions.h"

/* Names one call as long as it lives.  0 is none. */
typedef uint64_t ua_call_id;

enum { UA_EVENTS = 16, UA_NAME = 128 };

struct ua_settings {
    struct transactions_settings transactions;
    struct dialogs_settings dialogs;
    size_t calls;     /* at one time: 1,000; at most 2^24 */
    const char *user; /* user part of its address */
    const char *host; /* hostport at which it can be reached: sent-by of Via, and Contact */
    bool reliable;    /* sends over TCP, else UDP */
    uint64_t seed[2]; /* secret from which tags, branches and Call-IDs are made */
};

/* Defaults; user, host and seed must be set. */
struct ua_settings ua_settings_default(void);

enum ua_what {
    UA_SEND,        /* hand `octets` to the transport, for `flow` */
    UA_INCOMING,    /* a new call; answer it with ua_answer() */
    UA_PROGRESS,    /* a provisional response `status` to our INVITE */
    UA_ESTABLISHED, /* 2xx and ACK have met: both may talk */
    UA_ENDED,   /* the call is gone: `status` of the refusal, 408 for no answer or no ACK, 0 for a
                   BYE of either side */
    UA_RESPONSE /* the final response `status` to ua_request() `user`; 408 for none */
};

struct ua_event {
    enum ua_what what;
    ua_call_id call;
    uint64_t user;
    int status;
    uint64_t flow;
    bool reliable;
    sipv_slice
        octets; /* of UA_SEND: to be sent; else the message from the peer, if there was one */
};

struct ua {
    struct ua_event events[UA_EVENTS];
    size_t n_events;
    struct ua_core *core;
};

/* SIPV_OK; SIPV_NO_SPACE: no memory; SIPV_BAD_ARGUMENT: a limit of 0 or too large, a name missing
 * or longer than UA_NAME. */
int ua_open(struct ua *ua, const struct ua_settings *settings);
void ua_close(struct ua *ua);

/* A message from the network.  SIPV_OK; SIPV_REJECT: not accepted; SIPV_ABSENT: a response to
 * nothing; SIPV_LIMIT: a table is full, which was answered with 503. */
int ua_receive(struct ua *ua, uint64_t now, sipv_slice octets, uint64_t flow, bool reliable);

/* One thing that is due; true as long as more may be. */
bool ua_advance(struct ua *ua, uint64_t now);
/* When ua_advance() wants to be called; UINT64_MAX: not at all. */
uint64_t ua_wake(const struct ua *ua);

/* Calls `uri`.  `sdp` may be absent.  SIPV_OK: *call; SIPV_LIMIT: no room; SIPV_BAD_ARGUMENT: no
 * URI.
 */
int ua_invite(struct ua *ua, uint64_t now, const char *uri, uint64_t flow, sipv_slice sdp,
              ua_call_id *call);

/* Answers a call that came in: 101..199, any number of times, then 200..699.  `sdp` may be absent.
 * SIPV_OK; SIPV_ABSENT: no such call, or it waits for no answer; SIPV_BAD_ARGUMENT: status;
 * SIPV_LIMIT: no room. */
int ua_answer(struct ua *ua, uint64_t now, ua_call_id call, int status, sipv_slice sdp);

/* Ends a call, whatever its state: CANCEL for one of ours that is not answered yet (as soon as
 * there was a provisional response), 603 for one that came in, BYE for one that stands.  UA_ENDED
 * follows, perhaps later.  SIPV_OK, SIPV_ABSENT, SIPV_LIMIT: no room for the BYE. */
int ua_hang_up(struct ua *ua, uint64_t now, ua_call_id call);

/* A request outside of any dialog: `method` REGISTER, OPTIONS, ... to `uri`, with To `to` (a URI),
 * and `more`: whole header lines, each with its line end, or "".  UA_RESPONSE follows, with `user`,
 * which must be below 2^63. SIPV_OK; SIPV_LIMIT; SIPV_BAD_ARGUMENT: what was made of it is no
 * message, or the method is INVITE, ACK, CANCEL or BYE. */
int ua_request(struct ua *ua, uint64_t now, const char *method, const char *uri, const char *to,
               const char *more, uint64_t flow, uint64_t user);

/* Calls, transactions and dialogs that are alive. */
size_t ua_calls(const struct ua *ua);
size_t ua_transactions(const struct ua *ua);
size_t ua_dialogs(const struct ua *ua);

#endif
