/* What the generated tables of SIP look like, and the two flavours of its matchers. */
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

struct sipv_typed {
    const struct sipv_field *fields;
    unsigned n;
    size_t size;
};

extern const sipv_grammar sipv_sip_tables;
extern const struct sipv_typed sipv_sip_typed[];
extern const sipv_header_info sipv_header_table[SIPV_H_COUNT];
extern const uint32_t sipv_header_seed, sipv_header_mask;
extern const uint16_t sipv_header_slots[], sipv_compact_ids[26];

extern const sipv_matcher sipv_matchers_sip_portable[], sipv_matchers_sip_ssse3[];

/* The matchers that this processor runs best. */
const sipv_matcher *sipv_sip_matchers(void);

#endif
