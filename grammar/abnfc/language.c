/* The language of a rule: its syntax tree by Thompson's construction, then the minimal automaton.
 * Relaxations have no sentence here, recursion goes as deep as comments may. */
#include "abnfc.h"

#include <string.h>

struct building {
    struct grammar *g;
    struct nfa *a;
    int *depth; /* per rule, how often it is open */
    int top;    /* the rule whose language this is, or -1 */
};

/* Adds what `t` matches between state `from` and the state it returns. */
static int add_tree(struct building *b, const struct tree *t, int from);

static int add_rule(struct building *b, int rule, int from)
{
    const struct rule *r = &b->g->rules.at[rule];
    if (strncmp(r->name, "relax-", 6) == 0 || b->depth[rule] >= SIPV_COMMENT_DEPTH)
        return add_state(b->a); /* unreachable: no sentence */
    /* What no open rule can reach again is put in as its minimal automaton. */
    if (rule != b->top && !(r->flags & SIPV_RULE_RECURSIVE))
        return add_dfa(b->a, language(b->g, rule), from);
    b->depth[rule]++;
    int to;
    if (r->except.n) {
        struct dfa *d = language_of_tree(b->g, r->tree);
        for (int i = 0; i < r->except.n; i++)
            d = minimise(difference(d, language_of_tree(b->g, r->except.at[i])));
        to = add_dfa(b->a, d, from);
    } else {
        to = add_tree(b, r->tree, from);
    }
    b->depth[rule]--;
    return to;
}

static int add_tree(struct building *b, const struct tree *t, int from)
{
    int to;
    switch (t->kind) {
    case T_SEQ:
        for (int i = 0; i < t->kids.n; i++)
            from = add_tree(b, t->kids.at[i], from);
        return from;
    case T_ALT:
        to = add_state(b->a);
        for (int i = 0; i < t->kids.n; i++)
            add_edge(b->a, add_tree(b, t->kids.at[i], from), EDGE_EPSILON, to);
        return to;
    case T_REPEAT:
        for (int i = 0; i < t->min; i++)
            from = add_tree(b, t->kids.at[0], from);
        if (t->max < 0) {
            int loop = add_state(b->a);
            add_edge(b->a, from, EDGE_EPSILON, loop);
            add_edge(b->a, add_tree(b, t->kids.at[0], loop), EDGE_EPSILON, loop);
            return loop;
        }
        to = add_state(b->a);
        for (int i = t->min; i < t->max; i++) {
            add_edge(b->a, from, EDGE_EPSILON, to);
            from = add_tree(b, t->kids.at[0], from);
        }
        add_edge(b->a, from, EDGE_EPSILON, to);
        return to;
    case T_TEXT:
        for (int i = 0; i < t->n; i++) {
            int c = (unsigned char)t->text[i];
            to = add_state(b->a);
            struct edge *e = add_edge(b->a, from, EDGE_SET, to);
            set_add(&e->set, c);
            if (!t->exact && ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
                set_add(&e->set, c ^ 0x20);
            from = to;
        }
        return from;
    case T_RANGE:
        to = add_state(b->a);
        add_edge(b->a, from, EDGE_SET, to)->set = set_range(t->min, t->max);
        return to;
    case T_REF: return add_rule(b, t->rule, from);
    }
    return from;
}

struct dfa *language_of_tree(struct grammar *g, struct tree *t)
{
    if (t->kind == T_REF)
        return language(g, t->rule);
    struct nfa a = {.start = 0};
    struct building b = {g, &a, zalloc(sizeof(int) * (size_t)g->rules.n), -1};
    add_state(&a);
    int end = add_tree(&b, t, 0);
    a.states.at[end].accept = true;
    return minimise(determinise(&a));
}

struct dfa *language(struct grammar *g, int rule)
{
    static VEC(struct dfa *) cache;
    while (cache.n <= rule)
        *PUSH(&cache) = NULL;
    if (!cache.at[rule]) {
        struct nfa a = {.start = 0};
        struct building b = {g, &a, zalloc(sizeof(int) * (size_t)g->rules.n), rule};
        add_state(&a);
        int end = add_rule(&b, rule, 0);
        a.states.at[end].accept = true;
        struct dfa *d = minimise(determinise(&a));
        while (cache.n <= rule)
            *PUSH(&cache) = NULL;
        cache.at[rule] = d;
    }
    return cache.at[rule];
}
