/* packets.h: packets and captures for the tests of traces, so that none need lie in the tree. */
#ifndef TESTS_PACKETS_H
#define TESTS_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A packet grows to the front: its data first, then a header of each layer. */
enum { PACKET_FRONT = 512, PACKET_MAX = 70000 };

struct packet {
    unsigned char room[PACKET_FRONT + PACKET_MAX];
    size_t at, n;
};

/* Hosts are 192.0.2.HOST or 2001:db8::HOST. */
struct route {
    unsigned char from, to;
    uint16_t from_port, to_port;
    bool v6;
};

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_ACK = 16 };

void packet_begin(struct packet *k, const void *data, size_t n);
const unsigned char *packet_bytes(const struct packet *k);
void packet_front(struct packet *k, const void *header, size_t n);
void packet_udp(struct packet *k, const struct route *r);
void packet_tcp(struct packet *k, const struct route *r, uint32_t seq, uint32_t ack,
                unsigned flags);
/* `fragment` is the field with flags and offset. */
void packet_ip4(struct packet *k, const struct route *r, unsigned protocol, unsigned id,
                unsigned fragment);
void packet_ip6(struct packet *k, const struct route *r, unsigned next);
/* The IP header of the route, without fragments. */
void packet_ip(struct packet *k, const struct route *r, unsigned protocol);
void packet_ethernet(struct packet *k, const struct route *r);

/* ---- Files ----------------------------------------------------------------------------------- */

struct capture {
    FILE *out;
    bool ng;    /* pcapng */
    bool swap;  /* the other byte order (pcap) */
    bool nanos; /* nanoseconds (pcap) */
    unsigned link;
    int64_t time_ns; /* of the next packet; then it moves on by a millisecond */
};

void capture_begin(struct capture *c);
/* `kept` octets of the packet are in the file. */
void capture_packet_cut(struct capture *c, const struct packet *k, size_t kept);
void capture_packet(struct capture *c, const struct packet *k);

#endif
