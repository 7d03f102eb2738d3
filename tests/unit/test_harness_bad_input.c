/* Whatever comes in, the cores answer or drop it, and in the end nothing is left. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fence.h"
#include "files.h"
#include "phone.h"

enum { ALICE, BOB, DAMAGED = 12, LONGEST = 4096 };

static struct simulator *sim;
static struct phone alice, bob;
static struct fence fence;
static size_t n_files, n_taken;

static void open_all(void)
{
    const struct simulator_settings settings = simulator_settings_default();
    sim = simulator_new(&settings);
    cr_assert(sim && phone_open(&alice, sim, "alice", NULL) && phone_open(&bob, sim, "bob", NULL));
    alice.hang_up_ms = bob.hang_up_ms = 1000;
}

static void close_all(void)
{
    phone_close(&alice);
    phone_close(&bob);
    simulator_free(sim);
}

static void settle(const char *what)
{
    cr_assert(phones_settle(sim), "%s", what);
    cr_assert_eq(ua_calls(&bob.ua), 0, "%s", what);
    cr_assert_eq(ua_transactions(&bob.ua), 0, "%s", what);
    cr_assert_eq(ua_dialogs(&bob.ua), 0, "%s", what);
    cr_assert_eq(ua_transactions(&alice.ua), 0, "%s", what);
    bob.log[0] = alice.log[0] = 0;
}

static void tell_bob(const void *octets, size_t n)
{
    const unsigned char *p = fence_end(&fence, octets, n);
    n_taken += ua_receive(&bob.ua, simulator_now(sim), sipv_slice_of(p, n),
                          cable_flow(ALICE, HOP_UDP), false) == SIPV_OK;
    phone_carry_out(&bob);
}

/* A message as it is, twice, and with some octets changed; the phones then go on by themselves. */
static void file(const char *path, void *with)
{
    size_t n;
    unsigned char *text = file_read(path, &n);
    (void)with;
    cr_assert(text, "%s", path);
    if (n > 0 && n <= LONGEST) {
        n_files++;
        tell_bob(text, n);
        tell_bob(text, n);
        for (unsigned i = 0; i < DAMAGED; i++) {
            unsigned char damaged[LONGEST];
            memcpy(damaged, text, n);
            for (unsigned k = 0; k <= i % 3; k++)
                damaged[simulator_random(sim, (uint32_t)n)] =
                    text[simulator_random(sim, (uint32_t)n)];
            tell_bob(damaged, n);
        }
        settle(path);
    }
    free(text);
}

Test(bad_input, corpus)
{
    cr_assert(fence_open(&fence, LONGEST));
    open_all();
    cr_assert(files_below("corpus/documented", file, NULL));
    cr_assert(files_below("corpus/flows", file, NULL));
    cr_assert(files_below("corpus/torture", file, NULL));
    cr_assert(files_below("corpus/digest", file, NULL));
    cr_expect_gt(n_files, 100);
    cr_expect_gt(n_taken, n_files);
    close_all();
    fence_close(&fence);
}

/* More calls than there is room for, from one who never acknowledges. */
Test(bad_input, flood)
{
    size_t refused = 0;
    cr_assert(fence_open(&fence, LONGEST));
    open_all();
    for (unsigned i = 0; i < 2000; i++) {
        char text[512];
        snprintf(text, sizeof text,
                 "INVITE sip:bob@b SIP/2.0\r\nVia: SIP/2.0/UDP c;branch=z9hG4bK%u\r\n"
                 "From: <sip:c@c>;tag=%u\r\nTo: <sip:bob@b>\r\nCall-ID: %u\r\nCSeq: 1 INVITE\r\n"
                 "Contact: <sip:c@c>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
                 i, i, i);
        const sipv_slice octets = sipv_slice_of(text, strlen(text));
        refused += ua_receive(&bob.ua, simulator_now(sim), octets, cable_flow(ALICE, HOP_UDP),
                              false) == SIPV_LIMIT;
        phone_carry_out(&bob);
    }
    cr_expect_gt(refused, 1000);
    cr_expect_leq(ua_transactions(&bob.ua), 256);
    cr_expect_leq(ua_calls(&bob.ua), 16);
    settle("flood");
    phone_call(&alice, BOB, 5000);
    settle("a call after the flood");
    close_all();
    fence_close(&fence);
}

/* Calls whose messages are damaged on their way: whatever comes of them, they end. */
static void damaged_calls(unsigned seed, enum ua_1xx provisional, sipv_profile profile)
{
    struct simulator_settings network = simulator_settings_default();
    struct ua_settings settings = ua_settings_default();
    network.seed = seed;
    network.loss = 100;
    network.delay_max_ms = 200;
    settings.calls = 16;
    settings.transactions.limits.transactions = 256;
    settings.dialogs.dialogs = 64;
    settings.provisional = provisional;
    settings.profile = profile;
    settings.redirections = 2;
    settings.password = "wonder";
    sim = simulator_new(&network);
    cr_assert(sim && phone_open(&alice, sim, "alice", &settings) &&
              phone_open(&bob, sim, "bob", &settings));
    struct phone *phones[] = {&alice, &bob};
    for (unsigned i = 0; i < 2; i++) {
        phones[i]->cable.damage = 300;
        phones[i]->random = phones[i]->describes = true;
        phones[i]->hang_up_ms = 20000;
        phones[i]->modify_ms = 2000;
        phones[i]->updates = seed % 2;
        phones[i]->offers_not = seed % 3 == 0;
    }
    for (unsigned i = 0; i < 4; i++)
        phone_call(phones[i % 2], i % 2 ? ALICE : BOB, 1000 + simulator_random(sim, 60000));
    cr_assert(phones_settle(sim), "seed %u", seed);
    for (unsigned i = 0; i < 2; i++) {
        cr_expect_eq(ua_calls(&phones[i]->ua), 0, "seed %u", seed);
        cr_expect_eq(ua_transactions(&phones[i]->ua), 0, "seed %u", seed);
        cr_expect_eq(ua_dialogs(&phones[i]->ua), 0, "seed %u", seed);
        cr_expect_eq(phones[i]->began, phones[i]->ended, "seed %u: %s", seed, phones[i]->log);
    }
    close_all();
}

Test(bad_input, damaged_calls)
{
    for (unsigned seed = 0; seed < 300; seed++)
        damaged_calls(seed, seed % 4 ? UA_1XX_RELIABLE : UA_1XX_UNRELIABLE,
                      seed % 5 ? SIPV_STRICT : SIPV_INTEROP);
}
