#include "description.h"

#include <stddef.h>
#include <string.h>

#include "../../sdp/src/internal.h"
#include "allocations.h"
#include "message.h"
#include "typed_slices.h"
#include "work.h"

/* ---- Parsing -----------------------------------------------------------------------------------
 */

sipv_sdp_options fuzz_sdp_options(const struct fuzz_input *in, sipv_limits *limits)
{
    sipv_sdp_options options;
    memset(&options, 0, sizeof options);
    options.profile = in->bits & FUZZ_BIT_INTEROP ? SIPV_INTEROP : SIPV_STRICT;
    if (in->bits & (FUZZ_BIT_INTEROP | FUZZ_BIT_EXPLAIN))
        options.explainer = fuzz_explainer();
    *limits = sipv_limits_default();
    if (!(in->bits & FUZZ_BIT_LIMITS))
        return options;
    const unsigned number = fuzz_number(in);
    limits->attributes = 1 + number % 64;
    limits->formats = 1 + (number >> 6) % 16;
    limits->media = 1 + (number >> 10) % 8;
    limits->message = 64 + (number >> 12) * 128;
    options.limits = limits;
    return options;
}

int fuzz_sdp_parse(struct fuzz_description *x, sipv_slice data, const sipv_sdp_options *options,
                   unsigned number)
{
    const uint64_t before = fuzz_allocations, work = fuzz_work;
    if (number)
        sipv_sdp_init(&x->s, x->lines, number % 32, x->sections, (number >> 5) % 4, x->events,
                      (number >> 7) % 128 * 4, x->diags, 1 + (number >> 14) % 4);
    else
        sipv_sdp_init(&x->s, x->lines, FUZZ_SDP_LINES, x->sections, FUZZ_SDP_SECTIONS, x->events,
                      FUZZ_SDP_EVENTS, x->diags, FUZZ_SDP_DIAGS);
    const int result = sipv_sdp_parse(&x->s, data.p, data.n, options);
    FUZZ_CHECK(allocation, fuzz_allocations == before, "a parse allocates");
    fuzz_check_work(work, data.n, options && options->explainer);
    return result;
}

/* ---- Slices ------------------------------------------------------------------------------------
 */

static void check_line(const sipv_sdp *s, size_t i, size_t *n_events)
{
    const sipv_sdp_line *l = &s->lines[i];
    FUZZ_CHECK(slices, l->off < s->data.n, "a line outside");
    const sipv_slice rest = sipv_slice_of(s->data.p + l->off, s->data.n - l->off);
    FUZZ_CHECK(slices, fuzz_inside(l->name, rest) && fuzz_inside(l->value, rest),
               "a part before its line or outside");
    FUZZ_CHECK(slices, !l->name.p || !l->value.p || l->value.p > l->name.p + l->name.n,
               "a value before its name");
    FUZZ_CHECK(slices, i == 0 || l->off > s->lines[i - 1].off, "lines out of order");
    FUZZ_CHECK(slices, l->section == SIPV_SDP_SESSION || l->section < s->n_sections,
               "a line of no section");
    FUZZ_CHECK(slices, l->id < SIPV_SDP_A_COUNT, "an attribute without id");
    FUZZ_CHECK(slices,
               l->first_event >= *n_events && l->first_event <= s->n_events &&
                   l->n_events <= s->n_events - l->first_event,
               "captures that are not there");
    *n_events = l->first_event + l->n_events;
    fuzz_check_events(s->events + l->first_event, l->n_events, s->data, l->off);
}

static void check_sections(const sipv_sdp *s)
{
    for (size_t i = 0; i < s->n_sections; i++) {
        const sipv_sdp_section *x = &s->sections[i];
        FUZZ_CHECK(slices, x->n > 0 && x->n <= s->n_lines && x->first <= s->n_lines - x->n,
                   "a section outside");
        FUZZ_CHECK(slices, s->lines[x->first].type == 'm', "a section without m=");
        FUZZ_CHECK(slices, i == 0 || x->first == s->sections[i - 1].first + s->sections[i - 1].n,
                   "sections do not follow each other");
        FUZZ_CHECK(slices, x->mid < s->n_lines, "a mid that is no line");
        FUZZ_CHECK(slices, sipv_sdp_direction_name((sipv_sdp_direction)x->direction),
                   "a section without direction");
    }
}

/* A field by itself is what it is in the form of its line. */
static void check_field(const sipv_sdp *s, const sipv_sdp_line *l, const unsigned char *form,
                        size_t i)
{
    static sipv_sdp_field field;
    const void *const at = form + sipv_sdp_typed_forms[l->view].fields[i].offset;
    FUZZ_CHECK(slices, sipv_sdp_field_at(s, l, i, &field) == SIPV_OK, "a field is not there");
    FUZZ_CHECK(slices, field.name, "a field without name");
    const void *const part = field.type == SIPV_SDP_FIELD_SLICE  ? (const void *)&field.slice
                             : field.type == SIPV_SDP_FIELD_LIST ? (const void *)&field.list
                                                                 : (const void *)&field.number;
    const size_t n = field.type == SIPV_SDP_FIELD_SLICE  ? sizeof field.slice
                     : field.type == SIPV_SDP_FIELD_LIST ? sizeof field.list
                                                         : sizeof field.number;
    FUZZ_CHECK(slices, memcmp(part, at, n) == 0, "a field by itself is another one");
}

/* A line that was not read has no field. */
static void check_no_parts(const sipv_sdp *s, const sipv_sdp_line *l)
{
    _Alignas(max_align_t) static unsigned char form[512], empty[512];
    const struct sipv_typed *typed = &sipv_sdp_typed_forms[l->view];
    sipv_sdp_field field;
    sipv_typed_clear(&(struct sipv_filling){NULL, typed, NULL, empty});
    memset(form, FUZZ_UNTOUCHED, typed->size);
    FUZZ_CHECK(refusal,
               sipv_sdp_typed(s, l, l->view, form) == SIPV_REJECT &&
                   memcmp(form, empty, typed->size) == 0,
               "a refused line has fields");
    memset(&field, FUZZ_UNTOUCHED, sizeof field);
    FUZZ_CHECK(refusal,
               sipv_sdp_field_at(s, l, 0, &field) == SIPV_REJECT &&
                   fuzz_is_filled(&field, sizeof field, FUZZ_UNTOUCHED),
               "a refused line has a field");
}

/* All fields of a line; in every third line one of them also by itself. */
static void check_parts(const sipv_sdp *s, size_t i)
{
    _Alignas(max_align_t) static unsigned char form[512];
    const sipv_sdp_line *l = &s->lines[i];
    if (l->view < 0)
        return;
    if (l->state != SIPV_SDP_READ) {
        check_no_parts(s, l);
        return;
    }
    const struct sipv_typed *typed = &sipv_sdp_typed_forms[l->view];
    FUZZ_CHECK(slices, typed->size <= sizeof form, "a form is larger than any");
    FUZZ_CHECK(slices, sipv_sdp_typed(s, l, l->view, form) == SIPV_OK, "a line has no form");
    fuzz_check_typed(typed, NULL, form, sipv_slice_of(s->data.p + l->off, s->data.n - l->off));
    if (i % 3 == 0)
        check_field(s, l, form, i / 3 % typed->n);
}

static void check_found(const sipv_sdp *s, const sipv_sdp_line *l)
{
    const sipv_sdp_line *before = NULL, *at = NULL;
    do {
        before = at;
        at = l->type == 'a' ? sipv_sdp_find(s, l->section, l->id, before)
                            : sipv_sdp_find_type(s, l->section, l->type, before);
        FUZZ_CHECK(slices, at && at > before && at->section == l->section, "a line is not found");
    } while (at < l);
    FUZZ_CHECK(slices, at == l, "a line is stepped over");
}

/* What holds for a section is its own line, else that of the session. */
static void check_effective(const sipv_sdp *s, unsigned section, unsigned id)
{
    const sipv_sdp_line *const own = sipv_sdp_find(s, section, id, NULL);
    FUZZ_CHECK(slices,
               sipv_sdp_find_effective(s, section, id) ==
                   (own ? own : sipv_sdp_find(s, SIPV_SDP_SESSION, id, NULL)),
               "another line holds");
}

void fuzz_check_lines(const sipv_sdp *s, int result)
{
    for (size_t i = 0; i < s->n_lines; i++)
        check_parts(s, i);
    for (size_t i = 0; result != SIPV_NO_SPACE && i < s->n_lines; i += 1 + s->n_lines / 8)
        if (s->lines[i].type != 'a' || s->lines[i].id != SIPV_SDP_A_OTHER) {
            check_found(s, &s->lines[i]);
            check_effective(s, 0, s->lines[i].id);
        }
}

/* ---- Captures ----------------------------------------------------------------------------------
 */

static bool same_event(const sipv_event *a, const sipv_event *b)
{
    return a->kind == b->kind && a->part == b->part && a->off == b->off && a->len == b->len;
}

void fuzz_check_captures(const sipv_sdp *s, const sipv_sdp_line *l)
{
    enum { EVENTS = 16384 };
    static sipv_event events[EVENTS];
    sipv_match match;
    if (l->state != SIPV_SDP_READ)
        return;
    const sipv_slice text = l->value.p ? l->value : sipv_slice_of(l->name.p + l->name.n, 0);
    const int result =
        sipv_explain(sipv_sdp_grammar(), sipv_sdp_rule_of(l), false, text, 0, fuzz_explainer(),
                     (uint32_t)sipv_sdp_offset(s, text), events, EVENTS, &match);
    FUZZ_CHECK(depths, result == SIPV_OK, "the grammar refuses a line that was read");
    if (match.no_space)
        return;
    FUZZ_CHECK(depths, match.n_events <= l->n_events, "captures are missing");
    for (size_t i = 0; i < match.n_events; i++)
        FUZZ_CHECK(depths, same_event(&events[i], &s->events[l->first_event + i]),
                   "captures are not those of the grammar");
}

/* ---- Refusals ----------------------------------------------------------------------------------
 */

static void check_diags(const sipv_sdp *s)
{
    bool errors = false;
    for (size_t i = 0; i < s->n_diags; i++) {
        const sipv_diag *d = &s->diags[i];
        errors |= d->severity == SIPV_ERROR;
        FUZZ_CHECK(refusal, sipv_sdp_diag_find(d->code), "a finding without code");
        FUZZ_CHECK(refusal, d->off <= s->data.n && d->len <= s->data.n - d->off,
                   "a finding outside the input");
        FUZZ_CHECK(refusal, d->header == SIPV_NO_HEADER || d->header < s->n_lines,
                   "a finding about no line");
        FUZZ_CHECK(refusal, d->rule < 0 || sipv_rule_name(sipv_sdp_grammar(), d->rule),
                   "a finding about no rule");
        FUZZ_CHECK(refusal, i == 0 || d->off >= s->diags[i - 1].off, "findings out of order");
    }
    FUZZ_CHECK(refusal, s->accepted != errors, "a verdict without its reason");
}

void fuzz_check_description(const sipv_sdp *s, int result)
{
    size_t n_events = 0;
    for (size_t i = 0; i < s->n_lines; i++)
        check_line(s, i, &n_events);
    check_sections(s);
    check_diags(s);
    FUZZ_CHECK(refusal,
               result == SIPV_NO_SPACE ? !s->accepted
                                       : result == (s->accepted ? SIPV_OK : SIPV_REJECT),
               "result and verdict differ");
}

/* ---- Comparison --------------------------------------------------------------------------------
 */

/* Where what a line captured is counted from: its value, or where that would begin. */
static size_t value_offset(const sipv_sdp *s, const sipv_sdp_line *l)
{
    return l->value.p  ? sipv_sdp_offset(s, l->value)
           : l->name.p ? sipv_sdp_offset(s, l->name) + l->name.n
                       : l->off;
}

static bool same_captures(const sipv_sdp *a, const sipv_sdp_line *x, const sipv_sdp *b,
                          const sipv_sdp_line *y)
{
    const size_t from = value_offset(a, x), other = value_offset(b, y);
    for (size_t i = 0; i < x->n_events; i++) {
        const sipv_event *e = &a->events[x->first_event + i], *f = &b->events[y->first_event + i];
        if (e->kind != f->kind || e->part != f->part || e->off - from != f->off - other ||
            e->len != f->len)
            return false;
    }
    return true;
}

const char *fuzz_sdp_difference(const sipv_sdp *a, const sipv_sdp *b)
{
    if (a->n_lines != b->n_lines || a->n_sections != b->n_sections)
        return "another number of lines or sections";
    if (a->direction != b->direction)
        return "another direction";
    for (size_t i = 0; i < a->n_lines; i++) {
        const sipv_sdp_line *x = &a->lines[i], *y = &b->lines[i];
        if (x->type != y->type || x->id != y->id || x->section != y->section ||
            !sipv_slice_equal(x->name, y->name) || !sipv_slice_equal(x->value, y->value))
            return "a line differs";
        if (x->state != y->state || x->n_events != y->n_events || x->view != y->view)
            return "a line was read in another way";
        if (!same_captures(a, x, b, y))
            return "the captures of a line differ";
    }
    for (size_t i = 0; i < a->n_sections; i++)
        if (a->sections[i].direction != b->sections[i].direction ||
            a->sections[i].mid != b->sections[i].mid ||
            a->sections[i].first != b->sections[i].first || a->sections[i].n != b->sections[i].n)
            return "a section differs";
    return NULL;
}

static bool same_place(const sipv_sdp *a, sipv_slice x, const sipv_sdp *b, sipv_slice y)
{
    return x.n == y.n && !x.p == !y.p && (!x.p || x.p - a->data.p == y.p - b->data.p);
}

static bool same_findings(const sipv_sdp *a, const sipv_sdp *b)
{
    if (a->n_diags != b->n_diags || a->lost_diags != b->lost_diags)
        return false;
    for (size_t i = 0; i < a->n_diags; i++) {
        const sipv_diag *x = &a->diags[i], *y = &b->diags[i];
        if (x->code != y->code || x->severity != y->severity || x->off != y->off ||
            x->len != y->len || x->header != y->header || x->rule != y->rule)
            return false;
    }
    return true;
}

const char *fuzz_sdp_difference_in_place(const sipv_sdp *a, const sipv_sdp *b)
{
    const char *const difference = fuzz_sdp_difference(a, b);
    if (difference)
        return difference;
    if (a->n_session != b->n_session || a->late != b->late || a->n_events != b->n_events)
        return "another extent";
    for (size_t i = 0; i < a->n_lines; i++) {
        const sipv_sdp_line *x = &a->lines[i], *y = &b->lines[i];
        if (x->off != y->off || x->first_event != y->first_event ||
            !same_place(a, x->name, b, y->name) || !same_place(a, x->value, b, y->value))
            return "a line is at another place";
    }
    if (a->accepted != b->accepted || a->relaxations != b->relaxations || !same_findings(a, b))
        return "something else is found";
    return NULL;
}
