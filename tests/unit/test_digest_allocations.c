/* Once the hasher is there, no response takes memory: calls of malloc are counted, also those that
 * libcrypto makes.  (Through EVP, OpenSSL 3.0 makes one for each hash: then this test fails, unless
 * the library has another way; see auth/src/sum.c.) */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <sipvet/auth.h>

#include "../../auth/src/internal.h"

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define COUNTED 1
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static unsigned long calls;

#pragma GCC visibility push(default)
void *malloc(size_t size)
{
    calls++;
    return __libc_malloc(size);
}
void *calloc(size_t count, size_t size)
{
    calls++;
    return __libc_calloc(count, size);
}
void *realloc(void *old, size_t size)
{
    calls++;
    return __libc_realloc(old, size);
}
#pragma GCC visibility pop
#else
#define COUNTED 0
static unsigned long calls;
#endif

#define S(text) sipv_slice_text(text)

Test(allocations, none_for_a_response)
{
    sipv_hasher *h = sipv_hasher_new();
    cr_assert(h);
    if (!COUNTED)
        cr_skip_test("allocations are not counted with a sanitizer or without glibc");
    if (!h->work[0].direct)
        cr_skip_test("OpenSSL's EVP, which allocates, is all there is");
    cr_assert_gt(calls, 0, "the counter counts");
    const unsigned long before = calls;
    for (int i = 0; i < 1000; i++) {
        sipv_digest d;
        sipv_digits out;
        memset(&d, 0, sizeof d);
        d.algorithm = (sipv_algorithm)(i % SIPV_ALGORITHM_COUNT);
        d.qop = (sipv_qop)(i % 3);
        d.username = S("ida");
        d.realm = S("elm.example");
        d.password = S("swordfish");
        d.method = S("INVITE");
        d.uri = S("sip:ivo@oak.example");
        d.nonce = S("84a4cc6f");
        d.nc = S("0000001b");
        d.cnonce = S("5c1ee4d0");
        d.body = S("v=0\r\n");
        if (sipv_digest_response(h, &d, NULL, &out) != SIPV_OK ||
            sipv_body_begin(h, d.algorithm) != SIPV_OK || sipv_body_add(h, "x", 1) != SIPV_OK ||
            sipv_body_end(h, &out) != SIPV_OK)
            cr_assert_fail("no response");
    }
    cr_expect_eq(calls, before, "%lu calls for 1000 responses", calls - before);
    sipv_hasher_free(h);
}

/* Both ways of hashing give the same, whichever this machine takes. */
Test(allocations, through_evp_and_directly)
{
    static const unsigned char text[] = "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn";
    for (int f = 0; f < SIPV_FUNCTIONS; f++)
        for (size_t n = 0; n < sizeof text; n++) {
            struct sipv_sum sum[2];
            unsigned char out[2][EVP_MAX_MD_SIZE] = {{0}};
            memset(sum, 0, sizeof sum);
            for (int i = 0; i < 2; i++) {
                cr_assert(sipv_sum_open(&sum[i], (enum sipv_function)f));
                cr_assert(sum[i].md);
                if (i == 1)
                    sum[i].direct = false;
                cr_assert_eq(sipv_sum_begin(&sum[i]), 1);
                cr_assert_eq(sipv_sum_add(&sum[i], text, n / 2), 1);
                cr_assert_eq(sipv_sum_add(&sum[i], text + n / 2, n - n / 2), 1);
                cr_assert_eq(sipv_sum_end(&sum[i], out[i]), 1);
                sipv_sum_close(&sum[i]);
            }
            cr_expect_eq(memcmp(out[0], out[1], SIPV_SUM_SIZE), 0, "function %d, %zu octets", f, n);
        }
}
