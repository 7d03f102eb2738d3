#include "descriptions.h"

#include <stdlib.h>
#include <string.h>

enum { LINES = 16384, SECTIONS = 256, EVENTS = 1 << 20, DIAGS = 4096 };

bool description_open(struct description *d)
{
    d->lines = malloc(LINES * sizeof *d->lines);
    d->sections = malloc(SECTIONS * sizeof *d->sections);
    d->events = malloc(EVENTS * sizeof *d->events);
    d->diags = malloc(DIAGS * sizeof *d->diags);
    d->explainer = malloc(sipv_explainer_size());
    if (d->lines && d->sections && d->events && d->diags && d->explainer)
        return true;
    description_close(d);
    return false;
}

void description_close(struct description *d)
{
    free(d->lines);
    free(d->sections);
    free(d->events);
    free(d->diags);
    free(d->explainer);
    memset(d, 0, sizeof *d);
}

int described(struct description *d, const void *data, size_t n, sipv_profile profile)
{
    const sipv_sdp_options options = {profile, NULL, d->explainer};
    sipv_sdp_init(&d->s, d->lines, LINES, d->sections, SECTIONS, d->events, EVENTS, d->diags,
                  DIAGS);
    return sipv_sdp_parse(&d->s, data, n, &options);
}

int described_text(struct description *d, const char *text)
{
    return described(d, text, strlen(text), SIPV_STRICT);
}

static bool is_inside(const sipv_sdp *s, sipv_slice slice)
{
    return !slice.p || (slice.p >= s->data.p && slice.p <= s->data.p + s->data.n &&
                        slice.n <= s->data.n - sipv_sdp_offset(s, slice));
}

static const char *lines_fault(const sipv_sdp *s)
{
    size_t events = 0;
    for (size_t i = 0; i < s->n_lines; i++) {
        const sipv_sdp_line *l = &s->lines[i];
        if (!is_inside(s, l->name) || !is_inside(s, l->value))
            return "a line reaches out of the input";
        if (i > 0 && l->off <= s->lines[i - 1].off)
            return "lines are not in order";
        if (l->section != SIPV_SDP_SESSION && l->section >= s->n_sections)
            return "a line has a section that is not there";
        if (l->first_event < events || l->first_event + l->n_events > s->n_events)
            return "the captures of a line overlap others";
        events = l->first_event + l->n_events;
    }
    for (size_t i = 0; i < s->n_events; i++)
        if (s->events[i].off > s->data.n || s->events[i].len > s->data.n - s->events[i].off ||
            !sipv_kind_name(sipv_sdp_grammar(), s->events[i].kind))
            return "a capture reaches out of the input";
    return NULL;
}

static const char *sections_fault(const sipv_sdp *s)
{
    for (size_t i = 0; i < s->n_sections; i++) {
        const sipv_sdp_section *section = &s->sections[i];
        if (section->n == 0 || section->first + section->n > s->n_lines ||
            s->lines[section->first].type != 'm')
            return "a section does not begin with m=";
        if (i > 0 && section->first != s->sections[i - 1].first + s->sections[i - 1].n)
            return "sections do not follow each other";
    }
    return NULL;
}

static const char *findings_fault(const sipv_sdp *s)
{
    bool errors = false;
    for (size_t i = 0; i < s->n_diags; i++) {
        const sipv_diag *d = &s->diags[i];
        errors |= d->severity == SIPV_ERROR;
        if (!sipv_sdp_diag_find(d->code))
            return "a finding is not in the catalogue";
        if (d->off > s->data.n || d->len > s->data.n - d->off)
            return "a finding reaches out of the input";
        if (i > 0 && d->off < s->diags[i - 1].off)
            return "findings are not in order";
        if (d->rule >= 0 && !sipv_rule_name(sipv_sdp_grammar(), d->rule))
            return "a finding names a rule that is not there";
    }
    return errors == s->accepted ? "verdict and findings disagree" : NULL;
}

const char *description_fault(const sipv_sdp *s)
{
    const char *fault = lines_fault(s);
    if (!fault)
        fault = sections_fault(s);
    return fault ? fault : findings_fault(s);
}

bool description_has(const sipv_sdp *s, const char *name)
{
    for (size_t i = 0; i < s->n_diags; i++)
        if (strcmp(sipv_sdp_diag_find(s->diags[i].code)->name, name) == 0)
            return true;
    return false;
}
