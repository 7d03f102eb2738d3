#include <string.h>

#include "compose.h"

void sipv_sdp_compose_begin(struct sipv_sdp_composed *t, sipv_sdp_writer *w)
{
    t->w = w;
    t->n = 0;
}

void sipv_sdp_compose(struct sipv_sdp_composed *t, sipv_slice s)
{
    if (s.n > sizeof t->p - t->n) {
        t->w->result = SIPV_BAD_ARGUMENT;
        return;
    }
    memcpy(t->p + t->n, s.p, s.n);
    t->n += s.n;
}

void sipv_sdp_compose_text(struct sipv_sdp_composed *t, const char *s)
{
    sipv_sdp_compose(t, sipv_slice_text(s));
}

void sipv_sdp_compose_number(struct sipv_sdp_composed *t, uint64_t n)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    sipv_sdp_compose(t, sipv_slice_of(digits + at, sizeof digits - at));
}

sipv_slice sipv_sdp_composed(const struct sipv_sdp_composed *t)
{
    return sipv_slice_of(t->p, t->n);
}
