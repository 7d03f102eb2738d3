/* stage.h: a call flow is played: its elements on a network, its steps one after the other.
 *
 *     stage.c     elements, names, steps
 *     user.c      a user agent and who uses it
 *     cast.c      which core an element is
 *     simulation.c   on the simulator
 *     live.c      over sockets
 *
 * Names of elements and of their domains lead to them, as if there were DNS.  Everything that is
 * sent is recorded, unless the settings say otherwise. */
#ifndef SIPVET_TOOLS_FLOW_STAGE_H
#define SIPVET_TOOLS_FLOW_STAGE_H

#include "callflow.h"
#include "user.h"

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
    uint64_t (*now)(void *with);
};

/* What an element does wrong, for tests of the expectations. */
enum mischief {
    MISCHIEF_NONE,
    MISCHIEF_KEEP_VIA, /* a proxy leaves its Via in responses that it forwards */
    MISCHIEF_PASSWORD, /* users have forgotten theirs */
    MISCHIEF_SUBJECT,  /* a proxy loses Subject */
    MISCHIEF_TRYING    /* a proxy sends no 100 */
};

struct stage_settings {
    uint64_t seed;
    bool record;
    enum mischief mischief;
};

/* NULL: a core could not be opened; `why` says which. */
struct stage *stage_new(const struct callflow *flow, const struct stage_settings *settings,
                        const struct ground *ground, const char **why);
void stage_free(struct stage *stage);

/* The first step.  The others follow by themselves. */
void stage_begin(struct stage *stage);
/* Have all steps been done, and what they wait for come? */
bool stage_done(const struct stage *stage);
/* The step that is being done, from 0. */
size_t stage_step(const struct stage *stage);
/* Calls, dialogs, transactions and the like that an element has. */
size_t stage_left(const struct stage *stage, unsigned element);
const struct user *stage_user(const struct stage *stage, unsigned element);

/* The ground tells what is sent and arrives. */
struct recording *stage_recording(struct stage *stage);
/* Who is there; FLOW_OUTSIDE if none of the elements. */
unsigned stage_who(const struct stage *stage, const struct hop *address);

#endif
