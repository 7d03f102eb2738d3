/* SipHash-2-4 (Aumasson and Bernstein, 2012) over texts handed in one after the other: who does not
 * know the seed cannot make many of them meet in one bucket. */
#ifndef HARNESS_HASH_H
#define HARNESS_HASH_H

#include <sipvet/grammar.h>

struct hash {
    uint64_t v[4], word;
    size_t n;
};

void hash_begin(struct hash *h, const uint64_t seed[2]);
/* Adds a text and its end; ASCII letters without case if `fold`. */
void hash_add(struct hash *h, sipv_slice s, bool fold);
void hash_add_number(struct hash *h, uint64_t value);
uint64_t hash_end(struct hash *h);

#endif
