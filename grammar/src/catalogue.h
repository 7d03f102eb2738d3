/* The catalogue of diagnostics of the component that includes this, made of its diagnostics.def:
 * X(code, NAME, severity, status, name, source, message, help, fix, place, example). */
#ifndef SIPV_CATALOGUE_H
#define SIPV_CATALOGUE_H

#include <sipvet/grammar.h>

static const sipv_diag_info catalogue[] = {
#define X(code, id, severity, status, name, rfc, message, help, fix, place, example)               \
    {code, SIPV_##severity, status, name, rfc, message, help, fix, SIPV_EXAMPLE_##place, example},
#include "diagnostics.def"
#undef X
};

static inline const sipv_diag_info *catalogue_at(size_t i)
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

static inline const sipv_diag_info *catalogue_find(unsigned code)
{
    const unsigned place = code < sizeof places ? places[code] : NOWHERE;
    return place == NOWHERE ? NULL : &catalogue[place - 1];
}

#endif
