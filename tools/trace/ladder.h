/* ladder.h: the messages of a capture as arrows between columns, one column an address. */
#ifndef SIPVET_TOOLS_TRACE_LADDER_H
#define SIPVET_TOOLS_TRACE_LADDER_H

#include "work.h"

enum { LADDER_MESSAGES = 10000, LADDER_COLUMNS = 64 };
#define LADDER_OCTETS ((size_t)64 << 20)

struct arrow {
    struct trace_message m; /* its data is a copy; `file` lives as long as the command line */
    size_t from, to;        /* columns */
    struct bytes label;     /* "INVITE", "200 OK"; any bytes */
    bool request, accepted;
    unsigned errors, warnings;
};

struct ladder {
    struct trace_work w;
    struct arrow *arrows;
    size_t count, cap, octets;
    char (*columns)[TRACE_NAME];
    size_t column_count;
};

/* All zero but for the options of `w`; then messages, as a trace_sink; at last freed.  Columns come
 * in the order of messages, unless they are named before. */
void ladder_open(struct ladder *l);
void ladder_column(struct ladder *l, const char *name);
void ladder_add(void *ladder, const struct trace_message *m);
void ladder_close(struct ladder *l);

/* Seconds behind the first message. */
double ladder_seconds(const struct ladder *l, const struct arrow *a);

/* One file each: the whole ladder on stdout. */
void ladder_text(const struct ladder *l);
void ladder_mermaid(const struct ladder *l);
void ladder_json(const struct ladder *l);
void ladder_html(struct ladder *l);
/* `linked`: each arrow is a link to #mNUMBER, and no XML declaration is written. */
void ladder_svg(const struct ladder *l, bool linked);

#endif
