/* Editing a message in place, as a proxy does (RFC 3261 16.6, 16.7, 16.11).
 *
 * The message is not written anew: what changes is a list of up to four cuts, each taking a stretch
 * of the original away (or none) and putting a header line there (or none).  The pieces are the
 * stretches between the cuts and the new lines. */
#include <string.h>

#include <sipvet/parser.h>

enum { CUTS = 4, VALUE_EVENTS = 2048 };

struct cut {
    size_t from, to;  /* octets of the original that go */
    const char *name; /* header line that comes, or NULL */
    sipv_slice value;
};

struct cuts {
    struct cut at[CUTS];
    size_t n;
};

/* ---- Requests ------------------------------------------------------------------------------- */

void sipv_edit_init(sipv_edit *e, sipv_message *m)
{
    memset(e, 0, sizeof *e);
    e->m = m;
    e->max_forwards = -1;
}

/* Is `value` one line that is a value of header `id`? */
static bool is_value(unsigned id, sipv_slice value)
{
    sipv_event events[VALUE_EVENTS];
    sipv_iter it;
    return value.n > 0 && !memchr(value.p, '\r', value.n) && !memchr(value.p, '\n', value.n) &&
           !memchr(value.p, 0, value.n) &&
           sipv_value_parse(id, value, events, VALUE_EVENTS, &it, NULL) == SIPV_OK;
}

int sipv_edit_add_via(sipv_edit *e, sipv_slice value)
{
    if (!is_value(SIPV_H_VIA, value))
        return SIPV_BAD_ARGUMENT;
    e->top_via = value;
    return SIPV_OK;
}

int sipv_edit_strip_via(sipv_edit *e)
{
    e->strip_via = true;
    return SIPV_OK;
}

int sipv_edit_set_max_forwards(sipv_edit *e, unsigned value)
{
    if (value > 255)
        return SIPV_BAD_ARGUMENT;
    e->max_forwards = value;
    return SIPV_OK;
}

int sipv_edit_add_record_route(sipv_edit *e, sipv_slice value)
{
    if (!is_value(SIPV_H_RECORD_ROUTE, value))
        return SIPV_BAD_ARGUMENT;
    e->record_route = value;
    return SIPV_OK;
}

/* ---- Where to cut --------------------------------------------------------------------------- */

static bool comes_before(const struct cut *a, const struct cut *b)
{
    return a->from < b->from || (a->from == b->from && a->to < b->to);
}

/* Keeps the cuts in order.  At one place new lines come in the order in which they were asked for,
 * and what is taken away comes behind them. */
static void add_cut(struct cuts *cuts, struct cut c)
{
    size_t i = cuts->n++;
    for (; i > 0 && comes_before(&c, &cuts->at[i - 1]); i--)
        cuts->at[i] = cuts->at[i - 1];
    cuts->at[i] = c;
}

/* A new header line goes before the first of its name, else before all headers.  Never right behind
 * the start line: a line that the interop profile skips there may begin with white space and would
 * become a fold of the new one. */
static size_t place_for(const sipv_message *m, unsigned id)
{
    const uint16_t i = m->first[id];
    return m->headers[i != SIPV_NO_HEADER ? i : 0].off;
}

/* The topmost Via element: up to the next one of its line, or else the whole line. */
static int cut_top_via(sipv_message *m, struct cuts *cuts)
{
    sipv_via top, below;
    sipv_iter it = sipv_each(m, SIPV_H_VIA);
    const int r = sipv_via_next(&it, &top);
    if (r != SIPV_OK)
        return r == SIPV_END ? SIPV_ABSENT : SIPV_REJECT;
    const unsigned line = it.header;
    const sipv_header *h = &m->headers[line];
    struct cut c = {h->off, h->end, NULL, {NULL, 0}};
    if (sipv_via_next(&it, &below) == SIPV_OK && it.header == line) {
        c.from = sipv_offset(m, h->value);
        c.to = sipv_offset(m, below.protocol_name);
    }
    add_cut(cuts, c);
    return SIPV_OK;
}

/* The decimal digits of a number that has no more than `cap` of them. */
static sipv_slice decimal(uint64_t value, unsigned char *digits, size_t cap)
{
    size_t at = cap;
    do {
        digits[--at] = (unsigned char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return sipv_slice_of(digits + at, cap - at);
}

static void add_line(struct cuts *cuts, size_t at, const char *name, sipv_slice value)
{
    if (value.p)
        add_cut(cuts, (struct cut){at, at, name, value});
}

static void cut_max_forwards(sipv_edit *e, struct cuts *cuts)
{
    const sipv_message *m = e->m;
    const uint16_t i = m->first[SIPV_H_MAX_FORWARDS];
    const sipv_slice value = decimal((uint64_t)e->max_forwards, e->number, sizeof e->number);
    if (i == SIPV_NO_HEADER)
        add_line(cuts, place_for(m, SIPV_H_MAX_FORWARDS), "Max-Forwards: ", value);
    else
        add_cut(cuts, (struct cut){m->headers[i].off, m->headers[i].end, "Max-Forwards: ", value});
}

/* ---- The pieces ----------------------------------------------------------------------------- */

static void add_piece(sipv_edit *e, const void *p, size_t n)
{
    if (n > 0) {
        e->pieces[e->n_pieces].p = p;
        e->pieces[e->n_pieces].n = n;
        e->n_pieces++;
    }
}

/* At most five stretches of the original and three pieces for each of three lines: 14. */
static void make_pieces(sipv_edit *e, const struct cuts *cuts)
{
    const sipv_message *m = e->m;
    size_t at = m->start;
    for (size_t i = 0; i < cuts->n; i++) {
        const struct cut *c = &cuts->at[i];
        add_piece(e, m->data.p + at, c->from - at);
        if (c->name) {
            add_piece(e, c->name, strlen(c->name));
            add_piece(e, c->value.p, c->value.n);
            add_piece(e, "\r\n", 2);
        }
        at = c->to;
    }
    add_piece(e, m->data.p + at, m->octets - at);
}

int sipv_edit_finish(sipv_edit *e)
{
    struct cuts cuts = {.n = 0};
    sipv_message *m = e->m;
    e->n_pieces = 0;
    if (!m || !m->accepted || m->kind == SIPV_NO_MESSAGE || m->n_headers == 0)
        return SIPV_REJECT;
    add_line(&cuts, place_for(m, SIPV_H_VIA), "Via: ", e->top_via);
    if (e->strip_via) {
        const int r = cut_top_via(m, &cuts);
        if (r != SIPV_OK)
            return r;
    }
    add_line(&cuts, place_for(m, SIPV_H_RECORD_ROUTE), "Record-Route: ", e->record_route);
    if (e->max_forwards >= 0)
        cut_max_forwards(e, &cuts);
    make_pieces(e, &cuts);
    return SIPV_OK;
}
