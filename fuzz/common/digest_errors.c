/* The mistakes of the catalogue, as the texts of a response. */
#include <string.h>

#include "digest_mistake.h"

const sipv_auth_candidate fuzz_realms[FUZZ_CANDIDATES] = {
    {"Via", {(const unsigned char *)"oak.example", 11}}, {"To", {(const unsigned char *)"", 0}}};
const sipv_auth_candidate fuzz_nonces[FUZZ_CANDIDATES] = {
    {"old", {(const unsigned char *)"84a4cc6f", 8}}, {"new", {(const unsigned char *)"\"", 1}}};
const sipv_auth_candidate fuzz_methods[FUZZ_CANDIDATES] = {
    {"ACK", {(const unsigned char *)"ACK", 3}}, {"none", {(const unsigned char *)"", 0}}};

const sipv_auth_candidate fuzz_uris[FUZZ_CANDIDATES] = {
    {"To", {(const unsigned char *)"sip:ivo@oak.example", 19}},
    {"Route", {(const unsigned char *)"sip:a;lr", 8}}};

static sipv_slice without_quotes(sipv_slice s)
{
    const bool quotes = s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"';
    return quotes ? sipv_slice_of(s.p + 1, s.n - 2) : sipv_slice_of(NULL, 0);
}

/* ---- Mistakes ----------------------------------------------------------------------------------
 * Each turns the right recipe into the wrong one in the way number `way`; false if there is none.
 */

static bool has_qop(const struct fuzz_recipe *r)
{
    return r->n_middle == 4;
}

static bool qop_list(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    static const char *const usual[] = {"auth,auth-int", "auth, auth-int", "auth-int,auth",
                                        "auth-int, auth"};
    const bool known = x->suspects.qop_options.p;
    if (!has_qop(r) || way >= (known ? 1 : 4))
        return false;
    r->middle[3] = known ? x->suspects.qop_options : sipv_slice_text(usual[way]);
    return true;
}

static bool qop_dropped(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    (void)x;
    const bool possible = has_qop(r) && way == 0;
    r->n_middle = 1;
    return possible;
}

static bool auth_for_auth_int(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    r->integrity = false;
    if (way == 1)
        r->middle[3] = sipv_slice_text("auth");
    return way < 2 && x->suspects.right.qop == SIPV_QOP_AUTH_INT;
}

static bool auth_int_for_auth(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    r->integrity = true;
    if (way == 1)
        r->middle[3] = sipv_slice_text("auth-int");
    return way < 2 && x->suspects.right.qop == SIPV_QOP_AUTH;
}

static bool hashes_body(const struct fuzz_recipe *r)
{
    return r->integrity && !r->body_hash.p;
}

static bool body_lf(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    const sipv_slice body = r->body;
    const size_t from = fuzz_texts.n;
    (void)x;
    for (size_t i = 0; i < body.n; i++)
        if (body.p[i] != '\r' || i + 1 == body.n || body.p[i + 1] != '\n')
            fuzz_put(&fuzz_texts, sipv_slice_of(body.p + i, 1));
    r->body = sipv_slice_of(fuzz_texts.p + from, fuzz_texts.n - from);
    return way == 0 && hashes_body(r);
}

static bool body_empty(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    (void)x;
    r->body = sipv_slice_of("", 0);
    return way == 0 && hashes_body(r);
}

static bool body_trailing(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    r->body =
        fuzz_join(r->body, way ? "\r\n" : "", way ? sipv_slice_of("", 0) : x->suspects.body_behind);
    return way < 2 && hashes_body(r) && (way || x->suspects.body_behind.n);
}

static bool body_without_end(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    (void)x;
    if (r->body.n >= 2 && memcmp(r->body.p + r->body.n - 2, "\r\n", 2) == 0)
        r->body.n -= 2;
    return way == 0 && hashes_body(r);
}

static sipv_slice without_zeros(sipv_slice s)
{
    while (s.n > 1 && *s.p == '0')
        s = sipv_slice_of(s.p + 1, s.n - 1);
    return s;
}

static bool nc_unpadded(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    const sipv_slice bare = without_zeros(r->middle[1]);
    (void)x;
    if (!has_qop(r) || way > 1 || (way && bare.n > SIPV_NC_DIGITS))
        return false;
    r->middle[1] = bare;
    if (way)
        r->middle[1] = fuzz_join(sipv_slice_of("00000000", SIPV_NC_DIGITS - bare.n), "", bare);
    return true;
}

static bool nc_case(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    const sipv_slice nc = fuzz_join(r->middle[1], "", sipv_slice_of("", 0));
    (void)x;
    for (size_t i = 0; i < nc.n; i++) {
        const unsigned char low = nc.p[i] | 0x20;
        if (low >= 'a' && low <= 'f')
            fuzz_texts.p[nc.p - fuzz_texts.p + (ptrdiff_t)i] = way ? low & 0xdf : low;
    }
    r->middle[1] = nc;
    return has_qop(r) && way < 2 && nc.n <= SIPV_NC_DIGITS;
}

static bool left_out(struct fuzz_recipe *r, unsigned part, unsigned way)
{
    if (!has_qop(r) || way > 1)
        return false;
    r->middle[part] = sipv_slice_of("", 0);
    if (way == 1) {
        memmove(r->middle + part, r->middle + part + 1, (3 - part) * sizeof *r->middle);
        r->n_middle--;
    }
    return true;
}

static bool nc_missing(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    (void)x;
    return left_out(r, 1, way);
}

static bool cnonce_missing(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    (void)x;
    if (way < 2)
        return left_out(r, 2, way);
    r->session_cnonce = sipv_slice_of("", 0);
    return way == 2 && r->session;
}

static bool realm(struct fuzz_recipe *r, sipv_slice text)
{
    r->realm = text;
    return text.p && !r->ha1.p;
}

static bool username(struct fuzz_recipe *r, sipv_slice text)
{
    r->username = text;
    return text.p && !r->ha1.p;
}

static bool nonce(struct fuzz_recipe *r, sipv_slice text)
{
    r->middle[0] = r->session_nonce = text;
    return text.p;
}

static bool realm_other(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    return way < x->suspects.n_realms && realm(r, x->suspects.realms[way].text);
}

static bool nonce_other(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    return way < x->suspects.n_nonces && nonce(r, x->suspects.nonces[way].text);
}

static bool realm_quoted(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    return way == 0 && realm(r, x->suspects.realm_written);
}

static bool nonce_quoted(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    return way == 0 && nonce(r, x->suspects.nonce_written);
}

static bool username_quoted(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    return way == 0 && username(r, x->suspects.username_written);
}

static bool backslash_kept(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    switch (way) {
    case 0: return username(r, without_quotes(x->suspects.username_written));
    case 1: return realm(r, without_quotes(x->suspects.realm_written));
    case 2: return nonce(r, without_quotes(x->suspects.nonce_written));
    default: return false;
    }
}

static bool username_without_domain(const struct fuzz_subject *x, struct fuzz_recipe *r,
                                    unsigned way)
{
    sipv_slice rest = r->username, name;
    (void)x;
    if (!rest.p)
        return false;
    name = fuzz_take(&rest, '@');
    if (name.n == r->username.n || way > 1)
        return false;
    if (way == 1) {
        rest = name;
        const sipv_slice scheme = fuzz_take(&rest, ':');
        if (scheme.n == name.n)
            return false;
        name = rest;
    }
    return username(r, name);
}

static bool username_at(struct fuzz_recipe *r, sipv_slice domain)
{
    enum { LONGEST = 256 };
    return domain.p && r->username.n <= LONGEST && domain.n < LONGEST &&
           username(r, fuzz_join(r->username, "@", domain));
}

static bool username_with_domain(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    return way == 0 && username_at(r, x->suspects.domain);
}

static bool ha1b(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    (void)x;
    return way == 0 && username_at(r, r->realm);
}

static bool method_other(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    if (way < x->suspects.n_methods)
        r->method = x->suspects.methods[way].text;
    return way < x->suspects.n_methods;
}

static bool method_in_rspauth(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    r->method = x->suspects.right.method;
    return way == 0 && x->suspects.rspauth;
}

static bool uri_other(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    if (way < x->suspects.n_uris)
        r->uri = x->suspects.uris[way].text;
    return way < x->suspects.n_uris;
}

static bool session_raw(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    (void)x;
    r->raw = true;
    return way == 0 && r->session;
}

/* With HA1, or the hash of the body, the function is that of the right one. */
static bool algorithm_other(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    const sipv_algorithm other = (sipv_algorithm)way, right = x->suspects.right.algorithm;
    if (way >= SIPV_ALGORITHM_COUNT || other == right ||
        ((r->ha1.p || r->body_hash.p) && way / 2 != (unsigned)right / 2))
        return false;
    r->algorithm = other;
    r->session = way % 2 == 1;
    return !r->session || r->session_cnonce.p;
}

static bool response_upper(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    (void)x;
    r->capital = true;
    return way == 0;
}

static bool hashes_upper(const struct fuzz_subject *x, struct fuzz_recipe *r, unsigned way)
{
    (void)x;
    r->upper = true;
    return way == 0;
}

/* In the order in which they are tried. */
const struct fuzz_mistake fuzz_mistakes[FUZZ_MISTAKES] = {
    {"qop-list", qop_list, NULL},
    {"qop-dropped", qop_dropped, NULL},
    {"auth-for-auth-int", auth_for_auth_int, NULL},
    {"auth-int-for-auth", auth_int_for_auth, NULL},
    {"body-lf", body_lf, NULL},
    {"body-empty", body_empty, NULL},
    {"body-trailing", body_trailing, NULL},
    {"body-without-end", body_without_end, NULL},
    {"nc-unpadded", nc_unpadded, NULL},
    {"nc-case", nc_case, NULL},
    {"nc-missing", nc_missing, NULL},
    {"cnonce-missing", cnonce_missing, NULL},
    {"realm-other", realm_other, fuzz_realms},
    {"nonce-other", nonce_other, fuzz_nonces},
    {"realm-quoted", realm_quoted, NULL},
    {"nonce-quoted", nonce_quoted, NULL},
    {"username-quoted", username_quoted, NULL},
    {"backslash-kept", backslash_kept, NULL},
    {"username-without-domain", username_without_domain, NULL},
    {"username-with-domain", username_with_domain, NULL},
    {"ha1b", ha1b, NULL},
    {"method-other", method_other, fuzz_methods},
    {"method-in-rspauth", method_in_rspauth, NULL},
    {"uri-other", uri_other, fuzz_uris},
    {"session-raw", session_raw, NULL},
    {"algorithm-other", algorithm_other, NULL},
    {"response-upper", response_upper, NULL},
    {"hashes-upper", hashes_upper, NULL}};
