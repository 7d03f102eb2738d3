#include "hop.h"

#include <stdio.h>
#include <string.h>

enum { URI_EVENTS = 1024 };

bool hop_reliable(enum hop_transport transport)
{
    return transport != HOP_UDP;
}

const char *hop_transport_name(enum hop_transport transport)
{
    static const char *const names[] = {"UDP", "TCP", "TLS"};
    return names[transport];
}

bool hop_equal(const struct hop *a, const struct hop *b)
{
    return a->transport == b->transport && a->port == b->port && strcmp(a->host, b->host) == 0;
}

void hop_hostport(const struct hop *hop, char out[HOP_TEXT])
{
    const bool ipv6 = strchr(hop->host, ':') != NULL;
    snprintf(out, HOP_TEXT, ipv6 ? "[%s]:%u" : "%s:%u", hop->host, (unsigned)hop->port);
}

int hop_of_host(enum hop_transport transport, sipv_slice host, uint16_t port, struct hop *out)
{
    if (host.n > 1 && host.p[0] == '[' && host.p[host.n - 1] == ']')
        host = sipv_slice_of(host.p + 1, host.n - 2);
    if (host.n == 0 || host.n > HOP_HOST || memchr(host.p, 0, host.n))
        return SIPV_REJECT;
    out->transport = transport;
    out->port = port;
    for (size_t i = 0; i < host.n; i++) {
        const unsigned char c = host.p[i];
        out->host[i] = (char)(c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c);
    }
    out->host[host.n] = 0;
    return SIPV_OK;
}

/* RFC 3261 section 26.2.2: a SIPS URI goes over TLS, however its transport is named. */
static int transport_of(const sipv_uri *uri, enum hop_transport *out)
{
    const bool secure = sipv_slice_is(uri->scheme, "sips");
    sipv_param transport;
    *out = secure ? HOP_TLS : HOP_UDP;
    if (sipv_param_find(&uri->params, "transport", &transport) != SIPV_OK)
        return SIPV_OK;
    if (sipv_slice_is(transport.value, "udp"))
        return secure ? SIPV_REJECT : SIPV_OK;
    if (sipv_slice_is(transport.value, "tls"))
        *out = HOP_TLS;
    else if (!sipv_slice_is(transport.value, "tcp"))
        return SIPV_REJECT;
    else if (!secure)
        *out = HOP_TCP;
    return SIPV_OK;
}

int hop_of_uri(sipv_slice text, struct hop *out)
{
    sipv_event events[URI_EVENTS];
    enum hop_transport transport;
    sipv_param maddr;
    sipv_uri uri;
    if (sipv_uri_parse(text, false, events, URI_EVENTS, &uri, NULL) != SIPV_OK || !uri.host.p ||
        uri.port == 0 || transport_of(&uri, &transport) != SIPV_OK)
        return SIPV_REJECT;
    const bool elsewhere = sipv_param_find(&uri.params, "maddr", &maddr) == SIPV_OK;
    const int64_t usual = transport == HOP_TLS ? 5061 : 5060;
    return hop_of_host(transport, elsewhere ? maddr.value : uri.host,
                       (uint16_t)(uri.port > 0 ? uri.port : usual), out);
}
