#include "derivation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ACCEPT = 0xffff, NO_FRAME = 0, LEVELS = 3 };
/* Beyond this a text is too large; no grammar of an RFC comes near it. */
enum { PENDING = 4096, FRAMES = 1 << 16, DEEDS = 1 << 23 };

/* An open call.  Two calls from one place under one call are one frame. */
struct frame {
    uint32_t ret, rule, up;
    uint32_t child, next; /* the newest call under it; the next older one beside it */
};

/* One step of a way: what was gone through, or a bound of a parameter, and where. */
enum { NAME = 1 << 28, NAME_END = 2 << 28, VALUE = 3 << 28, VALUE_END = 4 << 28 };
enum { WHAT = 7 << 28 };
struct deed {
    uint32_t before, what, at;
};

struct thread {
    uint64_t relaxations;
    uint32_t pc, top, last; /* last: the deed that came last, 0 for none */
    bool through;           /* has gone through what is wanted */
};

struct visit {
    uint32_t step, place, top;
};

/* A reading that goes through this bit is wanted, though another one comes first; or NOTHING. */
enum { NOTHING = NAME - 1 };
static uint32_t wanted = NOTHING;

/* Arrays that grow. */
struct machine {
    const sipv_grammar *g;
    int rule;
    sipv_slice text;
    uint32_t at, step;
    uint64_t allowed;
    bool too_large;
    struct frame *frames;
    struct deed *deeds;
    struct thread *now, *next, *later;
    struct visit *visits;
    size_t n_frames, n_deeds, n_now, n_next, n_later, n_visits;
    size_t cap_frames, cap_deeds, cap_now, cap_next, cap_later, cap_visits;
};

static void *grown(void *list, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return list;
    *cap = *cap ? 2 * *cap : 1024;
    list = realloc(list, *cap * size);
    if (!list) {
        fputs("derivation: no memory\n", stderr);
        abort();
    }
    return list;
}

#define GROW(m, list)                                                                              \
    ((m)->list = grown((m)->list, (m)->n_##list, &(m)->cap_##list, sizeof *(m)->list))

static unsigned count_bits(uint64_t set)
{
    unsigned n = 0;
    for (; set; set &= set - 1)
        n++;
    return n;
}

static bool set_has(const uint64_t *set, unsigned char c)
{
    return set[c >> 6] >> (c & 63) & 1;
}

/* ---- Places ------------------------------------------------------------------------------------
 */

/* Has no thread been at this place in this step?  The table has room for one more at least. */
static bool is_first(struct machine *m, const struct thread *t)
{
    enum { SLOTS = 1 << 16 };
    if (!m->visits) {
        m->cap_visits = SLOTS - 1;
        m->visits = grown(NULL, m->cap_visits, &m->cap_visits, sizeof *m->visits);
        memset(m->visits, 0, SLOTS * sizeof *m->visits);
    }
    const uint32_t place = t->pc * 2 + t->through;
    size_t h = ((place * 0x9e3779b1u ^ t->top * 0x85ebca6bu) >> 8) % SLOTS;
    while (m->visits[h].step == m->step) {
        if (m->visits[h].place == place && m->visits[h].top == t->top)
            return false;
        h = (h + 1) % SLOTS;
    }
    if (m->n_visits == SLOTS / 2 || m->n_deeds > DEEDS || m->n_frames > FRAMES) {
        m->too_large = true;
        return false;
    }
    m->n_visits++;
    m->visits[h] = (struct visit){m->step, place, t->top};
    return true;
}

static void begin_step(struct machine *m)
{
    m->step++;
    m->n_visits = m->n_next = m->n_later = 0;
}

static uint32_t frame_of(struct machine *m, uint32_t ret, uint32_t rule, uint32_t up)
{
    for (uint32_t f = m->frames[up].child; f != NO_FRAME; f = m->frames[f].next)
        if (m->frames[f].ret == ret)
            return f;
    GROW(m, frames);
    m->frames[m->n_frames] = (struct frame){ret, rule, up, NO_FRAME, m->frames[up].child};
    m->frames[up].child = (uint32_t)m->n_frames;
    return (uint32_t)m->n_frames++;
}

static void note(struct machine *m, struct thread *t, uint32_t what)
{
    GROW(m, deeds);
    m->deeds[m->n_deeds] = (struct deed){t->last, what, m->at};
    t->last = (uint32_t)m->n_deeds++;
    t->through |= what == wanted;
}

/* ---- Steps -------------------------------------------------------------------------------------
 */

static bool too_deep(const struct machine *m, unsigned rule, uint32_t top)
{
    unsigned n = (int)rule == m->rule;
    for (; top != NO_FRAME; top = m->frames[top].up)
        n += m->frames[top].rule == rule;
    return n >= SIPV_COMMENT_DEPTH;
}

static bool call(struct machine *m, struct thread *t, unsigned rule)
{
    const sipv_rule *r = &m->g->rules[rule];
    if (r->flags & SIPV_RULE_RELAX) {
        if (!(m->allowed >> r->extra & 1))
            return false;
        t->relaxations |= (uint64_t)1 << r->extra;
    }
    if (r->flags & SIPV_RULE_RECURSIVE && too_deep(m, rule, t->top))
        return false;
    note(m, t, rule);
    t->top = frame_of(m, t->pc + 1, rule, t->top);
    t->pc = r->entry;
    return true;
}

static void leave(struct machine *m, struct thread *t)
{
    if (t->top == NO_FRAME) {
        t->pc = ACCEPT;
        return;
    }
    t->pc = m->frames[t->top].ret;
    t->top = m->frames[t->top].up;
}

static void mark(struct machine *m, struct thread *t, const sipv_op *op)
{
    static const uint32_t bounds[] = {NAME, NAME_END, VALUE, VALUE_END};
    if (op->a < SIPV_MARK_DONE)
        note(m, t, bounds[op->a] | op->x);
    t->pc++;
}

/* Does a run of the op's set end at its byte? */
static bool look(const struct machine *m, const sipv_op *op)
{
    size_t i = m->at;
    while (i < m->text.n && set_has(m->g->sets[op->x], m->text.p[i]))
        i++;
    return i < m->text.n && m->text.p[i] == op->a;
}

static void branch(struct machine *m, struct thread *t, unsigned which, unsigned to)
{
    note(m, t, m->g->n_rules + 2u * t->pc + which);
    t->pc = to;
}

/* All that follows from a thread without a byte, in order of priority. */
static void follow(struct machine *m, struct thread start)
{
    struct thread pending[PENDING];
    const unsigned level = count_bits(start.relaxations);
    size_t n = 0;
    pending[n++] = start;
    while (n) {
        struct thread t = pending[--n];
        for (bool alive = true; alive && is_first(m, &t);) {
            const sipv_op *op = &m->g->ops[t.pc == ACCEPT ? 0 : t.pc];
            switch (t.pc == ACCEPT ? SIPV_OP_SET : op->op) {
            case SIPV_OP_SPLIT:
                if (n == PENDING) {
                    m->too_large = true;
                    return;
                }
                pending[n] = t;
                branch(m, &pending[n++], 1, op->y);
                branch(m, &t, 0, op->x);
                break;
            case SIPV_OP_LOOK:
                if (look(m, op))
                    branch(m, &t, 0, t.pc + 1);
                else
                    branch(m, &t, 1, op->y);
                break;
            case SIPV_OP_JUMP: t.pc = op->x; break;
            case SIPV_OP_CALL:
                alive = call(m, &t, op->x);
                if (alive && count_bits(t.relaxations) > level) {
                    GROW(m, later);
                    m->later[m->n_later++] = t;
                    alive = false;
                }
                break;
            case SIPV_OP_RET: leave(m, &t); break;
            case SIPV_OP_MARK: mark(m, &t, op); break;
            default: /* takes a byte, or has read everything */
                GROW(m, next);
                m->next[m->n_next++] = t;
                alive = false;
            }
        }
    }
}

/* Threads that needed one more relaxation, behind all that needed fewer. */
static void follow_later(struct machine *m, unsigned level)
{
    for (size_t i = 0; i < m->n_later; i++)
        if (count_bits(m->later[i].relaxations) == level) {
            const struct thread t = m->later[i];
            memmove(&m->later[i], &m->later[i + 1], (m->n_later - i - 1) * sizeof t);
            m->n_later--;
            follow(m, t);
            i = (size_t)-1;
        }
}

static void swap(struct machine *m)
{
    struct thread *list = m->now;
    const size_t cap = m->cap_now;
    m->now = m->next;
    m->n_now = m->n_next;
    m->cap_now = m->cap_next;
    m->next = list;
    m->cap_next = cap;
}

static bool takes(const struct machine *m, const struct thread *t, unsigned char c)
{
    if (t->pc == ACCEPT)
        return false;
    const sipv_op *op = &m->g->ops[t->pc];
    return op->op == SIPV_OP_CUT ? op->a == c : set_has(m->g->sets[op->x], c);
}

/* The reading at a cut byte that goes on alone: the first with the fewest relaxations. */
static size_t best_cut(const struct machine *m, unsigned char c, bool through)
{
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < m->n_now; i++)
        if (takes(m, &m->now[i], c) && m->g->ops[m->now[i].pc].op == SIPV_OP_CUT &&
            m->now[i].through == through &&
            (best == SIZE_MAX ||
             count_bits(m->now[i].relaxations) < count_bits(m->now[best].relaxations)))
            best = i;
    return best;
}

/* One of each kind, where there are two. */
static void keep_cut(struct machine *m, unsigned char c)
{
    struct thread kept[2];
    size_t n = 0;
    for (unsigned through = 0; through < 2; through++) {
        const size_t best = best_cut(m, c, through);
        if (best != SIZE_MAX)
            kept[n++] = m->now[best];
    }
    if (n)
        memcpy(m->now, kept, n * sizeof *kept);
    m->n_now = n ? n : m->n_now;
}

/* One byte: readings with fewer relaxations first. */
static void step(struct machine *m, unsigned char c)
{
    begin_step(m);
    keep_cut(m, c);
    m->at++;
    for (unsigned level = 0; level <= 64; level++) {
        for (size_t i = 0; i < m->n_now; i++) {
            struct thread t = m->now[i];
            if (count_bits(t.relaxations) != level || !takes(m, &t, c))
                continue;
            const sipv_op *op = &m->g->ops[t.pc++];
            if (op->op == SIPV_OP_SET && op->y != SIPV_NO_RULE)
                note(m, &t, op->y);
            follow(m, t);
        }
        follow_later(m, level);
    }
    swap(m);
}

/* The reading that has taken everything, or NULL. */
static const struct thread *run(struct machine *m, uint32_t entry)
{
    m->at = 0;
    m->too_large = false;
    m->n_frames = m->n_deeds = 0;
    GROW(m, frames);
    GROW(m, deeds);
    m->n_frames = m->n_deeds = 1; /* number 0 is none */
    m->frames[NO_FRAME] = (struct frame){.child = NO_FRAME};
    begin_step(m);
    follow(m, (struct thread){.pc = entry, .top = NO_FRAME});
    for (unsigned level = 1; level <= 64; level++)
        follow_later(m, level);
    swap(m);
    for (size_t i = 0; i < m->text.n && m->n_now && !m->too_large; i++)
        step(m, m->text.p[i]);
    const struct thread *first = NULL;
    for (size_t i = 0; i < m->n_now; i++)
        if (m->now[i].pc == ACCEPT && (!first || (m->now[i].through && !first->through)))
            first = &m->now[i];
    return first;
}

/* ---- Parameters --------------------------------------------------------------------------------
 */

static struct machine machines[LEVELS]; /* of a text, of a value, of a value in a value */

static bool derive(unsigned level, const sipv_grammar *g, int rule, bool value, sipv_slice text,
                   uint64_t *relaxations, unsigned char *cover);

static void visit(unsigned char *cover, size_t bit)
{
    cover[bit / 8] |= (unsigned char)(1u << bit % 8);
}

static bool value_is(unsigned level, const sipv_grammar *g, unsigned rule, sipv_slice value,
                     unsigned char *cover)
{
    uint64_t none = 0;
    return rule == SIPV_NO_RULE || level + 1 == LEVELS ||
           derive(level + 1, g, (int)rule, false, value, &none, cover);
}

/* Does an equals sign follow the name? */
static bool has_equals(sipv_slice text, size_t at)
{
    while (at < text.n &&
           (text.p[at] == ' ' || text.p[at] == '\t' || text.p[at] == '\r' || text.p[at] == '\n'))
        at++;
    return at < text.n && text.p[at] == '=';
}

/* A parameter by the rule that its name asks for; `value` absent if it has none. */
static bool parameter_is(unsigned level, const struct machine *m, const sipv_select *s,
                         sipv_slice name, sipv_slice value, unsigned char *cover)
{
    const sipv_grammar *g = m->g;
    const sipv_select_name *n = sipv_select_find(g, s, name);
    const bool equals = has_equals(m->text, (size_t)(name.p + name.n - m->text.p));
    if (n && !n->extension &&
        ((n->value == SIPV_VALUE_NONE && equals) || (n->value == SIPV_VALUE_REQUIRED && !equals)))
        return false;
    if (n) {
        visit(cover, g->n_rules + 2u * g->n_ops + (size_t)(n - g->select_names));
        if (n->keyword != SIPV_NO_RULE)
            visit(cover, n->keyword);
    }
    if (!value.p)
        return true;
    if (!n || n->value == SIPV_VALUE_NONE)
        return value_is(level, g, s->other, value, cover);
    return value_is(level, g, n->rule, value, cover) ||
           (n->extension && value_is(level, g, s->other, value, cover));
}

/* The deeds of a reading, the last one first: what it went through, and its parameters. */
static bool take_deeds(unsigned level, const struct machine *m, uint32_t last, unsigned char *cover)
{
    sipv_slice name = {NULL, 0}, value = {NULL, 0};
    for (const struct deed *d; last; last = d->before) {
        d = &m->deeds[last];
        const unsigned char *const p = m->text.p + d->at;
        switch (d->what & WHAT) {
        case VALUE_END: value.p = p; break;
        case VALUE: value = sipv_slice_of(p, (size_t)(value.p - p)); break;
        case NAME_END: name.p = p; break;
        case NAME:
            name = sipv_slice_of(p, (size_t)(name.p - p));
            if (!parameter_is(level, m, &m->g->selects[d->what & ~(uint32_t)WHAT], name, value,
                              cover))
                return false;
            name = value = sipv_slice_of(NULL, 0);
            break;
        default: visit(cover, d->what);
        }
    }
    return true;
}

static bool derive(unsigned level, const sipv_grammar *g, int rule, bool value, sipv_slice text,
                   uint64_t *relaxations, unsigned char *cover)
{
    struct machine *m = &machines[level];
    m->g = g;
    m->rule = rule;
    m->text = text;
    m->allowed = *relaxations;
    const struct thread *t = run(m, value ? g->rules[rule].value_entry : g->rules[rule].entry);
    if (!t)
        return false;
    *relaxations = t->relaxations;
    if (level)
        visit(cover, (size_t)rule);
    return take_deeds(level, m, t->last, cover);
}

enum fuzz_derived fuzz_derive(const sipv_grammar *g, int rule, bool value, sipv_slice text,
                              uint64_t *relaxations, unsigned char *cover)
{
    const size_t size = sipv_cover_size(g);
    unsigned char *found = calloc(size, 1);
    const bool accepted = found && derive(0, g, rule, value, text, relaxations, found);
    for (size_t i = 0; accepted && i < size; i++)
        cover[i] |= found[i];
    free(found);
    return machines[0].too_large ? FUZZ_TOO_LARGE : accepted ? FUZZ_DERIVED : FUZZ_NOT_DERIVED;
}

bool fuzz_derive_through(const sipv_grammar *g, int rule, bool value, sipv_slice text,
                         uint64_t relaxations, size_t bit, unsigned char *cover)
{
    wanted = (uint32_t)bit;
    const enum fuzz_derived how = fuzz_derive(g, rule, value, text, &relaxations, cover);
    wanted = NOTHING;
    return how == FUZZ_DERIVED && cover[bit / 8] >> bit % 8 & 1;
}
