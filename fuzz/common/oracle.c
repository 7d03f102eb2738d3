#define _POSIX_C_SOURCE 200809L
#include "oracle.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint64_t fuzz_checks[FUZZ_ORACLE_COUNT];

static const char *const names[] = {
#define FUZZ_ORACLE(name, text) #name,
#include "oracles.def"
#undef FUZZ_ORACLE
};

static const char *const texts[] = {
#define FUZZ_ORACLE(name, text) text,
#include "oracles.def"
#undef FUZZ_ORACLE
};

const char *fuzz_oracle_name(unsigned oracle)
{
    return oracle < FUZZ_ORACLE_COUNT ? names[oracle] : NULL;
}

const char *fuzz_oracle_text(unsigned oracle)
{
    return oracle < FUZZ_ORACLE_COUNT ? texts[oracle] : NULL;
}

bool fuzz_is_filled(const void *result, size_t n, unsigned char octet)
{
    const unsigned char *const p = result;
    return !n || (p[0] == octet && memcmp(p, p + 1, n - 1) == 0);
}

/* No stdio: a fuzzer may have closed or redirected its streams.  Best effort: the abort follows. */
static void say(const char *text)
{
    const ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written;
}

static void explain(const char *oracle, const char *what)
{
    say("oracle ");
    say(oracle);
    say(": ");
    say(what);
    say("\n");
}

/* One function for each, which no compiler may inline or merge: they differ in their texts. */
#define FUZZ_ORACLE(name, text)                                                                    \
    __attribute__((noinline)) void fuzz_fail_##name(const char *what)                              \
    {                                                                                              \
        explain(#name, what);                                                                      \
        abort();                                                                                   \
    }
#include "oracles.def"
#undef FUZZ_ORACLE

void fuzz_once(void checks(void))
{
    static bool done;
    uint64_t counted[FUZZ_ORACLE_COUNT];
    if (done)
        return;
    done = true;
    memcpy(counted, fuzz_checks, sizeof counted);
    checks();
    memcpy(fuzz_checks, counted, sizeof counted);
}
