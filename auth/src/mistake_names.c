/* Mistakes in what identifies: user, realm, nonce, method, URI; and in the hashing itself. */
#include <string.h>

#include "mistake.h"

/* ---- Names --------------------------------------------------------------------------------------
 */

static bool with_username(struct sipv_attempt *a, sipv_slice name)
{
    struct sipv_recipe r = a->right;
    r.username = name;
    return !r.ha1.p && name.p && sipv_attempt_gives(a, &r);
}

bool sipv_mistake_username_short(struct sipv_attempt *a)
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

static bool username_at(struct sipv_attempt *a, sipv_slice domain)
{
    unsigned char text[NAME_MAX_OCTETS];
    const sipv_slice name = a->right.username;
    if (!name.p || !domain.p || name.n > sizeof text / 2 || domain.n >= sizeof text / 2)
        return false;
    memcpy(text, name.p, name.n);
    text[name.n] = '@';
    memcpy(text + name.n + 1, domain.p, domain.n);
    return with_username(a, sipv_slice_of(text, name.n + 1 + domain.n));
}

bool sipv_mistake_ha1b(struct sipv_attempt *a)
{
    return username_at(a, a->right.realm);
}

bool sipv_mistake_username_long(struct sipv_attempt *a)
{
    return username_at(a, a->s->domain);
}

static bool with_realm(struct sipv_attempt *a, sipv_slice realm)
{
    struct sipv_recipe r = a->right;
    r.realm = realm;
    return !r.ha1.p && realm.p && sipv_attempt_gives(a, &r);
}

bool sipv_mistake_realm_other(struct sipv_attempt *a)
{
    for (size_t i = 0; i < a->s->n_realms; i++) {
        a->detail = a->s->realms[i].what;
        if (with_realm(a, a->s->realms[i].text))
            return true;
    }
    return false;
}

static bool with_nonce(struct sipv_attempt *a, sipv_slice nonce)
{
    struct sipv_recipe r = a->right;
    r.middle[0] = r.session_nonce = nonce;
    return nonce.p && sipv_attempt_gives(a, &r);
}

bool sipv_mistake_nonce_other(struct sipv_attempt *a)
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

bool sipv_mistake_realm_quoted(struct sipv_attempt *a)
{
    return with_realm(a, a->s->realm_written);
}

bool sipv_mistake_nonce_quoted(struct sipv_attempt *a)
{
    return with_nonce(a, a->s->nonce_written);
}

bool sipv_mistake_username_quoted(struct sipv_attempt *a)
{
    return with_username(a, a->s->username_written);
}

bool sipv_mistake_backslash_kept(struct sipv_attempt *a)
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

bool sipv_mistake_method_other(struct sipv_attempt *a)
{
    struct sipv_recipe r = a->right;
    for (size_t i = 0; i < a->s->n_methods; i++) {
        a->detail = a->s->methods[i].what;
        r.method = a->s->methods[i].text;
        if (sipv_attempt_gives(a, &r))
            return true;
    }
    return false;
}

bool sipv_mistake_method_in_rspauth(struct sipv_attempt *a)
{
    struct sipv_recipe r = a->right;
    r.method = a->s->right.method;
    return a->s->rspauth && sipv_attempt_gives(a, &r);
}

bool sipv_mistake_uri_other(struct sipv_attempt *a)
{
    struct sipv_recipe r = a->right;
    for (size_t i = 0; i < a->s->n_uris; i++) {
        a->detail = a->s->uris[i].what;
        r.uri = a->s->uris[i].text;
        if (sipv_attempt_gives(a, &r))
            return true;
    }
    return false;
}

bool sipv_mistake_session_raw(struct sipv_attempt *a)
{
    struct sipv_recipe r = a->right;
    r.session = SIPV_SESSION_RAW;
    return a->right.session == SIPV_SESSION_HEX && sipv_attempt_gives(a, &r);
}

/* Only a password can be hashed with another function. */
bool sipv_mistake_algorithm_other(struct sipv_attempt *a)
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
        if (sipv_attempt_gives(a, &r))
            return true;
    }
    return false;
}

/* ---- Capital digits -----------------------------------------------------------------------------
 */

bool sipv_mistake_response_upper(struct sipv_attempt *a)
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
    const bool found = sipv_attempt_gives(a, &a->right);
    a->received = received;
    return found;
}

bool sipv_mistake_hashes_upper(struct sipv_attempt *a)
{
    struct sipv_recipe r = a->right;
    r.upper = true;
    return sipv_attempt_gives(a, &r);
}
