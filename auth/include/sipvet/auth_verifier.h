/* sipvet/auth_verifier.h - the server's side of Digest (RFC 7616 3.3 to 3.7, RFC 3261 22.3);
 * included by <sipvet/auth.h>.
 *
 * A nonce carries the time it was made, its algorithm and what was offered with it, sealed with
 * HMAC-SHA-256 under the verifier's key together with the realm.  So challenges cost no memory.
 * What was answered costs one slot of a table of fixed size, and only a right response takes one:
 * the highest nc so far, and which of the last ones have been there.
 *
 * Any number of threads may use one verifier at the same time, each with its own sipv_hasher.  The
 * callbacks are called from these threads and must bear that. */
#ifndef SIPVET_AUTH_VERIFIER_H
#define SIPVET_AUTH_VERIFIER_H

#include <sipvet/auth.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Who wants to be known. */
typedef struct sipv_claim {
    sipv_slice username; /* or, with userhash, H(username:realm) */
    bool userhash;
    sipv_slice realm;
    sipv_algorithm algorithm;
} sipv_claim;

/* What is known of a user: a password, or the HA1 of the claim's algorithm.  Slices of the
 * callback's own memory, valid until the function that asked returns, or of `room`, which is
 * wiped. */
typedef struct sipv_secret {
    sipv_slice password;
    sipv_slice ha1;      /* hex digits; then `password` is not looked at */
    sipv_slice username; /* with userhash and a password: the clear name */
    unsigned char room[512];
} sipv_secret;

/* Fills `secret`, which comes all zero.  SIPV_OK; SIPV_ABSENT: no such user.  Anything else counts
 * as no such user too. */
typedef int (*sipv_lookup)(void *with, const sipv_claim *claim, sipv_secret *secret);
/* Milliseconds since some fixed time. */
typedef uint64_t (*sipv_clock)(void *with);
/* Is the `uri` parameter the Request-URI?  In SIP they may differ behind a proxy that has changed
 * the latter (RFC 3261 22.4): whoever expects that says here what is taken. */
typedef bool (*sipv_same_uri)(void *with, sipv_slice uri, sipv_slice request_uri);

#define SIPV_VERIFIER_KEY 32
#define SIPV_VERIFIER_LATE_MAX 63

typedef struct sipv_verifier_config {
    sipv_slice realm;    /* octets; copied, at most 255 */
    unsigned algorithms; /* set of those offered; 0: SHA-256 and MD5 (RFC 8760 2.3) */
    unsigned qops;       /* set of those offered; 0: auth.  SIPV_BIT(SIPV_QOP_NONE) alone: none is
                            offered, and each nonce is for one response */
    bool userhash;       /* names may come hashed */
    uint32_t nonce_ms;   /* how long a nonce lives; 0: five minutes.  One made by a clock that is
                            ahead by no more than that is taken too */
    unsigned late;       /* so many nc below the highest may still come, each once; at most
                            SIPV_VERIFIER_LATE_MAX.  0: each must be higher than all before */
    size_t nonces;       /* answered nonces that are remembered; 0: 1,024 */
    unsigned char key[SIPV_VERIFIER_KEY]; /* copied */
    sipv_lookup lookup;
    sipv_clock clock;
    sipv_random random;     /* NULL: sipv_random_openssl */
    sipv_same_uri same_uri; /* NULL: the same octets */
    void *with;             /* for all of them */
} sipv_verifier_config;

typedef struct sipv_verifier sipv_verifier;

/* Octets of a verifier: at most 1,024 and 66 for each remembered nonce (twice as many slots of 33
 * octets, since nonces spread over sets of eight by chance). */
SIPV_API size_t sipv_verifier_size(const sipv_verifier_config *config);

/* Makes a verifier in `memory`, aligned for any type, of sipv_verifier_size() octets or more, all
 * it will ever use.  NULL if the memory is too small or the configuration is wrong: no lookup or
 * clock, realm empty, too long or with CR, LF, NUL; late above its maximum; an algorithm or qop
 * that does not exist; SIPV_QOP_NONE beside others, which would let a client leave out what was
 * offered. */
SIPV_API sipv_verifier *sipv_verifier_init(void *memory, size_t size,
                                           const sipv_verifier_config *config);
/* Wipes it. */
SIPV_API void sipv_verifier_close(sipv_verifier *v);

/* Octets of a nonce. */
#define SIPV_NONCE_DIGITS 64

/* Writes one challenge, the value of a WWW-Authenticate header: of all offered algorithms that the
 * hasher has that with number `index`, the strongest first.  At most `cap` bytes; `*n` is what it
 * needs.  SIPV_OK; SIPV_END: no more algorithms; SIPV_NO_SPACE; SIPV_ABSENT: no randomness. */
SIPV_API int sipv_verifier_challenge(sipv_verifier *v, sipv_hasher *h, unsigned index, bool stale,
                                     void *out, size_t cap, size_t *n);

/* The request that the credentials came with. */
typedef struct sipv_verifier_request {
    sipv_slice method, request_uri;
    sipv_slice body;      /* for auth-int; absent is empty */
    sipv_slice body_hash; /* as in sipv_digest */
} sipv_verifier_request;

/* Judges credentials; no argument may be NULL.  SIPV_FINE, and the window has moved; or the first
 * reason against them, and nothing has changed.  The order: form, scheme, realm, nonce, algorithm,
 * qop, userhash, uri, length of the response, user, response, age, nc.  Only with
 * SIPV_NONCE_EXPIRED or SIPV_NONCE_USED is the response right and shall be asked for again with
 * stale=true (sipv_auth_reason_is_stale). What the sender is told should be the same for an unknown
 * user and a wrong response; it takes the same hashes. */
SIPV_API sipv_auth_reason sipv_verify(sipv_verifier *v, sipv_hasher *h,
                                      const sipv_verifier_request *request,
                                      const sipv_credentials *c);
/* The right response, but a nonce that is used up: challenge again with stale=true. */
SIPV_API bool sipv_auth_reason_is_stale(sipv_auth_reason r);

/* Writes the value of an Authentication-Info header for the response to a verified request:
 * rspauth over `body`, qop, cnonce, nc, and a new nonce if `next`.  Without qop there is no rspauth
 * (RFC 2617 3.2.3); a session of a -sess algorithm keeps its nonce.  SIPV_OK; SIPV_NO_SPACE;
 * SIPV_ABSENT: no randomness, no such user, or OpenSSL has not got the hash; SIPV_BAD_ARGUMENT:
 * nothing to say. */
SIPV_API int sipv_verifier_info(sipv_verifier *v, sipv_hasher *h, const sipv_credentials *c,
                                sipv_slice body, bool next, void *out, size_t cap, size_t *n);

#ifdef __cplusplus
}
#endif
#endif
