/* user.h: a user agent, and who uses it: answers after a while, and does what a flow says.
 *
 * RFC 3261 gives no timer to an INVITE that was answered provisionally, on neither side, nor to a
 * call that stands, of which the other side knows nothing any more.  It is the user who hangs up
 * then: a caller after USER_CALLS_MS, one who is called after USER_RINGS_MS, who talks after
 * USER_TALKS_MS. */
#ifndef SIPVET_TOOLS_FLOW_USER_H
#define SIPVET_TOOLS_FLOW_USER_H

#include "callflow.h"

#include <network.h>
#include <ua.h>

enum { USER_TODO = 16, USER_CALLS = 8, USER_SDP = 1024 };
enum { USER_CALLS_MS = 100000, USER_RINGS_MS = 150000, USER_TALKS_MS = 200000 };

/* Without a Route, requests outside of dialogs go to a host of this name; the network knows which
 * element that is. */
#define USER_OUTBOUND "outbound.invalid"

struct user_call {
    ua_call_id id; /* 0: none */
    bool stands;
};

enum user_what { USER_NOTHING, USER_RING, USER_ANSWER, USER_GIVE_UP, USER_FALL_ASLEEP };

struct user_todo {
    enum user_what what;
    uint64_t at;
    ua_call_id call;
};

struct user {
    const struct callflow_element *is;
    struct network network;
    struct ua ua;
    struct element element; /* of that */
    struct user_todo todo[USER_TODO];
    struct user_call calls[USER_CALLS];
    ua_call_id latest;
    bool rings;     /* a 180 has come for it */
    bool modifying; /* its re-INVITE has no answer yet */
    int registered; /* status of the latest answer to REGISTER; 0: it is awaited, or there was none
                     */
    int ended;      /* status of the latest call that is over; -1: none was */
};

/* `password` in place of that of the element, NULL for none; `route` is the value of a preloaded
 * Route, or NULL.  SIPV_OK or what ua_open() returns. */
int user_open(struct user *u, const struct callflow_element *is, const struct network *network,
              const char *password, const char *route, uint64_t seed);
void user_close(struct user *u);
struct element user_element(struct user *u);

/* REGISTER as CALLFLOW_REGISTER, QUERY or UNREGISTER; a call; its end; another session.  False if
 * that cannot be done now. */
bool user_register(struct user *u, uint64_t now, enum callflow_action action, const char *contacts);
bool user_call(struct user *u, uint64_t now, const char *uri);
bool user_hang_up(struct user *u, uint64_t now);
bool user_modify(struct user *u, uint64_t now, const char *sdp);

/* Calls that there are; is one of them not standing yet, or about to change? */
size_t user_calls(const struct user *u);
bool user_unsettled(const struct user *u);
/* Calls, dialogs and transactions that it has, and answers it still wants to give. */
size_t user_left(const struct user *u);

#endif
