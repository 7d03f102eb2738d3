#include "allocations.h"

#include <stddef.h>
#include <stdlib.h>

uint64_t fuzz_allocations;
int64_t fuzz_blocks;
static uint64_t breaks_at;

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_realloc(void *p, size_t n);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);
void *__wrap_realloc(void *p, size_t n);
void __wrap_free(void *p);

void fuzz_break_allocation(uint64_t nth)
{
    breaks_at = nth ? fuzz_allocations + nth : 0;
}

int fuzz_allocation_broke(void)
{
    return breaks_at != 0 && fuzz_allocations >= breaks_at;
}

static int breaks(void)
{
    return ++fuzz_allocations == breaks_at;
}

void *__wrap_malloc(size_t n)
{
    void *p = breaks() ? NULL : __real_malloc(n);
    fuzz_blocks += p != NULL;
    return p;
}

void *__wrap_calloc(size_t count, size_t n)
{
    void *p = breaks() ? NULL : __real_calloc(count, n);
    fuzz_blocks += p != NULL;
    return p;
}

void *__wrap_realloc(void *p, size_t n)
{
    void *q = breaks() ? NULL : __real_realloc(p, n);
    fuzz_blocks += !p && q;
    return q;
}

void __wrap_free(void *p)
{
    fuzz_blocks -= p != NULL;
    __real_free(p);
}
