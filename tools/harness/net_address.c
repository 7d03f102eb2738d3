#include "net_core.h"

#include <string.h>

int address_of_hop(const struct hop *hop, union socket_address *out)
{
    memset(out, 0, sizeof *out);
    if (uv_ip4_addr(hop->host, hop->port, &out->v4) == 0 ||
        uv_ip6_addr(hop->host, hop->port, &out->v6) == 0)
        return SIPV_OK;
    return SIPV_ABSENT;
}

void address_of(const struct sockaddr *any, union socket_address *out)
{
    memset(out, 0, sizeof *out);
    memcpy(out, any, any->sa_family == AF_INET6 ? sizeof out->v6 : sizeof out->v4);
}

static const unsigned char *mapped_ipv4(const union socket_address *address)
{
    const unsigned char *octets = address->v6.sin6_addr.s6_addr;
    return address->any.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&address->v6.sin6_addr)
               ? octets + 12
               : NULL;
}

void hop_of_address(enum hop_transport transport, const union socket_address *address,
                    struct hop *out)
{
    const unsigned char *ipv4 = mapped_ipv4(address);
    memset(out, 0, sizeof *out);
    out->transport = transport;
    if (ipv4)
        uv_inet_ntop(AF_INET, ipv4, out->host, sizeof out->host);
    else if (address->any.sa_family == AF_INET6)
        uv_ip6_name(&address->v6, out->host, sizeof out->host);
    else
        uv_ip4_name(&address->v4, out->host, sizeof out->host);
    out->port =
        ntohs(address->any.sa_family == AF_INET6 ? address->v6.sin6_port : address->v4.sin_port);
}

void hop_normalize(struct hop *hop)
{
    union socket_address address;
    const struct hop as_written = *hop;
    if (address_of_hop(&as_written, &address) == SIPV_OK)
        hop_of_address(as_written.transport, &address, hop);
}

bool address_is_loopback(const union socket_address *address)
{
    const unsigned char *ipv4 = mapped_ipv4(address);
    if (address->any.sa_family == AF_INET)
        ipv4 = (const unsigned char *)&address->v4.sin_addr;
    return ipv4 ? ipv4[0] == 127 : IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
}
