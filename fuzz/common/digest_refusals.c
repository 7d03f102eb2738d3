/* What must be refused: arguments that no contract allows, credentials that are wrong in one thing,
 * and everything for which OpenSSL has not got a hash, a random number or a lock.  After all that
 * the right answer is still right: nothing that was refused has moved anything.
 *
 * Asked for: 0 hashes go through OpenSSL's EVP; from 1 on, with the number: which of its calls
 * fails. */
#include "digest_refused.h"
#include "openssl_fails.h"

enum { VALUE = FUZZ_REFUSED_VALUE, EVENTS = FUZZ_REFUSED_EVENTS };

static unsigned char challenge[VALUE], header[VALUE], text[VALUE], memory[VALUE];
static sipv_event events[EVENTS];

/* Every reason has a name, a place and a sentence; numbers that are none have not. */
static void check_reasons(void)
{
    for (unsigned i = 0; i <= SIPV_AUTH_REASON_COUNT; i++) {
        const sipv_auth_reason r = (sipv_auth_reason)i;
        const bool exists = i < SIPV_AUTH_REASON_COUNT;
        FUZZ_CHECK(digest,
                   (*sipv_auth_reason_name(r) != 0) == exists &&
                       (*sipv_auth_reason_text(r) != 0) == exists &&
                       (*sipv_auth_reason_rfc(r) != 0) ==
                           (exists && r != SIPV_FINE && r != SIPV_TOO_MANY),
                   "a reason without a name, or the reverse");
    }
}

/* A client's answer to the server's challenge of the scenario's algorithm. */
static bool make_answer(struct fuzz_exchange *x)
{
    struct fuzz_server *const server = x->server;
    const struct fuzz_scenario *const s = x->s;
    sipv_client *const client = &x->client;
    const sipv_client_config config = {.algorithms = SIPV_BIT(s->algorithm),
                                       .qops = SIPV_BIT(s->qop),
                                       .random = fuzz_server_random,
                                       .with = server};
    sipv_room room = sipv_room_of(events, EVENTS, text, sizeof text);
    sipv_challenges list;
    sipv_challenge ch;
    size_t n = 0;
    sipv_client_init(client, memory, sizeof memory, &config);
    for (unsigned i = 0; client->nonce.p == NULL; i++)
        if (sipv_verifier_challenge(server->verifier, server->hasher, i, false, challenge, VALUE,
                                    &n) != SIPV_OK ||
            sipv_challenges_parse(sipv_slice_of(challenge, n), &room, &list, NULL) != SIPV_OK ||
            sipv_challenges_next(&list, &ch) != SIPV_OK || ch.fault.reason != SIPV_FINE ||
            sipv_client_challenged(client, server->hasher, &ch, 1) == SIPV_NO_SPACE)
            return false;
    room = sipv_room_of(events, EVENTS, text, sizeof text);
    return sipv_client_answer(client, server->hasher, &x->request, header, VALUE, &n) == SIPV_OK &&
           sipv_credentials_parse(sipv_slice_of(header, n), &room, &x->sent) == SIPV_OK &&
           x->sent.fault.reason == SIPV_FINE;
}

static void refuse_for(struct fuzz_exchange *x)
{
    const struct fuzz_scenario *const s = x->s;
    const sipv_verifier_request judged = {s->method, s->uri, s->body, {NULL, 0}};
    if (!make_answer(x))
        return; /* a text that no quoted string can have */
    fuzz_refuse_credentials(x);
    fuzz_refuse_client(x);
    fuzz_refuse_without_openssl(x);
    fuzz_refuse_info(x);
    GIVES(SIPV_FINE, sipv_verify(x->server->verifier, x->server->hasher, &judged, &x->sent));
}

void fuzz_digest_refusals(struct fuzz_server *server, const struct fuzz_scenario *s)
{
    const sipv_verifier_config wanted = {.realm = s->realm,
                                         .algorithms = SIPV_ALGORITHMS_ALL,
                                         .qops = s->qop == SIPV_QOP_NONE ? SIPV_BIT(s->qop)
                                                                         : FUZZ_BOTH_QOPS,
                                         .userhash = s->userhash};
    struct fuzz_exchange x = {.server = server,
                              .config = fuzz_server_config(server, &wanted),
                              .s = s,
                              .request = {.username = s->username,
                                          .password = s->password,
                                          .method = s->method,
                                          .uri = s->uri,
                                          .body = s->body}};
    fuzz_refuse_configurations(server);
    check_reasons();
    if (!fuzz_server_open(server, &wanted))
        return;
    fuzz_refuse_values(server->hasher, s);
    fuzz_refuse_challenges(server->hasher, s);
    refuse_for(&x);
    fuzz_server_close(server);
    fuzz_openssl_works();
}
