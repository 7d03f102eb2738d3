/* Names without case, looked up by a hash that abnfc has made free of collisions.  The hash finds
 * the one candidate, the comparison decides. */
#ifndef SIPV_NAME_H
#define SIPV_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SIPV_CASE_BITS 0x2020202020202020u

/* Eight bytes at p as one number, the first byte lowest. */
static inline uint64_t sipv_load_8(const unsigned char *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

/* The same of four. */
static inline uint32_t sipv_load_4(const unsigned char *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap32(v);
#endif
    return v;
}

/* The first eight bytes of a name of `n` >= 1 bytes, without case; of a shorter one with zeros
 * behind it before the case is taken away. */
static inline uint64_t sipv_name_first(const unsigned char *p, size_t n)
{
    uint64_t all = 0;
    if (n >= 8)
        return sipv_load_8(p) | SIPV_CASE_BITS;
    for (size_t i = 0; i < n; i++)
        all |= (uint64_t)p[i] << (8 * i);
    return all | SIPV_CASE_BITS;
}

/* The last eight bytes of a longer name, 0 of others. */
static inline uint64_t sipv_name_last(const unsigned char *p, size_t n)
{
    return n > 8 ? sipv_load_8(p + n - 8) | SIPV_CASE_BITS : 0;
}

/* The hash of a name from these two; its upper bits are its slot.  `seed` is odd. */
static inline uint32_t sipv_name_mix(uint64_t first, uint64_t last, uint64_t seed)
{
    return (uint32_t)((first + (last << 29 | last >> 35)) * seed >> 32);
}

static inline uint32_t sipv_name_hash(const unsigned char *p, size_t n, uint64_t seed)
{
    return sipv_name_mix(sipv_name_first(p, n), sipv_name_last(p, n), seed);
}

/* The bit of a name that is not known, among those of one list.  Names of Digest have these by the
 * dozen; with this part of the hash no two of them share one. */
static inline uint64_t sipv_name_bit(uint32_t hash)
{
    return (uint64_t)1 << (hash >> 6 & 63);
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

/* Is the name of `n` bytes at `p` the known one?  `n` is that one's length.  Known names have no
 * bytes that differ from letters, digits and '-' '.' '+' '_' by case alone, so the folding of bit
 * 0x20 is exact. */
static inline bool sipv_is_name(const unsigned char *p, size_t n, const unsigned char *folded)
{
    if (n > SIPV_FOLDED)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((p[i] | 0x20) != folded[i] || p[i] <= 0x20 || p[i] >= 0x7f)
            return false;
    return true;
}

#endif
