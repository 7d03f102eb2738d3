/* How far each reading came: the alternatives of the construct in which a text was refused.
 *
 * The engine keeps the one reading there was behind the last cut.  From there it reads to the error
 * again, once for each alternative, and the readings that enter another one end.  So an alternative
 * is followed with what comes behind it, until the byte at which nothing was left of it.
 *
 * The construct is the innermost open one of which two alternatives took some byte: those that died
 * at once are what the expected set tells already. */
#include <string.h>

#include "explain.h"

enum {
    NONE = 0xffff,
    LEVELS = 4,  /* constructs that are tried, from the inside */
    PENDING = 64 /* branches waiting while one is followed */
};

struct alternatives {
    unsigned n;
    uint16_t rule[SIPV_ALTERNATIVES_MAX];
};

static void add_alternative(struct alternatives *a, unsigned rule)
{
    for (unsigned i = 0; i < a->n; i++)
        if (a->rule[i] == rule)
            return;
    if (a->n < SIPV_ALTERNATIVES_MAX)
        a->rule[a->n++] = (uint16_t)rule;
}

/* The rules that are called from `pc` before any byte, in order of the grammar.  What a repetition
 * leads on to is no alternative of its body. */
static void find_alternatives(const sipv_grammar *g, unsigned pc, struct alternatives *a)
{
    uint16_t pending[PENDING];
    unsigned n = 0;
    a->n = 0;
    pending[n++] = (uint16_t)pc;
    for (unsigned steps = 0; n && n + 2 <= PENDING && steps < 256; steps++) {
        pc = pending[--n];
        const sipv_op *op = &g->ops[pc];
        switch (op->op) {
        case SIPV_OP_SPLIT:
            if (op->a != SIPV_LOOP)
                pending[n++] = op->y;
            pending[n++] = op->x;
            break;
        case SIPV_OP_LOOK:
            pending[n++] = op->y;
            pending[n++] = (uint16_t)(pc + 1);
            break;
        case SIPV_OP_JUMP: pending[n++] = op->x; break;
        case SIPV_OP_MARK: pending[n++] = (uint16_t)(pc + 1); break;
        case SIPV_OP_CALL:
            if (!sipv_is_hidden(g, op->x) && !(g->rules[op->x].flags & SIPV_RULE_RELAX))
                add_alternative(a, op->x);
            break;
        default: break;
        }
    }
}

/* Where the alternative `rule` of the chosen construct ended; false if no byte of it was taken. */
static bool follow(struct engine *e, unsigned rule, uint32_t end, sipv_alternative *out)
{
    struct explanation why;
    e->choice.only = (uint16_t)rule;
    const struct thread_list *last = sipv_engine_replay(e, end);
    if (e->at <= e->choice.at || last->n == 0)
        return false;
    sipv_name_expected(e, last, &why);
    out->rule = (int)rule;
    out->offset = e->choice.at;
    out->error_offset = why.error;
    out->n_expected = why.n_expected;
    memcpy(out->expected, why.expected, sizeof out->expected);
    return true;
}

static unsigned follow_all(struct engine *e, unsigned pc, uint32_t end, sipv_alternative *out)
{
    struct alternatives a;
    unsigned n = 0;
    find_alternatives(e->g, pc, &a);
    for (unsigned i = 0; a.n > 1 && i < a.n; i++)
        n += follow(e, a.rule[i], end, &out[n]);
    return n > 1 ? n : 0;
}

/* The thread whose innermost construct is the one that was named, or NULL. */
static const struct thread *thread_in(const struct engine *e, const struct thread_list *list)
{
    for (unsigned i = 0; i < list->n; i++)
        for (unsigned f = list->at[i].top; f != NONE; f = e->frames[f].up)
            if ((int)e->frames[f].rule == e->why.rule &&
                list->at[i].open_at[e->frames[f].depth] == e->why.construct)
                return &list->at[i];
    return list->n ? &list->at[0] : NULL;
}

/* Of one engine: from the innermost construct outwards. */
static unsigned alternatives_of(struct engine *e, sipv_alternative *out)
{
    const uint32_t end = (uint32_t)e->why.error;
    struct choice levels[DEPTH];
    unsigned n = 0, tried = 0, found = 0;
    e->choice.made = false;
    const struct thread_list *list = sipv_engine_replay(e, end);
    const struct thread *t = e->at == end ? thread_in(e, list) : NULL;
    for (unsigned f = t ? t->top : NONE; f != NONE; f = e->frames[f].up) {
        const uint32_t at = t->open_at[e->frames[f].depth];
        if (at >= e->since_at && at < end)
            levels[n++] = (struct choice){true, e->frames[f].rule, NONE, at};
    }
    for (unsigned i = 0; i < n && tried < LEVELS && !found; i++) {
        struct alternatives a;
        find_alternatives(e->g, e->g->rules[levels[i].of].entry, &a);
        if (a.n < 2)
            continue;
        tried++;
        e->choice = levels[i];
        found = follow_all(e, e->g->rules[levels[i].of].entry, end, out);
    }
    if (!found && e->since_at == 0 && end > 0) { /* the rule itself has no call that opened it */
        e->choice = (struct choice){true, SIPV_NO_RULE, NONE, 0};
        found = follow_all(e, e->since.pc, end, out);
    }
    e->choice.made = false;
    return found;
}

size_t sipv_explain_alternatives(void *work, sipv_alternative *out, size_t cap)
{
    struct sipv_explainer *x = (struct sipv_explainer *)work;
    sipv_alternative all[SIPV_ALTERNATIVES_MAX];
    if (!work || (cap && !out))
        return 0;
    struct engine *e = &x->levels[0];
    size_t base = 0;
    for (;;) { /* the value of a parameter was refused: its own alternatives */
        const struct explanation why = e->why;
        if (e->accepted || e->exhausted)
            return 0;
        if (!why.in_value)
            break;
        struct engine *value = sipv_engine_value(e, &why);
        if (!value)
            return 0;
        base += why.value_at;
        e = value;
    }
    size_t n = alternatives_of(e, all);
    if (e->exhausted)
        return 0;
    if (n > cap)
        n = cap;
    for (size_t i = 0; i < n; i++) {
        out[i] = all[i];
        out[i].offset += base;
        out[i].error_offset += base;
    }
    return n;
}
