/* Responses that come out: RFC 3261 section 16.7, RFC 6026 section 8, RFC 4320. */
#include "figures.h"
#include "witness.h"

/* ---- Sent again --------------------------------------------------------------------------------
 */

/* Timer G: from T1 up to T2, until the ACK. */
static bool is_due(const struct witness *w, const struct witness_reply *reply)
{
    const struct witness_request *r = &w->requests[reply->request];
    const uint64_t doubled = (uint64_t)FIGURES_T1 << (reply->times - 1);
    return r->said.method == SIPV_M_INVITE && reply->status >= 300 && r->acked_at == UINT64_MAX &&
           w->now - reply->last == (doubled < FIGURES_T2 ? doubled : FIGURES_T2);
}

void witness_response_again(struct witness *w, struct witness_reply *reply)
{
    if (w->cause != WITNESS_TIME)
        return; /* the request, or the response that is forwarded, came once more */
    FUZZ_CHECK(states, !reply->reliable, "a response is sent again over a reliable transport");
    FUZZ_CHECK(states, reply->request != WITNESS_NONE && is_due(w, reply),
               "a response is sent again at the wrong time");
    reply->last = w->now;
    reply->times++;
}

/* ---- Where it comes from -----------------------------------------------------------------------
 */

/* The newest request that it answers.  What is not accepted is answered at once, or never. */
static size_t request_of(const struct witness *w, const struct said *s)
{
    for (size_t i = w->n_requests; i-- > 0;) {
        const struct said *r = &w->requests[i].said;
        if (w->requests[i].accepted == w->malformed)
            continue;
        if (r->call_id == s->call_id && r->name == s->name && r->cseq == s->cseq &&
            r->from == s->from && said_same_list(&s->vias, 0, &r->vias, 0))
            return i;
    }
    return WITNESS_NONE;
}

static bool same_words(const struct said *in, const struct said *out)
{
    const bool joined = out->status == 401 || out->status == 407; /* challenges of all branches */
    return in->status == out->status && in->rest == out->rest && in->routing == out->routing &&
           in->body == out->body && in->credentials == out->credentials &&
           (in->length == out->length || in->length == 0) &&
           (joined || in->challenges == out->challenges) &&
           said_same_list(&in->vias, 1, &out->vias, 0);
}

/* The response that is forwarded, if it is none of the proxy's own.  Its 100 may say by chance what
 * a response to nobody has said, which only goes on without state. */
static const struct witness_answer *answer_of(const struct witness *w, const struct said *s)
{
    for (size_t i = w->n_answers; i-- > 0;) {
        const struct witness_answer *a = &w->answers[i];
        if (same_words(&a->said, s) &&
            (s->status > 100 || a->branch != WITNESS_NONE || w->rules.stateless))
            return a;
    }
    return NULL;
}

/* ---- Final responses ---------------------------------------------------------------------------
 */

static void check_branches(const struct witness *w, size_t first)
{
    for (size_t i = 0; i < w->n_branches; i++)
        FUZZ_CHECK(states, w->branches[i].request != first || !witness_pending(w, &w->branches[i]),
                   "a final response before all branches have ended");
}

/* Section 16.7 item 6: a 6xx if there is one, else the lowest class. */
static void check_class(const struct witness_request *r, int status)
{
    const unsigned class = (unsigned)status / 100;
    if (r->classes & 1u << 6) {
        FUZZ_CHECK(states, class == 6 || r->reliable, "a 6xx is not forwarded");
        return;
    }
    /* what cannot be framed does not go over a stream, and something else does in its place */
    for (unsigned better = 3; better < class && !r->reliable; better++)
        FUZZ_CHECK(states, !(r->classes & 1u << better), "there was a better response");
}

/* Section 16.11, and 16.10 for a CANCEL that is about nothing: each copy is answered anew. */
static bool is_stateless(const struct witness *w, const struct witness_request *r)
{
    return w->rules.stateless || r->said.method == SIPV_M_CANCEL;
}

static void check_final(const struct witness *w, size_t first, const struct said *s, bool forwarded)
{
    const int status = s->status;
    const struct witness_request *r = &w->requests[first];
    const bool success = status < 300 && r->said.method == SIPV_M_INVITE;
    FUZZ_CHECK(states, !r->final || (forwarded && success && r->final < 300) || is_stateless(w, r),
               "a second final response");
    FUZZ_CHECK(states, status != 408 || r->said.method == SIPV_M_INVITE || forwarded,
               "a 408 to something other than an INVITE");
    if (status < 300 || w->rules.limited)
        return;
    check_branches(w, first);
    check_class(r, status);
    FUZZ_CHECK(states,
               !forwarded || (status != 401 && status != 407) || r->reliable ||
                   s->n_challenges == r->challenges,
               "a challenge of another branch is missing");
}

/* ---- Responses of the proxy's own --------------------------------------------------------------
 */

static bool answers_itself(const struct witness *w, sipv_method method)
{
    return method == SIPV_M_CANCEL || method == SIPV_M_OPTIONS ||
           (method == SIPV_M_REGISTER && w->rules.registrar);
}

static void check_own(const struct witness *w, const struct witness_request *r,
                      const struct said *s)
{
    const int class = s->status / 100;
    FUZZ_CHECK(states, s->to_address == r->said.to_address, "a response has another To");
    FUZZ_CHECK(states, r->said.to_tag ? s->to == r->said.to : s->to_tag || s->status == 100,
               "a response has another tag");
    FUZZ_CHECK(states, class != 1 || (s->status == 100 && r->said.method == SIPV_M_INVITE),
               "a provisional response of the proxy's own");
    FUZZ_CHECK(states, class != 2 || !r->refused, "wrong credentials are admitted");
    FUZZ_CHECK(states, class != 2 || answers_itself(w, r->said.method), "a 2xx of the proxy's own");
    FUZZ_CHECK(states,
               class == 1 || class == 2 || class == 4 || class == 5 || r->reliable ||
                   w->rules.limited,
               "a response that a proxy does not make");
    FUZZ_CHECK(states, s->body == said_hash(sipv_slice_of(NULL, 0)), "a response with a body");
}

static void add_reply(struct witness *w, const struct witness_flow *flow, uint64_t hash,
                      size_t first, int status, bool own)
{
    if (w->n_replies == WITNESS_REPLIES) {
        w->blind = true;
        return;
    }
    w->replies[w->n_replies++] = (struct witness_reply){.hash = hash,
                                                        .flow = flow->id,
                                                        .last = w->now,
                                                        .request = first,
                                                        .status = status,
                                                        .times = 1,
                                                        .reliable = flow->reliable,
                                                        .own = own};
}

/* To nobody we know: without state what comes in goes on by its Via alone. */
static void stateless_out(struct witness *w, const struct witness_flow *flow, const struct said *s,
                          uint64_t hash, const struct witness_answer *a)
{
    FUZZ_CHECK(states, w->rules.stateless && a, "a response to nobody");
    add_reply(w, flow, hash, WITNESS_NONE, s->status, false);
}

static bool is_forwarded(const struct witness *w, size_t first)
{
    for (size_t i = 0; i < w->n_branches; i++)
        if (w->branches[i].request == first)
            return true;
    return false;
}

void witness_response_out(struct witness *w, const struct witness_flow *flow, const struct said *s,
                          uint64_t hash)
{
    const struct witness_answer *a = answer_of(w, s);
    const size_t i = request_of(w, s);
    if (i == WITNESS_NONE || (w->rules.stateless && a)) {
        stateless_out(w, flow, s, hash, a);
        return;
    }
    const size_t first = w->requests[i].first;
    struct witness_request *r = &w->requests[first];
    FUZZ_CHECK(states, r->said.method != SIPV_M_ACK, "an ACK is answered");
    FUZZ_CHECK(states, flow->id == r->flow || flow->id == w->requests[i].flow,
               "a response goes another way than its request came");
    if (!a)
        check_own(w, r, s);
    else
        FUZZ_CHECK(states,
                   s->status > 100 && a->branch != WITNESS_NONE &&
                       w->branches[a->branch].request == first,
                   "a response of another request, or a 100, is forwarded");
    if (s->status < 200)
        FUZZ_CHECK(states, !r->final, "a provisional response behind the final one");
    else
        check_final(w, first, s, a != NULL);
    add_reply(w, flow, hash, first, s->status, !a);
    /* where there is no room for a transaction it is refused without one */
    const bool without_state =
        w->rules.limited && !a && s->status == 503 && !is_forwarded(w, first);
    if (s->status >= 200 && !r->final && !without_state) {
        r->final = s->status;
        r->final_at = w->now;
        r->final_tag = s->to_tag;
    }
}
