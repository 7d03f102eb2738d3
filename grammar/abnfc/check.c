/* What is well formed but cannot be meant: rules without a definition, too large or too deep,
 * repetitions of nothing, parameters inside the value of a parameter; and rules that nothing uses.
 */
#include "abnfc.h"

#include <string.h>

/* ---- Undefined rules ------------------------------------------------------------------------- */

static void report_undefined(struct grammar *g, const struct tree *t, int *bad)
{
    if (t->kind == T_REF && !g->rules.at[t->rule].defined) {
        fprintf(stderr, "%s:%d:%d: %s is not defined\n", t->file, t->line, t->column,
                g->rules.at[t->rule].name);
        ++*bad;
    }
    for (int i = 0; i < t->kids.n; i++)
        report_undefined(g, t->kids.at[i], bad);
}

/* ---- Repetitions of nothing ------------------------------------------------------------------ */

static bool is_nullable(const struct tree *t, const bool *rules)
{
    switch (t->kind) {
    case T_ALT:
        for (int i = 0; i < t->kids.n; i++)
            if (is_nullable(t->kids.at[i], rules))
                return true;
        return false;
    case T_SEQ:
        for (int i = 0; i < t->kids.n; i++)
            if (!is_nullable(t->kids.at[i], rules))
                return false;
        return true;
    case T_REPEAT: return t->min == 0 || is_nullable(t->kids.at[0], rules);
    case T_REF: return rules[t->rule];
    case T_TEXT: return t->n == 0;
    case T_RANGE: return false;
    }
    return false;
}

/* A repetition whose body may be empty has any number of readings. */
static void report_loops(const struct tree *t, const bool *rules, int *bad)
{
    if (t->kind == T_REPEAT && t->max != t->min && t->max != 1 &&
        is_nullable(t->kids.at[0], rules)) {
        fprintf(stderr, "%s:%d:%d: what is repeated may be empty\n", t->file, t->line, t->column);
        ++*bad;
    }
    for (int i = 0; i < t->kids.n; i++)
        report_loops(t->kids.at[i], rules, bad);
}

/* ---- Size -------------------------------------------------------------------------------------
 *
 * abnfc walks trees and rules by functions that call themselves, and unrolls repetitions: both want
 * a bound, found before anything else is done. */

enum { CALLS_MAX = 100, OPS_MAX = 0xfff0 };

/* The ops of a tree, about; of more than there can be at all any number. */
static long count_ops(const struct tree *t)
{
    long n = t->kind == T_TEXT ? t->n : 1;
    for (int i = 0; i < t->kids.n; i++) {
        const long kid = count_ops(t->kids.at[i]);
        n += t->kind != T_REPEAT ? kid : kid * (t->max > t->min ? t->max : t->min + (t->max < 0));
    }
    if (n > OPS_MAX)
        fail_at(t->file, t->line, t->column, "too large: more than %d ops", OPS_MAX);
    return n;
}

/* How deep the calls of a rule go, recursion aside. */
static int call_depth(struct grammar *g, int rule, int above, int *depth);

static int tree_depth(struct grammar *g, const struct tree *t, int above, int *depth)
{
    int most = t->kind == T_REF ? call_depth(g, t->rule, above, depth) : 0;
    for (int i = 0; i < t->kids.n; i++) {
        const int kid = tree_depth(g, t->kids.at[i], above, depth);
        most = kid > most ? kid : most;
    }
    return most;
}

static int call_depth(struct grammar *g, int rule, int above, int *depth)
{
    struct rule *r = &g->rules.at[rule];
    if (r->looking)
        return 0;
    if (above < CALLS_MAX && !depth[rule]) {
        r->looking = true;
        const int below = tree_depth(g, r->tree, above + 1, depth);
        g->rules.at[rule].looking = false;
        depth[rule] = below + 1;
    }
    if (above >= CALLS_MAX || depth[rule] > CALLS_MAX)
        fail_in(&g->rules.at[rule], "rules call each other more than %d deep", CALLS_MAX);
    return depth[rule];
}

/* ---- Languages taken away -------------------------------------------------------------------- */

static bool needs(struct grammar *g, const struct tree *t, int rule, bool *seen)
{
    if (t->kind == T_REF) {
        const struct rule *r = &g->rules.at[t->rule];
        if (t->rule == rule)
            return true;
        if (seen[t->rule])
            return false;
        seen[t->rule] = true;
        for (int i = 0; i < r->except.n; i++)
            if (needs(g, r->except.at[i], rule, seen))
                return true;
        return needs(g, r->tree, rule, seen);
    }
    for (int i = 0; i < t->kids.n; i++)
        if (needs(g, t->kids.at[i], rule, seen))
            return true;
    return false;
}

/* What is left of a rule cannot depend on what is left of it. */
static void check_except(struct grammar *g, int rule)
{
    const struct rule *r = &g->rules.at[rule];
    bool *seen = zalloc((size_t)g->rules.n);
    bool is = r->except.n && needs(g, r->tree, rule, seen);
    for (int i = 0; i < r->except.n; i++)
        is = is || needs(g, r->except.at[i], rule, seen);
    if (is)
        fail_in(r, "`except` takes away from a rule what depends on the rule");
}

void check_rules(struct grammar *g)
{
    int bad = 0;
    for (int i = 0; i < g->rules.n; i++)
        if (g->rules.at[i].defined)
            report_undefined(g, g->rules.at[i].tree, &bad);
    if (bad)
        fail("%d undefined rules", bad);
    int *depth = zalloc(sizeof *depth * (size_t)g->rules.n);
    for (int i = 0; i < g->rules.n; i++) {
        count_ops(g->rules.at[i].tree);
        call_depth(g, i, 0, depth);
    }
    for (int i = 0; i < g->rules.n; i++)
        check_except(g, i);
    bool *rules = zalloc((size_t)g->rules.n);
    for (bool more = true; more;) {
        more = false;
        for (int i = 0; i < g->rules.n; i++)
            if (!rules[i] && is_nullable(g->rules.at[i].tree, rules))
                rules[i] = more = true;
    }
    for (int i = 0; i < g->rules.n; i++)
        report_loops(g->rules.at[i].tree, rules, &bad);
    if (bad)
        fail("%d repetitions of what may be empty", bad);
}

/* ---- Parameters inside parameters ------------------------------------------------------------ */

/* Which select rules `t` reaches. */
static void reach_selects(struct grammar *g, const struct tree *t, bool *seen, bool *reached)
{
    if (t->kind == T_REF) {
        if (g->rules.at[t->rule].is_select)
            reached[t->rule] = true;
        else if (!seen[t->rule]) {
            seen[t->rule] = true;
            reach_selects(g, g->rules.at[t->rule].tree, seen, reached);
        }
    }
    for (int i = 0; i < t->kids.n; i++)
        reach_selects(g, t->kids.at[i], seen, reached);
}

/* Which select rules the values of the select rules in `of` reach.  Says which parameter it was, if
 * there must be none. */
static bool *reach_from_values(struct grammar *g, const bool *of, bool none)
{
    bool *all = zalloc((size_t)g->rules.n);
    for (int i = 0; i < g->selects.n; i++)
        for (int k = 0; of[g->selects.at[i].rule] && k < g->selects.at[i].names.n; k++) {
            const struct select_name *n = &g->selects.at[i].names.at[k];
            if (n->rule < 0)
                continue;
            bool *reached = zalloc((size_t)g->rules.n);
            reach_selects(g, g->rules.at[n->rule].tree, zalloc((size_t)g->rules.n), reached);
            for (int r = 0; r < g->rules.n; r++) {
                const struct rule *keyword = &g->rules.at[n->keyword];
                if (reached[r] && none)
                    fail_at(
                        keyword->file, keyword->line, 1,
                        "the value of %s, itself inside a value, has parameters chosen by name: "
                        "%s",
                        n->name, g->rules.at[r].name);
                all[r] |= reached[r];
            }
        }
    return all;
}

/* A parameter's value may have parameters (a URI in quotes), their values may not: the explaining
 * engine goes no deeper. */
void check_selects(struct grammar *g)
{
    bool *all = zalloc((size_t)g->rules.n);
    for (int i = 0; i < g->selects.n; i++)
        all[g->selects.at[i].rule] = true;
    reach_from_values(g, reach_from_values(g, all, false), true);
}

/* ---- Unused rules ---------------------------------------------------------------------------- */

void note_unused(struct grammar *g)
{
    bool *root = zalloc((size_t)g->rules.n);
    for (int i = 0; i < g->extra_roots.n; i++)
        root[g->extra_roots.at[i]] = true;
    for (int i = 0; i < g->selects.n; i++)
        root[g->selects.at[i].rule] = true;
    for (int i = 0; i < g->views.n; i++)
        for (int k = 0; k < g->views.at[i].headers.n; k++)
            root[g->views.at[i].headers.at[k]] = true;
    for (int i = 0; i < g->rules.n; i++) {
        const struct rule *r = &g->rules.at[i];
        if (!r->used && !root[i] && !(r->flags & SIPV_RULE_HEADER))
            printf("%s:%d: note: nothing uses %s\n", r->file, r->line, r->name);
    }
}
