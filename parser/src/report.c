/* Findings of a message: kept, ordered, summed up. */
#include "internal.h"

/* From the first loss on errors stand in front of the others, so that every further loss costs the
 * same; in the end all are sorted. */
static void errors_to_the_front(sipv_message *m)
{
    size_t errors = 0;
    for (size_t i = 0; i < m->n_diags; i++) {
        const sipv_diag t = m->diags[i];
        if (t.severity != SIPV_ERROR)
            continue;
        m->diags[i] = m->diags[errors];
        m->diags[errors++] = t;
    }
}

/* An error is never lost behind warnings alone: the place of one, or NULL. */
static sipv_diag *place_of_a_warning(sipv_message *m)
{
    size_t low = 0, high = m->n_diags;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (m->diags[middle].severity == SIPV_ERROR)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == m->n_diags)
        return NULL;
    m->diags[m->n_diags - 1] = m->diags[low];
    return &m->diags[low];
}

sipv_diag *sipv_report(sipv_message *m, unsigned code, size_t off, size_t len, unsigned header)
{
    const sipv_diag_info *info = sipv_diag_find(code);
    if (info->severity == SIPV_ERROR)
        m->accepted = false;
    sipv_diag *d;
    if (m->n_diags < m->cap_diags) {
        d = &m->diags[m->n_diags++];
    } else {
        if (m->lost_diags++ == 0)
            errors_to_the_front(m);
        d = info->severity == SIPV_ERROR ? place_of_a_warning(m) : NULL;
        if (!d)
            return NULL;
    }
    d->code = (uint16_t)code;
    d->severity = info->severity;
    d->in_body = false;
    d->status = info->status;
    d->header = (uint16_t)header;
    d->rule = d->relaxation = -1;
    d->off = off;
    d->len = len;
    return d;
}

sipv_diag *sipv_report_at(sipv_message *m, unsigned code, sipv_slice where, unsigned header)
{
    return sipv_report(m, code, sipv_offset(m, where), where.n, header);
}

static bool before(const sipv_diag *a, const sipv_diag *b)
{
    if (a->off != b->off)
        return a->off < b->off;
    return a->severity != b->severity ? a->severity > b->severity : a->code < b->code;
}

static void sift_down(sipv_diag *d, size_t i, size_t n)
{
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && before(&d[child], &d[child + 1]))
            child++;
        if (!before(&d[i], &d[child]))
            return;
        const sipv_diag t = d[i];
        d[i] = d[child];
        d[child] = t;
    }
}

/* Heapsort: in place, and no input makes it slow. */
static void sort_findings(sipv_diag *d, size_t n)
{
    for (size_t i = n / 2; i > 0; i--)
        sift_down(d, i - 1, n);
    for (size_t i = n; i > 1; i--) {
        const sipv_diag t = d[0];
        d[0] = d[i - 1];
        d[i - 1] = t;
        sift_down(d, 0, i - 1);
    }
}

static __attribute__((noinline)) void sum_up(sipv_message *m)
{
    unsigned warned = 0;
    sort_findings(m->diags, m->n_diags);
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
