/* Secrets under MemorySanitizer: no branch and no index may depend on them.
 *
 * What is secret is marked as if it were uninitialised, and so is every hash of it; then the
 * sanitizer reports the first branch, and the first index, that it decides.  The comparison of
 * OpenSSL that takes the same time for everything makes its result public again.  OpenSSL itself is
 * not instrumented: its functions that the library calls are wrapped (secrets_openssl.c).
 *
 * In other builds nothing is marked. */
#ifndef FUZZ_SECRETS_H
#define FUZZ_SECRETS_H

#include <stdbool.h>
#include <stddef.h>

/* Does this build look after secrets? */
bool fuzz_guards_secrets(void);
void fuzz_make_secret(void *p, size_t n);
void fuzz_make_public(const void *p, size_t n);
/* Does `p` depend on a secret? */
bool fuzz_is_secret(const void *p, size_t n);

#endif
