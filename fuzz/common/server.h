/* A server and its world for targets of Digest: one verifier with a fixed key, a clock that stands
 * where it is put, nonces that depend on a seed only, one user. */
#ifndef FUZZ_SERVER_H
#define FUZZ_SERVER_H

#include <sipvet/auth.h>

enum { FUZZ_SERVER_PASSWORD = 4096 };

struct fuzz_server {
    sipv_hasher *hasher;
    sipv_verifier *verifier;
    uint64_t now_ms, seed;
    sipv_slice username, password; /* of the one user */
    bool by_ha1;                   /* HA1 is what the server keeps */
    bool guarded;                  /* what the server keeps is secret from now on, see secrets.h */
    sipv_digits ha1;
    unsigned char kept[FUZZ_SERVER_PASSWORD]; /* the password, if it is guarded */
    /* Room for the verifier. */
    _Alignas(max_align_t) unsigned char memory[8192];
};

/* Empty `algorithms` and `qops`: the defaults.  The hasher is made at the first call.  False: there
 * is no such verifier. */
bool fuzz_server_open(struct fuzz_server *s, sipv_slice realm, unsigned algorithms, unsigned qops,
                      bool userhash);
void fuzz_server_close(struct fuzz_server *s);

/* Numbers for nonces and cnonces, by s->seed. */
bool fuzz_server_random(void *server, unsigned char *out, size_t n);

#endif
