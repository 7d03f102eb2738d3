/* May this description follow the other one of the same party (RFC 3264 section 8)? */
#include <string.h>

#include "check.h"

static sipv_slice without_zeros(sipv_slice s)
{
    while (s.n > 1 && *s.p == '0') {
        s.p++;
        s.n--;
    }
    return s;
}

/* Is `b` one more than `a`?  Numbers of any length. */
static bool is_next(sipv_slice a, sipv_slice b)
{
    size_t nines = 0;
    a = without_zeros(a);
    b = without_zeros(b);
    while (nines < a.n && a.p[a.n - 1 - nines] == '9')
        nines++;
    if (b.n != a.n + (nines == a.n))
        return false;
    for (size_t i = 0; i < nines; i++)
        if (b.p[b.n - 1 - i] != '0')
            return false;
    if (nines == a.n)
        return b.p[0] == '1';
    const size_t at = a.n - 1 - nines;
    return b.p[at] == a.p[at] + 1 && memcmp(a.p, b.p, at) == 0;
}

static void check_origin(struct sipv_sdp_pair *p)
{
    const sipv_sdp_line *was = sipv_sdp_find_type(p->first, SIPV_SDP_SESSION, 'o', NULL);
    const sipv_sdp_line *is = sipv_sdp_find_type(p->second, SIPV_SDP_SESSION, 'o', NULL);
    sipv_sdp_origin a, b;
    if (!was || !is || sipv_sdp_origin_of(p->first, was, &a) != SIPV_OK ||
        sipv_sdp_origin_of(p->second, is, &b) != SIPV_OK)
        return;
    if (!sipv_slice_equal(a.username, b.username) || !sipv_slice_equal(a.sess_id, b.sess_id) ||
        !sipv_slice_equal(a.nettype, b.nettype) || !sipv_slice_equal(a.addrtype, b.addrtype) ||
        !sipv_slice_equal(a.address, b.address))
        sipv_sdp_pair_report_line(p, SIPV_SDP_D_NEXT_ORIGIN, is);
    if (sipv_slice_equal(without_zeros(a.sess_version), without_zeros(b.sess_version))) {
        if (!sipv_slice_equal(p->first->data, p->second->data))
            sipv_sdp_pair_report(p, SIPV_SDP_D_NEXT_CHANGED, is, b.sess_version);
    } else if (!is_next(a.sess_version, b.sess_version)) {
        sipv_sdp_pair_report(p, SIPV_SDP_D_NEXT_VERSION, is, b.sess_version);
    }
}

/* Section 8.3.2: a dynamic payload type keeps its meaning. */
static void check_mappings(struct sipv_sdp_pair *p, size_t i)
{
    static const sipv_slice none = {NULL, 0};
    struct sipv_sdp_stream was, is;
    sipv_slice format = none;
    sipv_sdp_stream_at(p->first, i, &was);
    sipv_sdp_stream_at(p->second, i, &is);
    if (!was.readable || !is.readable || was.m.port == 0 || is.m.port == 0 ||
        !sipv_slice_equal_nocase(was.m.media, is.m.media))
        return;
    for (size_t at = 0; sipv_list_next(&is.m.formats, &at, &format) == SIPV_OK;) {
        const struct sipv_sdp_mapping *a = sipv_sdp_mapping_of(&was, format);
        const struct sipv_sdp_mapping *b = sipv_sdp_mapping_of(&is, format);
        if (a && b && a->by_rtpmap && b->by_rtpmap && !sipv_sdp_same_mapping(a, b))
            sipv_sdp_pair_report(p, SIPV_SDP_D_NEXT_MAPPING,
                                 &p->second->lines[p->second->sections[i].first], format);
    }
}

int sipv_sdp_check_next(const sipv_sdp *previous, const sipv_sdp *next, sipv_diag *diags,
                        size_t cap, size_t *n)
{
    struct sipv_sdp_pair p = {previous, next, {diags, 0, cap, 0}, false};
    if (!previous || !next || !diags || !cap || !n)
        return SIPV_BAD_ARGUMENT;
    check_origin(&p);
    for (size_t i = 0; i < previous->n_sections && i < next->n_sections; i++)
        check_mappings(&p, i);
    if (next->n_sections < previous->n_sections)
        sipv_sdp_pair_report_line(&p, SIPV_SDP_D_NEXT_MEDIA_COUNT, NULL);
    return sipv_sdp_pair_conclude(&p, n);
}
