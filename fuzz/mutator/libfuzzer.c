/* libfuzzer.c: the mutator as libFuzzer calls it, and engines that do as libFuzzer does.
 *
 * One in four mutations is left to the engine, which knows its dictionary, values from comparisons
 * and single bits better. */
#include "mutator.h"

#include "edit.h"

#if defined(__GNUC__)
#define WEAK __attribute__((weak))
#else
#define WEAK
#endif

/* The engine's own mutation; absent in some engines. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max) WEAK;

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t n_a, const uint8_t *b, size_t n_b,
                                 uint8_t *out, size_t max, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    uint64_t random = seed;

    if (draw_once_in(&random, 4) && LLVMFuzzerMutate)
        return LLVMFuzzerMutate(data, size, max);
    return mutator_mutate(data, size, max, draw(&random), NULL, 0);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t n_a, const uint8_t *b, size_t n_b,
                                 uint8_t *out, size_t max, unsigned seed)
{
    return mutator_cross(a, n_a, b, n_b, out, max, seed);
}
