/* varied_text.h: slices, a bounded buffer, and random text, for varied.c and varied_words.c. */
#ifndef BENCH_VARIED_TEXT_H
#define BENCH_VARIED_TEXT_H

#include "varied.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define VARIED_LOWER "abcdefghijklmnopqrstuvwxyz"
#define VARIED_ALNUM VARIED_LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

struct text {
    const char *data;
    size_t size;
};

struct buffer {
    char *data;
    size_t size, room;
    bool full;
};

static inline size_t between(struct varied_random *random, size_t low, size_t high)
{
    return low + varied_below(random, high - low + 1);
}

static inline bool percent(struct varied_random *random, size_t chance)
{
    return varied_below(random, 100) < chance;
}

static inline void put(struct buffer *out, const char *data, size_t size)
{
    if (size > out->room - out->size) {
        out->full = true;
        return;
    }
    memcpy(out->data + out->size, data, size);
    out->size += size;
}

static inline void put_string(struct buffer *out, const char *string)
{
    put(out, string, strlen(string));
}

static inline void put_word(struct buffer *out, struct varied_random *random, size_t low,
                            size_t high, const char *letters)
{
    size_t n = between(random, low, high), count = strlen(letters);

    while (n-- > 0)
        put(out, letters + varied_below(random, count), 1);
}

static inline void put_number(struct buffer *out, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    put(out, digits + at, sizeof digits - at);
}

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline char to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static inline char to_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c + 'A' - 'a') : c;
}

static inline bool is_alnum(char c)
{
    return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z');
}

static inline bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static inline bool is_blank(char c)
{
    return is_space(c) || c == '\r' || c == '\n';
}

static inline bool starts(const char *p, const char *end, const char *with)
{
    size_t n = strlen(with);
    return (size_t)(end - p) >= n && memcmp(p, with, n) == 0;
}

static inline bool same_name(struct text name, const char *with)
{
    if (name.size != strlen(with))
        return false;
    for (size_t i = 0; i < name.size; i++)
        if (to_lower(name.data[i]) != with[i])
            return false;
    return true;
}

/* How many octets at p are letters, digits or one of `more`. */
static inline size_t span(const char *p, const char *end, const char *more)
{
    const char *q = p;
    while (q < end && (is_alnum(*q) || (*q != '\0' && strchr(more, *q) != NULL)))
        q++;
    return (size_t)(q - p);
}

static inline size_t digits(const char *p, const char *end)
{
    const char *q = p;
    while (q < end && is_digit(*q))
        q++;
    return (size_t)(q - p);
}

#endif
