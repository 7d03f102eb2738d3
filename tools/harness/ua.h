/* A user agent: RFC 3261 sections 8 to 15 and 22 on top of transactions and dialogs, with reliable
 * provisional responses (RFC 3262) and UPDATE (RFC 3311), as an element of a network.
 *
 *     struct ua ua;
 *     ua_open(&ua, &settings, &network);
 *     struct element element = ua_element(&ua);        which the network calls from now on
 *     ua_invite(&ua, now, &(struct ua_outgoing){.uri = "sip:bob@b.example", .body = offer}, &call);
 *     while (ua_next(&ua, &event))
 *         ...;
 *
 * It registers and stays registered, makes calls and takes them, changes sessions, sends any other
 * request and is asked any; it answers challenges, and makes some if it has a guard.  What becomes
 * of all that are events, which wait until they are taken.  It does not look into session
 * descriptions: whose turn it is to offer or to answer is all it knows (RFC 3264, RFC 6337).
 *
 * A request outside of a dialog goes to the preloaded route or next hop of the settings, or where
 * its Request-URI says; one inside to the dialog's route set or remote target, so directly if no
 * proxy stays between.  One that is too long for UDP goes over TCP where the network has that
 * (section 18.1.1), and comes back to UDP if that fails.
 *
 * A request that is not accepted by the profile is answered with what its first error suggests, if
 * it has what an answer needs; other such messages are dropped. */
#ifndef HARNESS_UA_H
#define HARNESS_UA_H

#include <sipvet/auth.h>

#include "dialogs.h"
#include "guard.h"
#include "network.h"
#include "transactions.h"

/* Names one call as long as it lives.  0 is none. */
typedef uint64_t ua_call_id;

enum { UA_NAME = 255 };

/* ---- Settings ------------------------------------------------------------------------------- */

/* Provisional responses that are acknowledged with PRACK. */
enum ua_1xx {
    UA_1XX_UNRELIABLE, /* an INVITE that requires them gets 420 */
    UA_1XX_RELIABLE,   /* where the peer can do it too */
    UA_1XX_REQUIRED    /* an INVITE of who cannot gets 421 */
};

struct ua_settings {
    struct transactions_settings transactions;
    struct dialogs_settings dialogs;
    size_t calls;  /* at one time: 1,000; at most 2^24 */
    size_t events; /* that wait to be taken: 10,000; later ones are lost, and those for which there
                      is no memory; a call of which nobody can be told is answered with 503 */

    /* Texts of at most UA_NAME octets, copied; NULL where nothing else is said is none. */
    const char *aor;          /* its address-of-record, a URI: From, and To of REGISTER */
    const char *display_name; /* in From */
    const char *contact_user; /* user part of Contact; NULL: that of `aor` */
    const char *instance;     /* a URN: +sip.instance of Contact in REGISTER, with reg-id 1 */
    const char *route;        /* preloaded Route, a value of loose routers: "<sip:p1.example;lr>" */
    const char *next;         /* without `route`: a URI, to whose hop requests go; they stay as they
                                 are */
    const char *username;     /* for challenges; NULL: the user part of `aor` */
    const char *password;     /* NULL: `ha1`, or challenges are not answered, as without memory to
                                 hash */
    const char *ha1;          /* H(username:realm:password) in hex */

    sipv_client_config digest; /* which challenge is answered, and how; its `random` is not used */
    enum ua_1xx provisional;   /* UA_1XX_RELIABLE */
    unsigned redirections;     /* so many 3xx for one INVITE are followed, each to its best contact
                                  (section 8.1.3.4): 0 */
    sipv_profile profile;      /* messages are read in it */
    struct guard *guard;       /* asks for credentials outside of dialogs; NULL: nobody does */
    uint64_t seed[2];          /* secret from which tags, branches and Call-IDs are made */

    void (*told)(void *with, uint64_t now); /* the network has called and there are events; NULL */
    void *with;
};

/* Defaults; aor and seed must be set. */
struct ua_settings ua_settings_default(void);

struct ua {
    struct ua_core *core;
};

/* `network` is copied, what it points to is not; nor is the guard.  SIPV_OK; SIPV_NO_SPACE: no
 * memory; SIPV_BAD_ARGUMENT: a limit of 0 or too large; a text that is missing, too long or not
 * what it should be. */
int ua_open(struct ua *ua, const struct ua_settings *settings, const struct network *network);
void ua_close(struct ua *ua);

/* The element that a network drives, as long as the user agent is open. */
struct element ua_element(struct ua *ua);

/* ---- Events --------------------------------------------------------------------------------- */

enum ua_what {
    UA_INCOMING,    /* a new call; answer it with ua_answer().  `body` is its offer */
    UA_PROGRESS,    /* a provisional response `status` to our INVITE */
    UA_ESTABLISHED, /* 2xx and ACK have met: both may talk */
    UA_ENDED,       /* the call is gone: `status` of the refusal, 408 for no answer or no ACK, 0 for
                       a BYE of either side */
    UA_OFFER,       /* `body` is an offer that came later; answer it with ua_answer_offer() */
    UA_ANSWER,      /* `body` is the answer to our offer, where no other event brings it */
    UA_MODIFIED,    /* what ua_modify() has asked for got the final response `status` */
    UA_RESPONSE,    /* the final response `status` to ua_request() `user`; 408 for none */
    UA_REQUEST,     /* a MESSAGE came and was answered with 200 */
    UA_REGISTRATION /* `status` of REGISTER: 2xx, then it is for `expires_s`, 0: no longer; 408 for
                       none, 503 if there is no way.  It goes on by itself, unless it was 401, 403,
                       404 or 407 */
};

struct ua_event {
    enum ua_what what;
    ua_call_id call;
    uint64_t user;
    int status;
    uint32_t expires_s;
    sipv_slice octets; /* the message from the peer, absent if there was none */
    sipv_slice body;   /* its session description (application/sdp), or of UA_REQUEST its body;
                          absent if it has none */
};

/* Takes the event that has waited for longest; false if there is none.  Its slices are valid until
 * the next call. */
bool ua_next(struct ua *ua, struct ua_event *event);

/* ---- What it can be told ------------------------------------------------------------------------
 */

/* A request outside of any dialog. */
struct ua_outgoing {
    const char *method; /* not for ua_invite() */
    const char *uri;    /* Request-URI */
    const char *to;     /* a URI; NULL: `uri` */
    const char *from;   /* a URI; NULL: `aor` */
    const char *more;   /* whole header lines, each with its line end; NULL: none */
    bool no_contact;    /* leaves Contact out, or `more` has it */
    sipv_slice body;    /* may be absent */
    const char *type;   /* of the body; NULL: application/sdp */
};

/* Calls.  UA_ESTABLISHED or UA_ENDED follows.  SIPV_OK: *call; SIPV_LIMIT: no room; SIPV_ABSENT:
 * the network cannot get there; SIPV_BAD_ARGUMENT: what was made of it is no message. */
int ua_invite(struct ua *ua, uint64_t now, const struct ua_outgoing *what, ua_call_id *call);

/* Any other request but ACK, CANCEL, BYE, PRACK and UPDATE.  UA_RESPONSE follows, with `user`,
 * which must be below 2^56.  Returns as above. */
int ua_request(struct ua *ua, uint64_t now, const struct ua_outgoing *what, uint64_t user);

/* Answers a call that came in: 101..199, any number of times, then 200..699.  `sdp` may be absent,
 * `more` NULL.  Of an offer, the first reliable response with `sdp` is the answer; without an offer
 * its `sdp` is one.  A 2xx waits until the peer has acknowledged a provisional response with a
 * session description (RFC 3262 section 3).
 * SIPV_OK; SIPV_ABSENT: no such call, or it waits for no answer; SIPV_BAD_ARGUMENT: status or
 * `more`; SIPV_REJECT: the last reliable response has not been acknowledged yet; SIPV_LIMIT: no
 * room. */
int ua_answer(struct ua *ua, uint64_t now, ua_call_id call, int status, sipv_slice sdp,
              const char *more);

/* Answers UA_OFFER: 200 and an answer, or 300..699 (usually 488).  The offer of a 2xx cannot be
 * refused: then the call ends.  SIPV_OK; SIPV_ABSENT: there is no offer; SIPV_BAD_ARGUMENT: status,
 * or 200 without `sdp`; SIPV_LIMIT: no room. */
int ua_answer_offer(struct ua *ua, uint64_t now, ua_call_id call, int status, sipv_slice sdp);

/* Asks for another session in a call that stands (INVITE, section 14), or for another session or
 * target while it may be still early (UPDATE).  Without `sdp`, INVITE asks the peer for an offer.
 * UA_MODIFIED follows; a 491 is met by asking again after a while (section 14.1).
 * SIPV_OK; SIPV_ABSENT: no such call, or it has no dialog or does not stand; SIPV_REJECT: an offer
 * has no answer yet, or an INVITE none; SIPV_BAD_ARGUMENT; SIPV_LIMIT: no room. */
enum ua_way { UA_REINVITE, UA_UPDATE };
int ua_modify(struct ua *ua, uint64_t now, ua_call_id call, enum ua_way way, sipv_slice sdp);

/* Ends a call, whatever its state: CANCEL for one of ours that is not answered yet (as soon as
 * there was a provisional response), 603 for one that came in, BYE for one that stands.  UA_ENDED
 * follows, perhaps later.  SIPV_OK, SIPV_ABSENT, SIPV_LIMIT: no room for the BYE, the call is gone.
 */
int ua_hang_up(struct ua *ua, uint64_t now, ua_call_id call);

/* Registers at the registrar `uri` for so long, and again before that is over, until
 * ua_unregister().  An Expires that is too short becomes what 423 says (section 10.2.8).
 * SIPV_OK; SIPV_LIMIT, SIPV_ABSENT, SIPV_BAD_ARGUMENT as ua_invite(); SIPV_REJECT: it does already.
 */
int ua_register(struct ua *ua, uint64_t now, const char *uri, uint32_t expires_s);
/* Takes it back.  SIPV_OK; SIPV_ABSENT: there is nothing to take back. */
int ua_unregister(struct ua *ua, uint64_t now);

/* ---- As an element ------------------------------------------------------------------------------
 */

/* What ua_element() is made of.  SIPV_OK; SIPV_REJECT: not accepted, though perhaps answered;
 * SIPV_ABSENT: a response to nothing; SIPV_LIMIT: a table is full, which was answered with 503. */
int ua_receive(struct ua *ua, uint64_t now, sipv_slice octets, uint64_t flow, bool reliable);
void ua_failed(struct ua *ua, uint64_t now, uint64_t flow);
/* One thing that is due; true as long as more may be. */
bool ua_advance(struct ua *ua, uint64_t now);
/* When ua_advance() wants to be called; UINT64_MAX: not at all. */
uint64_t ua_wake(const struct ua *ua);

/* ---- Looking -------------------------------------------------------------------------------- */

/* Calls, transactions and dialogs that are alive; is a REGISTER or its refresh to be sent? */
size_t ua_calls(const struct ua *ua);
size_t ua_transactions(const struct ua *ua);
size_t ua_dialogs(const struct ua *ua);
bool ua_registering(const struct ua *ua);

#endif
