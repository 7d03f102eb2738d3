/* sipvet/auth_mistakes.h - which known mistake makes a response that does not verify; included by
 * <sipvet/auth.h>.
 *
 * Each mistake is a way of computing a response otherwise than RFC 7616 says that some
 * implementation has gone.  They are tried one by one; that which gives the received value names
 * what its sender did. */
#ifndef SIPVET_AUTH_MISTAKES_H
#define SIPVET_AUTH_MISTAKES_H

#include <sipvet/auth.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A text that may have been taken in place of the right one, and what it is: "uri of To". */
typedef struct sipv_auth_candidate {
    const char *what;
    sipv_slice text;
} sipv_auth_candidate;

/* What there is to try with.  `right` is the computation as it should be; its algorithm, qop and
 * texts are those of the credentials.  All else may be absent: then what needs it is not tried. */
typedef struct sipv_suspects {
    sipv_digest right;
    bool rspauth;           /* it is the server's answer, A2 has no method */
    sipv_slice domain;      /* the user's, as in user@domain */
    sipv_slice qop_options; /* the qop of the challenge, unquoted: "auth,auth-int" */
    sipv_slice username_written, realm_written, nonce_written; /* with quotes and backslashes */
    sipv_slice body_behind;                                    /* octets that follow the body */
    const sipv_auth_candidate *realms, *methods, *uris, *nonces;
    size_t n_realms, n_methods, n_uris, n_nonces;
} sipv_suspects;

typedef struct sipv_mistake {
    const char *name;   /* "nc-unpadded" */
    const char *text;   /* a sentence */
    const char *detail; /* which candidate it was, or NULL */
} sipv_mistake;

/* How many mistakes are known, and the name and sentence of each, from 0; NULL behind the last. */
SIPV_API size_t sipv_mistake_count(void);
SIPV_API const char *sipv_mistake_name(size_t i);
SIPV_API const char *sipv_mistake_text(size_t i);

/* The first mistake that gives `received`.  SIPV_OK; SIPV_ABSENT: none does, or the response is
 * right.  `*tried` (may be NULL) is how many responses were computed. */
SIPV_API int sipv_mistake_find(sipv_hasher *h, const sipv_suspects *s, sipv_slice received,
                               sipv_mistake *out, size_t *tried);

#ifdef __cplusplus
}
#endif
#endif
