/* Many answers: a client that is challenged and answers. */
#include <string.h>

#include "digest_play.h"

static unsigned char sent[FUZZ_PLAY_VALUE];

/* ---- Challenges --------------------------------------------------------------------------------
 */

/* RFC 8760 2.4. */
static void check_choice(const struct fuzz_play *p, const sipv_challenge *list, size_t n)
{
    enum { STRONGEST = 1, DEFAULTS = 4 };
    const bool strongest = (p->s->asked & (STRONGEST | DEFAULTS)) == STRONGEST;
    const bool is_last = list[n - 1].algorithm > list[0].algorithm;
    const sipv_challenge *const right = strongest && is_last ? &list[n - 1] : &list[0];
    FUZZ_CHECK(digest,
               p->client.algorithm == right->algorithm &&
                   sipv_slice_equal(p->client.nonce, right->nonce),
               "another challenge is answered");
}

void fuzz_play_challenge(struct fuzz_play *p, bool stale)
{
    sipv_challenge list[SIPV_ALGORITHM_COUNT];
    sipv_room room = fuzz_play_room();
    if (p->model->n_nonces + SIPV_ALGORITHM_COUNT > FUZZ_MODEL_NONCES)
        return;
    const size_t n = fuzz_play_challenges(p, stale, true, list, &room);
    if (n == 0)
        return;
    const int result = sipv_client_challenged(&p->client, p->server->hasher, list, n);
    p->stale_rows += p->out && stale;
    if (p->out && (!stale || p->stale_rows > SIPV_CLIENT_STALE_MAX)) {
        FUZZ_CHECK(digest, result == SIPV_END, "a loop goes on");
        return;
    }
    if (result == SIPV_NO_SPACE) {
        FUZZ_CHECK(digest, p->s->realm.n + SIPV_NONCE_DIGITS > p->client.cap, "there is memory");
        return;
    }
    FUZZ_CHECK(digest, result == SIPV_OK, "a challenge is not taken");
    check_choice(p, list, n);
    p->challenged = true;
    p->out = p->accepted = false;
    p->count = 0;
}

/* ---- Answers -----------------------------------------------------------------------------------
 */

sipv_client_request fuzz_play_request_of(struct fuzz_play *p, bool wrong)
{
    static sipv_digits ha1;
    const struct fuzz_scenario *s = p->s;
    const bool other = sipv_slice_is(s->password, "another");
    sipv_client_request r = {.username = s->username,
                             .password = s->password,
                             .method = s->method,
                             .uri = s->uri,
                             .body = s->body};
    if (wrong)
        r.password = sipv_slice_text(other ? "yet another" : "another");
    if (s->client_by_ha1 && sipv_digest_ha1(p->server->hasher, p->client.algorithm, r.username,
                                            s->realm, r.password, &ha1) == SIPV_OK) {
        r.ha1 = sipv_digits_slice(&ha1);
        r.password = sipv_slice_of(NULL, 0);
    }
    return r;
}

/* Counts go up by one from each nonce's first, and a nonce has one cnonce. */
static void check_counting(struct fuzz_play *p, const sipv_credentials *c)
{
    uint32_t count = p->count;
    const bool has_cnonce =
        p->client.qop != SIPV_QOP_NONE || sipv_algorithm_is_session(p->client.algorithm);
    FUZZ_CHECK(digest, !has_cnonce || c->cnonce.n == SIPV_CLIENT_CNONCE, "another cnonce");
    FUZZ_CHECK(digest,
               p->client.qop == SIPV_QOP_NONE ||
                   (sipv_nc_read(c->nc, &count) == SIPV_OK && count == p->count + 1),
               "another count than the next");
    if (!has_cnonce)
        return;
    FUZZ_CHECK(digest, (memcmp(p->cnonce, c->cnonce.p, SIPV_CLIENT_CNONCE) == 0) == (p->count > 0),
               "a cnonce for two nonces, or two for one");
    memcpy(p->cnonce, c->cnonce.p, SIPV_CLIENT_CNONCE);
}

/* It is an answer; what becomes of it?  False: nothing that could be judged. */
static bool take_answer(struct fuzz_play *p, bool wrong)
{
    sipv_room room = fuzz_play_room();
    sipv_credentials c;
    if (sipv_credentials_parse(p->sent, &room, &c) != SIPV_OK || c.fault.reason != SIPV_FINE)
        return false; /* a text that no quoted string can have */
    check_counting(p, &c);
    p->count++;
    const sipv_slice nonce = p->client.nonce;
    FUZZ_CHECK(digest, sipv_slice_equal(nonce, c.nonce), "another nonce is answered");
    p->out = true;
    p->accepted = false;
    if (wrong) {
        fuzz_play_judge_wrong(p, p->sent);
    } else if (fuzz_play_judge(p, nonce, c.qop == SIPV_QOP_NONE ? 1 : p->count, p->sent) ==
               SIPV_FINE) {
        sipv_client_accepted(&p->client);
        p->out = false;
        p->accepted = true;
        p->stale_rows = 0;
    }
    return true;
}

bool fuzz_play_request(struct fuzz_play *p)
{
    const sipv_client_request request = fuzz_play_request_of(p, p->wrong_password);
    size_t n = 0;
    const int result =
        sipv_client_answer(&p->client, p->server->hasher, &request, sent, sizeof sent, &n);
    p->sent = sipv_slice_of(sent, n);
    if (!p->challenged || (p->server->random_fails && p->count == 0 && !p->client.has_cnonce)) {
        FUZZ_CHECK(digest, result == SIPV_ABSENT, "an answer to nothing, or of nothing");
        return true;
    }
    return result == SIPV_OK && take_answer(p, p->wrong_password);
}
