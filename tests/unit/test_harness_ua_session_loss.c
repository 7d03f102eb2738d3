/* Sessions that change over rough networks: nothing is left, whatever is lost. */
#include "seeds.h"
#include "two_phones.h"

enum { SEEDS = 150 };

static void shuffle(struct phone *p, unsigned seed)
{
    p->random = true;
    p->describes = simulator_random(sim, 4) != 0;
    p->offers_not = simulator_random(sim, 3) == 0;
    p->forgets = simulator_random(sim, 8) == 0;
    p->updates = simulator_random(sim, 2) != 0;
    p->offer_status = simulator_random(sim, 4) ? 200 : 488;
    p->modify_ms = seed % 3 ? 100 + simulator_random(sim, 10000) : UINT32_MAX;
    p->hang_up_ms = 30000;
}

static bool rough_one(unsigned seed, unsigned loss)
{
    struct simulator_settings settings = simulator_settings_default();
    settings.loss = loss;
    settings.duplication = 50;
    settings.delay_max_ms = 300;
    settings.seed = seed;
    open_all(&settings, seed % 2 ? UA_1XX_RELIABLE : UA_1XX_UNRELIABLE,
             seed % 5 ? UA_1XX_RELIABLE : UA_1XX_UNRELIABLE);
    shuffle(&alice, seed);
    shuffle(&bob, seed);
    for (unsigned i = 0; i < 4; i++)
        phone_call(i % 2 ? &alice : &bob, i % 2 ? BOB : ALICE, 1000 + simulator_random(sim, 60000));
    cr_assert(phones_settle(sim), "seed %u", seed);
    struct phone *phones[] = {&alice, &bob};
    for (size_t i = 0; i < 2; i++) {
        cr_expect_eq(ua_calls(&phones[i]->ua), 0, "seed %u: a call", seed);
        cr_expect_eq(ua_transactions(&phones[i]->ua), 0, "seed %u: a transaction", seed);
        cr_expect_eq(ua_dialogs(&phones[i]->ua), 0, "seed %u: a dialog", seed);
        cr_expect_eq(phones[i]->began, phones[i]->ended, "seed %u: %s", seed, phones[i]->log);
    }
    const bool modified = strstr(alice.log, "modified-200") || strstr(bob.log, "modified-200");
    close_all();
    return modified;
}

static void rough(unsigned loss)
{
    size_t modified = 0;
    for (unsigned seed = 0; seed < seeds_or(SEEDS); seed++)
        modified += rough_one(seed, loss);
    cr_expect_gt(modified, 0);
}

Test(session, nothing_lost)
{
    rough(0);
}
Test(session, one_tenth_lost)
{
    rough(100);
}
Test(session, four_tenths_lost)
{
    rough(400);
}
