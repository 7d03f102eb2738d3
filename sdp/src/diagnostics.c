/* The catalogue of diagnostics. */
#include "catalogue.h"

#include <sipvet/sdp.h>

const sipv_diag_info *sipv_sdp_diag_at(size_t i)
{
    return catalogue_at(i);
}

const sipv_diag_info *sipv_sdp_diag_find(unsigned code)
{
    return catalogue_find(code);
}
