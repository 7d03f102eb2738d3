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

enum { TOPMOST_HOPS = 2 };

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

/* Where the response `octets` goes over UDP: maddr with the port of sent-by; else received, else
 * the host of sent-by, with the port of rport, else of sent-by, else 5060.  The transport is that
 * of the Via. SIPV_OK; SIPV_ABSENT: no response; SIPV_REJECT: no Via can be read, or another
 * transport than UDP, TCP and TLS. */
int topmost_response_hop(struct topmost *t, sipv_slice octets, struct hop *out);

/* Where connections for the response `octets` are opened if the one of its request is gone, in this
 * order: received with the port of sent-by, sent-by.  How many; 0: no Via can be read. */
size_t topmost_connection_hops(struct topmost *t, sipv_slice octets, enum hop_transport transport,
                               struct hop out[TOPMOST_HOPS]);

/* The sent-by of the topmost Via, without a port the usual one of its transport.
 * SIPV_OK, or SIPV_REJECT as above. */
int topmost_sent_by(struct topmost *t, sipv_slice octets, struct hop *out);

/* The message with another transport in its topmost Via (section 18.1.1).
 * SIPV_OK: *out, valid until the next call; SIPV_REJECT, SIPV_NO_SPACE as above. */
int topmost_move(struct topmost *t, sipv_slice octets, enum hop_transport transport,
                 sipv_slice *out);

#endif
