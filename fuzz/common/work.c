#include "work.h"

#include "oracle.h"

uint64_t fuzz_work;

/* Blocks that any input may cost, and that each of its octets may.  The explaining engine goes on
 * with many readings at once, and looks at a text several times: 110,000 and 1,000 an octet are the
 * most that seeds and corpora ask for, some 600 an octet the families of fuzz/linear.  Digest reads
 * a value three times, with 153 an octet; all else asks for less than 100. */
static const uint64_t fixed[] = {20000, 300000}, per_octet[] = {200, 3000};

bool fuzz_counts_work(void)
{
#ifdef FUZZ_BLOCKS
    return true;
#else
    return false;
#endif
}

uint64_t fuzz_most_work(size_t n, bool explained)
{
    return fixed[explained] + per_octet[explained] * n;
}

void fuzz_check_work(uint64_t before, size_t n, bool explained)
{
    if (fuzz_counts_work())
        FUZZ_CHECK(linear, fuzz_work - before <= fuzz_most_work(n, explained),
                   "work is not linear");
}
