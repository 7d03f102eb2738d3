/* The network of sockets: opening, closing, telling. */
#include "net_core.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct net_settings net_settings_default(void)
{
    const struct net_settings settings = {.limits = {.connections = 1000,
                                                     .peers = 10000,
                                                     .queue = 4 << 20,
                                                     .octets = 64 << 20,
                                                     .connect_ms = 10000,
                                                     .message_ms = 30000,
                                                     .idle_ms = 240000,
                                                     .pong_ms = 10000}};
    return settings;
}

/* ---- Telling -------------------------------------------------------------------------------- */

void net_fail(struct net *net, uint64_t flow)
{
    if (net->closing || (net->n_failed > 0 && net->failed[net->n_failed - 1] == flow) ||
        net->n_failed == net->cap_failed)
        return;
    net->failed[net->n_failed++] = flow;
}

static int64_t now_ns(void)
{
    struct timespec now;
    timespec_get(&now, TIME_UTC);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void net_tap(struct net *net, enum net_what what, const struct hop *local, const struct hop *peer,
             sipv_slice octets)
{
    if (!net->settings.tap)
        return;
    const struct net_event event = {what, now_ns(), *local, *peer, octets};
    net->settings.tap(net->settings.with, &event);
}

void net_note(struct net *net, const struct hop *peer, const char *text)
{
    if (net->settings.note)
        net->settings.note(net->settings.with, peer, text);
}

int net_refuse(struct net *net, const char *what, const char *why)
{
    if (net->problem)
        snprintf(net->problem, NET_PROBLEM, "%s: %s", what, why);
    return SIPV_REJECT;
}

bool net_may(const struct net *net, const union socket_address *address)
{
    return net->settings.anywhere || address_is_loopback(address);
}

void net_chunk(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
    struct net *net = handle->type == UV_UDP ? ((struct listener *)handle->data)->net
                                             : ((struct connection *)handle->data)->net;
    (void)size;
    *buffer = uv_buf_init((char *)net->chunk, sizeof net->chunk);
}

/* ---- Looking -------------------------------------------------------------------------------- */

int net_listening(const struct net *net, size_t i, struct hop *out)
{
    if (i >= net->n_listeners)
        return SIPV_END;
    *out = net->listeners[i]->hop;
    return SIPV_OK;
}

int net_peer(const struct net *net, uint64_t flow, struct hop *out)
{
    const bool udp = flow_transport(flow) == HOP_UDP;
    const struct route *route = routes_find(udp ? &net->peers : &net->connections, flow);
    if (!route)
        return SIPV_ABSENT;
    *out = udp ? route->hop : ((const struct connection *)route)->peer;
    return SIPV_OK;
}

size_t net_connections(const struct net *net)
{
    return net->connections.count;
}

size_t net_peers(const struct net *net)
{
    return net->peers.count;
}

size_t net_octets(const struct net *net)
{
    return net->octets;
}

/* ---- Opening and closing -------------------------------------------------------------------- */

static void net_free(struct net *net)
{
    routes_close(&net->peers);
    routes_close(&net->connections);
    topmost_free(net->topmost);
    SSL_CTX_free(net->server);
    SSL_CTX_free(net->client);
    free(net->failed);
    free(net);
}

void net_hold(struct net *net)
{
    net->pending++;
}

void net_release(struct net *net)
{
    if (--net->pending == 0)
        net_free(net);
}

void net_closed(uv_handle_t *handle)
{
    net_release(handle->data);
}

static struct net *net_new(uv_loop_t *loop, const struct net_settings *settings)
{
    struct net *net = calloc(1, sizeof *net);
    if (!net)
        return NULL;
    net->loop = loop;
    net->settings = *settings;
    net->cap_failed = settings->limits.peers + settings->limits.connections;
    net->failed = calloc(net->cap_failed, sizeof *net->failed);
    net->topmost = topmost_new();
    if (!net->failed || !net->topmost || !routes_open(&net->peers, settings->limits.peers) ||
        !routes_open(&net->connections, settings->limits.connections)) {
        net_free(net);
        return NULL;
    }
    return net;
}

static bool settings_are_fine(const struct net_settings *s)
{
    enum { MOST = 1 << 24 };
    const struct net_limits *l = &s->limits;
    return l->connections > 0 && l->connections <= MOST && l->peers > 0 && l->peers <= MOST &&
           l->queue > 0 && l->octets > 0 && l->connect_ms > 0 && l->message_ms > 0 &&
           l->idle_ms > 0 && l->pong_ms > 0 && s->n_listen <= NET_LISTENERS &&
           (!s->name || strlen(s->name) <= HOP_HOST);
}

static void close_routes(struct net *net)
{
    for (size_t i = 0; i < net->connections.limit; i++)
        if (net->connections.slots[i])
            connection_close((struct connection *)net->connections.slots[i], NULL);
    for (size_t i = 0; i < net->peers.limit; i++)
        if (net->peers.slots[i])
            peer_free((struct peer *)net->peers.slots[i]);
}

void net_close(struct net *net)
{
    if (!net || net->closing)
        return;
    net->closing = true;
    memset(&net->element, 0, sizeof net->element);
    close_routes(net);
    listeners_close(net);
    net_end_times(net);
}

int net_open(struct net **out, struct uv_loop_s *loop, const struct net_settings *settings,
             char problem[NET_PROBLEM])
{
    *problem = 0;
    *out = NULL;
    if (!settings_are_fine(settings))
        return SIPV_BAD_ARGUMENT;
    struct net *net = net_new(loop, settings);
    if (!net)
        return SIPV_NO_SPACE;
    if (settings->name)
        memcpy(net->name, settings->name, strlen(settings->name) + 1);
    net->problem = problem;
    net_begin_times(net);
    int result = listeners_open(net, settings);
    if (result == SIPV_OK)
        result = tls_contexts_open(net, settings);
    net->problem = NULL;
    net->settings.name = NULL; /* the caller's */
    memset(&net->settings.tls, 0, sizeof net->settings.tls);
    if (result == SIPV_OK)
        *out = net;
    else
        net_close(net);
    return result;
}
