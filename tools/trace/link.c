/* link.c: link layers, down to an IP packet: Ethernet with any VLAN tags, Linux cooked (v1, v2),
 * BSD loopback, raw IP.  Numbers are those of https://www.tcpdump.org/linktypes.html. */
#include "trace.h"

enum {
    LINK_NULL = 0,
    LINK_ETHERNET = 1,
    LINK_RAW_BSD = 12, /* DLT_RAW where it is not 101 */
    LINK_RAW_OPENBSD = 14,
    LINK_RAW = 101,
    LINK_LOOP = 108,
    LINK_COOKED = 113,
    LINK_IPV4 = 228,
    LINK_IPV6 = 229,
    LINK_COOKED_2 = 276
};

enum {
    TYPE_IPV4 = 0x0800,
    TYPE_IPV6 = 0x86dd,
    TYPE_VLAN = 0x8100,
    TYPE_VLAN_SERVICE = 0x88a8,
    TYPE_VLAN_OLD = 0x9100
};

bool link_known(int link)
{
    switch (link) {
    case LINK_NULL:
    case LINK_ETHERNET:
    case LINK_RAW_BSD:
    case LINK_RAW_OPENBSD:
    case LINK_RAW:
    case LINK_LOOP:
    case LINK_COOKED:
    case LINK_IPV4:
    case LINK_IPV6:
    case LINK_COOKED_2: return true;
    default: return false;
    }
}

/* What stands behind an EtherType at `type_at`, whose payload begins at `at`. */
static void typed(struct trace *t, const unsigned char *p, size_t n, size_t type_at, size_t at)
{
    unsigned type;

    if (n < at) {
        trace_note(t, NOTE_LENGTH, NULL);
        return;
    }
    type = be16(p + type_at);
    while (type == TYPE_VLAN || type == TYPE_VLAN_SERVICE || type == TYPE_VLAN_OLD) {
        if (n - at < 4) {
            trace_note(t, NOTE_LENGTH, NULL);
            return;
        }
        type = be16(p + at + 2);
        at += 4;
    }
    if (type == TYPE_IPV4 || type == TYPE_IPV6)
        ip_packet(t, p + at, n - at);
}

/* Four octets of an address family, in the order of the machine that captured. */
static void loopback(struct trace *t, const unsigned char *p, size_t n)
{
    unsigned family;

    if (n < 4) {
        trace_note(t, NOTE_LENGTH, NULL);
        return;
    }
    family = p[0] ? p[0] : p[3];
    /* AF_INET; AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, Darwin. */
    if (family == 2 || family == 10 || family == 24 || family == 28 || family == 30)
        ip_packet(t, p + 4, n - 4);
}

void link_packet(struct trace *t, int link, const unsigned char *p, size_t n)
{
    switch (link) {
    case LINK_ETHERNET: typed(t, p, n, 12, 14); break;
    case LINK_COOKED: typed(t, p, n, 14, 16); break;
    case LINK_COOKED_2: typed(t, p, n, 0, 20); break;
    case LINK_NULL:
    case LINK_LOOP: loopback(t, p, n); break;
    default: ip_packet(t, p, n); break;
    }
}
