/* What the generated tables of SIP look like, and its matchers. */
#ifndef SIPV_TABLES_H
#define SIPV_TABLES_H

#include <sipvet/parser.h>

#include "match.h"

enum sipv_field_type {
    SIPV_FIELD_SLICE,
    SIPV_FIELD_NUMBER,
    SIPV_FIELD_FLAG,
    SIPV_FIELD_URI,
    SIPV_FIELD_PARAMS
};

/* One field of a typed form: which captures fill it and where it stands in the struct. */
struct sipv_field {
    uint16_t kind;
    uint8_t type;
    size_t offset;
    uint64_t max; /* of a number */
};

/* What a value needs beyond its grammar: a walk over parameters, ports and list elements; a look at
 * its numbers, whose digits the grammar does not bound. */
enum { SIPV_WALK = 1, SIPV_NUMBERS = 2 };

struct sipv_typed {
    const struct sipv_field *fields;
    uint16_t n, checks;
    size_t size;
};

extern const sipv_grammar sipv_sip_tables;
extern const struct sipv_typed sipv_sip_typed[];
extern const sipv_header_info sipv_header_table[SIPV_H_COUNT];
extern const uint32_t sipv_header_seed, sipv_header_mask;
extern const unsigned char sipv_header_folded[][SIPV_FOLDED];
extern const uint16_t sipv_header_slots[], sipv_compact_ids[26];

extern const sipv_automata sipv_sip_automata;
extern const sipv_express sipv_sip_express[];
extern const sipv_select_name sipv_sip_select_names[];
extern const uint8_t sipv_sip_select_slots[];
extern const uint16_t sipv_header_roots[SIPV_H_COUNT];

#endif
