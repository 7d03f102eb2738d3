/* sdp_example.h: the example of a diagnostic of SDP, and what is said of it. */
#ifndef SIPVET_TOOLS_SDP_EXAMPLE_H
#define SIPVET_TOOLS_SDP_EXAMPLE_H

#include "sdp_vet.h"

struct sdp_example {
    struct sdp_vet first, v; /* `v` is what the finding is about */
    struct finding finding;
    sipv_diag diag;
    const char *command; /* that tells it, as "sdp lint" */
};

/* Finds in `text`, one description or a pair with an empty line between, what `info` is about.
 * False if it is not there. */
bool sdp_example_find(struct sdp_example *x, const sipv_diag_info *info, sipv_slice text);
void sdp_example_free(struct sdp_example *x);

#endif
