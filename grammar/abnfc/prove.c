/* What was made is what was meant: the proofs that close the way from the program to the matchers.
 *
 * - Every rule's minimal automaton, made from its syntax tree, has the language of the rule's ops.
 *   So it may stand for the rule wherever the program calls it, here and in unfold.c.
 * - Every matcher - its chunks, and the graph that leads from one to the next - has the language of
 *   the ops of its rule, and goes on for exactly as long as some sentence of the rule does.  So it
 *   also knows the first impossible byte.
 *
 * Parameters chosen by name are on both sides what compile.c made of them, the general shape; the
 * table of names judges their values afterwards.  A choice by one scan (`split`) is on the side of
 * the program what the ABNF says, two alternatives; on the other it is bound by what the scan sees.
 *
 * The program is unfolded here once more, and in another way than in unfold.c: this is the check of
 * that file too. */
#include "abnfc.h"

#include <stdlib.h>
#include <string.h>

/* ---- The program of a rule as an automaton --------------------------------------------------- */

struct program {
    struct grammar *g;
    const bool *chosen; /* rules in or below which parameters are chosen by name */
    int top;            /* the rule itself */
    struct nfa *a;
    struct numbering frames; /* open calls: where to return to, the rule, the frame above or -1 */
    struct numbering places; /* an op and a frame */
    VEC(int) states;         /* of the places */
};

static bool mentions(const struct tree *t, const bool *rules)
{
    if (t->kind == T_REF)
        return rules[t->rule];
    for (int i = 0; i < t->kids.n; i++)
        if (mentions(t->kids.at[i], rules))
            return true;
    return false;
}

/* The rules whose ops are wider than the ABNF, since names choose parameters in or below them. */
static bool *find_chosen(struct grammar *g)
{
    bool *chosen = zalloc((size_t)g->rules.n);
    for (int i = 0; i < g->rules.n; i++)
        chosen[i] = g->rules.at[i].is_select;
    for (bool more = true; more;) {
        more = false;
        for (int i = 0; i < g->rules.n; i++)
            if (!chosen[i] && mentions(g->rules.at[i].tree, chosen))
                chosen[i] = more = true;
    }
    return chosen;
}

static int place(struct program *p, int pc, int frame)
{
    const uint64_t key[2] = {(uint64_t)pc, (uint64_t)(int64_t)frame};
    const int n = number_words(&p->places, key, 2);
    if (n == p->states.n) {
        const int state = add_state(p->a);
        *PUSH(&p->states) = state;
    }
    return p->states.at[n];
}

static int open_count(const struct program *p, int frame, int rule)
{
    int n = rule == p->top;
    for (; frame >= 0; frame = (int)(int64_t)p->frames.all.at[frame].at[2])
        n += (int)p->frames.all.at[frame].at[1] == rule;
    return n;
}

static void add_call(struct program *p, int from, int rule, int ret, int frame)
{
    const struct rule *r = &p->g->rules.at[rule];
    if (r->flags & SIPV_RULE_RELAX)
        return;
    if (!p->chosen[rule] && !(r->flags & SIPV_RULE_RECURSIVE)) {
        const int end = add_dfa(p->a, language(p->g, rule), from);
        const int to = place(p, ret, frame);
        add_edge(p->a, end, EDGE_EPSILON, to);
        return;
    }
    if (open_count(p, frame, rule) >= SIPV_COMMENT_DEPTH)
        return;
    const uint64_t key[3] = {(uint64_t)ret, (uint64_t)rule, (uint64_t)(int64_t)frame};
    const int to = place(p, r->entry, number_words(&p->frames, key, 3));
    add_edge(p->a, from, EDGE_EPSILON, to);
}

static void add_op(struct program *p, int pc, int frame)
{
    const sipv_op *op = &p->g->ops.at[pc];
    const int from = place(p, pc, frame);
    int to;
    switch (op->op) {
    case SIPV_OP_SET:
    case SIPV_OP_CUT:
        to = place(p, pc + 1, frame);
        add_edge(p->a, from, EDGE_SET, to)->set =
            op->op == SIPV_OP_SET ? p->g->sets.at[op->x] : set_range(op->a, op->a);
        break;
    case SIPV_OP_SPLIT:
        to = place(p, op->x, frame);
        add_edge(p->a, from, EDGE_EPSILON, to);
        to = place(p, op->y, frame);
        add_edge(p->a, from, EDGE_EPSILON, to);
        break;
    case SIPV_OP_JUMP:
        to = place(p, op->x, frame);
        add_edge(p->a, from, EDGE_EPSILON, to);
        break;
    case SIPV_OP_CALL: add_call(p, from, op->x, pc + 1, frame); break;
    case SIPV_OP_RET:
        if (frame < 0) {
            p->a->states.at[from].accept = true;
            break;
        }
        to = place(p, (int)p->frames.all.at[frame].at[0],
                   (int)(int64_t)p->frames.all.at[frame].at[2]);
        add_edge(p->a, from, EDGE_EPSILON, to);
        break;
    case SIPV_OP_MARK:
        to = place(p, pc + 1, frame);
        add_edge(p->a, from, EDGE_EPSILON, to);
        break;
    case SIPV_OP_LOOK: /* a choice: what the scan has to do with it is for the matcher to show */
        to = place(p, pc + 1, frame);
        add_edge(p->a, from, EDGE_EPSILON, to);
        to = place(p, op->y, frame);
        add_edge(p->a, from, EDGE_EPSILON, to);
        break;
    default: fail("unknown op");
    }
}

static void forget_nfa(struct nfa *a)
{
    for (int i = 0; i < a->states.n; i++)
        free(a->states.at[i].edges.at);
    free(a->states.at);
}

static void program_automaton(struct grammar *g, const bool *chosen, int rule, bool value,
                              struct nfa *out)
{
    struct program p = {.g = g, .chosen = chosen, .top = rule, .a = out};
    const struct rule *r = &g->rules.at[rule];
    out->start = place(&p, value ? r->value_entry : r->entry, -1);
    for (int i = 0; i < p.places.all.n; i++)
        add_op(&p, (int)p.places.all.at[i].at[0], (int)(int64_t)p.places.all.at[i].at[1]);
    trim(out);
    forget_numbers(&p.frames);
    forget_numbers(&p.places);
    free(p.states.at);
}

/* ---- A matcher as an automaton --------------------------------------------------------------- */

/* What the scan saw that led here: nothing is left of it; the byte must come, or must not, before a
 * byte that the scan does not pass; or it saw the contrary, and the matcher is here only to learn
 * how far this alternative would have come. */
enum seen { FREE, BYTE_COMES, BYTE_COMES_NOT, WRONG };

struct matcher {
    const struct graph *graph;
    struct nfa *a;
    struct numbering places; /* node, state of its chunk, seen, the look node that was seen or -1 */
    VEC(int) states;
};

static int matcher_place(struct matcher *m, int node, int state, enum seen seen, int look)
{
    const uint64_t key[4] = {(uint64_t)node, (uint64_t)state, (uint64_t)seen,
                             (uint64_t)(int64_t)look};
    const int n = number_words(&m->places, key, 4);
    if (n == m->states.n) {
        const int fresh = add_state(m->a);
        *PUSH(&m->states) = fresh;
    }
    return m->states.at[n];
}

/* The bytes of an arc, apart by what they make of what the scan saw. */
static void add_arc(struct matcher *m, int from, const byteset *set, int node, int state,
                    enum seen seen, int look)
{
    byteset parts[4] = {{{0}}};
    for (int c = 0; c < 256; c++) {
        enum seen then = seen;
        if (!set_has(set, c))
            continue;
        if (seen == BYTE_COMES || seen == BYTE_COMES_NOT) {
            const struct graph_node *n = &m->graph->nodes.at[look];
            if (c == n->look_byte)
                then = seen == BYTE_COMES ? FREE : WRONG;
            else if (!set_has(&n->look_set, c))
                then = seen == BYTE_COMES ? WRONG : FREE;
        }
        set_add(&parts[then], c);
    }
    for (int k = 0; k < 4; k++) {
        if (set_empty(&parts[k]))
            continue;
        const bool bound = k == BYTE_COMES || k == BYTE_COMES_NOT;
        const int to = matcher_place(m, node, state, (enum seen)k, bound ? look : -1);
        add_edge(m->a, from, EDGE_SET, to)->set = parts[k];
    }
}

static void add_matcher_state(struct matcher *m, int i)
{
    const uint64_t *key = m->places.all.at[i].at;
    const int node = (int)key[0], state = (int)key[1], look = (int)(int64_t)key[3];
    const enum seen seen = (enum seen)key[2];
    const int from = m->states.at[i];
    const struct graph_node *n = &m->graph->nodes.at[node];
    if (n->look) {
        int to = matcher_place(m, n->look_with, 0, seen == WRONG ? WRONG : BYTE_COMES,
                               seen == WRONG ? -1 : node);
        add_edge(m->a, from, EDGE_EPSILON, to);
        to = matcher_place(m, n->look_without, 0, seen == WRONG ? WRONG : BYTE_COMES_NOT,
                           seen == WRONG ? -1 : node);
        add_edge(m->a, from, EDGE_EPSILON, to);
        return;
    }
    const struct chunk_state *s = &n->chunk->states.at[state];
    if (s->end && n->exits.at[s->end->exit_no].target < 0)
        m->a->states.at[from].accept = seen == FREE || seen == BYTE_COMES_NOT;
    for (int k = 0; k < s->arcs.n; k++) {
        const struct arc *arc = &s->arcs.at[k];
        if (arc->leave)
            add_arc(m, from, &arc->set, n->exits.at[arc->leave->exit_no].target, 0, seen, look);
        else
            add_arc(m, from, &arc->set, node, arc->to, seen, look);
    }
}

static void matcher_automaton(const struct graph *graph, struct nfa *out)
{
    struct matcher m = {.graph = graph, .a = out};
    out->start = matcher_place(&m, 0, 0, FREE, -1);
    for (int i = 0; i < m.places.all.n; i++)
        add_matcher_state(&m, i);
    forget_numbers(&m.places);
    free(m.states.at);
}

/* ---- The proofs ------------------------------------------------------------------------------ */

static void must_be_equal(const struct rule *r, const char *made, const struct nfa *program,
                          const struct nfa *other)
{
    const struct difference d = differ(program, other);
    switch (d.kind) {
    case D_NONE: return;
    case D_FIRST_TAKES: fail_in(r, "%s does not take \"%s\", the rule does", made, d.text);
    case D_SECOND_TAKES: fail_in(r, "%s takes \"%s\", the rule does not", made, d.text);
    case D_FIRST_GOES_ON: fail_in(r, "%s ends at \"%s\", the rule goes on behind it", made, d.text);
    case D_SECOND_GOES_ON: fail_in(r, "%s goes on behind \"%s\", the rule does not", made, d.text);
    }
}

static void prove_rule(struct grammar *g, const bool *chosen, int rule)
{
    struct nfa program = {.start = 0}, minimal = {.start = 0};
    program_automaton(g, chosen, rule, false, &program);
    add_state(&minimal);
    const int end = add_dfa(&minimal, language(g, rule), 0);
    minimal.states.at[end].accept = true;
    trim(&minimal);
    must_be_equal(&g->rules.at[rule], "its minimal automaton", &program, &minimal);
    forget_nfa(&program);
    forget_nfa(&minimal);
}

static void prove_matcher(struct grammar *g, const bool *chosen, const struct graph *graph)
{
    struct nfa program = {.start = 0}, matcher = {.start = 0};
    program_automaton(g, chosen, graph->rule, graph->value, &program);
    matcher_automaton(graph, &matcher);
    must_be_equal(&g->rules.at[graph->rule], "its matcher", &program, &matcher);
    forget_nfa(&program);
    forget_nfa(&matcher);
}

void prove(struct grammar *g, const struct graph *graphs, int n)
{
    const bool *chosen = find_chosen(g);
    for (int i = 0; i < g->rules.n; i++)
        if (!chosen[i] && !(g->rules.at[i].flags & SIPV_RULE_RELAX))
            prove_rule(g, chosen, i);
    for (int i = 0; i < n; i++)
        prove_matcher(g, chosen, &graphs[i]);
}

/* ---- Can the proofs fail? ----------------------------------------------------------------------
 *
 * For the tests: one thing is made wrong, and the proof that follows must find it. */

/* The chunk and the state with number `n` among those of all matchers. */
static struct chunk_state *nth_state(int n)
{
    for (int i = 0; i < chunks.all.n; i++) {
        struct chunk *c = chunks.all.at[i];
        if (n < c->states.n)
            return &c->states.at[n];
        n -= c->states.n;
    }
    fail("there is no state to spoil");
}

/* Of the state n / 3: an end less, a byte less or a byte more, by what it has and by n % 3. */
void spoil_matchers(int n)
{
    struct chunk_state *s = nth_state(n / 3);
    if (s->end && (n % 3 == 0 || !s->arcs.n)) {
        s->end = NULL;
        return;
    }
    struct arc *arc = &s->arcs.at[n / 3 % s->arcs.n];
    byteset taken = {{0}};
    for (int i = 0; i < s->arcs.n; i++)
        taken = set_or(taken, s->arcs.at[i].set);
    const int less = set_lowest(&arc->set);
    int more = 0;
    while (more < 256 && set_has(&taken, more))
        more++;
    if (n % 3 == 2 && more < 256)
        set_add(&arc->set, more);
    else
        arc->set.w[less >> 6] &= ~((uint64_t)1 << (less & 63));
}

/* The empty text changes sides. */
void spoil_rule(struct grammar *g, int rule)
{
    bool *accept = language(g, rule)->accept;
    accept[0] = !accept[0];
}
