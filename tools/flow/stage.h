/* stage.h: a call flow is played: its elements on a network, its steps one after the other.
 *
 *     stage.c        elements, names, steps
 *     cast.c         which core an element is
 *     user.c, old.c  user agents, and who uses them
 *     simulation.c   on the simulator
 *     live.c         over sockets
 *
 * Names of elements and of their domains lead to them, as if there were DNS.  Everything that is
 * sent is recorded, unless the settings say otherwise. */
#ifndef SIPVET_TOOLS_FLOW_STAGE_H
#define SIPVET_TOOLS_FLOW_STAGE_H

#include "callflow.h"
#include "mischief.h"

#include <network.h>

struct stage;

/* The network a flow is played on; elements are numbers. */
struct ground {
    void *with;
    struct network (*network)(void *with, unsigned element);
    /* Until then nothing arrives there; NULL: from now on nothing does. */
    void (*attach)(void *with, unsigned element, const struct element *core);
    /* SIPV_OK, or that it cannot be there. */
    int (*move)(void *with, unsigned element, const char *address);
};

struct stage_settings {
    uint64_t seed;
    bool record;
    bool foreign; /* proxies are somebody else's: the network leads there, nobody is played */
    enum mischief mischief;
};

/* NULL: a core could not be opened; `why` says which. */
struct stage *stage_new(const struct callflow *flow, const struct stage_settings *settings,
                        const struct ground *ground, const char **why);
void stage_free(struct stage *stage);

/* Steps are done when the ground calls elements, the first one at its first call. */

/* Have all steps been done, and has come what they wait for? */
bool stage_done(const struct stage *stage);
/* The step that is being done, from 0; the first that could not be done, or SIZE_MAX. */
size_t stage_step(const struct stage *stage);
size_t stage_refused(const struct stage *stage);
/* The first user whose last call or REGISTER has ended with what is neither wanted in any flow nor
 * the end of a timer; FLOW_OUTSIDE: there is none. */
unsigned stage_odd(const struct stage *stage);
/* Calls, dialogs, transactions and the like that an element has. */
size_t stage_left(const struct stage *stage, unsigned element);

/* The ground tells what is sent and arrives. */
struct recording *stage_recording(struct stage *stage);
/* Who is there; FLOW_OUTSIDE if none of the elements. */
unsigned stage_who(const struct stage *stage, const struct hop *address);

#endif
