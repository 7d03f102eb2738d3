/* crash.h: one crash and what it is grouped by; used by triage and report. */
#ifndef SIPVET_TOOLS_FUZZ_CRASH_H
#define SIPVET_TOOLS_FUZZ_CRASH_H

#include "engine.h"

enum { FINDING_TEXT = 512, FINDING_FRAMES = 3 };

/* What one run over an input said. */
struct verdict {
    bool failed;
    char oracle[FUZZ_NAME];                 /* "" if it was none of an oracle */
    char what[FINDING_TEXT];                /* the oracle's or the sanitizer's sentence */
    char frames[FINDING_FRAMES][FUZZ_NAME]; /* functions of the project, the innermost first */
    size_t n_frames;
};

/* What runs a target over one file: the libFuzzer build, or else that with the standalone runner;
 * NULL if there is neither. */
const char *crash_program(const struct kit *k, const struct fuzz_target *t);
/* Runs it, for at most `limit_s` seconds, 0: as long as it takes.  EXIT_FINE, or another status
 * after a message if there is nothing that runs: that says nothing about the file. */
int verdict_of(const struct kit *k, const struct fuzz_target *t, const char *path, unsigned limit_s,
               struct verdict *out);
/* What findings of one cause have in common, as the name of a file: the target, and the oracle with
 * what it says, or the frames. */
void verdict_group(const struct fuzz_target *t, const struct verdict *v, char out[FINDING_TEXT]);

#endif
