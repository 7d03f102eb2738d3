/* packets.c: see packets.h. */
#include "packets.h"

#include <stdlib.h>
#include <string.h>

static void put16(unsigned char *p, unsigned v)
{
    p[0] = (unsigned char)(v >> 8);
    p[1] = (unsigned char)v;
}

static void put32(unsigned char *p, uint32_t v)
{
    put16(p, v >> 16);
    put16(p + 2, v & 0xffff);
}

void packet_begin(struct packet *k, const void *data, size_t n)
{
    if (n > PACKET_MAX)
        abort();
    k->at = PACKET_FRONT;
    k->n = n;
    if (n > 0)
        memcpy(k->room + PACKET_FRONT, data, n);
}

const unsigned char *packet_bytes(const struct packet *k)
{
    return k->room + k->at;
}

void packet_front(struct packet *k, const void *header, size_t n)
{
    if (n > k->at)
        abort();
    k->at -= n;
    k->n += n;
    memcpy(k->room + k->at, header, n);
}

void packet_udp(struct packet *k, const struct route *r)
{
    unsigned char h[8] = {0};

    put16(h, r->from_port);
    put16(h + 2, r->to_port);
    put16(h + 4, (unsigned)k->n + 8);
    packet_front(k, h, sizeof h);
}

void packet_tcp(struct packet *k, const struct route *r, uint32_t seq, uint32_t ack, unsigned flags)
{
    unsigned char h[20] = {0};

    put16(h, r->from_port);
    put16(h + 2, r->to_port);
    put32(h + 4, seq);
    put32(h + 8, ack);
    h[12] = 5 << 4;
    h[13] = (unsigned char)flags;
    put16(h + 14, 65535);
    packet_front(k, h, sizeof h);
}

void packet_ip4(struct packet *k, const struct route *r, unsigned protocol, unsigned id,
                unsigned fragment)
{
    unsigned char h[20] = {0x45, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 192, 0, 2, 0, 192, 0, 2, 0};
    uint32_t sum = 0;

    put16(h + 2, (unsigned)k->n + 20);
    put16(h + 4, id);
    put16(h + 6, fragment);
    h[9] = (unsigned char)protocol;
    h[15] = r->from;
    h[19] = r->to;
    for (size_t i = 0; i < sizeof h; i += 2)
        sum += (uint32_t)h[i] << 8 | h[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    put16(h + 10, ~((sum & 0xffff) + (sum >> 16)) & 0xffff);
    packet_front(k, h, sizeof h);
}

void packet_ip6(struct packet *k, const struct route *r, unsigned next)
{
    unsigned char h[40] = {0x60};
    static const unsigned char net[4] = {0x20, 0x01, 0x0d, 0xb8};

    put16(h + 4, (unsigned)k->n);
    h[6] = (unsigned char)next;
    h[7] = 64;
    memcpy(h + 8, net, 4);
    h[23] = r->from;
    memcpy(h + 24, net, 4);
    h[39] = r->to;
    packet_front(k, h, sizeof h);
}

void packet_ip(struct packet *k, const struct route *r, unsigned protocol)
{
    if (r->v6)
        packet_ip6(k, r, protocol);
    else
        packet_ip4(k, r, protocol, 1, 0);
}

void packet_ethernet(struct packet *k, const struct route *r)
{
    unsigned char h[14] = {2, 0, 0, 0, 0, r->to, 2, 0, 0, 0, 0, r->from};

    put16(h + 12, r->v6 ? 0x86dd : 0x0800);
    packet_front(k, h, sizeof h);
}

/* ---- Files ----------------------------------------------------------------------------------- */

/* In the byte order of the capture. */
static void number(const struct capture *c, uint32_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        putc((int)(v >> 8 * (c->swap ? n - 1 - i : i) & 0xff), c->out);
}

void capture_begin(struct capture *c)
{
    if (c->ng) {
        number(c, 0x0a0d0d0a, 4);
        number(c, 28, 4);
        number(c, 0x1a2b3c4d, 4);
        number(c, 1, 2);
        number(c, 0, 2);
        number(c, UINT32_MAX, 4);
        number(c, UINT32_MAX, 4);
        number(c, 28, 4);
        number(c, 1, 4); /* an interface, whose times have nanoseconds */
        number(c, 32, 4);
        number(c, c->link, 2);
        number(c, 0, 2);
        number(c, 262144, 4);
        number(c, 9, 2);
        number(c, 1, 2);
        number(c, 9, 1);
        number(c, 0, 3);
        number(c, 0, 4);
        number(c, 32, 4);
        return;
    }
    number(c, c->nanos ? 0xa1b23c4d : 0xa1b2c3d4, 4);
    number(c, 2, 2);
    number(c, 4, 2);
    number(c, 0, 4);
    number(c, 0, 4);
    number(c, 262144, 4);
    number(c, c->link, 4);
}

void capture_packet_cut(struct capture *c, const struct packet *k, size_t kept)
{
    uint64_t ns = (uint64_t)c->time_ns;
    size_t padding = (4 - kept % 4) % 4;

    if (c->ng) {
        number(c, 6, 4);
        number(c, (uint32_t)(32 + kept + padding), 4);
        number(c, 0, 4);
        number(c, (uint32_t)(ns >> 32), 4);
        number(c, (uint32_t)ns, 4);
    } else {
        number(c, (uint32_t)(ns / 1000000000), 4);
        number(c, (uint32_t)(ns % 1000000000) / (c->nanos ? 1 : 1000), 4);
    }
    number(c, (uint32_t)kept, 4);
    number(c, (uint32_t)k->n, 4);
    fwrite(packet_bytes(k), 1, kept, c->out);
    if (c->ng) {
        number(c, 0, padding);
        number(c, (uint32_t)(32 + kept + padding), 4);
    }
    c->time_ns += 1000000;
}

void capture_packet(struct capture *c, const struct packet *k)
{
    capture_packet_cut(c, k, k->n);
}
