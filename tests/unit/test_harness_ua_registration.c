/* A user agent that stays registered: refreshes, 423, failures, and the way out. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <bindings.h>

#include "desk.h"
#include "phone.h"

enum { SEEDS = 150, HOUR = 3600 * 1000 };

#define ALICE "sip:alice@a.example"

static struct simulator *sim;
static struct phone alice;
static struct desk desk;
static struct guard guard;

static int lookup(void *with, const sipv_claim *claim, sipv_secret *secret)
{
    (void)with, (void)claim;
    secret->password = sipv_slice_text("wonder");
    return SIPV_OK;
}

static void open_all(const struct simulator_settings *network, const struct ua_settings *mine,
                     const struct registrar_settings *registrar, bool guarded)
{
    const struct simulator_settings usual = simulator_settings_default();
    struct ua_settings settings = mine ? *mine : ua_settings_default();
    struct guard_settings asks = guard_settings_default();
    settings.aor = ALICE;
    settings.password = "wonder";
    settings.calls = 4;
    settings.dialogs.dialogs = 4;
    settings.transactions.limits.transactions = 64;
    asks.realm = "a.example";
    asks.lookup = lookup;
    asks.nonces = 16;
    sim = simulator_new(network ? network : &usual);
    cr_assert(sim && phone_open(&alice, sim, "alice", &settings) &&
              desk_open(&desk, sim, "a.example", registrar));
    cr_assert_eq(guard_open(&guard, &asks), SIPV_OK);
    desk.guard = guarded ? &guard : NULL;
}

static void close_all(void)
{
    phone_close(&alice);
    desk_close(&desk);
    guard_close(&guard);
    simulator_free(sim);
}

static void settle(void)
{
    cr_assert(phones_settle(sim));
    cr_expect_eq(ua_transactions(&alice.ua), 0);
    cr_expect_not(ua_registering(&alice.ua));
    cr_expect_eq(alice.faults + desk.faults, 0);
}

/* Steps until `ms`; true if Alice was bound all that time. */
static bool until(uint64_t ms)
{
    bool bound = true;
    while (simulator_now(sim) < ms && simulator_step(sim))
        bound &= desk_has(&desk, ALICE) || simulator_now(sim) >= ms;
    return bound;
}

static size_t count_of(const char *text, const char *word)
{
    size_t n = 0;
    for (const char *p = text; (p = strstr(p, word)); p++)
        n++;
    return n;
}

static void enrol(uint32_t expires_s)
{
    cr_expect_eq(ua_register(&alice.ua, simulator_now(sim), "sip:a.example", expires_s), SIPV_OK);
    phone_carry_out(&alice);
}

/* ---- Staying --------------------------------------------------------------------------------- */

Test(staying, three_hours)
{
    open_all(NULL, NULL, NULL, true);
    cr_expect_eq(ua_unregister(&alice.ua, 0), SIPV_ABSENT);
    enrol(3600);
    cr_expect_eq(ua_register(&alice.ua, 0, "sip:a.example", 60), SIPV_REJECT, "once is enough");
    until(10);
    cr_expect_str_eq(alice.log, "registration-200 ");
    cr_expect(until(3 * HOUR));
    cr_expect_eq(count_of(alice.log, "registration-200 "), 4, "%s", alice.log);
    cr_expect_eq(desk.challenged, 4, "once, and after each hour since the nonce is too old");
    cr_expect_eq(desk.answered, 4);
    cr_expect_eq(ua_unregister(&alice.ua, simulator_now(sim)), SIPV_OK);
    settle();
    cr_expect_eq(registrar_count(&desk.r), 0);
    cr_expect(strstr(alice.cable.sent, ";expires=0\r\n"));
    close_all();
}

/* Credentials are remembered: short registrations cost one request each. */
Test(staying, credentials_at_once)
{
    open_all(NULL, NULL, NULL, true);
    enrol(100);
    until(10);
    cr_expect(until(4 * 60 * 1000));
    cr_expect_eq(desk.challenged, 1);
    cr_expect_gt(desk.answered, 3);
    ua_unregister(&alice.ua, simulator_now(sim));
    settle();
    close_all();
}

/* 423: what Min-Expires says is asked for. */
Test(staying, too_brief)
{
    struct registrar_settings registrar = registrar_settings_default();
    registrar.min_s = 600;
    open_all(NULL, NULL, &registrar, false);
    enrol(60);
    until(10);
    cr_expect_str_eq(alice.log, "registration-200 ");
    cr_expect_str_eq(alice.cable.words, "REGISTER REGISTER ");
    cr_expect(strstr(alice.cable.sent, ";expires=600\r\n"));
    ua_unregister(&alice.ua, simulator_now(sim));
    settle();
    cr_expect_eq(registrar_count(&desk.r), 0);
    close_all();
}

/* What the registrar grants counts, not what was asked for. */
Test(staying, granted)
{
    struct registrar_settings registrar = registrar_settings_default();
    registrar.max_s = 200;
    open_all(NULL, NULL, &registrar, false);
    enrol(3600);
    until(10);
    cr_expect(until(HOUR));
    cr_expect_gt(count_of(alice.log, "registration-200 "), 20);
    ua_unregister(&alice.ua, simulator_now(sim));
    settle();
    close_all();
}

/* The instance of RFC 5626 is bound as a flow. */
Test(staying, outbound)
{
    struct ua_settings settings = ua_settings_default();
    struct registrar_binding b;
    settings.instance = "urn:uuid:1";
    open_all(NULL, &settings, NULL, false);
    enrol(3600);
    until(10);
    cr_expect_eq(registrar_find(&desk.r, 10, sipv_slice_text(ALICE), 0, &b), SIPV_OK);
    cr_expect(sipv_slice_is(b.params, ";+sip.instance=\"<urn:uuid:1>\";reg-id=1"));
    cr_expect_eq(b.flow, cable_flow(alice.number, HOP_UDP));
    ua_unregister(&alice.ua, simulator_now(sim));
    settle();
    cr_expect_eq(registrar_count(&desk.r), 0);
    close_all();
}

/* ---- Failing --------------------------------------------------------------------------------- */

/* No registrar there: tried again, later and later, until one is. */
Test(failing, nobody_there)
{
    struct simulator_settings network = simulator_settings_default();
    open_all(&network, NULL, NULL, false);
    alice.cable.muted = true;
    enrol(3600);
    until(2 * HOUR);
    const size_t failures = count_of(alice.log, "registration-408 ");
    cr_expect(failures > 4 && failures < 40, "%zu", failures);
    alice.cable.muted = false;
    until(3 * HOUR);
    cr_expect_eq(count_of(alice.log, "registration-200 "), 1);
    ua_unregister(&alice.ua, simulator_now(sim));
    settle();
    close_all();
}

Test(failing, refused)
{
    struct ua_settings settings = ua_settings_default();
    open_all(NULL, &settings, NULL, true);
    cr_expect_eq(ua_register(&alice.ua, 0, "sip:b.example", 0), SIPV_BAD_ARGUMENT);
    cr_expect_eq(ua_register(&alice.ua, 0, "no uri", 60), SIPV_BAD_ARGUMENT);
    cr_expect_eq(ua_register(&alice.ua, 0, NULL, 60), SIPV_BAD_ARGUMENT);
    desk.guard = NULL;
    desk.r.table->domain[0] = 'x';
    enrol(60);
    settle();
    cr_expect_str_eq(alice.log, "registration-404 ", "no more of it");
    close_all();
}

/* It is taken back while it is still being asked for. */
Test(failing, taken_back_at_once)
{
    open_all(NULL, NULL, NULL, true);
    enrol(60);
    cr_expect_eq(ua_unregister(&alice.ua, 0), SIPV_OK);
    settle();
    cr_expect_str_eq(alice.log, "registration-200 registration-200 ");
    cr_expect_eq(registrar_count(&desk.r), 0);
    close_all();
}

/* ---- Rough networks -------------------------------------------------------------------------- */

static void rough(unsigned loss)
{
    size_t bound = 0;
    for (unsigned seed = 0; seed < SEEDS; seed++) {
        struct simulator_settings network = simulator_settings_default();
        network.loss = loss;
        network.duplication = 50;
        network.delay_max_ms = 300;
        network.seed = seed;
        open_all(&network, NULL, NULL, seed % 2);
        enrol(600);
        until(HOUR / 2 + simulator_random(sim, HOUR / 2));
        bound += desk_has(&desk, ALICE);
        ua_unregister(&alice.ua, simulator_now(sim));
        settle();
        cr_expect_eq(registrar_count(&desk.r), 0, "seed %u", seed);
        cr_expect_eq(transactions_count(&desk.t), 0, "seed %u", seed);
        close_all();
    }
    cr_expect_gt(bound, SEEDS * 9 / 10, "%zu were bound in the end", bound);
}

Test(staying, nothing_lost)
{
    rough(0);
}
Test(staying, one_tenth_lost)
{
    rough(100);
}
Test(staying, four_tenths_lost)
{
    rough(400);
}
