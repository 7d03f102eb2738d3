/* allocations.c: counts heap allocations by standing in front of the C library's functions, for the
 * program and for every shared library in it.  glibc keeps the functions themselves under the names
 * below; looking them up with dlsym would not do, because dlsym itself allocates.  Sanitizers have
 * an allocator of their own, which must not be hidden. */
#include "bench.h"

#include <errno.h>
#include <stdlib.h>

uint64_t bench_allocations;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif

#if defined(__GLIBC__) && !defined(SANITIZED)

const bool bench_counting = true;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *old);

void *malloc(size_t size)
{
    bench_allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    bench_allocations++;
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    bench_allocations++;
    return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    bench_allocations++;
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    void *p;

    if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0)
        return EINVAL;
    bench_allocations++;
    p = __libc_memalign(alignment, size);
    if (!p)
        return ENOMEM;
    *out = p;
    return 0;
}

void free(void *old)
{
    __libc_free(old);
}

#else

const bool bench_counting = false;

#endif
