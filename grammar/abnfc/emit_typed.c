/* Typed forms -> C: the public structs and their fields. */
#include "abnfc.h"

#include <string.h>

static const char *c_type(enum field_type t)
{
    static const char *const types[] = {"sipv_slice", "int64_t",     "bool",
                                        "sipv_uri",   "sipv_params", "sipv_list"};
    return types[t];
}

bool is_uri_view(const struct view *v)
{
    return strcmp(v->name, "uri") == 0;
}

static const char *path_text(const struct grammar *g, const struct binding *b)
{
    char *text = format("%s", g->rules.at[b->path[b->n_path - 1]].name);
    for (int i = b->n_path - 2; i >= 0; i--)
        text = format("%s.%s", text, g->rules.at[b->path[i]].name);
    return text;
}

static void emit_field_doc(const struct grammar *g, FILE *f, const struct view *v,
                           const struct field *fd)
{
    const char *line = "";
    for (int i = 0; i < v->bindings.n; i++)
        if (v->bindings.at[i].kind == fd->kind && fd->type != F_PARAMS)
            line = format("%s%s%s", line, *line ? ", " : "", path_text(g, &v->bindings.at[i]));
    if (*line)
        fprintf(f, " /* %s */", line);
}

void emit_struct(const struct grammar *g, FILE *f, const struct view *v)
{
    fprintf(f, "/* %s", is_uri_view(v) ? "A URI: " : "");
    for (int i = 0; i < v->headers.n; i++)
        fprintf(f, "%s%s", i ? ", " : "", g->rules.at[v->headers.at[i]].name);
    if (*v->comment)
        fprintf(f, ".\n * %s", v->comment);
    fprintf(f, " */\ntypedef struct sipv_%s%s {\n", g->prefix, v->name);
    if (is_uri_view(v))
        fprintf(f, "    sipv_slice text; /* the whole URI */\n");
    for (int i = 0; i < v->fields.n; i++) {
        fprintf(f, "    %s %s;", c_type(v->fields.at[i].type), v->fields.at[i].name);
        emit_field_doc(g, f, v, &v->fields.at[i]);
        fprintf(f, "\n");
    }
    if (!v->fields.n)
        fprintf(f, "    char none;\n");
    fprintf(f, "} sipv_%s%s;\n", g->prefix, v->name);
}

bool has_struct(const struct grammar *g, const struct view *v)
{
    if (is_uri_view(v) || g->attributes.n)
        return true;
    for (int i = 0; i < v->headers.n; i++)
        if (g->rules.at[v->headers.at[i]].flags & SIPV_RULE_HEADER)
            return true;
    return false;
}

void emit_view_ids(const struct grammar *g, FILE *f)
{
    fprintf(f, "/* The typed forms. */\nenum sipv_%sview_id {\n", g->prefix);
    for (int i = 0; i < g->views.n; i++)
        fprintf(f, "    SIPV_%sVIEW_%s,\n", identifier(g->prefix, true),
                identifier(g->views.at[i].name, true));
    fprintf(f, "    SIPV_%sVIEW_COUNT\n};\n\n", identifier(g->prefix, true));
}

/* Which checks the values of a view need beyond the grammar. */
static const char *checks_of(const struct view *v)
{
    bool walk = v->each_rule >= 0, numbers = false;
    for (int i = 0; i < v->fields.n; i++) {
        const struct field *f = &v->fields.at[i];
        const bool port = strcmp(f->name, "port") == 0;
        walk |= f->type == F_URI || f->type == F_PARAMS || port;
        numbers |= f->type == F_NUMBER && !port && f->max > 9999;
        numbers |= f->type == F_NUMBER && !port && f->max == 255;
    }
    return walk && numbers ? "SIPV_WALK | SIPV_NUMBERS"
           : walk          ? "SIPV_WALK"
           : numbers       ? "SIPV_NUMBERS"
                           : "0";
}

void emit_typed_tables(struct grammar *g, FILE *f)
{
    for (int i = 0; i < g->views.n; i++) {
        const struct view *v = &g->views.at[i];
        if (!has_struct(g, v))
            continue;
        fprintf(f, "static const struct sipv_field fields_%s[] = {\n", v->name);
        for (int k = 0; k < v->fields.n; k++) {
            const struct field *fd = &v->fields.at[k];
            fprintf(f, "    {%d, %d, offsetof(sipv_%s%s, %s), %lluu},\n", fd->kind, fd->type,
                    g->prefix, v->name, fd->name, (unsigned long long)fd->max);
        }
        fprintf(f, "    {0, 0, 0, 0}};\n");
    }
    fprintf(f, "const struct sipv_typed sipv_%s_typed%s[] = {\n", g->name,
            g->attributes.n ? "_forms" : "");
    for (int i = 0; i < g->views.n; i++) {
        const struct view *v = &g->views.at[i];
        if (!has_struct(g, v))
            fprintf(f, "    {NULL, 0, 0, 0},\n");
        else
            fprintf(f, "    {fields_%s, %d, %s, sizeof(sipv_%s%s)},\n", v->name, v->fields.n,
                    checks_of(v), g->prefix, v->name);
    }
    fprintf(f, "};\n\n");
}
