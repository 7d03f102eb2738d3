#include "message.h"

#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "tables.h"
#include "numbers.h"
#include "typed_slices.h"
#include "work.h"

/* ---- Parsing -----------------------------------------------------------------------------------
 */

void *fuzz_explainer(void)
{
    static void *work;
    if (!work)
        work = malloc(sipv_explainer_size());
    return work;
}

sipv_options fuzz_options(const struct fuzz_input *in, sipv_limits *limits)
{
    sipv_options options;
    memset(&options, 0, sizeof options);
    options.profile = in->bits & FUZZ_BIT_INTEROP ? SIPV_INTEROP : SIPV_STRICT;
    options.stream = (in->bits & FUZZ_BIT_STREAM) != 0;
    if (in->bits & (FUZZ_BIT_INTEROP | FUZZ_BIT_EXPLAIN))
        options.explainer = fuzz_explainer();
    *limits = sipv_limits_default();
    if (!(in->bits & FUZZ_BIT_LIMITS))
        return options;
    const unsigned number = fuzz_number(in);
    limits->headers = 1 + number % 16;
    limits->params = 1 + (number >> 4) % 8;
    limits->elements = 1 + (number >> 7) % 8;
    limits->header = 16 + (number >> 10) % 4 * 64;
    limits->header_section = 256 + (number >> 12) * 64;
    limits->message = limits->header_section + 64 - number % 129;
    options.limits = limits;
    return options;
}

static int run(int parse(sipv_message *, const void *, size_t, const sipv_options *),
               sipv_message *m, sipv_slice data, const sipv_options *options)
{
    const uint64_t before = fuzz_allocations, work = fuzz_work;
    const int result = parse(m, data.p, data.n, options);
    FUZZ_CHECK(allocation, fuzz_allocations == before, "a parse allocates");
    fuzz_check_work(work, data.n, options && options->explainer);
    return result;
}

int fuzz_message_parse(struct fuzz_message *x, sipv_slice data, const sipv_options *options)
{
    sipv_message_init(&x->m, x->headers, FUZZ_HEADERS, x->events, FUZZ_EVENTS, x->diags,
                      FUZZ_DIAGS);
    return run(sipv_message_parse, &x->m, data, options);
}

int fuzz_message_index(struct fuzz_message *x, sipv_slice data, const sipv_options *options)
{
    sipv_message_init(&x->m, x->headers, FUZZ_HEADERS, x->events, FUZZ_EVENTS, x->diags,
                      FUZZ_DIAGS);
    return run(sipv_message_index, &x->m, data, options);
}

int fuzz_message_squeeze(struct fuzz_message *x, sipv_slice data, const sipv_options *options,
                         unsigned number)
{
    sipv_message_init(&x->m, x->headers, number % 16, x->events, (number >> 4) % 256, x->diags,
                      1 + (number >> 12) % 4);
    return run(sipv_message_parse, &x->m, data, options);
}

/* ---- Slices ------------------------------------------------------------------------------------
 */

static sipv_slice stretch(const sipv_message *m, size_t from, size_t end)
{
    return sipv_slice_of(m->data.p + from, end - from);
}

static bool has_captures(const sipv_message *m, const sipv_header *h)
{
    return h->first_event <= m->n_events && h->n_events <= m->n_events - h->first_event;
}

static void check_header(const sipv_message *m, size_t i)
{
    const sipv_header *h = &m->headers[i];
    FUZZ_CHECK(slices, h->end <= m->data.n && h->off < h->end, "a header outside the message");
    FUZZ_CHECK(slices, h->name.p == m->data.p + h->off && h->name.n > 0,
               "a name not at its offset");
    const sipv_slice all = stretch(m, h->off, h->end);
    FUZZ_CHECK(slices, fuzz_inside(h->name, all), "a name outside its header");
    FUZZ_CHECK(slices, h->value.p > h->name.p + h->name.n && fuzz_inside(h->value, all),
               "a value not behind its name");
    FUZZ_CHECK(slices, h->lead <= (size_t)(h->value.p - (h->name.p + h->name.n)),
               "white space before a value reaches into the name");
    FUZZ_CHECK(slices, i == 0 || h->off >= m->headers[i - 1].end, "headers overlap");
    FUZZ_CHECK(slices, h->next == SIPV_NO_HEADER || (h->next > i && h->next < m->n_headers),
               "the next header of a name is not behind it");
    FUZZ_CHECK(slices, h->id < SIPV_H_COUNT, "a header without id");
    if (h->state != SIPV_READ)
        return;
    FUZZ_CHECK(slices, has_captures(m, h), "captures that are not there");
    fuzz_check_events(m->events + h->first_event, h->n_events,
                      sipv_slice_of(m->data.p, sipv_offset(m, h->value) + h->value.n),
                      sipv_offset(m, h->value) - h->lead);
}

/* Method, URI and version, or version, status and reason: in this order; in what is accepted
 * with something between, but before the reason, where interop takes nothing for a space. */
static void check_start_line(const sipv_message *m)
{
    const bool request = m->kind == SIPV_REQUEST;
    const sipv_slice parts[] = {m->method, m->request_uri, m->version, m->status_text, m->reason};
    const unsigned char *behind = m->start_line.p;
    FUZZ_CHECK(slices, fuzz_inside(m->start_line, m->data), "a start line outside");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        FUZZ_CHECK(slices, fuzz_inside(parts[i], m->start_line), "a part outside the start line");
        if (!parts[i].p)
            continue;
        FUZZ_CHECK(slices, request ? i < 3 : i > 1 || m->kind == SIPV_NO_MESSAGE,
                   "a part of another start line");
        FUZZ_CHECK(slices,
                   parts[i].p >=
                       behind + (m->accepted && i > 0 && i < 4 && behind > m->start_line.p),
                   "parts of a start line out of order");
        behind = parts[i].p + parts[i].n;
    }
}

static void check_extent(const sipv_message *m)
{
    FUZZ_CHECK(slices, fuzz_inside(m->body, m->data), "a body outside");
    FUZZ_CHECK(slices, fuzz_inside(m->call_id, m->data) && fuzz_inside(m->cseq_method, m->data),
               "a field outside");
    FUZZ_CHECK(slices, m->octets <= m->data.n && m->trailing <= m->data.n - m->octets,
               "more octets than there are");
    if (m->body.p && m->n_headers)
        FUZZ_CHECK(slices, m->body.p >= m->data.p + m->headers[m->n_headers - 1].end,
                   "the body begins inside the headers");
}

/* ---- Refusals ----------------------------------------------------------------------------------
 */

static bool has_error(const sipv_message *m)
{
    for (size_t i = 0; i < m->n_diags; i++)
        if (m->diags[i].severity == SIPV_ERROR && !m->diags[i].in_body)
            return true;
    return false;
}

static void check_diag(const sipv_message *m, size_t i)
{
    const sipv_diag *d = &m->diags[i];
    FUZZ_CHECK(refusal, sipv_diag_find(d->code), "a finding without code");
    FUZZ_CHECK(refusal, d->off <= m->data.n && d->len <= m->data.n - d->off,
               "a finding outside the input");
    FUZZ_CHECK(refusal, d->header == SIPV_NO_HEADER || d->header < m->n_headers,
               "a finding about no header");
    FUZZ_CHECK(refusal, d->rule < 0 || sipv_rule_name(sipv_sip_grammar(), d->rule),
               "a finding about no rule");
    FUZZ_CHECK(refusal,
               d->relaxation < 0 ||
                   sipv_relaxation_name(sipv_sip_grammar(), (unsigned)d->relaxation),
               "a finding about no relaxation");
    FUZZ_CHECK(refusal, i == 0 || d->off >= m->diags[i - 1].off, "findings out of order");
}

void fuzz_check_message(const sipv_message *m, int result)
{
    check_start_line(m);
    check_extent(m);
    fuzz_check_message_numbers(m);
    for (size_t i = 0; i < m->n_headers; i++)
        check_header(m, i);
    for (size_t i = 0; i < m->n_diags; i++)
        check_diag(m, i);
    FUZZ_CHECK(refusal, result == (m->accepted ? SIPV_OK : SIPV_REJECT),
               "result and verdict differ");
    FUZZ_CHECK(refusal, m->accepted != has_error(m), "a verdict without its reason");
}

/* ---- Typed headers -----------------------------------------------------------------------------
 */

static void check_elements(sipv_message *m, unsigned id, int view, bool slices)
{
    _Alignas(max_align_t) static unsigned char out[1024];
    sipv_iter it = sipv_each(m, id);
    for (int result; (result = sipv_next(&it, view, out)) != SIPV_END;) {
        if (result == SIPV_NO_SPACE)
            return;
        FUZZ_CHECK(refusal, result == SIPV_OK || result == SIPV_REJECT, "a header of no result");
        if (result == SIPV_OK && slices)
            fuzz_check_typed(&sipv_sip_typed[view], &sipv_sip_typed[SIPV_VIEW_URI], out,
                             stretch(m, m->headers[it.header].off, m->headers[it.header].end));
    }
}

static void walk_typed_headers(sipv_message *m, bool slices)
{
    for (size_t i = 0; i < m->n_headers; i++) {
        const sipv_header *h = &m->headers[i];
        if (h->id == SIPV_H_OTHER || m->first[h->id] != i || sipv_header_table[h->id].view < 0)
            continue;
        check_elements(m, h->id, sipv_header_table[h->id].view, slices);
    }
}

void fuzz_check_typed_headers(sipv_message *m)
{
    walk_typed_headers(m, true);
}

void fuzz_read_typed_headers(sipv_message *m)
{
    walk_typed_headers(m, false);
}

/* ---- Comparison --------------------------------------------------------------------------------
 */

static bool same_place(const sipv_message *a, sipv_slice x, const sipv_message *b, sipv_slice y)
{
    return x.n == y.n && !x.p == !y.p && (!x.p || x.p - a->data.p == y.p - b->data.p);
}

bool fuzz_same_captures(const sipv_message *a, const sipv_header *x, const sipv_message *b,
                        const sipv_header *y)
{
    if (x->n_events != y->n_events || !has_captures(a, x) || !has_captures(b, y))
        return false;
    for (size_t i = 0; i < x->n_events; i++) {
        const sipv_event *e = &a->events[x->first_event + i], *f = &b->events[y->first_event + i];
        if (e->kind != f->kind || e->part != f->part || e->off != f->off || e->len != f->len)
            return false;
    }
    return true;
}

static const char *header_difference(const sipv_message *a, const sipv_message *b, size_t i)
{
    const sipv_header *x = &a->headers[i], *y = &b->headers[i];
    if (x->id != y->id || x->off != y->off || x->end != y->end || x->lead != y->lead ||
        x->next != y->next || !same_place(a, x->value, b, y->value))
        return "a header differs";
    if (x->state == SIPV_MALFORMED) /* of a later RFC, which interop may read or step over */
        return NULL;
    if (x->state != y->state)
        return "a header was read in one of them only";
    if (x->state == SIPV_READ && !fuzz_same_captures(a, x, b, y))
        return "the captures of a header differ";
    return NULL;
}

const char *fuzz_message_difference(const sipv_message *a, const sipv_message *b)
{
    if (a->kind != b->kind || a->start != b->start || a->octets != b->octets ||
        a->trailing != b->trailing)
        return "kind or extent differs";
    if (a->status != b->status || a->method_id != b->method_id ||
        !same_place(a, a->method, b, b->method) ||
        !same_place(a, a->request_uri, b, b->request_uri) ||
        !same_place(a, a->reason, b, b->reason) || !same_place(a, a->version, b, b->version))
        return "the start line differs";
    if (a->cseq != b->cseq || a->content_length != b->content_length ||
        a->max_forwards != b->max_forwards || !same_place(a, a->call_id, b, b->call_id) ||
        !same_place(a, a->cseq_method, b, b->cseq_method) || !same_place(a, a->body, b, b->body))
        return "a field differs";
    if (a->n_headers != b->n_headers)
        return "the number of headers differs";
    for (size_t i = 0; i < a->n_headers; i++) {
        const char *difference = header_difference(a, b, i);
        if (difference)
            return difference;
    }
    return NULL;
}
