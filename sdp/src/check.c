/* What the judgements of two descriptions share: their findings. */
#include "check.h"

void sipv_sdp_pair_report(struct sipv_sdp_pair *p, unsigned code, const sipv_sdp_line *line,
                          sipv_slice where)
{
    const sipv_diag_info *info = sipv_sdp_diag_find(code);
    p->violated |= info->severity == SIPV_ERROR;
    sipv_diag *d = sipv_findings_add(&p->found, info);
    if (!d)
        return;
    d->off = where.p ? sipv_sdp_offset(p->second, where) : p->second->data.n;
    d->len = where.p ? where.n : 0;
    const size_t index = line ? (size_t)(line - p->second->lines) : SIPV_NO_HEADER;
    d->header = (uint16_t)(index < SIPV_NO_HEADER ? index : SIPV_NO_HEADER);
}

void sipv_sdp_pair_report_line(struct sipv_sdp_pair *p, unsigned code, const sipv_sdp_line *line)
{
    sipv_sdp_pair_report(
        p, code, line,
        line ? sipv_slice_of(p->second->data.p + line->off,
                             (size_t)(line->value.p ? line->value.p + line->value.n -
                                                          (p->second->data.p + line->off)
                                                    : (ptrdiff_t)(2 + line->name.n)))
             : sipv_slice_of(NULL, 0));
}

int sipv_sdp_pair_conclude(struct sipv_sdp_pair *p, size_t *n)
{
    *n = p->found.n;
    sipv_findings_sort(p->found.diags, p->found.n);
    return p->found.lost ? SIPV_NO_SPACE : p->violated ? SIPV_REJECT : SIPV_OK;
}
