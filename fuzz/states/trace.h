/* The same octets give the same trace: what a target has seen happen, as one number, and its input
 * played twice. */
#ifndef FUZZ_TRACE_H
#define FUZZ_TRACE_H

#include "input.h"

struct trace {
    uint64_t sum; /* of all that has happened, in order */
    bool whole;   /* it can be played once more */
};

static inline void trace_add(uint64_t *sum, uint64_t value)
{
    *sum = (*sum ^ value) * 0x100000001b3u;
}

/* Plays `data` with all bits of fuzz_open(), some of it twice: that takes time, so one number in
 * four is, and who seems to leak; the first time OpenSSL may make what it keeps.  Checks `states`,
 * the same trace, and `allocation`, every block is free again.  What LLVMFuzzerTestOneInput
 * returns. */
int trace_twice(const uint8_t *data, size_t size,
                struct trace (*play)(const struct fuzz_input *in, bool again));

#endif
