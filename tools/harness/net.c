#include "net_core.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How many failures and wakings are handled before the network is looked at again. */
enum { AT_ONCE = 1000, WATCH_MS = 1000, HEARD_FIRST_MS = 200 };

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

/* ---- Messages ------------------------------------------------------------------------------- */

bool octets_are_response(sipv_slice octets)
{
    return octets.n >= 4 && sipv_slice_is(sipv_slice_of(octets.p, 4), "SIP/");
}

/* RFC 3261 section 18.1.2: is the topmost Via ours?  One that cannot be read is for the element to
 * judge. */
static bool is_for_us(struct net *net, sipv_slice response)
{
    struct hop sent_by;
    if (net->settings.any_sent_by || topmost_sent_by(net->topmost, response, &sent_by) != SIPV_OK)
        return true;
    hop_normalize(&sent_by);
    for (size_t i = 0; i < net->n_listeners; i++) {
        const struct listener *l = net->listeners[i];
        if (sent_by.port == l->hop.port &&
            (strcmp(sent_by.host, l->self.host) == 0 || strcmp(sent_by.host, l->hop.host) == 0))
            return true;
    }
    return false;
}

void net_deliver(struct net *net, uint64_t flow, const struct hop *local, const struct hop *peer,
                 sipv_slice octets)
{
    net_tap(net, NET_RECEIVED, local, peer, octets);
    if (!net->element.receive)
        return;
    if (octets_are_response(octets)) {
        if (!is_for_us(net, octets))
            return;
    } else {
        topmost_received(net->topmost, octets, peer, &octets);
    }
    net->element.receive(net->element.self, uv_now(net->loop), flow, hop_reliable(local->transport),
                         octets);
}

/* ---- The contract of network.h -------------------------------------------------------------- */

static uint64_t flow_to(void *with, const struct hop *to)
{
    struct net *net = with;
    struct hop hop = *to;
    if (net->closing)
        return 0;
    hop_normalize(&hop);
    if (hop.transport == HOP_UDP)
        return udp_flow(net, NULL, &hop);
    const struct route *route = routes_lookup(&net->connections, &hop, 0);
    return route ? route->id : connection_open(net, hop.transport, &hop, 1);
}

/* Where the topmost Via says (RFC 3261 section 18.2.2), from the socket its request came to. */
static void respond_udp(struct net *net, uint64_t flow, sipv_slice octets)
{
    struct peer *peer = (struct peer *)routes_find(&net->peers, flow);
    const unsigned number = flow_listener(flow);
    struct listener *l = number < net->n_listeners ? net->listeners[number] : NULL;
    struct hop hop;
    if (l && l->hop.transport == HOP_UDP &&
        topmost_response_hop(net->topmost, octets, &hop) == SIPV_OK) {
        hop.transport = HOP_UDP;
        hop_normalize(&hop);
        if (!peer || !hop_equal(&hop, &peer->route.hop))
            peer = (struct peer *)routes_find(&net->peers, udp_flow(net, l, &hop));
    }
    if (peer)
        udp_send(net, peer, flow, octets);
    else
        net_fail(net, flow);
}

/* The connection of its request is gone. */
static void respond_anew(struct net *net, uint64_t flow, sipv_slice octets)
{
    const enum hop_transport transport = flow_transport(flow);
    struct hop hops[TOPMOST_HOPS];
    const size_t n = topmost_connection_hops(net->topmost, octets, transport, hops);
    struct route *route = NULL;
    for (size_t i = 0; i < n && !route; i++) {
        hop_normalize(&hops[i]);
        route = routes_lookup(&net->connections, &hops[i], 0);
    }
    if (!route && n > 0)
        route = routes_find(&net->connections, connection_open(net, transport, hops, n));
    if (route)
        connection_send((struct connection *)route, flow, false, octets);
    else
        net_fail(net, flow);
}

/* RFC 3261 section 18.1.1: too large for UDP.  False: it must go there all the same. */
static bool move_to_tcp(struct net *net, struct peer *peer, sipv_slice octets)
{
    struct hop twin = peer->listener->hop, hop = peer->route.hop;
    const struct listener *l = NULL;
    twin.transport = hop.transport = HOP_TCP;
    for (size_t i = 0; i < net->n_listeners && !l; i++)
        if (hop_equal(&net->listeners[i]->hop, &twin))
            l = net->listeners[i];
    if (!l || octets.n <= HOP_UDP_OCTETS)
        return false;
    struct route *route = routes_find(&net->connections, flow_to(net, &hop));
    if (!route || topmost_move(net->topmost, octets, HOP_TCP, &octets) != SIPV_OK)
        return false;
    connection_send((struct connection *)route, peer->route.id, true, octets);
    return true;
}

static void send_udp(struct net *net, uint64_t flow, sipv_slice octets)
{
    if (octets_are_response(octets)) {
        respond_udp(net, flow, octets);
        return;
    }
    struct peer *peer = (struct peer *)routes_find(&net->peers, flow);
    if (!peer)
        net_fail(net, flow);
    else if (!move_to_tcp(net, peer, octets))
        udp_send(net, peer, flow, octets);
}

static void send_to(void *with, uint64_t flow, sipv_slice octets)
{
    struct net *net = with;
    if (net->closing || octets.n == 0)
        return;
    if (flow_transport(flow) == HOP_UDP) {
        send_udp(net, flow, octets);
        return;
    }
    struct route *route = routes_find(&net->connections, flow);
    if (route)
        connection_send((struct connection *)route, flow, false, octets);
    else if (octets_are_response(octets))
        respond_anew(net, flow, octets);
    else
        net_fail(net, flow);
}

static enum hop_transport transport_of(void *with, uint64_t flow)
{
    (void)with;
    return flow_transport(flow);
}

static int self_of(void *with, enum hop_transport transport, struct hop *out)
{
    const struct listener *l = listener_of(with, transport, 0);
    if (!l)
        return SIPV_ABSENT;
    *out = l->self;
    return SIPV_OK;
}

struct network net_network(struct net *net)
{
    const struct network network = {net, flow_to, send_to, transport_of, self_of};
    return network;
}

void net_attach(struct net *net, const struct element *element)
{
    net->element = *element;
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

/* ---- Time ----------------------------------------------------------------------------------- */

/* The element may fail again while it is told. */
static void tell_failures(struct net *net)
{
    for (size_t i = 0; i < net->n_failed && i < AT_ONCE; i++)
        if (net->element.failed)
            net->element.failed(net->element.self, uv_now(net->loop), net->failed[i]);
    const size_t told = net->n_failed < AT_ONCE ? net->n_failed : AT_ONCE;
    memmove(net->failed, net->failed + told, (net->n_failed - told) * sizeof *net->failed);
    net->n_failed -= told;
}

static void on_wake(uv_timer_t *timer)
{
    ((struct net *)timer->data)->wake_at = UINT64_MAX;
}

/* Before the loop waits: whatever was called in between, the element is woken when it wants. */
static void on_prepare(uv_prepare_t *prepare)
{
    struct net *net = prepare->data;
    const uint64_t now = uv_now(net->loop);
    uint64_t wake = UINT64_MAX;
    tell_failures(net);
    if (net->element.wake)
        wake = net->element.wake(net->element.self);
    if (net->n_failed > 0)
        wake = now;
    if (wake == net->wake_at)
        return;
    net->wake_at = wake;
    if (wake == UINT64_MAX)
        uv_timer_stop(&net->wake);
    else
        uv_timer_start(&net->wake, on_wake, wake > now ? wake - now : 0, 0);
}

/* Whoever was held up hears what has come in meanwhile before his timers fire: nobody is asked once
 * more whose answer is here.  But not for ever. */
static bool waits_for_more(struct net *net, uint64_t now)
{
    if (!net->more) {
        net->held = 0;
        return false;
    }
    net->more = false;
    if (net->held == 0)
        net->held = now;
    return now - net->held < HEARD_FIRST_MS;
}

/* After what was there to be read was read. */
static void on_check(uv_check_t *check)
{
    struct net *net = check->data;
    const uint64_t now = uv_now(net->loop);
    if (!net->element.wake || waits_for_more(net, now))
        return;
    for (int i = 0; i < AT_ONCE && net->element.wake(net->element.self) <= now; i++)
        net->element.advance(net->element.self, now);
}

static void on_watch(uv_timer_t *timer)
{
    struct net *net = timer->data;
    for (size_t i = 0; i < net->connections.limit; i++)
        if (net->connections.slots[i])
            connection_watch((struct connection *)net->connections.slots[i], uv_now(net->loop));
}

/* Often enough for the shortest of its times. */
static uint64_t watch_ms(const struct net_settings *s)
{
    uint64_t least = WATCH_MS * 4;
    const uint64_t times[] = {s->limits.connect_ms, s->limits.message_ms, s->limits.idle_ms,
                              s->limits.pong_ms, s->keep_alive_ms ? s->keep_alive_ms : least};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        if (times[i] < least)
            least = times[i];
    return least / 4 + 1;
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

static void begin_times(struct net *net)
{
    uv_prepare_init(net->loop, &net->prepare);
    uv_check_init(net->loop, &net->check);
    uv_timer_init(net->loop, &net->wake);
    uv_timer_init(net->loop, &net->watch);
    net->prepare.data = net->check.data = net->wake.data = net->watch.data = net;
    net->wake_at = UINT64_MAX;
    net->pending += 4;
    uv_update_time(net->loop);
    uv_prepare_start(&net->prepare, on_prepare);
    uv_check_start(&net->check, on_check);
    uv_timer_start(&net->watch, on_watch, watch_ms(&net->settings), watch_ms(&net->settings));
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
    uv_close((uv_handle_t *)&net->prepare, net_closed);
    uv_close((uv_handle_t *)&net->check, net_closed);
    uv_close((uv_handle_t *)&net->wake, net_closed);
    uv_close((uv_handle_t *)&net->watch, net_closed);
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
    begin_times(net);
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
