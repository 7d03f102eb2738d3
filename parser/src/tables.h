/* What the generated tables of SIP look like, and its matchers. */
#ifndef SIPV_TABLES_H
#define SIPV_TABLES_H

#include <sipvet/parser.h>

#include "match.h"
#include "typed.h"

/* What a value needs beyond its grammar: a walk over parameters, ports and list elements; a look at
 * its numbers, whose digits the grammar does not bound. */
enum { SIPV_WALK = 1, SIPV_NUMBERS = 2 };

#pragma GCC visibility push(hidden) /* reached without a table of addresses */
extern const sipv_grammar sipv_sip_tables;
extern const struct sipv_typed sipv_sip_typed[];
extern const sipv_header_info sipv_header_table[SIPV_H_COUNT];

/* What the index needs to know of a header field by its name, in one line of a cache.  Vector code
 * compares the name with what stands behind it, ": ", at once, and copies what a header begins with
 * in one piece. */
struct sipv_header_key {
    _Alignas(64) unsigned char folded[SIPV_FOLDED]; /* name and ": ", see sipv_is_name; no "_" */
    uint16_t id;                                    /* as in sipv_header, from here ... */
    uint8_t state;                                  /* SIPV_UNREAD, or SIPV_UNTYPED */
    uint32_t lead;                                  /* ... to here; 1 */
    uint32_t bits;                                  /* one for each octet of `folded` */
    uint8_t n;                                      /* octets of the name */
    bool single;                                    /* at most once */
};
_Static_assert(sizeof(struct sipv_header_key) == 64, "a line");
/* By id; behind those the keys of compact names. */
extern const struct sipv_header_key sipv_header_keys[];
/* By sipv_field_hash(): the number of the key that a name may have. */
extern const uint8_t sipv_header_slots[];
extern const uint64_t sipv_header_seed;

extern const sipv_automata sipv_sip_automata;
extern const sipv_express sipv_sip_express[];
extern const struct sipv_run_set sipv_sip_token;
extern const struct sipv_vectors sipv_sip_vectors;
extern const sipv_select_name sipv_sip_select_names[];
extern const uint16_t sipv_sip_select_slots[];

/* How the value of a header is matched, without a typed form against what all have in common; and
 * where the header may be. */
struct sipv_header_run {
    sipv_express_function express; /* compiled code, or what stands for it */
    uint16_t node, root;           /* `node`: what `express` begins with */
    uint32_t places; /* methods it may appear in, by bit; response classes 1 to 6 from bit 25 on */
};
extern const struct sipv_header_run sipv_header_runs[SIPV_H_COUNT];
#pragma GCC visibility pop

/* The one key that a name with this hash may have. */
static inline const struct sipv_header_key *sipv_header_key_at(uint32_t hash)
{
    return &sipv_header_keys[sipv_header_slots[hash]];
}

#endif
