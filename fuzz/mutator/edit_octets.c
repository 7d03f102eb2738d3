/* edit_octets.c: quotes, escapes, UTF-8, NUL, white space and line ends. */
#include "edit.h"

#include <string.h>

static size_t pick_place(struct text *t)
{
    return draw_below(&t->random, t->n + 1);
}

/* One of the octets of `set`; false if there is none. */
static bool pick_octet(struct text *t, const char *set, size_t *off)
{
    size_t count = 0;

    for (size_t i = 0; i < t->n; i++)
        if (is_of(t->p[i], set) && draw_once_in(&t->random, ++count))
            *off = i;
    return count > 0;
}

/* ---- Quotes -----------------------------------------------------------------------------------
 */

/* A quote too many. */
bool quote_open(struct text *t)
{
    return text_insert(t, pick_place(t), "\"", 1);
}

/* A quote is missing. */
bool quote_close(struct text *t)
{
    size_t off;

    return pick_octet(t, "\"", &off) && text_remove(t, (struct span){off, 1});
}

/* A quoted-pair within a quoted string, or a backslash before its end. */
bool quote_pair(struct text *t)
{
    static const char *const pairs[] = {"\\",     "\\\\",   "\\\"",      "\\a",
                                        "\\\x7f", "\\\r\n", "\\\xc3\xa4"};
    const char *pair = pairs[draw_below(&t->random, sizeof pairs / sizeof *pairs)];
    struct span at;

    if (!field_pick(t->p, t->n, FIELD_QUOTED, &t->random, &at) || at.n < 2)
        return false;
    return text_insert(t, at.off + 1 + draw_below(&t->random, at.n - 1), pair, strlen(pair));
}

/* ---- Escapes ----------------------------------------------------------------------------------
 */

static unsigned hex_value(unsigned char c)
{
    return is_digit(c) ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

static bool is_hex(unsigned char c)
{
    return is_digit(c) || is_of(c, "abcdefABCDEF");
}

/* An octet of a URI becomes %HH. */
bool escape_encode(struct text *t)
{
    static const char digits[2][17] = {"0123456789abcdef", "0123456789ABCDEF"};
    const char *digit = digits[draw_below(&t->random, 2)];
    struct span uri;
    char escape[3] = "%";
    size_t off;

    if (!field_pick(t->p, t->n, FIELD_URI, &t->random, &uri))
        return false;
    off = uri.off + draw_below(&t->random, uri.n);
    escape[1] = digit[t->p[off] >> 4];
    escape[2] = digit[t->p[off] & 15];
    return text_replace(t, (struct span){off, 1}, escape, 3);
}

bool escape_decode(struct text *t)
{
    unsigned char octet;
    size_t off;

    if (!pick_octet(t, "%", &off) || t->n - off < 3 || !is_hex(t->p[off + 1]) ||
        !is_hex(t->p[off + 2]))
        return false;
    octet = (unsigned char)(hex_value(t->p[off + 1]) << 4 | hex_value(t->p[off + 2]));
    return text_replace(t, (struct span){off, 3}, &octet, 1);
}

bool escape_broken(struct text *t)
{
    static const char *const broken[] = {"%", "%4", "%g1", "%1g", "%%", "%00", "%0d%0a", "%c0%80"};
    const char *with = broken[draw_below(&t->random, sizeof broken / sizeof *broken)];
    struct span uri;

    if (!field_pick(t->p, t->n, FIELD_URI, &t->random, &uri))
        return false;
    return text_insert(t, uri.off + draw_below(&t->random, uri.n + 1), with, strlen(with));
}

/* ---- UTF-8 and other octets -------------------------------------------------------------------
 */

bool utf8_valid(struct text *t)
{
    static const char *const valid[] = {
        "\xc3\xa4",     "\xe2\x82\xac", "\xf0\x9f\x93\x9e", "\xc2\x80",         "\xdf\xbf",
        "\xe0\xa0\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf"};
    const char *with = valid[draw_below(&t->random, sizeof valid / sizeof *valid)];

    return text_insert(t, pick_place(t), with, strlen(with));
}

/* Cut short, overlong, a surrogate, beyond the last character, no lead byte. */
bool utf8_broken(struct text *t)
{
    static const char *const broken[] = {
        "\xc3",         "\xe2\x82",         "\xf0\x9f\x93",         "\x80",
        "\xc0\xaf",     "\xc1\xbf",         "\xe0\x9f\xbf",         "\xf0\x8f\xbf\xbf",
        "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xfe",
        "\xff"};
    const char *with = broken[draw_below(&t->random, sizeof broken / sizeof *broken)];

    return text_insert(t, pick_place(t), with, strlen(with));
}

bool octet_nul(struct text *t)
{
    size_t off = pick_place(t);

    if (off < t->n && draw_once_in(&t->random, 2))
        return text_replace(t, (struct span){off, 1}, "", 1);
    return text_insert(t, off, "", 1);
}

static const char separators[] = "()<>@,;:\\\"/[]?={} \t";

/* A separator, put somewhere or in place of another. */
bool octet_separator(struct text *t)
{
    const char *with = &separators[draw_below(&t->random, sizeof separators - 1)];
    size_t off;

    if (draw_once_in(&t->random, 2) && pick_octet(t, separators, &off))
        return text_replace(t, (struct span){off, 1}, with, 1);
    return text_insert(t, pick_place(t), with, 1);
}

/* A run of one octet of the text: long names, deep comments, many commas. */
bool octet_repeat(struct text *t)
{
    unsigned char run[1024];
    size_t off, n = (size_t)1 << (1 + draw_below(&t->random, 10));

    if (t->n == 0)
        return false;
    if (draw_once_in(&t->random, 2) || !pick_octet(t, separators, &off))
        off = draw_below(&t->random, t->n);
    memset(run, t->p[off], n);
    return text_insert(t, off, run, n);
}

bool text_truncate(struct text *t)
{
    if (t->n == 0)
        return false;
    t->n = draw_below(&t->random, t->n);
    return true;
}

/* ---- White space and line ends ----------------------------------------------------------------
 */

bool space_insert(struct text *t)
{
    static const char *const spaces[] = {" ",        "\t", "  ", " \t ",
                                         "        ", "\v", "\f", "\xc2\xa0"};
    const char *with = spaces[draw_below(&t->random, sizeof spaces / sizeof *spaces)];
    size_t off;

    if (!pick_octet(t, ":;,=<>/?@ \r", &off))
        off = pick_place(t);
    else
        off += draw_below(&t->random, 2);
    return text_insert(t, off, with, strlen(with));
}

bool space_remove(struct text *t)
{
    size_t off;

    return pick_octet(t, " \t", &off) && text_remove(t, (struct span){off, 1});
}

static const char *const line_ends[] = {"\n",     "\r",       "\r\n",   "\n\r",
                                        "\r\r\n", "\r\n\r\n", "\r\n\n", "\xe2\x80\xa8",
                                        "\x0b",   "\r\n ",    "",       "\r\n\r\n\r\n"};
enum { LINE_ENDS = sizeof line_ends / sizeof *line_ends };

bool line_end_change(struct text *t)
{
    const char *with = line_ends[draw_below(&t->random, LINE_ENDS)];
    struct span at = {0, 1};

    if (!pick_octet(t, "\n", &at.off))
        return false;
    if (at.off > 0 && t->p[at.off - 1] == '\r')
        at = (struct span){at.off - 1, 2};
    if (at.n == strlen(with) && memcmp(t->p + at.off, with, at.n) == 0)
        return false;
    return text_replace_string(t, at, with);
}

bool line_end_insert(struct text *t)
{
    static const char *const ends[] = {"\r\n", "\n", "\r", "\r\n\r\n"};
    const char *with = ends[draw_below(&t->random, sizeof ends / sizeof *ends)];

    return text_insert(t, pick_place(t), with, strlen(with));
}
