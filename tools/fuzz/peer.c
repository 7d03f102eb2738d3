/* peer.c: see peer.h. */
#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

uint64_t peer_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- Names ------------------------------------------------------------------------------------
 */

static bool is_loopback(const struct sockaddr *a)
{
    static const unsigned char mapped[13] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127};
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    if (a->sa_family == AF_INET) {
        memcpy(&v4, a, sizeof v4);
        return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
    }
    memcpy(&v6, a, sizeof v6);
    return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) || memcmp(&v6.sin6_addr, mapped, sizeof mapped) == 0;
}

/* HOST, HOST:PORT, [V6], [V6]:PORT; false if it is none of these. */
static bool split(const char *text, struct peer *peer)
{
    bool bracketed = *text == '[';
    const char *host = text + bracketed, *end = host + strcspn(host, bracketed ? "]" : ":");
    const char *port = end;

    if (bracketed && *port++ != ']')
        return false;
    if (end == host || (size_t)(end - host) >= sizeof peer->host || (*port && *port != ':'))
        return false;
    memcpy(peer->host, host, (size_t)(end - host));
    peer->host[end - host] = '\0';
    port = *port ? port + 1 : "5060";
    if (strlen(port) == 0 || strlen(port) >= sizeof peer->port)
        return false;
    strcpy(peer->port, port);
    return true;
}

const char *peer_read(const char *text, struct peer *peer)
{
    struct addrinfo hints, *found = NULL;
    uint64_t port;
    int result;

    memset(peer, 0, sizeof *peer);
    peer->tcp = strncmp(text, "tcp:", 4) == 0;
    if (!peer->tcp && strncmp(text, "udp:", 4) != 0)
        return "it begins with udp: or tcp:";
    if (!split(text + 4, peer))
        return "it is udp:HOST:PORT or tcp:HOST:PORT, an IPv6 address in brackets";
    if (sipv_number(sipv_slice_text(peer->port), 65535, &port) != SIPV_OK || port == 0)
        return "the port is a number from 1 to 65535";
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = peer->tcp ? SOCK_STREAM : SOCK_DGRAM;
    hints.ai_flags = AI_NUMERICSERV;
    result = getaddrinfo(peer->host, peer->port, &hints, &found);
    if (result != 0)
        return gai_strerror(result);
    memcpy(&peer->address, found->ai_addr, found->ai_addrlen);
    peer->address_length = found->ai_addrlen;
    peer->loopback = is_loopback(found->ai_addr);
    freeaddrinfo(found);
    return NULL;
}

void peer_own_name(int fd, char *out, size_t cap)
{
    struct sockaddr_storage own;
    socklen_t n = sizeof own;
    char host[64] = "127.0.0.1", port[8] = "5060";

    memset(&own, 0, sizeof own);
    if (getsockname(fd, (struct sockaddr *)&own, &n) == 0)
        getnameinfo((struct sockaddr *)&own, n, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(out, cap, own.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

/* ---- Sockets ----------------------------------------------------------------------------------
 */

/* Waits for the socket; false with errno. */
static bool wait_for(int fd, short events, unsigned ms)
{
    struct pollfd p = {.fd = fd, .events = events};
    uint64_t end = peer_clock() + ms;
    int result;

    do {
        uint64_t now = peer_clock();

        result = poll(&p, 1, now < end ? (int)(end - now) : 0);
    } while (result < 0 && errno == EINTR);
    if (result == 0)
        errno = ETIMEDOUT;
    return result > 0;
}

/* What has become of a connection that was begun: 0 or an errno. */
static int outcome(int fd)
{
    int error = 0;
    socklen_t n = sizeof error;

    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) == 0 ? error : errno;
}

static bool make_connection(int fd, const struct peer *peer, unsigned ms)
{
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        return false;
    if (connect(fd, (const struct sockaddr *)&peer->address, peer->address_length) == 0)
        return true;
    if (errno != EINPROGRESS || !wait_for(fd, POLLOUT, ms))
        return false;
    errno = outcome(fd);
    return errno == 0;
}

int peer_open(const struct peer *peer, unsigned ms)
{
    int fd = socket(peer->address.ss_family, peer->tcp ? SOCK_STREAM : SOCK_DGRAM, 0), error;

    if (fd < 0)
        return -1;
    if (make_connection(fd, peer, ms))
        return fd;
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

bool peer_send(int fd, sipv_slice octets, unsigned ms)
{
    size_t sent = 0;

    do {
        ssize_t n = send(fd, octets.n > 0 ? octets.p + sent : (const void *)"", octets.n - sent, 0);

        if (n >= 0)
            sent += (size_t)n;
        else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!wait_for(fd, POLLOUT, ms))
                return false;
        } else if (errno != EINTR) {
            return false;
        }
    } while (sent < octets.n);
    return true;
}

long peer_receive(int fd, void *out, size_t cap, unsigned ms)
{
    ssize_t n;

    if (!wait_for(fd, POLLIN, ms))
        return errno == ETIMEDOUT ? 0 : -1;
    do
        n = recv(fd, out, cap, 0);
    while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return 0;
    return (long)n;
}
