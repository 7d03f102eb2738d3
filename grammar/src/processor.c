/* What the processor offers. */
#include "match.h"

bool sipv_express_runs(void)
{
#if defined(__x86_64__) && !defined(SIPVET_PORTABLE)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
#else
    return true; /* there compiled code is portable */
#endif
}
