#include <string.h>

#include "digest_model.h"
#include "oracle.h"
#include "server.h"

/* So many nonces that have been answered a server remembers in any case. */
enum { SURELY_REMEMBERED = 8 };
#define REASON(r) (1u << (r))

void fuzz_model_init(struct fuzz_digest_model *m, unsigned late, bool one_response)
{
    m->n_nonces = m->answered = 0;
    m->late = late;
    m->one_response = one_response;
    m->clock_was_back = false;
}

struct fuzz_nonce *fuzz_model_find(struct fuzz_digest_model *m, sipv_slice digits)
{
    for (unsigned i = 0; i < m->n_nonces; i++)
        if (sipv_slice_equal(sipv_slice_of(m->nonces[i].digits, SIPV_NONCE_DIGITS), digits))
            return &m->nonces[i];
    return NULL;
}

void fuzz_model_add(struct fuzz_digest_model *m, sipv_slice digits, sipv_algorithm algorithm,
                    uint64_t now_ms)
{
    FUZZ_CHECK(digest, digits.n == SIPV_NONCE_DIGITS && !fuzz_model_find(m, digits),
               "the same nonce again");
    if (m->n_nonces == FUZZ_MODEL_NONCES)
        return;
    struct fuzz_nonce *const nonce = &m->nonces[m->n_nonces++];
    memset(nonce, 0, sizeof *nonce);
    memcpy(nonce->digits, digits.p, digits.n);
    nonce->algorithm = algorithm;
    nonce->made_ms = now_ms;
}

static bool was_taken(const struct fuzz_nonce *nonce, uint32_t count)
{
    for (unsigned i = 0; i < nonce->n_counts; i++)
        if (nonce->counts[i] == count)
            return true;
    return false;
}

/* A nonce whose time is over, or that would be made when its time is over. */
static bool is_old(const struct fuzz_nonce *nonce, uint64_t now_ms)
{
    return nonce->made_ms > now_ms ? nonce->made_ms - now_ms > FUZZ_SERVER_LIFE_MS
                                   : now_ms - nonce->made_ms > FUZZ_SERVER_LIFE_MS;
}

/* Which reasons are right for a right answer with this count (RFC 7616 3.4, 5.5). */
static unsigned expected(const struct fuzz_digest_model *m, const struct fuzz_nonce *nonce,
                         uint32_t count, uint64_t now_ms)
{
    enum { SEEN = 64 }; /* so many counts the server can tell from others */
    const bool may_forget = m->answered >= SURELY_REMEMBERED || m->clock_was_back;
    const unsigned used = may_forget ? REASON(SIPV_NONCE_USED) : 0;
    if (is_old(nonce, now_ms))
        return REASON(SIPV_NONCE_EXPIRED);
    if (nonce->forgotten)
        return REASON(SIPV_NONCE_USED);
    if (nonce->n_counts == 0)
        return REASON(SIPV_FINE) | used;
    if (m->one_response)
        return REASON(SIPV_NONCE_USED);
    if (count > nonce->highest)
        return REASON(SIPV_FINE) | used;
    if (was_taken(nonce, count) && nonce->highest - count < SEEN)
        return REASON(SIPV_NC_REPLAYED) | used;
    return used | (nonce->highest - count > m->late ? REASON(SIPV_NC_LOW) : REASON(SIPV_FINE));
}

static void take(struct fuzz_digest_model *m, struct fuzz_nonce *nonce, uint32_t count)
{
    FUZZ_CHECK(digest, !was_taken(nonce, count), "a count is taken twice");
    m->answered += nonce->n_counts == 0;
    if (nonce->n_counts < FUZZ_MODEL_COUNTS)
        nonce->counts[nonce->n_counts++] = count;
    nonce->highest = count > nonce->highest ? count : nonce->highest;
}

void fuzz_model_judged(struct fuzz_digest_model *m, struct fuzz_nonce *nonce, uint32_t count,
                       uint64_t now_ms, sipv_auth_reason reason)
{
    FUZZ_CHECK(digest, (expected(m, nonce, count, now_ms) & REASON(reason)) != 0,
               "a count is judged otherwise");
    if (reason == SIPV_NONCE_USED)
        nonce->forgotten = true;
    if (reason == SIPV_FINE)
        take(m, nonce, count);
}
