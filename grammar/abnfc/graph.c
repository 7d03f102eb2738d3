/* The chunks of a rule and where each of their exits leads: a graph that begins with the value and
 * grows by the cuts and choices it meets.  Nodes that do the same are one. */
#include "chunk.h"

int node_for(struct builder *b, int nfa_state)
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
