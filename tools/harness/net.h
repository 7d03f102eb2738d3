/* The network of sockets: UDP, TCP and TLS around one element, on a loop of libuv.
 *
 *     struct net_settings settings = net_settings_default();
 *     settings.listen[0] = (struct hop){HOP_UDP, "127.0.0.1", 0};
 *     settings.n_listen = 1;
 *     if (net_open(&net, loop, &settings, problem) != SIPV_OK) ...
 *     struct network network = net_network(net);        for the core
 *     net_attach(net, &element);                        of the core
 *     uv_run(loop, UV_RUN_DEFAULT);
 *
 * Any number of networks may run on one loop.  Nothing is delivered but from within uv_run(); an
 * element that is called from elsewhere need not tell: before each wait it is asked when it wants
 * to be woken.  Time is that of uv_now().
 *
 * It does what RFC 3261 section 18 asks of a transport layer: received and rport (18.2.1, RFC
 * 3581), where responses go (18.2.2), framing (18.3), errors (18.4); responses whose topmost Via is
 * not ours are dropped (18.1.2); a request of more than HOP_UDP_OCTETS given for UDP goes over TCP,
 * with its Via changed, and over UDP after all if nobody listens there (18.1.1).  Connections are
 * reused; each begins and ends as here, and RFC 5626 section 4.4.1 says how they are kept alive.
 *
 * Everything is bounded: see net_limits.  Only loopback addresses are bound and sent to, unless
 * `anywhere` is set.  SIGPIPE must be ignored. */
#ifndef HARNESS_NET_H
#define HARNESS_NET_H

#include "network.h"

struct uv_loop_s;
struct net;

enum { NET_LISTENERS = 8, NET_PROBLEM = 256 };

/* ---- Settings ------------------------------------------------------------------------------- */

struct net_limits {
    size_t connections;  /* TCP and TLS, open or being opened: 1,000 */
    size_t peers;        /* over UDP: 10,000; who was silent for longest is forgotten */
    size_t queue;        /* octets that wait for one peer: 4 MiB; more closes its connection */
    size_t octets;       /* that wait for all peers, and of messages not yet whole: 64 MiB */
    uint32_t connect_ms; /* until a connection is open, with names and TLS: 10,000 */
    uint32_t message_ms; /* from the first octet of a message to its last: 30,000 */
    uint32_t idle_ms;    /* of a connection on which nothing comes or goes: 240,000 */
    uint32_t pong_ms;    /* until a ping is answered: 10,000 (RFC 5626 section 4.4.1) */
};

/* Certificates and keys are PEM.  A network that listens for TLS needs a certificate. */
struct net_tls_settings {
    const char *certificate, *key; /* files; NULL: none */
    bool self_signed;              /* for tests: a certificate made now, for the addresses that are
                                      listened on, localhost and `name` */
    const char *authorities;       /* file of those whom we trust; NULL: those of the system */
    sipv_slice authorities_pem;    /* the same, not in a file; absent: none */
    bool unverified;               /* takes any certificate of a server */
    bool mutual;                   /* a client must have a certificate that we trust */
};

enum net_what { NET_SENT, NET_RECEIVED };

/* One message as it was on the wire; of TLS the clear text. */
struct net_event {
    enum net_what what;
    int64_t time_ns; /* since 1970 */
    struct hop local, peer;
    sipv_slice octets;
};

struct net_settings {
    struct hop listen[NET_LISTENERS]; /* addresses; port 0: the kernel chooses */
    size_t n_listen;
    bool udp_only;    /* else who listens on UDP does so on TCP, at the same port (18.2.1) */
    bool anywhere;    /* other addresses than loopback too */
    bool any_sent_by; /* takes responses with anybody's Via on top */
    const char *name; /* how we are called in Via and Contact; NULL: by address */
    struct net_limits limits;
    uint32_t keep_alive_ms; /* between pings on connections that we opened; 0: none */
    struct net_tls_settings tls;
    /* Called with every message; and with what went wrong with a peer, for people.  NULL: not. */
    void (*tap)(void *with, const struct net_event *event);
    void (*note)(void *with, const struct hop *peer, const char *text);
    void *with; /* of both */
};

/* The defaults above; nothing is listened on. */
struct net_settings net_settings_default(void);

/* ---- Networks ------------------------------------------------------------------------------- */

/* Binds.  What `settings` points to must stay for the call only.
 * SIPV_OK; SIPV_NO_SPACE: no memory; SIPV_BAD_ARGUMENT: a limit of 0 or an address that is none;
 * SIPV_REJECT: the system or OpenSSL does not want to.  `problem` then says why in words, and the
 * loop must run once more, as after net_close(). */
int net_open(struct net **out, struct uv_loop_s *loop, const struct net_settings *settings,
             char problem[NET_PROBLEM]);

/* Ends everything; the element is not called any more.  Memory is freed by the loop, which comes to
 * its end when nothing else is on it. NULL: nothing. */
void net_close(struct net *net);

/* Whom messages are delivered to.  Before that, they are dropped. */
void net_attach(struct net *net, const struct element *element);

/* For the element. Valid as long as the network.
 *
 * A response may be sent for a flow whose connection is gone: a new one is opened to where its
 * topmost Via says.  A request for such a flow has failed. */
struct network net_network(struct net *net);

/* Where it listens: number `i`, with the port that the kernel has chosen.  SIPV_OK, SIPV_END. */
int net_listening(const struct net *net, size_t i, struct hop *out);

/* The peer of a flow.  SIPV_OK, SIPV_ABSENT: there is no such flow. */
int net_peer(const struct net *net, uint64_t flow, struct hop *out);

/* The certificate of a network that listens for TLS, as PEM.  SIPV_OK: out[0 .. *n];
 * SIPV_NO_SPACE: *n octets are needed; SIPV_ABSENT: it has none. */
int net_certificate(const struct net *net, char *out, size_t cap, size_t *n);

/* Connections, open or being opened; UDP peers; octets that wait. */
size_t net_connections(const struct net *net);
size_t net_peers(const struct net *net);
size_t net_octets(const struct net *net);

#endif
