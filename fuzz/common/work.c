#include "work.h"

#include "oracle.h"

uint64_t fuzz_work;

/* Blocks that any input may cost, and that each of its octets may.  The explaining engine goes on
 * with many readings at once, and looks at a text several times.  What is quadratic is far above
 * that at some thousand octets. */
static const uint64_t fixed[] = {20000, 4000000}, per_octet[] = {200, 20000};

bool fuzz_counts_work(void)
{
#ifdef FUZZ_BLOCKS
    return true;
#else
    return false;
#endif
}

void fuzz_check_work(uint64_t before, size_t n, bool explained)
{
    const uint64_t most = fixed[explained] + per_octet[explained] * n;
    if (fuzz_counts_work())
        FUZZ_CHECK(linear, fuzz_work - before <= most, "work is not linear");
}
