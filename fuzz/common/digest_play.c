/* A server over time: many answers, several nonces, a client that goes on.
 *
 * The body is the script: letters, each perhaps with a number behind it, and whatever stands
 * between them is skipped.
 *
 *     n        a nonce is taken from the server, and is the current one
 *     p 2      of those taken, number 2 is the current one
 *     c 7      an answer with count 7 on the current nonce
 *     x 7      the same with a wrong response
 *     t 1000   so many milliseconds go by
 *     b 1000   the clock is set back
 *     C        the client gets the server's challenges; S: with stale=true
 *     r        it answers, and is told what the server made of that
 *     i        it gets Authentication-Info; j: with another nonce
 *     w        from now on it has another password, or the right one again
 *     e        from now on there are no random numbers, or again
 *
 * What must come of an answer says a model, digest_model.h.
 *
 * Asked for: 0 the client takes the strongest; 1 it wants auth-int; 2 everything is left to the
 * defaults; 3 the client has little memory; 4 the server compares URIs without case; 5 one qop only
 * is offered.  The number: 0-5 how late a count may be, from 6 on how many nonces the server
 * remembers. */
#include "digest_play.h"
#include "openssl_fails.h"

enum { STEPS = 96 };

static struct fuzz_digest_model model;
static struct fuzz_play play;
static unsigned char memory[FUZZ_PLAY_VALUE];

/* ---- The script --------------------------------------------------------------------------------
 */

/* False: nothing can come any more. */
static bool step(struct fuzz_play *p, unsigned char letter, uint32_t number)
{
    switch (letter) {
    case 'n': fuzz_play_nonce(p); break;
    case 'p': p->at = number; break;
    case 'c': fuzz_play_answer(p, number, false); break;
    case 'x': fuzz_play_answer(p, number, true); break;
    case 't': p->server->now_ms += number; break;
    case 'b':
        p->server->now_ms -= number < p->server->now_ms ? number : p->server->now_ms;
        p->model->clock_was_back = true;
        break;
    case 'C': fuzz_play_challenge(p, false); break;
    case 'S': fuzz_play_challenge(p, true); break;
    case 'r': return fuzz_play_request(p);
    case 'i': fuzz_play_info(p, false); break;
    case 'j': fuzz_play_info(p, true); break;
    case 'w': p->wrong_password = !p->wrong_password; break;
    case 'e':
        p->server->random_fails = !p->server->random_fails;
        fuzz_openssl.no_random = p->server->random_fails;
        break;
    default: break;
    }
    return true;
}

/* The number at the front of the script, 0 if there is none. */
static uint32_t take_number(sipv_slice *script)
{
    uint32_t n = 0;
    while (script->n && *script->p == ' ')
        *script = sipv_slice_of(script->p + 1, script->n - 1);
    while (script->n && *script->p >= '0' && *script->p <= '9') {
        n = n * 10 + (*script->p - (uint32_t)'0');
        *script = sipv_slice_of(script->p + 1, script->n - 1);
    }
    return n;
}

static void run(struct fuzz_play *p, sipv_slice script)
{
    for (unsigned steps = 0; script.n && steps < STEPS; steps++) {
        const unsigned char letter = *script.p;
        script = sipv_slice_of(script.p + 1, script.n - 1);
        if (!step(p, letter, take_number(&script)))
            return;
    }
}

static bool same_without_case(void *with, sipv_slice uri, sipv_slice request_uri)
{
    (void)with;
    return sipv_slice_equal_nocase(uri, request_uri);
}

static bool open_server(struct fuzz_play *p, unsigned late)
{
    const struct fuzz_scenario *s = p->s;
    const bool defaults = s->asked >> 2 & 1, one_qop = s->asked >> 5 & 1;
    sipv_verifier_config config = {.realm = s->realm, .userhash = s->userhash, .late = late};
    config.nonces = (s->number >> 6) % 33;
    if (s->asked >> 4 & 1)
        config.same_uri = same_without_case;
    if (defaults) {
        config.random = sipv_random_openssl;
        p->algorithm = SIPV_SHA_256;
        p->qop = SIPV_QOP_AUTH;
        return fuzz_server_open(p->server, &config);
    }
    config.algorithms = SIPV_ALGORITHMS_ALL;
    config.qops = SIPV_BIT(p->qop);
    if (!one_qop && p->qop != SIPV_QOP_NONE)
        config.qops = SIPV_BIT(SIPV_QOP_AUTH) | SIPV_BIT(SIPV_QOP_AUTH_INT);
    return fuzz_server_open(p->server, &config);
}

static void open_client(struct fuzz_play *p)
{
    const struct fuzz_scenario *s = p->s;
    const sipv_client_config config = {.preference =
                                           s->asked & 1 ? SIPV_PREFER_STRONGEST : SIPV_PREFER_FIRST,
                                       .prefer_integrity = s->asked >> 1 & 1,
                                       .random = fuzz_server_random,
                                       .with = p->server};
    const size_t cap = s->asked >> 3 & 1 ? s->number >> 9 : sizeof memory;
    sipv_client_init(&p->client, memory, cap, s->asked >> 2 & 1 ? NULL : &config);
}

void fuzz_digest_play(struct fuzz_server *server, const struct fuzz_scenario *s)
{
    struct fuzz_play *const p = &play;
    const unsigned late = s->number & 0x3f;
    *p = (struct fuzz_play){
        .server = server, .s = s, .model = &model, .algorithm = s->algorithm, .qop = s->qop};
    if (!open_server(p, late))
        return;
    fuzz_model_init(&model, late, p->qop == SIPV_QOP_NONE);
    open_client(p);
    run(p, s->body);
    sipv_client_close(&p->client);
    FUZZ_CHECK(digest, !p->client.nonce.p && !p->client.nc, "a closed client keeps something");
    fuzz_server_close(server);
    fuzz_openssl_works();
}
