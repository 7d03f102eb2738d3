/* sipvet/auth.h - Digest authentication (RFC 3261 section 22, 2617, 7616, 8760) for SIP, HTTP and
 * RTSP: challenges and credentials as views over header values, the response, both sides of the
 * exchange, and the mistakes that are made in it.
 *
 *     sipv_event events[64];
 *     unsigned char text[256];
 *     sipv_room room = sipv_room_of(events, 64, text, sizeof text);
 *     sipv_credentials c;
 *     if (sipv_credentials_parse(value, &room, &c) == SIPV_OK && c.fault.reason == SIPV_FINE)
 *         ...;
 *
 * Parsing and computing allocate nothing and keep no global state.  Hashes come from OpenSSL: a
 * sipv_hasher fetches them once and is for one thread at a time.  Buffers that held a password, an
 * HA1 or a key are wiped before a function returns. */
#ifndef SIPVET_AUTH_H
#define SIPVET_AUTH_H

#include <sipvet/grammar.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The grammar of challenges and credentials; its rules stand in auth/abnf. */
SIPV_API const sipv_grammar *sipv_auth_grammar(void);

/* ---- Algorithms and qop -------------------------------------------------------------------------
 */

/* RFC 7616 section 3.2, RFC 8760 section 2.1; the stronger the higher. */
typedef enum sipv_algorithm {
    SIPV_MD5,
    SIPV_MD5_SESS,
    SIPV_SHA_256,
    SIPV_SHA_256_SESS,
    SIPV_SHA_512_256,
    SIPV_SHA_512_256_SESS,
    SIPV_ALGORITHM_COUNT,
    SIPV_ALGORITHM_OTHER = SIPV_ALGORITHM_COUNT /* none of these */
} sipv_algorithm;

/* The algorithm of a token, letters without case; absent is MD5 (RFC 2617 3.2.1). */
SIPV_API sipv_algorithm sipv_algorithm_find(sipv_slice token);
/* "SHA-256-sess"; NULL for SIPV_ALGORITHM_OTHER. */
SIPV_API const char *sipv_algorithm_name(sipv_algorithm a);
/* Hex digits of its hashes: 32 or 64; 0 for SIPV_ALGORITHM_OTHER. */
SIPV_API unsigned sipv_algorithm_digits(sipv_algorithm a);
/* Is it one of the -sess algorithms? */
SIPV_API bool sipv_algorithm_is_session(sipv_algorithm a);

/* Quality of protection.  NONE is the form of RFC 2069, without qop. */
typedef enum sipv_qop { SIPV_QOP_NONE, SIPV_QOP_AUTH, SIPV_QOP_AUTH_INT, SIPV_QOP_OTHER } sipv_qop;

/* The qop of a token, letters without case; absent is SIPV_QOP_NONE. */
SIPV_API sipv_qop sipv_qop_find(sipv_slice token);
/* "auth-int"; NULL for SIPV_QOP_NONE and SIPV_QOP_OTHER. */
SIPV_API const char *sipv_qop_name(sipv_qop qop);

/* Sets of algorithms or qops are numbers with one bit for each. */
#define SIPV_BIT(x) (1u << (unsigned)(x))
#define SIPV_ALGORITHMS_ALL (SIPV_BIT(SIPV_ALGORITHM_COUNT) - 1)

/* ---- Reasons ------------------------------------------------------------------------------------
 */

/* Why a value, or a response, is refused.  sipv_auth_reason_text() has a sentence for each. */
typedef enum sipv_auth_reason {
    SIPV_FINE,
    /* Of the value as such. */
    SIPV_SYNTAX,         /* not what the grammar takes */
    SIPV_NOT_DIGEST,     /* another scheme */
    SIPV_TOO_MANY,       /* more parameters than SIPV_LIMITS_DEFAULT allows */
    SIPV_REPEATED,       /* a parameter twice */
    SIPV_MISSING,        /* a parameter that must be there is not */
    SIPV_FORM,           /* quoted where it must be bare or the reverse, or no value of its rule */
    SIPV_USERNAME_TWICE, /* username and username*, or username* with userhash */
    /* Of credentials for this server, this challenge, this request. */
    SIPV_REALM_OTHER,
    SIPV_ALGORITHM_OTHER_THAN_OFFERED,
    SIPV_QOP_MISSING, /* none, though it was offered */
    SIPV_QOP_OTHER_THAN_OFFERED,
    SIPV_USERHASH_NOT_OFFERED,
    SIPV_OPAQUE_OTHER,
    SIPV_URI_OTHER,     /* not the Request-URI */
    SIPV_NONCE_FOREIGN, /* not made by this verifier for this realm */
    SIPV_USER_UNKNOWN,
    SIPV_HASH_UNAVAILABLE, /* OpenSSL has not got the hash: MD5 in FIPS mode */
    SIPV_RESPONSE_LENGTH,  /* not as many digits as the algorithm has */
    SIPV_RESPONSE_WRONG,
    /* Of right responses. */
    SIPV_NONCE_EXPIRED,
    SIPV_NONCE_USED,  /* without qop, or forgotten by the window: for one response only */
    SIPV_NC_REPLAYED, /* this nc has been there */
    SIPV_NC_LOW,      /* below those that may still come */
    SIPV_AUTH_REASON_COUNT
} sipv_auth_reason;

/* "nc-replayed", "RFC 7616 section 3.4", and a sentence.  For numbers that are no reason: "". */
SIPV_API const char *sipv_auth_reason_name(sipv_auth_reason r);
SIPV_API const char *sipv_auth_reason_rfc(sipv_auth_reason r);
SIPV_API const char *sipv_auth_reason_text(sipv_auth_reason r);

/* What is wrong with a value as such.  `param` is the name of the parameter it is about, or NULL;
 * `off` and `len` count octets in the value, `off` is the first impossible byte of a syntax
 * error. */
typedef struct sipv_fault {
    sipv_auth_reason reason; /* SIPV_FINE: nothing */
    const char *param;
    size_t off, len;
} sipv_fault;

/* ---- Header values ------------------------------------------------------------------------------
 */

/* The caller's storage for the parts of values, and for text that had to be unescaped.  Several
 * values may share one; what was filled from it is valid as long as it and the values are.  A value
 * takes an event for each scheme and two for each parameter, and there must be 32 to spare; of text
 * it takes what it has itself at most, and nothing without backslashes, folds and username*. */
typedef struct sipv_room {
    sipv_event *events;
    size_t cap_events, n_events;
    unsigned char *text;
    size_t cap_text, n_text;
} sipv_room;

static inline sipv_room sipv_room_of(sipv_event *events, size_t cap_events, void *text,
                                     size_t cap_text)
{
    sipv_room room;
    room.events = events;
    room.cap_events = cap_events;
    room.n_events = 0;
    room.text = (unsigned char *)text;
    room.cap_text = cap_text;
    room.n_text = 0;
    return room;
}

/* Of all views: text fields are the octets that are meant, without quotes and quoted-pairs, a fold
 * as one space; they point into the value, or into the room if something had to be unescaped.
 * Absent fields are absent slices.  `params` has all parameters, known or not, as written
 * (sipv_param_next).  `fault` is the first thing that the RFCs forbid; fields are filled all the
 * same where they can be read. A scheme other than Digest has the fault SIPV_NOT_DIGEST and no
 * fields. */

/* One challenge of WWW-Authenticate or Proxy-Authenticate (RFC 7616 3.3). */
typedef struct sipv_challenge {
    sipv_slice text;            /* of the value: from the scheme on */
    sipv_slice scheme, token68; /* token68 of other schemes only */
    sipv_params params;
    sipv_slice realm, domain, nonce, opaque;
    sipv_slice algorithm_text, qop_text; /* as written, without quotes */
    sipv_slice stale_text, userhash_text, charset;
    sipv_algorithm algorithm;
    unsigned qops;        /* set of sipv_qop; NONE if there is no qop parameter */
    bool stale, userhash; /* false if absent */
    sipv_fault fault;
} sipv_challenge;

/* The challenges of one value, in order. */
typedef struct sipv_challenges {
    sipv_slice value;
    const sipv_event *ev;
    size_t n, at;
    sipv_room *room;
} sipv_challenges;

/* Reads a header value with one or several challenges (RFC 7235 4.1).  White space and folds round
 * it are skipped.  SIPV_OK; else *list is empty: SIPV_REJECT: no list of challenges,
 * `*error_offset` (which may be NULL) is the first impossible byte; SIPV_NO_SPACE; SIPV_LIMIT: more
 * octets than SIPV_LIMITS_DEFAULT allows a header. */
SIPV_API int sipv_challenges_parse(sipv_slice value, sipv_room *room, sipv_challenges *list,
                                   size_t *error_offset);
/* The next challenge: SIPV_OK, SIPV_END, or SIPV_NO_SPACE, with which *out is empty and the next
 * call steps over it. */
SIPV_API int sipv_challenges_next(sipv_challenges *list, sipv_challenge *out);

/* Authorization, Proxy-Authorization (RFC 7616 3.4). */
typedef struct sipv_credentials {
    sipv_slice text, scheme, token68;
    sipv_params params;
    sipv_slice username; /* of username or username* (RFC 5987); the hash if `userhash` */
    sipv_slice username_ext, realm, nonce, uri, response, cnonce, opaque;
    sipv_slice algorithm_text, qop_text, nc, userhash_text;
    sipv_algorithm algorithm;
    sipv_qop qop;
    bool userhash;
    sipv_fault fault;
} sipv_credentials;

/* SIPV_OK: read, look at out->fault; else *out is empty: SIPV_NO_SPACE; SIPV_LIMIT.  What cannot be
 * read at all is SIPV_OK with the fault SIPV_SYNTAX: nothing but the text is there. */
SIPV_API int sipv_credentials_parse(sipv_slice value, sipv_room *room, sipv_credentials *out);

/* Authentication-Info, Proxy-Authentication-Info (RFC 7616 3.5, RFC 7615). */
typedef struct sipv_auth_info {
    sipv_slice text;
    sipv_params params;
    sipv_slice nextnonce, rspauth, cnonce, qop_text, nc;
    sipv_qop qop;
    sipv_fault fault;
} sipv_auth_info;

/* As sipv_credentials_parse. */
SIPV_API int sipv_auth_info_parse(sipv_slice value, sipv_room *room, sipv_auth_info *out);

/* What becomes a header value.  Absent fields are left out. */
typedef struct sipv_credentials_parts {
    sipv_slice username, realm, nonce, uri, response, cnonce, opaque, nc;
    sipv_algorithm algorithm;
    bool algorithm_shown; /* false leaves it out, which means MD5 */
    sipv_qop qop;
    bool userhash; /* `username` is its hash */
} sipv_credentials_parts;

/* Writes the value of an Authorization header: at most `cap` bytes, no NUL; `*n` is what it needs.
 * A name that is UTF-8 but not ASCII is written as username* (RFC 7616 3.4).
 * SIPV_OK; SIPV_NO_SPACE; SIPV_BAD_ARGUMENT: CR, LF or NUL in a field, or no such algorithm. */
SIPV_API int sipv_credentials_write(const sipv_credentials_parts *parts, void *out, size_t cap,
                                    size_t *n);

/* ---- Hashes -------------------------------------------------------------------------------------
 */

/* The hash functions, fetched from OpenSSL once, and their contexts.  One thread at a time. */
typedef struct sipv_hasher sipv_hasher;

/* NULL if there is no memory.  A function that OpenSSL refuses (MD5 in FIPS mode) is not there. */
SIPV_API sipv_hasher *sipv_hasher_new(void);
/* Wipes and frees it; NULL is allowed. */
SIPV_API void sipv_hasher_free(sipv_hasher *h);
/* Can it compute this algorithm? */
SIPV_API bool sipv_hasher_has(const sipv_hasher *h, sipv_algorithm a);

/* Lower-case hex digits of a hash, and a NUL. */
#define SIPV_DIGITS_MAX 64
typedef struct sipv_digits {
    unsigned n; /* 0: none */
    char text[SIPV_DIGITS_MAX + 1];
} sipv_digits;

static inline sipv_slice sipv_digits_slice(const sipv_digits *d)
{
    return sipv_slice_of(d->n ? d->text : NULL, d->n);
}

/* Are these the digits?  Takes the same time whatever the digits are. */
SIPV_API bool sipv_digits_equal(const sipv_digits *d, sipv_slice text);

/* Overwrites memory so that no compiler drops it. */
SIPV_API void sipv_wipe(void *p, size_t n);

/* H(username ":" realm ":" password) of any of the algorithms, -sess ones too: what is kept in
 * place of a password (RFC 7616 3.4.2).  SIPV_OK; SIPV_ABSENT: OpenSSL has not got the hash;
 * SIPV_BAD_ARGUMENT: SIPV_ALGORITHM_OTHER. */
SIPV_API int sipv_digest_ha1(sipv_hasher *h, sipv_algorithm a, sipv_slice username,
                             sipv_slice realm, sipv_slice password, sipv_digits *out);
/* H(username ":" realm): what stands for the name with userhash (RFC 7616 3.4.4). */
SIPV_API int sipv_digest_userhash(sipv_hasher *h, sipv_algorithm a, sipv_slice username,
                                  sipv_slice realm, sipv_digits *out);

/* The hash of a body that comes in pieces, for auth-int.  Begin, any number of pieces, end; other
 * hashes may be computed with `h` in between.  Returns as sipv_digest_ha1. */
SIPV_API int sipv_body_begin(sipv_hasher *h, sipv_algorithm a);
SIPV_API int sipv_body_add(sipv_hasher *h, const void *p, size_t n);
SIPV_API int sipv_body_end(sipv_hasher *h, sipv_digits *out);

/* ---- The response -------------------------------------------------------------------------------
 */

/* What a response is made of (RFC 7616 3.4.1 to 3.4.3): octets, exactly as they enter the hash. */
typedef struct sipv_digest {
    sipv_algorithm algorithm;
    sipv_qop qop;
    sipv_slice username, realm, password;
    sipv_slice ha1; /* H(username:realm:password) in hex: then these three are not looked at */
    sipv_slice method, uri;
    sipv_slice nonce, nc,
        cnonce;           /* nc and cnonce without qop: not looked at, but -sess has cnonce */
    sipv_slice body;      /* for auth-int; absent is empty */
    sipv_slice body_hash; /* its hash in hex: then `body` is not looked at */
} sipv_digest;

/* The hashes on the way; wipe what holds ha1 and ha1_session. */
typedef struct sipv_digest_steps {
    sipv_digits ha1;         /* H(username:realm:password) */
    sipv_digits ha1_session; /* H(ha1:nonce:cnonce) of -sess, else none */
    sipv_digits body;        /* H(body) of auth-int, else none */
    sipv_digits ha2;         /* H(A2) */
} sipv_digest_steps;

/* Computes the value of `response`, or of `rspauth` (RFC 7616 3.5), where A2 has no method.
 * `steps` may be NULL.  Allocates nothing.  SIPV_OK; SIPV_ABSENT: OpenSSL has not got the hash;
 * SIPV_BAD_ARGUMENT: no such algorithm or qop; nonce, method or uri absent; neither ha1 nor
 * password; ha1 or body_hash not of the algorithm's length; with qop nc or cnonce absent; with
 * -sess cnonce absent. */
SIPV_API int sipv_digest_response(sipv_hasher *h, const sipv_digest *d, sipv_digest_steps *steps,
                                  sipv_digits *out);
SIPV_API int sipv_digest_rspauth(sipv_hasher *h, const sipv_digest *d, sipv_digest_steps *steps,
                                 sipv_digits *out);

/* The eight hex digits of nc. */
#define SIPV_NC_DIGITS 8
SIPV_API void sipv_nc_write(uint32_t count, char out[SIPV_NC_DIGITS]);
/* SIPV_OK, or SIPV_REJECT if it is not eight digits 0-9, a-f. */
SIPV_API int sipv_nc_read(sipv_slice nc, uint32_t *count);

/* ---- Randomness ---------------------------------------------------------------------------------
 */

/* Fills `n` bytes that nobody can foresee; false if there are none.  `with` is the caller's. */
typedef bool (*sipv_random)(void *with, unsigned char *out, size_t n);
/* That of OpenSSL; `with` is not looked at. */
SIPV_API bool sipv_random_openssl(void *with, unsigned char *out, size_t n);

#include <sipvet/auth_client.h>
#include <sipvet/auth_mistakes.h>
#include <sipvet/auth_verifier.h>

#ifdef __cplusplus
}
#endif
#endif
