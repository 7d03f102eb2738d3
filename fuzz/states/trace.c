#include "trace.h"

#include "allocations.h"
#include "message.h"
#include "oracle.h"

enum { AGAIN = 4 };

int trace_twice(const uint8_t *data, size_t size,
                struct trace (*play)(const struct fuzz_input *in, bool again))
{
    struct fuzz_input in;
    if (!fuzz_explainer() || !fuzz_open(&in, data, size))
        return 0;
    const int64_t before = fuzz_blocks;
    const struct trace first = play(&in, false);
    const int64_t blocks = fuzz_blocks; /* more: perhaps what OpenSSL makes once and keeps */
    if (blocks != before || (first.whole && fuzz_number(&in) % AGAIN == 0)) {
        const struct trace second = play(&in, true);
        FUZZ_CHECK(states, !first.whole || second.sum == first.sum,
                   "the same octets give another trace");
    }
    FUZZ_CHECK(allocation, fuzz_blocks == blocks, "something leaks");
    fuzz_close(&in);
    return 0;
}
