/* What must agree across lines; all of it are warnings. */
#include <string.h>

#include "codec.h"

enum { RIDS = 256 }; /* rids are compared with so many */

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
        from += list.p[from] == '~'; /* none is empty */
        const sipv_slice id = sipv_slice_of(list.p + from, i - from);
        if (!has_rid(s, section, id, direction)) {
            sipv_sdp_report_at(s, SIPV_SDP_D_RID_UNKNOWN, line, id, -1);
            return;
        }
        from = i + 1;
        ids++;
    }
}

/* There is one that can be read. */
static void check_simulcast(sipv_sdp *s, unsigned section)
{
    const sipv_sdp_line *line = sipv_sdp_sound(s, section, SIPV_SDP_A_SIMULCAST);
    check_streams(s, section, line, sipv_sdp_part(s, line, SIPV_K_SEND), "send");
    check_streams(s, section, line, sipv_sdp_part(s, line, SIPV_K_RECV), "recv");
}

/* ---- Security and connectivity ------------------------------------------------------------------
 */

/* In the section or for all of them. */
static bool has(const struct sipv_sdp_parse *x, unsigned id)
{
    return x->had[id] & (SIPV_SDP_AT_SESSION | SIPV_SDP_AT_MEDIA);
}

static void check_dtls(sipv_sdp *s, const sipv_sdp_line *m, sipv_slice proto, bool fingerprint,
                       bool setup)
{
    if (!fingerprint)
        sipv_sdp_report_at(s, SIPV_SDP_D_FINGERPRINT_MISSING, m, proto, -1);
    if (!setup)
        sipv_sdp_report_at(s, SIPV_SDP_D_SETUP_MISSING, m, proto, -1);
}

/* Of a stream that may be in a group one knows at the end. */
static void check_keys(struct sipv_sdp_parse *x)
{
    const struct sipv_sdp_formats *f = &x->formats;
    const bool fingerprint = has(x, SIPV_SDP_A_FINGERPRINT), setup = has(x, SIPV_SDP_A_SETUP);
    if (fingerprint && setup)
        return;
    if (!(x->had[SIPV_SDP_A_GROUP] & SIPV_SDP_AT_SESSION) || !x->section->mid)
        check_dtls(x->s, f->line, f->proto, fingerprint, setup);
    else if (x->unkeyed == SIZE_MAX)
        x->unkeyed = x->number;
}

static void check_transport(struct sipv_sdp_parse *x)
{
    sipv_sdp *const s = x->s;
    const struct sipv_sdp_formats *f = &x->formats;
    if (f->dtls && !f->rejected)
        check_keys(x);
    if (has(x, SIPV_SDP_A_ICE_UFRAG) != has(x, SIPV_SDP_A_ICE_PWD))
        sipv_sdp_report_at(s, SIPV_SDP_D_ICE_INCOMPLETE, f->line,
                           sipv_slice_of(s->data.p + f->line->off, 1), -1);
}

void sipv_sdp_check_section(struct sipv_sdp_parse *x)
{
    if (!x->formats.line)
        return;
    sipv_sdp_check_unmapped(x);
    check_transport(x);
    if (x->had[SIPV_SDP_A_SIMULCAST] & SIPV_SDP_AT_MEDIA)
        check_simulcast(x->s, (unsigned)(x->section - x->s->sections));
}

/* ---- Groups -------------------------------------------------------------------------------------
 */

void sipv_sdp_mids(const sipv_sdp *s, struct sipv_sdp_texts *out)
{
    out->n = 0;
    for (size_t i = 0; i < s->n_sections; i++)
        if (s->sections[i].mid)
            sipv_sdp_texts_add(out, s->lines[s->sections[i].mid].value, i);
    sipv_sdp_texts_sort(out);
}

/* The same ones follow each other. */
static void check_mids(sipv_sdp *s, const struct sipv_sdp_texts *mids)
{
    for (size_t i = 1; i < mids->n; i++) {
        const sipv_sdp_line *line = &s->lines[s->sections[mids->at[i].number].mid];
        if (sipv_slice_equal(mids->at[i - 1].text, line->value))
            sipv_sdp_report_at(s, SIPV_SDP_D_MID_REPEATED, line, line->value, -1);
    }
}

/* The first mid of a group that is none of a section; they are captures of its line. */
static void check_groups(sipv_sdp *s, const struct sipv_sdp_texts *mids)
{
    const sipv_sdp_line *line = NULL;
    while ((line = sipv_sdp_find(s, SIPV_SDP_SESSION, SIPV_SDP_A_GROUP, line)) != NULL) {
        const sipv_event *ev = s->events + line->first_event, *const end = ev + line->n_events;
        for (; line->state == SIPV_SDP_READ && ev < end; ev++) {
            const sipv_slice mid = sipv_slice_of(s->data.p + ev->off, ev->len);
            if (ev->kind != SIPV_K_MIDS || sipv_sdp_texts_find(mids, mid) < mids->n)
                continue;
            sipv_sdp_report_at(s, SIPV_SDP_D_MID_UNKNOWN, line, mid, -1);
            break;
        }
    }
}

/* The mids of BUNDLE groups but the first of each, sorted. */
static void bundled_mids(const sipv_sdp *s, struct sipv_sdp_texts *out)
{
    const sipv_sdp_line *line = NULL;
    sipv_sdp_group group;
    out->n = 0;
    while ((line = sipv_sdp_next_bundle(s, line, &group)) != NULL) {
        sipv_slice mid;
        size_t at = 0;
        if (sipv_list_next(&group.mids, &at, &mid) != SIPV_OK)
            continue;
        while (sipv_list_next(&group.mids, &at, &mid) == SIPV_OK)
            sipv_sdp_texts_add(out, mid, 0);
    }
    sipv_sdp_texts_sort(out);
}

/* DTLS of streams in groups: that of the first one holds for all of a BUNDLE (RFC 9143 7.1.3). */
static __attribute__((noinline)) void check_grouped_dtls(struct sipv_sdp_parse *x)
{
    sipv_sdp *const s = x->s;
    const bool fingerprint = sipv_sdp_sound(s, SIPV_SDP_SESSION, SIPV_SDP_A_FINGERPRINT);
    const bool setup = sipv_sdp_sound(s, SIPV_SDP_SESSION, SIPV_SDP_A_SETUP);
    struct sipv_sdp_texts bundled;
    bundled_mids(s, &bundled);
    for (size_t i = x->unkeyed; i < s->n_sections; i++) {
        const sipv_sdp_section *const section = &s->sections[i];
        const sipv_sdp_line *const line = &s->lines[section->first];
        sipv_sdp_media m;
        if (section->mid && sipv_sdp_media_of(s, line, &m) == SIPV_OK && m.port != 0 &&
            sipv_sdp_is_dtls(m.proto) &&
            sipv_sdp_texts_find(&bundled, s->lines[section->mid].value) == bundled.n)
            check_dtls(s, line, m.proto,
                       fingerprint || sipv_sdp_sound(s, i, SIPV_SDP_A_FINGERPRINT),
                       setup || sipv_sdp_sound(s, i, SIPV_SDP_A_SETUP));
    }
}

static __attribute__((noinline)) void check_identifiers(struct sipv_sdp_parse *x, bool grouped)
{
    struct sipv_sdp_texts mids;
    sipv_sdp_mids(x->s, &mids);
    check_mids(x->s, &mids);
    if (grouped)
        check_groups(x->s, &mids);
}

void sipv_sdp_check_session(struct sipv_sdp_parse *x)
{
    const bool grouped = x->had[SIPV_SDP_A_GROUP] & SIPV_SDP_AT_SESSION;
    if (x->s->n_sections > 1 || grouped)
        check_identifiers(x, grouped);
    if (x->unkeyed != SIZE_MAX)
        check_grouped_dtls(x);
}
