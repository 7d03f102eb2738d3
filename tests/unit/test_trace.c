/* test_trace.c: packets to SIP messages, as `sipvet trace` reads captures. */
#include "../../tools/trace/trace.h"

#include "packets.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { ETHERNET = 1, RAW = 101, UDP = 17, TCP = 6 };

/* ---- What comes out -------------------------------------------------------------------------- */

enum { SEEN_MAX = 4096 };

struct seen {
    size_t count;
    struct {
        char text[4096];
        size_t n;
        char source[64], damage[TRACE_DAMAGE], transport[8];
        uint64_t frame;
    } all[SEEN_MAX];
};

static struct seen *seen;
static struct trace t;
static struct packet k;
static const struct route out = {1, 2, 5070, 5090, false}, back = {2, 1, 5090, 5070, false};
static const struct route out6 = {1, 2, 5070, 5090, true};

static void sink(void *user, const struct trace_message *m)
{
    size_t i = seen->count++;

    cr_assert_eq(user, seen);
    cr_assert_lt(i, SEEN_MAX);
    seen->all[i].n = m->data.n;
    memcpy(seen->all[i].text, m->data.p,
           m->data.n < sizeof seen->all[i].text ? m->data.n : sizeof seen->all[i].text);
    memcpy(seen->all[i].source, m->source, 63);
    memcpy(seen->all[i].damage, m->damage, sizeof m->damage);
    memcpy(seen->all[i].transport, m->transport, 7);
    seen->all[i].frame = m->frame;
}

static void begin(void)
{
    seen = calloc(1, sizeof *seen);
    trace_begin(&t, sink, seen);
    t.file = "test";
}

static void finish(void)
{
    tcp_end(&t);
    fragments_free(&t);
    trace_end(&t);
    cr_assert_eq(t.connections.octets, 0);
    cr_assert_eq(t.datagrams.octets, 0);
    free(seen);
}

TestSuite(trace, .init = begin, .fini = finish);

/* Goes in from memory of its own size, so that a sanitizer sees what is read beyond. */
static void feed(int link)
{
    unsigned char *copy = malloc(k.n ? k.n : 1);

    memcpy(copy, packet_bytes(&k), k.n);
    t.frame++;
    link_packet(&t, link, copy, k.n);
    free(copy);
}

static void is_message(size_t i, const char *text, const char *damage)
{
    cr_assert_lt(i, seen->count, "there are only %zu messages", seen->count);
    cr_assert_eq(seen->all[i].n, strlen(text), "message %zu has %zu octets, not %zu", i,
                 seen->all[i].n, strlen(text));
    cr_assert_arr_eq(seen->all[i].text, text, strlen(text));
    cr_assert_not_null(strstr(seen->all[i].damage, damage), "damage of %zu: %s", i,
                       seen->all[i].damage);
    cr_assert_eq(!*damage, !*seen->all[i].damage);
}

#define ONE "OPTIONS sip:a@example.com SIP/2.0\r\nCall-ID: one\r\nContent-Length: 4\r\n\r\nbody"
#define TWO "SIP/2.0 200 OK\r\nCall-ID: two\r\nContent-Length: 0\r\n\r\n"

/* ---- Link layers and IP ---------------------------------------------------------------------- */

static void udp_ip(const struct route *r, const char *text)
{
    packet_begin(&k, text, strlen(text));
    packet_udp(&k, r);
    packet_ip(&k, r, UDP);
}

Test(trace, link_types)
{
    static const struct {
        int link;
        size_t n;
        unsigned char head[20];
    } cases[] = {
        {1, 14, {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0}},
        {1, 18, {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x81, 0, 0, 5, 8, 0}},
        {113, 16, {0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0}},
        {276, 20, {8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0}},
        {0, 4, {2, 0, 0, 0}},
        {0, 4, {0, 0, 0, 2}},
        {108, 4, {0, 0, 0, 2}},
        {101, 0, {0}},
        {12, 0, {0}},
        {228, 0, {0}},
    };
    const size_t count = sizeof cases / sizeof *cases;

    for (size_t i = 0; i < count; i++) {
        cr_assert(link_known(cases[i].link));
        udp_ip(&out, ONE);
        packet_front(&k, cases[i].head, cases[i].n);
        feed(cases[i].link);
        is_message(i, ONE, "");
        cr_assert_str_eq(seen->all[i].source, "192.0.2.1:5070");
        cr_assert_str_eq(seen->all[i].transport, "UDP");
    }
    cr_assert_not(link_known(127));
    cr_assert_eq(seen->count, count);
}

Test(trace, stacked_vlan_tags)
{
    static const unsigned char tags[] = {2,    0, 0, 0,    0, 2, 2, 0,    0, 0, 0, 1,    0x88,
                                         0xa8, 0, 1, 0x91, 0, 0, 2, 0x81, 0, 0, 3, 0x86, 0xdd};

    udp_ip(&out6, ONE);
    packet_front(&k, tags, sizeof tags);
    feed(ETHERNET);
    is_message(0, ONE, "");
    cr_assert_str_eq(seen->all[0].source, "[2001:db8::1]:5070");
}

Test(trace, padding_of_short_frames_is_no_part_of_a_message)
{
    udp_ip(&out, TWO);
    memset(k.room + k.at + k.n, 'x', 9);
    k.n += 9;
    packet_ethernet(&k, &out);
    feed(ETHERNET);
    is_message(0, TWO, "");
}

Test(trace, extension_headers)
{
    static const unsigned char destination[8] = {UDP}, routing[16] = {60, 1}, hop_by_hop[8] = {43};

    packet_begin(&k, ONE, strlen(ONE));
    packet_udp(&k, &out6);
    packet_front(&k, destination, sizeof destination);
    packet_front(&k, routing, sizeof routing);
    packet_front(&k, hop_by_hop, sizeof hop_by_hop);
    packet_ip6(&k, &out6, 0);
    feed(RAW);
    is_message(0, ONE, "");
}

Test(trace, other_ports_and_other_content)
{
    struct route odd = {1, 2, 1, 65535, false};

    udp_ip(&odd, ONE);
    feed(RAW);
    udp_ip(&out, "GET / HTTP/1.1\r\n\r\n");
    feed(RAW);
    udp_ip(&out, "\r\n\r\n");
    feed(RAW);
    udp_ip(&out, "");
    feed(RAW);
    udp_ip(&out, "\r\n" TWO);
    feed(RAW);
    cr_assert_eq(seen->count, 2);
    is_message(0, ONE, "");
}

Test(trace, lengths_that_lie)
{
    /* total, header length, UDP length: none may be believed */
    udp_ip(&out, ONE);
    k.room[k.at + 2] = 0xff;
    feed(RAW);
    is_message(0, ONE, "captured in part");
    udp_ip(&out, ONE);
    k.room[k.at + 3] = 19;
    k.room[k.at + 2] = 0;
    feed(RAW);
    udp_ip(&out, ONE);
    k.room[k.at] = 0x4f;
    feed(RAW);
    udp_ip(&out, ONE);
    k.room[k.at] = 0x44;
    feed(RAW);
    udp_ip(&out, ONE);
    k.room[k.at + 24] = 0;
    k.room[k.at + 25] = 7;
    feed(RAW);
    cr_assert_eq(seen->count, 1);
    udp_ip(&out, ONE);
    k.room[k.at + 24] = 0xff;
    feed(RAW);
    is_message(1, ONE, "captured in part");
    cr_assert_eq(t.notes[NOTE_LENGTH], 3);
}

Test(trace, every_beginning_of_a_packet)
{
    static const int links[] = {0, 1, 12, 101, 108, 113, 228, 229, 276};
    const struct route *routes[] = {&out, &out6};

    for (size_t v = 0; v < 2; v++)
        for (size_t protocol = 0; protocol < 2; protocol++)
            for (size_t i = 0; i < sizeof links / sizeof *links; i++)
                for (size_t n = 0; n < 120; n++) {
                    packet_begin(&k, ONE, strlen(ONE));
                    if (protocol == 0)
                        packet_udp(&k, routes[v]);
                    else
                        packet_tcp(&k, routes[v], 1, 0, TCP_ACK);
                    packet_ip(&k, routes[v], protocol ? TCP : UDP);
                    if (links[i] == 1)
                        packet_ethernet(&k, routes[v]);
                    if (k.n > n)
                        k.n = n;
                    feed(links[i]);
                }
    cr_assert_gt(t.notes[NOTE_LENGTH], 100);
}

/* ---- Fragments ------------------------------------------------------------------------------- */

static unsigned char whole[66000];
static size_t whole_n;

/* A UDP datagram of ONE with a long body. */
static void make_whole(const struct route *r, size_t body)
{
    char head[128];
    size_t n =
        (size_t)snprintf(head, sizeof head,
                         "OPTIONS sip:a@example.com SIP/2.0\r\nContent-Length: %zu\r\n\r\n", body);

    memcpy(whole, head, n);
    for (size_t i = 0; i < body; i++)
        whole[n + i] = (unsigned char)('a' + i % 26);
    packet_begin(&k, whole, n + body);
    packet_udp(&k, r);
    whole_n = k.n;
    memcpy(whole, packet_bytes(&k), k.n);
}

static void fragment(const struct route *r, unsigned id, size_t from, size_t to)
{
    bool more = to < whole_n;

    packet_begin(&k, whole + from, (more ? to : whole_n) - from);
    if (r->v6) {
        unsigned char h[8] = {
            UDP, 0, (unsigned char)(from >> 8), (unsigned char)((from & 0xf8) | more), 0,
            0,   0, (unsigned char)id};

        packet_front(&k, h, sizeof h);
        packet_ip6(&k, r, 44);
    } else {
        packet_ip4(&k, r, UDP, id, (more ? 0x2000 : 0) | (unsigned)(from / 8));
    }
    feed(RAW);
}

static void is_whole(size_t i)
{
    cr_assert_lt(i, seen->count);
    cr_assert_eq(seen->all[i].n, whole_n - 8);
    cr_assert_arr_eq(seen->all[i].text, whole + 8, 1000);
    cr_assert_str_empty(seen->all[i].damage);
}

Test(trace, fragments_in_any_order)
{
    static const size_t orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                        {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    static const size_t bounds[4] = {0, 800, 1600, 99999};
    const struct route *routes[] = {&out, &out6};

    for (size_t v = 0; v < 2; v++)
        for (size_t i = 0; i < 6; i++) {
            make_whole(routes[v], 2000);
            for (size_t j = 0; j < 3; j++) {
                cr_assert_eq(seen->count, v * 6 + i);
                fragment(routes[v], (unsigned)i, bounds[orders[i][j]], bounds[orders[i][j] + 1]);
            }
            is_whole(v * 6 + i);
        }
    cr_assert_eq(t.notes[NOTE_FRAGMENT], 0);
}

Test(trace, fragments_that_overlap)
{
    make_whole(&out, 2000);
    fragment(&out, 1, 0, 800);
    memset(whole + 400, 'x', 400); /* what came first counts */
    fragment(&out, 1, 400, 1600);
    make_whole(&out, 2000);
    fragment(&out, 1, 1600, 9999);
    is_whole(0);

    make_whole(&out6, 2000); /* RFC 5722: not in IPv6 */
    fragment(&out6, 2, 0, 800);
    fragment(&out6, 2, 400, 1600);
    fragment(&out6, 2, 1600, 9999);
    cr_assert_eq(seen->count, 1);
    cr_assert_eq(t.notes[NOTE_FRAGMENT], 1);
}

Test(trace, repeated_fragments)
{
    make_whole(&out6, 2000);
    for (int i = 0; i < 3; i++)
        fragment(&out6, 1, 0, 800);
    for (int i = 0; i < 3; i++)
        fragment(&out6, 1, 1600, 9999);
    fragment(&out6, 1, 800, 1600);
    is_whole(0);
    cr_assert_eq(seen->count, 1);
}

Test(trace, fragments_whose_ends_contradict)
{
    make_whole(&out, 2000);
    fragment(&out, 1, 0, 800);
    fragment(&out, 1, 1600, 9999);
    whole_n -= 100; /* another end */
    fragment(&out, 1, 1600, 9999);
    cr_assert_eq(t.notes[NOTE_FRAGMENT], 1);
    make_whole(&out, 2000); /* octets behind the end */
    fragment(&out, 2, 800, 1600);
    whole_n = 800;
    fragment(&out, 2, 400, 800);
    cr_assert_eq(seen->count, 0);
    cr_assert_eq(t.notes[NOTE_FRAGMENT], 2);
}

Test(trace, fragments_beyond_the_largest_datagram)
{
    make_whole(&out, 2000);
    packet_begin(&k, whole, 800);
    packet_ip4(&k, &out, UDP, 1, 0x1fff); /* 65528 + 800 */
    feed(RAW);
    cr_assert_eq(t.notes[NOTE_LENGTH], 1);
    cr_assert_eq(t.datagrams.count, 0);
}

Test(trace, fragments_have_limits)
{
    t.limits.datagrams = 10;
    make_whole(&out, 2000);
    for (unsigned i = 0; i < 50; i++)
        fragment(&out, i, 800, 1600);
    cr_assert_eq(t.datagrams.count, 10);
    cr_assert_eq(t.notes[NOTE_FRAGMENT_LIMIT], 40);
    t.limits.fragment_octets = 5000;
    fragment(&out, 99, 1600, 9999);
    cr_assert_leq(t.datagrams.octets, 5000 + 4096);
    cr_assert(t.incomplete);
}

Test(trace, fragments_do_not_wait_for_ever)
{
    make_whole(&out, 2000);
    fragment(&out, 1, 0, 800);
    t.time_ns += INT64_C(61) * 1000000000;
    fragment(&out, 2, 0, 800);
    cr_assert_eq(t.datagrams.count, 1);
    cr_assert_eq(t.notes[NOTE_FRAGMENT], 1);
}

/* ---- TCP ------------------------------------------------------------------------------------- */

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

/* ---- Times ----------------------------------------------------------------------------------- */

Test(trace_time, both_ways)
{
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000000000Z"},
        {951782400000000001, "2000-02-29T00:00:00.000000001Z"},
        {1767322860123456789, "2026-01-02T03:01:00.123456789Z"},
        {4107542399999999999, "2100-02-28T23:59:59.999999999Z"},
        {9214646399000000000, "2261-12-31T23:59:59.000000000Z"},
    };
    static const char *const bad[] = {"",
                                      "2026-01-02",
                                      "2026-13-02T03:01:00Z",
                                      "2026-01-02T24:01:00Z",
                                      "2026-01-02T03:01:00",
                                      "2026-01-02T03:01:00.Z",
                                      "2026-01-02T03:01:00.0000000001Z",
                                      "1969-12-31T23:59:59Z",
                                      "2262-01-01T00:00:00Z",
                                      "2026-01-02T03:01:00Zx"};
    int64_t ns;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[TIME_TEXT];

        time_text(cases[i].ns, text);
        cr_assert_str_eq(text, cases[i].text);
        cr_assert(time_read(text, &ns));
        cr_assert_eq(ns, cases[i].ns);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert_not(time_read(bad[i], &ns), "%s", bad[i]);
    cr_assert(time_read("2026-01-02T03:01:00.5Z", &ns));
    cr_assert_eq(ns, 1767322860500000000);
}
