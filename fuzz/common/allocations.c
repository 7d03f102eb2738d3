#include "allocations.h"

#include <malloc.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "sanitizers.h"

#if FUZZ_ADDRESS
#include <sanitizer/asan_interface.h>
#endif
#if FUZZ_MEMORY
#include <sanitizer/msan_interface.h>
#endif

uint64_t fuzz_allocations;
int64_t fuzz_blocks;
static uint64_t breaks_at;
static int passed_over;

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

void fuzz_pass_allocations(int passed)
{
    passed_over = passed;
}

static int breaks(void)
{
    return !passed_over && ++fuzz_allocations == breaks_at;
}

/* ---- Large blocks ------------------------------------------------------------------------------
 *
 * A core is opened and closed for every input.  To get its large blocks from the system each time
 * takes ten times as long as all the rest, so they are kept: by the C library, or under a sanitizer
 * here, for who asks for exactly as much again.  While they are free nobody may touch the ends of
 * them, and who gets one may not rely on what is in it.
 */

#if FUZZ_SANITIZED

enum { LARGE = 1 << 14, KEPT = 64, END = 1 << 12 };

static struct {
    void *p;
    size_t n;
} kept[KEPT];
static size_t n_kept;

/* `forbidden`: from now on, else no longer. */
static void guard(void *p, size_t n, int forbidden)
{
#if FUZZ_ADDRESS
    char *const octets = p;
    if (forbidden) {
        __asan_poison_memory_region(octets, END);
        __asan_poison_memory_region(octets + n - END, END);
    } else {
        __asan_unpoison_memory_region(octets, END);
        __asan_unpoison_memory_region(octets + n - END, END);
    }
#else
    if (!forbidden)
        __msan_allocated_memory(p, n);
#endif
}

static void *take(size_t n)
{
    for (size_t i = n_kept; n >= LARGE && i-- > 0;) {
        if (kept[i].n != n)
            continue;
        void *const p = kept[i].p;
        kept[i] = kept[--n_kept];
        guard(p, n, 0);
        return p;
    }
    return NULL;
}

static int keep(void *p)
{
    const size_t n = malloc_usable_size(p);
    for (size_t i = 0; n >= LARGE && i < n_kept; i++)
        if (kept[i].p == p)
            abort(); /* it is free */
    if (n < LARGE || n_kept == KEPT)
        return 0;
    guard(p, n, 1);
    kept[n_kept].p = p;
    kept[n_kept++].n = n;
    return 1;
}

#else

__attribute__((constructor)) static void keep_all(void)
{
    enum { MUCH = 1 << 28 };
    mallopt(M_MMAP_THRESHOLD, MUCH);
    mallopt(M_TRIM_THRESHOLD, MUCH);
    mallopt(M_TOP_PAD, 1 << 23);
}

static void *take(size_t n)
{
    (void)n;
    return NULL;
}

static int keep(const void *p)
{
    (void)p;
    return 0;
}

#endif

/* ---- In place of malloc ------------------------------------------------------------------------
 */

void *__wrap_malloc(size_t n)
{
    if (breaks())
        return NULL;
    void *p = take(n);
    p = p ? p : __real_malloc(n);
    fuzz_blocks += p != NULL;
    return p;
}

void *__wrap_calloc(size_t count, size_t n)
{
    if (breaks())
        return NULL;
    void *p = n && count <= SIZE_MAX / n ? take(count * n) : NULL;
    if (p)
        memset(p, 0, count * n);
    else
        p = __real_calloc(count, n);
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
    if (!p || !keep(p))
        __real_free(p);
}
