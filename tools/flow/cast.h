/* cast.h: an element of a flow and the core that it is. */
#ifndef SIPVET_TOOLS_FLOW_CAST_H
#define SIPVET_TOOLS_FLOW_CAST_H

#include "old.h"
#include "redirect.h"
#include "user.h"

#include <guard.h>
#include <proxy.h>
#include <registrar.h>

struct cast {
    const struct callflow *flow;
    const struct callflow_element *is;
    /* Those that its role needs. */
    struct user user;
    struct old old;
    struct proxy proxy;
    struct registrar registrar;
    struct guard register_guard, request_guard;
    struct redirect redirect;
};

/* `route`: of a user, the value of its preloaded Route, or NULL.  `forgetful`: it has another
 * password than it should.  SIPV_OK, or that of the core that could not be opened; cast_close() may
 * be called in any case. */
int cast_open(struct cast *c, const struct callflow *flow, const struct callflow_element *is,
              const struct network *network, const char *route, bool forgetful, uint64_t seed);
void cast_close(struct cast *c);

/* All zero for one that is silent. */
struct element cast_element(struct cast *c);

/* What a user can do; false if it cannot be done now, or this is no user. */
bool cast_act(struct cast *c, uint64_t now, enum callflow_action action, const char *text);
/* What has become of it; of others than users, nothing. */
int cast_registered(const struct cast *c); /* status, 0: awaited, or never asked for */
bool cast_rings(const struct cast *c);
bool cast_unsettled(const struct cast *c); /* a call does not stand yet, or is about to change */
bool cast_calls(const struct cast *c);     /* there is one */

/* Calls, dialogs, transactions, forwarded requests that it has. */
size_t cast_left(const struct cast *c);

#endif
