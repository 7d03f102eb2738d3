/* live.c: see live.h. */
#include "live.h"

#include "../output.h"

#include <net.h>
#include <signal.h>
#include <sipvet/auth.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

/* Behind the last step: for messages that are still on their way. */
enum { TICK_MS = 20, QUIET_MS = 100 };

struct place {
    struct live *live;
    unsigned element;
    struct net *net; /* NULL: it is somewhere else */
};

struct live {
    uv_loop_t loop;
    uv_timer_t tick; /* so that the loop is never without a timer */
    bool looping;
    struct live_settings settings;
    const struct callflow *flow;
    struct stage *stage;
    struct place places[FLOW_ELEMENTS];
    unsigned count;
    uint64_t last_ms; /* when the last message came or went */
    char problem[NET_PROBLEM];
};

bool live_is_possible(void)
{
    return true;
}

static uint64_t now_ms(void)
{
    return uv_hrtime() / 1000000;
}

uint64_t live_seed(void)
{
    unsigned char octets[sizeof(uint64_t)];
    uint64_t seed = 1;

    if (sipv_random_openssl(NULL, octets, sizeof octets))
        memcpy(&seed, octets, sizeof seed);
    return seed;
}

/* ---- Recording ------------------------------------------------------------------------------- */

/* Over TCP one end of a connection has a port that tells nothing. */
static bool is_that(const struct recorded *m, const struct net_event *event)
{
    return m->arrived_at == 0 && m->source.transport == event->local.transport &&
           (m->source.transport != HOP_UDP ||
            (hop_equal(&m->source, &event->peer) && hop_equal(&m->destination, &event->local))) &&
           sipv_slice_equal(bytes_slice(&m->octets), event->octets);
}

/* The message was recorded when it was sent, if one of us sent it. */
static void arrived(struct recording *r, unsigned element, unsigned peer,
                    const struct net_event *event)
{
    size_t number = 0;

    while (number < r->count && !is_that(&r->messages[number], event))
        number++;
    if (number == r->count)
        number = recording_sent(r, event->time_ns, peer, element, &event->peer, &event->local,
                                event->octets);
    if (number < r->count)
        r->messages[number].to = element;
    recording_arrived(r, number, event->time_ns);
}

/* Of what goes elsewhere nobody can say whether it arrives; it is not shown as lost. */
static void sent(struct recording *r, const struct place *place, unsigned peer,
                 const struct net_event *event)
{
    size_t number = recording_sent(r, event->time_ns, place->element, peer, &event->local,
                                   &event->peer, event->octets);

    if (peer != FLOW_OUTSIDE && !place->live->places[peer].net)
        recording_arrived(r, number, event->time_ns);
}

/* All proxies that are somebody else's are at one place; a user speaks with its own. */
static unsigned who(const struct place *place, const struct hop *peer)
{
    const struct live *live = place->live;
    const char *outbound = live->flow->elements[place->element].outbound;
    struct hop via = live->settings.via;

    via.transport = peer->transport;
    if (live->settings.stage.foreign && outbound &&
        (hop_equal(&via, peer) || peer->transport != HOP_UDP))
        return callflow_element(live->flow, sipv_slice_text(outbound));
    return stage_who(live->stage, peer);
}

static void tap(void *with, const struct net_event *event)
{
    const struct place *place = with;
    struct live *live = place->live;
    struct recording *r;
    unsigned peer;

    if (!live->stage)
        return;
    live->last_ms = now_ms();
    r = stage_recording(live->stage);
    peer = who(place, &event->peer);
    if (event->what == NET_RECEIVED)
        arrived(r, place->element, peer, event);
    else
        sent(r, place, peer, event);
}

/* ---- The ground ------------------------------------------------------------------------------ */

static int open_place(struct live *live, unsigned element)
{
    struct net_settings settings = net_settings_default();
    struct place *place = &live->places[element];
    const char *at = live->settings.at;

    place->live = live;
    place->element = element;
    if (live->settings.stage.foreign && live->flow->elements[element].role == CALLFLOW_PROXY)
        return SIPV_OK;
    if (hop_of_host(HOP_UDP, sipv_slice_text(at ? at : "127.0.0.1"), 0, &settings.listen[0]) !=
        SIPV_OK)
        return SIPV_BAD_ARGUMENT;
    settings.n_listen = 1;
    settings.anywhere = live->settings.anywhere;
    settings.tap = tap;
    settings.with = place;
    return net_open(&place->net, &live->loop, &settings, live->problem);
}

/* Where the proxies are that are not ours. */
static int elsewhere(void *with, enum hop_transport transport, struct hop *out)
{
    const struct live *live = with;

    *out = live->settings.via;
    out->transport = transport;
    return SIPV_OK;
}

static struct network network(void *with, unsigned element)
{
    struct live *live = with;

    if (live->places[element].net)
        return net_network(live->places[element].net);
    return (struct network){live, NULL, NULL, NULL, elsewhere};
}

static void attach(void *with, unsigned element, const struct element *core)
{
    struct live *live = with;
    struct place *place = &live->places[element];

    if (core) {
        net_attach(place->net, core);
        return;
    }
    net_close(place->net);
    place->net = NULL;
}

/* The address is one of documentation; what counts is that it is another one. */
static int move(void *with, unsigned element, const char *address)
{
    struct live *live = with;
    struct net *old = live->places[element].net;
    int result = open_place(live, element);

    (void)address;
    if (result == SIPV_OK)
        net_close(old);
    else
        live->places[element].net = old;
    return result;
}

/* ---- Playing --------------------------------------------------------------------------------- */

static void on_tick(uv_timer_t *timer)
{
    (void)timer;
}

static bool open_loop(struct live *live)
{
    signal(SIGPIPE, SIG_IGN);
    if (uv_loop_init(&live->loop) != 0)
        return false;
    live->looping = true;
    uv_timer_init(&live->loop, &live->tick);
    uv_timer_start(&live->tick, on_tick, TICK_MS, TICK_MS);
    return true;
}

/* NULL, or why not. */
static const char *play(struct live *live, unsigned timeout_ms)
{
    uint64_t end = now_ms() + timeout_ms;

    live->last_ms = now_ms();
    while (!stage_done(live->stage) || now_ms() - live->last_ms < QUIET_MS) {
        if (now_ms() > end)
            return "time was over";
        uv_run(&live->loop, UV_RUN_ONCE);
    }
    return NULL;
}

const char *live_run(struct live **out, const struct callflow *flow,
                     const struct live_settings *settings)
{
    struct live *live = need(1, sizeof *live);
    struct ground ground = {live, network, attach, move};
    const char *why = NULL;

    *out = live;
    live->settings = *settings;
    live->flow = flow;
    if (!open_loop(live))
        return "no event loop";
    for (live->count = 0; live->count < callflow_element_count(flow); live->count++)
        if (open_place(live, live->count) != SIPV_OK)
            return live->problem;
    live->stage = stage_new(flow, &settings->stage, &ground, &why);
    return live->stage ? play(live, settings->timeout_ms) : why;
}

void live_free(struct live *live)
{
    if (!live)
        return;
    stage_free(live->stage);
    for (unsigned i = 0; i < live->count; i++)
        net_close(live->places[i].net);
    if (live->looping) {
        uv_close((uv_handle_t *)&live->tick, NULL);
        uv_run(&live->loop, UV_RUN_DEFAULT);
        uv_loop_close(&live->loop);
    }
    free(live);
}

struct stage *live_stage(struct live *live)
{
    return live ? live->stage : NULL;
}
