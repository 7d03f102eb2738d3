/* Hashes of texts, as digits; whole bodies and in pieces. */
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "internal.h"

static struct sipv_sum *sum_of(sipv_hasher *h, sipv_algorithm a)
{
    return &h->work[(unsigned)a / 2];
}

sipv_hasher *sipv_hasher_new(void)
{
    sipv_hasher *h = OPENSSL_zalloc(sizeof *h);
    bool whole = h != NULL;
    for (unsigned i = 0; h && i < SIPV_FUNCTIONS; i++) {
        whole &= sipv_sum_open(&h->work[i], (enum sipv_function)i);
        whole &= sipv_sum_open(&h->body[i], (enum sipv_function)i);
        /* a function that is refused is refused twice; else there was no memory */
        whole &= !h->work[i].md == !h->body[i].md;
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
    for (unsigned i = 0; i < SIPV_FUNCTIONS; i++) {
        sipv_sum_close(&h->work[i]);
        sipv_sum_close(&h->body[i]);
    }
    OPENSSL_clear_free(h, sizeof *h);
}

bool sipv_hasher_has(const sipv_hasher *h, sipv_algorithm a)
{
    return h && (unsigned)a < SIPV_ALGORITHM_COUNT && h->work[(unsigned)a / 2].md;
}

/* ---- Digits -------------------------------------------------------------------------------------
 */

/* Eight digits of four octets, without a table and without a branch: what is hashed may be secret,
 * and memory that is looked up by it tells of it. */
static void write_eight(const unsigned char *octets, char *out)
{
    const uint64_t even = 0x000f000f000f000fu, all = 0x0101010101010101u;
    const uint64_t x = octets[0] | (uint64_t)octets[1] << 16 | (uint64_t)octets[2] << 32 |
                       (uint64_t)octets[3] << 48;
    const uint64_t digits = (x >> 4 & even) | (x & even) << 8;
    const uint64_t letters = (digits + 6 * all) >> 4 & all;
    const uint64_t text = digits + '0' * all + letters * ('a' - '0' - 10);
    for (unsigned i = 0; i < 8; i++)
        out[i] = (char)(text >> 8 * i);
}

void sipv_hex_write(const unsigned char *octets, size_t n, char *out)
{
    for (size_t i = 0; i < n; i += 4)
        write_eight(octets + i, out + 2 * i);
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

/* Most parts are short, and a call costs more than the copy. */
static inline void copy(unsigned char *out, const unsigned char *p, size_t n)
{
    if (n > 32) {
        memcpy(out, p, n);
    } else if (n >= 16) {
        memcpy(out, p, 16);
        memcpy(out + n - 16, p + n - 16, 16);
    } else if (n >= 8) {
        memcpy(out, p, 8);
        memcpy(out + n - 8, p + n - 8, 8);
    } else {
        while (n-- > 0)
            out[n] = p[n];
    }
}

static int hash(sipv_hasher *h, sipv_algorithm a, const sipv_slice *parts, size_t n, bool colons,
                unsigned char *out)
{
    unsigned char together[TOGETHER];
    size_t used = 0, most = 0;
    if (!sipv_hasher_has(h, a))
        return SIPV_ABSENT;
    struct sipv_sum *const sum = sum_of(h, a);
    int good = sipv_sum_begin(sum);
    for (size_t i = 0; i < n; i++) {
        if (parts[i].n >= sizeof together - used) { /* no room for it and a colon */
            good &= sipv_sum_add(sum, together, used);
            used = 0;
        }
        if (parts[i].n >= sizeof together) {
            good &= sipv_sum_add(sum, parts[i].p, parts[i].n);
        } else if (parts[i].n) {
            copy(together + used, parts[i].p, parts[i].n);
            used += parts[i].n;
        }
        if (colons && i + 1 < n)
            together[used++] = ':';
        most = used > most ? used : most;
    }
    good &= sipv_sum_add(sum, together, used);
    good &= sipv_sum_end(sum, out);
    sipv_wipe_small(together, most);
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
    unsigned char octets[SIPV_SUM_SIZE];
    out->n = 0;
    const int result = hash(h, a, parts, n, true, octets);
    if (result == SIPV_OK)
        digits_of(octets, sipv_algorithm_digits(a) / 2, out);
    sipv_wipe_small(octets, sizeof octets);
    return result;
}

/* ---- Bodies -------------------------------------------------------------------------------------
 */

int sipv_body_begin(sipv_hasher *h, sipv_algorithm a)
{
    if (!h || (unsigned)a >= SIPV_ALGORITHM_COUNT)
        return SIPV_BAD_ARGUMENT;
    h->of_body = NULL;
    if (!sipv_hasher_has(h, a) || sipv_sum_begin(&h->body[(unsigned)a / 2]) != 1)
        return SIPV_ABSENT;
    h->of_body = &h->body[(unsigned)a / 2];
    return SIPV_OK;
}

int sipv_body_add(sipv_hasher *h, const void *p, size_t n)
{
    if (!h || !h->of_body || (!p && n))
        return SIPV_BAD_ARGUMENT;
    return !n || sipv_sum_add(h->of_body, p, n) == 1 ? SIPV_OK : SIPV_ABSENT;
}

int sipv_body_end(sipv_hasher *h, sipv_digits *out)
{
    unsigned char octets[SIPV_SUM_SIZE];
    if (!h || !out || !h->of_body)
        return SIPV_BAD_ARGUMENT;
    struct sipv_sum *const sum = h->of_body;
    h->of_body = NULL;
    if (sipv_sum_end(sum, octets) != 1)
        return SIPV_ABSENT;
    digits_of(octets, sum->function == SIPV_FUNCTION_MD5 ? 16 : 32, out);
    return SIPV_OK;
}
