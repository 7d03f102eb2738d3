/* The SDP grammar. */
#include "tables.h"

const sipv_grammar *sipv_sdp_grammar(void)
{
    return &sipv_sdp_tables;
}
