/* engine.h: how libFuzzer and AFL++ are called, and what they say of themselves. */
#ifndef SIPVET_TOOLS_FUZZ_ENGINE_H
#define SIPVET_TOOLS_FUZZ_ENGINE_H

#include "kit.h"
#include "process.h"

enum engine { ENGINE_LIBFUZZER, ENGINE_AFL };

/* "libfuzzer", "afl". */
const char *engine_name(enum engine engine);
/* The target built for the engine. */
const char *engine_program(const struct kit *k, enum engine engine, const struct fuzz_target *t);
/* NULL if the engine can run the target here, or the reason why not. */
const char *engine_missing(const struct kit *k, enum engine engine, const struct fuzz_target *t);
/* The version of AFL++ as "4.04c", "" if there is none. */
const char *engine_afl_version(void);

/* The command of job `job` for `seconds`; it goes on where an earlier one stopped.  A finding ends
 * libFuzzer unless it is `forked`, and then it is several times slower in short runs. */
void engine_command(const struct kit *k, enum engine engine, const struct fuzz_target *t,
                    unsigned job, uint64_t seconds, bool forked, struct command_line *out);
/* The folders with what AFL++ keeps of a target, as words of a command. */
void engine_add_queues(const struct kit *k, const struct fuzz_target *t, struct command_line *c);
/* All that is kept of a target, as words: libFuzzer's corpus, seeds, those folders. */
void engine_add_kept(const struct kit *k, const struct fuzz_target *t, struct command_line *c);
/* Where job `job` writes what it says. */
const char *engine_log(const struct kit *k, enum engine engine, const struct fuzz_target *t,
                       unsigned job);

/* How far a job is. */
struct sample {
    uint64_t executions, edges, corpus, crashes;
    double rate;  /* executions a second, as the engine says */
    double cpu_s; /* of the job; no engine says it, the caller adds it */
};
/* All zero if it has not said anything yet. */
void engine_sample(const struct kit *k, enum engine engine, const struct fuzz_target *t,
                   unsigned job, struct sample *out);

/* A sanitizer's settings that show where a finding is: names of functions, and no core files. */
void engine_explain_crashes(struct command_line *c);

#endif
