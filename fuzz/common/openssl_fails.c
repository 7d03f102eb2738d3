#include "openssl_fails.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <pthread.h>

#include "input.h"
#include "sanitizers.h"

struct fuzz_openssl fuzz_openssl;

void fuzz_openssl_works(void)
{
    memset(&fuzz_openssl, 0, sizeof fuzz_openssl);
}

static bool fails(void)
{
    return ++fuzz_openssl.calls == fuzz_openssl.fails_at;
}

int __wrap_RAND_bytes(unsigned char *out, int n);
int __wrap_RAND_bytes(unsigned char *out, int n)
{
    for (int i = 0; i < n; i++)
        out[i] = (unsigned char)fuzz_draw(&fuzz_openssl.seed);
    return !fuzz_openssl.no_random;
}

EVP_MD *__real_EVP_MD_fetch(OSSL_LIB_CTX *context, const char *name, const char *properties);
EVP_MD *__wrap_EVP_MD_fetch(OSSL_LIB_CTX *context, const char *name, const char *properties);
EVP_MD *__wrap_EVP_MD_fetch(OSSL_LIB_CTX *context, const char *name, const char *properties)
{
    if (fuzz_openssl.refused && strcmp(fuzz_openssl.refused, name) == 0)
        return NULL;
    return __real_EVP_MD_fetch(context, name, properties);
}

#if !FUZZ_MEMORY /* secrets_openssl.c has it there */
const char *__real_OSSL_PROVIDER_get0_name(const OSSL_PROVIDER *provider);
const char *__wrap_OSSL_PROVIDER_get0_name(const OSSL_PROVIDER *provider);
const char *__wrap_OSSL_PROVIDER_get0_name(const OSSL_PROVIDER *provider)
{
    return fuzz_openssl.foreign ? "foreign" : __real_OSSL_PROVIDER_get0_name(provider);
}
#endif

int __real_EVP_DigestInit_ex(EVP_MD_CTX *c, const EVP_MD *md, ENGINE *engine);
int __wrap_EVP_DigestInit_ex(EVP_MD_CTX *c, const EVP_MD *md, ENGINE *engine);
int __wrap_EVP_DigestInit_ex(EVP_MD_CTX *c, const EVP_MD *md, ENGINE *engine)
{
    return fails() ? 0 : __real_EVP_DigestInit_ex(c, md, engine);
}

int __real_EVP_DigestUpdate(EVP_MD_CTX *c, const void *p, size_t n);
int __wrap_EVP_DigestUpdate(EVP_MD_CTX *c, const void *p, size_t n);
int __wrap_EVP_DigestUpdate(EVP_MD_CTX *c, const void *p, size_t n)
{
    return fails() ? 0 : __real_EVP_DigestUpdate(c, p, n);
}

int __real_EVP_DigestFinal_ex(EVP_MD_CTX *c, unsigned char *out, unsigned *n);
int __wrap_EVP_DigestFinal_ex(EVP_MD_CTX *c, unsigned char *out, unsigned *n);
int __wrap_EVP_DigestFinal_ex(EVP_MD_CTX *c, unsigned char *out, unsigned *n)
{
    return fails() ? 0 : __real_EVP_DigestFinal_ex(c, out, n);
}

int __real_pthread_mutex_init(pthread_mutex_t *lock, const pthread_mutexattr_t *attributes);
int __wrap_pthread_mutex_init(pthread_mutex_t *lock, const pthread_mutexattr_t *attributes);
int __wrap_pthread_mutex_init(pthread_mutex_t *lock, const pthread_mutexattr_t *attributes)
{
    return fuzz_openssl.no_lock ? 11 /* EAGAIN */ : __real_pthread_mutex_init(lock, attributes);
}
