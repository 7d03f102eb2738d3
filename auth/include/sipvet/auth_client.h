/* sipvet/auth_client.h - the client's side of Digest (RFC 7616 3.4, RFC 3261 22.2, RFC 8760 2.4);
 * included by <sipvet/auth.h>.
 *
 *     sipv_client client;
 *     sipv_client_init(&client, memory, sizeof memory, &config);
 *     while (a response with challenges comes)
 *         if (sipv_client_challenged(&client, hasher, list, n) == SIPV_OK)
 *             sipv_client_answer(&client, hasher, &request, out, sizeof out, &size);
 *
 * One sipv_client for each realm that challenges: it holds the nonce and its count. */
#ifndef SIPVET_AUTH_CLIENT_H
#define SIPVET_AUTH_CLIENT_H

#include <sipvet/auth.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Which of several challenges is answered. */
typedef enum sipv_preference {
    SIPV_PREFER_FIRST,    /* the first supported one: the server orders them (RFC 8760 2.4) */
    SIPV_PREFER_STRONGEST /* the one of the highest sipv_algorithm, the first of equals */
} sipv_preference;

typedef struct sipv_client_config {
    sipv_preference preference;
    unsigned algorithms;   /* set of those that may be used; 0: all that the hasher has */
    unsigned qops;         /* set of those that may be used, SIPV_QOP_NONE too; 0: all */
    bool prefer_integrity; /* auth-int rather than auth where both are offered */
    sipv_random random;    /* of the cnonce; NULL: sipv_random_openssl */
    void *with;            /* for `random` */
} sipv_client_config;

#define SIPV_CLIENT_CNONCE 32
/* Right responses on an old nonce are repeated so often before it counts as a loop. */
#define SIPV_CLIENT_STALE_MAX 3

/* Look at it as you like, change it by the functions only. */
typedef struct sipv_client {
    sipv_client_config config;
    unsigned char *memory; /* copies of realm, nonce and opaque */
    size_t cap;
    sipv_slice realm, nonce, opaque;
    sipv_algorithm algorithm;
    bool algorithm_shown, userhash;
    sipv_qop qop;
    uint32_t nc;         /* of the last answer, 0 before the first */
    bool answered;       /* an answer went out on this nonce, and nothing has come of it yet */
    unsigned stale_rows; /* stale=true so many times in a row */
    bool has_cnonce;
    char cnonce[SIPV_CLIENT_CNONCE]; /* one for each nonce, so that a session has one A1 */
} sipv_client;

/* `memory` holds what is kept of a challenge; 1,024 octets are enough for most.  `config` NULL: all
 * zero.  SIPV_OK or SIPV_BAD_ARGUMENT. */
SIPV_API int sipv_client_init(sipv_client *c, void *memory, size_t cap,
                              const sipv_client_config *config);
/* Wipes it. */
SIPV_API void sipv_client_close(sipv_client *c);

/* The challenges of one response, from all its headers in order; those of other realms, other
 * schemes, with a fault, or that cannot be met are passed over.  SIPV_OK: one was taken, answer it.
 * SIPV_ABSENT: none can be met.  SIPV_END: a loop; what was answered has been refused: the same
 * challenge came again without stale=true, or stale=true too often (RFC 3261 22.1).  SIPV_NO_SPACE:
 * its texts do not fit into the memory. */
SIPV_API int sipv_client_challenged(sipv_client *c, const sipv_hasher *h,
                                    const sipv_challenge *list, size_t n);
/* The request with the last answer was accepted: no loop so far. */
SIPV_API void sipv_client_accepted(sipv_client *c);

/* What is asked for, and by whom: `password` or `ha1` as in sipv_digest. */
typedef struct sipv_client_request {
    sipv_slice username, password, ha1;
    sipv_slice method, uri, body;
} sipv_client_request;

/* Writes the credentials for one request, with the next nc of the nonce.  SIPV_OK; SIPV_NO_SPACE
 * (`*n` is what it needs; no nc was used up); SIPV_ABSENT: no challenge was taken, OpenSSL has not
 * got the hash, or there is no randomness; SIPV_LIMIT: every nc of this nonce is used;
 * SIPV_BAD_ARGUMENT. */
SIPV_API int sipv_client_answer(sipv_client *c, sipv_hasher *h, const sipv_client_request *request,
                                void *out, size_t cap, size_t *n);

/* Authentication-Info of the response to the last request, with that response's body.  The next
 * request is made with `nextnonce`, if there is one; for a -sess algorithm that begins a session
 * anew, with its own cnonce.  SIPV_OK: rspauth is right.  SIPV_ABSENT:
 * there is none.  SIPV_REJECT: it is wrong, of another cnonce or nc, or the value has a fault; then
 * nothing is taken from it.  SIPV_NO_SPACE as above. */
SIPV_API int sipv_client_info(sipv_client *c, sipv_hasher *h, const sipv_auth_info *info,
                              const sipv_client_request *request, sipv_slice body);

#ifdef __cplusplus
}
#endif
#endif
