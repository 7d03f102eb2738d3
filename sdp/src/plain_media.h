/* m= lines of audio and video over RTP/AVP and UDP/TLS/RTP/SAVPF, straight on: no more than 64
 * octets, with one port other than 0, and payload types that differ. */
#ifndef SIPV_SDP_PLAIN_MEDIA_H
#define SIPV_SDP_PLAIN_MEDIA_H

#include "plain_line.h"
#include "plain_value.h"

/* What has been read of such a line; positions are octets from its beginning. */
struct media {
    size_t port, proto, formats, end; /* where they begin, and the line ends */
    bool dtls;
    uint32_t n_events;
    uint64_t payload[2];
};
enum { MEDIA_BEGINS = 2, MEDIA_LENGTH = 5 };

/* The parts in front of the formats; false if they are others. */
static inline bool read_media_parts(const unsigned char *from, const struct octets *o,
                                    struct media *m)
{
    static const char avp[] = "RTP/AVP ", savpf[] = "UDP/TLS/RTP/SAVPF ";
    enum { PORT = MEDIA_BEGINS + MEDIA_LENGTH + 1, DIGITS = 5 };
    const size_t proto = _tzcnt_u64(_blsr_u64(o->spaces)) + 1;
    if (!BEGINS_WITH(from + MEDIA_BEGINS, "audio ") && !BEGINS_WITH(from + MEDIA_BEGINS, "video "))
        return false;
    if (proto > PORT + DIGITS + 1 || from[PORT] == '0' || !is_number(o, PORT, proto - 1) ||
        (proto == PORT + DIGITS + 1 && from[PORT] >= '6' &&
         sipv_is_above(from + PORT, "65535", DIGITS)))
        return false;
    const bool is_avp = memcmp(from + proto, avp, sizeof avp - 1) == 0;
    if (!is_avp && memcmp(from + proto, savpf, sizeof savpf - 1) != 0)
        return false;
    m->port = PORT;
    m->proto = proto;
    m->formats = proto + (is_avp ? sizeof avp : sizeof savpf) - 1;
    m->dtls = !is_avp;
    return true;
}

/* Payload types with single spaces between them; false if there is something else. */
static inline bool read_payload_types(const unsigned char *from, size_t at, const struct octets *o,
                                      struct media *m, sipv_event *ev)
{
    enum { FORMATS = 3 };
    const uint64_t region = (((uint64_t)1 << m->end) - 1) >> m->formats << m->formats;
    uint64_t ends = (o->spaces & region) | (uint64_t)1 << m->end, low = 0, high = 0;
    size_t start = m->formats, i = FORMATS;
    if (region & ~(o->digits | o->spaces))
        return false;
    do {
        const size_t stop = _tzcnt_u64(ends), n = stop - start;
        if (n - 1 > 2 || (n == 3 && from[start] > '1'))
            return false;
        const uint32_t type = number_of_digits(from + start, (unsigned)n);
        const uint64_t bit = (uint64_t)1 << (type & 63);
        const uint64_t in_low = type < 64 ? bit : 0, in_high = bit ^ in_low;
        if (type > 127 || (low & in_low) || (high & in_high))
            return false;
        low |= in_low;
        high |= in_high;
        SIPV_WHOLE(i, SIPV_K_FORMATS, at + start, at + stop);
        i++;
        start = stop + 1;
        ends = _blsr_u64(ends);
    } while (ends);
    m->payload[0] = low;
    m->payload[1] = high;
    m->n_events = (uint32_t)i;
    return true;
}

/* The line that begins at `from`, `at` octets from the base; its captures are written to `ev`.
 * False if it is none of this form. */
static inline bool read_usual_media(const unsigned char *from, size_t at, size_t max_formats,
                                    struct media *m, sipv_event *ev)
{
    enum { FORMATS = 3 };
    const struct octets o = octets_of(from);
    m->end = _tzcnt_u64(o.odd);
    if (m->end == 64 || sipv_load_2(from + m->end) != SIPV_CRLF || !read_media_parts(from, &o, m) ||
        m->formats >= m->end || !read_payload_types(from, at, &o, m, ev) ||
        m->n_events - FORMATS > max_formats)
        return false;
    SIPV_WHOLE(0, SIPV_K_MEDIA, at + MEDIA_BEGINS, at + MEDIA_BEGINS + MEDIA_LENGTH);
    SIPV_WHOLE(1, SIPV_K_PORT, at + m->port, at + m->proto - 1);
    SIPV_WHOLE(2, SIPV_K_PROTO, at + m->proto, at + m->formats - 1);
    return true;
}

#endif
