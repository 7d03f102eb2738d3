/* What the compiled code of a matcher is made of; only that code includes it.
 *
 * It reads values with SIPV_EXPRESS_REACH readable octets behind them, of which the first is a line
 * end or another byte that it has no arc for.  So no byte needs a look at where the value ends, but
 * CR and LF where a fold may begin.  What it does not know it leaves to the tables, see match.h. */
#ifndef SIPV_EXPRESS_H
#define SIPV_EXPRESS_H

#include "match.h"

#define SIPV_ALWAYS static inline __attribute__((always_inline))

/* What the examples of usual forms say about a condition: it holds in none of them, in all of those
 * that come there, or in such a share.  By this the compiler lays out the code: what usual values
 * run through lies together.  Of one condition each: of what && or || join they forget it. */
#define SIPV_ODD(x) SIPV_ODDS(x, 0.0)
#define SIPV_USUAL(x) SIPV_ODDS(x, 1.0)
#define SIPV_ODDS(x, share) __builtin_expect_with_probability(!!(x), 1, share)
#define SIPV_RARE(x) SIPV_ODD(x) /* of what no example is asked */

/* ---- Runs of bytes of one class -----------------------------------------------------------------
 */

SIPV_ALWAYS bool sipv_is_alphanum(unsigned char c)
{
    return (c | 0x20) - (unsigned)'a' < 26 || c - (unsigned)'0' < 10;
}

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

#define SIPV_16(c) c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c
#define SIPV_32(c) SIPV_16(c), SIPV_16(c)

#if defined(__AVX2__)
/* The same for runs that often have more than sixteen bytes.  Then how often one goes round above
 * is a surprise, which costs more than to look at 32 bytes at once by their halves.  One function
 * for all: a copy in each place took more of the instruction cache than the call costs. */
static __attribute__((noinline, unused)) size_t sipv_run_wide(const unsigned char *s, size_t at,
                                                              const struct sipv_run_set *set)
{
#define BITS 1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0
    _Alignas(32) static const unsigned char constants[2][32] = {{SIPV_32(0x0f)}, {BITS, BITS}};
#undef BITS
    const __m256i *k = (const void *)constants;
    __asm__("" : "+r"(k)); /* else the compiler makes them anew, which takes longer than a load */
    const __m256i halves =
        _mm256_broadcastsi128_si256(_mm_load_si128((const __m128i *)(const void *)set->halves));
    for (;; at += 32) {
        const __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(s + at));
        const __m256i upper = _mm256_and_si256(_mm256_srli_epi16(v, 4), k[0]);
        const __m256i of_class =
            _mm256_and_si256(_mm256_shuffle_epi8(halves, v), _mm256_shuffle_epi8(k[1], upper));
        const unsigned others =
            (unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(of_class, _mm256_setzero_si256()));
        if (!SIPV_RARE(others == 0))
            return at + _tzcnt_u32(others);
    }
}
#else
#define sipv_run_wide sipv_run_over
#endif

/* The first eight bytes at p, zeros in place of those behind the first `n`. */
SIPV_ALWAYS uint64_t sipv_first_bytes(const unsigned char *p, unsigned n)
{
    return _bzhi_u64(sipv_load_8(p), 8 * n);
}

/* Behind the IPv4address (RFC 3986) that begins at `at`, 0 if there is none or what follows is a
 * digit or a dot.  One look at sixteen bytes: a number has one to three digits, no zero in front
 * of others, and of three digits at most 255. */
static __attribute__((noinline, unused)) size_t sipv_over_address(const unsigned char *s, size_t at)
{
    _Alignas(16) static const unsigned char constants[6][16] = {{SIPV_16(0xd0)}, {SIPV_16(9)},
                                                                {SIPV_16('.')},  {SIPV_16('0')},
                                                                {SIPV_16('2')},  {SIPV_16('5')}};
    const __m128i *k = (const void *)constants;
    __asm__("" : "+r"(k)); /* as above */
    const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s + at));
    const __m128i number = _mm_add_epi8(v, k[0]);
#define MASK(x) ((unsigned)_mm_movemask_epi8(x))
    const unsigned all_digits = MASK(_mm_cmpeq_epi8(_mm_min_epu8(number, k[1]), number));
    const unsigned all_dots = MASK(_mm_cmpeq_epi8(v, k[2]));
    const unsigned n = _tzcnt_u32(~(all_digits | all_dots));
    const unsigned digits = _bzhi_u32(all_digits, n), dots = _bzhi_u32(all_dots, n);
    const unsigned first = dots << 1 | 1, two = first & digits >> 1, three = two & digits >> 2;
    const unsigned zero = MASK(_mm_cmpeq_epi8(v, k[3]));
    const unsigned is_2 = MASK(_mm_cmpeq_epi8(v, k[4])), is_5 = MASK(_mm_cmpeq_epi8(v, k[5]));
    const unsigned above_2 = MASK(_mm_cmpgt_epi8(v, k[4])), above_5 = MASK(_mm_cmpgt_epi8(v, k[5]));
#undef MASK
    const unsigned large = above_2 | (is_2 & (above_5 | (is_5 & above_5 >> 1)) >> 1);
    const unsigned wrong =
        (first & ~digits) | (three & digits >> 3) | (two & zero) | (three & large);
    return SIPV_ODD(wrong || _mm_popcnt_u32(dots) != 3) ? 0 : at + n;
}

#if defined(__AVX2__)
/* Behind the hostname (RFC 3261) that begins with a letter at `at`, 0 if there is none of less than
 * 32 bytes, or one that ends with a dot.  No letter, digit, dot or "-" follows.  Labels are what
 * dots part: each begins and ends with a letter or digit, and the last one begins with a letter. */
static __attribute__((noinline, unused)) size_t sipv_over_name(const unsigned char *s, size_t at)
{
    _Alignas(32) static const unsigned char constants[7][32] = {
        {SIPV_32(' ')}, {SIPV_32('a')}, {SIPV_32(25)}, {SIPV_32('0')},
        {SIPV_32(9)},   {SIPV_32('.')}, {SIPV_32('-')}};
    const __m256i *k = (const void *)constants;
    __asm__("" : "+r"(k)); /* as above */
    const __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(s + at));
    const __m256i letter = _mm256_sub_epi8(_mm256_or_si256(v, k[0]), k[1]);
    const __m256i digit = _mm256_sub_epi8(v, k[3]);
#define MASK(x) ((unsigned)_mm256_movemask_epi8(x))
    const unsigned letters = MASK(_mm256_cmpeq_epi8(_mm256_min_epu8(letter, k[2]), letter));
    const unsigned both = letters | MASK(_mm256_cmpeq_epi8(_mm256_min_epu8(digit, k[4]), digit));
    const unsigned all_dots = MASK(_mm256_cmpeq_epi8(v, k[5]));
    const unsigned others = ~(both | all_dots | MASK(_mm256_cmpeq_epi8(v, k[6])));
#undef MASK
    const unsigned n = _tzcnt_u32(others), dots = _bzhi_u32(all_dots, n);
    const unsigned first = dots << 1 | 1, last = (dots | (others & -others)) >> 1;
    const unsigned wrong = (first | last) & ~both;
    return SIPV_ODD(wrong || !others || (first & letters) <= (first & ~letters)) ? 0 : at + n;
}
#else
#define SIPV_PORTABLE_NAME
#endif
#else
#define SIPV_PORTABLE_NAME
#define sipv_run_wide sipv_run_over
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
/* Behind the IPv4address (RFC 3986) that begins at `at`, 0 if there is none or what follows is a
 * digit or a dot. */
static __attribute__((unused)) size_t sipv_over_address(const unsigned char *s, size_t at)
{
    for (unsigned dots = 0;; dots++) {
        unsigned number = s[at++] - (unsigned)'0', digit;
        if (number > 9)
            return 0;
        for (; (digit = s[at] - (unsigned)'0') <= 9; at++) {
            number = number * 10 + digit;
            if (number < 10 || number > 255)
                return 0;
        }
        if (dots == 3)
            return s[at] == '.' ? 0 : at;
        if (s[at++] != '.')
            return 0;
    }
}
#endif

#ifdef SIPV_PORTABLE_NAME
/* Behind the hostname (RFC 3261) that begins with a letter at `at`, 0 if there is none or one that
 * ends with a dot.  No letter, digit, dot or "-" follows. */
static __attribute__((unused)) size_t sipv_over_name(const unsigned char *s, size_t at)
{
    for (;;) {
        const size_t label = at;
        while (sipv_is_alphanum(s[at]) || (s[at] == '-' && at > label))
            at++;
        if (at == label || s[at - 1] == '-')
            return 0;
        if (s[at] != '.')
            return s[label] > '9' ? at : 0;
        at++;
    }
}
#endif

/* Where a run ends is known late, twenty cycles behind where it began.  If it has a length that is
 * expected, which a processor may foresee as it does any branch, what follows need not wait for
 * that. */
#define SIPV_EXPECT(to, from, n)                                                                   \
    if ((to) == (from) + (n))                                                                      \
    (to) = sipv_position((from), (n))
SIPV_ALWAYS size_t sipv_position(size_t from, size_t n)
{
    __asm__ volatile("" : "+r"(from)); /* else the compiler sees that nothing changes */
    return from + n;
}

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
#define SIPV_WORD_OF(x) __builtin_bswap32(x)
#else
#define SIPV_WORD(a, b, c, d) ((uint32_t)(d) << 24 | (c) << 16 | (b) << 8 | (a))
#define SIPV_WORD_OF(x) ((uint32_t)(x)) /* the first byte lowest */
#endif

#define SIPV_BEGIN                                                                                 \
    const sipv_select_name *known = NULL;                                                          \
    size_t from = at, more, q;                                                                     \
    unsigned c, x, form;                                                                           \
    (void)known, (void)x, (void)more, (void)q, (void)c, (void)form

/* No parameter has been seen yet. */
#define SIPV_FORGET sipv_forget(r->seen)
SIPV_ALWAYS void sipv_forget(uint64_t seen[4])
{
#if defined(__SSE4_2__) && defined(__BMI2__)
    _mm_storeu_si128((__m128i *)(void *)seen, _mm_setzero_si128());
    _mm_storeu_si128((__m128i *)(void *)(seen + 2), _mm_setzero_si128());
#else
    seen[0] = seen[1] = seen[2] = seen[3] = 0;
#endif
}

/* Leaves the rest to the tables.  It is cold, and so is in the compiler's eyes all that leads to
 * nothing else: that goes to another section, and what usual values run through lies close. */
static __attribute__((noinline, cold, unused)) sipv_event *
sipv_leave_to_tables(struct sipv_run *r, size_t at, size_t end, sipv_event *ev, unsigned node)
{
    r->ev = ev;
    r->at = at;
    r->end = end;
    r->node = node;
    return NULL;
}
#define SIPV_FINISH                                                                                \
    slow:                                                                                          \
    return sipv_leave_to_tables(r, from, end, ev, node)

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
    if (SIPV_RARE((to) - (from) + (s[from] >= (max)[0]) > (digits)) ||                             \
        SIPV_RARE((zero) && s[from] == '0'))                                                       \
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

/* Is the value 0 with up to three places?  A qvalue mostly is. */
static inline bool sipv_is_fraction(const unsigned char *value, size_t n,
                                    const struct sipv_run_set *digits)
{
    return value[0] == '0' &&
           (n == 1 || (n - 2 <= 3 && value[1] == '.' && sipv_run_over(value, 2, digits) >= n));
}

/* The parameter that just ended: its name in the first event, its value, if it has one, in the
 * second. */
SIPV_ALWAYS sipv_slice sipv_value_of(const struct sipv_run *r, const sipv_event *ev, unsigned form)
{
    return form == SIPV_FORM_ABSENT ? (sipv_slice){NULL, 0}
                                    : (sipv_slice){r->base + ev[1].off, ev[1].len};
}

/* Takes notice of a name; the caller looks at a list where one may stand twice. */
SIPV_ALWAYS bool sipv_see(struct sipv_run *r, uint64_t *seen, uint64_t bit)
{
    if (SIPV_RARE(*seen & bit))
        r->suspects |= SIPV_SUSPECT_VALUE;
    *seen |= bit;
    return true;
}

/* Takes notice of a known name. */
SIPV_ALWAYS bool sipv_see_known(struct sipv_run *r, const struct sipv_choice *c,
                                const sipv_select_name *known)
{
    return sipv_see(r, &r->seen[c->in_uri ? 2 : 0], known->bit);
}

/* A parameter that nothing is known about in advance. */
static __attribute__((noinline, unused)) bool
sipv_choose_any(struct sipv_run *r, const struct sipv_choice *c, const sipv_event *ev,
                unsigned form, const sipv_select_name *known, uint32_t hash)
{
    size_t where;
    if (!((known ? known->sure : c->other_accepts) & form))
        return sipv_judge(r, c->select, known, hash, form, sipv_value_of(r, ev, form), &where);
    return sipv_see(r, &r->seen[(c->in_uri ? 2 : 0) + !known],
                    known ? known->bit : sipv_name_bit(hash));
}

/* The value of a known name, which an address may be. */
static __attribute__((noinline, unused)) bool
sipv_choose_address(struct sipv_run *r, const struct sipv_choice *c, const sipv_event *ev,
                    unsigned form, const sipv_select_name *known)
{
    if (sipv_over_address(r->base + ev[1].off, 0) == ev[1].len)
        return sipv_see_known(r, c, known);
    return sipv_choose_any(r, c, ev, form, known, 0);
}

/* All that the usual way below leaves open: names that are not known, values that their form alone
 * does not decide.  Numbers, addresses and quality values are decided here.  It calls nothing that
 * it waits for, so it saves no registers. */
static __attribute__((noinline, unused)) bool
sipv_choose_slowly(struct sipv_run *r, const struct sipv_choice *c, const sipv_event *ev,
                   unsigned form, const sipv_select_name *known, uint32_t hash)
{
    if (!known || form == SIPV_FORM_ABSENT)
        return sipv_choose_any(r, c, ev, form, known, hash);
    const unsigned char *const value = r->base + ev[1].off;
    const unsigned n = ev[1].len;
    if ((known->digits && sipv_is_number(value, n, known, c->digits)) ||
        (known->fraction && sipv_is_fraction(value, n, c->digits)))
        return sipv_see_known(r, c, known);
    if (known->address)
        return sipv_choose_address(r, c, ev, form, known);
    return sipv_choose_any(r, c, ev, form, known, 0);
}

/* The same for names of more than eight bytes, known or not. */
static __attribute__((noinline, unused)) bool sipv_choose_long(struct sipv_run *r,
                                                               const struct sipv_choice *c,
                                                               const sipv_event *ev, unsigned form)
{
    const unsigned char *const name = r->base + ev->off;
    const size_t n = ev->len;
    const uint64_t first = sipv_load_8(name) | SIPV_CASE_BITS;
    const uint64_t last = sipv_load_8(name + n - 8) | SIPV_CASE_BITS;
    const uint32_t hash = sipv_name_mix(first, last, c->seed);
    const sipv_select_name *known = sipv_name_at(c, hash);
    if (known->n != n || known->first != first || known->last != last ||
        (n > 16 && !sipv_is_name(name, n, known->folded)))
        known = NULL;
    if (known && known->sure & form)
        return sipv_see_known(r, c, known);
    return sipv_choose_slowly(r, c, ev, form, known, hash);
}

/* The form of a value, where the code does not know it. */
SIPV_ALWAYS unsigned sipv_form_of(const struct sipv_choice *c, const unsigned char *value, size_t n)
{
    if (c->plain)
        return *value == '"' ? SIPV_FORM_QUOTED : *value == '[' ? 0 : SIPV_FORM_TOKEN;
    return n && sipv_run_over(value, 0, c->simple) >= n ? SIPV_FORM_SIMPLE : 0;
}

/* Is every value of this form right for a known name, which comes for the first time? */
SIPV_ALWAYS bool sipv_knows(struct sipv_run *r, const sipv_select_name *known, unsigned form,
                            unsigned where)
{
    uint64_t *const seen = &r->seen[where];
    if (SIPV_RARE(!(known->sure & form)) || SIPV_RARE(*seen & known->bit))
        return false;
    *seen |= known->bit;
    return true;
}

/* The judgement of sipv_judge() for the usual parameters, of the value's form: SIPV_FORM_ABSENT if
 * there is none.  `known` is the name's line if the code has met a name that it knows, else NULL.
 */
SIPV_ALWAYS bool sipv_choose_usual(struct sipv_run *r, const struct sipv_choice *c,
                                   const unsigned char *s, const sipv_event *ev, unsigned form,
                                   const sipv_select_name *known)
{
    uint32_t hash = 0;
    if (!known) {
        if (ev->len > 8)
            return sipv_choose_long(r, c, ev, form);
        const uint64_t first = sipv_first_bytes(s + ev->off, ev->len) | SIPV_CASE_BITS;
        hash = sipv_name_mix(first, 0, c->seed);
        known = sipv_name_at(c, hash);
        if (known->first != first) { /* else it is of the same length, too */
            uint64_t *const others = &r->seen[c->in_uri ? 3 : 1];
            const uint64_t bit = sipv_name_bit(hash);
            if (SIPV_RARE(!(c->other_accepts & form)) || SIPV_RARE(*others & bit))
                return sipv_choose_slowly(r, c, ev, form, NULL, hash);
            *others |= bit;
            return true;
        }
    }
    return sipv_knows(r, known, form, c->in_uri ? 2 : 0) ||
           sipv_choose_slowly(r, c, ev, form, known, hash);
}

#endif
