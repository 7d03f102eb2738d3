/* Messages over sockets: every transport, IPv4 and IPv6, names, many elements on one loop. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ends.h"

static struct ends w;

static void open_it(void)
{
    ends_open(&w);
}

static void close_it(void)
{
    cr_expect(ends_close(&w), "the loop does not end");
}

TestSuite(net_messages, .init = open_it, .fini = close_it);

static struct end *add(enum hop_transport transport, const char *host)
{
    struct net_settings settings = ends_settings(transport, host);
    struct end *e;
    settings.tls.unverified = true;
    cr_assert_eq(ends_add(&w, &settings, &e), SIPV_OK, "%s", w.problem);
    return e;
}

/* A request there and its response back. */
static void exchange(enum hop_transport transport, const char *host)
{
    struct end *a = add(transport, host), *b = add(transport, host);
    char *text = ends_request(a, transport, NULL, 10);
    const uint64_t flow = ends_flow(a, ends_hop(b, transport));
    b->answers = true;
    cr_assert_neq(flow, 0);
    cr_expect_eq(a->network.transport(a->network.with, flow), transport);
    ends_send(a, flow, text);
    ENDS_UNTIL(&w, a->responses == 1);
    cr_expect_eq(b->requests, 1);
    cr_expect_eq(a->responses, 1);
    cr_expect_eq(a->failures, 0);
    cr_expect_eq(b->reliable, hop_reliable(transport));
    cr_expect_eq(a->flow, flow);
    char received[HOP_TEXT + 16];
    snprintf(received, sizeof received, ";received=%s;", host);
    cr_expect(strstr(b->text, ";rport=") && strstr(b->text, received), "%s", b->text);
    cr_expect_eq(a->taps[NET_SENT], 1);
    cr_expect_eq(a->taps[NET_RECEIVED], 1);
    cr_expect_str_eq(a->last_tap.peer.host, host);
    cr_expect_eq(a->last_tap.peer.port, ends_hop(b, transport).port);
    free(text);
}

Test(net_messages, udp)
{
    exchange(HOP_UDP, "127.0.0.1");
}

Test(net_messages, tcp)
{
    exchange(HOP_TCP, "127.0.0.1");
}

Test(net_messages, tls)
{
    exchange(HOP_TLS, "127.0.0.1");
}

static bool ipv6(void)
{
    if (!ends_has_ipv6())
        cr_skip_test("there is no IPv6 here");
    return true;
}

Test(net_messages, udp_ipv6)
{
    if (ipv6())
        exchange(HOP_UDP, "::1");
}

Test(net_messages, tcp_ipv6)
{
    if (ipv6())
        exchange(HOP_TCP, "::1");
}

Test(net_messages, tls_ipv6)
{
    if (ipv6())
        exchange(HOP_TLS, "::1");
}

/* The flow is there at once; messages wait for the address. */
static void by_name(enum hop_transport transport)
{
    struct end *a = add(transport, "127.0.0.1"), *b = add(transport, "127.0.0.1");
    struct hop to = ends_hop(b, transport);
    strcpy(to.host, "localhost");
    const uint64_t flow = ends_flow(a, to);
    cr_assert_neq(flow, 0);
    for (int i = 0; i < 3; i++) {
        char *text = ends_request(a, transport, NULL, 0);
        ends_send(a, flow, text);
        free(text);
    }
    b->answers = true;
    ENDS_UNTIL(&w, a->responses == 3);
    cr_expect_eq(a->responses, 3, "%u %u %s", b->requests, a->failures, a->note);
    cr_expect_eq(ends_flow(a, to), flow);
}

Test(net_messages, udp_by_name)
{
    by_name(HOP_UDP);
}

Test(net_messages, tcp_by_name)
{
    by_name(HOP_TCP);
}

Test(net_messages, tls_by_name)
{
    by_name(HOP_TLS);
}

static void to_nowhere(enum hop_transport transport)
{
    struct end *a = add(transport, "127.0.0.1");
    const struct hop to = {transport, "no-such-host.invalid", 5060};
    const uint64_t flow = ends_flow(a, to);
    char *text = ends_request(a, transport, NULL, 0);
    cr_assert_neq(flow, 0);
    ends_send(a, flow, text);
    ENDS_UNTIL(&w, a->failures > 0);
    cr_expect_eq(a->failures, 1);
    cr_expect_eq(a->failed, flow);
    cr_expect(a->note[0]);
    free(text);
}

Test(net_messages, udp_to_a_name_that_is_none)
{
    to_nowhere(HOP_UDP);
}

Test(net_messages, tcp_to_a_name_that_is_none)
{
    to_nowhere(HOP_TCP);
}

/* Who listens on UDP does so on TCP, at the same port (RFC 3261 section 18.2.1). */
Test(net_messages, tcp_beside_udp)
{
    struct end *a = add(HOP_UDP, "127.0.0.1");
    struct hop hop;
    cr_expect_eq(ends_hop(a, HOP_UDP).port, ends_hop(a, HOP_TCP).port);
    cr_expect_neq(ends_hop(a, HOP_UDP).port, 0);
    cr_expect_eq(net_listening(a->net, 2, &hop), SIPV_END);
    cr_expect_eq(a->network.self(a->network.with, HOP_TCP, &hop), SIPV_OK);
    cr_expect_eq(a->network.self(a->network.with, HOP_TLS, &hop), SIPV_ABSENT);
}

Test(net_messages, udp_only)
{
    struct net_settings settings = ends_settings(HOP_UDP, "127.0.0.1");
    struct end *a;
    struct hop hop;
    settings.udp_only = true;
    cr_assert_eq(ends_add(&w, &settings, &a), SIPV_OK);
    cr_expect_eq(a->network.self(a->network.with, HOP_TCP, &hop), SIPV_ABSENT);
}

/* Each sends to the next, some over UDP, some over TCP. */
Test(net_messages, four_elements_on_one_loop)
{
    struct end *e[ENDS_COUNT];
    for (int i = 0; i < ENDS_COUNT; i++)
        e[i] = add(HOP_UDP, "127.0.0.1");
    for (int i = 0; i < 40; i++) {
        const enum hop_transport transport = i % 8 < 4 ? HOP_UDP : HOP_TCP;
        struct end *from = e[i % ENDS_COUNT], *to = e[(i + 1) % ENDS_COUNT];
        char *text = ends_request(from, transport, NULL, 100);
        to->answers = true;
        ends_send(from, ends_flow(from, ends_hop(to, transport)), text);
        free(text);
    }
    for (int i = 0; i < ENDS_COUNT; i++) {
        ENDS_UNTIL(&w, e[i]->responses == 10);
        cr_expect_eq(e[i]->responses, 10);
        cr_expect_eq(net_octets(e[i]->net), 0);
    }
}

/* An element is woken without a word to the network. */
Test(net_messages, the_element_is_woken)
{
    struct end *a = add(HOP_UDP, "127.0.0.1");
    ends_turn(&w);
    a->wake = uv_now(&w.loop) + 30;
    ENDS_UNTIL(&w, a->advances > 0);
    cr_expect_eq(a->advances, 1);
    a->wake = 0;
    ENDS_UNTIL(&w, a->advances > 1);
    cr_expect_eq(a->advances, 2);
}

/* ---- The transport layer of RFC 3261 ------------------------------------------------------- */

/* Section 18.2.2, RFC 3581: to the port of sent-by, and with rport to the one it came from. */
Test(net_messages, where_responses_go)
{
    struct end *a = add(HOP_UDP, "127.0.0.1");
    uint16_t here, there;
    const int from = ends_udp_socket(&here), sent_by = ends_udp_socket(&there);
    const uint16_t port = ends_hop(a, HOP_UDP).port;
    char via[128], text[2048];
    a->answers = true;
    const char *const to_sent_by[] = {
        "UDP 127.0.0.1:%u;branch=z9hG4bK1", "UDP a.example:%u;branch=z9hG4bK1",
        "UDP a.example:%u;maddr=127.0.0.1;branch=z9hG4bK1", "UDP a.example:%u;received=192.0.2.1"};
    for (size_t i = 0; i < sizeof to_sent_by / sizeof *to_sent_by; i++) {
        snprintf(via, sizeof via, to_sent_by[i], (unsigned)there);
        char *request = ends_request(a, HOP_UDP, via, 0);
        ends_udp_send(from, port, request);
        cr_expect(ends_read(&w, sent_by, text, sizeof text, 1), "%s", via);
        free(request);
    }
    snprintf(via, sizeof via, "UDP a.example:%u;rport;branch=z9hG4bK1", (unsigned)there);
    char *request = ends_request(a, HOP_UDP, via, 0);
    ends_udp_send(from, port, request);
    cr_expect(ends_read(&w, from, text, sizeof text, 1));
    free(request);
}

/* Section 18.1.2. */
Test(net_messages, responses_to_others_are_dropped)
{
    struct end *a = add(HOP_UDP, "127.0.0.1");
    uint16_t here;
    const int from = ends_udp_socket(&here);
    const struct hop self = ends_hop(a, HOP_UDP);
    char text[256];
    const struct {
        const char *host;
        uint16_t port;
    } vias[] = {{"192.0.2.1", self.port}, {"127.0.0.1", here}, {"127.0.0.1", self.port}};
    for (size_t i = 0; i < 3; i++) {
        snprintf(text, sizeof text,
                 "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP %s:%u;branch=z9hG4bK1\r\n\r\n", vias[i].host,
                 (unsigned)vias[i].port);
        ends_udp_send(from, self.port, text);
    }
    ENDS_UNTIL(&w, a->responses > 0);
    cr_expect_eq(a->taps[NET_RECEIVED], 3);
    cr_expect_eq(a->responses, 1);
}

/* Datagrams that are no message are the element's to refuse, keep-alives are nobody's. */
Test(net_messages, odd_datagrams)
{
    struct end *a = add(HOP_UDP, "127.0.0.1");
    uint16_t here;
    const int from = ends_udp_socket(&here);
    const uint16_t port = ends_hop(a, HOP_UDP).port;
    const char *const odd[] = {"",    "\r\n\r\n", "\r\n", "x", "SIP/", "SIP/2.0 200 OK\r\n\r\n",
                               "\377"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        ends_udp_send(from, port, odd[i]);
    ENDS_UNTIL(&w, a->others + a->responses == 4);
    cr_expect_eq(a->others, 3);
    cr_expect_eq(a->responses, 1);
    cr_expect_eq(a->failures, 0);
}

/* Section 18.1.1: a large request moves to TCP. */
Test(net_messages, a_large_request_moves_to_tcp)
{
    struct end *a = add(HOP_UDP, "127.0.0.1"), *b = add(HOP_UDP, "127.0.0.1");
    char *text = ends_request(a, HOP_UDP, NULL, 3000);
    b->answers = true;
    ends_send(a, ends_flow(a, ends_hop(b, HOP_UDP)), text);
    ENDS_UNTIL(&w, a->responses == 1);
    cr_expect_eq(a->responses, 1);
    cr_expect(b->reliable);
    cr_expect(strstr(b->text, "Via: SIP/2.0/TCP 127.0.0.1"), "%s", b->text);
    free(text);
}

/* ... and back, if nobody listens there. */
Test(net_messages, a_large_request_moves_back_to_udp)
{
    struct net_settings settings = ends_settings(HOP_UDP, "127.0.0.1");
    struct end *a = add(HOP_UDP, "127.0.0.1"), *b;
    settings.udp_only = true;
    cr_assert_eq(ends_add(&w, &settings, &b), SIPV_OK);
    char *text = ends_request(a, HOP_UDP, NULL, 3000);
    b->answers = true;
    ends_send(a, ends_flow(a, ends_hop(b, HOP_UDP)), text);
    ENDS_UNTIL(&w, a->responses == 1);
    cr_expect_eq(a->responses, 1);
    cr_expect_not(b->reliable);
    cr_expect(strstr(b->text, "Via: SIP/2.0/UDP 127.0.0.1"), "%s", b->text);
    free(text);
}

/* Section 18.4: ICMP says that nobody is there. */
Test(net_messages, udp_to_a_closed_port)
{
    struct end *a = add(HOP_UDP, "127.0.0.1"), *b = add(HOP_UDP, "127.0.0.1");
    struct hop nobody = {HOP_UDP, "127.0.0.1", 0};
    const int fd = ends_udp_socket(&nobody.port);
    close(fd);
    char *text = ends_request(a, HOP_UDP, NULL, 0);
    const uint64_t flow = ends_flow(a, nobody);
    ends_send(a, flow, text);
    ENDS_UNTIL(&w, a->failures > 0);
    cr_expect_eq(a->failures, 1);
    cr_expect_eq(a->failed, flow);
    /* Others are none the worse for it. */
    for (int i = 0; i < 20; i++) {
        ends_send(a, flow, text);
        ends_send(a, ends_flow(a, ends_hop(b, HOP_UDP)), text);
    }
    ENDS_UNTIL(&w, b->requests == 20);
    cr_expect_eq(b->requests, 20);
    cr_expect_eq(a->failed, flow);
    free(text);
}

Test(net_messages, a_datagram_that_is_too_large)
{
    struct net_settings settings = ends_settings(HOP_UDP, "127.0.0.1");
    struct end *a, *b = add(HOP_UDP, "127.0.0.1");
    settings.udp_only = true;
    cr_assert_eq(ends_add(&w, &settings, &a), SIPV_OK);
    char *text = ends_request(a, HOP_UDP, NULL, 70000);
    const uint64_t flow = ends_flow(a, ends_hop(b, HOP_UDP));
    ends_send(a, flow, text);
    ENDS_UNTIL(&w, a->failures > 0);
    cr_expect_eq(a->failed, flow);
    free(text);
}

/* ---- Loopback, limits ----------------------------------------------------------------------- */

Test(net_messages, only_loopback)
{
    struct end *a = add(HOP_UDP, "127.0.0.1"), *none;
    const struct hop udp = {HOP_UDP, "192.0.2.1", 5060}, tcp = {HOP_TCP, "192.0.2.1", 5060},
                     mapped = {HOP_UDP, "::ffff:192.0.2.1", 5060}, ipv6 = {HOP_UDP, "::1", 5060};
    cr_expect_eq(ends_flow(a, udp), 0);
    cr_expect_eq(ends_flow(a, mapped), 0);
    cr_expect_eq(ends_flow(a, ipv6), 0, "without a socket for it");
    const uint64_t flow = ends_flow(a, tcp);
    ENDS_UNTIL(&w, a->failures > 0);
    cr_expect_eq(a->failed, flow);
    cr_expect_str_eq(a->note, "not a loopback address");
    const char *const hosts[] = {"0.0.0.0", "192.0.2.1", "::", "2001:db8::1"};
    for (size_t i = 0; i < 4; i++) {
        const struct net_settings settings = ends_settings(HOP_UDP, hosts[i]);
        cr_expect_eq(ends_add(&w, &settings, &none), SIPV_REJECT, "%s", hosts[i]);
        cr_expect(strstr(w.problem, "not a loopback address"), "%s", w.problem);
    }
}

Test(net_messages, what_cannot_be_opened)
{
    struct end *a = add(HOP_UDP, "127.0.0.1"), *none;
    struct net_settings settings = ends_settings(HOP_UDP, "127.0.0.1");
    settings.listen[0].port = ends_hop(a, HOP_UDP).port;
    cr_expect_eq(ends_add(&w, &settings, &none), SIPV_REJECT);
    cr_expect(strstr(w.problem, "address already in use"), "%s", w.problem);
    settings = ends_settings(HOP_UDP, "localhost");
    cr_expect_eq(ends_add(&w, &settings, &none), SIPV_BAD_ARGUMENT);
    settings = ends_settings(HOP_UDP, "127.0.0.1");
    settings.limits.connections = 0;
    cr_expect_eq(ends_add(&w, &settings, &none), SIPV_BAD_ARGUMENT);
    settings = ends_settings(HOP_TLS, "127.0.0.1");
    settings.tls.self_signed = false;
    cr_expect_eq(ends_add(&w, &settings, &none), SIPV_REJECT);
    cr_expect(strstr(w.problem, "certificate"), "%s", w.problem);
    settings.tls.certificate = "/nonexistent.pem";
    cr_expect_eq(ends_add(&w, &settings, &none), SIPV_REJECT);
    cr_expect(strstr(w.problem, "/nonexistent.pem"), "%s", w.problem);
}

/* A request of peer `i`, and the socket it is sent from. */
static int peer_asks(struct end *a, unsigned i, char via[64])
{
    uint16_t port;
    const int fd = ends_udp_socket(&port);
    snprintf(via, 64, "UDP 127.0.0.1:%u;branch=z9hG4bK%u", (unsigned)port, i);
    char *text = ends_request(a, HOP_UDP, via, 0);
    ends_udp_send(fd, ends_hop(a, HOP_UDP).port, text);
    ENDS_UNTIL(&w, a->requests == i + 1);
    free(text);
    return fd;
}

/* Who was silent for longest is forgotten; a response to him still finds its way. */
Test(net_messages, peers_are_forgotten)
{
    struct net_settings settings = ends_settings(HOP_UDP, "127.0.0.1");
    struct end *a;
    struct hop hop;
    settings.limits.peers = 4;
    cr_assert_eq(ends_add(&w, &settings, &a), SIPV_OK);
    char via[8][64], response[256], text[512];
    uint64_t flows[8];
    int fds[8];
    for (unsigned i = 0; i < 8; i++) {
        fds[i] = peer_asks(a, i, via[i]);
        flows[i] = a->flow;
    }
    cr_expect_eq(net_peers(a->net), 4);
    cr_expect_eq(net_peer(a->net, flows[0], &hop), SIPV_ABSENT);
    cr_expect_eq(net_peer(a->net, flows[7], &hop), SIPV_OK);
    char *request = ends_request(a, HOP_UDP, NULL, 0);
    ends_send(a, flows[0], request);
    ENDS_UNTIL(&w, a->failures > 0);
    cr_expect_eq(a->failed, flows[0]);
    snprintf(response, sizeof response, "SIP/2.0 200 OK\r\nVia: SIP/2.0/%s\r\n\r\n", via[0]);
    ends_send(a, flows[0], response);
    cr_expect_gt(ends_read(&w, fds[0], text, sizeof text, 1), 0);
    cr_expect_eq(a->failures, 1);
    free(request);
}
