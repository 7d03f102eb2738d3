/* The server's side: makes challenges, judges credentials.
 *
 * All but the window is constant after sipv_verifier_init; the window has the one lock. */
#include <string.h>

#include <pthread.h>

#include "internal.h"
#include "verifier.h"

enum { REALM_MAX = 255, NONCE_MS = 5 * 60 * 1000, NONCES = 1024 };

static size_t sets_of(const sipv_verifier_config *config)
{
    return sipv_window_sets(config->nonces ? config->nonces : NONCES);
}

size_t sipv_verifier_size(const sipv_verifier_config *config)
{
    return sizeof(sipv_verifier) + sets_of(config) * sizeof(struct sipv_window_set);
}

static bool is_plain(sipv_slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == 0)
            return false;
    return s.n > 0 && s.n <= REALM_MAX;
}

static bool is_right(const sipv_verifier_config *c)
{
    const unsigned none = SIPV_BIT(SIPV_QOP_NONE), all = SIPV_BIT(SIPV_QOP_OTHER) - 1;
    return c->lookup && c->clock && is_plain(c->realm) && c->late <= SIPV_VERIFIER_LATE_MAX &&
           !(c->algorithms & ~SIPV_ALGORITHMS_ALL) && !(c->qops & ~all) &&
           (!(c->qops & none) || c->qops == none) && c->nonces <= SIZE_MAX / 128;
}

sipv_verifier *sipv_verifier_init(void *memory, size_t size, const sipv_verifier_config *config)
{
    sipv_verifier *const v = memory;
    if (!memory || !config || !is_right(config) || size < sipv_verifier_size(config))
        return NULL;
    memset(v, 0, sipv_verifier_size(config));
    if (pthread_mutex_init(&v->lock, NULL) != 0)
        return NULL;
    v->config = *config;
    memcpy(v->realm, config->realm.p, config->realm.n);
    v->config.realm = sipv_slice_of(v->realm, config->realm.n);
    if (!config->algorithms)
        v->config.algorithms = SIPV_BIT(SIPV_MD5) | SIPV_BIT(SIPV_SHA_256);
    if (!config->qops)
        v->config.qops = SIPV_BIT(SIPV_QOP_AUTH);
    if (!config->nonce_ms)
        v->config.nonce_ms = NONCE_MS;
    if (!config->random)
        v->config.random = sipv_random_openssl;
    v->n_sets = sets_of(config);
    v->size = sipv_verifier_size(config);
    return v;
}

void sipv_verifier_close(sipv_verifier *v)
{
    if (!v)
        return;
    pthread_mutex_destroy(&v->lock);
    sipv_wipe(v, v->size);
}

/* ---- Challenges ---------------------------------------------------------------------------------
 */

int sipv_make_nonce(sipv_verifier *v, sipv_hasher *h, sipv_algorithm a, char *out)
{
    struct sipv_nonce nonce = {v->config.clock(v->config.with), 0, (unsigned)a, v->config.qops};
    unsigned char octets[sizeof nonce.number];
    while (!nonce.number) {
        if (!v->config.random(v->config.with, octets, sizeof octets))
            return SIPV_ABSENT;
        memcpy(&nonce.number, octets, sizeof octets);
    }
    return sipv_nonce_write(h, v->config.key, v->config.realm, &nonce, out);
}

/* Number `index` of the algorithms that can be offered, the strongest first. */
static sipv_algorithm offered(const sipv_verifier *v, const sipv_hasher *h, unsigned index)
{
    for (int a = SIPV_ALGORITHM_COUNT - 1; a >= 0; a--)
        if (v->config.algorithms >> a & 1 && sipv_hasher_has(h, (sipv_algorithm)a) && index-- == 0)
            return (sipv_algorithm)a;
    return SIPV_ALGORITHM_OTHER;
}

int sipv_verifier_challenge(sipv_verifier *v, sipv_hasher *h, unsigned index, bool stale, void *out,
                            size_t cap, size_t *n)
{
    char nonce[SIPV_NONCE_DIGITS];
    struct sipv_writer w = {out, cap, 0, false, false};
    if (!v || !h || !n || (!out && cap))
        return SIPV_BAD_ARGUMENT;
    const sipv_algorithm a = offered(v, h, index);
    const unsigned qops = v->config.qops;
    const unsigned both = SIPV_BIT(SIPV_QOP_AUTH) | SIPV_BIT(SIPV_QOP_AUTH_INT);
    if (a == SIPV_ALGORITHM_OTHER)
        return SIPV_END;
    if (sipv_make_nonce(v, h, a, nonce) != SIPV_OK)
        return SIPV_ABSENT;
    sipv_put_text(&w, "Digest ");
    sipv_put_quoted(&w, "realm", v->config.realm);
    sipv_put_quoted(&w, "nonce", sipv_slice_of(nonce, sizeof nonce));
    sipv_put_bare(&w, "algorithm", sipv_slice_text(sipv_algorithm_name(a)));
    if (qops & both)
        sipv_put_quoted(&w, "qop",
                        sipv_slice_text((qops & both) == both            ? "auth,auth-int"
                                        : qops & SIPV_BIT(SIPV_QOP_AUTH) ? "auth"
                                                                         : "auth-int"));
    if (stale)
        sipv_put_bare(&w, "stale", sipv_slice_text("true"));
    if (v->config.userhash)
        sipv_put_bare(&w, "userhash", sipv_slice_text("true"));
    return sipv_put_end(&w, n);
}

/* ---- Credentials --------------------------------------------------------------------------------
 */

/* What does not depend on the secret. */
static sipv_auth_reason check(const sipv_verifier *v, sipv_hasher *h,
                              const sipv_verifier_request *request, const sipv_credentials *c,
                              struct sipv_nonce *nonce)
{
    if (c->fault.reason != SIPV_FINE)
        return c->fault.reason;
    if (!sipv_slice_equal(c->realm, v->config.realm))
        return SIPV_REALM_OTHER;
    if (!sipv_nonce_read(h, v->config.key, v->config.realm, c->nonce, nonce))
        return SIPV_NONCE_FOREIGN;
    if (c->algorithm == SIPV_ALGORITHM_OTHER || (unsigned)c->algorithm != nonce->algorithm ||
        !(v->config.algorithms >> (unsigned)c->algorithm & 1))
        return SIPV_ALGORITHM_OTHER_THAN_OFFERED;
    if (!(nonce->qops & v->config.qops & SIPV_BIT(c->qop)))
        return c->qop == SIPV_QOP_NONE ? SIPV_QOP_MISSING : SIPV_QOP_OTHER_THAN_OFFERED;
    if (c->userhash && !v->config.userhash)
        return SIPV_USERHASH_NOT_OFFERED;
    if (v->config.same_uri ? !v->config.same_uri(v->config.with, c->uri, request->request_uri)
                           : !sipv_slice_equal(c->uri, request->request_uri))
        return SIPV_URI_OTHER;
    if (!sipv_hasher_has(h, c->algorithm))
        return SIPV_HASH_UNAVAILABLE;
    if (c->response.n != sipv_algorithm_digits(c->algorithm))
        return SIPV_RESPONSE_LENGTH;
    return SIPV_FINE;
}

bool sipv_know(sipv_verifier *v, const sipv_credentials *c, sipv_secret *secret, sipv_digest *d)
{
    const sipv_claim claim = {c->username, c->userhash, c->realm, c->algorithm};
    memset(secret, 0, sizeof *secret);
    bool known = v->config.lookup(v->config.with, &claim, secret) == SIPV_OK;
    if (!secret->ha1.p && (!secret->password.p || (c->userhash && !secret->username.p)))
        known = false;
    memset(d, 0, sizeof *d);
    d->algorithm = c->algorithm;
    d->qop = c->qop;
    d->username = c->userhash && known ? secret->username : c->username;
    d->realm = c->realm;
    d->password = known ? secret->password : sipv_slice_of("", 0);
    d->ha1 = known ? secret->ha1 : sipv_none();
    d->uri = c->uri;
    d->nonce = c->nonce;
    d->nc = c->nc;
    d->cnonce = c->cnonce;
    return known;
}

static sipv_auth_reason take(sipv_verifier *v, const sipv_credentials *c,
                             const struct sipv_nonce *nonce)
{
    const uint64_t now = v->config.clock(v->config.with), life = v->config.nonce_ms;
    const uint64_t dead_ms = now > life ? now - life : 0;
    uint32_t nc = 1;
    /* A clock that was set back, or another server's that is ahead, may have made it in the future;
     * but not more than a life ahead. */
    if (nonce->made_ms < dead_ms || (nonce->made_ms > now && nonce->made_ms - now > life))
        return SIPV_NONCE_EXPIRED;
    if (c->qop != SIPV_QOP_NONE && sipv_nc_read(c->nc, &nc) != SIPV_OK)
        return SIPV_FORM;
    pthread_mutex_lock(&v->lock);
    const sipv_auth_reason reason =
        sipv_window_take(v->set, v->n_sets, nonce, nc, v->config.late, dead_ms);
    pthread_mutex_unlock(&v->lock);
    return c->qop == SIPV_QOP_NONE && reason != SIPV_FINE ? SIPV_NONCE_USED : reason;
}

sipv_auth_reason sipv_verify(sipv_verifier *v, sipv_hasher *h, const sipv_verifier_request *request,
                             const sipv_credentials *c)
{
    struct sipv_nonce nonce;
    sipv_secret secret;
    sipv_digest d;
    sipv_digits right;
    const sipv_auth_reason reason = check(v, h, request, c, &nonce);
    if (reason != SIPV_FINE)
        return reason;
    const bool known = sipv_know(v, c, &secret, &d);
    d.method = request->method;
    d.body = request->body;
    d.body_hash = request->body_hash;
    const int result = sipv_digest_response(h, &d, NULL, &right);
    const bool same = result == SIPV_OK && sipv_digits_equal(&right, c->response);
    sipv_wipe(&secret, sizeof secret);
    sipv_wipe(&right, sizeof right);
    if (!known)
        return SIPV_USER_UNKNOWN;
    return same ? take(v, c, &nonce) : SIPV_RESPONSE_WRONG;
}
