/* How many seeds a test of chance takes. */
#ifndef TESTS_SEEDS_H
#define TESTS_SEEDS_H

#include <sipvet/grammar.h>

#include <stdlib.h>

/* SIPVET_SEEDS of the environment, at most ten million; else `usual`. */
static inline unsigned seeds_or(unsigned usual)
{
    uint64_t n;
    const char *text = getenv("SIPVET_SEEDS");
    return text && sipv_number(sipv_slice_text(text), 10000000, &n) == SIPV_OK ? (unsigned)n
                                                                               : usual;
}

#endif
