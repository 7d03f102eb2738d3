#include "net_core.h"

#include <stdlib.h>
#include <string.h>

/* ---- Peers ---------------------------------------------------------------------------------- */

static void forget_age(struct net *net, struct peer *peer)
{
    if (peer->older)
        peer->older->newer = peer->newer;
    else
        net->oldest = peer->newer;
    if (peer->newer)
        peer->newer->older = peer->older;
    else
        net->newest = peer->older;
    peer->older = peer->newer = NULL;
}

static void newest(struct net *net, struct peer *peer)
{
    peer->older = net->newest;
    if (net->newest)
        net->newest->newer = peer;
    else
        net->oldest = peer;
    net->newest = peer;
}

static void touch(struct net *net, struct peer *peer)
{
    if (net->newest == peer)
        return;
    forget_age(net, peer);
    newest(net, peer);
}

/* Not while its name is being looked up: the loop still has it. */
static void forget(struct peer *peer)
{
    struct net *net = peer->net;
    queue_fail(net, &peer->queue);
    forget_age(net, peer);
    routes_remove(&net->peers, &peer->route);
    free(peer);
}

void peer_free(struct peer *peer)
{
    if (peer->known)
        forget(peer);
    else
        uv_cancel((uv_req_t *)&peer->resolve);
}

static void make_room(struct net *net)
{
    struct peer *peer = net->oldest;
    while (peer && !peer->known)
        peer = peer->newer;
    if (peer)
        forget(peer);
}

static struct peer *peer_new(struct net *net, struct listener *l, const struct hop *hop)
{
    if (net->peers.n_free == 0)
        make_room(net);
    struct peer *peer = net->peers.n_free > 0 ? calloc(1, sizeof *peer) : NULL;
    if (!peer)
        return NULL;
    peer->net = net;
    peer->listener = l;
    peer->route.hop = *hop;
    routes_add(&net->peers, &peer->route, HOP_UDP, l->number);
    routes_index(&net->peers, &peer->route);
    newest(net, peer);
    return peer;
}

static struct peer *peer_find(struct net *net, const struct listener *l, const struct hop *hop)
{
    struct peer *peer = (struct peer *)routes_lookup(&net->peers, hop, l->number);
    if (peer)
        touch(net, peer);
    return peer;
}

/* ---- Names ---------------------------------------------------------------------------------- */

static int family_of(const struct listener *l)
{
    return strchr(l->hop.host, ':') ? AF_INET6 : AF_INET;
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
    struct peer *peer = request->data;
    struct net *net = peer->net;
    struct waiting *w;
    const struct addrinfo *use = status == 0 ? found : NULL;
    if (use)
        address_of(use->ai_addr, &peer->address);
    uv_freeaddrinfo(found);
    peer->known = true;
    if (net->closing || !use || !net_may(net, &peer->address)) {
        if (!net->closing)
            net_note(net, &peer->route.hop, use ? "not a loopback address" : uv_strerror(status));
        net_fail(net, peer->route.id);
        forget(peer);
    } else {
        while ((w = queue_take(net, &peer->queue))) {
            udp_send(net, peer, w->flow, sipv_slice_of(w->octets, w->n));
            free(w);
        }
    }
    net_release(net);
}

static bool resolve(struct peer *peer)
{
    const struct addrinfo hints = {.ai_family = family_of(peer->listener),
                                   .ai_socktype = SOCK_DGRAM,
                                   .ai_flags = AI_NUMERICSERV};
    char port[8];
    snprintf(port, sizeof port, "%u", (unsigned)peer->route.hop.port);
    peer->resolve.data = peer;
    if (uv_getaddrinfo(peer->net->loop, &peer->resolve, on_resolved, peer->route.hop.host, port,
                       &hints) != 0)
        return false;
    net_hold(peer->net);
    return true;
}

uint64_t udp_flow(struct net *net, struct listener *l, const struct hop *to)
{
    union socket_address address;
    const bool known = address_of_hop(to, &address) == SIPV_OK;
    if (!l || (known && address.any.sa_family != family_of(l)))
        l = listener_of(net, HOP_UDP, known ? address.any.sa_family : 0);
    if (!l || (known && !net_may(net, &address)))
        return 0;
    struct peer *peer = peer_find(net, l, to);
    if (peer)
        return peer->route.id;
    peer = peer_new(net, l, to);
    if (!peer)
        return 0;
    peer->address = address;
    peer->known = known;
    if (known || resolve(peer))
        return peer->route.id;
    peer->known = true;
    forget(peer);
    return 0;
}

/* ---- Sending -------------------------------------------------------------------------------- */

struct datagram {
    uv_udp_send_t request;
    struct net *net;
    uint64_t flow;
    size_t n;
    char octets[];
};

static void on_sent(uv_udp_send_t *request, int status)
{
    struct datagram *d = request->data;
    d->net->octets -= d->n;
    if (status != 0 && status != UV_ECANCELED)
        net_fail(d->net, d->flow);
    free(d);
}

/* The kernel takes no more now: in order, behind others.  Beyond the limit it is lost, as datagrams
 * are. */
static void send_later(struct net *net, struct peer *peer, uint64_t flow, sipv_slice octets)
{
    uv_udp_t *udp = &peer->listener->handle.udp;
    if (octets.n > net->settings.limits.octets - net->octets ||
        uv_udp_get_send_queue_size(udp) + octets.n > net->settings.limits.queue)
        return;
    struct datagram *d = malloc(sizeof *d + octets.n);
    if (!d)
        return;
    *d = (struct datagram){.net = net, .flow = flow, .n = octets.n};
    memcpy(d->octets, octets.p, octets.n);
    d->request.data = d;
    const uv_buf_t buffer = uv_buf_init(d->octets, (unsigned)d->n);
    if (uv_udp_send(&d->request, udp, &buffer, 1, &peer->address.any, on_sent) == 0)
        net->octets += d->n;
    else
        free(d);
}

/* An error may be that of an earlier datagram, to somebody else: then this one was not sent. */
static int send_now(struct peer *peer, sipv_slice octets)
{
    const uv_buf_t buffer = {.base = (char *)(uintptr_t)octets.p, .len = octets.n};
    int result = UV_EAGAIN;
    for (int i = 0; i < 3; i++) {
        result = uv_udp_try_send(&peer->listener->handle.udp, &buffer, 1, &peer->address.any);
        if (result >= 0 || result == UV_EAGAIN || result == UV_EMSGSIZE)
            break;
        udp_errors(peer->listener);
    }
    return result;
}

void udp_send(struct net *net, struct peer *peer, uint64_t flow, sipv_slice octets)
{
    if (!peer->known) {
        if (!queue_add(net, &peer->queue, flow, false, octets))
            net_fail(net, flow);
        return;
    }
    struct hop to;
    hop_of_address(HOP_UDP, &peer->address, &to);
    net_tap(net, NET_SENT, &peer->listener->hop, &to, octets);
    const int result = send_now(peer, octets);
    if (result == UV_EAGAIN)
        send_later(net, peer, flow, octets);
    else if (result < 0)
        net_fail(net, flow);
}

/* ---- Receiving ------------------------------------------------------------------------------ */

/* Nothing but line ends keeps something alive on the way (RFC 5626 section 3.5.1 has STUN for that,
 * others send these). */
static bool is_keep_alive(sipv_slice octets)
{
    size_t i = 0;
    while (i < octets.n && (octets.p[i] == '\r' || octets.p[i] == '\n' || octets.p[i] == 0))
        i++;
    return i == octets.n;
}

static void on_datagram(uv_udp_t *udp, ssize_t n, const uv_buf_t *buffer,
                        const struct sockaddr *from, unsigned flags)
{
    struct listener *l = udp->data;
    struct net *net = l->net;
    union socket_address address;
    struct hop hop;
    net->more = from != NULL;
    if (!from) {
        udp_errors(l);
        return;
    }
    const sipv_slice octets = sipv_slice_of(buffer->base, n > 0 ? (size_t)n : 0);
    if ((flags & UV_UDP_PARTIAL) || is_keep_alive(octets))
        return;
    address_of(from, &address);
    hop_of_address(HOP_UDP, &address, &hop);
    struct peer *peer = peer_find(net, l, &hop);
    if (!peer)
        peer = peer_new(net, l, &hop);
    if (!peer)
        return;
    peer->address = address;
    peer->known = true;
    net_deliver(net, peer->route.id, &l->hop, &hop, octets);
}

/* Room for what comes in while this process waits for its turn: some thousand messages.  The system
 * may give less. */
enum { RECEIVE_OCTETS = 4 << 20 };

int udp_listen(struct listener *l)
{
    int octets = RECEIVE_OCTETS;
    uv_recv_buffer_size(&l->handle.any, &octets);
    return uv_udp_recv_start(&l->handle.udp, net_chunk, on_datagram);
}
