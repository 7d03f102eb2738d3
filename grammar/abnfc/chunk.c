/* The automaton of a rule, cut into chunks; each chunk a deterministic automaton with registers for
 * the bounds of captures (Laurikari, Trofimovich), and the proofs without which none is made:
 *
 * - after a cut byte the automaton is in exactly that cut (else a shortest witness is reported);
 * - captures are unambiguous: whenever two ways of reading a prefix meet in one state, they have
 *   set the same bounds.
 *
 * Tags take effect when the byte behind them is read, so that a run of bytes inside a capture costs
 * nothing. */
#include "abnfc.h"

#include <stdlib.h>
#include <string.h>

enum { UNSET = -2, HERE = -1 };
enum { STATES_MAX = 500, ARCS_MAX = 2500 };

struct chunk_list chunks;

/* A thread: an NFA state and where each tag was last set (register, HERE or UNSET). */
struct thread {
    int state;
    int *at;
};

struct threads {
    VEC(struct thread) all;
};

struct subset {
    struct threads kernel;
    int parent, byte;
};

struct builder {
    struct grammar *g;
    const struct nfa *nfa;
    const struct rule *rule;
    int *tag_number; /* NFA tag -> 0.., -1 if it does not occur */
    int *tags;       /* and back */
    int n_tags;
    unsigned char class_of[256], example[256];
    int n_classes;
    VEC(struct subset) subsets;
    struct numbering subset_numbers;
    int *reg; /* (tag, version) -> register + 1 */
    int n_regs;
    struct chunk *chunk;
    struct graph *graph;
    VEC(int) node_of_state; /* NFA state -> graph node + 1 */
};

enum { VERSIONS = 8 };

/* ---- Byte classes -------------------------------------------------------------------------------
 */

static void classify(struct builder *b)
{
    VEC(byteset) sets = {0};
    for (int s = 0; s < b->nfa->states.n; s++)
        for (int k = 0; k < b->nfa->states.at[s].edges.n; k++) {
            const struct edge *e = &b->nfa->states.at[s].edges.at[k];
            if (e->kind == EDGE_EPSILON || e->kind == EDGE_LOOK)
                continue;
            byteset set = e->kind == EDGE_CUT ? set_range(e->byte, e->byte) : e->set;
            bool known = false;
            for (int i = 0; i < sets.n && !known; i++)
                known = set_equal(&sets.at[i], &set);
            if (!known)
                *PUSH(&sets) = set;
        }
    int n = 1;
    memset(b->class_of, 0, 256);
    for (int i = 0; i < sets.n; i++) {
        int map[256][2];
        memset(map, -1, sizeof map);
        int fresh = 0;
        unsigned char next[256];
        for (int c = 0; c < 256; c++) {
            int *slot = &map[b->class_of[c]][set_has(&sets.at[i], c)];
            if (*slot < 0)
                *slot = fresh++;
            next[c] = (unsigned char)*slot;
        }
        memcpy(b->class_of, next, 256);
        n = fresh;
    }
    b->n_classes = n;
    for (int c = 255; c >= 0; c--)
        b->example[b->class_of[c]] = (unsigned char)c;
    /* A letter or another visible byte makes a better witness than a control. */
    for (int c = 0x7e; c > 0x20; c--)
        b->example[b->class_of[c]] = (unsigned char)c;
}

/* ---- Threads ------------------------------------------------------------------------------------
 */

static int *copy_tags(const struct builder *b, const int *at)
{
    int *copy = zalloc(sizeof *copy * (size_t)(b->n_tags + 1));
    memcpy(copy, at, sizeof *copy * (size_t)b->n_tags);
    return copy;
}

static const char *witness(const struct builder *b, int subset, int byte)
{
    unsigned char text[512];
    int n = 0;
    if (byte >= 0)
        text[n++] = (unsigned char)byte;
    for (int i = subset; b->subsets.at[i].parent >= 0 && n < 512; i = b->subsets.at[i].parent)
        text[n++] = (unsigned char)b->subsets.at[i].byte;
    for (int i = 0; i < n / 2; i++) {
        unsigned char c = text[i];
        text[i] = text[n - 1 - i];
        text[n - 1 - i] = c;
    }
    return show_bytes(text, n);
}

static const char *tag_name(const struct builder *b, int tag)
{
    int t = b->tags[tag];
    if (t >= 2 * b->g->kinds.n)
        return format("choice of %s",
                      b->g->rules.at[b->g->selects.at[t - 2 * b->g->kinds.n].rule].name);
    return format("%s of %s", t & 1 ? "end" : "start", b->g->kinds.at[t / 2]);
}

/* Two readings meet: they must agree. */
static void must_agree(const struct builder *b, const int *x, const int *y, int subset, int byte)
{
    for (int t = 0; t < b->n_tags; t++)
        if (x[t] != y[t])
            fail_in(b->rule, "the %s is ambiguous after \"%s\"", tag_name(b, t),
                    witness(b, subset, byte));
}

/* What can be reached without a byte, in order of priority; first arrival wins. */
static void close_thread(const struct builder *b, int state, const int *at, int **seen,
                         struct threads *out, int subset)
{
    if (seen[state]) {
        must_agree(b, seen[state], at, subset, -1);
        return;
    }
    int *mine = copy_tags(b, at);
    seen[state] = mine;
    struct thread *t = PUSH(&out->all);
    t->state = state;
    t->at = mine;
    const struct state *s = &b->nfa->states.at[state];
    for (int i = 0; i < s->edges.n; i++) {
        const struct edge *e = &s->edges.at[i];
        if (e->kind != EDGE_EPSILON)
            continue;
        int *next = copy_tags(b, mine);
        if (e->tag >= 0)
            next[b->tag_number[e->tag]] = HERE;
        close_thread(b, e->to, next, seen, out, subset);
        free(next);
    }
}

static void forget_threads(struct threads *t)
{
    for (int i = 0; i < t->all.n; i++)
        free(t->all.at[i].at);
    free(t->all.at);
}

/* ---- States -------------------------------------------------------------------------------------
 */

static int register_of(struct builder *b, int tag, int version)
{
    if (version >= VERSIONS)
        fail_in(b->rule, "more than %d versions of the %s", VERSIONS, tag_name(b, tag));
    int *slot = &b->reg[tag * VERSIONS + version];
    if (!*slot)
        *slot = ++b->n_regs;
    return *slot - 1;
}

/* Renames the tag values of `k` to the registers of their order of appearance and lists the
 * assignments that make it so. */
static void canonical(struct builder *b, struct threads *k, struct arc *arc)
{
    for (int t = 0; t < b->n_tags; t++) {
        int values[VERSIONS], n = 0;
        for (int i = 0; i < k->all.n; i++) {
            int v = k->all.at[i].at[t], version = 0;
            if (v == UNSET)
                continue;
            while (version < n && values[version] != v)
                version++;
            if (version == n) {
                if (n < VERSIONS)
                    values[n++] = v;
                else
                    register_of(b, t, VERSIONS); /* fails */
            }
            k->all.at[i].at[t] = register_of(b, t, version);
        }
        for (int version = 0; version < n; version++) {
            int r = register_of(b, t, version);
            if (values[version] == r)
                continue;
            struct op_assign *op = PUSH(&arc->ops);
            op->reg = r;
            op->from = values[version];
        }
    }
}

/* The number of a kernel, which belongs to the subsets from now on. */
static int subset_of(struct builder *b, struct threads *k, int parent, int byte)
{
    const size_t width = (size_t)b->n_tags + 1;
    uint64_t *key = zalloc(sizeof *key * width * (size_t)k->all.n), *at = key;
    for (int i = 0; i < k->all.n; i++) {
        *at++ = (uint64_t)k->all.at[i].state;
        for (int t = 0; t < b->n_tags; t++)
            *at++ = (uint64_t)k->all.at[i].at[t];
    }
    const int number = number_words(&b->subset_numbers, key, (size_t)(at - key));
    free(key);
    if (number < b->subsets.n) {
        forget_threads(k);
        return number;
    }
    if (b->subsets.n > STATES_MAX * 8)
        fail_in(b->rule, "a chunk has more than %d states; at \"%s\"", STATES_MAX * 8,
                witness(b, parent, byte));
    struct subset *s = PUSH(&b->subsets);
    s->kernel = *k;
    s->parent = parent;
    s->byte = byte;
    return number;
}

static int node_for(struct builder *b, int nfa_state)
{
    while (b->node_of_state.n <= nfa_state)
        *PUSH(&b->node_of_state) = 0;
    if (!b->node_of_state.at[nfa_state]) {
        struct graph_node *n = PUSH(&b->graph->nodes);
        n->nfa_state = nfa_state;
        b->node_of_state.at[nfa_state] = b->graph->nodes.n;
    }
    return b->node_of_state.at[nfa_state] - 1;
}

static struct leave *leave_with(struct builder *b, const int *at, int target, bool element)
{
    struct leave *l = zalloc(sizeof *l);
    l->target = target;
    l->element = element;
    l->select = -1;
    l->exit_no = -1;
    for (int t = 0; t < b->n_tags; t++)
        if (b->tags[t] >= 2 * b->g->kinds.n && at[t] != UNSET)
            l->select = b->tags[t] - 2 * b->g->kinds.n;
    for (int k = 0; k < b->g->kinds.n; k++) {
        int o = b->tag_number[2 * k], c = b->tag_number[2 * k + 1];
        struct part p = {k, o < 0 ? UNSET : at[o], c < 0 ? UNSET : at[c]};
        if (p.open != UNSET || p.close != UNSET)
            *PUSH(&l->parts) = p;
    }
    return l;
}

static void explore_class(struct builder *b, int from, const struct threads *closed, int class,
                          struct chunk_state *out)
{
    int byte = b->example[class], cut_to = -1;
    struct threads kernel = {{0}};
    const int *cut_tags = NULL;
    const struct edge *cut = NULL;
    for (int i = 0; i < closed->all.n; i++) {
        const struct thread *t = &closed->all.at[i];
        const struct state *s = &b->nfa->states.at[t->state];
        for (int k = 0; k < s->edges.n; k++) {
            const struct edge *e = &s->edges.at[k];
            if (e->kind == EDGE_CUT && e->byte == byte) {
                if (cut && cut_to != e->to)
                    fail_in(b->rule, "two cuts at one byte: \"%s\"", witness(b, from, byte));
                if (cut)
                    must_agree(b, cut_tags, t->at, from, byte);
                cut = e;
                cut_to = e->to;
                cut_tags = t->at;
            } else if (e->kind == EDGE_SET && set_has(&e->set, byte)) {
                bool known = false;
                for (int j = 0; j < kernel.all.n && !known; j++)
                    if (kernel.all.at[j].state == e->to) {
                        must_agree(b, kernel.all.at[j].at, t->at, from, byte);
                        known = true;
                    }
                if (known)
                    continue;
                struct thread *next = PUSH(&kernel.all);
                next->state = e->to;
                next->at = copy_tags(b, t->at);
            }
        }
    }
    if (cut && kernel.all.n)
        fail_in(b->rule, "the cut '%c' is not exact, it may also be another byte: \"%s\"", byte,
                witness(b, from, byte));
    if (!cut && !kernel.all.n)
        return;
    struct arc *arc = PUSH(&out->arcs);
    for (int c = 0; c < 256; c++)
        if (b->class_of[c] == class)
            set_add(&arc->set, c);
    if (cut) {
        arc->to = -1;
        arc->leave =
            leave_with(b, cut_tags, node_for(b, cut_to),
                       b->graph->view && b->g->cuts.at[cut->cut].rule == b->graph->view->each_rule);
        return;
    }
    canonical(b, &kernel, arc);
    arc->to = subset_of(b, &kernel, from, byte);
}

static void explore(struct builder *b, int i, struct chunk_state *out)
{
    int **seen = zalloc(sizeof *seen * (size_t)b->nfa->states.n);
    struct threads closed = {{0}};
    for (int k = 0; k < b->subsets.at[i].kernel.all.n; k++)
        close_thread(b, b->subsets.at[i].kernel.all.at[k].state,
                     b->subsets.at[i].kernel.all.at[k].at, seen, &closed, i);
    free(seen);
    const int *end = NULL;
    for (int k = 0; k < closed.all.n; k++) {
        const struct state *s = &b->nfa->states.at[closed.all.at[k].state];
        for (int e = 0; e < s->edges.n; e++)
            if (s->edges.at[e].kind == EDGE_LOOK)
                fail_in(b->rule, "a split must stand behind a cut: \"%s\"", witness(b, i, -1));
        if (!s->accept)
            continue;
        if (end)
            must_agree(b, end, closed.all.at[k].at, i, -1);
        end = closed.all.at[k].at;
    }
    if (end)
        out->end = leave_with(b, end, -1, false);
    for (int c = 0; c < b->n_classes; c++)
        explore_class(b, i, &closed, c, out);
    forget_threads(&closed);
}

/* ---- Minimising, and the canonical form ---------------------------------------------------------
 */

struct key {
    VEC(uint64_t) words;
};

static void add_word(struct key *k, int64_t word)
{
    *PUSH(&k->words) = (uint64_t)word;
}

static void add_set(struct key *k, const byteset *s)
{
    for (int i = 0; i < 4; i++)
        *PUSH(&k->words) = s->w[i];
}

static int number_key(struct numbering *n, const struct key *k)
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

static void minimise_chunk(struct chunk *c)
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

static void number_exits(struct chunk *c, struct graph_node *node)
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
static void describe_chunk(struct key *key, const struct chunk *c)
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

/* ---- Chunks of a rule ------------------------------------------------------------------------ */

static bool is_look(struct builder *b, int number)
{
    int state = b->graph->nodes.at[number].nfa_state;
    for (;;) {
        const struct state *s = &b->nfa->states.at[state];
        if (s->accept || s->edges.n != 1)
            return false;
        const struct edge *e = &s->edges.at[0];
        if (e->kind == EDGE_EPSILON && e->tag < 0) {
            state = e->to;
            continue;
        }
        if (e->kind != EDGE_LOOK)
            return false;
        int with = node_for(b, e->to), without = node_for(b, e->other);
        struct graph_node *node = &b->graph->nodes.at[number];
        node->look = true;
        node->look_set = e->set;
        node->look_byte = e->byte;
        node->look_with = with;
        node->look_without = without;
        return true;
    }
}

/* The choice by one scan is right if the alternative without the byte cannot reach it over the
 * bytes that are scanned. */
static void prove_look(struct builder *b, const struct graph_node *node)
{
    bool *seen = zalloc((size_t)b->nfa->states.n);
    VEC(int) queue = {0};
    *PUSH(&queue) = b->graph->nodes.at[node->look_without].nfa_state;
    for (int i = 0; i < queue.n; i++) {
        const struct state *s = &b->nfa->states.at[queue.at[i]];
        for (int k = 0; k < s->edges.n; k++) {
            const struct edge *e = &s->edges.at[k];
            byteset set = e->kind == EDGE_CUT ? set_range(e->byte, e->byte) : e->set;
            bool through = e->kind == EDGE_EPSILON || e->kind == EDGE_LOOK;
            if (!through && set_has(&set, node->look_byte))
                fail_in(b->rule, "the alternative without '%c' can reach it", node->look_byte);
            for (int w = 0; w < 4 && !through; w++)
                through = (set.w[w] & node->look_set.w[w]) != 0;
            int to[2] = {e->to, e->kind == EDGE_LOOK ? e->other : e->to};
            for (int t = 0; through && t < 2; t++)
                if (!seen[to[t]]) {
                    seen[to[t]] = true;
                    *PUSH(&queue) = to[t];
                }
        }
    }
}

static void forget_subsets(struct builder *b)
{
    for (int i = 0; i < b->subsets.n; i++)
        forget_threads(&b->subsets.at[i].kernel);
    b->subsets.n = 0;
    forget_numbers(&b->subset_numbers);
}

static void build_chunk(struct builder *b, int node)
{
    b->n_regs = 0;
    b->reg = zalloc(sizeof *b->reg * (size_t)(b->n_tags * VERSIONS + 1));
    struct chunk *c = zalloc(sizeof *c);
    struct threads start = {{0}};
    struct thread *t = PUSH(&start.all);
    t->state = b->graph->nodes.at[node].nfa_state;
    t->at = zalloc(sizeof(int) * (size_t)(b->n_tags + 1));
    for (int i = 0; i < b->n_tags; i++)
        t->at[i] = UNSET;
    subset_of(b, &start, -1, 0);
    for (int i = 0; i < b->subsets.n; i++) {
        struct chunk_state s = {.end = NULL};
        explore(b, i, &s);
        *PUSH(&c->states) = s;
    }
    c->n_regs = b->n_regs;
    forget_subsets(b);
    free(b->reg);
    minimise_chunk(c);
    number_exits(c, &b->graph->nodes.at[node]);
    int arcs = 0;
    for (int i = 0; i < c->states.n; i++)
        arcs += c->states.at[i].arcs.n;
    if (c->states.n > STATES_MAX || arcs > ARCS_MAX)
        fail_in(b->rule, "a chunk of %d states and %d arcs is too large", c->states.n, arcs);
    static struct numbering forms;
    struct key key = {{0}};
    describe_chunk(&key, c);
    c->id = number_key(&forms, &key);
    if (c->id == chunks.all.n)
        *PUSH(&chunks.all) = c;
    b->graph->nodes.at[node].chunk = chunks.all.at[c->id];
}

/* Nodes that do the same become one: by chunk, then by where their exits lead. */
static void merge_nodes(struct graph *gr)
{
    int n = gr->nodes.n, blocks = 0;
    int *block = zalloc(sizeof *block * (size_t)n);
    for (int before = -1; blocks != before;) {
        before = blocks;
        struct numbering keys = {{0}, NULL, 0};
        int *fresh = zalloc(sizeof *fresh * (size_t)n);
        for (int i = 0; i < n; i++) {
            const struct graph_node *g = &gr->nodes.at[i];
            struct key key = {{0}};
            add_word(&key, block[i]);
            add_word(&key, g->look ? -1 : g->chunk->id);
            if (g->look) {
                add_word(&key, g->look_byte);
                add_set(&key, &g->look_set);
                add_word(&key, block[g->look_with]);
                add_word(&key, block[g->look_without]);
            }
            for (int k = 0; k < g->exits.n; k++) {
                const struct exit_to *x = &g->exits.at[k];
                add_word(&key, x->target < 0 ? -1 : block[x->target]);
                add_word(&key, x->select);
                add_word(&key, x->element);
            }
            fresh[i] = number_key(&keys, &key);
        }
        block = fresh;
        blocks = keys.all.n;
    }
    struct graph small = *gr;
    small.nodes.at = NULL;
    small.nodes.n = small.nodes.cap = 0;
    for (int k = 0; k < blocks; k++) {
        int i = 0;
        while (block[i] != k)
            i++;
        struct graph_node node = gr->nodes.at[i];
        if (node.look) {
            node.look_with = block[node.look_with];
            node.look_without = block[node.look_without];
        }
        for (int e = 0; e < node.exits.n; e++)
            if (node.exits.at[e].target >= 0)
                node.exits.at[e].target = block[node.exits.at[e].target];
        *PUSH(&small.nodes) = node;
    }
    *gr = small;
}

void build_graph(struct grammar *g, struct graph *out, int rule, bool value,
                 const struct view *view)
{
    struct nfa nfa = {.start = 0};
    unfold(g, rule, value, view, &nfa);
    *out = (struct graph){.rule = rule, .value = value, .view = view};
    struct builder b = {.g = g, .nfa = &nfa, .rule = &g->rules.at[rule], .graph = out};
    b.tag_number = zalloc(sizeof(int) * (size_t)tag_count(g));
    b.tags = zalloc(sizeof(int) * (size_t)tag_count(g));
    for (int i = 0; i < tag_count(g); i++)
        b.tag_number[i] = -1;
    for (int s = 0; s < nfa.states.n; s++)
        for (int k = 0; k < nfa.states.at[s].edges.n; k++) {
            int tag = nfa.states.at[s].edges.at[k].tag;
            if (tag >= 0 && b.tag_number[tag] < 0) {
                b.tags[b.n_tags] = tag;
                b.tag_number[tag] = b.n_tags++;
            }
        }
    if (!nfa.states.at[nfa.start].live)
        fail_in(b.rule, "it has no sentence");
    classify(&b);
    node_for(&b, nfa.start);
    for (int i = 0; i < out->nodes.n; i++) {
        if (is_look(&b, i))
            prove_look(&b, &out->nodes.at[i]);
        else
            build_chunk(&b, i);
    }
    merge_nodes(out);
}
