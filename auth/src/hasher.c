/* Hashes by OpenSSL's EVP interface.
 *
 * Functions are fetched and contexts made once, and each context keeps its function: to begin a
 * hash again in it allocates nothing. */
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "internal.h"

static const char *const names[SIPV_HASHES] = {"MD5", "SHA2-256", "SHA2-512/256"};

static unsigned hash_of(sipv_algorithm a)
{
    return (unsigned)a / 2;
}

sipv_hasher *sipv_hasher_new(void)
{
    sipv_hasher *h = OPENSSL_zalloc(sizeof *h);
    if (!h)
        return NULL;
    bool whole = true;
    for (unsigned i = 0; i < SIPV_HASHES; i++) {
        h->work[i] = EVP_MD_CTX_new();
        h->body[i] = EVP_MD_CTX_new();
        whole &= h->work[i] && h->body[i];
        h->md[i] = EVP_MD_fetch(NULL, names[i], NULL);
        if (whole && h->md[i] &&
            (EVP_DigestInit_ex(h->work[i], h->md[i], NULL) != 1 ||
             EVP_DigestInit_ex(h->body[i], h->md[i], NULL) != 1)) {
            EVP_MD_free(h->md[i]);
            h->md[i] = NULL;
        }
    }
    if (whole)
        return h;
    sipv_hasher_free(h);
    return NULL;
}

void sipv_hasher_free(sipv_hasher *h)
{
    if (!h)
        return;
    for (unsigned i = 0; i < SIPV_HASHES; i++) {
        EVP_MD_CTX_free(h->work[i]);
        EVP_MD_CTX_free(h->body[i]);
        EVP_MD_free(h->md[i]);
    }
    OPENSSL_clear_free(h, sizeof *h);
}

bool sipv_hasher_has(const sipv_hasher *h, sipv_algorithm a)
{
    return h && (unsigned)a < SIPV_ALGORITHM_COUNT && h->md[hash_of(a)];
}

/* ---- Digits -------------------------------------------------------------------------------------
 */

void sipv_hex_write(const unsigned char *octets, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[octets[i] >> 4];
        out[2 * i + 1] = digits[octets[i] & 15];
    }
}

static int hex_value(unsigned char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool sipv_hex_read(sipv_slice digits, unsigned char *out)
{
    if (digits.n % 2)
        return false;
    for (size_t i = 0; i < digits.n; i += 2) {
        const int high = hex_value(digits.p[i]), low = hex_value(digits.p[i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i / 2] = (unsigned char)(high * 16 + low);
    }
    return true;
}

bool sipv_digits_equal(const sipv_digits *d, sipv_slice text)
{
    return d->n && text.p && text.n == d->n && CRYPTO_memcmp(d->text, text.p, d->n) == 0;
}

void sipv_wipe(void *p, size_t n)
{
    if (p && n)
        OPENSSL_cleanse(p, n);
}

bool sipv_random_openssl(void *with, unsigned char *out, size_t n)
{
    (void)with;
    return n <= INT32_MAX && RAND_bytes(out, (int)n) == 1;
}

/* ---- Hashes -------------------------------------------------------------------------------------
 */

static void digits_of(const unsigned char *octets, unsigned n, sipv_digits *out)
{
    sipv_hex_write(octets, n, out->text);
    out->n = 2 * n;
    out->text[out->n] = 0;
}

/* Short texts are put together and hashed in one piece, which is what most of them are. */
enum { TOGETHER = 512 };

static int hash(sipv_hasher *h, sipv_algorithm a, const sipv_slice *parts, size_t n, bool colons,
                unsigned char *out)
{
    unsigned char together[TOGETHER];
    size_t used = 0, most = 0;
    int good = 1;
    if (!sipv_hasher_has(h, a))
        return SIPV_ABSENT;
    EVP_MD_CTX *const ctx = h->work[hash_of(a)];
    good &= EVP_DigestInit_ex(ctx, h->md[hash_of(a)], NULL);
    for (size_t i = 0; i < n; i++) {
        if (parts[i].n >= sizeof together - used) { /* no room for it and a colon */
            good &= EVP_DigestUpdate(ctx, together, used);
            used = 0;
        }
        if (parts[i].n >= sizeof together) {
            good &= EVP_DigestUpdate(ctx, parts[i].p, parts[i].n);
        } else if (parts[i].n) {
            memcpy(together + used, parts[i].p, parts[i].n);
            used += parts[i].n;
        }
        if (colons && i + 1 < n)
            together[used++] = ':';
        most = used > most ? used : most;
    }
    good &= EVP_DigestUpdate(ctx, together, used);
    good &= EVP_DigestFinal_ex(ctx, out, NULL);
    OPENSSL_cleanse(together, most);
    return good == 1 ? SIPV_OK : SIPV_ABSENT;
}

int sipv_hash_octets(sipv_hasher *h, sipv_algorithm a, const sipv_slice *parts, size_t n,
                     unsigned char *out)
{
    return hash(h, a, parts, n, false, out);
}

int sipv_hash_join(sipv_hasher *h, sipv_algorithm a, const sipv_slice *parts, size_t n,
                   sipv_digits *out)
{
    unsigned char octets[EVP_MAX_MD_SIZE];
    out->n = 0;
    const int result = hash(h, a, parts, n, true, octets);
    if (result == SIPV_OK)
        digits_of(octets, sipv_algorithm_digits(a) / 2, out);
    OPENSSL_cleanse(octets, SIPV_DIGITS_MAX / 2);
    return result;
}

/* ---- Bodies -------------------------------------------------------------------------------------
 */

int sipv_body_begin(sipv_hasher *h, sipv_algorithm a)
{
    if (!h || (unsigned)a >= SIPV_ALGORITHM_COUNT)
        return SIPV_BAD_ARGUMENT;
    h->in_body = false;
    if (!sipv_hasher_has(h, a) ||
        EVP_DigestInit_ex(h->body[hash_of(a)], h->md[hash_of(a)], NULL) != 1)
        return SIPV_ABSENT;
    h->in_body = true;
    h->of_body = a;
    return SIPV_OK;
}

int sipv_body_add(sipv_hasher *h, const void *p, size_t n)
{
    if (!h || !h->in_body || (!p && n))
        return SIPV_BAD_ARGUMENT;
    return !n || EVP_DigestUpdate(h->body[hash_of(h->of_body)], p, n) == 1 ? SIPV_OK : SIPV_ABSENT;
}

int sipv_body_end(sipv_hasher *h, sipv_digits *out)
{
    unsigned char octets[EVP_MAX_MD_SIZE];
    if (!h || !out || !h->in_body)
        return SIPV_BAD_ARGUMENT;
    h->in_body = false;
    if (EVP_DigestFinal_ex(h->body[hash_of(h->of_body)], octets, NULL) != 1)
        return SIPV_ABSENT;
    digits_of(octets, sipv_algorithm_digits(h->of_body) / 2, out);
    return SIPV_OK;
}

int sipv_hash_body(sipv_hasher *h, sipv_algorithm a, sipv_slice body, sipv_digits *out)
{
    unsigned char octets[EVP_MAX_MD_SIZE];
    out->n = 0;
    const int result = hash(h, a, &body, 1, false, octets);
    if (result == SIPV_OK)
        digits_of(octets, sipv_algorithm_digits(a) / 2, out);
    return result;
}
