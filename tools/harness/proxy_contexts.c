#include "proxy_contexts.h"

#include <stdlib.h>
#include <string.h>

enum { ID_BITS = 24, MOST = 1 << ID_BITS };

/* ---- Opening and closing -------------------------------------------------------------------- */

bool proxy_tables_open(struct proxy_tables *t, const struct proxy_limits *limits)
{
    memset(t, 0, sizeof *t);
    t->limits = *limits;
    t->n_flows = 1;
    while (t->n_flows < limits->branches)
        t->n_flows *= 2;
    t->contexts = calloc(limits->contexts, sizeof *t->contexts);
    t->branches = calloc(limits->branches, sizeof *t->branches);
    t->flows = malloc(t->n_flows * sizeof *t->flows);
    t->ended = t->soonest = t->latest = PROXY_NONE;
    if (!t->contexts || !t->branches || !t->flows)
        return false;
    for (uint32_t i = 0; i < t->n_flows; i++)
        t->flows[i] = PROXY_NONE;
    return true;
}

void proxy_forget(struct proxy_tables *t, struct proxy_text *text)
{
    t->octets -= text->n;
    free(text->p);
    *text = (struct proxy_text){NULL, 0};
}

static void drop_texts(struct proxy_tables *t, struct proxy_context *c)
{
    for (size_t i = 0; i < c->n_targets; i++)
        proxy_forget(t, &c->targets[i].text);
    free(c->targets);
    proxy_forget(t, &c->response);
    proxy_forget(t, &c->challenges);
}

void proxy_tables_close(struct proxy_tables *t)
{
    for (size_t i = 0; t->contexts && i < t->limits.contexts; i++)
        if (t->contexts[i].id != 0)
            drop_texts(t, &t->contexts[i]);
    free(t->contexts);
    free(t->branches);
    free(t->flows);
    memset(t, 0, sizeof *t);
}

/* ---- Texts ---------------------------------------------------------------------------------- */

bool proxy_keep_more(struct proxy_tables *t, struct proxy_text *text, sipv_slice s)
{
    if (s.n > t->limits.octets - t->octets)
        return false;
    unsigned char *p = realloc(text->p, text->n + s.n + 1);
    if (!p)
        return false;
    if (s.n > 0)
        memcpy(p + text->n, s.p, s.n);
    text->p = p;
    text->n += s.n;
    t->octets += s.n;
    return true;
}

bool proxy_keep(struct proxy_tables *t, struct proxy_text *text, sipv_slice s)
{
    struct proxy_text copy = {NULL, 0};
    if (!proxy_keep_more(t, &copy, s))
        return false;
    proxy_forget(t, text);
    *text = copy;
    return true;
}

static sipv_slice moved(sipv_slice s, const unsigned char *to)
{
    return s.p ? sipv_slice_of(to, s.n) : s;
}

/* Most requests have one target; the others soon need room for all. */
static bool make_room(struct proxy_context *c)
{
    const size_t room = c->n_targets == 0 ? 1 : PROXY_TARGETS;
    if (c->n_targets < c->room_for_targets)
        return true;
    if (c->n_targets == PROXY_TARGETS)
        return false;
    struct proxy_target *targets = realloc(c->targets, room * sizeof *targets);
    if (!targets)
        return false;
    c->targets = targets;
    c->room_for_targets = room;
    return true;
}

bool proxy_add_target(struct proxy_tables *t, struct proxy_context *c,
                      const struct proxy_target *target)
{
    struct proxy_text text = {NULL, 0};
    if (!make_room(c))
        return false;
    if (!proxy_keep_more(t, &text, target->uri) || !proxy_keep_more(t, &text, target->path)) {
        proxy_forget(t, &text);
        return false;
    }
    struct proxy_target *copy = &c->targets[c->n_targets++];
    *copy = *target;
    copy->text = text;
    copy->uri = moved(target->uri, text.p);
    copy->path = moved(target->path, text.p + target->uri.n);
    return true;
}

/* ---- Contexts ------------------------------------------------------------------------------- */

static uint32_t number_of(const struct proxy_tables *t, const struct proxy_context *c)
{
    return (uint32_t)(c - t->contexts);
}

/* The free entries are those that were freed, in a list that ends with the first one never used:
 * so that what is never needed is never touched. */
static uint32_t next_free(uint32_t next, uint32_t number)
{
    return next == 0 ? number + 1 : next - 1;
}

struct proxy_context *proxy_context_new(struct proxy_tables *t)
{
    const uint32_t number = t->free_context;
    if (number >= t->limits.contexts)
        return NULL;
    struct proxy_context *c = &t->contexts[number];
    const uint32_t generation = c->generation + 1;
    t->free_context = next_free(c->next, number);
    *c = (struct proxy_context){.id = (uint64_t)generation << ID_BITS | number,
                                .generation = generation,
                                .branches = PROXY_NONE,
                                .live = 1};
    t->n_contexts++;
    t->n_unanswered++;
    if (number >= t->used_contexts)
        t->used_contexts = number + 1;
    return c;
}

struct proxy_context *proxy_context_of(const struct proxy_tables *t, uint64_t id)
{
    const uint64_t number = id & (MOST - 1);
    if (id == 0 || number >= t->limits.contexts || t->contexts[number].id != id)
        return NULL;
    return &t->contexts[number];
}

void proxy_context_final(struct proxy_tables *t, struct proxy_context *c)
{
    t->n_unanswered -= !c->final_sent;
    c->final_sent = true;
}

void proxy_context_release(struct proxy_tables *t, struct proxy_context *c)
{
    if (--c->live > 0)
        return;
    c->next = t->ended;
    t->ended = number_of(t, c);
}

static void free_branch(struct proxy_tables *t, struct proxy_branch *b)
{
    const uint32_t number = (uint32_t)(b - t->branches);
    proxy_branch_done(t, b);
    b->id = 0;
    b->sibling = t->free_branch + 1;
    t->free_branch = number;
    t->n_branches--;
}

static void free_context(struct proxy_tables *t, struct proxy_context *c)
{
    while (c->branches != PROXY_NONE) {
        struct proxy_branch *b = &t->branches[c->branches];
        c->branches = b->sibling;
        free_branch(t, b);
    }
    drop_texts(t, c);
    proxy_context_final(t, c);
    c->id = 0;
    c->next = t->free_context + 1;
    t->free_context = number_of(t, c);
    t->n_contexts--;
}

void proxy_reap(struct proxy_tables *t)
{
    while (t->ended != PROXY_NONE) {
        struct proxy_context *c = &t->contexts[t->ended];
        t->ended = c->next;
        free_context(t, c);
    }
}

/* ---- Branches ------------------------------------------------------------------------------- */

struct proxy_branch *proxy_branch_new(struct proxy_tables *t, struct proxy_context *c)
{
    const uint32_t number = t->free_branch;
    if (number >= t->limits.branches)
        return NULL;
    struct proxy_branch *b = &t->branches[number];
    const uint32_t generation = b->generation + 1;
    t->free_branch = next_free(b->sibling, number);
    *b = (struct proxy_branch){.id = (uint64_t)generation << ID_BITS | number,
                               .generation = generation,
                               .timer_c = UINT64_MAX,
                               .context = number_of(t, c),
                               .sibling = c->branches,
                               .sooner = PROXY_NONE,
                               .later = PROXY_NONE,
                               .flow_before = PROXY_NONE,
                               .flow_next = PROXY_NONE,
                               .pending = true};
    c->branches = number;
    c->pending++;
    t->n_branches++;
    return b;
}

struct proxy_branch *proxy_branch_of(const struct proxy_tables *t, uint64_t id)
{
    const uint64_t number = id & (MOST - 1);
    if (id == 0 || number >= t->limits.branches || t->branches[number].id != id)
        return NULL;
    return &t->branches[number];
}

struct proxy_branch *proxy_branch_at(const struct proxy_tables *t, uint32_t number)
{
    return number == PROXY_NONE ? NULL : &t->branches[number];
}

struct proxy_context *proxy_branch_context(const struct proxy_tables *t,
                                           const struct proxy_branch *b)
{
    return &t->contexts[b->context];
}

static uint32_t *flow_bucket(const struct proxy_tables *t, uint64_t flow)
{
    return &t->flows[(flow * UINT64_C(0x9e3779b97f4a7c15)) >> 32 & (t->n_flows - 1)];
}

void proxy_branch_set_flow(struct proxy_tables *t, struct proxy_branch *b, uint64_t flow)
{
    uint32_t *bucket = flow_bucket(t, flow);
    b->flow = flow;
    b->flow_next = *bucket;
    if (b->flow_next != PROXY_NONE)
        t->branches[b->flow_next].flow_before = (uint32_t)(b - t->branches);
    *bucket = (uint32_t)(b - t->branches);
}

static void leave_flow(struct proxy_tables *t, struct proxy_branch *b)
{
    if (b->flow == 0)
        return;
    if (b->flow_before != PROXY_NONE)
        t->branches[b->flow_before].flow_next = b->flow_next;
    else
        *flow_bucket(t, b->flow) = b->flow_next;
    if (b->flow_next != PROXY_NONE)
        t->branches[b->flow_next].flow_before = b->flow_before;
    b->flow_before = b->flow_next = PROXY_NONE;
}

void proxy_branch_done(struct proxy_tables *t, struct proxy_branch *b)
{
    struct proxy_context *c = proxy_branch_context(t, b);
    if (!b->pending)
        return;
    leave_flow(t, b);
    proxy_branch_set_timer(t, b, UINT64_MAX);
    b->pending = false;
    c->pending--;
    c->breadth_used -= b->breadth;
}

uint32_t proxy_branches_of_flow(const struct proxy_tables *t, uint64_t flow)
{
    return *flow_bucket(t, flow);
}

/* ---- Timer C -------------------------------------------------------------------------------- */

static void leave_timer(struct proxy_tables *t, struct proxy_branch *b)
{
    if (b->timer_c == UINT64_MAX)
        return;
    if (b->sooner != PROXY_NONE)
        t->branches[b->sooner].later = b->later;
    else
        t->soonest = b->later;
    if (b->later != PROXY_NONE)
        t->branches[b->later].sooner = b->sooner;
    else
        t->latest = b->sooner;
    b->sooner = b->later = PROXY_NONE;
    b->timer_c = UINT64_MAX;
}

void proxy_branch_set_timer(struct proxy_tables *t, struct proxy_branch *b, uint64_t at)
{
    const uint32_t number = (uint32_t)(b - t->branches);
    leave_timer(t, b);
    if (at == UINT64_MAX)
        return;
    b->timer_c = at;
    b->sooner = t->latest;
    if (t->latest != PROXY_NONE)
        t->branches[t->latest].later = number;
    else
        t->soonest = number;
    t->latest = number;
}

struct proxy_branch *proxy_branch_soonest(const struct proxy_tables *t)
{
    return proxy_branch_at(t, t->soonest);
}
