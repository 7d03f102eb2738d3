#include "phone.h"

#include <stdio.h>
#include <string.h>

static const sipv_slice none = {NULL, 0};

const char phone_sdp[] = "v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nt=0 0\r\n";

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

static void established(struct phone *p, ua_call_id call)
{
    note(p, "established", -1);
    phone_later(p, p->hang_up_ms, PHONE_HANG_UP, call);
    phone_later(p, p->modify_ms, p->updates ? PHONE_UPDATE : PHONE_REINVITE, call);
}

static void offered(struct phone *p, ua_call_id call)
{
    note(p, "offer", -1);
    if (!p->forgets)
        p->faults +=
            ua_answer_offer(&p->ua, simulator_now(p->sim), call, p->offer_status,
                            p->offer_status == 200 ? sipv_slice_text(phone_sdp) : none) != SIPV_OK;
}

static void told(struct phone *p, const struct ua_event *event)
{
    if (event->call)
        p->last = event->call;
    if (event->body.p)
        snprintf(p->body, sizeof p->body, "%.*s", (int)event->body.n, (const char *)event->body.p);
    switch (event->what) {
    case UA_INCOMING:
        note(p, "incoming", -1);
        incoming(p, event->call);
        break;
    case UA_PROGRESS: note(p, "progress", event->status); break;
    case UA_ESTABLISHED: established(p, event->call); break;
    case UA_ENDED:
        note(p, "ended", event->status);
        p->ended++;
        break;
    case UA_OFFER: offered(p, event->call); break;
    case UA_ANSWER: note(p, "answer", -1); break;
    case UA_MODIFIED: note(p, "modified", event->status); break;
    case UA_RESPONSE: note(p, "response", event->status); break;
    case UA_REQUEST: note(p, "request", -1); break;
    case UA_REGISTRATION: note(p, "registration", event->status); break;
    }
}

void phone_carry_out(struct phone *p)
{
    struct ua_event event;
    while (ua_next(&p->ua, &event))
        told(p, &event);
}

void phone_call(struct phone *p, unsigned to, uint32_t patience_ms)
{
    ua_call_id call;
    char uri[128];
    const struct ua_outgoing what = {.uri = p->uri ? p->uri : uri,
                                     .body = p->offers_not ? none : sipv_slice_text(phone_sdp)};
    snprintf(uri, sizeof uri, "sip:peer@%s", cable_host(p->sim, to));
    if (ua_invite(&p->ua, simulator_now(p->sim), &what, &call) != SIPV_OK) {
        p->faults++;
        return;
    }
    p->began++;
    p->last = call;
    phone_carry_out(p);
    phone_later(p, patience_ms, PHONE_HANG_UP, call);
}

/* ---- The element ---------------------------------------------------------------------------- */

static void receive(void *self, uint64_t now, uint64_t flow, bool reliable, sipv_slice octets)
{
    struct phone *p = self;
    ua_receive(&p->ua, now, octets, flow, reliable);
    phone_carry_out(p);
}

static void failed(void *self, uint64_t now, uint64_t flow)
{
    struct phone *p = self;
    ua_failed(&p->ua, now, flow);
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

/* Each may come too late; then it finds no call. */
static void act(struct phone *p, uint64_t now, enum phone_what what, ua_call_id call)
{
    const sipv_slice sdp = p->describes ? sipv_slice_text(phone_sdp) : none;
    switch (what) {
    case PHONE_RING: ua_answer(&p->ua, now, call, p->describes ? 183 : 180, sdp, NULL); break;
    case PHONE_ANSWER: ua_answer(&p->ua, now, call, p->status, sdp, NULL); break;
    case PHONE_HANG_UP: ua_hang_up(&p->ua, now, call); break;
    case PHONE_REINVITE:
        ua_modify(&p->ua, now, call, UA_REINVITE,
                  p->offers_not ? none : sipv_slice_text(phone_sdp));
        break;
    case PHONE_UPDATE: ua_modify(&p->ua, now, call, UA_UPDATE, sipv_slice_text(phone_sdp)); break;
    case PHONE_UNREGISTER: ua_unregister(&p->ua, now); break;
    case PHONE_NOTHING: break;
    }
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
        act(p, now, what, p->todo[i].call);
        phone_carry_out(p);
    }
}

bool phone_open(struct phone *p, struct simulator *sim, const char *name,
                const struct ua_settings *settings)
{
    struct ua_settings mine = settings ? *settings : ua_settings_default();
    char host[32], aor[64];
    memset(p, 0, sizeof *p);
    snprintf(host, sizeof host, "%s.example", name);
    snprintf(aor, sizeof aor, "sip:%s@%s.example", name, name);
    cable_open(&p->cable, sim, host);
    p->cable.element = (struct element){p, receive, failed, wake, advance};
    p->sim = sim;
    p->number = p->cable.number;
    p->status = p->offer_status = 200;
    p->ring_ms = 100;
    p->answer_ms = 1000;
    p->hang_up_ms = p->modify_ms = UINT32_MAX;
    if (!mine.aor)
        mine.aor = aor;
    mine.seed[0] = p->number;
    if (!settings) {
        mine.calls = 16;
        mine.transactions.limits.transactions = 256;
        mine.dialogs.dialogs = 64;
    }
    return ua_open(&p->ua, &mine, &p->cable.network) == SIPV_OK;
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
