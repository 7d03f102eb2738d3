/* selector.h: names of messages, "alice > proxy1 INVITE #2" (callflow.h), and finding them. */
#ifndef SIPVET_TOOLS_FLOW_SELECTOR_H
#define SIPVET_TOOLS_FLOW_SELECTOR_H

#include "callflow.h"

struct selector {
    bool together; /* begins with "+" */
    bool optional; /* begins with "?" */
    unsigned from, to;
    int status; /* 0: a request */
    sipv_slice method;
    unsigned nth; /* from 1 */
};

/* False if it is no name of a message of this flow. */
bool selector_read(const struct callflow *flow, const char *text, struct selector *out);
/* Is it this one, whichever of them? */
bool selector_is(const struct selector *s, const struct recorded *message);
/* NULL if there is none. */
const struct recorded *selector_find(const struct selector *s, const struct recording *r);

#endif
