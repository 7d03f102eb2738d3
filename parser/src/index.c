/* Index parse: start line, header boundaries and names, the body. */
#include <string.h>

#include "index.h"

bool sipv_is_token(sipv_slice s)
{
    const sipv_grammar *g = &sipv_sip_tables;
    const uint64_t *set = g->sets[g->ops[g->rules[SIPV_R_TOKEN_CHAR].entry].x];
    for (size_t i = 0; i < s.n; i++)
        if (!(set[s.p[i] >> 6] >> (s.p[i] & 63) & 1))
            return false;
    return s.n > 0;
}

/* White space before a value, its folds included. */
static const unsigned char *skip_space(const unsigned char *p, const unsigned char *end)
{
    while (p < end && (sipv_is_space(*p) || *p == '\r' || *p == '\n')) {
        /* a line end counts only where white space continues the value */
        const unsigned char *q = p;
        if (*q == '\r' && q + 1 < end && q[1] == '\n')
            q++;
        if (*q == '\r' || (*q == '\n' && !(q + 1 < end && sipv_is_space(q[1]))))
            break;
        p = q + 1;
    }
    return p;
}

/* The one place where white space behind a value goes, folds of white space included (erratum 678:
 * the grammar has no place for it, the text of RFC 3261 7.3.1 has). */
static const unsigned char *trim_space(const unsigned char *from, const unsigned char *end)
{
    for (;;) {
        const unsigned char *p = end;
        while (p > from && sipv_is_space(p[-1]))
            p--;
        if (p == end)
            return end;
        end = p;
        if (end - from >= 2 && end[-1] == '\n' && end[-2] == '\r')
            end -= 2;
        else if (end > from && end[-1] == '\n')
            end--;
        if (end == p)
            return end;
        /* in front of the line end there may be more white space, or the value ends here */
        if (end == from || !sipv_is_space(end[-1]))
            return end;
    }
}

/* Behind the colon there is one fold at most (RFC 3261 25.1: HCOLON ends in SWS). */
static bool has_folds(const sipv_header *h)
{
    unsigned folds = 0;
    for (const unsigned char *p = h->value.p - h->lead; p < h->value.p; p++)
        folds += *p == '\n';
    return folds > 1;
}

void sipv_length_see(struct sipv_length *length, const sipv_header *h, size_t off,
                     bool behind_bad_end)
{
    uint64_t number = 0;
    unsigned code = SIPV_D_NONE;
    if (SIPV_HARDLY(length->value != -1))
        code = SIPV_D_LENGTH_CONFLICT;
    else if (SIPV_HARDLY(behind_bad_end))
        code = SIPV_D_LENGTH_BEHIND_BAD_END;
    else if (SIPV_HARDLY(sipv_number_behind(off, h->value, UINT32_MAX, &number) != SIPV_OK) ||
             SIPV_HARDLY(has_folds(h)))
        code = SIPV_D_LENGTH_MALFORMED;
    if (SIPV_HARDLY(code) && (length->code == SIPV_D_NONE || code == SIPV_D_LENGTH_CONFLICT)) {
        length->code = code;
        length->off = off;
        length->len = h->value.n;
    }
    length->value = code ? -2 : (int64_t)number;
}

/* ---- Header fields ------------------------------------------------------------------------------
 */

static const unsigned char *find_colon(const unsigned char *p, const unsigned char *end)
{
#if defined(__SSE2__)
    const __m128i colon = _mm_set1_epi8(':');
    while (end - p >= 16) {
        const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        const int hit = _mm_movemask_epi8(_mm_cmpeq_epi8(v, colon));
        if (hit)
            return p + __builtin_ctz((unsigned)hit);
        p += 16;
    }
#endif
    while (p < end && *p != ':')
        p++;
    return p;
}

/* A line that is no header field: strict refuses it, interop skips it. */
static void refuse_line(struct sipv_index *x, const unsigned char *p, const struct sipv_line *line,
                        bool has_name)
{
    const unsigned code = x->m->options.profile == SIPV_INTEROP ? SIPV_D_RELAX_LINE_SKIPPED
                          : has_name                            ? SIPV_D_HEADER_NAME
                                                                : SIPV_D_HEADER_LINE;
    sipv_report(x->m, code, (size_t)(p - x->m->data.p), (size_t)(line->end - p), SIPV_NO_HEADER);
}

bool sipv_split_field(const unsigned char *p, const struct sipv_line *line, sipv_header *h)
{
    const unsigned char *colon = find_colon(p, line->end), *name_end = colon;
    while (name_end > p && sipv_is_space(name_end[-1]))
        name_end--;
    h->name = sipv_slice_of(p, (size_t)(name_end - p));
    h->id = (uint16_t)sipv_header_find(h->name);
    if (colon == line->end || (h->id == SIPV_H_OTHER && !sipv_is_token(h->name)))
        return false;
    const unsigned char *from = colon + 1, *end = line->end;
    if (from < end && *from == ' ')
        from++;
    if (from < end && (sipv_is_space(*from) || *from == '\r' || *from == '\n'))
        from = skip_space(from, end);
    if (end > from && sipv_is_space(end[-1]))
        end = trim_space(from, end);
    h->value = sipv_slice_of(from, (size_t)(end - from));
    h->lead = (uint32_t)(from - colon - 1);
    return true;
}

/* Header `i`, whose name, value and bounds are known, becomes one of the message. */
static void begin_header(struct sipv_index *x, sipv_header *h, unsigned i)
{
    uint16_t *const first = &x->m->first[h->id];
    h->state = sipv_header_keys[h->id].state;
    h->first_event = h->n_events = 0;
    h->next = SIPV_NO_HEADER;
    if (*first == SIPV_NO_HEADER) {
        *first = x->last[h->id] = (uint16_t)i;
    } else {
        sipv_link_repeated(x, h->id, i);
        if (h->id != SIPV_H_CONTENT_LENGTH && sipv_header_keys[h->id].single)
            sipv_report_at(x->m, SIPV_D_HEADER_REPEATED, h->name, i);
    }
}

static void refuse_field(struct sipv_index *x, const unsigned char *p, const struct sipv_line *line,
                         const sipv_header *h)
{
    refuse_line(x, p, line, h->name.n > 0 && h->name.n < (size_t)(line->end - p));
}

/* There is no room for a further header; a line that is none needs none. */
static bool add_without_room(struct sipv_index *x, const unsigned char *p,
                             const struct sipv_line *line)
{
    sipv_message *m = x->m;
    sipv_header h;
    if (!sipv_split_field(p, line, &h)) {
        refuse_field(x, p, line, &h);
        return true;
    }
    sipv_report(m, m->n_headers == x->limits->headers ? SIPV_D_LIMIT_HEADERS : SIPV_D_LIMIT_STORAGE,
                (size_t)(p - m->data.p), 0, SIPV_NO_HEADER);
    x->cut_short = true;
    return false;
}

/* Reads one header field; false if no more can be stored. */
static bool add_header(struct sipv_index *x, const unsigned char *p, const struct sipv_line *line)
{
    sipv_message *m = x->m;
    if (m->n_headers == x->max_headers)
        return add_without_room(x, p, line);
    const unsigned i = (unsigned)m->n_headers;
    sipv_header *h = &m->headers[i];
    if (!sipv_split_field(p, line, h)) {
        refuse_field(x, p, line, h);
        return true;
    }
    m->n_headers++;
    h->off = (uint32_t)(p - m->data.p);
    h->end = (uint32_t)(line->next - m->data.p);
    begin_header(x, h, i);
    const unsigned char *const value_end = h->value.p + h->value.n;
    if (value_end < line->end)
        sipv_report(m, SIPV_D_TRAILING_SPACE, (size_t)(value_end - m->data.p),
                    (size_t)(line->end - value_end), i);
    if ((size_t)(line->next - p) > x->limits->header)
        sipv_report_at(m, SIPV_D_LIMIT_HEADER, h->name, i);
    return true;
}

static void see_bad_line_end(struct sipv_index *x, const unsigned char *p)
{
    const size_t off = (size_t)(p - x->m->data.p);
    if (off < x->bad_line_end)
        x->bad_line_end = off;
}

static void see_line_end(struct sipv_index *x, const struct sipv_line *line)
{
    sipv_message *m = x->m;
    if (line->bare_cr) {
        sipv_report(m, SIPV_D_BARE_CR, (size_t)(line->bare_cr - m->data.p), 1, SIPV_NO_HEADER);
        see_bad_line_end(x, line->bare_cr);
    }
    if (line->bare_lf) {
        if (!x->lf_reported)
            sipv_report(m,
                        m->options.profile == SIPV_INTEROP ? SIPV_D_RELAX_BARE_LF : SIPV_D_BARE_LF,
                        (size_t)(line->bare_lf - m->data.p), 1, SIPV_NO_HEADER);
        x->lf_reported = true;
        if (m->options.profile == SIPV_STRICT)
            see_bad_line_end(x, line->bare_lf);
    }
}

/* Is `p` still within the limit of start line and headers? */
static bool within_section(const struct sipv_index *x, const unsigned char *p)
{
    const size_t before = x->m->start + x->limits->header_section;
    if (SIPV_MOSTLY((size_t)(p - x->m->data.p) <= before))
        return true;
    sipv_report(x->m, SIPV_D_LIMIT_HEADER_SECTION, before, 0, SIPV_NO_HEADER);
    return false;
}

/* Takes one line with its folds, whatever it is.  False: nothing comes behind it that could be
 * taken; then `*open` if the data ends before the line does. */
static __attribute__((noinline)) bool take_line(struct sipv_index *x, const unsigned char **p,
                                                const unsigned char *end, bool *open)
{
    struct sipv_line line;
    sipv_read_field(*p, end, &line);
    if (line.bare_cr || line.bare_lf)
        see_line_end(x, &line);
    if (sipv_is_space(**p))
        refuse_line(x, *p, &line, false);
    else if (!add_header(x, *p, &line))
        return false;
    *p = line.next;
    *open = line.how == SIPV_LINE_OPEN;
    return !*open;
}

/* Header fields up to the empty line.  Returns where the body begins, or NULL if that was not
 * found. */
static const unsigned char *index_headers(struct sipv_index *x, const unsigned char *p,
                                          const unsigned char *end)
{
    bool open = false;
    do {
        if (SIPV_MOSTLY(x->vector))
            p = sipv_index_plain(x, p);
        if (SIPV_MOSTLY(p < end) && SIPV_MOSTLY(*p == '\r') && SIPV_MOSTLY(p + 1 < end) &&
            SIPV_MOSTLY(p[1] == '\n'))
            return within_section(x, p + 2) ? p + 2 : NULL;
        if (p < end && *p == '\n') {
            struct sipv_line line;
            sipv_read_line(p, end, &line);
            see_line_end(x, &line);
            return within_section(x, p + 1) ? p + 1 : NULL;
        }
        if (!within_section(x, p))
            return NULL;
        if (p == end) {
            open = true;
            break;
        }
    } while (take_line(x, &p, end, &open));
    if (open && !x->fragment && within_section(x, end))
        sipv_report(x->m, SIPV_D_HEADERS_OPEN, (size_t)(end - x->m->data.p), 0, SIPV_NO_HEADER);
    return NULL;
}

/* ---- The body -------------------------------------------------------------------------------- */

/* All Content-Length header fields, in order. */
static void see_lengths(struct sipv_index *x)
{
    const sipv_message *const m = x->m;
    unsigned i = m->first[SIPV_H_CONTENT_LENGTH];
    if (SIPV_HARDLY(i == SIPV_NO_HEADER))
        return;
    do {
        const sipv_header *const h = &m->headers[i];
        sipv_length_see(&x->length, h, sipv_offset(m, h->value), x->bad_line_end < h->end);
        i = h->next;
    } while (SIPV_HARDLY(i != SIPV_NO_HEADER));
}

/* The length of the body, of `there` octets behind the headers, where Content-Length does not
 * decide it. */
static __attribute__((noinline)) size_t odd_length(struct sipv_index *x, const unsigned char *body,
                                                   size_t there)
{
    sipv_message *const m = x->m;
    const size_t off = body ? (size_t)(body - m->data.p) : 0;
    unsigned header = m->first[SIPV_H_CONTENT_LENGTH];
    if (x->length.code != SIPV_D_NONE) {
        while (header != SIPV_NO_HEADER && m->headers[header].next != SIPV_NO_HEADER &&
               sipv_offset(m, m->headers[header].value) < x->length.off)
            header = m->headers[header].next;
        sipv_report(m, x->length.code, x->length.off, x->length.len, header);
        return 0;
    }
    if (x->fragment) /* the body is what is there (RFC 3420 section 2.1) */
        return there;
    if (body && m->content_length != -1)
        sipv_report_at(m, SIPV_D_LENGTH_TOO_LARGE, m->headers[header].value, header);
    else if (body)
        sipv_report(m, m->options.stream ? SIPV_D_LENGTH_MISSING : SIPV_D_CONTENT_LENGTH_ABSENT,
                    off, 0, SIPV_NO_HEADER);
    return there;
}

static void find_body(struct sipv_index *x, const unsigned char *body, const unsigned char *end)
{
    sipv_message *const m = x->m;
    const size_t there = body ? (size_t)(end - body) : 0;
    see_lengths(x);
    m->content_length = x->length.value;
    size_t n = (size_t)x->length.value; /* what is no length is more than there can be */
    if (SIPV_HARDLY(n > there) || SIPV_HARDLY(x->fragment))
        n = odd_length(x, body, there);
    if (SIPV_HARDLY(!body)) {
        m->octets = (size_t)(end - m->data.p);
        return;
    }
    if (n)
        m->body = sipv_slice_of(body, n);
    m->octets = (size_t)(body - m->data.p) + n;
    if (SIPV_HARDLY(n < there) && x->length.code == SIPV_D_NONE) {
        m->trailing = there - n;
        sipv_report(m, SIPV_D_TRAILING_OCTETS, m->octets, m->trailing, SIPV_NO_HEADER);
    }
}

/* ---- Entry points ---------------------------------------------------------------------------- */

/* memset() for a size that is known here and at least 16: compilers take a call or an instruction
 * that is slow to begin. */
static inline __attribute__((always_inline)) void fill(void *p, int byte, size_t n)
{
#if defined(__SSE2__)
    unsigned char *const to = p;
    const __m128i v = _mm_set1_epi8((char)byte);
#pragma GCC unroll 64
    for (size_t i = 0; i + 16 <= n; i += 16)
        _mm_storeu_si128((__m128i *)(void *)(to + i), v);
    _mm_storeu_si128((__m128i *)(void *)(to + n - 16), v);
#else
    memset(p, byte, n);
#endif
}

void sipv_message_init(sipv_message *m, sipv_header *headers, size_t cap_headers,
                       sipv_event *events, size_t cap_events, sipv_diag *diags, size_t cap_diags)
{
    fill(m, 0, offsetof(sipv_message, first));
    fill(m->first, 0xff, sizeof m->first);
    m->headers = headers;
    m->cap_headers = cap_headers < SIPV_NO_HEADER ? cap_headers : SIPV_NO_HEADER;
    m->events = events;
    m->cap_events = cap_events;
    m->diags = diags;
    m->cap_diags = cap_diags;
}

static void begin_message(sipv_message *m, const void *data, size_t n, const sipv_options *options)
{
    /* else it is as sipv_message_init() has left it */
    if (SIPV_HARDLY(m->data.p) || SIPV_HARDLY(m->first[SIPV_H_COUNT - 1] != SIPV_NO_HEADER)) {
        fill(&m->data, 0, offsetof(sipv_message, headers) - offsetof(sipv_message, data));
        fill(m->first, 0xff, sizeof m->first);
        m->n_headers = m->n_events = m->n_diags = m->lost_diags = 0;
    }
    if (SIPV_MOSTLY(options))
        m->options = *options;
    else
        memset(&m->options, 0, sizeof m->options);
    m->data = sipv_slice_of(data, n);
    m->accepted = true;
    m->status = -1;
    m->cseq = m->content_length = m->max_forwards = -1;
}

/* Empty lines in front of a datagram: interop takes them for keep-alives.  Framers step over them
 * in every profile, so a frame has none. */
static const unsigned char *skip_empty_lines(sipv_message *m, const unsigned char *p,
                                             const unsigned char *end)
{
    const unsigned char *const from = p;
    while (p < end && (*p == '\n' || (*p == '\r' && p + 1 < end && p[1] == '\n')))
        p += *p == '\n' ? 1 : 2;
    if (p == end) /* nothing else: there is no message */
        return from;
    if (p > from)
        sipv_report(
            m, m->options.profile == SIPV_INTEROP ? SIPV_D_RELAX_EMPTY_LINES : SIPV_D_EMPTY_LINES,
            0, (size_t)(p - from), SIPV_NO_HEADER);
    return p;
}

/* Reads any start line; a fragment may do without one.  Returns where header fields begin, NULL if
 * this is no message.  `*open`: the data ends before the line does. */
static __attribute__((noinline)) const unsigned char *
read_start(struct sipv_index *x, const unsigned char *p, const unsigned char *end, bool *open)
{
    sipv_message *const m = x->m;
    struct sipv_line line;
    sipv_read_line(p, end, &line);
    m->start_line = sipv_slice_of(p, (size_t)(line.end - p));
    if (x->fragment && sipv_start_kind(m->start_line) == SIPV_START_IMPOSSIBLE) {
        m->start_line = sipv_slice_of(p, 0); /* headers at once */
        return p;
    }
    sipv_read_start_line(m);
    if (m->kind == SIPV_NO_MESSAGE)
        return NULL;
    if (line.bare_cr || line.bare_lf)
        see_line_end(x, &line);
    *open = line.how == SIPV_LINE_OPEN && !x->fragment;
    if (*open)
        sipv_report(m, SIPV_D_HEADERS_OPEN, m->data.n, 0, SIPV_NO_HEADER);
    return line.next;
}

/* Is there no body?  What lacks room else, few messages, is found out when it is needed. */
static inline bool ends_with_headers(const unsigned char *end, size_t n)
{
    return n >= 4 && memcmp(end - 4, "\r\n\r\n", 4) == 0;
}

/* SIPV_OK: the headers can be read; SIPV_LIMIT: those that were stored can be read. */
static int index_message(sipv_message *m, const void *data, size_t n, const sipv_options *options,
                         bool fragment, struct sipv_octets *octets)
{
    struct sipv_index x;
    if (SIPV_HARDLY(!m) || SIPV_HARDLY(!m->diags) || SIPV_HARDLY(m->cap_diags == 0) ||
        (SIPV_HARDLY(!data) && n) ||
        (options && options->profile == SIPV_INTEROP && SIPV_HARDLY(!options->explainer)))
        return SIPV_BAD_ARGUMENT;
    begin_message(m, data ? data : "", n, options);
    x.limits = sipv_limits_of(m);
    const size_t most = x.limits->message < UINT32_MAX ? x.limits->message : UINT32_MAX;
    if (SIPV_HARDLY(n > most)) {
        sipv_report(m, SIPV_D_LIMIT_MESSAGE, most, 0, SIPV_NO_HEADER);
        return SIPV_REJECT;
    }
    const unsigned char *p = m->data.p, *const end = p + n;
    octets->base = p;
    octets->limit = end;
    octets->compiled = sipv_express_runs();
    x.m = m;
    x.octets = octets;
    x.max_headers = m->cap_headers < x.limits->headers ? m->cap_headers : x.limits->headers;
    memset(&x.length, 0, sizeof x.length);
    x.length.value = -1;
    x.bad_line_end = SIZE_MAX;
    x.lf_reported = x.cut_short = false;
    x.fragment = fragment;
    x.vector = octets->compiled && x.limits->header >= SIPV_PLAIN_LEAST;
    if (SIPV_MOSTLY(!fragment) && SIPV_MOSTLY(p < end) && SIPV_HARDLY(*p <= '\r'))
        p = skip_empty_lines(m, p, end);
    m->start = (size_t)(p - m->data.p);
    m->octets = n;
    if (SIPV_MOSTLY(x.vector) && ends_with_headers(end, n))
        sipv_make_room(octets);
    const unsigned char *headers = SIPV_MOSTLY(x.vector) ? sipv_start_plain(m, p, end) : NULL,
                        *body = NULL;
    bool open = false;
    if (SIPV_HARDLY(!headers) && !(headers = read_start(&x, p, end, &open)))
        return SIPV_REJECT;
    if (SIPV_MOSTLY(!open))
        body = index_headers(&x, headers, end);
    find_body(&x, body, end);
    return x.cut_short ? SIPV_LIMIT : SIPV_OK;
}

int sipv_message_index(sipv_message *m, const void *data, size_t n, const sipv_options *options)
{
    struct sipv_octets octets;
    const int result = index_message(m, data, n, options, false, &octets);
    if (result == SIPV_BAD_ARGUMENT)
        return result;
    sipv_conclude(m);
    return m->accepted ? SIPV_OK : SIPV_REJECT;
}

/* What a full parse does beyond the index. */
static int parse_message(sipv_message *m, const void *data, size_t n, const sipv_options *options,
                         bool fragment)
{
    struct sipv_octets octets;
    const int result = index_message(m, data, n, options, fragment, &octets);
    uint32_t places = 0;
    if (result == SIPV_BAD_ARGUMENT)
        return result;
    if (SIPV_MOSTLY(result == SIPV_OK || result == SIPV_LIMIT))
        places = sipv_read_message(m, &octets);
    if (SIPV_MOSTLY(result == SIPV_OK && !fragment))
        sipv_check_message(m, places);
    sipv_conclude(m);
    return m->accepted ? SIPV_OK : SIPV_REJECT;
}

int sipv_message_parse(sipv_message *m, const void *data, size_t n, const sipv_options *options)
{
    return parse_message(m, data, n, options, false);
}

int sipv_sipfrag_parse(sipv_message *m, const void *data, size_t n, const sipv_options *options)
{
    return parse_message(m, data, n, options, true);
}
