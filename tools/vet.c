/* vet.c: storage of a message, lines, captures, names. */
#include "vet.h"

#include <stdlib.h>
#include <string.h>

/* ---- Lines ----------------------------------------------------------------------------------- */

static void add_line(struct lines *lines, size_t start)
{
    if (lines->count == lines->cap) {
        lines->cap = lines->cap ? lines->cap * 2 : 64;
        lines->starts = need_more(lines->starts, lines->cap, sizeof *lines->starts);
    }
    lines->starts[lines->count++] = start;
}

void lines_of(struct lines *lines, sipv_slice text)
{
    lines->text = text;
    lines->count = 0;
    lines->counted_at = 0;
    lines->counted = 1;
    add_line(lines, 0);
    for (size_t at = 0; at < text.n;) {
        const unsigned char *lf = memchr(text.p + at, '\n', text.n - at);

        if (!lf)
            return;
        at = (size_t)(lf - text.p) + 1;
        add_line(lines, at);
    }
}

void lines_free(struct lines *lines)
{
    free(lines->starts);
    memset(lines, 0, sizeof *lines);
}

void lines_place(const struct lines *lines, size_t off, size_t *line, size_t *column)
{
    size_t low = 0, high = lines->count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (lines->starts[middle] <= off)
            low = middle;
        else
            high = middle;
    }
    *line = low + 1;
    *column = off - lines->starts[low] + 1;
}

sipv_slice lines_text(const struct lines *lines, size_t line)
{
    size_t start = lines->starts[line - 1];
    size_t end = line < lines->count ? lines->starts[line] - 1 : lines->text.n;

    if (line < lines->count && end > start && lines->text.p[end - 1] == '\r')
        end--;
    return sipv_slice_of(end > start ? lines->text.p + start : (const unsigned char *)"",
                         end - start);
}

/* ---- Messages -------------------------------------------------------------------------------- */

enum { MAX_EVENTS = 1 << 24, MAX_DIAGS = 1 << 16 };

static void allocate(struct vet *v)
{
    if (!v->explainer)
        v->explainer = need(1, sipv_explainer_size());
    v->headers = need_more(v->headers, v->cap_headers, sizeof *v->headers);
    v->events = need_more(v->events, v->cap_events, sizeof *v->events);
    v->diags = need_more(v->diags, v->cap_diags, sizeof *v->diags);
}

/* A header whose grammar is right and whose number is too large is read all the same, for people:
 * the number is absent then.  Interop ignores the whole header instead. */
static void show_out_of_range(sipv_message *m)
{
    for (size_t i = 0; i < m->n_headers; i++) {
        sipv_header *h = &m->headers[i];
        bool essential = h->id == SIPV_H_VIA || h->id == SIPV_H_FROM || h->id == SIPV_H_TO ||
                         h->id == SIPV_H_CSEQ;

        if (h->state == SIPV_MALFORMED && h->n_events > 0 &&
            (essential || m->options.profile == SIPV_STRICT))
            h->state = SIPV_READ;
    }
}

/* ---- Findings -------------------------------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
    const struct body_finding *x = a, *y = b;

    if (x->d.off != y->d.off)
        return x->d.off < y->d.off ? -1 : 1;
    return (int)y->d.severity - (int)x->d.severity;
}

void vet_gather(struct vet *v)
{
    size_t count = v->m.n_diags + v->body_count, at = 0;

    if (v->body_count > 0)
        qsort(v->body, v->body_count, sizeof *v->body, by_place);
    if (count > v->cap_all)
        v->all = need_more(v->all, v->cap_all = count, sizeof *v->all);
    v->all_count = 0;
    for (size_t i = 0; i < v->m.n_diags; i++) {
        for (; at < v->body_count && v->body[at].d.off < v->m.diags[i].off; at++)
            v->all[v->all_count++] = &v->body[at].d;
        v->all[v->all_count++] = &v->m.diags[i];
    }
    for (; at < v->body_count; at++)
        v->all[v->all_count++] = &v->body[at].d;
}

void vet_parse(struct vet *v, sipv_slice data, sipv_profile profile, enum vet_what what)
{
    sipv_options options = {.profile = profile, .stream = what == VET_FRAME};

    if (v->cap_headers == 0) {
        v->cap_headers = 1024;
        v->cap_events = 65536;
        v->cap_diags = 256;
        allocate(v);
    }
    options.explainer = v->explainer;
    for (;;) {
        int result;
        bool again = false;

        sipv_message_init(&v->m, v->headers, v->cap_headers, v->events, v->cap_events, v->diags,
                          v->cap_diags);
        result = what == VET_FRAGMENT ? sipv_sipfrag_parse(&v->m, data.p, data.n, &options)
                                      : sipv_message_parse(&v->m, data.p, data.n, &options);
        if (result == SIPV_NO_SPACE && v->cap_events < MAX_EVENTS) {
            v->cap_events *= 2;
            v->cap_headers *= 2;
            again = true;
        }
        if (v->m.lost_diags > 0 && v->cap_diags < MAX_DIAGS) {
            v->cap_diags *= 4;
            again = true;
        }
        if (!again)
            break;
        allocate(v);
    }
    show_out_of_range(&v->m);
    lines_of(&v->lines, data);
    v->body_count = 0;
    vet_gather(v);
}

size_t vet_octets(const struct vet *v)
{
    return v->m.octets > v->m.start ? v->m.octets - v->m.start : 0;
}

void vet_free(struct vet *v)
{
    free(v->headers);
    free(v->events);
    free(v->diags);
    free(v->all);
    free(v->body);
    free(v->explainer);
    lines_free(&v->lines);
    memset(v, 0, sizeof *v);
}

/* ---- Names ----------------------------------------------------------------------------------- */

const char *const choices_profile[] = {"strict", "interop", NULL};

sipv_profile profile_of(const char *name)
{
    return strcmp(name, "interop") == 0 ? SIPV_INTEROP : SIPV_STRICT;
}

const char *profile_name(sipv_profile profile)
{
    return choices_profile[profile == SIPV_INTEROP];
}

const char *severity_name(unsigned severity)
{
    return severity == SIPV_ERROR ? "error" : severity == SIPV_WARNING ? "warning" : "note";
}

const char *verdict_name(bool accepted)
{
    return accepted ? "accept" : "reject";
}

/* ---- Captures -------------------------------------------------------------------------------- */

enum { OPEN_MAX = 64 };

size_t captures_join(const sipv_grammar *g, const sipv_event *events, size_t n, struct capture *out)
{
    size_t open[OPEN_MAX]; /* captures whose end was not seen; the grammar nests less than this */
    size_t depth = 0, count = 0, kept = 0;

    for (size_t i = 0; i < n; i++) {
        const sipv_event *e = &events[i];

        if (e->part == SIPV_PART_CLOSE) {
            for (size_t k = depth; k-- > 0;) {
                struct capture *c = &out[open[k]];

                if (c->kind != e->kind)
                    continue;
                c->len = e->off - c->off;
                memmove(&open[k], &open[k + 1], (--depth - k) * sizeof *open);
                break;
            }
            continue;
        }
        out[count].kind = e->kind;
        out[count].off = e->off;
        out[count].len = e->part == SIPV_PART_WHOLE ? e->len : SIZE_MAX;
        if (e->part == SIPV_PART_OPEN && depth < OPEN_MAX)
            open[depth++] = count;
        count++;
    }
    for (size_t i = 0; i < count; i++) {
        const char *name = sipv_kind_name(g, out[i].kind);

        struct capture c = out[i];
        size_t k = kept;

        if (c.len == SIZE_MAX || !name || strcmp(name, "element") == 0)
            continue;
        /* Events are in order but for those of one chunk, so this moves little. */
        for (; k > 0 &&
               (out[k - 1].off > c.off || (out[k - 1].off == c.off && out[k - 1].len < c.len));
             k--)
            out[k] = out[k - 1];
        out[k] = c;
        kept++;
    }
    return kept;
}
