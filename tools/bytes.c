/* bytes.c: see bytes.h. */
#include "bytes.h"

#include "output.h"

#include <stdlib.h>
#include <string.h>

void bytes_add(struct bytes *b, const void *p, size_t n)
{
    if (b->cap - b->n < n) {
        b->cap = (b->n + n) * 2 + 64;
        b->p = need_more(b->p, b->cap, 1);
    }
    if (n > 0)
        memcpy(b->p + b->n, p, n);
    b->n += n;
}

void bytes_set(struct bytes *b, sipv_slice s)
{
    b->n = 0;
    bytes_add(b, s.p, s.n);
}

sipv_slice bytes_slice(const struct bytes *b)
{
    return sipv_slice_of(b->p ? b->p : (const unsigned char *)"", b->n);
}

void bytes_free(struct bytes *b)
{
    free(b->p);
    memset(b, 0, sizeof *b);
}

void bytes_text(struct bytes *b, const char *text)
{
    bytes_add(b, text, strlen(text));
}
