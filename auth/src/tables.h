/* What the generated tables of the digest grammar look like. */
#ifndef SIPV_AUTH_TABLES_H
#define SIPV_AUTH_TABLES_H

#include <sipvet/auth.h>

#include "match.h"

#pragma GCC visibility push(hidden)
extern const sipv_grammar sipv_auth_tables;
extern const sipv_automata sipv_auth_automata;
extern const sipv_express sipv_auth_express[];
extern const struct sipv_run_set sipv_auth_token;
extern const struct sipv_vectors sipv_auth_vectors;
extern const sipv_select_name sipv_auth_select_names[];
extern const uint16_t sipv_auth_select_slots[];
#pragma GCC visibility pop

#endif
