/* What the compiled code of a matcher is made of; only that code includes it.
 *
 * It reads values with SIPV_EXPRESS_REACH readable octets behind them, of which the first is a line
 * end or another byte that it has no arc for.  So no byte needs a look at where the value ends, but
 * CR and LF where a fold may begin.  What it does not know it leaves to the tables, see match.h. */
#ifndef SIPV_EXPRESS_H
#define SIPV_EXPRESS_H

#include "match.h"

#define SIPV_ALWAYS static inline __attribute__((always_inline))
#define SIPV_RARE(x) __builtin_expect(!!(x), 0)

/* ---- Runs of bytes of one class -----------------------------------------------------------------
 */

#if defined(__SSE4_2__) && defined(__BMI2__)
#include <immintrin.h>

/* PCMPISTRI compares sixteen bytes with all ranges at once; a NUL counts as outside of them. */
SIPV_ALWAYS size_t sipv_run_over(const unsigned char *s, size_t at, const struct sipv_run_set *set)
{
    const __m128i ranges = _mm_load_si128((const __m128i *)(const void *)set->ranges);
    for (;;) {
        const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s + at));
        const int n = _mm_cmpistri(ranges, v, _SIDD_CMP_RANGES | _SIDD_NEGATIVE_POLARITY);
        at += (unsigned)n;
        if (!SIPV_RARE(n == 16))
            return at;
    }
}

/* The first eight bytes at p, zeros in place of those behind the first `n`. */
SIPV_ALWAYS uint64_t sipv_first_bytes(const unsigned char *p, unsigned n)
{
    return _bzhi_u64(sipv_load_8(p), 8 * n);
}
#else
SIPV_ALWAYS size_t sipv_run_over(const unsigned char *s, size_t at, const struct sipv_run_set *set)
{
    for (;; at++) {
        const unsigned char c = s[at], *range = set->ranges, *const end = range + 16;
        while (range < end && (c < range[0] || c > range[1]))
            range += 2;
        if (range == end || c == 0)
            return at;
    }
}

SIPV_ALWAYS uint64_t sipv_first_bytes(const unsigned char *p, unsigned n)
{
    const uint64_t v = sipv_load_8(p);
    return n >= 8 ? v : v & (((uint64_t)1 << (8 * n)) - 1);
}
#endif

/* ---- Frame --------------------------------------------------------------------------------------
 */

/* Attributes of labels: not every one is used; those of rare forms stand aside. */
#define SIPV_LABEL __attribute__((unused))
#define SIPV_COLD __attribute__((unused, cold))

/* A few bytes at once, as constants of SIPV_WORD. */
SIPV_ALWAYS uint32_t sipv_word(const unsigned char *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return v;
}
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define SIPV_WORD(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#else
#define SIPV_WORD(a, b, c, d) ((uint32_t)(d) << 24 | (c) << 16 | (b) << 8 | (a))
#endif

#define SIPV_BEGIN                                                                                 \
    const unsigned char *name, *value;                                                             \
    size_t from = at, q;                                                                           \
    unsigned c, x, more, form, name_n, value_n;                                                    \
    (void)name, (void)value, (void)name_n, (void)value_n, (void)x, (void)more, (void)q, (void)c,   \
        (void)form

/* No parameter has been seen yet. */
#define SIPV_FORGET r->seen[0] = r->seen[1] = r->seen[2] = r->seen[3] = 0

#define SIPV_FINISH                                                                                \
    slow:                                                                                          \
    r->ev = ev;                                                                                    \
    r->at = from;                                                                                  \
    r->end = end;                                                                                  \
    r->node = node;                                                                                \
    return NULL

/* In place of compiled code where there is none. */
static __attribute__((unused)) sipv_event *sipv_express_none(struct sipv_run *r,
                                                             const unsigned char *s, size_t at,
                                                             size_t end, sipv_event *ev,
                                                             unsigned node)
{
    (void)s;
    SIPV_FORGET;
    r->ev = ev;
    r->at = at;
    r->end = end;
    r->node = node;
    return NULL;
}

/* ---- Captures -----------------------------------------------------------------------------------
 */

/* Kind and part in one number, which is put into the code. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define SIPV_HEAD(kind, part) ((uint32_t)(kind) << 16 | (part))
#else
#define SIPV_HEAD(kind, part) ((uint32_t)(part) << 16 | (kind))
#endif
SIPV_ALWAYS void sipv_write_event(sipv_event *ev, uint32_t head, size_t off, size_t len)
{
    memcpy(ev, &head, sizeof head);
    ev->off = (uint32_t)off;
    ev->len = (uint32_t)len;
}
#define SIPV_EVENT(i, k, how, o, n) sipv_write_event(&ev[i], SIPV_HEAD(k, how), (o), (n))
#define SIPV_WHOLE(i, k, from, to) SIPV_EVENT(i, k, SIPV_PART_WHOLE, from, (to) - (from))
#define SIPV_OPEN(i, k, from) SIPV_EVENT(i, k, SIPV_PART_OPEN, from, 0)
#define SIPV_CLOSE(i, k, to) SIPV_EVENT(i, k, SIPV_PART_CLOSE, to, 0)
#define SIPV_ELEMENT                                                                               \
    (SIPV_EVENT(0, SIPV_KIND_ELEMENT, SIPV_PART_WHOLE, at - 1, 1), ev++, SIPV_FORGET)
/* Of two numbers of `n` digits, is the first the larger one? */
static __attribute__((unused)) bool sipv_is_above(const unsigned char *p, const char *max, size_t n)
{
    while (n > 1 && *p == (unsigned char)*max)
        p++, max++, n--;
    return *p > (unsigned char)*max;
}
/* A number above its maximum of so many digits, or one that begins with 0 if that is of interest.
 */
#define SIPV_DIGITS(from, to, digits, max, zero)                                                   \
    if (SIPV_RARE((to) - (from) >= (digits) || ((zero) && s[from] == '0')))                        \
        if ((to) - (from) > (digits) || ((zero) && s[from] == '0') ||                              \
            sipv_is_above(s + (from), (max), (digits)))                                            \
    r->suspects |= SIPV_SUSPECT_VALUE
/* Something that the caller always looks at. */
#define SIPV_NOTICE r->suspects |= SIPV_SUSPECT_VALUE

/* ---- Parameters chosen by name ------------------------------------------------------------------
 */

/* What is known of a select when the code is made. */
struct sipv_choice {
    unsigned select;
    uint64_t seed;
    unsigned shift;
    const uint16_t *slots;
    const sipv_select_name *names;
    unsigned other_accepts;
    bool plain, in_uri;
    const struct sipv_run_set *simple, *digits;
};

/* The one line that a name with this hash may have; an empty slot leads to one that no name has. */
SIPV_ALWAYS const sipv_select_name *sipv_name_at(const struct sipv_choice *c, uint32_t hash)
{
    return (const void *)((const unsigned char *)c->names + c->slots[hash >> c->shift]);
}

/* Is the value a number of so few digits that it is in range? */
static inline bool sipv_is_number(const unsigned char *value, unsigned n,
                                  const sipv_select_name *known, const struct sipv_run_set *digits)
{
    return n && n <= known->digits && sipv_run_over(value, 0, digits) >= n;
}

/* IPv4address of RFC 3986, as far as its bytes go: four numbers up to 255 without leading zeros. */
static inline bool sipv_is_address(const unsigned char *p, unsigned n)
{
    const unsigned char *const end = p + n;
    for (unsigned dots = 0;; dots++) {
        unsigned number = *p++ - (unsigned)'0', digit;
        if (number > 9)
            return false;
        while ((digit = *p - (unsigned)'0') <= 9) {
            number = number * 10 + digit;
            if (number < 10 || number > 255)
                return false;
            p++;
        }
        if (dots == 3)
            return p == end;
        if (*p++ != '.')
            return false;
    }
}

/* All that the usual way below leaves open: names that are not known, values that their form alone
 * does not decide. */
static __attribute__((noinline, unused)) bool
sipv_choose_slowly(struct sipv_run *r, const struct sipv_choice *c, const sipv_select_name *known,
                   uint32_t hash, unsigned form, const unsigned char *value, unsigned n)
{
    size_t where;
    uint64_t *const seen = &r->seen[(c->in_uri ? 2 : 0) + !known];
    const uint64_t bit = known ? known->bit : (uint64_t)1 << (hash & 63);
    bool sure = (known ? known->sure : c->other_accepts) & form;
    if (!sure && known && value)
        sure = (known->digits && sipv_is_number(value, n, known, c->digits)) ||
               (known->address && sipv_is_address(value, n));
    if (!sure)
        return sipv_judge(r, c->select, known, hash, form, sipv_slice_of(value, n), &where);
    if (*seen & bit)
        r->suspects |= SIPV_SUSPECT_VALUE;
    *seen |= bit;
    return true;
}

/* The same for names of more than eight bytes, known or not. */
static __attribute__((noinline, unused)) bool
sipv_choose_long(struct sipv_run *r, const struct sipv_choice *c, const unsigned char *name,
                 unsigned n, unsigned form, const unsigned char *value, unsigned value_n)
{
    const uint64_t first = sipv_load_8(name) | SIPV_CASE_BITS;
    const uint64_t last = sipv_load_8(name + n - 8) | SIPV_CASE_BITS;
    const uint32_t hash = sipv_name_mix(first, last, c->seed);
    const sipv_select_name *known = sipv_name_at(c, hash);
    if (known->n != n || known->first != first || known->last != last ||
        (n > 16 && !sipv_is_name(name, n, known->folded)))
        known = NULL;
    if (known && known->sure & form) {
        uint64_t *const seen = &r->seen[c->in_uri ? 2 : 0];
        if (*seen & known->bit)
            r->suspects |= SIPV_SUSPECT_VALUE;
        *seen |= known->bit;
        return true;
    }
    return sipv_choose_slowly(r, c, known, hash, form, value, value_n);
}

/* The form of a value, where the code does not know it. */
SIPV_ALWAYS unsigned sipv_form_of(const struct sipv_choice *c, const unsigned char *value,
                                  unsigned n)
{
    if (c->plain)
        return *value == '"' ? SIPV_FORM_QUOTED : *value == '[' ? 0 : SIPV_FORM_TOKEN;
    return n && sipv_run_over(value, 0, c->simple) >= n ? SIPV_FORM_SIMPLE : 0;
}

/* The judgement of sipv_judge() for the usual parameters; `value` NULL if it has none. */
SIPV_ALWAYS bool sipv_choose_usual(struct sipv_run *r, const struct sipv_choice *c,
                                   const unsigned char *name, unsigned n, unsigned form,
                                   const unsigned char *value, unsigned value_n)
{
    const sipv_select_name *known = NULL;
    if (n <= 8) {
        const uint64_t first = sipv_first_bytes(name, n) | SIPV_CASE_BITS;
        const uint32_t hash = sipv_name_mix(first, 0, c->seed);
        const sipv_select_name *one = sipv_name_at(c, hash);
        if (one->first == first) { /* and so of the same length */
            uint64_t *const seen = &r->seen[c->in_uri ? 2 : 0];
            if (one->sure & form && !(*seen & one->bit)) {
                *seen |= one->bit;
                return true;
            }
            known = one;
        }
        if (!known && c->other_accepts & form) {
            uint64_t *const seen = &r->seen[c->in_uri ? 3 : 1];
            const uint64_t bit = (uint64_t)1 << (hash & 63);
            if (!(*seen & bit)) {
                *seen |= bit;
                return true;
            }
        }
        return sipv_choose_slowly(r, c, known, hash, form, value, value_n);
    }
    return sipv_choose_long(r, c, name, n, form, value, value_n);
}

#endif
