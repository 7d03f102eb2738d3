/* Byte sets, and automata without captures: determinise, minimise, compare, subtract. */
#include "abnfc.h"

#include <stdlib.h>
#include <string.h>

/* ---- Byte sets --------------------------------------------------------------------------------
 */

byteset set_range(int lo, int hi)
{
    byteset s = {{0}};
    for (int c = lo; c <= hi; c++)
        set_add(&s, c);
    return s;
}

byteset set_or(byteset a, byteset b)
{
    for (int i = 0; i < 4; i++)
        a.w[i] |= b.w[i];
    return a;
}

bool set_equal(const byteset *a, const byteset *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

bool set_empty(const byteset *s)
{
    return !(s->w[0] | s->w[1] | s->w[2] | s->w[3]);
}

int set_count(const byteset *s)
{
    int n = 0;
    for (int i = 0; i < 4; i++)
        n += __builtin_popcountll(s->w[i]);
    return n;
}

int set_lowest(const byteset *s)
{
    for (int i = 0; i < 4; i++)
        if (s->w[i])
            return i * 64 + __builtin_ctzll(s->w[i]);
    return -1;
}

const char *show_bytes(const unsigned char *p, int n)
{
    char *text = zalloc((size_t)n * 4 + 1), *q = text;
    for (int i = 0; i < n; i++)
        if (p[i] >= 0x20 && p[i] < 0x7f && p[i] != '\\')
            *q++ = (char)p[i];
        else
            q += sprintf(q, "\\x%02X", p[i]);
    return text;
}

/* ---- Thompson's construction from syntax trees -------------------------------------------------
 */

int add_state(struct nfa *a)
{
    PUSH(&a->states);
    return a->states.n - 1;
}

struct edge *add_edge(struct nfa *a, int from, int kind, int to)
{
    struct edge *e = PUSH(&a->states.at[from].edges);
    e->kind = (uint8_t)kind;
    e->tag = -1;
    e->to = to;
    return e;
}

struct building {
    struct grammar *g;
    struct nfa *a;
    int *depth; /* per rule, how often it is open */
    int top;    /* the rule whose language this is, or -1 */
};

/* Adds what `t` matches between state `from` and the state it returns. */
static int add_tree(struct building *b, const struct tree *t, int from);

int add_dfa(struct nfa *a, const struct dfa *d, int from)
{
    int base = a->states.n, end;
    for (int s = 0; s < d->n; s++)
        add_state(a);
    end = add_state(a);
    for (int s = 0; s < d->n; s++) {
        for (int c = 0; c < 256; c++)
            if (d->next[s][c] >= 0) {
                struct edge *e = NULL;
                for (int k = 0; k < a->states.at[base + s].edges.n; k++)
                    if (a->states.at[base + s].edges.at[k].to == base + d->next[s][c])
                        e = &a->states.at[base + s].edges.at[k];
                if (!e)
                    e = add_edge(a, base + s, EDGE_SET, base + d->next[s][c]);
                set_add(&e->set, c);
            }
        if (d->accept[s])
            add_edge(a, base + s, EDGE_EPSILON, end);
    }
    add_edge(a, from, EDGE_EPSILON, base);
    return end;
}

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

/* ---- Subset construction ------------------------------------------------------------------------
 */

/* The lowest member of `set` from `s` on, or -1. */
static int next_member(const uint64_t *set, size_t words, int s)
{
    size_t w = (size_t)s >> 6;
    if (w >= words)
        return -1;
    uint64_t bits = set[w] >> (s & 63) << (s & 63);
    while (!bits) {
        if (++w == words)
            return -1;
        bits = set[w];
    }
    return (int)(w * 64) + __builtin_ctzll(bits);
}

static bool is_member(const uint64_t *set, int s)
{
    return set[s >> 6] >> (s & 63) & 1;
}

static void add_member(uint64_t *set, int s)
{
    set[s >> 6] |= (uint64_t)1 << (s & 63);
}

static void close_over(const struct nfa *a, uint64_t *set, size_t words, int *stack)
{
    int n = 0;
    for (int s = next_member(set, words, 0); s >= 0; s = next_member(set, words, s + 1))
        stack[n++] = s;
    while (n) {
        const struct state *s = &a->states.at[stack[--n]];
        for (int i = 0; i < s->edges.n; i++) {
            int to = s->edges.at[i].to;
            if (s->edges.at[i].kind != EDGE_EPSILON || is_member(set, to))
                continue;
            add_member(set, to);
            stack[n++] = to;
        }
    }
}

/* The edges with bytes that leave a set of states. */
struct leaving {
    VEC(const struct edge *) edges;
};

static bool leave_set(const struct nfa *a, const uint64_t *set, size_t words, struct leaving *out)
{
    bool accept = false;
    out->edges.n = 0;
    for (int s = next_member(set, words, 0); s >= 0; s = next_member(set, words, s + 1)) {
        accept |= a->states.at[s].accept;
        for (int k = 0; k < a->states.at[s].edges.n; k++)
            if (a->states.at[s].edges.at[k].kind == EDGE_SET)
                *PUSH(&out->edges) = &a->states.at[s].edges.at[k];
    }
    return accept;
}

struct dfa *determinise(const struct nfa *a)
{
    struct numbering subsets = {{0}, NULL, 0};
    const size_t words = (size_t)(a->states.n + 63) / 64;
    int *stack = zalloc(sizeof *stack * (size_t)(a->states.n + 1) * 2);
    uint64_t *set = zalloc(words * 8);
    struct dfa *d = zalloc(sizeof *d);
    struct leaving out = {{0}};
    int cap = 0;
    add_member(set, a->start);
    close_over(a, set, words, stack);
    number_words(&subsets, set, words);
    for (int i = 0; i < subsets.all.n; i++) {
        if (i >= cap) {
            int wider = cap ? cap * 2 : 64;
            d->next = realloc(d->next, sizeof *d->next * (size_t)wider);
            d->accept = realloc(d->accept, (size_t)wider);
            if (!d->next || !d->accept)
                fail("out of memory");
            cap = wider;
        }
        d->accept[i] = leave_set(a, subsets.all.at[i].at, words, &out);
        byteset todo = {{0}};
        for (int k = 0; k < out.edges.n; k++)
            todo = set_or(todo, out.edges.at[k]->set);
        for (int c = 0; c < 256; c++)
            d->next[i][c] = -1;
        for (int c = 0; c < 256; c++) {
            if (!set_has(&todo, c))
                continue;
            memset(set, 0, words * 8);
            byteset same = todo; /* bytes that every edge treats as it treats c */
            for (int k = 0; k < out.edges.n; k++) {
                const struct edge *e = out.edges.at[k];
                bool has = set_has(&e->set, c);
                for (int w = 0; w < 4; w++)
                    same.w[w] &= has ? e->set.w[w] : ~e->set.w[w];
                if (has)
                    add_member(set, e->to);
            }
            close_over(a, set, words, stack);
            int to = number_words(&subsets, set, words);
            for (int k = c; k < 256; k++)
                if (set_has(&same, k)) {
                    d->next[i][k] = to;
                    todo.w[k >> 6] &= ~((uint64_t)1 << (k & 63));
                }
        }
    }
    d->n = subsets.all.n;
    forget_numbers(&subsets);
    free(out.edges.at);
    free(stack);
    free(set);
    return d;
}

/* Dead states removed, then Moore's partition refinement. */
struct dfa *minimise(const struct dfa *d)
{
    int n = d->n;
    bool *live = zalloc((size_t)n + 1);
    for (bool more = true; more;) {
        more = false;
        for (int s = 0; s < n; s++) {
            bool now = d->accept[s];
            for (int c = 0; c < 256 && !now; c++)
                now = d->next[s][c] >= 0 && live[d->next[s][c]];
            if (now && !live[s])
                live[s] = more = true;
        }
    }
    int *block = zalloc(sizeof *block * (size_t)(n + 1)), blocks = 0;
    for (int s = 0; s < n; s++)
        block[s] = live[s] ? d->accept[s] ? 1 : 0 : -1;
    for (int before = -1; blocks != before;) {
        before = blocks;
        blocks = 0;
        struct numbering rows = {{0}, NULL, 0};
        int *fresh = zalloc(sizeof *fresh * (size_t)(n + 1));
        uint64_t row[257];
        for (int s = 0; s < n; s++) {
            if (block[s] < 0) {
                fresh[s] = -1;
                continue;
            }
            row[256] = (uint64_t)block[s];
            for (int c = 0; c < 256; c++)
                row[c] = d->next[s][c] < 0 ? UINT64_MAX : (uint64_t)(int64_t)block[d->next[s][c]];
            fresh[s] = number_words(&rows, row, 257);
        }
        blocks = rows.all.n;
        forget_numbers(&rows);
        free(block);
        block = fresh;
    }
    struct dfa *m = zalloc(sizeof *m);
    if (n == 0 || block[0] < 0) { /* the empty language: one state that leads nowhere */
        m->n = 1;
        m->next = zalloc(sizeof *m->next);
        m->accept = zalloc(1);
        for (int c = 0; c < 256; c++)
            m->next[0][c] = -1;
        return m;
    }
    m->n = blocks;
    m->next = zalloc(sizeof *m->next * (size_t)blocks);
    m->accept = zalloc((size_t)blocks);
    for (int s = 0; s < n; s++) { /* block 0 holds state 0: numbers follow first appearance */
        if (block[s] < 0)
            continue;
        m->accept[block[s]] = d->accept[s];
        for (int c = 0; c < 256; c++)
            m->next[block[s]][c] = d->next[s][c] < 0 ? -1 : block[d->next[s][c]];
    }
    return m;
}

/* ---- Comparing ----------------------------------------------------------------------------------
 */

/* Walks pairs of states in step; b may be dead (-1).  Calls out with each pair once. */
struct pairs {
    const struct dfa *a, *b;
    int *seen; /* (a, b + 1) -> number + 1 */
    VEC(int) s, t, parent, byte;
};

static void add_pair(struct pairs *p, int s, int t, int parent, int byte)
{
    int *slot = &p->seen[s * (p->b->n + 1) + t + 1];
    if (*slot)
        return;
    *PUSH(&p->s) = s;
    *PUSH(&p->t) = t;
    *PUSH(&p->parent) = parent;
    *PUSH(&p->byte) = byte;
    *slot = p->s.n;
}

char *not_included(const struct dfa *a, const struct dfa *b)
{
    struct pairs p = {.a = a, .b = b};
    p.seen = zalloc(sizeof(int) * (size_t)a->n * (size_t)(b->n + 1));
    add_pair(&p, 0, 0, -1, 0);
    for (int i = 0; i < p.s.n; i++) {
        int s = p.s.at[i], t = p.t.at[i];
        if (a->accept[s] && (t < 0 || !b->accept[t])) {
            unsigned char witness[256];
            int n = 0;
            for (int k = i; p.parent.at[k] >= 0 && n < 256; k = p.parent.at[k])
                witness[n++] = (unsigned char)p.byte.at[k];
            for (int k = 0; k < n / 2; k++) {
                unsigned char c = witness[k];
                witness[k] = witness[n - 1 - k];
                witness[n - 1 - k] = c;
            }
            return format("%s", show_bytes(witness, n));
        }
        for (int c = 0; c < 256; c++)
            if (a->next[s][c] >= 0)
                add_pair(&p, a->next[s][c], t < 0 ? -1 : b->next[t][c], i, c);
    }
    return NULL;
}

struct dfa *difference(const struct dfa *a, const struct dfa *b)
{
    struct pairs p = {.a = a, .b = b};
    p.seen = zalloc(sizeof(int) * (size_t)a->n * (size_t)(b->n + 1));
    add_pair(&p, 0, 0, -1, 0);
    for (int i = 0; i < p.s.n; i++)
        for (int c = 0; c < 256; c++)
            if (a->next[p.s.at[i]][c] >= 0)
                add_pair(&p, a->next[p.s.at[i]][c], p.t.at[i] < 0 ? -1 : b->next[p.t.at[i]][c], i,
                         c);
    struct dfa *d = zalloc(sizeof *d);
    d->n = p.s.n;
    d->next = zalloc(sizeof *d->next * (size_t)d->n);
    d->accept = zalloc((size_t)d->n);
    for (int i = 0; i < d->n; i++) {
        int s = p.s.at[i], t = p.t.at[i];
        d->accept[i] = a->accept[s] && !(t >= 0 && b->accept[t]);
        for (int c = 0; c < 256; c++) {
            d->next[i][c] = -1;
            if (a->next[s][c] >= 0)
                d->next[i][c] =
                    p.seen[a->next[s][c] * (b->n + 1) + (t < 0 ? -1 : b->next[t][c]) + 1] - 1;
        }
    }
    return d;
}

/* ---- Trimming -----------------------------------------------------------------------------------
 */

/* Marks the states from which some sentence can still be completed and drops all other edges. */
void trim(struct nfa *a)
{
    for (bool more = true; more;) {
        more = false;
        for (int s = a->states.n - 1; s >= 0; s--) {
            struct state *st = &a->states.at[s];
            bool live = st->accept;
            for (int i = 0; i < st->edges.n && !live; i++) {
                const struct edge *e = &st->edges.at[i];
                live = a->states.at[e->to].live ||
                       (e->kind == EDGE_LOOK && a->states.at[e->other].live);
                if (e->kind == EDGE_SET && set_empty(&e->set))
                    live = false;
            }
            if (live && !st->live)
                st->live = more = true;
        }
    }
    for (int s = 0; s < a->states.n; s++) {
        struct state *st = &a->states.at[s];
        int n = 0;
        for (int i = 0; i < st->edges.n; i++)
            if (a->states.at[st->edges.at[i].to].live || st->edges.at[i].kind == EDGE_LOOK)
                st->edges.at[n++] = st->edges.at[i];
        st->edges.n = n;
    }
}
