/* Names without case, looked up by a hash that abnfc has made free of collisions.  The hash finds
 * the one candidate, the comparison decides. */
#ifndef SIPV_NAME_H
#define SIPV_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Up to eight bytes at p as one number; bytes may be read up to `limit`. */
static inline uint64_t sipv_load_bytes(const unsigned char *p, size_t n, const unsigned char *limit)
{
    uint64_t v = 0;
    if (n >= 8 || limit - p >= 8) {
        memcpy(&v, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        v = __builtin_bswap64(v);
#endif
        return n >= 8 ? v : v & (((uint64_t)1 << (8 * n)) - 1);
    }
    for (size_t i = 0; i < n; i++)
        v |= (uint64_t)p[i] << (8 * i);
    return v;
}

/* Length and the first and last eight bytes, letters without case; n >= 1.  The same number
 * whatever `limit` allows to read; `seed` is odd. */
static inline uint32_t sipv_name_hash(const unsigned char *p, size_t n, const unsigned char *limit,
                                      uint32_t seed)
{
    const uint64_t case_bits = 0x2020202020202020u;
    const uint64_t first = sipv_load_bytes(p, n, limit) | case_bits;
    const uint64_t last = n > 8 ? sipv_load_bytes(p + n - 8, 8, limit) | case_bits : n;
    return (uint32_t)((first + last * 0xff51afd7ed558ccdu) * (seed * 0x9e3779b97f4a7c15u) >> 40);
}

static inline unsigned char sipv_lower(unsigned char c)
{
    return (unsigned char)(c - 'A') < 26 ? (unsigned char)(c | 0x20) : c;
}

/* Same bytes, ASCII letters without case. */
static inline bool sipv_same_name(const unsigned char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char x = a[i], y = (unsigned char)b[i];
        if (x != y && sipv_lower(x) != sipv_lower(y))
            return false;
    }
    return true;
}

/* A known name of up to 32 bytes, each with bit 0x20 set, then zeros. */
#define SIPV_FOLDED 32

#if defined(__SSE2__)
/* `bytes` at p, without case, against a folded name; bytes below '!' equal nothing. */
static inline unsigned sipv_differ(const unsigned char *p, const unsigned char *folded)
{
    const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    const __m128i name = _mm_loadu_si128((const __m128i *)(const void *)folded);
    const __m128i same = _mm_and_si128(_mm_cmpeq_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)), name),
                                       _mm_cmpgt_epi8(v, _mm_set1_epi8(0x20)));
    return ~(unsigned)_mm_movemask_epi8(same) & 0xffffu;
}
#endif

/* Is the name of `n` bytes at `p` the known one?  `n` is that one's length; bytes may be read up to
 * `limit`.  Known names have no bytes that differ from letters, digits and '-' '.' '+' '_' by case
 * alone, so the folding of bit 0x20 is exact. */
static inline bool sipv_is_name(const unsigned char *p, size_t n, const unsigned char *limit,
                                const unsigned char *folded)
{
#if defined(__SSE2__)
    if (n >= 16)
        return n <= SIPV_FOLDED && !sipv_differ(p, folded) &&
               !sipv_differ(p + n - 16, folded + n - 16);
    if (limit - p >= 16)
        return !(sipv_differ(p, folded) & ((1u << n) - 1));
#endif
    (void)limit;
    for (size_t i = 0; i < n; i++)
        if ((p[i] | 0x20) != folded[i] || p[i] <= 0x20 || p[i] >= 0x7f)
            return false;
    return true;
}

#endif
