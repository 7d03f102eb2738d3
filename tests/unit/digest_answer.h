/* A verifier in a world that a test makes, and what a client answers, part by part.  Every answer
 * goes the whole way: challenge, view, response, header value, view. */
#ifndef TESTS_DIGEST_ANSWER_H
#define TESTS_DIGEST_ANSWER_H

#include <sipvet/auth.h>

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define S(text) sipv_slice_text(text)

enum { VALUE = 1024 };

/* ---- A server and its world ---------------------------------------------------------------------
 */

struct world {
    uint64_t now_ms, seed;
    unsigned lookups;
    sipv_digits ha1;
};

static sipv_hasher *h;
static struct world world;

static inline uint64_t clock_ms(void *with)
{
    return ((struct world *)with)->now_ms;
}

static inline bool draw(void *with, unsigned char *out, size_t n)
{
    struct world *w = with;
    for (size_t i = 0; i < n; i++) {
        w->seed = w->seed * 6364136223846793005u + 1442695040888963407u;
        out[i] = (unsigned char)(w->seed >> 56);
    }
    return true;
}

/* ida and ivo have a password, hal an HA1; names may come hashed. */
static inline int lookup(void *with, const sipv_claim *claim, sipv_secret *secret)
{
    static const char *const names[] = {"ida", "ivo", "hal"};
    struct world *w = with;
    w->lookups++;
    for (size_t i = 0; i < 3; i++) {
        sipv_digits name;
        sipv_digest_userhash(h, claim->algorithm, S(names[i]), claim->realm, &name);
        if (claim->userhash ? !sipv_digits_equal(&name, claim->username)
                            : !sipv_slice_is(claim->username, names[i]))
            continue;
        if (i == 2) {
            sipv_digest_ha1(h, claim->algorithm, S("hal"), claim->realm, S("swordfish"), &w->ha1);
            secret->ha1 = sipv_digits_slice(&w->ha1);
        } else {
            memcpy(secret->room, "swordfish", 9);
            secret->password = sipv_slice_of(secret->room, 9);
            secret->username = S(names[i]);
        }
        return SIPV_OK;
    }
    return SIPV_ABSENT;
}

static inline void open(void)
{
    h = sipv_hasher_new();
    cr_assert(h);
    memset(&world, 0, sizeof world);
    world.now_ms = 1000000;
    world.seed = 7;
}
static inline void close(void)
{
    sipv_hasher_free(h);
}

static inline sipv_verifier_config config(void)
{
    sipv_verifier_config c;
    memset(&c, 0, sizeof c);
    c.realm = S("elm.example");
    c.lookup = lookup;
    c.clock = clock_ms;
    c.random = draw;
    c.with = &world;
    memset(c.key, 0x5a, sizeof c.key);
    return c;
}

static inline sipv_verifier *make(const sipv_verifier_config *c)
{
    const size_t n = sipv_verifier_size(c);
    void *memory = malloc(n);
    cr_assert(memory);
    sipv_verifier *v = sipv_verifier_init(memory, n, c);
    cr_assert(v);
    return v;
}
static inline void end(sipv_verifier *v)
{
    sipv_verifier_close(v);
    free(v);
}

/* ---- A client -----------------------------------------------------------------------------------
 */

/* What a client says, each part of which a test may change. */
struct answer {
    sipv_event events[128];
    unsigned char text[VALUE], challenge[VALUE], value[VALUE];
    sipv_room room;
    sipv_challenge ch;
    sipv_digest d;
    sipv_digits response, name;
    const char *username, *request_uri;
    bool userhash;
    char nc[SIPV_NC_DIGITS];
    sipv_credentials c;
};

/* Takes challenge number `index`. */
static inline void take(struct answer *a, sipv_verifier *v, unsigned index, sipv_qop qop)
{
    sipv_challenges list;
    size_t n;
    memset(a, 0, sizeof *a);
    a->room = sipv_room_of(a->events, 128, a->text, sizeof a->text);
    cr_assert_eq(sipv_verifier_challenge(v, h, index, false, a->challenge, VALUE, &n), SIPV_OK);
    cr_assert_eq(sipv_challenges_parse(sipv_slice_of(a->challenge, n), &a->room, &list, NULL), 0);
    cr_assert_eq(sipv_challenges_next(&list, &a->ch), SIPV_OK);
    cr_assert_eq(a->ch.fault.reason, SIPV_FINE, "%.*s", (int)n, a->challenge);
    a->username = "ida";
    a->d.algorithm = a->ch.algorithm;
    a->d.qop = qop;
    a->d.realm = a->ch.realm;
    a->d.password = S("swordfish");
    a->d.method = S("REGISTER");
    a->d.uri = S("sip:elm.example");
    a->d.nonce = a->ch.nonce;
    a->d.cnonce = S("5c1ee4d0");
    a->d.body = S("body");
    a->request_uri = "sip:elm.example";
}

static inline void compute(struct answer *a, uint32_t nc)
{
    sipv_nc_write(nc, a->nc);
    a->d.nc = sipv_slice_of(a->nc, sizeof a->nc);
    a->d.username = S(a->username);
    cr_assert_eq(sipv_digest_response(h, &a->d, NULL, &a->response), SIPV_OK);
}

/* The answer as a header value, read again. */
static inline void put(struct answer *a)
{
    sipv_credentials_parts p;
    size_t n;
    memset(&p, 0, sizeof p);
    p.username = a->d.username;
    if (a->userhash) {
        sipv_digest_userhash(h, a->d.algorithm, a->d.username, a->d.realm, &a->name);
        p.username = sipv_digits_slice(&a->name);
        p.userhash = true;
    }
    p.realm = a->d.realm;
    p.nonce = a->d.nonce;
    p.uri = a->d.uri;
    p.response = sipv_digits_slice(&a->response);
    p.algorithm = a->d.algorithm;
    p.algorithm_shown = true;
    p.qop = a->d.qop;
    p.nc = a->d.nc;
    p.cnonce = a->d.cnonce;
    cr_assert_eq(sipv_credentials_write(&p, a->value, VALUE, &n), SIPV_OK);
    a->room.n_events = 64; /* behind those of the challenge */
    cr_assert_eq(sipv_credentials_parse(sipv_slice_of(a->value, n), &a->room, &a->c), SIPV_OK);
}

static inline sipv_auth_reason verify(struct answer *a, sipv_verifier *v)
{
    const sipv_verifier_request request = {S("REGISTER"), S(a->request_uri), S("body"), {NULL, 0}};
    return sipv_verify(v, h, &request, &a->c);
}

static inline sipv_auth_reason send_it(struct answer *a, sipv_verifier *v)
{
    put(a);
    return verify(a, v);
}

static inline sipv_auth_reason answer(struct answer *a, sipv_verifier *v, uint32_t nc)
{
    compute(a, nc);
    return send_it(a, v);
}

#define EXPECT(got, want)                                                                          \
    do {                                                                                           \
        const sipv_auth_reason is = (got);                                                         \
        cr_expect_eq(is, want, "%s, not %s", sipv_auth_reason_name(is),                            \
                     sipv_auth_reason_name(want));                                                 \
    } while (0)

#endif
