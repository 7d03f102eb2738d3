/* What the parts of the scene of mistakes share: see digest_mistakes.c. */
#ifndef FUZZ_DIGEST_MISTAKE_H
#define FUZZ_DIGEST_MISTAKE_H

#include "digest.h"
#include "text.h"

/* Candidates of each kind. */
enum { FUZZ_CANDIDATES = 2 };

/* A response as somebody computes it. */
struct fuzz_recipe {
    sipv_algorithm algorithm;
    bool session, raw; /* -sess; over the octets of HA1, not its digits */
    bool upper;        /* hashes enter others in capital digits */
    bool capital;      /* and the response is written so */
    bool integrity;    /* A2 has the body */
    sipv_slice username, realm, password, ha1;
    sipv_slice session_nonce, session_cnonce;
    sipv_slice method, uri, body, body_hash;
    sipv_slice middle[4]; /* between the two hashes of the final string */
    unsigned n_middle;
};

/* What it is about. */
struct fuzz_subject {
    sipv_hasher *h;
    sipv_suspects suspects;
    struct fuzz_recipe right;
};

/* digest_recipe.c: texts that are put together, kept until the end of the input. */
extern struct fuzz_out fuzz_texts;
/* Texts in a row. */
sipv_slice fuzz_join(sipv_slice a, const char *mark, sipv_slice b);
/* With quotes, and a backslash in front of what needs one. */
sipv_slice fuzz_quoted(sipv_slice s);
sipv_slice fuzz_hash(const struct fuzz_subject *x, sipv_algorithm a, sipv_slice text);
/* The response, in digits. */
sipv_slice fuzz_compute(const struct fuzz_subject *x, const struct fuzz_recipe *r);

/* digest_errors.c: the mistakes, in the order of the catalogue. */
struct fuzz_mistake {
    const char *name;
    /* Turns the right recipe into the wrong one in the way number `way`; false if there is none. */
    bool (*make)(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way);
    const sipv_auth_candidate *candidates; /* NULL: it has none */
};
enum { FUZZ_MISTAKES = 28 };
extern const struct fuzz_mistake fuzz_mistakes[FUZZ_MISTAKES];
extern const sipv_auth_candidate fuzz_realms[FUZZ_CANDIDATES], fuzz_nonces[FUZZ_CANDIDATES],
    fuzz_methods[FUZZ_CANDIDATES], fuzz_uris[FUZZ_CANDIDATES];

#endif
