/* coverage.h: which lines of which file the inputs of a campaign reach, by llvm-cov. */
#ifndef SIPVET_TOOLS_FUZZ_COVERAGE_H
#define SIPVET_TOOLS_FUZZ_COVERAGE_H

#include "kit.h"

/* Runs the targets in `folder`, built with -fprofile-instr-generate -fcoverage-mapping, over what
 * is kept of each.  NULL: coverage_table() has been written; else what went wrong. */
const char *coverage_measure(const struct kit *k, const char *folder);
/* Where the table is. */
const char *coverage_table(const struct kit *k);

#endif
