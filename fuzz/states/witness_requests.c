/* Requests that come out: RFC 3261 sections 16.6 and 9.1, RFC 5393 sections 4 and 5. */
#include <string.h>

#include "figures.h"
#include "witness.h"

enum { URI_EVENTS = 1024 };

/* ---- Sent again --------------------------------------------------------------------------------
 */

/* Timer A doubles without end, timer E up to T2, which in Proceeding it is from the beginning. */
static bool is_due(const struct witness *w, const struct witness_branch *b)
{
    const uint64_t passed = w->now - b->last, doubled = (uint64_t)FIGURES_T1 << (b->times - 1);
    if (b->said.method == SIPV_M_INVITE)
        return passed == doubled && !b->provisional && !b->final;
    return !b->final && (passed == (doubled < FIGURES_T2 ? doubled : FIGURES_T2) ||
                         (b->provisional && passed == FIGURES_T2));
}

void witness_request_again(struct witness *w, struct witness_branch *b)
{
    if (b->said.method == SIPV_M_ACK || w->rules.stateless ||
        (b->said.method == SIPV_M_CANCEL && b->request != WITNESS_NONE)) {
        /* with the response, or the request, that came again */
        FUZZ_CHECK(states, w->cause != WITNESS_TIME, "what no timer sends is sent by time");
        return;
    }
    FUZZ_CHECK(states, w->cause == WITNESS_TIME, "a request is sent again without reason");
    FUZZ_CHECK(states, !b->failed || b->request == WITNESS_NONE,
               "a request is sent again where it has failed");
    FUZZ_CHECK(states, !b->reliable, "a request is sent again over a reliable transport");
    FUZZ_CHECK(states, w->now - b->at < FIGURES_64_T1, "a request is sent again behind its time");
    FUZZ_CHECK(states, is_due(w, b), "a request is sent again at the wrong time");
    b->last = w->now;
    b->times++;
}

/* ---- Where it comes from -----------------------------------------------------------------------
 */

static bool is_about_invite(const struct said *s)
{
    return s->method == SIPV_M_ACK || s->method == SIPV_M_CANCEL;
}

/* A copy ends at the server transaction of the first one (section 17.2.1), whatever it says that no
 * transaction is told by; but where there was no room for one it does not. */
static bool may_go_on(const struct witness *w, const struct witness_request *r)
{
    return r->accepted && (&w->requests[r->first] == r || w->rules.stateless || w->rules.limited ||
                           is_about_invite(&r->said));
}

/* The same words, and these Via values below the first. */
static bool same_words(const struct said *in, const struct said *out)
{
    return in->name == out->name && in->call_id == out->call_id && in->cseq == out->cseq &&
           in->from == out->from && in->to == out->to && in->body == out->body &&
           in->rest == out->rest && said_same_list(&out->vias, 1, &in->vias, 0);
}

static int64_t hops_behind(const struct witness_request *r)
{
    return r->said.max_forwards > 0 ? r->said.max_forwards - 1 : 70;
}

/* RFC 5393 section 5.3.3. */
static int64_t breadth_of(const struct witness *w, const struct witness_request *r)
{
    const int64_t most = (int64_t)w->rules.max_breadth;
    return r->said.max_breadth < 0 || r->said.max_breadth > most ? most : r->said.max_breadth;
}

/* Has a branch just ended that this has been forwarded by? */
static bool has_ended_branch(const struct witness *w, size_t copy)
{
    for (size_t i = 0; i < w->n_branches; i++)
        if (w->branches[i].request != WITNESS_NONE && w->branches[i].copy == copy &&
            witness_just_ended(w, &w->branches[i]))
            return true;
    return false;
}

/* May it be that this request goes on now?  It has just come in, or a branch of it has just ended:
 * nothing else makes a proxy send one. */
static bool is_its_turn(const struct witness *w, size_t i)
{
    if (w->cause == WITNESS_REQUEST)
        return i + 1 == w->n_requests;
    if (w->cause != WITNESS_RESPONSE)
        return has_ended_branch(w, i);
    return witness_answered(w) != WITNESS_NONE &&
           w->branches[w->answers[w->n_answers - 1].branch].copy == i;
}

/* The newest that it may have been. */
static size_t request_of(const struct witness *w, const struct said *s)
{
    for (size_t i = w->n_requests; i-- > 0;)
        if (may_go_on(w, &w->requests[i]) && same_words(&w->requests[i].said, s) &&
            is_its_turn(w, i))
            return i;
    return WITNESS_NONE;
}

static struct witness_branch *add_branch(struct witness *w, const struct witness_flow *flow,
                                         const struct said *s, sipv_slice octets, size_t copy)
{
    if (w->n_branches == WITNESS_BRANCHES) {
        w->blind = true;
        return NULL;
    }
    struct witness_branch *b = &w->branches[w->n_branches];
    memset(b, 0, sizeof *b);
    b->octets = witness_keep(w, octets);
    if (!b->octets.p) {
        w->blind = true;
        return NULL;
    }
    w->n_branches++;
    b->said = *s;
    b->hash = said_hash(octets);
    b->flow = flow->id;
    b->reliable = flow->reliable;
    b->at = b->last = b->lengthened = w->now;
    b->times = 1;
    b->request = copy == WITNESS_NONE ? copy : w->requests[copy].first;
    b->copy = copy;
    b->invite = WITNESS_NONE;
    b->cancelled_at = UINT64_MAX;
    return b;
}

/* ---- ACK and CANCEL of the proxy's own ---------------------------------------------------------
 */

/* The INVITE that it is about: the same Via, Request-URI, From, Call-ID, CSeq. */
static size_t invite_of(const struct witness *w, const struct said *s)
{
    for (size_t i = w->n_branches; i-- > 0;) {
        const struct said *b = &w->branches[i].said;
        if (b->method == SIPV_M_INVITE && b->vias.value[0] == s->vias.value[0])
            return i;
    }
    return WITNESS_NONE;
}

static bool other_branch_ended_it(const struct witness *w, size_t request)
{
    for (size_t i = 0; i < w->n_branches; i++)
        if (w->branches[i].request == request &&
            (w->branches[i].final / 100 == 2 || w->branches[i].final / 100 == 6))
            return true;
    return false;
}

/* Section 16.10, 16.7 items 5 and 10, 16.8. */
static bool has_reason(const struct witness *w, const struct witness_branch *b)
{
    const struct witness_request *r = &w->requests[b->request];
    return r->cancelled || r->final || w->rules.stopped || other_branch_ended_it(w, b->request) ||
           w->now - b->lengthened >= w->rules.timer_c_ms;
}

static void own_request(struct witness *w, const struct witness_flow *flow, const struct said *s,
                        sipv_slice octets)
{
    const size_t i = invite_of(w, s);
    FUZZ_CHECK(states, i != WITNESS_NONE, "an ACK or CANCEL without its INVITE");
    struct witness_branch *b = &w->branches[i];
    FUZZ_CHECK(states,
               s->request_uri == b->said.request_uri && s->call_id == b->said.call_id &&
                   s->from == b->said.from && s->cseq == b->said.cseq && flow->id == b->flow &&
                   said_same_list(&s->routes, 0, &b->said.routes, 0),
               "an ACK or CANCEL is not that of its INVITE");
    if (s->method == SIPV_M_ACK) {
        FUZZ_CHECK(states, b->final >= 300, "an ACK without a final response");
    } else {
        FUZZ_CHECK(states, s->to == b->said.to, "a CANCEL has another To");
        FUZZ_CHECK(states, b->provisional, "a CANCEL without a provisional response");
        FUZZ_CHECK(states, !b->final, "a CANCEL behind the final response");
        FUZZ_CHECK(states, b->cancelled_at == UINT64_MAX, "a second CANCEL");
        FUZZ_CHECK(states, has_reason(w, b), "a CANCEL without reason");
        b->cancelled_at = w->now;
    }
    struct witness_branch *own = add_branch(w, flow, s, octets, WITNESS_NONE);
    if (own)
        own->invite = i;
}

/* ---- Forwarded ---------------------------------------------------------------------------------
 */

static bool is_own(const struct witness *w, sipv_slice text)
{
    const size_t n = strlen(w->rules.host);
    for (size_t i = 0; i + n <= text.n; i++)
        if (sipv_slice_is(sipv_slice_of(text.p + i, n), w->rules.host))
            return true;
    return false;
}

static void check_via(const struct witness *w, const struct witness_request *r,
                      const struct said *s)
{
    const sipv_slice branch = said_parameter(s->top_via, "branch");
    FUZZ_CHECK(states, is_own(w, s->top_via), "the Via on top is not the proxy's");
    FUZZ_CHECK(states, branch.n > 7 && memcmp(branch.p, "z9hG4bK", 7) == 0,
               "a branch without the cookie");
    for (size_t i = 0; i < w->n_branches; i++)
        FUZZ_CHECK(states,
                   w->branches[i].said.branch != s->branch || w->rules.stateless ||
                       is_about_invite(&r->said),
                   "two requests have one branch");
}

static void check_hops(const struct witness_request *r, const struct said *s)
{
    FUZZ_CHECK(states, r->said.max_forwards != 0, "Max-Forwards 0 is forwarded");
    FUZZ_CHECK(states, s->max_forwards == hops_behind(r), "Max-Forwards is not one less");
    FUZZ_CHECK(states, !r->looped, "a loop goes on");
}

/* One value for each side where TLS begins or ends, else one if it stays in dialogs. */
static void check_record_route(const struct witness *w, const struct witness_request *r,
                               const struct said *s, bool secure)
{
    const size_t n = r->secure != secure ? 2 : w->rules.record_route ? 1 : 0;
    FUZZ_CHECK(states, said_same_list(&s->record_routes, n, &r->said.record_routes, 0),
               "Record-Route is missing, or there is too much of it");
    if (n == 0)
        return;
    FUZZ_CHECK(states, is_own(w, s->top_record_route), "Record-Route is not the proxy's");
    FUZZ_CHECK(states, sipv_slice_is(sipv_slice_of(s->top_record_route.p, 4), "<sip"),
               "Record-Route is no URI in brackets");
}

/* Is `a` without what is popped, pushed, and put behind for a strict router, `b`?  Up to three
 * values in front name the proxy or have become the Request-URI. */
static bool leads_on(const struct said_list *a, const struct said_list *b)
{
    for (size_t front = 0; front <= 3 && front <= a->n; front++)
        for (size_t back = 0; back <= 1 && front + back <= a->n; back++) {
            const size_t kept = a->n - front - back;
            for (size_t pushed = 0; pushed + kept <= b->n; pushed++)
                if (b->n - pushed - kept <= 1 &&
                    (kept == 0 ||
                     memcmp(a->value + front, b->value + pushed, kept * sizeof *a->value) == 0))
                    return true;
        }
    return false;
}

/* "<sip:elm.example;lr>" as a proxy writes it into Record-Route. */
static bool is_own_route(const struct witness *w, sipv_slice value)
{
    const size_t n = strlen(w->rules.host);
    return value.n == 5 + n + 4 && memcmp(value.p, "<sip:", 5) == 0 &&
           memcmp(value.p + 5, w->rules.host, n) == 0 && memcmp(value.p + 5 + n, ";lr>", 4) == 0;
}

static void check_rest(const struct witness *w, const struct witness_request *r,
                       const struct said *s)
{
    FUZZ_CHECK(states, leads_on(&r->said.routes, &s->routes), "Route is not what is left of it");
    FUZZ_CHECK(states,
               !is_own_route(w, r->said.front_routes[0]) ||
                   !said_same_list(&r->said.routes, 0, &s->routes, 0),
               "a Route of the proxy's own is left");
    FUZZ_CHECK(states, s->challenges == r->said.challenges, "a challenge is changed");
    FUZZ_CHECK(states, s->length == r->said.length || r->said.length == 0,
               "Content-Length is changed");
    FUZZ_CHECK(states, s->credentials == r->said.credentials || w->rules.takes_credentials,
               "credentials are changed");
    FUZZ_CHECK(states,
               !w->rules.guarded || r->said.credentials || r->said.to_tag ||
                   is_about_invite(&r->said),
               "a request without credentials is forwarded");
    FUZZ_CHECK(states, !r->refused, "a request with wrong credentials is forwarded");
}

/* RFC 5393 section 5.3.3. */
static void check_breadth(const struct witness *w, const struct witness_request *r, size_t first,
                          const struct said *s)
{
    int64_t sum = s->max_breadth;
    FUZZ_CHECK(states, s->max_breadth > 0, "a request without breadth is forwarded");
    for (size_t i = 0; i < w->n_branches; i++)
        if (w->branches[i].request == first && witness_pending(w, &w->branches[i]))
            sum += w->branches[i].said.max_breadth;
    FUZZ_CHECK(states, sum <= breadth_of(w, r), "the branches have more breadth than the request");
}

/* The transport is another one for what is too large, or for SIPS. */
static bool leads_to(sipv_slice uri, const struct witness_flow *flow)
{
    struct hop hop;
    return hop_of_uri(uri, &hop) == SIPV_OK && strcmp(hop.host, flow->hop->host) == 0 &&
           (hop.port == flow->hop->port || (flow->secure && flow->hop->port == 5061));
}

static bool has_lr(sipv_slice text)
{
    static sipv_event events[URI_EVENTS];
    sipv_uri uri;
    return sipv_uri_parse(text, false, events, URI_EVENTS, &uri, NULL) == SIPV_OK &&
           sipv_param_find(&uri.params, "lr", NULL) == SIPV_OK;
}

/* Is what stood behind value `i` of Route left, and one more value, which was the Request-URI?  The
 * last one goes too where the Request-URI was the proxy's own. */
static bool is_left_behind(const struct witness *w, const struct said *in, size_t i,
                           const struct said *out)
{
    const size_t behind = in->routes.n - i - 1;
    if (out->routes.n == 0)
        return false;
    const size_t kept = out->routes.n - 1;
    return (kept == behind || (kept + 1 == behind && is_own(w, in->uri))) &&
           memcmp(in->routes.value + i + 1, out->routes.value, kept * sizeof *out->routes.value) ==
               0;
}

/* Which Route value, without lr, has become the Request-URI: before it stand the proxy's own.
 * WITNESS_NONE: it goes to no strict router. */
static size_t strict_router(const struct witness *w, const struct said *in, const struct said *out)
{
    for (size_t i = 0; i < SAID_FRONT && i < in->routes.n; i++) {
        const sipv_slice uri = said_uri(in->front_routes[i]);
        if (sipv_slice_equal(uri, out->uri) && !has_lr(uri) && is_left_behind(w, in, i, out))
            return i;
        if (!is_own(w, uri))
            break;
    }
    return WITNESS_NONE;
}

/* May it look like that by chance?  The proxy's own value is gone, or its own Request-URI has
 * become the last value or a target, and Route is that of a target or of a next hop. */
static bool is_chance(const struct witness *w, const struct said *in, size_t strict)
{
    return is_own(w, in->uri) || is_own(w, in->front_routes[strict]);
}

/* Section 16.6 items 6 and 7. */
static void check_hop(const struct witness *w, const struct witness_request *r,
                      const struct said *s, const struct witness_flow *flow)
{
    const bool routed = s->routes.n > 0;
    const size_t strict = strict_router(w, &r->said, s);
    const bool to_uri = !routed || strict != WITNESS_NONE;
    const bool to_route = routed && (strict == WITNESS_NONE || is_chance(w, &r->said, strict));
    /* a next hop has lr; a binding's Path is as its registration had it */
    FUZZ_CHECK(states, to_uri || w->rules.registrar || has_lr(said_uri(s->front_routes[0])),
               "a strict router does not become the Request-URI");
    FUZZ_CHECK(states,
               (to_route && leads_to(said_uri(s->front_routes[0]), flow)) ||
                   (to_uri && leads_to(s->uri, flow)) ||
                   (!routed && w->rules.next && leads_to(sipv_slice_text(w->rules.next), flow)) ||
                   (!routed && w->rules.registrar && flow->upstream),
               "a request goes to where nobody has said");
}

/* Where a registrar knows several flows to one instance, the one that failed may be replaced: RFC
 * 5626 section 7. */
static void note_replaced(struct witness *w)
{
    if (w->cause != WITNESS_RESPONSE || !w->rules.registrar)
        return;
    struct witness_branch *b = &w->branches[w->answers[w->n_answers - 1].branch];
    if (b->final == 430 || b->final == 408)
        b->replaced = true;
}

void witness_request_out(struct witness *w, const struct witness_flow *flow, const struct said *s,
                         sipv_slice octets)
{
    if (s->vias.n == 1 && is_about_invite(s)) {
        own_request(w, flow, s, octets);
        return;
    }
    const size_t i = request_of(w, s);
    FUZZ_CHECK(states, i != WITNESS_NONE,
               "a request is forwarded that did not come in, or changed, or not now");
    const struct witness_request *r = &w->requests[i];
    check_via(w, r, s);
    check_hops(r, s);
    check_record_route(w, r, s, flow->secure);
    check_rest(w, r, s);
    check_hop(w, r, s, flow);
    if (!is_about_invite(s) && !w->rules.stateless) {
        const struct witness_request *first = &w->requests[r->first];
        FUZZ_CHECK(states, !first->final, "a request is forwarded behind its final response");
        /* without room for the first one the CANCEL was about nothing, and a copy is the first */
        FUZZ_CHECK(states, !first->cancelled || w->rules.limited,
                   "a cancelled request is forwarded");
        FUZZ_CHECK(states, !(witness_classes(w, r->first) & 1u << 6),
                   "a request is forwarded behind a 6xx");
        check_breadth(w, r, r->first, s);
        note_replaced(w);
    }
    add_branch(w, flow, s, octets, i);
}
