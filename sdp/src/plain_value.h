/* What plain.c asks of values beyond their grammar, for those of the usual form: true means that
 * there is nothing to say of them.  All else is left to range.c and media.c. */
#ifndef SIPV_SDP_PLAIN_VALUE_H
#define SIPV_SDP_PLAIN_VALUE_H

#include <string.h>

#include "express.h"
#include "internal.h"

/* ---- Addresses ----------------------------------------------------------------------------------
 */

/* Octets from x->run.base that compiled code takes as IPv6 address? */
static __attribute__((noinline)) bool is_ip6(struct sipv_sdp_parse *x, size_t from, size_t to,
                                             sipv_event *room)
{
    const sipv_express_function run = sipv_sdp_express[SIPV_ROOT_IP6_ADDRESS].run;
    return run && run(&x->run, x->run.base, from, to, room, SIPV_NONE);
}

/* An IP4-address below 220.0.0.0; those from 224.0.0.0 on are none. */
static inline bool is_ip4(const unsigned char *base, size_t from, size_t to)
{
    const unsigned char *const p = base + from;
    return sipv_over_address(base, from) == to && !(p[0] == '2' && p[1] >= '2' && p[2] != '.');
}

/* "IN IP4 " */
static inline bool is_net_ip4(const unsigned char *p)
{
    return (sipv_load_8(p) ^ sipv_load_8((const unsigned char *)"IN IP4 ")) << 8 == 0;
}

/* Net, type and address from `ev` on: an IP4-address? */
static inline bool is_in_ip4(const unsigned char *base, const sipv_event *ev)
{
    return ev[0].len == 2 && ev[1].len == 3 && is_net_ip4(base + ev[0].off) &&
           is_ip4(base, ev[2].off, ev[2].off + ev[2].len);
}

static inline bool is_address(struct sipv_sdp_parse *x, const sipv_event *ev, sipv_event *room)
{
    const size_t to = ev->off + ev->len;
    return is_ip4(x->run.base, ev->off, to) || is_ip6(x, ev->off, to, room);
}

/* A foundation of no more than 32 octets, addresses that are literals. */
static inline bool is_usual_candidate(struct sipv_sdp_parse *x, const sipv_event *ev,
                                      sipv_event *end)
{
    enum { FOUNDATION = 4, RELATED = 7 };
    if (end - ev < RELATED || ev->kind != SIPV_K_ADDRESS ||
        ev[FOUNDATION].kind != SIPV_K_FOUNDATION || ev[FOUNDATION].len > 32)
        return false;
    if (end - ev > RELATED && ev[RELATED].kind == SIPV_K_RELATED_ADDRESS &&
        !is_address(x, ev + RELATED, end))
        return false;
    return is_address(x, ev, end);
}

/* ---- Formats ------------------------------------------------------------------------------------
 */

/* A payload type of up to three digits, below 200; else a number above 255. */
static inline uint32_t payload_type(const unsigned char *base, const sipv_event *ev)
{
    uint32_t v;
    if (ev->len - 1 > 2)
        return UINT32_MAX;
    memcpy(&v, base + ev->off, sizeof v);
    v = (v ^ 0x30303030u) << (32 - 8 * ev->len); /* the last digit highest */
    if (((v + 0x76767e00u) | v) & 0x80808000u)   /* above 9, 9 and 1 */
        return UINT32_MAX;
    return v * (1 + (10 << 8) + (100 << 16)) >> 24;
}

/* Those of the formats of an m= line, each once; `proto` is followed by them. */
static inline bool read_formats(struct sipv_sdp_parse *x, const sipv_sdp_line *line,
                                const sipv_event *ev, const sipv_event *end)
{
    enum { PORT = 1, PROTO = 2, FORMATS = 3 };
    static const char avp[] = "RTP/AVP ", savpf[] = "UDP/TLS/RTP/SAVPF";
    struct sipv_sdp_formats *const f = &x->formats;
    const unsigned char *const base = x->run.base, *const proto = base + ev[PROTO].off;
    const bool is_avp = memcmp(proto, avp, 8) == 0;
    uint64_t payload[2] = {0, 0};
    if (ev[PROTO].kind != SIPV_K_PROTO || (size_t)(end - ev) > x->limits->formats ||
        base[ev[PORT].off] == '0' ||
        !(is_avp || (ev[PROTO].len == 17 && memcmp(proto, savpf, 17) == 0)))
        return false;
    for (const sipv_event *e = ev + FORMATS; e < end; e++) {
        const uint32_t n = payload_type(base, e);
        const uint64_t bit = (uint64_t)1 << (n & 63);
        if (n > 127 || payload[n >> 6] & bit)
            return false;
        payload[n >> 6] |= bit;
    }
    f->line = line;
    f->payload[0] = payload[0];
    f->payload[1] = payload[1];
    f->mapped[0] = f->mapped[1] = 0;
    f->proto = sipv_slice_of(x->s->data.p + ev[PROTO].off, ev[PROTO].len);
    f->rtp = true;
    f->dtls = !is_avp;
    f->rejected = false;
    return true;
}

/* A payload type of the m= line, with `maps` its first rtpmap, which is noted? */
static inline bool is_expected_format(struct sipv_sdp_parse *x, const unsigned char *base,
                                      const sipv_event *ev, bool maps)
{
    struct sipv_sdp_formats *const f = &x->formats;
    const uint32_t n = payload_type(base, ev);
    const uint64_t bit = (uint64_t)1 << (n & 63);
    if (n > 127 || !(f->payload[n >> 6] & bit))
        return false;
    if (!maps)
        return true;
    if (f->mapped[n >> 6] & bit)
        return false;
    f->mapped[n >> 6] |= bit;
    return true;
}

#endif
