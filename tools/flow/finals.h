/* finals.h: does whoever gets a request answer it once and for all?  It holds however much is lost:
 * an INVITE that nobody further on has answered gets a 408 (RFC 3261 sections 16.8, 17.2.1). */
#ifndef SIPVET_TOOLS_FLOW_FINALS_H
#define SIPVET_TOOLS_FLOW_FINALS_H

#include "expect.h"

/* Users must answer every request; a proxy INVITE, and the REGISTER that it is the registrar for.
 * About others it keeps silent when nobody has answered (RFC 4320 section 4.2), and a CANCEL whose
 * INVITE it has forgotten goes on without state (RFC 3261 section 16.10).  *out says of the first
 * request for which that is not so what was seen: no final response, or two that differ. */
void expect_finals(const struct callflow *flow, const struct recording *r, struct outcome *out);

#endif
