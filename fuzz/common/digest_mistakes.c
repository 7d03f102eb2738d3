/* The catalogue of mistakes: each is made here, from texts and a hash of octets alone, and must be
 * found.  What is found must be a mistake that really gives the response, and none that stands
 * behind the one that was made; a right response has none, and neither has one that nobody made.
 *
 * Asked for: 0 it is the server's answer; 1 nothing is known but what was sent; 2 the body is there
 * as a hash; 3-4 which nc; 5 nonce and cnonce are odd, and values are written without quotes.  The
 * number: 0-4 which mistake, 5-7 which way to make it, from 8 on which digit of a response that
 * nobody made. */
#include <string.h>

#include "digest_mistake.h"
#include "oracle.h"

enum { WAYS = 8 };

static unsigned number_of(const char *name)
{
    unsigned i = 0;
    while (i < FUZZ_MISTAKES && strcmp(fuzz_mistakes[i].name, name) != 0)
        i++;
    return i;
}

/* ---- The subject -------------------------------------------------------------------------------
 */

static sipv_digest right_of(const struct fuzz_subject *x, const struct fuzz_scenario *s)
{
    static const char *const counts[] = {"0000000c", "0000001B", "xc", "100000000c"};
    const bool odd = s->asked >> 5 & 1;
    sipv_digest d;
    memset(&d, 0, sizeof d);
    d.algorithm = s->algorithm;
    d.qop = s->qop;
    d.username = s->username;
    d.realm = s->realm;
    d.password = s->password;
    d.method = s->method;
    d.uri = s->uri;
    d.body = s->body;
    d.nonce = sipv_slice_text(odd ? "no\"nc\\e" : "5ccc069c");
    d.nc = sipv_slice_text(counts[s->asked >> 3 & 3]);
    d.cnonce = sipv_slice_text(odd ? "" : "0a4f113b");
    if (odd && !sipv_algorithm_is_session(d.algorithm) && d.qop == SIPV_QOP_NONE)
        d.cnonce = sipv_slice_of(NULL, 0);
    if (s->client_by_ha1) {
        d.ha1 = fuzz_hash(x, s->algorithm,
                          fuzz_join(fuzz_join(d.username, ":", d.realm), ":", d.password));
        if (odd)
            d.username = d.realm = sipv_slice_of(NULL, 0);
    }
    if (s->asked >> 2 & 1)
        d.body_hash = fuzz_hash(x, s->algorithm, d.body);
    return d;
}

static sipv_suspects suspects_of(const sipv_digest *right, const struct fuzz_scenario *s)
{
    const bool odd = s->asked >> 5 & 1;
    sipv_suspects u;
    memset(&u, 0, sizeof u);
    u.right = *right;
    u.rspauth = s->asked & 1;
    if (s->asked >> 1 & 1)
        return u;
    u.qop_options = sipv_slice_text("auth,auth-int");
    u.domain = sipv_slice_text("elm.example");
    u.username_written = odd ? sipv_slice_text("\"") : fuzz_quoted(right->username);
    u.realm_written = odd ? sipv_slice_text("elm") : fuzz_quoted(right->realm);
    u.nonce_written = odd ? sipv_slice_text("\"n") : fuzz_quoted(right->nonce);
    u.body_behind = sipv_slice_text("\r\n--b--");
    u.realms = fuzz_realms;
    u.nonces = fuzz_nonces;
    u.methods = fuzz_methods;
    u.uris = fuzz_uris;
    u.n_realms = u.n_nonces = u.n_methods = u.n_uris = FUZZ_CANDIDATES;
    return u;
}

static struct fuzz_recipe recipe_of(const sipv_suspects *u)
{
    const sipv_digest *d = &u->right;
    struct fuzz_recipe r;
    memset(&r, 0, sizeof r);
    r.algorithm = d->algorithm;
    r.session = sipv_algorithm_is_session(d->algorithm);
    r.integrity = d->qop == SIPV_QOP_AUTH_INT;
    r.username = d->username;
    r.realm = d->realm;
    r.password = d->password;
    r.ha1 = d->ha1;
    r.session_nonce = d->nonce;
    r.session_cnonce = d->cnonce;
    r.method = u->rspauth ? sipv_slice_of("", 0) : d->method;
    r.uri = d->uri;
    r.body = d->body;
    r.body_hash = d->body_hash;
    r.middle[0] = d->nonce;
    r.n_middle = 1;
    if (d->qop == SIPV_QOP_NONE)
        return r;
    r.middle[1] = d->nc;
    r.middle[2] = d->cnonce;
    r.middle[3] = sipv_slice_text(r.integrity ? "auth-int" : "auth");
    r.n_middle = 4;
    return r;
}

/* ---- Finding them ------------------------------------------------------------------------------
 */

/* The first way in which this mistake gives the response; WAYS if there is none. */
static unsigned way_to(const struct fuzz_subject *x, unsigned mistake, sipv_slice response)
{
    for (unsigned way = 0; way < WAYS; way++) {
        struct fuzz_recipe r = x->right;
        const size_t used = fuzz_texts.n;
        const bool gives = fuzz_mistakes[mistake].make(x, &r, way) &&
                           sipv_slice_equal(fuzz_compute(x, &r), response);
        fuzz_texts.n = used;
        if (gives)
            return way;
    }
    return WAYS;
}

static void check_found(const struct fuzz_subject *x, sipv_slice response,
                        const sipv_mistake *found, unsigned made)
{
    const unsigned i = number_of(found->name);
    FUZZ_CHECK(digest, i < FUZZ_MISTAKES, "a mistake that nobody knows");
    FUZZ_CHECK(digest, i <= made, "a mistake from behind the one that was made");
    FUZZ_CHECK(digest, strcmp(found->text, sipv_mistake_text(i)) == 0, "another sentence");
    const unsigned way = way_to(x, i, response);
    FUZZ_CHECK(digest, way < WAYS, "a mistake that gives another response");
    if (fuzz_mistakes[i].candidates)
        FUZZ_CHECK(digest, strcmp(found->detail, fuzz_mistakes[i].candidates[way].what) == 0,
                   "another candidate gives the response");
}

/* The mistake that was made, if there is this way to make it. */
static void check_made(const struct fuzz_subject *x, sipv_slice right, unsigned made, unsigned way)
{
    struct fuzz_recipe r = x->right;
    sipv_mistake found;
    size_t tried = 0;
    if (!fuzz_mistakes[made].make(x, &r, way))
        return;
    const sipv_slice response = fuzz_compute(x, &r);
    const int result = sipv_mistake_find(x->h, &x->suspects, response, &found, &tried);
    FUZZ_CHECK(digest, tried > 0, "nothing is tried");
    if (sipv_slice_equal(response, right)) {
        FUZZ_CHECK(digest, result == SIPV_ABSENT && tried == 1, "a right response has a mistake");
        return;
    }
    FUZZ_CHECK(digest, result == SIPV_OK, "a mistake is not found");
    check_found(x, response, &found, made);
}

/* No mistake gives a response with another digit. */
static void check_nobodys(const struct fuzz_subject *x, sipv_slice right, unsigned number)
{
    sipv_mistake found;
    unsigned char other[SIPV_DIGITS_MAX];
    memcpy(other, right.p, right.n);
    const size_t at = number % right.n;
    other[at] = other[at] == '0' ? '1' : '0';
    FUZZ_CHECK(digest,
               sipv_mistake_find(x->h, &x->suspects, sipv_slice_of(other, right.n), &found, NULL) ==
                   SIPV_ABSENT,
               "a mistake gives a response that nobody made");
}

static void check_catalogue(void)
{
    for (unsigned i = 0; i < FUZZ_MISTAKES; i++)
        FUZZ_CHECK(digest,
                   strcmp(fuzz_mistakes[i].name, sipv_mistake_name(i)) == 0 &&
                       *sipv_mistake_text(i),
                   "the catalogue is another one");
    FUZZ_CHECK(digest,
               sipv_mistake_count() == FUZZ_MISTAKES && !sipv_mistake_name(FUZZ_MISTAKES) &&
                   !sipv_mistake_text(FUZZ_MISTAKES),
               "there are other mistakes");
}

/* What must be there: the texts that are hashed, and somewhere to write to. */
static void check_arguments(const struct fuzz_subject *x, sipv_slice right)
{
    sipv_suspects wrong = x->suspects;
    sipv_mistake found;
    wrong.right.method = sipv_slice_of(NULL, 0);
    FUZZ_CHECK(digest,
               sipv_mistake_find(NULL, &x->suspects, right, &found, NULL) == SIPV_BAD_ARGUMENT &&
                   sipv_mistake_find(x->h, NULL, right, &found, NULL) == SIPV_BAD_ARGUMENT &&
                   sipv_mistake_find(x->h, &x->suspects, sipv_slice_of(NULL, 0), &found, NULL) ==
                       SIPV_BAD_ARGUMENT &&
                   sipv_mistake_find(x->h, &x->suspects, right, NULL, NULL) == SIPV_BAD_ARGUMENT &&
                   sipv_mistake_find(x->h, &wrong, right, &found, NULL) == SIPV_BAD_ARGUMENT,
               "a search without what it needs");
    FUZZ_CHECK(digest,
               sipv_mistake_find(x->h, &x->suspects,
                                 fuzz_join(right, right.n > 32 ? "0" : "", right), &found,
                                 NULL) == SIPV_ABSENT,
               "a mistake gives more digits than there are");
}

/* The library's own response is the one that is made here. */
static sipv_slice check_right(const struct fuzz_subject *x)
{
    sipv_digits digits;
    const sipv_slice right = fuzz_compute(x, &x->right);
    const int result = x->suspects.rspauth
                           ? sipv_digest_rspauth(x->h, &x->suspects.right, NULL, &digits)
                           : sipv_digest_response(x->h, &x->suspects.right, NULL, &digits);
    FUZZ_CHECK(digest, result == SIPV_OK && sipv_digits_equal(&digits, right),
               "the response is not that of RFC 7616");
    return right;
}

void fuzz_digest_mistakes(sipv_hasher *h, const struct fuzz_scenario *s)
{
    struct fuzz_subject x = {.h = h};
    const unsigned made = s->number & 0x1f, way = s->number >> 5 & 7;
    enum { LONGEST = 1024 };
    if (s->username.n + s->realm.n + s->password.n + s->method.n + s->uri.n + s->body.n > LONGEST)
        return; /* there is room for less */
    fuzz_texts.n = 0;
    fuzz_texts.full = false;
    const sipv_digest right = right_of(&x, s);
    x.suspects = suspects_of(&right, s);
    x.right = recipe_of(&x.suspects);
    const sipv_slice response = check_right(&x);
    if (made < FUZZ_MISTAKES) {
        check_made(&x, response, made, way);
        return;
    }
    check_catalogue();
    check_nobodys(&x, response, s->number >> 8);
    check_arguments(&x, response);
}
