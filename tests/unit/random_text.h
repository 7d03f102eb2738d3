/* Texts of random lists of names, the same in each run. */
#ifndef TESTS_RANDOM_TEXT_H
#define TESTS_RANDOM_TEXT_H

#include <sipvet/grammar.h>

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROOM = 1 << 18, /* octets of a text */
    MOST = 300,     /* names of one list */
    LISTS = 400,    /* that a test makes */
    EVENTS = 8192
};

static char *text;
static size_t n; /* octets of it that are written */
static sipv_event events[EVENTS];
static uint64_t chance;

/* False if there is no memory. */
static inline bool open_text(void)
{
    text = malloc(ROOM);
    n = 0;
    chance = 1;
    return text != NULL;
}

static inline void close_text(void)
{
    free(text);
}

/* A number below `end`. */
static inline unsigned below(unsigned end)
{
    chance = chance * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(chance >> 33) % end;
}

static inline void add(const char *s)
{
    const size_t length = strlen(s);
    cr_assert(n + length < ROOM);
    memcpy(text + n, s, length);
    n += length;
}

/* Few names as often as many. */
static inline unsigned random_count(unsigned most)
{
    return below(3) == 0 ? below(most + 1) : below(40);
}

#endif
