/* Header values against their rules: the fast matchers first, the explaining engine when they
 * refuse. */
#include <string.h>

#include "internal.h"

int sipv_run_matcher(unsigned root, sipv_slice text, const unsigned char *base,
                     const unsigned char *limit, sipv_event *ev, size_t cap, size_t *n,
                     size_t *error)
{
    return sipv_match_slice(&sipv_sip_automata, root, text, base, limit, ev, cap, n, error);
}

sipv_slice sipv_rule_text(const sipv_message *m, const sipv_header *h)
{
    const unsigned char *const from = h->value.p - h->lead;
    (void)m;
    for (const unsigned char *p = from; h->lead > 1 && p < h->value.p; p++)
        if (!sipv_is_space(*p)) /* a fold: the grammar says whether it is legal */
            return sipv_slice_of(from, h->lead + h->value.n);
    return h->value;
}

/* ---- Which diagnostic --------------------------------------------------------------------------
 */

static bool rule_is_one_of(int rule, const int *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == rule)
            return true;
    return false;
}

static bool expects(const sipv_match *match, const char *text)
{
    for (unsigned i = 0; i < match->n_expected; i++)
        if (strcmp(match->expected[i], text) == 0)
            return true;
    return false;
}

/* Is the ";" or "=" of the construct behind us, so that what it leads to is missing? */
static bool is_behind_divider(const sipv_match *match)
{
    if (match->rule != SIPV_R_SEMI && match->rule != SIPV_R_EQUAL)
        return false;
    for (unsigned i = 0; i < match->n_expected; i++)
        if (match->expected[i][0] != '\'' && strcmp(match->expected[i], "white space") != 0)
            return true;
    return false;
}

/* The diagnostic of a construct, by its rule. */
static unsigned code_of(const sipv_match *match, bool at_end)
{
    static const int strings[] = {SIPV_R_QSTRING, SIPV_R_QUOTED_STRING, SIPV_R_QUOTED_PAIR,
                                  SIPV_R_QDTEXT};
    static const int comments[] = {SIPV_R_COMMENT, SIPV_R_PAREN_COMMENT, SIPV_R_COMMENT_PARENS,
                                   SIPV_R_CTEXT};
    static const int hosts[] = {SIPV_R_HOST,        SIPV_R_HOSTNAME,      SIPV_R_HOSTPORT,
                                SIPV_R_IPV4ADDRESS, SIPV_R_IPV6REFERENCE, SIPV_R_IPV6ADDRESS,
                                SIPV_R_H16,         SIPV_R_LS32,          SIPV_R_DEC_OCTET,
                                SIPV_R_DOMAINLABEL, SIPV_R_TOPLABEL,      SIPV_R_PORT};
    static const int uris[] = {SIPV_R_ADDR_SPEC,
                               SIPV_R_SIP_URI,
                               SIPV_R_SIP_BODY,
                               SIPV_R_USERINFO_BODY,
                               SIPV_R_HOST_BODY,
                               SIPV_R_USER,
                               SIPV_R_PASSWORD,
                               SIPV_R_URI_PARAMETERS,
                               SIPV_R_HEADERS,
                               SIPV_R_HEADER,
                               SIPV_R_HNAME,
                               SIPV_R_HVALUE,
                               SIPV_R_ABSOLUTEURI,
                               SIPV_R_TEL_URI,
                               SIPV_R_ESCAPED,
                               SIPV_R_BARE_ADDR_SPEC,
                               SIPV_R_BARE_SIP_URI,
                               SIPV_R_BARE_SIP_BODY,
                               SIPV_R_SIP_SCHEME,
                               SIPV_R_BARE_USERINFO_BODY,
                               SIPV_R_BARE_USER,
                               SIPV_R_BARE_PASSWORD,
                               SIPV_R_BARE_HOST_BODY,
                               SIPV_R_BARE_TEL_URI,
                               SIPV_R_BARE_ABSOLUTEURI,
                               SIPV_R_TELEPHONE_SUBSCRIBER,
                               SIPV_R_GLOBAL_NUMBER,
                               SIPV_R_LOCAL_NUMBER,
                               SIPV_R_SCHEME,
                               SIPV_R_ABS_SCHEME};
#define ONE_OF(list) rule_is_one_of(match->rule, list, sizeof list / sizeof *list)
    const unsigned flags = sipv_sip_tables.rules[match->rule].flags;
    if (match->depth_exceeded)
        return SIPV_D_LIMIT_COMMENT;
    if (ONE_OF(strings) && at_end)
        return SIPV_D_QUOTED_STRING_OPEN;
    if (ONE_OF(comments) && at_end)
        return SIPV_D_COMMENT_OPEN;
    if (at_end && expects(match, "'>'"))
        return SIPV_D_BRACKET_OPEN;
    if (match->in_value)
        return SIPV_D_PARAMETER_VALUE;
    if (ONE_OF(hosts))
        return SIPV_D_HOST;
    if (flags & SIPV_RULE_SELECT || match->rule == SIPV_R_GENERIC_PARAM ||
        match->rule == SIPV_R_GEN_VALUE || is_behind_divider(match))
        return SIPV_D_PARAMETER;
    if (match->rule == SIPV_R_LOCAL_NUMBER_DIGITS && expects(match, "';'"))
        return SIPV_D_TEL_CONTEXT;
    if (ONE_OF(uris))
        return SIPV_D_URI;
    return SIPV_D_SYNTAX;
#undef ONE_OF
}

/* Reports a refusal of `text`.  `code` is the diagnostic of the whole, SIPV_D_SYNTAX lets the
 * broken construct choose a better one. */
static void report_refusal(sipv_message *m, int rule, bool value, sipv_slice text, size_t error,
                           unsigned code, unsigned header)
{
    sipv_match match;
    const size_t off = sipv_offset(m, text);
    sipv_diag *d;
    if (!m->options.explainer) {
        d = sipv_report(m, code, off, error, header);
    } else {
        sipv_explain(&sipv_sip_tables, rule, value, text, 0, m->options.explainer, 0, NULL, 0,
                     &match);
        const unsigned better = code_of(&match, match.error_offset == text.n);
        d = sipv_report(m, code == SIPV_D_SYNTAX || better == SIPV_D_LIMIT_COMMENT ? better : code,
                        off + match.construct_offset, match.error_offset - match.construct_offset,
                        header);
        rule = match.rule == SIPV_R_QSTRING ? SIPV_R_QUOTED_STRING : match.rule;
    }
    if (d)
        d->rule = (int16_t)rule;
}

/* ---- Relaxations ----------------------------------------------------------------------------- */

static unsigned relaxation_code(unsigned relaxation)
{
    switch (relaxation) {
    case SIPV_RELAX_SPACE_IN_BRACKETS: return SIPV_D_RELAX_SPACE_IN_BRACKETS;
    case SIPV_RELAX_DISPLAY_NAME: return SIPV_D_RELAX_DISPLAY_NAME;
    case SIPV_RELAX_SEPARATOR_IN_NAME: return SIPV_D_RELAX_SEPARATOR_IN_NAME;
    case SIPV_RELAX_MISSING_BRACKETS: return SIPV_D_RELAX_MISSING_BRACKETS;
    case SIPV_RELAX_HOST_UNDERSCORE: return SIPV_D_RELAX_HOST_UNDERSCORE;
    case SIPV_RELAX_EMPTY_ELEMENT: return SIPV_D_RELAX_EMPTY_ELEMENT;
    case SIPV_RELAX_CALL_ID: return SIPV_D_RELAX_CALL_ID;
    case SIPV_RELAX_REQUEST_URI_BRACKETS: return SIPV_D_RELAX_REQUEST_URI_BRACKETS;
    case SIPV_RELAX_REQUEST_URI_HEADERS: return SIPV_D_RELAX_REQUEST_URI_HEADERS;
    case SIPV_RELAX_REASON_PHRASE: return SIPV_D_RELAX_REASON_PHRASE;
    default: return SIPV_D_RELAX_BARE_LF;
    }
}

static void report_relaxations(sipv_message *m, uint64_t set, sipv_slice text, unsigned header)
{
    m->relaxations |= set;
    for (unsigned i = 0; i < SIPV_RELAX_COUNT; i++) {
        if (!(set >> i & 1) || i == SIPV_RELAX_BARE_LF) /* LF is reported with its line */
            continue;
        sipv_diag *d = sipv_report_at(m, relaxation_code(i), text, header);
        if (d)
            d->relaxation = (int16_t)i;
    }
}

/* The empty elements at both ends of a list; those between others are in the grammar. */
static sipv_slice strip_commas(sipv_slice s)
{
    for (bool more = true; more && s.n;) {
        more = s.p[0] == ',' || s.p[0] == ' ' || s.p[0] == '\t' || s.p[0] == '\r' || s.p[0] == '\n';
        if (more) {
            s.p++;
            s.n--;
        }
    }
    for (bool more = true; more && s.n;) {
        const unsigned char c = s.p[s.n - 1];
        more = c == ',' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
        if (more)
            s.n--;
    }
    return s;
}

static bool is_list(unsigned header_id)
{
    const int view = sipv_header_table[header_id].view;
    return view >= 0 && sipv_sip_tables.views[view].each_rule != SIPV_NO_RULE;
}

/* Matches `text` with every relaxation allowed; events go behind those there are. */
static bool relaxed_match(sipv_message *m, int rule, bool value, sipv_slice text, unsigned header,
                          bool list, size_t *n)
{
    sipv_match match;
    uint64_t used = 0;
    if (list) {
        const sipv_slice inner = strip_commas(text);
        for (const unsigned char *p = text.p; p < text.p + text.n && !used; p++)
            if (*p == ',' && (p < inner.p || p >= inner.p + inner.n))
                used = (uint64_t)1 << SIPV_RELAX_EMPTY_ELEMENT;
        if (used)
            text = inner;
    }
    if (!m->options.explainer ||
        sipv_explain(&sipv_sip_tables, rule, value, text, ~(uint64_t)0, m->options.explainer,
                     (uint32_t)sipv_offset(m, text), m->events + m->n_events,
                     m->cap_events - m->n_events, &match) != SIPV_OK)
        return false;
    if (match.no_space) {
        sipv_report_at(m, SIPV_D_LIMIT_STORAGE, text, header);
        return false;
    }
    *n = match.n_events;
    report_relaxations(m, match.relaxations | used, text, header);
    return true;
}

/* More captures than this are counted, whatever they look like: there is a limit of parameters. */
enum { MANY_EVENTS = 64 };

/* ---- Entry points ---------------------------------------------------------------------------- */

int sipv_match_rule(sipv_message *m, int rule, sipv_slice text, unsigned code, unsigned header,
                    size_t *n_events, bool *suspect)
{
    struct sipv_run r;
    sipv_event *const ev = m->events + m->n_events;
    sipv_run_begin(&r, &sipv_sip_automata, m->data.p, m->data.p + m->data.n);
    const int result =
        sipv_run_match(&r, sipv_sip_tables.rules[rule].root, text, ev, m->cap_events - m->n_events);
    if (result == SIPV_OK) {
        *n_events = (size_t)(r.ev - ev);
        *suspect = r.suspects != 0 || *n_events > MANY_EVENTS;
        return SIPV_OK;
    }
    if (result == SIPV_NO_SPACE) {
        sipv_report_at(m, SIPV_D_LIMIT_STORAGE, text, header);
        return result;
    }
    if (m->options.profile == SIPV_INTEROP &&
        relaxed_match(m, rule, false, text, header, false, n_events)) {
        *suspect = true;
        return SIPV_OK;
    }
    report_refusal(m, rule, false, text, r.at - sipv_offset(m, text), code, header);
    return SIPV_REJECT;
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
    report_refusal(m, sipv_header_table[h->id].rule, true, text, error,
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
    if (suspects || h->n_events > MANY_EVENTS || h->n_events > sipv_limits_of(m)->params)
        sipv_check_events(m, m->events + h->first_event, h->n_events, i);
    if (suspects & SIPV_SUSPECT_EXTENSION)
        sipv_check_extensions(m, i);
}

static void check_unknown(sipv_message *m, unsigned i)
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
    const sipv_slice text = sipv_rule_text(m, h);
    sipv_event *const ev = m->events + m->n_events;
    sipv_run_begin(&r, &sipv_sip_automata, m->data.p, m->data.p + m->data.n);
    int result =
        sipv_run_match(&r, sipv_sip_tables.rules[rule].root, text, ev, m->cap_events - m->n_events);
    size_t n = result == SIPV_OK ? (size_t)(r.ev - ev) : 0;
    if (result == SIPV_NO_SPACE) {
        if (report)
            sipv_report_at(m, SIPV_D_LIMIT_STORAGE, h->name, i);
        return;
    }
    if (result == SIPV_REJECT && m->options.profile == SIPV_INTEROP &&
        relaxed_match(m, rule, true, text, i, is_list(h->id), &n)) {
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
}

/* Headers on their way from index to typed form. */
struct reading {
    struct sipv_run r;
    sipv_message *m;
    sipv_header *h, *h_end; /* the next header */
    sipv_header *h_safe;    /* from here on there is too little room for compiled code */
    size_t many;
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
static inline sipv_slice value_of(const sipv_message *m, const sipv_header *h)
{
    return __builtin_expect(h->lead > 1, false) ? sipv_rule_text(m, h) : h->value;
}

/* Reads headers as long as compiled code is all that they need. */
static __attribute__((noinline)) enum pause read_usual(struct reading *t)
{
    sipv_message *const m = t->m;
    const unsigned char *const data = t->r.base;
    const size_t many = t->many * sizeof(sipv_event);
    sipv_header *h = t->h;
    uint32_t places = t->places, n_events = (uint32_t)m->n_events;
    sipv_event *ev = m->events + n_events;
    enum pause pause = PAUSE_END;
    for (; h < t->h_safe; h++) {
        const struct sipv_header_run *const x = &sipv_header_runs[h->id];
        const sipv_slice text = value_of(m, h);
        const unsigned char *const end = text.p + text.n;
        pause = PAUSE_ODD;
        places &= x->places;
        if (*end != '\r' || ev > t->r.ev_express)
            break;
        sipv_event *const next =
            x->express(&t->r, data, (size_t)(text.p - data), (size_t)(end - data), ev, x->node);
        pause = PAUSE_SLOW;
        if (!next)
            break;
        pause = PAUSE_END;
        if (h->state == SIPV_UNTYPED)
            continue;
        const size_t size = (size_t)((unsigned char *)next - (unsigned char *)ev);
        const uint32_t n = (uint32_t)size / (uint32_t)sizeof *ev;
        h->state = SIPV_READ;
        h->first_event = n_events;
        h->n_events = n;
        ev = next;
        n_events += n;
        pause = PAUSE_CHECK;
        if (t->r.suspects || size > many)
            break;
        pause = PAUSE_END;
    }
    if (pause == PAUSE_END && h < t->h_end) {
        places &= sipv_header_runs[h->id].places;
        pause = PAUSE_ODD;
    }
    t->h = h;
    t->places = places;
    m->n_events = n_events;
    return pause;
}

/* The tables go on where compiled code has stopped. */
static void read_slowly(struct reading *t)
{
    sipv_message *const m = t->m;
    const unsigned i = (unsigned)(t->h - m->headers);
    t->r.ev_first = m->events + m->n_events;
    if (t->r.look_at < (size_t)(value_of(m, t->h).p - t->r.base)) /* of a value before */
        t->r.look_at = SIZE_MAX;
    if (sipv_run_finish(&t->r, sipv_header_runs[t->h->id].root) != SIPV_OK) {
        sipv_read_header(m, i, true);
    } else if (t->h->state != SIPV_UNTYPED) {
        accept_header(m, t->h, (size_t)(t->r.ev - t->r.ev_first));
        check_header(m, i, t->r.suspects);
    }
    t->r.suspects = 0;
}

/* Behind the last header the value of which ends not behind `safe`. */
static sipv_header *safe_end(const sipv_message *m, const unsigned char *safe)
{
    sipv_header *end = m->headers + m->n_headers;
    while (end > m->headers && end[-1].value.p + end[-1].value.n > safe)
        end--;
    return end;
}

uint32_t sipv_read_headers(sipv_message *m)
{
    struct reading t;
    const size_t params = sipv_limits_of(m)->params;
    t.m = m;
    t.h = m->headers;
    t.h_end = t.h + m->n_headers;
    t.h_safe = t.h;
    t.many = params < MANY_EVENTS ? params : MANY_EVENTS;
    t.places = ~(uint32_t)0;
    sipv_run_begin(&t.r, &sipv_sip_automata, m->data.p, m->data.p + m->data.n);
    t.r.express = true;
    t.r.look_at = SIZE_MAX;
    t.r.suspects = 0;
    t.r.ev_express = t.r.ev_end = NULL;
    if (t.r.compiled && m->cap_events >= SIPV_EXPRESS_PARTS && m->data.n >= SIPV_EXPRESS_REACH) {
        t.h_safe = safe_end(m, t.r.limit - SIPV_EXPRESS_REACH);
        t.r.ev_end = m->events + m->cap_events - SIPV_CHUNK_PARTS;
        t.r.ev_express = m->events + m->cap_events - SIPV_EXPRESS_PARTS;
    }
    for (enum pause pause; (pause = read_usual(&t)) != PAUSE_END; t.h++) {
        const unsigned i = (unsigned)(t.h - m->headers);
        if (pause == PAUSE_ODD)
            sipv_read_header(m, i, true);
        else if (pause == PAUSE_SLOW)
            read_slowly(&t);
        else
            check_header(m, i, t.r.suspects);
        t.r.suspects = 0;
    }
    sipv_check_elements(m);
    return t.places;
}

int sipv_diag_explain(const sipv_message *m, const sipv_diag *d, void *work, sipv_match *match)
{
    const uint64_t relaxations = m->options.profile == SIPV_INTEROP ? ~(uint64_t)0 : 0;
    int rule;
    bool value = false;
    sipv_slice text;
    if (d->code < SIPV_D_SYNTAX || d->code >= SIPV_D_HEADER_MISSING || d->rule < 0)
        return SIPV_ABSENT;
    if (d->header != SIPV_NO_HEADER) {
        const sipv_header *h = &m->headers[d->header];
        rule = sipv_header_table[h->id].rule;
        text = sipv_rule_text(m, h);
        value = true;
    } else if (m->request_uri.p && d->off >= sipv_offset(m, m->request_uri)) {
        rule = SIPV_R_REQUEST_URI;
        text = m->request_uri;
    } else if (m->reason.p && d->off >= sipv_offset(m, m->reason)) {
        rule = SIPV_R_REASON_PHRASE;
        text = m->reason;
    } else {
        return SIPV_ABSENT;
    }
    if (rule < 0)
        return SIPV_ABSENT;
    sipv_explain(&sipv_sip_tables, rule, value, text, relaxations, work, 0, NULL, 0, match);
    return match->accepted ? SIPV_ABSENT : SIPV_OK;
}

int sipv_value_parse(unsigned id, sipv_slice value, sipv_event *events, size_t cap, sipv_iter *it,
                     size_t *error_offset)
{
    size_t n = 0, error = 0;
    if (id == SIPV_H_OTHER || id >= SIPV_H_COUNT || sipv_header_table[id].view < 0 || !it ||
        !value.p || (!events && cap))
        return SIPV_BAD_ARGUMENT;
    if (value.n > UINT32_MAX) /* offsets of captures are 32 bits wide */
        return SIPV_LIMIT;
    const int result = sipv_run_matcher(sipv_sip_tables.rules[sipv_header_table[id].rule].root,
                                        value, value.p, value.p + value.n, events, cap, &n, &error);
    if (result == SIPV_REJECT && error_offset)
        *error_offset = error;
    if (result != SIPV_OK)
        return result;
    memset(it, 0, sizeof *it);
    it->base = value.p;
    it->ev = events;
    it->n = n;
    it->id = (uint16_t)id;
    it->header = SIPV_NO_HEADER;
    it->begun = true;
    return SIPV_OK;
}

/* What the grammar of a URI leaves open. */
static int check_uri(const sipv_uri *uri, size_t *error_offset)
{
    static const sipv_limits limits = SIPV_LIMITS_DEFAULT;
    sipv_param a, b;
    size_t count = 0, at = 0, none = 0;
    size_t *const error = error_offset ? error_offset : &none;
    uint64_t ttl;
    *error = 0;
    if (uri->port == SIPV_NUMBER_RANGE)
        return SIPV_LIMIT;
    while (sipv_param_next(&uri->params, &at, &a) == SIPV_OK) {
        *error = (size_t)(a.name.p - uri->text.p);
        if (++count > limits.params)
            return SIPV_LIMIT;
        for (size_t old = 0; sipv_param_next(&uri->params, &old, &b) == SIPV_OK && old < at;)
            if (sipv_slice_equal_nocase(a.name, b.name))
                return SIPV_REJECT;
        if (sipv_slice_is(a.name, "ttl") && sipv_number(a.value, 255, &ttl) == SIPV_LIMIT)
            return SIPV_LIMIT;
    }
    if (uri->number.n && uri->number.p[0] != '+' &&
        sipv_param_find(&uri->params, "phone-context", NULL) != SIPV_OK) {
        *error = (size_t)(uri->number.p - uri->text.p);
        return SIPV_REJECT;
    }
    return SIPV_OK;
}

int sipv_uri_parse(sipv_slice text, bool bare, sipv_event *events, size_t cap, sipv_uri *out,
                   size_t *error_offset)
{
    const int rule = bare ? SIPV_R_BARE_ADDR_SPEC : SIPV_R_ADDR_SPEC;
    size_t n = 0, error = 0;
    if (!out || !text.p || (!events && cap))
        return SIPV_BAD_ARGUMENT;
    if (text.n > UINT32_MAX) {
        if (error_offset)
            *error_offset = UINT32_MAX;
        return SIPV_LIMIT;
    }
    const int result = sipv_run_matcher(sipv_sip_tables.rules[rule].root, text, text.p,
                                        text.p + text.n, events, cap, &n, &error);
    if (result == SIPV_REJECT && error_offset)
        *error_offset = error;
    if (result != SIPV_OK)
        return result;
    sipv_fill_uri(text.p, events, n, out);
    out->text = text;
    return check_uri(out, error_offset);
}
