/* fix_header.c: fixes of header lines: addresses, parameters, names, lengths. */
#include <stdio.h>
#include <string.h>

#include "fix_job.h"

enum { VALUE_MAX = 1024 };

/* ---- Addresses ---- */

/* What stands before the first "<" becomes a quoted display name; in an open quoted string it is
 * the last "<" that helps. */
static void quote_name(struct job *j)
{
    const sipv_slice s = j->old;
    bool open_quote = j->d->code == SIPV_D_QUOTED_STRING_OPEN;
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
        job_helps(j, bytes_slice(&text));
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
    job_helps(j, bytes_slice(&text));
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
        job_helps(j, bytes_slice(&text));
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
    job_helps_within(j, from, to, bytes_slice(&j->x->text));
}

/* ---- Parameters ---- */

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
    job_helps_within(j, from, to, sipv_slice_text(""));
}

/* ---- Lines ---- */

/* Where the headers end and the empty line begins. */
static size_t head_end(const sipv_message *m)
{
    return m->n_headers > 0 ? m->headers[m->n_headers - 1].end
                            : m->start + m->start_line.n + strlen("\r\n");
}

void add_header(struct job *j, const char *text)
{
    size_t at = head_end(&j->v->m);

    if (at > j->v->m.data.n)
        return;
    j->old = sipv_slice_of(j->v->m.data.p + at, 0);
    job_helps(j, sipv_slice_text(text));
}

void repair_name(struct job *j)
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
        job_helps(j, bytes_slice(&text));
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
        job_helps(j, bytes_slice(&text));
    bytes_free(&text);
}

void repair_length(struct job *j, const char *before, const char *after)
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
        job_helps(j, sipv_slice_text(text));
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
    job_helps_within(j, n, j->old.n, bytes_slice(&j->x->text));
}

static bool is_address(unsigned id)
{
    return id == SIPV_H_FROM || id == SIPV_H_TO || id == SIPV_H_CONTACT || id == SIPV_H_ROUTE ||
           id == SIPV_H_RECORD_ROUTE || id == SIPV_H_REPLY_TO;
}

void repair_header(struct job *j, const sipv_header *h)
{
    const sipv_message *m = &j->v->m;
    const sipv_header_info *info = sipv_header_info_of(h->id);
    size_t from = j->d->off - sipv_offset(m, h->value), to = from + j->d->len;
    const size_t end = h->value.n;

    j->old = h->value;
    if (j->old.n == 0 || j->old.n > VALUE_MAX || !info || j->d->off < sipv_offset(m, h->value) ||
        to > j->old.n)
        return;
    switch (j->d->code) {
    case SIPV_D_PARAMETER_REPEATED:
    case SIPV_D_RELAX_PARAMETER_REPEATED: drop_parameter(j); return;
    case SIPV_D_CSEQ_METHOD: job_helps_within(j, from, to, m->method); return;
    case SIPV_D_MAX_FORWARDS_RANGE:
    case SIPV_D_RELAX_MAX_FORWARDS: job_helps(j, sipv_slice_text("70")); return;
    case SIPV_D_VIA_VERSION:
        job_helps_within(j, from, to, sipv_slice_text("SIP"));
        job_helps_within(j, from, to, sipv_slice_text("2.0"));
        return;
    case SIPV_D_BRANCH_COOKIE: job_helps_within(j, from, from, sipv_slice_text("z9hG4bK")); return;
    case SIPV_D_LENGTH_MALFORMED:
    case SIPV_D_LENGTH_TOO_LARGE: repair_length(j, "", ""); return;
    case SIPV_D_COMMENT_OPEN: job_helps_within(j, end, end, sipv_slice_text(")")); break;
    case SIPV_D_BRACKET_OPEN: job_helps_within(j, end, end, sipv_slice_text(">")); break;
    case SIPV_D_RELAX_MISSING_BRACKETS: add_brackets(j); return;
    case SIPV_D_HOST: bracket_ipv6(j); break;
    default: break;
    }
    if (h->id == SIPV_H_CSEQ)
        join_cseq(j);
    if (h->id == SIPV_H_MAX_FORWARDS)
        job_helps(j, sipv_slice_text("70"));
    if (is_address(h->id)) {
        quote_name(j);
        tighten_brackets(j);
        add_brackets(j);
    }
    if (j->d->code == SIPV_D_QUOTED_STRING_OPEN)
        job_helps_within(j, end, end, sipv_slice_text("\""));
    if (info->rule >= 0 && !j->fix->known)
        repair_value(j, info->rule);
}
