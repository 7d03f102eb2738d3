/* time.c: times as RFC 3339 has them, in UTC, with nanoseconds. */
#include "trace.h"

#include <string.h>

#define SECOND INT64_C(1000000000)

/* Days since 1970-01-01 of the first day of a year that begins in March, as the leap day ends it
 * then.  Years from 1970. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t y = month < 3 ? year - 1 : year, m = month < 3 ? month + 9 : month - 3;

    return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
}

void time_text(int64_t ns, char text[TIME_TEXT])
{
    int64_t s = ns / SECOND, days = s / 86400, year, month = 1;

    year = 1970 + days / 366;
    while (days_of(year + 1, 1, 1) <= days)
        year++;
    while (month < 12 && days_of(year, month + 1, 1) <= days)
        month++;
    snprintf(text, TIME_TEXT, "%04u-%02u-%02uT%02u:%02u:%02u.%09uZ", (unsigned)year % 10000,
             (unsigned)month % 13, (unsigned)(days - days_of(year, month, 1) + 1) % 32,
             (unsigned)(s / 3600 % 24), (unsigned)(s / 60 % 60), (unsigned)(s % 60),
             (unsigned)(ns % SECOND));
}

static bool number(const char **p, size_t digits, uint64_t low, uint64_t high, int64_t *out)
{
    uint64_t n;

    if (strlen(*p) < digits || sipv_number(sipv_slice_of(*p, digits), high, &n) != SIPV_OK ||
        n < low)
        return false;
    *p += digits;
    *out = (int64_t)n;
    return true;
}

static bool sign(const char **p, char c)
{
    return *(*p)++ == c;
}

/* ".5", ".000000001" or nothing. */
static bool fraction(const char **p, int64_t *ns)
{
    int64_t unit = SECOND;

    *ns = 0;
    if (**p != '.')
        return true;
    for (++*p; **p >= '0' && **p <= '9' && unit > 1; ++*p)
        *ns += (**p - '0') * (unit /= 10);
    return unit < SECOND;
}

bool time_read(const char *text, int64_t *ns)
{
    const char *p = text;
    int64_t year, month, day, hour, minute, second, part;

    /* The year 2262 is the last that 64 bits of nanoseconds have. */
    if (!number(&p, 4, 1970, 2261, &year) || !sign(&p, '-') || !number(&p, 2, 1, 12, &month) ||
        !sign(&p, '-') || !number(&p, 2, 1, 31, &day) || !sign(&p, 'T') ||
        !number(&p, 2, 0, 23, &hour) || !sign(&p, ':') || !number(&p, 2, 0, 59, &minute) ||
        !sign(&p, ':') || !number(&p, 2, 0, 60, &second) || !fraction(&p, &part) ||
        strcmp(p, "Z") != 0)
        return false;
    *ns = (((days_of(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * SECOND + part;
    return true;
}
