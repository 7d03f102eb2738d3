/* callflow.h: what a call flow is: who takes part, what they do, what must be seen.
 *
 *     documented.c             the two flows of the SIP flow document
 *     rfc3665_registration.c   RFC 3665 section 2
 *     rfc3665_session.c        3.1 to 3.5: calls that succeed
 *     rfc3665_changes.c        3.6 and 3.7: one that is redirected, one that changes
 *     rfc3665_failure.c        3.8 to 3.11: calls that do not come about
 *
 * Flows are tables; who is who in them is said by names.  Messages are named as in
 *
 *     "alice > proxy1 INVITE"         a request
 *     "proxy1 > alice 100 INVITE"     a response, with the method of its CSeq
 *     "alice > proxy1 INVITE #2"      the second of them
 *
 * and in the list of all messages of a flow "+" in front means: in any order with the line before,
 * "?": it may be missing. */
#ifndef SIPVET_TOOLS_FLOW_CALLFLOW_H
#define SIPVET_TOOLS_FLOW_CALLFLOW_H

#include "recording.h"

/* ---- Who ------------------------------------------------------------------------------------- */

enum callflow_role {
    CALLFLOW_USER,     /* a user agent and who uses it */
    CALLFLOW_PROXY,    /* a proxy; with a `domain`, also its registrar */
    CALLFLOW_REDIRECT, /* answers every INVITE with 302 and `redirect_to` */
    CALLFLOW_OLD,      /* a client of RFC 2543 that says what the flow document prints */
    CALLFLOW_SILENT    /* is there and says nothing */
};

struct callflow_element {
    const char *name;
    enum callflow_role role;
    const char *address; /* in the simulator, port 5060; live it is a port of loopback */

    /* Users. */
    const char *uri, *display;    /* its address-of-record: From, To of REGISTER */
    const char *login, *password; /* of its credentials; NULL: it has none */
    const char *outbound; /* the element that requests outside of dialogs go to; NULL: where their
                             Request-URI says */
    bool route;           /* ... which a Route header names as well */
    bool auth_int;        /* chooses qop auth-int where it is offered */
    const char *headers;  /* more header lines of its INVITE, with their line ends */
    const char *sdp;      /* what it offers and answers, %h is its host; NULL: nothing */
    bool late_offer;      /* its INVITE has no offer, its ACK an answer */
    uint32_t ring_ms;     /* from INVITE to 180; 0: it does not ring */
    uint32_t answer_ms;   /* from INVITE to the final response; 0: at once */
    int status;           /* of that; 0: 200; -1: none */

    /* Proxies and redirect servers. */
    const char *domain; /* its name for others; a proxy is the registrar of it, and retargets */
    const char *realm, *opaque; /* of its challenges */
    const char *qop;            /* "auth", "auth, auth-int" */
    bool guards_register;       /* 401 for a REGISTER without credentials */
    bool guards_invite;         /* 407 for an INVITE of anybody without them */
    bool record_route;
    const char *redirect_to; /* a URI */
};

/* Who can be logged in: what guards know. */
struct callflow_account {
    const char *login, *realm, *password;
};

/* ---- What they do ---------------------------------------------------------------------------- */

enum callflow_action {
    CALLFLOW_REGISTER,   /* `text`: Contact values, each with a line end; NULL: its own */
    CALLFLOW_QUERY,      /* REGISTER without Contact */
    CALLFLOW_UNREGISTER, /* REGISTER with "Contact: *" */
    CALLFLOW_CALL,       /* INVITE to `text`, a URI */
    CALLFLOW_HANG_UP,    /* CANCEL or BYE, whatever fits */
    CALLFLOW_REINVITE,   /* INVITE inside the dialog, with `text` as session description */
    CALLFLOW_MOVE,       /* is at another address from now on: `text` */
    CALLFLOW_LEAVE,      /* is switched off: hears and says nothing any more */
    CALLFLOW_OUTBOUND,   /* `text` is the name of its outbound element from now on */
    CALLFLOW_WAIT
};

/* When the next step begins. */
enum callflow_until {
    CALLFLOW_AT_ONCE,
    CALLFLOW_RESPONSE,    /* the final response to REGISTER */
    CALLFLOW_RINGING,     /* a 180 has come */
    CALLFLOW_ESTABLISHED, /* all calls stand, on both sides */
    CALLFLOW_ENDED        /* there is no call any more, on either side */
};

struct callflow_step {
    const char *who;
    enum callflow_action action;
    const char *text;
    enum callflow_until until;
    uint32_t pause_ms; /* behind that */
};

/* ---- What must be seen ----------------------------------------------------------------------- */

enum expectation_kind {
    EXPECT_MESSAGES = 1, /* all messages of the flow, these and no others, in this order */
    EXPECT_SAME,         /* the field is the same in all of `messages` */
    EXPECT_DIFFERENT,    /* ... is another one in each */
    EXPECT_VALUES,       /* ... has the words of `value`, one for each message */
    EXPECT_TEXT,         /* ... is `value` in each */
    EXPECT_STEPS,        /* ... is a number that changes by `value` from each to the next */
    EXPECT_AT_MOST,      /* ... is a number, in each at most `value` */
    EXPECT_PRESENT,      /* ... is there in each, and not empty */
    EXPECT_ABSENT,       /* ... is there in none */
    EXPECT_EQUAL,        /* ... of the first is `value`, another field, of the second */
    EXPECT_COUNT,        /* `messages` were sent `value` times, any #N */
    EXPECT_NOT_SEEN,     /* no request of method `value` came to or from the elements `messages` */
    EXPECT_VERIFIED,     /* the credentials in the second answer the challenge in the first */
    EXPECT_ANSWERS,      /* the session description of the second answers that of the first */
    EXPECT_CLEAN         /* every message is accepted in the strict profile */
};

enum { EXPECTATION_MESSAGES = 8 };

struct expectation {
    const char *says; /* one line for people */
    enum expectation_kind kind;
    const char *field; /* see field.h */
    const char *value;
    const char *messages[EXPECTATION_MESSAGES]; /* up to the first NULL */
};

/* ---- All of it ------------------------------------------------------------------------------- */

struct callflow {
    const char *name;                        /* "session" */
    const char *summary;                     /* one line */
    const char *source;                      /* "RFC 3665 section 3.2" */
    const struct callflow_element *elements; /* up to one without name; at most FLOW_ELEMENTS */
    const struct callflow_account *accounts; /* up to one without login; may be NULL */
    const struct callflow_step *steps;       /* up to one without name */
    const char *const *messages;             /* of EXPECT_MESSAGES, up to NULL */
    const struct expectation *expectations;  /* up to one that says nothing */
};

extern const struct callflow *const callflows[]; /* up to NULL */
/* NULL if there is none of that name. */
const struct callflow *callflow_find(const char *name);
/* The number of an element; FLOW_OUTSIDE if there is none of that name. */
unsigned callflow_element(const struct callflow *flow, sipv_slice name);
unsigned callflow_element_count(const struct callflow *flow);

#endif
