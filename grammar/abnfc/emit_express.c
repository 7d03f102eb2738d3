/* Graphs -> C code for their usual forms, made of ../src/express.h.
 *
 * What is usual is shown by examples (usual.c): the states and ways out that they visit get code
 * (emit_state.c), and go to the tables wherever something else comes. */
#include "express.h"

#include <inttypes.h>
#include <string.h>

/* ---- Graphs -------------------------------------------------------------------------------------
 */

static void emit_choices(struct code *k)
{
    const struct graph_node *node = &k->graph->nodes.at[k->node];
    for (int i = 0; i < k->g->selects.n; i++) {
        if (!k->chooses[k->node * k->g->selects.n + i])
            continue;
        fprintf(k->f,
                "n%dc%d:\n    if (!sipv_choose_usual(r, &express_choices[%d], s, ev, form, %s)) "
                "goto slow%d;\n    ev = (void *)((char *)ev + more);\n    switch (x) {\n",
                k->node, i, i, k->knows_names ? "known" : "NULL", k->node);
        int last = -1;
        for (int e = 0; e < node->exits.n; e++)
            if (node->exits.at[e].select == i)
                last = e;
        for (int e = 0; e <= last; e++)
            if (node->exits.at[e].select == i)
                fprintf(k->f, "    %s%s\n", e == last ? "default:" : format("case %d:", e),
                        follow(k, &node->exits.at[e]));
        fprintf(k->f, "    }\n");
    }
}

/* A look ahead.  Where the alternative with the byte begins with a run up to that byte, as a user
 * does, the look and the run are one. */
static void emit_look(struct code *k, const struct graph_node *node)
{
    byteset runs = usual_bytes(node->look_set), rest = left_by_run(runs);
    const struct chunk *with = k->usual[node->look_with], *without = k->usual[node->look_without];
    const int n_with = with ? all_visits(&with->states.at[0], NULL) : 0;
    int n_look = n_with + (without ? all_visits(&without->states.at[0], NULL) : 0);
    const struct arc *run = NULL;
    const bool wide = !k->usage->lengths && is_wide(&k->usage->runs[k->node][0]);
    for (int i = 0; i < 4; i++)
        rest.w[i] |= node->look_set.w[i] & ~runs.w[i];
    if (with && node->look_with > k->node && with->states.at[0].arcs.n &&
        begins_run(with, 0, &with->states.at[0].arcs.at[0]))
        run = &with->states.at[0].arcs.at[0];
    fprintf(k->f, "    r->look_at = at;\n    q = at;\n");
    if (run)
        fprintf(k->f,
                "    q = %s;\n"
                "    if (%s) { r->look_other = %d;%s at = q; goto n%dt%d; }\n",
                run_over(run->set, "at", wide),
                odds(format("s[q] == %s && q != at", byte_text(node->look_byte)), n_with, &n_look),
                k->graph->first_node + node->look_without, ops_code(run), node->look_with, run->to);
    fprintf(k->f, "    q = %s;\n    c = s[q];\n", run_over(runs, "q", wide));
    if (!set_empty(&rest))
        fprintf(k->f, "    if (%s) goto slow%d;\n", membership(rest), k->node);
    fprintf(k->f,
            "    if (c == %s) { r->look_other = %d; goto %s%d; }\n"
            "    r->look_other = %d; goto %s%d;\n",
            byte_text(node->look_byte), k->graph->first_node + node->look_without,
            node->look_with <= k->node ? "again" : "n", node->look_with,
            k->graph->first_node + node->look_with, node->look_without <= k->node ? "again" : "n",
            node->look_without);
}

/* The most that can be written from one look at the room to the next: every node once. */
static int most_parts(const struct graph *gr)
{
    int sum = 0;
    for (int n = 0; n < gr->nodes.n; n++) {
        int most = 0;
        const struct chunk *c = gr->nodes.at[n].look ? NULL : gr->nodes.at[n].chunk;
        for (int s = 0; c && s < c->states.n; s++)
            for (int i = -1; i < c->states.at[s].arcs.n; i++) {
                const struct leave *l =
                    i < 0 ? c->states.at[s].end : c->states.at[s].arcs.at[i].leave;
                if (l && l->parts.n + 1 > most)
                    most = l->parts.n + 1;
            }
        sum += most;
    }
    return sum;
}

static void emit_node(struct code *k)
{
    const struct graph_node *node = &k->graph->nodes.at[k->node];
    const struct chunk *c = k->usual[k->node];
    fprintf(k->f,
            "again%d: SIPV_LABEL;\n    from = at;\n    if (SIPV_RARE(ev > r->ev_express)) goto "
            "slow%d;\n"
            "n%d: SIPV_LABEL;\n    from = at;\n",
            k->node, k->node, k->node);
    if (node->look) {
        emit_look(k, node);
    } else if (c) {
        k->leaves.n = 0;
        if (k->node == 0 && k->prefix)
            emit_prefix(k, c, k->prefix);
        emit_names(k, c, &k->usage->names[k->node]);
        emit_states(k, c);
        emit_choices(k);
    }
    fprintf(k->f, "slow%d: SIPV_COLD;\n    node = %d; goto slow;\n", k->node,
            k->graph->first_node + k->node);
}

static void emit_graph(struct grammar *g, const struct graph *gr, const struct usage *u, FILE *f)
{
    struct code k = {.g = g, .graph = gr, .f = f, .prefix = u->prefix, .usage = u};
    int regs = 0;
    k.usual = zalloc(sizeof(struct chunk *) * (size_t)gr->nodes.n);
    k.chooses = zalloc((size_t)(gr->nodes.n * g->selects.n) + 1);
    for (int i = 0; i < gr->nodes.n; i++) {
        if (gr->nodes.at[i].look || !u->states[i][0])
            continue;
        k.usual[i] = usual_part(gr, u, i);
        shorten_hosts(g, k.usual[i]);
        if (k.usual[i]->n_regs > regs)
            regs = k.usual[i]->n_regs;
    }
    bool selects = false;
    for (int i = 0; i < gr->nodes.n; i++)
        for (int e = 0; e < gr->nodes.at[i].exits.n; e++)
            selects |= gr->nodes.at[i].exits.at[e].select >= 0;
    if (most_parts(gr) > SIPV_EXPRESS_PARTS)
        fail("%s may have more than %d captures at once", g->rules.at[gr->rule].name,
             SIPV_EXPRESS_PARTS);
    fprintf(f,
            "/* %s */\nstatic sipv_event *express_%d(struct sipv_run *r, const unsigned char *s, "
            "size_t at, size_t end, sipv_event *ev, unsigned node)\n{\n    SIPV_BEGIN;\n",
            g->rules.at[gr->rule].name, gr->id);
    for (int i = 0; i < regs; i++)
        fprintf(f, "%s r%d = 0", i ? "," : "    size_t", i);
    fprintf(f, "%s", regs ? ";\n" : "");
    if (gr->nodes.n > 1 || selects) { /* else there is but one way to begin */
        fprintf(f, "    if (SIPV_RARE(node != %d)) switch (node) {\n", SIPV_NONE);
        for (int i = 0; i < gr->nodes.n; i++)
            if (u->states[i][0])
                fprintf(f, "    case %d: goto n%d;\n", gr->first_node + i, i);
        fprintf(f, "    default: goto slow;\n    }\n");
    }
    if (selects)
        fprintf(f, "    SIPV_FORGET;\n");
    fprintf(f, "    goto n0;\n");
    for (k.node = 0; k.node < gr->nodes.n; k.node++)
        emit_node(&k);
    for (int i = 0; i < regs; i++)
        fprintf(f, "%s(void)r%d;", i ? " " : "    ", i);
    fprintf(f, "    SIPV_FINISH;\n}\n\n");
}

/* ---- Files --------------------------------------------------------------------------------------
 */

/* Constant, and declared before the code, so that the compiler puts its numbers into the code. */
static void emit_choices_table(const struct grammar *g, int simple, int digits, FILE *f)
{
    fprintf(f, "static const struct sipv_choice express_choices[] = {\n");
    for (int i = 0; i < g->selects.n; i++) {
        const struct select_rule *s = &g->selects.at[i];
        fprintf(f,
                "    {%d, 0x%" PRIx64 "u, %d, &sipv_%s_select_slots[%d], sipv_%s_select_names, %d, "
                "%s, %s, &express_runs[%d], &express_runs[%d]}, /* %s */\n",
                i, s->seed, 32 - s->bits, g->name, s->first_slot, g->name, s->other_accepts,
                s->plain ? "true" : "false",
                s->name_kind != SIPV_KIND_PARAM_NAME ? "true" : "false", simple, digits,
                g->rules.at[s->rule].name);
    }
    fprintf(f, "    {0}};\n\n");
}

static void emit_header_runs(struct grammar *g, const struct graph *graphs, const bool *done,
                             FILE *f)
{
    const int other = g->rules.at[require_rule(g, "header-value", "", 0)].root;
    fprintf(f, "const struct sipv_header_run sipv_header_runs[SIPV_H_COUNT] = {\n");
    for (int i = -1; i < g->headers.n; i++) {
        const int rule = i < 0 ? -1 : g->headers.at[i].rule;
        const int root = rule < 0 || g->rules.at[rule].root < 0 ? other : g->rules.at[rule].root;
        const struct graph *gr = &graphs[root];
        fprintf(f, "    {%s, %d, %d, 0x%xu},\n",
                done[gr->id] ? format("express_%d", gr->id) : "sipv_express_none",
                done[gr->id] ? SIPV_NONE : gr->first_node, root,
                i < 0 ? ~0u : header_places(&g->headers.at[i]));
    }
    fprintf(f, "};\n");
}

void emit_express(struct grammar *g, const struct graph *graphs, int n, const char *usual,
                  const char *dir)
{
    struct usage *usages = zalloc(sizeof *usages * (size_t)(n + 1));
    if (usual)
        read_usual(g, graphs, usages, usual);
    const int simple = run_number(simple_bytes(g));
    const int digits = run_number(set_range('0', '9'));
    char *body = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&body, &size);
    if (!f)
        fail("out of memory");
    bool *done = zalloc((size_t)n + 1);
    for (int i = 0; i < n; i++)
        if (usages[graphs[i].id].any && !done[graphs[i].id]) {
            done[graphs[i].id] = true;
            emit_graph(g, &graphs[i], &usages[graphs[i].id], f);
        }
    fprintf(f, "const sipv_express sipv_%s_express[%d] = {\n", g->name, n + 1);
    for (int i = 0; i < n; i++)
        fprintf(f, "    {%s, 0x%" PRIx64 "u}, /* %s */\n",
                done[graphs[i].id] ? format("express_%d", graphs[i].id) : "NULL",
                done[graphs[i].id] ? stops_of(&graphs[i], &usages[graphs[i].id]) : 0,
                g->rules.at[graphs[i].rule].name);
    fprintf(f, "    {NULL, 0}};\n");
    if (g->headers.n)
        emit_header_runs(g, graphs, done, f);
    if (g->attributes.n)
        emit_attribute_keys(g, graphs, done, f);
    fclose(f);

    FILE *out = fopen(format("%s/%s_express.gen.c", dir, g->name), "wb");
    if (!out)
        fail("cannot write to %s", dir);
    fprintf(out,
            "/* Usual forms of the matchers of the %s grammar, made by abnfc from ABNF and view "
            "files. */\n",
            g->name);
    const byteset token = token_bytes(g);
    fprintf(out, "const struct sipv_run_set sipv_%s_token = ", g->name);
    emit_run_set(out, &token);
    fprintf(out, ";\n\n");
    emit_class_tables(out);
    emit_choices_table(g, simple, digits, out);
    fwrite(body, 1, size, out);
    if (ferror(out) || fclose(out) != 0)
        fail("cannot write to %s", dir);
}
