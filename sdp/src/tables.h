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
/* What of a line does not depend on where it stands, as it is in sipv_sdp_line. */
struct sipv_sdp_line_kind {
    char type;
    uint8_t state;
    uint16_t id, section;
    int16_t view;
};
/* What is needed to read an attribute line of the usual form, by the attribute's id. */
struct sipv_sdp_attribute_key {
    _Alignas(64) unsigned char text[32]; /* "a=", the name, and ":" if it has a value, else CR */
    sipv_express_function run;           /* reads its value; NULL: it has none */
    uint32_t bits;                       /* which octets of `text` these are */
    uint8_t n;                           /* octets of the name */
    uint8_t closer[2];                   /* it is worth a closer look if one of these bits is set in
                                            `had` of the parse: in the session, in sections */
    struct sipv_sdp_line_kind kind;      /* with section 0 */
};
extern const struct sipv_sdp_attribute_key sipv_sdp_attribute_keys[SIPV_SDP_A_COUNT];
enum { SIPV_SDP_ALWAYS = 0x80 }; /* this bit is set */
/* By the hash of a name (field_name.h): where its key is, in octets; 0 for none. */
extern const uint64_t sipv_sdp_attribute_seed;
extern const uint16_t sipv_sdp_attribute_slots[];
extern const sipv_automata sipv_sdp_automata;
extern const sipv_express sipv_sdp_express[];
extern const struct sipv_run_set sipv_sdp_token;
extern const struct sipv_vectors sipv_sdp_vectors;
extern const sipv_select_name sipv_sdp_select_names[];
extern const uint16_t sipv_sdp_select_slots[];
#pragma GCC visibility pop

#endif
