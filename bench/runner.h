/* runner.h: cells (a subject on an input) and how they are measured. */
#ifndef BENCH_RUNNER_H
#define BENCH_RUNNER_H

#include "bench.h"
#include "input.h"

#include <stddef.h>

struct bench_cell {
    const struct bench_subject *subject;
    const struct bench_input *input;
    const struct bench_message **messages; /* those that the subject accepts */
    void **states;
    size_t count;
    double octets;      /* mean of a message */
    double allocations; /* per operation; below 0: not known */
    long passes;        /* over all messages, in one timed batch */
    double *ns;         /* per operation, one for each round */
    double *probe;      /* ns of the slower probe beside it, one for each round */
    double median;      /* of the calm rounds */
    double all, min;    /* median and minimum of all rounds */
};

struct bench_run {
    struct bench_cell *cells;
    size_t count;
    size_t rounds;
    size_t calm; /* so many of them count: for each cell those with the fastest probes */
};

/* Makes the cells whose name "bench/subject/input" contains filter (NULL: all).  What a subject
 * refuses is left out with a line on stderr.  Returns 0, or -1 without memory. */
int bench_prepare(const struct bench_library *const *libraries, size_t library_count,
                  const struct bench_input *inputs, size_t input_count, const char *filter,
                  struct bench_run *run);

/* Measures every cell once per round, in a new random order each round.  Ends early, but not before
 * three rounds, when limit_s seconds are over (0: no limit). */
int bench_measure(struct bench_run *run, size_t rounds, double limit_s);

/* One pass over a cell's messages to warm up, then `passes` inside bench_counted. */
void bench_count_instructions(const struct bench_cell *cell, long passes);

/* The median over the calm rounds of the ratio of two cells in one round. */
double bench_ratio(const struct bench_run *run, const struct bench_cell *a,
                   const struct bench_cell *b);

void bench_cell_name(const struct bench_cell *cell, char *out, size_t room);
void bench_release(struct bench_run *run);

#endif
