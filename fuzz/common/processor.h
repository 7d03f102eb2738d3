/* Which code runs: vector code, where the processor has what it needs, or what stands in its place.
 *
 * The linker puts a function in the place of the library's own choice (--wrap). */
#ifndef FUZZ_PROCESSOR_H
#define FUZZ_PROCESSOR_H

#include <stdbool.h>

/* No vector code from now on; fuzz_open sets it as FUZZ_BIT_PLAIN says. */
extern bool fuzz_plain;

#endif
