/* What a message means, as a text: equal texts, equal meaning.
 *
 * Headers of a name come together, in their order; elements of lists are the same whether a comma
 * or a line stands between them.  White space and folds are one space, quoted strings are what they
 * stand for, names have no case (RFC 3261 7.3.1). */
#ifndef FUZZ_CANONICAL_H
#define FUZZ_CANONICAL_H

#include <sipvet/parser.h>

#include "text.h"

void fuzz_canonical(const sipv_message *m, struct fuzz_out *out);

/* The same of one header that was read. */
void fuzz_canonical_header(const sipv_message *m, const sipv_header *h, struct fuzz_out *out);

/* What the typed headers of a message mean, asked for as a user does: element by element with
 * sipv_next, all fields of its struct. */
void fuzz_canonical_typed(sipv_message *m, struct fuzz_out *out);

#endif
