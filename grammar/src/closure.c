/* What follows from a thread without a byte: alternatives, calls and returns, up to the ops that
 * take one.  It is walked in order of priority, and of two ways to one place only the first lives
 * on; or it has been walked before, and what becomes of a thread is remembered. */
#include <string.h>

#include "explain.h"

/* ---- Closure --------------------------------------------------------------------------------- */

void sipv_visits_begin(struct visits *v)
{
    if (v->step == UINT32_MAX)
        memset(v, 0, sizeof *v);
    v->step++;
    v->n = 0;
}

bool sipv_visit_first(struct engine *e, unsigned pc, unsigned top)
{
    struct visits *v = &e->visits[e->remembering];
    const uint32_t key = (uint32_t)pc << 16 | top;
    /* places that follow each other are neighbours */
    uint32_t h = (pc + (top * 0x9e3779b1u >> 12)) & (VISITS - 1);
    while (v->at[h].step == v->step) {
        if (v->at[h].key == key)
            return false;
        h = (h + 1) & (VISITS - 1);
    }
    if (v->n == VISITS / 2) {
        e->exhausted = true;
        return false;
    }
    v->n++;
    v->at[h].step = v->step;
    v->at[h].key = key;
    return true;
}

static bool too_deep(const struct engine *e, unsigned rule, unsigned top)
{
    unsigned n = (int)rule == e->rule;
    for (; top != NO_FRAME; top = e->frames[top].up)
        n += e->frames[top].rule == rule;
    return n >= SIPV_COMMENT_DEPTH;
}

/* In a replay: is this call, in thread `t`, one of another alternative than the one followed? */
static bool is_other_alternative(const struct engine *e, struct thread *t, unsigned rule)
{
    const struct choice *c = &e->choice;
    if (!c->made || e->at != c->at)
        return false;
    if (t->top == NO_FRAME ? c->of != SIPV_NO_RULE
                           : e->frames[t->top].rule != c->of || t->open_at[t->n_open - 1] != e->at)
        return false;
    t->taken |= rule == c->only;
    return rule != c->only;
}

/* Enters a rule; false if the thread ends here. */
static bool call(struct engine *e, struct thread *t, unsigned rule)
{
    const sipv_rule *r = &e->g->rules[rule];
    if (is_other_alternative(e, t, rule))
        return false;
    if (r->flags & SIPV_RULE_RELAX) {
        const uint64_t bit = (uint64_t)1 << r->extra;
        if (!(e->allowed & bit))
            return false;
        t->relaxations |= bit;
    }
    if ((r->flags & SIPV_RULE_RECURSIVE) && too_deep(e, rule, t->top)) {
        e->too_deep_at = e->at;
        return false;
    }
    t->top = (uint16_t)sipv_frame_push(e, t->pc + 1u, rule, t->top);
    if (t->top == NO_FRAME || e->frames[t->top].depth >= DEPTH) {
        e->exhausted = true;
        return false;
    }
    t->n_open = (uint8_t)(e->frames[t->top].depth + 1);
    t->open_at[t->n_open - 1] = e->at;
    if (e->frames[t->top].kind != NO_KIND)
        sipv_capture_open(e, t, e->frames[t->top].kind);
    t->pc = r->entry;
    return true;
}

static void leave_rule(struct engine *e, struct thread *t)
{
    if (t->top == NO_FRAME) {
        t->pc = ACCEPT;
        return;
    }
    const struct frame *f = &e->frames[t->top];
    if (f->kind != NO_KIND)
        sipv_capture_close(e, t, f->kind);
    t->pc = f->ret;
    t->top = f->up;
    t->n_open--;
}

static void mark(struct engine *e, struct thread *t, const sipv_op *op)
{
    const sipv_select *s = &e->g->selects[op->x];
    switch (op->a) {
    case SIPV_MARK_NAME:
        t->naming = (int16_t)op->x;
        t->chosen = false;
        sipv_capture_open(e, t, s->name_kind);
        break;
    case SIPV_MARK_NAME_END: sipv_capture_close(e, t, s->name_kind); break;
    case SIPV_MARK_VALUE: sipv_capture_open(e, t, s->value_kind); break;
    case SIPV_MARK_VALUE_END: sipv_capture_close(e, t, s->value_kind); break;
    default: t->chosen = true;
    }
    t->pc++;
}

/* The alternative that a scan chooses; the other one is kept in case the chosen one refuses. */
static void look(struct engine *e, struct thread *t, const sipv_op *op)
{
    const uint64_t *set = e->g->sets[op->x];
    size_t i = e->at;
    while (i < e->n && (set[e->text[i] >> 6] >> (e->text[i] & 63) & 1))
        i++;
    const bool there = i < e->n && e->text[i] == op->a;
    if (!e->retrying) {
        copy_thread(&e->other, t);
        e->other.pc = (uint16_t)(there ? op->y : t->pc + 1u);
        e->other_at = e->at;
        e->other_look = t->pc;
        e->other_events = e->n_events;
        e->has_other = true;
    }
    t->pc = (uint16_t)(there ? t->pc + 1u : op->y);
}

/* A thread that takes one relaxation more: it waits, or is remembered with the leaves. */
static void put_off(struct engine *e, struct thread_list *list, const struct thread *t)
{
    if (e->remembering ? list->n == THREADS : e->n_later == LATER)
        e->exhausted = true;
    else
        copy_thread(e->remembering ? &list->at[list->n++] : &e->later[e->n_later++], t);
}

/* The thread on top of the stack goes on at op `now`, behind it a copy waits at `later`.  False if
 * there is no room. */
static bool part(struct engine *e, unsigned *n, unsigned now, unsigned later)
{
    struct thread *t = &e->stack[*n - 1];
    if (*n == STACK) {
        e->exhausted = true;
        return false;
    }
    copy_thread(t + 1, t);
    t->pc = (uint16_t)later;
    t[1].pc = (uint16_t)now;
    ++*n;
    return true;
}

/* An op that takes a byte, or the end.  Returns false: nothing follows without one. */
static bool wait_here(struct engine *e, struct thread_list *list, const struct thread *t)
{
    if (list->n == THREADS)
        e->exhausted = true;
    else
        copy_thread(&list->at[list->n++], t);
    return false;
}

/* Is it enough that the place behind this op is seen? */
static bool leads_on(const struct thread *t, const sipv_op *op)
{
    return t->pc != ACCEPT &&
           (op->op == SIPV_OP_JUMP || op->op == SIPV_OP_RET || op->op == SIPV_OP_MARK);
}

/* Adds `start` and all that follows from it without a byte, in order of priority.  The thread that
 * is followed is on top of those that wait. */
void sipv_thread_add(struct engine *e, struct thread_list *list, const struct thread *start)
{
    unsigned n = 1;
    const unsigned level = relaxation_count(start->relaxations);
    copy_thread(e->stack, start);
    while (n) {
        struct thread *const t = &e->stack[n - 1];
        const sipv_op *op = &e->g->ops[t->pc == ACCEPT ? 0 : t->pc];
        bool alive = leads_on(t, op) || sipv_visit_first(e, t->pc, t->top);
        if (!alive) {
            n--;
            continue;
        }
        switch (t->pc == ACCEPT ? SIPV_OP_SET : op->op) {
        case SIPV_OP_SET:
        case SIPV_OP_CUT: alive = wait_here(e, list, t); break;
        case SIPV_OP_SPLIT:
            if (!part(e, &n, op->x, op->y))
                return;
            t[1].looped |= op->a == SIPV_LOOP;
            break;
        case SIPV_OP_LOOK:
            if (e->remembering) {
                e->tangled = true;
                return;
            }
            if (!e->replaying)
                look(e, t, op);
            else if (!part(e, &n, t->pc + 1u, op->y))
                return;
            break;
        case SIPV_OP_JUMP: t->pc = op->x; break;
        case SIPV_OP_CALL:
            alive = call(e, t, op->x);
            if (alive && relaxation_count(t->relaxations) > level) {
                put_off(e, list, t);
                alive = false;
            }
            break;
        case SIPV_OP_RET: leave_rule(e, t); break;
        case SIPV_OP_MARK: mark(e, t, op); break;
        default: alive = false;
        }
        n -= !alive;
    }
}

/* ---- Closures, remembered -------------------------------------------------------------------- */

void sipv_closures_clear(struct closures *c)
{
    memset(c->at, 0xff, sizeof c->at);
    c->n = c->n_leaves = c->n_deeds = 0;
    c->full = false;
}

/* What leads to a leaf, told from what became of a thread whose open calls began at BEFORE. */
#define BEFORE (UNSET - 1)

static void remember_leaf(struct engine *e, const struct thread *t)
{
    struct closures *c = &e->closures;
    struct leaf *leaf = &c->leaves[c->n_leaves++];
    leaf->relaxation = t->relaxations;
    leaf->pc = t->pc;
    leaf->top = t->top;
    leaf->naming = t->naming;
    leaf->chosen = t->chosen;
    leaf->looped = t->looped;
    leaf->n_open = t->n_open;
    leaf->kept = 0;
    while (leaf->kept < t->n_open && t->open_at[leaf->kept] == BEFORE)
        leaf->kept++;
    leaf->deed = (uint16_t)c->n_deeds;
    leaf->n_deeds = t->n_captures;
    for (unsigned i = 0; i < t->n_captures; i++) {
        struct deed *d = &c->deeds[c->n_deeds++];
        d->kind = t->captures[i].kind;
        d->opens = t->captures[i].open != UNSET;
        d->closes = t->captures[i].close != UNSET;
    }
}

/* Works a closure out.  False if there is no room for it. */
static bool remember(struct engine *e, struct closure *slot, unsigned pc, unsigned top)
{
    struct closures *c = &e->closures;
    struct thread *const start = &e->origin;
    unsigned n_deeds = 0;
    const uint32_t too_deep_at = e->too_deep_at;
    memset(start, 0, offsetof(struct thread, open_at));
    start->pc = (uint16_t)pc;
    start->top = (uint16_t)top;
    start->naming = AS_BEFORE;
    start->n_open = (uint8_t)(top == NO_FRAME ? 0 : e->frames[top].depth + 1);
    for (unsigned i = 0; i < start->n_open; i++)
        start->open_at[i] = BEFORE;
    e->remembering = true;
    e->tangled = false;
    e->too_deep_at = UNSET;
    e->list.n = 0;
    sipv_visits_begin(&e->visits[1]);
    sipv_thread_add(e, &e->list, start);
    e->remembering = false;
    const bool deep = e->too_deep_at != UNSET;
    e->too_deep_at = too_deep_at;
    if (e->tangled)
        e->list.n = 0;
    for (unsigned i = 0; i < e->list.n; i++)
        n_deeds += e->list.at[i].n_captures;
    if (c->n == CLOSURES / 2 || c->n_leaves + e->list.n > LEAVES || c->n_deeds + n_deeds > DEEDS) {
        c->full = true;
        return false;
    }
    c->n++;
    *slot = (struct closure){
        (uint16_t)pc, (uint16_t)top, (uint16_t)c->n_leaves, (uint16_t)e->list.n, e->tangled,
        deep,         false};
    for (unsigned i = 0; i < e->list.n; i++) {
        remember_leaf(e, &e->list.at[i]);
        slot->relaxes |= e->list.at[i].relaxations != 0;
    }
    return true;
}

/* The closure of a place, or NULL if it must be walked. */
const struct closure *sipv_closure_of(struct engine *e, unsigned pc, unsigned top)
{
    struct closures *c = &e->closures;
    unsigned h = (((uint32_t)pc << 16 | top) * 0x9e3779b1u >> 12) & (CLOSURES - 1);
    if (e->replaying)
        return NULL;
    while (c->at[h].pc != NO_PLACE && (c->at[h].pc != pc || c->at[h].top != top))
        h = (h + 1) & (CLOSURES - 1);
    struct closure *slot = &c->at[h];
    if (slot->pc == NO_PLACE && !remember(e, slot, pc, top))
        return NULL;
    return slot->tangled ? NULL : slot;
}
