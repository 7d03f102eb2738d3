/* edit.h: what the edits share: the text under change, its lines, random choices. */
#ifndef FUZZ_MUTATOR_EDIT_H
#define FUZZ_MUTATOR_EDIT_H

#include "mutator.h"

struct span {
    size_t off, n;
};

/* The text under change, and where something may be borrowed from. */
struct text {
    unsigned char *p;
    size_t n, max; /* octets, and room */
    const unsigned char *other;
    size_t n_other;
    uint64_t random;
};

/* An edit; false: nothing to apply it to, or no room, and nothing has changed. */
typedef bool (*edit)(struct text *t);

/* ---- Random choices ---------------------------------------------------------------------------
 */

/* splitmix64: the same numbers for the same state everywhere. */
uint64_t draw(uint64_t *state);
/* Below `n`, which is not 0. */
size_t draw_below(uint64_t *state, size_t n);
/* True once in `n` times. */
bool draw_once_in(uint64_t *state, size_t n);

/* ---- Octets -----------------------------------------------------------------------------------
 */

/* Puts `n` octets, which are not part of the text, in the place of a span. */
bool text_replace(struct text *t, struct span at, const void *with, size_t n);
bool text_insert(struct text *t, size_t off, const void *with, size_t n);
bool text_remove(struct text *t, struct span at);
/* The same with a string. */
bool text_replace_string(struct text *t, struct span at, const char *with);
/* Puts a copy of a span of the text itself at `off`; spans above COPY_MAX are not copied. */
enum { COPY_MAX = 4096 };
bool text_copy(struct text *t, struct span from, size_t off);
/* Exchanges two spans, the first before the second. */
bool text_swap(struct text *t, struct span a, struct span b);

bool is_letter(unsigned char c);
bool is_digit(unsigned char c);
/* Octets of a token, RFC 3261 section 25.1. */
bool is_token(unsigned char c);
/* SP or HTAB. */
bool is_blank(unsigned char c);
/* Is the octet one of the characters of `set`? */
bool is_of(unsigned char c, const char *set);
/* Do `n` octets equal a string, letters without case? */
bool is_same(const unsigned char *p, size_t n, const char *string);

/* ---- Lines (lines.c) --------------------------------------------------------------------------
 */

/* A text cut into lines, each with its line end (CRLF, LF, or none at the end of the text) and with
 * the folds that belong to it.  Lines end with the empty one, which is no line; the body is behind
 * it. */
enum { LINES_MAX = 400 };
struct lines {
    struct span line[LINES_MAX];
    size_t n;
    size_t first;     /* 1 if there is a start line, else 0: the first header line */
    struct span body; /* n == 0: none */
};

void lines_of(const unsigned char *p, size_t n, struct lines *lines);
/* Lines of a body, each for itself, none of them empty. */
void lines_of_body(const unsigned char *p, struct span body, struct lines *lines);
/* The parts of a header line: its name, and its value without colon and white space round it. False
 * without a colon behind a token. */
bool line_parts(const unsigned char *p, struct span line, struct span *name, struct span *value);
/* The long name of a header, if `name` is a known name of either form; else NULL. */
const char *name_long(const unsigned char *p, struct span name);
/* Its compact form, or NULL. */
const char *name_compact(const unsigned char *p, struct span name);
/* The line of the header of this long name; false if there is none. */
bool line_find(const unsigned char *p, const struct lines *lines, const char *name,
               struct span *line);

/* ---- Messages (edit_messages.c) ----------------------------------------------------------------
 */

/* Where the messages of a stream begin and end: one begins with a start line at the beginning or
 * behind a body.  Returns how many there are, at most MESSAGES_MAX. */
enum { MESSAGES_MAX = 64 };
size_t messages_of(const unsigned char *p, size_t n, struct span *out);

/* ---- Fields (fields.c) ------------------------------------------------------------------------
 */

enum field_type {
    FIELD_URI,
    FIELD_HOST,
    FIELD_PARAMETER, /* from its ';' on */
    FIELD_TOKEN,
    FIELD_NUMBER,
    FIELD_QUOTED, /* with its quotes */
    FIELD_TYPES
};

/* One of the fields of a type, each as likely as the other; false if there is none. */
bool field_pick(const unsigned char *p, size_t n, enum field_type type, uint64_t *random,
                struct span *field);

/* ---- What is inserted (pool.c) ----------------------------------------------------------------
 */

const char *pool_field(enum field_type type, uint64_t *random);
const char *pool_header(uint64_t *random); /* a line without its line end */
const char *pool_start_line(uint64_t *random);
const char *pool_number(uint64_t *random);
const char *pool_sdp(uint64_t *random); /* a line without its line end */

/* ---- The edits, by file -----------------------------------------------------------------------
 */

bool start_line_replace(struct text *t), start_line_borrow(struct text *t);
bool header_insert(struct text *t), header_delete(struct text *t), header_duplicate(struct text *t),
    header_swap(struct text *t), header_borrow(struct text *t), header_split(struct text *t),
    header_join(struct text *t), header_fold(struct text *t), header_unfold(struct text *t),
    header_compact(struct text *t), header_expand(struct text *t), header_case(struct text *t),
    header_empty(struct text *t);
bool splice_uri(struct text *t), splice_host(struct text *t), splice_parameter(struct text *t),
    splice_token(struct text *t), splice_number(struct text *t), splice_quoted(struct text *t),
    parameter_insert(struct text *t), parameter_delete(struct text *t),
    parameter_duplicate(struct text *t);
bool number_edge(struct text *t), number_zeros(struct text *t), number_sign(struct text *t),
    number_step(struct text *t);
bool quote_open(struct text *t), quote_close(struct text *t), quote_pair(struct text *t),
    escape_encode(struct text *t), escape_decode(struct text *t), escape_broken(struct text *t),
    utf8_valid(struct text *t), utf8_broken(struct text *t), octet_nul(struct text *t),
    octet_separator(struct text *t), octet_repeat(struct text *t), text_truncate(struct text *t),
    space_insert(struct text *t), space_remove(struct text *t), line_end_change(struct text *t),
    line_end_insert(struct text *t);
bool length_mend(struct text *t), length_break(struct text *t), length_twice(struct text *t);
bool sdp_insert(struct text *t), sdp_delete(struct text *t), sdp_duplicate(struct text *t),
    sdp_swap(struct text *t), sdp_value(struct text *t), sdp_borrow(struct text *t);
bool message_delete(struct text *t), message_duplicate(struct text *t),
    message_swap(struct text *t), message_borrow(struct text *t), message_answer(struct text *t);
bool message_follow(struct text *t), message_renew(struct text *t), message_route(struct text *t),
    message_register(struct text *t);
bool digest_response(struct text *t), digest_flip(struct text *t);

#endif
