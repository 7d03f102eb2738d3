#include "spelling.h"

#include <string.h>

#include "input.h"
#include "program.h"
#include "tables.h"

enum { HEADERS = 1024 };

struct spelling {
    const sipv_message *m;
    unsigned ways;
    uint64_t seed;
    struct fuzz_out *out;
    unsigned char *marks; /* of the header's value, by octet */
};

/* What may be done before an octet of a value. */
enum { MARK_SPACE = 1, MARK_BACKSLASH = 2, MARK_CASE = 4, MARK_LINE = 8 };

static bool wants(struct spelling *s, unsigned way)
{
    return (s->ways & way) && fuzz_draw(&s->seed) % 2;
}

static bool is_space(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_alphanum(unsigned char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* ---- What may be done where --------------------------------------------------------------------
 */

/* Letters and digits of a quoted string that stand behind no backslash. */
static void mark_quoted(const struct spelling *s, size_t from, size_t end)
{
    const unsigned char *const p = s->m->data.p;
    if (end - from < 2 || p[from] != '"')
        return;
    for (size_t i = from + 1; i + 1 < end; i++) {
        if (p[i] == '\\')
            i++;
        else if (is_alphanum(p[i]))
            s->marks[i] |= MARK_BACKSLASH;
    }
}

/* Headers in whose text a quote is a quote and a backslash a backslash: words of Call-IDs, and
 * TEXT-UTF8-TRIM. */
static bool is_literal(unsigned id)
{
    return id == SIPV_H_CALL_ID || id == SIPV_H_IN_REPLY_TO || id == SIPV_H_SUBJECT ||
           id == SIPV_H_ORGANIZATION;
}

static void mark_capture(const struct spelling *s, const sipv_header *h, const sipv_event *ev)
{
    const size_t end = (size_t)ev->off + ev->len;
    if (ev->kind == SIPV_KIND_ELEMENT)
        s->marks[ev->off] |= MARK_LINE;
    if (ev->kind == SIPV_KIND_PARAM_NAME) {
        for (size_t i = ev->off; i < end; i++)
            s->marks[i] |= MARK_CASE;
        s->marks[ev->off] |= MARK_SPACE;
        if (end < sipv_offset(s->m, h->value) + h->value.n)
            s->marks[end] |= MARK_SPACE;
    }
    if (ev->kind == SIPV_KIND_PARAM_VALUE)
        s->marks[ev->off] |= MARK_SPACE;
    if (ev->part == SIPV_PART_WHOLE && !is_literal(h->id))
        mark_quoted(s, ev->off, end);
}

/* Later RFCs write single spaces where RFC 3261 has LWS, and so do two of its own headers. */
static bool is_loose(const sipv_header *h)
{
    return h->state == SIPV_READ && sipv_header_table[h->id].core && h->id != SIPV_H_DATE &&
           h->id != SIPV_H_WARNING;
}

static void mark_header(const struct spelling *s, const sipv_header *h)
{
    memset(s->marks + h->off, 0, h->end - h->off);
    if (!is_loose(h))
        return;
    for (size_t i = 0; i < h->n_events; i++)
        mark_capture(s, h, &s->m->events[h->first_event + i]);
}

/* ---- Writing -----------------------------------------------------------------------------------
 */

static void put_octet(struct spelling *s, unsigned char c)
{
    fuzz_put(s->out, sipv_slice_of(&c, 1));
}

static void put_name(struct spelling *s, const sipv_header *h)
{
    const sipv_header_info *info = sipv_header_info_of(h->id);
    sipv_slice name = h->name;
    if (info && wants(s, FUZZ_COMPACT)) {
        name = sipv_slice_text(info->name);
        if (info->compact && h->name.n > 1)
            name = sipv_slice_of(&info->compact, 1);
    }
    const bool other = wants(s, FUZZ_CASE);
    for (size_t i = 0; i < name.n; i++) {
        const unsigned char c = name.p[i];
        put_octet(s, other && (c | 0x20) >= 'a' && (c | 0x20) <= 'z' ? c ^ 0x20 : c);
    }
}

/* A run of white space, as it is or, if there is no line end in it yet, as a fold. */
static size_t put_space(struct spelling *s, size_t at, size_t end, bool may_fold)
{
    const unsigned char *const p = s->m->data.p;
    size_t behind = at;
    while (behind < end && is_space(p[behind]))
        behind++;
    const sipv_slice run = sipv_slice_of(p + at, behind - at);
    if (may_fold && !memchr(run.p, '\n', run.n) && wants(s, FUZZ_FOLDS))
        fuzz_puts(s->out, fuzz_draw(&s->seed) % 2 ? "\r\n " : " \r\n\t");
    else
        fuzz_put(s->out, run);
    return behind;
}

static void put_line_end(struct spelling *s)
{
    fuzz_puts(s->out, wants(s, FUZZ_BARE_LF) ? "\n" : "\r\n");
}

/* A line for a comma: what follows is an element. */
static size_t put_separator(struct spelling *s, const sipv_header *h, size_t at, size_t end)
{
    const unsigned char *const p = s->m->data.p;
    if (h->value.n < 4096 && wants(s, FUZZ_LINES)) {
        put_line_end(s);
        put_name(s, h);
        fuzz_puts(s->out, ": ");
        for (at++; at < end && is_space(p[at]); at++)
            ;
        return at;
    }
    put_octet(s, p[at]);
    return at + 1;
}

static void put_value(struct spelling *s, const sipv_header *h)
{
    const unsigned char *const p = s->m->data.p;
    const size_t from = sipv_offset(s->m, h->value), end = from + h->value.n;
    for (size_t at = from; at < end;) {
        const unsigned mark = s->marks[at];
        if (is_space(p[at])) {
            at = put_space(s, at, end, is_loose(h) && (at == from || p[at - 1] != '\\'));
            continue;
        }
        if (mark & MARK_LINE && sipv_header_table[h->id].nature == SIPV_LIST) {
            at = put_separator(s, h, at, end);
            continue;
        }
        if (mark & MARK_SPACE && wants(s, FUZZ_SPACE))
            put_octet(s, ' ');
        if (mark & MARK_BACKSLASH && wants(s, FUZZ_QUOTED_PAIRS))
            put_octet(s, '\\');
        const bool letter = (p[at] | 0x20) >= 'a' && (p[at] | 0x20) <= 'z';
        put_octet(s, mark & MARK_CASE && letter && wants(s, FUZZ_CASE) ? p[at] ^ 0x20 : p[at]);
        at++;
    }
}

/* What cannot be read stays as it is: white space around it may be what is wrong. */
static void put_unread(struct spelling *s, const sipv_header *h)
{
    const unsigned char *const from = h->value.p - h->lead;
    const unsigned char *line_end = s->m->data.p + h->end - 1; /* the LF */
    line_end -= line_end[-1] == '\r';
    fuzz_puts(s->out, ":");
    fuzz_put(s->out, sipv_slice_of(from, (size_t)(line_end - from)));
}

static void put_header(struct spelling *s, const sipv_header *h)
{
    mark_header(s, h);
    put_name(s, h);
    if (h->state == SIPV_MALFORMED) {
        put_unread(s, h);
        return;
    }
    fuzz_puts(s->out, ": ");
    put_value(s, h);
}

/* May lines of this header become one?  Of a list, but not of Authentication-Info: its commas stand
 * between the parameters of one element, and each line is an element. */
static bool is_joined(unsigned id)
{
    return id != SIPV_H_OTHER && id != SIPV_H_AUTHENTICATION_INFO &&
           sipv_header_table[id].nature == SIPV_LIST;
}

/* The headers in `order`; those of a list that follow each other may become one line. */
static void put_headers(struct spelling *s, const uint16_t *order, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const sipv_header *h = &s->m->headers[order[i]];
        const sipv_header *last = i > 0 ? &s->m->headers[order[i - 1]] : NULL;
        const bool joins = last && last->id == h->id && is_joined(h->id) && h->value.n &&
                           last->value.n && h->value.n + last->value.n < 4096 &&
                           h->state == SIPV_READ && last->state == SIPV_READ &&
                           !sipv_slice_is(h->value, "*") && !sipv_slice_is(last->value, "*");
        if (joins && wants(s, FUZZ_LINES)) {
            fuzz_puts(s->out, " , ");
            mark_header(s, h);
            put_value(s, h);
            continue;
        }
        if (i > 0)
            put_line_end(s);
        if (i > 0 && wants(s, FUZZ_NO_HEADERS))
            fuzz_puts(s->out, fuzz_draw(&s->seed) % 2 ? "no header\r\n" : "no header : x\r\n");
        put_header(s, h);
    }
    if (n)
        put_line_end(s);
}

static void put_start_line(struct spelling *s)
{
    const sipv_message *const m = s->m;
    if (wants(s, FUZZ_EMPTY_LINES))
        fuzz_puts(s->out, "\r\n");
    if (m->kind != SIPV_REQUEST || !wants(s, FUZZ_START_SPACE)) {
        fuzz_put(s->out, m->start_line);
        return;
    }
    fuzz_put(s->out, m->method);
    fuzz_puts(s->out, " \t");
    fuzz_put(s->out, m->request_uri);
    fuzz_puts(s->out, "\t");
    fuzz_put(s->out, m->version);
    fuzz_puts(s->out, "  ");
}

static void put_message(struct spelling *s, const uint16_t *order, size_t n)
{
    put_start_line(s);
    put_line_end(s);
    put_headers(s, order, n);
    put_line_end(s);
    fuzz_put(s->out, s->m->body);
}

/* ---- Order -------------------------------------------------------------------------------------
 */

/* Neighbours of different names change places, here and there. */
static void mix(struct spelling *s, uint16_t *order, size_t n)
{
    for (size_t round = 0; round < 3; round++)
        for (size_t i = 1; i < n; i++) {
            const uint16_t a = order[i - 1], b = order[i];
            if (s->m->headers[a].id == s->m->headers[b].id || !wants(s, FUZZ_ORDER))
                continue;
            order[i - 1] = b;
            order[i] = a;
        }
}

static unsigned char *marks_for(const sipv_message *m)
{
    static unsigned char marks[1 << 17];
    return m->octets < sizeof marks ? marks : NULL;
}

void fuzz_spell(const sipv_message *m, unsigned ways, uint64_t seed, struct fuzz_out *out)
{
    struct spelling s = {m, ways, seed, out, marks_for(m)};
    uint16_t order[HEADERS];
    out->full = !s.marks || m->n_headers > HEADERS / 2;
    if (out->full)
        return;
    for (size_t i = 0; i < m->n_headers; i++)
        order[i] = (uint16_t)i;
    mix(&s, order, m->n_headers);
    put_message(&s, order, m->n_headers);
}

void fuzz_swap(const sipv_message *m, size_t i, size_t k, struct fuzz_out *out)
{
    struct spelling s = {m, 0, 0, out, marks_for(m)};
    uint16_t order[HEADERS];
    out->full = !s.marks || m->n_headers > HEADERS;
    if (out->full)
        return;
    for (size_t at = 0; at < m->n_headers; at++)
        order[at] = (uint16_t)(at == i ? k : at == k ? i : at);
    put_message(&s, order, m->n_headers);
}
