/* What is well formed but cannot be meant: rules without a definition, repetitions of nothing,
 * parameters inside the value of a parameter; and rules that nothing uses. */
#include "abnfc.h"

#include <string.h>

/* ---- Undefined rules ----------------------------------------------------------------------------
 */

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

/* ---- Repetitions of nothing
 * ------------------------------------------------------------------------ */

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

void check_rules(struct grammar *g)
{
    int bad = 0;
    for (int i = 0; i < g->rules.n; i++)
        if (g->rules.at[i].defined)
            report_undefined(g, g->rules.at[i].tree, &bad);
    if (bad)
        fail("%d undefined rules", bad);
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

/* ---- Parameters inside parameters
 * -------------------------------------------------------------------- */

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

/* ---- Unused rules
 * -------------------------------------------------------------------------------------- */

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
