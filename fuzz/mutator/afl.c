/* afl.c: the mutator as AFL++ calls it, a shared object:
 *
 *     AFL_CUSTOM_MUTATOR_LIBRARY=libsipvet-afl-mutator.so afl-fuzz ...
 *
 * AFL++ 4.04c never calls LLVMFuzzerCustomMutator, which is why this exists.  Each state has a row
 * of random numbers that depends on AFL++'s seed alone. */
#include "mutator.h"

#include <stdlib.h>
#include <string.h>

#include "edit.h"

#define EXPORT __attribute__((visibility("default")))

struct state {
    uint64_t random;
    unsigned char *out;
    size_t cap;
};

EXPORT void *afl_custom_init(void *afl, unsigned seed);
EXPORT size_t afl_custom_fuzz(void *with, uint8_t *in, size_t n, uint8_t **out, uint8_t *other,
                              size_t n_other, size_t max);
EXPORT size_t afl_custom_havoc_mutation(void *with, uint8_t *in, size_t n, uint8_t **out,
                                        size_t max);
EXPORT uint8_t afl_custom_havoc_mutation_probability(void *with);
EXPORT const char *afl_custom_describe(void *with, size_t max);
EXPORT void afl_custom_deinit(void *with);

void *afl_custom_init(void *afl, unsigned seed)
{
    struct state *state = calloc(1, sizeof *state);

    (void)afl;
    if (state)
        state->random = seed;
    return state;
}

/* A copy of the input, with room for what it may become; false without memory. */
static bool copy_input(struct state *state, const uint8_t *in, size_t n, size_t max)
{
    if (state->cap < max) {
        unsigned char *more = realloc(state->out, max);

        if (!more)
            return false;
        state->out = more;
        state->cap = max;
    }
    memcpy(state->out, in, n);
    return true;
}

size_t afl_custom_fuzz(void *with, uint8_t *in, size_t n, uint8_t **out, uint8_t *other,
                       size_t n_other, size_t max)
{
    struct state *state = with;

    if (n > max)
        n = max;
    if (max == 0 || !copy_input(state, in, n, max)) {
        *out = in;
        return n;
    }
    *out = state->out;
    return mutator_mutate(state->out, n, max, draw(&state->random), other, n_other);
}

size_t afl_custom_havoc_mutation(void *with, uint8_t *in, size_t n, uint8_t **out, size_t max)
{
    return afl_custom_fuzz(with, in, n, out, NULL, 0, max);
}

/* Of 100 mutations of AFL++'s havoc stage. */
uint8_t afl_custom_havoc_mutation_probability(void *with)
{
    (void)with;
    return 25;
}

/* Becomes part of the name of what AFL++ saves. */
const char *afl_custom_describe(void *with, size_t max)
{
    (void)with;
    (void)max;
    return "sipvet";
}

void afl_custom_deinit(void *with)
{
    struct state *state = with;

    free(state->out);
    free(state);
}
