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

/* Forgets the frames that no thread of `now` stands in. */
static void collect_frames(struct engine *e, struct thread_list *now)
{
    bool keep[FRAMES];
    uint16_t moved[FRAMES];
    unsigned n = 0;
    memset(keep, 0, sizeof keep);
    for (unsigned i = 0; i < now->n; i++)
        keep_frames(e, now->at[i].top, keep);
    keep_frames(e, e->since.top, keep);
    if (e->has_other)
        keep_frames(e, e->other.top, keep);
    for (unsigned i = 0; i < e->n_frames; i++) {
        if (!keep[i])
            continue;
        moved[i] = (uint16_t)n;
        e->frames[n] = e->frames[i];
        if (e->frames[n].up != NO_FRAME)
            e->frames[n].up = moved[e->frames[n].up]; /* parents come before children */
        n++;
    }
    for (unsigned i = 0; i < now->n; i++)
        if (now->at[i].top != NO_FRAME)
            now->at[i].top = moved[now->at[i].top];
    if (e->since.top != NO_FRAME)
        e->since.top = moved[e->since.top];
    if (e->has_other && e->other.top != NO_FRAME)
        e->other.top = moved[e->other.top];
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

/* Copies what is in use: threads are large and most of them nearly empty. */
static void copy_thread(struct thread *to, const struct thread *from)
{
    memcpy(to, from, offsetof(struct thread, open_at));
    memcpy(to->open_at, from->open_at, from->n_open * sizeof *from->open_at);
    memcpy(to->captures, from->captures, from->n_captures * sizeof *from->captures);
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

static bool first_visit(struct engine *e, unsigned pc, unsigned top)
{
    uint32_t key = (uint32_t)pc << 16 | top;
    uint32_t h = (key * 0x9e3779b1u >> 12) & (VISITS - 1);
    while (e->visits[h].step == e->step) {
        if (e->visits[h].key == key)
            return false;
        h = (h + 1) & (VISITS - 1);
    }
    if (e->n_visits == VISITS / 2) {
        e->exhausted = true;
        return false;
    }
    e->n_visits++;
    e->visits[h].step = e->step;
    e->visits[h].key = key;
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

/* Threads that needed one more relaxation wait until all that needed fewer are in. */
static void add_later(struct engine *e, struct thread_list *list, unsigned level)
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
        add_thread(e, list, &t);
        i = 0;
    }
}

static void begin_step(struct engine *e, struct thread_list *list)
{
    if (e->step == UINT32_MAX)
        sipv_engine_prepare(e);
    e->step++;
    e->n_visits = 0;
    e->n_later = 0;
    list->n = 0;
}

/* The threads at e->at that follow from `start`. */
static void begin_at(struct engine *e, struct thread_list *list, const struct thread *start)
{
    begin_step(e, list);
    add_thread(e, list, start);
    for (unsigned level = 1; e->n_later && level <= 64; level++)
        add_later(e, list, level);
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

/* The parameter of thread `t` was refused: other readings may have been possible for longer. */
static void consider_others(struct engine *e, struct thread_list *list, const struct thread *t)
{
    struct explanation why;
    bool possible = false;
    unsigned n = 0;
    if (e->why.error >= e->at)
        return;
    for (unsigned i = 0; i < list->n; i++) {
        if (&list->at[i] == t)
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

static bool accepts(const struct engine *e, const struct thread *t, unsigned char c)
{
    const sipv_op *op = &e->g->ops[t->pc];
    if (t->pc == ACCEPT)
        return false;
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

/* The threads that take byte `c`, or `cut` alone, move on; those with fewer relaxations first. */
static void advance(struct engine *e, struct thread_list *now, struct thread_list *next,
                    const struct thread *cut, unsigned char c, unsigned levels)
{
    for (unsigned level = 0; level <= levels || e->n_later; level++) {
        if (level > 64)
            break;
        for (unsigned i = 0; i < now->n; i++) {
            struct thread *t = &now->at[i];
            if (cut ? t != cut : !accepts(e, t, c))
                continue;
            if (relaxation_count(t->relaxations) != level)
                continue;
            const bool looped = t->looped;
            t->pc++;
            t->looped = false;
            add_thread(e, next, t);
            t->pc--;
            t->looped = looped;
        }
        add_later(e, next, level);
    }
}

enum outcome { GOES_ON, IMPOSSIBLE, REFUSED };

/* One byte: every thread that takes it moves on.  A cut leaves exactly one thread. */
static enum outcome step(struct engine *e, struct thread_list *now, struct thread_list *next)
{
    const unsigned char c = e->text[e->at];
    struct thread *cut = NULL;
    unsigned levels = 0;
    for (unsigned i = 0; i < now->n; i++) {
        struct thread *t = &now->at[i];
        if (!accepts(e, t, c))
            continue;
        const unsigned level = relaxation_count(t->relaxations);
        if (level > levels)
            levels = level;
        if (e->g->ops[t->pc].op == SIPV_OP_CUT &&
            (!cut || level < relaxation_count(cut->relaxations)))
            cut = t;
    }
    begin_step(e, next);
    if (cut) {
        const unsigned rule = e->g->cut_rules[e->g->ops[cut->pc].x];
        if (!end_chunk(e, cut)) {
            consider_others(e, now, cut);
            return REFUSED;
        }
        if (e->view && rule == e->view->each_rule && !e->retrying)
            put_event(e, SIPV_KIND_ELEMENT, SIPV_PART_WHOLE, e->at, 1);
        levels = relaxation_count(cut->relaxations);
    }
    e->at++;
    if (cut && !e->retrying)
        replay_from(e, cut, cut->pc + 1u, e->at);
    advance(e, now, next, cut, c, levels);
    return next->n ? GOES_ON : IMPOSSIBLE;
}

/* The best thread that has read everything, or NULL. */
static struct thread *accepting(struct thread_list *list)
{
    for (unsigned i = 0; i < list->n; i++)
        if (list->at[i].pc == ACCEPT)
            return &list->at[i];
    return NULL;
}

/* Reads on from `now` to the end of the text or the first impossible byte. */
static void read_on(struct engine *e, struct thread_list *now)
{
    struct thread_list *next = now == &e->lists[0] ? &e->lists[1] : &e->lists[0];
    while (e->at < e->n) {
        if (e->n_frames > FRAMES - 256)
            collect_frames(e, now);
        const enum outcome o = step(e, now, next);
        if (o == REFUSED)
            return;
        if (o == IMPOSSIBLE) {
            e->at--;
            break;
        }
        struct thread_list *t = now;
        now = next;
        next = t;
    }
    struct thread *t = e->at == e->n ? accepting(now) : NULL;
    if (t) {
        if (!end_chunk(e, t)) {
            consider_others(e, now, t);
            return;
        }
        e->accepted = true;
        e->used = t->relaxations;
        return;
    }
    sipv_name_expected(e, now, &e->why);
    check_open_parameter(e, now);
    flush_captures(e, &now->at[0], true);
}

/* The alternative that a scan did not choose may stay possible for longer. */
static void retry_other(struct engine *e)
{
    const struct explanation first = e->why;
    struct thread start;
    copy_thread(&start, &e->other);
    e->retrying = true;
    e->at = e->other_at;
    begin_at(e, &e->lists[0], &start);
    memset(&e->why, 0, sizeof e->why);
    const size_t events = e->n_events;
    read_on(e, &e->lists[0]);
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
    e->step = 0;
}

void sipv_engine_run(struct engine *e, const sipv_grammar *g, int rule, bool value, sipv_slice text,
                     uint64_t allowed, sipv_event *events, size_t cap, uint32_t base,
                     unsigned below)
{
    const sipv_rule *r = &g->rules[rule];
    struct thread start;
    e->g = g;
    e->rule = rule;
    e->view = r->view >= 0 ? &g->views[r->view] : NULL;
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
    clear_frames(e);

    memset(&start, 0, sizeof start);
    start.pc = value ? r->value_entry : r->entry;
    start.top = NO_FRAME;
    start.naming = -1;
    e->replaying = e->choice.made = false;
    replay_from(e, &start, start.pc, 0);
    begin_at(e, &e->lists[0], &start);
    read_on(e, &e->lists[0]);
    if (!e->accepted && e->has_other)
        retry_other(e);
    if (!e->accepted)
        drop_events(e);
}

/* ---- Replays ----------------------------------------------------------------------------------
 */

void sipv_engine_replay(struct engine *e, struct thread_list *list)
{
    struct thread start;
    copy_thread(&start, &e->since);
    start.n_captures = 0; /* nobody asks for them */
    e->replaying = true;
    e->at = e->since_at;
    begin_at(e, list, &start);
}

bool sipv_engine_step(struct engine *e, struct thread_list *now, struct thread_list *next)
{
    const unsigned char c = e->text[e->at];
    unsigned levels = 0;
    if (e->n_frames > FRAMES - 256)
        collect_frames(e, now);
    for (unsigned i = 0; i < now->n; i++)
        if (accepts(e, &now->at[i], c) && relaxation_count(now->at[i].relaxations) > levels)
            levels = relaxation_count(now->at[i].relaxations);
    begin_step(e, next);
    e->at++;
    advance(e, now, next, NULL, c, levels);
    e->at -= next->n == 0;
    return next->n > 0;
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
