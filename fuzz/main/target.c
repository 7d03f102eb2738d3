/* Which target this is; compiled for each, by fuzz/CMakeLists.txt out of fuzz/targets.list. */
#include "runner.h"

const char fuzz_target_name[] = FUZZ_TARGET_NAME;
const char fuzz_target_oracles[] = FUZZ_TARGET_ORACLES;
