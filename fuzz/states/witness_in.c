/* What goes in: which server transaction a request is of, by RFC 3261 section 17.2.3, and which
 * branch a response is for, by section 17.1.3. */
#include "figures.h"
#include "witness.h"

enum { URI_EVENTS = 1024 };

/* ---- Requests ----------------------------------------------------------------------------------
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

/* Section 16.10: a CANCEL that is about nothing leaves no transaction. */
static bool leaves_one(const struct witness_request *r)
{
    return r->accepted && (r->said.method != SIPV_M_CANCEL || r->open);
}

/* Of the same server transaction; itself if there is none, as there is none without state. */
static size_t first_of(const struct witness *w, size_t i)
{
    const struct witness_request *r = &w->requests[i];
    for (size_t k = i; r->accepted && !w->rules.stateless && k-- > 0;) {
        const struct witness_request *a = &w->requests[k];
        if (a->first == k && leaves_one(a) && a->said.name == r->said.name &&
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

bool witness_is_about(const struct said *s, const struct witness_request *invite)
{
    const uint64_t tag = s->method == SIPV_M_ACK ? invite->final_tag : invite->said.to_tag;
    return invite->said.method == SIPV_M_INVITE && same_request(&invite->said, s) &&
           (s->cookie || s->to_tag == tag);
}

/* What is about a transaction that has ended changes nothing. */
static void note_about_invite(struct witness *w, struct witness_request *by)
{
    const struct said *s = &by->said;
    for (size_t i = 0; i < w->n_requests; i++) {
        struct witness_request *r = &w->requests[i];
        if (r->first != i || !r->accepted || !witness_is_about(s, r) || witness_ended(w, r))
            continue;
        if (s->method == SIPV_M_CANCEL)
            by->open = r->cancelled = true;
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
    r->open = r->cancelled = r->unframed = false;
    r->final = 0;
    r->final_at = r->final_tag = 0;
    r->acked_at = UINT64_MAX;
    r->challenges = 0;
    r->looped = accepted && has_looped(w, &r->said);
    r->first = first_of(w, w->n_requests);
    w->n_requests++;
    w->blind |= !r->octets.p || r->said.too_long;
    if (accepted && (m->method_id == SIPV_M_ACK || m->method_id == SIPV_M_CANCEL))
        note_about_invite(w, r);
}

/* ---- Responses ---------------------------------------------------------------------------------
 */

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

/* Section 16.7 item 3, and the server transaction takes no response to another request.  Such a one
 * counts as 502. */
static bool is_for_upstream(const struct witness_branch *b, const struct said *s)
{
    return s->vias.n > 1 && s->call_id == b->said.call_id && s->cseq == b->said.cseq;
}

/* Does everybody who reads a stream see the end of it where it is? */
static bool is_framed(const sipv_message *m)
{
    const sipv_slice text = sipv_slice_of(m->data.p + m->start, m->octets - m->start);
    sipv_framer framer;
    sipv_frame frame;
    sipv_framer_init(&framer, SIPV_STRICT, NULL);
    return sipv_framer_feed(&framer, text.p, text.n, &frame) == SIPV_OK && frame.skip == 0 &&
           frame.n == text.n;
}

static void note_provisional(const struct witness *w, struct witness_branch *b, int status)
{
    b->provisional = true;
    if (status > 100)
        b->lengthened = w->now;
}

static void note_final(struct witness *w, struct witness_branch *b, const struct witness_answer *a)
{
    const int status = a->said.status;
    b->final = status;
    if (b->request == WITNESS_NONE)
        return;
    struct witness_request *r = &w->requests[b->request];
    r->unframed |= r->reliable && !a->framed;
    if (!a->for_upstream)
        b->final = 502;
    else if (status == 401 || status == 407)
        r->challenges += a->said.n_challenges;
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
    a->taken = a->for_upstream = false;
    a->framed = is_framed(m);
    if (a->branch == WITNESS_NONE)
        return;
    struct witness_branch *b = &w->branches[a->branch];
    a->taken = witness_pending(w, b);
    a->for_upstream = is_for_upstream(b, &a->said);
    if (a->taken && a->said.status < 200)
        note_provisional(w, b, a->said.status);
    else if (a->taken)
        note_final(w, b, a);
}

size_t witness_answered(const struct witness *w)
{
    if (w->cause != WITNESS_RESPONSE || w->n_answers == 0)
        return WITNESS_NONE;
    const size_t branch = w->answers[w->n_answers - 1].branch;
    return branch == WITNESS_NONE ? WITNESS_NONE : w->branches[branch].request;
}

unsigned witness_classes(const struct witness *w, size_t request)
{
    unsigned classes = 0;
    for (size_t i = 0; i < w->n_branches; i++) {
        const struct witness_branch *b = &w->branches[i];
        const bool followed = b->final < 400 && w->rules.recurse;
        if (b->request == request && b->final >= 300 && !followed && !b->replaced)
            classes |= 1u << b->final / 100;
    }
    return classes;
}

/* ---- Events ------------------------------------------------------------------------------------
 */

void witness_in(struct witness *w, uint64_t now, const struct witness_flow *flow,
                const sipv_message *m, bool accepted)
{
    w->now = now;
    w->n_passed = 0;
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
        if (b->flow != flow || !witness_pending(w, b) ||
            (b->said.method == SIPV_M_INVITE && b->provisional))
            continue;
        b->failed = true;
        b->failed_at = now;
    }
}

void witness_time(struct witness *w, uint64_t now)
{
    w->now = now;
    w->cause = WITNESS_TIME;
    w->malformed = false;
}
