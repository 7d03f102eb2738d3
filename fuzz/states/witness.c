#include "witness.h"

#include <string.h>

#include "figures.h"

static struct fuzz_message made;

void witness_open(struct witness *w, const struct witness_rules *rules)
{
    w->rules = *rules;
    w->now = 0;
    w->cause = WITNESS_TIME;
    w->blind = w->malformed = w->wrong_password = false;
    w->n_requests = w->n_branches = w->n_answers = w->n_replies = w->n_room = w->n_passed = 0;
}

sipv_slice witness_keep(struct witness *w, sipv_slice octets)
{
    const sipv_slice none = {NULL, 0};
    if (octets.n > WITNESS_ROOM - w->n_room)
        return none;
    unsigned char *to = w->room + w->n_room;
    memcpy(to, octets.p, octets.n);
    w->n_room += octets.n;
    return sipv_slice_of(to, octets.n);
}

/* ---- Horizons ----------------------------------------------------------------------------------
 */

/* When timer B or F fires, or an INVITE that was cancelled is given up; UINT64_MAX: never. */
static uint64_t horizon(const struct witness_branch *b)
{
    if (b->said.method != SIPV_M_INVITE || !b->provisional)
        return b->at + FIGURES_64_T1;
    return b->cancelled_at == UINT64_MAX ? UINT64_MAX : b->cancelled_at + FIGURES_64_T1;
}

bool witness_pending(const struct witness *w, const struct witness_branch *b)
{
    return !b->final && !b->failed && w->now < horizon(b);
}

bool witness_just_ended(const struct witness *w, const struct witness_branch *b)
{
    if (b->final)
        return false;
    return w->rules.limited ? !witness_pending(w, b)
                            : w->now == (b->failed ? b->failed_at : horizon(b));
}

/* What is no INVITE gets no 408 (RFC 4320 section 4.2): when no branch can answer any more it ends
 * without a final response. */
static bool ended_in_silence(const struct witness *w, const struct witness_request *r)
{
    const size_t request = (size_t)(r - w->requests);
    bool forwarded = false;
    if (r->said.method == SIPV_M_INVITE)
        return false;
    for (size_t i = 0; i < w->n_branches; i++) {
        if (w->branches[i].request != request)
            continue;
        if (witness_pending(w, &w->branches[i]))
            return false;
        forwarded = true;
    }
    return forwarded;
}

bool witness_ended(const struct witness *w, const struct witness_request *r)
{
    if (!r->final)
        return ended_in_silence(w, r);
    const uint64_t since = w->now - r->final_at;
    if (r->said.method != SIPV_M_INVITE)
        return r->reliable || since >= FIGURES_64_T1; /* timer J */
    if (r->final < 300 || r->acked_at == UINT64_MAX)
        return since >= FIGURES_64_T1;                        /* timers L and H */
    return r->reliable || w->now - r->acked_at >= FIGURES_T4; /* timer I */
}

/* ---- What comes out ----------------------------------------------------------------------------
 */

/* Of a transaction that has ended it is none of a new one, though it may say the same. */
static bool is_of_now(const struct witness *w, const struct witness_reply *reply)
{
    return reply->request == WITNESS_NONE || !witness_ended(w, &w->requests[reply->request]);
}

static bool is_same_but_uri(const struct said *a, const struct said *b)
{
    return a->call_id == b->call_id && a->name == b->name && a->cseq == b->cseq &&
           a->from == b->from && said_same_list(&a->vias, 0, &b->vias, 0);
}

/* Without a cookie the Request-URI alone may tell two requests apart: their responses may be the
 * same.  Is there another one that waits for its response? */
static bool has_twin(const struct witness *w, size_t request)
{
    for (size_t i = 0; i < w->n_requests; i++) {
        const struct witness_request *r = &w->requests[i];
        if (i != request && r->first == i && r->accepted && !r->final && !r->said.cookie &&
            is_same_but_uri(&r->said, &w->requests[request].said))
            return true;
    }
    return false;
}

/* Is it that response once more, and not the same words to another request? */
static bool is_again(const struct witness *w, const struct witness_reply *reply)
{
    if (reply->request == WITNESS_NONE || w->rules.stateless)
        return true;
    switch (w->cause) {
    case WITNESS_REQUEST: return w->requests[w->n_requests - 1].first == reply->request;
    case WITNESS_RESPONSE: return witness_answered(w) == reply->request;
    default: return witness_response_due(w, reply) || !has_twin(w, reply->request);
    }
}

/* Which response it is once more, one that is due if there is one.  NULL: none. */
static struct witness_reply *reply_again(struct witness *w, uint64_t flow, uint64_t hash)
{
    struct witness_reply *found = NULL;
    for (size_t i = w->n_replies; i-- > 0;) {
        struct witness_reply *reply = &w->replies[i];
        if (reply->hash == hash && reply->flow == flow && is_of_now(w, reply) &&
            is_again(w, reply) &&
            (!found || (w->cause == WITNESS_TIME && witness_response_due(w, reply))))
            found = reply;
    }
    return found;
}

static bool sent_before(struct witness *w, uint64_t flow, uint64_t hash)
{
    for (size_t i = w->n_branches; i-- > 0;)
        if (w->branches[i].hash == hash && w->branches[i].flow == flow) {
            witness_request_again(w, &w->branches[i]);
            return true;
        }
    struct witness_reply *reply = reply_again(w, flow, hash);
    if (reply)
        witness_response_again(w, reply);
    return reply != NULL;
}

void witness_out(struct witness *w, const struct witness_flow *flow, sipv_slice octets)
{
    const sipv_options options = {.profile = w->rules.profile, .explainer = fuzz_explainer()};
    struct said said;
    if (w->blind)
        return;
    const uint64_t hash = said_hash(octets);
    if (sent_before(w, flow->id, hash))
        return;
    const int result = fuzz_message_parse(&made, octets, &options);
    /* the answer to what is broken copies what may be the broken part */
    FUZZ_CHECK(slices, result == SIPV_OK || (w->malformed && made.m.kind == SIPV_RESPONSE),
               "what is sent is not accepted");
    FUZZ_CHECK(slices, made.m.start == 0 && made.m.octets == octets.n,
               "what is sent has something round it");
    said_read(&said, &made.m);
    if (said.too_long)
        w->blind = true;
    else if (said.kind == SIPV_REQUEST)
        witness_request_out(w, flow, &said, octets);
    else
        witness_response_out(w, flow, &said, hash);
}
