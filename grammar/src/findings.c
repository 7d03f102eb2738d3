/* Findings in the caller's storage. */
#include "findings.h"

/* From the first loss on errors stand in front of the others, so that every further loss costs the
 * same; in the end all are sorted. */
static void errors_to_the_front(struct sipv_findings *f)
{
    size_t errors = 0;
    for (size_t i = 0; i < f->n; i++) {
        const sipv_diag t = f->diags[i];
        if (t.severity != SIPV_ERROR)
            continue;
        f->diags[i] = f->diags[errors];
        f->diags[errors++] = t;
    }
}

/* An error is never lost behind warnings alone: the place of one, or NULL. */
static sipv_diag *place_of_a_warning(struct sipv_findings *f)
{
    size_t low = 0, high = f->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (f->diags[middle].severity == SIPV_ERROR)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == f->n)
        return NULL;
    f->diags[f->n - 1] = f->diags[low];
    return &f->diags[low];
}

sipv_diag *sipv_findings_add(struct sipv_findings *f, const sipv_diag_info *info)
{
    sipv_diag *d;
    if (f->n < f->cap) {
        d = &f->diags[f->n++];
    } else {
        if (f->lost++ == 0)
            errors_to_the_front(f);
        d = info->severity == SIPV_ERROR ? place_of_a_warning(f) : NULL;
        if (!d)
            return NULL;
    }
    d->code = info->code;
    d->severity = info->severity;
    d->in_body = false;
    d->status = info->status;
    d->header = SIPV_NO_HEADER;
    d->rule = d->relaxation = -1;
    d->off = d->len = 0;
    return d;
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
void sipv_findings_sort(sipv_diag *d, size_t n)
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
