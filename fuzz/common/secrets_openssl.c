/* OpenSSL under MemorySanitizer, which has not seen it compiled: what these functions write is
 * initialised, and secret if what they read was.  The linker puts them in their place (--wrap). */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/md5.h>
#include <openssl/provider.h>
#include <openssl/sha.h>

#include <string.h>

#include <sanitizer/msan_interface.h>

#include "secrets.h"

/* A hash state is secret from the first secret octet on. */
#define HASH(Name, name, CTX)                                                                      \
    int __real_##Name##_Init(CTX *c);                                                              \
    int __real_##Name##_Update(CTX *c, const void *p, size_t n);                                   \
    int __real_##Name##_Final(unsigned char *out, CTX *c);                                         \
    int __wrap_##Name##_Init(CTX *c);                                                              \
    int __wrap_##Name##_Update(CTX *c, const void *p, size_t n);                                   \
    int __wrap_##Name##_Final(unsigned char *out, CTX *c);                                         \
    int __wrap_##Name##_Init(CTX *c)                                                               \
    {                                                                                              \
        const int result = __real_##Name##_Init(c);                                                \
        fuzz_make_public(c, sizeof *c);                                                            \
        return result;                                                                             \
    }                                                                                              \
    int __wrap_##Name##_Update(CTX *c, const void *p, size_t n)                                    \
    {                                                                                              \
        const bool secret = fuzz_is_secret(p, n) || fuzz_is_secret(c, sizeof *c);                  \
        const int result = __real_##Name##_Update(c, p, n);                                        \
        if (secret)                                                                                \
            fuzz_make_secret(c, sizeof *c);                                                        \
        return result;                                                                             \
    }                                                                                              \
    int __wrap_##Name##_Final(unsigned char *out, CTX *c)                                          \
    {                                                                                              \
        const bool secret = fuzz_is_secret(c, sizeof *c);                                          \
        const size_t n = digest_size(c);                                                           \
        const int result = __real_##Name##_Final(out, c);                                          \
        if (secret)                                                                                \
            fuzz_make_secret(out, n);                                                              \
        else                                                                                       \
            fuzz_make_public(out, n);                                                              \
        return result;                                                                             \
    }

#define digest_size(c) MD5_DIGEST_LENGTH
HASH(MD5, md5, MD5_CTX)
#undef digest_size
#define digest_size(c) SHA256_DIGEST_LENGTH
HASH(SHA256, sha256, SHA256_CTX)
HASH(SHA512, sha512, SHA512_CTX) /* of which the library wants 256 bits */

/* Whether two texts are the same is what everybody may know in the end. */
int __real_CRYPTO_memcmp(const void *a, const void *b, size_t n);
int __wrap_CRYPTO_memcmp(const void *a, const void *b, size_t n);
int __wrap_CRYPTO_memcmp(const void *a, const void *b, size_t n)
{
    return __real_CRYPTO_memcmp(a, b, n);
}

void __real_OPENSSL_cleanse(void *p, size_t n);
void __wrap_OPENSSL_cleanse(void *p, size_t n);
void __wrap_OPENSSL_cleanse(void *p, size_t n)
{
    __real_OPENSSL_cleanse(p, n);
    fuzz_make_public(p, n);
}

void *__real_CRYPTO_zalloc(size_t n, const char *file, int line);
void *__wrap_CRYPTO_zalloc(size_t n, const char *file, int line);
void *__wrap_CRYPTO_zalloc(size_t n, const char *file, int line)
{
    void *p = __real_CRYPTO_zalloc(n, file, line);
    if (p)
        fuzz_make_public(p, n);
    return p;
}

const char *__real_OSSL_PROVIDER_get0_name(const OSSL_PROVIDER *provider);
const char *__wrap_OSSL_PROVIDER_get0_name(const OSSL_PROVIDER *provider);
const char *__wrap_OSSL_PROVIDER_get0_name(const OSSL_PROVIDER *provider)
{
    const char *name = __real_OSSL_PROVIDER_get0_name(provider);
    for (size_t n = 1; name; n++) {
        fuzz_make_public(name, n);
        if (name[n - 1] == 0)
            break;
    }
    return name;
}

/* Where OpenSSL looks for its functions it compares strings that it has written itself. */
struct sipv_hasher;
struct sipv_hasher *__real_sipv_hasher_new(void);
struct sipv_hasher *__wrap_sipv_hasher_new(void);
struct sipv_hasher *__wrap_sipv_hasher_new(void)
{
    __msan_scoped_disable_interceptor_checks();
    struct sipv_hasher *h = __real_sipv_hasher_new();
    __msan_scoped_enable_interceptor_checks();
    return h;
}

void __real_sipv_hasher_free(struct sipv_hasher *h);
void __wrap_sipv_hasher_free(struct sipv_hasher *h);
void __wrap_sipv_hasher_free(struct sipv_hasher *h)
{
    __msan_scoped_disable_interceptor_checks();
    __real_sipv_hasher_free(h);
    __msan_scoped_enable_interceptor_checks();
}
