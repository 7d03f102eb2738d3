/* sdp_vet.c: storage of a description, and its findings. */
#include "sdp_vet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_EVENTS = 1 << 24, MAX_DIAGS = 1 << 16 };

static void allocate(struct sdp_vet *v)
{
    if (!v->explainer)
        v->explainer = need(1, sipv_explainer_size());
    v->sdp_lines = need_more(v->sdp_lines, v->cap_lines, sizeof *v->sdp_lines);
    v->sections = need_more(v->sections, v->cap_sections, sizeof *v->sections);
    v->events = need_more(v->events, v->cap_events, sizeof *v->events);
    v->diags = need_more(v->diags, v->cap_diags, sizeof *v->diags);
}

void sdp_vet_parse(struct sdp_vet *v, sipv_slice data, sipv_profile profile)
{
    sipv_sdp_options options = {.profile = profile};

    if (v->cap_lines == 0) {
        v->cap_lines = 1024;
        v->cap_sections = 256;
        v->cap_events = 4096;
        v->cap_diags = 256;
        allocate(v);
    }
    options.explainer = v->explainer;
    for (;;) {
        bool again = false;

        sipv_sdp_init(&v->s, v->sdp_lines, v->cap_lines, v->sections, v->cap_sections, v->events,
                      v->cap_events, v->diags, v->cap_diags);
        if (sipv_sdp_parse(&v->s, data.p, data.n, &options) == SIPV_NO_SPACE &&
            v->cap_events < MAX_EVENTS) {
            v->cap_lines *= 4;
            v->cap_events *= 4;
            again = true;
        }
        if (v->s.lost_diags > 0 && v->cap_diags < MAX_DIAGS) {
            v->cap_diags *= 4;
            again = true;
        }
        if (!again)
            break;
        allocate(v);
    }
    lines_of(&v->lines, data);
}

void sdp_vet_free(struct sdp_vet *v)
{
    free(v->sdp_lines);
    free(v->sections);
    free(v->events);
    free(v->diags);
    free(v->explainer);
    lines_free(&v->lines);
    memset(v, 0, sizeof *v);
}

/* "m=", "a=rtpmap": the line a finding is about. */
static void name_line(const struct sdp_vet *v, const sipv_diag *d, struct finding *f)
{
    const sipv_sdp_line *line;
    const sipv_sdp_attribute_info *info;

    if (d->header >= v->s.n_lines)
        return;
    line = &v->s.lines[d->header];
    info = sipv_sdp_attribute_info_of(line->id);
    snprintf(f->header_text, sizeof f->header_text, "%c=%s", line->type, info ? info->name : "");
    f->header = f->header_text;
    if (info && strstr(f->info->rfc, "the RFC of the attribute"))
        snprintf(f->rfc, sizeof f->rfc, "%s", info->rfc);
}

void sdp_finding_of(struct sdp_vet *v, const sipv_diag *d, struct finding *f)
{
    const sipv_grammar *g = sipv_sdp_grammar();

    memset(f, 0, sizeof *f);
    f->d = d;
    f->info = catalogue_code(d->code);
    f->grammar = g;
    f->severity = d->severity;
    lines_place(&v->lines, d->off, &f->line, &f->column);
    snprintf(f->rfc, sizeof f->rfc, "%s", f->info->rfc);
    name_line(v, d, f);
    if (d->rule >= 0)
        f->rule = sipv_rule_name(g, d->rule);
    if (sipv_sdp_explain(&v->s, d, v->explainer, &f->match) != SIPV_OK)
        f->match.n_expected = 0;
    if (f->match.n_expected > 0)
        f->alternative_count =
            sipv_explain_alternatives(v->explainer, f->alternatives, SIPV_ALTERNATIVES_MAX);
}
