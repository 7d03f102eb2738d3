/* Names that stand there more than once: what sorting says is what comparing in pairs says. */
#include <criterion/criterion.h>
#include <string.h>

#include <sipvet/auth.h>
#include <sipvet/parser.h>

#include "fence.h"
#include "random_text.h"
#include "same_names.h"

enum {
    LONG = 60000, /* octets of a text that is within the limits, with what is put round it */
    NAMES = 8 * MOST,
    DIAGS = 4096
};

static struct fence fence;
static sipv_header headers[16];
static sipv_diag diags[DIAGS];

static void open_all(void)
{
    cr_assert(open_text() && fence_open(&fence, ROOM));
}

static void close_all(void)
{
    close_text();
    fence_close(&fence);
}
TestSuite(same_names, .init = open_all, .fini = close_all);

/* ---- Random names ---------------------------------------------------------------------------- */

static sipv_slice names[NAMES];
static size_t n_names;

/* How lists are made: names of up to `most` letters behind `common` ones that they share. */
struct shape {
    unsigned common, least, most, letters;
};

static const struct shape shapes[] = {{0, 1, 2, 2},   {0, 1, 3, 3},     {0, 1, 8, 2},
                                      {0, 1, 1, 16},  {20, 1, 3, 4},    {31, 1, 2, 3},
                                      {40, 1, 2, 16}, {200, 1, 100, 1}, {290, 1, 10, 2},
                                      {0, 1, 40, 1},  {0, 30, 36, 1},   {0, 6, 8, 16}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static char random_letter(unsigned letters)
{
    const char c = (char)('a' + below(letters));
    return below(3) == 0 ? (char)(c - 'a' + 'A') : c;
}

static void add_name(const struct shape *shape)
{
    const size_t from = n;
    const unsigned length = shape->least + below(shape->most - shape->least + 1);
    for (unsigned i = 0; i < shape->common; i++)
        text[n++] = random_letter(1);
    for (unsigned i = 0; i < length; i++)
        text[n++] = random_letter(shape->letters);
    cr_assert(n < ROOM && n_names < NAMES);
    names[n_names++] = sipv_slice_of(text + from, n - from);
}

static void add_list(const char *before, unsigned count, const char *behind)
{
    const struct shape *shape = &shapes[below(SHAPES)];
    for (unsigned i = 0; i < count && n < LONG; i++) {
        add(before);
        add_name(shape);
        add(behind);
    }
}

/* Comparing in pairs, from which all is told that sorting is asked about. */
static size_t first_same(size_t i)
{
    size_t first = 0;
    while (!sipv_slice_equal_nocase(names[first], names[i]))
        first++;
    return first;
}

/* ---- Sorting --------------------------------------------------------------------------------- */

static size_t taken;

static int counted(sipv_slice *name)
{
    taken++;
    return sipv_take_octet(name);
}

static void sort_and_compare(void)
{
    static struct sipv_names sorted;
    sorted.n = n_names;
    memcpy(sorted.rest, names, n_names * sizeof *names);
    taken = 0;
    sipv_names_sort(&sorted, counted);
    for (size_t i = 0; i < n_names; i++)
        cr_assert_eq(sorted.first[i], first_same(i), "%zu of %zu", i, n_names);
    cr_assert_leq(taken, n + n_names, "%zu letters of %zu octets", taken, n);
}

static void clear(void)
{
    n = n_names = 0;
}

Test(same_names, sorted_is_compared_in_pairs)
{
    for (unsigned i = 0; i < LISTS; i++) {
        clear();
        add_list("", i % 8 ? random_count(MOST) : below(2 * SIPV_NAMES + 1), "");
        sort_and_compare();
    }
}

/* Empty ones among them, and any octets. */
Test(same_names, any_octets)
{
    for (unsigned i = 0; i < LISTS; i++) {
        clear();
        const unsigned most = below(4), count = random_count(2 * SIPV_NAMES);
        for (n_names = 0; n_names < count; n_names++) {
            const size_t from = n;
            for (unsigned k = below(most + 1); k > 0; k--)
                text[n++] = (char)(below(2) ? below(256) : 0xff * below(2));
            names[n_names] = sipv_slice_of(text + from, n - from);
        }
        sort_and_compare();
    }
}

/* ---- Findings -------------------------------------------------------------------------------- */

static bool is_repeated(size_t from, size_t i)
{
    for (size_t old = from; old < i; old++)
        if (sipv_slice_equal_nocase(names[old], names[i]))
            return true;
    return false;
}

static size_t offset_of(size_t i)
{
    return (size_t)(names[i].p - (const unsigned char *)text);
}

/* The next finding about a repeated parameter from `*at` on, or NULL. */
static const sipv_diag *next_repeated(const sipv_message *m, size_t *at)
{
    while (*at < m->n_diags) {
        const sipv_diag *const d = &m->diags[(*at)++];
        if (strcmp(sipv_diag_find(d->code)->name, "parameter-repeated") == 0)
            return d;
    }
    return NULL;
}

/* Names of one list, of which one more than `limit` are looked at. */
static void expect_findings(const sipv_message *m, size_t from, size_t end, size_t limit,
                            size_t *at)
{
    for (size_t i = from; i < end && i - from <= limit; i++) {
        if (!is_repeated(from, i))
            continue;
        const sipv_diag *const d = next_repeated(m, at);
        cr_assert(d && d->off == offset_of(i) && d->len == names[i].n, "%zu of %zu to %zu", i, from,
                  end);
    }
}

/* Addresses with parameters in their URI and behind it. */
static size_t add_addresses(size_t ends[])
{
    size_t lists = 0;
    clear();
    add("OPTIONS sip:a SIP/2.0\r\nContact: <sip:a");
    for (unsigned i = 0, count = 1 + below(4); i < count; i++) {
        add(i ? ",\r\n <sip:a" : "");
        add_list(";", random_count(MOST), "");
        ends[lists++] = n_names;
        add(">");
        add_list(";", random_count(MOST), i == 1 ? "=x" : "");
        ends[lists++] = n_names;
    }
    add("\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK7\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>\r\n"
        "Call-ID: 1\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n");
    return lists;
}

/* A finding for each name that is repeated, at its place, and no other. */
static void judge_message(size_t limit)
{
    size_t ends[8], at = 0;
    sipv_message m;
    sipv_limits limits = sipv_limits_default();
    const sipv_options options = {.profile = SIPV_STRICT, .limits = &limits};
    const size_t lists = add_addresses(ends);
    limits.params = limit;
    sipv_message_init(&m, headers, 16, events, EVENTS, diags, DIAGS);
    sipv_message_parse(&m, fence_end(&fence, text, n), n, &options);
    for (size_t i = 0; i < lists; i++)
        expect_findings(&m, i ? ends[i - 1] : 0, ends[i], limit, &at);
    cr_assert_null(next_repeated(&m, &at));
}

Test(same_names, findings)
{
    for (unsigned i = 0; i < LISTS; i++)
        judge_message(i % 3 ? SIPV_NAMES : 10 + below(2 * SIPV_NAMES));
}

/* The first name at which a list is refused, SIZE_MAX if it is not: `*many`, as the number of names
 * is above the limit; or it is repeated. */
static size_t refused_at(size_t before, bool *many)
{
    for (size_t i = 0; i < n_names; i++) {
        *many = i + before >= SIPV_NAMES;
        if (*many || is_repeated(0, i))
            return i;
    }
    return SIZE_MAX;
}

Test(same_names, uris)
{
    for (unsigned i = 0; i < LISTS; i++) {
        sipv_uri uri;
        size_t error;
        bool many;
        clear();
        add(i % 2 ? "sip:a" : "tel:+1");
        add_list(";", random_count(MOST), i % 4 ? "" : "=1");
        const sipv_slice in = sipv_slice_of(fence_end(&fence, text, n), n);
        const int result = sipv_uri_parse(in, false, events, EVENTS, &uri, &error);
        const size_t at = refused_at(0, &many);
        cr_assert_eq(result, at == SIZE_MAX ? SIPV_OK : many ? SIPV_LIMIT : SIPV_REJECT);
        cr_assert(at == SIZE_MAX || error == offset_of(at), "%zu: %zu", at, error);
    }
}

Test(same_names, challenges)
{
    for (unsigned i = 0; i < LISTS; i++) {
        sipv_room room = sipv_room_of(events, EVENTS, NULL, 0);
        sipv_challenges list;
        sipv_challenge c;
        bool many;
        clear();
        add("Digest realm=\"a\",nonce=\"b\"");
        add_list(",", random_count(MOST), "=b");
        const sipv_slice in = sipv_slice_of(fence_end(&fence, text, n), n);
        cr_assert_eq(sipv_challenges_parse(in, &room, &list, NULL), SIPV_OK);
        cr_assert_eq(sipv_challenges_next(&list, &c), SIPV_OK);
        const size_t at = refused_at(2, &many);
        cr_assert_eq(c.fault.reason, at == SIZE_MAX ? SIPV_FINE
                                     : many         ? SIPV_TOO_MANY
                                                    : SIPV_REPEATED);
        cr_assert(at == SIZE_MAX || (c.fault.off == offset_of(at) && c.fault.len == names[at].n));
    }
}
