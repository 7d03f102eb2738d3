/* Octets of connections: framing and keep-alives. */
#include <stdlib.h>
#include <string.h>

#include "tcp_ends.h"

TestSuite(net_streams, .init = open_it, .fini = close_it);

/* ---- Framing -------------------------------------------------------------------------------- */

Test(net_streams, many_messages_in_a_segment)
{
    struct end *a = add_tcp();
    const int fd = ends_tcp_connect(ends_hop(a, HOP_TCP).port);
    char *text = ends_request(a, HOP_TCP, via, 20), *all = calloc(100, strlen(text) + 4);
    for (int i = 0; i < 100; i++)
        strcat(strcat(all, i % 3 == 0 ? "\r\n" : ""), text);
    ends_write(fd, all, strlen(all));
    ENDS_UNTIL(&w, a->requests == 100);
    cr_expect_eq(a->requests, 100);
    cr_expect(a->reliable);
    cr_expect_eq(net_octets(a->net), 0);
    free(text);
    free(all);
    close(fd);
}

Test(net_streams, messages_cut_anywhere)
{
    struct end *a = add_tcp();
    const int fd = ends_tcp_connect(ends_hop(a, HOP_TCP).port);
    char *text = ends_request(a, HOP_TCP, via, 7);
    const size_t n = strlen(text);
    for (size_t cut = 1; cut < n; cut++) {
        ends_write(fd, text, cut);
        ends_turn(&w);
        ends_write(fd, text + cut, n - cut);
        ENDS_UNTIL(&w, a->requests == cut);
        cr_assert_eq(a->requests, cut);
    }
    cr_expect_eq(a->failures, 0);
    free(text);
    close(fd);
}

Test(net_streams, octet_by_octet)
{
    struct end *a = add_tcp();
    const int fd = ends_tcp_connect(ends_hop(a, HOP_TCP).port);
    char *text = ends_request(a, HOP_TCP, via, 7), some[64];
    a->answers = true;
    for (size_t i = 0; text[i]; i++) {
        ends_write(fd, text + i, 1);
        ends_turn(&w);
    }
    cr_expect_eq(ends_read(&w, fd, some, 15, 14), 14);
    cr_expect_str_eq(some, "SIP/2.0 200 OK");
    free(text);
    close(fd);
}

static const char *const garbage[] = {
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "\x16\x03\x01\x02",
    "OPTIONS sip:a SIP/2.0\r\nl: 1\r\nContent-Length: 2\r\n\r\n",
    "OPTIONS sip:a SIP/2.0\r\nl: -1\r\n\r\n",
    "OPTIONS sip:a SIP/2.0\r\nl: 99999999999999999999\r\n\r\n",
    "OPTIONS sip:a SIP/2.0\r\nVia: x\r\n\r\n",
    "OPTIONS sip:a SIP/2.0\r\nl: 2000000\r\n\r\n", /* more than a message may have */
};

Test(net_streams, garbage_ends_a_connection)
{
    struct end *a = add_tcp();
    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++) {
        const int fd = ends_tcp_connect(ends_hop(a, HOP_TCP).port);
        char *text = ends_request(a, HOP_TCP, via, 0);
        ends_write(fd, text, strlen(text)); /* what came before counts */
        ends_write(fd, garbage[i], strlen(garbage[i]));
        cr_expect(ends_ended(&w, fd), "%s", garbage[i]);
        ENDS_UNTIL(&w, a->failures == i + 1);
        cr_expect_eq(a->requests, i + 1);
        cr_expect_eq(a->failures, i + 1);
        cr_expect_eq(a->failed, a->flow);
        cr_expect(a->note[0]);
        free(text);
        close(fd);
    }
    cr_expect_eq(net_connections(a->net), 0);
    cr_expect_eq(net_octets(a->net), 0);
}

Test(net_streams, a_header_section_without_end)
{
    struct end *a = add_tcp();
    const int fd = ends_tcp_connect(ends_hop(a, HOP_TCP).port);
    char line[1024];
    memset(line, 'x', sizeof line);
    memcpy(line, "OPTIONS sip:a SIP/2.0\r\nA: ", 26);
    for (int i = 0; i < 70; i++) {
        if (send(fd, line, sizeof line, MSG_NOSIGNAL) < 0)
            break;
        memset(line, 'x', sizeof line);
        ends_turn(&w);
    }
    cr_expect(ends_ended(&w, fd));
    ENDS_UNTIL(&w, a->failures > 0);
    cr_expect_eq(a->failures, 1);
    close(fd);
}

Test(net_streams, closed_within_a_message)
{
    struct end *a = add_tcp();
    const int fd = ends_tcp_connect(ends_hop(a, HOP_TCP).port);
    char *text = ends_request(a, HOP_TCP, via, 100);
    ends_write(fd, text, strlen(text) - 1);
    ENDS_UNTIL(&w, net_octets(a->net) > 0);
    close(fd);
    ENDS_UNTIL(&w, a->failures > 0);
    cr_expect_eq(a->requests, 0);
    cr_expect_eq(a->failures, 1);
    cr_expect_str_eq(a->note, "closed within a message");
    cr_expect_eq(net_connections(a->net), 0);
    cr_expect_eq(net_octets(a->net), 0);
    free(text);
}

/* ---- Keep-alives: RFC 5626 section 4.4.1 --------------------------------------------------- */

Test(net_streams, pings_are_answered)
{
    struct end *a = add_tcp();
    const int fd = ends_tcp_connect(ends_hop(a, HOP_TCP).port);
    char some[4096], pings[400];
    ends_write(fd, "\r\n\r\n", 4);
    cr_expect_eq(ends_read(&w, fd, some, sizeof some, 2), 2);
    cr_expect_str_eq(some, "\r\n");
    for (int i = 0; i < 4; i++) { /* one in pieces */
        ends_write(fd, &"\r\n\r\n"[i], 1);
        ends_pause(&w, 5);
    }
    cr_expect_eq(ends_read(&w, fd, some, sizeof some, 2), 2);
    for (size_t i = 0; i < sizeof pings; i++)
        pings[i] = "\r\n"[i % 2];
    ends_write(fd, pings, sizeof pings);
    cr_expect_eq(ends_read(&w, fd, some, sizeof some, sizeof pings / 2), sizeof pings / 2);
    char *text = ends_request(a, HOP_TCP, via, 0);
    ends_write(fd, text, strlen(text));
    ENDS_UNTIL(&w, a->requests == 1);
    cr_expect_eq(a->requests, 1);
    cr_expect_eq(a->others, 0);
    free(text);
    close(fd);
}

Test(net_streams, pings_are_sent)
{
    struct net_settings settings = ends_settings(HOP_TCP, "127.0.0.1");
    settings.keep_alive_ms = 40;
    settings.limits.pong_ms = 1500;
    struct end *a = add(&settings);
    uint64_t flow;
    const int fd = accepted(a, &flow);
    char some[64];
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(ends_read(&w, fd, some, sizeof some, 4), 4);
        cr_expect_str_eq(some, "\r\n\r\n");
        ends_write(fd, "\r\n", 2);
    }
    cr_expect_eq(recv(fd, some, sizeof some, MSG_DONTWAIT), -1, "pongs are no pings");
    cr_expect_eq(a->failures, 0);
    ENDS_UNTIL(&w, a->failures > 0); /* not answered any more */
    cr_expect_eq(a->failed, flow);
    cr_expect_str_eq(a->note, "no answer to a ping");
    close(fd);
}
