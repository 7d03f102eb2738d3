#include "server.h"

#include <string.h>

#include "input.h"
#include "secrets.h"

static uint64_t clock_ms(void *with)
{
    return ((struct fuzz_server *)with)->now_ms;
}

bool fuzz_server_random(void *server, unsigned char *out, size_t n)
{
    struct fuzz_server *s = server;
    for (size_t i = 0; i < n; i++)
        out[i] = (unsigned char)fuzz_draw(&s->seed);
    return !s->random_fails;
}

static bool is_user(struct fuzz_server *s, const sipv_claim *claim)
{
    sipv_digits name;
    if (!claim->userhash)
        return sipv_slice_equal(claim->username, s->username);
    return sipv_digest_userhash(s->hasher, claim->algorithm, s->username, claim->realm, &name) ==
               SIPV_OK &&
           sipv_digits_equal(&name, claim->username);
}

/* The password; guarded, a copy of it that is secret. */
static sipv_slice password_of(struct fuzz_server *s)
{
    const sipv_slice p = s->password;
    if (!s->guarded || !p.n || p.n > sizeof s->kept)
        return p;
    memcpy(s->kept, p.p, p.n);
    fuzz_make_secret(s->kept, p.n);
    return sipv_slice_of(s->kept, p.n);
}

static int lookup(void *with, const sipv_claim *claim, sipv_secret *secret)
{
    struct fuzz_server *s = with;
    if (!is_user(s, claim))
        return SIPV_ABSENT;
    if (!s->by_ha1) {
        if (!s->nameless)
            secret->username = s->username;
        secret->password = password_of(s);
        return SIPV_OK;
    }
    if (sipv_digest_ha1(s->hasher, claim->algorithm, s->username, claim->realm, s->password,
                        &s->ha1) != SIPV_OK)
        return SIPV_ABSENT;
    secret->ha1 = sipv_digits_slice(&s->ha1);
    if (s->guarded)
        fuzz_make_secret(s->ha1.text, s->ha1.n);
    return SIPV_OK;
}

sipv_verifier_config fuzz_server_config(struct fuzz_server *s, const sipv_verifier_config *wanted)
{
    sipv_verifier_config config = *wanted;
    if (!config.nonces)
        config.nonces = 16;
    config.lookup = lookup;
    config.clock = clock_ms;
    config.random = config.random == sipv_random_openssl ? NULL : fuzz_server_random;
    config.with = s;
    memset(config.key, 0x5a, sizeof config.key);
    return config;
}

bool fuzz_server_open(struct fuzz_server *s, const sipv_verifier_config *wanted)
{
    static sipv_hasher *hasher;
    const sipv_verifier_config config = fuzz_server_config(s, wanted);
    if (!hasher)
        hasher = sipv_hasher_new();
    s->hasher = hasher;
    s->now_ms = FUZZ_SERVER_BEGIN_MS;
    s->random_fails = s->nameless = false;
    if (!hasher || sipv_verifier_size(&config) > sizeof s->memory)
        return false;
    s->verifier = sipv_verifier_init(s->memory, sizeof s->memory, &config);
    return s->verifier != NULL;
}

void fuzz_server_close(struct fuzz_server *s)
{
    sipv_verifier_close(s->verifier);
    s->verifier = NULL;
}
