/* peer.h: a server that is tested over the network: its name on the command line, its sockets. */
#ifndef SIPVET_TOOLS_FUZZ_PEER_H
#define SIPVET_TOOLS_FUZZ_PEER_H

#include <sipvet/grammar.h>

#include <sys/socket.h>

struct peer {
    bool tcp;
    bool loopback; /* no other host can be meant */
    struct sockaddr_storage address;
    socklen_t address_length;
    char host[128], port[8]; /* as written, the host without brackets */
};

/* Reads "udp:HOST:PORT" or "tcp:HOST:PORT"; a name is looked up, an IPv6 address stands in
 * brackets, the port may be left out for 5060.  NULL, or what is wrong. */
const char *peer_read(const char *text, struct peer *peer);

/* A socket connected to the peer that does not block; -1 with errno, ETIMEDOUT after `ms`. */
int peer_open(const struct peer *peer, unsigned ms);
/* Sends all of it, as one datagram over UDP.  False with errno. */
bool peer_send(int fd, sipv_slice octets, unsigned ms);
/* What has come within `ms`: octets, at most `cap`; 0: nothing, or the end of a connection; -1 with
 * errno. */
long peer_receive(int fd, void *out, size_t cap, unsigned ms);
/* "192.0.2.1:5060", "[::1]:5060": where the socket is on this side. */
void peer_own_name(int fd, char *out, size_t cap);

/* Milliseconds of a clock that only runs forward. */
uint64_t peer_clock(void);

#endif
