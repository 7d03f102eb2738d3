/* The fence of the other tests: would it notice? */
#define _DEFAULT_SOURCE
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "fence.h"

/* The kernel answers EFAULT where the program would be killed. */
static bool readable(const unsigned char *p)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    ssize_t n = write(ends[1], p, 1);
    bool fault = n < 0 && errno == EFAULT;
    close(ends[0]);
    close(ends[1]);
    return !fault;
}

Test(fence, copies_end_at_the_fence)
{
    static const char text[] = "INVITE sip:bob@example.com SIP/2.0\r\n";
    struct fence f;
    cr_assert(fence_open(&f, 100000));
    for (size_t n = 1; n < sizeof text; n++) {
        const unsigned char *p = fence_end(&f, text, n);
        cr_assert_eq(memcmp(p, text, n), 0);
        cr_assert(readable(p + n - 1));
        cr_assert_not(readable(p + n));
    }
    fence_close(&f);
}

Test(fence, copies_begin_at_the_fence)
{
    struct fence f;
    cr_assert(fence_open(&f, 4));
    const unsigned char *p = fence_start(&f, "abcd", 4);
    cr_assert_eq(memcmp(p, "abcd", 4), 0);
    cr_assert(readable(p));
    cr_assert_not(readable(p - 1));
    fence_close(&f);
}

Test(fence, nothing_is_a_place_too)
{
    struct fence f;
    cr_assert(fence_open(&f, 0));
    const unsigned char *p = fence_end(&f, NULL, 0);
    cr_assert_not_null(p);
    cr_assert_not(readable(p));
    fence_close(&f);
}

Test(fence, refuses_what_is_too_large)
{
    static char large[1 << 20];
    struct fence f;
    cr_assert(fence_open(&f, 1));
    cr_assert_null(fence_end(&f, large, sizeof large));
    cr_assert_null(fence_start(&f, large, sizeof large));
    fence_close(&f);
}
