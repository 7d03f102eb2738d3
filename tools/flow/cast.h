/* cast.h: an element of a flow and the core that it is. */
#ifndef SIPVET_TOOLS_FLOW_CAST_H
#define SIPVET_TOOLS_FLOW_CAST_H

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
/* Calls, dialogs, transactions, forwarded requests that it has. */
size_t cast_left(const struct cast *c);

#endif
