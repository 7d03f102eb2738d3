/* Calls through proxies over networks that lose, double and reorder: everything ends, nothing is
 * left, and upstream hears one final response.
 *
 * SIPVET_SEEDS=N in the environment takes N seeds for each kind of network. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "mesh.h"
#include "messages.h"
#include "phone.h"
#include "seeds.h"

enum { SEEDS = 400, CALLS = 3 };

static struct mesh mesh;
static struct phone alice, bobs[3];
static struct mesh_proxy p1, p2;
static struct registrar registrar;
static size_t n_bobs;

static struct proxy_settings settings_of(uint64_t seed)
{
    struct proxy_settings s = proxy_settings_default();
    s.transactions.limits.transactions = 512;
    s.limits.contexts = s.limits.branches = 128;
    s.seed[0] = seed;
    return s;
}

static struct ua_settings phone_settings(void)
{
    struct ua_settings s = ua_settings_default();
    s.calls = 64;
    s.transactions.limits.transactions = 256;
    s.dialogs.dialogs = 64;
    s.next = "sip:p1.example";
    return s;
}

static void do_register(const char *contact)
{
    char text[1024];
    unsigned char out[1024];
    struct compose c = {out, sizeof out, 0};
    struct room room;
    snprintf(text, sizeof text,
             "REGISTER sip:h.example SIP/2.0\r\nVia: SIP/2.0/UDP x.example;branch=z9hG4bK1\r\n"
             "From: <sip:peer@h.example>;tag=1\r\nTo: <sip:peer@h.example>\r\nCall-ID: %zu\r\n"
             "CSeq: 1 REGISTER\r\nMax-Forwards: 70\r\nContact: %s\r\nContent-Length: 0\r\n\r\n",
             strlen(contact) + registrar_count(&registrar), contact);
    cr_assert(room_open(&room));
    cr_assert_eq(room_parse(&room, text, strlen(text), SIPV_STRICT), SIPV_OK);
    cr_assert_eq(registrar_answer(&registrar, 0, &room.m, sipv_slice_text("t"), &c), 200);
    room_close(&room);
}

/* Alice - p1 - p2, the registrar of h.example - one Bob or three. */
static void open_all(const struct simulator_settings *network, size_t n, bool reliable)
{
    static const char *const names[] = {"bob1", "bob2", "bob3"};
    static const char *const hosts[] = {"bob1.example", "bob2.example", "bob3.example"};
    static const char *const contacts[] = {"<sip:bob1@bob1.example>;q=0.7",
                                           "<sip:bob2@bob2.example>;q=0.7",
                                           "<sip:bob3@bob3.example>;q=0.2"};
    static const char *const domain = "h.example";
    const struct ua_settings ua = phone_settings();
    struct registrar_settings where = registrar_settings_default();
    struct proxy_settings s = settings_of(network->seed);
    where.domain = domain;
    where.bindings = 16;
    n_bobs = n;
    cr_assert(mesh_open(&mesh, network));
    cr_assert(phone_open(&alice, mesh.sim, "alice", &ua));
    mesh_name(&mesh, "alice.example", alice.number);
    alice.uri = "sip:peer@h.example";
    alice.cable.tcp_only = reliable;
    cr_assert_eq(registrar_open(&registrar, &where), SIPV_OK);
    s.next = "sip:p2.example";
    s.record_route = network->seed % 2;
    s.stateless = network->seed % 5 == 4;
    cr_assert(mesh_proxy_open(&p1, &mesh, "p1.example", &s, reliable));
    s = settings_of(network->seed + 1);
    s.record_route = network->seed % 3 == 0;
    s.registrar = &registrar;
    s.domains = &domain;
    s.n_domains = 1;
    cr_assert(mesh_proxy_open(&p2, &mesh, "p2.example", &s, reliable));
    for (size_t i = 0; i < n; i++) {
        cr_assert(phone_open(&bobs[i], mesh.sim, names[i], &ua));
        mesh_name(&mesh, hosts[i], bobs[i].number);
        bobs[i].cable.tcp_only = reliable;
        bobs[i].random = true;
        do_register(contacts[i]);
    }
}

static void close_all(void)
{
    phone_close(&alice);
    for (size_t i = 0; i < n_bobs; i++)
        phone_close(&bobs[i]);
    mesh_proxy_close(&p1);
    mesh_proxy_close(&p2);
    registrar_close(&registrar);
    mesh_close(&mesh);
}

static void expect_quiet(const struct phone *phone, uint64_t seed)
{
    cr_expect_eq(ua_calls(&phone->ua), 0, "seed %llu: calls", (unsigned long long)seed);
    cr_expect_eq(ua_transactions(&phone->ua), 0, "seed %llu", (unsigned long long)seed);
    cr_expect_eq(ua_dialogs(&phone->ua), 0, "seed %llu: dialogs", (unsigned long long)seed);
    cr_expect_eq(phone->faults, 0, "seed %llu: faults", (unsigned long long)seed);
    cr_expect_eq(phone->began, phone->ended, "seed %llu: calls ended", (unsigned long long)seed);
}

static unsigned long established, refused;

static void one_run(const struct simulator_settings *network, size_t n, bool reliable)
{
    const uint64_t seed = network->seed;
    open_all(network, n, reliable);
    for (unsigned i = 0; i < CALLS; i++)
        phone_call(&alice, p1.number, simulator_random(mesh.sim, 30000));
    cr_assert(phones_settle(mesh.sim), "seed %llu does not end", (unsigned long long)seed);
    expect_quiet(&alice, seed);
    for (size_t i = 0; i < n; i++)
        expect_quiet(&bobs[i], seed);
    cr_expect(mesh_proxy_is_empty(&p1), "seed %llu: the first proxy", (unsigned long long)seed);
    cr_expect(mesh_proxy_is_empty(&p2), "seed %llu: the second proxy", (unsigned long long)seed);
    cr_expect_eq(mesh.twice, 0, "seed %llu: two final responses", (unsigned long long)seed);
    for (const char *at = alice.log; (at = strstr(at, "established")); at++)
        established++;
    for (const char *at = alice.log; (at = strstr(at, "ended-4")); at++)
        refused++;
    close_all();
}

static void many(unsigned loss, size_t n, bool reliable)
{
    established = refused = 0;
    for (uint64_t seed = 1; seed <= seeds_or(SEEDS); seed++) {
        const struct simulator_settings network = {.seed = seed,
                                                   .loss = loss,
                                                   .duplication = loss / 2,
                                                   .delay_min_ms = 1,
                                                   .delay_max_ms = 300,
                                                   .in_flight = 1024};
        one_run(&network, n, reliable);
    }
    cr_expect_gt(established, seeds_or(SEEDS) / 8, "%lu calls stood", established);
    cr_expect_gt(refused, seeds_or(SEEDS) / 8, "%lu calls were refused", refused);
}

Test(proxy_loss, one_callee_nothing_lost)
{
    many(0, 1, false);
}

Test(proxy_loss, one_callee_a_tenth_lost)
{
    many(100, 1, false);
}

Test(proxy_loss, one_callee_much_lost)
{
    many(400, 1, false);
}

Test(proxy_loss, one_callee_over_tcp)
{
    many(0, 1, true);
}

Test(proxy_loss, three_callees_nothing_lost)
{
    many(0, 3, false);
}

Test(proxy_loss, three_callees_a_tenth_lost)
{
    many(100, 3, false);
}

Test(proxy_loss, three_callees_much_lost)
{
    many(400, 3, false);
}

Test(proxy_loss, three_callees_over_tcp)
{
    many(0, 3, true);
}
