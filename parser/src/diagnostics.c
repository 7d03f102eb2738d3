/* The catalogue of diagnostics. */
#include "catalogue.h"

#include <sipvet/parser.h>

const sipv_diag_info *sipv_diag_at(size_t i)
{
    return catalogue_at(i);
}

const sipv_diag_info *sipv_diag_find(unsigned code)
{
    return catalogue_find(code);
}
