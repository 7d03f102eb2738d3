/* explaining.h: the explaining engine with storage that grows, for match, uri and gen. */
#ifndef SIPVET_TOOLS_EXPLAINING_H
#define SIPVET_TOOLS_EXPLAINING_H

#include "vet.h"

struct explaining {
    const sipv_grammar *g; /* of the rules; that of SIP at first */
    void *work;
    sipv_event *events;
    size_t cap;
    struct capture *captures;
    size_t capture_count;
    sipv_match match;
    bool value; /* the reading was that of a header's value */
};

void explaining_init(struct explaining *e);
void explaining_free(struct explaining *e);

/* Matches all of `text` by the strict grammar; captures are joined.  Returns as sipv_explain. */
int explaining_match(struct explaining *e, int rule, bool value, sipv_slice text);
/* A header's rule takes the whole field ("Via: ...") or the value alone.  What begins with the name
 * and a colon is a field, also where it could be read as a value ("To:x" as a URI of scheme "To");
 * of anything else, if both readings are rejected, the one that got further is kept.  Any other
 * rule: as explaining_match. */
int explaining_match_any(struct explaining *e, int rule, sipv_slice text);
/* Is `rule` that of a header? */
bool rule_is_header(int rule);

#endif
