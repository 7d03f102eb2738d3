#include "processor.h"

bool fuzz_plain;

bool __wrap_sipv_express_runs(void);
bool __real_sipv_express_runs(void);

bool __wrap_sipv_express_runs(void)
{
    return !fuzz_plain && __real_sipv_express_runs();
}
