/* What code that is compiled with -fsanitize-coverage=trace-pc calls at the start of each block. */
#include "work.h"

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
    fuzz_work++;
}
