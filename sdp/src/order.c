/* The order of lines, which of them may be repeated, and which must be there (RFC 8866 section 5,
 * section 9). */
#include "internal.h"

enum { NOWHERE = -1 };

static int session_rank(char type)
{
    return sipv_sdp_forms[type - 'a'].rank[0];
}

static int media_rank(char type)
{
    return sipv_sdp_forms[type - 'a'].rank[1];
}

static bool is_single(char type, bool session)
{
    return ((session ? SIPV_SDP_ONCE_IN_SESSION : SIPV_SDP_ONCE_IN_MEDIA) &
            sipv_sdp_type_bit(type)) != 0;
}

static void report(struct sipv_sdp_parse *x, unsigned code, const sipv_sdp_line *line)
{
    sipv_sdp_report_at(x->s, code, line, sipv_slice_of(x->s->data.p + line->off, 1), -1);
}

static void out_of_order(struct sipv_sdp_parse *x, const sipv_sdp_line *line)
{
    report(x, sipv_sdp_choose(x->s, SIPV_SDP_D_ORDER, SIPV_SDP_D_RELAX_ORDER), line);
}

/* r= follows t= or r=, z= too (RFC 8866: r= alone; RFC 4566: the last of both). */
static bool follows(char before, char type)
{
    return (type != 'r' && type != 'z') || before == 't' || before == 'r';
}

static void see(struct sipv_sdp_parse *x, const sipv_sdp_line *line, bool session)
{
    uint32_t *seen = &x->seen[!session];
    if (*seen & sipv_sdp_type_bit(line->type) && is_single(line->type, session)) {
        const bool relaxed = line->type == 'c' && x->s->options.profile == SIPV_INTEROP;
        report(x, relaxed ? SIPV_SDP_D_RELAX_CONNECTION_TWICE : SIPV_SDP_D_REPEATED, line);
    }
    *seen |= sipv_sdp_type_bit(line->type);
}

sipv_sdp_section *sipv_sdp_order(struct sipv_sdp_parse *x, const sipv_sdp_line *line)
{
    sipv_sdp *const s = x->s;
    const char type = line->type, before = x->before;
    x->before = type;
    if (!before && type != 'v')
        report(x, SIPV_SDP_D_FIRST, line);
    const bool in_session = !x->section || media_rank(type) == NOWHERE;
    const int rank = in_session ? session_rank(type) : media_rank(type);
    see(x, line, in_session);
    if (in_session && x->section) {
        s->late = true;
        out_of_order(x, line);
        return NULL;
    }
    if (rank < x->rank || !follows(before, type)) {
        /* what has been said of the first line is not said again of v= */
        if (type != 'v' || before == 'v')
            out_of_order(x, line);
    } else {
        x->rank = rank;
    }
    return x->section;
}

static __attribute__((noinline)) void check_mandatory(struct sipv_sdp_parse *x)
{
    static const char mandatory[] = "vost";
    sipv_sdp *const s = x->s;
    static const int rules[] = {SIPV_R_VERSION_FIELD, SIPV_R_ORIGIN_FIELD,
                                SIPV_R_SESSION_NAME_FIELD, SIPV_R_TIME_FIELD};
    for (const char *type = mandatory; *type; type++) {
        if (x->seen[0] & sipv_sdp_type_bit(*type))
            continue;
        size_t i = 0; /* the line that came instead */
        while (i < s->n_lines && s->lines[i].section == SIPV_SDP_SESSION &&
               session_rank(s->lines[i].type) < session_rank(*type))
            i++;
        sipv_diag *d =
            sipv_sdp_report(s, SIPV_SDP_D_MISSING, i < s->n_lines ? s->lines[i].off : s->data.n, 0);
        if (d)
            d->rule = (int16_t)rules[type - mandatory];
    }
}

/* A c= of the session, or one in each section. */
static __attribute__((noinline)) void check_connections(struct sipv_sdp_parse *x)
{
    sipv_sdp *const s = x->s;
    for (size_t i = 0; i < s->n_sections; i++)
        if (!sipv_sdp_find_type(s, (unsigned)i, 'c', NULL)) {
            const sipv_sdp_line *m = &s->lines[s->sections[i].first];
            sipv_sdp_report_at(s,
                               sipv_sdp_choose(s, SIPV_SDP_D_CONNECTION_MISSING,
                                               SIPV_SDP_D_RELAX_CONNECTION_MISSING),
                               m, sipv_slice_of(s->data.p + m->off, m->value.n + 2), -1);
        }
}

void sipv_sdp_check_presence(struct sipv_sdp_parse *x)
{
    const uint32_t all = sipv_sdp_type_bit('v') | sipv_sdp_type_bit('o') | sipv_sdp_type_bit('s') |
                         sipv_sdp_type_bit('t');
    if ((x->seen[0] & all) != all)
        check_mandatory(x);
    if (x->unconnected && !(x->seen[0] & sipv_sdp_type_bit('c')))
        check_connections(x);
}
