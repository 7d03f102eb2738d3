/* Refused for want of a hash or of random numbers.
 *
 * Asked for: see digest_refusals.c. */
#include <string.h>

#include "digest_refused.h"
#include "openssl_fails.h"
#include "secrets.h"

enum { VALUE = FUZZ_REFUSED_VALUE };

static unsigned char value[VALUE], memory[VALUE];

static const char *function_of(sipv_algorithm a)
{
    static const char *const names[] = {"MD5", "SHA2-256", "SHA2-512/256"};
    return names[(unsigned)a / 2];
}

/* A hasher without that function; made once. */
static sipv_hasher *without(sipv_algorithm a)
{
    static sipv_hasher *hashers[3];
    sipv_hasher **h = &hashers[(unsigned)a / 2];
    fuzz_openssl.refused = function_of(a);
    if (!*h)
        *h = sipv_hasher_new();
    fuzz_openssl.refused = NULL;
    FUZZ_CHECK(digest, *h && !sipv_hasher_has(*h, a), "a hash that was refused");
    return *h;
}

/* In FIPS mode there is no MD5.  The seal of a nonce is SHA-256. */
static void refuse_hash(struct fuzz_exchange *x)
{
    const struct fuzz_scenario *const s = x->s;
    sipv_hasher *const h = without(s->algorithm);
    const bool sealed = s->algorithm / 2 != SIPV_SHA_256 / 2;
    const sipv_challenge ch = fuzz_foreign_challenge(s);
    sipv_digits out;
    sipv_client other;
    size_t n;
    const sipv_digest d = fuzz_digest_of(s);
    const sipv_suspects suspects = {.right = d};
    sipv_mistake mistake;
    GIVES(SIPV_ABSENT, sipv_digest_ha1(h, s->algorithm, s->username, s->realm, s->password, &out));
    GIVES(SIPV_ABSENT, sipv_body_begin(h, s->algorithm));
    GIVES(SIPV_ABSENT, sipv_digest_response(h, &d, NULL, &out));
    GIVES(SIPV_ABSENT, sipv_client_answer(&x->client, h, &x->request, value, VALUE, &n));
    GIVES(SIPV_OK, sipv_client_init(&other, memory, sizeof memory, NULL));
    GIVES(SIPV_ABSENT, sipv_client_challenged(&other, h, &ch, 1));
    GIVES(SIPV_ABSENT, sipv_mistake_find(h, &suspects, sipv_slice_text("0a"), &mistake, NULL));
    GIVES(sealed ? SIPV_HASH_UNAVAILABLE : SIPV_NONCE_FOREIGN,
          fuzz_judge_by(x, &x->config, h, &x->sent));
    if (s->qop != SIPV_QOP_NONE)
        GIVES(SIPV_ABSENT, sipv_verifier_info(x->server->verifier, h, &x->sent, s->body, false,
                                              value, VALUE, &n));
    for (unsigned i = 0;; i++) {
        const int result =
            sipv_verifier_challenge(x->server->verifier, h, i, false, value, VALUE, &n);
        if (result == SIPV_END)
            break;
        GIVES(sealed ? SIPV_OK : SIPV_ABSENT, result);
    }
}

/* Hashes through EVP are the same; where one of its calls fails nothing verifies, and no wrong
 * response comes out. */
static void fail_hashes(struct fuzz_exchange *x)
{
    const struct fuzz_scenario *const s = x->s;
    static sipv_hasher *evp;
    sipv_digits directly, out;
    const sipv_digest d = fuzz_digest_of(s);
    const sipv_suspects suspects = {.right = d, .qop_options = sipv_slice_text("auth-int")};
    sipv_mistake mistake;
    const uint64_t fails_at = 1 + (s->asked >> 1 | (s->number & 1) << 5);
    fuzz_openssl.foreign = true;
    if (!evp)
        evp = sipv_hasher_new();
    fuzz_openssl.foreign = false;
    GIVES(SIPV_OK, sipv_digest_response(x->server->hasher, &d, NULL, &directly));
    GIVES(SIPV_OK, sipv_digest_response(evp, &d, NULL, &out));
    FUZZ_CHECK(digest, sipv_digits_equal(&out, sipv_digits_slice(&directly)),
               "another hash through EVP");
    fuzz_openssl.calls = 0;
    fuzz_openssl.fails_at = fails_at;
    const int result = sipv_digest_response(evp, &d, NULL, &out);
    FUZZ_CHECK(digest, result == (fuzz_openssl.calls < fails_at ? SIPV_OK : SIPV_ABSENT),
               "a hash that failed gives a response");
    fuzz_openssl.calls = 0;
    const sipv_auth_reason reason = fuzz_judge_by(x, &x->config, evp, &x->sent);
    FUZZ_CHECK(digest, (reason == SIPV_FINE) == (fuzz_openssl.calls < fails_at),
               "a hash that failed verifies, or one that did not does not");
    fuzz_openssl.calls = 0;
    if (sipv_body_begin(evp, s->algorithm) == SIPV_OK) {
        int end = sipv_body_add(evp, s->body.p, s->body.n);
        if (end == SIPV_OK)
            end = sipv_body_end(evp, &out);
        FUZZ_CHECK(digest, end == (fuzz_openssl.calls < fails_at ? SIPV_OK : SIPV_ABSENT),
                   "the hash of a body failed");
    }
    fuzz_openssl.calls = 0;
    GIVES(SIPV_ABSENT, sipv_mistake_find(evp, &suspects, sipv_slice_text("0a"), &mistake, NULL));
    fuzz_openssl.calls = 0;
    fuzz_openssl.fails_at = fails_at <= 6 ? fails_at : 0;
    sipv_hasher *const h = sipv_hasher_new(); /* a function that is there once only is not there */
    FUZZ_CHECK(digest, !h == (fuzz_openssl.fails_at != 0), "a hasher that lacks half a function");
    sipv_hasher_free(h);
    fuzz_openssl.fails_at = 0;
}

static void fail_random(struct fuzz_server *server)
{
    unsigned char octets[8];
    size_t n;
    server->random_fails = fuzz_openssl.no_random = true;
    GIVES(SIPV_ABSENT,
          sipv_verifier_challenge(server->verifier, server->hasher, 0, false, value, VALUE, &n));
    FUZZ_CHECK(digest, !sipv_random_openssl(NULL, octets, sizeof octets), "random from nowhere");
    server->random_fails = fuzz_openssl.no_random = false;
    FUZZ_CHECK(digest, sipv_random_openssl(NULL, octets, sizeof octets), "no random");
    FUZZ_CHECK(digest, !sipv_random_openssl(NULL, NULL, (size_t)INT32_MAX + 1), "too much random");
}

void fuzz_refuse_without_openssl(struct fuzz_exchange *x)
{
    fail_random(x->server);
    if (fuzz_guards_secrets()) /* MemorySanitizer does not see what EVP writes */
        return;
    refuse_hash(x);
    if (x->s->asked & 1)
        fail_hashes(x);
}
