/* What must have been done, behind each message and in the end. */
#include "witness.h"

/* ---- Behind a response -------------------------------------------------------------------------
 */

/* Nobody waits for these any more. */
static void check_cancelled(const struct witness *w, size_t first)
{
    for (size_t i = 0; i < w->n_branches; i++) {
        const struct witness_branch *b = &w->branches[i];
        FUZZ_CHECK(states,
                   b->request != first || b->said.method != SIPV_M_INVITE || !b->provisional ||
                       b->cancelled_at != UINT64_MAX || !witness_pending(w, b),
                   "an INVITE that nobody waits for is not cancelled");
    }
}

static bool is_acknowledged(const struct witness *w, size_t branch)
{
    for (size_t i = 0; i < w->n_branches; i++)
        if (w->branches[i].invite == branch && w->branches[i].said.method == SIPV_M_ACK)
            return true;
    return false;
}

/* RFC 4320 section 4.2: of what is no INVITE nobody is told that a branch has timed out, or said
 * so. */
static bool may_be_silent(const struct witness *w, size_t first)
{
    if (w->requests[first].said.method == SIPV_M_INVITE)
        return false;
    for (size_t i = 0; i < w->n_branches; i++)
        if (w->branches[i].request == first &&
            (w->branches[i].final == 0 || w->branches[i].final == 408))
            return true;
    return false;
}

static bool has_pending(const struct witness *w, size_t first)
{
    for (size_t i = 0; i < w->n_branches; i++)
        if (w->branches[i].request == first && witness_pending(w, &w->branches[i]))
            return true;
    return false;
}

/* Section 16.7 items 5 and 10. */
static void after_final(const struct witness *w, const struct witness_answer *a, size_t first)
{
    const struct witness_request *r = &w->requests[first];
    const int class = w->branches[a->branch].final / 100;
    const bool invite = r->said.method == SIPV_M_INVITE;
    FUZZ_CHECK(states, !invite || a->said.status < 300 || is_acknowledged(w, a->branch),
               "a refused INVITE gets no ACK");
    FUZZ_CHECK(states, r->final || has_pending(w, first) || may_be_silent(w, first),
               "all branches have ended and upstream is not told");
    if (class == 2 && !r->unframed) {
        FUZZ_CHECK(states, r->final, "a 2xx is not forwarded");
        FUZZ_CHECK(states, !invite || w->n_passed > 0 || r->final / 100 != 2 || witness_ended(w, r),
                   "another 2xx is not forwarded");
    }
    if (class == 6 || (class == 2 && r->final / 100 == 2))
        check_cancelled(w, first);
}

static void after_response(const struct witness *w)
{
    const struct witness_answer *a = &w->answers[w->n_answers - 1];
    const size_t first = witness_answered(w);
    if (first == WITNESS_NONE || !a->taken)
        return;
    const struct witness_request *r = &w->requests[first];
    if (a->said.status >= 200)
        after_final(w, a, first);
    else
        FUZZ_CHECK(states,
                   a->said.status == 100 || r->final || !a->for_upstream || w->n_passed > 0 ||
                       (r->reliable && !a->framed),
                   "a provisional response is not forwarded");
}

/* ---- Behind a request --------------------------------------------------------------------------
 */

static void after_request(const struct witness *w)
{
    const struct witness_request *r = &w->requests[w->n_requests - 1];
    if (r->said.method != SIPV_M_CANCEL || !r->open)
        return;
    FUZZ_CHECK(states, w->requests[r->first].final == 200, "a CANCEL gets no 200");
    for (size_t i = 0; i + 1 < w->n_requests; i++) {
        const struct witness_request *invite = &w->requests[i];
        if (invite->first == i && invite->cancelled && witness_is_about(&r->said, invite) &&
            !invite->final)
            check_cancelled(w, i);
    }
}

void witness_after(struct witness *w)
{
    if (w->blind || w->rules.limited || w->rules.stateless || w->malformed)
        return;
    if (w->cause == WITNESS_RESPONSE && w->n_answers)
        after_response(w);
    else if (w->cause == WITNESS_REQUEST && w->n_requests)
        after_request(w);
}

/* ---- In the end --------------------------------------------------------------------------------
 */

/* Without a cookie tags decide, which are not looked at here: perhaps it is a request that was
 * there before. */
static bool may_be_another_copy(const struct witness *w, size_t i)
{
    const struct said *s = &w->requests[i].said;
    for (size_t k = 0; k < i && !s->cookie; k++) {
        const struct said *before = &w->requests[k].said;
        if (before->vias.value[0] == s->vias.value[0] && before->call_id == s->call_id &&
            before->cseq == s->cseq)
            return true;
    }
    return false;
}

static bool is_about_invite(const struct said *s)
{
    return s->method == SIPV_M_ACK || s->method == SIPV_M_CANCEL;
}

void witness_end(struct witness *w)
{
    if (w->blind || w->rules.limited || w->rules.stateless)
        return;
    for (size_t i = 0; i < w->n_requests; i++) {
        const struct witness_request *r = &w->requests[i];
        FUZZ_CHECK(states,
                   is_about_invite(&r->said) || !r->accepted || r->first != i || r->final ||
                       may_be_silent(w, i) || may_be_another_copy(w, i),
                   "a request gets no final response");
    }
    for (size_t i = 0; i < w->n_branches; i++)
        FUZZ_CHECK(states,
                   w->branches[i].said.method != SIPV_M_INVITE ||
                       !witness_pending(w, &w->branches[i]),
                   "timer C is lost");
}
