/* sniff.c: what is SIP, by the first line.  A little more than the grammar takes, since a message
 * with a broken start line is what somebody may be looking for. */
#include "trace.h"

#include <string.h>

enum { LINE_MAX_OCTETS = 8192, METHOD_MAX = 64 };

static bool is_token(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("-.!%*_+`'~", c));
}

/* "SIP/2": with any version. */
static bool is_version(const unsigned char *p, size_t n)
{
    return n >= 5 && sipv_slice_equal_nocase(sipv_slice_of(p, 4), sipv_slice_text("SIP/")) &&
           p[4] >= '0' && p[4] <= '9';
}

static bool is_scheme(const unsigned char *p, size_t n)
{
    static const char *const schemes[] = {"sip:", "sips:", "tel:"};

    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t k = strlen(schemes[i]);

        if (n >= k && sipv_slice_equal_nocase(sipv_slice_of(p, k), sipv_slice_text(schemes[i])))
            return true;
    }
    return false;
}

/* Behind a blank, from `i` on. */
static bool has_version(const unsigned char *p, size_t n, size_t i)
{
    for (; i + 1 < n; i++)
        if ((p[i] == ' ' || p[i] == '\t') && is_version(p + i + 1, n - i - 1))
            return true;
    return false;
}

/* A whole line. */
static bool is_start_line(const unsigned char *p, size_t n)
{
    size_t method = 0;

    if (is_version(p, n))
        return true;
    while (method < n && method < METHOD_MAX && is_token(p[method]))
        method++;
    if (method == 0 || method == n || (p[method] != ' ' && p[method] != '\t'))
        return false;
    return has_version(p, n, method) ||
           (is_scheme(p + method + 1, n - method - 1) &&
            sipv_method_find(sipv_slice_of(p, method)) != SIPV_M_OTHER);
}

/* Anything that ends as a request line does. */
static bool ends_with_version(const unsigned char *p, size_t n)
{
    while (n > 0 && (p[n - 1] == '\r' || p[n - 1] == ' '))
        n--;
    return n > 8 && has_version(p, n, n - 8);
}

/* Can a line that begins so still become a start line? */
static bool may_become(const unsigned char *p, size_t n)
{
    size_t i = 0;

    if (n > LINE_MAX_OCTETS)
        return false;
    while (i < n && i < METHOD_MAX && is_token(p[i]))
        i++;
    return i == n || (i > 0 && (p[i] == ' ' || p[i] == '\t' || p[i] == '/'));
}

enum sniffed sniff(const unsigned char *p, size_t n, bool whole)
{
    const unsigned char *end;
    size_t from = 0, line;

    while (from < n && (p[from] == '\r' || p[from] == '\n'))
        from++;
    if (from == n)
        return whole ? NOT_SIP : MAYBE_SIP;
    p += from;
    n -= from;
    end = memchr(p, '\n', n < LINE_MAX_OCTETS ? n : LINE_MAX_OCTETS);
    if (!end && !whole)
        return may_become(p, n) ? MAYBE_SIP : NOT_SIP;
    line = end ? (size_t)(end - p) : n < LINE_MAX_OCTETS ? n : LINE_MAX_OCTETS;
    return is_start_line(p, line) || ends_with_version(p, line) ? IS_SIP : NOT_SIP;
}

enum sniffed sniff_find(const unsigned char *p, size_t n, size_t *at)
{
    while (*at < n) {
        const unsigned char *end = memchr(p + *at, '\n', n - *at);

        if (!end)
            return MAYBE_SIP;
        if (is_start_line(p + *at, (size_t)(end - p) - *at))
            return IS_SIP;
        *at = (size_t)(end - p) + 1;
    }
    return MAYBE_SIP;
}
