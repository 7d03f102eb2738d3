/* A user agent that registers over a network that loses: REGISTER through transactions at both
 * ends, answered by a registrar. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "desk.h"
#include "phone.h"

enum { SEEDS = 300, STEPS = 10000 };

#define ALICE "sip:alice@a.example"

/* One registration.  What the phone has been told; the desk has its binding or has not, is told by
 * `*bound`. */
static int enrol(unsigned seed, unsigned loss, bool *bound)
{
    struct simulator_settings settings = simulator_settings_default();
    const struct ua_outgoing what = {
        .method = "REGISTER", .uri = "sip:a.example", .to = ALICE, .more = "Expires: 600\r\n"};
    struct phone phone;
    struct desk desk;
    settings.seed = seed;
    settings.loss = loss;
    settings.duplication = 100;
    settings.delay_max_ms = 300;
    struct simulator *sim = simulator_new(&settings);
    cr_assert(sim);
    cr_assert(phone_open(&phone, sim, "alice", NULL));
    cr_assert(desk_open(&desk, sim, "a.example", NULL));
    cr_assert_eq(ua_request(&phone.ua, 0, &what, 1), SIPV_OK);
    phone_carry_out(&phone);
    *bound = false;
    for (size_t i = 0; i < STEPS && simulator_step(sim); i++)
        *bound |= desk_has(&desk, ALICE);
    cr_expect_eq(ua_transactions(&phone.ua), 0);
    cr_expect_eq(transactions_count(&desk.t), 0);
    cr_expect_eq(registrar_count(&desk.r), 0, "its time is over");
    cr_expect_eq(desk.faults + phone.faults, 0);
    cr_expect_leq(desk.answered, 1, "a retransmission reached the registrar");
    const int status = strcmp(phone.log, "response-200 ") == 0   ? 200
                       : strcmp(phone.log, "response-408 ") == 0 ? 408
                                                                 : 0;
    desk_close(&desk);
    phone_close(&phone);
    simulator_free(sim);
    return status;
}

/* 200 says that there is a binding; 408 says nothing. */
static void rough(unsigned loss)
{
    for (unsigned seed = 0; seed < SEEDS; seed++) {
        bool bound;
        const int status = enrol(seed, loss, &bound);
        cr_expect(status == 200 || (status == 408 && loss > 0), "seed %u: %d", seed, status);
        cr_expect(bound || status != 200, "seed %u: 200 and no binding", seed);
    }
}

Test(registration, nothing_lost)
{
    rough(0);
}
Test(registration, four_tenths_lost)
{
    rough(400);
}
Test(registration, nine_tenths_lost)
{
    rough(900);
}
