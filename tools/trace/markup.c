/* markup.c: see markup.h. */
#include "markup.h"

#include "../output.h"

#include <string.h>

static const char *escape_of(uint32_t code)
{
    switch (code) {
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '&': return "&amp;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

/* Not allowed in XML 1.0, or able to make text look like another. */
static bool is_harmful(uint32_t code)
{
    return (code >= 0x80 && code <= 0x9f) || code == 0x061c || code == 0x200e || code == 0x200f ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ||
           (code & 0xfffe) == 0xfffe;
}

static void put(const unsigned char *p, size_t n, uint32_t code)
{
    const char *escape = escape_of(code);

    if (escape)
        out_text(escape);
    else if (code == '\n' || (code >= 0x20 && code != 0x7f && !is_harmful(code)))
        out_bytes(p, n);
    else if (code < 0x20)
        out_format("\xe2\x90%c", (int)(0x80 + code)); /* U+2400 and so on */
    else
        out_text(code == 0x7f ? "\xe2\x90\xa1" : "\xef\xbf\xbd");
}

void markup(sipv_slice s)
{
    for (size_t i = 0, n, bad; i < s.n; i += n) {
        n = utf8_length(s.p + i, s.n - i, &bad);
        if (s.p[i] == '\r' && i + 1 < s.n && s.p[i + 1] == '\n')
            continue;
        if (n > 0) {
            put(s.p + i, n, utf8_code(s.p + i, n));
            continue;
        }
        out_text("\xef\xbf\xbd");
        n = bad;
    }
}

void markup_text(const char *text)
{
    markup(sipv_slice_text(text));
}
