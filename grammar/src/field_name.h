/* The hash of names of header fields and attributes, for abnfc, which finds a seed without
 * collisions, and for the parser.  It takes fewer steps than that of name.h.  It finds the one
 * candidate, the comparison decides. */
#ifndef SIPV_FIELD_NAME_H
#define SIPV_FIELD_NAME_H

#include "name.h"

/* Slots of the table of header fields: 1 << (64 - SIPV_FIELD_SHIFT). */
enum { SIPV_FIELD_SHIFT = 54 };

/* `name`: the first eight bytes, zeros in place of those behind the name, and of those the last two
 * combined (XOR) with the last two of the name; bit 0x20 of each byte set.  In front of a name of
 * one byte stands LF, as it does in a message.  `seed` is odd. */
static inline uint32_t sipv_field_slot(uint64_t name, uint64_t seed)
{
    return (uint32_t)(name * seed >> SIPV_FIELD_SHIFT);
}

static inline uint32_t sipv_field_hash(const unsigned char *p, size_t n, uint64_t seed)
{
    uint64_t name = (uint64_t)(n > 1 ? p[n - 2] : '\n') << 48 | (uint64_t)p[n - 1] << 56;
    for (size_t i = 0; i < 8 && i < n; i++)
        name ^= (uint64_t)p[i] << (8 * i);
    return sipv_field_slot(name | SIPV_CASE_BITS, seed);
}

/* The same for names of attributes, which have their case: of their first eight bytes and their
 * length, which is known earlier than their last bytes. */
static inline uint32_t sipv_attribute_slot(uint64_t first, size_t n, uint64_t seed)
{
    return sipv_field_slot(first ^ (uint64_t)n << 56, seed);
}

static inline uint32_t sipv_attribute_hash(const unsigned char *p, size_t n, uint64_t seed)
{
    uint64_t first = 0;
    for (size_t i = 0; i < 8 && i < n; i++)
        first |= (uint64_t)p[i] << (8 * i);
    return sipv_attribute_slot(first, n, seed);
}

#endif
