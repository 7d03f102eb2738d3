/* Headers into their typed forms: compiled code as long as it will do, the tables and the
 * explaining engine where it will not; and what the grammar cannot say about a header. */
#include <string.h>

#include "internal.h"

static bool is_list(unsigned header_id)
{
    const int view = sipv_header_table[header_id].view;
    return view >= 0 && sipv_sip_tables.views[view].each_rule != SIPV_NO_RULE;
}

static bool is_essential(unsigned id)
{
    return id == SIPV_H_VIA || id == SIPV_H_FROM || id == SIPV_H_TO || id == SIPV_H_CALL_ID ||
           id == SIPV_H_CSEQ || id == SIPV_H_CONTENT_LENGTH;
}

bool sipv_may_ignore(const sipv_message *m, unsigned header)
{
    return m->options.profile == SIPV_INTEROP && header != SIPV_NO_HEADER &&
           !is_essential(m->headers[header].id);
}

/* Defined by RFC 3261 itself? */
bool sipv_is_core(unsigned id)
{
    return id != SIPV_H_OTHER && sipv_header_table[id].core;
}

/* A limit is an error in every profile. */
static bool is_too_deep(sipv_message *m, unsigned i, sipv_slice text)
{
    sipv_match match;
    sipv_explain(&sipv_sip_tables, sipv_header_table[m->headers[i].id].rule, true, text,
                 ~(uint64_t)0, m->options.explainer, 0, NULL, 0, &match);
    return match.depth_exceeded;
}

static void refuse_header(sipv_message *m, unsigned i, sipv_slice text, size_t error)
{
    sipv_header *h = &m->headers[i];
    h->state = SIPV_MALFORMED;
    if (h->id == SIPV_H_CONTENT_LENGTH)
        return; /* the length decision has said it */
    if (sipv_may_ignore(m, i) && !is_too_deep(m, i, text)) {
        sipv_report_at(m,
                       h->id == SIPV_H_MAX_FORWARDS ? SIPV_D_RELAX_MAX_FORWARDS
                                                    : SIPV_D_RELAX_HEADER_IGNORED,
                       h->value, i);
        return;
    }
    sipv_report_refusal(m, sipv_header_table[h->id].rule, true, text, error,
                        sipv_is_core(h->id) ? SIPV_D_SYNTAX : SIPV_D_EXTENSION_SYNTAX, i);
}

static void accept_header(sipv_message *m, sipv_header *h, size_t n)
{
    h->state = SIPV_READ;
    h->first_event = (uint32_t)m->n_events;
    h->n_events = (uint32_t)n;
    m->n_events += n;
}

/* What the grammar cannot say about a header that was read. */
static void check_header(sipv_message *m, unsigned i, unsigned suspects)
{
    const sipv_header *h = &m->headers[i];
    if (suspects || h->n_events > sipv_many_events(m))
        sipv_check_events(m, m->events + h->first_event, h->n_events, i);
    if (suspects & SIPV_SUSPECT_EXTENSION)
        sipv_check_extensions(m, i);
}

/* The same without a word: what a full parse finds malformed is malformed on demand too. */
static void check_unheard(sipv_message *m, unsigned i, unsigned suspects)
{
    sipv_diag unheard[1], *const diags = m->diags;
    const size_t n = m->n_diags, cap = m->cap_diags, lost = m->lost_diags;
    const bool accepted = m->accepted;
    m->diags = unheard;
    m->n_diags = 0;
    m->cap_diags = 1;
    check_header(m, i, suspects);
    m->diags = diags;
    m->n_diags = n;
    m->cap_diags = cap;
    m->lost_diags = lost;
    m->accepted = accepted;
}

/* Not inlined: only here is there room for captures that nobody wants. */
static __attribute__((noinline)) void check_unknown(sipv_message *m, unsigned i)
{
    size_t n, error = 0;
    sipv_event none[SIPV_EXPRESS_PARTS];
    const sipv_slice text = m->headers[i].value;
    if (text.n == 0 || sipv_run_matcher(sipv_sip_tables.rules[SIPV_R_HEADER_VALUE].root, text,
                                        m->data.p, m->data.p + m->data.n, none,
                                        sizeof none / sizeof *none, &n, &error) == SIPV_OK)
        return;
    sipv_report(m, SIPV_D_HEADER_VALUE, sipv_offset(m, text) + error, error < text.n, i);
}

void sipv_read_header(sipv_message *m, unsigned i, bool report)
{
    sipv_header *h = &m->headers[i];
    if (h->state == SIPV_UNTYPED) {
        if (report)
            check_unknown(m, i);
        return;
    }
    if (h->state != SIPV_UNREAD)
        return;
    struct sipv_run r;
    const int rule = sipv_header_table[h->id].rule;
    const sipv_slice text = sipv_rule_text(h);
    sipv_event *const ev = m->events + m->n_events;
    sipv_run_begin(&r, &sipv_sip_automata, m->data.p, m->data.p + m->data.n, sipv_express_runs());
    int result =
        sipv_run_match(&r, sipv_sip_tables.rules[rule].root, text, ev, m->cap_events - m->n_events);
    size_t n = result == SIPV_OK ? (size_t)(r.ev - ev) : 0;
    if (result == SIPV_NO_SPACE) {
        if (report)
            sipv_report_at(m, SIPV_D_LIMIT_STORAGE, h->name, i);
        return;
    }
    if (result == SIPV_REJECT && m->options.profile == SIPV_INTEROP &&
        sipv_match_relaxed(m, rule, true, text, i, is_list(h->id), report, &n)) {
        result = SIPV_OK;
        r.suspects = SIPV_SUSPECT_VALUE | SIPV_SUSPECT_EXTENSION;
    }
    if (result == SIPV_REJECT) {
        if (report)
            refuse_header(m, i, text, r.at - sipv_offset(m, text));
        else
            h->state = SIPV_MALFORMED;
        return;
    }
    accept_header(m, h, n);
    if (report)
        check_header(m, i, r.suspects);
    else
        check_unheard(m, i, r.suspects);
}

/* Headers on their way from index to typed form. */
struct reading {
    struct sipv_run r;
    sipv_message *m;
    sipv_header *h, *h_safe; /* the next header; those before this are read now */
    uint32_t many;
    uint32_t places; /* of all headers so far, see sipv_header_run */
};

/* Why reading stopped at a header. */
enum pause {
    PAUSE_END,
    PAUSE_ODD,   /* it needs more than compiled code: odd white space, no CRLF, little room */
    PAUSE_SLOW,  /* compiled code has left it to the tables */
    PAUSE_CHECK, /* it has been read, and has to be looked at more closely */
};

/* The value of a header as its rule has it. */
static inline sipv_slice value_of(const sipv_header *h)
{
    return __builtin_expect(h->lead > 1, false) ? sipv_rule_text(h) : h->value;
}

/* How many events there are from `ev` to `next`, in fewer steps than compilers take for it: what is
 * a multiple of 3 is divided by it so. */
static inline uint32_t events_between(const sipv_event *ev, const sipv_event *next)
{
    _Static_assert(sizeof *ev == 12, "three words");
    return ((uint32_t)((const unsigned char *)next - (const unsigned char *)ev) >> 2) * 0xaaaaaaabu;
}

/* Reads headers as long as compiled code is all that they need.  There is one at t->h. */
static __attribute__((noinline)) enum pause read_usual(struct reading *t)
{
    sipv_message *const m = t->m;
    const unsigned char *const data = m->data.p, *const read_from = t->r.base;
    const uint32_t many = t->many;
    sipv_header *h = t->h;
    uint32_t n_events = (uint32_t)m->n_events;
    sipv_event *ev = m->events + n_events;
    enum pause pause = PAUSE_END;
    /* Known before the header in front of it is read: a processor that has begun with other code
     * learns that early. */
    sipv_express_function following = sipv_header_runs[h->id].express;
    for (; h < t->h_safe; h++) {
        const struct sipv_header_run *const x = &sipv_header_runs[h->id];
        const sipv_express_function express = following;
        following = sipv_header_runs[h[1].id].express;
        const sipv_slice text = value_of(h);
        const size_t at = (size_t)(text.p - data), end = at + text.n;
        pause = PAUSE_ODD;
        t->places &= x->places;
        if (ev > t->r.ev_express || read_from[end] != '\r')
            break;
        sipv_event *const next = express(&t->r, read_from, at, end, ev, x->node);
        pause = PAUSE_SLOW;
        if (!next)
            break;
        pause = PAUSE_END;
        if (h->state == SIPV_UNTYPED)
            continue;
        const uint32_t n = events_between(ev, next);
        h->state = SIPV_READ;
        h->first_event = n_events;
        h->n_events = n;
        ev = next;
        n_events += n;
        pause = PAUSE_CHECK;
        if (t->r.suspects || n > many)
            break;
        pause = PAUSE_END;
    }
    t->h = h;
    m->n_events = n_events;
    return pause;
}

/* The tables go on where compiled code has stopped. */
static void read_slowly(struct reading *t)
{
    sipv_message *const m = t->m;
    const unsigned i = (unsigned)(t->h - m->headers);
    t->r.ev_first = m->events + m->n_events;
    if (t->r.look_at < (size_t)(value_of(t->h).p - m->data.p)) /* of a value before */
        t->r.look_at = SIZE_MAX;
    if (sipv_run_finish(&t->r, sipv_header_runs[t->h->id].root) != SIPV_OK) {
        sipv_read_header(m, i, true);
    } else if (t->h->state != SIPV_UNTYPED) {
        accept_header(m, t->h, (size_t)(t->r.ev - t->r.ev_first));
        check_header(m, i, t->r.suspects);
    }
    t->r.suspects = 0;
}

/* Behind the last header that another one follows, be it one of no meaning, and the value of which
 * has enough of `n` octets behind it. */
static sipv_header *safe_end(const sipv_message *m, size_t n)
{
    sipv_header *end = m->headers + m->n_headers;
    if (SIPV_MOSTLY(m->n_headers < m->cap_headers))
        end->id = SIPV_H_OTHER;
    else if (end > m->headers)
        end--;
    while (SIPV_MOSTLY(end > m->headers) && SIPV_HARDLY(end[-1].end + SIPV_EXPRESS_REACH > n))
        end--;
    return end;
}

/* Reads headers up to t->h_safe with compiled code, if it will do. */
static void read_stretch(struct reading *t)
{
    for (enum pause pause; (pause = read_usual(t)) != PAUSE_END; t->h++) {
        const unsigned i = (unsigned)(t->h - t->m->headers);
        if (pause == PAUSE_ODD)
            sipv_read_header(t->m, i, true);
        else if (pause == PAUSE_SLOW)
            read_slowly(t);
        else
            check_header(t->m, i, t->r.suspects);
        t->r.suspects = 0;
    }
}

/* Can compiled code be used?  Then all is ready for it. */
static bool begin_compiled(struct reading *t, const struct sipv_octets *octets)
{
    /* cppcheck-suppress ctuuninitvar ; the one caller has set it */
    sipv_message *const m = t->m;
    if (SIPV_HARDLY(!octets->compiled) || SIPV_HARDLY(m->cap_events < SIPV_EXPRESS_PARTS))
        return false;
    t->many = sipv_many_events(m);
    t->r.express = true;
    t->r.look_at = SIZE_MAX;
    t->r.suspects = 0;
    t->r.ev_end = m->events + m->cap_events - SIPV_CHUNK_PARTS;
    t->r.ev_express = m->events + m->cap_events - SIPV_EXPRESS_PARTS;
    t->h_safe = safe_end(m, (size_t)(t->r.limit - t->r.base));
    return true;
}

/* Is there nothing to be said about the start line, as far as compiled code sees? */
static bool has_usual_target(struct reading *t)
{
    const sipv_message *const m = t->m;
    const sipv_express *const express =
        &sipv_sip_express[sipv_sip_tables.rules[SIPV_R_REQUEST_URI].root];
    const size_t at = sipv_offset(m, m->request_uri), end = at + m->request_uri.n;
    if (!sipv_is_usual_request(m) || SIPV_HARDLY(!express->run) ||
        SIPV_HARDLY(!(express->stops >> ' ' & 1)) ||
        SIPV_HARDLY(end + SIPV_EXPRESS_REACH > (size_t)(t->r.limit - t->r.base)) ||
        SIPV_HARDLY(t->r.base[end] != ' '))
        return false;
    const sipv_event *const ev =
        express->run(&t->r, t->r.base, at, end, m->events + m->n_events, SIPV_NONE);
    const bool usual = SIPV_MOSTLY(ev) && SIPV_MOSTLY(!t->r.suspects) &&
                       SIPV_MOSTLY(ev - (m->events + m->n_events) <= (ptrdiff_t)t->many);
    t->r.look_at = SIZE_MAX;
    t->r.suspects = 0;
    return usual;
}

/* Is compiled code used, and the last header too near the end for it? */
static inline bool ends_late(const sipv_message *m, const struct sipv_octets *octets)
{
    return SIPV_MOSTLY(octets->compiled) && SIPV_MOSTLY(m->n_headers > 0) &&
           SIPV_HARDLY(m->headers[m->n_headers - 1].end + SIPV_EXPRESS_REACH >
                       (size_t)(octets->limit - octets->base));
}

uint32_t sipv_read_message(sipv_message *m, struct sipv_octets *octets)
{
    struct reading t; /* what compiled code does not read is not set */
    t.m = m;
    t.h = m->headers;
    t.places = ~(uint32_t)0;
    if (SIPV_HARDLY(ends_late(m, octets)))
        sipv_make_room(octets);
    sipv_run_begin(&t.r, &sipv_sip_automata, octets->base, octets->limit, octets->compiled);
    const bool compiled = begin_compiled(&t, octets);
    if (SIPV_MOSTLY(m->kind != SIPV_NO_MESSAGE) &&
        !(SIPV_MOSTLY(compiled) && SIPV_MOSTLY(has_usual_target(&t))))
        sipv_check_start_line(m);
    if (SIPV_MOSTLY(compiled) && SIPV_MOSTLY(t.h < t.h_safe))
        read_stretch(&t);
    for (; SIPV_HARDLY(t.h < m->headers + m->n_headers); t.h++) {
        t.places &= sipv_header_runs[t.h->id].places;
        sipv_read_header(m, (unsigned)(t.h - m->headers), true);
    }
    sipv_check_elements(m);
    return t.places;
}
