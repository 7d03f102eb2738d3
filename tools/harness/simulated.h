/* The simulator as a network (network.h): elements that have addresses.
 *
 *     struct simulated *s = simulated_new(&settings);
 *     unsigned alice = simulated_add(s, "192.0.2.1", 5060);
 *     ... open a core with simulated_network(s, alice) ...
 *     simulated_attach(s, alice, &element);
 *     simulated_name(s, alice, "alice.example", 5060);
 *     while (simulated_step(s))
 *         ;
 *
 * An element listens for UDP and TCP at its port, for TLS at the next one.  A message to an address
 * that nobody has is lost, as one to a host that is switched off.  Between two addresses there is
 * one flow of each transport, which both sides name by the other's listening address.  Messages
 * over TCP and TLS are neither lost nor doubled, and stay in order. */
#ifndef HARNESS_SIMULATED_H
#define HARNESS_SIMULATED_H

#include "network.h"
#include "simulator.h"

struct simulated;

enum { SIMULATED_ADDRESSES = 64 };

/* A message as the wire has it: when it is sent, and each time it arrives. */
struct simulated_message {
    uint32_t serial; /* of what was sent, from 0; the same when it arrives */
    bool arrived;
    uint64_t now;
    const struct hop *from, *to;
    sipv_slice octets;
};

struct simulated_settings {
    struct simulator_settings simulator; /* its `trace` and `with` are not used */
    void (*trace)(void *with, const struct simulated_message *message); /* may be NULL */
    void *with;
};

/* NULL without memory. */
struct simulated *simulated_new(const struct simulated_settings *settings);
void simulated_free(struct simulated *s);

/* A place for an element at host:port; its number, or SIMULATOR_ELEMENTS if there is no room, or
 * the address is taken. */
unsigned simulated_add(struct simulated *s, const char *host, uint16_t port);
/* What an element there sends with; it lasts as long as the network. */
struct network *simulated_network(struct simulated *s, unsigned place);
/* Who is there.  Until then messages to it are lost. */
void simulated_attach(struct simulated *s, unsigned place, const struct element *element);
/* Another address of it, as DNS would have it.  SIPV_OK; SIPV_LIMIT; SIPV_BAD_ARGUMENT: taken. */
int simulated_name(struct simulated *s, unsigned place, const char *host, uint16_t port);
/* It has another address from now on; nobody has the old one. Returns as above. */
int simulated_move(struct simulated *s, unsigned place, const char *host, uint16_t port);

/* As those of the simulator. */
bool simulated_step(struct simulated *s);
struct simulator *simulated_simulator(struct simulated *s);

#endif
