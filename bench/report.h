/* report.h: results as JSON records or as a table. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "runner.h"

#include <stdio.h>

/* One record per line, in the order of benches, inputs, subjects. */
void bench_report_json(const struct bench_run *run, FILE *out);

/* A table; the last column is the median of the ratios to sipvet in the same calm round. */
void bench_report_table(const struct bench_run *run, FILE *out);

#endif
