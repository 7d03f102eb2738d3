/* Grammars out of inputs, to show the explaining engine and the sampler what the grammars of the
 * RFCs never ask of them: more readings than there is room for, calls deeper than there is room
 * for, alternatives without end.
 *
 *     A=xB*y|C{3};B=[abc]?;~C=%0D!,
 *
 * Rules are one capital letter each, apart by `;`; the first one is the rule that a text is matched
 * against.  In a rule: a byte, `%HH`, `.` for any byte, `[abc]`, `(...)`, `|`, `*`, `?`, `{n}`, a
 * rule that comes later or the rule itself, and `!,` for a cut at a byte.  `~` makes a rule a
 * relaxation, which has no use but where it is allowed. */
#ifndef FUZZ_MADE_GRAMMAR_H
#define FUZZ_MADE_GRAMMAR_H

#include "program.h"

/* The grammar, which is there until the next call, or NULL if `text` is none, or too large. */
const sipv_grammar *fuzz_make_grammar(sipv_slice text);

#endif
