/* Many answers: the client gets Authentication-Info (RFC 7616 3.5). */
#include "digest_play.h"

static unsigned char value[FUZZ_PLAY_VALUE], text[FUZZ_PLAY_VALUE];
static sipv_event events[FUZZ_PLAY_EVENTS];

/* What the client makes of it: rspauth is right, and for another body it is not. */
static void check_info(struct fuzz_play *p, const sipv_auth_info *info)
{
    const sipv_client_request request = fuzz_play_request_of(p, false);
    const bool proved = p->client.qop != SIPV_QOP_NONE;
    if (p->client.qop == SIPV_QOP_AUTH_INT)
        FUZZ_CHECK(digest,
                   sipv_client_info(&p->client, p->server->hasher, info, &request,
                                    sipv_slice_text("no such body")) == SIPV_REJECT,
                   "rspauth of another body is right");
    FUZZ_CHECK(digest,
               sipv_client_info(&p->client, p->server->hasher, info, &request, p->s->body) ==
                   (proved ? SIPV_OK : SIPV_ABSENT),
               "rspauth is wrong");
}

void fuzz_play_info(struct fuzz_play *p, bool next)
{
    sipv_room room = fuzz_play_room();
    sipv_room other = sipv_room_of(events, FUZZ_PLAY_EVENTS, text, sizeof text);
    sipv_credentials c;
    sipv_auth_info info;
    size_t n;
    if (!p->accepted || p->model->n_nonces == FUZZ_MODEL_NONCES ||
        sipv_credentials_parse(p->sent, &room, &c) != SIPV_OK)
        return;
    const bool anew = next && !sipv_algorithm_is_session(c.algorithm);
    const int result = sipv_verifier_info(p->server->verifier, p->server->hasher, &c, p->s->body,
                                          next, value, sizeof value, &n);
    if (!anew && c.qop == SIPV_QOP_NONE) {
        FUZZ_CHECK(digest, result == SIPV_BAD_ARGUMENT, "there is something to say");
        return;
    }
    if (anew && p->server->random_fails) {
        FUZZ_CHECK(digest, result == SIPV_ABSENT, "a nonce without random numbers");
        return;
    }
    FUZZ_CHECK(digest, result == SIPV_OK, "there is nothing to say");
    FUZZ_CHECK(digest,
               sipv_auth_info_parse(sipv_slice_of(value, n), &other, &info) == SIPV_OK &&
                   info.fault.reason == SIPV_FINE && (info.nextnonce.p != NULL) == anew,
               "an Authentication-Info that was made is none");
    check_info(p, &info);
    p->stale_rows = 0;
    if (anew) {
        fuzz_model_add(p->model, info.nextnonce, c.algorithm, p->server->now_ms);
        p->accepted = false;
        p->count = 0;
    }
}
