/* One chunk: a deterministic automaton with registers for the bounds of captures (Laurikari,
 * Trofimovich), and the proofs without which none is made:
 *
 * - after a cut byte the automaton is in exactly that cut (else a shortest witness is reported);
 * - captures are unambiguous: whenever two ways of reading a prefix meet in one state, they have
 *   set the same bounds.
 *
 * Tags take effect when the byte behind them is read, so that a run of bytes inside a capture costs
 * nothing. */
#include "chunk.h"

#include <stdlib.h>
#include <string.h>

enum { STATES_MAX = 500, ARCS_MAX = 2500 };
enum { VERSIONS = 8 };

struct chunk_list chunks;

/* ---- Byte classes ---------------------------------------------------------------------------- */

void classify(struct builder *b)
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

/* ---- Threads --------------------------------------------------------------------------------- */

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

/* ---- States ---------------------------------------------------------------------------------- */

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

/* ---- The chunk ------------------------------------------------------------------------------- */

static void forget_subsets(struct builder *b)
{
    for (int i = 0; i < b->subsets.n; i++)
        forget_threads(&b->subsets.at[i].kernel);
    b->subsets.n = 0;
    forget_numbers(&b->subset_numbers);
}

void build_chunk(struct builder *b, int node)
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
