/* Do two automata take the same texts?  Both are determinised in step, breadth first, so a
 * difference comes with a shortest text that shows it. */
#include "abnfc.h"

#include <stdlib.h>
#include <string.h>

/* One of the two, made deterministic as far as the comparison has come. */
struct side {
    const struct nfa *a;
    size_t words;
    uint64_t **closure; /* of a state, when it was wanted */
    int *stack;
    struct numbering subsets; /* number 0 is the empty one */
    VEC(int *) rows;          /* of a subset, when it was wanted: a subset for each class */
    VEC(bool) accept;
};

struct pair {
    int a, b, parent;
    int class;
};

/* Bytes that no edge of either automaton tells apart. */
static int classify_both(const struct nfa *a, const struct nfa *b, unsigned char *class_of)
{
    struct numbering sets = {{0}, NULL, 0};
    int n = 1;
    memset(class_of, 0, 256);
    for (int side = 0; side < 2; side++) {
        const struct nfa *of = side ? b : a;
        for (int s = 0; s < of->states.n; s++)
            for (int k = 0; k < of->states.at[s].edges.n; k++)
                if (of->states.at[s].edges.at[k].kind == EDGE_SET)
                    number_words(&sets, of->states.at[s].edges.at[k].set.w, 4);
    }
    for (int i = 0; i < sets.all.n; i++) {
        int map[256][2];
        byteset set;
        memcpy(set.w, sets.all.at[i].at, sizeof set.w);
        memset(map, -1, sizeof map);
        n = 0;
        for (int c = 0; c < 256; c++) {
            int *slot = &map[class_of[c]][set_has(&set, c)];
            if (*slot < 0)
                *slot = n++;
            class_of[c] = (unsigned char)*slot;
        }
    }
    forget_numbers(&sets);
    return n;
}

static const uint64_t *closure_of(struct side *s, int state)
{
    if (s->closure[state])
        return s->closure[state];
    uint64_t *set = s->closure[state] = zalloc(s->words * sizeof *set);
    int n = 0;
    set[state >> 6] |= (uint64_t)1 << (state & 63);
    s->stack[n++] = state;
    while (n) {
        const struct state *from = &s->a->states.at[s->stack[--n]];
        for (int k = 0; k < from->edges.n; k++) {
            const struct edge *e = &from->edges.at[k];
            if (e->kind != EDGE_EPSILON || set[e->to >> 6] >> (e->to & 63) & 1)
                continue;
            set[e->to >> 6] |= (uint64_t)1 << (e->to & 63);
            s->stack[n++] = e->to;
        }
    }
    return set;
}

static int subset_number(struct side *s, const uint64_t *set)
{
    const int n = number_words(&s->subsets, set, s->words);
    if (n == s->rows.n) {
        bool accept = false;
        for (int i = 0; i < s->a->states.n; i++)
            accept |= (set[i >> 6] >> (i & 63) & 1) && s->a->states.at[i].accept;
        *PUSH(&s->rows) = NULL;
        *PUSH(&s->accept) = accept;
    }
    return n;
}

static void open_side(struct side *s, const struct nfa *a)
{
    *s = (struct side){.a = a, .words = (size_t)(a->states.n + 63) / 64};
    s->closure = zalloc(sizeof *s->closure * (size_t)a->states.n);
    s->stack = zalloc(sizeof *s->stack * (size_t)a->states.n);
    uint64_t *none = zalloc(s->words * sizeof *none);
    subset_number(s, none);
    free(none);
}

static void close_side(struct side *s)
{
    for (int i = 0; i < s->a->states.n; i++)
        free(s->closure[i]);
    for (int i = 0; i < s->rows.n; i++)
        free(s->rows.at[i]);
    forget_numbers(&s->subsets);
    free(s->closure);
    free(s->stack);
    free(s->rows.at);
    free(s->accept.at);
}

/* Where each class of bytes leads from a subset. */
static const int *row_of(struct side *s, int subset, const unsigned char *class_of, int n_classes)
{
    if (s->rows.at[subset])
        return s->rows.at[subset];
    uint64_t *to = zalloc(s->words * sizeof *to * (size_t)n_classes);
    int *row = zalloc(sizeof *row * (size_t)n_classes);
    bool reached[256] = {false};
    for (int i = 0; i < s->a->states.n; i++) {
        if (!(s->subsets.all.at[subset].at[i >> 6] >> (i & 63) & 1))
            continue;
        for (int k = 0; k < s->a->states.at[i].edges.n; k++) {
            const struct edge *e = &s->a->states.at[i].edges.at[k];
            if (e->kind != EDGE_SET)
                continue;
            const uint64_t *add = closure_of(s, e->to);
            bool done[256] = {false};
            for (int c = 0; c < 256; c++) {
                if (!set_has(&e->set, c) || done[class_of[c]])
                    continue;
                done[class_of[c]] = reached[class_of[c]] = true;
                for (size_t w = 0; w < s->words; w++)
                    to[(size_t)class_of[c] * s->words + w] |= add[w];
            }
        }
    }
    for (int c = 0; c < n_classes; c++)
        row[c] = reached[c] ? subset_number(s, &to[(size_t)c * s->words]) : 0;
    free(to);
    s->rows.at[subset] = row;
    return row;
}

/* The text that leads to a pair, a byte that people can read for each class where there is one. */
static char *path_to(const struct pair *pairs, int at, const unsigned char *class_of)
{
    unsigned char text[512];
    int n = 0, from = (int)sizeof text;
    for (; pairs[at].parent >= 0 && n < (int)sizeof text; at = pairs[at].parent, n++) {
        int byte = -1;
        for (int c = 0; c < 256; c++)
            if (class_of[c] == pairs[at].class && (byte < 0 || (byte <= 0x20 && c < 0x7f)))
                byte = c;
        text[--from] = (unsigned char)byte;
    }
    return format("%s", show_bytes(text + from, n));
}

struct difference differ(const struct nfa *a, const struct nfa *b)
{
    struct side left, right;
    struct numbering known = {{0}, NULL, 0};
    VEC(struct pair) pairs = {0};
    unsigned char class_of[256];
    struct difference d = {D_NONE, NULL};
    const int n_classes = classify_both(a, b, class_of);
    open_side(&left, a);
    open_side(&right, b);
    *PUSH(&pairs) = (struct pair){subset_number(&left, closure_of(&left, a->start)),
                                  subset_number(&right, closure_of(&right, b->start)), -1, 0};
    for (int i = 0; i < pairs.n && !d.text; i++) {
        const struct pair now = pairs.at[i];
        if (left.accept.at[now.a] != right.accept.at[now.b])
            d.kind = left.accept.at[now.a] ? D_FIRST_TAKES : D_SECOND_TAKES;
        else if (!now.a != !now.b)
            d.kind = now.a ? D_FIRST_GOES_ON : D_SECOND_GOES_ON;
        if (d.kind != D_NONE) {
            d.text = path_to(pairs.at, i, class_of);
            break;
        }
        const int *x = row_of(&left, now.a, class_of, n_classes);
        const int *y = row_of(&right, now.b, class_of, n_classes);
        for (int c = 0; c < n_classes; c++) {
            const uint64_t key = (uint64_t)x[c] << 32 | (uint32_t)y[c];
            const int before = known.all.n;
            if (x[c] | y[c] && number_words(&known, &key, 1) == before)
                *PUSH(&pairs) = (struct pair){x[c], y[c], i, c};
        }
    }
    close_side(&left);
    close_side(&right);
    forget_numbers(&known);
    free(pairs.at);
    return d;
}
