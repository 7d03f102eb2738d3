/* A proxy on the bench, between peers that are names of hops: texts go in, what it sends comes out.
 *
 *     relay_receive(&r, "udp:192.0.2.1:5060", relay_request(&r, "INVITE", "sip:bob@192.0.2.2",
 * "")); r.did    "100 udp:192.0.2.1:5060, INVITE udp:192.0.2.2:5060"
 *
 * Lines of texts end with LF; CR is added. */
#ifndef TESTS_RELAY_H
#define TESTS_RELAY_H

#include <proxy.h>

enum { RELAY_PEERS = 64, RELAY_SENT = 64, RELAY_TEXT = 16384, RELAY_DID = 2048 };

struct relay_sent {
    uint64_t flow;
    char text[RELAY_TEXT]; /* with CRLF */
};

struct relay {
    struct proxy proxy;
    struct element element;
    uint64_t now;
    struct hop self[3];
    bool listens[3];               /* UDP, TCP, TLS at 192.0.2.10, ports 5060, 5060, 5061 */
    struct hop peers[RELAY_PEERS]; /* a flow is the number of one, from 1 on */
    size_t n_peers;
    struct hop cut_off; /* there is no way to it; no host: there is to all */
    struct relay_sent sent[RELAY_SENT];
    size_t n_sent;         /* by the last call */
    char did[RELAY_DID];   /* by the last call, "WHAT PEER, WHAT PEER" */
    char text[RELAY_TEXT]; /* the last message made */
    unsigned branch;       /* of the next request made */
};

/* `settings` NULL: the defaults, with 64 of everything. */
bool relay_open(struct relay *r, const struct proxy_settings *settings);
void relay_close(struct relay *r);
/* The defaults for relay_open(), to be changed. */
struct proxy_settings relay_settings(void);

/* A request of Alice, with a branch of its own; `lines` are added.  Max-Forwards is 70 unless they
 * name it. */
const char *relay_request(struct relay *r, const char *method, const char *uri, const char *lines);
/* The answer to a message that the proxy has sent: with its Via, From, To, Call-ID, CSeq and
 * Record-Route, a To tag, and `lines`. */
const char *relay_response(struct relay *r, const char *request, int status, const char *tag,
                           const char *lines);

void relay_receive(struct relay *r, const char *peer, const char *text);
/* As they are. */
void relay_receive_octets(struct relay *r, const char *peer, sipv_slice octets);
void relay_fail(struct relay *r, const char *peer);
/* Timers up to `ms` from now, one after the other; r->did is all that they did. */
void relay_wait(struct relay *r, uint64_t ms);

/* The text sent last that begins so, or "" */
const char *relay_find(const struct relay *r, const char *beginning);
/* The value of the header line number `i` of that name in a text, "" if there is none.  Valid until
 * the next call but three. */
const char *relay_value(const char *text, const char *name, size_t i);

#endif
