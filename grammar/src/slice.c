/* Slices, and the one place where digits become a number. */
#include <sipvet/grammar.h>

#include <string.h>

#include "name.h"

const char *sipv_version(void) { return SIPV_VERSION; }

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
    bool over = false;
    if (!s.p || s.n == 0)
        return SIPV_REJECT;
    for (size_t i = 0; i < s.n; i++) {
        unsigned digit = (unsigned)s.p[i] - '0';
        if (digit > 9)
            return SIPV_REJECT;
        if (over || v > (max - (digit < max ? digit : max)) / 10)
            over = true;
        else
            v = v * 10 + digit;
        if (v > max)
            over = true;
    }
    *value = over ? max : v;
    return over ? SIPV_LIMIT : SIPV_OK;
}

sipv_limits sipv_limits_default(void)
{
    sipv_limits l;
    l.message = (1u << 20) + (64u << 10);
    l.header_section = 64u << 10;
    l.header = 64u << 10;
    l.headers = 1024;
    l.elements = 1024;
    l.params = 256;
    l.multipart = 64;
    return l;
}
