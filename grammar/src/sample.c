/* Sentences of a rule: a random walk through its program with a stack of open calls.
 *
 * The walk never turns back.  Before a branch is taken it is followed to the end of its rule, so
 * that ends without a sentence (relaxations, comments nested too deep, what `except` took away) are
 * not entered; should it be caught nevertheless, or run out of space, it begins again more
 * modestly.
 *
 * Where parameters are chosen by name the walk writes a known name or a made-up one, and then a
 * value of the rule that the name asks for, so strict accepts what it writes. */
#include <string.h>

#include "name.h"
#include "program.h"
#include "sample.h"

enum {
    OPEN_CALLS = 64,
    PENDING = 64,      /* branches waiting in a look ahead */
    LOOK_AHEAD = 2048, /* ops of a look ahead, after which the branch is taken to be good */
    ATTEMPTS = 32
};
enum walked { DONE, DEAD_END, FULL };

struct call {
    uint16_t ret, rule;
};

struct walk {
    const sipv_grammar *g;
    int rule; /* where it begins */
    uint64_t seed;
    unsigned char *out, *cover;
    size_t n, cap, budget; /* beyond the budget repetitions come to an end */
    struct call open[OPEN_CALLS];
    unsigned n_open;
    bool upper, mixed; /* how letters come whose case is free */
    size_t name_at;    /* where the parameter's name begins */
    uint16_t value_rule;
};

/* ---- Chance ---------------------------------------------------------------------------------- */

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t draw(struct walk *w)
{
    uint64_t z = w->seed += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static unsigned below(struct walk *w, unsigned n)
{
    return (unsigned)((draw(w) >> 32) * n >> 32);
}

static bool chance(struct walk *w, unsigned of_256)
{
    return below(w, 256) < of_256;
}

/* ---- Cover ----------------------------------------------------------------------------------- */

static void visit(struct walk *w, size_t bit)
{
    if (w->cover)
        w->cover[bit / 8] |= (unsigned char)(1u << bit % 8);
}

static void visit_branch(struct walk *w, unsigned pc, unsigned to)
{
    const bool second = to == w->g->ops[pc].y;
    visit(w, w->g->n_rules + 2u * pc + second);
}

static void visit_name(struct walk *w, const sipv_select_name *n)
{
    visit(w, w->g->n_rules + 2u * w->g->n_ops + (size_t)(n - w->g->select_names));
}

/* ---- Looking ahead --------------------------------------------------------------------------- */

static bool can_call(const struct walk *w, unsigned rule)
{
    unsigned depth = (int)rule == w->rule;
    if (w->g->rules[rule].flags & SIPV_RULE_RELAX)
        return false;
    if (!(w->g->rules[rule].flags & SIPV_RULE_RECURSIVE))
        return true;
    for (unsigned i = 0; i < w->n_open; i++)
        depth += w->open[i].rule == rule;
    return depth < SIPV_COMMENT_DEPTH;
}

static bool is_empty(const uint64_t *set)
{
    return !(set[0] | set[1] | set[2] | set[3]);
}

/* Does some way lead from `pc` to the end of its rule? */
static bool leads_on(const struct walk *w, unsigned pc)
{
    uint16_t pending[PENDING];
    unsigned n = 0;
    pending[n++] = (uint16_t)pc;
    for (unsigned steps = 0; n; steps++) {
        const unsigned at = pending[--n];
        const sipv_op *op = &w->g->ops[at];
        if (op->op == SIPV_OP_RET || steps == LOOK_AHEAD || n + 2 > PENDING)
            return true;
        if ((op->op == SIPV_OP_SET && is_empty(w->g->sets[op->x])) ||
            (op->op == SIPV_OP_CALL && !can_call(w, op->x)))
            continue;
        if (op->op == SIPV_OP_SPLIT || op->op == SIPV_OP_LOOK)
            pending[n++] = op->y;
        const bool jumps = op->op == SIPV_OP_SPLIT || op->op == SIPV_OP_JUMP;
        pending[n++] = (uint16_t)(jumps ? op->x : at + 1);
    }
    return false;
}

bool sipv_sample_leads_on(const sipv_grammar *g, unsigned pc)
{
    const struct walk w = {.g = g};
    return leads_on(&w, pc);
}

/* ---- Steps ----------------------------------------------------------------------------------- */

static bool put(struct walk *w, unsigned c)
{
    if (w->n == w->cap)
        return false;
    w->out[w->n++] = (unsigned char)c;
    return true;
}

static unsigned bit_count(uint64_t bits)
{
    unsigned n = 0;
    for (; bits; bits &= bits - 1)
        n++;
    return n;
}

static unsigned count_of(const uint64_t *set)
{
    unsigned n = 0;
    for (int i = 0; i < 4; i++)
        n += bit_count(set[i]);
    return n;
}

/* The k-th byte of a set. */
static unsigned byte_of(const uint64_t *set, unsigned k)
{
    unsigned word = 0, bit = 0;
    for (unsigned n; k >= (n = bit_count(set[word])); word++)
        k -= n;
    for (uint64_t bits = set[word]; !(bits >> bit & 1) || k-- > 0; bit++)
        ;
    return word * 64 + bit;
}

/* Mostly visible ASCII, where the set has any; letters and digits a little more often. */
static bool put_one_of(struct walk *w, const uint64_t *set)
{
    static const uint64_t visible[] = {0xfffffffe00000000u, 0x7fffffffffffffffu};
    static const uint64_t alphanum[] = {0x03ff000000000000u, 0x07fffffe07fffffeu};
    const unsigned which = below(w, 16);
    uint64_t some[4] = {0, 0, 0, 0};
    for (int i = 0; i < 2; i++)
        some[i] = set[i] & (which < 8 ? alphanum[i] : visible[i]);
    const unsigned count = count_of(some), first = count ? byte_of(some, 0) : 0;
    if (count == 2 && count_of(set) == 2 && (first ^ 0x20u) == byte_of(some, 1))
        return put(w, (w->mixed ? which < 4 : w->upper) ? first : first ^ 0x20u);
    if (count && which < 14)
        return put(w, byte_of(some, below(w, count)));
    return put(w, byte_of(set, below(w, count_of(set))));
}

static bool enter(struct walk *w, unsigned rule, unsigned ret)
{
    if (w->n_open == OPEN_CALLS || !can_call(w, rule))
        return false;
    visit(w, rule);
    w->open[w->n_open].ret = (uint16_t)ret;
    w->open[w->n_open++].rule = (uint16_t)rule;
    return true;
}

/* A repetition goes on less and less likely; every alternative of a group has the same chance.
 * White space is kept short, it has little to say. */
static unsigned choose_branch(struct walk *w, unsigned pc)
{
    const sipv_op *op = &w->g->ops[pc];
    bool first;
    if (w->n_open && (w->g->rules[w->open[w->n_open - 1].rule].flags & SIPV_RULE_SPACE)) {
        first = chance(w, 40);
    } else if (op->a == SIPV_LOOP) {
        first = chance(w, w->n >= w->budget ? 0 : (unsigned)(190 - 190 * w->n / w->budget));
    } else {
        unsigned ways = 2;
        for (unsigned y = op->y; ways < 256 && w->g->ops[y].op == SIPV_OP_SPLIT &&
                                 w->g->ops[y].a != SIPV_LOOP && w->g->ops[y].y > y;
             y = w->g->ops[y].y)
            ways++;
        first = below(w, ways) == 0;
    }
    return first ? op->x : op->y;
}

/* ---- Parameters chosen by name --------------------------------------------------------------- */

/* The mark of this kind that comes next. */
static unsigned mark_behind(const sipv_grammar *g, unsigned pc, unsigned mark)
{
    while (g->ops[pc].op != SIPV_OP_MARK || g->ops[pc].a != mark)
        pc++;
    return pc;
}

/* At the beginning of a name: a known one with even chance, then `*pc` moves behind it. */
static bool begin_name(struct walk *w, unsigned *pc)
{
    const sipv_select *s = &w->g->selects[w->g->ops[*pc].x];
    w->name_at = w->n;
    if (s->count == 0 || chance(w, 128)) {
        ++*pc;
        return true;
    }
    const sipv_select_name *n = &w->g->select_names[s->first + below(w, s->count)];
    for (unsigned i = 0; i < n->n; i++) {
        const unsigned char c = (unsigned char)n->name[i];
        const bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (!put(w, w->mixed && letter && chance(w, 128) ? c ^ 0x20u : c))
            return false;
    }
    *pc = mark_behind(w->g, *pc, SIPV_MARK_NAME_END);
    return true;
}

/* Behind the name: the name says whether a value follows and of which rule. */
static enum walked end_name(struct walk *w, unsigned *pc)
{
    const sipv_grammar *g = w->g;
    const sipv_select *s = &g->selects[g->ops[*pc].x];
    const sipv_select_name *n =
        sipv_select_find(g, s, sipv_slice_of(w->out + w->name_at, w->n - w->name_at));
    const sipv_op *next = &g->ops[++*pc];
    const bool may = next->op != SIPV_OP_MARK && next->op != SIPV_OP_JUMP;
    const bool must = may && next->op != SIPV_OP_SPLIT;
    bool value = must || (may && chance(w, 176));
    w->value_rule = s->other;
    if (n) {
        visit_name(w, n);
        visit(w, n->keyword);
        w->value_rule = n->rule;
        if (n->value == SIPV_VALUE_NONE)
            value = false;
        else if (n->value == SIPV_VALUE_REQUIRED)
            value = true;
    }
    if (value ? !may : must)
        return DEAD_END;
    if (next->op == SIPV_OP_SPLIT) {
        const unsigned to = value ? next->x : next->y;
        visit_branch(w, *pc, to);
        *pc = to;
    }
    return DONE;
}

static enum walked at_mark(struct walk *w, unsigned *pc)
{
    switch (w->g->ops[*pc].a) {
    case SIPV_MARK_NAME: return begin_name(w, pc) ? DONE : FULL;
    case SIPV_MARK_NAME_END: return end_name(w, pc);
    case SIPV_MARK_VALUE:
        ++*pc;
        if (w->value_rule == SIPV_NO_RULE)
            return DONE;
        if (!enter(w, w->value_rule, mark_behind(w->g, *pc, SIPV_MARK_VALUE_END)))
            return DEAD_END;
        *pc = w->g->rules[w->value_rule].entry;
        return DONE;
    default: ++*pc; return DONE;
    }
}

/* ---- The walk -------------------------------------------------------------------------------- */

static enum walked walk_from(struct walk *w, unsigned pc)
{
    const sipv_grammar *g = w->g;
    for (;;) {
        const sipv_op *op = &g->ops[pc];
        switch (op->op) {
        case SIPV_OP_SET:
            if (is_empty(g->sets[op->x]))
                return DEAD_END;
            if (op->y != SIPV_NO_RULE)
                visit(w, op->y);
            if (!put_one_of(w, g->sets[op->x]))
                return FULL;
            pc++;
            break;
        case SIPV_OP_CUT:
            if (!put(w, op->a))
                return FULL;
            pc++;
            break;
        case SIPV_OP_SPLIT: {
            unsigned to = choose_branch(w, pc);
            if (!leads_on(w, to))
                to = to == op->x ? op->y : op->x;
            visit_branch(w, pc, to);
            pc = to;
            break;
        }
        case SIPV_OP_LOOK: { /* both alternatives are sentences: one has the byte, one has it not */
            const unsigned to = chance(w, 128) ? pc + 1 : op->y;
            visit_branch(w, pc, to);
            pc = to;
            break;
        }
        case SIPV_OP_JUMP: pc = op->x; break;
        case SIPV_OP_CALL:
            if (!enter(w, op->x, pc + 1))
                return DEAD_END;
            pc = g->rules[op->x].entry;
            break;
        case SIPV_OP_RET:
            if (w->n_open == 0)
                return DONE;
            pc = w->open[--w->n_open].ret;
            break;
        case SIPV_OP_MARK: {
            const enum walked mark = at_mark(w, &pc);
            if (mark != DONE)
                return mark;
            break;
        }
        default: return DEAD_END;
        }
    }
}

int sipv_sample(const sipv_grammar *g, int rule, bool value, uint64_t *seed, unsigned char *out,
                size_t cap, size_t *n, unsigned char *cover)
{
    struct walk w;
    if (!g || !seed || !n || (cap && !out) || rule < 0 || rule >= g->n_rules ||
        (value && !(g->rules[rule].flags & SIPV_RULE_HEADER)))
        return SIPV_BAD_ARGUMENT;
    memset(&w, 0, sizeof w);
    w.g = g;
    w.rule = rule;
    w.seed = *seed;
    w.out = out;
    w.cap = cap;
    const unsigned entry = value ? g->rules[rule].value_entry : g->rules[rule].entry;
    enum walked how = DEAD_END;
    for (unsigned attempt = 0; attempt < ATTEMPTS && how != DONE; attempt++) {
        const uint64_t begin = w.seed;
        for (int pass = 0; pass < 2; pass++) { /* only what a sentence visits is noted */
            if (pass == 1 && (how != DONE || !cover))
                break;
            w.seed = begin;
            w.cover = pass ? cover : NULL;
            w.n = 0;
            w.n_open = 0;
            w.budget = ((size_t)12 << below(&w, 6)) >> attempt / 4;
            w.upper = chance(&w, 128);
            w.mixed = chance(&w, 24);
            if (w.budget > cap)
                w.budget = cap;
            visit(&w, (size_t)rule);
            how = walk_from(&w, entry);
        }
    }
    *seed = w.seed;
    *n = how == DONE ? w.n : 0;
    return how == DONE ? SIPV_OK : SIPV_NO_SPACE;
}
