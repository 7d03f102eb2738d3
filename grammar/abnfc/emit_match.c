/* Chunks -> C.  The form that a trial found best: every state is a label; a state that loops on a
 * class first skips the whole run with vector code; then one test per target, likeliest first. */
#include "abnfc.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* A run is worth vector code if its class has at least so many members. */
enum { RUN_MIN = 5 };
/* From so many states on a chunk is compiled for size. */
enum { COLD_MIN = 100 };

struct sets {
    VEC(byteset) all;
};

static int number_of_set(struct sets *s, byteset set)
{
    for (int i = 0; i < s->all.n; i++)
        if (set_equal(&s->all.at[i], &set))
            return i;
    *PUSH(&s->all) = set;
    return s->all.n - 1;
}

/* Sets tested by table, eight to a table; sets skipped in runs. */
static struct sets tested, skipped;

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
    return format("sipv_class[%d][c] & %d", k / 8, 1 << (k % 8));
}

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

static void order_arcs(const struct chunk_state *s, int *order)
{
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
}

struct leaves {
    VEC(char *) text;
};

static const char *position(int from)
{
    return from < 0 ? "p" : format("r%d", from);
}

/* What a chunk does when it ends: its captures, then where it went. */
static char *leave_code(const struct grammar *g, const struct leave *l, bool over_cut)
{
    char *code = format("%s", "");
    int n = 0;
    for (int i = 0; i < l->parts.n; i++) {
        const struct part *p = &l->parts.at[i];
        const int digits = g->kind_digits.n > p->kind ? g->kind_digits.at[p->kind] : 0;
        if (digits < 0)
            code = format("%s    SIPV_NOTICE;\n", code);
        else if (digits > 0 && p->open != -2 && p->close != -2)
            code = format("%s    SIPV_DIGITS(%s, %s, %d, \"%llu\");\n", code, position(p->open),
                          position(p->close), digits, (unsigned long long)g->kind_max.at[p->kind]);
        if (p->open != -2 && p->close != -2)
            code = format("%s    SIPV_WHOLE(%d, %d, %s, %s); /* %s */\n", code, n, p->kind,
                          position(p->open), position(p->close), g->kinds.at[p->kind]);
        else if (p->open != -2)
            code = format("%s    SIPV_OPEN(%d, %d, %s); /* %s */\n", code, n, p->kind,
                          position(p->open), g->kinds.at[p->kind]);
        else
            code = format("%s    SIPV_CLOSE(%d, %d, %s); /* %s */\n", code, n, p->kind,
                          position(p->close), g->kinds.at[p->kind]);
        n++;
    }
    if (n >= SIPV_CHUNK_PARTS)
        fail("a chunk has more than %d captures", SIPV_CHUNK_PARTS);
    return format("%s    SIPV_LEAVE(%d, %s, %d);\n", code, n, over_cut ? "p + 1" : "p", l->exit_no);
}

static int leave_number(const struct grammar *g, struct leaves *all, const struct leave *l,
                        bool over_cut)
{
    char *text = leave_code(g, l, over_cut);
    for (int i = 0; i < all->text.n; i++)
        if (strcmp(all->text.at[i], text) == 0)
            return i;
    *PUSH(&all->text) = text;
    return all->text.n - 1;
}

static void emit_ops(FILE *f, const struct arc *a)
{
    bool crossing = false;
    for (int i = 0; i < a->ops.n; i++)
        for (int k = 0; k < i; k++)
            crossing |= a->ops.at[i].from == a->ops.at[k].reg;
    for (int i = 0; crossing && i < a->ops.n; i++)
        fprintf(f, " const unsigned char *t%d = %s;", i, position(a->ops.at[i].from));
    for (int i = 0; i < a->ops.n; i++)
        fprintf(f, " r%d = %s;", a->ops.at[i].reg,
                crossing ? format("t%d", i) : position(a->ops.at[i].from));
}

static void emit_state(const struct grammar *g, FILE *f, const struct chunk *c, int number,
                       const bool *wanted, struct leaves *leaves)
{
    const struct chunk_state *s = &c->states.at[number];
    int *order = zalloc(sizeof *order * (size_t)(s->arcs.n + 1));
    order_arcs(s, order);
    if (wanted[number])
        fprintf(f, "s%d:\n", number);
    for (int i = 0; i < s->arcs.n; i++) {
        const struct arc *a = &s->arcs.at[i];
        if (a->leave || a->to != number || a->ops.n || set_count(&a->set) < RUN_MIN)
            continue;
        byteset ascii = a->set;
        ascii.w[2] = ascii.w[3] = 0;
        if (set_count(&ascii) >= RUN_MIN)
            fprintf(f, "    p = SIPV_SKIP(p, r, %d);\n", number_of_set(&skipped, ascii));
    }
    if (s->end)
        fprintf(f, "    if (p == end)\n        goto x%d;\n",
                leave_number(g, leaves, s->end, false));
    else
        fprintf(f, "    if (p == end)\n        goto refuse;\n");
    if (s->arcs.n)
        fprintf(f, "    c = *p;\n");
    for (int k = 0; k < s->arcs.n; k++) {
        const struct arc *a = &s->arcs.at[order[k]];
        byteset rest = a->set;
        if (!a->leave && a->to == number && !a->ops.n && set_count(&a->set) >= RUN_MIN) {
            rest.w[0] = rest.w[1] = 0; /* the run took these */
            if (set_empty(&rest))
                continue;
            if (set_count(&a->set) - set_count(&rest) < RUN_MIN)
                rest = a->set;
        }
        fprintf(f, "    if (%s) {", membership(rest));
        emit_ops(f, a);
        if (a->leave)
            fprintf(f, " goto x%d; }\n", leave_number(g, leaves, a->leave, true));
        else
            fprintf(f, " p++; goto s%d; }\n", a->to);
    }
    fprintf(f, "    goto refuse;\n");
}

static void emit_chunk(const struct grammar *g, FILE *f, const struct chunk *c)
{
    struct leaves leaves = {{0}};
    bool *wanted = zalloc((size_t)c->states.n);
    bool refuses = false, reads = false;
    for (int s = 0; s < c->states.n; s++) {
        for (int i = 0; i < c->states.at[s].arcs.n; i++)
            if (!c->states.at[s].arcs.at[i].leave)
                wanted[c->states.at[s].arcs.at[i].to] = true;
        refuses = true;
        reads |= c->states.at[s].arcs.n > 0;
    }
    /* Large automata are those of rare things, such as the inside of an IPv6 address. */
    fprintf(f,
            "static %sstruct sipv_step chunk_%d(const unsigned char *p, struct sipv_run *r)\n{\n",
            c->states.n > COLD_MIN ? "SIPV_COLD " : "", c->id);
    fprintf(f, "    const unsigned char *const end = r->end;\n");
    if (reads)
        fprintf(f, "    unsigned c;\n");
    for (int i = 0; i < c->n_regs; i++)
        fprintf(f, "    const unsigned char *r%d = p;\n", i);
    for (int i = 0; i < c->n_regs; i++)
        fprintf(f, "    (void)r%d;\n", i);
    for (int s = 0; s < c->states.n; s++)
        emit_state(g, f, c, s, wanted, &leaves);
    for (int i = 0; i < leaves.text.n; i++)
        fprintf(f, "x%d:\n%s", i, leaves.text.at[i]);
    if (refuses)
        fprintf(f, "refuse:\n    SIPV_REFUSE(p);\n");
    fprintf(f, "}\n\n");
}

/* ---- Rules ----------------------------------------------------------------------------------- */

static int name_kind_of(const struct grammar *g, int select)
{
    return g->selects.at[select].name_kind;
}

static char *graph_text(const struct grammar *g, const struct graph *gr)
{
    size_t cap = 1 << 14, n = 0;
    char *text = zalloc(cap);
#define ADD(...)                                                                                   \
    do {                                                                                           \
        char *line_ = format(__VA_ARGS__);                                                         \
        size_t len_ = strlen(line_);                                                               \
        if (n + len_ + 1 > cap) {                                                                  \
            cap = (n + len_ + 1) * 2;                                                              \
            text = realloc(text, cap);                                                             \
            if (!text)                                                                             \
                fail("out of memory");                                                             \
        }                                                                                          \
        memcpy(text + n, line_, len_ + 1);                                                         \
        n += len_;                                                                                 \
    } while (0)
    bool *wanted = zalloc((size_t)gr->nodes.n), *entered = zalloc((size_t)gr->nodes.n);
    for (int i = 0; i < gr->nodes.n; i++) {
        const struct graph_node *node = &gr->nodes.at[i];
        if (node->look) {
            wanted[node->look_with] = wanted[node->look_without] = true;
            entered[node->look_with] = entered[node->look_without] = true;
        }
        for (int k = 0; k < node->exits.n; k++)
            if (node->exits.at[k].target >= 0)
                wanted[node->exits.at[k].target] = true;
    }
    ADD("    struct sipv_step s;\n");
    bool first = true;
    for (int i = 1; i < gr->nodes.n; i++)
        if (entered[i]) {
            ADD("%s    case %d: goto n%d;\n", first ? "    switch (node) {\n" : "", i, i);
            first = false;
        }
    if (!first)
        ADD("    default: break;\n    }\n");
    else
        ADD("    (void)node;\n");
    for (int i = 0; i < gr->nodes.n; i++) {
        const struct graph_node *node = &gr->nodes.at[i];
        if (wanted[i])
            ADD("n%d:\n", i);
        if (node->look) {
            ADD("    if (SIPV_LOOK(p, r, %d, %s, %d, %d))\n        goto n%d;\n    goto n%d;\n",
                number_of_set(&skipped, node->look_set), byte_text(node->look_byte),
                node->look_with, node->look_without, node->look_with, node->look_without);
            continue;
        }
        ADD("    SIPV_CHUNK(chunk_%d);\n    switch (s.exit) {\n", node->chunk->id);
        for (int k = 0; k < node->exits.n; k++) {
            const struct exit_to *x = &node->exits.at[k];
            ADD("    case %d:", k);
            if (x->select >= 0)
                ADD(" SIPV_CHOOSE(%d, %d);", x->select, name_kind_of(g, x->select));
            if (x->element)
                ADD(" SIPV_ELEMENT;");
            if (x->target < 0)
                ADD(" return s;\n");
            else
                ADD(" goto n%d;\n", x->target);
        }
        ADD("    default: return s;\n    }\n");
    }
    return text;
#undef ADD
}

static void emit_class_tables(FILE *f)
{
    fprintf(f, "static const unsigned char sipv_class[%d][256] = {\n", tested.all.n / 8 + 1);
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
    fprintf(f, "};\n\n");
    fprintf(f, "static const struct sipv_run_set sipv_sets[%d] = {\n", skipped.all.n + 1);
    for (int i = 0; i < skipped.all.n; i++) {
        const byteset *s = &skipped.all.at[i];
        fprintf(f, "    {{");
        for (int lo = 0; lo < 16; lo++) {
            int rows = 0;
            for (int hi = 0; hi < 8; hi++)
                rows |= set_has(s, hi * 16 + lo) << hi;
            fprintf(f, "%d%s", rows, lo < 15 ? "," : "");
        }
        fprintf(f, "},\n     {0x%llxu, 0x%llxu}},\n", (unsigned long long)s->w[0],
                (unsigned long long)s->w[1]);
    }
    fprintf(f, "    {{0}, {0, 0}}};\n\n");
}

void emit_matchers(struct grammar *g, struct graph *graphs, int n, const char *dir)
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
    for (int i = 0; i < chunks.all.n; i++)
        emit_chunk(g, f, chunks.all.at[i]);
    int functions = 0;
    for (int i = 0; i < n; i++) {
        graphs[i].text = graph_text(g, &graphs[i]);
        graphs[i].id = -1;
        for (int k = 0; k < i && graphs[i].id < 0; k++)
            if (strcmp(graphs[k].text, graphs[i].text) == 0)
                graphs[i].id = graphs[k].id;
        if (graphs[i].id >= 0)
            continue;
        graphs[i].id = functions++;
        fprintf(f,
                "/* %s */\nstatic struct sipv_step match_%d(const unsigned char *p, struct "
                "sipv_run *r, "
                "unsigned node)\n{\n%s}\n\n",
                g->rules.at[graphs[i].rule].name, graphs[i].id, graphs[i].text);
    }
    fprintf(f, "const sipv_matcher SIPV_MATCHERS(%s)[%d] = {\n", g->name, n);
    for (int i = 0; i < n; i++)
        fprintf(f, "    match_%d, /* %s */\n", graphs[i].id, g->rules.at[graphs[i].rule].name);
    fprintf(f, "};\n");
    fclose(f);

    FILE *out = fopen(format("%s/%s_match.gen.c", dir, g->name), "wb");
    if (!out)
        fail("cannot write to %s", dir);
    fprintf(out,
            "/* Matchers of the %s grammar, made by abnfc from its ABNF and view files.  Included "
            "once for each\n * flavour of vector code, see match.h. */\n",
            g->name);
    emit_class_tables(out);
    fprintf(out, "const struct sipv_run_set *const SIPV_TOKENS(%s) = &sipv_sets[%d];\n\n", g->name,
            token);
    fwrite(body, 1, size, out);
    if (fclose(out) != 0)
        fail("cannot write to %s", dir);
}
