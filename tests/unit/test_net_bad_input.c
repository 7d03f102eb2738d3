/* The corpus over sockets, whole and damaged: whatever comes, those who come after it are served,
 * and in the end nothing is left. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ends.h"
#include "files.h"

enum { LONGEST = 60000 };

static struct ends w;
static struct end *a;
static int udp;
static uint16_t port, here;
static size_t n_files;

static void open_it(void)
{
    const struct net_settings settings = ends_settings(HOP_UDP, "127.0.0.1");
    ends_open(&w);
    cr_assert_eq(ends_add(&w, &settings, &a), SIPV_OK, "%s", w.problem);
    port = ends_hop(a, HOP_UDP).port;
    udp = ends_udp_socket(&here);
    cr_assert_geq(udp, 0);
}

static void close_it(void)
{
    close(udp);
    cr_expect(ends_close(&w), "the loop does not end");
}

TestSuite(net_bad_input, .init = open_it, .fini = close_it);

/* Over a connection of its own, in two pieces. */
static void over_tcp(const unsigned char *octets, size_t n, size_t cut)
{
    const int fd = ends_tcp_connect(port);
    cr_assert_geq(fd, 0);
    if (send(fd, octets, cut, MSG_NOSIGNAL) >= 0) {
        ends_turn(&w);
        send(fd, octets + cut, n - cut, MSG_NOSIGNAL);
    }
    close(fd);
    ends_turn(&w);
}

static void over_udp(const unsigned char *octets, size_t n)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    cr_assert_eq(sendto(udp, octets, n, 0, (const struct sockaddr *)&address, sizeof address),
                 (ssize_t)n);
    ends_turn(&w);
}

static void damage(unsigned char *octets, size_t n)
{
    for (size_t i = n_files % 37; i < n; i += 97)
        octets[i] = (unsigned char)(octets[i] ^ (1u << (i % 8)));
}

static void file(const char *path, void *with)
{
    size_t n;
    unsigned char *octets = file_read(path, &n);
    (void)with;
    cr_assert(octets, "%s", path);
    if (n > 0 && n <= LONGEST) {
        for (int damaged = 0; damaged < 2; damaged++) {
            over_udp(octets, n);
            over_tcp(octets, n, n_files % n);
            damage(octets, n);
        }
        n_files++;
    }
    free(octets);
}

static void good_ones(void)
{
    const struct hop self = ends_hop(a, HOP_TCP);
    const unsigned before = a->requests;
    char *text = ends_request(a, HOP_TCP, "TCP a.example;branch=z9hG4bK1", 10);
    const int fd = ends_tcp_connect(self.port);
    ends_write(fd, text, strlen(text));
    ends_udp_send(udp, self.port, text);
    ENDS_UNTIL(&w, a->requests >= before + 2);
    cr_expect_geq(a->requests, before + 2);
    close(fd);
    free(text);
}

Test(net_bad_input, the_corpus)
{
    cr_assert(files_below("corpus", file, NULL));
    cr_expect_gt(n_files, 100);
    good_ones();
    ENDS_UNTIL(&w, net_connections(a->net) == 0);
    cr_expect_eq(net_connections(a->net), 0);
    cr_expect_eq(net_octets(a->net), 0);
    cr_expect_gt(a->requests, 10);
    cr_expect_gt(a->failures, 0);
}

/* Vias as a response may have them: it is sent somewhere or fails, and nobody else suffers. */
Test(net_bad_input, responses_with_odd_vias)
{
    static const char *const vias[] = {
        "SIP/2.0/UDP 127.0.0.1:1",
        "SIP/2.0/UDP 127.0.0.1:0",
        "SIP/2.0/UDP [::1]:5060",
        "SIP/2.0/UDP 192.0.2.1",
        "SIP/2.0/SCTP 127.0.0.1:1",
        "SIP/2.0/UDP 127.0.0.1:1;rport=0",
        "SIP/2.0/UDP 127.0.0.1:1;rport=x",
        "SIP/2.0/UDP 127.0.0.1:1;received=",
        "SIP/2.0/UDP x;received=192.0.2.1",
        "SIP/2.0/UDP x;maddr=239.1.1.1;received=127.0.0.1",
        "SIP/2.0/UDP [::ffff:127.0.0.1]:1",
        "SIP/2.0/UDP 999.999.999.999",
        "SIP/2.0/UDP",
        "",
        "SIP/2.0/TCP 127.0.0.1:1",
        "SIP/2.0/UDP 127.0.0.1:99999",
    };
    const struct hop back = {HOP_UDP, "127.0.0.1", here};
    for (size_t i = 0; i < sizeof vias / sizeof *vias; i++) {
        char text[256];
        snprintf(text, sizeof text, "SIP/2.0 200 OK\r\nVia: %s\r\n\r\n", vias[i]);
        ends_send(a, ends_flow(a, back), text);
        ends_send(a, 0, text);
        ends_send(a, UINT64_MAX, text);
        ends_turn(&w);
    }
    good_ones();
}
