#include "witness.h"

#include <string.h>

#include "figures.h"

enum { URI_EVENTS = 1024 };

static struct fuzz_message made;

void witness_open(struct witness *w, const struct witness_rules *rules)
{
    w->rules = *rules;
    w->now = 0;
    w->cause = WITNESS_TIME;
    w->blind = w->malformed = w->wrong_password = false;
    w->n_requests = w->n_branches = w->n_answers = w->n_replies = w->n_room = 0;
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

bool witness_pending(const struct witness *w, const struct witness_branch *b)
{
    if (b->final || b->failed)
        return false;
    if (b->said.method != SIPV_M_INVITE || !b->provisional)
        return w->now - b->at < FIGURES_64_T1; /* timers B and F */
    return b->cancelled_at == UINT64_MAX || w->now - b->cancelled_at < FIGURES_64_T1;
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

/* ---- What goes in ------------------------------------------------------------------------------
 */

static bool same_uri(sipv_slice a, sipv_slice b)
{
    static sipv_event events[2][URI_EVENTS];
    sipv_uri one, other;
    if (sipv_slice_equal(a, b))
        return true;
    return sipv_uri_parse(a, false, events[0], URI_EVENTS, &one, NULL) == SIPV_OK &&
           sipv_uri_parse(b, false, events[1], URI_EVENTS, &other, NULL) == SIPV_OK &&
           sipv_uri_compare(&one, &other, NULL) == SIPV_URI_EQUAL;
}

/* RFC 3261 section 17.2.3, but for method and To tag. */
static bool same_request(const struct said *a, const struct said *b)
{
    if (a->cookie || b->cookie)
        return a->cookie && b->cookie && a->branch == b->branch && a->sent_by == b->sent_by;
    return a->vias.n > 0 && b->vias.n > 0 && said_same_via(a->top_via, b->top_via) &&
           a->call_id == b->call_id && a->from_tag == b->from_tag && a->cseq == b->cseq &&
           same_uri(a->uri, b->uri);
}

/* Of the same server transaction; itself if there is none, as there is none without state. */
static size_t first_of(const struct witness *w, size_t i)
{
    const struct witness_request *r = &w->requests[i];
    for (size_t k = i; r->accepted && !w->rules.stateless && k-- > 0;) {
        const struct witness_request *a = &w->requests[k];
        if (a->first == k && a->accepted && a->said.name == r->said.name &&
            (a->said.cookie || a->said.to_tag == r->said.to_tag) &&
            same_request(&a->said, &r->said) && !witness_ended(w, a))
            return k;
    }
    return i;
}

/* Has it been here, for the same place?  RFC 3261 section 16.3 item 4, RFC 5393 section 4.2. */
static bool has_looped(const struct witness *w, const struct said *s)
{
    for (size_t i = 0; i < w->n_branches; i++) {
        const struct witness_branch *b = &w->branches[i];
        if (b->request == WITNESS_NONE)
            continue;
        const struct said *before = &w->requests[b->request].said;
        if (before->request_uri != s->request_uri || before->call_id != s->call_id ||
            before->from != s->from || before->cseq != s->cseq ||
            !said_same_list(&before->routes, 0, &s->routes, 0))
            continue;
        for (size_t k = 0; k < s->vias.n; k++)
            if (s->vias.value[k] == b->said.vias.value[0])
                return true;
    }
    return false;
}

/* Is that ACK or CANCEL about this INVITE?  Without a cookie the To tag decides too, which an ACK
 * has from the response. */
static bool is_about(const struct said *s, const struct witness_request *invite)
{
    const uint64_t tag = s->method == SIPV_M_ACK ? invite->final_tag : invite->said.to_tag;
    return invite->said.method == SIPV_M_INVITE && same_request(&invite->said, s) &&
           (s->cookie || s->to_tag == tag);
}

/* What is about a transaction that has ended changes nothing. */
static void note_about_invite(struct witness *w, const struct said *s)
{
    for (size_t i = 0; i < w->n_requests; i++) {
        struct witness_request *r = &w->requests[i];
        if (r->first != i || !is_about(s, r) || witness_ended(w, r))
            continue;
        if (s->method == SIPV_M_CANCEL)
            r->cancelled = true;
        else if (r->final >= 300 && r->acked_at == UINT64_MAX)
            r->acked_at = w->now;
    }
}

static void request_in(struct witness *w, const struct witness_flow *flow, const sipv_message *m,
                       bool accepted)
{
    if (w->n_requests == WITNESS_REQUESTS) {
        w->blind = true;
        return;
    }
    struct witness_request *r = &w->requests[w->n_requests];
    said_read(&r->said, m);
    r->octets = witness_keep(w, m->data);
    r->flow = flow->id;
    r->at = w->now;
    r->reliable = flow->reliable;
    r->secure = flow->secure;
    r->accepted = accepted;
    r->refused = w->wrong_password;
    w->wrong_password = false;
    r->cancelled = false;
    r->final = 0;
    r->final_at = r->final_tag = 0;
    r->acked_at = UINT64_MAX;
    r->classes = 0;
    r->challenges = 0;
    r->looped = accepted && has_looped(w, &r->said);
    r->first = first_of(w, w->n_requests);
    w->n_requests++;
    w->blind |= !r->octets.p || r->said.too_long;
    if (accepted && (m->method_id == SIPV_M_ACK || m->method_id == SIPV_M_CANCEL))
        note_about_invite(w, &r->said);
}

/* Nobody waits for an answer to an ACK, nor to a CANCEL without its INVITE. */
static bool is_stray(const struct witness_branch *b)
{
    return b->said.method == SIPV_M_ACK ||
           (b->said.method == SIPV_M_CANCEL && b->request != WITNESS_NONE);
}

static size_t branch_for(const struct witness *w, const struct said *s)
{
    for (size_t i = w->n_branches; i-- > 0;) {
        const struct witness_branch *b = &w->branches[i];
        if (s->branch && b->said.branch == s->branch && b->said.name == s->name && !is_stray(b))
            return i;
    }
    return WITNESS_NONE;
}

static void note_answer(struct witness *w, struct witness_branch *b, const struct said *s)
{
    const int status = s->status;
    if (!witness_pending(w, b))
        return;
    if (status < 200) {
        b->provisional = true;
        if (status > 100)
            b->lengthened = w->now;
        return;
    }
    b->final = status;
    if (b->request == WITNESS_NONE || status < 300 || (status < 400 && w->rules.recurse))
        return;
    w->requests[b->request].classes |= 1u << status / 100;
    if (status == 401 || status == 407)
        w->requests[b->request].challenges += s->n_challenges;
}

static void response_in(struct witness *w, const sipv_message *m)
{
    if (w->n_answers == WITNESS_ANSWERS) {
        w->blind = true;
        return;
    }
    struct witness_answer *a = &w->answers[w->n_answers++];
    said_read(&a->said, m);
    w->blind |= a->said.too_long;
    a->branch = branch_for(w, &a->said);
    if (a->branch != WITNESS_NONE)
        note_answer(w, &w->branches[a->branch], &a->said);
}

void witness_in(struct witness *w, uint64_t now, const struct witness_flow *flow,
                const sipv_message *m, bool accepted)
{
    w->now = now;
    w->malformed = !accepted;
    w->cause = m->kind == SIPV_REQUEST ? WITNESS_REQUEST : WITNESS_RESPONSE;
    if (m->kind == SIPV_REQUEST)
        request_in(w, flow, m, accepted);
    else if (m->kind == SIPV_RESPONSE && accepted)
        response_in(w, m);
}

void witness_failed(struct witness *w, uint64_t now, uint64_t flow)
{
    w->now = now;
    w->cause = WITNESS_FAILURE;
    w->malformed = false;
    for (size_t i = 0; i < w->n_branches; i++) {
        struct witness_branch *b = &w->branches[i];
        /* in Proceeding an INVITE waits for its final response all the same: figure 5 */
        if (b->flow == flow && (b->said.method != SIPV_M_INVITE || !b->provisional))
            b->failed = true;
    }
}

void witness_time(struct witness *w, uint64_t now)
{
    w->now = now;
    w->cause = WITNESS_TIME;
    w->malformed = false;
}

/* ---- What must have been done ------------------------------------------------------------------
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

static void after_response(const struct witness *w)
{
    const struct witness_answer *a = &w->answers[w->n_answers - 1];
    if (a->branch == WITNESS_NONE || w->branches[a->branch].request == WITNESS_NONE)
        return;
    const size_t first = w->branches[a->branch].request;
    const struct witness_request *r = &w->requests[first];
    if (w->branches[a->branch].final != a->said.status)
        return;
    FUZZ_CHECK(states, a->said.status / 100 != 2 || r->final, "a 2xx is not forwarded");
    if (a->said.status / 100 == 6 || (a->said.status / 100 == 2 && r->final / 100 == 2))
        check_cancelled(w, first);
}

static void after_request(const struct witness *w)
{
    const struct witness_request *r = &w->requests[w->n_requests - 1];
    if (r->said.method != SIPV_M_CANCEL || !r->accepted)
        return;
    for (size_t i = 0; i + 1 < w->n_requests; i++) {
        const struct witness_request *invite = &w->requests[i];
        if (invite->first == i && invite->cancelled && is_about(&r->said, invite) && !invite->final)
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

void witness_end(struct witness *w)
{
    if (w->blind || w->rules.limited || w->rules.stateless)
        return;
    for (size_t i = 0; i < w->n_requests; i++) {
        const struct witness_request *r = &w->requests[i];
        FUZZ_CHECK(states,
                   r->said.method != SIPV_M_INVITE || !r->accepted || r->first != i || r->final ||
                       may_be_another_copy(w, i),
                   "an INVITE gets no final response");
    }
    for (size_t i = 0; i < w->n_branches; i++)
        FUZZ_CHECK(states,
                   w->branches[i].said.method != SIPV_M_INVITE ||
                       !witness_pending(w, &w->branches[i]),
                   "timer C is lost");
}

/* ---- What comes out ----------------------------------------------------------------------------
 */

/* Of a transaction that has ended it is none of a new one, though it may say the same. */
static bool is_of_now(const struct witness *w, const struct witness_reply *reply)
{
    return reply->request == WITNESS_NONE || !witness_ended(w, &w->requests[reply->request]);
}

static bool sent_before(struct witness *w, uint64_t flow, uint64_t hash)
{
    for (size_t i = w->n_branches; i-- > 0;)
        if (w->branches[i].hash == hash && w->branches[i].flow == flow) {
            witness_request_again(w, &w->branches[i]);
            return true;
        }
    for (size_t i = w->n_replies; i-- > 0;)
        if (w->replies[i].hash == hash && w->replies[i].flow == flow &&
            is_of_now(w, &w->replies[i])) {
            witness_response_again(w, &w->replies[i]);
            return true;
        }
    return false;
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
