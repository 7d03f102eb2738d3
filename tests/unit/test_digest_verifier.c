/* The verifier: what it takes, and the reason for each thing that it does not (RFC 7616 3.3 to
 * 3.7, 5.5).  Every answer goes the whole way: challenge, view, response, header value, view. */
#include <criterion/criterion.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <sipvet/auth.h>

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

static uint64_t clock_ms(void *with)
{
    return ((struct world *)with)->now_ms;
}

static bool draw(void *with, unsigned char *out, size_t n)
{
    struct world *w = with;
    for (size_t i = 0; i < n; i++) {
        w->seed = w->seed * 6364136223846793005u + 1442695040888963407u;
        out[i] = (unsigned char)(w->seed >> 56);
    }
    return true;
}

/* ida and ivo have a password, hal an HA1; names may come hashed. */
static int lookup(void *with, const sipv_claim *claim, sipv_secret *secret)
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

static void open(void)
{
    h = sipv_hasher_new();
    cr_assert(h);
    memset(&world, 0, sizeof world);
    world.now_ms = 1000000;
    world.seed = 7;
}
static void close(void)
{
    sipv_hasher_free(h);
}
TestSuite(verifier, .init = open, .fini = close);

static sipv_verifier_config config(void)
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

static sipv_verifier *make(const sipv_verifier_config *c)
{
    const size_t n = sipv_verifier_size(c);
    void *memory = malloc(n);
    cr_assert(memory);
    sipv_verifier *v = sipv_verifier_init(memory, n, c);
    cr_assert(v);
    return v;
}
static void end(sipv_verifier *v)
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
static void take(struct answer *a, sipv_verifier *v, unsigned index, sipv_qop qop)
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

static void compute(struct answer *a, uint32_t nc)
{
    sipv_nc_write(nc, a->nc);
    a->d.nc = sipv_slice_of(a->nc, sizeof a->nc);
    a->d.username = S(a->username);
    cr_assert_eq(sipv_digest_response(h, &a->d, NULL, &a->response), SIPV_OK);
}

/* The answer as a header value, read again. */
static void put(struct answer *a)
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

static sipv_auth_reason verify(struct answer *a, sipv_verifier *v)
{
    const sipv_verifier_request request = {S("REGISTER"), S(a->request_uri), S("body"), {NULL, 0}};
    return sipv_verify(v, h, &request, &a->c);
}

static sipv_auth_reason send_it(struct answer *a, sipv_verifier *v)
{
    put(a);
    return verify(a, v);
}

static sipv_auth_reason answer(struct answer *a, sipv_verifier *v, uint32_t nc)
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

/* ---- What is taken ------------------------------------------------------------------------------
 */

Test(verifier, every_algorithm_qop_and_secret)
{
    static const char *const names[] = {"ida", "hal"};
    static struct answer a;
    for (int qop = SIPV_QOP_NONE; qop <= SIPV_QOP_AUTH_INT; qop++) {
        sipv_verifier_config c = config();
        c.algorithms = SIPV_ALGORITHMS_ALL;
        c.qops = SIPV_BIT(qop);
        c.userhash = true;
        sipv_verifier *v = make(&c);
        for (unsigned i = 0; i < SIPV_ALGORITHM_COUNT; i++)
            for (int name = 0; name < 2; name++)
                for (int hashed = 0; hashed < 2; hashed++) {
                    take(&a, v, i, (sipv_qop)qop);
                    cr_expect_eq(a.ch.algorithm, SIPV_ALGORITHM_COUNT - 1 - i, "strongest first");
                    cr_expect_eq(a.ch.qops, SIPV_BIT(qop));
                    a.username = names[name];
                    a.userhash = hashed;
                    EXPECT(answer(&a, v, 1), SIPV_FINE);
                    EXPECT(send_it(&a, v),
                           qop == SIPV_QOP_NONE ? SIPV_NONCE_USED : SIPV_NC_REPLAYED);
                }
        size_t n;
        cr_expect_eq(sipv_verifier_challenge(v, h, SIPV_ALGORITHM_COUNT, false, NULL, 0, &n),
                     SIPV_END);
        end(v);
    }
}

Test(verifier, counts_go_up)
{
    static struct answer a;
    const sipv_verifier_config c = config();
    sipv_verifier *v = make(&c);
    take(&a, v, 0, SIPV_QOP_AUTH);
    EXPECT(answer(&a, v, 1), SIPV_FINE);
    EXPECT(answer(&a, v, 2), SIPV_FINE);
    EXPECT(answer(&a, v, 2), SIPV_NC_REPLAYED);
    EXPECT(answer(&a, v, 1), SIPV_NC_REPLAYED);
    EXPECT(answer(&a, v, 9), SIPV_FINE);
    EXPECT(answer(&a, v, 5), SIPV_NC_LOW);
    EXPECT(answer(&a, v, 9), SIPV_NC_REPLAYED);
    EXPECT(answer(&a, v, UINT32_MAX), SIPV_FINE);
    EXPECT(answer(&a, v, 1), SIPV_NC_LOW);
    end(v);
}

Test(verifier, late_counts_once)
{
    static struct answer a;
    sipv_verifier_config c = config();
    c.late = 4;
    sipv_verifier *v = make(&c);
    take(&a, v, 0, SIPV_QOP_AUTH);
    EXPECT(answer(&a, v, 10), SIPV_FINE);
    EXPECT(answer(&a, v, 6), SIPV_FINE);
    EXPECT(answer(&a, v, 6), SIPV_NC_REPLAYED);
    EXPECT(answer(&a, v, 5), SIPV_NC_LOW);
    EXPECT(answer(&a, v, 9), SIPV_FINE);
    EXPECT(answer(&a, v, 12), SIPV_FINE);
    EXPECT(answer(&a, v, 9), SIPV_NC_REPLAYED);
    EXPECT(answer(&a, v, 8), SIPV_FINE);
    EXPECT(answer(&a, v, 200), SIPV_FINE);
    EXPECT(answer(&a, v, 12), SIPV_NC_LOW);
    EXPECT(answer(&a, v, 199), SIPV_FINE);
    end(v);
}

/* ---- What is refused ----------------------------------------------------------------------------
 */

static bool any_uri(void *with, sipv_slice uri, sipv_slice request_uri)
{
    (void)with;
    return uri.n && request_uri.n;
}

Test(verifier, each_reason)
{
    static struct answer a, other;
    sipv_verifier_config c = config(), far = config(), key = config(), open_uri = config();
    far.realm = S("oak.example");
    key.key[31] ^= 1;
    open_uri.same_uri = any_uri;
    sipv_verifier *v = make(&c), *v_far = make(&far), *v_key = make(&key), *v_uri = make(&open_uri);

    take(&a, v, 0, SIPV_QOP_AUTH);
    a.d.realm = S("oak.example");
    EXPECT(answer(&a, v, 1), SIPV_REALM_OTHER);
    take(&other, v_far, 0, SIPV_QOP_AUTH);
    EXPECT(answer(&other, v, 1), SIPV_REALM_OTHER);
    take(&a, v, 0, SIPV_QOP_AUTH);
    a.d.nonce = other.ch.nonce; /* of another realm */
    EXPECT(answer(&a, v, 1), SIPV_NONCE_FOREIGN);
    take(&other, v_key, 0, SIPV_QOP_AUTH);
    EXPECT(answer(&other, v, 1), SIPV_NONCE_FOREIGN);
    take(&a, v, 0, SIPV_QOP_AUTH);
    a.d.nonce = S("84a4cc6f");
    EXPECT(answer(&a, v, 1), SIPV_NONCE_FOREIGN);

    /* SHA-256 was offered first, MD5 second, each with its own nonce. */
    take(&a, v, 0, SIPV_QOP_AUTH);
    cr_expect_eq(a.ch.algorithm, SIPV_SHA_256);
    a.d.algorithm = SIPV_MD5;
    EXPECT(answer(&a, v, 1), SIPV_ALGORITHM_OTHER_THAN_OFFERED);
    a.d.algorithm = SIPV_SHA_256_SESS;
    EXPECT(answer(&a, v, 1), SIPV_ALGORITHM_OTHER_THAN_OFFERED);
    take(&a, v, 0, SIPV_QOP_NONE);
    EXPECT(answer(&a, v, 1), SIPV_QOP_MISSING);
    take(&a, v, 0, SIPV_QOP_AUTH_INT);
    EXPECT(answer(&a, v, 1), SIPV_QOP_OTHER_THAN_OFFERED);
    take(&a, v, 0, SIPV_QOP_AUTH);
    a.userhash = true;
    EXPECT(answer(&a, v, 1), SIPV_USERHASH_NOT_OFFERED);

    take(&a, v, 0, SIPV_QOP_AUTH);
    a.request_uri = "sip:ELM.example";
    EXPECT(answer(&a, v, 1), SIPV_URI_OTHER);
    take(&a, v_uri, 0, SIPV_QOP_AUTH);
    a.request_uri = "sip:ELM.example";
    EXPECT(answer(&a, v_uri, 1), SIPV_FINE);

    take(&a, v, 0, SIPV_QOP_AUTH);
    a.username = "eve";
    EXPECT(answer(&a, v, 1), SIPV_USER_UNKNOWN);
    a.username = "ida";
    a.d.password = S("");
    EXPECT(answer(&a, v, 1), SIPV_RESPONSE_WRONG);
    a.d.password = S("swordfish");
    a.d.method = S("INVITE");
    EXPECT(answer(&a, v, 1), SIPV_RESPONSE_WRONG);
    a.d.method = S("REGISTER");
    compute(&a, 1);
    a.response.n -= 1;
    EXPECT(send_it(&a, v), SIPV_RESPONSE_LENGTH);
    compute(&a, 1);
    a.response.text[3] = 'A';
    EXPECT(send_it(&a, v), SIPV_FORM);
    compute(&a, 1);
    a.d.nc = S("1");
    EXPECT(send_it(&a, v), SIPV_FORM);
    EXPECT(answer(&a, v, 1), SIPV_FINE);
    end(v);
    end(v_far);
    end(v_key);
    end(v_uri);
}

Test(verifier, an_old_nonce_is_stale_for_a_right_response_only)
{
    static struct answer a;
    sipv_verifier_config c = config();
    c.nonce_ms = 5000;
    sipv_verifier *v = make(&c);
    take(&a, v, 0, SIPV_QOP_AUTH);
    EXPECT(answer(&a, v, 1), SIPV_FINE);
    world.now_ms += 5000;
    EXPECT(answer(&a, v, 2), SIPV_FINE);
    world.now_ms += 1;
    a.d.password = S("wrong");
    EXPECT(answer(&a, v, 3), SIPV_RESPONSE_WRONG);
    a.d.password = S("swordfish");
    EXPECT(answer(&a, v, 3), SIPV_NONCE_EXPIRED);
    for (int r = 0; r < SIPV_AUTH_REASON_COUNT; r++)
        cr_expect_eq(sipv_auth_reason_is_stale((sipv_auth_reason)r),
                     r == SIPV_NONCE_EXPIRED || r == SIPV_NONCE_USED);
    world.now_ms = 1000000 - 5000; /* a clock set back: made in the future */
    EXPECT(answer(&a, v, 3), SIPV_FINE);
    world.now_ms -= 1;
    EXPECT(answer(&a, v, 4), SIPV_NONCE_EXPIRED);
    end(v);
}

/* A clock may begin with 0. */
Test(verifier, the_first_moment)
{
    static struct answer a;
    const sipv_verifier_config c = config();
    world.now_ms = 0;
    sipv_verifier *v = make(&c);
    take(&a, v, 0, SIPV_QOP_AUTH);
    EXPECT(answer(&a, v, 1), SIPV_FINE);
    EXPECT(answer(&a, v, 1), SIPV_NC_REPLAYED);
    end(v);
}

Test(verifier, failures_move_nothing)
{
    static struct answer a;
    const sipv_verifier_config c = config();
    sipv_verifier *v = make(&c);
    const size_t size = sipv_verifier_size(&c);
    unsigned char *before = malloc(size);
    cr_assert(before);
    take(&a, v, 0, SIPV_QOP_AUTH);
    memcpy(before, v, size);
    a.d.password = S("wrong");
    EXPECT(answer(&a, v, 7), SIPV_RESPONSE_WRONG);
    a.d.password = S("swordfish");
    a.username = "eve";
    EXPECT(answer(&a, v, 7), SIPV_USER_UNKNOWN);
    a.username = "ida";
    a.request_uri = "sip:x";
    EXPECT(answer(&a, v, 7), SIPV_URI_OTHER);
    a.request_uri = "sip:elm.example";
    cr_expect_eq(memcmp(before, v, size), 0, "something was written");
    EXPECT(answer(&a, v, 3), SIPV_FINE);
    memcpy(before, v, size);
    EXPECT(answer(&a, v, 3), SIPV_NC_REPLAYED);
    EXPECT(answer(&a, v, 2), SIPV_NC_LOW);
    cr_expect_eq(memcmp(before, v, size), 0, "something was written");
    EXPECT(answer(&a, v, 4), SIPV_FINE);
    free(before);
    end(v);
}

/* One bit of any part of the credentials: never taken. */
Test(verifier, any_bit_of_the_credentials_counts)
{
    static struct answer a;
    sipv_verifier_config c = config();
    c.qops = SIPV_BIT(SIPV_QOP_AUTH) | SIPV_BIT(SIPV_QOP_AUTH_INT);
    sipv_verifier *v = make(&c);
    take(&a, v, 0, SIPV_QOP_AUTH_INT);
    compute(&a, 5);
    put(&a);
    sipv_slice *const parts[] = {&a.c.username, &a.c.realm,  &a.c.nonce, &a.c.uri,
                                 &a.c.response, &a.c.cnonce, &a.c.nc};
    unsigned tried = 0;
    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
        const sipv_slice right = *parts[p];
        unsigned char copy[128];
        cr_assert_leq(right.n, sizeof copy);
        memcpy(copy, right.p, right.n);
        *parts[p] = sipv_slice_of(copy, right.n);
        for (size_t bit = 0; bit < 8 * right.n; bit++, tried++) {
            copy[bit / 8] ^= (unsigned char)(1u << bit % 8);
            const sipv_auth_reason r = verify(&a, v);
            cr_expect_neq(r, SIPV_FINE, "part %zu, bit %zu", p, bit);
            const bool told = p == 0   ? r == SIPV_USER_UNKNOWN || r == SIPV_RESPONSE_WRONG
                              : p == 1 ? r == SIPV_REALM_OTHER
                              : p == 2 ? r == SIPV_NONCE_FOREIGN
                              : p == 3 ? r == SIPV_URI_OTHER
                                       : r == SIPV_RESPONSE_WRONG;
            cr_expect(told, "part %zu, bit %zu: %s", p, bit, sipv_auth_reason_name(r));
            copy[bit / 8] ^= (unsigned char)(1u << bit % 8);
        }
        *parts[p] = right;
    }
    cr_expect_gt(tried, 1000);
    EXPECT(verify(&a, v), SIPV_FINE);
    end(v);
}

/* ---- Memory -------------------------------------------------------------------------------------
 */

Test(verifier, size_is_as_stated)
{
    sipv_verifier_config c = config();
    for (size_t n = 1; n < 100000; n = n * 3 + 1) {
        c.nonces = n;
        cr_expect_leq(sipv_verifier_size(&c), 1024 + 66 * n, "%zu", n);
        void *memory = malloc(sipv_verifier_size(&c));
        cr_assert(memory);
        cr_expect_null(sipv_verifier_init(memory, sipv_verifier_size(&c) - 1, &c));
        cr_expect(sipv_verifier_init(memory, sipv_verifier_size(&c), &c));
        sipv_verifier_close(memory);
        for (size_t i = 0; i < sipv_verifier_size(&c); i++)
            cr_assert_eq(((unsigned char *)memory)[i], 0, "not wiped");
        free(memory);
    }
}

/* A million nonces that nobody made, and a hundred thousand that were answered: no memory, no way
 * round the window. */
Test(verifier, a_million_nonces)
{
    static struct answer a, first;
    sipv_verifier_config c = config();
    c.nonces = 64;
    sipv_verifier *v = make(&c);
    take(&first, v, 0, SIPV_QOP_AUTH);
    EXPECT(answer(&first, v, 1), SIPV_FINE);
    take(&a, v, 0, SIPV_QOP_AUTH);
    EXPECT(answer(&a, v, 1), SIPV_FINE);
    const size_t before = mallinfo2().uordblks;
    char nonce[SIPV_NONCE_DIGITS];
    for (int i = 0; i < 1000000; i++) {
        unsigned char octets[SIPV_NONCE_DIGITS];
        draw(&world, octets, sizeof octets);
        for (size_t k = 0; k < sizeof octets; k++)
            nonce[k] = "0123456789abcdef"[octets[k] & 15];
        a.c.nonce = sipv_slice_of(nonce, sizeof nonce);
        cr_assert_eq(verify(&a, v), SIPV_NONCE_FOREIGN);
    }
    unsigned taken = 0, forgotten = 0;
    for (int i = 0; i < 100000; i++) {
        world.now_ms += (unsigned)i % 2;
        take(&a, v, 1, SIPV_QOP_AUTH);
        const sipv_auth_reason r = answer(&a, v, 1);
        taken += r == SIPV_FINE;
        if (r == SIPV_FINE) {
            const sipv_auth_reason again = send_it(&a, v);
            cr_assert_eq(again, SIPV_NC_REPLAYED, "%s", sipv_auth_reason_name(again));
        } else {
            cr_assert_eq(r, SIPV_NONCE_USED);
        }
        if (i % 1000 == 999) { /* the first is gone by now, and is not believed to be new */
            const sipv_auth_reason old = send_it(&first, v);
            cr_assert_neq(old, SIPV_FINE);
            forgotten += old == SIPV_NONCE_USED;
        }
    }
    cr_expect_gt(taken, 50000);
    cr_expect_gt(forgotten, 90);
    cr_expect_eq(mallinfo2().uordblks, before, "memory has grown");
    end(v);
}

/* ---- Configurations -----------------------------------------------------------------------------
 */

static void refused(const sipv_verifier_config *c, const char *what)
{
    static unsigned char memory[1 << 17];
    cr_expect_null(sipv_verifier_init(memory, sizeof memory, c), "%s", what);
}

Test(verifier, wrong_configurations)
{
    static char many[300];
    sipv_verifier_config c;
    memset(many, 'r', sizeof many);
#define WRONG(change)                                                                              \
    do {                                                                                           \
        c = config();                                                                              \
        change;                                                                                    \
        refused(&c, #change);                                                                      \
    } while (0)
    WRONG(c.realm = S(""));
    WRONG(c.realm = S("a\r\nb"));
    WRONG(c.realm = sipv_slice_of(many, sizeof many));
    WRONG(c.realm = sipv_slice_of("a\0b", 3));
    WRONG(c.lookup = NULL);
    WRONG(c.clock = NULL);
    WRONG(c.late = 64);
    WRONG(c.algorithms = SIPV_BIT(SIPV_ALGORITHM_COUNT));
    WRONG(c.qops = SIPV_BIT(SIPV_QOP_OTHER));
    WRONG(c.qops = SIPV_BIT(SIPV_QOP_NONE) | SIPV_BIT(SIPV_QOP_AUTH));
#undef WRONG
    cr_expect_null(sipv_verifier_init(NULL, 1000000, &c));
}

Test(verifier, a_realm_with_quotes)
{
    static struct answer a;
    sipv_verifier_config c = config();
    c.realm = S("the \"elm\" \\ realm");
    sipv_verifier *v = make(&c);
    take(&a, v, 0, SIPV_QOP_AUTH);
    EXPECT(answer(&a, v, 1), SIPV_FINE);
    end(v);
}
