/* live.h: a call flow over real sockets: every element at a port that the kernel has chosen, all on
 * one loop. */
#ifndef SIPVET_TOOLS_FLOW_LIVE_H
#define SIPVET_TOOLS_FLOW_LIVE_H

#include "stage.h"

struct live;

struct live_settings {
    struct stage_settings stage;
    unsigned timeout_ms; /* for the whole flow */
    const char *at;      /* the address where elements are; NULL: 127.0.0.1 */
    struct hop via;      /* with `stage.foreign`, where all proxies are */
    bool anywhere;       /* not only on loopback */
};

/* False: this program was built without sockets. */
bool live_is_possible(void);

/* A number that nobody can foresee, for the secrets of elements. */
uint64_t live_seed(void);

/* Plays the flow until its steps are done and no message has come for a while.  NULL, or why not:
 * no socket could be opened, or time was over.  live_free() in any case; *out may be NULL then. */
const char *live_run(struct live **out, const struct callflow *flow,
                     const struct live_settings *settings);
void live_free(struct live *live);
/* NULL if it did not come so far. */
struct stage *live_stage(struct live *live);

#endif
