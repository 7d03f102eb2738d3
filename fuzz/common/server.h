/* A server and its world for targets of Digest: one verifier with a fixed key, a clock that stands
 * where it is put, nonces that depend on a seed only, one user. */
#ifndef FUZZ_SERVER_H
#define FUZZ_SERVER_H

#include <sipvet/auth.h>

enum { FUZZ_SERVER_PASSWORD = 4096 };
/* How long its nonces live, and when its clock begins. */
enum { FUZZ_SERVER_LIFE_MS = 5 * 60 * 1000, FUZZ_SERVER_BEGIN_MS = 1000000 };

struct fuzz_server {
    sipv_hasher *hasher;
    sipv_verifier *verifier;
    uint64_t now_ms, seed;
    sipv_slice username, password; /* of the one user */
    bool by_ha1;                   /* HA1 is what the server keeps */
    bool random_fails;             /* there are no random numbers */
    bool nameless;                 /* with a password the server does not say whose it is */
    bool guarded;                  /* what the server keeps is secret from now on, see secrets.h */
    sipv_digits ha1;
    unsigned char kept[FUZZ_SERVER_PASSWORD]; /* the password, if it is guarded */
    /* Room for the verifier. */
    _Alignas(max_align_t) unsigned char memory[8192];
};

/* A configuration with what `wanted` says of realm, algorithms, qops, userhash, late, nonces,
 * same_uri and random; zeros there are the defaults, but 16 nonces and fuzz_server_random, for
 * which sipv_random_openssl stands as none.  The rest is the server's own. */
sipv_verifier_config fuzz_server_config(struct fuzz_server *s, const sipv_verifier_config *wanted);

/* Opens it so.  The hasher is made at the first call.  False: there is no such verifier. */
bool fuzz_server_open(struct fuzz_server *s, const sipv_verifier_config *wanted);
void fuzz_server_close(struct fuzz_server *s);

/* Numbers for nonces and cnonces, by s->seed. */
bool fuzz_server_random(void *server, unsigned char *out, size_t n);

#endif
