/* What a sampler can visit, and how to name it: the bits of a cover (see sample.c). */
#include "program.h"
#include "sample.h"

static size_t name_count(const sipv_grammar *g)
{
    return g->n_selects ? g->selects[g->n_selects - 1].first + g->selects[g->n_selects - 1].count
                        : 0u;
}

static size_t bit_count(const sipv_grammar *g)
{
    return g->n_rules + 2u * g->n_ops + name_count(g);
}

size_t sipv_cover_size(const sipv_grammar *g)
{
    return (bit_count(g) + 7u) / 8u;
}

static bool is_set(const unsigned char *cover, size_t bit)
{
    return cover[bit / 8] >> bit % 8 & 1;
}

/* True if it was not set before. */
static bool set(unsigned char *cover, size_t bit)
{
    const bool fresh = !is_set(cover, bit);
    cover[bit / 8] |= (unsigned char)(1u << bit % 8);
    return fresh;
}

/* Where the ops that begin at `entry` end: those of a rule, or of the value of a header rule. */
static unsigned end_of(const sipv_grammar *g, unsigned entry)
{
    unsigned end = g->n_ops;
    for (unsigned r = 0; r < g->n_rules; r++) {
        const sipv_rule *rule = &g->rules[r];
        if (rule->entry > entry && rule->entry < end)
            end = rule->entry;
        if (rule->flags & SIPV_RULE_HEADER && rule->value_entry > entry && rule->value_entry < end)
            end = rule->value_entry;
    }
    return end;
}

static bool is_branch(const sipv_op *op)
{
    return op->op == SIPV_OP_SPLIT || op->op == SIPV_OP_LOOK;
}

/* Where branch 0 or 1 of the op at `pc` leads. */
static unsigned target(const sipv_grammar *g, unsigned pc, unsigned branch)
{
    const sipv_op *op = &g->ops[pc];
    if (branch == 1)
        return op->y;
    return op->op == SIPV_OP_LOOK ? pc + 1 : op->x;
}

/* ---- What can be visited --------------------------------------------------------------------- */

static bool reach_rule(const sipv_grammar *g, unsigned rule, unsigned char *cover)
{
    return rule != SIPV_NO_RULE && !(g->rules[rule].flags & SIPV_RULE_RELAX) && set(cover, rule);
}

static bool reach_names(const sipv_grammar *g, const sipv_select *s, unsigned char *cover)
{
    bool more = reach_rule(g, s->other, cover);
    for (unsigned i = 0; i < s->count; i++) {
        const sipv_select_name *n = &g->select_names[s->first + i];
        set(cover, g->n_rules + 2u * g->n_ops + s->first + i);
        if (n->value != SIPV_VALUE_NONE)
            more |= reach_rule(g, n->rule, cover);
    }
    return more;
}

/* Are the values of all names given by rules, so that the general value is never sampled? */
static bool all_ruled(const sipv_grammar *g, const sipv_select *s)
{
    for (unsigned i = 0; i < s->count; i++) {
        const sipv_select_name *n = &g->select_names[s->first + i];
        if (n->rule == SIPV_NO_RULE && n->value != SIPV_VALUE_NONE)
            return false;
    }
    return s->other != SIPV_NO_RULE;
}

/* Everything from the op `pc` to the end of its rule; true if another rule came to it. */
static bool reach_ops(const sipv_grammar *g, unsigned pc, unsigned char *cover)
{
    const unsigned end = end_of(g, pc);
    const sipv_select *s = NULL;
    bool more = false;
    for (; pc < end; pc++) {
        const sipv_op *op = &g->ops[pc];
        if (op->op == SIPV_OP_CALL)
            more |= reach_rule(g, op->x, cover);
        else if (op->op == SIPV_OP_SET)
            more |= reach_rule(g, op->y, cover);
        if (op->op == SIPV_OP_MARK && op->a == SIPV_MARK_NAME)
            more |= reach_names(g, s = &g->selects[op->x], cover);
        if (op->op == SIPV_OP_MARK && op->a == SIPV_MARK_VALUE && s && all_ruled(g, s))
            while (g->ops[pc].op != SIPV_OP_MARK || g->ops[pc].a != SIPV_MARK_VALUE_END)
                pc++;
        for (unsigned branch = 0; is_branch(op) && branch < 2; branch++)
            if (sipv_sample_leads_on(g, target(g, pc, branch)))
                set(cover, g->n_rules + 2u * pc + branch);
    }
    return more;
}

/* The rule that the RFC gives for a name and its value: it is visited with the name, nothing of it
 * is ever entered. */
static void reach_keywords(const sipv_grammar *g, unsigned char *cover)
{
    for (unsigned i = 0; i < name_count(g); i++)
        if (is_set(cover, g->n_rules + 2u * g->n_ops + i))
            reach_rule(g, g->select_names[i].keyword, cover);
}

int sipv_cover_reach(const sipv_grammar *g, int rule, bool value, unsigned char *cover)
{
    if (!g || !cover || rule < 0 || rule >= g->n_rules ||
        (value && !(g->rules[rule].flags & SIPV_RULE_HEADER)))
        return SIPV_BAD_ARGUMENT;
    set(cover, (size_t)rule);
    reach_ops(g, value ? g->rules[rule].value_entry : g->rules[rule].entry, cover);
    for (bool more = true; more;) {
        more = false;
        for (unsigned r = 0; r < g->n_rules; r++)
            if (r != (unsigned)rule && is_set(cover, r))
                more |= reach_ops(g, g->rules[r].entry, cover);
    }
    reach_keywords(g, cover);
    return SIPV_OK;
}

/* ---- Names ------------------------------------------------------------------------------------
 */

static unsigned rule_at(const sipv_grammar *g, unsigned pc)
{
    unsigned best = 0;
    for (unsigned r = 1; r < g->n_rules; r++)
        if (g->rules[r].entry <= pc &&
            (g->rules[r].entry > g->rules[best].entry || g->rules[best].entry > pc))
            best = r;
    return best;
}

/* What a branch begins with, if that is one thing. */
static void describe_branch(const sipv_grammar *g, unsigned pc, sipv_cover_item *out)
{
    for (unsigned steps = 0; steps < g->n_ops; steps++) {
        const sipv_op *op = &g->ops[pc];
        switch (op->op) {
        case SIPV_OP_JUMP: pc = op->x; break;
        case SIPV_OP_MARK: pc++; break;
        case SIPV_OP_CALL: out->begins_with = g->rules[op->x].name; return;
        case SIPV_OP_CUT: out->byte = op->a; return;
        case SIPV_OP_RET: out->ends = true; return;
        case SIPV_OP_SET:
            if (op->y != SIPV_NO_RULE) {
                out->begins_with = g->rules[op->y].name;
                return;
            }
            for (int c = 0; c < 256; c++)
                if (g->sets[op->x][c / 64] >> c % 64 & 1) {
                    out->byte = c;
                    return;
                }
            return;
        default: return;
        }
    }
}

static void describe(const sipv_grammar *g, size_t bit, sipv_cover_item *out)
{
    if (bit < g->n_rules) {
        out->what = SIPV_COVER_RULE;
        out->rule = (int)bit;
        return;
    }
    bit -= g->n_rules;
    if (bit < 2u * g->n_ops) {
        const unsigned pc = (unsigned)(bit / 2);
        const unsigned rule = rule_at(g, pc);
        out->what = SIPV_COVER_BRANCH;
        out->rule = (int)rule;
        out->branch = (unsigned)(bit % 2) + 1;
        for (unsigned at = g->rules[rule].entry; at <= pc; at++)
            out->choice += is_branch(&g->ops[at]);
        describe_branch(g, target(g, pc, out->branch - 1), out);
        return;
    }
    bit -= 2u * g->n_ops;
    out->what = SIPV_COVER_NAME;
    out->begins_with = g->select_names[bit].name;
    for (unsigned s = 0; s < g->n_selects; s++)
        if (bit >= g->selects[s].first && bit < (size_t)g->selects[s].first + g->selects[s].count)
            out->rule = g->selects[s].rule;
}

/* Is there something that this bit stands for and that has a name? */
static bool is_item(const sipv_grammar *g, size_t bit)
{
    if (bit < g->n_rules)
        return !(g->rules[bit].flags & SIPV_RULE_MADE_UP);
    bit -= g->n_rules;
    return bit >= 2u * g->n_ops || is_branch(&g->ops[bit / 2]);
}

int sipv_cover_next(const sipv_grammar *g, const unsigned char *cover, size_t *at,
                    sipv_cover_item *out)
{
    if (!g || !cover || !at || !out)
        return SIPV_BAD_ARGUMENT;
    for (size_t bit; (bit = *at) < bit_count(g);) {
        ++*at;
        if (!is_set(cover, bit) || !is_item(g, bit))
            continue;
        *out = (sipv_cover_item){.rule = -1, .byte = -1, .bit = bit};
        describe(g, bit, out);
        return SIPV_OK;
    }
    return SIPV_END;
}
