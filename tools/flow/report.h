/* report.h: what came of a call flow, for people and programs. */
#ifndef SIPVET_TOOLS_FLOW_REPORT_H
#define SIPVET_TOOLS_FLOW_REPORT_H

#include "../output.h"
#include "expect.h"

enum report_format { REPORT_TEXT, REPORT_JSON, REPORT_NDJSON };

struct report {
    enum report_format format;
    struct palette palette;
    const char *network; /* "the simulator", "loopback" */
    uint64_t seed;       /* of the simulator */
};

/* What happened to a flow that was played once. */
struct report_play {
    const struct callflow *flow;
    const struct recording *recording;
    const char *fault; /* NULL, or why it could not be played to its end */
    size_t stopped_at; /* the step that has waited for nothing, SIZE_MAX: none has */
    size_t refused;    /* the step that could not be done, SIZE_MAX: all could */
    unsigned left;     /* the element that has something left; FLOW_OUTSIDE: none */
    unsigned odd; /* the user whose last transaction has a strange status; FLOW_OUTSIDE: none */
    bool quiet;   /* it was waited until all timers were over, so nothing may be left */
    bool lossy;   /* messages were lost: what is expected is not looked at */
};

/* One line for each expectation, "ok" or "FAILED" with what was expected and what was seen, under
 * the ladder; or a record "sipvet.flow/1".  How many are not met; that a flow comes to its end and
 * leaves nothing behind are expectations too. */
size_t report_play(const struct report *report, const struct report_play *play);

/* The lines of the expectations alone. */
size_t report_expectations(const struct report *report, const struct callflow *flow,
                           const struct recording *recording);
void report_headline(const struct report *report, const struct callflow *flow);

/* "REGISTER of bob", "call of alice": a step for people. */
void report_step(const struct callflow_step *step, struct bytes *out);

/* Many seeds: how many of them failed, and the first that did with what. */
struct report_seeds {
    uint64_t played, failed, first_failed, messages;
    uint64_t done; /* in which every step could be done */
    struct bytes what;
};
void report_seeds(const struct report *report, const struct callflow *flow,
                  const struct report_seeds *seeds);

#endif
