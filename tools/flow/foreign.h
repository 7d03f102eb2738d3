/* foreign.h: a flow whose proxies are somebody else's: one server, for one domain.  The users are
 * ours. */
#ifndef SIPVET_TOOLS_FLOW_FOREIGN_H
#define SIPVET_TOOLS_FLOW_FOREIGN_H

#include "callflow.h"

enum { FOREIGN_STEPS = 16, FOREIGN_TEXT = 256 };

struct foreign {
    struct callflow flow; /* to be played */
    struct callflow_element elements[FLOW_ELEMENTS + 1];
    struct callflow_step steps[FOREIGN_STEPS + 1];
    char uris[FLOW_ELEMENTS][FOREIGN_TEXT], texts[FOREIGN_STEPS][FOREIGN_TEXT];
};

/* `domain` in place of the domains of all users; NULL: they keep theirs.  False: this flow has no
 * proxy, or has others than users and proxies, or the domain is too long. */
bool foreign_flow(struct foreign *out, const struct callflow *flow, const char *domain);

#endif
