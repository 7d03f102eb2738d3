/* What a chunk captures, and the events it becomes when the chunk ends. */
#include "explain.h"

struct capture *sipv_capture_of(struct engine *e, struct thread *t, unsigned kind)
{
    for (unsigned i = 0; i < t->n_captures; i++)
        if (t->captures[i].kind == kind)
            return &t->captures[i];
    if (t->n_captures == CAPTURES) {
        e->exhausted = true;
        return &t->captures[0];
    }
    struct capture *c = &t->captures[t->n_captures++];
    c->kind = (uint16_t)kind;
    c->open = c->close = UNSET;
    return c;
}

void sipv_capture_open(struct engine *e, struct thread *t, unsigned kind)
{
    if (e->replaying)
        return;
    struct capture *c = sipv_capture_of(e, t, kind);
    c->open = e->at;
    c->close = UNSET;
}

void sipv_capture_close(struct engine *e, struct thread *t, unsigned kind)
{
    if (!e->replaying)
        sipv_capture_of(e, t, kind)->close = e->at;
}

void sipv_event_put(struct engine *e, unsigned kind, unsigned part, uint32_t off, uint32_t len)
{
    if (e->n_events == e->cap_events) {
        e->no_space = e->cap_events > 0;
        return;
    }
    sipv_event *ev = &e->events[e->n_events++];
    ev->kind = (uint16_t)kind;
    ev->part = (uint16_t)part;
    ev->off = e->base + off;
    ev->len = len;
}

/* Keeps the last parameter's name and value in sight. */
static void watch_parameter(struct engine *e, const struct capture *c)
{
    if (c->kind == SIPV_KIND_ELEMENT || c->kind >= SIPV_KIND_FIRST_FIELD)
        return;
    if (c->kind % 2 == SIPV_KIND_PARAM_NAME % 2) {
        e->name = sipv_slice_of(e->text + c->open, c->close - c->open);
        e->value = sipv_slice_of(NULL, 0);
        return;
    }
    if (c->open != UNSET)
        e->value = sipv_slice_of(e->text + c->open, e->n - c->open);
    if (c->close != UNSET)
        e->value.n = (size_t)(e->text + c->close - e->value.p);
}

/* Writes the captures of a chunk in order of kind, as the matchers do; `closed` true: only those
 * that have ended. */
void sipv_captures_flush(struct engine *e, const struct thread *t, bool closed)
{
    uint8_t order[CAPTURES];
    for (unsigned i = 0; i < t->n_captures; i++) {
        unsigned k = i;
        for (; k > 0 && t->captures[order[k - 1]].kind > t->captures[i].kind; k--)
            order[k] = order[k - 1];
        order[k] = (uint8_t)i;
    }
    for (unsigned i = 0; i < t->n_captures; i++) {
        const struct capture *c = &t->captures[order[i]];
        if (closed && c->close == UNSET)
            continue;
        watch_parameter(e, c);
        if (c->open != UNSET && c->close != UNSET)
            sipv_event_put(e, c->kind, SIPV_PART_WHOLE, c->open, c->close - c->open);
        else if (c->open != UNSET)
            sipv_event_put(e, c->kind, SIPV_PART_OPEN, c->open, 0);
        else
            sipv_event_put(e, c->kind, SIPV_PART_CLOSE, c->close, 0);
    }
}
