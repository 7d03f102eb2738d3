/* What the generated tables of SDP look like, and its matchers. */
#ifndef SIPV_SDP_TABLES_H
#define SIPV_SDP_TABLES_H

#include <sipvet/sdp.h>

#include "match.h"
#include "typed.h"

/* What a value needs beyond its grammar; used by the parser of SIP alone. */
enum { SIPV_WALK = 1, SIPV_NUMBERS = 2 };

#pragma GCC visibility push(hidden) /* reached without a table of addresses */
extern const sipv_grammar sipv_sdp_tables;
extern const struct sipv_typed sipv_sdp_typed_forms[];
extern const sipv_sdp_attribute_info sipv_sdp_attribute_table[SIPV_SDP_A_COUNT];
/* What is needed to read an attribute, by its id. */
struct sipv_sdp_attribute_key {
    _Alignas(64) unsigned char name[32]; /* zeros behind it */
    uint8_t n, levels;                   /* octets of the name; SIPV_SDP_AT_... */
    bool single;
    int16_t view;
    uint16_t root; /* matcher of its value, SIPV_NONE: it has none */
};
extern const struct sipv_sdp_attribute_key sipv_sdp_attribute_keys[SIPV_SDP_A_COUNT];
/* By the upper bits of the hash of a name: its id, or 0. */
extern const uint64_t sipv_sdp_attribute_seed;
enum { SIPV_SDP_SLOT_BITS = 10 };
extern const uint8_t sipv_sdp_attribute_slots[1 << SIPV_SDP_SLOT_BITS];
extern const sipv_automata sipv_sdp_automata;
extern const sipv_express sipv_sdp_express[];
extern const struct sipv_run_set sipv_sdp_token;
extern const struct sipv_vectors sipv_sdp_vectors;
extern const sipv_select_name sipv_sdp_select_names[];
extern const uint16_t sipv_sdp_select_slots[];
#pragma GCC visibility pop

#endif
