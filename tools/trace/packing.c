/* packing.c: see packing.h.  pcap as draft-ietf-opsawg-pcap has it, with nanoseconds; link type RAW
 * (RFC 791 or RFC 8200 from the first octet); UDP of RFC 768, TCP of RFC 9293. */
#include "packing.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC_NS 0xa1b23c4du

enum {
    LINKTYPE_RAW = 101,
    SNAP = 262144,
    IPV4_HEAD = 20,
    IPV6_HEAD = 40,
    UDP_HEAD = 8,
    TCP_HEAD = 20,
    SEGMENT = 32768, /* octets of a message in one packet of TCP */
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    CONNECTIONS_KEPT = 1024
};

enum { TCP_SYN = 2, TCP_PUSH = 8, TCP_ACK = 16 };

/* A connection that has begun, and what each end has sent. */
struct kept {
    struct address_pair ends;
    uint32_t next[2]; /* sequence numbers, of ends.source and ends.destination */
    uint64_t used;
};

struct packing {
    FILE *file;
    struct kept kept[CONNECTIONS_KEPT];
    size_t n_kept;
    uint64_t messages;
    unsigned char packet[IPV6_HEAD + TCP_HEAD + 65535];
};

/* ---- The file -------------------------------------------------------------------------------- */

static void put_native(FILE *file, uint32_t value)
{
    fwrite(&value, sizeof value, 1, file);
}

struct packing *packing_begin(FILE *file)
{
    struct packing *p = need(1, sizeof *p);
    const uint16_t version[] = {2, 4};

    memset(p, 0, sizeof *p);
    p->file = file;
    put_native(file, MAGIC_NS);
    fwrite(version, sizeof version, 1, file);
    put_native(file, 0);
    put_native(file, 0);
    put_native(file, SNAP);
    put_native(file, LINKTYPE_RAW);
    return p;
}

void packing_end(struct packing *p)
{
    free(p);
}

static void write_packet(struct packing *p, int64_t time_ns, size_t n)
{
    put_native(p->file, (uint32_t)(time_ns / 1000000000));
    put_native(p->file, (uint32_t)(time_ns % 1000000000));
    put_native(p->file, (uint32_t)n);
    put_native(p->file, (uint32_t)n);
    fwrite(p->packet, 1, n, p->file);
}

/* ---- Addresses ------------------------------------------------------------------------------- */

/* "192.0.2.1:5060" or "[2001:db8::1]:5060"; anything else is 0.0.0.0. */
static struct address address_read(const char *text)
{
    struct address a = {.n = 4};
    char host[TRACE_NAME];
    const char *colon = strrchr(text, ':');
    uint64_t port = 0;
    size_t n = colon ? (size_t)(colon - text) : strlen(text);

    if (colon && sipv_number(sipv_slice_text(colon + 1), UINT16_MAX, &port) == SIPV_OK)
        a.port = (uint16_t)port;
    if (n >= 2 && text[0] == '[' && text[n - 1] == ']') {
        memcpy(host, text + 1, n - 2);
        host[n - 2] = '\0';
    } else {
        memcpy(host, text, n);
        host[n] = '\0';
    }
    if (inet_pton(AF_INET6, host, a.octets) == 1)
        a.n = 16;
    else if (inet_pton(AF_INET, host, a.octets) != 1)
        memset(a.octets, 0, sizeof a.octets);
    return a;
}

/* ---- Headers --------------------------------------------------------------------------------- */

static void put16(unsigned char *p, unsigned value)
{
    p[0] = (unsigned char)(value >> 8);
    p[1] = (unsigned char)value;
}

static void put32(unsigned char *p, uint32_t value)
{
    put16(p, value >> 16);
    put16(p + 2, value & 0xffff);
}

/* RFC 1071, not yet folded. */
static uint32_t sum(uint32_t so_far, const unsigned char *p, size_t n)
{
    for (size_t i = 0; i + 1 < n; i += 2)
        so_far += be16(p + i);
    return n % 2 ? so_far + ((uint32_t)p[n - 1] << 8) : so_far;
}

static unsigned folded(uint32_t value)
{
    while (value >> 16)
        value = (value & 0xffff) + (value >> 16);
    return ~value & 0xffff;
}

static size_t ip_head(const struct address_pair *ends)
{
    return ends->source.n == 16 ? IPV6_HEAD : IPV4_HEAD;
}

/* The header for `n` octets behind it. */
static void put_ip(unsigned char *p, const struct address_pair *ends, unsigned protocol, size_t n)
{
    memset(p, 0, ip_head(ends));
    if (ends->source.n == 16) {
        p[0] = 0x60;
        put16(p + 4, (unsigned)n);
        p[6] = (unsigned char)protocol;
        p[7] = 64;
        memcpy(p + 8, ends->source.octets, 16);
        memcpy(p + 24, ends->destination.octets, 16);
        return;
    }
    p[0] = 0x45;
    put16(p + 2, (unsigned)(IPV4_HEAD + n));
    p[6] = 0x40; /* not to be fragmented */
    p[8] = 64;
    p[9] = (unsigned char)protocol;
    memcpy(p + 12, ends->source.octets, 4);
    memcpy(p + 16, ends->destination.octets, 4);
    put16(p + 10, folded(sum(0, p, IPV4_HEAD)));
}

/* The checksum of UDP or TCP, with its pseudo header. */
static unsigned checksum(const unsigned char *p, const struct address_pair *ends, unsigned protocol,
                         size_t n)
{
    uint32_t value = (uint32_t)n + protocol;

    value = sum(value, ends->source.octets, ends->source.n);
    value = sum(value, ends->destination.octets, ends->destination.n);
    return folded(sum(value, p, n));
}

static void put_ports(unsigned char *p, const struct address_pair *ends)
{
    put16(p, ends->source.port);
    put16(p + 2, ends->destination.port);
}

/* ---- UDP ------------------------------------------------------------------------------------- */

static void add_datagram(struct packing *p, int64_t time_ns, const struct address_pair *ends,
                         sipv_slice data)
{
    const size_t head = ip_head(ends);
    const size_t most = 65535 - IPV4_HEAD - UDP_HEAD, n = data.n < most ? data.n : most;
    unsigned char *udp = p->packet + head;
    unsigned value;

    put_ip(p->packet, ends, PROTOCOL_UDP, UDP_HEAD + n);
    memset(udp, 0, UDP_HEAD);
    put_ports(udp, ends);
    put16(udp + 4, (unsigned)(UDP_HEAD + n));
    memcpy(udp + UDP_HEAD, data.p, n);
    value = checksum(udp, ends, PROTOCOL_UDP, UDP_HEAD + n);
    put16(udp + 6, value ? value : 0xffff);
    write_packet(p, time_ns, head + UDP_HEAD + n);
}

/* ---- TCP ------------------------------------------------------------------------------------- */

static void add_segment(struct packing *p, int64_t time_ns, const struct address_pair *ends,
                        struct kept *k, bool back, unsigned flags, sipv_slice data)
{
    const size_t head = ip_head(ends);
    unsigned char *tcp = p->packet + head;

    put_ip(p->packet, ends, PROTOCOL_TCP, TCP_HEAD + data.n);
    memset(tcp, 0, TCP_HEAD);
    put_ports(tcp, ends);
    put32(tcp + 4, k->next[back]);
    if (flags & TCP_ACK)
        put32(tcp + 8, k->next[!back]);
    tcp[12] = TCP_HEAD / 4 << 4;
    tcp[13] = (unsigned char)flags;
    put16(tcp + 14, 65535);
    if (data.n > 0)
        memcpy(tcp + TCP_HEAD, data.p, data.n);
    put16(tcp + 16, checksum(tcp, ends, PROTOCOL_TCP, TCP_HEAD + data.n));
    write_packet(p, time_ns, head + TCP_HEAD + data.n);
    k->next[back] += (uint32_t)data.n + ((flags & TCP_SYN) != 0);
}

static struct address_pair turned(const struct address_pair *ends)
{
    const struct address_pair other = {ends->destination, ends->source};

    return other;
}

static bool same(const struct address_pair *a, const struct address_pair *b)
{
    return address_equal(&a->source, &b->source) && address_equal(&a->destination, &b->destination);
}

/* Room for one more: the one not used for longest goes. */
static struct kept *kept_new(struct packing *p)
{
    struct kept *oldest = &p->kept[0];

    if (p->n_kept < CONNECTIONS_KEPT)
        return &p->kept[p->n_kept++];
    for (size_t i = 1; i < p->n_kept; i++)
        if (p->kept[i].used < oldest->used)
            oldest = &p->kept[i];
    return oldest;
}

static struct kept *connection_begin(struct packing *p, int64_t time_ns,
                                     const struct address_pair *ends)
{
    const struct address_pair other = turned(ends);
    const sipv_slice none = {NULL, 0};
    struct kept *k = kept_new(p);

    k->ends = *ends;
    k->next[0] = (uint32_t)p->messages * 65536;
    k->next[1] = ~k->next[0];
    add_segment(p, time_ns, ends, k, false, TCP_SYN, none);
    add_segment(p, time_ns, &other, k, true, TCP_SYN | TCP_ACK, none);
    add_segment(p, time_ns, ends, k, false, TCP_ACK, none);
    return k;
}

/* The connection, and whether its second end sends. */
static struct kept *connection_of(struct packing *p, int64_t time_ns,
                                  const struct address_pair *ends, bool *back)
{
    const struct address_pair other = turned(ends);

    for (size_t i = 0; i < p->n_kept; i++) {
        *back = same(&p->kept[i].ends, &other);
        if (*back || same(&p->kept[i].ends, ends))
            return &p->kept[i];
    }
    *back = false;
    return connection_begin(p, time_ns, ends);
}

static void add_stream(struct packing *p, int64_t time_ns, const struct address_pair *ends,
                       sipv_slice data)
{
    bool back;
    struct kept *k = connection_of(p, time_ns, ends, &back);

    k->used = p->messages;
    for (size_t at = 0, n; at < data.n; at += n) {
        n = data.n - at < SEGMENT ? data.n - at : SEGMENT;
        add_segment(p, time_ns, ends, k, back, TCP_PUSH | TCP_ACK, sipv_slice_of(data.p + at, n));
    }
}

void packing_add(struct packing *p, const struct trace_message *m)
{
    const struct address_pair ends = {address_read(m->source), address_read(m->destination)};

    p->messages++;
    if (strcmp(m->transport, "UDP") == 0)
        add_datagram(p, m->time_ns, &ends, m->data);
    else
        add_stream(p, m->time_ns, &ends, m->data);
}
