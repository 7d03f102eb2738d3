/* Refused by the client: arguments, challenges that it cannot meet, Authentication-Info. */
#include <string.h>

#include "digest_refused.h"

enum { VALUE = FUZZ_REFUSED_VALUE, EVENTS = FUZZ_REFUSED_EVENTS };

static unsigned char value[VALUE], memory[VALUE];

/* ---- The client --------------------------------------------------------------------------------
 */

static void refuse_client_arguments(sipv_hasher *h, sipv_client *c,
                                    const sipv_client_request *request)
{
    sipv_client_request nobody = *request;
    const sipv_auth_info info = {.text = request->uri};
    const sipv_slice body = sipv_slice_of("", 0);
    size_t n;
    nobody.username = NONE;
    REFUSED(sipv_client_init(NULL, memory, 1, NULL));
    REFUSED(sipv_client_init(c, NULL, 1, NULL));
    REFUSED(sipv_client_challenged(NULL, h, NULL, 0));
    REFUSED(sipv_client_challenged(c, NULL, NULL, 0));
    REFUSED(sipv_client_challenged(c, h, NULL, 1));
    GIVES(SIPV_ABSENT, sipv_client_challenged(c, h, NULL, 0));
    REFUSED(sipv_client_answer(NULL, h, request, value, VALUE, &n));
    REFUSED(sipv_client_answer(c, NULL, request, value, VALUE, &n));
    REFUSED(sipv_client_answer(c, h, NULL, value, VALUE, &n));
    REFUSED(sipv_client_answer(c, h, request, value, VALUE, NULL));
    REFUSED(sipv_client_answer(c, h, request, NULL, 1, &n));
    REFUSED(sipv_client_answer(c, h, &nobody, value, VALUE, &n));
    REFUSED(sipv_client_info(NULL, h, &info, request, body));
    REFUSED(sipv_client_info(c, NULL, &info, request, body));
    REFUSED(sipv_client_info(c, h, NULL, request, body));
    REFUSED(sipv_client_info(c, h, &info, NULL, body));
    sipv_client_accepted(NULL);
    sipv_client_close(NULL);
}

/* A challenge from elsewhere, for all that a client may keep of one. */
sipv_challenge fuzz_foreign_challenge(const struct fuzz_scenario *s)
{
    const sipv_challenge ch = {.realm = s->realm,
                               .nonce = sipv_slice_text("nonce"),
                               .opaque = sipv_slice_text("opaque"),
                               .algorithm = s->algorithm,
                               .qops = SIPV_BIT(s->qop)};
    return ch;
}

/* It keeps realm, opaque and nonce, and all of them or nothing. */
static void keep_in_little_memory(sipv_hasher *h, const struct fuzz_scenario *s)
{
    const sipv_challenge ch = fuzz_foreign_challenge(s);
    const size_t need = ch.realm.n + ch.opaque.n + ch.nonce.n;
    const size_t caps[] = {0,        ch.realm.n, ch.realm.n + 1, need - ch.nonce.n,
                           need - 1, need,       need + 1};
    sipv_client c;
    for (size_t i = 0; need <= sizeof memory / 2 && i < sizeof caps / sizeof *caps; i++) {
        GIVES(SIPV_OK, sipv_client_init(&c, caps[i] ? memory : NULL, caps[i], NULL));
        GIVES(caps[i] < need ? SIPV_NO_SPACE : SIPV_OK, sipv_client_challenged(&c, h, &ch, 1));
        FUZZ_CHECK(digest,
                   caps[i] < need ? !c.nonce.p
                                  : sipv_slice_equal(c.realm, ch.realm) &&
                                        sipv_slice_equal(c.opaque, ch.opaque) &&
                                        sipv_slice_equal(c.nonce, ch.nonce),
                   "half a challenge is kept");
    }
}

/* Challenges that it cannot meet are passed over. */
static void pass_over(sipv_hasher *h, const struct fuzz_scenario *s)
{
    const sipv_client_config config = {.algorithms = SIPV_BIT(s->algorithm),
                                       .qops = SIPV_BIT(s->qop)};
    const sipv_challenge right = fuzz_foreign_challenge(s);
    sipv_challenge list[6];
    sipv_client c;
    for (size_t i = 0; i < 6; i++)
        list[i] = right;
    list[0].fault.reason = SIPV_FORM;
    list[1].algorithm = SIPV_ALGORITHM_OTHER;
    list[2].algorithm = (sipv_algorithm)((unsigned)s->algorithm ^ 1);
    list[3].qops = SIPV_BIT(SIPV_QOP_OTHER);
    list[4].opaque = sipv_slice_of("", 0);
    list[5].realm = sipv_slice_text("of nobody");
    GIVES(SIPV_OK, sipv_client_init(&c, memory, sizeof memory, &config));
    GIVES(SIPV_ABSENT, sipv_client_challenged(&c, h, list, 4));
    GIVES(SIPV_OK, sipv_client_challenged(&c, h, list, 5));
    GIVES(SIPV_ABSENT, sipv_client_challenged(&c, h, &list[5], 1));
    GIVES(SIPV_OK, sipv_client_challenged(&c, h, list, 6)); /* again: nothing went out */
}

/* The same nonce again is a loop, stale or not; and a nonce has so many counts and no more. */
static void end_a_nonce(sipv_hasher *h, const struct fuzz_scenario *s, sipv_client *c,
                        const sipv_client_request *request)
{
    sipv_challenge ch = fuzz_foreign_challenge(s);
    sipv_slice nonce = c->nonce;
    size_t n;
    ch.nonce = nonce;
    ch.stale = true;
    GIVES(SIPV_END, sipv_client_challenged(c, h, &ch, 1));
    const uint32_t count = c->nc;
    GIVES(SIPV_NO_SPACE, sipv_client_answer(c, h, request, NULL, 0, &n));
    FUZZ_CHECK(digest, c->nc == count, "a count is used up by nothing");
    c->nc = UINT32_MAX;
    GIVES(SIPV_LIMIT, sipv_client_answer(c, h, request, value, VALUE, &n));
    c->nc = count;
}

/* What an Authentication-Info may say that is not so. */
void fuzz_refuse_info(struct fuzz_exchange *x)
{
    const struct fuzz_scenario *const s = x->s;
    sipv_client *const c = &x->client;
    static unsigned char long_nonce[sizeof memory];
    static sipv_event more[EVENTS];
    sipv_hasher *const h = x->server->hasher;
    sipv_room room = sipv_room_of(more, EVENTS, NULL, 0);
    sipv_auth_info right, info;
    sipv_client_request nothing;
    size_t n;
    memset(&nothing, 0, sizeof nothing);
    memset(&right, 0, sizeof right);
    if (s->qop != SIPV_QOP_NONE) {
        GIVES(SIPV_OK, sipv_verifier_info(x->server->verifier, h, &x->sent, s->body, false, value,
                                          VALUE, &n));
        if (sipv_auth_info_parse(sipv_slice_of(value, n), &room, &right) != SIPV_OK)
            return; /* a cnonce would have to be unescaped: there is none */
    }
#define BUT(field, other, result)                                                                  \
    info = right;                                                                                  \
    info.field = other;                                                                            \
    GIVES(result, sipv_client_info(c, h, &info, &x->request, s->body))
    BUT(fault.reason, SIPV_FORM, SIPV_REJECT);
    if (s->qop != SIPV_QOP_NONE) {
        BUT(qop, SIPV_QOP_OTHER, SIPV_REJECT);
        BUT(nc, sipv_slice_text("0000000f"), SIPV_REJECT);
        BUT(cnonce, sipv_slice_text("c"), SIPV_REJECT);
        REFUSED(sipv_client_info(c, h, &right, &nothing, s->body));
    }
    BUT(rspauth, sipv_slice_text("0a"), SIPV_REJECT);
    BUT(rspauth, NONE, SIPV_ABSENT);
    BUT(nextnonce, sipv_slice_of(long_nonce, sizeof long_nonce), SIPV_NO_SPACE);
    const uint32_t count = c->nc;
    c->nc = 0;
    BUT(fault.reason, SIPV_FINE, SIPV_REJECT);
    c->nc = count;
#undef BUT
}

void fuzz_refuse_challenges(sipv_hasher *h, const struct fuzz_scenario *s)
{
    keep_in_little_memory(h, s);
    pass_over(h, s);
}

void fuzz_refuse_client(struct fuzz_exchange *x)
{
    refuse_client_arguments(x->server->hasher, &x->client, &x->request);
    end_a_nonce(x->server->hasher, x->s, &x->client, &x->request);
}
