/* The matchers of SIP, as abnfc writes them. */
#include "tables.h"

#define SIPV_MATCHERS(grammar) sipv_matchers_##grammar
#define SIPV_TOKENS(grammar) sipv_tokens_##grammar
#include "sip_match.gen.c"
