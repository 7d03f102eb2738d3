/* Attributes about formats, straight on: rtpmap, fmtp and rtcp-fb of a payload type that stands in
 * the m= line.  Captures are written to `ev`; what is returned is behind them, or NULL where
 * something is not as usual. */
#ifndef SIPV_SDP_PLAIN_FORMAT_H
#define SIPV_SDP_PLAIN_FORMAT_H

#include "plain_line.h"
#include "plain_value.h"

/* A value: where it begins and ends, and where octets count from. */
struct text {
    const unsigned char *p, *end, *base;
};

/* A payload type of the m= line, with a space behind it, that the value begins with: its octets, or
 * 0. */
SIPV_ALWAYS size_t over_payload_type(const struct sipv_sdp_formats *f, const unsigned char *p,
                                     uint32_t *type)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    v ^= 0x30303030u;
    size_t n = _tzcnt_u32(((v + 0x76767676u) | v) & 0x80808080u) / 8; /* below ten each */
    SIPV_EXPECT(n, (size_t)0, 2);
    else SIPV_EXPECT(n, (size_t)0, 3);
    else SIPV_EXPECT(n, (size_t)0, 1);
    if (n - 1 > 2 || p[n] != ' ' || (n > 1 && p[0] == '0') || (n == 3 && p[0] > '1'))
        return 0;
    *type = number_of_digits(p, (unsigned)n);
    return *type <= 127 && f->payload[*type >> 6] >> (*type & 63) & 1 ? n : 0;
}

SIPV_ALWAYS sipv_event *read_map(struct sipv_sdp_formats *f, struct text t, sipv_event *ev)
{
    uint32_t type;
    const size_t at = (size_t)(t.p - t.base), n = over_payload_type(f, t.p, &type);
    if (n == 0 || f->mapped[type >> 6] >> (type & 63) & 1)
        return NULL;
    const size_t name = at + n + 1;
    size_t slash = sipv_run_over(t.base, name, &sipv_sdp_token);
    SIPV_EXPECT(slash, name, 4);
    else SIPV_EXPECT(slash, name, 3);
    else SIPV_EXPECT(slash, name, 15);
    if (slash == name || t.base[slash] != '/')
        return NULL;
    const unsigned char *const rate = t.base + slash + 1, *const behind = over_integer(rate);
    if (!behind)
        return NULL;
    if (behind != t.end) {
        if (*behind != '/' || over_integer(behind + 1) != t.end)
            return NULL;
        SIPV_WHOLE(3, SIPV_K_CHANNELS, (size_t)(behind + 1 - t.base), (size_t)(t.end - t.base));
    }
    SIPV_WHOLE(0, SIPV_K_PAYLOAD_TYPE, at, at + n);
    SIPV_WHOLE(1, SIPV_K_ENCODING, name, slash);
    SIPV_WHOLE(2, SIPV_K_CLOCK_RATE, slash + 1, (size_t)(behind - t.base));
    f->mapped[type >> 6] |= (uint64_t)1 << (type & 63);
    return ev + (behind == t.end ? 3 : 4);
}

SIPV_ALWAYS sipv_event *read_fmtp(const struct sipv_sdp_formats *f, struct text t, sipv_event *ev)
{
    uint32_t type;
    const size_t at = (size_t)(t.p - t.base), n = over_payload_type(f, t.p, &type);
    if (n == 0 || t.p + n + 1 == t.end)
        return NULL;
    SIPV_WHOLE(0, SIPV_K_FORMAT, at, at + n);
    SIPV_WHOLE(1, SIPV_K_PARAMETERS, at + n + 1, (size_t)(t.end - t.base));
    return ev + 2;
}

SIPV_ALWAYS sipv_event *read_feedback(const struct sipv_sdp_formats *f, struct text t,
                                      sipv_event *ev)
{
    static const struct sipv_run_set id_octets = {.ranges = "--09AZ__az"};
    uint32_t type;
    const bool all = t.p[0] == '*' && t.p[1] == ' ';
    const size_t at = (size_t)(t.p - t.base), n = all ? 1 : over_payload_type(f, t.p, &type);
    if (n == 0)
        return NULL;
    const size_t end = (size_t)(t.end - t.base);
    const size_t id = at + n + 1;
    size_t behind = sipv_run_over(t.base, id, &id_octets);
    SIPV_EXPECT(behind, id, 4);
    else SIPV_EXPECT(behind, id, 3);
    else SIPV_EXPECT(behind, id, 12);
    if (behind == id)
        return NULL;
    if (behind != end) {
        if (t.base[behind] != ' ' || behind + 1 == end ||
            sipv_run_over(t.base, behind + 1, &sipv_sdp_token) != end)
            return NULL;
        SIPV_WHOLE(2, SIPV_K_PARAMETER, behind + 1, end);
    }
    SIPV_WHOLE(0, SIPV_K_FORMAT, at, at + n);
    SIPV_WHOLE(1, SIPV_K_TYPE, id, behind);
    return ev + (behind == end ? 2 : 3);
}

#endif
