#include "simulator.h"

#include <stdlib.h>
#include <string.h>

struct packet {
    uint64_t arrives, serial;
    unsigned from, to;
    bool reliable;
    unsigned char *p;
    size_t n;
};

struct simulator {
    struct simulator_settings settings;
    struct simulator_element elements[SIMULATOR_ELEMENTS];
    unsigned n_elements;
    uint64_t last[SIMULATOR_ELEMENTS][SIMULATOR_ELEMENTS]; /* arrival over a reliable transport */
    struct packet *packets;
    size_t n_packets;
    uint64_t now, serial, random, sum;
};

struct simulator_settings simulator_settings_default(void)
{
    const struct simulator_settings settings = {
        .delay_min_ms = 1, .delay_max_ms = 1, .in_flight = 1024};
    return settings;
}

struct simulator *simulator_new(const struct simulator_settings *settings)
{
    struct simulator *sim = calloc(1, sizeof *sim);
    if (!sim)
        return NULL;
    sim->settings = *settings;
    sim->random = settings->seed;
    sim->packets = calloc(settings->in_flight, sizeof *sim->packets);
    if (!sim->packets && settings->in_flight > 0) {
        free(sim);
        return NULL;
    }
    return sim;
}

void simulator_free(struct simulator *sim)
{
    if (!sim)
        return;
    for (size_t i = 0; i < sim->n_packets; i++)
        free(sim->packets[i].p);
    free(sim->packets);
    free(sim);
}

unsigned simulator_add(struct simulator *sim, const struct simulator_element *element)
{
    if (sim->n_elements == SIMULATOR_ELEMENTS)
        return SIMULATOR_ELEMENTS;
    sim->elements[sim->n_elements] = *element;
    return sim->n_elements++;
}

uint64_t simulator_now(const struct simulator *sim)
{
    return sim->now;
}

size_t simulator_in_flight(const struct simulator *sim)
{
    return sim->n_packets;
}

uint64_t simulator_sum(const struct simulator *sim)
{
    return sim->sum;
}

/* splitmix64 (Steele, Lea and Flood, 2014). */
static uint64_t mixed(uint64_t z)
{
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

uint32_t simulator_random(struct simulator *sim, uint32_t below)
{
    return (uint32_t)(mixed(sim->random += 0x9e3779b97f4a7c15u) % below);
}

static void add_number(struct simulator *sim, uint64_t value)
{
    sim->sum = mixed(sim->sum ^ value) + 0x9e3779b97f4a7c15u;
}

static void add_octets(struct simulator *sim, sipv_slice octets)
{
    uint64_t word = 0;
    for (size_t i = 0; i < octets.n; i++) {
        word = word << 8 | octets.p[i];
        if (i % 8 == 7)
            add_number(sim, word);
    }
    add_number(sim, word);
    add_number(sim, octets.n);
}

static void trace(struct simulator *sim, enum simulator_what what, unsigned from, unsigned to,
                  sipv_slice octets, bool reliable)
{
    const struct simulator_event event = {what, sim->now, from, to, octets, reliable};
    add_number(sim, sim->now << 8 | what);
    add_number(sim, (uint64_t)from << 32 | to);
    if (what == SIMULATOR_SENT) /* what becomes of them later is the same octets */
        add_octets(sim, octets);
    if (sim->settings.trace)
        sim->settings.trace(sim->settings.with, &event);
}

/* ---- Messages ------------------------------------------------------------------------------- */

static uint64_t arrival(struct simulator *sim, unsigned from, unsigned to, bool reliable)
{
    const struct simulator_settings *s = &sim->settings;
    uint64_t at = sim->now + s->delay_min_ms;
    if (s->delay_max_ms > s->delay_min_ms)
        at += simulator_random(sim, s->delay_max_ms - s->delay_min_ms + 1);
    if (!reliable)
        return at;
    if (at < sim->last[from][to])
        at = sim->last[from][to];
    sim->last[from][to] = at;
    return at;
}

/* False if there is no room. */
static bool launch(struct simulator *sim, unsigned from, unsigned to, sipv_slice octets,
                   bool reliable)
{
    if (sim->n_packets == sim->settings.in_flight)
        return false;
    unsigned char *copy = malloc(octets.n ? octets.n : 1);
    if (!copy)
        return false;
    memcpy(copy, octets.p, octets.n);
    struct packet *packet = &sim->packets[sim->n_packets++];
    packet->arrives = arrival(sim, from, to, reliable);
    packet->serial = ++sim->serial;
    packet->from = from;
    packet->to = to;
    packet->reliable = reliable;
    packet->p = copy;
    packet->n = octets.n;
    return true;
}

static bool chance(struct simulator *sim, unsigned of_1000)
{
    return of_1000 > 0 && simulator_random(sim, 1000) < of_1000;
}

int simulator_send(struct simulator *sim, unsigned from, unsigned to, sipv_slice octets,
                   bool reliable)
{
    if (from >= sim->n_elements || to >= sim->n_elements)
        return SIPV_BAD_ARGUMENT;
    trace(sim, SIMULATOR_SENT, from, to, octets, reliable);
    if ((!reliable && chance(sim, sim->settings.loss)) ||
        !launch(sim, from, to, octets, reliable)) {
        trace(sim, SIMULATOR_LOST, from, to, octets, reliable);
        return SIPV_OK;
    }
    if (!reliable && chance(sim, sim->settings.duplication) &&
        launch(sim, from, to, octets, reliable))
        trace(sim, SIMULATOR_DOUBLED, from, to, octets, reliable);
    return SIPV_OK;
}

/* ---- Time ----------------------------------------------------------------------------------- */

static bool sooner(const struct packet *a, const struct packet *b)
{
    return a->arrives != b->arrives ? a->arrives < b->arrives : a->serial < b->serial;
}

static void deliver(struct simulator *sim, size_t at)
{
    const struct packet packet = sim->packets[at];
    const struct simulator_element *to = &sim->elements[packet.to];
    const sipv_slice octets = sipv_slice_of(packet.p, packet.n);
    sim->packets[at] = sim->packets[--sim->n_packets];
    trace(sim, SIMULATOR_RECEIVED, packet.from, packet.to, octets, packet.reliable);
    to->receive(to->self, sim->now, packet.from, octets, packet.reliable);
    free(packet.p);
}

bool simulator_step(struct simulator *sim)
{
    size_t first = 0;
    uint64_t next = UINT64_MAX;
    unsigned sleeper = SIMULATOR_ELEMENTS;
    for (size_t i = 1; i < sim->n_packets; i++)
        if (sooner(&sim->packets[i], &sim->packets[first]))
            first = i;
    if (sim->n_packets > 0)
        next = sim->packets[first].arrives;
    for (unsigned i = 0; i < sim->n_elements; i++) {
        const uint64_t wake = sim->elements[i].wake(sim->elements[i].self);
        if (wake < next) {
            next = wake;
            sleeper = i;
        }
    }
    if (next == UINT64_MAX)
        return false;
    if (next > sim->now)
        sim->now = next;
    if (sleeper < SIMULATOR_ELEMENTS)
        sim->elements[sleeper].advance(sim->elements[sleeper].self, sim->now);
    else
        deliver(sim, first);
    return true;
}
