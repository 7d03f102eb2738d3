#include "prefix.h"

#include "sanitizers.h"

#if FUZZ_ADDRESS
void __asan_poison_memory_region(void const volatile *p, size_t n);
void __asan_unpoison_memory_region(void const volatile *p, size_t n);

void fuzz_show_prefix(const struct fuzz_input *in, size_t n)
{
    __asan_unpoison_memory_region(in->p, n);
    __asan_poison_memory_region(in->p + n, in->n - n);
}
#else
void fuzz_show_prefix(const struct fuzz_input *in, size_t n)
{
    (void)in;
    (void)n;
}
#endif
