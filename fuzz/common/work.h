/* How much work was done: the blocks that the libraries have executed, exactly, whatever the
 * machine does besides.  Counted in builds with SIPVET_FUZZ_BLOCKS, where the compiler calls a
 * function at the start of each block; in others it is 0. */
#ifndef FUZZ_WORK_H
#define FUZZ_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Does this build count blocks? */
bool fuzz_counts_work(void);
extern uint64_t fuzz_work;

/* The most that a text of `n` octets may cost; `explained`: the explaining engine may look at it.
 */
uint64_t fuzz_most_work(size_t n, bool explained);

/* Checks the oracle `linear` where blocks are counted: the work since fuzz_work was `before` is
 * no more than that. */
void fuzz_check_work(uint64_t before, size_t n, bool explained);

#endif
