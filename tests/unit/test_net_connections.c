/* Connections: reuse, ends of all sorts, time, limits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "tcp_ends.h"

TestSuite(net_connections, .init = open_it, .fini = close_it);

/* ---- Connections ---------------------------------------------------------------------------- */

Test(net_connections, nobody_listens)
{
    struct end *a = add_tcp();
    struct hop to = {HOP_TCP, "127.0.0.1", 0};
    close(ends_tcp_listener(&to.port));
    char *text = ends_request(a, HOP_TCP, NULL, 0);
    const uint64_t flow = ends_flow(a, to);
    ends_send(a, flow, text);
    cr_expect_eq(a->failures, 0, "not from within a call");
    ENDS_UNTIL(&w, a->failures > 0);
    cr_expect_eq(a->failed, flow);
    cr_expect_eq(a->failures, 1);
    cr_expect_str_eq(a->note, "connection refused");
    ends_send(a, flow, text); /* this flow is no more */
    ENDS_UNTIL(&w, a->failures > 1);
    cr_expect_eq(a->failures, 2);
    cr_expect_neq(ends_flow(a, to), flow);
    free(text);
}

Test(net_connections, connections_are_reused)
{
    struct end *a = add_tcp(), *b = add_tcp();
    const uint64_t flow = ends_flow(a, ends_hop(b, HOP_TCP));
    char *text = ends_request(a, HOP_TCP, NULL, 0);
    ends_send(a, flow, text);
    ENDS_UNTIL(&w, b->requests == 1);
    cr_expect_eq(ends_flow(a, ends_hop(b, HOP_TCP)), flow);
    ends_send(a, flow, text);
    ENDS_UNTIL(&w, b->requests == 2);
    struct hop back;
    cr_expect_eq(net_peer(b->net, b->flow, &back), SIPV_OK);
    cr_expect_eq(ends_flow(b, back), b->flow, "by the address it came from");
    ends_send(b, b->flow, text);
    ENDS_UNTIL(&w, a->requests == 1);
    cr_expect_eq(a->requests, 1);
    cr_expect_eq(a->flow, flow);
    cr_expect_eq(net_connections(a->net), 1);
    cr_expect_eq(net_connections(b->net), 1);
    free(text);
}

/* RFC 3261 section 18.2.2: the connection is gone, a new one goes to received and the port of
 * sent-by. */
Test(net_connections, a_response_opens_a_new_connection)
{
    struct end *a = add_tcp();
    struct hop there = {HOP_TCP, "127.0.0.1", 0};
    const int listener = ends_tcp_listener(&there.port);
    char own[128], response[512], some[512];
    int back = -1;
    snprintf(own, sizeof own, "TCP a.invalid:%u;branch=z9hG4bK1", (unsigned)there.port);
    char *text = ends_request(a, HOP_TCP, own, 0);
    const int fd = ends_tcp_connect(ends_hop(a, HOP_TCP).port);
    ends_write(fd, text, strlen(text));
    ENDS_UNTIL(&w, a->requests == 1);
    const uint64_t flow = a->flow;
    close(fd);
    ENDS_UNTIL(&w, a->failures == 1);
    snprintf(response, sizeof response,
             "SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP a.invalid:%u;received=127.0.0.1\r\n"
             "Content-Length: 0\r\n\r\n",
             (unsigned)there.port);
    ends_send(a, flow, response);
    ends_send(a, flow, response);
    ENDS_UNTIL(&w, (back = accept(listener, NULL, NULL)) >= 0);
    cr_expect_eq(ends_read(&w, back, some, sizeof some, 2 * strlen(response)),
                 2 * strlen(response));
    cr_expect_eq(net_connections(a->net), 1);
    cr_expect_eq(a->failures, 1);
    close(back);
    close(listener);
    free(text);
}

/* ... else to sent-by; if that fails too, it is told. */
Test(net_connections, a_response_that_finds_nobody)
{
    struct end *a = add_tcp();
    struct hop there = {HOP_TCP, "127.0.0.1", 0};
    char response[512];
    const int fd = ends_tcp_connect(ends_hop(a, HOP_TCP).port);
    char *text = ends_request(a, HOP_TCP, via, 0);
    ends_write(fd, text, strlen(text));
    ENDS_UNTIL(&w, a->requests == 1);
    const uint64_t flow = a->flow;
    close(fd);
    ENDS_UNTIL(&w, a->failures == 1);
    close(ends_tcp_listener(&there.port));
    snprintf(response, sizeof response,
             "SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP a.invalid:%u;received=127.0.0.1\r\n\r\n",
             (unsigned)there.port);
    ends_send(a, flow, response);
    ENDS_UNTIL(&w, a->failures == 3); /* the new connection, and what was to be sent */
    cr_expect_eq(a->failed, flow);
    ends_send(a, flow, "SIP/2.0 200 OK\r\n\r\n");
    ENDS_UNTIL(&w, a->failures == 4);
    cr_expect_eq(a->failed, flow);
    free(text);
}

/* ---- Time ----------------------------------------------------------------------------------- */

Test(net_connections, idle_connections_end)
{
    struct net_settings settings = ends_settings(HOP_TCP, "127.0.0.1");
    settings.limits.idle_ms = 1500;
    struct end *a = add(&settings);
    const int fd = ends_tcp_connect(ends_hop(a, HOP_TCP).port);
    char some[8];
    for (int i = 0; i < 4; i++) { /* keep-alives count */
        ends_write(fd, "\r\n\r\n", 4);
        cr_expect_eq(ends_read(&w, fd, some, sizeof some, 2), 2);
        ends_pause(&w, 500);
    }
    cr_expect_eq(net_connections(a->net), 1);
    cr_expect(ends_ended(&w, fd));
    close(fd);
}

Test(net_connections, messages_must_end)
{
    struct net_settings settings = ends_settings(HOP_TCP, "127.0.0.1");
    settings.limits.message_ms = 100;
    struct end *a = add(&settings);
    const int fd = ends_tcp_connect(ends_hop(a, HOP_TCP).port);
    char *text = ends_request(a, HOP_TCP, via, 0), some[8];
    for (size_t i = 0; i < strlen(text) && net_connections(a->net) + a->failures < 2; i++) {
        if (send(fd, text + i, 1, MSG_NOSIGNAL) < 0)
            break;
        ends_pause(&w, 10);
        if (recv(fd, some, sizeof some, MSG_DONTWAIT) == 0)
            break;
    }
    ENDS_UNTIL(&w, a->failures > 0);
    cr_expect_eq(a->requests, 0);
    cr_expect_eq(a->failures, 1);
    cr_expect_str_eq(a->note, "a message that does not end");
    free(text);
    close(fd);
}

/* A server that accepts and never says anything. */
Test(net_connections, connections_must_open)
{
    struct net_settings settings = ends_settings(HOP_TLS, "127.0.0.1");
    settings.limits.connect_ms = 100;
    struct end *a = add(&settings);
    struct hop to = {HOP_TLS, "127.0.0.1", 0};
    const int listener = ends_tcp_listener(&to.port);
    const uint64_t flow = ends_flow(a, to);
    ENDS_UNTIL(&w, a->failures > 0);
    cr_expect_eq(a->failed, flow);
    cr_expect_str_eq(a->note, "no connection in time");
    const int fd = ends_tcp_connect(ends_hop(a, HOP_TLS).port);
    cr_expect(ends_ended(&w, fd));
    close(fd);
    close(listener);
}

/* ---- Limits --------------------------------------------------------------------------------- */

/* A peer that does not read: what waits for it is bounded. */
Test(net_connections, a_slow_peer)
{
    struct net_settings settings = ends_settings(HOP_TCP, "127.0.0.1");
    settings.limits.queue = 200000;
    struct end *a = add(&settings);
    uint64_t flow;
    const int fd = accepted(a, &flow);
    char *text = ends_request(a, HOP_TCP, NULL, 60000);
    size_t most = 0;
    for (int i = 0; i < 1000 && a->failures == 0; i++) {
        ends_send(a, flow, text);
        if (net_octets(a->net) > most)
            most = net_octets(a->net);
        ends_turn(&w);
    }
    cr_expect_gt(most, 60000);
    cr_expect_leq(most, 200000);
    cr_expect_geq(a->failures, 1);
    cr_expect_eq(a->failed, flow);
    cr_expect_str_eq(a->note, "too slow: its queue is full");
    cr_expect_eq(net_octets(a->net), 0);
    free(text);
    close(fd);
}

/* A slow peer that reads in the end gets everything, in order. */
Test(net_connections, a_peer_that_reads_late)
{
    struct end *a = add_tcp();
    uint64_t flow;
    const int fd = accepted(a, &flow);
    char *text = ends_request(a, HOP_TCP, NULL, 60000);
    const size_t n = strlen(text), all = 50 * n;
    char *got = malloc(all + 1);
    for (int i = 0; i < 50; i++)
        ends_send(a, flow, text);
    ENDS_UNTIL(&w, net_octets(a->net) > 0);
    cr_expect_eq(ends_read(&w, fd, got, all + 1, all), all);
    for (size_t i = 0; i < 50; i++)
        cr_assert_eq(memcmp(got + i * n, text, n), 0);
    cr_expect_eq(net_octets(a->net), 0);
    cr_expect_eq(a->failures, 0);
    free(text);
    free(got);
    close(fd);
}

Test(net_connections, what_waits_for_a_connection_is_bounded)
{
    struct net_settings settings = ends_settings(HOP_TCP, "127.0.0.1");
    settings.limits.queue = 10000;
    struct end *a = add(&settings), *b = add_tcp();
    char *text = ends_request(a, HOP_TCP, NULL, 3000);
    const uint64_t flow = ends_flow(a, ends_hop(b, HOP_TCP));
    for (int i = 0; i < 5; i++)
        ends_send(a, flow, text);
    ENDS_UNTIL(&w, b->requests == 3);
    cr_expect_eq(a->failures, 1);
    cr_expect_eq(b->requests, 3);
    free(text);
}

/* Messages that are not whole share one limit. */
Test(net_connections, unfinished_messages_are_bounded)
{
    struct net_settings settings = ends_settings(HOP_TCP, "127.0.0.1");
    settings.limits.octets = 50000;
    struct end *a = add(&settings);
    char *text = ends_request(a, HOP_TCP, via, 30000);
    int fds[4];
    for (int i = 0; i < 4; i++) {
        fds[i] = ends_tcp_connect(ends_hop(a, HOP_TCP).port);
        ends_write(fds[i], text, strlen(text) - 1);
        if (i == 0)
            ENDS_UNTIL(&w, net_octets(a->net) >= strlen(text) - 1);
        else
            cr_expect(ends_ended(&w, fds[i]));
        cr_expect_leq(net_octets(a->net), 50000);
    }
    cr_expect_eq(net_connections(a->net), 1);
    cr_expect_str_eq(a->note, "no room for its messages");
    ends_write(fds[0], "x", 1);
    ENDS_UNTIL(&w, a->requests == 1);
    cr_expect_eq(a->requests, 1);
    for (int i = 0; i < 4; i++)
        close(fds[i]);
    free(text);
}

enum { MANY = 1000 };

static bool enough_files(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return false;
    if (files.rlim_cur < 2 * MANY + 100) {
        files.rlim_cur = files.rlim_max < 4 * MANY ? files.rlim_max : 4 * MANY;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    return files.rlim_cur >= 2 * MANY + 100;
}

Test(net_connections, a_thousand_connections_and_no_more)
{
    static int fds[MANY + 10];
    if (!enough_files())
        cr_skip_test("not enough file descriptors");
    struct end *a = add_tcp();
    char *text = ends_request(a, HOP_TCP, via, 0);
    const uint16_t port = ends_hop(a, HOP_TCP).port;
    for (size_t i = 0; i < MANY + 10; i++) {
        fds[i] = ends_tcp_connect(port);
        cr_assert_geq(fds[i], 0);
        if (i < MANY)
            ends_write(fds[i], text, strlen(text));
        if (i % 100 == 0)
            ends_turn(&w);
    }
    ENDS_UNTIL(&w, a->requests == MANY);
    cr_expect_eq(a->requests, MANY);
    cr_expect_eq(net_connections(a->net), MANY);
    for (size_t i = MANY; i < MANY + 10; i++)
        cr_expect(ends_ended(&w, fds[i]));
    const struct hop to = {HOP_TCP, "127.0.0.1", port};
    cr_expect_eq(ends_flow(a, to), 0, "none to be opened either");
    close(fds[0]);
    ENDS_UNTIL(&w, net_connections(a->net) < MANY);
    cr_expect_neq(ends_flow(a, to), 0);
    for (size_t i = 1; i < MANY + 10; i++)
        close(fds[i]);
    ENDS_UNTIL(&w, net_connections(a->net) <= 2);
    free(text);
}

/* Closing takes everything along, whatever it is at. */
Test(net_connections, closed_in_the_middle)
{
    struct end *a = add_tcp(), *b = add_tcp();
    const struct hop name = {HOP_TCP, "localhost", 9}, udp = {HOP_TCP, "b.invalid", 9};
    char *text = ends_request(a, HOP_TCP, NULL, 1000);
    ends_send(a, ends_flow(a, name), text);
    ends_send(a, ends_flow(a, udp), text);
    ends_send(a, ends_flow(a, ends_hop(b, HOP_TCP)), text);
    const int fd = ends_tcp_connect(ends_hop(a, HOP_TCP).port);
    ends_write(fd, text, 100);
    ends_turn(&w);
    free(text);
    close(fd);
}
