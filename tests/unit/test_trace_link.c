/* test_trace_link.c: link layers and IP, packets to SIP messages. */
#include "trace_seen.h"

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
