/* Two threads, one verifier, each with its own hasher: of all answers that both send each is taken
 * once, and whatever is not taken is a replay.  A finding of ThreadSanitizer is a failure. */
#include <sipvet/auth.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 2, NONCES = 40, COUNTS = 50 };

#define S(text) sipv_slice_text(text)

static sipv_verifier *v;
static char nonces[NONCES][SIPV_NONCE_DIGITS];
static _Atomic unsigned taken[NONCES][COUNTS + 1];
static _Atomic unsigned replayed, other;

static uint64_t clock_ms(void *with)
{
    (void)with;
    return 1000000;
}

static int lookup(void *with, const sipv_claim *claim, sipv_secret *secret)
{
    (void)with;
    memcpy(secret->room, "swordfish", 9);
    secret->password = sipv_slice_of(secret->room, 9);
    return sipv_slice_is(claim->username, "ida") ? SIPV_OK : SIPV_ABSENT;
}

static sipv_auth_reason send_answer(sipv_hasher *h, unsigned nonce, uint32_t count)
{
    const sipv_verifier_request request = {S("BYE"), S("sip:x"), {NULL, 0}, {NULL, 0}};
    char nc[SIPV_NC_DIGITS];
    sipv_credentials c;
    sipv_digest d;
    sipv_digits response;
    memset(&c, 0, sizeof c);
    memset(&d, 0, sizeof d);
    sipv_nc_write(count, nc);
    c.algorithm = d.algorithm = SIPV_SHA_256;
    c.qop = d.qop = SIPV_QOP_AUTH;
    c.username = d.username = S("ida");
    c.realm = d.realm = S("elm.example");
    c.nonce = d.nonce = sipv_slice_of(nonces[nonce], SIPV_NONCE_DIGITS);
    c.nc = d.nc = sipv_slice_of(nc, sizeof nc);
    c.cnonce = d.cnonce = S("c");
    c.uri = d.uri = S("sip:x");
    d.method = S("BYE");
    d.password = S("swordfish");
    if (sipv_digest_response(h, &d, NULL, &response) != SIPV_OK)
        return SIPV_AUTH_REASON_COUNT;
    c.response = sipv_digits_slice(&response);
    return sipv_verify(v, h, &request, &c);
}

/* Every answer, in an order of its own. */
static void *run(void *number)
{
    sipv_hasher *h = sipv_hasher_new();
    for (uint32_t count = 1; h && count <= COUNTS; count++)
        for (unsigned i = 0; i < NONCES; i++) {
            const unsigned nonce = number ? i : NONCES - 1 - i;
            unsigned char challenge[512];
            size_t n;
            const sipv_auth_reason r = send_answer(h, nonce, count);
            if (r == SIPV_FINE)
                atomic_fetch_add(&taken[nonce][count], 1);
            else if (r == SIPV_NC_REPLAYED || r == SIPV_NC_LOW)
                atomic_fetch_add(&replayed, 1);
            else
                atomic_fetch_add(&other, 1);
            if (sipv_verifier_challenge(v, h, 0, false, challenge, sizeof challenge, &n) != SIPV_OK)
                atomic_fetch_add(&other, 1);
        }
    if (!h)
        atomic_fetch_add(&other, 1);
    sipv_hasher_free(h);
    return NULL;
}

/* Nonces out of challenges. */
static bool prepare(void)
{
    sipv_hasher *h = sipv_hasher_new();
    bool good = h != NULL;
    for (unsigned i = 0; good && i < NONCES; i++) {
        unsigned char value[512];
        sipv_event events[64];
        sipv_room room = sipv_room_of(events, 64, NULL, 0);
        sipv_challenges list;
        sipv_challenge c;
        size_t n;
        good = sipv_verifier_challenge(v, h, 0, false, value, sizeof value, &n) == SIPV_OK &&
               sipv_challenges_parse(sipv_slice_of(value, n), &room, &list, NULL) == SIPV_OK &&
               sipv_challenges_next(&list, &c) == SIPV_OK && c.nonce.n == SIPV_NONCE_DIGITS;
        if (good)
            memcpy(nonces[i], c.nonce.p, SIPV_NONCE_DIGITS);
    }
    sipv_hasher_free(h);
    return good;
}

int main(void)
{
    sipv_verifier_config config;
    pthread_t threads[THREADS];
    memset(&config, 0, sizeof config);
    config.realm = S("elm.example");
    config.algorithms = SIPV_BIT(SIPV_SHA_256);
    config.late = 63;
    config.lookup = lookup;
    config.clock = clock_ms;
    void *memory = malloc(sipv_verifier_size(&config));
    v = sipv_verifier_init(memory, sipv_verifier_size(&config), &config);
    if (!v || !prepare())
        return 1;
    for (size_t i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, run, i ? &config : NULL) != 0)
            return 1;
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    unsigned once = 0, twice = 0;
    for (unsigned i = 0; i < NONCES; i++)
        for (unsigned count = 1; count <= COUNTS; count++) {
            once += taken[i][count] == 1;
            twice += taken[i][count] > 1;
        }
    printf("%u answers taken once, %u more than once, %u refused as replays, %u otherwise\n", once,
           twice, replayed, other);
    sipv_verifier_close(v);
    free(memory);
    return once == NONCES * COUNTS && !twice && replayed == NONCES * COUNTS && !other ? 0 : 1;
}
