/* The catalogue of known mistakes.
 *
 * A mistake is a function that changes the right recipe and asks whether the received value comes
 * out.  They are tried in the order of the table, what is met most often first. */
#include <string.h>

#include "internal.h"

/* One search. */
struct attempt {
    sipv_hasher *h;
    const sipv_suspects *s;
    struct sipv_recipe right;
    sipv_slice received;
    const char *detail;
    size_t tried;
};

/* Does this recipe give the received value? */
static bool gives(struct attempt *a, const struct sipv_recipe *r)
{
    sipv_digits out;
    a->tried++;
    return sipv_recipe_run(a->h, r, NULL, &out) == SIPV_OK && sipv_digits_equal(&out, a->received);
}

static bool has_qop(const struct attempt *a)
{
    return a->right.n_middle == SIPV_MIDDLE_MAX;
}

/* ---- qop ----------------------------------------------------------------------------------------
 */

static bool qop_list(struct attempt *a)
{
    static const char *const usual[] = {"auth,auth-int", "auth, auth-int", "auth-int,auth",
                                        "auth-int, auth"};
    struct sipv_recipe r = a->right;
    if (!has_qop(a))
        return false;
    r.middle[3] = a->s->qop_options;
    if (r.middle[3].p)
        return gives(a, &r);
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        r.middle[3] = sipv_slice_text(usual[i]);
        if (gives(a, &r))
            return true;
    }
    return false;
}

static bool qop_dropped(struct attempt *a)
{
    struct sipv_recipe r = a->right;
    r.n_middle = 1;
    return has_qop(a) && gives(a, &r);
}

/* With the name of the qop that was taken, or that of the credentials. */
static bool other_qop(struct attempt *a, sipv_qop from, bool hash_body, const char *name)
{
    struct sipv_recipe r = a->right;
    if (a->s->right.qop != from)
        return false;
    r.hash_body = hash_body;
    if (gives(a, &r))
        return true;
    r.middle[3] = sipv_slice_text(name);
    return gives(a, &r);
}

static bool auth_for_integrity(struct attempt *a)
{
    return other_qop(a, SIPV_QOP_AUTH_INT, false, "auth");
}

static bool integrity_for_auth(struct attempt *a)
{
    return other_qop(a, SIPV_QOP_AUTH, true, "auth-int");
}

/* ---- Body ---------------------------------------------------------------------------------------
 */

static bool with_body_hash(struct attempt *a, const sipv_digits *hash)
{
    struct sipv_recipe r = a->right;
    r.body_hash = sipv_digits_slice(hash);
    return gives(a, &r);
}

/* The hash of the body as `write` hands it over. */
static bool with_body(struct attempt *a, void (*write)(struct attempt *a, sipv_slice body))
{
    sipv_digits hash;
    const sipv_slice body = a->s->right.body;
    if (!a->right.hash_body || a->s->right.body_hash.p ||
        sipv_body_begin(a->h, a->right.hash) != SIPV_OK)
        return false;
    write(a, body);
    return sipv_body_end(a->h, &hash) == SIPV_OK && with_body_hash(a, &hash);
}

static void write_lf(struct attempt *a, sipv_slice body)
{
    size_t from = 0;
    for (size_t i = 0; i + 1 < body.n; i++)
        if (body.p[i] == '\r' && body.p[i + 1] == '\n') {
            sipv_body_add(a->h, body.p + from, i - from);
            from = i + 1;
        }
    if (body.n)
        sipv_body_add(a->h, body.p + from, body.n - from);
}

static void write_nothing(struct attempt *a, sipv_slice body)
{
    (void)a;
    (void)body;
}

static void write_more(struct attempt *a, sipv_slice body)
{
    sipv_body_add(a->h, body.p, body.n);
    sipv_body_add(a->h, a->s->body_behind.p, a->s->body_behind.n);
}

static void write_line_end(struct attempt *a, sipv_slice body)
{
    sipv_body_add(a->h, body.p, body.n);
    sipv_body_add(a->h, "\r\n", 2);
}

static void write_less(struct attempt *a, sipv_slice body)
{
    const bool ends = body.n >= 2 && memcmp(body.p + body.n - 2, "\r\n", 2) == 0;
    sipv_body_add(a->h, body.p, ends ? body.n - 2 : body.n);
}

static bool body_lf(struct attempt *a)
{
    return with_body(a, write_lf);
}

static bool body_empty(struct attempt *a)
{
    return with_body(a, write_nothing);
}

static bool body_trailing(struct attempt *a)
{
    a->detail = "octets behind the body";
    if (a->s->body_behind.n && with_body(a, write_more))
        return true;
    a->detail = "one more CRLF";
    return with_body(a, write_line_end);
}

static bool body_short(struct attempt *a)
{
    return with_body(a, write_less);
}

/* ---- nc and cnonce ------------------------------------------------------------------------------
 */

static bool with_nc(struct attempt *a, sipv_slice nc)
{
    struct sipv_recipe r = a->right;
    r.middle[1] = nc;
    return has_qop(a) && gives(a, &r);
}

static bool nc_unpadded(struct attempt *a)
{
    char padded[SIPV_NC_DIGITS];
    sipv_slice nc = a->right.middle[1];
    if (!has_qop(a))
        return false;
    while (nc.n > 1 && *nc.p == '0') {
        nc.p++;
        nc.n--;
    }
    if (with_nc(a, nc))
        return true;
    if (nc.n > sizeof padded)
        return false;
    memset(padded, '0', sizeof padded);
    if (nc.n)
        memcpy(padded + sizeof padded - nc.n, nc.p, nc.n);
    return with_nc(a, sipv_slice_of(padded, sizeof padded));
}

static bool nc_case(struct attempt *a)
{
    unsigned char other[SIPV_NC_DIGITS];
    const sipv_slice nc = has_qop(a) ? a->right.middle[1] : sipv_none();
    if (!nc.p || nc.n > sizeof other)
        return false;
    for (int up = 0; up < 2; up++) {
        for (size_t i = 0; i < nc.n; i++) {
            const unsigned char c = nc.p[i], low = c | 0x20;
            other[i] = low >= 'a' && low <= 'f' ? (unsigned char)(up ? low - 0x20 : low) : c;
        }
        if (with_nc(a, sipv_slice_of(other, nc.n)))
            return true;
    }
    return false;
}

/* Left out with its colon, or empty. */
static bool left_out(struct attempt *a, unsigned part)
{
    struct sipv_recipe r = a->right;
    if (!has_qop(a))
        return false;
    r.middle[part] = sipv_slice_of("", 0);
    if (gives(a, &r))
        return true;
    for (unsigned i = part; i + 1 < r.n_middle; i++)
        r.middle[i] = r.middle[i + 1];
    r.n_middle--;
    return gives(a, &r);
}

static bool nc_missing(struct attempt *a)
{
    return left_out(a, 1);
}

static bool cnonce_missing(struct attempt *a)
{
    struct sipv_recipe r = a->right;
    if (left_out(a, 2))
        return true;
    r.session_cnonce = sipv_slice_of("", 0);
    return r.session != SIPV_SESSION_NONE && gives(a, &r);
}

/* ---- Names --------------------------------------------------------------------------------------
 */

static bool with_username(struct attempt *a, sipv_slice name)
{
    struct sipv_recipe r = a->right;
    r.username = name;
    return !r.ha1.p && name.p && gives(a, &r);
}

static bool username_short(struct attempt *a)
{
    const sipv_slice name = a->right.username;
    const unsigned char *at = name.p ? memchr(name.p, '@', name.n) : NULL;
    if (!at)
        return false;
    const sipv_slice bare = sipv_slice_of(name.p, (size_t)(at - name.p));
    if (with_username(a, bare))
        return true;
    const unsigned char *colon = memchr(bare.p, ':', bare.n); /* sip:alice@... */
    return colon &&
           with_username(a, sipv_slice_of(colon + 1, bare.n - (size_t)(colon + 1 - bare.p)));
}

enum { NAME_MAX_OCTETS = 512 };

static bool username_at(struct attempt *a, sipv_slice domain)
{
    unsigned char text[NAME_MAX_OCTETS];
    const sipv_slice name = a->right.username;
    if (!name.p || !domain.p || name.n > sizeof text / 2 || domain.n >= sizeof text / 2)
        return false;
    if (name.n)
        memcpy(text, name.p, name.n);
    text[name.n] = '@';
    if (domain.n)
        memcpy(text + name.n + 1, domain.p, domain.n);
    return with_username(a, sipv_slice_of(text, name.n + 1 + domain.n));
}

static bool ha1b(struct attempt *a)
{
    return username_at(a, a->right.realm);
}

static bool username_long(struct attempt *a)
{
    return username_at(a, a->s->domain);
}

static bool with_realm(struct attempt *a, sipv_slice realm)
{
    struct sipv_recipe r = a->right;
    r.realm = realm;
    return !r.ha1.p && realm.p && gives(a, &r);
}

static bool realm_other(struct attempt *a)
{
    for (size_t i = 0; i < a->s->n_realms; i++) {
        a->detail = a->s->realms[i].what;
        if (with_realm(a, a->s->realms[i].text))
            return true;
    }
    return false;
}

static bool with_nonce(struct attempt *a, sipv_slice nonce)
{
    struct sipv_recipe r = a->right;
    r.middle[0] = r.session_nonce = nonce;
    return nonce.p && gives(a, &r);
}

static bool nonce_other(struct attempt *a)
{
    for (size_t i = 0; i < a->s->n_nonces; i++) {
        a->detail = a->s->nonces[i].what;
        if (with_nonce(a, a->s->nonces[i].text))
            return true;
    }
    return false;
}

/* What stands between the quotes, backslashes kept. */
static sipv_slice inside(sipv_slice s)
{
    const bool quoted = s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"';
    return quoted ? sipv_slice_of(s.p + 1, s.n - 2) : sipv_none();
}

static bool realm_quoted(struct attempt *a)
{
    return with_realm(a, a->s->realm_written);
}

static bool nonce_quoted(struct attempt *a)
{
    return with_nonce(a, a->s->nonce_written);
}

static bool username_quoted(struct attempt *a)
{
    return with_username(a, a->s->username_written);
}

static bool backslash_kept(struct attempt *a)
{
    a->detail = "username";
    if (with_username(a, inside(a->s->username_written)))
        return true;
    a->detail = "realm";
    if (with_realm(a, inside(a->s->realm_written)))
        return true;
    a->detail = "nonce";
    return with_nonce(a, inside(a->s->nonce_written));
}

/* ---- Method, URI, algorithm ---------------------------------------------------------------------
 */

static bool method_other(struct attempt *a)
{
    struct sipv_recipe r = a->right;
    for (size_t i = 0; i < a->s->n_methods; i++) {
        a->detail = a->s->methods[i].what;
        r.method = a->s->methods[i].text;
        if (gives(a, &r))
            return true;
    }
    return false;
}

static bool method_in_rspauth(struct attempt *a)
{
    struct sipv_recipe r = a->right;
    r.method = a->s->right.method;
    return a->s->rspauth && gives(a, &r);
}

static bool uri_other(struct attempt *a)
{
    struct sipv_recipe r = a->right;
    for (size_t i = 0; i < a->s->n_uris; i++) {
        a->detail = a->s->uris[i].what;
        r.uri = a->s->uris[i].text;
        if (gives(a, &r))
            return true;
    }
    return false;
}

static bool session_raw(struct attempt *a)
{
    struct sipv_recipe r = a->right;
    r.session = SIPV_SESSION_RAW;
    return a->right.session == SIPV_SESSION_HEX && gives(a, &r);
}

/* Only a password can be hashed with another function. */
static bool algorithm_other(struct attempt *a)
{
    struct sipv_recipe r = a->right;
    for (unsigned i = 0; i < SIPV_ALGORITHM_COUNT; i++) {
        const sipv_algorithm other = (sipv_algorithm)i;
        const bool session = sipv_algorithm_is_session(other);
        if (sipv_algorithm_digits(other) != a->received.n || other == a->s->right.algorithm ||
            (session && !r.session_cnonce.p) ||
            ((a->right.ha1.p || a->right.body_hash.p) && i / 2 != (unsigned)a->right.hash / 2))
            continue;
        r.hash = other;
        r.session = session ? SIPV_SESSION_HEX : SIPV_SESSION_NONE;
        a->detail = sipv_algorithm_name(other);
        if (gives(a, &r))
            return true;
    }
    return false;
}

/* ---- Capital digits -----------------------------------------------------------------------------
 */

static bool response_upper(struct attempt *a)
{
    char lower[SIPV_DIGITS_MAX];
    const sipv_slice received = a->received;
    if (received.n > sizeof lower)
        return false;
    for (size_t i = 0; i < received.n; i++) {
        const unsigned char c = received.p[i];
        lower[i] = (char)(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
    }
    a->received = sipv_slice_of(lower, received.n);
    const bool found = gives(a, &a->right);
    a->received = received;
    return found;
}

static bool hashes_upper(struct attempt *a)
{
    struct sipv_recipe r = a->right;
    r.upper = true;
    return gives(a, &r);
}

/* ---- The catalogue ------------------------------------------------------------------------------
 */

static const struct {
    const char *name, *text;
    bool (*fits)(struct attempt *a);
} catalogue[] = {
    {"qop-list", "the whole list of qop options was hashed, not the one that was chosen", qop_list},
    {"qop-dropped", "qop was left out: computed as RFC 2069 has it, without nc and cnonce",
     qop_dropped},
    {"auth-for-auth-int", "computed as auth though the credentials say auth-int: A2 has no body",
     auth_for_integrity},
    {"auth-int-for-auth", "computed as auth-int though the credentials say auth: A2 has the body",
     integrity_for_auth},
    {"body-lf", "the body was hashed with LF where CRLF was sent", body_lf},
    {"body-empty", "an empty body was hashed", body_empty},
    {"body-trailing", "octets that do not belong to the body were hashed with it", body_trailing},
    {"body-without-end", "the body was hashed without its last CRLF", body_short},
    {"nc-unpadded", "nc was hashed with another number of digits than it has in the header",
     nc_unpadded},
    {"nc-case", "nc was hashed with its letters in the other case", nc_case},
    {"nc-missing", "nc was left out of the final string", nc_missing},
    {"cnonce-missing", "cnonce was left out", cnonce_missing},
    {"realm-other", "the realm of another header was hashed", realm_other},
    {"nonce-other", "another nonce was hashed than the credentials have", nonce_other},
    {"realm-quoted", "the realm was hashed with its quotes", realm_quoted},
    {"nonce-quoted", "the nonce was hashed with its quotes", nonce_quoted},
    {"username-quoted", "the username was hashed with its quotes", username_quoted},
    {"backslash-kept", "a quoted string was hashed with its backslashes", backslash_kept},
    {"username-without-domain", "the username was hashed without its domain", username_short},
    {"username-with-domain", "the username was hashed with a domain behind it", username_long},
    {"ha1b", "HA1 is an HA1b: of username@realm, as some servers keep it", ha1b},
    {"method-other", "the method of another request was hashed", method_other},
    {"method-in-rspauth", "rspauth was computed with the method, as a response", method_in_rspauth},
    {"uri-other", "another URI was hashed than the credentials have", uri_other},
    {"session-raw", "-sess over the raw octets of HA1, not its hex digits (RFC 2617, erratum 1649)",
     session_raw},
    {"algorithm-other", "another algorithm was used than the credentials say", algorithm_other},
    {"response-upper", "the response is written with capital hex digits", response_upper},
    {"hashes-upper", "hashes were written with capital hex digits before they were hashed again",
     hashes_upper},
};

size_t sipv_mistake_count(void)
{
    return sizeof catalogue / sizeof *catalogue;
}

const char *sipv_mistake_name(size_t i)
{
    return i < sipv_mistake_count() ? catalogue[i].name : NULL;
}

const char *sipv_mistake_text(size_t i)
{
    return i < sipv_mistake_count() ? catalogue[i].text : NULL;
}

int sipv_mistake_find(sipv_hasher *h, const sipv_suspects *s, sipv_slice received,
                      sipv_mistake *out, size_t *tried)
{
    struct attempt a = {.h = h, .s = s, .received = received};
    size_t i = 0;
    if (!h || !s || !received.p || !out ||
        sipv_recipe_of(&s->right, s->rspauth, &a.right) != SIPV_OK)
        return SIPV_BAD_ARGUMENT;
    bool found = false;
    if (!gives(&a, &a.right))
        for (; i < sipv_mistake_count() && !found; i++) {
            a.detail = NULL;
            found = catalogue[i].fits(&a);
        }
    if (tried)
        *tried = a.tried;
    sipv_wipe(&a.right, sizeof a.right);
    if (!found)
        return SIPV_ABSENT;
    out->name = catalogue[i - 1].name;
    out->text = catalogue[i - 1].text;
    out->detail = a.detail;
    return SIPV_OK;
}
