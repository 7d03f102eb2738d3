/* Typed forms: captured parts into the fields of a struct. */
#include <string.h>

#include "internal.h"

struct filling {
    const unsigned char *base;
    const struct sipv_typed *typed;
    unsigned char *out;
};

static void *field_at(const struct filling *f, const struct sipv_field *field)
{
    return f->out + field->offset;
}

static void clear_fields(const struct filling *f)
{
    memset(f->out, 0, f->typed->size);
    for (unsigned i = 0; i < f->typed->n; i++) {
        const struct sipv_field *field = &f->typed->fields[i];
        if (field->type == SIPV_FIELD_NUMBER)
            *(int64_t *)field_at(f, field) = SIPV_NUMBER_ABSENT;
        if (field->type == SIPV_FIELD_URI)
            clear_fields(
                &(struct filling){f->base, &sipv_sip_typed[SIPV_VIEW_URI], field_at(f, field)});
    }
}

static void set_slice(const struct filling *f, sipv_slice *s, const sipv_event *ev)
{
    if (ev->part == SIPV_PART_CLOSE)
        s->n = (size_t)(f->base + ev->off - s->p);
    else
        *s = sipv_slice_of(f->base + ev->off, ev->len);
}

static void set_number(const struct filling *f, const struct sipv_field *field,
                       const sipv_event *ev)
{
    uint64_t value = 0;
    const int result = sipv_number(sipv_slice_of(f->base + ev->off, ev->len), field->max, &value);
    *(int64_t *)field_at(f, field) = result == SIPV_OK ? (int64_t)value : SIPV_NUMBER_RANGE;
}

static void extend_params(const struct filling *f, sipv_params *p, const sipv_event *ev)
{
    if (!p->ev) {
        p->base = f->base;
        p->ev = ev;
        p->kind = ev->kind;
    }
    p->n = (uint32_t)(ev - p->ev) + 1;
}

/* One captured part; false if no field wants it. */
static bool fill(const struct filling *f, const sipv_event *ev)
{
    const struct sipv_field *uri = NULL;
    for (unsigned i = 0; i < f->typed->n; i++) {
        const struct sipv_field *field = &f->typed->fields[i];
        if (field->type == SIPV_FIELD_URI)
            uri = field;
        if (field->type == SIPV_FIELD_PARAMS) {
            if (ev->kind != field->kind && ev->kind != field->kind + 1)
                continue;
            extend_params(f, field_at(f, field), ev);
            return true;
        }
        if (field->kind != ev->kind)
            continue;
        switch (field->type) {
        case SIPV_FIELD_SLICE: set_slice(f, field_at(f, field), ev); break;
        case SIPV_FIELD_NUMBER: set_number(f, field, ev); break;
        case SIPV_FIELD_FLAG: *(bool *)field_at(f, field) = true; break;
        default: set_slice(f, &((sipv_uri *)field_at(f, field))->text, ev);
        }
        return true;
    }
    return uri &&
           fill(&(struct filling){f->base, &sipv_sip_typed[SIPV_VIEW_URI], field_at(f, uri)}, ev);
}

void sipv_fill_uri(const unsigned char *base, const sipv_event *ev, size_t n, sipv_uri *out)
{
    const struct filling f = {base, &sipv_sip_typed[SIPV_VIEW_URI], (unsigned char *)out};
    clear_fields(&f);
    for (size_t i = 0; i < n; i++)
        fill(&f, &ev[i]);
}

/* ---- Iteration ------------------------------------------------------------------------------- */

sipv_iter sipv_each(sipv_message *m, unsigned id)
{
    sipv_iter it;
    memset(&it, 0, sizeof it);
    it.m = m;
    it.id = (uint16_t)id;
    it.header = id > SIPV_H_OTHER && id < SIPV_H_COUNT ? m->first[id] : SIPV_NO_HEADER;
    return it;
}

/* Moves to the next header that has something to read. */
static int enter_header(sipv_iter *it)
{
    while (it->header != SIPV_NO_HEADER) {
        sipv_header *h = &it->m->headers[it->header];
        sipv_read_header(it->m, it->header, false);
        if (h->state == SIPV_MALFORMED) {
            it->header = h->next;
            return SIPV_REJECT;
        }
        if (h->state == SIPV_UNREAD)
            return SIPV_NO_SPACE;
        it->base = it->m->data.p;
        it->ev = it->m->events + h->first_event;
        it->n = h->n_events;
        it->at = 0;
        it->begun = true;
        it->empty = it->n == 0;
        if (it->n || sipv_sip_tables.views[sipv_header_table[h->id].view].each_rule == SIPV_NO_RULE)
            return SIPV_OK;
        /* an empty list, as in "Supported:" */
        it->begun = false;
        it->header = h->next;
    }
    return SIPV_END;
}

int sipv_next(sipv_iter *it, int view, void *out)
{
    if (!it || !out || it->id >= SIPV_H_COUNT || view < 0 || sipv_header_table[it->id].view != view)
        return SIPV_BAD_ARGUMENT;
    while (!it->begun || (it->at >= it->n && !it->empty)) {
        if (!it->m)
            return SIPV_END;
        if (it->begun) {
            it->begun = false;
            it->header = it->m->headers[it->header].next;
        }
        const int result = enter_header(it);
        if (result != SIPV_OK)
            return result;
    }
    const struct filling f = {it->base, &sipv_sip_typed[view], (unsigned char *)out};
    clear_fields(&f);
    it->empty = false;
    for (; it->at < it->n; it->at++) {
        if (it->ev[it->at].kind == SIPV_KIND_ELEMENT) {
            it->at++;
            return SIPV_OK;
        }
        fill(&f, &it->ev[it->at]);
    }
    return SIPV_OK;
}
