/* Parameters and headers of two URIs: what sorted lists say is what comparing in pairs says, by
 * RFC 3261 19.1.4. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sipvet/parser.h>

#include "random_text.h"
#include "same_names.h"

static sipv_event other_events[EVENTS];

static void open_all(void)
{
    cr_assert(open_text());
}
TestSuite(uri_lists, .init = open_all, .fini = close_text);

/* Letters of a text without case; an escaped one that is reserved is another. */
struct letters {
    size_t n;
    int at[512];
};

static struct letters letters_of(sipv_slice s)
{
    struct letters l = {.n = 0};
    for (size_t i = 0; i < s.n; i++) {
        int c = s.p[i];
        if (c == '%') {
            const char digits[] = {(char)s.p[i + 1], (char)s.p[i + 2], 0};
            c = (int)strtol(digits, NULL, 16);
            c += strchr(";/?:@&=+$,", c) ? 1000 : 0;
            i += 2;
        }
        l.at[l.n++] = c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c;
    }
    return l;
}

static bool same_text(sipv_slice a, sipv_slice b)
{
    const struct letters x = letters_of(a), y = letters_of(b);
    return x.n == y.n && memcmp(x.at, y.at, x.n * sizeof *x.at) == 0;
}

/* The id of a header name. */
static unsigned id_of(sipv_slice name)
{
    const struct letters l = letters_of(name);
    char plain[512];
    for (size_t i = 0; i < l.n; i++)
        plain[i] = (char)(l.at[i] % 1000);
    return sipv_header_find(sipv_slice_of(plain, l.n));
}

static bool same_header_name(sipv_slice a, sipv_slice b)
{
    const unsigned x = id_of(a), y = id_of(b);
    return x == y && (x != SIPV_H_OTHER || same_text(a, b));
}

/* The k-th of a name, among the first `end`; false: there are only `*count`. */
static bool find(const sipv_params *params, bool is_header, sipv_slice name, size_t k, size_t end,
                 sipv_param *out, size_t *count)
{
    size_t at = 0;
    *count = 0;
    for (size_t i = 0; i < end && sipv_param_next(params, &at, out) == SIPV_OK; i++)
        if (is_header ? same_header_name(name, out->name) : same_text(name, out->name))
            if ((*count)++ == k)
                return true;
    return false;
}

/* The first of `a` that makes the URIs differ, in pairs; absent if there is none. */
static sipv_slice differs_in(const sipv_params *a, const sipv_params *b, bool is_header)
{
    sipv_param p, q;
    size_t at = 0, rank, count;
    for (size_t i = 0; sipv_param_next(a, &at, &p) == SIPV_OK; i++) {
        find(a, is_header, p.name, SIZE_MAX, i, &q, &rank);
        if (!is_header && rank > 0)
            continue;
        const bool both = find(b, is_header, p.name, rank, SIZE_MAX, &q, &count);
        if (both ? !same_text(p.value, q.value) : is_header || sipv_slice_is(p.name, "user"))
            return p.name;
    }
    return sipv_slice_of(NULL, 0);
}

static size_t count_of(const sipv_params *params)
{
    sipv_param p;
    size_t at = 0, count = 0;
    while (sipv_param_next(params, &at, &p) == SIPV_OK)
        count++;
    return count;
}

/* As sipv_uri_compare, of lists that differ. */
static bool lists_differ(const sipv_params *a, const sipv_params *b, bool is_header,
                         sipv_slice *which)
{
    *which = sipv_slice_of(NULL, 0);
    if (count_of(a) > SIPV_NAMES || count_of(b) > SIPV_NAMES)
        return true;
    *which = differs_in(a, b, is_header);
    if (!which->p)
        *which = differs_in(b, a, is_header);
    return which->p != NULL;
}

/* A letter of a name in one of its spellings. */
static void add_spelled(unsigned char c)
{
    if (below(8)) {
        text[n++] = (char)(c >= 'a' && c <= 'z' && below(2) ? c - 'a' + 'A' : c);
        return;
    }
    n += (size_t)snprintf(text + n, 4, below(2) ? "%%%02X" : "%%%02x", c);
}

static void add_spelled_name(sipv_slice name)
{
    for (size_t i = 0; i < name.n; i++)
        add_spelled(name.p[i]);
}

enum { VARIETY = 400 };

/* Names of which both URIs take some. */
static char stock[VARIETY][64];

static void make_stock(bool is_header)
{
    static const char *const known[] = {"f", "from", "to", "t", "subject", "s", "user"};
    const unsigned letters = 1 + below(4), most = 1 + below(40);
    for (size_t i = 0; i < VARIETY; i++) {
        size_t length = 0;
        for (unsigned k = 1 + below(most); k > 0; k--)
            stock[i][length++] = (char)('a' + below(letters));
        stock[i][length] = 0;
        if (below(10) == 0)
            strcpy(stock[i], is_header ? known[below(6)] : known[6]);
        else if (below(40) == 0)
            strcpy(stock[i], "a%3b");
    }
}

/* Names of the stock from `from` on, in steps. */
static void add_named(bool is_header, unsigned from, unsigned step, unsigned count, unsigned wrong)
{
    for (unsigned i = 0; i < count; i++) {
        const unsigned which = (from + i * step) % count;
        add(!is_header ? ";" : i ? "&" : "?");
        if (strchr(stock[which], '%'))
            add(stock[which]);
        else
            add_spelled_name(sipv_slice_text(stock[which]));
        add(wrong == which || which % 7 == 0 ? "=2" : "=1");
    }
}

/* A Route has the URI as its grammar reads it: a parameter may be there twice, which
 * sipv_uri_parse() refuses. */
static sipv_uri read_uri(size_t from, sipv_event *storage)
{
    const sipv_slice value = sipv_slice_of(text + from, n - from);
    sipv_iter it;
    sipv_route route;
    cr_assert_eq(sipv_value_parse(SIPV_H_ROUTE, value, storage, EVENTS, &it, NULL), SIPV_OK, "%.*s",
                 (int)value.n, (const char *)value.p);
    cr_assert_eq(sipv_route_next(&it, &route), SIPV_OK);
    return route.uri;
}

/* Steps that lead through all of `count`. */
static unsigned random_step(unsigned count)
{
    static const unsigned steps[] = {1, 101, 103, 307};
    const unsigned step = steps[below(4)];
    return count % step ? step : 1;
}

static void compare_lists(bool is_header)
{
    const unsigned count = random_count(MOST), wrong = below(3) ? VARIETY : below(count + 1);
    sipv_slice which, expected;
    n = 0;
    make_stock(is_header);
    add("<sip:a@h");
    add_named(is_header, 0, 1, count, VARIETY);
    add(">");
    const sipv_uri a = read_uri(0, events);
    const size_t from = n;
    add("<sip:a@H");
    add_named(is_header, below(count + 1), random_step(count), count, wrong);
    add(below(6) || (is_header && !count) ? "" : is_header ? "&b=1" : ";b=1");
    add(">");
    const sipv_uri b = read_uri(from, other_events);
    const bool differ = is_header ? lists_differ(&a.headers, &b.headers, true, &expected)
                                  : lists_differ(&a.params, &b.params, false, &expected);
    const sipv_uri_part part = sipv_uri_compare(&a, &b, &which);
    cr_assert_eq(part, !differ ? SIPV_URI_EQUAL : is_header ? SIPV_URI_HEADER : SIPV_URI_PARAMETER);
    cr_assert(which.p == expected.p && which.n == expected.n, "%.*s and %.*s", (int)which.n,
              (const char *)which.p, (int)expected.n, (const char *)expected.p);
}

Test(uri_lists, parameters)
{
    for (unsigned i = 0; i < LISTS; i++)
        compare_lists(false);
}

Test(uri_lists, headers)
{
    for (unsigned i = 0; i < LISTS; i++)
        compare_lists(true);
}
