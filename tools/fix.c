/* fix.c: see fix.h.
 *
 * Every idea of a fix is tried: it is put into the message, which is parsed again.  So an idea may
 * be a guess, and nothing is proposed that does not help. */
#include "fix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Codes of the catalogue for which there is more than the general idea. */
enum {
    SYNTAX = 101,
    REQUEST_LINE = 102,
    STATUS_LINE = 103,
    REQUEST_URI = 104,
    REASON_PHRASE = 106,
    HOST = 111,
    QUOTED_STRING_OPEN = 112,
    COMMENT_OPEN = 113,
    BRACKET_OPEN = 114,
    PARAMETER_VALUE = 116,
    HEADER_LINE = 117,
    HEADER_NAME = 118,
    EXTENSION_SYNTAX = 120,
    HEADER_MISSING = 201,
    PARAMETER_REPEATED = 203,
    CSEQ_METHOD = 204,
    MAX_FORWARDS_RANGE = 207,
    VERSION = 213,
    VIA_VERSION = 214,
    BRANCH_COOKIE = 223,
    MAX_FORWARDS_MISSING = 225,
    LENGTH_ABSENT = 227,
    TRAILING_OCTETS = 228,
    TRAILING_SPACE = 229,
    START_SPACE = 302,
    EMPTY_LINES_RELAXED = 303,
    STATUS_SPACE = 304,
    REASON_PHRASE_RELAXED = 305,
    URI_BRACKETS = 306,
    URI_HEADERS = 307,
    MISSING_BRACKETS = 311,
    PARAMETER_REPEATED_RELAXED = 314,
    MAX_FORWARDS_IGNORED = 316,
    LINE_SKIPPED = 317,
    LENGTH_MALFORMED = 505,
    LENGTH_TOO_LARGE = 507,
    EMPTY_LINES = 510
};

enum { VALUE_MAX = 1024, HEAD_MAX = 16384, FINDINGS_MAX = 32, STEPS = 12 };

/* What is worked on: a finding, and the bytes whose place the fix takes. */
struct job {
    struct fixer *x;
    const struct vet *v;
    const sipv_diag *d;
    sipv_slice old;
    struct fix *fix;
};

/* ---- Trying an idea ----------------------------------------------------------------------------
 */

static size_t weight(const sipv_message *m)
{
    size_t sum = 0;

    for (size_t i = 0; i < m->n_diags; i++)
        sum += m->diags[i].severity == SIPV_ERROR     ? 10000
               : m->diags[i].severity == SIPV_WARNING ? 100
                                                      : 1;
    return sum;
}

static size_t count_code(const sipv_message *m, unsigned code)
{
    size_t count = 0;

    for (size_t i = 0; i < m->n_diags; i++)
        count += m->diags[i].code == code;
    return count;
}

/* Does `text` in the place of j->old help?  Then it is the fix. */
static bool helps(struct job *j, sipv_slice text)
{
    const sipv_message *m = &j->v->m;
    struct fixer *x = j->x;
    size_t off = sipv_offset(m, j->old), end = off + j->old.n;

    if (j->fix->known || sipv_slice_equal(text, j->old))
        return j->fix->known;
    bytes_set(&x->message, sipv_slice_of(m->data.p, off));
    bytes_add(&x->message, text.p, text.n);
    bytes_add(&x->message, m->data.p + end, m->data.n - end);
    vet_parse(&x->probe, bytes_slice(&x->message), m->options.profile,
              m->options.stream ? VET_FRAME : VET_DATAGRAM);
    if (weight(&x->probe.m) >= weight(m) ||
        count_code(&x->probe.m, j->d->code) >= count_code(m, j->d->code))
        return false;
    j->fix->known = true;
    j->fix->off = off;
    j->fix->len = j->old.n;
    bytes_set(&j->fix->text, text);
    return true;
}

/* j->old with `text` in the place of its bytes from..to. */
static bool helps_within(struct job *j, size_t from, size_t to, sipv_slice text)
{
    struct bytes *draft = &j->x->draft;

    bytes_set(draft, sipv_slice_of(j->old.p, from));
    bytes_add(draft, text.p, text.n);
    bytes_add(draft, j->old.p + to, j->old.n - to);
    return helps(j, bytes_slice(draft));
}

/* ---- Ideas about any value
 * ----------------------------------------------------------------------- */

static bool is_alphanum(unsigned char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool is_space(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t trimmed_end(sipv_slice s, size_t end)
{
    while (end > 0 && is_space(s.p[end - 1]))
        end--;
    return end;
}

/* The byte that "expected" stands for if it is one that divides, or 0. */
static char divider(const char *expected)
{
    static const struct {
        const char *name;
        char c;
    } names[] = {{"DQUOTE", '"'}, {"LAQUOT", '<'}, {"RAQUOT", '>'}, {"SEMI", ';'},
                 {"COMMA", ','},  {"EQUAL", '='},  {"SLASH", '/'},  {"COLON", ':'},
                 {"HCOLON", ':'}, {"LPAREN", '('}, {"RPAREN", ')'}, {"white space", ' '},
                 {"SP", ' '}};

    if (expected[0] == '\'' && expected[1] && expected[2] == '\'' && expected[3] == '\0')
        return is_alphanum((unsigned char)expected[1]) ? '\0' : expected[1];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].name, expected) == 0)
            return names[i].c;
    return '\0';
}

/* Where the strict grammar of the header stops in `text`; past the end if it accepts. */
static size_t progress(struct job *j, int rule, sipv_slice text, sipv_match *match)
{
    sipv_explain(sipv_sip_grammar(), rule, true, text, 0, j->x->work, 0, NULL, 0, match);
    return match->accepted ? text.n + 1 : match->error_offset;
}

static void spliced(struct bytes *out, sipv_slice s, size_t from, size_t to, const char *text)
{
    out->n = 0;
    bytes_add(out, s.p, from);
    bytes_text(out, text);
    bytes_add(out, s.p + to, s.n - to);
}

/* May the byte be escaped as %HH?  In the rules of a URI, and in front of its "@", which the
 * grammar takes for a host before it has seen the "@". */
static bool takes_escapes(int rule, sipv_slice rest)
{
    static const char *const rules[] = {"uri-parameter", "uri-parameters", "headers", "hname",
                                        "hvalue"};
    const char *name = sipv_rule_name(sipv_sip_grammar(), rule);

    for (size_t i = 0; name && i < sizeof rules / sizeof *rules; i++)
        if (strcmp(name, rules[i]) == 0)
            return true;
    for (size_t i = 0; i < rest.n && rest.p[i] != '<'; i++)
        if (rest.p[i] == '@')
            return i > 0;
    return false;
}

/* A change of a text at its first impossible byte: bytes from..to go, `put` comes. */
struct change {
    size_t from, to;
    char put[4];
};

/* Is a ";" missing here: does a name with a value follow? */
static bool begins_parameter(sipv_slice rest)
{
    size_t n = 0;

    while (n < rest.n && !strchr(";,>= \t", rest.p[n]))
        n++;
    return n > 0 && n < rest.n && rest.p[n] == '=';
}

/* The changes that may help at `error`; returns how many. */
static size_t changes_at(const struct job *j, sipv_slice s, size_t error, const sipv_match *at,
                         struct change *out)
{
    sipv_slice rest = sipv_slice_of(s.p + error, s.n - error);
    size_t n = 0;

    for (size_t back = 1; back <= 2 && back <= error; back++)
        if (s.p[error - back] == '%') /* it begins no escape: it is escaped itself */
            out[n++] = (struct change){error - back + 1, error - back + 1, "25"};
    if (rest.n > 0 && !is_alphanum(rest.p[0]) && rest.p[0] < 0x80) {
        if (takes_escapes(at->rule, rest)) {
            out[n] = (struct change){error, error + 1, ""};
            snprintf(out[n++].put, sizeof out->put, "%%%02X", rest.p[0]);
        }
        if (j->d->code != HOST) /* another host is no repair */
            out[n++] = (struct change){error, error + 1, ""};
    }
    for (unsigned i = 0; i < at->n_expected; i++) {
        char c = divider(at->expected[i]);
        bool tight = c && strchr(";,/=:", c);

        if (!c || (c == ';' && !begins_parameter(rest)))
            continue;
        out[n] = (struct change){tight ? trimmed_end(s, error) : error, error, ""};
        out[n++].put[0] = c;
    }
    return n;
}

/* One step: the change after which the grammar gets furthest, counted from the end. */
static bool step(struct job *j, int rule, struct bytes *text)
{
    enum { CHANGES_MAX = SIPV_EXPECTED_MAX + 4 };
    struct change changes[CHANGES_MAX];
    const sipv_slice s = bytes_slice(text);
    struct bytes draft = {0}, found = {0};
    sipv_match at, then;
    size_t error = progress(j, rule, s, &at), best = s.n - error + 1, count;

    if (at.accepted)
        return false;
    count = changes_at(j, s, error, &at, changes);
    for (size_t i = 0; i < count && best > 0; i++) {
        size_t left;

        spliced(&draft, s, changes[i].from, changes[i].to, changes[i].put);
        left = draft.n + 1 - progress(j, rule, bytes_slice(&draft), &then);
        if (left >= best)
            continue;
        best = left;
        bytes_set(&found, bytes_slice(&draft));
    }
    if (found.n > 0)
        bytes_set(text, bytes_slice(&found));
    count = found.n;
    bytes_free(&draft);
    bytes_free(&found);
    return count > 0;
}

static void repair_value(struct job *j, int rule)
{
    struct bytes text = {0};

    bytes_set(&text, j->old);
    for (int i = 0; i < STEPS && step(j, rule, &text); i++)
        ;
    helps(j, bytes_slice(&text));
    bytes_free(&text);
}

/* ---- Ideas about addresses
 * ------------------------------------------------------------------------- */

/* What stands before the first "<" becomes a quoted display name; in an open quoted string it is
 * the last "<" that helps. */
static void quote_name(struct job *j)
{
    const sipv_slice s = j->old;
    bool open_quote = j->d->code == QUOTED_STRING_OPEN;
    struct bytes text = {0};

    for (size_t at = 0; at < s.n && !j->fix->known; at++) {
        size_t end = trimmed_end(s, at);

        if (s.p[at] != '<')
            continue;
        if (end == 0 || s.p[0] == '*')
            break;
        text.n = 0;
        bytes_text(&text, "\"");
        for (size_t i = 0; i < end; i++) {
            if (s.p[i] == '\\')
                bytes_text(&text, "\\");
            if (s.p[i] != '"')
                bytes_add(&text, s.p + i, 1);
        }
        bytes_text(&text, "\" ");
        bytes_add(&text, s.p + at, s.n - at);
        helps(j, bytes_slice(&text));
        if (!open_quote)
            break;
    }
    bytes_free(&text);
}

/* Without white space just inside angle brackets. */
static void tighten_brackets(struct job *j)
{
    const sipv_slice s = j->old;
    struct bytes text = {0};

    for (size_t i = 0; i < s.n; i++) {
        size_t next = i;

        while (next < s.n && is_space(s.p[next]))
            next++;
        if (next > i && ((i > 0 && s.p[i - 1] == '<') || (next < s.n && s.p[next] == '>')))
            i = next;
        if (i < s.n)
            bytes_add(&text, s.p + i, 1);
    }
    helps(j, bytes_slice(&text));
    bytes_free(&text);
}

/* The URI, up to the first ";" or all of it, in angle brackets; with a scheme if it has none. */
static void add_brackets(struct job *j)
{
    const sipv_slice s = j->old;
    const unsigned char *semi = memchr(s.p, ';', s.n);
    bool scheme = memchr(s.p, ':', s.n) != NULL, user = memchr(s.p, '@', s.n) != NULL;
    size_t ends[] = {s.n, semi ? (size_t)(semi - s.p) : s.n};

    for (size_t i = 0; i < 2 && !memchr(s.p, '<', s.n) && (scheme || user); i++) {
        struct bytes text = {0};

        bytes_text(&text, scheme ? "<" : "<sip:");
        bytes_add(&text, s.p, ends[i]);
        bytes_text(&text, ">");
        bytes_add(&text, s.p + ends[i], s.n - ends[i]);
        helps(j, bytes_slice(&text));
        bytes_free(&text);
    }
}

static bool is_ipv6_byte(unsigned char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') || c == ':' ||
           c == '.';
}

/* An IPv6 address around the impossible byte in brackets. */
static void bracket_ipv6(struct job *j)
{
    const sipv_slice s = j->old;
    size_t from = j->d->off + j->d->len - sipv_offset(&j->v->m, s), to = from, colons = 0;

    while (from > 0 && is_ipv6_byte(s.p[from - 1]))
        from--;
    while (to < s.n && is_ipv6_byte(s.p[to]))
        to++;
    for (size_t i = from; i < to; i++)
        colons += s.p[i] == ':';
    if (colons < 2)
        return;
    bytes_set(&j->x->text, sipv_slice_text("["));
    bytes_add(&j->x->text, s.p + from, to - from);
    bytes_text(&j->x->text, "]");
    helps_within(j, from, to, bytes_slice(&j->x->text));
}

/* ---- Ideas about parameters ---------------------------------------------------------------------
 */

/* Without the parameter whose name the finding is about. */
static void drop_parameter(struct job *j)
{
    const sipv_slice s = j->old;
    size_t from = j->d->off - sipv_offset(&j->v->m, s), to = from;
    bool quoted = false;

    while (from > 0 && is_space(s.p[from - 1]))
        from--;
    if (from == 0 || (s.p[from - 1] != ';' && s.p[from - 1] != ','))
        return;
    from = trimmed_end(s, from - 1);
    for (; to < s.n && (quoted || !strchr(";,>?", s.p[to]) || !s.p[to]); to++)
        quoted = s.p[to] == '"' ? !quoted : quoted;
    helps_within(j, from, to, sipv_slice_text(""));
}

/* ---- Ideas about the start line -----------------------------------------------------------------
 */

static sipv_slice word(sipv_slice s, bool last)
{
    size_t n = 0;

    while (n < s.n && !is_space(s.p[last ? s.n - 1 - n : n]))
        n++;
    return sipv_slice_of(last ? s.p + s.n - n : s.p, n);
}

static sipv_slice trim(sipv_slice s)
{
    while (s.n > 0 && is_space(s.p[0])) {
        s.p++;
        s.n--;
    }
    s.n = trimmed_end(s, s.n);
    return s;
}

/* "METHOD uri SIP/2.0" with single spaces; the URI without what a Request-URI must not have. */
static void repair_request_line(struct job *j, sipv_slice line)
{
    struct bytes text = {0};
    sipv_slice method = word(line, false), version = word(line, true), uri;
    int headers;

    if (method.n + version.n >= line.n)
        return;
    uri = trim(sipv_slice_of(method.p + method.n, line.n - method.n - version.n));
    headers = memchr(uri.p, '?', uri.n) ? 1 : 0;
    for (int without = 0; without <= headers; without++) {
        text.n = 0;
        bytes_add(&text, method.p, method.n);
        bytes_text(&text, " ");
        for (size_t i = 0; i < uri.n && !(without && uri.p[i] == '?'); i++)
            if (!is_space(uri.p[i]) && uri.p[i] != '<' && uri.p[i] != '>')
                bytes_add(&text, uri.p + i, 1);
        bytes_text(&text, " SIP/2.0");
        helps(j, bytes_slice(&text));
    }
    bytes_free(&text);
}

static const char *usual_reason(int status)
{
    switch (status) {
    case 100: return "Trying";
    case 180: return "Ringing";
    case 183: return "Session Progress";
    case 200: return "OK";
    case 401: return "Unauthorized";
    case 404: return "Not Found";
    case 486: return "Busy Here";
    case 487: return "Request Terminated";
    default: return NULL;
    }
}

/* "SIP/2.0 200 reason"; what a reason cannot have is escaped. */
static void repair_status_line(struct job *j, sipv_slice line)
{
    const sipv_message *m = &j->v->m;
    struct bytes text = {0};
    char start[24], escape[4];
    sipv_slice reason = m->reason;
    size_t bad;

    (void)line;
    if (m->status < 0)
        return;
    snprintf(start, sizeof start, "SIP/2.0 %d ", m->status);
    bytes_text(&text, start);
    if (reason.n == 0 && usual_reason(m->status))
        bytes_text(&text, usual_reason(m->status));
    for (size_t i = 0, n; i < reason.n; i += n) {
        n = utf8_length(reason.p + i, reason.n - i, &bad);
        if (n > 1 ||
            (n == 1 && reason.p[i] >= ' ' && !strchr("\"<>%^`{|}\\[]#\x7f", reason.p[i]))) {
            bytes_add(&text, reason.p + i, n);
            continue;
        }
        n = 1;
        snprintf(escape, sizeof escape, "%%%02X", reason.p[i]);
        bytes_text(&text, escape);
    }
    helps(j, bytes_slice(&text));
    bytes_free(&text);
}

static void repair_start_line(struct job *j)
{
    sipv_slice line = trim(j->v->m.start_line);

    j->old = j->v->m.start_line;
    if (j->v->m.kind == SIPV_REQUEST)
        repair_request_line(j, line);
    else if (j->v->m.kind == SIPV_RESPONSE)
        repair_status_line(j, line);
}

/* ---- Ideas about headers
 * ------------------------------------------------------------------------- */

/* Where the headers end and the empty line begins. */
static size_t head_end(const sipv_message *m)
{
    return m->n_headers > 0 ? m->headers[m->n_headers - 1].end
                            : m->start + m->start_line.n + strlen("\r\n");
}

static void add_header(struct job *j, const char *text)
{
    size_t at = head_end(&j->v->m);

    if (at > j->v->m.data.n)
        return;
    j->old = sipv_slice_of(j->v->m.data.p + at, 0);
    helps(j, sipv_slice_text(text));
}

/* A name without white space in it, or with the colon that is missing. */
static void repair_name(struct job *j)
{
    const sipv_message *m = &j->v->m;
    sipv_slice line = sipv_slice_of(m->data.p + j->d->off, m->data.n - j->d->off), first;
    const unsigned char *cr = memchr(line.p, '\r', line.n), *colon;
    struct bytes text = {0};
    size_t name;

    if (!cr || is_space(line.p[0]))
        return;
    line.n = (size_t)(cr - line.p);
    colon = memchr(line.p, ':', line.n);
    first = word(line, false);
    j->old = line;
    if (sipv_header_find(first) != SIPV_H_OTHER && first.n > 1) {
        bytes_add(&text, first.p, first.n);
        bytes_text(&text, ":");
        bytes_add(&text, first.p + first.n, line.n - first.n);
        helps(j, bytes_slice(&text));
    }
    name = colon ? trimmed_end(line, (size_t)(colon - line.p)) : 0;
    text.n = 0;
    for (size_t i = 0; i < name; i++)
        if (!is_space(line.p[i]))
            bytes_add(&text, line.p + i, 1);
        else if (!is_space(line.p[i - 1]))
            bytes_text(&text, "-");
    bytes_add(&text, line.p + name, line.n - name);
    if (name > 0)
        helps(j, bytes_slice(&text));
    bytes_free(&text);
}

/* The length of what follows the empty line, as a datagram has it. */
static void repair_length(struct job *j, const char *before, const char *after)
{
    const sipv_message *m = &j->v->m;
    size_t body = head_end(m);
    char text[64];

    if (body < m->data.n && m->data.p[body] == '\r')
        body++;
    if (body >= m->data.n || m->data.p[body] != '\n')
        return;
    snprintf(text, sizeof text, "%s%zu%s", before, m->data.n - body - 1, after);
    if (*before)
        add_header(j, text);
    else
        helps(j, sipv_slice_text(text));
}

/* The number, a space, and the method of the request. */
static void join_cseq(struct job *j)
{
    size_t n = 0;

    while (n < j->old.n && j->old.p[n] >= '0' && j->old.p[n] <= '9')
        n++;
    if (n == 0)
        return;
    bytes_set(&j->x->text, sipv_slice_text(" "));
    bytes_add(&j->x->text, j->v->m.method.p, j->v->m.method.n);
    helps_within(j, n, j->old.n, bytes_slice(&j->x->text));
}

static bool is_address(unsigned id)
{
    return id == SIPV_H_FROM || id == SIPV_H_TO || id == SIPV_H_CONTACT || id == SIPV_H_ROUTE ||
           id == SIPV_H_RECORD_ROUTE || id == SIPV_H_REPLY_TO;
}

static void repair_header(struct job *j, const sipv_header *h)
{
    const sipv_message *m = &j->v->m;
    const sipv_header_info *info = sipv_header_info_of(h->id);
    size_t from = j->d->off - sipv_offset(m, h->value), to = from + j->d->len;
    const sipv_slice end = {h->value.p, h->value.n};

    j->old = h->value;
    if (j->old.n == 0 || j->old.n > VALUE_MAX || !info || j->d->off < sipv_offset(m, h->value) ||
        to > j->old.n)
        return;
    switch (j->d->code) {
    case PARAMETER_REPEATED:
    case PARAMETER_REPEATED_RELAXED: drop_parameter(j); return;
    case CSEQ_METHOD: helps_within(j, from, to, m->method); return;
    case MAX_FORWARDS_RANGE:
    case MAX_FORWARDS_IGNORED: helps(j, sipv_slice_text("70")); return;
    case VIA_VERSION: helps_within(j, from, to, sipv_slice_text("SIP")); break;
    case BRANCH_COOKIE: helps_within(j, from, from, sipv_slice_text("z9hG4bK")); return;
    case LENGTH_MALFORMED:
    case LENGTH_TOO_LARGE: repair_length(j, "", ""); return;
    case COMMENT_OPEN: helps_within(j, end.n, end.n, sipv_slice_text(")")); break;
    case BRACKET_OPEN: helps_within(j, end.n, end.n, sipv_slice_text(">")); break;
    case MISSING_BRACKETS: add_brackets(j); return;
    case HOST: bracket_ipv6(j); break;
    default: break;
    }
    if (j->d->code == VIA_VERSION) {
        helps_within(j, from, to, sipv_slice_text("2.0"));
        return;
    }
    if (h->id == SIPV_H_CSEQ)
        join_cseq(j);
    if (h->id == SIPV_H_MAX_FORWARDS)
        helps(j, sipv_slice_text("70"));
    if (is_address(h->id)) {
        quote_name(j);
        tighten_brackets(j);
        add_brackets(j);
    }
    if (j->d->code == QUOTED_STRING_OPEN)
        helps_within(j, end.n, end.n, sipv_slice_text("\""));
    if (info->rule >= 0 && !j->fix->known)
        repair_value(j, info->rule);
}

/* ---- The fix of a finding
 * ------------------------------------------------------------------------- */

static void try_ideas(struct job *j)
{
    const sipv_message *m = &j->v->m;
    unsigned i = j->d->header;

    switch (j->d->code) {
    case REQUEST_LINE:
    case STATUS_LINE:
    case REQUEST_URI:
    case REASON_PHRASE:
    case VERSION:
    case START_SPACE:
    case STATUS_SPACE:
    case REASON_PHRASE_RELAXED:
    case URI_BRACKETS:
    case URI_HEADERS: repair_start_line(j); return;
    case HEADER_LINE:
    case HEADER_NAME:
    case LINE_SKIPPED: repair_name(j); return;
    case MAX_FORWARDS_MISSING: add_header(j, "Max-Forwards: 70\r\n"); return;
    case LENGTH_ABSENT: repair_length(j, "Content-Length: ", "\r\n"); return;
    case TRAILING_OCTETS:
        i = m->first[SIPV_H_CONTENT_LENGTH];
        if (i != SIPV_NO_HEADER) {
            j->old = m->headers[i].value;
            repair_length(j, "", "");
        }
        return;
    case TRAILING_SPACE:
        j->old = sipv_slice_of(m->data.p + j->d->off, j->d->len);
        helps(j, sipv_slice_text(""));
        return;
    case EMPTY_LINES_RELAXED:
    case EMPTY_LINES:
        j->old = sipv_slice_of(m->data.p, m->start);
        helps(j, sipv_slice_text(""));
        return;
    default: break;
    }
    if (i != SIPV_NO_HEADER && i < m->n_headers)
        repair_header(j, &m->headers[i]);
}

/* "Write DIGIT or '.' at byte 12." where the grammar can tell. */
static bool advise_expected(const struct finding *f, struct bytes *out)
{
    const char *words[SIPV_EXPECTED_MAX];
    size_t n = 0;
    char where[40];

    for (unsigned i = 0; i < f->match.n_expected; i++)
        if (strncmp(f->match.expected[i], "end of ", 7) != 0 &&
            strncmp(f->match.expected[i], "more of ", 8) != 0 &&
            strncmp(f->match.expected[i], "one of ", 7) != 0)
            words[n++] = f->match.expected[i];
    if (n == 0 ||
        (f->d->code != SYNTAX && f->d->code != PARAMETER_VALUE && f->d->code != EXTENSION_SYNTAX))
        return false;
    for (size_t i = 0; i < n; i++) {
        bytes_text(out, i == 0 ? "Write " : i + 1 < n ? ", " : " or ");
        bytes_text(out, words[i]);
    }
    snprintf(where, sizeof where, " at byte %zu.", f->d->off + f->d->len);
    bytes_text(out, where);
    return true;
}

static void advise(const struct finding *f, struct fix *fix)
{
    fix->advice.n = 0;
    if (f->d->code == HEADER_MISSING && f->rule) {
        bytes_text(&fix->advice, "Add the header ");
        bytes_text(&fix->advice, f->rule);
        bytes_text(&fix->advice, ".");
    } else if (!advise_expected(f, &fix->advice) && f->info) {
        bytes_text(&fix->advice, f->info->fix);
    }
}

void fixer_begin(struct fixer *x)
{
    x->left = FINDINGS_MAX;
}

void fix_find(struct fixer *x, const struct vet *v, const struct finding *f, struct fix *fix)
{
    struct job j = {x, v, f->d, {NULL, 0}, fix};

    if (!x->work)
        x->work = need(1, sipv_explainer_size());
    fix->known = false;
    fix->text.n = 0;
    advise(f, fix);
    if (f->d->in_body || x->left == 0 || v->m.data.n - v->m.body.n > HEAD_MAX)
        return;
    x->left--;
    try_ideas(&j);
}

bool fix_is_telling(const struct fix *fix)
{
    enum { SHOWN_MAX = 160 };

    return fix->known && fix->text.n > 0 && fix->text.n <= SHOWN_MAX && !is_space(fix->text.p[0]);
}

void fix_free(struct fix *fix)
{
    bytes_free(&fix->text);
    bytes_free(&fix->advice);
}

void fixer_free(struct fixer *x)
{
    vet_free(&x->probe);
    bytes_free(&x->message);
    bytes_free(&x->text);
    bytes_free(&x->draft);
    free(x->work);
}
