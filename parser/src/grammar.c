/* The SIP grammar. */
#include "tables.h"

const sipv_grammar *sipv_sip_grammar(void)
{
    return &sipv_sip_tables;
}
