/* What a server must make of right answers: the counts that it has taken, for each nonce.
 *
 * The model knows nothing of tables or hashes; where the server may have forgotten a nonce, being
 * asked again is right as well, and must remain so. */
#ifndef FUZZ_DIGEST_MODEL_H
#define FUZZ_DIGEST_MODEL_H

#include <sipvet/auth.h>

enum { FUZZ_MODEL_NONCES = 32, FUZZ_MODEL_COUNTS = 64 };

struct fuzz_nonce {
    char digits[SIPV_NONCE_DIGITS];
    sipv_algorithm algorithm;
    uint64_t made_ms;
    uint32_t counts[FUZZ_MODEL_COUNTS]; /* that were taken */
    unsigned n_counts;
    uint32_t highest; /* of them */
    bool forgotten;
};

struct fuzz_digest_model {
    struct fuzz_nonce nonces[FUZZ_MODEL_NONCES]; /* in the order in which they were made */
    unsigned n_nonces;
    unsigned answered;   /* nonces that have been */
    unsigned late;       /* by how much a count may be below the highest */
    bool one_response;   /* there is no qop: a nonce is for one response */
    bool clock_was_back; /* it has been set back */
};

/* As the server begins: without a nonce. */
void fuzz_model_init(struct fuzz_digest_model *m, unsigned late, bool one_response);

/* The nonce of these digits; NULL: it is not among those that the model keeps. */
struct fuzz_nonce *fuzz_model_find(struct fuzz_digest_model *m, sipv_slice digits);

/* The server has made a nonce, which must be a new one.  It is kept if there is room. */
void fuzz_model_add(struct fuzz_digest_model *m, sipv_slice digits, sipv_algorithm algorithm,
                    uint64_t now_ms);

/* What the server has made of a right answer with this count, which must be what it should, and is
 * remembered.  `nonce` is of the model and has less than FUZZ_MODEL_COUNTS counts. */
void fuzz_model_judged(struct fuzz_digest_model *m, struct fuzz_nonce *nonce, uint32_t count,
                       uint64_t now_ms, sipv_auth_reason reason);

#endif
