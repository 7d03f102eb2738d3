/* Findings of a description. */
#include "findings.h"
#include "internal.h"

sipv_diag *sipv_sdp_report(sipv_sdp *s, unsigned code, size_t off, size_t len)
{
    const sipv_diag_info *info = sipv_sdp_diag_find(code);
    struct sipv_findings f = {s->diags, s->n_diags, s->cap_diags, s->lost_diags};
    if (info->severity == SIPV_ERROR)
        s->accepted = false;
    sipv_diag *d = sipv_findings_add(&f, info);
    s->n_diags = f.n;
    s->lost_diags = f.lost;
    if (!d)
        return NULL;
    d->off = off;
    d->len = len;
    return d;
}

void sipv_sdp_report_at(sipv_sdp *s, unsigned code, const sipv_sdp_line *line, sipv_slice where,
                        int rule)
{
    sipv_diag *d = sipv_sdp_report(s, code, sipv_sdp_offset(s, where), where.n);
    if (!d)
        return;
    const size_t index = line ? (size_t)(line - s->lines) : SIPV_NO_HEADER;
    d->header = (uint16_t)(index < SIPV_NO_HEADER ? index : SIPV_NO_HEADER);
    d->rule = (int16_t)rule;
}

void sipv_sdp_conclude(sipv_sdp *s)
{
    if (s->n_diags > 1)
        sipv_findings_sort(s->diags, s->n_diags);
}
