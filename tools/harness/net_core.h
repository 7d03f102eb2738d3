/* What the files of the network of sockets share.
 *
 *     net.c              opening, closing, telling
 *     net_messages.c     messages to and from the element, the contract of network.h
 *     net_times.c        when the element is woken, and told of failures
 *     net_address.c      addresses as hops, loopback
 *     net_routes.c       flows by name and by hop
 *     net_queue.c        messages that wait
 *     net_listen.c       sockets that are bound
 *     net_udp.c          datagrams; net_udp_errors.c: what ICMP says about them
 *     net_connect.c      connections: names, attempts, their end
 *     net_stream.c       octets in and out of connections
 *     net_tls.c          TLS between the two; net_tls_context.c, net_certificate.c */
#ifndef HARNESS_NET_CORE_H
#define HARNESS_NET_CORE_H

#include "net.h"
#include "topmost.h"

#include <openssl/ssl.h>
#include <uv.h>

/* ---- Addresses ------------------------------------------------------------------------------ */

union socket_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* The address of a hop whose host is one.  SIPV_OK; SIPV_ABSENT: it is a name. */
int address_of_hop(const struct hop *hop, union socket_address *out);
void address_of(const struct sockaddr *any, union socket_address *out);
/* Back, in the one form in which addresses are compared: an IPv4 address inside IPv6 is IPv4. */
void hop_of_address(enum hop_transport transport, const union socket_address *address,
                    struct hop *out);
/* The same for a hop that somebody wrote; a name stays. */
void hop_normalize(struct hop *hop);
bool address_is_loopback(const union socket_address *address);

/* ---- Flows ---------------------------------------------------------------------------------- */

/* What a flow leads to: the beginning of a peer or a connection. */
struct route {
    uint64_t id;
    struct hop hop; /* how it is found again */
    bool indexed;
    struct route *next; /* with the same hash */
};

struct routes {
    struct route **slots;
    uint32_t *generations, *free;
    size_t limit, count, n_free;
    struct route **buckets;
    size_t n_buckets; /* a power of two */
    uint64_t seed[2];
};

bool routes_open(struct routes *r, size_t limit);
void routes_close(struct routes *r);
/* Gives it an id.  False: the limit is reached. */
bool routes_add(struct routes *r, struct route *route, enum hop_transport transport,
                unsigned listener);
void routes_remove(struct routes *r, struct route *route);
/* From now on it is found by its hop. */
void routes_index(struct routes *r, struct route *route);
void routes_unindex(struct routes *r, struct route *route);
struct route *routes_find(const struct routes *r, uint64_t id);
/* By hop, and for UDP by listener. */
struct route *routes_lookup(const struct routes *r, const struct hop *hop, unsigned listener);
enum hop_transport flow_transport(uint64_t id);
unsigned flow_listener(uint64_t id);

/* ---- Queues --------------------------------------------------------------------------------- */

struct waiting {
    struct waiting *next;
    uint64_t flow; /* for which it was given, and which has failed if it cannot be sent */
    bool moved;    /* from UDP because of its size */
    size_t n;
    unsigned char octets[];
};

struct queue {
    struct waiting *first, *last;
    size_t octets;
};

/* False: a limit is reached, or there is no memory. */
bool queue_add(struct net *net, struct queue *q, uint64_t flow, bool moved, sipv_slice octets);
/* The first, which the caller frees; NULL if there is none. */
struct waiting *queue_take(struct net *net, struct queue *q);
/* All have failed. */
void queue_fail(struct net *net, struct queue *q);

/* ---- Listeners ------------------------------------------------------------------------------ */

struct listener {
    struct net *net;
    unsigned number;
    struct hop hop, self; /* bound to; how others are told to reach it */
    union {
        uv_handle_t any;
        uv_udp_t udp;
        uv_tcp_t tcp;
        uv_stream_t stream;
    } handle;
};

/* Opens all of them.  As net_open(). */
int listeners_open(struct net *net, const struct net_settings *settings);
void listeners_close(struct net *net);
/* The first of a transport; for UDP of a family (AF_INET, AF_INET6, 0: any).  NULL: none. */
struct listener *listener_of(const struct net *net, enum hop_transport transport, int family);

/* ---- UDP ------------------------------------------------------------------------------------ */

struct peer {
    struct route route; /* the first member */
    struct net *net;
    struct listener *listener;
    union socket_address address;
    bool known; /* the address is; else its name is being looked up */
    uv_getaddrinfo_t resolve;
    struct queue queue;
    struct peer *older, *newer;
};

int udp_listen(struct listener *l);
/* The flow to a hop, from this listener or, NULL, from any.  0: none. */
uint64_t udp_flow(struct net *net, struct listener *l, const struct hop *to);
/* Sends; failures are told of `flow`. */
void udp_send(struct net *net, struct peer *peer, uint64_t flow, sipv_slice octets);
void peer_free(struct peer *peer);
/* Reads what ICMP said; tells of those peers. */
void udp_errors(struct listener *l);

/* ---- Connections ---------------------------------------------------------------------------- */

enum connection_state {
    CONNECTION_OPENING, /* names and attempts */
    CONNECTION_SECURING,
    CONNECTION_OPEN,
    CONNECTION_CLOSED /* only its memory is still there */
};

enum { CONNECTION_ADDRESSES = 8, CONNECTION_TARGETS = TOPMOST_HOPS };

struct connection {
    struct route route; /* the first member */
    struct net *net;
    enum hop_transport transport;
    enum connection_state state;
    bool accepted;
    struct hop local, peer; /* addresses */
    /* Where it is opened to. */
    struct hop targets[CONNECTION_TARGETS];
    size_t n_targets, at_target;
    union socket_address addresses[CONNECTION_ADDRESSES];
    size_t n_addresses, at_address;
    int error; /* of the last attempt, as libuv says */
    uv_getaddrinfo_t resolve;
    uv_connect_t connect;
    uv_tcp_t tcp;
    bool resolving, has_handle;
    /* Octets. */
    struct queue queue; /* until it is open */
    size_t writing;     /* handed to the kernel, which has not taken them yet */
    unsigned char *in;  /* of a message that is not yet whole */
    size_t n_in, cap_in;
    sipv_framer framer;
    struct tls *tls;
    /* Times, as uv_now(). */
    uint64_t began, used, message_since, ping_at, pong_by;
};

/* A connection to one of these, tried in turn.  0: a limit is reached. */
uint64_t connection_open(struct net *net, enum hop_transport transport, const struct hop *targets,
                         size_t n);
void connection_accept(struct listener *l);
/* Tells of it, with `why` for people (NULL: nothing to say), and frees it later. */
void connection_close(struct connection *c, const char *why);
void connection_begin(struct connection *c);
/* What time has made of it. */
void connection_watch(struct connection *c, uint64_t now);

/* Sends when it is open; at most limits.queue octets wait. */
void connection_send(struct connection *c, uint64_t flow, bool moved, sipv_slice octets);
/* It has been opened and, if so, secured. */
void connection_opened(struct connection *c);
/* Clear text came in. */
void connection_octets(struct connection *c, const unsigned char *p, size_t n);
/* Begins to read from the wire. */
void connection_read(struct connection *c);
/* To the wire, as they are. */
void connection_write(struct connection *c, const void *p, size_t n);
void connection_ping(struct connection *c);

/* ---- TLS ------------------------------------------------------------------------------------ */

bool tls_begin(struct connection *c);
void tls_free(struct tls *tls);
/* From the wire.  Opens or closes the connection when it is time. */
void tls_octets(struct connection *c, const unsigned char *p, size_t n);
/* Clear text to be sent. */
void tls_send(struct connection *c, const void *p, size_t n);
/* The peer is told that no more comes, if the kernel takes it at once. */
void tls_end(struct connection *c);

/* As net_open(). */
int tls_contexts_open(struct net *net, const struct net_settings *settings);
/* For connections that we open: made when the first is.  NULL: OpenSSL does not want to. */
SSL_CTX *tls_client_context(struct net *net);
/* Makes a certificate for these names and addresses, and its key.  False: it cannot. */
bool certificate_make(const char *const *names, size_t n, X509 **certificate, EVP_PKEY **key);

/* ---- The network ---------------------------------------------------------------------------- */

enum { NET_CHUNK = 65536, NET_ALL_LISTENERS = 2 * NET_LISTENERS };

struct net {
    uv_loop_t *loop;
    struct element element;
    struct net_settings settings;
    char name[HOP_HOST + 1];
    char *problem; /* while it is being opened */
    struct listener *listeners[NET_ALL_LISTENERS];
    size_t n_listeners;
    struct routes peers, connections;
    struct peer *oldest, *newest;
    struct topmost *topmost;
    uint64_t *failed; /* flows of which the element has to be told */
    size_t n_failed, cap_failed;
    size_t octets; /* that wait */
    uv_prepare_t prepare;
    uv_check_t check;
    bool more;     /* a socket may have more than was read at one time */
    uint64_t held; /* since when timers wait for that; 0: they do not */
    uv_timer_t wake, watch;
    uint64_t wake_at;
    SSL_CTX *server, *client;
    size_t pending; /* handles and requests that the loop still has */
    bool closing;
    unsigned char chunk[NET_CHUNK];
};

/* Tells the element later. */
void net_fail(struct net *net, uint64_t flow);
void net_tap(struct net *net, enum net_what what, const struct hop *local, const struct hop *peer,
             sipv_slice octets);
void net_note(struct net *net, const struct hop *peer, const char *text);
/* A message of a peer, to the element. */
void net_deliver(struct net *net, uint64_t flow, const struct hop *local, const struct hop *peer,
                 sipv_slice octets);
/* Is this an address to which we may send? */
bool net_may(const struct net *net, const union socket_address *address);
/* Sets the problem; SIPV_REJECT. */
int net_refuse(struct net *net, const char *what, const char *why);
/* One more and one less of `pending`; the last one frees the network. */
void net_hold(struct net *net);
void net_release(struct net *net);
/* Wakes the element from now on, when it wants; and no longer. */
void net_begin_times(struct net *net);
void net_end_times(struct net *net);
/* For handles that are members of the network. */
void net_closed(uv_handle_t *handle);
/* A chunk to read into, for libuv. */
void net_chunk(uv_handle_t *handle, size_t size, uv_buf_t *buffer);

bool octets_are_response(sipv_slice octets);

#endif
