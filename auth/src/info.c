/* Authentication-Info by the server (RFC 7616 section 3.5). */
#include "internal.h"
#include "verifier.h"

/* rspauth over the body of the response. */
static int rspauth(sipv_verifier *v, sipv_hasher *h, const sipv_credentials *c, sipv_slice body,
                   sipv_digits *out)
{
    sipv_secret secret;
    sipv_digest d;
    const bool known = sipv_know(v, c, &secret, &d);
    d.method = sipv_slice_of("", 0);
    d.body = body;
    const int result = known ? sipv_digest_rspauth(h, &d, NULL, out) : SIPV_ABSENT;
    sipv_wipe(&secret, sizeof secret);
    return result;
}

int sipv_verifier_info(sipv_verifier *v, sipv_hasher *h, const sipv_credentials *c, sipv_slice body,
                       bool next, void *out, size_t cap, size_t *n)
{
    struct sipv_writer w = {out, cap, 0, false, false};
    char nonce[SIPV_NONCE_DIGITS];
    sipv_digits digits;
    if (!v || !h || !c || !n || (!out && cap) || c->fault.reason != SIPV_FINE)
        return SIPV_BAD_ARGUMENT;
    next &= !sipv_algorithm_is_session(c->algorithm);
    if (!next && c->qop == SIPV_QOP_NONE)
        return SIPV_BAD_ARGUMENT;
    if (next) {
        if (sipv_make_nonce(v, h, c->algorithm, nonce) != SIPV_OK)
            return SIPV_ABSENT;
        sipv_put_quoted(&w, "nextnonce", sipv_slice_of(nonce, sizeof nonce));
    }
    if (c->qop != SIPV_QOP_NONE) {
        const int result = rspauth(v, h, c, body, &digits);
        if (result != SIPV_OK)
            return result;
        sipv_put_bare(&w, "qop", c->qop_text);
        sipv_put_quoted(&w, "rspauth", sipv_digits_slice(&digits));
        sipv_put_quoted(&w, "cnonce", c->cnonce);
        sipv_put_bare(&w, "nc", c->nc);
    }
    return sipv_put_end(&w, n);
}
