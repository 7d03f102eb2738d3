/* The start of a text that grows, as a stream does: what lies behind it must not be touched. */
#ifndef FUZZ_PREFIX_H
#define FUZZ_PREFIX_H

#include "input.h"

/* With AddressSanitizer only in.p[0 .. n) may be read from now on; without it this does nothing. */
void fuzz_show_prefix(const struct fuzz_input *in, size_t n);

#endif
