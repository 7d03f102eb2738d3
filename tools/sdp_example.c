/* sdp_example.c: see sdp_example.h. */
#include "sdp_example.h"

#include <string.h>

static bool keep(struct sdp_example *x, const sipv_diag_info *info, const sipv_diag *diags,
                 size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (diags[i].code == info->code) {
            x->diag = diags[i];
            sdp_finding_of(&x->v, &x->diag, &x->finding);
            return true;
        }
    return false;
}

/* One description: relaxations are those of interop. */
static bool find_single(struct sdp_example *x, const sipv_diag_info *info, sipv_slice text)
{
    for (int profile = SIPV_STRICT; profile <= SIPV_INTEROP; profile++) {
        sdp_vet_parse(&x->v, text, (sipv_profile)profile);
        x->command = profile == SIPV_STRICT ? "sdp lint" : "sdp lint --profile interop";
        if (keep(x, info, x->v.s.diags, x->v.s.n_diags))
            return true;
    }
    return false;
}

static bool find_pair(struct sdp_example *x, const sipv_diag_info *info, sipv_slice text)
{
    enum { DIAGS = 64 };
    sipv_diag diags[DIAGS];
    size_t at = 0, n = 0;

    while (at + 4 < text.n && memcmp(text.p + at, "\r\n\r\n", 4) != 0)
        at++;
    sdp_vet_parse(&x->first, sipv_slice_of(text.p, at + 2), SIPV_STRICT);
    sdp_vet_parse(&x->v, sipv_slice_of(text.p + at + 4, text.n - at - 4), SIPV_STRICT);
    x->command = "sdp check --offer --answer";
    sipv_sdp_check_answer(&x->first.s, &x->v.s, diags, DIAGS, &n);
    if (keep(x, info, diags, n))
        return true;
    x->command = "sdp check --previous --next";
    sipv_sdp_check_next(&x->first.s, &x->v.s, diags, DIAGS, &n);
    return keep(x, info, diags, n);
}

bool sdp_example_find(struct sdp_example *x, const sipv_diag_info *info, sipv_slice text)
{
    return info->place == SIPV_EXAMPLE_PAIR ? find_pair(x, info, text) : find_single(x, info, text);
}

void sdp_example_free(struct sdp_example *x)
{
    sdp_vet_free(&x->first);
    sdp_vet_free(&x->v);
}
