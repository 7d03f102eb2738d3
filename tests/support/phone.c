#include "phone.h"

#include <stdio.h>
#include <string.h>

static const sipv_slice none = {NULL, 0};

enum { STEPS = 50000 };

void phone_later(struct phone *p, uint32_t ms, enum phone_what what, ua_call_id call)
{
    if (ms == UINT32_MAX)
        return;
    for (size_t i = 0; i < PHONE_TODO; i++)
        if (p->todo[i].what == PHONE_NOTHING) {
            p->todo[i].what = what;
            p->todo[i].at = simulator_now(p->sim) + ms;
            p->todo[i].call = call;
            return;
        }
    p->faults++;
}

static void note(struct phone *p, const char *word, int status)
{
    const size_t n = strlen(p->log);
    if (status >= 0)
        snprintf(p->log + n, sizeof p->log - n, "%s-%d ", word, status);
    else
        snprintf(p->log + n, sizeof p->log - n, "%s ", word);
}

static void incoming(struct phone *p, ua_call_id call)
{
    p->began++;
    if (p->random) {
        p->status = simulator_random(p->sim, 3) ? 200 : 486;
        p->ring_ms = simulator_random(p->sim, 5000);
        p->answer_ms = simulator_random(p->sim, 20000);
        p->hang_up_ms = simulator_random(p->sim, 60000);
    }
    phone_later(p, p->ring_ms, PHONE_RING, call);
    phone_later(p, p->answer_ms, PHONE_ANSWER, call);
}

void phone_carry_out(struct phone *p)
{
    for (size_t i = 0; i < p->ua.n_events; i++) {
        const struct ua_event *event = &p->ua.events[i];
        switch (event->what) {
        case UA_SEND:
            simulator_send(p->sim, p->number, (unsigned)event->flow, event->octets,
                           event->reliable);
            break;
        case UA_INCOMING:
            note(p, "incoming", -1);
            incoming(p, event->call);
            break;
        case UA_PROGRESS: note(p, "progress", event->status); break;
        case UA_ESTABLISHED:
            note(p, "established", -1);
            phone_later(p, p->hang_up_ms, PHONE_HANG_UP, event->call);
            break;
        case UA_ENDED:
            note(p, "ended", event->status);
            p->ended++;
            break;
        case UA_RESPONSE: note(p, "response", event->status); break;
        }
    }
}

void phone_call(struct phone *p, unsigned to, uint32_t patience_ms)
{
    ua_call_id call;
    if (ua_invite(&p->ua, simulator_now(p->sim), "sip:peer@h.example", to,
                  sipv_slice_text("v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nt=0 0\r\n"),
                  &call) != SIPV_OK) {
        p->faults++;
        return;
    }
    p->began++;
    phone_carry_out(p);
    phone_later(p, patience_ms, PHONE_HANG_UP, call);
}

static void receive(void *self, uint64_t now, unsigned from, sipv_slice octets, bool reliable)
{
    struct phone *p = self;
    p->faults += ua_receive(&p->ua, now, octets, from, reliable) < 0;
    phone_carry_out(p);
}

static uint64_t wake(void *self)
{
    const struct phone *p = self;
    uint64_t at = ua_wake(&p->ua);
    for (size_t i = 0; i < PHONE_TODO; i++)
        if (p->todo[i].what != PHONE_NOTHING && p->todo[i].at < at)
            at = p->todo[i].at;
    return at;
}

static void advance(void *self, uint64_t now)
{
    struct phone *p = self;
    while (ua_advance(&p->ua, now))
        phone_carry_out(p);
    for (size_t i = 0; i < PHONE_TODO; i++) {
        const enum phone_what what = p->todo[i].what;
        if (what == PHONE_NOTHING || p->todo[i].at > now)
            continue;
        p->todo[i].what = PHONE_NOTHING;
        /* Each may come too late; then it finds no call. */
        if (what == PHONE_HANG_UP)
            ua_hang_up(&p->ua, now, p->todo[i].call);
        else
            ua_answer(&p->ua, now, p->todo[i].call, what == PHONE_RING ? 180 : p->status, none);
        phone_carry_out(p);
    }
}

bool phone_open(struct phone *p, struct simulator *sim, const char *name,
                const struct ua_settings *settings)
{
    const struct simulator_element element = {p, receive, wake, advance};
    struct ua_settings mine = settings ? *settings : ua_settings_default();
    char host[32];
    memset(p, 0, sizeof *p);
    p->sim = sim;
    p->number = simulator_add(sim, &element);
    p->status = 200;
    p->ring_ms = 100;
    p->answer_ms = 1000;
    p->hang_up_ms = UINT32_MAX;
    snprintf(host, sizeof host, "%s.example", name);
    mine.user = name;
    mine.host = host;
    mine.seed[0] = p->number;
    if (!settings) {
        mine.calls = 16;
        mine.transactions.limits.transactions = 256;
        mine.dialogs.dialogs = 64;
    }
    return ua_open(&p->ua, &mine) == SIPV_OK;
}

void phone_close(struct phone *p)
{
    ua_close(&p->ua);
}

bool phones_settle(struct simulator *sim)
{
    for (size_t i = 0; i < STEPS; i++)
        if (!simulator_step(sim))
            return true;
    return false;
}
