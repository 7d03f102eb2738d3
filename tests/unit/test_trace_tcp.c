/* test_trace_tcp.c: TCP segments to SIP messages. */
#include "trace_seen.h"

static void tcp(const struct route *r, uint32_t seq, uint32_t ack, unsigned flags, const char *data,
                size_t n)
{
    packet_begin(&k, data, n);
    packet_tcp(&k, r, seq, ack, flags);
    packet_ip(&k, r, TCP);
    feed(RAW);
}

static void syn(uint32_t first)
{
    tcp(&out, first - 1, 0, TCP_SYN, "", 0);
}

static void text(uint32_t seq, const char *data, size_t from, size_t to)
{
    tcp(&out, seq + (uint32_t)from, 1, TCP_ACK, data + from, to - from);
}

static const char both[] = ONE "\r\n\r\n" TWO;

static void is_both(void)
{
    cr_assert_eq(seen->count, 2, "%zu messages", seen->count);
    is_message(0, ONE, "");
    is_message(1, TWO, "");
}

Test(trace, several_messages_in_a_segment)
{
    syn(100);
    text(100, both, 0, strlen(both));
    is_both();
    cr_assert_str_eq(seen->all[0].transport, "TCP");
    cr_assert_eq(seen->all[1].frame, 2);
}

Test(trace, every_octet_a_segment)
{
    /* numbers wrap in the middle */
    syn(0xfffffff0);
    for (size_t i = 0; i < strlen(both); i++)
        text(0xfffffff0, both, i, i + 1);
    is_both();
}

Test(trace, segments_out_of_order)
{
    size_t n = strlen(both);

    syn(100);
    text(100, both, 60, n);
    text(100, both, 20, 60);
    text(100, both, 0, 20);
    is_both();
    cr_assert_eq(t.notes[NOTE_GAP], 0);
}

Test(trace, segments_backwards)
{
    syn(100);
    for (size_t i = strlen(both); i-- > 0;)
        text(100, both, i, i + 1);
    is_both();
}

Test(trace, retransmissions_and_overlaps)
{
    char other[sizeof both];
    size_t n = strlen(both);

    memset(other, 'x', n);
    syn(100);
    text(100, both, 0, 40);
    syn(100);
    text(100, both, 0, 40);
    text(100, other, 0, 30); /* what was delivered counts */
    text(100, both, 60, 80);
    text(100, both, 60, 80);
    text(100, both, 30, 70);
    text(100, both, 70, n);
    text(100, both, 0, n);
    is_both();
}

Test(trace, a_gap_that_was_acknowledged)
{
    static const char three[] = ONE TWO ONE;
    size_t one = strlen(ONE), two = strlen(TWO), n = strlen(three);

    syn(100);
    text(100, three, 0, one + 10);
    text(100, three, one + 20, one + two - 5);
    cr_assert_eq(seen->count, 1);
    tcp(&back, 1, 100 + (uint32_t)(one + two), TCP_ACK, "", 0);
    text(100, three, one + two - 5, n);
    cr_assert_eq(seen->count, 3);
    is_message(0, ONE, "");
    cr_assert_eq(seen->all[1].n, 10);
    cr_assert_not_null(strstr(seen->all[1].damage, "missing"));
    is_message(2, ONE, "");
    cr_assert_eq(t.notes[NOTE_GAP], 1);
}

Test(trace, a_gap_at_the_end)
{
    static const char pair[] = "\r\n" TWO;

    syn(100);
    text(100, ONE, 0, 50);
    text(200, pair, 0, strlen(pair));
    cr_assert_eq(seen->count, 0);
    tcp_end(&t);
    cr_assert_eq(seen->count, 2);
    cr_assert_not_null(strstr(seen->all[0].damage, "missing"));
    is_message(1, TWO, "");
}

Test(trace, too_many_segments_wait)
{
    t.limits.segments = 8;
    syn(100);
    for (uint32_t i = 0; i < 1000; i++)
        text(200 + 2 * i, "x", 0, 1);
    cr_assert_gt(t.notes[NOTE_GAP], 900);
    cr_assert_leq(t.connections.octets, 16);
}

Test(trace, in_the_middle_of_a_connection)
{
    static const char tail[] = "rest of a body\r\nand more\r\n" ONE TWO;

    text(5000, tail, 0, 30);
    text(5000, tail, 30, strlen(tail));
    is_both();
}

Test(trace, what_is_not_sip_is_not_kept)
{
    static const char http[] = "POST / HTTP/1.1\r\nHost: h\r\n\r\n" ONE;
    static char junk[60000];

    memset(junk, 'j', sizeof junk);
    syn(100);
    text(100, http, 0, strlen(http));
    for (uint32_t i = 0; i < 100; i++)
        text(100 + (uint32_t)strlen(http) + i * 60000, junk, 0, 60000);
    cr_assert_eq(seen->count, 0);
    cr_assert_eq(t.connections.octets, 0);
    /* in the middle of a connection a line may become one */
    tcp(&back, 1, 1, TCP_ACK, junk, sizeof junk);
    tcp(&back, 60001, 1, TCP_ACK, junk, sizeof junk);
    cr_assert_leq(t.connections.octets, 8192);
}

Test(trace, an_end_that_cannot_be_decided)
{
    static const char bad[] = "OPTIONS sip:a@b SIP/2.0\r\nContent-Length: x\r\n\r\n" TWO;

    syn(100);
    text(100, bad, 0, strlen(bad));
    cr_assert_eq(seen->count, 2);
    cr_assert_not_null(strstr(seen->all[0].damage, "cannot be decided"));
    is_message(1, TWO, "");
    cr_assert_eq(t.notes[NOTE_FRAMING], 1);
}

Test(trace, an_end_within_a_message)
{
    syn(100);
    text(100, ONE, 0, 70);
    tcp(&out, 170, 1, TCP_RST, "", 0);
    cr_assert_eq(seen->count, 1);
    cr_assert_not_null(strstr(seen->all[0].damage, "ends within"));
}

Test(trace, a_new_connection_between_the_same_ports)
{
    syn(100);
    text(100, ONE, 0, 20);
    syn(900000);
    text(900000, TWO, 0, strlen(TWO));
    cr_assert_eq(seen->count, 2);
    is_message(1, TWO, "");
}

Test(trace, both_directions)
{
    syn(100);
    tcp(&back, 499, 100, TCP_SYN | TCP_ACK, "", 0);
    text(100, ONE, 0, strlen(ONE));
    tcp(&back, 500, 100, TCP_ACK, TWO, strlen(TWO));
    is_both();
    cr_assert_str_eq(seen->all[1].source, "192.0.2.2:5090");
}

Test(trace, connections_have_limits)
{
    t.limits.connections = 10;
    for (uint16_t i = 0; i < 100; i++) {
        struct route r = {1, 2, (uint16_t)(6000 + i), 5060, false};

        tcp(&r, 99, 0, TCP_SYN, "", 0);
        tcp(&r, 100, 0, TCP_ACK, ONE, 50);
    }
    cr_assert_eq(t.connections.count, 10);
    cr_assert_eq(t.notes[NOTE_CONNECTIONS], 90);
    t.limits.stream_octets = 200;
    syn(100);
    cr_assert_leq(t.connections.octets, 200);
    cr_assert_gt(t.notes[NOTE_OCTETS], 0);
}

Test(trace, many_messages_with_undecided_ends_take_linear_time)
{
    static const char bad[] = "OPTIONS sip:a@b SIP/2.0\r\nl: x\r\n\r\n";
    static char flood[64000];
    size_t n = strlen(bad);

    for (size_t i = 0; i + n <= sizeof flood; i += n)
        memcpy(flood + i, bad, n);
    syn(100);
    text(100, flood, 0, sizeof flood / n * n);
    cr_assert_eq(seen->count, sizeof flood / n);
}
