/* fields.c: finds URIs, hosts, parameters, tokens, numbers and quoted strings by their looks. */
#include "edit.h"

#include <string.h>

/* Finds the next field at or behind *at, and moves *at on; false behind the last. */
typedef bool (*field_next)(const unsigned char *p, size_t n, size_t *at, struct span *field);

/* Octets that end a URI as it stands in headers. */
static bool ends_uri(unsigned char c)
{
    return c <= ' ' || c >= 0x7f || is_of(c, "<>\",");
}

static bool next_uri(const unsigned char *p, size_t n, size_t *at, struct span *field)
{
    static const char *const schemes[] = {"sip:", "sips:", "tel:", "urn:", "http:", "cid:"};

    for (size_t i = *at; i < n; i++) {
        if (i > 0 && is_token(p[i - 1]))
            continue;
        for (size_t k = 0; k < sizeof schemes / sizeof *schemes; k++) {
            size_t m = strlen(schemes[k]), end = i + m;

            if (m > n - i || !is_same(p + i, m, schemes[k]))
                continue;
            while (end < n && !ends_uri(p[end]))
                end++;
            *field = (struct span){i, end - i};
            *at = end;
            return true;
        }
    }
    return false;
}

static bool is_host(unsigned char c)
{
    return is_letter(c) || is_digit(c) || is_of(c, "-._");
}

/* The end of a host that begins at `i`; `i` itself if there is none. */
static size_t host_end(const unsigned char *p, size_t n, size_t i)
{
    size_t end = i;

    if (i < n && p[i] == '[') {
        while (end < n && !is_of(p[end], "]\r\n \""))
            end++;
        return end < n && p[end] == ']' ? end + 1 : i;
    }
    while (end < n && is_host(p[end]))
        end++;
    return end;
}

/* A host stands behind '@', behind "sip:", and behind the transport of a Via. */
static bool next_host(const unsigned char *p, size_t n, size_t *at, struct span *field)
{
    static const char *const before[] = {"@",    "sip:", "sips:", "UDP ", "TCP ",
                                         "TLS ", "WS ",  "IP4 ",  "IP6 "};

    for (size_t i = *at; i < n; i++)
        for (size_t k = 0; k < sizeof before / sizeof *before; k++) {
            size_t m = strlen(before[k]), end;

            if (m > n - i || !is_same(p + i, m, before[k]))
                continue;
            end = host_end(p, n, i + m);
            if (end == i + m)
                continue;
            *field = (struct span){i + m, end - i - m};
            *at = i + m;
            return true;
        }
    return false;
}

/* Behind a quoted string that begins at `i`; the end of its line if it is not closed. */
static size_t quoted_end(const unsigned char *p, size_t n, size_t i)
{
    for (i++; i < n && p[i] != '"' && p[i] != '\n'; i++)
        if (p[i] == '\\' && i + 1 < n)
            i++;
    return i < n && p[i] == '"' ? i + 1 : i;
}

static bool next_parameter(const unsigned char *p, size_t n, size_t *at, struct span *field)
{
    size_t i = *at, end;

    while (i < n && p[i] != ';')
        i++;
    if (i == n)
        return false;
    end = i + 1;
    while (end < n && !is_of(p[end], ";,>\r\n?"))
        end = p[end] == '"' ? quoted_end(p, n, end) : end + 1;
    *field = (struct span){i, (end < n ? end : n) - i};
    *at = i + field->n;
    return true;
}

static bool next_run(const unsigned char *p, size_t n, size_t *at, struct span *field,
                     bool (*belongs)(unsigned char c))
{
    size_t i = *at, end;

    while (i < n && !belongs(p[i]))
        i++;
    for (end = i; end < n && belongs(p[end]);)
        end++;
    *field = (struct span){i, end - i};
    *at = end;
    return end > i;
}

static bool next_token(const unsigned char *p, size_t n, size_t *at, struct span *field)
{
    return next_run(p, n, at, field, is_token);
}

static bool next_number(const unsigned char *p, size_t n, size_t *at, struct span *field)
{
    return next_run(p, n, at, field, is_digit);
}

static bool next_quoted(const unsigned char *p, size_t n, size_t *at, struct span *field)
{
    size_t i = *at, end;

    while (i < n && p[i] != '"')
        i++;
    if (i == n)
        return false;
    end = quoted_end(p, n, i);
    *field = (struct span){i, (end < n ? end : n) - i};
    *at = i + field->n;
    return true;
}

bool field_pick(const unsigned char *p, size_t n, enum field_type type, uint64_t *random,
                struct span *field)
{
    static const field_next next[FIELD_TYPES] = {
        [FIELD_URI] = next_uri,       [FIELD_HOST] = next_host,
        [FIELD_TOKEN] = next_token,   [FIELD_PARAMETER] = next_parameter,
        [FIELD_NUMBER] = next_number, [FIELD_QUOTED] = next_quoted,
    };
    struct span found;
    size_t at = 0, count = 0;

    while (next[type](p, n, &at, &found))
        if (draw_once_in(random, ++count)) /* each of them is kept with the same chance */
            *field = found;
    return count > 0;
}
