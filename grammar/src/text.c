/* Quoted strings as they are meant (RFC 3261 25.1).
 *
 * sipv_unquote looks at every byte a fixed number of times, writes what fits and returns what it
 * would have written, so that a caller may ask for the size with a capacity of 0. */
#include <sipvet/grammar.h>

/* Is all of `s` one quoted string?  A backslash takes the byte behind it along, so the closing
 * quote is the first one that is not behind a backslash, and it must be the last byte. */
static bool is_quoted(sipv_slice s)
{
    if (s.n < 2 || s.p[0] != '"')
        return false;
    size_t i = 1;
    while (i < s.n && s.p[i] != '"')
        i += s.p[i] == '\\' ? 2 : 1;
    return i == s.n - 1;
}

size_t sipv_unquote(sipv_slice s, unsigned char *out, size_t cap)
{
    const bool quoted = is_quoted(s);
    const size_t end = quoted ? s.n - 1 : s.n;
    size_t need = 0;
    for (size_t i = quoted ? 1 : 0; i < end; i++, need++) {
        if (quoted && s.p[i] == '\\')
            i++;
        if (need < cap)
            out[need] = s.p[i];
    }
    return need;
}
