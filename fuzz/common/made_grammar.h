/* Grammars out of inputs, to show the explaining engine and the sampler what the grammars of the
 * RFCs never ask of them: more readings than there is room for, calls deeper than there is room
 * for, alternatives without end.
 *
 *     A=xB*y|C{3};B=[abc]?;~C=%0D!,
 *
 * Rules are one capital letter each, apart by `;`; the first one is the rule that a text is matched
 * against.  In a rule: a byte, `%HH`, `.` for any byte, `[abc]`, `(...)`, `|`, `*`, `?`, `{n}`, a
 * rule that comes later or the rule itself, `!,` for a cut at a byte, and `^[abc]d(x|y)`: x if a
 * run of the set is followed by d, else y.  `~` makes a rule a relaxation, which has no use but
 * where it is allowed. */
#ifndef FUZZ_MADE_GRAMMAR_H
#define FUZZ_MADE_GRAMMAR_H

#include "program.h"

/* The grammar, which is there until the next call, or NULL if `text` is none, or too large. */
const sipv_grammar *fuzz_make_grammar(sipv_slice text);

/* Does it decide between readings before they end, by a cut or by what comes later?  abnfc takes
 * only grammars that lose no sentence by that; one that is made up may, so what the sampler writes
 * need not be a sentence. */
bool fuzz_decides_early(const sipv_grammar *g);

/* May matching a text of `n` bytes take so long that it holds up all others?  At each byte up to
 * 128 readings go on, and each may find all that follows without a byte anew, as in `a?{600}`: so
 * what follows each byte of the grammar is counted, for each of the text. */
bool fuzz_is_laborious(const sipv_grammar *g, size_t n);

/* Does it repeat what may be empty?  abnfc takes no such grammar, and the sampler might go round
 * for ever. */
bool fuzz_repeats_nothing(const sipv_grammar *g);

#endif
