/* The one place where digits become a number. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <string.h>

#include "fence.h"

#include <sipvet/grammar.h>

#include "internal.h"

Test(number, table)
{
    static const struct {
        const char *text;
        uint64_t max;
        int result;
        uint64_t value;
    } table[] = {{"0", 255, SIPV_OK, 0},
                 {"255", 255, SIPV_OK, 255},
                 {"256", 255, SIPV_LIMIT, 255},
                 {"0000000000000000000000000000000000255", 255, SIPV_OK, 255},
                 {"0000000000000000000000000000000000256", 255, SIPV_LIMIT, 255},
                 {"4294967295", UINT32_MAX, SIPV_OK, UINT32_MAX},
                 {"4294967296", UINT32_MAX, SIPV_LIMIT, UINT32_MAX},
                 {"4294967301", UINT32_MAX, SIPV_LIMIT, UINT32_MAX},
                 {"18446744073709551615", UINT64_MAX, SIPV_OK, UINT64_MAX},
                 {"18446744073709551616", UINT64_MAX, SIPV_LIMIT, UINT64_MAX},
                 {"18446744073709551621", UINT64_MAX, SIPV_LIMIT, UINT64_MAX},
                 {"99999999999999999999999999999999999999", UINT64_MAX, SIPV_LIMIT, UINT64_MAX},
                 {"36893488147419103232", UINT32_MAX, SIPV_LIMIT, UINT32_MAX},
                 {"1", 0, SIPV_LIMIT, 0},
                 {"0", 0, SIPV_OK, 0}};
    struct fence f;
    cr_assert(fence_open(&f, 64));
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        uint64_t value = 77;
        const size_t n = strlen(table[i].text);
        const int result =
            sipv_number(sipv_slice_of(fence_end(&f, table[i].text, n), n), table[i].max, &value);
        cr_assert_eq(result, table[i].result, "%s: %d", table[i].text, result);
        cr_assert_eq(value, table[i].value, "%s: %" PRIu64, table[i].text, value);
    }
    fence_close(&f);
}

Test(number, what_is_no_number)
{
    static const char *const bad[] = {"", " 1", "1 ", "+1", "-1", "1x", "0x7", "1.0", "\xd9\xa1"};
    uint64_t value;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert_eq(sipv_number(sipv_slice_text(bad[i]), 1000, &value), SIPV_REJECT, "%s", bad[i]);
    cr_assert_eq(sipv_number(sipv_slice_of(NULL, 0), 1000, &value), SIPV_REJECT);
    cr_assert_eq(sipv_number(sipv_slice_of("1\0", 2), 1000, &value), SIPV_REJECT);
    cr_assert_eq(sipv_number(sipv_slice_of("123", 2), 1000, &value), SIPV_OK);
    cr_assert_eq(value, 12);
}

/* Amid other text a number is read with what stands in front of it. */
Test(number, behind_other_text)
{
    static const char text[] = "a: 0:/00429496729599999999999999999";
    struct fence f;
    cr_assert(fence_open(&f, sizeof text));
    for (size_t last = 1; last < sizeof text; last++)
        for (size_t before = 0; before <= last; before++)
            for (uint64_t max = 9; max <= UINT32_MAX; max = max * 16 + 15) {
                uint64_t value = 77, other = 77;
                const unsigned char *p = fence_start(&f, text, last);
                const sipv_slice s = sipv_slice_of(p + before, last - before);
                cr_assert_eq(sipv_number(s, max, &value),
                             sipv_number_behind(before, s, max, &other), "%.*s", (int)s.n, s.p);
                cr_assert_eq(value, other, "%.*s", (int)s.n, s.p);
            }
    fence_close(&f);
}
