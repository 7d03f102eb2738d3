/* Whatever reads the texts of families: the parsers, their engines, and what judges their results.
 */
#ifndef FUZZ_LINEAR_SUBJECTS_H
#define FUZZ_LINEAR_SUBJECTS_H

#include "families.h"

struct subject {
    unsigned kinds; /* of the texts that it takes */
    const char *name;
    void (*run)(const struct family *f, sipv_slice text);
};

/* In the order in which they get a text: some go on with what the one before them has made of it,
 * so that only their own work is counted. */
enum { SUBJECTS = 23 };
extern const struct subject subjects[SUBJECTS];

/* What the strict profile has against a text, as struct family says: NULL, a name of a finding, or
 * REFUSED. */
const char *refusal_of(const struct family *f, sipv_slice text);

#endif
