/* simulation.h: a call flow on the simulator. */
#ifndef SIPVET_TOOLS_FLOW_SIMULATION_H
#define SIPVET_TOOLS_FLOW_SIMULATION_H

#include "stage.h"

#include <simulated.h>

struct simulation_settings {
    struct stage_settings stage;
    unsigned loss, duplication;          /* of 1,000 messages */
    uint32_t delay_min_ms, delay_max_ms; /* 0: 1 ms */
};

struct simulation {
    struct stage *stage;
    struct simulated *network;
    unsigned places[FLOW_ELEMENTS];
    uint64_t messages; /* that were sent */
    bool record;
};

enum { SIMULATION_STEPS = 1000000 };

/* Plays the flow until all is quiet.  NULL, or why not: a core could not be opened, or there was no
 * end after SIMULATION_STEPS messages and timers.  simulation_free() in any case. */
const char *simulation_run(struct simulation *s, const struct callflow *flow,
                           const struct simulation_settings *settings);
void simulation_free(struct simulation *s);

/* The first element at which an entry is left; FLOW_OUTSIDE: there is none.  Timers run no more,
 * else it would not be quiet. */
unsigned simulation_left(const struct simulation *s, const struct callflow *flow);

#endif
