#include "simulated.h"

#include <stdlib.h>
#include <string.h>

#include "topmost.h"

enum { NOBODY = SIMULATOR_ELEMENTS, TRANSPORTS = 3 };

/* host:port, without transport, and who has it. */
struct address {
    struct hop hop;
    unsigned place; /* or NOBODY */
};

struct place {
    struct simulated *s;
    unsigned address; /* that it sends from */
    struct network network;
    struct element element; /* `receive` NULL: not attached */
};

struct simulated {
    struct simulator *sim;
    struct simulated_settings settings;
    struct topmost *topmost;
    struct address addresses[SIMULATED_ADDRESSES];
    unsigned n_addresses;
    struct place places[SIMULATOR_ELEMENTS];
    unsigned n_places;
    uint32_t serial;
    unsigned char *room; /* what is handed to the simulator */
    size_t cap;
};

/* What travels through the simulator in front of a message. */
struct envelope {
    uint32_t serial;
    uint8_t from, to; /* addresses */
    uint8_t transport;
};

/* ---- Addresses ------------------------------------------------------------------------------- */

static uint16_t port_of(const struct hop *hop)
{
    return (uint16_t)(hop->transport == HOP_TLS ? hop->port - 1 : hop->port);
}

/* SIMULATED_ADDRESSES if there is none. */
static unsigned find(const struct simulated *s, const char *host, uint16_t port)
{
    for (unsigned i = 0; i < s->n_addresses; i++)
        if (s->addresses[i].hop.port == port && strcmp(s->addresses[i].hop.host, host) == 0)
            return i;
    return SIMULATED_ADDRESSES;
}

static unsigned find_or_add(struct simulated *s, const char *host, uint16_t port)
{
    const unsigned found = find(s, host, port);
    if (found < SIMULATED_ADDRESSES || s->n_addresses == SIMULATED_ADDRESSES)
        return found;
    struct address *address = &s->addresses[s->n_addresses];
    if (hop_of_host(HOP_UDP, sipv_slice_text(host), port, &address->hop) != SIPV_OK)
        return SIMULATED_ADDRESSES;
    address->place = NOBODY;
    return s->n_addresses++;
}

static struct hop hop_at(const struct simulated *s, unsigned address, enum hop_transport transport)
{
    struct hop hop = s->addresses[address].hop;
    hop.transport = transport;
    hop.port = (uint16_t)(transport == HOP_TLS ? hop.port + 1 : hop.port);
    return hop;
}

static uint64_t flow_of(unsigned address, enum hop_transport transport)
{
    return 1 + (uint64_t)address * TRANSPORTS + transport;
}

/* ---- What elements call ---------------------------------------------------------------------- */

static uint64_t flow(void *with, const struct hop *to)
{
    struct place *place = with;
    const unsigned address = find_or_add(place->s, to->host, port_of(to));
    return address < SIMULATED_ADDRESSES ? flow_of(address, to->transport) : 0;
}

static enum hop_transport transport(void *with, uint64_t flow)
{
    (void)with;
    return (enum hop_transport)((flow - 1) % TRANSPORTS);
}

static int self(void *with, enum hop_transport transport, struct hop *out)
{
    const struct place *place = with;
    *out = hop_at(place->s, place->address, transport);
    return SIPV_OK;
}

static void tell(struct simulated *s, const struct envelope *e, bool arrived, sipv_slice octets)
{
    const struct hop from = hop_at(s, e->from, (enum hop_transport)e->transport);
    const struct hop to = hop_at(s, e->to, (enum hop_transport)e->transport);
    const struct simulated_message message = {e->serial, arrived, simulator_now(s->sim),
                                              &from,     &to,     octets};
    if (s->settings.trace)
        s->settings.trace(s->settings.with, &message);
}

static bool make_room(struct simulated *s, size_t n)
{
    if (n <= s->cap)
        return true;
    unsigned char *more = realloc(s->room, n);
    if (!more)
        return false;
    s->room = more;
    s->cap = n;
    return true;
}

/* A response over UDP goes where its Via says (RFC 3261 section 18.2.2). */
static unsigned destination(struct simulated *s, uint64_t flow, sipv_slice octets)
{
    struct hop hop;
    if ((flow - 1) % TRANSPORTS == HOP_UDP &&
        topmost_response_hop(s->topmost, octets, &hop) == SIPV_OK)
        return find_or_add(s, hop.host, hop.port);
    return (unsigned)((flow - 1) / TRANSPORTS);
}

static void post(void *with, uint64_t flow, sipv_slice octets)
{
    const struct place *place = with;
    struct simulated *s = place->s;
    const unsigned to = destination(s, flow, octets);
    if (to >= s->n_addresses)
        return;
    const struct envelope e = {s->serial++, (uint8_t)place->address, (uint8_t)to,
                               (uint8_t)transport(NULL, flow)};
    const size_t n = sizeof e + octets.n;
    const unsigned who = s->addresses[to].place;
    tell(s, &e, false, octets);
    if (who == NOBODY || !make_room(s, n))
        return;
    memcpy(s->room, &e, sizeof e);
    memcpy(s->room + sizeof e, octets.p, octets.n);
    simulator_send(s->sim, (unsigned)(place - s->places), who, sipv_slice_of(s->room, n),
                   e.transport != HOP_UDP);
}

/* ---- What the simulator calls ---------------------------------------------------------------- */

static void receive(void *self, uint64_t now, unsigned from, sipv_slice octets, bool reliable)
{
    struct place *place = self;
    struct simulated *s = place->s;
    struct envelope e;
    sipv_slice changed;
    (void)from;
    memcpy(&e, octets.p, sizeof e);
    octets = sipv_slice_of(octets.p + sizeof e, octets.n - sizeof e);
    if (s->addresses[e.to].place != (unsigned)(place - s->places) || !place->element.receive)
        return; /* it has moved away */
    tell(s, &e, true, octets);
    const struct hop source = hop_at(s, e.from, (enum hop_transport)e.transport);
    if (topmost_received(s->topmost, octets, &source, &changed) == SIPV_OK)
        octets = changed;
    place->element.receive(place->element.self, now,
                           flow_of(e.from, (enum hop_transport)e.transport), reliable, octets);
}

static uint64_t wake(void *self)
{
    const struct place *place = self;
    return place->element.wake ? place->element.wake(place->element.self) : UINT64_MAX;
}

static void advance(void *self, uint64_t now)
{
    const struct place *place = self;
    place->element.advance(place->element.self, now);
}

/* ---- Building -------------------------------------------------------------------------------- */

struct simulated *simulated_new(const struct simulated_settings *settings)
{
    struct simulated *s = calloc(1, sizeof *s);
    struct simulator_settings simulator = settings->simulator;
    if (!s)
        return NULL;
    simulator.trace = NULL;
    s->settings = *settings;
    s->sim = simulator_new(&simulator);
    s->topmost = topmost_new();
    if (s->sim && s->topmost)
        return s;
    simulated_free(s);
    return NULL;
}

void simulated_free(struct simulated *s)
{
    if (!s)
        return;
    simulator_free(s->sim);
    topmost_free(s->topmost);
    free(s->room);
    free(s);
}

int simulated_name(struct simulated *s, unsigned place, const char *host, uint16_t port)
{
    const unsigned address = find_or_add(s, host, port);
    if (address == SIMULATED_ADDRESSES)
        return SIPV_LIMIT;
    if (s->addresses[address].place != NOBODY)
        return SIPV_BAD_ARGUMENT;
    s->addresses[address].place = place;
    return SIPV_OK;
}

unsigned simulated_add(struct simulated *s, const char *host, uint16_t port)
{
    const unsigned number = s->n_places;
    struct place *place = &s->places[number];
    const struct simulator_element element = {place, receive, wake, advance};
    if (number == SIMULATOR_ELEMENTS || simulated_name(s, number, host, port) != SIPV_OK)
        return SIMULATOR_ELEMENTS;
    place->s = s;
    place->address = find(s, host, port);
    place->network = (struct network){place, flow, post, transport, self};
    s->n_places++;
    return simulator_add(s->sim, &element);
}

struct network *simulated_network(struct simulated *s, unsigned place)
{
    return &s->places[place].network;
}

void simulated_attach(struct simulated *s, unsigned place, const struct element *element)
{
    s->places[place].element = *element;
}

int simulated_move(struct simulated *s, unsigned place, const char *host, uint16_t port)
{
    const int result = simulated_name(s, place, host, port);
    if (result != SIPV_OK)
        return result;
    s->addresses[s->places[place].address].place = NOBODY;
    s->places[place].address = find(s, host, port);
    return SIPV_OK;
}

bool simulated_step(struct simulated *s)
{
    return simulator_step(s->sim);
}

struct simulator *simulated_simulator(struct simulated *s)
{
    return s->sim;
}
