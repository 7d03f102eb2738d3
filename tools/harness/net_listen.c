#include "net_core.h"

#include <stdlib.h>
#include <string.h>

/* How often the kernel is asked for a UDP port at which TCP is free as well. */
enum { PORT_ATTEMPTS = 16, BACKLOG = 512 };

static void on_closed(uv_handle_t *handle)
{
    struct listener *l = handle->data;
    net_release(l->net);
    free(l);
}

static void on_connection(uv_stream_t *stream, int status)
{
    if (status == 0)
        connection_accept(stream->data);
}

/* Is there, or will there be, such a listener without our adding it? */
static bool has(const struct net *net, const struct hop *hop)
{
    for (size_t i = 0; i < net->n_listeners; i++)
        if (hop_equal(&net->listeners[i]->hop, hop))
            return true;
    return false;
}

static int bound(struct listener *l)
{
    union socket_address address;
    int n = sizeof address;
    const int result = l->hop.transport == HOP_UDP
                           ? uv_udp_getsockname(&l->handle.udp, &address.any, &n)
                           : uv_tcp_getsockname(&l->handle.tcp, &address.any, &n);
    if (result == 0)
        hop_of_address(l->hop.transport, &address, &l->hop);
    return result;
}

static int bind_udp(struct listener *l, const union socket_address *address)
{
    unsigned flags = UV_UDP_LINUX_RECVERR;
    if (address->any.sa_family == AF_INET6)
        flags |= UV_UDP_IPV6ONLY;
    const int result = uv_udp_bind(&l->handle.udp, &address->any, flags);
    return result == 0 ? udp_listen(l) : result;
}

static int bind_tcp(struct listener *l, const union socket_address *address)
{
    const unsigned flags = address->any.sa_family == AF_INET6 ? UV_TCP_IPV6ONLY : 0;
    const int result = uv_tcp_bind(&l->handle.tcp, &address->any, flags);
    return result == 0 ? uv_listen(&l->handle.stream, BACKLOG, on_connection) : result;
}

/* A code of libuv.  The listener is closed again if it failed. */
static int open_one(struct net *net, const struct hop *hop, struct listener **out)
{
    union socket_address address;
    struct listener *l = calloc(1, sizeof *l);
    if (!l || address_of_hop(hop, &address) != SIPV_OK) {
        free(l);
        return l ? UV_EINVAL : UV_ENOMEM;
    }
    l->net = net;
    l->hop = *hop;
    l->number = (unsigned)net->n_listeners;
    if (hop->transport == HOP_UDP)
        uv_udp_init(net->loop, &l->handle.udp);
    else
        uv_tcp_init(net->loop, &l->handle.tcp);
    l->handle.any.data = l;
    net_hold(net);
    int result = hop->transport == HOP_UDP ? bind_udp(l, &address) : bind_tcp(l, &address);
    if (result == 0)
        result = bound(l);
    if (result != 0)
        uv_close(&l->handle.any, on_closed);
    else
        *out = net->listeners[net->n_listeners++] = l;
    return result;
}

/* A UDP socket and a TCP socket at one port. */
static int open_both(struct net *net, const struct hop *hop)
{
    int result = UV_EADDRINUSE;
    for (int i = 0; i < PORT_ATTEMPTS && result == UV_EADDRINUSE; i++) {
        struct listener *udp, *tcp;
        result = open_one(net, hop, &udp);
        if (result != 0)
            return result;
        struct hop twin = udp->hop;
        twin.transport = HOP_TCP;
        result = has(net, &twin) ? 0 : open_one(net, &twin, &tcp);
        if (result == 0)
            return 0;
        net->n_listeners--;
        uv_close(&udp->handle.any, on_closed);
        if (hop->port != 0)
            return result;
    }
    return result;
}

/* How the peer writes to us. */
static void name_self(struct net *net, struct listener *l)
{
    l->self = l->hop;
    if (*net->name)
        memcpy(l->self.host, net->name, sizeof net->name);
}

static int listen_on(struct net *net, const struct hop *hop)
{
    struct listener *l;
    union socket_address address;
    char text[HOP_TEXT];
    hop_hostport(hop, text);
    if (address_of_hop(hop, &address) != SIPV_OK) {
        net_refuse(net, text, "not an address");
        return SIPV_BAD_ARGUMENT;
    }
    if (!net_may(net, &address))
        return net_refuse(net, text, "not a loopback address");
    if (!*net->name && (strcmp(hop->host, "0.0.0.0") == 0 || strcmp(hop->host, "::") == 0))
        return net_refuse(net, text, "an address of every interface needs a name");
    const int result = hop->transport == HOP_UDP && !net->settings.udp_only
                           ? open_both(net, hop)
                           : open_one(net, hop, &l);
    return result == 0 ? SIPV_OK : net_refuse(net, text, uv_strerror(result));
}

/* UDP comes first: what is opened beside it need not be opened again. */
int listeners_open(struct net *net, const struct net_settings *settings)
{
    if (settings->n_listen > NET_LISTENERS)
        return SIPV_BAD_ARGUMENT;
    for (int udp = 1; udp >= 0; udp--) {
        for (size_t i = 0; i < settings->n_listen; i++) {
            struct hop hop = settings->listen[i];
            hop_normalize(&hop);
            if ((hop.transport == HOP_UDP) != (udp == 1) || (hop.port != 0 && has(net, &hop)))
                continue;
            const int result = listen_on(net, &hop);
            if (result != SIPV_OK)
                return result;
        }
    }
    for (size_t i = 0; i < net->n_listeners; i++)
        name_self(net, net->listeners[i]);
    return SIPV_OK;
}

struct listener *listener_of(const struct net *net, enum hop_transport transport, int family)
{
    for (size_t i = 0; i < net->n_listeners; i++) {
        struct listener *l = net->listeners[i];
        const int its = strchr(l->hop.host, ':') ? AF_INET6 : AF_INET;
        if (l->hop.transport == transport && (family == 0 || family == its))
            return l;
    }
    return NULL;
}

void listeners_close(struct net *net)
{
    for (size_t i = 0; i < net->n_listeners; i++)
        uv_close(&net->listeners[i]->handle.any, on_closed);
}
