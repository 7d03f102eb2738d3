/* mutator.h: changes texts of SIP, SDP and digest headers where writers and readers of them err.
 *
 *     n = mutator_mutate(data, n, max, seed, NULL, 0);
 *
 * It knows lines, separators, parameters, numbers and quotes, and nothing else of the grammar: no
 * parser that may be under test is in here, and any octets are taken.  The same octets and seed
 * give the same result on every machine.  Nothing is allocated, nothing is kept between calls.
 *
 * libfuzzer.c and afl.c make it the custom mutator of the two engines; other programs need this
 * header alone. */
#ifndef FUZZ_MUTATOR_H
#define FUZZ_MUTATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One call makes a text longer by this at most. */
enum { MUTATOR_GROWTH = 8192 };

/* Changes the `n` octets of `data`, which has room for `max`, by one or a few edits.  What is
 * borrowed comes from `other`, which must not overlap `data` and may be NULL.  Returns the new
 * length, at most `max` and at most n + MUTATOR_GROWTH. */
size_t mutator_mutate(unsigned char *data, size_t n, size_t max, uint64_t seed,
                      const unsigned char *other, size_t n_other);

/* Writes a child of two texts: the lines of one with lines of the other among them, or the head of
 * one and the tail of the other, cut between lines.  `out` has room for `max` and overlaps neither.
 * Returns the length, at most `max`. */
size_t mutator_cross(const unsigned char *a, size_t n_a, const unsigned char *b, size_t n_b,
                     unsigned char *out, size_t max, uint64_t seed);

/* ---- One kind of edit at a time ---------------------------------------------------------------
 */

/* How many kinds there are, and the name of one: "header-fold". */
size_t mutator_kinds(void);
const char *mutator_kind(size_t kind);

/* One edit of this kind; *n is the new length.  False, and nothing has changed, where the text has
 * nothing to apply it to or no room for it. */
bool mutator_edit(size_t kind, unsigned char *data, size_t *n, size_t max, uint64_t seed,
                  const unsigned char *other, size_t n_other);

#endif
