/* Chunks and graphs -> the tables of ../src/match.h. */
#include "abnfc.h"

#include <stdlib.h>
#include <string.h>

/* ---- Order --------------------------------------------------------------------------------------
 */

static int likelihood(const struct arc *a)
{
    static const char often[] = ";=@>:,<\"./-";
    int lowest = set_lowest(&a->set), n = set_count(&a->set);
    if (n > 8)
        return 1000 + n;
    const char *at = lowest > 0 ? strchr(often, lowest) : NULL;
    if (n == 1 && at)
        return 500 - (int)(at - often);
    if (set_has(&a->set, ' '))
        return 50;
    return lowest < 0x20 ? 1 : 100 + n;
}

int *likely_order(const struct chunk_state *s)
{
    int *order = zalloc(sizeof *order * (size_t)(s->arcs.n + 1));
    for (int i = 0; i < s->arcs.n; i++)
        order[i] = i;
    for (int i = 1; i < s->arcs.n; i++)
        for (int k = i;
             k > 0 && likelihood(&s->arcs.at[order[k]]) > likelihood(&s->arcs.at[order[k - 1]]);
             k--) {
            int t = order[k];
            order[k] = order[k - 1];
            order[k - 1] = t;
        }
    return order;
}

/* ---- Chunks -------------------------------------------------------------------------------------
 */

/* The sequences of a table, equal ones once. */
struct pool {
    struct numbering numbers;
    VEC(int) first; /* of each sequence */
    int n;          /* entries so far */
    FILE *f;
};

static int reg_of(int reg)
{
    return reg == -1 ? SIPV_HERE : reg == -2 ? SIPV_ELSEWHERE : reg;
}

static int ops_of(struct pool *ops, const struct arc *a)
{
    uint64_t words[2 * SIPV_CHUNK_REGISTERS];
    if (a->ops.n == 0)
        return 0;
    if (a->ops.n > SIPV_CHUNK_REGISTERS)
        fail("an arc has more than %d assignments", SIPV_CHUNK_REGISTERS);
    for (int i = 0; i < a->ops.n; i++) {
        words[2 * i] = (uint64_t)a->ops.at[i].reg;
        words[2 * i + 1] = (uint64_t)reg_of(a->ops.at[i].from);
    }
    const int k = number_words(&ops->numbers, words, 2 * (size_t)a->ops.n);
    if (k < ops->first.n)
        return ops->first.at[k];
    fprintf(ops->f, "%d,", a->ops.n);
    for (int i = 0; i < 2 * a->ops.n; i++)
        fprintf(ops->f, "%d,", (int)words[i]);
    fprintf(ops->f, "\n    ");
    *PUSH(&ops->first) = ops->n;
    ops->n += 1 + 2 * a->ops.n;
    return *(&ops->first.at[k]);
}

struct tables {
    struct grammar *g;
    struct pool ops, parts, leaves;
    int n_states, n_arcs;
    FILE *states, *arcs;
};

static int parts_of(struct tables *t, const struct leave *l)
{
    uint64_t words[SIPV_CHUNK_PARTS];
    if (l->parts.n >= SIPV_CHUNK_PARTS)
        fail("a chunk has more than %d captures", SIPV_CHUNK_PARTS);
    for (int i = 0; i < l->parts.n; i++) {
        const struct part *p = &l->parts.at[i];
        words[i] =
            (uint64_t)p->kind << 16 | (uint64_t)reg_of(p->open) << 8 | (uint64_t)reg_of(p->close);
    }
    const int k = number_words(&t->parts.numbers, words, (size_t)l->parts.n);
    if (k < t->parts.first.n)
        return t->parts.first.at[k];
    for (int i = 0; i < l->parts.n; i++)
        fprintf(t->parts.f, "    {%d, %d, %d}, /* %s */\n", l->parts.at[i].kind,
                reg_of(l->parts.at[i].open), reg_of(l->parts.at[i].close),
                t->g->kinds.at[l->parts.at[i].kind]);
    *PUSH(&t->parts.first) = t->parts.n;
    t->parts.n += l->parts.n;
    return t->parts.first.at[k];
}

static int leave_of(struct tables *t, const struct leave *l)
{
    const int parts = parts_of(t, l);
    const uint64_t words[3] = {(uint64_t)parts, (uint64_t)l->parts.n, (uint64_t)l->exit_no};
    const int k = number_words(&t->leaves.numbers, words, 3);
    if (k < t->leaves.n)
        return k;
    fprintf(t->leaves.f, "    {%d, %d, %d},\n", parts, l->parts.n, l->exit_no);
    return t->leaves.n++;
}

/* States keep the order of the chunk; returns the number of its first. */
static int emit_chunk(struct tables *t, const struct chunk *c)
{
    const int first = t->n_states;
    if (c->n_regs > SIPV_CHUNK_REGISTERS)
        fail("a chunk has more than %d registers", SIPV_CHUNK_REGISTERS);
    for (int s = 0; s < c->states.n; s++) {
        const struct chunk_state *st = &c->states.at[s];
        const int *order = likely_order(st);
        fprintf(t->states, "    {%d, %d},\n", t->n_arcs,
                st->end ? leave_of(t, st->end) : SIPV_NONE);
        t->n_states++;
        for (int i = 0; i < st->arcs.n; i++) {
            const struct arc *a = &st->arcs.at[order[i]];
            const int to = a->leave ? leave_of(t, a->leave) | SIPV_LEAVES : first + a->to;
            fprintf(t->arcs, "    {%d, %d, %d},\n", set_index(t->g, a->set), ops_of(&t->ops, a),
                    to);
            t->n_arcs++;
        }
    }
    if (t->n_states >= SIPV_LEAVES || t->leaves.n >= SIPV_LEAVES || t->n_arcs > 0xffff ||
        t->ops.n > 0xffff)
        fail("the automata do not fit 16-bit numbers");
    return first;
}

/* ---- Graphs -------------------------------------------------------------------------------------
 */

static int alike(const struct grammar *g, int select)
{
    return select < 0 ? -1 : g->selects.at[select].alike;
}

/* Everything that makes two graphs the same matcher. */
static int graph_number(const struct grammar *g, struct numbering *graphs, const struct graph *gr)
{
    VEC(uint64_t) words = {0};
    for (int i = 0; i < gr->nodes.n; i++) {
        const struct graph_node *node = &gr->nodes.at[i];
        *PUSH(&words) = node->look ? 1 : 2 + (uint64_t)node->chunk->id;
        if (node->look) {
            *PUSH(&words) = (uint64_t)node->look_byte;
            *PUSH(&words) = (uint64_t)node->look_with;
            *PUSH(&words) = (uint64_t)node->look_without;
            for (int w = 0; w < 4; w++)
                *PUSH(&words) = node->look_set.w[w];
        }
        for (int k = 0; k < node->exits.n; k++) {
            *PUSH(&words) = (uint64_t)(node->exits.at[k].target + 1);
            *PUSH(&words) = (uint64_t)(alike(g, node->exits.at[k].select) + 1);
            *PUSH(&words) = (uint64_t)node->exits.at[k].element;
        }
    }
    return number_words(graphs, words.at, (size_t)words.n);
}

static int emit_node(const struct graph_node *node, int first_node, int first_exit,
                     const int *chunk_state, struct grammar *g, FILE *nodes, FILE *exits)
{
    if (node->look) {
        fprintf(nodes, "    {SIPV_NONE, %d, %d, %d},\n", first_exit, set_index(g, node->look_set),
                node->look_byte);
        fprintf(exits, "    {%d, 0xff, false}, {%d, 0xff, false},\n", first_node + node->look_with,
                first_node + node->look_without);
        return 2;
    }
    fprintf(nodes, "    {%d, %d, 0, 0},\n", chunk_state[node->chunk->id], first_exit);
    for (int k = 0; k < node->exits.n; k++) {
        const struct exit_to *x = &node->exits.at[k];
        fprintf(exits, "    {%d, %d, %s},\n", x->target < 0 ? SIPV_NONE : first_node + x->target,
                x->select < 0 ? 0xff : alike(g, x->select), x->element ? "true" : "false");
    }
    return node->exits.n;
}

bool is_port(const struct grammar *g, int kind)
{
    const char *name = g->kinds.at[kind];
    return strcmp(name, "port") == 0 || strcmp(name, "uri.port") == 0;
}

static void emit_kinds(const struct grammar *g, FILE *f)
{
    fprintf(f, "static const sipv_kind_check kind_checks[] = {\n");
    for (int i = 0; i < g->kinds.n; i++) {
        const int digits = i < g->kind_digits.n ? g->kind_digits.at[i] : 0;
        fprintf(f, "    {%d, %s, \"%s\"},\n", digits < 0 ? SIPV_KIND_NOTICE : digits,
                is_port(g, i) ? "true" : "false",
                digits > 0 ? format("%llu", (unsigned long long)g->kind_max.at[i]) : "");
    }
    fprintf(f, "};\n");
}

static FILE *memory_file(char **text, size_t *n)
{
    FILE *f = open_memstream(text, n);
    if (!f)
        fail("out of memory");
    return f;
}

static void write_table(FILE *out, const char *head, FILE *from, char **text, const char *last)
{
    fclose(from);
    fprintf(out, "%s\n%s    %s};\n", head, *text, last);
}

void emit_automata(struct grammar *g, struct graph *graphs, int n, FILE *out)
{
    char *text[7];
    size_t size[7];
    FILE *nodes = memory_file(&text[5], &size[5]), *exits = memory_file(&text[6], &size[6]);
    struct tables t = {.g = g,
                       .ops = {.f = memory_file(&text[0], &size[0]), .n = 1},
                       .parts = {.f = memory_file(&text[1], &size[1])},
                       .leaves = {.f = memory_file(&text[2], &size[2])},
                       .states = memory_file(&text[3], &size[3]),
                       .arcs = memory_file(&text[4], &size[4])};
    int *chunk_state = zalloc(sizeof *chunk_state * (size_t)(chunks.all.n + 1));
    for (int i = 0; i < chunks.all.n; i++)
        chunk_state[i] = emit_chunk(&t, chunks.all.at[i]);
    struct numbering same = {{0}, NULL, 0};
    int n_nodes = 0, n_exits = 0, n_graphs = 0;
    for (int i = 0; i < n; i++) {
        graphs[i].id = graph_number(g, &same, &graphs[i]);
        if (graphs[i].id < n_graphs) {
            for (int k = 0; k < i; k++)
                if (graphs[k].id == graphs[i].id)
                    graphs[i].first_node = graphs[k].first_node;
            continue;
        }
        n_graphs++;
        graphs[i].first_node = n_nodes;
        for (int k = 0; k < graphs[i].nodes.n; k++)
            n_exits += emit_node(&graphs[i].nodes.at[k], graphs[i].first_node, n_exits, chunk_state,
                                 g, nodes, exits);
        n_nodes += graphs[i].nodes.n;
    }
    write_table(out, "static const uint8_t assignments[] = {0,", t.ops.f, &text[0], "0");
    write_table(out, "static const sipv_capture parts[] = {", t.parts.f, &text[1], "{0, 0, 0}");
    write_table(out, "static const sipv_leave leaves[] = {", t.leaves.f, &text[2], "{0, 0, 0}");
    write_table(out, "static const sipv_state states[] = {", t.states, &text[3],
                format("{%d, SIPV_NONE}", t.n_arcs));
    write_table(out, "static const sipv_arc arcs[] = {", t.arcs, &text[4], "{0, 0, 0}");
    write_table(out, "static const sipv_node nodes[] = {", nodes, &text[5], "{0, 0, 0, 0}");
    write_table(out, "static const sipv_exit exits[] = {", exits, &text[6], "{0, 0, false}");
    emit_kinds(g, out);
    fprintf(out, "static const uint16_t roots[] = {\n");
    for (int i = 0; i < n; i++)
        fprintf(out, "    %d, /* %s */\n", graphs[i].first_node, g->rules.at[graphs[i].rule].name);
    fprintf(out,
            "};\nconst sipv_automata sipv_%s_automata = {\n    &sipv_%s_tables, arcs, assignments, "
            "states, parts, leaves, exits, nodes, kind_checks, roots,\n    sipv_%s_express};\n\n",
            g->name, g->name, g->name);
}
