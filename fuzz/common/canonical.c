#include "canonical.h"

#include "program.h"
#include "tables.h"

enum { UNQUOTED = 65536 };

/* Marks that stand in no text. */
enum { MARK_HEADER = 1, MARK_ELEMENT = 2, MARK_PART = 3, MARK_LINE = 4 };

static void put_mark(struct fuzz_out *o, unsigned mark, unsigned number)
{
    const unsigned char bytes[] = {0, (unsigned char)mark, (unsigned char)number,
                                   (unsigned char)(number >> 8)};
    fuzz_put(o, sipv_slice_of(bytes, sizeof bytes));
}

static bool is_space(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Runs of white space as one space; `lower`: letters in lower case. */
static void put_plain(struct fuzz_out *o, sipv_slice s, bool lower)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = s.p[i];
        if (is_space(c) && i > 0 && is_space(s.p[i - 1]))
            continue;
        if (is_space(c))
            c = ' ';
        if (lower && c >= 'A' && c <= 'Z')
            c |= 0x20;
        fuzz_put(o, sipv_slice_of(&c, 1));
    }
}

/* A quoted string is what it stands for. */
static void put_meant(struct fuzz_out *o, sipv_slice s)
{
    static unsigned char unquoted[UNQUOTED];
    if (s.n >= 2 && s.n <= UNQUOTED && s.p[0] == '"')
        s = sipv_slice_of(unquoted, sipv_unquote(s, unquoted, UNQUOTED));
    put_plain(o, s, false);
}

static bool is_name(unsigned kind)
{
    return kind == SIPV_KIND_PARAM_NAME || kind == SIPV_KIND_URI_PARAM_NAME ||
           kind == SIPV_KIND_URI_HEADER_NAME;
}

/* Where a capture that was opened at `ev` ends. */
static size_t end_of(const sipv_event *ev, const sipv_event *last)
{
    if (ev->part == SIPV_PART_WHOLE)
        return (size_t)ev->off + ev->len;
    for (const sipv_event *e = ev + 1; e < last; e++)
        if (e->kind == ev->kind && e->part == SIPV_PART_CLOSE)
            return e->off;
    return ev->off;
}

static void put_captures(struct fuzz_out *o, const sipv_message *m, const sipv_header *h)
{
    const sipv_event *ev = m->events + h->first_event, *const last = ev + h->n_events;
    for (; ev < last; ev++) {
        if (ev->kind == SIPV_KIND_ELEMENT) {
            put_mark(o, MARK_ELEMENT, 0);
            continue;
        }
        if (ev->part == SIPV_PART_CLOSE)
            continue;
        const sipv_slice text = sipv_slice_of(m->data.p + ev->off, end_of(ev, last) - ev->off);
        put_mark(o, MARK_PART, ev->kind);
        if (is_name(ev->kind))
            put_plain(o, text, true);
        else
            put_meant(o, text);
    }
}

void fuzz_canonical_header(const sipv_message *m, const sipv_header *h, struct fuzz_out *out)
{
    put_captures(out, m, h);
}

/* All headers of one name. */
static void put_name(struct fuzz_out *o, const sipv_message *m, unsigned id)
{
    const bool list = sipv_header_table[id].nature == SIPV_LIST;
    for (unsigned i = m->first[id], k = 0; i != SIPV_NO_HEADER; i = m->headers[i].next, k++) {
        const sipv_header *h = &m->headers[i];
        put_mark(o, list && k > 0 ? MARK_ELEMENT : MARK_HEADER, list && k > 0 ? 0 : id);
        if (h->state == SIPV_READ)
            put_captures(o, m, h);
        else
            put_plain(o, h->value, false);
    }
}

static void put_unknown(struct fuzz_out *o, const sipv_message *m)
{
    for (size_t i = 0; i < m->n_headers; i++) {
        const sipv_header *h = &m->headers[i];
        if (h->id != SIPV_H_OTHER)
            continue;
        put_mark(o, MARK_HEADER, 0);
        put_plain(o, h->name, true);
        put_mark(o, MARK_PART, 0);
        put_plain(o, h->value, false);
    }
}

/* ---- Typed headers -----------------------------------------------------------------------------
 */

static void put_params(struct fuzz_out *o, const sipv_params *params)
{
    sipv_param p;
    for (size_t at = 0; sipv_param_next(params, &at, &p) == SIPV_OK;) {
        put_mark(o, MARK_PART, params->kind);
        put_plain(o, p.name, true);
        put_mark(o, MARK_PART, p.value.p ? params->kind + 1u : 0);
        put_meant(o, p.value);
    }
}

static void put_list(struct fuzz_out *o, const sipv_list *list)
{
    sipv_slice item;
    for (size_t at = 0; sipv_list_next(list, &at, &item) == SIPV_OK;) {
        put_mark(o, MARK_PART, list->kind);
        put_meant(o, item);
    }
}

static void put_typed(struct fuzz_out *o, const struct sipv_typed *form, const void *typed);

static void put_field(struct fuzz_out *o, const struct sipv_field *field, const void *p)
{
    put_mark(o, MARK_LINE, field->kind);
    switch (field->type) {
    case SIPV_FIELD_SLICE:
        put_mark(o, MARK_PART, ((const sipv_slice *)p)->p != NULL);
        put_meant(o, *(const sipv_slice *)p);
        break;
    case SIPV_FIELD_NUMBER: fuzz_put_number(o, (uint64_t) * (const int64_t *)p); break;
    case SIPV_FIELD_FLAG: fuzz_put_number(o, *(const bool *)p); break;
    case SIPV_FIELD_PARAMS: put_params(o, p); break;
    case SIPV_FIELD_LIST: put_list(o, p); break;
    default: put_typed(o, &sipv_sip_typed[SIPV_VIEW_URI], p);
    }
}

static void put_typed(struct fuzz_out *o, const struct sipv_typed *form, const void *typed)
{
    for (unsigned i = 0; i < form->n; i++)
        put_field(o, &form->fields[i], (const unsigned char *)typed + form->fields[i].offset);
}

void fuzz_canonical_typed(sipv_message *m, struct fuzz_out *out)
{
    _Alignas(max_align_t) unsigned char element[1024];
    for (unsigned id = 1; id < SIPV_H_COUNT; id++) {
        const int view = sipv_header_table[id].view;
        if (view < 0 || m->first[id] == SIPV_NO_HEADER)
            continue;
        sipv_iter it = sipv_each(m, id);
        for (int result; (result = sipv_next(&it, view, element)) != SIPV_END && !out->full;) {
            put_mark(out, MARK_ELEMENT, id);
            if (result == SIPV_OK)
                put_typed(out, &sipv_sip_typed[view], element);
            else
                put_mark(out, MARK_HEADER, 0);
        }
    }
}

/* ---- Messages ----------------------------------------------------------------------------------
 */

void fuzz_canonical(const sipv_message *m, struct fuzz_out *out)
{
    const sipv_slice start[] = {m->method,      m->request_uri, m->version,
                                m->status_text, m->reason,      m->body};
    for (size_t i = 0; i < sizeof start / sizeof *start; i++) {
        put_mark(out, MARK_LINE, (unsigned)i);
        fuzz_put(out, start[i]);
    }
    for (unsigned id = 1; id < SIPV_H_COUNT; id++)
        put_name(out, m, id);
    put_unknown(out, m);
}
