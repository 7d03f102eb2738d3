/* What the files of the user agent share. */
#ifndef HARNESS_UA_CORE_H
#define HARNESS_UA_CORE_H

#include "alarms.h"
#include "compose.h"
#include "merged.h"
#include "ua.h"

/* ---- Parts ---------------------------------------------------------------------------------- */

/* Octets of our own. */
struct ua_text {
    unsigned char *p;
    size_t n;
};

/* What a request of ours is for: the user data of its transaction. */
enum ua_purpose {
    FOR_NOBODY,       /* whatever comes of it */
    FOR_USER,         /* ua_request(); `subject` is the user's */
    FOR_REGISTRATION, /* ua_register() */
    FOR_CALL,         /* INVITE that begins a call; `subject` is the call */
    FOR_DIALOG        /* inside; `subject` is the dialog */
};

struct ua_errand {
    enum ua_purpose purpose;
    unsigned tries; /* times it was sent again: challenges, redirections; at most UA_TRIES */
    bool udp;       /* over UDP, however long: TCP has failed */
    uint64_t subject;
};

enum { UA_TRIES = 7, UA_REALMS = 8, UA_MEMORY = 2048, UA_OUT = 128 * 1024 };

/* Where a message goes.  Of a flow that somebody else has begun the transport is all that is known:
 * then the host is empty. */
struct ua_path {
    uint64_t flow;
    struct hop hop;
};

enum call_state {
    CALL_FREE,
    CALL_CALLING,     /* our INVITE has no final response */
    CALL_INCOMING,    /* theirs has none */
    CALL_ANSWERED,    /* our 2xx has no ACK */
    CALL_ACCEPTED,    /* their 2xx has none: its offer waits for an answer */
    CALL_ESTABLISHED, /* an ACK was sent or has come */
    CALL_ENDING       /* our BYE has no answer */
};

struct call {
    ua_call_id id;
    enum call_state state;
    bool ours;    /* the INVITE that has begun it */
    bool offered; /* that had an offer */
    bool hang_up; /* as soon as that is possible */
    bool cancelled;
    unsigned realms;       /* that have challenged it, a bit for each */
    unsigned redirections; /* so far */
    transaction_id invite;
    dialog_id dialog;    /* while calling, that of the last provisional response */
    struct ua_path path; /* of the INVITE */
    char tag[17];
    uint32_t generation, next_free;

    /* As UAS, the reliable provisional response that has no PRACK yet. */
    bool reliable_1xx; /* the peer can do that */
    int64_t cseq;      /* of the INVITE */
    uint32_t rseq;     /* of the last one, 0 before the first */
    struct ua_text provisional;
    bool described; /* it has a session description */
    uint64_t again, end, interval_ms;
    int final; /* waits until it is acknowledged, 0: none */
    struct ua_text final_sdp, final_more;
};

/* One dialog, as far as sessions go. */
struct leg {
    dialog_id dialog; /* 0: free */
    ua_call_id call;

    bool described;       /* the offer of the first INVITE has its answer, or there was none */
    bool our_offer;       /* another one of ours has no answer yet */
    bool their_offer;     /* one of theirs: with `asked`, `prack_due` or `ack_due` */
    transaction_id asked; /* server transaction of theirs that the user has to answer */

    transaction_id asks;     /* our INVITE or UPDATE */
    bool inviting, updating; /* it has no final response */
    bool cancel;             /* as soon as that is possible */
    struct ua_text wanted;   /* what it offers */
    bool wants;              /* 491: it will be sent again, ... */
    enum ua_way way;         /* ... this way, ... */
    uint64_t retry;          /* ... at this time */

    int64_t ack_cseq; /* of our last INVITE that got a 2xx, -1: none */
    bool ack_due;     /* that waits for our answer to its offer */
    struct ua_text ack;
    struct ua_path path; /* of that, and of `asks` */

    transaction_id accepted; /* their last INVITE that got a 2xx */
    int64_t ok_cseq;         /* of it */
    struct ua_text ok;       /* that 2xx */
    uint64_t again, end;     /* when it is sent again, and no longer; UINT64_MAX: it has its ACK */
    uint64_t interval_ms;

    int64_t rseq;      /* of their last reliable provisional response, -1: none */
    int64_t rseq_cseq; /* of the INVITE it was to */
    bool prack_due;    /* it waits for our answer to its offer */
};

/* Someone who has challenged us. */
struct ua_realm {
    bool used, proxy;
    char host[UA_NAME + 1]; /* of the Request-URI it was, in small letters */
    sipv_client client;
    unsigned char memory[UA_MEMORY];
};

enum registration_state {
    REGISTRATION_NONE,
    REGISTRATION_ASKING,  /* REGISTER has no final response */
    REGISTRATION_RESTING, /* until the refresh */
};

struct registration {
    enum registration_state state;
    bool unregister; /* as soon as that is possible */
    bool removing;   /* that is what is asked now */
    char uri[UA_NAME + 1], call_id[17], tag[17];
    uint32_t cseq, wanted_s, granted_s;
    unsigned failures, too_brief; /* in a row */
};

/* Storage for one parsed message. */
struct reading {
    sipv_header *headers;
    sipv_event *events;
    sipv_diag *diags;
    sipv_message m;
};

struct ua_queue {
    struct ua_queued *first, *last, *taken;
    size_t n;
};

struct ua_core {
    struct ua *ua;
    struct ua_settings settings; /* its texts are those below */
    struct network network;
    char texts[9][UA_NAME + 1];
    char contact_user[3 * UA_NAME + 1], username[UA_NAME + 1];
    struct hop route_hop; /* of `route` or `next` */
    bool routed;
    struct transactions t;
    struct dialogs d;
    struct call *calls;
    struct leg *legs; /* by dialogs_number() */
    size_t n_calls;
    uint32_t free_call;
    struct alarms alarms; /* of legs, then of calls, then of the registration */
    struct merged merged;
    struct registration registration;
    struct ua_realm realms[UA_REALMS];
    sipv_hasher *hasher;
    uint64_t counter;            /* of names made */
    struct reading in, old, new; /* what came in, a request kept earlier, what is made */
    void *explainer;             /* of the interop profile */
    unsigned char *out;          /* where messages are made */
    struct ua_queue queue;
};

static const sipv_slice ua_none = {NULL, 0};

/* ---- ua.c ----------------------------------------------------------------------------------- */

sipv_message *ua_parse(struct ua_core *core, struct reading *r, sipv_slice octets);
/* Carries out what the table of transactions wants. */
void ua_carry_out(struct ua_core *core, uint64_t now);

/* ---- ua_events.c: events that wait, and texts ----------------------------------------------- */

/* An event about a message, or NULL if there is no room for it: its body becomes that of the event
 * if it describes a session. */
struct ua_event *ua_say(struct ua_core *core, enum ua_what what, sipv_message *m);
/* The event of a call, with a status.  False: it is lost. */
bool ua_say_call(struct ua_core *core, enum ua_what what, const struct call *call, int status,
                 sipv_message *m);
void ua_forget_events(struct ua_core *core);
/* A copy in place of what is there.  False, and no change, without memory. */
bool ua_keep(struct ua_text *text, sipv_slice octets);
void ua_drop(struct ua_text *text);
sipv_slice ua_kept(const struct ua_text *text);
/* The body of a message if that is application/sdp, else absent. */
sipv_slice ua_sdp(sipv_message *m);
bool ua_has_word(sipv_message *m, unsigned header, const char *word);

/* ---- ua_compose.c: messages of ours ---------------------------------------------------------- */

/* A name nobody else has: 16 hexadecimal digits and a NUL. */
void ua_name(struct ua_core *core, char out[17]);
/* A number below `below`, which is not 0. */
uint64_t ua_random(struct ua_core *core, uint64_t below);
enum { UA_VIA = 512 };
/* SIPV_ABSENT: the network is not there for that transport. */
int ua_via(struct ua_core *core, enum hop_transport transport, char out[UA_VIA]);
/* The URI at which it is reached over a transport. */
void ua_compose_uri(struct ua_core *core, struct compose *c, enum hop_transport transport,
                    bool secure);
void ua_contact(struct ua_core *core, struct compose *c, enum hop_transport transport, bool secure);
/* Allow and Supported; `requires`: and Require of a reliable provisional response. */
void ua_compose_allow(struct compose *c);
void ua_compose_supported(struct ua_core *core, struct compose *c);
/* The end of a message with a body of `type`, or without one. */
void ua_compose_body(struct compose *c, const char *type, sipv_slice body);
void ua_compose_sdp(struct compose *c, sipv_slice sdp);
struct compose ua_compose(struct ua_core *core);
/* What was composed, or absent if it did not fit. */
sipv_slice ua_composed(const struct compose *c);
bool ua_is_secure(sipv_slice uri);
const char *ua_reason(int status);
/* Back to where something came from. */
struct ua_path ua_path_back(struct ua_core *core, uint64_t flow);

/* Where a request outside of dialogs goes.  SIPV_OK, SIPV_ABSENT, SIPV_BAD_ARGUMENT: no hop. */
int ua_path_to(struct ua_core *core, sipv_slice uri, struct ua_path *path);
/* Where one inside of `dialog` goes; `otherwise` if that cannot be told. */
int ua_path_in(struct ua_core *core, dialog_id dialog, const struct ua_path *otherwise,
               struct ua_path *path);
/* RFC 3261 section 18.1.1: a request of ours that is too long for UDP goes over TCP, its Via, which
 * is the second line, with it. */
void ua_fit(struct ua_core *core, struct compose *c, struct ua_path *path);
void ua_send(struct ua_core *core, const struct ua_path *path, sipv_slice octets);
/* Begins a client transaction with what was composed.  SIPV_OK, SIPV_LIMIT, SIPV_BAD_ARGUMENT. */
int ua_start(struct ua_core *core, uint64_t now, struct compose *c, struct ua_path *path,
             const struct ua_errand *errand, transaction_id *id);
/* Answers a server transaction with what was composed; if that cannot be, abandons it unless the
 * answer is provisional. */
int ua_respond(struct ua_core *core, uint64_t now, transaction_id id, const struct compose *c);
uint64_t ua_pack(const struct ua_errand *errand);
struct ua_errand ua_unpack(uint64_t user);

/* ---- ua_calls.c: calls, legs and their times ------------------------------------------------- */

struct call *ua_call(struct ua_core *core, ua_call_id id);
struct call *ua_new_call(struct ua_core *core);
/* The call is gone: tells so.  `m` may be NULL. */
void ua_end_call(struct ua_core *core, uint64_t now, struct call *call, int status,
                 sipv_message *m);
/* Frees a call; nobody is told. */
void ua_drop_call(struct ua_core *core, uint64_t now, struct call *call);
/* The leg of a dialog, NULL if that is gone; ua_new_leg() makes it if it is new. */
struct leg *ua_leg(struct ua_core *core, dialog_id dialog);
struct leg *ua_new_leg(struct ua_core *core, dialog_id dialog, const struct call *call);
void ua_end_leg(struct ua_core *core, dialog_id dialog);
void ua_schedule_leg(struct ua_core *core, const struct leg *leg);
void ua_schedule_call(struct ua_core *core, const struct call *call);
void ua_schedule_registration(struct ua_core *core, uint64_t at);
bool ua_alarm(struct ua_core *core, uint64_t now);
/* Sends a BYE for a call that stands, and waits for its answer. */
void ua_bye_call(struct ua_core *core, uint64_t now, struct call *call);
/* The end of what kept it from hanging up. */
void ua_hang_up_now(struct ua_core *core, uint64_t now, struct call *call);

/* ---- ua_client.c: requests of ours ---------------------------------------------------------- */

void ua_cancel(struct ua_core *core, uint64_t now, struct call *call);
/* A request inside of a dialog.  `sdp` and `more` may be absent and NULL.  SIPV_OK, SIPV_LIMIT,
 * SIPV_BAD_ARGUMENT. */
int ua_inside(struct ua_core *core, uint64_t now, dialog_id dialog, const char *method,
              const char *more, sipv_slice sdp, const struct ua_path *otherwise,
              transaction_id *id);
/* The ACK of the 2xx `cseq` in a dialog; `leg` keeps it if there is one.  Its credentials are those
 * of `invite`. */
void ua_acknowledge(struct ua_core *core, dialog_id dialog, int64_t cseq,
                    const sipv_message *invite, const struct ua_path *otherwise, sipv_slice sdp,
                    struct leg *leg);
/* A CANCEL for client transaction `id`; false if that cannot be yet. */
bool ua_send_cancel(struct ua_core *core, uint64_t now, transaction_id id,
                    const struct ua_path *path);
int ua_compose_request(struct ua_core *core, struct compose *c, const struct ua_outgoing *what,
                       const char *method, const struct ua_path *path, const char *tag,
                       const char *call_id, uint32_t cseq);

/* ---- ua_responses.c: what becomes of them ---------------------------------------------------- */

void ua_answered(struct ua_core *core, uint64_t now, const struct action *action);
void ua_unanswered(struct ua_core *core, uint64_t now, const struct action *action);
/* Ends early dialogs of an INVITE that is over; `m` as dialogs_refused(). */
void ua_forget_forks(struct ua_core *core, sipv_message *m);

/* ---- ua_retry.c: the same request once more ---------------------------------------------------
 */

/* Sends the request of `action` once more with credentials for the challenges of its response, or
 * to the best of its contacts.  False: that is its final response. */
bool ua_retry(struct ua_core *core, uint64_t now, const struct action *action);
/* Over UDP, because TCP has failed.  False: it was not for UDP at first. */
bool ua_retry_over_udp(struct ua_core *core, uint64_t now, const struct action *action);

/* ---- ua_digest.c: challenges and credentials --------------------------------------------------
 */

void ua_close_realms(struct ua_core *core);
/* Realms that `old`, a request of ours, has credentials for, a bit for each. */
unsigned ua_realms_in(struct ua_core *core, sipv_message *old);
/* Takes up the challenges of `m`, the response to `old`, sent again so many times.  The realms; 0:
 * none can be met, or our password is wrong. */
unsigned ua_challenged(struct ua_core *core, sipv_message *m, sipv_message *old, unsigned tries);
/* Those that would want credentials for a request to `uri` at once. */
unsigned ua_realms_of(const struct ua_core *core, sipv_slice uri);
void ua_compose_credentials(struct ua_core *core, struct compose *c, unsigned realms,
                            sipv_slice method, sipv_slice uri, sipv_slice body);
/* A 2xx to a request: a nonce for the next one, perhaps. */
void ua_informed(struct ua_core *core, sipv_message *m, sipv_slice request);

/* ---- ua_registration.c ------------------------------------------------------------------------
 */

void ua_registered(struct ua_core *core, uint64_t now, int status, sipv_message *m);
void ua_refresh(struct ua_core *core, uint64_t now);

/* ---- ua_server.c: requests of theirs ----------------------------------------------------------
 */

void ua_asked(struct ua_core *core, uint64_t now, const struct action *action);
/* An answer without a body; `more` are lines of it or NULL, `tag` NULL makes one. */
int ua_reply(struct ua_core *core, uint64_t now, transaction_id id, sipv_message *request,
             int status, const char *tag, const char *more);
/* A request that was not accepted. */
void ua_malformed(struct ua_core *core, sipv_message *m, const struct ua_path *path);

/* ---- ua_answers.c: answers to INVITE, and the ACK -----------------------------------------------
 */

void ua_acked(struct ua_core *core, uint64_t now, sipv_message *ack);
/* Ends a call that came in and has no final response. */
void ua_terminate(struct ua_core *core, uint64_t now, struct call *call, int answer, int status);
/* The 2xx of a leg once more, or no longer. */
void ua_again(struct ua_core *core, uint64_t now, struct leg *leg);
/* A 2xx of ours to an INVITE goes out: keeps it until it has its ACK. */
bool ua_await_ack(struct ua_core *core, uint64_t now, struct leg *leg, transaction_id invite,
                  int64_t cseq, sipv_slice octets);
/* The beginning of an answer 101 to 299 to an INVITE or UPDATE. */
void ua_compose_accepting(struct ua_core *core, struct compose *c, sipv_message *request,
                          int status, const char *tag, uint64_t flow);
/* The final response that has waited for PRACK. */
void ua_final_now(struct ua_core *core, uint64_t now, struct call *call);

/* ---- ua_session.c: offers inside of dialogs ----------------------------------------------------
 */

/* Whose offer has no answer? */
bool ua_offer_is_ours(struct ua_core *core, const struct leg *leg);
bool ua_offer_is_theirs(struct ua_core *core, const struct leg *leg);
/* INVITE, UPDATE of theirs inside of a dialog. */
void ua_asked_inside(struct ua_core *core, uint64_t now, const struct action *action,
                     struct leg *leg);
/* The response to an INVITE or UPDATE of ours inside; `status` without one. */
void ua_modified(struct ua_core *core, uint64_t now, const struct action *action, struct leg *leg,
                 int status);
void ua_modify_again(struct ua_core *core, uint64_t now, struct leg *leg);
/* Answers what waits for the user in his place. */
void ua_withdraw(struct ua_core *core, uint64_t now, struct leg *leg, int status);
/* The call ends: what waits for the user is answered, what is asked is cancelled. */
void ua_end_session(struct ua_core *core, uint64_t now, struct leg *leg);

/* ---- ua_prack.c: RFC 3262
 * ------------------------------------------------------------------------
 */

/* A provisional response in a dialog: is it one to be told?  Sends PRACK where that is due. */
bool ua_provisional(struct ua_core *core, uint64_t now, sipv_message *m, struct call *call,
                    struct leg *leg);
int ua_send_prack(struct ua_core *core, uint64_t now, struct leg *leg, sipv_slice sdp);
/* PRACK of theirs. */
void ua_pracked(struct ua_core *core, uint64_t now, const struct action *action, struct leg *leg);
/* A reliable response goes out: keeps it until it has its PRACK. */
bool ua_await_prack(struct ua_core *core, uint64_t now, struct call *call, sipv_slice octets,
                    bool described);
void ua_forget_provisional(struct ua_core *core, struct call *call);
void ua_provisional_again(struct ua_core *core, uint64_t now, struct call *call);

#endif
