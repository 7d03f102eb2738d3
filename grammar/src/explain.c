/* The explaining engine: all readings of the text in lockstep (Thompson, Pike), one byte at a time.
 *
 * A thread is a place in the program and the calls that are open there.  Threads stand in order of
 * priority: fewer relaxations first, then the order of the grammar.  Of two threads at one place
 * only the first lives on, so a step costs no more than the program is large.  At a cut exactly one
 * thread goes on: its captures are written out and the memory is used again. */
#include <stddef.h>
#include <string.h>

#include "explain.h"
#include "name.h"

enum { ACCEPT = 0xffff, NO_FRAME = 0xffff };

/* ---- Frames: open calls, shared by all threads ----------------------------------------------- */

static unsigned frame_hash(unsigned ret, unsigned rule, unsigned up)
{
    uint32_t h = ret * 0x9e3779b1u ^ rule * 0x85ebca6bu ^ up * 0xc2b2ae35u;
    return (h ^ h >> 15) & (FRAME_SLOTS - 1);
}

static void insert_frame(struct engine *e, unsigned i)
{
    unsigned h = frame_hash(e->frames[i].ret, e->frames[i].rule, e->frames[i].up);
    while (e->slots[h] != NO_FRAME)
        h = (h + 1) & (FRAME_SLOTS - 1);
    e->slots[h] = (uint16_t)i;
}

static void clear_frames(struct engine *e)
{
    memset(e->slots, 0xff, sizeof e->slots);
    e->n_frames = 0;
}

static void keep_frames(const struct engine *e, unsigned f, bool *keep)
{
    for (; f != NO_FRAME && !keep[f]; f = e->frames[f].up)
        keep[f] = true;
}

static uint16_t moved_frame(const uint16_t *moved, uint16_t f)
{
    return f == NO_FRAME ? f : moved[f];
}

/* Forgets the frames that no thread stands in. */
static void collect_frames(struct engine *e, struct readings *now)
{
    bool keep[FRAMES];
    uint16_t moved[FRAMES];
    unsigned n = 0;
    memset(keep, 0, sizeof keep);
    for (unsigned i = 0; i < now->n_threads; i++)
        keep_frames(e, now->threads[i].top, keep);
    keep_frames(e, e->since.top, keep);
    if (e->has_other)
        keep_frames(e, e->other.top, keep);
    for (unsigned i = 0; i < e->n_frames; i++) {
        if (!keep[i])
            continue;
        moved[i] = (uint16_t)n;
        e->frames[n] = e->frames[i];
        e->frames[n].up = moved_frame(moved, e->frames[n].up); /* parents come before children */
        n++;
    }
    for (unsigned i = 0; i < now->n_threads; i++)
        now->threads[i].top = moved_frame(moved, now->threads[i].top);
    e->since.top = moved_frame(moved, e->since.top);
    if (e->has_other)
        e->other.top = moved_frame(moved, e->other.top);
    memset(e->slots, 0xff, sizeof e->slots);
    e->n_frames = n;
    for (unsigned i = 0; i < n; i++)
        insert_frame(e, i);
}

/* The kind that a call of `rule` under `up` captures, or NO_KIND. */
static unsigned captured(const struct engine *e, unsigned rule, unsigned up)
{
    if (!e->view) {
        if (up != NO_FRAME || (e->g->rules[rule].flags & (SIPV_RULE_SPACE | SIPV_RULE_MADE_UP)))
            return NO_KIND;
        return SIPV_KIND_RULE | rule;
    }
    for (unsigned i = 0; i < e->view->count; i++) {
        const sipv_binding *b = &e->g->bindings[e->view->first + i];
        unsigned f = up, k = 1;
        if (b->kind == SIPV_NO_RULE || b->path[0] != rule)
            continue;
        while (k < SIPV_PATH_MAX && b->path[k] != SIPV_NO_RULE && f != NO_FRAME &&
               e->frames[f].rule == b->path[k]) {
            f = e->frames[f].up;
            k++;
        }
        if (k == SIPV_PATH_MAX || b->path[k] == SIPV_NO_RULE)
            return b->kind;
    }
    return NO_KIND;
}

static unsigned push_frame(struct engine *e, unsigned ret, unsigned rule, unsigned up)
{
    unsigned h = frame_hash(ret, rule, up);
    for (; e->slots[h] != NO_FRAME; h = (h + 1) & (FRAME_SLOTS - 1)) {
        const struct frame *f = &e->frames[e->slots[h]];
        if (f->ret == ret && f->rule == rule && f->up == up)
            return e->slots[h];
    }
    if (e->n_frames == FRAMES) {
        e->exhausted = true;
        return NO_FRAME;
    }
    struct frame *f = &e->frames[e->n_frames];
    f->ret = (uint16_t)ret;
    f->rule = (uint16_t)rule;
    f->up = (uint16_t)up;
    f->depth = (uint16_t)(up == NO_FRAME ? 0 : e->frames[up].depth + 1);
    f->kind = (uint16_t)captured(e, rule, up);
    e->slots[h] = (uint16_t)e->n_frames;
    return e->n_frames++;
}

/* ---- Threads --------------------------------------------------------------------------------- */

/* Copies what is in use: threads are large and most of them nearly empty.  The first calls and
 * captures in one piece, since a short copy of unknown length costs more than what it copies. */
static void copy_thread(struct thread *to, const struct thread *from)
{
    enum { CALLS = 16, FEW = 2 };
    memcpy(to, from, offsetof(struct thread, open_at) + CALLS * sizeof *from->open_at);
    if (from->n_open > CALLS)
        memcpy(to->open_at + CALLS, from->open_at + CALLS,
               (from->n_open - CALLS) * sizeof *from->open_at);
    if (from->n_captures > 0)
        memcpy(to->captures, from->captures, FEW * sizeof *from->captures);
    if (from->n_captures > FEW)
        memcpy(to->captures + FEW, from->captures + FEW,
               (from->n_captures - FEW) * sizeof *from->captures);
}

/* ---- Captures -------------------------------------------------------------------------------- */

static struct capture *capture_of(struct engine *e, struct thread *t, unsigned kind)
{
    for (unsigned i = 0; i < t->n_captures; i++)
        if (t->captures[i].kind == kind)
            return &t->captures[i];
    if (t->n_captures == CAPTURES) {
        e->exhausted = true;
        return &t->captures[0];
    }
    struct capture *c = &t->captures[t->n_captures++];
    c->kind = (uint16_t)kind;
    c->open = c->close = UNSET;
    return c;
}

static void open_capture(struct engine *e, struct thread *t, unsigned kind)
{
    if (e->replaying)
        return;
    struct capture *c = capture_of(e, t, kind);
    c->open = e->at;
    c->close = UNSET;
}

static void close_capture(struct engine *e, struct thread *t, unsigned kind)
{
    if (!e->replaying)
        capture_of(e, t, kind)->close = e->at;
}

static void put_event(struct engine *e, unsigned kind, unsigned part, uint32_t off, uint32_t len)
{
    if (e->n_events == e->cap_events) {
        e->no_space = e->cap_events > 0;
        return;
    }
    sipv_event *ev = &e->events[e->n_events++];
    ev->kind = (uint16_t)kind;
    ev->part = (uint16_t)part;
    ev->off = e->base + off;
    ev->len = len;
}

/* Keeps the last parameter's name and value in sight. */
static void watch_parameter(struct engine *e, const struct capture *c)
{
    if (c->kind == SIPV_KIND_ELEMENT || c->kind >= SIPV_KIND_FIRST_FIELD)
        return;
    if (c->kind % 2 == SIPV_KIND_PARAM_NAME % 2) {
        e->name = sipv_slice_of(e->text + c->open, c->close - c->open);
        e->value = sipv_slice_of(NULL, 0);
        return;
    }
    if (c->open != UNSET)
        e->value = sipv_slice_of(e->text + c->open, e->n - c->open);
    if (c->close != UNSET)
        e->value.n = (size_t)(e->text + c->close - e->value.p);
}

/* Writes the captures of a chunk in order of kind, as the matchers do; `closed` true: only those
 * that have ended. */
static void flush_captures(struct engine *e, const struct thread *t, bool closed)
{
    uint8_t order[CAPTURES];
    for (unsigned i = 0; i < t->n_captures; i++) {
        unsigned k = i;
        for (; k > 0 && t->captures[order[k - 1]].kind > t->captures[i].kind; k--)
            order[k] = order[k - 1];
        order[k] = (uint8_t)i;
    }
    for (unsigned i = 0; i < t->n_captures; i++) {
        const struct capture *c = &t->captures[order[i]];
        if (closed && c->close == UNSET)
            continue;
        watch_parameter(e, c);
        if (c->open != UNSET && c->close != UNSET)
            put_event(e, c->kind, SIPV_PART_WHOLE, c->open, c->close - c->open);
        else if (c->open != UNSET)
            put_event(e, c->kind, SIPV_PART_OPEN, c->open, 0);
        else
            put_event(e, c->kind, SIPV_PART_CLOSE, c->close, 0);
    }
}

/* ---- Closure --------------------------------------------------------------------------------- */

static unsigned relaxation_count(uint64_t set)
{
    unsigned n = 0;
    for (; set; set &= set - 1)
        n++;
    return n;
}

static void begin_visits(struct visits *v)
{
    if (v->step == UINT32_MAX)
        memset(v, 0, sizeof *v);
    v->step++;
    v->n = 0;
}

static bool first_visit(struct engine *e, unsigned pc, unsigned top)
{
    struct visits *v = &e->visits[e->remembering];
    const uint32_t key = (uint32_t)pc << 16 | top;
    uint32_t h = (key * 0x9e3779b1u >> 12) & (VISITS - 1);
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
        if (e->remembering) {
            e->tangled = true;
            return false;
        }
        t->relaxations |= bit;
    }
    if ((r->flags & SIPV_RULE_RECURSIVE) && too_deep(e, rule, t->top)) {
        e->too_deep_at = e->at;
        return false;
    }
    t->top = (uint16_t)push_frame(e, t->pc + 1u, rule, t->top);
    if (t->top == NO_FRAME || e->frames[t->top].depth >= DEPTH) {
        e->exhausted = true;
        return false;
    }
    t->n_open = (uint8_t)(e->frames[t->top].depth + 1);
    t->open_at[t->n_open - 1] = e->at;
    if (e->frames[t->top].kind != NO_KIND)
        open_capture(e, t, e->frames[t->top].kind);
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
        close_capture(e, t, f->kind);
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
        open_capture(e, t, s->name_kind);
        break;
    case SIPV_MARK_NAME_END: close_capture(e, t, s->name_kind); break;
    case SIPV_MARK_VALUE: open_capture(e, t, s->value_kind); break;
    case SIPV_MARK_VALUE_END: close_capture(e, t, s->value_kind); break;
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

/* Adds `start` and all that follows from it without a byte, in order of priority. */
static void add_thread(struct engine *e, struct thread_list *list, const struct thread *start)
{
    unsigned n = 0;
    struct thread t;
    copy_thread(&e->stack[n++], start);
    const unsigned level = relaxation_count(start->relaxations);
    while (n) {
        copy_thread(&t, &e->stack[--n]);
        for (bool alive = true; alive;) {
            if (!first_visit(e, t.pc, t.top))
                break;
            const sipv_op *op = &e->g->ops[t.pc == ACCEPT ? 0 : t.pc];
            switch (t.pc == ACCEPT ? SIPV_OP_SET : op->op) {
            case SIPV_OP_SET:
            case SIPV_OP_CUT:
                if (list->n == THREADS)
                    e->exhausted = true;
                else
                    copy_thread(&list->at[list->n++], &t);
                alive = false;
                break;
            case SIPV_OP_SPLIT:
                if (n == STACK) {
                    e->exhausted = true;
                    return;
                }
                copy_thread(&e->stack[n], &t);
                e->stack[n++].pc = op->y;
                t.looped |= op->a == SIPV_LOOP;
                t.pc = op->x;
                break;
            case SIPV_OP_LOOK:
                if (e->remembering) {
                    e->tangled = true;
                    return;
                }
                if (!e->replaying) {
                    look(e, &t, op);
                    break;
                }
                if (n == STACK) {
                    e->exhausted = true;
                    return;
                }
                copy_thread(&e->stack[n], &t);
                e->stack[n++].pc = op->y;
                t.pc++;
                break;
            case SIPV_OP_JUMP: t.pc = op->x; break;
            case SIPV_OP_CALL:
                alive = call(e, &t, op->x);
                if (alive && relaxation_count(t.relaxations) > level) {
                    if (e->n_later == LATER)
                        e->exhausted = true;
                    else
                        copy_thread(&e->later[e->n_later++], &t);
                    alive = false;
                }
                break;
            case SIPV_OP_RET: leave_rule(e, &t); break;
            case SIPV_OP_MARK: mark(e, &t, op); break;
            default: alive = false;
            }
        }
    }
}

/* ---- Closures, remembered ---------------------------------------------------------------------
 */

static void clear_closures(struct closures *c)
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
    struct thread start;
    unsigned n_deeds = 0;
    const uint32_t too_deep_at = e->too_deep_at;
    memset(&start, 0, offsetof(struct thread, open_at));
    start.pc = (uint16_t)pc;
    start.top = (uint16_t)top;
    start.naming = AS_BEFORE;
    start.n_open = (uint8_t)(top == NO_FRAME ? 0 : e->frames[top].depth + 1);
    for (unsigned i = 0; i < start.n_open; i++)
        start.open_at[i] = BEFORE;
    e->remembering = true;
    e->tangled = false;
    e->too_deep_at = UNSET;
    e->list.n = 0;
    begin_visits(&e->visits[1]);
    add_thread(e, &e->list, &start);
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
    *slot = (struct closure){(uint16_t)pc,        (uint16_t)top, (uint16_t)c->n_leaves,
                             (uint16_t)e->list.n, e->tangled,    deep};
    for (unsigned i = 0; i < e->list.n; i++)
        remember_leaf(e, &e->list.at[i]);
    return true;
}

/* The closure of a place, or NULL if it must be walked. */
static const struct closure *closure_of(struct engine *e, unsigned pc, unsigned top)
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

/* ---- Readings ----------------------------------------------------------------------------------
 */

static unsigned pc_of(const struct engine *e, const struct readings *r, unsigned i)
{
    return r->all[i].leaf == NO_LEAF ? r->threads[r->all[i].thread].pc
                                     : e->closures.leaves[r->all[i].leaf].pc;
}

/* The thread that a reading is. */
static void thread_of(struct engine *e, const struct readings *r, unsigned i, struct thread *t)
{
    copy_thread(t, &r->threads[r->all[i].thread]);
    if (r->all[i].leaf == NO_LEAF)
        return;
    const struct leaf *leaf = &e->closures.leaves[r->all[i].leaf];
    t->pc = leaf->pc;
    t->top = leaf->top;
    t->looped = leaf->looped;
    if (leaf->naming != AS_BEFORE) {
        t->naming = leaf->naming;
        t->chosen = false;
    }
    t->chosen |= leaf->chosen;
    t->n_open = leaf->n_open;
    for (unsigned k = leaf->kept; k < leaf->n_open; k++)
        t->open_at[k] = r->at;
    for (unsigned k = 0; k < leaf->n_deeds; k++) {
        const struct deed *d = &e->closures.deeds[leaf->deed + k];
        struct capture *c = capture_of(e, t, d->kind);
        if (d->opens) {
            c->open = r->at;
            c->close = UNSET;
        }
        if (d->closes)
            c->close = r->at;
    }
}

/* All readings as threads. */
static struct thread_list *list_readings(struct engine *e, const struct readings *r)
{
    e->list.n = r->n;
    for (unsigned i = 0; i < r->n; i++)
        thread_of(e, r, i, &e->list.at[i]);
    return &e->list;
}

static void begin_readings(struct engine *e, struct readings *r)
{
    begin_visits(&e->visits[0]);
    e->n_later = 0;
    r->at = e->at;
    r->n = r->n_threads = 0;
}

static struct thread *new_thread(struct engine *e, struct readings *r, unsigned leaf)
{
    if (r->n == THREADS || r->n_threads == THREADS) {
        e->exhausted = true;
        return NULL;
    }
    r->all[r->n].thread = (uint16_t)r->n_threads;
    r->all[r->n++].leaf = (uint16_t)leaf;
    return &r->threads[r->n_threads++];
}

/* Adds `start` and all that follows from it without a byte: each a thread of its own. */
static void walk(struct engine *e, struct readings *r, const struct thread *start)
{
    e->list.n = 0;
    add_thread(e, &e->list, start);
    for (unsigned i = 0; i < e->list.n; i++) {
        struct thread *t = new_thread(e, r, NO_LEAF);
        if (t)
            copy_thread(t, &e->list.at[i]);
    }
}

/* As walk; by the closure, if it is known.  `alone`: no other thread is added in this step. */
static void add_reading(struct engine *e, struct readings *r, const struct thread *start,
                        bool alone)
{
    const struct closure *c = closure_of(e, start->pc, start->top);
    if (!c) {
        walk(e, r, start);
        return;
    }
    if (c->too_deep)
        e->too_deep_at = e->at;
    bool used = false;
    for (unsigned i = 0; i < c->n; i++) {
        const struct leaf *leaf = &e->closures.leaves[c->leaf + i];
        if (!alone && !first_visit(e, leaf->pc, leaf->top))
            continue;
        if (r->n == THREADS || r->n_threads == THREADS) {
            e->exhausted = true;
            return;
        }
        r->all[r->n].thread = (uint16_t)r->n_threads;
        r->all[r->n++].leaf = (uint16_t)(c->leaf + i);
        used = true;
    }
    if (used)
        copy_thread(&r->threads[r->n_threads++], start);
}

/* Threads that needed one more relaxation wait until all that needed fewer are in. */
static void add_later(struct engine *e, struct readings *r, unsigned level)
{
    for (unsigned i = 0; i < e->n_later;) {
        if (relaxation_count(e->later[i].relaxations) != level) {
            i++;
            continue;
        }
        struct thread t;
        copy_thread(&t, &e->later[i]);
        memmove(&e->later[i], &e->later[i + 1], (e->n_later - i - 1) * sizeof *e->later);
        e->n_later--;
        walk(e, r, &t);
        i = 0;
    }
}

/* The readings at e->at that follow from `start`. */
static void begin_at(struct engine *e, const struct thread *start)
{
    struct readings *now = &e->readings[e->now];
    begin_readings(e, now);
    walk(e, now, start);
    for (unsigned level = 1; e->n_later && level <= 64; level++)
        add_later(e, now, level);
}

/* Makes room where closures or frames have become many: readings stand for themselves then. */
static void tidy(struct engine *e)
{
    struct readings *now = &e->readings[e->now];
    if (e->n_frames <= FRAMES - 256 && !e->closures.full)
        return;
    list_readings(e, now);
    now->n_threads = now->n;
    for (unsigned i = 0; i < now->n; i++) {
        now->all[i] = (struct reading){(uint16_t)i, NO_LEAF};
        copy_thread(&now->threads[i], &e->list.at[i]);
    }
    clear_closures(&e->closures);
    if (e->n_frames > FRAMES - 256)
        collect_frames(e, now);
}

/* ---- Parameters chosen by name --------------------------------------------------------------- */

/* Does `rule` match the value, or, unless it is `whole`, can it still?  If not, `why` says where.
 */
static bool value_is(struct engine *e, unsigned rule, sipv_slice value, bool whole,
                     struct explanation *why)
{
    struct engine *sub = e + 1;
    if (rule == SIPV_NO_RULE || !e->below)
        return true;
    if (!e->sub_ready)
        sipv_engine_prepare(sub);
    e->sub_ready = true;
    sipv_engine_run(sub, e->g, (int)rule, false, value, 0, NULL, 0, 0, e->below - 1);
    if (sub->accepted || (!whole && sub->why.error == value.n))
        return true;
    *why = sub->why;
    why->error += (size_t)(value.p - e->text);
    why->construct += (size_t)(value.p - e->text);
    why->in_value = true;
    why->value_rule = rule + 1;
    why->value_at = (size_t)(value.p - e->text);
    why->value_n = value.n;
    return false;
}

/* Judges a parameter.  `whole` false: the value may go on.  On refusal `why` says where, with
 * offsets from the start of the text. */
static bool parameter_is(struct engine *e, const sipv_select *s, sipv_slice name, sipv_slice value,
                         bool whole, struct explanation *why)
{
    const sipv_select_name *n = sipv_select_find(e->g, s, name);
    const bool known = n && !n->extension;
    size_t behind = (size_t)(name.p + name.n - e->text);
    while (behind < e->n && memchr(" \t\r\n", e->text[behind], 4))
        behind++;
    const bool equals = behind < e->at && e->text[behind] == '=';
    memset(why, 0, sizeof *why);
    why->in_value = true;
    why->rule = n ? n->keyword : s->rule;
    why->construct = (size_t)(name.p - e->text);
    why->error = behind;
    if (known && n->value == SIPV_VALUE_NONE && equals) {
        sipv_add_expected(why, "end of parameter");
        return false;
    }
    if (known && n->value == SIPV_VALUE_REQUIRED && !equals && (whole || behind < e->at)) {
        sipv_add_expected(why, "'='");
        return false;
    }
    if (!value.p)
        return true;
    if (!n || n->value == SIPV_VALUE_NONE)
        return value_is(e, s->other, value, whole, why);
    if (value_is(e, n->rule, value, whole, why))
        return true;
    if (known)
        return false;
    const struct explanation first = *why;
    if (value_is(e, s->other, value, whole, why))
        return true;
    if (first.error >= why->error)
        *why = first;
    return false;
}

static const struct capture *find_capture(const struct thread *t, unsigned kind)
{
    for (unsigned i = 0; i < t->n_captures; i++)
        if (t->captures[i].kind == kind)
            return &t->captures[i];
    return NULL;
}

/* As parameter_is, for the parameter that thread `t` has not read to its end. */
static bool open_parameter_is(struct engine *e, const struct thread *t, struct explanation *why)
{
    if (t->naming < 0)
        return true;
    const sipv_select *s = &e->g->selects[t->naming];
    const struct capture *name = find_capture(t, s->name_kind);
    const struct capture *value = find_capture(t, s->value_kind);
    sipv_slice name_text = e->name, text = {NULL, 0}; /* of an earlier chunk, if not of this one */
    if (name && name->close == UNSET)
        return true;
    if (name)
        name_text = sipv_slice_of(e->text + name->open, name->close - name->open);
    else
        text.p = e->value.p;
    if (value && value->open != UNSET)
        text.p = e->text + value->open;
    const uint32_t end = value && value->close != UNSET ? value->close : e->at;
    if (text.p)
        text.n = (size_t)(e->text + end - text.p);
    return parameter_is(e, s, name_text, text, end < e->at, why);
}

/* A parameter that is still being read may have become impossible before the byte at which its
 * general shape ends: then all threads are refused, and the one that got furthest says where. */
static void check_open_parameter(struct engine *e, const struct thread_list *list)
{
    struct explanation best, why;
    for (unsigned i = 0; i < list->n; i++) {
        if (open_parameter_is(e, &list->at[i], &why))
            return;
        if (i == 0 || why.error > best.error)
            best = why;
    }
    if (list->n && best.error < e->why.error)
        e->why = best;
}

/* The parameter of one thread was refused: other readings may have been possible for longer. */
static void consider_others(struct engine *e, struct thread_list *list, unsigned refused)
{
    struct explanation why;
    bool possible = false;
    unsigned n = 0;
    if (e->why.error >= e->at)
        return;
    for (unsigned i = 0; i < list->n; i++) {
        if (i == refused)
            continue;
        if (n < i)
            copy_thread(&list->at[n], &list->at[i]);
        possible |= open_parameter_is(e, &list->at[n++], &why);
    }
    list->n = n;
    if (possible)
        sipv_name_expected(e, list, &e->why);
}

/* ---- Steps ----------------------------------------------------------------------------------- */

/* A chunk ends in thread `t`.  False if its parameter is refused. */
static bool end_chunk(struct engine *e, struct thread *t)
{
    const int naming = t->naming;
    flush_captures(e, t, false);
    t->n_captures = 0;
    if (!t->chosen)
        return true;
    t->naming = -1;
    t->chosen = false;
    return parameter_is(e, &e->g->selects[naming], e->name, e->value, true, &e->why);
}

static bool accepts(const struct engine *e, unsigned pc, unsigned char c)
{
    if (pc == ACCEPT)
        return false;
    const sipv_op *op = &e->g->ops[pc];
    if (op->op == SIPV_OP_CUT)
        return op->a == c;
    return e->g->sets[op->x][c >> 6] >> (c & 63) & 1;
}

/* Replays will begin with `t` at op `pc`. */
static void replay_from(struct engine *e, const struct thread *t, unsigned pc, uint32_t at)
{
    copy_thread(&e->since, t);
    e->since.pc = (uint16_t)pc;
    e->since.looped = false;
    e->since_at = at;
}

/* The readings that take the next byte. */
struct takers {
    unsigned n, levels; /* the most relaxations one of them has */
    int cut;            /* the one of them that takes it as a cut, or -1 */
    uint8_t level[THREADS];
    uint16_t reading[THREADS];
};

static void find_takers(const struct engine *e, const struct readings *now, struct takers *out)
{
    const unsigned char c = e->text[e->at];
    out->n = out->levels = 0;
    out->cut = -1;
    for (unsigned i = 0; i < now->n; i++) {
        const unsigned pc = pc_of(e, now, i);
        if (!accepts(e, pc, c))
            continue;
        const unsigned level = relaxation_count(now->threads[now->all[i].thread].relaxations);
        if (level > out->levels)
            out->levels = level;
        if (e->g->ops[pc].op == SIPV_OP_CUT && (out->cut < 0 || level < out->level[out->cut]))
            out->cut = (int)out->n;
        out->level[out->n] = (uint8_t)level;
        out->reading[out->n++] = (uint16_t)i;
    }
}

/* The byte has been read: its takers move on, those with fewer relaxations first. */
static void advance(struct engine *e, const struct takers *takers)
{
    const struct readings *now = &e->readings[e->now];
    struct readings *next = &e->readings[!e->now];
    struct thread t;
    begin_readings(e, next);
    for (unsigned level = 0; level <= takers->levels || e->n_later; level++) {
        if (level > 64)
            break;
        for (unsigned i = 0; i < takers->n; i++) {
            if (takers->level[i] != level)
                continue;
            thread_of(e, now, takers->reading[i], &t);
            t.pc++;
            t.looped = false;
            add_reading(e, next, &t, takers->n == 1);
        }
        add_later(e, next, level);
    }
}

enum outcome { GOES_ON, IMPOSSIBLE, REFUSED };

/* At a cut one reading goes on.  False if the parameter that ends there is refused. */
static bool pass_cut(struct engine *e, unsigned reading)
{
    struct readings *now = &e->readings[e->now];
    struct thread t;
    thread_of(e, now, reading, &t);
    const sipv_op *op = &e->g->ops[t.pc];
    if (!end_chunk(e, &t)) {
        consider_others(e, list_readings(e, now), reading);
        return false;
    }
    if (e->view && e->g->cut_rules[op->x] == e->view->each_rule && !e->retrying)
        put_event(e, SIPV_KIND_ELEMENT, SIPV_PART_WHOLE, e->at, 1);
    e->at++;
    t.pc++;
    t.looped = false;
    if (!e->retrying)
        replay_from(e, &t, t.pc, e->at);
    struct readings *next = &e->readings[!e->now];
    const unsigned level = relaxation_count(t.relaxations);
    begin_readings(e, next);
    add_reading(e, next, &t, true);
    for (unsigned more = level; e->n_later && more <= 64; more++)
        add_later(e, next, more);
    return true;
}

/* One byte: every reading that takes it moves on.  If none does, they stay where they are. */
static enum outcome step(struct engine *e)
{
    struct takers takers;
    tidy(e);
    find_takers(e, &e->readings[e->now], &takers);
    if (takers.cut >= 0 && !e->replaying) {
        if (!pass_cut(e, takers.reading[takers.cut]))
            return REFUSED;
    } else {
        e->at++;
        advance(e, &takers);
    }
    if (e->readings[!e->now].n == 0) {
        e->at--;
        return IMPOSSIBLE;
    }
    e->now = !e->now;
    return GOES_ON;
}

/* The best thread that has read everything, or -1. */
static int accepting(const struct thread_list *list)
{
    for (unsigned i = 0; i < list->n; i++)
        if (list->at[i].pc == ACCEPT)
            return (int)i;
    return -1;
}

/* Reads on to the end of the text or the first impossible byte. */
static void read_on(struct engine *e)
{
    enum outcome o = GOES_ON;
    while (e->at < e->n && o == GOES_ON)
        o = step(e);
    if (o == REFUSED)
        return;
    struct thread_list *list = list_readings(e, &e->readings[e->now]);
    const int best = e->at == e->n ? accepting(list) : -1;
    if (best >= 0) {
        struct thread *t = &list->at[best];
        if (!end_chunk(e, t)) {
            consider_others(e, list, (unsigned)best);
            return;
        }
        e->accepted = true;
        e->used = t->relaxations;
        return;
    }
    sipv_name_expected(e, list, &e->why);
    check_open_parameter(e, list);
    flush_captures(e, &list->at[0], true);
}

/* The alternative that a scan did not choose may stay possible for longer. */
static void retry_other(struct engine *e)
{
    const struct explanation first = e->why;
    struct thread start;
    copy_thread(&start, &e->other);
    e->retrying = true;
    e->at = e->other_at;
    begin_at(e, &start);
    memset(&e->why, 0, sizeof e->why);
    const size_t events = e->n_events;
    read_on(e);
    e->n_events = events;
    e->retrying = false;
    const struct explanation second = e->why;
    e->accepted = false;
    e->why = first;
    if (second.error >= first.error)
        replay_from(e, &e->other, e->other_look, e->other_at);
    if (second.error > first.error) {
        e->why = second;
        e->n_events = e->other_events;
    } else if (second.error == first.error) {
        for (unsigned i = 0; i < second.n_expected; i++)
            sipv_add_expected(&e->why, second.expected[i]);
    }
    /* where one reading dies in such a value, only this engine knows the byte */
    e->why.in_value = first.in_value || second.in_value;
}

/* A refused parameter was written before it was judged: what ends behind the error goes. */
static void drop_events(struct engine *e)
{
    size_t n = 0;
    for (size_t i = 0; i < e->n_events; i++)
        if (e->events[i].off - e->base + e->events[i].len <= e->why.error)
            e->events[n++] = e->events[i];
    e->n_events = n;
}

void sipv_engine_prepare(struct engine *e)
{
    memset(e->visits, 0, sizeof e->visits);
    e->g = NULL;
}

/* Frames and closures of the last run are good for this one too, if they mean the same. */
static bool can_go_on(const struct engine *e, const sipv_grammar *g, const sipv_view *view,
                      int rule, uint64_t allowed)
{
    return e->g == g && e->view == view && e->allowed == allowed && !e->closures.full &&
           e->n_frames <= FRAMES / 2 &&
           (e->rule == rule ||
            !((g->rules[e->rule].flags | g->rules[rule].flags) & SIPV_RULE_RECURSIVE));
}

void sipv_engine_run(struct engine *e, const sipv_grammar *g, int rule, bool value, sipv_slice text,
                     uint64_t allowed, sipv_event *events, size_t cap, uint32_t base,
                     unsigned below)
{
    const sipv_rule *r = &g->rules[rule];
    const sipv_view *view = r->view >= 0 ? &g->views[r->view] : NULL;
    struct thread start;
    if (!can_go_on(e, g, view, rule, allowed)) {
        clear_frames(e);
        clear_closures(&e->closures);
    }
    e->g = g;
    e->rule = rule;
    e->view = view;
    e->text = text.p;
    e->n = text.n;
    e->at = 0;
    e->base = base;
    e->allowed = allowed;
    e->below = below;
    e->events = events;
    e->n_events = 0;
    e->cap_events = cap;
    e->no_space = e->accepted = e->exhausted = e->has_other = e->retrying = false;
    e->name = e->value = sipv_slice_of(NULL, 0);
    e->too_deep_at = UNSET;
    e->used = 0;
    e->sub_ready = false;
    memset(&e->why, 0, sizeof e->why);
    e->remembering = false;
    e->now = 0;

    memset(&start, 0, sizeof start);
    start.pc = value ? r->value_entry : r->entry;
    start.top = NO_FRAME;
    start.naming = -1;
    e->replaying = e->choice.made = false;
    replay_from(e, &start, start.pc, 0);
    begin_at(e, &start);
    read_on(e);
    if (!e->accepted && e->has_other)
        retry_other(e);
    if (!e->accepted)
        drop_events(e);
}

/* ---- Replays ----------------------------------------------------------------------------------
 */

/* Of the readings where the choice is made, and behind, only those that made it. */
static void keep_taken(struct engine *e)
{
    struct readings *now = &e->readings[e->now];
    unsigned n = 0;
    if (!e->choice.made || e->at < e->choice.at)
        return;
    for (unsigned i = 0; i < now->n; i++)
        if (now->threads[now->all[i].thread].taken)
            now->all[n++] = now->all[i];
    now->n = n;
}

const struct thread_list *sipv_engine_replay(struct engine *e, uint32_t end)
{
    struct thread start;
    tidy(e);
    copy_thread(&start, &e->since);
    start.n_captures = 0; /* nobody asks for them */
    e->replaying = true;
    e->at = e->since_at;
    begin_at(e, &start);
    keep_taken(e);
    while (e->at < end && step(e) == GOES_ON)
        keep_taken(e);
    return list_readings(e, &e->readings[e->now]);
}

struct engine *sipv_engine_value(struct engine *e, const struct explanation *why)
{
    if (!why->value_rule || !e->below)
        return NULL;
    sipv_engine_run(e + 1, e->g, (int)why->value_rule - 1, false,
                    sipv_slice_of(e->text + why->value_at, why->value_n), 0, NULL, 0, 0,
                    e->below - 1);
    return e + 1;
}

/* ---- The public face ------------------------------------------------------------------------- */

size_t sipv_explainer_size(void)
{
    return sizeof(struct sipv_explainer);
}

int sipv_explain(const sipv_grammar *g, int rule, bool value, sipv_slice text, uint64_t relaxations,
                 void *work, uint32_t base, sipv_event *events, size_t cap, sipv_match *match)
{
    struct sipv_explainer *x = (struct sipv_explainer *)work;
    if (!g || !work || !match || rule < 0 || rule >= g->n_rules || !text.p || text.n >= UNSET ||
        (value && !(g->rules[rule].flags & SIPV_RULE_HEADER)) || (cap && !events))
        return SIPV_BAD_ARGUMENT;
    memset(match, 0, sizeof *match);
    sipv_engine_prepare(&x->levels[0]);
    sipv_engine_run(&x->levels[0], g, rule, value, text, relaxations, events, cap, base, 2);
    const struct engine *e = &x->levels[0];
    match->accepted = e->accepted && !e->exhausted;
    match->relaxations = e->used;
    match->n_events = e->n_events;
    match->no_space = e->no_space;
    match->rule = rule;
    if (match->accepted)
        return SIPV_OK;
    match->error_offset = e->why.error;
    match->construct_offset = e->why.construct;
    match->rule = e->why.rule;
    match->in_value = e->why.in_value;
    match->n_expected = e->why.n_expected;
    memcpy(match->expected, e->why.expected, sizeof match->expected);
    match->depth_exceeded = e->too_deep_at != UNSET && e->too_deep_at == e->why.error;
    return e->exhausted ? SIPV_LIMIT : SIPV_REJECT;
}

int sipv_rule_find(const sipv_grammar *g, sipv_slice name)
{
    for (int i = 0; i < g->n_rules; i++)
        if (!(g->rules[i].flags & SIPV_RULE_MADE_UP) && sipv_slice_is(name, g->rules[i].name))
            return i;
    return -1;
}

int sipv_rule_count(const sipv_grammar *g)
{
    return g->n_rules;
}

const char *sipv_rule_name(const sipv_grammar *g, int rule)
{
    return rule >= 0 && rule < g->n_rules ? g->rules[rule].name : NULL;
}

const char *sipv_rule_source(const sipv_grammar *g, int rule)
{
    if (rule < 0 || rule >= g->n_rules || g->rules[rule].source == 0)
        return NULL;
    return g->sources[g->rules[rule].source];
}

const char *sipv_kind_name(const sipv_grammar *g, unsigned kind)
{
    if (kind & SIPV_KIND_RULE)
        return sipv_rule_name(g, (int)(kind & ~SIPV_KIND_RULE));
    return kind < g->n_kinds ? g->kinds[kind] : NULL;
}

const char *sipv_relaxation_name(const sipv_grammar *g, unsigned i)
{
    return i < g->n_relaxations ? g->relaxations[i] : NULL;
}
