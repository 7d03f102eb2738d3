/* Slices, and the one place where digits become a number. */
#include <sipvet/grammar.h>

#include <string.h>

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
    return text && sipv_slice_equal_nocase(a, sipv_slice_text(text));
}

int sipv_number(sipv_slice s, uint64_t max, uint64_t *value)
{
    uint64_t v = 0;
    size_t i = 0, read = 0;
    if (!s.p || s.n == 0)
        return SIPV_REJECT;
    if (s.n <= 18) { /* cannot wrap */
        for (; i < s.n; i++) {
            const unsigned digit = (unsigned)s.p[i] - '0';
            if (digit > 9)
                return SIPV_REJECT;
            v = v * 10 + digit;
        }
        *value = v > max ? max : v;
        return v > max ? SIPV_LIMIT : SIPV_OK;
    }
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

sipv_limits sipv_limits_default(void)
{
    const sipv_limits defaults = SIPV_LIMITS_DEFAULT;
    return defaults;
}
