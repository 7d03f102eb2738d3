/* Text as it is meant: escapes of URIs (RFC 3261 19.1.2), numbers amid other text.
 *
 * Every byte is looked at a fixed number of times; what fits is written and the size that it would
 * take is returned, so that a caller may ask for it with a capacity of 0. */
#include "internal.h"

#include "digits.h"
#include "name.h"

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

/* The digits in front of `end`, of which there are 1 to 8, as sipv_eight_digits() wants them. */
static inline uint64_t digits_before(const unsigned char *end, size_t n)
{
    return (sipv_load_8(end - 8) ^ SIPV_ZEROS) & ~(uint64_t)0 << (64 - 8 * n);
}

/* Of 9 to 16 digits, 16 octets in front of the end of which may be read. */
static __attribute__((noinline)) int read_digits(sipv_slice s, uint64_t max, uint64_t *value)
{
    const unsigned char *const end = s.p + s.n;
    uint64_t v, high;
    if (!sipv_eight_digits(digits_before(end, 8), &v) ||
        !sipv_eight_digits(digits_before(end - 8, s.n - 8), &high))
        return SIPV_REJECT;
    v += high * 100000000;
    *value = v < max ? v : max;
    return v > max ? SIPV_LIMIT : SIPV_OK;
}

int sipv_number_behind(size_t before, sipv_slice s, uint64_t max, uint64_t *value)
{
    if (s.n - 1 >= 16 || before + s.n < 16)
        return sipv_number(s, max, value);
    if (s.n > 8)
        return read_digits(s, max, value);
    uint64_t v;
    if (!sipv_eight_digits(digits_before(s.p + s.n, s.n), &v))
        return SIPV_REJECT;
    *value = v < max ? v : max;
    return v > max ? SIPV_LIMIT : SIPV_OK;
}
