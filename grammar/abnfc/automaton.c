/* Automata without captures: build, determinise, minimise, compare, subtract, trim. */
#include "abnfc.h"

#include <stdlib.h>
#include <string.h>

/* ---- Building -------------------------------------------------------------------------------- */

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

/* ---- Subset construction --------------------------------------------------------------------- */

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

/* ---- Comparing ------------------------------------------------------------------------------- */

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

/* ---- Trimming -------------------------------------------------------------------------------- */

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
