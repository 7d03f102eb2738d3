/* ip.c: IPv4 (RFC 791), IPv6 with extension headers (RFC 8200), UDP (RFC 768).
 *
 * Checksums are not looked at: network cards compute them after the capture. */
#include "trace.h"

#include <string.h>

enum { UDP = 17, TCP = 6, EXTENSIONS_MAX = 16 };
enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, AUTHENTICATION = 51, DESTINATION = 60 };
enum { MOBILITY = 135, HIP = 139, SHIM6 = 140 };

static void udp(struct trace *t, struct address_pair *ends, const unsigned char *p, size_t n,
                bool cut)
{
    size_t length;

    if (n < 8) {
        trace_note(t, NOTE_LENGTH, NULL);
        return;
    }
    ends->source.port = (uint16_t)be16(p);
    ends->destination.port = (uint16_t)be16(p + 2);
    length = be16(p + 4);
    if (length == 0) /* RFC 2675 */
        length = n;
    if (length < 8) {
        trace_note(t, NOTE_LENGTH, NULL);
        return;
    }
    cut = cut || length > n;
    if (length > n)
        length = n;
    if (sniff(p + 8, length - 8, true) != IS_SIP)
        return;
    if (cut)
        trace_note(t, NOTE_CUT, NULL);
    trace_emit(t, ends, "UDP", sipv_slice_of(p + 8, length - 8),
               cut ? "the datagram was captured in part only" : NULL);
}

/* `cut`: fewer octets than the packet has. */
static void transport(struct trace *t, struct address_pair *ends, unsigned protocol,
                      const unsigned char *p, size_t n, bool cut)
{
    if (protocol == UDP)
        udp(t, ends, p, n, cut);
    else if (protocol == TCP)
        tcp_packet(t, ends, p, n);
}

/* ---- IPv4 ------------------------------------------------------------------------------------ */

static void ends_of(struct address_pair *ends, const unsigned char *p, size_t n)
{
    memset(ends, 0, sizeof *ends);
    ends->source.n = ends->destination.n = (uint8_t)n;
    memcpy(ends->source.octets, p, n);
    memcpy(ends->destination.octets, p + n, n);
}

static void ip4_fragment(struct trace *t, const struct address_pair *ends, const unsigned char *p,
                         size_t head, size_t total)
{
    struct fragment_key key;
    struct address_pair copy = *ends;
    unsigned field = be16(p + 6);
    sipv_slice whole;
    uint8_t next;

    memset(&key, 0, sizeof key);
    key.ends = *ends;
    key.id = be16(p + 4);
    key.protocol = p[9];
    if (fragments_add(t, &key, p[9], (size_t)(field & 0x1fff) * 8, (field & 0x2000) != 0,
                      sipv_slice_of(p + head, total - head), &whole, &next))
        transport(t, &copy, p[9], whole.p, whole.n, false);
}

static void ip4(struct trace *t, const unsigned char *p, size_t n)
{
    struct address_pair ends;
    size_t head, total;
    bool cut;

    if (n < 20 || (head = (size_t)(p[0] & 15) * 4) < 20 || head > n) {
        trace_note(t, NOTE_LENGTH, NULL);
        return;
    }
    total = be16(p + 2);
    if (total == 0) /* a card that cuts into segments itself */
        total = n;
    if (total < head) {
        trace_note(t, NOTE_LENGTH, NULL);
        return;
    }
    cut = total > n;
    if (cut)
        total = n;
    ends_of(&ends, p + 12, 4);
    if ((be16(p + 6) & 0x3fff) == 0)
        transport(t, &ends, p[9], p + head, total - head, cut);
    else if (cut)
        trace_note(t, NOTE_CUT, NULL);
    else
        ip4_fragment(t, &ends, p, head, total);
}

/* ---- IPv6 ------------------------------------------------------------------------------------ */

/* A step in the chain of headers: its octets, 0 if it is not whole. */
static size_t extension(unsigned kind, const unsigned char *p, size_t n)
{
    size_t octets;

    if (n < 8)
        return 0;
    octets = kind == AUTHENTICATION ? ((size_t)p[1] + 2) * 4 : ((size_t)p[1] + 1) * 8;
    return octets <= n ? octets : 0;
}

static bool is_extension(unsigned kind)
{
    return kind == HOP_BY_HOP || kind == ROUTING || kind == DESTINATION || kind == AUTHENTICATION ||
           kind == MOBILITY || kind == HIP || kind == SHIM6;
}

/* Steps over extension headers; false if they are broken. */
static bool skip_extensions(unsigned *next, const unsigned char **p, size_t *n)
{
    for (unsigned i = 0; is_extension(*next); i++) {
        size_t octets = extension(*next, *p, *n);

        if (octets == 0 || i == EXTENSIONS_MAX)
            return false;
        *next = (*p)[0];
        *p += octets;
        *n -= octets;
    }
    return true;
}

static void ip6_fragment(struct trace *t, struct address_pair *ends, const unsigned char *p,
                         size_t n)
{
    struct fragment_key key;
    unsigned field = be16(p + 2), next;
    uint8_t first_next;
    sipv_slice whole;

    memset(&key, 0, sizeof key);
    key.ends = *ends;
    key.id = be32(p + 4);
    if (!fragments_add(t, &key, p[0], field & 0xfff8, (field & 1) != 0, sipv_slice_of(p + 8, n - 8),
                       &whole, &first_next))
        return;
    next = first_next;
    if (skip_extensions(&next, &whole.p, &whole.n))
        transport(t, ends, next, whole.p, whole.n, false);
    else
        trace_note(t, NOTE_LENGTH, NULL);
}

static void ip6(struct trace *t, const unsigned char *p, size_t n)
{
    struct address_pair ends;
    unsigned next;
    size_t length;
    bool cut;

    if (n < 40) {
        trace_note(t, NOTE_LENGTH, NULL);
        return;
    }
    ends_of(&ends, p + 8, 16);
    next = p[6];
    length = be16(p + 4);
    if (length == 0) /* RFC 2675, or a card that cuts into segments itself */
        length = n - 40;
    cut = length > n - 40;
    if (cut)
        length = n - 40;
    p += 40;
    if (!skip_extensions(&next, &p, &length) || (next == FRAGMENT && length < 8)) {
        trace_note(t, NOTE_LENGTH, NULL);
        return;
    }
    if (next != FRAGMENT)
        transport(t, &ends, next, p, length, cut);
    else if (cut)
        trace_note(t, NOTE_CUT, NULL);
    else
        ip6_fragment(t, &ends, p, length);
}

void ip_packet(struct trace *t, const unsigned char *p, size_t n)
{
    if (n > 0 && p[0] >> 4 == 4)
        ip4(t, p, n);
    else if (n > 0 && p[0] >> 4 == 6)
        ip6(t, p, n);
    else
        trace_note(t, NOTE_LENGTH, NULL);
}
