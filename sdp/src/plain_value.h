/* What plain.c asks of values beyond their grammar, for those of the usual form: true means that
 * there is nothing to say of them.  All else is left to range.c and media.c. */
#ifndef SIPV_SDP_PLAIN_VALUE_H
#define SIPV_SDP_PLAIN_VALUE_H

#include <string.h>

#include "express.h"
#include "internal.h"
#include "plain_line.h"

/* ---- Addresses ----------------------------------------------------------------------------------
 */

/* Octets from `base` that compiled code takes as IPv6 address? */
static __attribute__((noinline)) bool is_ip6(struct sipv_sdp_parse *x, const unsigned char *base,
                                             size_t from, size_t to, sipv_event *room)
{
    const sipv_express_function run = sipv_sdp_express[SIPV_ROOT_IP6_ADDRESS].run;
    return run && run(&x->run, base, from, to, room, SIPV_NONE);
}

/* An IPv4 address from 220.0.0.0 on: those from 224.0.0.0 on are no IP4-address. */
static inline bool is_high_ip4(const unsigned char *p)
{
    return p[0] == '2' && p[1] >= '2' && p[2] != '.';
}

/* An IP4-address below that. */
static inline bool is_ip4(const unsigned char *base, size_t from, size_t to)
{
    return sipv_over_address(base, from) == to && !is_high_ip4(base + from);
}

/* "IN IP4 " */
static inline bool is_net_ip4(const unsigned char *p)
{
    return (sipv_load_8(p) ^ sipv_load_8((const unsigned char *)"IN IP4 ")) << 8 == 0;
}

/* The captures of a value "IN IP4 " and an IP4-address: its address as a text, then as what it is.
 */
static inline void write_connection(sipv_event *ev, size_t from, size_t to)
{
    SIPV_WHOLE(0, SIPV_K_NETTYPE, from, from + 2);
    SIPV_WHOLE(1, SIPV_K_ADDRTYPE, from + 3, from + 6);
    SIPV_WHOLE(2, SIPV_K_ADDRESS, from + 7, to);
    SIPV_WHOLE(3, SIPV_K_ADDRESS, from + 7, to);
}

/* Net, type and address from `ev` on: an IP4-address? */
static inline bool is_in_ip4(const unsigned char *base, const sipv_event *ev)
{
    return ev[0].len == 2 && ev[1].len == 3 && is_net_ip4(base + ev[0].off) &&
           is_ip4(base, ev[2].off, ev[2].off + ev[2].len);
}

static inline bool is_address(struct sipv_sdp_parse *x, const unsigned char *base,
                              const sipv_event *ev, sipv_event *room)
{
    const size_t to = ev->off + ev->len;
    return is_ip4(base, ev->off, to) || is_ip6(x, base, ev->off, to, room);
}

/* A foundation of no more than 32 octets, addresses that are literals. */
static inline bool is_usual_candidate(struct sipv_sdp_parse *x, const unsigned char *base,
                                      const sipv_event *ev, sipv_event *end)
{
    enum { FOUNDATION = 4, RELATED = 7 };
    if (end - ev < RELATED || ev->kind != SIPV_K_ADDRESS ||
        ev[FOUNDATION].kind != SIPV_K_FOUNDATION || ev[FOUNDATION].len > 32)
        return false;
    if (end - ev > RELATED && ev[RELATED].kind == SIPV_K_RELATED_ADDRESS &&
        !is_address(x, base, ev + RELATED, end))
        return false;
    return is_address(x, base, ev, end);
}

/* ---- Numbers ------------------------------------------------------------------------------------
 */

/* Behind a number that begins with another digit than 0 and has at most nine; else NULL. */
SIPV_ALWAYS const unsigned char *over_integer(const unsigned char *p)
{
    const __m256i *const k = octet_constants();
    const __m128i zero = _mm256_castsi256_si128(k[ZERO]), nine = _mm256_castsi256_si128(k[NINE]);
    const __m128i v = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)(const void *)p), zero);
    const unsigned digits = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(v, nine), v));
    const size_t n = _tzcnt_u32(~digits);
    return *p == '0' || n - 1 > 8 ? NULL : p + n;
}

/* The captures of a value "BWTYPE:BANDWIDTH"; false, and perhaps nothing, if it is not so usual. */
SIPV_ALWAYS bool write_bandwidth(const unsigned char *base, const unsigned char *from,
                                 const unsigned char *cr, sipv_event *ev)
{
    const size_t at = (size_t)(from - base), colon = sipv_run_over(base, at, &sipv_sdp_token);
    if (colon == at || base[colon] != ':' || over_integer(base + colon + 1) != cr)
        return false;
    SIPV_WHOLE(0, SIPV_K_BWTYPE, at, colon);
    SIPV_WHOLE(1, SIPV_K_BANDWIDTH, colon + 1, (size_t)(cr - base));
    return true;
}

/* ---- Formats ------------------------------------------------------------------------------------
 */

/* One to three digits, the number is below 256.  Four octets are read. */
static inline uint32_t number_of_digits(const unsigned char *p, unsigned n)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    v = (v ^ 0x30303030u) << (32 - 8 * n); /* the last digit highest */
    return v * (1 + (10 << 8) + (100 << 16)) >> 24;
}

/* A payload type of up to three digits, below 200; else a number above 255. */
static inline uint32_t payload_type(const unsigned char *base, const sipv_event *ev)
{
    uint32_t v;
    if (ev->len - 1 > 2)
        return UINT32_MAX;
    memcpy(&v, base + ev->off, sizeof v);
    v = (v ^ 0x30303030u) << (32 - 8 * ev->len);
    if (((v + 0x76767e00u) | v) & 0x80808000u) /* above 9, 9 and 1 */
        return UINT32_MAX;
    return number_of_digits(base + ev->off, ev->len);
}

/* The formats of an m= line over RTP that begins a section. */
static inline void note_formats(struct sipv_sdp_formats *f, const sipv_sdp_line *line,
                                const uint64_t payload[2], sipv_slice proto, bool dtls)
{
    f->line = line;
    f->payload[0] = payload[0];
    f->payload[1] = payload[1];
    f->mapped[0] = f->mapped[1] = 0;
    f->proto = proto;
    f->rtp = true;
    f->dtls = dtls;
    f->rejected = false;
}

/* A payload type of the m= line? */
static inline bool is_expected_format(struct sipv_sdp_parse *x, const unsigned char *base,
                                      const sipv_event *ev)
{
    const uint32_t n = payload_type(base, ev);
    return n <= 127 && x->formats.payload[n >> 6] >> (n & 63) & 1;
}

#endif
