/* What must agree across lines; all of it are warnings. */
#include <string.h>

#include "internal.h"

enum {
    FORMATS = 64, /* formats that are no payload types are compared with so many */
    RIDS = 256    /* the same of rids */
};

/* The formats of an m= line. */
struct formats {
    sipv_sdp_media m;
    uint64_t payload[2]; /* those that are payload types */
    uint64_t mapped[2];  /* those that have an rtpmap */
    bool rtp;
};

static bool has_payload(const uint64_t set[2], uint64_t n)
{
    return set[n >> 6] >> (n & 63) & 1;
}

static void formats_of(const sipv_sdp *s, size_t section, struct formats *f)
{
    sipv_slice format;
    uint64_t n;
    memset(f, 0, sizeof *f);
    sipv_sdp_media_at(s, section, &f->m);
    f->rtp = sipv_sdp_is_rtp(f->m.proto);
    for (size_t at = 0; f->rtp && sipv_list_next(&f->m.formats, &at, &format) == SIPV_OK;)
        if (sipv_number(format, 127, &n) == SIPV_OK)
            f->payload[n >> 6] |= (uint64_t)1 << (n & 63);
}

/* Is the format in the m= line?  Where there are too many to look at it counts as being there. */
static bool has_format(const struct formats *f, sipv_slice format)
{
    sipv_slice other;
    uint64_t n;
    if (f->rtp && sipv_number(format, 127, &n) == SIPV_OK)
        return has_payload(f->payload, n);
    size_t at = 0;
    for (int i = 0; i < FORMATS; i++) {
        if (sipv_list_next(&f->m.formats, &at, &other) != SIPV_OK)
            return false;
        if (sipv_slice_equal(format, other))
            return true;
    }
    return true;
}

static void check_format(sipv_sdp *s, const struct formats *f, const sipv_sdp_line *line,
                         sipv_slice format)
{
    if (format.p && !sipv_slice_is(format, "*") && !has_format(f, format))
        sipv_sdp_report_at(s, SIPV_SDP_D_FORMAT_UNKNOWN, line, format, -1);
}

static void see_rtpmap(sipv_sdp *s, struct formats *f, const sipv_sdp_line *line)
{
    uint64_t n;
    const sipv_slice payload = sipv_sdp_part(s, line, SIPV_K_PAYLOAD_TYPE);
    check_format(s, f, line, payload);
    if (sipv_number(payload, 127, &n) != SIPV_OK)
        return;
    if (has_payload(f->mapped, n))
        sipv_sdp_report_at(s, SIPV_SDP_D_RTPMAP_REPEATED, line, payload, -1);
    f->mapped[n >> 6] |= (uint64_t)1 << (n & 63);
}

/* Payload types that RFC 3551 gives no meaning: from 35 on (section 6). */
static void check_unmapped(sipv_sdp *s, const struct formats *f, const sipv_sdp_line *m)
{
    enum { FIRST_FREE = 35 };
    sipv_slice format;
    uint64_t n;
    for (size_t at = 0; f->rtp && sipv_list_next(&f->m.formats, &at, &format) == SIPV_OK;)
        if (sipv_number(format, 127, &n) == SIPV_OK && n >= FIRST_FREE &&
            !has_payload(f->mapped, n))
            sipv_sdp_report_at(s, SIPV_SDP_D_RTPMAP_MISSING, m, format, -1);
}

/* ---- Simulcast ----------------------------------------------------------------------------------
 */

static bool has_rid(const sipv_sdp *s, unsigned section, sipv_slice id, const char *direction)
{
    const sipv_sdp_line *line = NULL;
    for (int i = 0; i < RIDS; i++) {
        line = sipv_sdp_find(s, section, SIPV_SDP_A_RID, line);
        if (!line)
            return false;
        if (line->state == SIPV_SDP_READ &&
            sipv_slice_equal(sipv_sdp_part(s, line, SIPV_K_ID), id) &&
            sipv_slice_is(sipv_sdp_part(s, line, SIPV_K_DIRECTION), direction))
            return true;
    }
    return true;
}

/* The first stream of a list that no a=rid defines (RFC 8853 5.2). */
static void check_streams(sipv_sdp *s, unsigned section, const sipv_sdp_line *line, sipv_slice list,
                          const char *direction)
{
    size_t from = 0;
    for (size_t i = 0, ids = 0; list.p && i <= list.n && ids < RIDS; i++) {
        if (i < list.n && list.p[i] != ',' && list.p[i] != ';')
            continue;
        from += from < i && list.p[from] == '~';
        const sipv_slice id = sipv_slice_of(list.p + from, i - from);
        if (!has_rid(s, section, id, direction)) {
            sipv_sdp_report_at(s, SIPV_SDP_D_RID_UNKNOWN, line, id, -1);
            return;
        }
        from = i + 1;
        ids++;
    }
}

static void check_simulcast(sipv_sdp *s, unsigned section)
{
    const sipv_sdp_line *line = sipv_sdp_find(s, section, SIPV_SDP_A_SIMULCAST, NULL);
    if (!line || line->state != SIPV_SDP_READ)
        return;
    check_streams(s, section, line, sipv_sdp_part(s, line, SIPV_K_SEND), "send");
    check_streams(s, section, line, sipv_sdp_part(s, line, SIPV_K_RECV), "recv");
}

/* ---- Security and connectivity ------------------------------------------------------------------
 */

static bool has(const struct sipv_sdp_parse *x, unsigned id)
{
    return sipv_sdp_has(&x->ids, id) || sipv_sdp_has(&x->session_ids, id);
}

static void check_transport(struct sipv_sdp_parse *x, const struct formats *f,
                            const sipv_sdp_line *m)
{
    sipv_sdp *const s = x->s;
    if (sipv_sdp_is_dtls(f->m.proto) && f->m.port != 0) {
        if (!has(x, SIPV_SDP_A_FINGERPRINT))
            sipv_sdp_report_at(s, SIPV_SDP_D_FINGERPRINT_MISSING, m, f->m.proto, -1);
        if (!has(x, SIPV_SDP_A_SETUP))
            sipv_sdp_report_at(s, SIPV_SDP_D_SETUP_MISSING, m, f->m.proto, -1);
    }
    if (has(x, SIPV_SDP_A_ICE_UFRAG) != has(x, SIPV_SDP_A_ICE_PWD))
        sipv_sdp_report_at(s, SIPV_SDP_D_ICE_INCOMPLETE, m, sipv_slice_of(s->data.p + m->off, 1),
                           -1);
}

void sipv_sdp_check_section(struct sipv_sdp_parse *x)
{
    sipv_sdp *const s = x->s;
    const size_t section = (size_t)(x->section - s->sections);
    const sipv_sdp_line *const m = &s->lines[x->section->first];
    struct formats f;
    if (m->state != SIPV_SDP_READ)
        return;
    formats_of(s, section, &f);
    for (const sipv_sdp_line *l = m + 1; l < m + x->section->n; l++) {
        if (l->state != SIPV_SDP_READ || l->section != section)
            continue;
        if (l->id == SIPV_SDP_A_RTPMAP)
            see_rtpmap(s, &f, l);
        else if (l->id == SIPV_SDP_A_FMTP || l->id == SIPV_SDP_A_RTCP_FB)
            check_format(s, &f, l, sipv_sdp_part(s, l, SIPV_K_FORMAT));
    }
    check_unmapped(s, &f, m);
    check_transport(x, &f, m);
    if (sipv_sdp_has(&x->ids, SIPV_SDP_A_SIMULCAST))
        check_simulcast(s, (unsigned)section);
}

/* ---- Groups -------------------------------------------------------------------------------------
 */

static bool has_mid(const sipv_sdp *s, sipv_slice mid, size_t below)
{
    for (size_t i = 0; i < below; i++)
        if (s->sections[i].mid && sipv_slice_equal(s->lines[s->sections[i].mid].value, mid))
            return true;
    return false;
}

void sipv_sdp_check_session(struct sipv_sdp_parse *x)
{
    sipv_sdp *const s = x->s;
    const sipv_sdp_line *line = NULL;
    for (size_t i = 1; i < s->n_sections; i++) {
        const sipv_sdp_line *mid = &s->lines[s->sections[i].mid];
        if (s->sections[i].mid && has_mid(s, mid->value, i))
            sipv_sdp_report_at(s, SIPV_SDP_D_MID_REPEATED, mid, mid->value, -1);
    }
    if (!sipv_sdp_has(&x->session_ids, SIPV_SDP_A_GROUP))
        return;
    while ((line = sipv_sdp_find(s, SIPV_SDP_SESSION, SIPV_SDP_A_GROUP, line)) != NULL) {
        sipv_sdp_group group;
        sipv_slice mid;
        if (sipv_sdp_group_of(s, line, &group) != SIPV_OK)
            continue;
        for (size_t at = 0; sipv_list_next(&group.mids, &at, &mid) == SIPV_OK;)
            if (!has_mid(s, mid, s->n_sections)) { /* the first one will do */
                sipv_sdp_report_at(s, SIPV_SDP_D_MID_UNKNOWN, line, mid, -1);
                break;
            }
    }
}
