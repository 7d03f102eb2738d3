/* output.h: everything that goes to stdout, and the texts in it.
 *
 * A reader that closes the pipe ends the program quietly with status 0; it has what it wanted.  Any
 * other failure to write ends it with a message and EXIT_INTERNAL. */
#ifndef SIPVET_TOOLS_OUTPUT_H
#define SIPVET_TOOLS_OUTPUT_H

#include <sipvet/grammar.h>

#include <stdio.h>

void out_bytes(const void *p, size_t n);
void out_slice(sipv_slice s);
void out_text(const char *text);
void out_char(char c);
void out_repeat(char c, size_t n);
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
void out_format(const char *format, ...);
/* Writes out what is buffered. */
void out_flush(void);
/* What follows goes to `file`, NULL: to stdout.  Returns where it went before.  Errors are the
 * caller's to look for then. */
FILE *out_to(FILE *file);

/* Text for people: bytes that could move the cursor, hide or reorder text, or are not UTF-8 are
 * written as \r \n \t \0 \xHH; everything else, also a backslash, as it is. */
void out_visible(sipv_slice s);
/* The same on stderr. */
void err_visible(sipv_slice s);
/* Text that can be read back: as out_visible, a backslash is doubled and what is not ASCII is
 * \xHH too. */
void out_escaped(sipv_slice s);
/* May `s` be written on one line as it is: no control characters? */
bool text_is_printable(sipv_slice s);

/* The length of the UTF-8 character at `p` (RFC 3629: shortest form, no surrogates, up to
 * U+10FFFF), or 0 if there is none; then `*bad` is how many bytes one U+FFFD replaces: the longest
 * beginning of a character, at least one byte. */
size_t utf8_length(const unsigned char *p, size_t n, size_t *bad);
/* The code point of a character that utf8_length has found. */
uint32_t utf8_code(const unsigned char *p, size_t n);
bool utf8_valid(sipv_slice s);
/* Columns of a code point on a terminal: 1 or 2; 0 if it must not be shown as it is (control,
 * combining, direction marks). */
unsigned utf8_columns(uint32_t code);

/* Colours, if they are wanted: `--color`, NO_COLOR, and whether stdout is a terminal. */
enum color { COLOR_NONE, COLOR_BOLD, COLOR_RED, COLOR_YELLOW, COLOR_BLUE, COLOR_GREEN };
struct palette {
    bool on;
};
struct palette palette_of(const char *when);
void out_color(struct palette palette, enum color color);

/* Memory, or the end of the program with EXIT_INTERNAL. */
void *need(size_t count, size_t size);
void *need_more(void *old, size_t count, size_t size);

#endif
