/* abnfc --name NAME --out DIR [--abnf FILE]... [--view FILE]... [--headers FILE]
 *       [--prefix PREFIX] [--attributes FILE] [--usual FILE] */
#include "abnfc.h"

#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: abnfc --name NAME --out DIR --abnf FILE... --view FILE... [--headers FILE]\n"
    "             [--prefix PREFIX] [--attributes FILE] [--usual FILE] [--report]\n"
    "Compiles ABNF (RFC 5234, RFC 7405) into C tables and code of matchers in DIR.\n";

static void build_graphs(struct grammar *g, struct graph *graphs, int *n)
{
    for (int i = 0; i < g->rules.n; i++)
        if (g->rules.at[i].flags & SIPV_RULE_HEADER && g->rules.at[i].view >= 0) {
            build_graph(g, &graphs[*n], i, true, &g->views.at[g->rules.at[i].view]);
            g->rules.at[i].root = (*n)++;
        }
    VEC(int) rules = {0};
    for (int i = 0; i < g->rules.n && g->attributes.n; i++)
        if (g->rules.at[i].view >= 0 && g->rules.at[i].root < 0)
            *PUSH(&rules) = i;
    for (int i = 0; i < g->extra_roots.n; i++)
        *PUSH(&rules) = g->extra_roots.at[i];
    for (int i = 0; i < g->selects.n; i++) {
        for (int k = 0; k < g->selects.at[i].names.n; k++)
            if (g->selects.at[i].names.at[k].rule >= 0)
                *PUSH(&rules) = g->selects.at[i].names.at[k].rule;
        if (g->selects.at[i].other >= 0)
            *PUSH(&rules) = g->selects.at[i].other;
    }
    for (int i = 0; i < rules.n; i++) {
        struct rule *r = &g->rules.at[rules.at[i]];
        if (r->root >= 0)
            continue;
        const struct view *view = NULL;
        for (int k = 0; k < g->views.n; k++)
            for (int h = 0; h < g->views.at[k].headers.n; h++)
                if (g->views.at[k].headers.at[h] == rules.at[i])
                    view = &g->views.at[k];
        build_graph(g, &graphs[*n], rules.at[i], false, view);
        r->root = (*n)++;
    }
}

static void report(struct grammar *g, const struct graph *graphs, int n)
{
    int states = 0, arcs = 0;
    for (int i = 0; i < chunks.all.n; i++) {
        states += chunks.all.at[i]->states.n;
        for (int s = 0; s < chunks.all.at[i]->states.n; s++)
            arcs += chunks.all.at[i]->states.at[s].arcs.n;
    }
    printf("%s: %d rules, %d ops, %d sets, %d matchers, %d chunks, %d states, %d arcs\n", g->name,
           g->rules.n, g->ops.n, g->sets.n, n, chunks.all.n, states, arcs);
    for (int i = 0; i < n; i++)
        printf("  %-32s %3d chunks\n", g->rules.at[graphs[i].rule].name, graphs[i].nodes.n);
    for (int i = 0; i < chunks.all.n; i++) {
        int in = 0, own = 0, of_chunk = 0;
        for (int k = n - 1; k >= 0; k--)
            for (int m = 0; m < graphs[k].nodes.n; m++)
                if (graphs[k].nodes.at[m].chunk == chunks.all.at[i]) {
                    in = k;
                    own = m;
                }
        for (int s = 0; s < chunks.all.at[i]->states.n; s++)
            of_chunk += chunks.all.at[i]->states.at[s].arcs.n;
        printf("  chunk %-3d %4d states %5d arcs, first in %s (%d)\n", i,
               chunks.all.at[i]->states.n, of_chunk, g->rules.at[graphs[in].rule].name, own);
    }
}

int main(int argc, char **argv)
{
    struct grammar g = {.name = NULL, .prefix = ""};
    const char *out = NULL, *usual = NULL;
    const char *spoilt = NULL, *spoilt_rule = NULL; /* for the tests: see prove.c */
    bool verbose = false;
    init_kinds(&g);
    read_core(&g);
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "--name") == 0 && more)
            g.name = argv[++i];
        else if (strcmp(argv[i], "--out") == 0 && more)
            out = argv[++i];
        else if (strcmp(argv[i], "--abnf") == 0 && more)
            read_abnf(&g, argv[++i]);
        else if (strcmp(argv[i], "--view") == 0 && more)
            read_views(&g, argv[++i]);
        else if (strcmp(argv[i], "--headers") == 0 && more)
            read_headers(&g, argv[++i]);
        else if (strcmp(argv[i], "--prefix") == 0 && more)
            g.prefix = argv[++i];
        else if (strcmp(argv[i], "--attributes") == 0 && more)
            read_attributes(&g, argv[++i]);
        else if (strcmp(argv[i], "--usual") == 0 && more)
            usual = argv[++i];
        else if (strcmp(argv[i], "--report") == 0)
            verbose = true;
        else if (strcmp(argv[i], "--spoil") == 0 && more)
            spoilt = argv[++i];
        else if (strcmp(argv[i], "--spoil-rule") == 0 && more)
            spoilt_rule = argv[++i];
        else {
            fputs(usage, stderr);
            return 2;
        }
    }
    if (!g.name || !out) {
        fputs(usage, stderr);
        return 2;
    }
    check_rules(&g);
    bind_views(&g);
    compile(&g);
    check_selects(&g);
    static struct graph graphs[2048];
    int n = 0;
    build_graphs(&g, graphs, &n);
    if (spoilt)
        spoil_matchers(atoi(spoilt));
    if (spoilt_rule)
        spoil_rule(&g, require_rule(&g, spoilt_rule, "--spoil-rule", 0));
    prove(&g, graphs, n);
    if (verbose) {
        report(&g, graphs, n);
        note_unused(&g);
    }
    prepare_selects(&g);
    emit_tables(&g, graphs, n, out);
    emit_express(&g, graphs, n, usual, out);
    return 0;
}
