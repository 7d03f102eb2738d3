/* What the files of the user agent core share. */
#ifndef HARNESS_UA_CORE_H
#define HARNESS_UA_CORE_H

#include "compose.h"
#include "ua.h"

enum call_state {
    CALL_FREE,
    CALL_CALLING,     /* our INVITE has no final response */
    CALL_INCOMING,    /* theirs has none */
    CALL_ANSWERED,    /* our 2xx has no ACK */
    CALL_ESTABLISHED, /* an ACK was sent or has come */
    CALL_ENDING       /* our BYE has no answer */
};

struct call {
    ua_call_id id;
    enum call_state state;
    bool hang_up; /* as soon as that is possible */
    bool cancelled;
    transaction_id invite;
    dialog_id dialog;
    uint64_t flow;
    bool reliable;
    char tag[17];
    unsigned char *kept; /* the 2xx of a UAS, the ACK of a UAC: sent once more when needed */
    size_t n_kept;
    uint64_t again, end, interval_ms; /* of the 2xx */
    uint32_t generation;
};

/* Storage for one parsed message. */
struct reading {
    sipv_header *headers;
    sipv_event *events;
    sipv_diag *diags;
    sipv_message m;
};

struct ua_core {
    struct ua_settings settings;
    char user[UA_NAME + 1], host[UA_NAME + 1];
    struct transactions t;
    struct dialogs d;
    struct call *calls;
    size_t n_calls;
    uint64_t counter;            /* of names made */
    char register_call_id[17];   /* section 10.2: one Call-ID for all REGISTER requests, ... */
    uint32_t register_cseq;      /* ... whose CSeq goes up by one */
    struct reading in, old, new; /* what came in, a request kept earlier, what is made */
    unsigned char *out;          /* where messages are made */
};

enum { UA_OUT = 128 * 1024 };

/* User data of transactions: a call, or with this bit a request of ua_request(). */
#define UA_REQUEST (UINT64_C(1) << 63)

/* Frees the events of the call before. */
void ua_begin(struct ua *ua);
struct ua_event *ua_say(struct ua *ua, enum ua_what what);
/* Copies the octets into an event UA_SEND. */
void ua_send(struct ua *ua, uint64_t flow, bool reliable, sipv_slice octets);
/* A name nobody else has: 16 hexadecimal digits and a NUL. */
void ua_name(struct ua_core *core, char out[17]);
void ua_via(struct ua_core *core, char *out, size_t cap);
void ua_contact(struct ua_core *core, struct compose *c);
sipv_message *ua_parse(struct reading *r, sipv_slice octets);
struct compose ua_compose(struct ua_core *core);
/* What was composed, or absent if it did not fit. */
sipv_slice ua_composed(const struct compose *c);
/* The end of a message with a session description, or without one. */
void ua_compose_sdp(struct compose *c, sipv_slice sdp);

/* Carries out what the table of transactions wants. */
void ua_carry_out(struct ua *ua, uint64_t now);

struct call *ua_call(struct ua_core *core, ua_call_id id);
struct call *ua_new_call(struct ua_core *core);
/* Frees a call; nobody is told. */
void ua_drop_call(struct ua *ua, struct call *call);
/* The call is gone: tells so.  `octets` may be absent. */
void ua_end_call(struct ua *ua, struct call *call, int status, sipv_slice octets);
bool ua_keep(struct call *call, sipv_slice octets);

/* A BYE for a dialog.  `user` of its transaction may be 0.  SIPV_OK, SIPV_LIMIT. */
int ua_bye(struct ua *ua, uint64_t now, dialog_id dialog, uint64_t flow, bool reliable,
           uint64_t user);
void ua_cancel(struct ua *ua, uint64_t now, struct call *call);

/* Events of transactions. */
void ua_answered(struct ua *ua, uint64_t now, const struct action *action);
void ua_failed(struct ua *ua, uint64_t now, const struct action *action);
void ua_asked(struct ua *ua, uint64_t now, const struct action *action);
void ua_acked(struct ua *ua, uint64_t now, sipv_message *ack);
/* The 2xx of a call once more, or no longer. */
void ua_again(struct ua *ua, uint64_t now, struct call *call);

#endif
