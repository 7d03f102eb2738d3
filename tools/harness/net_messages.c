/* Messages in and out: what the element gets, and the contract of network.h. */
#include "net_core.h"

#include <string.h>

/* ---- In ------------------------------------------------------------------------------------- */

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

/* ---- Out: the contract of network.h --------------------------------------------------------- */

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
