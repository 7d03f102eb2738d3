/* Escapes and quoted strings: RFC 3261 19.1.2 and 25.1. */
#include <criterion/criterion.h>
#include <string.h>

#include <sipvet/parser.h>

#include "fence.h"

typedef size_t (*function)(sipv_slice s, unsigned char *out, size_t cap);

struct row {
    const char *in;
    size_t n_in;
    const char *out;
    size_t n_out;
};
#define ROW(in, out)                                                                               \
    {                                                                                              \
        in, sizeof(in) - 1, out, sizeof(out) - 1                                                   \
    }

/* The answer is the same at every capacity, and nothing is written behind the capacity. */
static void check(function f, const struct row *row)
{
    struct fence fence;
    unsigned char out[64];
    cr_assert(fence_open(&fence, 64));
    const sipv_slice in = sipv_slice_of(fence_end(&fence, row->in, row->n_in), row->n_in);
    for (size_t cap = 0; cap <= row->n_out + 1; cap++) {
        const size_t written = cap < row->n_out ? cap : row->n_out;
        memset(out, 0xee, sizeof out);
        cr_expect_eq(f(in, cap ? out : NULL, cap), row->n_out, "'%s' at %zu", row->in, cap);
        cr_expect_eq(memcmp(out, row->out, written), 0, "'%s' at %zu", row->in, cap);
        cr_expect_eq(out[written], 0xee, "'%s' at %zu", row->in, cap);
    }
    fence_close(&fence);
}

Test(text, unescape)
{
    static const struct row rows[] = {
        ROW("", ""),
        ROW("alice", "alice"),
        ROW("j%40s0n", "j@s0n"),
        ROW("%61%6C%6c", "all"),
        ROW("a%00b", "a\0b"),
        ROW("%2541", "%41"), /* once only */
        ROW("%", "%"),
        ROW("100%", "100%"),
        ROW("%4", "%4"),
        ROW("%0g", "%0g"),
        ROW("%g0", "%g0"),
        ROW("%%41", "%A"),
        ROW("%4%41", "%4A"),
        ROW("%ff%FF", "\xff\xff"),
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check(sipv_unescape, &rows[i]);
}

Test(text, unquote)
{
    static const struct row rows[] = {
        ROW("", ""),
        ROW("token", "token"),
        ROW("\"\"", ""),
        ROW("\"Alice\"", "Alice"),
        ROW("\"a\\\"b\"", "a\"b"),
        ROW("\"a\\\\\"", "a\\"),
        ROW("\"\\a\\b\"", "ab"),
        ROW("\"a\0b\"", "a\0b"),
        ROW("\"a\r\n b\"", "a\r\n b"),
        /* No quoted strings: copied as they are. */
        ROW("\"", "\""),
        ROW("\"a", "\"a"),
        ROW("a\"", "a\""),
        ROW("\"a\\\"", "\"a\\\""),
        ROW("\"a\"b\"", "\"a\"b\""),
        ROW("\"a\" ", "\"a\" "),
        ROW("a\\b", "a\\b"),
        ROW("\"\\", "\"\\"),
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check(sipv_unquote, &rows[i]);
}

Test(text, absent)
{
    const sipv_slice absent = {NULL, 0};
    cr_expect_eq(sipv_unescape(absent, NULL, 0), 0);
    cr_expect_eq(sipv_unquote(absent, NULL, 0), 0);
}

/* The output never overtakes the input, so one buffer does for both. */
Test(text, in_place)
{
    unsigned char text[] = "%61%62c\"";
    cr_expect_eq(sipv_unescape(sipv_slice_of(text, 8), text, sizeof text), 4);
    cr_expect_eq(memcmp(text, "abc\"", 4), 0);
}
