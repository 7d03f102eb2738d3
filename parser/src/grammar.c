/* The SIP grammar and the choice of its matchers. */
#include "tables.h"

const sipv_grammar *sipv_sip_grammar(void) { return &sipv_sip_tables; }

const sipv_matcher *sipv_sip_matchers(void)
{
#if defined(__x86_64__) || defined(__i386__)
    if (__builtin_cpu_supports("ssse3"))
        return sipv_matchers_sip_ssse3;
#endif
    return sipv_matchers_sip_portable;
}
