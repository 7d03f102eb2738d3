/* How a sentence comes out of a grammar: which rules, which branches of their alternatives and
 * which names of parameters a reading goes through.
 *
 * The reading is the one that the explaining engine accepts, found again by a machine that is slow,
 * takes the memory it wants and knows one thing more: the way it came.  It shares nothing with the
 * engine but the program of the grammar, so the two check each other. */
#ifndef FUZZ_DERIVATION_H
#define FUZZ_DERIVATION_H

#include "program.h"

enum fuzz_derived { FUZZ_NOT_DERIVED, FUZZ_DERIVED, FUZZ_TOO_LARGE };

/* Is all of `text` a sentence of `rule` (`value`, `relaxations` as in sipv_explain)?  Then the bits
 * of what the reading goes through, below the rule itself, are set in `cover`, which has
 * sipv_cover_size(g) octets.
 * `relaxations` gets those that the reading needs. */
enum fuzz_derived fuzz_derive(const sipv_grammar *g, int rule, bool value, sipv_slice text,
                              uint64_t *relaxations, unsigned char *cover);

/* The same, with a reading that goes through `bit` of the cover, if there is one: where a text has
 * several readings the first one hides the others.  Is there one? */
bool fuzz_derive_through(const sipv_grammar *g, int rule, bool value, sipv_slice text,
                         uint64_t relaxations, size_t bit, unsigned char *cover);

#endif
