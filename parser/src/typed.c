/* Typed headers: iterations over their elements, and URIs. */
#include <string.h>

#include "internal.h"

void sipv_fill_uri(const unsigned char *base, const sipv_event *ev, size_t n, sipv_uri *out)
{
    const struct sipv_filling f = {base, &sipv_sip_typed[SIPV_VIEW_URI], NULL,
                                   (unsigned char *)out};
    sipv_typed_clear(&f);
    for (size_t i = 0; i < n; i++)
        sipv_typed_fill(&f, &ev[i]);
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
    const struct sipv_filling f = {it->base, &sipv_sip_typed[view], &sipv_sip_typed[SIPV_VIEW_URI],
                                   (unsigned char *)out};
    sipv_typed_clear(&f);
    it->empty = false;
    for (; it->at < it->n; it->at++) {
        if (it->ev[it->at].kind == SIPV_KIND_ELEMENT) {
            it->at++;
            return SIPV_OK;
        }
        sipv_typed_fill(&f, &it->ev[it->at]);
    }
    return SIPV_OK;
}
