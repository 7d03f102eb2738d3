/* Findings in the caller's storage: kept, and ordered in the end. */
#ifndef SIPV_FINDINGS_H
#define SIPV_FINDINGS_H

#include <sipvet/grammar.h>

struct sipv_findings {
    sipv_diag *diags;
    size_t n, cap;
    size_t lost; /* findings for which there was no room */
};

/* A new finding with the severity and the status of its entry, about nothing yet.  NULL if there is
 * no room: an error takes the place of a warning, so it is never lost behind warnings alone. */
SIPV_API sipv_diag *sipv_findings_add(struct sipv_findings *f, const sipv_diag_info *info);

/* By offset; at one place the graver first, then by code. */
SIPV_API void sipv_findings_sort(sipv_diag *d, size_t n);

#endif
