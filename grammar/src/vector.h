/* Vector code over octets, which the fast paths of several components are made of; for processors
 * with AVX2 and BMI2 alone, so for little-endian ones. */
#ifndef SIPV_VECTOR_H
#define SIPV_VECTOR_H

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

/* Octets of one load. */
enum { SIPV_LOAD = 32 };

/* As sipv_load_2 reads it. */
enum { SIPV_CRLF = '\r' | '\n' << 8 };

static inline __m256i sipv_load(const unsigned char *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* From an aligned place. */
static inline __m256i sipv_constant(const unsigned char *p)
{
    return _mm256_load_si256((const __m256i *)(const void *)p);
}

static inline void sipv_store(unsigned char *p, __m256i v)
{
    _mm256_storeu_si256((__m256i *)(void *)p, v);
}

/* The highest bit of each octet. */
static inline unsigned sipv_bits(__m256i v)
{
    return (unsigned)_mm256_movemask_epi8(v);
}

static inline unsigned sipv_load_2(const unsigned char *p)
{
    uint16_t v;
    memcpy(&v, p, 2);
    return v;
}

#endif
