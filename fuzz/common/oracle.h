/* Oracles: properties that must hold of every input.
 *
 *     FUZZ_CHECK(slices, m->octets <= m->data.n, "more octets than there are");
 *
 * Each check is counted for its oracle, so that one that never ran is noticed.  Where a property
 * does not hold the program aborts in a function of that oracle, fuzz_fail_slices(): the frame
 * above it tells findings apart. */
#ifndef FUZZ_ORACLE_H
#define FUZZ_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fuzz_oracle {
#define FUZZ_ORACLE(name, text) FUZZ_ORACLE_##name,
#include "oracles.def"
#undef FUZZ_ORACLE
    FUZZ_ORACLE_COUNT
};

/* Checks of each oracle since the program began. */
extern uint64_t fuzz_checks[FUZZ_ORACLE_COUNT];

/* What stands in a result before a call that may refuse it. */
enum { FUZZ_UNTOUCHED = 0xa5 };
/* Are all octets of a result `octet`: FUZZ_UNTOUCHED if nothing was written, 0 if it is empty? */
bool fuzz_is_filled(const void *result, size_t n, unsigned char octet);

/* "slices", and what must hold; NULL behind the last. */
const char *fuzz_oracle_name(unsigned oracle);
const char *fuzz_oracle_text(unsigned oracle);

/* fuzz_fail_slices(what) and so on: write "oracle slices: WHAT" to stderr and abort. */
#define FUZZ_ORACLE(name, text) _Noreturn void fuzz_fail_##name(const char *what);
#include "oracles.def"
#undef FUZZ_ORACLE

/* Counts a check of `oracle`; aborts with `what` where `holds` is false. */
#define FUZZ_CHECK(oracle, holds, what)                                                            \
    do {                                                                                           \
        fuzz_checks[FUZZ_ORACLE_##oracle]++;                                                       \
        if (!(holds))                                                                              \
            fuzz_fail_##oracle(what);                                                              \
    } while (0)

/* Checks that no input has a part in, such as calls that are wrong: made at the first call, once
 * in a process, and not counted, so that an oracle that no input has asked is still noticed. */
void fuzz_once(void checks(void));

#endif
