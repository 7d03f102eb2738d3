/* What the compiled code of a matcher is made of; only that code includes it.
 *
 * It reads values with a line end and SIPV_EXPRESS_REACH readable octets behind them, so no byte
 * needs a look at where the value ends: no arc of compiled code takes CR or LF.  What it does not
 * know it leaves to the tables, see match.h. */
#ifndef SIPV_EXPRESS_H
#define SIPV_EXPRESS_H

#include "match.h"

#define SIPV_ALWAYS static inline __attribute__((always_inline))
#define SIPV_RARE(x) __builtin_expect(!!(x), 0)

/* ---- Runs of bytes of one class -----------------------------------------------------------------
 */

/* A class of ASCII bytes: for every low nibble the set of high nibbles, twice; and as a bit set. */
struct sipv_run_set {
    _Alignas(32) unsigned char rows[32];
    uint64_t bits[2];
};

#if defined(__AVX2__) && defined(__BMI2__)
#include <immintrin.h>

/* A byte is in the set if the bit of its high nibble is set in the row of its low nibble.  Bytes
 * from 128 on find no row (VPSHUFB gives 0). */
SIPV_ALWAYS size_t sipv_run_over(const unsigned char *s, size_t at, const struct sipv_run_set *set)
{
    const __m256i rows = _mm256_load_si256((const __m256i *)(const void *)set->rows);
    const __m256i bit = _mm256_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2,
                                         4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
    for (;;) {
        const __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(s + at));
        const __m256i high = _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(15));
        const __m256i in =
            _mm256_and_si256(_mm256_shuffle_epi8(rows, v), _mm256_shuffle_epi8(bit, high));
        const unsigned out =
            (unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(in, _mm256_setzero_si256()));
        if (!SIPV_RARE(out == 0))
            return at + (size_t)__builtin_ctz(out);
        at += 32;
    }
}

/* The first `n` <= 8 bytes at p, zeros behind them. */
SIPV_ALWAYS uint64_t sipv_first_bytes(const unsigned char *p, unsigned n)
{
    return _bzhi_u64(sipv_load_8(p), 8 * n);
}

/* sipv_is_name() at once. */
SIPV_ALWAYS bool sipv_is_folded(const unsigned char *p, unsigned n, const unsigned char *folded)
{
    const __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)p);
    const __m256i name = _mm256_loadu_si256((const __m256i *)(const void *)folded);
    const __m256i same = _mm256_cmpeq_epi8(_mm256_or_si256(v, _mm256_set1_epi8(0x20)), name);
    return _bzhi_u32(~(unsigned)_mm256_movemask_epi8(same), n) == 0;
}
#else
SIPV_ALWAYS size_t sipv_run_over(const unsigned char *s, size_t at, const struct sipv_run_set *set)
{
    while (s[at] < 128 && (set->bits[s[at] >> 6] >> (s[at] & 63) & 1))
        at++;
    return at;
}

SIPV_ALWAYS uint64_t sipv_first_bytes(const unsigned char *p, unsigned n)
{
    const uint64_t v = sipv_load_8(p);
    return n >= 8 ? v : v & (((uint64_t)1 << (8 * n)) - 1);
}

SIPV_ALWAYS bool sipv_is_folded(const unsigned char *p, unsigned n, const unsigned char *folded)
{
    return sipv_is_name(p, n, folded);
}
#endif

/* ---- Frame --------------------------------------------------------------------------------------
 */

/* A label with an attribute: not every one is used. */
#define SIPV_LABEL __attribute__((unused))

#define SIPV_BEGIN                                                                                 \
    const unsigned char *const s = r->base, *name, *value;                                         \
    const size_t end = r->end;                                                                     \
    size_t at = r->at, from = at, q;                                                               \
    sipv_event *ev = r->ev;                                                                        \
    unsigned node, c, x, more, name_n, value_n;                                                    \
    (void)name, (void)value, (void)name_n, (void)value_n, (void)x, (void)more, (void)q, (void)c

#define SIPV_FINISH                                                                                \
done:                                                                                              \
    r->ev = ev;                                                                                    \
    return true;                                                                                   \
slow:                                                                                              \
    r->ev = ev;                                                                                    \
    r->at = from;                                                                                  \
    r->node = node;                                                                                \
    return false

/* ---- Captures -----------------------------------------------------------------------------------
 */

#define SIPV_EVENT(i, k, how, o, n)                                                                \
    (ev[i].kind = (k), ev[i].part = (how), ev[i].off = (uint32_t)(o), ev[i].len = (uint32_t)(n))
#define SIPV_WHOLE(i, k, from, to) SIPV_EVENT(i, k, SIPV_PART_WHOLE, from, (to) - (from))
#define SIPV_OPEN(i, k, from) SIPV_EVENT(i, k, SIPV_PART_OPEN, from, 0)
#define SIPV_CLOSE(i, k, to) SIPV_EVENT(i, k, SIPV_PART_CLOSE, to, 0)
#define SIPV_ELEMENT                                                                               \
    (SIPV_EVENT(0, SIPV_KIND_ELEMENT, SIPV_PART_WHOLE, at - 1, 1), ev++,                           \
     memset(r->seen, 0, sizeof r->seen))
/* A number above its maximum of so many digits, or one that begins with 0. */
#define SIPV_DIGITS(from, to, digits, max)                                                         \
    if (SIPV_RARE((to) - (from) >= (digits) || s[from] == '0'))                                    \
        if ((to) - (from) > (digits) || s[from] == '0' || memcmp(s + (from), (max), (digits)) > 0) \
    r->suspects |= SIPV_SUSPECT_VALUE
/* Something that the caller always looks at. */
#define SIPV_NOTICE r->suspects |= SIPV_SUSPECT_VALUE

/* ---- Parameters chosen by name ------------------------------------------------------------------
 */

/* What is known of a select when the code is made. */
struct sipv_choice {
    unsigned select;
    uint32_t seed, mask;
    const uint8_t *slots;
    const sipv_select_name *names;
    unsigned other_accepts;
    bool plain, in_uri;
    const struct sipv_run_set *token;
};

static __attribute__((noinline, unused)) bool
sipv_choose_slowly(struct sipv_run *r, unsigned select, const unsigned char *name, unsigned n,
                   const unsigned char *value, unsigned value_n)
{
    size_t where;
    return sipv_choose(r, select, sipv_slice_of(name, n), sipv_slice_of(value, value_n), &where);
}

/* sipv_choose() for the usual parameters; `value` NULL if it has none. */
SIPV_ALWAYS bool sipv_choose_usual(struct sipv_run *r, const struct sipv_choice c,
                                   const unsigned char *name, unsigned n,
                                   const unsigned char *value, unsigned value_n)
{
    unsigned form = SIPV_FORM_ABSENT, accepts = c.other_accepts;
    uint64_t *seen = &r->seen[c.in_uri ? 3 : 1];
    uint64_t first = sipv_load_8(name), last;
    if (value && c.plain)
        form = *value == '"' ? SIPV_FORM_QUOTED : *value == '[' ? 0 : SIPV_FORM_TOKEN;
    else if (value)
        form = sipv_run_over(value, 0, c.token) >= value_n && value_n ? SIPV_FORM_TOKEN : 0;
    if (n > 8) {
        last = sipv_load_8(name + n - 8) | SIPV_CASE_BITS;
    } else {
        first = sipv_first_bytes(name, n);
        last = n;
    }
    const uint32_t hash = sipv_name_mix(first, last, c.seed);
    const unsigned slot = c.slots[hash & c.mask];
    unsigned number = hash >> 18;
    if (slot) {
        const sipv_select_name *known = c.names + slot - 1;
        if (known->n == n && sipv_is_folded(name, n, known->folded)) {
            accepts = known->sure;
            number = known->number;
            seen--;
        }
    }
    const uint64_t bit = (uint64_t)1 << (number & 63);
    if (SIPV_RARE(!(accepts & form)))
        return sipv_choose_slowly(r, c.select, name, n, value, value_n);
    if (SIPV_RARE(*seen & bit))
        r->suspects |= SIPV_SUSPECT_VALUE;
    *seen |= bit;
    return true;
}

#endif
