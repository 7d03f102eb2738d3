/* output.c: see output.h. */
#include "output.h"

#include "command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static FILE *target; /* NULL: stdout */

FILE *out_to(FILE *file)
{
    FILE *const before = target;

    target = file;
    return before;
}

static FILE *out(void)
{
    return target ? target : stdout;
}

/* Nothing more can be written: the end of the program, if nobody else looks. */
static void failed(void)
{
    if (target)
        return;
    if (errno == EPIPE)
        _exit(EXIT_FINE);
    fprintf(stderr, "sipvet: cannot write to standard output: %s\n", strerror(errno));
    _exit(EXIT_INTERNAL);
}

void out_bytes(const void *p, size_t n)
{
    if (n > 0 && fwrite(p, 1, n, out()) != n)
        failed();
}

void out_slice(sipv_slice s)
{
    out_bytes(s.p, s.n);
}

void out_text(const char *text)
{
    out_bytes(text, strlen(text));
}

void out_char(char c)
{
    out_bytes(&c, 1);
}

void out_repeat(char c, size_t n)
{
    while (n-- > 0)
        out_char(c);
}

void out_format(const char *format, ...)
{
    va_list list;
    int n;

    va_start(list, format);
    n = vfprintf(out(), format, list);
    va_end(list);
    if (n < 0)
        failed();
}

void out_flush(void)
{
    if (fflush(out()) != 0)
        failed();
}

/* ---- UTF-8 ----------------------------------------------------------------------------------- */

/* Bytes of the character that `first` begins and the range of its second byte (RFC 3629 section 4);
 * 0 if it begins none. */
static size_t utf8_shape(unsigned char first, unsigned char *low, unsigned char *high)
{
    *low = 0x80;
    *high = 0xbf;
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return 2;
    if (first >= 0xe0 && first <= 0xef) {
        if (first == 0xe0)
            *low = 0xa0;
        if (first == 0xed)
            *high = 0x9f;
        return 3;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        if (first == 0xf0)
            *low = 0x90;
        if (first == 0xf4)
            *high = 0x8f;
        return 4;
    }
    return 0;
}

size_t utf8_length(const unsigned char *p, size_t n, size_t *bad)
{
    unsigned char low, high;
    size_t want = utf8_shape(p[0], &low, &high);

    *bad = 1;
    if (want == 0)
        return 0;
    for (size_t i = 1; i < want; i++) {
        if (i == n || p[i] < low || p[i] > high) {
            *bad = i;
            return 0;
        }
        low = 0x80;
        high = 0xbf;
    }
    return want;
}

uint32_t utf8_code(const unsigned char *p, size_t n)
{
    static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code = p[0] & first_bits[n];

    for (size_t i = 1; i < n; i++)
        code = code << 6 | (p[i] & 0x3fu);
    return code;
}

bool utf8_valid(sipv_slice s)
{
    size_t bad;

    for (size_t i = 0, n; i < s.n; i += n)
        if ((n = utf8_length(s.p + i, s.n - i, &bad)) == 0)
            return false;
    return true;
}

struct range {
    uint32_t first, last;
};

/* Characters that have no place of their own on the line, or move others: controls, combining marks
 * and joiners of the usual scripts, direction marks, tags.  (Whole scripts whose letters join, such
 * as Arabic, are here too: a caret cannot be placed under them.) */
static const struct range no_column[] = {
    {0x0000, 0x001f},   {0x007f, 0x009f},   {0x00ad, 0x00ad},   {0x0300, 0x036f},
    {0x0483, 0x0489},   {0x0590, 0x109f},   {0x135d, 0x135f},   {0x1700, 0x18af},
    {0x1a00, 0x1cff},   {0x1dc0, 0x1dff},   {0x200b, 0x200f},   {0x2028, 0x202e},
    {0x2060, 0x206f},   {0x20d0, 0x20ff},   {0x302a, 0x302f},   {0x3099, 0x309a},
    {0xa66f, 0xa67f},   {0xa800, 0xabff},   {0xd7b0, 0xf8ff},   {0xfb1d, 0xfdff},
    {0xfe00, 0xfe2f},   {0xfe70, 0xfeff},   {0xfff0, 0xfffb},   {0xfffe, 0xffff},
    {0x10a00, 0x16fdf}, {0x1bca0, 0x1d3ff}, {0x1da00, 0x1efff}, {0xe0000, 0x10ffff},
};

/* East Asian wide characters and pictures. */
static const struct range two_columns[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2e80, 0xa4cf},   {0xa960, 0xa97c},
    {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff01, 0xff60},
    {0xffe0, 0xffe6},   {0x16fe0, 0x18fff}, {0x1b000, 0x1b2ff}, {0x1f300, 0x1faff},
    {0x20000, 0x3fffd},
};

static bool in_ranges(const struct range *ranges, size_t count, uint32_t code)
{
    for (size_t i = 0; i < count; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

unsigned utf8_columns(uint32_t code)
{
    if (in_ranges(no_column, sizeof no_column / sizeof *no_column, code))
        return 0;
    return in_ranges(two_columns, sizeof two_columns / sizeof *two_columns, code) ? 2 : 1;
}

/* ---- Text ------------------------------------------------------------------------------------ */

static void put_escape(FILE *to, unsigned char c)
{
    switch (c) {
    case '\r': fputs("\\r", to); break;
    case '\n': fputs("\\n", to); break;
    case '\t': fputs("\\t", to); break;
    case '\0': fputs("\\0", to); break;
    case '\\': fputs("\\\\", to); break;
    default: fprintf(to, "\\x%02X", c); break;
    }
}

static void put_visible(FILE *to, sipv_slice s)
{
    for (size_t i = 0; i < s.n;) {
        size_t bad, n = utf8_length(s.p + i, s.n - i, &bad);
        bool shown = n > 0 && utf8_columns(utf8_code(s.p + i, n)) > 0;

        for (size_t end = i + (n > 0 ? n : bad); i < end; i++) {
            if (shown)
                putc(s.p[i], to);
            else
                put_escape(to, s.p[i]);
        }
    }
}

void out_visible(sipv_slice s)
{
    put_visible(out(), s);
    if (ferror(out()))
        failed();
}

void err_visible(sipv_slice s)
{
    put_visible(stderr, s);
}

void out_escaped(sipv_slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < ' ' || s.p[i] > '~' || s.p[i] == '\\')
            put_escape(out(), s.p[i]);
        else
            putc(s.p[i], out());
    }
    if (ferror(out()))
        failed();
}

bool text_is_printable(sipv_slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < ' ' || s.p[i] == 0x7f)
            return false;
    return true;
}

/* ---- Colours --------------------------------------------------------------------------------- */

struct palette palette_of(const char *when)
{
    const char *no_color = getenv("NO_COLOR");
    struct palette palette = {false};

    if (strcmp(when, "always") == 0)
        palette.on = true;
    else if (strcmp(when, "auto") == 0)
        palette.on = isatty(STDOUT_FILENO) && !(no_color && *no_color);
    return palette;
}

void out_color(struct palette palette, enum color color)
{
    static const char *const codes[] = {
        [COLOR_NONE] = "\033[0m",      [COLOR_BOLD] = "\033[1m",    [COLOR_RED] = "\033[1;31m",
        [COLOR_YELLOW] = "\033[1;33m", [COLOR_BLUE] = "\033[1;34m", [COLOR_GREEN] = "\033[1;32m"};

    if (palette.on)
        out_text(codes[color]);
}

/* ---- Memory ---------------------------------------------------------------------------------- */

void *need_more(void *old, size_t count, size_t size)
{
    void *p = NULL;

    if (count == 0)
        count = 1;
    if (count <= SIZE_MAX / size)
        p = realloc(old, count * size);
    if (!p) {
        fputs("sipvet: out of memory\n", stderr);
        exit(EXIT_INTERNAL);
    }
    return p;
}

void *need(size_t count, size_t size)
{
    void *p = need_more(NULL, count, size);

    memset(p, 0, (count ? count : 1) * size);
    return p;
}
