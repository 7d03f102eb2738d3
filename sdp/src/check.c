/* Pairs of descriptions: an answer and its offer (RFC 3264 section 6), a description and the one
 * before it (section 8). */
#include <string.h>

#include "codec.h"
#include "findings.h"

struct pair {
    const sipv_sdp *first, *second; /* findings are about the second */
    struct sipv_findings found;
    bool violated;
};

static void report(struct pair *p, unsigned code, const sipv_sdp_line *line, sipv_slice where)
{
    const sipv_diag_info *info = sipv_sdp_diag_find(code);
    p->violated |= info->severity == SIPV_ERROR;
    sipv_diag *d = sipv_findings_add(&p->found, info);
    if (!d)
        return;
    d->off = where.p ? sipv_sdp_offset(p->second, where) : p->second->data.n;
    d->len = where.p ? where.n : 0;
    d->header = (uint16_t)(line ? (size_t)(line - p->second->lines) : SIPV_NO_HEADER);
}

/* About a whole line. */
static void report_line(struct pair *p, unsigned code, const sipv_sdp_line *line)
{
    report(p, code, line,
           line ? sipv_slice_of(p->second->data.p + line->off,
                                (size_t)(line->value.p ? line->value.p + line->value.n -
                                                             (p->second->data.p + line->off)
                                                       : (ptrdiff_t)(2 + line->name.n)))
                : sipv_slice_of(NULL, 0));
}

static int conclude(struct pair *p, size_t *n)
{
    *n = p->found.n;
    sipv_findings_sort(p->found.diags, p->found.n);
    return p->found.lost ? SIPV_NO_SPACE : p->violated ? SIPV_REJECT : SIPV_OK;
}

static sipv_slice value_of_type(const sipv_sdp *s, char type)
{
    const sipv_sdp_line *line = sipv_sdp_find_type(s, SIPV_SDP_SESSION, type, NULL);
    return line ? line->value : sipv_slice_of(NULL, 0);
}

/* ---- Answers: one stream ------------------------------------------------------------------------
 */

struct streams {
    struct sipv_sdp_stream offered, answered;
    size_t i;
    const sipv_sdp_line *m; /* of the answer */
};

/* What is known of the payload types of an answer: has the offer such a format? */
enum common { UNKNOWN, COMMON, OWN };

static bool may_answer(sipv_sdp_direction offered, sipv_sdp_direction answered)
{
    switch (offered) {
    case SIPV_SDP_SENDONLY: return answered == SIPV_SDP_RECVONLY || answered == SIPV_SDP_INACTIVE;
    case SIPV_SDP_RECVONLY: return answered == SIPV_SDP_SENDONLY || answered == SIPV_SDP_INACTIVE;
    case SIPV_SDP_INACTIVE: return answered == SIPV_SDP_INACTIVE;
    default: return true;
    }
}

/* The line that gives a stream of the answer its direction, or its m= line. */
static const sipv_sdp_line *direction_line(const sipv_sdp *s, size_t section,
                                           const sipv_sdp_line *m)
{
    static const unsigned ids[] = {SIPV_SDP_A_SENDRECV, SIPV_SDP_A_SENDONLY, SIPV_SDP_A_RECVONLY,
                                   SIPV_SDP_A_INACTIVE};
    for (int level = 0; level < 2; level++)
        for (int i = 0; i < 4; i++) {
            const sipv_sdp_line *line =
                sipv_sdp_sound(s, level ? SIPV_SDP_SESSION : section, ids[i]);
            if (line)
                return line;
        }
    return m;
}

/* Has the offer a format that means the same?  A payload type that comes again is not looked up
 * again. */
static bool is_common(const struct streams *st, const struct sipv_sdp_formats_of *offered,
                      sipv_slice format, uint8_t known[128])
{
    uint64_t type = 0;
    const bool is_type = st->answered.rtp && sipv_number(format, 127, &type) == SIPV_OK;
    if (is_type && known[type] != UNKNOWN)
        return known[type] == COMMON;
    const bool common = sipv_sdp_has_format(offered, &st->answered, format);
    if (is_type)
        known[type] = common ? COMMON : OWN;
    return common;
}

/* Section 6.1: formats, and what the payload types of the answer mean. */
static void check_formats(struct pair *p, const struct streams *st)
{
    enum { FIRST_DYNAMIC = 96 };
    struct sipv_sdp_formats_of offered;
    uint8_t known[128] = {UNKNOWN};
    sipv_slice format, extra = {NULL, 0};
    bool common = false;
    sipv_sdp_formats_of(&st->offered, &offered);
    for (size_t at = 0; sipv_list_next(&st->answered.m.formats, &at, &format) == SIPV_OK;) {
        const struct sipv_sdp_mapping *own = sipv_sdp_mapping_of(&st->answered, format);
        const struct sipv_sdp_mapping *theirs = sipv_sdp_mapping_of(&st->offered, format);
        if (is_common(st, &offered, format, known))
            common = true;
        else if (!extra.p)
            extra = format;
        if (own && !own->by_rtpmap && own - st->answered.map >= FIRST_DYNAMIC)
            report(p, SIPV_SDP_D_ANSWER_RTPMAP, st->m, format);
        else if (own && theirs && own->encoding.p && theirs->encoding.p &&
                 !sipv_sdp_same_mapping(own, theirs))
            report(p, SIPV_SDP_D_ANSWER_MAPPING, st->m, format);
    }
    if (!common)
        report_line(p, SIPV_SDP_D_ANSWER_FORMATS, st->m);
    else if (extra.p)
        report(p, st->offered.multicast ? SIPV_SDP_D_ANSWER_MULTICAST : SIPV_SDP_D_ANSWER_SUBSET,
               st->m, extra);
}

/* ptime is that of the offer, if it has one. */
static void check_ptime(struct pair *p, const struct streams *st)
{
    const sipv_sdp_line *own = sipv_sdp_sound(p->second, st->i, SIPV_SDP_A_PTIME);
    const sipv_sdp_line *theirs = sipv_sdp_sound(p->first, st->i, SIPV_SDP_A_PTIME);
    if (theirs && (!own || !sipv_slice_equal(own->value, theirs->value)))
        report_line(p, SIPV_SDP_D_ANSWER_MULTICAST, own ? own : st->m);
}

static void check_bandwidth(struct pair *p, const struct streams *st)
{
    const sipv_sdp_line *own = NULL, *theirs = NULL;
    do {
        own = sipv_sdp_next_bandwidth(p->second, st->i, own);
        theirs = sipv_sdp_next_bandwidth(p->first, st->i, theirs);
        if ((own || theirs) &&
            (!own || !theirs || !sipv_slice_equal_nocase(own->value, theirs->value))) {
            report_line(p, SIPV_SDP_D_ANSWER_MULTICAST, own ? own : st->m);
            return;
        }
    } while (own);
}

/* Numbers of ports or addresses are 1 where none is given, and 0 is no number of them. */
static bool same_count(int64_t a, int64_t b)
{
    return (a == SIPV_NUMBER_ABSENT || a == 0 ? 1 : a) ==
           (b == SIPV_NUMBER_ABSENT || b == 0 ? 1 : b);
}

static bool same_address(const struct pair *p, const sipv_sdp_line *own,
                         const sipv_sdp_line *theirs)
{
    sipv_sdp_connection o, a;
    sipv_sdp_connection_of(p->first, theirs, &o);
    sipv_sdp_connection_of(p->second, own, &a);
    return sipv_slice_equal_nocase(o.address, a.address) && o.ttl == a.ttl &&
           same_count(o.addresses, a.addresses);
}

/* All c= lines, where layers have an address each. */
static void check_addresses(struct pair *p, const struct streams *st)
{
    const sipv_sdp_line *own = NULL, *theirs = NULL;
    do {
        own = sipv_sdp_next_connection(p->second, st->i, own);
        theirs = sipv_sdp_next_connection(p->first, st->i, theirs);
        if ((own || theirs) && (!own || !theirs || !same_address(p, own, theirs))) {
            report_line(p, SIPV_SDP_D_ANSWER_MULTICAST, own ? own : st->m);
            return;
        }
    } while (own);
}

/* Section 6.2. */
static void check_multicast(struct pair *p, const struct streams *st)
{
    const struct sipv_sdp_stream *o = &st->offered, *a = &st->answered;
    check_addresses(p, st);
    if (o->m.port != a->m.port || !same_count(o->m.port_count, a->m.port_count))
        report_line(p, SIPV_SDP_D_ANSWER_MULTICAST, st->m);
    if (p->first->sections[st->i].direction != p->second->sections[st->i].direction)
        report_line(p, SIPV_SDP_D_ANSWER_DIRECTION, direction_line(p->second, st->i, st->m));
    check_ptime(p, st);
    check_bandwidth(p, st);
}

/* ---- Answers: other RFCs ------------------------------------------------------------------------
 */

/* RFC 4145 4.1, RFC 8842 5.3. */
static bool may_set_up(sipv_slice offered, sipv_slice answered)
{
    if (sipv_slice_is(offered, "actpass"))
        return !sipv_slice_is(answered, "actpass");
    if (sipv_slice_is(offered, "active"))
        return sipv_slice_is(answered, "passive") || sipv_slice_is(answered, "holdconn");
    if (sipv_slice_is(offered, "passive"))
        return sipv_slice_is(answered, "active") || sipv_slice_is(answered, "holdconn");
    return sipv_slice_is(answered, "holdconn");
}

/* Is it the first of a BUNDLE group, whose transport all of that have (RFC 9143 7.1.3)? */
static bool is_tagged(const sipv_sdp *s, size_t i)
{
    const sipv_sdp_line *line = NULL;
    sipv_sdp_group group;
    while (s->sections[i].mid && (line = sipv_sdp_next_bundle(s, line, &group)) != NULL) {
        sipv_slice mid;
        size_t at = 0;
        if (sipv_list_next(&group.mids, &at, &mid) == SIPV_OK &&
            sipv_slice_equal(mid, s->lines[s->sections[i].mid].value))
            return true;
    }
    return false;
}

static void check_extensions(struct pair *p, const struct streams *st)
{
    const sipv_sdp *const o = p->first, *const a = p->second;
    const size_t i = st->i;
    const sipv_sdp_line *mux = sipv_sdp_sound(a, i, SIPV_SDP_A_RTCP_MUX);
    const sipv_sdp_line *setup = sipv_sdp_sound_effective(a, i, SIPV_SDP_A_SETUP);
    const sipv_slice offered = sipv_sdp_value_of(o, i, SIPV_SDP_A_SETUP);
    if (mux && !sipv_sdp_sound(o, i, SIPV_SDP_A_RTCP_MUX) && !is_tagged(a, i))
        report_line(p, SIPV_SDP_D_ANSWER_MUX, mux);
    if (offered.p && setup && !may_set_up(offered, setup->value))
        report_line(p, SIPV_SDP_D_ANSWER_SETUP, setup);
    if (o->sections[i].mid && a->sections[i].mid &&
        !sipv_slice_equal(o->lines[o->sections[i].mid].value, a->lines[a->sections[i].mid].value))
        report_line(p, SIPV_SDP_D_ANSWER_MID, &a->lines[a->sections[i].mid]);
}

/* RFC 9143 7.3: the groups of the answer are parts of those of the offer. */
static void check_bundles(struct pair *p)
{
    struct sipv_sdp_texts offered;
    sipv_sdp_group group;
    const sipv_sdp_line *line = NULL;
    offered.n = 0;
    while ((line = sipv_sdp_next_bundle(p->first, line, &group)) != NULL)
        sipv_sdp_add_mids(&group, &offered);
    sipv_sdp_texts_sort(&offered);
    while ((line = sipv_sdp_next_bundle(p->second, line, &group)) != NULL) {
        sipv_slice mid;
        for (size_t at = 0; sipv_list_next(&group.mids, &at, &mid) == SIPV_OK;)
            if (sipv_sdp_texts_find(&offered, mid) == offered.n) {
                report(p, SIPV_SDP_D_ANSWER_BUNDLE, line, mid);
                break;
            }
    }
}

/* ---- Answers ------------------------------------------------------------------------------------
 */

static void check_stream(struct pair *p, size_t i)
{
    struct streams st = {.i = i};
    st.m = &p->second->lines[p->second->sections[i].first];
    sipv_sdp_stream_at(p->first, i, &st.offered);
    sipv_sdp_stream_at(p->second, i, &st.answered);
    if (!st.offered.readable || !st.answered.readable)
        return;
    if (!sipv_slice_equal_nocase(st.offered.m.media, st.answered.m.media))
        report(p, SIPV_SDP_D_ANSWER_MEDIA_TYPE, st.m, st.answered.m.media);
    if (st.answered.m.port == 0)
        return;
    if (st.offered.m.port == 0 && !sipv_sdp_sound(p->first, i, SIPV_SDP_A_BUNDLE_ONLY)) {
        report_line(p, SIPV_SDP_D_ANSWER_REVIVED, st.m);
        return;
    }
    if (!sipv_slice_equal_nocase(st.offered.m.proto, st.answered.m.proto))
        report(p, SIPV_SDP_D_ANSWER_PROTO, st.m, st.answered.m.proto);
    check_formats(p, &st);
    if (st.offered.multicast) {
        check_multicast(p, &st);
    } else {
        if (st.answered.multicast)
            report_line(p, SIPV_SDP_D_ANSWER_MULTICAST, st.m);
        if (!may_answer((sipv_sdp_direction)p->first->sections[i].direction,
                        (sipv_sdp_direction)p->second->sections[i].direction))
            report_line(p, SIPV_SDP_D_ANSWER_DIRECTION, direction_line(p->second, i, st.m));
    }
    check_extensions(p, &st);
}

int sipv_sdp_check_answer(const sipv_sdp *offer, const sipv_sdp *answer, sipv_diag *diags,
                          size_t cap, size_t *n)
{
    struct pair p = {offer, answer, {diags, 0, cap, 0}, false};
    if (!offer || !answer || !diags || !cap || !n)
        return SIPV_BAD_ARGUMENT;
    const sipv_sdp_line *o = sipv_sdp_find_type(answer, SIPV_SDP_SESSION, 'o', NULL), *t = NULL,
                        *t_offered = NULL;
    if (o && sipv_slice_equal(o->value, value_of_type(offer, 'o')) &&
        !sipv_slice_equal(offer->data, answer->data))
        report_line(&p, SIPV_SDP_D_ANSWER_ORIGIN, o);
    do {
        t = sipv_sdp_find_type(answer, SIPV_SDP_SESSION, 't', t);
        t_offered = sipv_sdp_find_type(offer, SIPV_SDP_SESSION, 't', t_offered);
        if ((t || t_offered) &&
            (!t || !t_offered || !sipv_slice_equal(t->value, t_offered->value))) {
            report_line(&p, SIPV_SDP_D_ANSWER_TIMING, t);
            break;
        }
    } while (t);
    for (size_t i = 0; i < offer->n_sections && i < answer->n_sections; i++)
        check_stream(&p, i);
    if (offer->n_sections != answer->n_sections)
        report_line(&p, SIPV_SDP_D_ANSWER_MEDIA_COUNT,
                    answer->n_sections > offer->n_sections
                        ? &answer->lines[answer->sections[offer->n_sections].first]
                        : NULL);
    check_bundles(&p);
    return conclude(&p, n);
}

/* ---- The next description of a party ------------------------------------------------------------
 */

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

static void check_origin(struct pair *p)
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
        report_line(p, SIPV_SDP_D_NEXT_ORIGIN, is);
    if (sipv_slice_equal(without_zeros(a.sess_version), without_zeros(b.sess_version))) {
        if (!sipv_slice_equal(p->first->data, p->second->data))
            report(p, SIPV_SDP_D_NEXT_CHANGED, is, b.sess_version);
    } else if (!is_next(a.sess_version, b.sess_version)) {
        report(p, SIPV_SDP_D_NEXT_VERSION, is, b.sess_version);
    }
}

/* Section 8.3.2: a dynamic payload type keeps its meaning. */
static void check_mappings(struct pair *p, size_t i)
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
            report(p, SIPV_SDP_D_NEXT_MAPPING, &p->second->lines[p->second->sections[i].first],
                   format);
    }
}

int sipv_sdp_check_next(const sipv_sdp *previous, const sipv_sdp *next, sipv_diag *diags,
                        size_t cap, size_t *n)
{
    struct pair p = {previous, next, {diags, 0, cap, 0}, false};
    if (!previous || !next || !diags || !cap || !n)
        return SIPV_BAD_ARGUMENT;
    check_origin(&p);
    for (size_t i = 0; i < previous->n_sections && i < next->n_sections; i++)
        check_mappings(&p, i);
    if (next->n_sections < previous->n_sections)
        report_line(&p, SIPV_SDP_D_NEXT_MEDIA_COUNT, NULL);
    return conclude(&p, n);
}
