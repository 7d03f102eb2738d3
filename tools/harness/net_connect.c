#include "net_core.h"

#include <stdlib.h>
#include <string.h>

static void next_attempt(struct connection *c);

/* ---- Beginning and end ---------------------------------------------------------------------- */

static struct connection *connection_new(struct net *net, enum hop_transport transport)
{
    struct connection *c = net->connections.n_free > 0 ? calloc(1, sizeof *c) : NULL;
    if (!c)
        return NULL;
    c->net = net;
    c->transport = transport;
    c->began = c->used = uv_now(net->loop);
    sipv_framer_init(&c->framer, SIPV_STRICT, NULL);
    routes_add(&net->connections, &c->route, transport, 0);
    net_hold(net);
    return c;
}

/* The loop has nothing of it any more. */
static void connection_free(struct connection *c)
{
    struct net *net = c->net;
    tls_free(c->tls);
    free(c->in);
    free(c);
    net_release(net);
}

static void on_closed(uv_handle_t *handle)
{
    struct connection *c = handle->data;
    c->has_handle = false;
    if (c->state == CONNECTION_CLOSED)
        connection_free(c);
    else
        next_attempt(c);
}

void connection_close(struct connection *c, const char *why)
{
    struct net *net = c->net;
    if (c->state == CONNECTION_CLOSED)
        return;
    if (why && !net->closing)
        net_note(net, c->accepted || !c->n_targets ? &c->peer : &c->targets[0], why);
    const bool was_open = c->state == CONNECTION_OPEN;
    c->state = CONNECTION_CLOSED;
    if (was_open && c->tls)
        tls_end(c);
    net_fail(net, c->route.id);
    queue_fail(net, &c->queue);
    net->octets -= c->cap_in;
    routes_remove(&net->connections, &c->route);
    if (c->resolving)
        uv_cancel((uv_req_t *)&c->resolve);
    else if (!c->has_handle)
        connection_free(c);
    else if (!uv_is_closing((uv_handle_t *)&c->tcp))
        uv_close((uv_handle_t *)&c->tcp, on_closed);
}

static void set_ends(struct connection *c)
{
    union socket_address address;
    int n = sizeof address;
    memset(&address, 0, sizeof address);
    if (uv_tcp_getpeername(&c->tcp, &address.any, &n) == 0)
        hop_of_address(c->transport, &address, &c->peer);
    n = sizeof address;
    memset(&address, 0, sizeof address);
    if (uv_tcp_getsockname(&c->tcp, &address.any, &n) == 0)
        hop_of_address(c->transport, &address, &c->local);
}

/* There is a connection of TCP. */
void connection_begin(struct connection *c)
{
    set_ends(c);
    uv_tcp_nodelay(&c->tcp, 1);
    if (c->transport != HOP_TLS)
        connection_opened(c);
    else if (tls_begin(c))
        c->state = CONNECTION_SECURING;
    else
        connection_close(c, "OpenSSL refuses to begin");
}

/* ---- Accepting ------------------------------------------------------------------------------ */

static void on_turned_away(uv_handle_t *handle)
{
    struct net *net = handle->data;
    free(handle);
    net_release(net);
}

/* No room: taken from the kernel, and closed. */
static void turn_away(struct listener *l)
{
    uv_tcp_t *tcp = calloc(1, sizeof *tcp);
    if (!tcp)
        return;
    uv_tcp_init(l->net->loop, tcp);
    tcp->data = l->net;
    net_hold(l->net);
    uv_accept(&l->handle.stream, (uv_stream_t *)tcp);
    uv_close((uv_handle_t *)tcp, on_turned_away);
}

void connection_accept(struct listener *l)
{
    struct connection *c = connection_new(l->net, l->hop.transport);
    if (!c) {
        turn_away(l);
        return;
    }
    c->accepted = true;
    uv_tcp_init(l->net->loop, &c->tcp);
    c->tcp.data = c;
    c->has_handle = true;
    if (uv_accept(&l->handle.stream, (uv_stream_t *)&c->tcp) != 0) {
        connection_close(c, NULL);
        return;
    }
    connection_begin(c);
    if (c->state == CONNECTION_CLOSED || c->transport != HOP_TCP)
        return;
    c->route.hop = c->peer;
    routes_index(&l->net->connections, &c->route);
}

/* ---- Opening -------------------------------------------------------------------------------- */

static void on_connected(uv_connect_t *request, int status)
{
    struct connection *c = request->data;
    if (c->state == CONNECTION_CLOSED)
        return;
    if (status == 0) {
        connection_begin(c);
        return;
    }
    c->error = status;
    uv_close((uv_handle_t *)&c->tcp, on_closed);
}

static void attempt(struct connection *c, const union socket_address *address)
{
    uv_tcp_init(c->net->loop, &c->tcp);
    c->tcp.data = c;
    c->has_handle = true;
    c->connect.data = c;
    c->error = net_may(c->net, address)
                   ? uv_tcp_connect(&c->connect, &c->tcp, &address->any, on_connected)
                   : UV_EACCES;
    if (c->error != 0)
        uv_close((uv_handle_t *)&c->tcp, on_closed);
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
    struct connection *c = request->data;
    c->resolving = false;
    c->n_addresses = c->at_address = 0;
    c->error = status;
    for (const struct addrinfo *a = found; a && c->n_addresses < CONNECTION_ADDRESSES;
         a = a->ai_next)
        address_of(a->ai_addr, &c->addresses[c->n_addresses++]);
    uv_freeaddrinfo(found);
    if (c->state == CONNECTION_CLOSED)
        connection_free(c);
    else
        next_attempt(c);
}

/* The addresses of the next target, now or later. */
static void resolve(struct connection *c, const struct hop *target)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    char port[8];
    c->n_addresses = c->at_address = 0;
    if (address_of_hop(target, &c->addresses[0]) == SIPV_OK) {
        c->n_addresses = 1;
        attempt(c, &c->addresses[c->at_address++]);
        return;
    }
    snprintf(port, sizeof port, "%u", (unsigned)target->port);
    c->resolve.data = c;
    c->error = uv_getaddrinfo(c->net->loop, &c->resolve, on_resolved, target->host, port, &hints);
    c->resolving = c->error == 0;
    if (!c->resolving)
        next_attempt(c);
}

/* What was moved from UDP because of its size goes there after all, if nobody listens (RFC 3261
 * section 18.1.1). */
static void back_to_udp(struct connection *c)
{
    struct net *net = c->net;
    struct queue kept = c->queue;
    struct waiting *w;
    memset(&c->queue, 0, sizeof c->queue);
    while ((w = queue_take(net, &kept))) {
        struct peer *peer = w->moved ? (struct peer *)routes_find(&net->peers, w->flow) : NULL;
        sipv_slice octets = sipv_slice_of(w->octets, w->n);
        if (peer && topmost_move(net->topmost, octets, HOP_UDP, &octets) == SIPV_OK)
            udp_send(net, peer, w->flow, octets);
        else
            net_fail(net, w->flow);
        free(w);
    }
}

static void next_attempt(struct connection *c)
{
    if (c->at_address < c->n_addresses) {
        attempt(c, &c->addresses[c->at_address++]);
    } else if (c->at_target < c->n_targets) {
        resolve(c, &c->targets[c->at_target++]);
    } else {
        if (c->error == UV_ECONNREFUSED || c->error == UV_ECONNRESET)
            back_to_udp(c);
        connection_close(c, c->error == UV_EACCES ? "not a loopback address"
                                                  : uv_strerror(c->error ? c->error : UV_EINVAL));
    }
}

uint64_t connection_open(struct net *net, enum hop_transport transport, const struct hop *targets,
                         size_t n)
{
    if (transport == HOP_TLS && !tls_client_context(net))
        return 0;
    struct connection *c = connection_new(net, transport);
    if (!c)
        return 0;
    for (size_t i = 0; i < n; i++) {
        c->targets[i] = targets[i];
        c->targets[i].transport = transport;
        hop_normalize(&c->targets[i]);
    }
    c->n_targets = n;
    c->peer = c->targets[0];
    c->route.hop = c->targets[0];
    routes_index(&net->connections, &c->route);
    const uint64_t id = c->route.id;
    next_attempt(c);
    return id;
}

/* ---- Time ----------------------------------------------------------------------------------- */

void connection_watch(struct connection *c, uint64_t now)
{
    const struct net_settings *s = &c->net->settings;
    if (c->state < CONNECTION_OPEN) {
        if (now - c->began >= s->limits.connect_ms)
            connection_close(c, "no connection in time");
    } else if (c->message_since > 0 && now - c->message_since >= s->limits.message_ms) {
        connection_close(c, "a message that does not end");
    } else if (c->pong_by > 0 && now >= c->pong_by) {
        connection_close(c, "no answer to a ping");
    } else if (now - c->used >= s->limits.idle_ms) {
        connection_close(c, NULL);
    } else if (!c->accepted && s->keep_alive_ms > 0 && now >= c->ping_at && c->pong_by == 0) {
        connection_ping(c);
    }
}
