/* The matchers without vector code. */
#include "tables.h"
#undef __SSSE3__
#define SIPV_MATCHERS(grammar) sipv_matchers_##grammar##_portable
#define SIPV_TOKENS(grammar) sipv_tokens_##grammar##_portable
#include "sip_match.gen.c"
