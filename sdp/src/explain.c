/* What was expected at the first impossible byte of a line. */
#include "internal.h"

/* The part of a line that a finding is about, and its rule. */
static int refused_part(const sipv_sdp *s, const sipv_sdp_line *line, unsigned code,
                        sipv_slice *text)
{
    *text = line->value;
    if (code == SIPV_SDP_D_ATTRIBUTE_NAME) {
        *text = sipv_slice_of(s->data.p + line->off + 2, 0);
        if (line->value.p)
            text->n = (size_t)(line->value.p + line->value.n - text->p);
        return SIPV_R_ATTRIBUTE_NAME;
    }
    if (code == SIPV_SDP_D_ATTRIBUTE_EMPTY)
        return SIPV_R_ATTRIBUTE_VALUE;
    if (code == SIPV_SDP_D_ADDRESS) {
        *text = sipv_sdp_part(s, line, SIPV_K_ADDRESS);
        return sipv_sdp_address_rule(sipv_sdp_part(s, line, SIPV_K_NETTYPE),
                                     sipv_sdp_part(s, line, SIPV_K_ADDRTYPE), *text,
                                     line->type == 'c');
    }
    if (code != SIPV_SDP_D_VALUE && code != SIPV_SDP_D_ATTRIBUTE)
        return -1;
    if (line->type == 'a' && !line->value.p)
        *text = sipv_slice_of(line->name.p + line->name.n, 0);
    return sipv_sdp_rule_of(line);
}

int sipv_sdp_explain(const sipv_sdp *s, const sipv_diag *d, void *work, sipv_match *match)
{
    const uint64_t relaxations = s->options.profile == SIPV_INTEROP ? ~(uint64_t)0 : 0;
    sipv_slice text;
    if (d->header >= s->n_lines)
        return SIPV_ABSENT;
    const int rule = refused_part(s, &s->lines[d->header], d->code, &text);
    if (rule < 0 || !text.p)
        return SIPV_ABSENT;
    sipv_explain(&sipv_sdp_tables, rule, false, text, relaxations, work, 0, NULL, 0, match);
    return match->accepted ? SIPV_ABSENT : SIPV_OK;
}
