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

/* Digits without a table and without a branch: what is hashed may be secret, and memory that is
 * looked up by it tells of it. */
static char digit_of(unsigned value)
{
    return (char)(value + '0' + ((9 - value) >> 8 & ('a' - '0' - 10)));
}

#if defined(__GNUC__) && (defined(__clang__) || __GNUC__ >= 12) &&                                 \
    (!defined(__i386__) || defined(__SSE2__))
/* Sixteen octets at once, in whatever vectors the machine has; for a 386 that may have none such
 * values have no calling convention. */
typedef unsigned char octets16 __attribute__((vector_size(16)));

static octets16 digits16(octets16 values)
{
    return values + '0' + ((octets16)(values > 9) & ('a' - '0' - 10));
}

static void write_16(const unsigned char *octets, char *out)
{
    octets16 x;
    memcpy(&x, octets, sizeof x);
    const octets16 high = digits16(x >> 4), low = digits16(x & 15);
    const octets16 first =
        __builtin_shufflevector(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const octets16 second = __builtin_shufflevector(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28,
                                                    13, 29, 14, 30, 15, 31);
    memcpy(out, &first, sizeof first);
    memcpy(out + sizeof first, &second, sizeof second);
}

static unsigned char no_digits_16(const unsigned char *p)
{
    octets16 x;
    uint64_t bad[2];
    memcpy(&x, p, sizeof x);
    x = (octets16)(x - '0' > 9) & (octets16)(x - 'a' > 5);
    memcpy(bad, &x, sizeof bad);
    bad[0] |= bad[1];
    bad[0] |= bad[0] >> 32;
    bad[0] |= bad[0] >> 16;
    return (unsigned char)(bad[0] | bad[0] >> 8);
}
#else
static void write_16(const unsigned char *octets, char *out)
{
    for (size_t i = 0; i < 16; i++) {
        out[2 * i] = digit_of(octets[i] >> 4);
        out[2 * i + 1] = digit_of(octets[i] & 15);
    }
}

/* 1 if `c` is no such digit, else 0. */
static unsigned char no_digit(unsigned c)
{
    const unsigned number = (c - '0') | ('9' - c), letter = (c - 'a') | ('f' - c);
    return (unsigned char)(number >> 31 & letter >> 31);
}

static unsigned char no_digits_16(const unsigned char *p)
{
    unsigned char bad = 0;
    for (size_t i = 0; i < 16; i++)
        bad |= no_digit(p[i]);
    return bad;
}
#endif

void sipv_hex_write(const unsigned char *octets, size_t n, char *out)
{
    for (; n >= 16; n -= 16, octets += 16, out += 32)
        write_16(octets, out);
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digit_of(octets[i] >> 4);
        out[2 * i + 1] = digit_of(octets[i] & 15);
    }
}

bool sipv_hex_is(sipv_slice s)
{
    static const unsigned char none = 0;
    unsigned char bad = 0;
    for (size_t i = 0; i < s.n; i += 16)
        bad |= no_digits_16(s.p + i);
    return CRYPTO_memcmp(&bad, &none, 1) == 0;
}

static int hex_value(unsigned char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool sipv_hex_read(sipv_slice digits, unsigned char *out)
{
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
