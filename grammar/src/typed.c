/* Typed forms: captured parts into the fields of a struct. */
#include "typed.h"

#include <string.h>

static void *field_at(const struct sipv_filling *f, const struct sipv_field *field)
{
    return f->out + field->offset;
}

/* The filling of a URI inside a form. */
static struct sipv_filling inside(const struct sipv_filling *f, const struct sipv_field *uri)
{
    return (struct sipv_filling){f->base, f->uri, NULL, field_at(f, uri)};
}

/* Not inlined, as others here: what they keep on the stack is not wanted for every capture. */
static __attribute__((noinline)) void clear_uri(const struct sipv_filling *f,
                                                const struct sipv_field *field)
{
    const struct sipv_filling uri = inside(f, field);
    sipv_typed_clear(&uri);
}

void sipv_typed_clear(const struct sipv_filling *f)
{
    memset(f->out, 0, f->typed->size);
    for (unsigned i = 0; i < f->typed->n; i++) {
        const struct sipv_field *field = &f->typed->fields[i];
        if (field->type == SIPV_FIELD_NUMBER)
            *(int64_t *)field_at(f, field) = SIPV_NUMBER_ABSENT;
        if (field->type == SIPV_FIELD_URI)
            clear_uri(f, field);
    }
}

static void set_slice(const struct sipv_filling *f, sipv_slice *s, const sipv_event *ev)
{
    if (ev->part == SIPV_PART_CLOSE)
        s->n = (size_t)(f->base + ev->off - s->p);
    else
        *s = sipv_slice_of(f->base + ev->off, ev->len);
}

static __attribute__((noinline)) void
set_number(const struct sipv_filling *f, const struct sipv_field *field, const sipv_event *ev)
{
    uint64_t value = 0;
    const int result = sipv_number(sipv_slice_of(f->base + ev->off, ev->len), field->max, &value);
    *(int64_t *)field_at(f, field) = result == SIPV_OK ? (int64_t)value : SIPV_NUMBER_RANGE;
}

static void extend_params(const struct sipv_filling *f, sipv_params *p, const sipv_event *ev)
{
    if (!p->ev) {
        p->base = f->base;
        p->ev = ev;
        p->kind = ev->kind;
    }
    p->n = (uint32_t)(ev - p->ev) + 1;
}

static void extend_list(const struct sipv_filling *f, sipv_list *list, const sipv_event *ev)
{
    if (!list->ev) {
        list->base = f->base;
        list->ev = ev;
        list->kind = ev->kind;
    }
    list->n = (uint32_t)(ev - list->ev) + 1;
}

static __attribute__((noinline)) bool fill_uri(const struct sipv_filling *f,
                                               const struct sipv_field *field, const sipv_event *ev)
{
    const struct sipv_filling uri = inside(f, field);
    return sipv_typed_fill(&uri, ev);
}

bool sipv_typed_fill(const struct sipv_filling *f, const sipv_event *ev)
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
        case SIPV_FIELD_LIST: extend_list(f, field_at(f, field), ev); break;
        default: set_slice(f, field_at(f, field), ev); /* the text of a URI */
        }
        return true;
    }
    return uri && fill_uri(f, uri, ev);
}

/* ---- Parameters ------------------------------------------------------------------------------ */

int sipv_param_next(const sipv_params *params, size_t *at, sipv_param *out)
{
    size_t i = *at;
    while (i < params->n && params->ev[i].kind != params->kind)
        i++;
    if (i >= params->n) {
        *at = i;
        return SIPV_END;
    }
    out->name = sipv_slice_of(params->base + params->ev[i].off, params->ev[i].len);
    out->value = sipv_slice_of(NULL, 0);
    for (i++; i < params->n && params->ev[i].kind == params->kind + 1; i++) {
        const sipv_event *ev = &params->ev[i];
        if (ev->part == SIPV_PART_CLOSE)
            out->value.n = (size_t)(params->base + ev->off - out->value.p);
        else
            out->value = sipv_slice_of(params->base + ev->off, ev->len);
    }
    *at = i;
    return SIPV_OK;
}

int sipv_param_find(const sipv_params *params, const char *name, sipv_param *out)
{
    sipv_param p;
    size_t at = 0;
    while (sipv_param_next(params, &at, &p) == SIPV_OK)
        if (sipv_slice_is(p.name, name)) {
            if (out)
                *out = p;
            return SIPV_OK;
        }
    return SIPV_ABSENT;
}

/* ---- Lists ----------------------------------------------------------------------------------- */

int sipv_list_next(const sipv_list *list, size_t *at, sipv_slice *out)
{
    size_t i = *at;
    while (i < list->n && list->ev[i].kind != list->kind)
        i++;
    *at = i + 1;
    if (i >= list->n)
        return SIPV_END;
    *out = sipv_slice_of(list->base + list->ev[i].off, list->ev[i].len);
    if (list->ev[i].part == SIPV_PART_OPEN)
        for (size_t k = i + 1; k < list->n; k++)
            if (list->ev[k].kind == list->kind && list->ev[k].part == SIPV_PART_CLOSE) {
                out->n = list->ev[k].off - list->ev[i].off;
                *at = k + 1;
                break;
            }
    return SIPV_OK;
}
