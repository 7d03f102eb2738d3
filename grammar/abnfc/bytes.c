/* Sets of bytes. */
#include "abnfc.h"

#include <string.h>

byteset set_range(int lo, int hi)
{
    byteset s = {{0}};
    for (int c = lo; c <= hi; c++)
        set_add(&s, c);
    return s;
}

byteset set_or(byteset a, byteset b)
{
    for (int i = 0; i < 4; i++)
        a.w[i] |= b.w[i];
    return a;
}

bool set_equal(const byteset *a, const byteset *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

bool set_empty(const byteset *s)
{
    return !(s->w[0] | s->w[1] | s->w[2] | s->w[3]);
}

int set_count(const byteset *s)
{
    int n = 0;
    for (int i = 0; i < 4; i++)
        n += __builtin_popcountll(s->w[i]);
    return n;
}

int set_lowest(const byteset *s)
{
    for (int i = 0; i < 4; i++)
        if (s->w[i])
            return i * 64 + __builtin_ctzll(s->w[i]);
    return -1;
}

const char *show_bytes(const unsigned char *p, int n)
{
    char *text = zalloc((size_t)n * 4 + 1), *q = text;
    for (int i = 0; i < n; i++)
        if (p[i] >= 0x20 && p[i] < 0x7f && p[i] != '\\')
            *q++ = (char)p[i];
        else
            q += sprintf(q, "\\x%02X", p[i]);
    return text;
}
