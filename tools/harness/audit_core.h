/* What the files of the audit share. */
#ifndef HARNESS_AUDIT_CORE_H
#define HARNESS_AUDIT_CORE_H

#include "audit.h"
#include "compose.h"
#include "transactions.h"

enum {
    AUDIT_HEADERS = 128,
    AUDIT_EVENTS = 4096,
    AUDIT_DIAGS = 16,
    AUDIT_OUT = 16384,
    AUDIT_TEXT = 4096,
    AUDIT_VALUE = 4096,
    AUDIT_NONCE = 1024,
    AUDIT_PRIMES = 3 /* right requests before an earlier nc is sent again */
};

/* What one answer is about. */
enum phase { ASKING, PRIMING, MISUSING };

/* A challenge that was taken up: texts of its own. */
struct taken {
    bool proxy;
    char realm[AUDIT_NONCE], nonce[AUDIT_NONCE], opaque[AUDIT_NONCE];
    bool has_opaque;
    sipv_algorithm algorithm;
    unsigned qops;
    bool md5; /* is offered, by this challenge or another one */
};

struct audit_core {
    struct audit_settings settings;
    struct network network;
    struct transactions t;
    struct audit_check checks[AUDIT_CHECKS];
    struct audit_offer offers[AUDIT_OFFERS];
    size_t n_offers;
    sipv_hasher *hasher;
    uint64_t flow, counter;
    uint32_t cseq;
    char call_id[17], tag[17], cnonce[17];
    enum audit_number now; /* what is being asked */
    enum phase phase;
    unsigned primed, sought; /* right requests that were accepted, and that are wanted */
    int accepted;            /* status of right credentials */
    struct taken taken;
    bool running;
    sipv_header headers[AUDIT_HEADERS];
    sipv_event events[AUDIT_EVENTS], values[AUDIT_EVENTS];
    sipv_diag diags[AUDIT_DIAGS];
    sipv_message in, out;
    sipv_header out_headers[AUDIT_HEADERS];
    sipv_event out_events[AUDIT_EVENTS];
    sipv_diag out_diags[AUDIT_DIAGS];
    unsigned char text[AUDIT_TEXT], octets[AUDIT_OUT];
};

/* One request: how its credentials are to be, and its body. */
struct forgery {
    bool credentials, wrong_password;
    sipv_algorithm algorithm;
    sipv_qop qop;
    uint32_t nc;
    const char *nonce;
    sipv_slice body, hashed_body;
};

/* ---- audit_requests.c ---- */

/* A name nobody else has: 16 hexadecimal digits and a NUL. */
void audit_name(struct audit_core *core, char out[17]);
/* Makes the last digit another one. */
void audit_change_last(char *text);
/* SIPV_OK, or SIPV_BAD_ARGUMENT: no message comes of it, or there is no secret for it. */
int audit_send(struct audit_core *core, uint64_t now, const struct forgery *f);

/* ---- audit_challenges.c ---- */

/* Takes the strongest challenge; false if there is none. */
bool audit_read_challenges(struct audit_core *core, sipv_message *m, bool proxy);

/* ---- audit.c ---- */

/* Carries out what the table of transactions wants. */
void audit_act(struct audit_core *core, uint64_t now);

#endif
