/* printed.h: the messages of the SIP flow document, repaired (corpus/documented), in the program.
 */
#ifndef SIPVET_TOOLS_FLOW_PRINTED_H
#define SIPVET_TOOLS_FLOW_PRINTED_H

#include <stddef.h>

struct printed {
    const char *name; /* "01-register" */
    const unsigned char *p;
    size_t n;
};

/* Up to one without a name. */
extern const struct printed printed_messages[];

#endif
