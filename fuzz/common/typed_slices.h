/* Slices of typed forms: inside what they were taken from, and in order. */
#ifndef FUZZ_TYPED_SLICES_H
#define FUZZ_TYPED_SLICES_H

#include <sipvet/grammar.h>

#include "typed.h"

/* Is `s` absent or inside `parent`? */
bool fuzz_inside(sipv_slice s, sipv_slice parent);

/* Checks the oracle `slices` on a struct of a typed form, taken from the text `parent`: fields
 * inside it, two of them disjoint or one inside the other; of a URI all are inside its text and
 * otherwise disjoint; a host, of a URI or a Via, ends where its port or what follows begins;
 * parameters and lists in order and disjoint. */
void fuzz_check_typed(const struct sipv_typed *form, const struct sipv_typed *uri,
                      const void *typed, sipv_slice parent);

/* Checks parameters inside `parent`: names and values in order and disjoint.  Returns how many. */
size_t fuzz_check_params(const sipv_params *params, sipv_slice parent);

/* Checks captures whose offsets count from the start of `text`: inside text[from..]; of those that
 * are one event, neighbours nested or disjoint; each that opens closes, and nothing else does. */
void fuzz_check_events(const sipv_event *ev, size_t n, sipv_slice text, size_t from);

#endif
