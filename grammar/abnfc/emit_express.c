/* Chunks and graphs -> C code for their usual forms, made of ../src/express.h.
 *
 * What is usual: no byte outside printable ASCII, SP and HTAB, so no folds; and no chunk that has
 * many states even then, as the inside of an IPv6 address.  Each state is a label.  A state that
 * loops on a class skips the whole run with vector code; then there is one test per target, the
 * likeliest first.  Whatever has no arc here is left to the tables. */
#include "abnfc.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* A run is worth vector code if its class has at least so many members. */
enum { RUN_MIN = 5 };
/* Chunks of more states are left to the tables. */
enum { STATES_MAX = 90 };

struct sets {
    VEC(byteset) all;
};

/* Sets tested by table, eight to a table; sets skipped in runs. */
static struct sets tested, skipped;

static int number_of_set(struct sets *s, byteset set)
{
    for (int i = 0; i < s->all.n; i++)
        if (set_equal(&s->all.at[i], &set))
            return i;
    *PUSH(&s->all) = set;
    return s->all.n - 1;
}

/* ---- What is usual ------------------------------------------------------------------------------
 */

static byteset usual_bytes(byteset s)
{
    byteset usual = set_range(0x20, 0x7e);
    set_add(&usual, '\t');
    for (int i = 0; i < 4; i++)
        s.w[i] &= usual.w[i];
    return s;
}

static bool has_end(const struct chunk_state *s, const bool *useful)
{
    if (s->end)
        return true;
    for (int i = 0; i < s->arcs.n; i++) {
        const struct arc *a = &s->arcs.at[i];
        if (!set_empty(&a->set) && (a->leave || useful[a->to]))
            return true;
    }
    return false;
}

/* The part of a chunk that usual bytes reach and from which they lead out; NULL if it is large. */
static struct chunk *usual_part(const struct chunk *whole)
{
    const int n = whole->states.n;
    struct chunk *c = zalloc(sizeof *c);
    bool *useful = zalloc((size_t)n + 1), *reached = zalloc((size_t)n + 1);
    *c = (struct chunk){.n_regs = whole->n_regs, .n_exits = whole->n_exits, .id = whole->id};
    for (int s = 0; s < n; s++) {
        struct chunk_state *out = PUSH(&c->states);
        out->end = whole->states.at[s].end;
        for (int i = 0; i < whole->states.at[s].arcs.n; i++) {
            struct arc a = whole->states.at[s].arcs.at[i];
            a.set = usual_bytes(a.set);
            if (!set_empty(&a.set))
                *PUSH(&out->arcs) = a;
        }
    }
    for (bool more = true; more;) {
        more = false;
        for (int s = 0; s < n; s++)
            if (!useful[s] && has_end(&c->states.at[s], useful))
                useful[s] = more = true;
    }
    VEC(int) queue = {0};
    *PUSH(&queue) = 0;
    reached[0] = true;
    for (int q = 0; q < queue.n; q++) {
        struct chunk_state *s = &c->states.at[queue.at[q]];
        int kept = 0;
        for (int i = 0; i < s->arcs.n; i++) {
            const struct arc a = s->arcs.at[i];
            if (!a.leave && !useful[a.to])
                continue;
            s->arcs.at[kept++] = a;
            if (!a.leave && !reached[a.to]) {
                reached[a.to] = true;
                *PUSH(&queue) = a.to;
            }
        }
        s->arcs.n = kept;
    }
    for (int s = 0; s < n; s++)
        if (!reached[s]) {
            c->states.at[s].arcs.n = 0;
            c->states.at[s].end = NULL;
        }
    return useful[0] && queue.n <= STATES_MAX ? c : NULL;
}

/* ---- States -------------------------------------------------------------------------------------
 */

static const char *byte_text(int c)
{
    if (c == '\'' || c == '\\')
        return format("'\\%c'", c);
    if (c > 0x20 && c < 0x7f)
        return format("'%c'", c);
    return format("0x%02x", c);
}

/* The cheapest C expression for "c is in the set". */
static char *membership(byteset s)
{
    int n = set_count(&s), lo = set_lowest(&s), hi = 255;
    while (!set_has(&s, hi))
        hi--;
    if (n == 1)
        return format("c == %s", byte_text(lo));
    if (n == 2 && hi == lo + 32 && isupper(lo))
        return format("(c | 0x20) == %s", byte_text(hi));
    if (n == 2)
        return format("(c == %s || c == %s)", byte_text(lo), byte_text(hi));
    if (hi - lo + 1 == n)
        return format("c - %du < %du", lo, n);
    int k = number_of_set(&tested, s);
    return format("express_class[%d][c] & %d", k / 8, 1 << (k % 8));
}

static const char *position(int from)
{
    return from < 0 ? "at" : format("r%d", from);
}

struct code {
    const struct grammar *g;
    const struct graph *graph;
    struct chunk **usual; /* of each node, or NULL */
    bool *chooses;        /* (node, select): there is code for it */
    FILE *f;
    int node;
    VEC(const char *) leaves; /* of the node: C texts */
};

static char *event_code(const struct grammar *g, const struct part *p, int i)
{
    const int digits = g->kind_digits.n > p->kind ? g->kind_digits.at[p->kind] : 0;
    char *code = format("%s", "");
    if (digits < 0)
        code = format("    SIPV_NOTICE;\n");
    else if (digits > 0 && p->open != -2 && p->close != -2)
        code = format("    SIPV_DIGITS(%s, %s, %d, \"%llu\");\n", position(p->open),
                      position(p->close), digits, (unsigned long long)g->kind_max.at[p->kind]);
    if (p->open != -2 && p->close != -2)
        return format("%s    SIPV_WHOLE(%d, %d, %s, %s); /* %s */\n", code, i, p->kind,
                      position(p->open), position(p->close), g->kinds.at[p->kind]);
    if (p->open != -2)
        return format("%s    SIPV_OPEN(%d, %d, %s); /* %s */\n", code, i, p->kind, position(p->open),
                      g->kinds.at[p->kind]);
    return format("%s    SIPV_CLOSE(%d, %d, %s); /* %s */\n", code, i, p->kind, position(p->close),
                  g->kinds.at[p->kind]);
}

/* Where an exit leads. */
static char *follow(const struct exit_to *x)
{
    const char *element = x->element ? " SIPV_ELEMENT;" : "";
    if (x->target < 0)
        return format("%s goto done;", element);
    return format("%s goto n%d;", element, x->target);
}

static const struct part *find_part(const struct leave *l, int kind)
{
    for (int i = 0; i < l->parts.n; i++)
        if (l->parts.at[i].kind == kind)
            return &l->parts.at[i];
    return NULL;
}

/* What a chunk does when it ends: its captures, then where it went. */
static char *leave_code(struct code *k, const struct leave *l, bool over_cut)
{
    const struct exit_to *x = &k->graph->nodes.at[k->node].exits.at[l->exit_no];
    char *code = format("%s", "");
    for (int i = 0; i < l->parts.n; i++)
        code = format("%s%s", code, event_code(k->g, &l->parts.at[i], i));
    const char *over = over_cut ? " at++;" : "";
    if (x->select < 0)
        return format("%s    ev += %d;%s%s\n", code, l->parts.n, over, follow(x));
    const struct select_rule *s = &k->g->selects.at[x->select];
    const struct part *name = find_part(l, s->name_kind), *value = find_part(l, s->value_kind);
    if (!name || name->open == -2 || name->close == -2 ||
        (value && (value->open == -2 || value->close == -2)))
        return format("    goto slow%d;\n", k->node); /* it began in another chunk */
    k->chooses[k->node * k->g->selects.n + x->select] = true;
    code = format("%s    name = s + %s;\n    name_n = (unsigned)(%s - %s);\n", code,
                  position(name->open), position(name->close), position(name->open));
    if (value)
        code = format("%s    value = s + %s;\n    value_n = (unsigned)(%s - %s);\n", code,
                      position(value->open), position(value->close), position(value->open));
    else
        code = format("%s    value = NULL;\n    value_n = 0;\n", code);
    return format("%s    more = %d;%s x = %d; goto n%dc%d;\n", code, l->parts.n, over, l->exit_no,
                  k->node, x->select);
}

static int leave_number(struct code *k, const struct leave *l, bool over_cut)
{
    const char *text = leave_code(k, l, over_cut);
    for (int i = 0; i < k->leaves.n; i++)
        if (strcmp(k->leaves.at[i], text) == 0)
            return i;
    *PUSH(&k->leaves) = text;
    return k->leaves.n - 1;
}

static char *ops_code(const struct arc *a)
{
    char *code = format("%s", "");
    bool crossing = false;
    for (int i = 0; i < a->ops.n; i++)
        for (int k = 0; k < i; k++)
            crossing |= a->ops.at[i].from == a->ops.at[k].reg;
    for (int i = 0; crossing && i < a->ops.n; i++)
        code = format("%s const size_t t%d = %s;", code, i, position(a->ops.at[i].from));
    for (int i = 0; i < a->ops.n; i++)
        code = format("%s r%d = %s;", code, a->ops.at[i].reg,
                      crossing ? format("t%d", i) : position(a->ops.at[i].from));
    return code;
}

/* Does the state loop on a class?  Then that arc. */
static const struct arc *loop_of(const struct chunk *c, int state)
{
    for (int i = 0; i < c->states.at[state].arcs.n; i++) {
        const struct arc *a = &c->states.at[state].arcs.at[i];
        if (!a->leave && a->to == state && !a->ops.n && set_count(&a->set) >= RUN_MIN)
            return a;
    }
    return NULL;
}

/* Is the arc the first byte of a run, the bytes of which are all the same class? */
static bool begins_run(const struct chunk *c, int state, const struct arc *a)
{
    const struct arc *loop = a->leave || a->to == state ? NULL : loop_of(c, a->to);
    return loop && set_equal(&loop->set, &a->set);
}

static void emit_state(struct code *k, const struct chunk *c, int number)
{
    const struct chunk_state *s = &c->states.at[number];
    const struct arc *loop = loop_of(c, number), *first = NULL, *space = NULL;
    const int *order = likely_order(s);
    fprintf(k->f, "n%ds%d: SIPV_LABEL;\n", k->node, number);
    if (loop)
        fprintf(k->f, "    at = sipv_run_over(s, at, &express_runs[%d]);\n",
                number_of_set(&skipped, loop->set));
    fprintf(k->f, "n%dt%d: SIPV_LABEL;\n", k->node, number);
    for (int i = 0; i < s->arcs.n; i++) {
        const struct arc *a = &s->arcs.at[i];
        if (!a->leave && a->to == number && !a->ops.n && set_has(&a->set, ' ') && a != loop)
            space = a;
        if (!first && begins_run(c, number, a))
            first = a;
    }
    if (space)
        fprintf(k->f, "    if (s[at] == ' ') at++;\n");
    if (first)
        fprintf(k->f,
                "    q = sipv_run_over(s, at, &express_runs[%d]);\n"
                "    if (q != at) {%s at = q; goto n%dt%d; }\n",
                number_of_set(&skipped, first->set), ops_code(first), k->node, first->to);
    fprintf(k->f, "    c = s[at];\n");
    for (int i = 0; i < s->arcs.n; i++) {
        const struct arc *a = &s->arcs.at[order[i]];
        if (a == loop || a == first)
            continue;
        fprintf(k->f, "    if (%s) {%s", membership(a->set), ops_code(a));
        if (a->leave)
            fprintf(k->f, " goto n%dx%d; }\n", k->node, leave_number(k, a->leave, true));
        else
            fprintf(k->f, " at++; goto n%ds%d; }\n", k->node, a->to);
    }
    if (s->end)
        fprintf(k->f, "    if (at == end) goto n%dx%d;\n", k->node, leave_number(k, s->end, false));
    fprintf(k->f, "    goto slow%d;\n", k->node);
}

/* ---- Graphs -------------------------------------------------------------------------------------
 */

static void emit_choices(struct code *k)
{
    const struct graph_node *node = &k->graph->nodes.at[k->node];
    for (int i = 0; i < k->g->selects.n; i++) {
        if (!k->chooses[k->node * k->g->selects.n + i])
            continue;
        fprintf(k->f,
                "n%dc%d:\n    if (!sipv_choose_usual(r, EXPRESS_CHOICE_%d, name, name_n, value, "
                "value_n)) goto slow%d;\n    ev += more;\n    switch (x) {\n",
                k->node, i, i, k->node);
        int last = -1;
        for (int e = 0; e < node->exits.n; e++)
            if (node->exits.at[e].select == i)
                last = e;
        for (int e = 0; e <= last; e++)
            if (node->exits.at[e].select == i)
                fprintf(k->f, "    %s%s\n", e == last ? "default:" : format("case %d:", e),
                        follow(&node->exits.at[e]));
        fprintf(k->f, "    }\n");
    }
}

static void emit_look(struct code *k, const struct graph_node *node)
{
    byteset runs = usual_bytes(node->look_set), rest = node->look_set;
    for (int i = 0; i < 4; i++)
        rest.w[i] &= ~runs.w[i];
    fprintf(k->f, "    q = sipv_run_over(s, at, &express_runs[%d]);\n    c = s[q];\n",
            number_of_set(&skipped, runs));
    if (!set_empty(&rest))
        fprintf(k->f, "    if (%s) goto slow%d;\n", membership(rest), k->node);
    fprintf(k->f,
            "    r->look_at = at;\n    if (c == %s) { r->look_other = %d; goto n%d; }\n"
            "    r->look_other = %d; goto n%d;\n",
            byte_text(node->look_byte), k->graph->first_node + node->look_without, node->look_with,
            k->graph->first_node + node->look_with, node->look_without);
}

static void emit_node(struct code *k)
{
    const struct graph_node *node = &k->graph->nodes.at[k->node];
    const struct chunk *c = k->usual[k->node];
    fprintf(k->f, "n%d:\n    from = at;\n", k->node);
    if (node->look) {
        emit_look(k, node);
    } else if (!c) {
        fprintf(k->f, "    goto slow%d;\n", k->node);
    } else {
        fprintf(k->f, "    if (SIPV_RARE(ev > r->ev_end)) goto slow%d;\n", k->node);
        k->leaves.n = 0;
        for (int s = 0; s < c->states.n; s++)
            if (c->states.at[s].arcs.n || c->states.at[s].end)
                emit_state(k, c, s);
        for (int i = 0; i < k->leaves.n; i++)
            fprintf(k->f, "n%dx%d:\n%s", k->node, i, k->leaves.at[i]);
        emit_choices(k);
    }
    fprintf(k->f, "slow%d: SIPV_LABEL;\n    node = %d; goto slow;\n", k->node,
            k->graph->first_node + k->node);
}

static void emit_graph(const struct grammar *g, const struct graph *gr, FILE *f)
{
    struct code k = {.g = g, .graph = gr, .f = f};
    int regs = 0;
    k.usual = zalloc(sizeof(struct chunk *) * (size_t)gr->nodes.n);
    k.chooses = zalloc((size_t)(gr->nodes.n * g->selects.n) + 1);
    for (int i = 0; i < gr->nodes.n; i++) {
        if (gr->nodes.at[i].look)
            continue;
        k.usual[i] = usual_part(gr->nodes.at[i].chunk);
        if (k.usual[i] && k.usual[i]->n_regs > regs)
            regs = k.usual[i]->n_regs;
    }
    fprintf(f, "/* %s */\nstatic bool express_%d(struct sipv_run *r)\n{\n    SIPV_BEGIN;\n",
            g->rules.at[gr->rule].name, gr->id);
    for (int i = 0; i < regs; i++)
        fprintf(f, "%s r%d = 0", i ? "," : "    size_t", i);
    fprintf(f, "%s    switch (r->node) {\n", regs ? ";\n" : "");
    for (int i = 1; i < gr->nodes.n; i++)
        fprintf(f, "    case %d: goto n%d;\n", gr->first_node + i, i);
    fprintf(f, "    default: break;\n    }\n");
    for (int i = 0; i < gr->nodes.n; i++) {
        k.node = i;
        emit_node(&k);
    }
    for (int i = 0; i < regs; i++)
        fprintf(f, "%s(void)r%d;", i ? " " : "    ", i);
    fprintf(f, "    SIPV_FINISH;\n}\n\n");
}

/* ---- Files -------------------------------------------------------------------------------------- */

static void emit_class_tables(FILE *f)
{
    fprintf(f, "static const unsigned char express_class[%d][256] = {\n", tested.all.n / 8 + 1);
    for (int t = 0; t <= tested.all.n / 8; t++) {
        fprintf(f, "    {");
        for (int c = 0; c < 256; c++) {
            int bits = 0;
            for (int k = 0; k < 8 && t * 8 + k < tested.all.n; k++)
                bits |= set_has(&tested.all.at[t * 8 + k], c) << k;
            fprintf(f, "%d,%s", bits, c % 32 == 31 ? "\n     " : "");
        }
        fprintf(f, "},\n");
    }
    fprintf(f, "};\n\nstatic const struct sipv_run_set express_runs[%d] = {\n", skipped.all.n + 1);
    for (int i = 0; i < skipped.all.n; i++) {
        const byteset *s = &skipped.all.at[i];
        fprintf(f, "    {{");
        for (int lo = 0; lo < 32; lo++) {
            int rows = 0;
            for (int hi = 0; hi < 8; hi++)
                rows |= set_has(s, hi * 16 + lo % 16) << hi;
            fprintf(f, "%d%s", rows, lo < 31 ? "," : "");
        }
        fprintf(f, "},\n     {0x%llxu, 0x%llxu}},\n", (unsigned long long)s->w[0],
                (unsigned long long)s->w[1]);
    }
    fprintf(f, "    {{0}, {0, 0}}};\n\n");
}

static void emit_choice_macros(const struct grammar *g, int token, FILE *f)
{
    int names = 0;
    for (int i = 0; i < g->selects.n; i++) {
        const struct select_rule *s = &g->selects.at[i];
        fprintf(f,
                "#define EXPRESS_CHOICE_%d /* %s */ \\\n    (struct sipv_choice){%d, %uu, %uu, "
                "&sipv_%s_select_slots[%d], \\\n        &sipv_%s_select_names[%d], %d, %s, %s, "
                "&express_runs[%d]}\n",
                i, g->rules.at[s->rule].name, i, s->seed, s->mask, g->name, s->first_slot, g->name,
                names, s->other_accepts, s->plain ? "true" : "false",
                s->name_kind != SIPV_KIND_PARAM_NAME ? "true" : "false", token);
        names += s->names.n;
    }
    fprintf(f, "\n");
}

void emit_express(struct grammar *g, const struct graph *graphs, int n, const char *dir)
{
    byteset chars = {{0}};
    const int token_rule = find_rule(g, "token"); /* a grammar may do without */
    const struct dfa *d = token_rule < 0 ? NULL : language(g, token_rule);
    for (int c = 0; d && c < 128; c++)
        if (d->next[0][c] >= 0)
            set_add(&chars, c);
    const int token = number_of_set(&skipped, chars);
    char *body = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&body, &size);
    if (!f)
        fail("out of memory");
    bool *done = zalloc((size_t)n + 1);
    for (int i = 0; i < n; i++)
        if (g->rules.at[graphs[i].rule].express && !done[graphs[i].id]) {
            done[graphs[i].id] = true;
            emit_graph(g, &graphs[i], f);
        }
    fprintf(f, "const sipv_express sipv_%s_express[%d] = {\n", g->name, n + 1);
    for (int i = 0; i < n; i++)
        fprintf(f, "    %s, /* %s */\n",
                done[graphs[i].id] ? format("express_%d", graphs[i].id) : "NULL",
                g->rules.at[graphs[i].rule].name);
    fprintf(f, "    NULL};\n");
    fclose(f);

    FILE *out = fopen(format("%s/%s_express.gen.c", dir, g->name), "wb");
    if (!out)
        fail("cannot write to %s", dir);
    fprintf(out,
            "/* Usual forms of the matchers of the %s grammar, made by abnfc from ABNF and view "
            "files. */\n",
            g->name);
    emit_class_tables(out);
    emit_choice_macros(g, token, out);
    fwrite(body, 1, size, out);
    if (ferror(out) || fclose(out) != 0)
        fail("cannot write to %s", dir);
}
