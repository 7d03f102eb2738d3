/* Counts allocations, and lets one fail.
 *
 * The linker puts these functions in the place of malloc and its like in everything that is linked
 * statically (--wrap): the libraries, not what the C library does for itself, nor OpenSSL unless
 * that is static too, as OSS-Fuzz has it. */
#ifndef FUZZ_ALLOCATIONS_H
#define FUZZ_ALLOCATIONS_H

#include <stdint.h>

/* Allocations so far, and how many of the blocks are still there. */
extern uint64_t fuzz_allocations;
extern int64_t fuzz_blocks;

/* The allocation that is `nth` from now on fails, from 1; 0: none. */
void fuzz_break_allocation(uint64_t nth);
/* Has it failed? */
int fuzz_allocation_broke(void);

/* While they are `passed` over allocations are not counted, and none fails: what asks for them is
 * not what is tested. */
void fuzz_pass_allocations(int passed);

#endif
