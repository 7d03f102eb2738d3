/* Line ends: where a physical line ends, and with what. */
#ifndef SIPV_EOL_H
#define SIPV_EOL_H

#include <sipvet/grammar.h>

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

#endif
