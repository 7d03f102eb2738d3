#include "edited.h"

#include <string.h>

#include "oracle.h"

/* What an edit took from `m` and put into `e`: numbers of headers, or NO_HEADER. */
struct edited {
    unsigned via_gone, hops_gone, via_cut; /* in m; of the one that is cut only the front is gone */
    unsigned via, route, hops;             /* in e */
};

static sipv_slice line_of(const sipv_message *m, unsigned i)
{
    const sipv_header *h = &m->headers[i];
    return sipv_slice_of(m->data.p + h->off, h->end - h->off);
}

static bool is_line(const sipv_message *m, unsigned i, const char *text)
{
    return i != SIPV_NO_HEADER && sipv_slice_is(line_of(m, i), text);
}

/* Is the topmost Via alone in its line? */
static bool via_stands_alone(sipv_message *m)
{
    sipv_via via;
    sipv_iter it = sipv_each(m, SIPV_H_VIA);
    return sipv_via_next(&it, &via) != SIPV_OK || sipv_via_next(&it, &via) != SIPV_OK ||
           it.header != m->first[SIPV_H_VIA];
}

static struct edited what_changed(sipv_message *m, const sipv_message *e, unsigned what)
{
    const unsigned none = SIPV_NO_HEADER, top = what & FUZZ_STRIP_VIA ? m->first[SIPV_H_VIA] : none;
    const bool alone = via_stands_alone(m);
    return (struct edited){
        .via_gone = alone ? top : none,
        .via_cut = alone ? none : top,
        .hops_gone = what & FUZZ_SET_HOPS ? m->first[SIPV_H_MAX_FORWARDS] : none,
        .via = what & FUZZ_ADD_VIA ? e->first[SIPV_H_VIA] : none,
        .route = what & FUZZ_ADD_ROUTE ? e->first[SIPV_H_RECORD_ROUTE] : none,
        .hops = what & FUZZ_SET_HOPS ? e->first[SIPV_H_MAX_FORWARDS] : none,
    };
}

/* All lines that the edit is not about are there, octet for octet and in their order, and no other
 * ones. */
static void check_other_lines(const sipv_message *m, const sipv_message *e, const struct edited *x)
{
    unsigned i = 0, k = 0;
    for (;; i++, k++) {
        while (i < m->n_headers && (i == x->via_gone || i == x->hops_gone))
            i++;
        while (k < e->n_headers && (k == x->via || k == x->route || k == x->hops))
            k++;
        if (i >= m->n_headers || k >= e->n_headers)
            break;
        FUZZ_CHECK(round_trip,
                   m->headers[i].id == e->headers[k].id &&
                       (i == x->via_cut || sipv_slice_equal(line_of(m, i), line_of(e, k))),
                   "an edit changes a header that it is not about");
    }
    FUZZ_CHECK(round_trip, i >= m->n_headers && k >= e->n_headers,
               "an edit makes another number of headers");
}

/* From a Via to the end of its line. */
static sipv_slice from_via(const sipv_message *m, const sipv_iter *it, const sipv_via *via)
{
    const unsigned char *const end = m->data.p + m->headers[it->header].end;
    return sipv_slice_of(via->protocol_name.p, (size_t)(end - via->protocol_name.p));
}

/* The Vias behind those that were taken away and put there are the same. */
static void check_vias(sipv_message *m, sipv_message *e, unsigned what)
{
    sipv_via a, b;
    sipv_iter old = sipv_each(m, SIPV_H_VIA), new = sipv_each(e, SIPV_H_VIA);
    if (what & FUZZ_STRIP_VIA)
        sipv_via_next(&old, &a);
    if (what & FUZZ_ADD_VIA)
        sipv_via_next(&new, &b);
    for (;;) {
        const int result = sipv_via_next(&old, &a);
        FUZZ_CHECK(round_trip, sipv_via_next(&new, &b) == result,
                   "an edit makes another number of Vias");
        if (result != SIPV_OK)
            return;
        FUZZ_CHECK(round_trip, sipv_slice_equal(from_via(m, &old, &a), from_via(e, &new, &b)),
                   "an edit changes a Via that it is not about");
    }
}

static bool same_body(const sipv_message *a, const sipv_message *b)
{
    return a->body.n == b->body.n && (!a->body.n || memcmp(a->body.p, b->body.p, a->body.n) == 0);
}

void fuzz_check_edited(sipv_message *m, sipv_message *e, unsigned what)
{
    const struct edited x = what_changed(m, e, what);
    FUZZ_CHECK(round_trip, !(what & FUZZ_ADD_VIA) || is_line(e, x.via, "Via: " FUZZ_NEW_VIA "\r\n"),
               "the new Via is not on top");
    FUZZ_CHECK(round_trip,
               !(what & FUZZ_ADD_ROUTE) ||
                   is_line(e, x.route, "Record-Route: " FUZZ_NEW_ROUTE "\r\n"),
               "the new Record-Route is not on top");
    FUZZ_CHECK(round_trip, !(what & FUZZ_SET_HOPS) || is_line(e, x.hops, "Max-Forwards: 69\r\n"),
               "an edit makes another Max-Forwards");
    FUZZ_CHECK(round_trip, sipv_slice_equal(m->start_line, e->start_line),
               "an edit changes the start line");
    check_other_lines(m, e, &x);
    check_vias(m, e, what);
    FUZZ_CHECK(round_trip, same_body(m, e), "an edit changes the body");
}
