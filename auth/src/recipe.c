/* Responses: hashes of texts with colons between them (RFC 7616 section 3.4.1 to 3.4.3). */
#include <string.h>

#include "internal.h"

/* Capital digits, as they enter another hash. */
static void capitals(sipv_digits *d, bool upper)
{
    for (unsigned i = 0; upper && i < d->n; i++)
        if (d->text[i] >= 'a')
            d->text[i] = (char)(d->text[i] - 'a' + 'A');
}

static void copy_digits(sipv_digits *d, sipv_slice text)
{
    d->n = (unsigned)text.n;
    memcpy(d->text, text.p, text.n);
    d->text[text.n] = 0;
}

/* HA1 as it enters the final string. */
static int run_a1(sipv_hasher *h, const struct sipv_recipe *r, sipv_digest_steps *s)
{
    int result = SIPV_OK;
    s->ha1_session.n = 0;
    if (r->ha1.p) {
        copy_digits(&s->ha1, r->ha1);
    } else {
        const sipv_slice parts[] = {r->username, r->realm, r->password};
        result = sipv_hash_join(h, r->hash, parts, 3, &s->ha1);
    }
    capitals(&s->ha1, r->upper);
    if (result != SIPV_OK || r->session == SIPV_SESSION_NONE)
        return result;
    unsigned char raw[SIPV_DIGITS_MAX / 2];
    sipv_slice parts[] = {sipv_digits_slice(&s->ha1), r->session_nonce, r->session_cnonce};
    if (r->session == SIPV_SESSION_RAW) {
        (void)sipv_hex_read(parts[0], raw); /* they are digits */
        parts[0] = sipv_slice_of(raw, s->ha1.n / 2);
    }
    result = sipv_hash_join(h, r->hash, parts, 3, &s->ha1_session);
    if (r->session == SIPV_SESSION_RAW)
        sipv_wipe(raw, sizeof raw);
    capitals(&s->ha1_session, r->upper);
    return result;
}

static int run_a2(sipv_hasher *h, const struct sipv_recipe *r, sipv_digest_steps *s)
{
    sipv_slice parts[] = {r->method, r->uri, {NULL, 0}};
    int result = SIPV_OK;
    s->body.n = 0;
    if (r->hash_body) {
        if (r->body_hash.p)
            copy_digits(&s->body, r->body_hash);
        else
            result = sipv_hash_join(h, r->hash, &r->body, 1, &s->body);
        capitals(&s->body, r->upper);
        parts[2] = sipv_digits_slice(&s->body);
    }
    if (result == SIPV_OK)
        result = sipv_hash_join(h, r->hash, parts, r->hash_body ? 3 : 2, &s->ha2);
    capitals(&s->ha2, r->upper);
    return result;
}

int sipv_recipe_run(sipv_hasher *h, const struct sipv_recipe *r, sipv_digest_steps *steps,
                    sipv_digits *out)
{
    sipv_digest_steps own;
    /* cppcheck-suppress uninitvar */
    sipv_digest_steps *const s = steps ? steps : &own;
    sipv_slice parts[SIPV_MIDDLE_MAX + 2];
    size_t n = 0;
    int result = run_a1(h, r, s);
    if (result == SIPV_OK)
        result = run_a2(h, r, s);
    if (result == SIPV_OK) {
        parts[n++] = sipv_digits_slice(s->ha1_session.n ? &s->ha1_session : &s->ha1);
        for (size_t i = 0; i < r->n_middle; i++)
            parts[n++] = r->middle[i];
        parts[n++] = sipv_digits_slice(&s->ha2);
        result = sipv_hash_join(h, r->hash, parts, n, out);
    }
    if (!steps)
        sipv_wipe_small(&own, sizeof own);
    return result;
}

static bool are_digits(sipv_slice s, unsigned n)
{
    return s.n == n && sipv_hex_is(s);
}

int sipv_recipe_of(const sipv_digest *d, bool rspauth, struct sipv_recipe *r)
{
    const unsigned digits = sipv_algorithm_digits(d->algorithm);
    const bool session = sipv_algorithm_is_session(d->algorithm);
    if (!digits || (unsigned)d->qop >= SIPV_QOP_OTHER || !d->nonce.p || !d->method.p || !d->uri.p ||
        (session && !d->cnonce.p) || (d->qop != SIPV_QOP_NONE && (!d->nc.p || !d->cnonce.p)) ||
        (d->ha1.p ? !are_digits(d->ha1, digits) : !d->password.p) ||
        (d->body_hash.p && !are_digits(d->body_hash, digits)))
        return SIPV_BAD_ARGUMENT;
    r->hash = d->algorithm;
    r->session = session ? SIPV_SESSION_HEX : SIPV_SESSION_NONE;
    r->upper = false;
    r->username = d->username;
    r->realm = d->realm;
    r->password = d->password;
    r->ha1 = d->ha1;
    r->session_nonce = d->nonce;
    r->session_cnonce = d->cnonce;
    r->method = rspauth ? sipv_slice_of("", 0) : d->method;
    r->uri = d->uri;
    r->hash_body = d->qop == SIPV_QOP_AUTH_INT;
    r->body = d->body;
    r->body_hash = d->body_hash;
    r->middle[0] = d->nonce;
    r->n_middle = 1;
    if (d->qop == SIPV_QOP_NONE)
        return SIPV_OK;
    r->middle[1] = d->nc;
    r->middle[2] = d->cnonce;
    r->middle[3] = sipv_slice_text(sipv_qop_name(d->qop));
    r->n_middle = 4;
    return SIPV_OK;
}
