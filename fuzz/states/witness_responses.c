/* Responses that come out: RFC 3261 section 16.7, RFC 6026 section 8, RFC 4320. */
#include "figures.h"
#include "witness.h"

/* ---- Sent again --------------------------------------------------------------------------------
 */

/* Timer G: from T1 up to T2, until the ACK. */
bool witness_response_due(const struct witness *w, const struct witness_reply *reply)
{
    if (reply->times == 0 || reply->request == WITNESS_NONE)
        return reply->times == 0;
    const struct witness_request *r = &w->requests[reply->request];
    const uint64_t doubled = (uint64_t)FIGURES_T1 << (reply->times - 1);
    return r->said.method == SIPV_M_INVITE && reply->status >= 300 && r->acked_at == UINT64_MAX &&
           w->now - reply->last == (doubled < FIGURES_T2 ? doubled : FIGURES_T2);
}

/* A 503 for want of room may be that of a transaction or of none: it is not known when the one or
 * the next one has begun. */
static bool is_of_any_time(const struct witness *w, const struct witness_reply *reply)
{
    return w->rules.limited && reply->own && reply->status == 503;
}

void witness_response_again(struct witness *w, struct witness_reply *reply)
{
    w->n_passed++;
    if (w->cause != WITNESS_TIME) { /* the request, or the response that is forwarded, once more */
        if (is_of_any_time(w, reply))
            reply->times = 0;
        return;
    }
    FUZZ_CHECK(states, !reply->reliable, "a response is sent again over a reliable transport");
    FUZZ_CHECK(states, witness_response_due(w, reply),
               "a response is sent again at the wrong time");
    reply->last = w->now;
    reply->times += reply->times > 0;
}

/* ---- Where it comes from -----------------------------------------------------------------------
 */

/* What is not accepted is answered at once, or never. */
static bool answers(const struct witness *w, size_t i, const struct said *s)
{
    const struct said *r = &w->requests[i].said;
    return w->requests[i].accepted != w->malformed && r->call_id == s->call_id &&
           r->name == s->name && r->cseq == s->cseq && r->from == s->from &&
           said_same_list(&s->vias, 0, &r->vias, 0);
}

static bool same_words(const struct said *in, const struct said *out)
{
    const bool joined = out->status == 401 || out->status == 407; /* challenges of all branches */
    return in->status == out->status && in->reason == out->reason && in->rest == out->rest &&
           in->routing == out->routing && in->body == out->body &&
           in->credentials == out->credentials && (in->length == out->length || in->length == 0) &&
           (joined || in->challenges == out->challenges) &&
           said_same_list(&in->vias, 1, &out->vias, 0);
}

/* The response that is forwarded, if it is none of the proxy's own: one to a branch of this
 * request. Without state it may be any that has come in. */
static const struct witness_answer *answer_of(const struct witness *w, const struct said *s,
                                              size_t first)
{
    for (size_t i = w->n_answers; i-- > 0;) {
        const struct witness_answer *a = &w->answers[i];
        const bool of_request =
            s->status > 100 && a->branch != WITNESS_NONE && w->branches[a->branch].request == first;
        if ((of_request || w->rules.stateless) && same_words(&a->said, s))
            return a;
    }
    return NULL;
}

static bool is_left_alone(const struct witness *w, size_t first)
{
    for (size_t i = 0; i < w->n_branches; i++)
        if (w->branches[i].request == first && witness_just_ended(w, &w->branches[i]))
            return true;
    return false;
}

/* How well it fits: it has the tag of the request, which waits, and whose branch has just ended. */
static unsigned fitness(const struct witness *w, size_t i, const struct said *s)
{
    const struct said *r = &w->requests[i].said;
    const size_t first = w->requests[i].first;
    const bool waits = !w->requests[first].final;
    const bool left_alone = waits && is_left_alone(w, first);
    const bool has_tag = !r->to_tag || r->to_tag == s->to_tag;
    return 1 + (has_tag ? 4u : 0) + (waits ? 2u : 0) + (left_alone ? 1u : 0);
}

/* The newest of those that fit best: one that it answers, or from a branch of which it is
 * forwarded. */
static size_t request_by_time(const struct witness *w, const struct said *s)
{
    size_t found = WITNESS_NONE;
    unsigned best = 0;
    for (size_t i = w->n_requests; i-- > 0;) {
        if (!answers(w, i, s) && !answer_of(w, s, w->requests[i].first))
            continue;
        const unsigned fits = fitness(w, i, s);
        if (fits <= best)
            continue;
        best = fits;
        found = i;
    }
    return found;
}

/* The request that it answers: the one that has just come in, or the one from a branch of which a
 * response has come in, whatever Via that has left. */
static size_t request_of(const struct witness *w, const struct said *s)
{
    if (w->cause == WITNESS_RESPONSE && !w->rules.stateless)
        return witness_answered(w);
    if (w->cause != WITNESS_REQUEST)
        return request_by_time(w, s);
    const size_t i = w->n_requests - 1;
    return answers(w, i, s) ? i : WITNESS_NONE;
}

/* ---- Final responses ---------------------------------------------------------------------------
 */

static void check_branches(const struct witness *w, size_t first)
{
    for (size_t i = 0; i < w->n_branches; i++)
        FUZZ_CHECK(states, w->branches[i].request != first || !witness_pending(w, &w->branches[i]),
                   "a final response before all branches have ended");
}

/* Section 16.7 item 6: a 6xx if there is one, else the lowest class.  What cannot be framed does
 * not go over a stream, and something else does in its place. */
static void check_class(const struct witness *w, size_t first, int status)
{
    const unsigned class = (unsigned)status / 100, classes = witness_classes(w, first);
    if (w->requests[first].unframed)
        return;
    if (classes & 1u << 6) {
        FUZZ_CHECK(states, class == 6, "a 6xx is not forwarded");
        return;
    }
    for (unsigned better = 3; better < class; better++)
        FUZZ_CHECK(states, !(classes & 1u << better), "there was a better response");
}

static bool has_timed_out(const struct witness *w, size_t first)
{
    for (size_t i = 0; i < w->n_branches; i++)
        if (w->branches[i].request == first && w->branches[i].final == 0)
            return true;
    return false;
}

/* The same item: a 503 goes no further; and one of the responses must be forwarded, of which 408 is
 * one for each branch that has timed out. */
static void check_choice(const struct witness *w, size_t first, int status, bool forwarded)
{
    FUZZ_CHECK(states, !forwarded || status != 503, "a 503 is forwarded");
    FUZZ_CHECK(states,
               forwarded || status / 100 != 4 || !(witness_classes(w, first) & 1u << 4) ||
                   w->requests[first].unframed || (status == 408 && has_timed_out(w, first)),
               "a response of the proxy's own in place of one from a branch");
}

/* Section 16.11, and 16.10 for a CANCEL that is about nothing: each copy is answered anew. */
static bool is_stateless(const struct witness *w, const struct witness_request *r)
{
    return w->rules.stateless || (r->said.method == SIPV_M_CANCEL && !r->open);
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
    check_class(w, first, status);
    check_choice(w, first, status, forwarded);
    FUZZ_CHECK(states,
               !forwarded || (status != 401 && status != 407) || r->unframed ||
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

/* What a proxy, or the registrar in it, has to say; what else there is only a UAS says. */
static bool is_of_a_proxy(int status)
{
    static const int statuses[] = {100, 200, 400, 401, 403, 404, 405, 407, 408, 413,
                                   414, 416, 420, 421, 423, 439, 440, 480, 481, 482,
                                   483, 500, 501, 502, 503, 504, 505, 513};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (statuses[i] == status)
            return true;
    return false;
}

/* Has a branch of this request said so?  Without room for its response, or where that may not go
 * over a stream, the proxy says so too. */
static bool is_said_below(const struct witness *w, size_t first, int status)
{
    for (size_t i = 0; i < w->n_branches; i++)
        if (w->branches[i].request == first && w->branches[i].final == status)
            return w->rules.limited || w->requests[first].unframed;
    return false;
}

/* Does it answer the request, or a copy that is written otherwise? */
static bool answers_a_copy(const struct witness *w, size_t first, const struct said *s)
{
    for (size_t i = first; i < w->n_requests; i++)
        if (w->requests[i].first == first && answers(w, i, s))
            return true;
    return false;
}

static void check_own(const struct witness *w, const struct witness_request *r,
                      const struct said *s)
{
    const int class = s->status / 100;
    const size_t first = (size_t)(r - w->requests);
    FUZZ_CHECK(states, answers_a_copy(w, first, s), "a response to nobody");
    FUZZ_CHECK(states, s->to_address == r->said.to_address, "a response has another To");
    FUZZ_CHECK(states, r->said.to_tag ? s->to == r->said.to : s->to_tag || s->status == 100,
               "a response has another tag");
    FUZZ_CHECK(states,
               class != 1 || (w->cause != WITNESS_RESPONSE && r->said.method == SIPV_M_INVITE),
               "a 100 is forwarded, or a provisional response of the proxy's own");
    FUZZ_CHECK(states, class != 2 || !r->refused, "wrong credentials are admitted");
    FUZZ_CHECK(states, class != 2 || answers_itself(w, r->said.method), "a 2xx of the proxy's own");
    FUZZ_CHECK(states, is_of_a_proxy(s->status) || is_said_below(w, first, s->status),
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
    w->n_passed++;
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
    const size_t i = request_of(w, s);
    const size_t first = i == WITNESS_NONE ? i : w->requests[i].first;
    const struct witness_answer *a = answer_of(w, s, first);
    if (i == WITNESS_NONE || (w->rules.stateless && a)) {
        stateless_out(w, flow, s, hash, a);
        return;
    }
    struct witness_request *r = &w->requests[first];
    FUZZ_CHECK(states, r->said.method != SIPV_M_ACK, "an ACK is answered");
    FUZZ_CHECK(states, flow->id == r->flow || flow->id == w->requests[i].flow,
               "a response goes another way than its request came");
    if (!a)
        check_own(w, r, s);
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
