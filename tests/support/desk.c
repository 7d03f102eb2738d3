#include "desk.h"

#include <compose.h>
#include <string.h>

enum { TEXT = 8192 };

/* ---- Answers --------------------------------------------------------------------------------- */

static void refuse(struct compose *c, sipv_message *request, int status, const char *lines)
{
    compose_response_head(c, request, status, "Words", sipv_slice_text("desk"));
    compose_text(c, lines);
    compose_end(c);
}

static void answer(struct desk *d, uint64_t now, uint64_t flow, sipv_message *request,
                   struct compose *c)
{
    char lines[TEXT];
    struct compose l = {(unsigned char *)lines, sizeof lines - 1, 0};
    struct guard_answer verdict = {.status = GUARD_ADMITTED};
    if (d->guard)
        guard_check(d->guard, now, request, &verdict, &l);
    lines[l.n] = 0;
    if (verdict.status == GUARD_ADMITTED) {
        registrar_answer_on(&d->r, now, request, flow, sipv_slice_text("desk"), c);
        d->answered++;
        return;
    }
    d->challenged++;
    refuse(c, request, verdict.status, lines);
}

static void carry_out(struct desk *d, uint64_t now)
{
    struct action actions[TRANSACTIONS_ACTIONS];
    const size_t n = d->t.n_actions;
    memcpy(actions, d->t.actions, sizeof actions);
    for (size_t i = 0; i < n; i++)
        if (actions[i].what == ACTION_SEND)
            d->cable.network.send(&d->cable, actions[i].flow, actions[i].octets);
    for (size_t i = 0; i < n; i++) {
        unsigned char text[TEXT];
        struct compose c = {text, sizeof text, 0};
        if (actions[i].what != ACTION_PASS_UP || !actions[i].begins)
            continue;
        answer(d, now, actions[i].flow, actions[i].message, &c);
        room_parse(&d->out, text, c.n, SIPV_STRICT);
        d->faults += transactions_respond(&d->t, now, actions[i].id, &d->out.m) != SIPV_OK;
        carry_out(d, now);
    }
}

/* ---- The element ----------------------------------------------------------------------------- */

static void receive(void *self, uint64_t now, uint64_t flow, bool reliable, sipv_slice octets)
{
    struct desk *d = self;
    d->faults += room_parse(&d->in, octets.p, octets.n, SIPV_STRICT) != SIPV_OK;
    transactions_receive(&d->t, now, &d->in.m, flow, reliable);
    carry_out(d, now);
}

static void failed(void *self, uint64_t now, uint64_t flow)
{
    (void)self, (void)now, (void)flow;
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

bool desk_open(struct desk *d, struct simulator *sim, const char *host,
               const struct registrar_settings *settings)
{
    struct transactions_settings transactions = transactions_settings_default();
    struct registrar_settings registrar = settings ? *settings : registrar_settings_default();
    memset(d, 0, sizeof *d);
    transactions.limits.transactions = 256;
    registrar.bindings = 64;
    cable_open(&d->cable, sim, host);
    d->cable.element = (struct element){d, receive, failed, wake, advance};
    registrar.domain = host;
    return room_open(&d->in) && room_open(&d->out) &&
           transactions_open(&d->t, &transactions) == SIPV_OK &&
           registrar_open(&d->r, &registrar) == SIPV_OK;
}

void desk_close(struct desk *d)
{
    transactions_close(&d->t);
    registrar_close(&d->r);
    room_close(&d->in);
    room_close(&d->out);
}

bool desk_has(const struct desk *d, const char *aor)
{
    struct registrar_binding binding;
    return registrar_find(&d->r, simulator_now(d->cable.sim), sipv_slice_text(aor), 0, &binding) ==
           SIPV_OK;
}
