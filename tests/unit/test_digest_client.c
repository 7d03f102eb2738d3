/* The client against the verifier: which challenge is answered, counts, stale, nextnonce, loops
 * (RFC 7616 3.3 to 3.5, RFC 3261 22.1, RFC 8760 2.4). */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <sipvet/auth.h>

#define S(text) sipv_slice_text(text)

enum { VALUE = 1024 };

static sipv_hasher *h;
static uint64_t now_ms;

static uint64_t clock_ms(void *with)
{
    (void)with;
    return now_ms;
}

static int lookup(void *with, const sipv_claim *claim, sipv_secret *secret)
{
    (void)with;
    secret->password = S("swordfish");
    secret->username = S("ida");
    return claim->userhash || sipv_slice_is(claim->username, "ida") ? SIPV_OK : SIPV_ABSENT;
}

/* Both ends, and what goes between them. */
static struct ends {
    sipv_verifier *v;
    sipv_client client;
    unsigned char memory[VALUE];
    sipv_event events[256];
    unsigned char text[VALUE], challenge[4][VALUE], value[VALUE], info[VALUE];
    sipv_room room;
    sipv_challenge list[4];
    size_t n_list, n_value;
    sipv_client_request request;
    sipv_credentials credentials;
} e;

static void open_ends(const sipv_verifier_config *given, const sipv_client_config *client)
{
    sipv_verifier_config c = *given;
    memset(&e, 0, sizeof e);
    now_ms = 1000000;
    h = sipv_hasher_new();
    cr_assert(h);
    c.realm = S("elm.example");
    c.lookup = lookup;
    c.clock = clock_ms;
    const size_t n = sipv_verifier_size(&c);
    void *memory = malloc(n);
    e.v = sipv_verifier_init(memory, n, &c);
    cr_assert(e.v);
    cr_assert_eq(sipv_client_init(&e.client, e.memory, sizeof e.memory, client), SIPV_OK);
    e.request.username = S("ida");
    e.request.password = S("swordfish");
    e.request.method = S("INVITE");
    e.request.uri = S("sip:ivo@oak.example");
    e.request.body = S("v=0\r\n");
}

static void close_ends(void)
{
    sipv_client_close(&e.client);
    sipv_verifier_close(e.v);
    free(e.v);
    sipv_hasher_free(h);
}

static void begin_room(void)
{
    e.room = sipv_room_of(e.events, 256, e.text, sizeof e.text);
}

/* All challenges of the verifier to the client. */
static int challenge(bool stale)
{
    size_t n;
    begin_room();
    for (e.n_list = 0; sipv_verifier_challenge(e.v, h, (unsigned)e.n_list, stale,
                                               e.challenge[e.n_list], VALUE, &n) == SIPV_OK;
         e.n_list++) {
        sipv_challenges list;
        const sipv_slice value = sipv_slice_of(e.challenge[e.n_list], n);
        cr_assert_eq(sipv_challenges_parse(value, &e.room, &list, NULL), SIPV_OK);
        cr_assert_eq(sipv_challenges_next(&list, &e.list[e.n_list]), SIPV_OK);
        cr_expect_eq(e.list[e.n_list].stale, stale);
    }
    return sipv_client_challenged(&e.client, h, e.list, e.n_list);
}

static sipv_auth_reason answer(void)
{
    const sipv_verifier_request r = {e.request.method, e.request.uri, e.request.body, {NULL, 0}};
    cr_assert_eq(sipv_client_answer(&e.client, h, &e.request, e.value, sizeof e.value, &e.n_value),
                 SIPV_OK);
    begin_room();
    cr_assert_eq(sipv_credentials_parse(sipv_slice_of(e.value, e.n_value), &e.room, &e.credentials),
                 SIPV_OK);
    return sipv_verify(e.v, h, &r, &e.credentials);
}

/* Authentication-Info of the verifier to the client. */
static int inform(bool next, const char *body, const char *received)
{
    sipv_auth_info info;
    size_t n;
    sipv_room room;
    static sipv_event events[64];
    static unsigned char text[VALUE];
    cr_assert_eq(sipv_verifier_info(e.v, h, &e.credentials, S(body), next, e.info, VALUE, &n),
                 SIPV_OK);
    room = sipv_room_of(events, 64, text, sizeof text);
    cr_assert_eq(sipv_auth_info_parse(sipv_slice_of(e.info, n), &room, &info), SIPV_OK);
    cr_expect_eq(info.fault.reason, SIPV_FINE);
    return sipv_client_info(&e.client, h, &info, &e.request, S(received));
}

Test(client, every_algorithm_and_qop_both_ways)
{
    for (int a = 0; a < SIPV_ALGORITHM_COUNT; a++)
        for (int qop = SIPV_QOP_NONE; qop <= SIPV_QOP_AUTH_INT; qop++)
            for (int hashed = 0; hashed < 2; hashed++) {
                sipv_verifier_config c = {
                    .algorithms = SIPV_BIT(a), .qops = SIPV_BIT(qop), .userhash = hashed};
                open_ends(&c, NULL);
                cr_assert_eq(challenge(false), SIPV_OK);
                cr_expect_eq(answer(), SIPV_FINE);
                cr_expect_eq(e.credentials.userhash, hashed);
                if (qop == SIPV_QOP_NONE) {
                    cr_expect_eq(answer(), SIPV_NONCE_USED);
                } else {
                    cr_expect_eq(inform(false, "b", "b"), SIPV_OK);
                    cr_expect_eq(answer(), SIPV_FINE);
                    cr_expect_eq(e.client.nc, 2);
                    cr_expect_eq(inform(false, "b", "c"),
                                 qop == SIPV_QOP_AUTH_INT ? SIPV_REJECT : SIPV_OK);
                }
                close_ends();
            }
}

Test(client, first_or_strongest)
{
    const sipv_verifier_config c = {.algorithms = SIPV_ALGORITHMS_ALL & ~0x2au}; /* no -sess */
    sipv_client_config how = {.preference = SIPV_PREFER_FIRST};
    open_ends(&c, &how);
    cr_assert_eq(challenge(false), SIPV_OK);
    cr_expect_eq(e.n_list, 3);
    cr_expect_eq(e.client.algorithm, SIPV_SHA_512_256, "the first");
    sipv_challenge reversed[] = {e.list[2], e.list[1], e.list[0]};
    sipv_client_init(&e.client, e.memory, sizeof e.memory, &how);
    cr_assert_eq(sipv_client_challenged(&e.client, h, reversed, 3), SIPV_OK);
    cr_expect_eq(e.client.algorithm, SIPV_MD5, "the first");
    how.preference = SIPV_PREFER_STRONGEST;
    sipv_client_init(&e.client, e.memory, sizeof e.memory, &how);
    cr_assert_eq(sipv_client_challenged(&e.client, h, reversed, 3), SIPV_OK);
    cr_expect_eq(e.client.algorithm, SIPV_SHA_512_256, "the strongest");
    how.algorithms = SIPV_BIT(SIPV_SHA_256);
    sipv_client_init(&e.client, e.memory, sizeof e.memory, &how);
    cr_assert_eq(sipv_client_challenged(&e.client, h, reversed, 3), SIPV_OK);
    cr_expect_eq(e.client.algorithm, SIPV_SHA_256, "the only one allowed");
    how.algorithms = SIPV_BIT(SIPV_SHA_256_SESS);
    sipv_client_init(&e.client, e.memory, sizeof e.memory, &how);
    cr_expect_eq(sipv_client_challenged(&e.client, h, reversed, 3), SIPV_ABSENT);
    close_ends();
}

Test(client, qop_as_wanted)
{
    const unsigned both = SIPV_BIT(SIPV_QOP_AUTH) | SIPV_BIT(SIPV_QOP_AUTH_INT);
    const sipv_verifier_config c = {.qops = both};
    sipv_client_config how = {.prefer_integrity = true};
    open_ends(&c, &how);
    cr_assert_eq(challenge(false), SIPV_OK);
    cr_expect_eq(answer(), SIPV_FINE);
    cr_expect_eq(e.credentials.qop, SIPV_QOP_AUTH_INT);
    how.prefer_integrity = false;
    sipv_client_init(&e.client, e.memory, sizeof e.memory, &how);
    cr_assert_eq(challenge(false), SIPV_OK);
    cr_expect_eq(answer(), SIPV_FINE);
    cr_expect_eq(e.credentials.qop, SIPV_QOP_AUTH);
    how.qops = SIPV_BIT(SIPV_QOP_NONE); /* what is offered is never left out */
    sipv_client_init(&e.client, e.memory, sizeof e.memory, &how);
    cr_expect_eq(challenge(false), SIPV_ABSENT);
    close_ends();
}

Test(client, stale_is_followed)
{
    const sipv_verifier_config c = {.nonce_ms = 1000};
    open_ends(&c, NULL);
    cr_assert_eq(challenge(false), SIPV_OK);
    cr_expect_eq(answer(), SIPV_FINE);
    now_ms += 2000;
    cr_expect_eq(answer(), SIPV_NONCE_EXPIRED);
    cr_assert_eq(challenge(true), SIPV_OK);
    cr_expect_eq(e.client.nc, 0, "counts begin anew");
    cr_expect_eq(answer(), SIPV_FINE);
    cr_expect_eq(e.client.nc, 1);
    close_ends();
}

Test(client, nextnonce_is_followed)
{
    const sipv_verifier_config c = {.algorithms = SIPV_BIT(SIPV_SHA_256)};
    open_ends(&c, NULL);
    cr_assert_eq(challenge(false), SIPV_OK);
    cr_expect_eq(answer(), SIPV_FINE);
    cr_expect_eq(inform(true, "", ""), SIPV_OK);
    const sipv_slice old = e.credentials.nonce;
    unsigned char copy[SIPV_NONCE_DIGITS];
    memcpy(copy, old.p, sizeof copy);
    cr_expect_eq(answer(), SIPV_FINE);
    cr_expect_eq(e.client.nc, 1);
    cr_expect_neq(memcmp(copy, e.credentials.nonce.p, sizeof copy), 0);
    close_ends();
}

Test(client, a_loop_is_seen)
{
    const sipv_verifier_config c = {.nonce_ms = 1000};
    open_ends(&c, NULL);
    e.request.password = S("wrong");
    cr_assert_eq(challenge(false), SIPV_OK);
    cr_expect_eq(answer(), SIPV_RESPONSE_WRONG);
    cr_expect_eq(challenge(false), SIPV_END, "refused: the same would be refused again");
    close_ends();

    open_ends(&c, NULL);
    cr_assert_eq(challenge(false), SIPV_OK);
    answer();
    cr_expect_eq(sipv_client_challenged(&e.client, h, e.list, e.n_list), SIPV_END);
    e.list[0].stale = e.list[1].stale = true;
    cr_expect_eq(sipv_client_challenged(&e.client, h, e.list, e.n_list), SIPV_END,
                 "stale, and the nonce is the same");
    for (int i = 0; i < SIPV_CLIENT_STALE_MAX; i++) {
        cr_assert_eq(challenge(true), SIPV_OK);
        answer();
    }
    cr_expect_eq(challenge(true), SIPV_END, "stale for ever");
    close_ends();

    open_ends(&c, NULL);
    cr_assert_eq(challenge(false), SIPV_OK);
    answer();
    sipv_client_accepted(&e.client);
    cr_expect_eq(challenge(false), SIPV_OK, "the server has forgotten the nonce");
    close_ends();
}

/* Challenges that are passed over: other schemes, faults, unknown algorithms, other realms. */
Test(client, what_cannot_be_met)
{
    static const char value[] =
        "Basic realm=\"elm.example\", Digest realm=\"elm.example\", nonce=\"1\", algorithm=SHA3, "
        "Digest realm=\"elm.example\", nonce=\"2\", nonce=\"3\", Digest realm=\"elm.example\", "
        "nonce=\"4\", qop=\"auth-conf\", Digest realm=\"elm.example\", nonce=\"5\", "
        "opaque=\"a\\\"b\", qop=\"token,auth\"";
    const sipv_verifier_config c = {.nonces = 0};
    sipv_challenges list;
    sipv_challenge all[8];
    size_t n = 0, need = 0;
    open_ends(&c, NULL);
    begin_room();
    cr_assert_eq(sipv_challenges_parse(S(value), &e.room, &list, NULL), SIPV_OK);
    while (sipv_challenges_next(&list, &all[n]) == SIPV_OK)
        n++;
    cr_expect_eq(n, 5);
    cr_expect_eq(sipv_client_challenged(&e.client, h, all, 4), SIPV_ABSENT);
    cr_expect_eq(sipv_client_answer(&e.client, h, &e.request, e.value, VALUE, &need), SIPV_ABSENT);
    cr_assert_eq(sipv_client_challenged(&e.client, h, all, n), SIPV_OK);
    cr_expect(sipv_slice_is(e.client.nonce, "5"));
    cr_expect_eq(sipv_client_answer(&e.client, h, &e.request, NULL, 0, &need), SIPV_NO_SPACE);
    cr_expect_eq(e.client.nc, 0, "no count is used up");
    cr_expect_eq(sipv_client_answer(&e.client, h, &e.request, e.value, need - 1, &need),
                 SIPV_NO_SPACE);
    cr_expect_eq(sipv_client_answer(&e.client, h, &e.request, e.value, need, &need), SIPV_OK);
    e.value[need] = 0;
    cr_expect(strstr((char *)e.value, "opaque=\"a\\\"b\""), "%s", e.value);
    cr_expect_null(strstr((char *)e.value, "algorithm"), "it had none");
    sipv_client_accepted(&e.client);
    all[4].realm = S("oak.example");
    cr_expect_eq(sipv_client_challenged(&e.client, h, all, n), SIPV_ABSENT, "another realm");
    e.client.nc = UINT32_MAX;
    cr_expect_eq(sipv_client_answer(&e.client, h, &e.request, e.value, VALUE, &need), SIPV_LIMIT);
    sipv_client small;
    sipv_client_init(&small, e.memory, 11, NULL);
    all[4].realm = S("elm.example");
    cr_expect_eq(sipv_client_challenged(&small, h, all, n), SIPV_NO_SPACE);
    close_ends();
}

/* What the server says of itself must be right: rspauth, of this cnonce and count. */
Test(client, a_wrong_server_is_seen)
{
    const sipv_verifier_config c = {.nonces = 0};
    sipv_auth_info info;
    sipv_event events[64];
    unsigned char text[64];
    size_t n;
    open_ends(&c, NULL);
    cr_assert_eq(challenge(false), SIPV_OK);
    cr_expect_eq(answer(), SIPV_FINE);
    cr_assert_eq(sipv_verifier_info(e.v, h, &e.credentials, S(""), true, e.info, VALUE, &n),
                 SIPV_OK);
    for (size_t i = 0; i < n; i++) {
        sipv_room room = sipv_room_of(events, 64, text, sizeof text);
        const unsigned char was = e.info[i];
        if (was < '0' || was > 'f' || !memchr("0123456789abcdef", was, 16))
            continue;
        e.info[i] = was == '0' ? '1' : '0';
        sipv_client copy = e.client;
        cr_assert_eq(sipv_auth_info_parse(sipv_slice_of(e.info, n), &room, &info), SIPV_OK);
        const int result = sipv_client_info(&copy, h, &info, &e.request, S(""));
        const bool in_next = info.nextnonce.p && i >= (size_t)(info.nextnonce.p - e.info) &&
                             i < (size_t)(info.nextnonce.p - e.info) + info.nextnonce.n;
        if (info.nextnonce.p && info.rspauth.p && info.cnonce.p && info.nc.p && !in_next &&
            info.qop == SIPV_QOP_AUTH)
            cr_expect_eq(result, SIPV_REJECT, "byte %zu: %.*s", i, (int)n, e.info);
        e.info[i] = was;
    }
    close_ends();
}

/* Nothing that is written can begin a line. */
Test(client, no_line_ends_are_written)
{
    sipv_credentials_parts p;
    unsigned char out[VALUE];
    size_t n;
    memset(&p, 0, sizeof p);
    p.username = S("ida");
    p.realm = p.nonce = p.uri = p.response = p.cnonce = p.opaque = S("x");
    p.nc = S("00000001");
    p.qop = SIPV_QOP_AUTH;
    sipv_slice *const fields[] = {&p.username, &p.realm,  &p.nonce,  &p.uri,
                                  &p.response, &p.cnonce, &p.opaque, &p.nc};
    cr_assert_eq(sipv_credentials_write(&p, out, VALUE, &n), SIPV_OK);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const sipv_slice was = *fields[i];
        static const char *const bad[] = {"a\rb", "a\nb", "a\r\nVia: b", "\n", "\xc3\xa9\r"};
        for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
            *fields[i] = S(bad[k]);
            cr_expect_eq(sipv_credentials_write(&p, out, VALUE, &n), SIPV_BAD_ARGUMENT);
        }
        *fields[i] = sipv_slice_of("a\0b", 3);
        cr_expect_eq(sipv_credentials_write(&p, out, VALUE, &n), SIPV_BAD_ARGUMENT);
        *fields[i] = was;
    }
    p.algorithm_shown = true;
    p.algorithm = SIPV_ALGORITHM_OTHER;
    cr_expect_eq(sipv_credentials_write(&p, out, VALUE, &n), SIPV_BAD_ARGUMENT);
}
