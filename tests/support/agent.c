#include "agent.h"

#include <compose.h>
#include <stdio.h>
#include <string.h>

enum { T1 = 500, T2 = 4000, PATIENCE = 60000, TEXT = 2048 };

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static sipv_message *parse(struct agent *a, struct room *room, const void *p, size_t n)
{
    if (room_parse(room, p, n, SIPV_STRICT) != SIPV_OK)
        a->faults++;
    return &room->m;
}

static void carry_out(struct agent *a, uint64_t now);

/* ---- Asking --------------------------------------------------------------------------------- */

static size_t request_text(const struct agent *a, char *text, const char *method,
                           const char *branch, size_t call, const char *to_tag)
{
    return (size_t)snprintf(text, TEXT,
                            "%s sip:peer@h.example SIP/2.0\r\n"
                            "Via: SIP/2.0/%s a%u.example;branch=z9hG4bK%s\r\n"
                            "From: <sip:a%u@h.example>;tag=f%zu\r\n"
                            "To: <sip:peer@h.example>%s%s\r\n"
                            "Call-ID: %zu@a%u.example\r\nCSeq: 1 %s\r\nMax-Forwards: 70\r\n"
                            "Contact: <sip:a%u.example>\r\nContent-Length: 0\r\n\r\n",
                            method, a->reliable ? "TCP" : "UDP", a->number, branch, a->number, call,
                            to_tag ? ";tag=" : "", to_tag ? to_tag : "", call, a->number, method,
                            a->number);
}

void agent_call(struct agent *a, unsigned to, bool invite, bool cancel)
{
    char text[TEXT], branch[32];
    const size_t number = a->n_calls++;
    struct agent_call *call = &a->calls[number];
    *call = (struct agent_call){
        .invite = invite, .wants_cancel = invite && cancel, .give_up = UINT64_MAX};
    snprintf(branch, sizeof branch, "%u-%zu", a->number, number);
    const size_t n = request_text(a, text, invite ? "INVITE" : "OPTIONS", branch, number, NULL);
    const uint64_t now = simulator_now(a->sim);
    if (transactions_request(&a->t, now, parse(a, &a->other, text, n), to, a->reliable, number + 1,
                             &call->id) != SIPV_OK)
        a->faults++;
    carry_out(a, now);
}

static void cancel(struct agent *a, struct agent_call *call, unsigned to, uint64_t now)
{
    unsigned char text[TEXT];
    transaction_id id;
    size_t n;
    if (call->cancelled ||
        transactions_write_cancel(&a->t, call->id, text, sizeof text, &n) != SIPV_OK)
        return;
    call->cancelled = true;
    call->give_up = UINT64_MAX;
    if (transactions_request(&a->t, now, parse(a, &a->other, text, n), to, a->reliable, 0, &id) !=
        SIPV_OK)
        a->faults++;
    carry_out(a, now);
}

static void acknowledge(struct agent *a, const struct agent_call *call, unsigned to,
                        sipv_message *ok)
{
    char text[TEXT], branch[32], tag[64];
    sipv_address address;
    sipv_param param = {{NULL, 0}, {NULL, 0}};
    sipv_iter it = sipv_each(ok, SIPV_H_TO);
    if (sipv_address_next(&it, &address) == SIPV_OK)
        sipv_param_find(&address.params, "tag", &param);
    snprintf(tag, sizeof tag, "%.*s", (int)param.value.n, (const char *)param.value.p);
    snprintf(branch, sizeof branch, "ack%u-%u", a->number, a->n_acks++);
    const size_t n = request_text(a, text, "ACK", branch, (size_t)(call - a->calls), tag);
    simulator_send(a->sim, a->number, to, sipv_slice_of(text, n), a->reliable);
}

static void answered(struct agent *a, struct agent_call *call, unsigned from, sipv_message *m,
                     uint64_t now)
{
    if (m->status < 200) {
        if (call->invite && !call->cancelled)
            call->give_up = now + PATIENCE;
        if (call->wants_cancel)
            cancel(a, call, from, now);
        return;
    }
    call->finals += call->status == 0;
    call->status = m->status;
    call->give_up = UINT64_MAX;
    if (call->invite && m->status < 300)
        acknowledge(a, call, from, m);
}

/* ---- Answering ------------------------------------------------------------------------------ */

static void answer(struct agent *a, struct agent_asked *x, int status, uint64_t now)
{
    unsigned char text[TEXT];
    char tag[32];
    struct compose c = {text, sizeof text, 0};
    const sipv_slice request = transactions_octets_of(&a->t, x->id);
    sipv_message *m = parse(a, &a->other, request.p, request.n);
    snprintf(tag, sizeof tag, "t%u", a->number);
    compose_response(&c, m, status, "Words", sipv_slice_text(tag));
    if (transactions_respond(&a->t, now, x->id, parse(a, &a->other, text, c.n)) != SIPV_OK)
        a->faults++;
    carry_out(a, now);
    if (status < 200)
        return;
    x->status = 0;
    x->ring = x->answer = UINT64_MAX;
    if (!x->invite || status >= 300)
        return;
    memcpy(x->ok, text, c.n);
    x->n_ok = c.n;
    x->interval_ms = T1;
    x->again = now + T1;
    x->end = now + 64 * T1;
}

static void asked(struct agent *a, const struct action *action, uint64_t now)
{
    if (a->n_asked == AGENT_ASKED) {
        a->faults++;
        return;
    }
    const size_t number = a->n_asked++;
    struct agent_asked *x = &a->asked[number];
    const bool invite = action->kind == INVITE_SERVER;
    const uint32_t patience = invite ? 20000 : 4000;
    *x = (struct agent_asked){.id = action->id,
                              .invite = invite,
                              .status = simulator_random(a->sim, 2) ? 200 : 486,
                              .ring = UINT64_MAX,
                              .answer = now + simulator_random(a->sim, patience),
                              .again = UINT64_MAX,
                              .end = UINT64_MAX};
    if (simulator_random(a->sim, 2))
        x->ring = now + simulator_random(a->sim, patience);
    transactions_set_user(&a->t, x->id, number + 1);
    if (action->message->method_id != SIPV_M_CANCEL)
        return;
    /* `action` is gone with the first answer. */
    const transaction_id invited = action->invite;
    answer(a, x, invited ? 200 : 481, now);
    for (size_t i = 0; i < a->n_asked; i++)
        if (a->asked[i].id == invited && a->asked[i].status != 0)
            answer(a, &a->asked[i], 487, now);
}

/* An ACK for a 2xx names its call by Call-ID and From tag; here the Call-ID is enough. */
static void acked(struct agent *a, sipv_message *ack)
{
    for (size_t i = 0; i < a->n_asked; i++) {
        struct agent_asked *x = &a->asked[i];
        if (x->n_ok == 0)
            continue;
        sipv_message *ok = parse(a, &a->other, x->ok, x->n_ok);
        if (!sipv_slice_equal(ok->call_id, ack->call_id))
            continue;
        x->acked += x->timeouts == 0; /* later it is too late */
        x->again = x->end = UINT64_MAX;
    }
}

/* ---- Events --------------------------------------------------------------------------------- */

/* Calls of this function may nest: each action may lead to another call of the table. */
static void carry_out(struct agent *a, uint64_t now)
{
    struct action actions[TRANSACTIONS_ACTIONS];
    const size_t n = a->t.n_actions;
    memcpy(actions, a->t.actions, sizeof actions);
    for (size_t i = 0; i < n; i++)
        if (actions[i].what == ACTION_SEND)
            simulator_send(a->sim, a->number, (unsigned)actions[i].flow, actions[i].octets,
                           actions[i].reliable);
    for (size_t i = 0; i < n; i++) {
        const struct action *action = &actions[i];
        const bool client = action->kind == INVITE_CLIENT || action->kind == NON_INVITE_CLIENT;
        if (action->what == ACTION_PASS_UP && action->begins) {
            asked(a, action, now);
        } else if (action->what == ACTION_PASS_UP && action->message->kind == SIPV_REQUEST) {
            acked(a, action->message);
        } else if (action->user == 0) {
            continue; /* a CANCEL of ours */
        } else if (client) {
            struct agent_call *call = &a->calls[action->user - 1];
            if (action->what == ACTION_PASS_UP)
                answered(a, call, (unsigned)action->flow, action->message, now);
            call->timeouts += action->what == ACTION_TIMEOUT;
            call->terminated += action->what == ACTION_TERMINATED;
            if (action->what == ACTION_TERMINATED)
                call->give_up = UINT64_MAX;
        } else {
            struct agent_asked *x = &a->asked[action->user - 1];
            x->timeouts += action->what == ACTION_TIMEOUT;
            x->terminated += action->what == ACTION_TERMINATED;
        }
    }
}

static void receive(void *self, uint64_t now, unsigned from, sipv_slice octets, bool reliable)
{
    struct agent *a = self;
    transactions_receive(&a->t, now, parse(a, &a->room, octets.p, octets.n), from, reliable);
    carry_out(a, now);
}

static uint64_t wake(void *self)
{
    const struct agent *a = self;
    uint64_t at = transactions_wake(&a->t);
    for (size_t i = 0; i < a->n_calls; i++)
        at = least(at, a->calls[i].give_up);
    for (size_t i = 0; i < a->n_asked; i++) {
        at = least(at, least(a->asked[i].ring, a->asked[i].answer));
        at = least(at, least(a->asked[i].again, a->asked[i].end));
    }
    return at;
}

static void send_again(struct agent *a, struct agent_asked *x, uint64_t now)
{
    if (x->end <= now) {
        x->again = x->end = UINT64_MAX;
        x->timeouts++;
        return;
    }
    transactions_respond(&a->t, now, x->id, parse(a, &a->other, x->ok, x->n_ok));
    carry_out(a, now);
    x->interval_ms = least(2 * x->interval_ms, T2);
    x->again = now + x->interval_ms;
}

static void advance(void *self, uint64_t now)
{
    struct agent *a = self;
    while (transactions_advance(&a->t, now))
        carry_out(a, now);
    for (size_t i = 0; i < a->n_calls; i++)
        if (a->calls[i].give_up <= now) {
            a->calls[i].give_up = UINT64_MAX;
            cancel(a, &a->calls[i], (unsigned)((a->number + 1) % 2), now);
        }
    for (size_t i = 0; i < a->n_asked; i++) {
        struct agent_asked *x = &a->asked[i];
        if (x->answer <= now)
            answer(a, x, x->status, now);
        if (x->ring <= now) {
            x->ring = UINT64_MAX;
            answer(a, x, 180, now);
        }
        if (x->again <= now || x->end <= now)
            send_again(a, x, now);
    }
}

bool agent_open(struct agent *a, struct simulator *sim, bool reliable)
{
    const struct simulator_element element = {a, receive, wake, advance};
    struct transactions_settings settings = transactions_settings_default();
    const struct room room = a->room, other = a->other;
    if (a->t.table)
        transactions_close(&a->t);
    memset(a, 0, sizeof *a);
    a->room = room;
    a->other = other;
    settings.limits.transactions = 256;
    a->sim = sim;
    a->reliable = reliable;
    a->number = simulator_add(sim, &element);
    return (a->room.headers || room_open(&a->room)) && (a->other.headers || room_open(&a->other)) &&
           transactions_open(&a->t, &settings) == SIPV_OK;
}

void agent_close(struct agent *a)
{
    transactions_close(&a->t);
    room_close(&a->room);
    room_close(&a->other);
}

/* ---- What must hold ------------------------------------------------------------------------- */

const char *agent_fault(const struct agent *a, bool lossless)
{
    if (a->faults)
        return "a message or a call was refused";
    if (transactions_count(&a->t) || transactions_octets(&a->t))
        return "an entry is left in the table";
    for (size_t i = 0; i < a->n_calls; i++) {
        const struct agent_call *call = &a->calls[i];
        if (call->terminated != 1)
            return "a client transaction did not end once";
        if (call->finals + call->timeouts != 1)
            return "a request has not either one final response or one timeout";
        if (lossless && call->timeouts)
            return "a request timed out on a network without loss";
    }
    for (size_t i = 0; i < a->n_asked; i++) {
        const struct agent_asked *x = &a->asked[i];
        if (x->terminated != 1 || x->status != 0)
            return "a server transaction was not answered or did not end once";
        if (x->n_ok && (x->acked > 0) == (x->timeouts > 0))
            return "a 2xx has neither an ACK nor a timeout, or both";
        if (lossless && x->timeouts)
            return "an ACK did not come on a network without loss";
    }
    return NULL;
}
