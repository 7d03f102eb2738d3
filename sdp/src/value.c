/* Values of lines: each is matched against the rule of its type or attribute. */
#include <string.h>

#include "internal.h"

/* ---- Rules --------------------------------------------------------------------------------------
 */

int sipv_sdp_rule_of(const sipv_sdp_line *line)
{
    return line->type == 'a' ? sipv_sdp_attribute_table[line->id].rule
                             : sipv_sdp_forms[line->type - 'a'].rule;
}

bool sipv_sdp_value_fits(int rule, sipv_slice value)
{
    enum { ROOM = 64 };
    sipv_event events[ROOM + SIPV_CHUNK_PARTS];
    struct sipv_run r;
    sipv_run_begin(&r, &sipv_sdp_automata, value.p, value.p + value.n);
    r.discard = true;
    return sipv_run_match(&r, sipv_sdp_tables.rules[rule].root, value, events,
                          sizeof events / sizeof *events) == SIPV_OK;
}

/* ---- Refusals -----------------------------------------------------------------------------------
 */

static unsigned relaxation_code(unsigned relaxation)
{
    switch (relaxation) {
    case SIPV_RELAX_EMPTY_NAME: return SIPV_SDP_D_RELAX_EMPTY_NAME;
    case SIPV_RELAX_SHORT_TIME: return SIPV_SDP_D_RELAX_SHORT_TIME;
    case SIPV_RELAX_NO_FORMAT: return SIPV_SDP_D_RELAX_NO_FORMAT;
    case SIPV_RELAX_PORT_COUNT: return SIPV_SDP_D_RELAX_PORT_COUNT;
    case SIPV_RELAX_MEDIA_NAME: return SIPV_SDP_D_RELAX_MEDIA_NAME;
    case SIPV_RELAX_MULTICAST_TTL: return SIPV_SDP_D_RELAX_MULTICAST_TTL;
    case SIPV_RELAX_UNICAST_TTL4:
    case SIPV_RELAX_UNICAST_TTL6: return SIPV_SDP_D_RELAX_UNICAST_TTL;
    default: return SIPV_SDP_D_RELAX_MEDIA_SPACE;
    }
}

static void report_relaxations(struct sipv_sdp_parse *x, const sipv_sdp_line *line, uint64_t set,
                               sipv_slice text, int rule)
{
    unsigned before = SIPV_SDP_D_NONE;
    x->s->relaxations |= set;
    for (unsigned i = 0; i < SIPV_RELAX_COUNT; i++) {
        if (!(set >> i & 1) || relaxation_code(i) == before)
            continue;
        before = relaxation_code(i);
        sipv_sdp_report_at(x->s, before, line, text, rule);
    }
}

/* Not inlined, as match_relaxed: a match is large, and most lines need none. */
static __attribute__((noinline)) void refuse(struct sipv_sdp_parse *x, sipv_sdp_line *line,
                                             unsigned code, sipv_slice text, int rule, size_t error)
{
    sipv_match match;
    sipv_slice where = sipv_slice_of(text.p, error);
    line->state = SIPV_SDP_MALFORMED;
    if (x->s->options.explainer) {
        sipv_explain(&sipv_sdp_tables, rule, false, text, 0, x->s->options.explainer, 0, NULL, 0,
                     &match);
        if (!match.accepted) {
            where = sipv_slice_of(text.p + match.construct_offset,
                                  match.error_offset - match.construct_offset);
            rule = match.rule;
        }
    }
    sipv_sdp_report_at(x->s, code, line, where, rule);
}

/* A line that interop steps over. */
static bool may_ignore(const struct sipv_sdp_parse *x, const sipv_sdp_line *line)
{
    return x->s->options.profile == SIPV_INTEROP && (line->type == 'a' || line->type == 'b');
}

static void ignore(struct sipv_sdp_parse *x, sipv_sdp_line *line, sipv_slice where)
{
    line->state = SIPV_SDP_MALFORMED;
    sipv_sdp_report_at(x->s,
                       line->type == 'b' ? SIPV_SDP_D_RELAX_BANDWIDTH : SIPV_SDP_D_RELAX_ATTRIBUTE,
                       line, where, -1);
}

void sipv_sdp_spoil(struct sipv_sdp_parse *x, sipv_sdp_line *line, unsigned code, sipv_slice where)
{
    if (may_ignore(x, line)) {
        ignore(x, line, where);
        return;
    }
    if (code != SIPV_SDP_D_RANGE) /* all but that number can be read */
        line->state = SIPV_SDP_MALFORMED;
    sipv_sdp_report_at(x->s, code, line, where, -1);
}

/* ---- Matching -----------------------------------------------------------------------------------
 */

/* Does interop take it?  Then its captures follow those there are. */
static __attribute__((noinline)) bool match_relaxed(struct sipv_sdp_parse *x, sipv_sdp_line *line,
                                                    int rule, sipv_slice text)
{
    sipv_sdp *const s = x->s;
    sipv_match match;
    if (sipv_explain(&sipv_sdp_tables, rule, false, text, ~(uint64_t)0, s->options.explainer,
                     (uint32_t)sipv_sdp_offset(s, text), s->events + s->n_events,
                     s->cap_events - s->n_events, &match) != SIPV_OK ||
        match.no_space)
        return false;
    s->n_events += match.n_events;
    x->run.suspects = SIPV_SUSPECT_VALUE;
    report_relaxations(x, line, match.relaxations, text, rule);
    return true;
}

int sipv_sdp_match(struct sipv_sdp_parse *x, sipv_sdp_line *line, int rule, sipv_slice text,
                   unsigned code)
{
    sipv_sdp *const s = x->s;
    struct sipv_run *const r = &x->run;
    sipv_event *const ev = s->events + s->n_events;
    const int result =
        sipv_run_match(r, sipv_sdp_tables.rules[rule].root, text, ev, s->cap_events - s->n_events);
    if (result == SIPV_OK) {
        s->n_events += (size_t)(r->ev - ev);
        return SIPV_OK;
    }
    const size_t error = r->at - sipv_sdp_offset(s, text);
    if (result == SIPV_NO_SPACE) {
        if (!x->no_space)
            sipv_sdp_report_at(s, SIPV_SDP_D_LIMIT_STORAGE, line, text, -1);
        x->no_space = true;
        line->state = SIPV_SDP_MALFORMED;
        return SIPV_NO_SPACE;
    }
    if (may_ignore(x, line)) {
        ignore(x, line, text);
        return SIPV_REJECT;
    }
    if (s->options.profile == SIPV_INTEROP && match_relaxed(x, line, rule, text))
        return SIPV_OK;
    refuse(x, line, code, text, rule, error);
    return SIPV_REJECT;
}

/* ---- Lines --------------------------------------------------------------------------------------
 */

static void read_attribute(struct sipv_sdp_parse *x, sipv_sdp_line *line)
{
    const sipv_sdp_attribute_info *info = &sipv_sdp_attribute_table[line->id];
    /* the writer asks about values by themselves, without a name */
    const unsigned char *const end = line->name.p ? line->name.p + line->name.n : NULL;
    line->view = info->view;
    line->state = SIPV_SDP_UNTYPED;
    if (line->id == SIPV_SDP_A_OTHER)
        return;
    if (info->rule < 0) {
        if (line->value.p)
            sipv_sdp_spoil(x, line, SIPV_SDP_D_ATTRIBUTE, sipv_slice_of(end, line->value.n + 1));
        return;
    }
    line->state = SIPV_SDP_READ;
    const sipv_slice text = line->value.p ? line->value : sipv_slice_of(end, 0);
    sipv_sdp_match(x, line, info->rule, text, SIPV_SDP_D_ATTRIBUTE);
}

void sipv_sdp_read_line(struct sipv_sdp_parse *x, sipv_sdp_line *line)
{
    x->run.suspects = 0;
    if (line->type == 'a') {
        read_attribute(x, line);
    } else {
        const struct sipv_sdp_form *form = &sipv_sdp_forms[line->type - 'a'];
        line->view = form->kind.view;
        line->state = SIPV_SDP_READ;
        sipv_sdp_match(x, line, form->rule, line->value, SIPV_SDP_D_VALUE);
    }
    line->n_events = (uint32_t)(x->s->n_events - line->first_event);
    if (line->state == SIPV_SDP_READ && x->run.suspects)
        sipv_sdp_check_numbers(x, line);
    if (line->state == SIPV_SDP_READ)
        sipv_sdp_check_line(x, line);
}
