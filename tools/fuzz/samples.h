/* samples.h: what a campaign has done so far: a line in samples.tsv for each job and second, over
 * all runs: seconds since 1970, engine, job, executions, rate, edges, inputs, crashes, CPU seconds.
 * Executions of libFuzzer and CPU seconds count from the start of a process, so that they begin
 * anew with a line of zeros.  A line that is not whole, or is none of these, is stepped over. */
#ifndef SIPVET_TOOLS_FUZZ_SAMPLES_H
#define SIPVET_TOOLS_FUZZ_SAMPLES_H

#include "engine.h"

const char *path_of_samples(const struct kit *k, const struct fuzz_target *t);
/* Adds a line.  False with errno if it cannot be written. */
bool sample_write(const struct kit *k, const struct fuzz_target *t, uint64_t now_s,
                  enum engine engine, unsigned job, const struct sample *sample);

/* A point of the curve of a target: the most edges of any job of an engine until then. */
struct point {
    uint64_t at_s; /* of running time: seconds in which nothing ran are left out */
    uint64_t edges[2];
};

/* All of a target's samples. */
struct history {
    uint64_t executions[2]; /* over all jobs and runs, of each engine */
    uint64_t running_s;     /* over all jobs and runs; seconds of a job are counted by job */
    double cpu_s[2];        /* CPU time of each engine's processes, over all jobs and runs */
    uint64_t edges[2], corpus;
    uint64_t crashes; /* in the folder that libFuzzer's jobs share, and of each job of AFL++ */
    double rate;      /* executions a second of CPU time */
    struct point *points;
    size_t n, cap;
    uint64_t elapsed_s;
};

void history_read(const struct kit *k, const struct fuzz_target *t, struct history *h);
/* Of both engines together. */
double history_cpu_s(const struct history *h);
uint64_t history_executions(const struct history *h);
void history_free(struct history *h);

#endif
