/* Hashes by OpenSSL.
 *
 * What there is, EVP says: a function is fetched once, and where that is refused (MD5 in FIPS mode)
 * there is none.  But EVP_DigestInit_ex() of OpenSSL 3.0 allocates a state for each hash that it
 * begins and frees it at the next.  So where the function fetched is that of OpenSSL's own default
 * provider, its code is called directly, with the state here; any other provider, such as that of
 * FIPS, is used through EVP. */
#include "sum.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/provider.h>

static const char *const names[SIPV_FUNCTIONS] = {"MD5", "SHA2-256", "SHA2-512/256"};

/* Of a function that was fetched, which always has a provider. */
static bool is_default(const EVP_MD *md)
{
    return strcmp(OSSL_PROVIDER_get0_name(EVP_MD_get0_provider(md)), "default") == 0;
}

bool sipv_sum_open(struct sipv_sum *s, enum sipv_function function)
{
    s->function = function;
    s->evp = EVP_MD_CTX_new();
    s->md = EVP_MD_fetch(NULL, names[function], NULL);
    s->direct = SIPV_DIRECT && s->md && is_default(s->md);
    if (s->evp && s->md && EVP_DigestInit_ex(s->evp, s->md, NULL) != 1) {
        EVP_MD_free(s->md);
        s->md = NULL;
    }
    return s->evp != NULL;
}

void sipv_sum_close(struct sipv_sum *s)
{
    EVP_MD_CTX_free(s->evp);
    EVP_MD_free(s->md);
    OPENSSL_cleanse(s, sizeof *s);
}

#if SIPV_DIRECT
/* FIPS 180-4 section 5.3.6.2. */
static int begin_sha_512_256(SHA512_CTX *c)
{
    static const SHA_LONG64 initial[8] = {
        0x22312194fc2bf72cu, 0x9f555fa3c84c64c2u, 0x2393b86b6f53b151u, 0x963877195940eabdu,
        0x96283ee2a88effe3u, 0xbe5e1e2553863992u, 0x2b0199fc2c85b8aau, 0x0eb72ddc81c52ca2u};
    SHA512_Init(c);
    memcpy(c->h, initial, sizeof initial);
    c->md_len = SHA256_DIGEST_LENGTH;
    return 1;
}

static int begin_directly(struct sipv_sum *s)
{
    switch (s->function) {
    case SIPV_FUNCTION_MD5: return MD5_Init(&s->state.md5);
    case SIPV_FUNCTION_SHA_256: return SHA256_Init(&s->state.sha_256);
    default: return begin_sha_512_256(&s->state.sha_512);
    }
}

static int add_directly(struct sipv_sum *s, const void *p, size_t n)
{
    switch (s->function) {
    case SIPV_FUNCTION_MD5: return MD5_Update(&s->state.md5, p, n);
    case SIPV_FUNCTION_SHA_256: return SHA256_Update(&s->state.sha_256, p, n);
    default: return SHA512_Update(&s->state.sha_512, p, n);
    }
}

static int end_directly(struct sipv_sum *s, unsigned char *out)
{
    int good;
    switch (s->function) {
    case SIPV_FUNCTION_MD5:
        good = MD5_Final(out, &s->state.md5);
        sipv_wipe_small(&s->state.md5, sizeof s->state.md5);
        break;
    case SIPV_FUNCTION_SHA_256:
        good = SHA256_Final(out, &s->state.sha_256);
        sipv_wipe_small(&s->state.sha_256, sizeof s->state.sha_256);
        break;
    default:
        good = SHA512_Final(out, &s->state.sha_512);
        sipv_wipe_small(&s->state.sha_512, sizeof s->state.sha_512);
    }
    return good;
}
#else
static int begin_directly(struct sipv_sum *s)
{
    (void)s;
    return 0;
}

static int add_directly(struct sipv_sum *s, const void *p, size_t n)
{
    (void)s;
    (void)p;
    (void)n;
    return 0;
}

static int end_directly(struct sipv_sum *s, unsigned char *out)
{
    (void)s;
    (void)out;
    return 0;
}
#endif

int sipv_sum_begin(struct sipv_sum *s)
{
    return s->direct ? begin_directly(s) : EVP_DigestInit_ex(s->evp, s->md, NULL);
}

int sipv_sum_add(struct sipv_sum *s, const void *p, size_t n)
{
    return s->direct ? add_directly(s, p, n) : EVP_DigestUpdate(s->evp, p, n);
}

int sipv_sum_end(struct sipv_sum *s, unsigned char *out)
{
    return s->direct ? end_directly(s, out) : EVP_DigestFinal_ex(s->evp, out, NULL);
}
