/* Names without case, looked up by a hash that abnfc has made free of collisions.  The hash finds
 * the one candidate, the comparison decides. */
#ifndef SIPV_NAME_H
#define SIPV_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length and five bytes, letters without case; n >= 1. */
static inline uint32_t sipv_name_hash(const unsigned char *p, size_t n, uint32_t seed)
{
    uint32_t a = (uint32_t)(p[0] | 0x20) | (uint32_t)(p[n - 1] | 0x20) << 8 |
                 (uint32_t)(p[n / 2] | 0x20) << 16 | (uint32_t)n << 24;
    uint32_t b = (uint32_t)(p[n / 4] | 0x20) | (uint32_t)(p[n - 1 - n / 4] | 0x20) << 8;
    uint32_t h = (a ^ seed * 0x9e3779b1u) * 0x85ebca6bu;
    h ^= h >> 15;
    h = (h + b) * 0xc2b2ae35u;
    return h ^ h >> 16;
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

#endif
