#include "cable.h"

#include <stdio.h>
#include <string.h>

enum { NOWHERE = 1000 };

static struct cable *cables[SIMULATOR_ELEMENTS];
static struct {
    const struct simulator *sim;
    const char *host;
} names[SIMULATOR_ELEMENTS];

uint64_t cable_flow(unsigned number, enum hop_transport transport)
{
    return ((uint64_t)number + 1) << 2 | transport;
}

static unsigned number_of(uint64_t flow)
{
    return (unsigned)(flow >> 2) - 1;
}

void cable_name(const struct simulator *sim, unsigned number, const char *host)
{
    names[number].sim = sim;
    names[number].host = host;
}

const char *cable_host(const struct simulator *sim, unsigned number)
{
    return number < SIMULATOR_ELEMENTS && names[number].sim == sim ? names[number].host
                                                                   : "nobody.example";
}

/* ---- As a network ---------------------------------------------------------------------------- */

static uint64_t flow(void *with, const struct hop *to)
{
    const struct cable *w = with;
    if (to->transport == HOP_TLS || (to->transport == HOP_TCP && w->no_tcp))
        return 0;
    const enum hop_transport over = w->tcp_only ? HOP_TCP : to->transport;
    for (unsigned i = 0; i < SIMULATOR_ELEMENTS; i++)
        if (strcmp(cable_host(w->sim, i), to->host) == 0)
            return cable_flow(i, over);
    return cable_flow(NOWHERE, over);
}

static enum hop_transport transport(void *with, uint64_t id)
{
    (void)with;
    return id & 3 ? HOP_TCP : HOP_UDP;
}

static void note(struct cable *w, sipv_slice octets)
{
    const size_t at = strlen(w->words);
    const bool response = octets.n > 8 && memcmp(octets.p, "SIP/2.0 ", 8) == 0;
    const char *word = (const char *)octets.p + (response ? 8 : 0);
    snprintf(w->sent, sizeof w->sent, "%.*s", (int)octets.n, (const char *)octets.p);
    snprintf(w->words + at, sizeof w->words - at, "%.*s ", (int)strcspn(word, " "), word);
    w->n_sent++;
}

static void launch(struct cable *w, unsigned to, sipv_slice octets, bool reliable)
{
    unsigned char damaged[CABLE_SENT];
    if (octets.n > 0 && octets.n <= sizeof damaged && simulator_random(w->sim, 1000) < w->damage) {
        memcpy(damaged, octets.p, octets.n);
        damaged[simulator_random(w->sim, (uint32_t)octets.n)] =
            octets.p[simulator_random(w->sim, (uint32_t)octets.n)];
        octets.p = damaged;
    }
    simulator_send(w->sim, w->number, to, octets, reliable);
}

static void send(void *with, uint64_t id, sipv_slice octets)
{
    struct cable *w = with;
    const unsigned to = number_of(id);
    note(w, octets);
    if (w->muted || to >= SIMULATOR_ELEMENTS)
        return;
    if (transport(w, id) == HOP_TCP && cables[to] && cables[to]->sim == w->sim &&
        cables[to]->refuses_tcp)
        w->failed = id;
    else
        launch(w, to, octets, transport(w, id) == HOP_TCP);
}

static int self(void *with, enum hop_transport over, struct hop *out)
{
    const struct cable *w = with;
    if (over == HOP_TLS || (over == HOP_TCP && w->no_tcp) || (over == HOP_UDP && w->tcp_only))
        return SIPV_ABSENT;
    return hop_of_host(over, sipv_slice_text(w->host), 5060, out);
}

/* ---- As an element of the simulator ---------------------------------------------------------- */

static void receive(void *with, uint64_t now, unsigned from, sipv_slice octets, bool reliable)
{
    struct cable *w = with;
    w->element.receive(w->element.self, now, cable_flow(from, reliable ? HOP_TCP : HOP_UDP),
                       reliable, octets);
}

static uint64_t wake(void *with)
{
    const struct cable *w = with;
    return w->failed ? simulator_now(w->sim) : w->element.wake(w->element.self);
}

static void advance(void *with, uint64_t now)
{
    struct cable *w = with;
    const uint64_t failed = w->failed;
    w->failed = 0;
    if (failed)
        w->element.failed(w->element.self, now, failed);
    else
        w->element.advance(w->element.self, now);
}

/* Simulators that are gone may have had the same address. */
static void forget_all(void)
{
    memset(cables, 0, sizeof cables);
    memset(names, 0, sizeof names);
}

void cable_open(struct cable *w, struct simulator *sim, const char *host)
{
    const struct simulator_element element = {w, receive, wake, advance};
    memset(w, 0, sizeof *w);
    w->network = (struct network){w, flow, send, transport, self};
    w->sim = sim;
    w->number = simulator_add(sim, &element);
    if (w->number == 0)
        forget_all();
    snprintf(w->host, sizeof w->host, "%s", host);
    cables[w->number] = w;
    cable_name(sim, w->number, w->host);
}
