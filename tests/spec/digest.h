/* What the views of the digest library make of a value. */
#ifndef TESTS_SPEC_DIGEST_H
#define TESTS_SPEC_DIGEST_H

#include <stddef.h>

/* Lines about the value of `rule`, nothing if that has no view; at most `cap` bytes with a NUL.
 * Returns how many. */
size_t spec_digest(const char *rule, const unsigned char *value, size_t n, char *out, size_t cap);

#endif
