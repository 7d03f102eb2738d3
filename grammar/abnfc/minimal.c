/* The minimal form of a chunk, and its canonical form: equal forms, equal chunks. */
#include "chunk.h"

#include <stdlib.h>

void add_word(struct key *k, int64_t word)
{
    *PUSH(&k->words) = (uint64_t)word;
}

void add_set(struct key *k, const byteset *s)
{
    for (int i = 0; i < 4; i++)
        *PUSH(&k->words) = s->w[i];
}

int number_key(struct numbering *n, const struct key *k)
{
    return number_words(n, k->words.at, (size_t)k->words.n);
}

/* Ways out are equal if they write the same parts and lead to the same place; once exits are
 * numbered, their number stands for the place. */
static void add_leave(struct key *k, const struct leave *l, bool with_target)
{
    if (!l) {
        add_word(k, -1);
        return;
    }
    if (with_target) {
        add_word(k, l->target);
        add_word(k, l->select);
        add_word(k, l->element);
    } else {
        add_word(k, l->exit_no);
    }
    add_word(k, l->parts.n);
    for (int i = 0; i < l->parts.n; i++) {
        add_word(k, l->parts.at[i].kind);
        add_word(k, l->parts.at[i].open);
        add_word(k, l->parts.at[i].close);
    }
}

/* What an arc does but for the state it leads to. */
static void add_deed(struct key *k, const struct arc *a, bool with_target)
{
    add_leave(k, a->leave, with_target);
    for (int i = 0; i < a->ops.n; i++) {
        add_word(k, a->ops.at[i].reg);
        add_word(k, a->ops.at[i].from);
    }
}

/* The deeds of all arcs and ends of a chunk, numbered. */
struct deeds {
    struct numbering all;
    int *end;  /* of each state */
    int **arc; /* of each arc */
};

static void number_deeds(struct deeds *d, const struct chunk *c)
{
    struct key key = {{0}};
    d->end = zalloc(sizeof *d->end * (size_t)c->states.n);
    d->arc = zalloc(sizeof *d->arc * (size_t)c->states.n);
    for (int s = 0; s < c->states.n; s++) {
        const struct chunk_state *st = &c->states.at[s];
        key.words.n = 0;
        add_leave(&key, st->end, true);
        d->end[s] = number_key(&d->all, &key);
        d->arc[s] = zalloc(sizeof **d->arc * (size_t)st->arcs.n);
        for (int i = 0; i < st->arcs.n; i++) {
            key.words.n = 0;
            add_deed(&key, &st->arcs.at[i], true);
            d->arc[s][i] = number_key(&d->all, &key);
        }
    }
}

/* An arc's deed and where it leads, in one word. */
static int64_t effect_of(const struct deeds *d, const struct chunk *c, int s, int arc,
                         const int *block)
{
    const struct arc *a = &c->states.at[s].arcs.at[arc];
    return (int64_t)(a->leave ? 0 : block[a->to] + 1) << 32 | d->arc[s][arc];
}

struct joined {
    int64_t effect;
    byteset set;
};

/* What a state does, arcs of equal effect together in order of their lowest byte, so that the split
 * into classes leaves no trace. */
static void describe_state(struct key *key, const struct deeds *d, const struct chunk *c, int s,
                           const int *block)
{
    static VEC(struct joined) arcs;
    arcs.n = 0;
    for (int i = 0; i < c->states.at[s].arcs.n; i++) {
        const int64_t effect = effect_of(d, c, s, i, block);
        int k = 0;
        while (k < arcs.n && arcs.at[k].effect != effect)
            k++;
        if (k == arcs.n)
            *PUSH(&arcs) = (struct joined){effect, {{0}}};
        arcs.at[k].set = set_or(arcs.at[k].set, c->states.at[s].arcs.at[i].set);
    }
    key->words.n = 0;
    add_word(key, block[s]);
    add_word(key, d->end[s]);
    while (arcs.n) {
        int best = 0;
        for (int k = 1; k < arcs.n; k++)
            if (set_lowest(&arcs.at[k].set) < set_lowest(&arcs.at[best].set))
                best = k;
        add_word(key, arcs.at[best].effect);
        add_set(key, &arcs.at[best].set);
        arcs.at[best] = arcs.at[--arcs.n];
    }
}

void minimise_chunk(struct chunk *c)
{
    int n = c->states.n, blocks = 1;
    int *block = zalloc(sizeof *block * (size_t)n);
    struct deeds deeds = {.end = NULL};
    struct key key = {{0}};
    number_deeds(&deeds, c);
    for (int before = 0; blocks != before;) {
        before = blocks;
        struct numbering keys = {{0}, NULL, 0};
        int *fresh = zalloc(sizeof *fresh * (size_t)n);
        for (int s = 0; s < n; s++) {
            describe_state(&key, &deeds, c, s, block);
            fresh[s] = number_key(&keys, &key);
        }
        free(block);
        block = fresh;
        blocks = keys.all.n;
        forget_numbers(&keys);
    }
    /* One state a block, arcs of equal effect joined. */
    struct chunk small = {.n_regs = c->n_regs};
    for (int k = 0; k < blocks; k++) {
        int s = 0;
        while (block[s] != k)
            s++;
        struct chunk_state *out = PUSH(&small.states);
        out->end = c->states.at[s].end;
        VEC(int64_t) effects = {0};
        for (int i = 0; i < c->states.at[s].arcs.n; i++) {
            struct arc a = c->states.at[s].arcs.at[i];
            const int64_t effect = effect_of(&deeds, c, s, i, block);
            int e = 0;
            while (e < effects.n && effects.at[e] != effect)
                e++;
            if (e < effects.n) {
                out->arcs.at[e].set = set_or(out->arcs.at[e].set, a.set);
                continue;
            }
            *PUSH(&effects) = effect;
            if (!a.leave)
                a.to = block[a.to];
            *PUSH(&out->arcs) = a;
        }
    }
    *c = small;
}

void number_exits(struct chunk *c, struct graph_node *node)
{
    for (int s = 0; s < c->states.n; s++) {
        for (int i = -1; i < c->states.at[s].arcs.n; i++) {
            struct leave *l = i < 0 ? c->states.at[s].end : c->states.at[s].arcs.at[i].leave;
            if (!l)
                continue;
            int k = 0;
            while (k < node->exits.n && !(node->exits.at[k].target == l->target &&
                                          node->exits.at[k].select == l->select &&
                                          node->exits.at[k].element == l->element))
                k++;
            if (k == node->exits.n) {
                struct exit_to *x = PUSH(&node->exits);
                x->target = l->target;
                x->select = l->select;
                x->element = l->element;
            }
            l->exit_no = k;
        }
    }
    c->n_exits = node->exits.n;
}

/* The canonical form of a chunk: equal forms, equal chunks. */
void describe_chunk(struct key *key, const struct chunk *c)
{
    for (int s = 0; s < c->states.n; s++) {
        const struct chunk_state *st = &c->states.at[s];
        add_leave(key, st->end, false);
        add_word(key, st->arcs.n);
        for (int i = 0; i < st->arcs.n; i++) {
            add_set(key, &st->arcs.at[i].set);
            add_word(key, st->arcs.at[i].leave ? -1 : st->arcs.at[i].to);
            add_word(key, st->arcs.at[i].ops.n);
            add_deed(key, &st->arcs.at[i], false);
        }
    }
}
