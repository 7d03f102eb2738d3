/* status.h: what is said of a campaign on one line. */
#ifndef SIPVET_TOOLS_FUZZ_STATUS_H
#define SIPVET_TOOLS_FUZZ_STATUS_H

#include "samples.h"

/* One line on stdout: how far a target is, over all runs. */
void say_target(const struct kit *k, const struct fuzz_target *t);

#endif
