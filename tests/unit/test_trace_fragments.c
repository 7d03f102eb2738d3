/* test_trace_fragments.c: fragments of IP datagrams to SIP messages. */
#include "trace_seen.h"

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
