/* Text as it is meant: escapes of URIs (RFC 3261 19.1.2).
 *
 * Every byte is looked at a fixed number of times; what fits is written and the size that it would
 * take is returned, so that a caller may ask for it with a capacity of 0. */
#include <sipvet/parser.h>

/* The value of a hexadecimal digit, or -1. */
static int hex_digit(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The octet that %HH at `p` stands for, or -1 if no escape begins there. */
static int escape_at(const unsigned char *p, size_t n)
{
    if (n < 3 || p[0] != '%')
        return -1;
    const int high = hex_digit(p[1]), low = hex_digit(p[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

size_t sipv_unescape(sipv_slice s, unsigned char *out, size_t cap)
{
    size_t need = 0;
    for (size_t i = 0; i < s.n; need++) {
        const int octet = escape_at(s.p + i, s.n - i);
        if (need < cap)
            out[need] = octet < 0 ? s.p[i] : (unsigned char)octet;
        i += octet < 0 ? 1 : 3;
    }
    return need;
}
