/* Lines of a header section: where one ends, and where a header field with its folds ends.
 * Framer and message parser both read lines here, so they agree on where every line ends. */
#ifndef SIPV_LINE_H
#define SIPV_LINE_H

#include <sipvet/parser.h>

#include "eol.h"

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

/* Takes a further Content-Length into account, whose value lies at `off`.  `behind_bad_end`: a line
 * that ended in a bare CR (strict: or LF) stands before it. */
void sipv_length_see(struct sipv_length *length, const sipv_header *h, size_t off,
                     bool behind_bad_end);

#endif
