#include "secrets.h"

#include "sanitizers.h"

#if FUZZ_MEMORY
#include <sanitizer/msan_interface.h>

bool fuzz_guards_secrets(void)
{
    return true;
}

void fuzz_make_secret(void *p, size_t n)
{
    __msan_poison(p, n);
}

void fuzz_make_public(const void *p, size_t n)
{
    __msan_unpoison(p, n);
}

bool fuzz_is_secret(const void *p, size_t n)
{
    return __msan_test_shadow(p, n) >= 0;
}
#else
bool fuzz_guards_secrets(void)
{
    return false;
}

void fuzz_make_secret(void *p, size_t n)
{
    (void)p;
    (void)n;
}

void fuzz_make_public(const void *p, size_t n)
{
    (void)p;
    (void)n;
}

bool fuzz_is_secret(const void *p, size_t n)
{
    (void)p;
    (void)n;
    return false;
}
#endif
