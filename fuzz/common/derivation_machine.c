#include "derivation_machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ACCEPT = 0xffff, NO_FRAME = 0 };
/* Beyond this a text is too large; no grammar of an RFC comes near it. */
enum { PENDING = 4096, FRAMES = 1 << 16, DEEDS = 1 << 23 };

/* An open call.  Two calls from one place under one call are one frame. */
struct derivation_frame {
    uint32_t ret, rule, up;
    uint32_t child, next; /* the newest call under it; the next older one beside it */
};

struct derivation_thread {
    uint64_t relaxations;
    uint32_t pc, top, last; /* last: the deed that came last, 0 for none */
    bool through;           /* has gone through what is wanted */
};

struct derivation_visit {
    uint32_t step, place, top;
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
static bool is_first(struct derivation_machine *m, const struct derivation_thread *t)
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
    m->visits[h] = (struct derivation_visit){m->step, place, t->top};
    return true;
}

static void begin_step(struct derivation_machine *m)
{
    m->step++;
    m->n_visits = m->n_next = m->n_later = 0;
}

static uint32_t frame_of(struct derivation_machine *m, uint32_t ret, uint32_t rule, uint32_t up)
{
    for (uint32_t f = m->frames[up].child; f != NO_FRAME; f = m->frames[f].next)
        if (m->frames[f].ret == ret)
            return f;
    GROW(m, frames);
    m->frames[m->n_frames] =
        (struct derivation_frame){ret, rule, up, NO_FRAME, m->frames[up].child};
    m->frames[up].child = (uint32_t)m->n_frames;
    return (uint32_t)m->n_frames++;
}

static void note(struct derivation_machine *m, struct derivation_thread *t, uint32_t what)
{
    GROW(m, deeds);
    m->deeds[m->n_deeds] = (struct derivation_deed){t->last, what, m->at};
    t->last = (uint32_t)m->n_deeds++;
    t->through |= what == m->wanted;
}

/* ---- Steps -------------------------------------------------------------------------------------
 */

static bool too_deep(const struct derivation_machine *m, unsigned rule, uint32_t top)
{
    unsigned n = (int)rule == m->rule;
    for (; top != NO_FRAME; top = m->frames[top].up)
        n += m->frames[top].rule == rule;
    return n >= SIPV_COMMENT_DEPTH;
}

static bool call(struct derivation_machine *m, struct derivation_thread *t, unsigned rule)
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

static void leave(struct derivation_machine *m, struct derivation_thread *t)
{
    if (t->top == NO_FRAME) {
        t->pc = ACCEPT;
        return;
    }
    t->pc = m->frames[t->top].ret;
    t->top = m->frames[t->top].up;
}

static void mark(struct derivation_machine *m, struct derivation_thread *t, const sipv_op *op)
{
    static const uint32_t bounds[] = {DERIVATION_NAME, DERIVATION_NAME_END, DERIVATION_VALUE,
                                      DERIVATION_VALUE_END};
    if (op->a < SIPV_MARK_DONE)
        note(m, t, bounds[op->a] | op->x);
    t->pc++;
}

/* Does a run of the op's set end at its byte? */
static bool look(const struct derivation_machine *m, const sipv_op *op)
{
    size_t i = m->at;
    while (i < m->text.n && set_has(m->g->sets[op->x], m->text.p[i]))
        i++;
    return i < m->text.n && m->text.p[i] == op->a;
}

static void branch(struct derivation_machine *m, struct derivation_thread *t, unsigned which,
                   unsigned to)
{
    note(m, t, m->g->n_rules + 2u * t->pc + which);
    t->pc = to;
}

/* All that follows from a thread without a byte, in order of priority. */
static void follow(struct derivation_machine *m, struct derivation_thread start)
{
    struct derivation_thread pending[PENDING];
    const unsigned level = count_bits(start.relaxations);
    size_t n = 0;
    pending[n++] = start;
    while (n) {
        struct derivation_thread t = pending[--n];
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
static void follow_later(struct derivation_machine *m, unsigned level)
{
    for (size_t i = 0; i < m->n_later; i++)
        if (count_bits(m->later[i].relaxations) == level) {
            const struct derivation_thread t = m->later[i];
            memmove(&m->later[i], &m->later[i + 1], (m->n_later - i - 1) * sizeof t);
            m->n_later--;
            follow(m, t);
            i = (size_t)-1;
        }
}

static void swap(struct derivation_machine *m)
{
    struct derivation_thread *list = m->now;
    const size_t cap = m->cap_now;
    m->now = m->next;
    m->n_now = m->n_next;
    m->cap_now = m->cap_next;
    m->next = list;
    m->cap_next = cap;
}

static bool takes(const struct derivation_machine *m, const struct derivation_thread *t,
                  unsigned char c)
{
    if (t->pc == ACCEPT)
        return false;
    const sipv_op *op = &m->g->ops[t->pc];
    return op->op == SIPV_OP_CUT ? op->a == c : set_has(m->g->sets[op->x], c);
}

/* The reading at a cut byte that goes on alone: the first with the fewest relaxations. */
static size_t best_cut(const struct derivation_machine *m, unsigned char c, bool through)
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
static void keep_cut(struct derivation_machine *m, unsigned char c)
{
    struct derivation_thread kept[2];
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
static void step(struct derivation_machine *m, unsigned char c)
{
    begin_step(m);
    keep_cut(m, c);
    m->at++;
    for (unsigned level = 0; level <= 64; level++) {
        for (size_t i = 0; i < m->n_now; i++) {
            struct derivation_thread t = m->now[i];
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

bool derivation_run(struct derivation_machine *m, uint32_t entry, uint64_t *relaxations,
                    uint32_t *last)
{
    m->at = 0;
    m->too_large = false;
    m->n_frames = m->n_deeds = 0;
    GROW(m, frames);
    GROW(m, deeds);
    m->n_frames = m->n_deeds = 1; /* number 0 is none */
    m->frames[NO_FRAME] = (struct derivation_frame){.child = NO_FRAME};
    begin_step(m);
    follow(m, (struct derivation_thread){.pc = entry, .top = NO_FRAME});
    for (unsigned level = 1; level <= 64; level++)
        follow_later(m, level);
    swap(m);
    for (size_t i = 0; i < m->text.n && m->n_now && !m->too_large; i++)
        step(m, m->text.p[i]);
    const struct derivation_thread *first = NULL;
    for (size_t i = 0; i < m->n_now; i++)
        if (m->now[i].pc == ACCEPT && (!first || (m->now[i].through && !first->through)))
            first = &m->now[i];
    if (!first)
        return false;
    *relaxations = first->relaxations;
    *last = first->last;
    return true;
}
