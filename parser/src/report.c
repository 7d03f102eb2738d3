/* Findings of a message: reported, summed up. */
#include "findings.h"
#include "internal.h"

sipv_diag *sipv_report(sipv_message *m, unsigned code, size_t off, size_t len, unsigned header)
{
    const sipv_diag_info *info = sipv_diag_find(code);
    struct sipv_findings f = {m->diags, m->n_diags, m->cap_diags, m->lost_diags};
    if (info->severity == SIPV_ERROR)
        m->accepted = false;
    sipv_diag *d = sipv_findings_add(&f, info);
    m->n_diags = f.n;
    m->lost_diags = f.lost;
    if (!d)
        return NULL;
    d->header = (uint16_t)header;
    d->off = off;
    d->len = len;
    return d;
}

sipv_diag *sipv_report_at(sipv_message *m, unsigned code, sipv_slice where, unsigned header)
{
    return sipv_report(m, code, sipv_offset(m, where), where.n, header);
}

static __attribute__((noinline)) void sum_up(sipv_message *m)
{
    unsigned warned = 0;
    sipv_findings_sort(m->diags, m->n_diags);
    for (size_t i = 0; i < m->n_diags; i++) {
        sipv_diag *d = &m->diags[i];
        if (m->kind != SIPV_REQUEST)
            d->status = 0;
        if (d->in_body || !d->status)
            continue;
        if (d->severity == SIPV_ERROR && !m->suggested_status)
            m->suggested_status = d->status;
        if (d->severity == SIPV_WARNING && !warned)
            warned = d->status;
    }
    if (!m->suggested_status && m->accepted)
        m->suggested_status = warned;
}

void sipv_conclude(sipv_message *m)
{
    m->suggested_status = 0;
    if (m->n_diags)
        sum_up(m);
}
