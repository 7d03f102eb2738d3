/* A user agent that registers over a network that loses: REGISTER through transactions at both
 * ends, answered by a registrar. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <registrar.h>

#include "messages.h"
#include "phone.h"

enum { SEEDS = 300, STEPS = 10000 };

/* An element of the simulator that is a registrar. */
struct desk {
    struct transactions t;
    struct registrar r;
    struct room in, out;
    struct simulator *sim;
    unsigned number, answered, faults;
};

static void carry_out(struct desk *d, uint64_t now)
{
    struct action actions[TRANSACTIONS_ACTIONS];
    const size_t n = d->t.n_actions;
    memcpy(actions, d->t.actions, sizeof actions);
    for (size_t i = 0; i < n; i++)
        if (actions[i].what == ACTION_SEND)
            simulator_send(d->sim, d->number, (unsigned)actions[i].flow, actions[i].octets,
                           actions[i].reliable);
    for (size_t i = 0; i < n; i++) {
        unsigned char text[4096];
        struct compose c = {text, sizeof text, 0};
        if (actions[i].what != ACTION_PASS_UP || !actions[i].begins)
            continue;
        registrar_answer(&d->r, now, actions[i].message, sipv_slice_text("desk"), &c);
        room_parse(&d->out, text, c.n, SIPV_STRICT);
        d->faults += transactions_respond(&d->t, now, actions[i].id, &d->out.m) != SIPV_OK;
        d->answered++;
        carry_out(d, now);
    }
}

static void receive(void *self, uint64_t now, unsigned from, sipv_slice octets, bool reliable)
{
    struct desk *d = self;
    d->faults += room_parse(&d->in, octets.p, octets.n, SIPV_STRICT) != SIPV_OK;
    transactions_receive(&d->t, now, &d->in.m, from, reliable);
    carry_out(d, now);
}

static uint64_t wake(void *self)
{
    const struct desk *d = self;
    const uint64_t at = transactions_wake(&d->t), expiry = registrar_wake(&d->r);
    return at < expiry ? at : expiry;
}

static void advance(void *self, uint64_t now)
{
    struct desk *d = self;
    while (transactions_advance(&d->t, now))
        carry_out(d, now);
    registrar_advance(&d->r, now);
}

static void open_desk(struct desk *d, struct simulator *sim)
{
    const struct simulator_element element = {d, receive, wake, advance};
    const struct transactions_settings settings = transactions_settings_default();
    struct registrar_settings registrar = registrar_settings_default();
    memset(d, 0, sizeof *d);
    registrar.domain = "a.example";
    d->sim = sim;
    d->number = simulator_add(sim, &element);
    cr_assert(room_open(&d->in) && room_open(&d->out));
    cr_assert_eq(transactions_open(&d->t, &settings), SIPV_OK);
    cr_assert_eq(registrar_open(&d->r, &registrar), SIPV_OK);
}

static void close_desk(struct desk *d)
{
    transactions_close(&d->t);
    registrar_close(&d->r);
    room_close(&d->in);
    room_close(&d->out);
}

/* One registration.  What the phone has been told; the desk has its binding or has not, is told by
 * `*bound`. */
static int enrol(unsigned seed, unsigned loss, bool *bound)
{
    struct simulator_settings settings = simulator_settings_default();
    struct registrar_binding binding;
    struct phone phone;
    struct desk desk;
    settings.seed = seed;
    settings.loss = loss;
    settings.duplication = 100;
    settings.delay_max_ms = 300;
    struct simulator *sim = simulator_new(&settings);
    cr_assert(sim);
    cr_assert(phone_open(&phone, sim, "alice", NULL));
    open_desk(&desk, sim);
    cr_assert_eq(ua_request(&phone.ua, 0, "REGISTER", "sip:a.example", "sip:alice@a.example",
                            "Expires: 600\r\n", desk.number, 1),
                 SIPV_OK);
    phone_carry_out(&phone);
    *bound = false;
    for (size_t i = 0; i < STEPS && simulator_step(sim); i++)
        *bound |= registrar_find(&desk.r, simulator_now(sim),
                                 sipv_slice_text("sip:alice@a.example"), 0, &binding) == SIPV_OK;
    cr_expect_eq(ua_transactions(&phone.ua), 0);
    cr_expect_eq(transactions_count(&desk.t), 0);
    cr_expect_eq(registrar_count(&desk.r), 0, "its time is over");
    cr_expect_eq(desk.faults + phone.faults, 0);
    cr_expect_leq(desk.answered, 1, "a retransmission reached the registrar");
    const int status = strcmp(phone.log, "response-200 ") == 0   ? 200
                       : strcmp(phone.log, "response-408 ") == 0 ? 408
                                                                 : 0;
    close_desk(&desk);
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
