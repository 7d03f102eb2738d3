/* Slices, and the one place where digits become a number. */
#include <sipvet/grammar.h>

#include <string.h>

#include "digits.h"
#include "name.h"

const char *sipv_version(void)
{
    return SIPV_VERSION;
}

sipv_slice sipv_slice_text(const char *text)
{
    return sipv_slice_of(text, text ? strlen(text) : 0);
}

bool sipv_slice_equal(sipv_slice a, sipv_slice b)
{
    if (!a.p || !b.p)
        return !a.p && !b.p;
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool sipv_slice_equal_nocase(sipv_slice a, sipv_slice b)
{
    if (!a.p || !b.p)
        return !a.p && !b.p;
    return a.n == b.n && sipv_same_name(a.p, (const char *)b.p, a.n);
}

bool sipv_slice_is(sipv_slice a, const char *text)
{
    if (!a.p || !text)
        return false;
    for (size_t i = 0; i < a.n; i++) {
        const unsigned char c = (unsigned char)text[i];
        if (c == 0 || (a.p[i] != c && sipv_lower(a.p[i]) != sipv_lower(c)))
            return false;
    }
    return text[a.n] == 0;
}

/* Up to eight digits, without 0x30 and with zeros in front of fewer.  Bytes are read twice rather
 * than one by one: how many there are is a surprise. */
static uint64_t digits_of(const unsigned char *p, size_t n)
{
    uint64_t v;
    if (n >= 4) {
        v = sipv_load_4(p) | (uint64_t)sipv_load_4(p + n - 4) << (8 * (n - 4));
    } else {
        v = p[0] | (uint64_t)p[n / 2] << (8 * (n / 2)) | (uint64_t)p[n - 1] << (8 * (n - 1));
    }
    return (v ^ SIPV_ZEROS) << (8 * (8 - n));
}

/* A number of so many digits that it may wrap. */
static __attribute__((noinline)) int long_number(sipv_slice s, uint64_t max, uint64_t *value)
{
    uint64_t v = 0;
    size_t i = 0, read = 0;
    while (i < s.n && s.p[i] == '0')
        i++;
    for (; i < s.n && read < 19; i++, read++) { /* 19 digits cannot wrap */
        const unsigned digit = (unsigned)s.p[i] - '0';
        if (digit > 9)
            return SIPV_REJECT;
        v = v * 10 + digit;
    }
    if (i + 1 == s.n && (unsigned)s.p[i] - '0' <= 9 &&
        v <= (UINT64_MAX - ((unsigned)s.p[i] - '0')) / 10)
        v = v * 10 + ((unsigned)s.p[i++] - '0');
    bool over = i < s.n;
    for (; i < s.n; i++)
        if ((unsigned)s.p[i] - '0' > 9)
            return SIPV_REJECT;
    over |= v > max;
    *value = over ? max : v;
    return over ? SIPV_LIMIT : SIPV_OK;
}

int sipv_number(sipv_slice s, uint64_t max, uint64_t *value)
{
    uint64_t v = 0;
    size_t i = 0;
    if (!s.p || s.n == 0)
        return SIPV_REJECT;
    if (s.n > 18)
        return long_number(s, max, value);
    i = s.n < 8 ? s.n : 8;
    if (!sipv_eight_digits(digits_of(s.p, i), &v))
        return SIPV_REJECT;
    for (; i < s.n; i++) {
        const unsigned digit = (unsigned)s.p[i] - '0';
        if (digit > 9)
            return SIPV_REJECT;
        v = v * 10 + digit;
    }
    if (v > max) {
        *value = max;
        return SIPV_LIMIT;
    }
    *value = v;
    return SIPV_OK;
}

sipv_limits sipv_limits_default(void)
{
    const sipv_limits defaults = SIPV_LIMITS_DEFAULT;
    return defaults;
}
