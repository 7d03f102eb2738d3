/* What the judgements of two descriptions share. */
#ifndef SIPV_SDP_CHECK_H
#define SIPV_SDP_CHECK_H

#include "codec.h"
#include "findings.h"

/* A judgement on its way. */
struct sipv_sdp_pair {
    const sipv_sdp *first, *second; /* findings are about the second */
    struct sipv_findings found;
    bool violated; /* one of them is an error */
};

/* Adds a finding at `where` of a line (NULL: of none), or where the description ends. */
void sipv_sdp_pair_report(struct sipv_sdp_pair *p, unsigned code, const sipv_sdp_line *line,
                          sipv_slice where);
/* The same about a whole line. */
void sipv_sdp_pair_report_line(struct sipv_sdp_pair *p, unsigned code, const sipv_sdp_line *line);
/* Brings the findings into order and says how many there are: the result of the judgement. */
int sipv_sdp_pair_conclude(struct sipv_sdp_pair *p, size_t *n);

#endif
