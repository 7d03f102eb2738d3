/* Runs of bytes of one class, with vector code and without; the caller chooses at run time. */
#include "match.h"

const unsigned char *sipv_skip_portable(const unsigned char *p, const struct sipv_run *r,
                                        const struct sipv_run_set *set)
{
    while (p < r->end && *p < 128 && (set->bits[*p >> 6] >> (*p & 63) & 1))
        p++;
    return p;
}

#if defined(__x86_64__) || defined(__i386__)
#include <tmmintrin.h>

/* Sixteen bytes a step: a byte is in the set if the bit of its high nibble is set in the row of its
 * low nibble.  Bytes from 128 on find no row (PSHUFB gives 0). */
__attribute__((target("ssse3"))) const unsigned char *
sipv_skip_ssse3(const unsigned char *p, const struct sipv_run *r, const struct sipv_run_set *set)
{
    const __m128i rows = _mm_loadu_si128((const __m128i *)(const void *)set->rows);
    const __m128i bit = _mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
    while (r->limit - p >= 16) {
        const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        const __m128i high = _mm_and_si128(_mm_srli_epi16(v, 4), _mm_set1_epi8(15));
        const __m128i in = _mm_and_si128(_mm_shuffle_epi8(rows, v), _mm_shuffle_epi8(bit, high));
        const int out = _mm_movemask_epi8(_mm_cmpeq_epi8(in, _mm_setzero_si128()));
        if (out) {
            p += __builtin_ctz((unsigned)out);
            return p < r->end ? p : r->end;
        }
        p += 16;
        if (p >= r->end)
            return r->end;
    }
    return sipv_skip_portable(p, r, set);
}

sipv_skip_function sipv_skip_choice(void)
{
    return __builtin_cpu_supports("ssse3") ? sipv_skip_ssse3 : sipv_skip_portable;
}
#else
sipv_skip_function sipv_skip_choice(void)
{
    return sipv_skip_portable;
}
#endif
