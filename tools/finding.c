/* finding.c: diagnostics as text with a caret, and as JSON. */
#include "fix.h"

#include <stdio.h>
#include <string.h>

#include "../parser/src/diagnostics.h"

static const char *header_name(const struct vet *v, const sipv_diag *d, struct finding *f)
{
    const sipv_header *h;
    const sipv_header_info *info;
    size_t n;

    if (!v || d->header == SIPV_NO_HEADER || d->header >= v->m.n_headers)
        return NULL;
    h = &v->m.headers[d->header];
    info = sipv_header_info_of(h->id);
    if (info)
        return info->name;
    if (h->name.n == 0)
        return NULL;
    n = h->name.n < sizeof f->header_text ? h->name.n : sizeof f->header_text - 1;
    memcpy(f->header_text, h->name.p, n);
    f->header_text[n] = '\0';
    return f->header_text;
}

/* Of a header of a later RFC the catalogue cannot say which. */
static void set_rfc(struct finding *f, const sipv_message *m)
{
    const sipv_header_info *info = NULL;

    if (!f->info)
        return;
    snprintf(f->rfc, sizeof f->rfc, "%s", f->info->rfc);
    if (m && f->d->header < m->n_headers)
        info = sipv_header_info_of(m->headers[f->d->header].id);
    if (info && strcmp(f->info->rfc, "the RFC of the header") == 0)
        snprintf(f->rfc, sizeof f->rfc, "%s", info->rfc);
}

void finding_of(struct vet *v, const struct lines *lines, const sipv_diag *d, struct finding *f)
{
    const sipv_grammar *g = sipv_sip_grammar();

    memset(f, 0, sizeof *f);
    f->d = d;
    f->info = catalogue_code(d->code);
    f->grammar = g;
    f->severity = d->severity;
    lines_place(lines, d->off, &f->line, &f->column);
    if (d->in_body) {
        const struct body_finding *b = (const struct body_finding *)(const void *)d;

        f->header = *b->header ? b->header : NULL;
        f->rule = b->rule;
        f->match = b->match;
        memcpy(f->rfc, b->rfc, sizeof f->rfc);
        return;
    }
    set_rfc(f, v ? &v->m : NULL);
    f->header = header_name(v, d, f);
    if (d->rule >= 0)
        f->rule = sipv_rule_name(g, d->rule);
    if (!v || sipv_diag_explain(&v->m, d, v->explainer, &f->match) != SIPV_OK)
        f->match.n_expected = 0;
    else if (!f->rule)
        f->rule = sipv_rule_name(g, f->match.rule);
    if (f->match.n_expected > 0)
        f->alternative_count =
            sipv_explain_alternatives(v->explainer, f->alternatives, SIPV_ALTERNATIVES_MAX);
}

/* A line to add is shown without its line end. */
static sipv_slice trimmed(sipv_slice s)
{
    while (s.n > 0 && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r'))
        s.n--;
    return s;
}

/* What to do, as text, and as bytes that take the place of others. */
static void fix_json(struct json *j, const struct fix *fix)
{
    json_string(j, "fix",
                fix_is_telling(fix) ? trimmed(bytes_slice(&fix->text)) : bytes_slice(&fix->advice));
    if (!fix->known) {
        json_null(j, "replacement");
        return;
    }
    json_object(j, "replacement");
    json_size(j, "offset", fix->off);
    json_size(j, "octets", fix->len);
    json_string(j, "text", bytes_slice(&fix->text));
    json_end_object(j);
}

void finding_json(struct json *j, const struct finding *f, const struct fix *fix)
{
    char code[16];

    snprintf(code, sizeof code, "SV%04u", (unsigned)f->d->code);
    json_object(j, NULL);
    json_text(j, "code", code);
    json_text(j, "name", f->info ? f->info->name : NULL);
    json_text(j, "severity", severity_name(f->severity));
    json_size(j, "offset", f->d->off);
    json_size(j, "octets", f->d->len);
    json_size(j, "line", f->line);
    json_size(j, "column", f->column);
    json_text(j, "header", f->header);
    json_text(j, "rule", f->rule);
    json_array(j, "expected");
    for (unsigned i = 0; i < f->match.n_expected; i++)
        json_text(j, NULL, f->match.expected[i]);
    json_end_array(j);
    json_text(j, "rfc", *f->rfc ? f->rfc : NULL);
    if (f->d->status)
        json_size(j, "status", f->d->status);
    else
        json_null(j, "status");
    json_text(j, "message", f->info ? f->info->message : NULL);
    if (f->d->in_body)
        json_text(j, "in", "body");
    if (fix)
        fix_json(j, fix);
    json_end_object(j);
}

/* ---- Text ------------------------------------------------------------------------------------ */

static enum color color_of(unsigned severity)
{
    return severity == SIPV_ERROR     ? COLOR_RED
           : severity == SIPV_WARNING ? COLOR_YELLOW
                                      : COLOR_BLUE;
}

void finding_headline(const struct finding *f, const char *source, struct palette palette)
{
    out_color(palette, COLOR_BOLD);
    out_visible(sipv_slice_of(source, strlen(source)));
    out_format(":%zu:%zu: ", f->line, f->column);
    out_color(palette, color_of(f->severity));
    out_format("%s[SV%04u]", severity_name(f->severity), (unsigned)f->d->code);
    out_color(palette, COLOR_NONE);
    out_format(": %s (byte %zu)\n", f->info ? f->info->message : "?", f->d->off);
}

/* A line longer than WHOLE is shown from BEFORE bytes in front of the caret to BEHIND bytes after.
 */
enum { WHOLE = 110, BEFORE = 50, BEHIND = 60 };

/* One character of the line: how many bytes, how many columns.  A byte that cannot be shown as it
 * is takes one column, so that the caret stays under the right place. */
static size_t cell(sipv_slice line, size_t at, unsigned *columns, bool *shown)
{
    size_t bad, n = utf8_length(line.p + at, line.n - at, &bad);

    *columns = n > 0 ? utf8_columns(utf8_code(line.p + at, n)) : 0;
    *shown = *columns > 0;
    if (*shown)
        return n;
    *columns = 1;
    return n > 0 ? n : 1;
}

static void put_cell(sipv_slice line, size_t at, size_t n, bool shown)
{
    unsigned char c = line.p[at];

    if (shown)
        out_bytes(line.p + at, n);
    else if (c < 0x20) {
        /* The picture of the control character: U+2400 and so on. */
        const unsigned char picture[3] = {0xe2, 0x90, (unsigned char)(0x80 + c)};
        out_bytes(picture, sizeof picture);
    } else if (c == 0x7f)
        out_text("\xe2\x90\xa1");
    else
        out_text("\xef\xbf\xbd");
}

/* The part of the line that is shown. */
static void window(sipv_slice line, size_t caret, size_t *from, size_t *to)
{
    *from = 0;
    *to = line.n;
    if (line.n <= WHOLE)
        return;
    if (caret > BEFORE)
        *from = caret - BEFORE;
    /* Not into the middle of a character. */
    for (unsigned i = 0; i < 3 && *from > 0 && *from < caret && (line.p[*from] & 0xc0) == 0x80; i++)
        ++*from;
    if (caret < line.n && line.n - caret > BEHIND)
        *to = caret + BEHIND;
    for (unsigned i = 0; i < 3 && *to < line.n && (line.p[*to] & 0xc0) == 0x80; i++)
        ++*to;
}

/* The line, and below it the caret at `caret` with tildes up to `end`. */
static void put_source(const struct finding *f, sipv_slice line, size_t caret, size_t end,
                       struct palette palette)
{
    size_t from, to, columns_before = 0, columns_under = 0;

    window(line, caret, &from, &to);
    out_format("%5zu | ", f->line);
    if (from > 0) {
        out_text("...");
        columns_before = 3;
    }
    for (size_t at = from, n; at < to; at += n) {
        unsigned columns;
        bool shown;

        n = cell(line, at, &columns, &shown);
        put_cell(line, at, n, shown);
        if (at < caret)
            columns_before += columns;
        else if (at < end)
            columns_under += columns;
    }
    if (to < line.n)
        out_text("...");
    out_text("\n      | ");
    out_repeat(' ', columns_before);
    out_color(palette, color_of(f->severity));
    out_char('^');
    if (columns_under > 1)
        out_repeat('~', columns_under - 1);
}

static void put_list(const char *begin, const char (*texts)[SIPV_EXPECTED_TEXT], unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        out_format("%s%s", i == 0 ? begin : i + 1 < n ? ", " : " or ", texts[i]);
}

void expected_text(const sipv_match *match)
{
    put_list(" expected ", match->expected, match->n_expected);
}

void alternatives_text(const sipv_grammar *g, const sipv_alternative *alternatives, size_t n,
                       size_t base)
{
    for (size_t i = 0; i < n; i++) {
        const sipv_alternative *a = &alternatives[i];

        out_format("%sas %s: byte %zu", i > 0 ? "; " : "", sipv_rule_name(g, a->rule),
                   base + a->error_offset);
        put_list(", ", a->expected, a->n_expected);
    }
}

/* Behind the caret of what ends too early: for a person clearer than what the grammar expects. */
static const char *end_note(unsigned code)
{
    switch (code) {
    case SIPV_D_QUOTED_STRING_OPEN: return " the line ends before the closing quote";
    case SIPV_D_COMMENT_OPEN: return " the line ends before the closing parenthesis";
    case SIPV_D_BRACKET_OPEN: return " the line ends before the closing angle bracket";
    default: return NULL;
    }
}

/* Sections of RFC 3261 about single headers: 20.1 and on. */
static unsigned section_20(const char *header)
{
    static const char *const names[] = {"Accept",
                                        "Accept-Encoding",
                                        "Accept-Language",
                                        "Alert-Info",
                                        "Allow",
                                        "Authentication-Info",
                                        "Authorization",
                                        "Call-ID",
                                        "Call-Info",
                                        "Contact",
                                        "Content-Disposition",
                                        "Content-Encoding",
                                        "Content-Language",
                                        "Content-Length",
                                        "Content-Type",
                                        "CSeq",
                                        "Date",
                                        "Error-Info",
                                        "Expires",
                                        "From",
                                        "In-Reply-To",
                                        "Max-Forwards",
                                        "Min-Expires",
                                        "MIME-Version",
                                        "Organization",
                                        "Priority",
                                        "Proxy-Authenticate",
                                        "Proxy-Authorization",
                                        "Proxy-Require",
                                        "Record-Route",
                                        "Reply-To",
                                        "Require",
                                        "Retry-After",
                                        "Route",
                                        "Server",
                                        "Subject",
                                        "Supported",
                                        "Timestamp",
                                        "To",
                                        "Unsupported",
                                        "User-Agent",
                                        "Via",
                                        "Warning",
                                        "WWW-Authenticate"};
    /* How a display name, a URI and parameters are written is said in that of Contact. */
    static const char *const addresses[] = {"From", "To", "Reply-To", "Route", "Record-Route"};

    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        if (strcmp(addresses[i], header) == 0)
            return 10;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], header) == 0)
            return (unsigned)i + 1;
    return 0;
}

/* "RFC 3261 section 25.1 (quoted-string), 20.10" */
static void put_reference(const struct finding *f)
{
    unsigned section = f->header ? section_20(f->header) : 0;
    char number[8];

    if (!*f->rfc)
        return;
    out_format(" %s", f->rfc);
    if (f->rule)
        out_format(" (%s)", f->rule);
    snprintf(number, sizeof number, "20.%u", section);
    if (section > 0 && strcmp(f->rfc, "RFC 3261 section 25.1") == 0)
        out_format(", %s", number);
}

void finding_text(const struct finding *f, const struct fix *fix, const char *source,
                  const struct lines *lines, struct palette palette)
{
    sipv_slice line = lines_text(lines, f->line);
    size_t caret = f->column - 1 < line.n ? f->column - 1 : line.n;
    size_t end = f->d->len < line.n - caret ? caret + f->d->len : line.n;
    size_t stop = f->d->off + f->d->len;

    finding_headline(f, source, palette);
    put_source(f, line, caret, end, palette);
    if (end_note(f->d->code)) {
        out_text(end_note(f->d->code));
    } else {
        expected_text(&f->match);
        if (f->match.n_expected > 0 && f->d->len > 0)
            out_format(" at byte %zu", stop);
    }
    out_color(palette, COLOR_NONE);
    out_text("\n      =");
    put_reference(f);
    if (f->d->status)
        out_format("   answer: %u", (unsigned)f->d->status);
    if (fix) {
        out_text("   fix: ");
        out_visible(fix_is_telling(fix) ? trimmed(bytes_slice(&fix->text))
                                        : bytes_slice(&fix->advice));
    }
    out_char('\n');
    if (f->alternative_count == 0)
        return;
    out_text("      = ");
    alternatives_text(f->grammar, f->alternatives, f->alternative_count,
                      f->d->off - f->match.construct_offset);
    out_char('\n');
}
