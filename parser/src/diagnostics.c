/* The catalogue of diagnostics. */
#include <sipvet/parser.h>

static const sipv_diag_info catalogue[] = {
#define X(code, id, severity, status, name, rfc, message, help, fix, place, example)               \
    {code, SIPV_##severity, status, name, rfc, message, help, fix, SIPV_EXAMPLE_##place, example},
#include "diagnostics.def"
#undef X
};

const sipv_diag_info *sipv_diag_at(size_t i)
{
    return i < sizeof catalogue / sizeof *catalogue ? &catalogue[i] : NULL;
}

const sipv_diag_info *sipv_diag_find(unsigned code)
{
    size_t low = 0, high = sizeof catalogue / sizeof *catalogue;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (catalogue[middle].code == code)
            return &catalogue[middle];
        if (catalogue[middle].code < code)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
