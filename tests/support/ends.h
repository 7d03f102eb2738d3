/* Networks of sockets under test: several on one loop, each with an element that writes down what
 * happens and may answer; and sockets by hand at the other end. */
#ifndef TESTS_ENDS_H
#define TESTS_ENDS_H

#include <net.h>

#include <uv.h>

enum { ENDS_COUNT = 4, ENDS_TEXT = 8192, ENDS_PATIENCE_MS = 60000 };

/* One network and its element. */
struct end {
    struct ends *all;
    struct net *net;
    struct network network;
    bool answers; /* requests get a 200 with the same Via */
    unsigned requests, responses, others, failures, advances;
    uint64_t flow, failed; /* of the last message, of the last failure */
    bool reliable;
    char text[ENDS_TEXT]; /* the last message, cut if need be */
    size_t n;             /* its octets */
    uint64_t wake;
    unsigned taps[2]; /* by net_what */
    struct net_event last_tap;
    char note[NET_PROBLEM];
};

struct ends {
    uv_loop_t loop;
    uv_timer_t tick;
    struct end ends[ENDS_COUNT];
    size_t n_ends;
    char problem[NET_PROBLEM];
};

void ends_open(struct ends *w);
/* Closes all; false if the loop does not come to its end. */
bool ends_close(struct ends *w);

/* The defaults with taps and notes; listens for this transport at host, port 0, if host is set. */
struct net_settings ends_settings(enum hop_transport transport, const char *host);
/* The result of net_open(). */
int ends_add(struct ends *w, const struct net_settings *settings, struct end **out);

/* One turn of the loop, of some milliseconds at most. */
void ends_turn(struct ends *w);
uint64_t ends_now(void);
/* Turns until the condition holds or too much time has gone by; false then. */
#define ENDS_UNTIL(w, condition)                                                                   \
    for (const uint64_t ends_end = ends_now() + ENDS_PATIENCE_MS;                                  \
         !(condition) && ends_now() < ends_end;)                                                   \
    ends_turn(w)
void ends_pause(struct ends *w, uint64_t ms);

/* The hop of a listener of an end. */
struct hop ends_hop(const struct end *e, enum hop_transport transport);
bool ends_has_ipv6(void);

/* A request from `e` over a transport: `via` is what stands behind SIP/2.0/ in its Via, NULL: e's
 * own; `padding` octets of body.  It may be freed. */
char *ends_request(const struct end *e, enum hop_transport transport, const char *via,
                   size_t padding);
void ends_send(struct end *e, uint64_t flow, const char *text);
uint64_t ends_flow(struct end *e, struct hop to);

/* Sockets by hand, IPv4, on loopback; -1 if that fails. */
int ends_udp_socket(uint16_t *port);
int ends_tcp_listener(uint16_t *port);
int ends_tcp_connect(uint16_t port);
void ends_udp_send(int fd, uint16_t port, const char *text);
void ends_write(int fd, const void *p, size_t n);
/* What has come so far, while the loop turns: until `n` octets are there, or the end.  How many. */
size_t ends_read(struct ends *w, int fd, char *out, size_t cap, size_t n);
/* Has the other end closed it?  Turns the loop until it has. */
bool ends_ended(struct ends *w, int fd);

#endif
