/* Where a message goes next: a transport, a host and a port.
 *
 * RFC 3263 without its NAPTR and SRV records: the URI says it all, or the defaults do. */
#ifndef HARNESS_HOP_H
#define HARNESS_HOP_H

#include <sipvet/parser.h>

#include <stdbool.h>

enum hop_transport { HOP_UDP, HOP_TCP, HOP_TLS };

/* A request of more octets goes over TCP where UDP was chosen (RFC 3261 section 18.1.1). */
enum { HOP_HOST = 255, HOP_TEXT = HOP_HOST + 8, HOP_UDP_OCTETS = 1300 };

struct hop {
    enum hop_transport transport;
    char host[HOP_HOST + 1]; /* in lower case; an IPv6 address without its brackets */
    uint16_t port;
};

/* The hop that a SIP or SIPS URI means: host or maddr, port, transport.  Without port it is 5060,
 * over TLS 5061; without transport it is UDP, for a SIPS URI TLS.
 * SIPV_OK; SIPV_REJECT: no SIP or SIPS URI, a transport that is not known, port 0, a SIPS URI over
 * UDP, a host of more than HOP_HOST octets. */
int hop_of_uri(sipv_slice uri, struct hop *out);

/* From a host as messages write it, IPv6 addresses with or without brackets.  SIPV_OK; SIPV_REJECT:
 * an empty host or one of more than HOP_HOST octets. */
int hop_of_host(enum hop_transport transport, sipv_slice host, uint16_t port, struct hop *out);

bool hop_equal(const struct hop *a, const struct hop *b);
bool hop_reliable(enum hop_transport transport);
/* "UDP", "TCP", "TLS". */
const char *hop_transport_name(enum hop_transport transport);
/* "192.0.2.1:5060", "[2001:db8::1]:5060": a hostport with its port. */
void hop_hostport(const struct hop *hop, char out[HOP_TEXT]);

#endif
