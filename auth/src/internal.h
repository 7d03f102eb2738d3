/* What the files of the digest library share. */
#ifndef SIPV_AUTH_INTERNAL_H
#define SIPV_AUTH_INTERNAL_H

#include <sipvet/auth.h>

#include "sum.h"

/* ---- hasher.c
 * ------------------------------------------------------------------------------------
 */

struct sipv_hasher {
    struct sipv_sum work[SIPV_FUNCTIONS]; /* for whatever is there at once ... */
    struct sipv_sum body[SIPV_FUNCTIONS]; /* ... and for a body in pieces, */
    struct sipv_sum *of_body;             /* this one at present */
};

/* The hash of texts with ':' between them.  SIPV_OK or SIPV_ABSENT. */
int sipv_hash_join(sipv_hasher *h, sipv_algorithm a, const sipv_slice *parts, size_t n,
                   sipv_digits *out);
/* The hash of `n` texts as octets, 16 or 32 of them. */
int sipv_hash_octets(sipv_hasher *h, sipv_algorithm a, const sipv_slice *parts, size_t n,
                     unsigned char *out);
/* Octets as lower-case hex digits, in the same time whatever they are; `out` has room for 2 * n. */
void sipv_hex_write(const unsigned char *octets, size_t n, char *out);
/* Are all of them such digits, sixteen or a multiple of that?  Whether they are may be known; which
 * they are may not, so no branch depends on one of them. */
bool sipv_hex_is(sipv_slice s);
/* Lower-case hex digits, an even number, as octets; false if there is another character. */
bool sipv_hex_read(sipv_slice digits, unsigned char *out);

/* ---- hmac.c -------------------------------------------------------------------------------------
 */

enum { SIPV_HMAC_KEY = SIPV_VERIFIER_KEY, SIPV_HMAC_SIZE = 32 };
/* HMAC-SHA-256 (RFC 2104) of two texts, one behind the other. */
int sipv_hmac(sipv_hasher *h, const unsigned char key[SIPV_HMAC_KEY], sipv_slice first,
              sipv_slice second, unsigned char out[SIPV_HMAC_SIZE]);

/* ---- recipe.c: a response, right or wrong -----------------------------------------------------
 */

/* How A1 of a session takes HA1 (RFC 2617, erratum 1649: in hex). */
enum sipv_session { SIPV_SESSION_NONE, SIPV_SESSION_HEX, SIPV_SESSION_RAW };
enum { SIPV_MIDDLE_MAX = 4 };

struct sipv_recipe {
    sipv_algorithm hash;
    enum sipv_session session;
    bool upper; /* hashes enter other hashes in capital digits */
    sipv_slice username, realm, password, ha1;
    sipv_slice session_nonce, session_cnonce;
    sipv_slice method, uri;
    bool hash_body;                     /* A2 ends with the hash of the body ... */
    sipv_slice body, body_hash;         /* ... which is there, or is made of `body` */
    sipv_slice middle[SIPV_MIDDLE_MAX]; /* between the two hashes of the final string */
    size_t n_middle;
};

/* SIPV_OK or SIPV_ABSENT.  `steps` may be NULL. */
int sipv_recipe_run(sipv_hasher *h, const struct sipv_recipe *r, sipv_digest_steps *steps,
                    sipv_digits *out);
/* The right one.  SIPV_OK or SIPV_BAD_ARGUMENT. */
int sipv_recipe_of(const sipv_digest *d, bool rspauth, struct sipv_recipe *r);

/* ---- write.c ------------------------------------------------------------------------------------
 */

/* A header value on its way into the caller's buffer. */
struct sipv_writer {
    unsigned char *out;
    size_t cap, n;
    bool bad;  /* CR, LF or NUL */
    bool more; /* a parameter stands before */
};
void sipv_put(struct sipv_writer *w, const void *p, size_t n);
void sipv_put_text(struct sipv_writer *w, const char *text);
/* `, name="value"` with quoted-pairs, and `, name=value`; nothing for an absent value. */
void sipv_put_quoted(struct sipv_writer *w, const char *name, sipv_slice value);
void sipv_put_bare(struct sipv_writer *w, const char *name, sipv_slice value);
/* SIPV_OK, SIPV_NO_SPACE or SIPV_BAD_ARGUMENT. */
int sipv_put_end(const struct sipv_writer *w, size_t *n);

/* ---- nonce.c ------------------------------------------------------------------------------------
 */

struct sipv_nonce {
    uint64_t made_ms, number;
    unsigned algorithm, qops;
};
/* The digits of a nonce for `realm`. */
int sipv_nonce_write(sipv_hasher *h, const unsigned char *key, sipv_slice realm,
                     const struct sipv_nonce *nonce, char out[SIPV_NONCE_DIGITS]);
/* False if it was not written with this key for this realm. */
bool sipv_nonce_read(sipv_hasher *h, const unsigned char *key, sipv_slice realm, sipv_slice text,
                     struct sipv_nonce *nonce);

/* ---- window.c -----------------------------------------------------------------------------------
 */

enum { SIPV_WINDOW_WAYS = 8 };

/* An answered nonce. */
struct sipv_window_slot {
    uint64_t number;  /* of the nonce, never 0; 0: a free slot */
    uint64_t made_ms; /* when the nonce was made */
    uint64_t seen;    /* bit i: nc `highest` - i has been there */
    uint32_t highest;
};

/* Nonces are spread over sets of slots by their number, which is random. */
struct sipv_window_set {
    struct sipv_window_slot slot[SIPV_WINDOW_WAYS];
    uint64_t known_ms; /* nonces made before may have been here, and are not believed to be new */
};

/* How many sets hold `nonces` nonces. */
size_t sipv_window_sets(size_t nonces);
/* A right response with nc `nc` on this nonce: SIPV_FINE and it is written down, or why not. Nonces
 * made before `dead_ms` are too old, and their slots are free. */
sipv_auth_reason sipv_window_take(struct sipv_window_set *sets, size_t n_sets,
                                  const struct sipv_nonce *nonce, uint32_t nc, unsigned late,
                                  uint64_t dead_ms);

/* ---- fields.c -----------------------------------------------------------------------------------
 */

/* A parameter that has a field of its own. */
struct sipv_field_spec {
    const char *name;
    uint16_t rule;           /* what its value must be */
    bool required, extended; /* `extended`: RFC 5987 */
    size_t offset;           /* of the slice in the view's struct */
};
/* All of a view; they end with a NULL name. */
extern const struct sipv_field_spec sipv_challenge_fields[], sipv_credentials_fields[],
    sipv_info_fields[];
enum { SIPV_FIELDS_MAX = 32 };

static inline sipv_slice sipv_none(void)
{
    return sipv_slice_of(NULL, 0);
}

#endif
