/* The formats of an m= line (RFC 8866 5.14), and attributes about formats. */
#include <string.h>

#include "internal.h"

/* Formats that are no payload types are compared with so many. */
enum { COMPARED = 64 };

/* A payload type: a number of seven bits; -1 for what is none, -2 for a number above. */
static int payload_of(sipv_slice s)
{
    unsigned n = 0;
    for (size_t i = 0; i < s.n; i++) {
        const unsigned digit = s.p[i] - (unsigned)'0';
        if (digit > 9)
            return -1;
        n = n < 1000 ? n * 10 + digit : n;
    }
    return n > 127 ? -2 : (int)n;
}

static bool has_payload(const uint64_t set[2], int n)
{
    return set[n >> 6] >> (n & 63) & 1;
}

/* ---- m= -----------------------------------------------------------------------------------------
 */

/* One format over RTP: a number of seven bits, once.  False: it is out of range. */
static bool see_payload(struct sipv_sdp_parse *x, sipv_sdp_line *line, sipv_slice format,
                        unsigned *told)
{
    enum { REPEATED = 1, NAMED = 2 };
    struct sipv_sdp_formats *const f = &x->formats;
    const int n = payload_of(format);
    if (n == -2) {
        sipv_sdp_spoil(x, line, SIPV_SDP_D_RANGE, format);
        return false;
    }
    if (n == -1) {
        if (!(*told & NAMED))
            sipv_sdp_report_at(x->s, SIPV_SDP_D_PAYLOAD_TYPE, line, format, -1);
        *told |= NAMED;
        return true;
    }
    if (has_payload(f->payload, n) && !(*told & REPEATED)) {
        *told |= REPEATED;
        sipv_sdp_report_at(x->s, SIPV_SDP_D_FORMAT_REPEATED, line, format, -1);
    }
    f->payload[n >> 6] |= (uint64_t)1 << (n & 63);
    return true;
}

/* The number of ports leads to no port above the last one. */
static void check_ports(struct sipv_sdp_parse *x, sipv_sdp_line *line, sipv_slice port,
                        sipv_slice count)
{
    uint64_t first, n;
    if (count.p && sipv_number(port, 65535, &first) == SIPV_OK &&
        sipv_number(count, 65535, &n) == SIPV_OK && !sipv_sdp_ports_fit(first, n))
        sipv_sdp_spoil(x, line, SIPV_SDP_D_RANGE, count);
}

static bool is_zero(sipv_slice digits)
{
    for (size_t i = 0; i < digits.n; i++)
        if (digits.p[i] != '0')
            return false;
    return digits.n > 0;
}

void sipv_sdp_check_media(struct sipv_sdp_parse *x, sipv_sdp_line *line)
{
    sipv_sdp *const s = x->s;
    struct sipv_sdp_formats *const f = &x->formats;
    sipv_slice port = {NULL, 0}, count = {NULL, 0};
    size_t formats = 0;
    unsigned told = 0;
    memset(f, 0, sizeof *f);
    for (const sipv_event *ev = s->events + line->first_event, *const end = ev + line->n_events;
         ev < end; ev++) {
        const sipv_slice part = sipv_slice_of(s->data.p + ev->off, ev->len);
        switch (ev->kind) {
        case SIPV_K_PORT: port = part; break;
        case SIPV_K_PORT_COUNT: count = part; break;
        case SIPV_K_PROTO:
            f->proto = part;
            f->rtp = sipv_sdp_is_rtp(part);
            f->dtls = sipv_sdp_is_dtls(part);
            break;
        case SIPV_K_FORMATS:
            if (++formats > x->limits->formats) {
                line->state = SIPV_SDP_MALFORMED;
                sipv_sdp_report_at(s, SIPV_SDP_D_LIMIT_FORMATS, line, part, -1);
                return;
            }
            if (f->rtp && !see_payload(x, line, part, &told))
                return;
            break;
        default: break;
        }
    }
    check_ports(x, line, port, count);
    f->rejected = is_zero(port);
    f->line = line;
}

/* ---- Attributes ---------------------------------------------------------------------------------
 */

/* Is the format in the m= line?  Where there are too many to look at it counts as being there. */
static bool has_format(const struct sipv_sdp_parse *x, sipv_slice format)
{
    const sipv_event *ev = x->s->events + x->formats.line->first_event;
    const sipv_event *const end = ev + x->formats.line->n_events;
    for (unsigned compared = 0; ev < end; ev++) {
        if (ev->kind != SIPV_K_FORMATS)
            continue;
        if (compared++ == COMPARED ||
            sipv_slice_equal(format, sipv_slice_of(x->s->data.p + ev->off, ev->len)))
            return true;
    }
    return false;
}

void sipv_sdp_check_format(struct sipv_sdp_parse *x, const sipv_sdp_line *line)
{
    struct sipv_sdp_formats *const f = &x->formats;
    if (!f->line)
        return;
    const sipv_event *ev = x->s->events + line->first_event; /* the format is the first part */
    const sipv_slice format = sipv_slice_of(x->s->data.p + ev->off, ev->len);
    const int n = f->rtp ? payload_of(format) : -1;
    if (n >= 0 ? !has_payload(f->payload, n)
               : !(format.n == 1 && *format.p == '*') && !has_format(x, format))
        sipv_sdp_report_at(x->s, SIPV_SDP_D_FORMAT_UNKNOWN, line, format, -1);
    if (n < 0 || line->id != SIPV_SDP_A_RTPMAP)
        return;
    if (has_payload(f->mapped, n))
        sipv_sdp_report_at(x->s, SIPV_SDP_D_RTPMAP_REPEATED, line, format, -1);
    f->mapped[n >> 6] |= (uint64_t)1 << (n & 63);
}

/* Payload types that RFC 3551 gives no meaning, from 35 on (section 6), have an rtpmap. */
void sipv_sdp_check_unmapped(struct sipv_sdp_parse *x)
{
    enum { FIRST_FREE = 35 };
    const struct sipv_sdp_formats *f = &x->formats;
    if (!(f->payload[0] & ~f->mapped[0] & ~(((uint64_t)1 << FIRST_FREE) - 1)) &&
        !(f->payload[1] & ~f->mapped[1]))
        return;
    sipv_sdp_media m;
    sipv_slice format;
    sipv_sdp_media_of(x->s, f->line, &m);
    for (size_t at = 0; sipv_list_next(&m.formats, &at, &format) == SIPV_OK;) {
        const int n = payload_of(format);
        if (n >= FIRST_FREE && !has_payload(f->mapped, n))
            sipv_sdp_report_at(x->s, SIPV_SDP_D_RTPMAP_MISSING, f->line, format, -1);
    }
}
