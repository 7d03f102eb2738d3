/* catalogue.h: the diagnostics of all components as one catalogue. */
#ifndef SIPVET_TOOLS_CATALOGUE_H
#define SIPVET_TOOLS_CATALOGUE_H

#include <sipvet/grammar.h>

/* The entry of a code, or NULL. */
const sipv_diag_info *catalogue_code(unsigned code);
/* Entry number `i` in order of code, or NULL behind the last. */
const sipv_diag_info *catalogue_at(size_t i);
/* A diagnostic by code ("SV0112", "112") or name; NULL if there is none. */
const sipv_diag_info *catalogue_find(const char *text, size_t n);

#endif
