/* Transactions over a network that loses, doubles, delays and overtakes: every one completes or
 * ends by the timeout of RFC 3261 section 17, at either end, and nothing is left.
 *
 * SIPVET_SEEDS=N in the environment takes N seeds for each kind of network. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "seeds.h"

enum { SEEDS = 2000, STEPS = 20000 };

/* How things ended, over all seeds. */
struct tally {
    size_t finals, timeouts, unacked, steps;
};

static struct agent agents[2];

/* One seed: both agents begin some requests.  The sum of the trace. */
static uint64_t run(const struct simulator_settings *settings, bool reliable, struct tally *tally)
{
    struct simulator *sim = simulator_new(settings);
    size_t steps = 0;
    cr_assert(sim);
    cr_assert(agent_open(&agents[0], sim, reliable));
    cr_assert(agent_open(&agents[1], sim, reliable));
    for (unsigned i = 0; i < 6; i++)
        agent_call(&agents[i % 2], (i + 1) % 2, simulator_random(sim, 3) > 0,
                   simulator_random(sim, 4) == 0);
    while (steps < STEPS && simulator_step(sim))
        steps++;
    cr_assert_lt(steps, STEPS, "seed %llu: not quiet", (unsigned long long)settings->seed);
    cr_expect_eq(simulator_in_flight(sim), 0);
    for (unsigned i = 0; i < 2; i++) {
        cr_expect_not(transactions_advance(&agents[i].t, simulator_now(sim)));
        const char *fault = agent_fault(&agents[i], settings->loss == 0);
        cr_assert(!fault, "seed %llu, loss %u, agent %u: %s", (unsigned long long)settings->seed,
                  settings->loss, i, fault);
        for (size_t k = 0; k < agents[i].n_calls; k++) {
            tally->finals += agents[i].calls[k].finals;
            tally->timeouts += agents[i].calls[k].timeouts;
        }
        for (size_t k = 0; k < agents[i].n_asked; k++)
            tally->unacked += agents[i].asked[k].timeouts;
    }
    tally->steps += steps;
    const uint64_t sum = simulator_sum(sim);
    simulator_free(sim);
    return sum;
}

static struct simulator_settings rough(unsigned loss)
{
    struct simulator_settings settings = simulator_settings_default();
    settings.loss = loss;
    settings.duplication = loss > 0 ? 100 : 0;
    settings.delay_min_ms = 1;
    settings.delay_max_ms = 300;
    return settings;
}

static void close_agents(void)
{
    agent_close(&agents[0]);
    agent_close(&agents[1]);
}

static struct tally many(unsigned loss, bool reliable)
{
    struct tally tally = {0, 0, 0, 0};
    struct simulator_settings settings = rough(loss);
    const unsigned n = seeds_or(SEEDS);
    for (unsigned seed = 0; seed < n; seed++) {
        settings.seed = seed;
        run(&settings, reliable, &tally);
    }
    close_agents();
    if (getenv("SIPVET_SEEDS"))
        fprintf(stderr,
                "%u seeds, loss %u%%, %s: %zu final responses, %zu timeouts, %zu without ACK, "
                "%zu steps\n",
                n, loss / 10, reliable ? "reliable" : "unreliable", tally.finals, tally.timeouts,
                tally.unacked, tally.steps);
    return tally;
}

Test(simulator, without_loss)
{
    const struct tally tally = many(0, false);
    cr_expect_eq(tally.timeouts, 0);
    cr_expect_eq(tally.finals, 6 * seeds_or(SEEDS));
}

Test(simulator, one_tenth_lost)
{
    cr_expect_gt(many(100, false).finals, 0);
}

Test(simulator, four_tenths_lost)
{
    const struct tally tally = many(400, false);
    cr_expect_gt(tally.finals, 0);
}

Test(simulator, eight_tenths_lost)
{
    const struct tally tally = many(800, false);
    cr_expect_gt(tally.timeouts, 0);
    cr_expect_gt(tally.unacked, 0, "loss never kept an ACK away");
}

/* Everything lost: timers alone end it. */
Test(simulator, all_lost)
{
    cr_expect_eq(many(1000, false).finals, 0);
}

Test(simulator, reliable)
{
    cr_expect_eq(many(400, true).timeouts, 0, "a reliable transport loses nothing");
}

/* The same seed, the same trace; another seed, another. */
Test(simulator, same_seed)
{
    struct tally tally = {0, 0, 0, 0};
    uint64_t before = 0;
    for (unsigned seed = 0; seed < 20; seed++) {
        struct simulator_settings settings = rough(200);
        settings.seed = seed;
        const uint64_t sum = run(&settings, false, &tally);
        cr_expect_eq(run(&settings, false, &tally), sum, "seed %u", seed);
        cr_expect_neq(sum, before);
        before = sum;
    }
    close_agents();
}

/* ---- The network itself --------------------------------------------------------------------- */

struct ear {
    char heard[4096];
    uint64_t last;
    bool ordered;
};

static void hear(void *self, uint64_t now, unsigned from, sipv_slice octets, bool reliable)
{
    struct ear *ear = self;
    const size_t n = strlen(ear->heard);
    (void)from;
    (void)reliable;
    cr_expect_geq(now, ear->last);
    ear->last = now;
    if (n > 0 && octets.p[0] < (unsigned char)ear->heard[n - 1])
        ear->ordered = false;
    memcpy(ear->heard + n, octets.p, 1);
}

static uint64_t never(void *self)
{
    (void)self;
    return UINT64_MAX;
}

static void send_letters(struct ear *ear, struct simulator_settings settings, bool reliable)
{
    const struct simulator_element element = {ear, hear, never, NULL};
    memset(ear, 0, sizeof *ear);
    ear->ordered = true;
    struct simulator *sim = simulator_new(&settings);
    cr_assert(sim);
    const unsigned self = simulator_add(sim, &element);
    cr_expect_eq(simulator_send(sim, self, self + 1, sipv_slice_of("a", 1), reliable),
                 SIPV_BAD_ARGUMENT);
    for (char c = 'a'; c <= 'z'; c++)
        simulator_send(sim, self, self, sipv_slice_of(&c, 1), reliable);
    while (simulator_step(sim))
        ;
    simulator_free(sim);
}

Test(simulator, network)
{
    struct simulator_settings settings = simulator_settings_default();
    struct ear ear;
    send_letters(&ear, settings, false);
    cr_expect_str_eq(ear.heard, "abcdefghijklmnopqrstuvwxyz");
    cr_expect_eq(ear.last, 1);

    settings.delay_max_ms = 100;
    send_letters(&ear, settings, false);
    cr_expect_eq(strlen(ear.heard), 26);
    cr_expect_not(ear.ordered, "nothing was overtaken");
    send_letters(&ear, settings, true);
    cr_expect_str_eq(ear.heard, "abcdefghijklmnopqrstuvwxyz");

    settings.duplication = 1000;
    send_letters(&ear, settings, false);
    cr_expect_eq(strlen(ear.heard), 52);
    settings.loss = 1000;
    send_letters(&ear, settings, false);
    cr_expect_str_empty(ear.heard);

    settings = simulator_settings_default();
    settings.in_flight = 3;
    send_letters(&ear, settings, false);
    cr_expect_str_eq(ear.heard, "abc", "more than fit are lost");
}
