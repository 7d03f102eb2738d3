/* The topmost Via as the transport layer uses it: RFC 3261 sections 18.2.1 and 18.2.2, RFC 3581
 * section 4.  A network, real or simulated, calls these; no core does.
 *
 *     struct topmost *t = topmost_new();
 *     if (topmost_received(t, octets, &source, &changed) == SIPV_OK)
 *         octets = changed;                    before a request is handed to an element
 *     topmost_response_hop(t, octets, &hop)    where a response over UDP goes */
#ifndef HARNESS_TOPMOST_H
#define HARNESS_TOPMOST_H

#include "hop.h"

struct topmost;

/* NULL without memory.  About 70 KiB, for any number of messages. */
struct topmost *topmost_new(void);
void topmost_free(struct topmost *t);

/* `octets` came from `source`, an address and port.  If it is a request whose topmost Via asks for
 * rport, that gets the port and received the address; if sent-by is not that address, received
 * does.  A received or rport that the sender has put there itself is overwritten.
 * SIPV_OK: *out is the request with it, valid until the next call; SIPV_ABSENT: nothing is to be
 * added, or it is a response; SIPV_REJECT: no Via can be read, it is for the element to judge;
 * SIPV_NO_SPACE: no memory. */
int topmost_received(struct topmost *t, sipv_slice octets, const struct hop *source,
                     sipv_slice *out);

/* Where the response `octets` goes over UDP: maddr; else received, else the host of sent-by; with
 * the port of rport, else of sent-by, else 5060.  The transport is that of the Via.
 * SIPV_OK; SIPV_ABSENT: no response; SIPV_REJECT: no Via can be read, or another transport than
 * UDP, TCP and TLS. */
int topmost_response_hop(struct topmost *t, sipv_slice octets, struct hop *out);

#endif
