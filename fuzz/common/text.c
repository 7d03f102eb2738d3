#include "text.h"

#include <string.h>

void fuzz_put(struct fuzz_out *o, sipv_slice s)
{
    if (s.n > o->cap - o->n) {
        o->full = true;
        return;
    }
    if (s.n)
        memcpy(o->p + o->n, s.p, s.n);
    o->n += s.n;
}

void fuzz_puts(struct fuzz_out *o, const char *text)
{
    fuzz_put(o, sipv_slice_text(text));
}

void fuzz_put_number(struct fuzz_out *o, uint64_t value)
{
    unsigned char digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (unsigned char)('0' + value % 10);
    while (value /= 10);
    fuzz_put(o, sipv_slice_of(digits + at, sizeof digits - at));
}

sipv_slice fuzz_take(sipv_slice *rest, unsigned char mark)
{
    const unsigned char *at = rest->n ? memchr(rest->p, mark, rest->n) : NULL;
    const size_t n = at ? (size_t)(at - rest->p) : rest->n;
    const sipv_slice taken = sipv_slice_of(rest->p, n);
    rest->p += n + (at != NULL);
    rest->n -= n + (at != NULL);
    return taken;
}
