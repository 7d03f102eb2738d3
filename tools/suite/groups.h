/* groups.h: templates of messages, and the elements in them that groups replace. */
#ifndef SIPVET_TOOLS_SUITE_GROUPS_H
#define SIPVET_TOOLS_SUITE_GROUPS_H

#include "parts.h"

/* A piece of a template: fixed text, or an element, which is a group of its own. */
struct piece {
    const char *group; /* NULL: fixed text */
    const char *text;  /* as it usually is; NULL: the length of the body */
    enum element element;
    uint64_t max;
    enum { IN_START, IN_MANDATORY, IN_HEADER, IN_BODY } where;
    bool lenient; /* interop takes it when malformed */
};

struct template
{
    const struct piece *pieces;
    size_t n;
    size_t body; /* the first piece of the body */
    bool classic;
};

extern const struct template templates[];
extern const size_t template_count;

/* A case that is written out. */
struct example {
    const char *group, *what, *text;
    size_t n;
    enum suite_kind kind;
    enum suite_verdict strict, interop;
    enum suite_end end;
};

extern const struct example examples[];
extern const size_t example_count;

#endif
