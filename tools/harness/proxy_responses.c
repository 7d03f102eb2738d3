/* Response processing: RFC 3261 section 16.7, with RFC 6026 section 8.2 and 8.3. */
#include "proxy_core.h"

static const sipv_slice none = {NULL, 0};

/* The response without its topmost Via, in p->out, as it may go over a stream or not; absent if it
 * may not. */
static sipv_slice strip(struct proxy_core *p, const sipv_message *m, bool reliable)
{
    struct proxy_cuts cuts;
    proxy_cuts_begin(&cuts, m, p->lines);
    proxy_cut_top_via(&cuts);
    if (reliable)
        proxy_cut_length(&cuts);
    const sipv_slice octets = proxy_cuts_finish(&cuts, p->out, PROXY_OUT);
    return !reliable || (octets.p && proxy_is_framed(octets)) ? octets : none;
}

/* For upstream. */
static sipv_slice strip_for(struct proxy_core *p, const struct proxy_context *c,
                            const sipv_message *m)
{
    return strip(p, m, hop_reliable(p->network.transport(p->network.with, c->flow)));
}

/* Step 9: to the server transaction.  As transactions_respond(). */
static int send_up(struct proxy_core *p, const struct proxy_context *c, sipv_slice octets)
{
    if (!octets.p || !proxy_parse(p, &p->made, octets))
        return SIPV_REJECT;
    const int result = transactions_respond(&p->t, p->now, c->server, &p->made.m);
    if (result == SIPV_OK)
        proxy_carry_out(p);
    return result;
}

/* ---- Step 6: the best response -------------------------------------------------------------- */

/* The lower the better.  One that was received is better than one that we would have to make. */
static int rank(int status, bool received)
{
    int rank = 0;
    switch (status) {
    case 401:
    case 407: rank = 2; break;
    case 415:
    case 420:
    case 484: rank = 3; break;
    case 503: rank = 6; break;
    default: rank = status >= 600 ? 0 : status < 400 ? 1 : status < 500 ? 4 : 5;
    }
    return 2 * rank + !received;
}

static bool is_challenge(int status)
{
    return status == 401 || status == 407;
}

/* Step 7: the challenges of a response that will not be sent itself. */
static void keep_challenges(struct proxy_core *p, struct proxy_context *c, const sipv_message *m)
{
    struct compose lines = {p->lines, PROXY_LINES, 0};
    compose_copied(&lines, m, SIPV_H_WWW_AUTHENTICATE, "WWW-Authenticate");
    compose_copied(&lines, m, SIPV_H_PROXY_AUTHENTICATE, "Proxy-Authenticate");
    if (lines.n <= lines.cap)
        proxy_keep_more(&p->tables, &c->challenges, sipv_slice_of(lines.out, lines.n));
}

void proxy_consider(struct proxy_core *p, struct proxy_context *c, int status,
                    sipv_message *response)
{
    const bool better =
        c->best == 0 || rank(status, response != NULL) < rank(c->best, c->response.p != NULL);
    if (!better) {
        if (response && is_challenge(status) && is_challenge(c->best))
            keep_challenges(p, c, response);
        return;
    }
    const sipv_slice octets = response ? strip_for(p, c, response) : none;
    c->best = status;
    if (!octets.p || !proxy_keep(&p->tables, &c->response, octets))
        proxy_forget(&p->tables, &c->response);
}

/* The best response with the challenges of the others. */
static sipv_slice with_challenges(struct proxy_core *p, const struct proxy_context *c)
{
    struct proxy_cuts cuts;
    const sipv_slice octets = sipv_slice_of(c->response.p, c->response.n);
    if (!is_challenge(c->best) || c->challenges.n == 0)
        return octets;
    if (!proxy_parse(p, &p->original, octets))
        return none;
    proxy_cuts_begin(&cuts, &p->original.m, p->lines);
    proxy_cut_end(&cuts);
    compose_octets(&cuts.lines, sipv_slice_of(c->challenges.p, c->challenges.n));
    return proxy_cuts_finish(&cuts, p->out, PROXY_OUT);
}

/* What we say ourselves, without the response that had more to say: a 503 is about one target and
 * not about us, a 430 about one way to it. */
static int own_status(const struct proxy_context *c)
{
    switch (c->best) {
    case 0: return 408;
    case 401:
    case 407:
    case 503: return 500;
    case 430: return 480;
    default: return c->best < 400 ? 500 : c->best;
    }
}

void proxy_send_best(struct proxy_core *p, struct proxy_context *c)
{
    proxy_context_final(&p->tables, c);
    if (!c->invite && (c->best == 408 || c->best == 0)) {
        proxy_abandon_server(p, c->server);
        return;
    }
    if (c->response.p && c->best != 503 && send_up(p, c, with_challenges(p, c)) == SIPV_OK)
        return;
    const struct proxy_request *r = proxy_original(p, c);
    if (r)
        proxy_answer(p, r->m, c->server, c->flow, own_status(c), none);
}

/* ---- Steps 1 to 5 --------------------------------------------------------------------------- */

static void provisional(struct proxy_core *p, struct proxy_context *c, struct proxy_branch *b,
                        sipv_message *m)
{
    if (b->pending && c->invite && m->status > 100)
        proxy_branch_set_timer(&p->tables, b, p->now + p->settings.timer_c_ms);
    if (m->status > 100 && !c->final_sent)
        send_up(p, c, strip_for(p, c, m));
    if (b->cancel && !b->cancelled)
        proxy_cancel(p, b);
}

/* At once, and with those that come later: also the 2xx of other branches, and the same once more,
 * which the UAS repeats until it has the ACK. */
static void success(struct proxy_core *p, struct proxy_context *c, struct proxy_branch *b,
                    sipv_message *m)
{
    if (c->final_sent && !c->invite)
        return;
    const int result = send_up(p, c, strip_for(p, c, m));
    if (result != SIPV_OK && !c->final_sent) {
        proxy_branch_ended(p, b, 502, NULL);
        return;
    }
    proxy_branch_done(&p->tables, b);
    proxy_context_final(&p->tables, c);
    proxy_cancel_all(p, c);
}

static bool has_via_below(sipv_message *m)
{
    sipv_via via;
    sipv_iter it = sipv_each(m, SIPV_H_VIA);
    return sipv_via_next(&it, &via) == SIPV_OK && sipv_via_next(&it, &via) == SIPV_OK;
}

/* What has our branch may be for us alone (item 3), or about another request: nobody upstream waits
 * for it, nor for the same status of our own. */
static bool is_for_upstream(const struct proxy_core *p, const struct proxy_context *c,
                            sipv_message *m)
{
    return has_via_below(m) && transactions_is_about(&p->t, c->server, m);
}

void proxy_answered(struct proxy_core *p, struct proxy_branch *b, sipv_message *m)
{
    struct proxy_context *c = proxy_branch_context(&p->tables, b);
    if (m->status < 200)
        provisional(p, c, b, m);
    else if (m->status < 300)
        success(p, c, b, m);
    else if (!is_for_upstream(p, c, m))
        proxy_branch_ended(p, b, 502, NULL);
    else
        proxy_branch_ended(p, b, m->status, m);
}

/* ---- Without state: section 16.11 ------------------------------------------------------------ */

void proxy_pass_statelessly(struct proxy_core *p, sipv_message *m)
{
    sipv_via via;
    struct hop hop;
    sipv_iter it = sipv_each(m, SIPV_H_VIA);
    if (sipv_via_next(&it, &via) != SIPV_OK || !proxy_is_sent_by(p, &via))
        return;
    sipv_slice octets = strip(p, m, false);
    if (!octets.p || topmost_response_hop(p->topmost, octets, &hop) != SIPV_OK)
        return;
    if (hop_reliable(hop.transport) && !(octets = strip(p, m, true)).p)
        return;
    const uint64_t flow = p->network.flow(p->network.with, &hop);
    if (flow != 0)
        p->network.send(p->network.with, flow, octets);
}
