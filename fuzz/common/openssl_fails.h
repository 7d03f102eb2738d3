/* OpenSSL that refuses, as it does in FIPS mode or where memory is short.
 *
 * The linker puts functions in the place of those that the libraries call (--wrap); they do what
 * OpenSSL does but where this says otherwise.  Random numbers are always the same row, so that an
 * input does the same every time. */
#ifndef FUZZ_OPENSSL_FAILS_H
#define FUZZ_OPENSSL_FAILS_H

#include <stdbool.h>
#include <stdint.h>

struct fuzz_openssl {
    bool no_random;
    const char *refused; /* the hash function that cannot be had: "MD5", "SHA2-256" */
    bool foreign;        /* functions are those of another provider than the default one */
    bool no_lock;        /* no mutex can be made */
    uint64_t fails_at;   /* from now on the hashing call of this number fails, from 1; 0: none */
    uint64_t calls;      /* hashing calls so far; those that are made past EVP do not count */
    uint64_t seed;
};
extern struct fuzz_openssl fuzz_openssl;

/* Nothing fails, and random numbers begin anew. */
void fuzz_openssl_works(void);

#endif
