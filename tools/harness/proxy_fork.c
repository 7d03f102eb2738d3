/* Response contexts and their branches: RFC 3261 sections 16.6 (steps 10 and 11), 16.8 to 16.10,
 * and how many branches there may be at one time: RFC 5393 section 5. */
#include "proxy_core.h"

/* ---- Beginning ------------------------------------------------------------------------------ */

static int request_of(struct proxy_core *p, struct proxy_branch *b,
                      const struct proxy_forwarded *forwarded)
{
    const int result = transactions_request(&p->t, p->now, &p->made.m, forwarded->flow,
                                            forwarded->reliable, b->id, &b->client);
    if (result == SIPV_OK)
        return 0;
    return result == SIPV_LIMIT ? 503 : 500;
}

/* One branch to a target.  0, or what has gone wrong at once, as a status. */
static int begin_branch(struct proxy_core *p, struct proxy_context *c,
                        const struct proxy_request *r, size_t target, unsigned breadth, bool udp)
{
    struct proxy_forwarded forwarded;
    struct proxy_branch *b = proxy_branch_new(&p->tables, c);
    c->targets[target].tried = true;
    if (!b)
        return 503;
    b->target = (uint16_t)target;
    b->breadth = breadth;
    c->breadth_used += breadth;
    int status = proxy_compose_request(p, r, &c->targets[target], breadth, udp, &forwarded);
    if (status == 0)
        status = request_of(p, b, &forwarded);
    if (status != 0) {
        proxy_branch_done(&p->tables, b);
        return status;
    }
    c->live++;
    b->upgraded = forwarded.upgraded;
    proxy_branch_set_flow(&p->tables, b, forwarded.flow);
    if (c->invite)
        proxy_branch_set_timer(&p->tables, b, p->now + p->settings.timer_c_ms);
    proxy_carry_out(p);
    return 0;
}

static bool same_instance(const struct proxy_target *a, const struct proxy_target *b)
{
    return a->instance != 0 && a->instance == b->instance;
}

/* RFC 5626 section 7: of the flows to one instance only one is tried, ... */
static bool is_spare(const struct proxy_context *c, size_t target)
{
    for (size_t i = 0; i < c->n_targets; i++)
        if (c->targets[i].tried && same_instance(&c->targets[i], &c->targets[target]))
            return true;
    return false;
}

/* ... and another one if that leads nowhere.  The number of targets: there is none. */
static size_t spare_for(const struct proxy_context *c, size_t target)
{
    size_t i = 0;
    while (i < c->n_targets &&
           (c->targets[i].tried || !same_instance(&c->targets[i], &c->targets[target])))
        i++;
    return i;
}

/* By another flow to the instance of a target.  False: there is none that leads anywhere. */
static bool begin_spare(struct proxy_core *p, struct proxy_context *c,
                        const struct proxy_request *r, size_t target, unsigned breadth)
{
    size_t spare;
    while ((spare = spare_for(c, target)) < c->n_targets)
        if (begin_branch(p, c, r, spare, breadth, false) == 0)
            return true;
    return false;
}

/* To a target, by whatever flow there is to it.  What goes wrong at once counts as a response. */
static void begin(struct proxy_core *p, struct proxy_context *c, const struct proxy_request *r,
                  size_t target, unsigned breadth, bool udp)
{
    const int status = begin_branch(p, c, r, target, breadth, udp);
    if (status != 0 && (status != 503 || !begin_spare(p, c, r, target, breadth)))
        proxy_consider(p, c, status, NULL);
}

static void skip_spares(struct proxy_context *c)
{
    while (c->next_target < c->n_targets && is_spare(c, c->next_target))
        c->next_target++;
}

/* Targets of the same q that wait. */
static unsigned of_group(const struct proxy_context *c)
{
    unsigned n = 0;
    for (size_t i = c->next_target; i < c->n_targets && c->targets[i].q == c->group_q; i++)
        n += !is_spare(c, i);
    return n;
}

static bool may_begin(const struct proxy_core *p, const struct proxy_context *c)
{
    if (c->stop || c->final_sent || c->next_target == c->n_targets)
        return false;
    if (c->pending == 0)
        return true;
    return !p->settings.sequential && c->targets[c->next_target].q == c->group_q &&
           c->breadth_used < c->breadth;
}

/* What there is of Max-Breadth, shared among those that can begin now. */
static unsigned share(const struct proxy_core *p, const struct proxy_context *c)
{
    const unsigned left = c->breadth - c->breadth_used;
    const unsigned group = p->settings.sequential ? 1 : of_group(c);
    return group < left ? left / group : 1;
}

void proxy_go_on(struct proxy_core *p, struct proxy_context *c, const struct proxy_request *r)
{
    for (skip_spares(c); may_begin(p, c); skip_spares(c)) {
        if (!r && !(r = proxy_original(p, c))) {
            c->stop = true;
            break;
        }
        const size_t target = c->next_target;
        c->group_q = c->targets[target].q;
        const unsigned breadth = share(p, c);
        c->next_target++;
        begin(p, c, r, target, breadth, false);
    }
    if (c->pending == 0 && !c->final_sent)
        proxy_send_best(p, c);
}

/* What the instance itself has answered holds for all its flows: a 503 is the instance's, unless it
 * was the transport that failed. */
static bool leads_nowhere(int status, const sipv_message *response)
{
    return status == 430 || status == 408 || (status == 503 && !response);
}

/* In place of a branch that led nowhere, whose response counts no more. */
static bool try_spare(struct proxy_core *p, struct proxy_context *c, const struct proxy_branch *b)
{
    const struct proxy_request *r;
    return !c->stop && !c->final_sent && spare_for(c, b->target) < c->n_targets &&
           (r = proxy_original(p, c)) && begin_spare(p, c, r, b->target, b->breadth);
}

/* ---- Ending --------------------------------------------------------------------------------- */

void proxy_branch_ended(struct proxy_core *p, struct proxy_branch *b, int status,
                        sipv_message *response)
{
    struct proxy_context *c = proxy_branch_context(&p->tables, b);
    if (!b->pending)
        return;
    proxy_branch_done(&p->tables, b);
    if ((!leads_nowhere(status, response) || !try_spare(p, c, b)) &&
        (!response || !proxy_recurse(p, c, response)))
        proxy_consider(p, c, status, response);
    if (status >= 600) {
        c->stop = true;
        proxy_cancel_all(p, c);
    }
    proxy_go_on(p, c, NULL);
}

void proxy_branch_failed(struct proxy_core *p, struct proxy_branch *b)
{
    struct proxy_context *c = proxy_branch_context(&p->tables, b);
    const struct proxy_request *r;
    if (!b->pending)
        return;
    if (!b->upgraded || c->stop || c->final_sent || !(r = proxy_original(p, c))) {
        proxy_branch_ended(p, b, 503, NULL);
        return;
    }
    /* Section 18.1.1: it would have gone over UDP, were it not so large. */
    proxy_branch_done(&p->tables, b);
    begin(p, c, r, b->target, b->breadth, true);
    proxy_go_on(p, c, r);
}

/* ---- Cancelling ----------------------------------------------------------------------------- */

void proxy_cancel(struct proxy_core *p, struct proxy_branch *b)
{
    transaction_id id;
    size_t n = 0;
    if (!b->pending || b->cancelled || !proxy_branch_context(&p->tables, b)->invite)
        return;
    b->cancel = true;
    if (transactions_write_cancel(&p->t, b->client, p->out, PROXY_OUT, &n) != SIPV_OK ||
        !proxy_parse(p, &p->made, sipv_slice_of(p->out, n)))
        return;
    const enum hop_transport transport = p->network.transport(p->network.with, b->flow);
    if (transactions_request(&p->t, p->now, &p->made.m, b->flow, hop_reliable(transport), 0, &id) !=
        SIPV_OK)
        return;
    b->cancelled = true;
    proxy_carry_out(p);
}

void proxy_cancel_all(struct proxy_core *p, struct proxy_context *c)
{
    struct proxy_branch *b;
    for (uint32_t i = c->branches; (b = proxy_branch_at(&p->tables, i)); i = b->sibling)
        proxy_cancel(p, b);
}

void proxy_give_up(struct proxy_core *p, struct proxy_context *c)
{
    const sipv_slice none = {NULL, 0};
    const struct proxy_request *r = c->final_sent ? NULL : proxy_original(p, c);
    c->stop = true;
    proxy_context_final(&p->tables, c);
    if (r)
        proxy_answer(p, r->m, c->server, c->flow, 503, none);
    proxy_cancel_all(p, c);
}

void proxy_timer_c(struct proxy_core *p, struct proxy_branch *b)
{
    proxy_branch_set_timer(&p->tables, b, UINT64_MAX);
    proxy_cancel(p, b);
    if (b->cancelled)
        return; /* it ends with its final response, or 64*T1 after the CANCEL */
    proxy_abandon_client(p, b);
    proxy_branch_ended(p, b, 408, NULL);
}
