#include "ends.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- The loop ------------------------------------------------------------------------------- */

static void on_tick(uv_timer_t *timer)
{
    (void)timer;
}

void ends_open(struct ends *w)
{
    memset(w, 0, sizeof *w);
    signal(SIGPIPE, SIG_IGN);
    uv_loop_init(&w->loop);
    uv_timer_init(&w->loop, &w->tick);
    uv_timer_start(&w->tick, on_tick, 2, 2);
}

bool ends_close(struct ends *w)
{
    for (size_t i = 0; i < w->n_ends; i++)
        net_close(w->ends[i].net);
    uv_close((uv_handle_t *)&w->tick, NULL);
    for (int i = 0; i < 10000 && uv_run(&w->loop, UV_RUN_ONCE) != 0; i++)
        ;
    return uv_loop_close(&w->loop) == 0;
}

void ends_turn(struct ends *w)
{
    uv_run(&w->loop, UV_RUN_ONCE);
}

uint64_t ends_now(void)
{
    return uv_hrtime() / 1000000;
}

void ends_pause(struct ends *w, uint64_t ms)
{
    for (const uint64_t end = ends_now() + ms; ends_now() < end;)
        ends_turn(w);
}

/* ---- Elements ------------------------------------------------------------------------------- */

/* The header lines that a response copies, which are all that these requests have. */
static void answer(struct end *e, uint64_t flow, sipv_slice request)
{
    static const char status[] = "SIP/2.0 200 OK\r\n";
    const char *lines = strchr((const char *)request.p, '\n') + 1;
    const char *length = strstr(lines, "Content-Length");
    char *text = calloc(1, request.n + sizeof status + 32);
    if (!text || !length)
        abort();
    sprintf(text, "%s%.*sContent-Length: 0\r\n\r\n", status, (int)(length - lines), lines);
    e->network.send(e->network.with, flow, sipv_slice_text(text));
    free(text);
}

static void on_receive(void *self, uint64_t now, uint64_t flow, bool reliable, sipv_slice octets)
{
    struct end *e = self;
    (void)now;
    e->flow = flow;
    e->reliable = reliable;
    e->n = octets.n;
    snprintf(e->text, sizeof e->text, "%.*s", (int)octets.n, (const char *)octets.p);
    if (strncmp(e->text, "OPTIONS", 7) == 0)
        e->requests++;
    else if (strncmp(e->text, "SIP/2.0", 7) == 0)
        e->responses++;
    else
        e->others++;
    if (e->answers && strncmp(e->text, "OPTIONS", 7) == 0)
        answer(e, flow, octets);
}

static void on_failed(void *self, uint64_t now, uint64_t flow)
{
    struct end *e = self;
    (void)now;
    e->failures++;
    e->failed = flow;
}

static uint64_t on_wake(void *self)
{
    return ((struct end *)self)->wake;
}

static void on_advance(void *self, uint64_t now)
{
    struct end *e = self;
    if (now >= e->wake)
        e->advances++;
    e->wake = UINT64_MAX;
}

static void on_tap(void *with, const struct net_event *event)
{
    struct end *e = with;
    e->taps[event->what]++;
    e->last_tap = *event;
}

static void on_note(void *with, const struct hop *peer, const char *text)
{
    struct end *e = with;
    (void)peer;
    snprintf(e->note, sizeof e->note, "%s", text);
}

struct net_settings ends_settings(enum hop_transport transport, const char *host)
{
    struct net_settings settings = net_settings_default();
    if (!host)
        return settings;
    settings.n_listen = 1;
    settings.listen[0].transport = transport;
    snprintf(settings.listen[0].host, sizeof settings.listen[0].host, "%s", host);
    settings.tls.self_signed = transport == HOP_TLS;
    return settings;
}

int ends_add(struct ends *w, const struct net_settings *settings, struct end **out)
{
    struct end *e = &w->ends[w->n_ends];
    struct net_settings mine = *settings;
    const struct element element = {e, on_receive, on_failed, on_wake, on_advance};
    mine.tap = on_tap;
    mine.note = on_note;
    mine.with = e;
    *out = e;
    e->all = w;
    e->wake = UINT64_MAX;
    const int result = net_open(&e->net, &w->loop, &mine, w->problem);
    if (result != SIPV_OK)
        return result;
    w->n_ends++;
    e->network = net_network(e->net);
    net_attach(e->net, &element);
    return SIPV_OK;
}

/* ---- Messages ------------------------------------------------------------------------------- */

struct hop ends_hop(const struct end *e, enum hop_transport transport)
{
    struct hop hop = {HOP_UDP, "", 0};
    for (size_t i = 0; net_listening(e->net, i, &hop) == SIPV_OK; i++)
        if (hop.transport == transport)
            return hop;
    abort();
}

char *ends_request(const struct end *e, enum hop_transport transport, const char *via,
                   size_t padding)
{
    static unsigned number;
    char own[HOP_TEXT + 64], hostport[HOP_TEXT];
    struct hop self;
    if (!via) {
        if (e->network.self(e->network.with, transport, &self) != SIPV_OK)
            abort();
        hop_hostport(&self, hostport);
        snprintf(own, sizeof own, "%s %s;branch=z9hG4bK%u;rport", hop_transport_name(transport),
                 hostport, number);
        via = own;
    }
    const size_t cap = 1024 + strlen(via) + padding;
    char *text = malloc(cap);
    if (!text)
        abort();
    const int n = snprintf(text, cap,
                           "OPTIONS sip:bob@b.example SIP/2.0\r\nVia: SIP/2.0/%s\r\n"
                           "From: <sip:a@a.example>;tag=1\r\nTo: <sip:bob@b.example>\r\n"
                           "Call-ID: %u@ends\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n"
                           "Content-Length: %zu\r\n\r\n",
                           via, number++, padding);
    memset(text + n, 'x', padding);
    text[(size_t)n + padding] = 0;
    return text;
}

void ends_send(struct end *e, uint64_t flow, const char *text)
{
    e->network.send(e->network.with, flow, sipv_slice_text(text));
}

uint64_t ends_flow(struct end *e, struct hop to)
{
    return e->network.flow(e->network.with, &to);
}

/* ---- Sockets by hand ------------------------------------------------------------------------ */

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

bool ends_has_ipv6(void)
{
    const struct sockaddr_in6 address = {.sin6_family = AF_INET6,
                                         .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    const int fd = socket(AF_INET6, SOCK_DGRAM, 0);
    const bool has = fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    if (fd >= 0)
        close(fd);
    return has;
}

static int bound(int type, uint16_t *port)
{
    struct sockaddr_in address = loopback(0);
    socklen_t n = sizeof address;
    const int fd = socket(AF_INET, type, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, n) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &n) != 0)
        return -1;
    *port = ntohs(address.sin_port);
    return fd;
}

int ends_udp_socket(uint16_t *port)
{
    return bound(SOCK_DGRAM, port);
}

int ends_tcp_listener(uint16_t *port)
{
    const int fd = bound(SOCK_STREAM, port);
    return fd >= 0 && listen(fd, 16) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0 ? fd : -1;
}

int ends_tcp_connect(uint16_t port)
{
    const struct sockaddr_in address = loopback(port);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    return connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 ? fd : -1;
}

void ends_udp_send(int fd, uint16_t port, const char *text)
{
    const struct sockaddr_in address = loopback(port);
    if (sendto(fd, text, strlen(text), 0, (const struct sockaddr *)&address, sizeof address) < 0)
        abort();
}

void ends_write(int fd, const void *p, size_t n)
{
    if (write(fd, p, n) != (ssize_t)n)
        abort();
}

size_t ends_read(struct ends *w, int fd, char *out, size_t cap, size_t n)
{
    size_t have = 0;
    for (const uint64_t end = ends_now() + ENDS_PATIENCE_MS; have < n && ends_now() < end;) {
        const ssize_t got = recv(fd, out + have, cap - 1 - have, MSG_DONTWAIT);
        if (got == 0)
            break;
        if (got > 0)
            have += (size_t)got;
        else
            ends_turn(w);
    }
    out[have] = 0;
    return have;
}

/* Is there an end in what has come?  It is a reset where something was not read at the other end.
 */
static bool at_end(int fd)
{
    char some[65536];
    const ssize_t got = recv(fd, some, sizeof some, MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno == ECONNRESET);
}

bool ends_ended(struct ends *w, int fd)
{
    bool ended = false;
    ENDS_UNTIL(w, (ended = at_end(fd)));
    return ended;
}
