/* probe.c: see probe.h. */
#include "probe.h"

#include <sipvet/parser.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { T1_MS = 500, T2_MS = 4000, ROOM = 65536 };

static size_t write_options(const struct peer *peer, int fd, uint64_t number, char *out, size_t cap)
{
    const char *open = strchr(peer->host, ':') ? "[" : "", *close = *open ? "]" : "";
    char own[96], uri[256];
    int n;

    peer_own_name(fd, own, sizeof own);
    snprintf(uri, sizeof uri, "sip:%s%s%s:%s%s", open, peer->host, close, peer->port,
             peer->tcp ? ";transport=tcp" : "");
    n = snprintf(out, cap,
                 "OPTIONS %s SIP/2.0\r\n"
                 "Via: SIP/2.0/%s %s;branch=z9hG4bKprobe%llu;rport\r\n"
                 "Max-Forwards: 70\r\n"
                 "From: <sip:sipvet@%s>;tag=probe\r\n"
                 "To: <%s>\r\n"
                 "Call-ID: probe-%llu@sipvet.invalid\r\n"
                 "CSeq: 1 OPTIONS\r\n"
                 "Contact: <sip:sipvet@%s%s>\r\n"
                 "Accept: application/sdp\r\n"
                 "Content-Length: 0\r\n\r\n",
                 uri, peer->tcp ? "TCP" : "UDP", own, (unsigned long long)number, own, uri,
                 (unsigned long long)number, own, peer->tcp ? ";transport=tcp" : "");
    return n > 0 && (size_t)n < cap ? (size_t)n : 0;
}

/* The status of a final response that has our Call-ID; else 0.  What the server sends may be
 * anything: this only looks for two texts. */
static int status_of(const unsigned char *p, size_t n, uint64_t number)
{
    char id[64];
    size_t n_id = (size_t)snprintf(id, sizeof id, "probe-%llu@", (unsigned long long)number);
    int status;

    if (n < 12 || memcmp(p, "SIP/2.0 ", 8) != 0)
        return 0;
    status = (p[8] - '0') * 100 + (p[9] - '0') * 10 + (p[10] - '0');
    if (status < 200 || status > 699)
        return 0;
    for (size_t i = 0; i + n_id <= n; i++)
        if (memcmp(p + i, id, n_id) == 0)
            return status;
    return 0;
}

/* Answers to the cases before are passed over. */
static int wait_for_answer(int fd, uint64_t number, uint64_t until)
{
    static unsigned char in[ROOM];

    for (;;) {
        uint64_t now = peer_clock();
        int status;
        long n;

        if (now >= until)
            return 0;
        n = peer_receive(fd, in, sizeof in, (unsigned)(until - now));
        if (n < 0)
            return -1;
        status = status_of(in, (size_t)n, number);
        if (status != 0)
            return status;
    }
}

/* A first error may be about an earlier datagram ("port unreachable"); a second one is about ours.
 */
static int ask_datagram(const struct peer *peer, int fd, uint64_t number, uint64_t end,
                        const char **reason)
{
    char text[2048];
    size_t n = write_options(peer, fd, number, text, sizeof text);
    unsigned interval = T1_MS, errors = 0;

    while (peer_clock() < end && errors < 2) {
        uint64_t until = peer_clock() + interval;
        bool sent = peer_send(fd, sipv_slice_of(text, n), T1_MS);
        int status = sent ? wait_for_answer(fd, number, until < end ? until : end) : -1;

        if (status > 0)
            return status;
        if (status < 0) {
            *reason = strerror(errno);
            errors++;
        }
        interval = interval < T2_MS ? 2 * interval : interval;
    }
    return 0;
}

/* Reads a connection until the answer is there: it may come in pieces. */
static int ask_stream(const struct peer *peer, uint64_t number, uint64_t end, const char **reason)
{
    static unsigned char in[ROOM];
    char text[2048];
    uint64_t now = peer_clock();
    int fd = peer_open(peer, now < end ? (unsigned)(end - now) : 0), status = 0;
    size_t have = 0;

    if (fd < 0) {
        *reason = strerror(errno);
        return 0;
    }
    if (!peer_send(fd, sipv_slice_of(text, write_options(peer, fd, number, text, sizeof text)),
                   T2_MS))
        *reason = strerror(errno);
    while (status == 0 && (now = peer_clock()) < end && have < sizeof in) {
        long n = peer_receive(fd, in + have, sizeof in - have, (unsigned)(end - now));

        if (n < 0)
            *reason = strerror(errno);
        if (n <= 0)
            break;
        have += (size_t)n;
        status = status_of(in, have, number);
    }
    close(fd);
    return status;
}

int probe(const struct peer *peer, int fd, uint64_t number, unsigned ms, const char **reason)
{
    uint64_t end = peer_clock() + ms;

    *reason = "no answer came";
    return peer->tcp ? ask_stream(peer, number, end, reason)
                     : ask_datagram(peer, fd, number, end, reason);
}
