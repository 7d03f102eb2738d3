/* Refused by the server: configurations, credentials, arguments. */
#include <string.h>

#include "digest_refused.h"
#include "openssl_fails.h"

enum { VALUE = FUZZ_REFUSED_VALUE };

static unsigned char value[VALUE];

/* ---- The verifier ------------------------------------------------------------------------------
 */

void fuzz_refuse_configurations(struct fuzz_server *server)
{
    static unsigned char long_realm[256];
    const sipv_verifier_config wanted = {.realm = sipv_slice_text("r")};
    const sipv_verifier_config right = fuzz_server_config(server, &wanted);
    const size_t size = sipv_verifier_size(&right);
    sipv_verifier_config c = right;
    memset(long_realm, 'r', sizeof long_realm);
#define WRONG(field, wrong)                                                                        \
    c = right;                                                                                     \
    c.field = wrong;                                                                               \
    GIVES(NULL, sipv_verifier_init(server->memory, sizeof server->memory, &c))
    WRONG(lookup, NULL);
    WRONG(clock, NULL);
    WRONG(realm, sipv_slice_of("", 0));
    WRONG(realm, sipv_slice_of(long_realm, sizeof long_realm));
    WRONG(realm, sipv_slice_of("a\0", 2));
    WRONG(realm, sipv_slice_text("a\n"));
    WRONG(realm, sipv_slice_text("a\r"));
    WRONG(late, SIPV_VERIFIER_LATE_MAX + 1);
    WRONG(algorithms, SIPV_BIT(SIPV_ALGORITHM_OTHER));
    WRONG(qops, SIPV_BIT(SIPV_QOP_OTHER));
    WRONG(qops, SIPV_BIT(SIPV_QOP_NONE) | SIPV_BIT(SIPV_QOP_AUTH));
    WRONG(nonces, SIZE_MAX);
    WRONG(nonces, 0); /* that is 1,024: too many for this memory */
#undef WRONG
    GIVES(NULL, sipv_verifier_init(NULL, size, &right));
    GIVES(NULL, sipv_verifier_init(server->memory, size, NULL));
    GIVES(NULL, sipv_verifier_init(server->memory, size - 1, &right));
    fuzz_openssl.no_lock = true;
    GIVES(NULL, sipv_verifier_init(server->memory, size, &right));
    fuzz_openssl.no_lock = false;
    sipv_verifier_close(NULL);
}

static bool never_the_same(void *with, sipv_slice uri, sipv_slice request_uri)
{
    (void)with;
    (void)uri;
    (void)request_uri;
    return false;
}

/* A right response over a count of another form, which no header value could bring. */
static void refuse_count(struct fuzz_server *server, const struct fuzz_scenario *s,
                         const sipv_verifier_request *request, const sipv_credentials *right)
{
    sipv_credentials c = *right;
    sipv_digits response;
    sipv_digest d = fuzz_digest_of(s);
    if (s->qop == SIPV_QOP_NONE)
        return;
    c.nc = d.nc = sipv_slice_text("1");
    d.nonce = c.nonce;
    d.cnonce = c.cnonce;
    GIVES(SIPV_OK, sipv_digest_response(server->hasher, &d, NULL, &response));
    c.response = sipv_digits_slice(&response);
    GIVES(SIPV_FORM, sipv_verify(server->verifier, server->hasher, request, &c));
}

sipv_auth_reason fuzz_judge_by(const struct fuzz_exchange *x, const sipv_verifier_config *config,
                               sipv_hasher *h, const sipv_credentials *c)
{
    _Alignas(max_align_t) static unsigned char room[sizeof x->server->memory];
    const sipv_verifier_request request = {x->s->method, x->s->uri, x->s->body, {NULL, 0}};
    sipv_verifier *v = sipv_verifier_init(room, sizeof room, config);
    FUZZ_CHECK(digest, v != NULL, "a configuration is refused");
    const sipv_auth_reason reason = sipv_verify(v, h, &request, c);
    sipv_verifier_close(v);
    return reason;
}

static void judge_by_others(const struct fuzz_exchange *x)
{
    const struct fuzz_scenario *const s = x->s;
    struct fuzz_server *const server = x->server;
    sipv_verifier_config other;
#define OTHER(field, another, reason)                                                              \
    other = x->config;                                                                             \
    other.field = another;                                                                         \
    GIVES(reason, fuzz_judge_by(x, &other, server->hasher, &x->sent))
    OTHER(nonces, 1, SIPV_FINE);
    OTHER(algorithms, SIPV_ALGORITHMS_ALL & ~SIPV_BIT(s->algorithm),
          SIPV_ALGORITHM_OTHER_THAN_OFFERED);
    OTHER(same_uri, never_the_same, SIPV_URI_OTHER);
    OTHER(key[7], x->config.key[7] ^ 1, SIPV_NONCE_FOREIGN);
    OTHER(nonce_ms, 1, SIPV_FINE);
    if (s->qop != SIPV_QOP_NONE) {
        OTHER(qops, FUZZ_BOTH_QOPS & ~SIPV_BIT(s->qop), SIPV_QOP_OTHER_THAN_OFFERED);
    }
#undef OTHER
    server->nameless = true;
    GIVES(s->userhash && !s->by_ha1 ? SIPV_USER_UNKNOWN : SIPV_FINE,
          fuzz_judge_by(x, &x->config, server->hasher, &x->sent));
    server->nameless = false;
}

/* Credentials that are right but for one thing, each with its reason. */
static void refuse_credentials(struct fuzz_server *server, const struct fuzz_scenario *s,
                               const sipv_credentials *right)
{
    const sipv_verifier_request request = {s->method, s->uri, s->body, {NULL, 0}};
    static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
    sipv_credentials c;
#define BUT(field, other, reason)                                                                  \
    c = *right;                                                                                    \
    c.field = other;                                                                               \
    GIVES(reason, sipv_verify(server->verifier, server->hasher, &request, &c))
    BUT(fault.reason, SIPV_REPEATED, SIPV_REPEATED);
    BUT(realm, sipv_slice_text("of nobody"), SIPV_REALM_OTHER);
    BUT(nonce, sipv_slice_text(zeros), SIPV_NONCE_FOREIGN);
    BUT(nonce, sipv_slice_of(zeros, 63), SIPV_NONCE_FOREIGN);
    BUT(nonce,
        sipv_slice_of(" 0000000000000000000000000000000000000000000000000000000000000000", 64),
        SIPV_NONCE_FOREIGN);
    BUT(algorithm, SIPV_ALGORITHM_OTHER, SIPV_ALGORITHM_OTHER_THAN_OFFERED);
    BUT(algorithm, (sipv_algorithm)((unsigned)s->algorithm ^ 1), SIPV_ALGORITHM_OTHER_THAN_OFFERED);
    BUT(qop, SIPV_QOP_OTHER, SIPV_QOP_OTHER_THAN_OFFERED);
    if (s->qop != SIPV_QOP_NONE) {
        BUT(qop, SIPV_QOP_NONE, SIPV_QOP_MISSING);
    }
    if (!s->userhash) {
        BUT(userhash, true, SIPV_USERHASH_NOT_OFFERED);
    }
    BUT(uri, sipv_slice_text("sip:nobody"), SIPV_URI_OTHER);
    BUT(response, sipv_slice_text("0a"), SIPV_RESPONSE_LENGTH);
    BUT(response, sipv_slice_of(zeros, sipv_algorithm_digits(s->algorithm)), SIPV_RESPONSE_WRONG);
    BUT(username, sipv_slice_text("nobody at all"), SIPV_USER_UNKNOWN);
#undef BUT
    refuse_count(server, s, &request, right);
}

static void refuse_verifier_arguments(struct fuzz_server *server, const sipv_credentials *c)
{
    sipv_verifier *const v = server->verifier;
    sipv_hasher *const h = server->hasher;
    const sipv_slice body = sipv_slice_of("", 0);
    sipv_credentials faulty = *c;
    size_t n = 0, again = 0;
    faulty.fault.reason = SIPV_FORM;
    REFUSED(sipv_verifier_challenge(NULL, h, 0, false, value, VALUE, &n));
    REFUSED(sipv_verifier_challenge(v, NULL, 0, false, value, VALUE, &n));
    REFUSED(sipv_verifier_challenge(v, h, 0, false, value, VALUE, NULL));
    REFUSED(sipv_verifier_challenge(v, h, 0, false, NULL, 1, &n));
    GIVES(SIPV_END, sipv_verifier_challenge(v, h, SIPV_ALGORITHM_COUNT, false, value, VALUE, &n));
    GIVES(SIPV_NO_SPACE, sipv_verifier_challenge(v, h, 0, false, NULL, 0, &n));
    GIVES(SIPV_OK, sipv_verifier_challenge(v, h, 0, false, value, n, &again));
    REFUSED(sipv_verifier_info(NULL, h, c, body, false, value, VALUE, &n));
    REFUSED(sipv_verifier_info(v, NULL, c, body, false, value, VALUE, &n));
    REFUSED(sipv_verifier_info(v, h, NULL, body, false, value, VALUE, &n));
    REFUSED(sipv_verifier_info(v, h, c, body, false, value, VALUE, NULL));
    REFUSED(sipv_verifier_info(v, h, c, body, false, NULL, 1, &n));
    REFUSED(sipv_verifier_info(v, h, &faulty, body, false, value, VALUE, &n));
    if (c->qop == SIPV_QOP_NONE)
        return;
    GIVES(SIPV_NO_SPACE, sipv_verifier_info(v, h, c, body, false, NULL, 0, &n));
    GIVES(SIPV_OK, sipv_verifier_info(v, h, c, body, false, value, n, &again));
    faulty = *c;
    faulty.username = sipv_slice_text("nobody at all");
    GIVES(SIPV_ABSENT, sipv_verifier_info(v, h, &faulty, body, false, value, VALUE, &n));
}

void fuzz_refuse_credentials(const struct fuzz_exchange *x)
{
    refuse_credentials(x->server, x->s, &x->sent);
    judge_by_others(x);
    refuse_verifier_arguments(x->server, &x->sent);
}
