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

/* Where the host of "host:port" ends: IPv6 addresses stand in brackets. */
static size_t host_end(sipv_slice text)
{
    size_t at = 0;
    if (text.n > 0 && text.p[0] == '[')
        while (at < text.n && text.p[at] != ']')
            at++;
    while (at < text.n && text.p[at] != ':')
        at++;
    return at;
}

int hop_of_text(sipv_slice text, struct hop *out)
{
    static const char *const names[] = {"udp", "tcp", "tls"};
    uint64_t port;
    for (unsigned i = 0; i < 3; i++) {
        if (text.n < 4 || text.p[3] != ':' || !sipv_slice_is(sipv_slice_of(text.p, 3), names[i]))
            continue;
        const sipv_slice rest = sipv_slice_of(text.p + 4, text.n - 4);
        const size_t end = host_end(rest);
        port = i == HOP_TLS ? 5061 : 5060;
        if (end == 0 || (rest.p[0] == '[' && rest.p[end - 1] != ']'))
            return SIPV_REJECT;
        if (end < rest.n && sipv_number(sipv_slice_of(rest.p + end + 1, rest.n - end - 1),
                                        UINT16_MAX, &port) != SIPV_OK)
            return SIPV_REJECT;
        return hop_of_host((enum hop_transport)i, sipv_slice_of(rest.p, end), (uint16_t)port, out);
    }
    return SIPV_REJECT;
}
