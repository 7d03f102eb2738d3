/* The program, the views and the ids as C; and a dictionary for fuzzers. */
#include "abnfc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- Grammar tables -------------------------------------------------------------------------- */

static void emit_program(struct grammar *g, FILE *f)
{
    fprintf(f, "static const sipv_op ops[] = {\n");
    for (int i = 0; i < g->ops.n; i++) {
        const sipv_op *o = &g->ops.at[i];
        fprintf(f, "    {%u, %u, %u, %u},\n", o->op, o->a, o->x, o->y);
    }
    fprintf(f, "};\nstatic const uint64_t sets[][4] = {\n");
    for (int i = 0; i < g->sets.n; i++)
        fprintf(f, "    {0x%" PRIx64 "u, 0x%" PRIx64 "u, 0x%" PRIx64 "u, 0x%" PRIx64 "u},\n",
                g->sets.at[i].w[0], g->sets.at[i].w[1], g->sets.at[i].w[2], g->sets.at[i].w[3]);
    fprintf(f, "};\nstatic const sipv_rule rules[] = {\n");
    for (int i = 0; i < g->rules.n; i++) {
        const struct rule *r = &g->rules.at[i];
        int flags =
            r->flags | (r->is_class ? SIPV_RULE_CLASS : 0) | (r->is_value ? SIPV_RULE_MADE_UP : 0);
        fprintf(f, "    {\"%s\", %d, %d, %d, %d, %d, %d, %u},\n", r->name, r->entry, r->value_entry,
                flags, r->source, r->extra, r->view,
                r->root < 0 ? SIPV_NO_RULE : (unsigned)r->root);
    }
    fprintf(f, "};\nstatic const char *const sources[] = {");
    for (int i = 0; i < g->sources.n; i++)
        fprintf(f, "\"%s\", ", g->sources.at[i]);
    fprintf(f, "};\nstatic const char *const kinds[] = {");
    for (int i = 0; i < g->kinds.n; i++)
        fprintf(f, "\"%s\", ", g->kinds.at[i]);
    fprintf(f, "};\nstatic const char *const relaxations[] = {");
    for (int i = 0; i < g->relaxations.n; i++)
        fprintf(f, "\"%s\", ", g->relaxations.at[i]);
    fprintf(f, "NULL};\nstatic const uint16_t cut_rules[] = {");
    for (int i = 0; i < g->cuts.n; i++)
        fprintf(f, "%d, ", g->cuts.at[i].rule);
    fprintf(f, "0};\n");
}

static void emit_byteset(FILE *f, const char *name, byteset s)
{
    fprintf(f,
            "static const uint64_t %s[4] = {0x%" PRIx64 "u, 0x%" PRIx64 "u, 0x%" PRIx64
            "u, 0x%" PRIx64 "u};\n",
            name, s.w[0], s.w[1], s.w[2], s.w[3]);
}

static void emit_views(struct grammar *g, FILE *f)
{
    fprintf(f, "static const sipv_binding bindings[] = {\n");
    for (int i = 0; i < g->views.n; i++)
        for (int k = 0; k < g->views.at[i].bindings.n; k++) {
            const struct binding *b = &g->views.at[i].bindings.at[k];
            fprintf(f, "    {%u, {", b->kind < 0 ? SIPV_NO_RULE : (unsigned)b->kind);
            for (int p = 0; p < SIPV_PATH_MAX; p++)
                fprintf(f, "%u%s", p < b->n_path ? (unsigned)b->path[p] : SIPV_NO_RULE,
                        p + 1 < SIPV_PATH_MAX ? ", " : "");
            fprintf(f, "}},\n");
        }
    fprintf(f, "    {0, {0}}};\nstatic const sipv_view views[] = {\n");
    int first = 0;
    for (int i = 0; i < g->views.n; i++) {
        const struct view *v = &g->views.at[i];
        fprintf(f, "    {\"%s\", %d, %d, %u},\n", v->name, first, v->bindings.n,
                v->each_rule < 0 ? SIPV_NO_RULE : (unsigned)v->each_rule);
        first += v->bindings.n;
    }
    fprintf(f, "    {NULL, 0, 0, 0}};\n");
}

static void emit_grammar(struct grammar *g, FILE *f)
{
    fprintf(
        f,
        "const sipv_grammar sipv_%s_tables = {\n    \"%s\", ops, sets, rules, sources, selects, "
        "sipv_%s_select_names,\n    sipv_%s_select_slots, views, bindings, kinds, relaxations, "
        "cut_rules, token, simple,\n    %d, %d, %d, %d, %d, %d};\n\n",
        g->name, g->name, g->name, g->name, g->ops.n, g->rules.n, g->selects.n, g->views.n,
        g->kinds.n, g->relaxations.n);
}

/* ---- Constants and ids --------------------------------------------------------------------------
 */

static void emit_bytes(FILE *f, int n, int byte)
{
    for (int i = 0; i < n; i++)
        fprintf(f, "%d,", byte);
}

/* See struct sipv_vectors. */
static void emit_vectors(const struct grammar *g, FILE *f)
{
    fprintf(f, "const struct sipv_vectors sipv_%s_vectors = {\n    {", g->name);
    emit_bytes(f, 32, ' ');
    fprintf(f, "},\n    {");
    emit_bytes(f, 32, ':');
    fprintf(f, "}};\n");
}

static void emit_ids(struct grammar *g, const char *dir)
{
    FILE *f =
        create_output(dir, format("%s_ids.gen.h", g->name), "Numbers of rules and captured parts.");
    fprintf(f, "#ifndef SIPV_%s_IDS_H\n#define SIPV_%s_IDS_H\n\nenum {\n",
            identifier(g->name, true), identifier(g->name, true));
    for (int i = 0; i < g->rules.n; i++)
        if (!g->rules.at[i].is_value)
            fprintf(f, "    SIPV_R_%s = %d,\n", identifier(g->rules.at[i].name, true), i);
    fprintf(f, "    SIPV_R_COUNT = %d\n};\n\n/* Matchers of rules. */\nenum {\n", g->rules.n);
    for (int i = 0; i < g->rules.n; i++)
        if (!g->rules.at[i].is_value && g->rules.at[i].root >= 0)
            fprintf(f, "    SIPV_ROOT_%s = %d,\n", identifier(g->rules.at[i].name, true),
                    g->rules.at[i].root);
    fprintf(f, "};\n\nenum {\n");
    for (int i = 0; i < g->kinds.n; i++)
        fprintf(f, "    SIPV_K_%s = %d,\n", identifier(g->kinds.at[i], true), i);
    fprintf(f, "    SIPV_K_COUNT = %d\n};\n\nenum {\n", g->kinds.n);
    for (int i = 0; i < g->relaxations.n; i++)
        fprintf(f, "    SIPV_RELAX_%s = %d,\n", identifier(g->relaxations.at[i], true), i);
    fprintf(f, "    SIPV_RELAX_COUNT = %d\n};\n\n#endif\n", g->relaxations.n);
    finish_output(f);
}

/* ---- Dictionary ------------------------------------------------------------------------------ */

struct words {
    VEC(char *) all;
};

static void add_word(struct words *w, const char *text, int n)
{
    char *quoted = format("\"");
    for (int i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\')
            quoted = format("%s\\%c", quoted, c);
        else if (c >= 0x20 && c < 0x7f)
            quoted = format("%s%c", quoted, c);
        else
            quoted = format("%s\\x%02X", quoted, c);
    }
    quoted = format("%s\"", quoted);
    for (int i = 0; i < w->all.n; i++)
        if (strcmp(w->all.at[i], quoted) == 0)
            return;
    *PUSH(&w->all) = quoted;
}

static void words_of(struct words *w, const struct tree *t)
{
    if (t->kind == T_TEXT && t->n > 1)
        add_word(w, t->text, t->n);
    for (int i = 0; i < t->kids.n; i++)
        words_of(w, t->kids.at[i]);
}

/* Tokens for libFuzzer and AFL++: literals of the grammar, header names, parameter names. */
static void emit_dictionary(struct grammar *g, const char *dir)
{
    FILE *f = fopen(format("%s/%s.dict", dir, g->name), "wb");
    if (!f)
        fail("cannot write to %s", dir);
    fprintf(f, "# Tokens of the %s grammar, made by abnfc.\n", g->name);
    struct words w = {{0}};
    static const char *const basic[] = {"\r\n", "\r\n ", "\r\n\r\n", ": ", ";", ",", "<", ">", "\"",
                                        "\\",   "@",     "%00",      "=",  "/", "[", "]", "::"};
    for (size_t i = 0; i < sizeof basic / sizeof *basic; i++)
        add_word(&w, basic[i], (int)strlen(basic[i]));
    for (int i = 0; i < g->headers.n; i++) {
        char *line = format("%s: ", g->headers.at[i].name);
        add_word(&w, line, (int)strlen(line));
    }
    for (int i = 0; i < g->attributes.n; i++) {
        char *line =
            format("a=%s%s", g->attributes.at[i].name, g->attributes.at[i].rule < 0 ? "" : ":");
        add_word(&w, line, (int)strlen(line));
    }
    for (int i = 0; i < g->selects.n; i++)
        for (int k = 0; k < g->selects.at[i].names.n; k++) {
            char *param = format(";%s=", g->selects.at[i].names.at[k].name);
            add_word(&w, param, (int)strlen(param));
        }
    for (int i = 0; i < g->rules.n; i++)
        words_of(&w, g->rules.at[i].tree);
    for (int i = 0; i < w.all.n; i++)
        fprintf(f, "%s\n", w.all.at[i]);
    finish_output(f);
}

void emit_tables(struct grammar *g, struct graph *graphs, int n, const char *dir)
{
    FILE *f = create_output(dir, format("%s_tables.gen.c", g->name), "Tables of a grammar.");
    char *automata = NULL;
    size_t size = 0;
    FILE *part = open_memstream(&automata, &size);
    if (!part)
        fail("out of memory");
    emit_automata(g, graphs, n, part); /* it adds to the sets */
    fclose(part);
    fprintf(f, "#include <stddef.h>\n#include \"tables.h\"\n\n");
    emit_program(g, f);
    emit_byteset(f, "token", token_bytes(g));
    emit_byteset(f, "simple", simple_bytes(g));
    emit_selects(g, f);
    emit_views(g, f);
    emit_grammar(g, f);
    fwrite(automata, 1, size, f);
    emit_vectors(g, f);
    if (g->headers.n || g->attributes.n)
        emit_typed_tables(g, f);
    if (g->headers.n)
        emit_headers(g, f);
    if (g->attributes.n)
        emit_attributes(g, f);
    finish_output(f);
    emit_ids(g, dir);
    if (g->headers.n)
        emit_public(g, dir);
    if (g->attributes.n)
        emit_public_attributes(g, dir);
    emit_dictionary(g, dir);
}
