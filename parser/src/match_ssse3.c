/* The matchers with SSSE3, where the compiler has it; this file is compiled with -mssse3. */
#include "tables.h"
#ifdef __SSSE3__
#define SIPV_MATCHERS(grammar) sipv_matchers_##grammar##_ssse3
#define SIPV_TOKENS(grammar) sipv_tokens_##grammar##_ssse3
#include "sip_match.gen.c"
#else
typedef int sipv_no_ssse3;
#endif
