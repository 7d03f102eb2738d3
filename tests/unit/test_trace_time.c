/* test_trace_time.c: times of traces. */
#include "../../tools/trace/trace.h"

#include <criterion/criterion.h>
#include <string.h>

Test(trace_time, both_ways)
{
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000000000Z"},
        {951782400000000001, "2000-02-29T00:00:00.000000001Z"},
        {1767322860123456789, "2026-01-02T03:01:00.123456789Z"},
        {4107542399999999999, "2100-02-28T23:59:59.999999999Z"},
        {9214646399000000000, "2261-12-31T23:59:59.000000000Z"},
    };
    static const char *const bad[] = {"",
                                      "2026-01-02",
                                      "2026-13-02T03:01:00Z",
                                      "2026-01-02T24:01:00Z",
                                      "2026-01-02T03:01:00",
                                      "2026-01-02T03:01:00.Z",
                                      "2026-01-02T03:01:00.0000000001Z",
                                      "1969-12-31T23:59:59Z",
                                      "2262-01-01T00:00:00Z",
                                      "2026-01-02T03:01:00Zx"};
    int64_t ns;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[TIME_TEXT];

        time_text(cases[i].ns, text);
        cr_assert_str_eq(text, cases[i].text);
        cr_assert(time_read(text, &ns));
        cr_assert_eq(ns, cases[i].ns);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert_not(time_read(bad[i], &ns), "%s", bad[i]);
    cr_assert(time_read("2026-01-02T03:01:00.5Z", &ns));
    cr_assert_eq(ns, 1767322860500000000);
}
