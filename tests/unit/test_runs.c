/* How far runs of a class go in compiled code: both looks of sixteen and of 32 bytes against one by
 * one, with no more than the reach readable behind the text. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "fence.h"

#include "express.h"

enum { LONGEST = 200 };

/* Classes as abnfc makes them: up to eight ranges of ASCII. */
static const char *const classes[] = {"!!''*+-.09AZ__az", "09", "!!%%''*+-.09AZ_z", "\t\t !#[]~",
                                      "$$&9;;==??AZ__az", "!~", "..09AFaf",         "\t\t ~"};
enum { CLASSES = sizeof classes / sizeof *classes };

static struct sipv_run_set set_of(const char *ranges)
{
    struct sipv_run_set set;
    memset(&set, 0, sizeof set);
    memcpy(set.ranges, ranges, strlen(ranges));
    for (size_t i = 0; i + 1 < strlen(ranges); i += 2)
        for (unsigned c = (unsigned char)ranges[i]; c <= (unsigned char)ranges[i + 1]; c++)
            set.halves[c & 15] |= (unsigned char)(1u << (c >> 4));
    return set;
}

static bool has(const struct sipv_run_set *set, unsigned char c)
{
    for (unsigned i = 0; i < 16 && set->ranges[i]; i += 2)
        if (c >= set->ranges[i] && c <= set->ranges[i + 1])
            return true;
    return false;
}

/* `n` bytes of the class, as they come in ASCII. */
static void fill(unsigned char *p, size_t n, const struct sipv_run_set *set)
{
    unsigned char c = 0;
    for (size_t i = 0; i < n; i++) {
        do
            c = (unsigned char)((c + 1) & 127);
        while (!has(set, c));
        p[i] = c;
    }
}

static void check_run(struct fence *f, const unsigned char *text, size_t n, size_t from,
                      const struct sipv_run_set *set, unsigned c)
{
    const unsigned char *const s = fence_end(f, text, n + SIPV_EXPRESS_REACH);
    cr_assert_eq(sipv_run_over(s, from, set), n, "%zu to %zu before %u", from, n, c);
    cr_assert_eq(sipv_run_wide(s, from, set), n, "wide: %zu to %zu before %u", from, n, c);
}

Test(runs, every_length_and_every_byte_behind)
{
    unsigned char text[LONGEST + SIPV_EXPRESS_REACH];
    struct fence f;
    if (!sipv_express_runs())
        cr_skip_test("the processor does not run compiled code");
    cr_assert(fence_open(&f, sizeof text));
    for (int k = 0; k < CLASSES; k++) {
        const struct sipv_run_set set = set_of(classes[k]);
        for (size_t n = 0; n <= LONGEST; n++) {
            fill(text, n + SIPV_EXPRESS_REACH, &set);
            text[n] = '\r';
            for (size_t from = 0; from <= n && from < 3; from++)
                check_run(&f, text, n, from, &set, '\r');
        }
        for (size_t n = 14; n < 34; n++) {
            fill(text, n + SIPV_EXPRESS_REACH, &set);
            for (unsigned c = 0; c < 256; c++) {
                text[n] = (unsigned char)c;
                if (!has(&set, text[n]))
                    check_run(&f, text, n, 0, &set, c);
            }
        }
    }
    fence_close(&f);
}
