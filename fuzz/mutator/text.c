/* text.c: random choices and changes of octets; see edit.h. */
#include "edit.h"

#include <string.h>

uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

size_t draw_below(uint64_t *state, size_t n)
{
    return (size_t)(draw(state) % n);
}

bool draw_once_in(uint64_t *state, size_t n)
{
    return draw_below(state, n) == 0;
}

bool text_replace(struct text *t, struct span at, const void *with, size_t n)
{
    size_t end = at.off + at.n;

    if (n > at.n && n - at.n > t->max - t->n)
        return false;
    memmove(t->p + at.off + n, t->p + end, t->n - end);
    if (n > 0)
        memcpy(t->p + at.off, with, n);
    t->n = t->n - at.n + n;
    return true;
}

bool text_insert(struct text *t, size_t off, const void *with, size_t n)
{
    return text_replace(t, (struct span){off, 0}, with, n);
}

bool text_remove(struct text *t, struct span at)
{
    return at.n > 0 && text_replace(t, at, NULL, 0);
}

bool text_replace_string(struct text *t, struct span at, const char *with)
{
    return text_replace(t, at, with, strlen(with));
}

bool text_copy(struct text *t, struct span from, size_t off)
{
    unsigned char copy[COPY_MAX];

    if (from.n == 0 || from.n > COPY_MAX)
        return false;
    memcpy(copy, t->p + from.off, from.n);
    return text_insert(t, off, copy, from.n);
}

bool text_swap(struct text *t, struct span a, struct span b)
{
    unsigned char copy[COPY_MAX];
    size_t between = b.off - a.off - a.n;

    if (b.off < a.off + a.n || b.n > COPY_MAX || a.n > COPY_MAX - b.n)
        return false;
    memcpy(copy, t->p + a.off, a.n);
    memcpy(copy + a.n, t->p + b.off, b.n);
    memmove(t->p + a.off + b.n, t->p + a.off + a.n, between);
    memcpy(t->p + a.off, copy + a.n, b.n);
    memcpy(t->p + a.off + b.n + between, copy, a.n);
    return true;
}

bool is_letter(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

bool is_of(unsigned char c, const char *set)
{
    return c != 0 && strchr(set, c) != NULL;
}

bool is_token(unsigned char c)
{
    return is_letter(c) || is_digit(c) || is_of(c, "-.!%*_+`'~");
}

bool is_blank(unsigned char c)
{
    return c == ' ' || c == '\t';
}

static unsigned char lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c;
}

bool is_same(const unsigned char *p, size_t n, const char *string)
{
    for (size_t i = 0; i < n; i++)
        if (!string[i] || lower(p[i]) != lower((unsigned char)string[i]))
            return false;
    return !string[n];
}
