/* Many answers: those made by hand, with any count. */
#include "digest_play.h"

static unsigned char answer[FUZZ_PLAY_VALUE];

void fuzz_play_nonce(struct fuzz_play *p)
{
    sipv_challenge list[SIPV_ALGORITHM_COUNT];
    sipv_room room = fuzz_play_room();
    if (p->model->n_nonces < FUZZ_MODEL_NONCES &&
        fuzz_play_challenges(p, false, false, list, &room))
        p->at = p->model->n_nonces - 1;
}

/* The credentials of an answer with this count, all of it made here.  0 if they cannot be. */
static size_t write_answer(struct fuzz_play *p, const struct fuzz_nonce *nonce, uint32_t count,
                           bool wrong)
{
    const struct fuzz_scenario *s = p->s;
    char nc[SIPV_NC_DIGITS];
    sipv_digits response, name;
    size_t n;
    sipv_nc_write(count, nc);
    const sipv_digest d = {.algorithm = nonce->algorithm,
                           .qop = p->qop,
                           .username = s->username,
                           .realm = s->realm,
                           .password = s->password,
                           .method = s->method,
                           .uri = s->uri,
                           .nonce = sipv_slice_of(nonce->digits, SIPV_NONCE_DIGITS),
                           .nc = sipv_slice_of(nc, sizeof nc),
                           .cnonce = sipv_slice_text("f2/wE4q7"),
                           .body = s->body};
    if (sipv_digest_response(p->server->hasher, &d, NULL, &response) != SIPV_OK ||
        sipv_digest_userhash(p->server->hasher, nonce->algorithm, s->username, s->realm, &name) !=
            SIPV_OK)
        return 0;
    if (wrong)
        response.text[count % response.n] ^= 1; /* '0' and '1', 'a' and '`': no digit perhaps */
    const sipv_credentials_parts parts = {.username =
                                              s->userhash ? sipv_digits_slice(&name) : s->username,
                                          .realm = d.realm,
                                          .nonce = d.nonce,
                                          .uri = d.uri,
                                          .response = sipv_digits_slice(&response),
                                          .cnonce = d.cnonce,
                                          .nc = d.nc,
                                          .algorithm = d.algorithm,
                                          .algorithm_shown = true,
                                          .qop = d.qop,
                                          .userhash = s->userhash};
    return sipv_credentials_write(&parts, answer, sizeof answer, &n) == SIPV_OK ? n : 0;
}

void fuzz_play_answer(struct fuzz_play *p, uint32_t count, bool wrong)
{
    if (p->at >= p->model->n_nonces)
        return;
    const struct fuzz_nonce *nonce = &p->model->nonces[p->at];
    const sipv_slice header = sipv_slice_of(answer, write_answer(p, nonce, count, wrong));
    sipv_room room = fuzz_play_room();
    sipv_credentials c;
    if (!header.n || sipv_credentials_parse(header, &room, &c) != SIPV_OK ||
        c.fault.reason != SIPV_FINE)
        return; /* a text that no quoted string can have, or a response that is no digits */
    if (wrong)
        fuzz_play_judge_wrong(p, header);
    else
        fuzz_play_judge(p, sipv_slice_of(nonce->digits, SIPV_NONCE_DIGITS),
                        p->qop == SIPV_QOP_NONE ? 1 : count, header);
}
