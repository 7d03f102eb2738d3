/* lines.c: cuts a text into lines, and lines into name and value; see edit.h. */
#include "edit.h"

#include <string.h>

/* Behind the line end of the line at `off`, without regard to folds. */
static size_t line_end(const unsigned char *p, size_t off, size_t end)
{
    const unsigned char *lf = off < end ? memchr(p + off, '\n', end - off) : NULL;

    return lf ? (size_t)(lf - p) + 1 : end;
}

/* Is the line at `off` empty, CRLF or LF alone? */
static bool is_empty(const unsigned char *p, size_t off, size_t end)
{
    return off < end && (p[off] == '\n' || (p[off] == '\r' && off + 1 < end && p[off + 1] == '\n'));
}

/* A start line has "SIP/2.0" in it; what is cut in a hundred other ways counts as well. */
static bool is_start_line(const unsigned char *p, struct span line)
{
    for (size_t i = 0; i + 4 <= line.n; i++)
        if (is_same(p + line.off + i, 4, "SIP/"))
            return i == 0 || is_blank(p[line.off + i - 1]);
    return false;
}

void lines_of(const unsigned char *p, size_t n, struct lines *lines)
{
    size_t at = 0;

    memset(lines, 0, sizeof *lines);
    while (at < n && !is_empty(p, at, n) && lines->n < LINES_MAX) {
        size_t end = line_end(p, at, n);

        while (lines->n > 0 && end < n && is_blank(p[end]))
            end = line_end(p, end, n);
        lines->line[lines->n++] = (struct span){at, end - at};
        at = end;
    }
    if (lines->n > 0 && is_start_line(p, lines->line[0]))
        lines->first = 1;
    if (is_empty(p, at, n)) {
        at = line_end(p, at, n);
        lines->body = (struct span){at, n - at};
    }
}

void lines_of_body(const unsigned char *p, struct span body, struct lines *lines)
{
    size_t at = body.off, end = body.off + body.n;

    memset(lines, 0, sizeof *lines);
    while (at < end && lines->n < LINES_MAX) {
        size_t next = line_end(p, at, end);

        if (!is_empty(p, at, end))
            lines->line[lines->n++] = (struct span){at, next - at};
        at = next;
    }
}

bool line_parts(const unsigned char *p, struct span line, struct span *name, struct span *value)
{
    size_t at = line.off, end = line.off + line.n;

    while (at < end && is_token(p[at]))
        at++;
    *name = (struct span){line.off, at - line.off};
    while (at < end && is_blank(p[at]))
        at++;
    if (name->n == 0 || at == end || p[at] != ':')
        return false;
    at++;
    while (at < end && is_blank(p[at]))
        at++;
    while (end > at && is_of(p[end - 1], " \t\r\n"))
        end--;
    *value = (struct span){at, end - at};
    return true;
}

/* Compact forms: RFC 3261 section 7.3.3 and the registry of header fields. */
static const struct {
    const char *compact, *name;
} names[] = {
    {"a", "Accept-Contact"},
    {"b", "Referred-By"},
    {"c", "Content-Type"},
    {"d", "Request-Disposition"},
    {"e", "Content-Encoding"},
    {"f", "From"},
    {"i", "Call-ID"},
    {"j", "Reject-Contact"},
    {"k", "Supported"},
    {"l", "Content-Length"},
    {"m", "Contact"},
    {"o", "Event"},
    {"r", "Refer-To"},
    {"s", "Subject"},
    {"t", "To"},
    {"u", "Allow-Events"},
    {"v", "Via"},
    {"x", "Session-Expires"},
    {"y", "Identity"},
    {NULL, "Authorization"},
    {NULL, "Proxy-Authorization"},
    {NULL, "CSeq"},
    {NULL, "Max-Forwards"},
};

enum { NAMES = sizeof names / sizeof *names };

const char *name_long(const unsigned char *p, struct span name)
{
    for (size_t i = 0; i < NAMES; i++)
        if (is_same(p + name.off, name.n, names[i].name) ||
            (names[i].compact && is_same(p + name.off, name.n, names[i].compact)))
            return names[i].name;
    return NULL;
}

const char *name_compact(const unsigned char *p, struct span name)
{
    for (size_t i = 0; i < NAMES; i++)
        if (is_same(p + name.off, name.n, names[i].name))
            return names[i].compact;
    return NULL;
}

bool line_find(const unsigned char *p, const struct lines *lines, const char *name,
               struct span *line)
{
    for (size_t i = lines->first; i < lines->n; i++) {
        struct span part, value;
        const char *known;

        if (!line_parts(p, lines->line[i], &part, &value))
            continue;
        known = name_long(p, part);
        if (known && strcmp(known, name) == 0) {
            *line = lines->line[i];
            return true;
        }
    }
    return false;
}
