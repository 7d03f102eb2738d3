/* Many answers: what the server is asked, and what it says. */
#include <string.h>

#include "digest_play.h"

static unsigned char value[FUZZ_PLAY_VALUE], text[FUZZ_PLAY_VALUE];
static sipv_event events[FUZZ_PLAY_EVENTS];

sipv_room fuzz_play_room(void)
{
    return sipv_room_of(events, FUZZ_PLAY_EVENTS, text, sizeof text);
}

size_t fuzz_play_challenges(struct fuzz_play *p, bool stale, bool all, sipv_challenge *list,
                            sipv_room *room)
{
    size_t n = 0, used = 0, size;
    for (unsigned i = 0;; i++) {
        sipv_challenges parsed;
        sipv_challenge c;
        const int result = sipv_verifier_challenge(p->server->verifier, p->server->hasher, i, stale,
                                                   value + used, sizeof value - used, &size);
        FUZZ_CHECK(digest, result != SIPV_OK || !p->server->random_fails,
                   "a challenge without random numbers");
        if (result != SIPV_OK)
            break;
        if (sipv_challenges_parse(sipv_slice_of(value + used, size), room, &parsed, NULL) !=
                SIPV_OK ||
            sipv_challenges_next(&parsed, &c) != SIPV_OK || c.fault.reason != SIPV_FINE)
            return 0; /* a realm that no quoted string can have */
        FUZZ_CHECK(digest, c.stale == stale, "stale is another");
        if (!all && c.algorithm != p->algorithm)
            continue;
        fuzz_model_add(p->model, c.nonce, c.algorithm, p->server->now_ms);
        if (stale) {
            list[n] = c;
        } else {
            memmove(list + 1, list, n * sizeof *list);
            list[0] = c;
        }
        used += size;
        n++;
    }
    return n;
}

sipv_auth_reason fuzz_play_judge(struct fuzz_play *p, sipv_slice digits, uint32_t count,
                                 sipv_slice header)
{
    struct fuzz_nonce *const nonce = fuzz_model_find(p->model, digits);
    FUZZ_CHECK(digest, nonce || p->model->n_nonces == FUZZ_MODEL_NONCES, "a nonce from nowhere");
    if (!nonce || nonce->n_counts == FUZZ_MODEL_COUNTS)
        return SIPV_RESPONSE_WRONG;
    const sipv_auth_reason reason = fuzz_scenario_judge(p->server, p->s, header);
    fuzz_model_judged(p->model, nonce, count, p->server->now_ms, reason);
    FUZZ_CHECK(digest,
               sipv_auth_reason_is_stale(reason) ==
                   (reason == SIPV_NONCE_EXPIRED || reason == SIPV_NONCE_USED),
               "stale for another reason");
    return reason;
}

void fuzz_play_judge_wrong(struct fuzz_play *p, sipv_slice header)
{
    FUZZ_CHECK(digest, fuzz_scenario_judge(p->server, p->s, header) == SIPV_RESPONSE_WRONG,
               "a wrong response is refused for something else");
}
