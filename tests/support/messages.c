#include "messages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADERS = 1024, EVENTS = 65536, DIAGS = 4096 };

bool room_open(struct room *r)
{
    r->headers = malloc(HEADERS * sizeof *r->headers);
    r->events = malloc(EVENTS * sizeof *r->events);
    r->diags = malloc(DIAGS * sizeof *r->diags);
    r->explainer = malloc(sipv_explainer_size());
    if (r->headers && r->events && r->diags && r->explainer)
        return true;
    room_close(r);
    return false;
}

void room_close(struct room *r)
{
    free(r->headers);
    free(r->events);
    free(r->diags);
    free(r->explainer);
    memset(r, 0, sizeof *r);
}

int room_parse(struct room *r, const void *data, size_t n, sipv_profile profile)
{
    const sipv_options options = {.profile = profile, .explainer = r->explainer};
    sipv_message_init(&r->m, r->headers, HEADERS, r->events, EVENTS, r->diags, DIAGS);
    return sipv_message_parse(&r->m, data, n, &options);
}

/* ---- What must hold -----------------------------------------------------------------------------
 */

static bool inside(sipv_slice s, const unsigned char *from, const unsigned char *end)
{
    return !s.p || (s.p >= from && s.p <= end && s.n <= (size_t)(end - s.p));
}

static const char *header_fault(const sipv_message *m, size_t i)
{
    const sipv_header *h = &m->headers[i];
    const unsigned char *const end = m->data.p + h->end;
    if (h->end > m->data.n || h->off >= h->end)
        return "a header is not inside the message";
    if (h->name.p != m->data.p + h->off || h->name.n == 0 || !inside(h->name, h->name.p, end))
        return "a header's name is not at its offset";
    const unsigned char *colon = memchr(h->name.p + h->name.n, ':', m->data.n - h->off - h->name.n);
    if (!colon || !h->value.p || !inside(h->value, colon + 1, end))
        return "a header's value is not behind its colon";
    if (i > 0 && h->off < m->headers[i - 1].end)
        return "headers overlap";
    if (h->id >= SIPV_H_COUNT)
        return "a header has no id";
    if (h->first_event > m->n_events || h->n_events > m->n_events - h->first_event)
        return "a header's events are not among the message's";
    for (size_t k = h->first_event; k < h->first_event + h->n_events; k++) {
        const sipv_event *ev = &m->events[k];
        if (ev->off <= h->off || ev->off > h->end || ev->len > h->end - ev->off)
            return "a capture is not inside its header";
        if (!sipv_kind_name(sipv_sip_grammar(), ev->kind))
            return "a capture has no name";
    }
    return NULL;
}

static const char *diag_fault(const sipv_message *m, size_t i)
{
    const sipv_diag *d = &m->diags[i];
    if (!sipv_diag_find(d->code))
        return "a finding is not in the catalogue";
    if (d->off > m->data.n || d->len > m->data.n - d->off)
        return "a finding is not inside the message";
    if (d->header != SIPV_NO_HEADER && d->header >= m->n_headers)
        return "a finding names no header";
    if (d->rule >= 0 && !sipv_rule_name(sipv_sip_grammar(), d->rule))
        return "a finding names no rule";
    if (i > 0 && d->off < m->diags[i - 1].off)
        return "findings are not in order";
    return NULL;
}

const sipv_diag *first_error(const sipv_message *m)
{
    for (size_t i = 0; i < m->n_diags; i++)
        if (m->diags[i].severity == SIPV_ERROR && !m->diags[i].in_body)
            return &m->diags[i];
    return NULL;
}

const char *message_fault(const sipv_message *m)
{
    const unsigned char *const from = m->data.p, *const end = from + m->data.n;
    const sipv_slice *const line[] = {&m->method, &m->request_uri, &m->version, &m->status_text,
                                      &m->reason};
    if (!inside(m->start_line, from, end) || !inside(m->body, from, end))
        return "start line or body not inside the message";
    for (size_t i = 0; i < sizeof line / sizeof *line; i++)
        if (!inside(*line[i], m->start_line.p, m->start_line.p + m->start_line.n))
            return "a part of the start line is not inside it";
    if (!inside(m->call_id, from, end) || !inside(m->cseq_method, from, end))
        return "Call-ID or CSeq not inside the message";
    if (m->octets > m->data.n || m->trailing > m->data.n - m->octets)
        return "more octets than there are";
    if (m->body.p && m->n_headers && m->body.p < from + m->headers[m->n_headers - 1].end)
        return "the body begins inside the headers";
    for (size_t i = 0; i < m->n_headers; i++) {
        const char *fault = header_fault(m, i);
        if (fault)
            return fault;
    }
    for (size_t i = 0; i < m->n_diags; i++) {
        const char *fault = diag_fault(m, i);
        if (fault)
            return fault;
    }
    if (m->accepted == (first_error(m) != NULL))
        return m->accepted ? "accepted with an error" : "refused without an error";
    return NULL;
}

/* ---- Streams ------------------------------------------------------------------------------------
 */

struct framed frame_stream(struct fence *f, const void *data, size_t n, sipv_profile profile,
                           size_t first, size_t step)
{
    sipv_framer framer;
    struct framed out;
    sipv_framer_init(&framer, profile, NULL);
    for (out.seen = step ? first : n;;) {
        const unsigned char *p = fence_end(f, data, out.seen);
        out.result = sipv_framer_feed(&framer, p, out.seen, &out.frame);
        if (out.result != SIPV_MORE || out.seen == n)
            return out;
        out.seen = out.seen + step < n ? out.seen + step : n;
    }
}

static bool same_answer(const struct framed *a, const struct framed *b)
{
    if (a->result != b->result)
        return false;
    if (a->result == SIPV_REJECT)
        return a->frame.diag.code == b->frame.diag.code && a->frame.diag.off == b->frame.diag.off;
    return a->frame.skip == b->frame.skip && a->frame.pings == b->frame.pings &&
           (a->result != SIPV_OK || a->frame.n == b->frame.n);
}

const char *framer_fault(struct fence *f, const void *data, size_t n, sipv_profile profile,
                         struct framed *out)
{
    static char why[160];
    *out = frame_stream(f, data, n, profile, 0, 0);
    if (out->result == SIPV_OK && out->frame.skip + out->frame.n > n)
        return "the frame is longer than the stream";
    if (out->result == SIPV_REJECT &&
        (!sipv_diag_find(out->frame.diag.code) || out->frame.diag.off > n ||
         out->frame.diag.len > n - out->frame.diag.off))
        return "the framer's finding is not inside the stream";
    for (size_t split = 0; split <= n; split++) {
        const struct framed cut = split < n ? frame_stream(f, data, n, profile, split, n)
                                            : frame_stream(f, data, n, profile, 0, 1);
        if (cut.frame.skip > cut.seen ||
            (cut.result == SIPV_OK && cut.frame.skip + cut.frame.n > cut.seen))
            return "the frame is longer than the stream";
        if (same_answer(out, &cut))
            continue;
        const int at =
            snprintf(why, sizeof why, split < n ? "split at %zu: " : "byte by byte: ", split);
        snprintf(why + at, sizeof why - (size_t)at,
                 "result %d, %zu+%zu, code %u at %zu; whole: %d, %zu+%zu, code %u at %zu",
                 cut.result, cut.frame.skip, cut.frame.n, cut.frame.diag.code, cut.frame.diag.off,
                 out->result, out->frame.skip, out->frame.n, out->frame.diag.code,
                 out->frame.diag.off);
        return why;
    }
    return NULL;
}
