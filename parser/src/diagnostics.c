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

/* Where an entry stands, plus one; by its code. */
enum place {
    NOWHERE,
#define X(code, id, severity, status, name, rfc, message, help, fix, place, example) AT_##id,
#include "diagnostics.def"
#undef X
    BEHIND_THE_LAST
};

static const uint8_t places[] = {
#define X(code, id, severity, status, name, rfc, message, help, fix, place, example)               \
    [code] = AT_##id,
#include "diagnostics.def"
#undef X
};
_Static_assert(BEHIND_THE_LAST <= UINT8_MAX, "a place fits in its type");

const sipv_diag_info *sipv_diag_find(unsigned code)
{
    const unsigned place = code < sizeof places ? places[code] : NOWHERE;
    return place == NOWHERE ? NULL : &catalogue[place - 1];
}
