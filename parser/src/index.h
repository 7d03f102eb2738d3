/* An index parse on its way; what index.c and plain.c share. */
#ifndef SIPV_INDEX_H
#define SIPV_INDEX_H

#include "internal.h"

struct sipv_index {
    sipv_message *m;
    struct sipv_octets *octets;
    const sipv_limits *limits;
    struct sipv_length length;
    size_t max_headers;
    uint16_t last[SIPV_H_COUNT]; /* header of each id that there is */
    size_t bad_line_end;         /* offset of the first bare CR (strict: or LF), SIZE_MAX if none */
    bool lf_reported;
    bool cut_short; /* there are headers that were not stored */
    bool fragment;  /* message/sipfrag: nothing is mandatory */
    bool vector;    /* plain.c goes first */
};

/* Less than this is no limit of a header field that plain.c knows. */
enum { SIPV_PLAIN_LEAST = 128 };

/* Header `i` is one more of its id. */
static inline void sipv_link_repeated(struct sipv_index *x, unsigned id, unsigned i)
{
    x->m->headers[x->last[id]].next = (uint16_t)i;
    x->last[id] = (uint16_t)i;
}

/* header.c: the method of a name whose first eight octets are `first`, zeros in place of those
 * behind a shorter one. */
sipv_method sipv_method_of(uint64_t first, sipv_slice name);

/* plain.c: header fields of the usual form from `p` on.  Returns where they end: at the empty line,
 * or at whatever has to be looked at more closely. */
const unsigned char *sipv_index_plain(struct sipv_index *x, const unsigned char *p);

/* The start line of the usual form, or NULL; else what follows it, and the message has its parts.
 */
const unsigned char *sipv_start_plain(sipv_message *m, const unsigned char *p,
                                      const unsigned char *end);

#endif
