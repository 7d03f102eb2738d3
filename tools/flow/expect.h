/* expect.h: what a call flow expects (callflow.h), checked on a recording. */
#ifndef SIPVET_TOOLS_FLOW_EXPECT_H
#define SIPVET_TOOLS_FLOW_EXPECT_H

#include "callflow.h"

/* What came of one expectation; all zero before the first, may be used again and again. */
struct outcome {
    bool met;
    bool skipped;                /* of a partial recording: nothing can be said about it */
    struct bytes expected, seen; /* if it is not met: for people, any bytes */
};

/* `e` is one of `flow`, or like one. */
void expectation_check(const struct callflow *flow, const struct recording *r,
                       const struct expectation *e, struct outcome *out);
void outcome_free(struct outcome *out);

/* "alice > proxy1 INVITE": what a message is named, behind what is there; FLOW_OUTSIDE is "?". */
void recorded_name(const struct callflow *flow, const struct recorded *message, struct bytes *out);

/* The parts, one file each; *out is empty and not met before. */
void expect_messages(const struct callflow *flow, const struct recording *r, struct outcome *out);
void expect_verified(const struct callflow *flow, const struct recording *r,
                     const struct recorded *challenge, const struct recorded *request,
                     struct outcome *out);
void expect_answers(const struct recording *r, const struct recorded *offer,
                    const struct recorded *answer, struct outcome *out);

#endif
