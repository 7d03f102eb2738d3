/* Asks a server that one may test what misuse of Digest it lets pass (RFC 7616 section 3.4, 5.12;
 * RFC 3261 section 22; RFC 8760), without I/O.
 *
 *     audit_open(&a, &settings, &network);
 *     struct element element = audit_element(&a);
 *     audit_begin(&a, now);                  then the network runs until settings.done() is called
 *     for (size_t i = 0; i < AUDIT_CHECKS; i++)
 *         print audit_check(&a, i)
 *
 * Each check has a challenge of its own: a request without credentials, then as many right ones as
 * it needs, then the misuse.  Requests are REGISTER without Contact, which changes nothing, or
 * another method that begins no dialog. */
#ifndef HARNESS_AUDIT_H
#define HARNESS_AUDIT_H

#include <sipvet/auth.h>

#include "network.h"

enum audit_number {
    AUDIT_NO_CREDENTIALS,
    AUDIT_RIGHT_CREDENTIALS, /* no misuse: what else can be told depends on it */
    AUDIT_WRONG_PASSWORD,
    AUDIT_REPLAYED_NC,
    AUDIT_LOWER_NC,
    AUDIT_FOREIGN_NONCE,
    AUDIT_ALTERED_NONCE,
    AUDIT_NO_QOP,
    AUDIT_AUTH_FOR_AUTH_INT,
    AUDIT_ALTERED_BODY,
    AUDIT_MD5_FOR_SHA,
    AUDIT_CHECKS
};

enum audit_verdict {
    AUDIT_OPEN,     /* not asked: something before it ended the audit */
    AUDIT_REFUSED,  /* as it should be */
    AUDIT_ACCEPTED, /* a finding; of right credentials, as it should be */
    AUDIT_SKIPPED,  /* does not arise with what the server offers */
    AUDIT_SILENT    /* no answer */
};

struct audit_check {
    const char *name; /* "replayed-nc" */
    const char *text; /* what is asked, a sentence */
    const char *rfc;  /* "RFC 7616 section 3.4" */
    enum audit_verdict verdict;
    int status;      /* of the answer, 0: none */
    const char *why; /* it was skipped; else NULL */
};

/* What a server offers. */
struct audit_offer {
    sipv_algorithm algorithm;
    unsigned qops; /* set of sipv_qop */
};

enum { AUDIT_NAME = 255, AUDIT_OFFERS = 8 };

struct audit_settings {
    struct hop target;
    const char *method; /* REGISTER; not INVITE, ACK, CANCEL, BYE, PRACK, UPDATE */
    const char *uri;    /* Request-URI */
    const char *aor;    /* From and To */
    const char *username;
    /* Fills password or ha1 of what is to be computed, all else of which is there; false: there is
     * none for this realm and algorithm. */
    bool (*secret)(void *with, sipv_digest *d);
    /* All is asked, or nothing more can be. */
    void (*done)(void *with, uint64_t now);
    void *with;
    uint64_t seed[2]; /* from which tags, branches and cnonces are made */
};

struct audit {
    struct audit_core *core;
};

/* The network and what texts point to are not copied, and must last.
 * SIPV_OK; SIPV_NO_SPACE: no memory; SIPV_BAD_ARGUMENT: a method that begins or needs a dialog, a
 * text that is missing or longer than AUDIT_NAME. */
int audit_open(struct audit *a, const struct audit_settings *settings,
               const struct network *network);
void audit_close(struct audit *a);
struct element audit_element(struct audit *a);

/* SIPV_OK: it runs; SIPV_ABSENT: the network cannot get there; SIPV_BAD_ARGUMENT: the texts make no
 * message. */
int audit_begin(struct audit *a, uint64_t now);

/* All of them, in order. */
const struct audit_check *audit_check(const struct audit *a, enum audit_number number);
/* Checks of misuse that were accepted. */
size_t audit_findings(const struct audit *a);
/* Offer number `i` of the first challenge.  SIPV_OK, SIPV_END. */
int audit_offer(const struct audit *a, size_t i, struct audit_offer *out);
/* The realm of the first challenge, absent if there was none. */
sipv_slice audit_realm(const struct audit *a);

#endif
