/* probe.h: asks a server OPTIONS, to see whether it still answers. */
#ifndef SIPVET_TOOLS_FUZZ_PROBE_H
#define SIPVET_TOOLS_FUZZ_PROBE_H

#include "peer.h"

/* The answer to one OPTIONS, whatever its status.  Over UDP the request is sent again after half a
 * second, one, two ... (RFC 3261 17.1.2.2) on `fd`; over TCP it has a connection of its own.
 * `number` must be new each time.  The status, or 0: no answer within `ms`; then `*reason` says
 * why. */
int probe(const struct peer *peer, int fd, uint64_t number, unsigned ms, const char **reason);

#endif
