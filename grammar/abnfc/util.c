/* Small things every part of abnfc uses. */
#include "abnfc.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void *grow(void *at, int *cap, int need, size_t size)
{
    if (need <= *cap)
        return at;
    int wider = *cap ? *cap * 2 : 4;
    while (wider < need)
        wider *= 2;
    at = realloc(at, (size_t)wider * size);
    if (!at)
        fail("out of memory");
    memset((char *)at + (size_t)*cap * size, 0, (size_t)(wider - *cap) * size);
    *cap = wider;
    return at;
}

void *zalloc(size_t size)
{
    void *p = calloc(1, size ? size : 1);
    if (!p)
        fail("out of memory");
    return p;
}

char *format(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char none[1];
    int n = vsnprintf(none, sizeof none, fmt, ap);
    va_end(ap);
    char *text = zalloc((size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf(text, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return text;
}

void fail(const char *fmt, ...)
{
    va_list ap;
    fputs("abnfc: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    exit(1);
}

void fail_at(const char *file, int line, int column, const char *fmt, ...)
{
    va_list ap;
    fprintf(stderr, "%s:%d:%d: ", file, line, column);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    exit(1);
}

void fail_in(const struct rule *r, const char *fmt, ...)
{
    va_list ap;
    fprintf(stderr, "%s:%d:1: %s: ", r->file, r->line, r->name);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    exit(1);
}

bool same_name(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
    return *a == *b;
}

static void refuse_nul(const char *path, const char *text, size_t n)
{
    int line = 1, column = 1;
    for (size_t i = 0; i < n; i++) {
        if (!text[i])
            fail_at(path, line, column, "a NUL");
        column++;
        if (text[i] == '\n') {
            line++;
            column = 1;
        }
    }
}

char *read_file(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        fail("cannot read %s", path);
    size_t cap = 1 << 16, used = 0, got;
    char *text = zalloc(cap + 1);
    while ((got = fread(text + used, 1, cap - used, f)) > 0) {
        used += got;
        if (used == cap) {
            text = realloc(text, cap * 2 + 1);
            if (!text)
                fail("out of memory");
            cap *= 2;
        }
    }
    if (ferror(f))
        fail("cannot read %s", path);
    fclose(f);
    text[used] = 0;
    *n = used;
    refuse_nul(path, text, used);
    return text;
}

static int *slot_of(const struct numbering *s, const uint64_t *w, size_t n)
{
    uint64_t h = 1469598103934665603u;
    for (size_t i = 0; i < n; i++) {
        h = (h ^ w[i]) * 1099511628211u;
        h ^= h >> 29;
    }
    for (;; h++) {
        int *slot = &s->table[h & (uint64_t)(s->table_size - 1)];
        if (!*slot)
            return slot;
        const struct word_run *old = &s->all.at[*slot - 1];
        if (old->n == n && memcmp(old->at, w, n * sizeof *w) == 0)
            return slot;
    }
}

int number_words(struct numbering *s, const uint64_t *w, size_t n)
{
    if (s->all.n * 2 >= s->table_size) {
        s->table_size = s->table_size ? s->table_size * 2 : 256;
        free(s->table);
        s->table = zalloc(sizeof *s->table * (size_t)s->table_size);
        for (int i = 0; i < s->all.n; i++)
            *slot_of(s, s->all.at[i].at, s->all.at[i].n) = i + 1;
    }
    int *slot = slot_of(s, w, n);
    if (!*slot) {
        struct word_run *fresh = PUSH(&s->all);
        fresh->n = n;
        fresh->at = zalloc(n * sizeof *w);
        memcpy(fresh->at, w, n * sizeof *w);
        *slot = s->all.n;
    }
    return *slot - 1;
}

void forget_numbers(struct numbering *s)
{
    for (int i = 0; i < s->all.n; i++)
        free(s->all.at[i].at);
    free(s->all.at);
    free(s->table);
    *s = (struct numbering){{0}, NULL, 0};
}

char *identifier(const char *text, bool upper)
{
    char *id = format("%s", text);
    for (char *p = id; *p; p++) {
        if (!isalnum((unsigned char)*p))
            *p = '_';
        else if (upper)
            *p = (char)toupper((unsigned char)*p);
        else
            *p = (char)tolower((unsigned char)*p);
    }
    return id;
}

FILE *create_output(const char *dir, const char *file, const char *what)
{
    FILE *f = fopen(format("%s/%s", dir, file), "wb");
    if (!f)
        fail("cannot write %s/%s", dir, file);
    fprintf(f, "/* %s  Made by abnfc from ABNF and view files, do not edit. */\n", what);
    return f;
}

void finish_output(FILE *f)
{
    if (ferror(f) || fclose(f) != 0)
        fail("a file could not be written");
}
