/* Is it an answer that the offer can have (RFC 3264 section 6)? */
#include "check.h"

static sipv_slice value_of_type(const sipv_sdp *s, char type)
{
    const sipv_sdp_line *line = sipv_sdp_find_type(s, SIPV_SDP_SESSION, type, NULL);
    return line ? line->value : sipv_slice_of(NULL, 0);
}

/* ---- One stream ---------------------------------------------------------------------------------
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
static void check_formats(struct sipv_sdp_pair *p, const struct streams *st)
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
            sipv_sdp_pair_report(p, SIPV_SDP_D_ANSWER_RTPMAP, st->m, format);
        else if (own && theirs && own->encoding.p && theirs->encoding.p &&
                 !sipv_sdp_same_mapping(own, theirs))
            sipv_sdp_pair_report(p, SIPV_SDP_D_ANSWER_MAPPING, st->m, format);
    }
    if (!common)
        sipv_sdp_pair_report_line(p, SIPV_SDP_D_ANSWER_FORMATS, st->m);
    else if (extra.p)
        sipv_sdp_pair_report(
            p, st->offered.multicast ? SIPV_SDP_D_ANSWER_MULTICAST : SIPV_SDP_D_ANSWER_SUBSET,
            st->m, extra);
}

/* ptime is that of the offer, if it has one. */
static void check_ptime(struct sipv_sdp_pair *p, const struct streams *st)
{
    const sipv_sdp_line *own = sipv_sdp_sound(p->second, st->i, SIPV_SDP_A_PTIME);
    const sipv_sdp_line *theirs = sipv_sdp_sound(p->first, st->i, SIPV_SDP_A_PTIME);
    if (theirs && (!own || !sipv_slice_equal(own->value, theirs->value)))
        sipv_sdp_pair_report_line(p, SIPV_SDP_D_ANSWER_MULTICAST, own ? own : st->m);
}

static void check_bandwidth(struct sipv_sdp_pair *p, const struct streams *st)
{
    const sipv_sdp_line *own = NULL, *theirs = NULL;
    do {
        own = sipv_sdp_next_bandwidth(p->second, st->i, own);
        theirs = sipv_sdp_next_bandwidth(p->first, st->i, theirs);
        if ((own || theirs) &&
            (!own || !theirs || !sipv_slice_equal_nocase(own->value, theirs->value))) {
            sipv_sdp_pair_report_line(p, SIPV_SDP_D_ANSWER_MULTICAST, own ? own : st->m);
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

static bool same_address(const struct sipv_sdp_pair *p, const sipv_sdp_line *own,
                         const sipv_sdp_line *theirs)
{
    sipv_sdp_connection o, a;
    if (sipv_sdp_connection_of(p->first, theirs, &o) != SIPV_OK ||
        sipv_sdp_connection_of(p->second, own, &a) != SIPV_OK)
        return sipv_slice_equal_nocase(theirs->value, own->value);
    return sipv_slice_equal_nocase(o.address, a.address) && o.ttl == a.ttl &&
           same_count(o.addresses, a.addresses);
}

/* All c= lines, where layers have an address each. */
static void check_addresses(struct sipv_sdp_pair *p, const struct streams *st)
{
    const sipv_sdp_line *own = NULL, *theirs = NULL;
    do {
        own = sipv_sdp_next_connection(p->second, st->i, own);
        theirs = sipv_sdp_next_connection(p->first, st->i, theirs);
        if ((own || theirs) && (!own || !theirs || !same_address(p, own, theirs))) {
            sipv_sdp_pair_report_line(p, SIPV_SDP_D_ANSWER_MULTICAST, own ? own : st->m);
            return;
        }
    } while (own);
}

/* Section 6.2. */
static void check_multicast(struct sipv_sdp_pair *p, const struct streams *st)
{
    const struct sipv_sdp_stream *o = &st->offered, *a = &st->answered;
    check_addresses(p, st);
    if (o->m.port != a->m.port || !same_count(o->m.port_count, a->m.port_count))
        sipv_sdp_pair_report_line(p, SIPV_SDP_D_ANSWER_MULTICAST, st->m);
    if (p->first->sections[st->i].direction != p->second->sections[st->i].direction)
        sipv_sdp_pair_report_line(p, SIPV_SDP_D_ANSWER_DIRECTION,
                                  direction_line(p->second, st->i, st->m));
    check_ptime(p, st);
    check_bandwidth(p, st);
}

/* ---- Other RFCs --------------------------------------------------------------------------------
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

static void check_extensions(struct sipv_sdp_pair *p, const struct streams *st)
{
    const sipv_sdp *const o = p->first, *const a = p->second;
    const size_t i = st->i;
    const sipv_sdp_line *mux = sipv_sdp_sound(a, i, SIPV_SDP_A_RTCP_MUX);
    const sipv_sdp_line *setup = sipv_sdp_sound_effective(a, i, SIPV_SDP_A_SETUP);
    const sipv_slice offered = sipv_sdp_value_of(o, i, SIPV_SDP_A_SETUP);
    if (mux && !sipv_sdp_sound(o, i, SIPV_SDP_A_RTCP_MUX) && !is_tagged(a, i))
        sipv_sdp_pair_report_line(p, SIPV_SDP_D_ANSWER_MUX, mux);
    if (offered.p && setup && !may_set_up(offered, setup->value))
        sipv_sdp_pair_report_line(p, SIPV_SDP_D_ANSWER_SETUP, setup);
    if (o->sections[i].mid && a->sections[i].mid &&
        !sipv_slice_equal(o->lines[o->sections[i].mid].value, a->lines[a->sections[i].mid].value))
        sipv_sdp_pair_report_line(p, SIPV_SDP_D_ANSWER_MID, &a->lines[a->sections[i].mid]);
}

/* Each mid of the offer's BUNDLE groups with the number of its group, sorted. */
static void offered_mids(const sipv_sdp *offer, struct sipv_sdp_texts *out)
{
    const sipv_sdp_line *line = NULL;
    sipv_sdp_group group;
    out->n = 0;
    for (size_t number = 0; (line = sipv_sdp_next_bundle(offer, line, &group)) != NULL; number++) {
        sipv_slice mid;
        for (size_t at = 0; sipv_list_next(&group.mids, &at, &mid) == SIPV_OK;)
            sipv_sdp_texts_add(out, mid, number);
    }
    sipv_sdp_texts_sort(out);
}

/* RFC 9143 7.3: each group of the answer is a part of one of the offer. */
static void check_bundles(struct sipv_sdp_pair *p)
{
    struct sipv_sdp_texts offered;
    sipv_sdp_group group;
    const sipv_sdp_line *line = NULL;
    offered_mids(p->first, &offered);
    while ((line = sipv_sdp_next_bundle(p->second, line, &group)) != NULL) {
        size_t number = SIZE_MAX; /* of the group in the offer */
        sipv_slice mid;
        for (size_t at = 0; sipv_list_next(&group.mids, &at, &mid) == SIPV_OK;) {
            const size_t k = sipv_sdp_texts_find(&offered, mid);
            if (k == offered.n || (number != SIZE_MAX && number != offered.at[k].number)) {
                sipv_sdp_pair_report(p, SIPV_SDP_D_ANSWER_BUNDLE, line, mid);
                break;
            }
            number = offered.at[k].number;
        }
    }
}

/* RFC 5939 3.6: an answer may have another transport that the offer lists, and says so by acfg. */
static bool is_capability(const struct sipv_sdp_pair *p, const struct streams *st)
{
    const unsigned levels[] = {(unsigned)st->i, SIPV_SDP_SESSION};
    sipv_slice proto;
    if (!sipv_sdp_sound(p->second, st->i, SIPV_SDP_A_ACFG))
        return false;
    for (size_t k = 0; k < sizeof levels / sizeof *levels; k++) {
        const sipv_sdp_line *line = NULL;
        while ((line = sipv_sdp_find(p->first, levels[k], SIPV_SDP_A_TCAP, line)) != NULL) {
            sipv_sdp_tcap offered;
            if (sipv_sdp_tcap_of(p->first, line, &offered) != SIPV_OK)
                continue;
            for (size_t at = 0; sipv_list_next(&offered.protos, &at, &proto) == SIPV_OK;)
                if (sipv_slice_equal_nocase(proto, st->answered.m.proto))
                    return true;
        }
    }
    return false;
}

/* ---- Answers ------------------------------------------------------------------------------------
 */

static void check_stream(struct sipv_sdp_pair *p, size_t i)
{
    struct streams st = {.i = i};
    st.m = &p->second->lines[p->second->sections[i].first];
    sipv_sdp_stream_at(p->first, i, &st.offered);
    sipv_sdp_stream_at(p->second, i, &st.answered);
    if (!st.offered.readable || !st.answered.readable)
        return;
    if (!sipv_slice_equal_nocase(st.offered.m.media, st.answered.m.media))
        sipv_sdp_pair_report(p, SIPV_SDP_D_ANSWER_MEDIA_TYPE, st.m, st.answered.m.media);
    if (st.answered.m.port == 0)
        return;
    if (st.offered.m.port == 0 && !sipv_sdp_sound(p->first, i, SIPV_SDP_A_BUNDLE_ONLY)) {
        sipv_sdp_pair_report_line(p, SIPV_SDP_D_ANSWER_REVIVED, st.m);
        return;
    }
    if (!sipv_slice_equal_nocase(st.offered.m.proto, st.answered.m.proto) && !is_capability(p, &st))
        sipv_sdp_pair_report(p, SIPV_SDP_D_ANSWER_PROTO, st.m, st.answered.m.proto);
    check_formats(p, &st);
    if (st.offered.multicast) {
        check_multicast(p, &st);
    } else {
        if (st.answered.multicast)
            sipv_sdp_pair_report_line(p, SIPV_SDP_D_ANSWER_MULTICAST, st.m);
        if (!may_answer((sipv_sdp_direction)p->first->sections[i].direction,
                        (sipv_sdp_direction)p->second->sections[i].direction))
            sipv_sdp_pair_report_line(p, SIPV_SDP_D_ANSWER_DIRECTION,
                                      direction_line(p->second, i, st.m));
    }
    check_extensions(p, &st);
}

int sipv_sdp_check_answer(const sipv_sdp *offer, const sipv_sdp *answer, sipv_diag *diags,
                          size_t cap, size_t *n)
{
    struct sipv_sdp_pair p = {offer, answer, {diags, 0, cap, 0}, false};
    if (!offer || !answer || !diags || !cap || !n)
        return SIPV_BAD_ARGUMENT;
    const sipv_sdp_line *o = sipv_sdp_find_type(answer, SIPV_SDP_SESSION, 'o', NULL), *t = NULL,
                        *t_offered = NULL;
    if (o && sipv_slice_equal(o->value, value_of_type(offer, 'o')) &&
        !sipv_slice_equal(offer->data, answer->data))
        sipv_sdp_pair_report_line(&p, SIPV_SDP_D_ANSWER_ORIGIN, o);
    do {
        t = sipv_sdp_find_type(answer, SIPV_SDP_SESSION, 't', t);
        t_offered = sipv_sdp_find_type(offer, SIPV_SDP_SESSION, 't', t_offered);
        if ((t || t_offered) &&
            (!t || !t_offered || !sipv_slice_equal(t->value, t_offered->value))) {
            sipv_sdp_pair_report_line(&p, SIPV_SDP_D_ANSWER_TIMING, t);
            break;
        }
    } while (t);
    for (size_t i = 0; i < offer->n_sections && i < answer->n_sections; i++)
        check_stream(&p, i);
    if (offer->n_sections != answer->n_sections)
        sipv_sdp_pair_report_line(&p, SIPV_SDP_D_ANSWER_MEDIA_COUNT,
                                  answer->n_sections > offer->n_sections
                                      ? &answer->lines[answer->sections[offer->n_sections].first]
                                      : NULL);
    check_bundles(&p);
    return sipv_sdp_pair_conclude(&p, n);
}
