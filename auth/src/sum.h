/* One hash on its way, by one of OpenSSL's two ways. */
#ifndef SIPV_AUTH_SUM_H
#define SIPV_AUTH_SUM_H

#include <stdbool.h>
#include <stddef.h>

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/opensslconf.h>

#ifndef OPENSSL_NO_DEPRECATED_3_0
#include <openssl/md5.h>
#include <openssl/sha.h>
#define SIPV_DIRECT 1
#else
#define SIPV_DIRECT 0
#endif

/* MD5 and MD5-sess have a function in common, and so on: algorithm / 2. */
enum sipv_function { SIPV_FUNCTION_MD5, SIPV_FUNCTION_SHA_256, SIPV_FUNCTION_SHA_512_256 };
enum { SIPV_FUNCTIONS = 3, SIPV_SUM_SIZE = 32 };

struct sipv_sum {
    enum sipv_function function;
    bool direct;
    EVP_MD_CTX *evp; /* and its function: also where it is not used, it says what there is */
    EVP_MD *md;      /* NULL: OpenSSL has not got it */
#if SIPV_DIRECT
    union {
        MD5_CTX md5;
        SHA256_CTX sha_256;
        SHA512_CTX sha_512;
    } state;
#endif
};

/* False if there is no memory.  Whether there is the function tells `md`. */
bool sipv_sum_open(struct sipv_sum *s, enum sipv_function function);
void sipv_sum_close(struct sipv_sum *s);
/* These return 1, or 0 if OpenSSL fails; `out` has room for SIPV_SUM_SIZE octets. */
int sipv_sum_begin(struct sipv_sum *s);
int sipv_sum_add(struct sipv_sum *s, const void *p, size_t n);
int sipv_sum_end(struct sipv_sum *s, unsigned char *out);

/* As sipv_wipe, for small things on the way. */
static inline void sipv_wipe_small(void *p, size_t n)
{
#if defined(__GNUC__)
    __builtin_memset(p, 0, n);
    __asm__ __volatile__("" : : "r"(p) : "memory"); /* somebody might look */
#else
    OPENSSL_cleanse(p, n);
#endif
}

#endif
