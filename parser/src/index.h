/* An index parse on its way; what index.c and plain.c share. */
#ifndef SIPV_INDEX_H
#define SIPV_INDEX_H

#include "internal.h"

struct sipv_index {
    sipv_message *m;
    const sipv_limits *limits;
    struct sipv_length length;
    size_t max_headers;
    uint16_t last[SIPV_H_COUNT];
    bool bad_line_end; /* a line that ended in bare CR (strict: LF) stands before */
    bool lf_reported;
    bool cut_short; /* there are headers that were not stored */
    bool fragment;  /* message/sipfrag: nothing is mandatory */
    bool vector;    /* the processor runs plain.c */
};

/* Header `i` is not the first of its name: links it to the one before. */
void sipv_index_link(struct sipv_index *x, const sipv_header *h, unsigned i);
/* Header `h` is a Content-Length: takes it into account. */
void sipv_index_length(struct sipv_index *x, const sipv_header *h);

/* plain.c: header fields of the usual form from `p` on.  Returns where they end: at the empty line,
 * or at whatever has to be looked at more closely. */
const unsigned char *sipv_index_plain(struct sipv_index *x, const unsigned char *p,
                                      const unsigned char *end);

/* The start line of the usual form, or NULL; else what follows it, and the message has its parts. */
const unsigned char *sipv_start_plain(sipv_message *m, const unsigned char *p,
                                      const unsigned char *end);

#endif
