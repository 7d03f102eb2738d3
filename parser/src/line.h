/* Lines of a header section: where one ends, and where a header field with its folds ends.
 * Framer and message parser both read lines here, so they agree on where every line ends. */
#ifndef SIPV_LINE_H
#define SIPV_LINE_H

#include <sipvet/parser.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* The first CR or LF at or behind `p`, or `end`. */
static inline const unsigned char *sipv_find_eol(const unsigned char *p, const unsigned char *end)
{
#if defined(__SSE2__)
    const __m128i cr = _mm_set1_epi8('\r'), lf = _mm_set1_epi8('\n');
    while (end - p >= 16) {
        const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        const int hit =
            _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(v, cr), _mm_cmpeq_epi8(v, lf)));
        if (hit)
            return p + __builtin_ctz((unsigned)hit);
        p += 16;
    }
#endif
    while (p < end && *p != '\r' && *p != '\n')
        p++;
    return p;
}

enum sipv_line_end {
    SIPV_LINE_CRLF,
    SIPV_LINE_LF,  /* a bare LF */
    SIPV_LINE_OPEN /* the data ends before the line does */
};

struct sipv_line {
    const unsigned char *end;     /* behind the text, before the line end */
    const unsigned char *next;    /* behind the line end */
    const unsigned char *bare_cr; /* the first CR that ends no line, or NULL */
    const unsigned char *bare_lf; /* the first LF that follows no CR, or NULL */
    enum sipv_line_end how;
    bool folded; /* header fields: goes on over more than one line */
};

/* One physical line from `p`. */
static inline void sipv_read_line(const unsigned char *p, const unsigned char *end,
                                  struct sipv_line *line)
{
    line->bare_cr = line->bare_lf = NULL;
    line->folded = false;
    for (;;) {
        p = sipv_find_eol(p, end);
        if (p == end) {
            line->end = line->next = end;
            line->how = SIPV_LINE_OPEN;
            return;
        }
        if (*p == '\n') {
            line->end = p;
            line->next = p + 1;
            line->how = SIPV_LINE_LF;
            line->bare_lf = p;
            return;
        }
        if (p + 1 < end && p[1] == '\n') {
            line->end = p;
            line->next = p + 2;
            line->how = SIPV_LINE_CRLF;
            return;
        }
        if (p + 1 == end) { /* perhaps half a CRLF */
            line->end = line->next = p;
            line->how = SIPV_LINE_OPEN;
            return;
        }
        if (!line->bare_cr)
            line->bare_cr = p;
        p++;
    }
}

/* One header field from `p`, with the lines that continue it (RFC 3261 7.3.1).  SIPV_LINE_OPEN also
 * if its last line is complete but the data ends there: the next byte may be a fold. */
static inline void sipv_read_field(const unsigned char *p, const unsigned char *end,
                                   struct sipv_line *field)
{
    sipv_read_line(p, end, field);
    while (field->how != SIPV_LINE_OPEN && field->next < end &&
           (*field->next == ' ' || *field->next == '\t')) {
        struct sipv_line more;
        sipv_read_line(field->next, end, &more);
        if (!field->bare_cr)
            field->bare_cr = more.bare_cr;
        if (!field->bare_lf)
            field->bare_lf = more.bare_lf;
        field->end = more.end;
        field->next = more.next;
        field->how = more.how;
        field->folded = true;
    }
}

/* The Content-Length of a message, from all its header fields (RFC 3261 18.3, 20.14). */
struct sipv_length {
    int64_t value;   /* -1 not seen, -2 refused */
    unsigned code;   /* diagnostic of a refusal */
    size_t off, len; /* of the offending value */
};

/* Takes a further Content-Length into account.  `value` is trimmed.  `behind_bad_end`: a line that
 * ended in a bare CR (strict: or LF) stands before it. */
void sipv_length_see(struct sipv_length *length, sipv_slice value, size_t off, bool behind_bad_end);

#endif
