#include "numbers.h"

#include <string.h>

#include "oracle.h"
#include "typed.h"

/* ---- Decimal -----------------------------------------------------------------------------------
 */

enum { DIGITS = 20 }; /* of 2**64 - 1 */

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

/* The digits of a number, without zeros in front; 0 has none. */
static size_t digits_of(uint64_t number, unsigned char out[DIGITS])
{
    size_t at = DIGITS;
    for (; number; number /= 10)
        out[--at] = (unsigned char)('0' + number % 10);
    memmove(out, out + at, DIGITS - at);
    return DIGITS - at;
}

static sipv_slice without_zeros(sipv_slice s)
{
    for (; s.n && s.p[0] == '0'; s.n--)
        s.p++;
    return s;
}

/* As texts: the longer one is more, of two that are as long the later one. */
static int compare(sipv_slice digits, uint64_t number)
{
    unsigned char other[DIGITS];
    const size_t n = digits_of(number, other);
    const sipv_slice s = without_zeros(digits);
    if (s.n != n)
        return s.n < n ? -1 : 1;
    return n ? memcmp(s.p, other, n) : 0;
}

static bool is_number(sipv_slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_digit(s.p[i]))
            return false;
    return s.p && s.n > 0;
}

bool fuzz_says(sipv_slice digits, uint64_t number)
{
    return is_number(digits) && compare(digits, number) == 0;
}

bool fuzz_says_more(sipv_slice digits, uint64_t number)
{
    return is_number(digits) && compare(digits, number) > 0;
}

void fuzz_check_number(sipv_slice text)
{
    static const uint64_t all[] = {0, 9, 255, 65535, UINT32_MAX, INT64_MAX, UINT64_MAX};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        uint64_t value = 0;
        const int result = sipv_number(text, all[i], &value);
        const int right = !is_number(text)               ? SIPV_REJECT
                          : fuzz_says_more(text, all[i]) ? SIPV_LIMIT
                                                         : SIPV_OK;
        FUZZ_CHECK(refusal, result == right, "a text is another number, or none");
        FUZZ_CHECK(refusal, result != SIPV_OK || fuzz_says(text, value),
                   "a number has other digits");
        FUZZ_CHECK(refusal, result != SIPV_LIMIT || value == all[i], "a maximum is another one");
    }
}

/* ---- Of typed forms ----------------------------------------------------------------------------
 */

/* The capture of a kind that came last, or absent. */
static sipv_slice capture_of(const unsigned char *base, const sipv_event *ev, size_t n,
                             unsigned kind)
{
    for (; n > 0; n--)
        if (ev[n - 1].kind == kind && ev[n - 1].part == SIPV_PART_WHOLE)
            return sipv_slice_of(base + ev[n - 1].off, ev[n - 1].len);
    return sipv_slice_of(NULL, 0);
}

void fuzz_check_typed_numbers(const struct sipv_typed *form, const void *typed,
                              const unsigned char *base, const sipv_event *ev, size_t n)
{
    for (unsigned i = 0; i < form->n; i++) {
        const struct sipv_field *field = &form->fields[i];
        if (field->type != SIPV_FIELD_NUMBER)
            continue;
        const int64_t value = *(const int64_t *)((const unsigned char *)typed + field->offset);
        const sipv_slice digits = capture_of(base, ev, n, field->kind);
        FUZZ_CHECK(slices, (value == SIPV_NUMBER_ABSENT) == !digits.p,
                   "a number out of nothing, or none out of digits");
        FUZZ_CHECK(slices, value < 0 || fuzz_says(digits, (uint64_t)value),
                   "a number is not what its digits say");
        FUZZ_CHECK(slices, value != SIPV_NUMBER_RANGE || fuzz_says_more(digits, field->max),
                   "a number within its range is outside of it");
    }
}

/* ---- Of messages -------------------------------------------------------------------------------
 */

/* The digits that the first header of a name begins with. */
static sipv_slice leading_digits(const sipv_message *m, unsigned id)
{
    sipv_slice s = {NULL, 0};
    if (m->first[id] == SIPV_NO_HEADER)
        return s;
    s = m->headers[m->first[id]].value;
    size_t n = 0;
    while (n < s.n && is_digit(s.p[n]))
        n++;
    s.n = n;
    return s;
}

static void check_field(const sipv_message *m, unsigned id, int64_t value, uint64_t max)
{
    const sipv_slice digits = leading_digits(m, id);
    FUZZ_CHECK(slices, value < 0 || fuzz_says(digits, (uint64_t)value),
               "a field is not what its digits say");
    FUZZ_CHECK(slices, value < 0 || !fuzz_says_more(digits, max), "a field is above its maximum");
}

void fuzz_check_message_numbers(const sipv_message *m)
{
    check_field(m, SIPV_H_CSEQ, m->cseq, UINT32_MAX);
    check_field(m, SIPV_H_CONTENT_LENGTH, m->content_length, INT64_MAX);
    check_field(m, SIPV_H_MAX_FORWARDS, m->max_forwards, 255);
    FUZZ_CHECK(slices, m->status < 0 || fuzz_says(m->status_text, (uint64_t)m->status),
               "a status is not what its digits say");
}
