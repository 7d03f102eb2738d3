/* The program, the names and the views as C: tables, ids, public structs, a fuzzing dictionary. */
#include "abnfc.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../src/field_name.h"
#include "../src/name.h"

static FILE *create(const char *dir, const char *file, const char *what)
{
    FILE *f = fopen(format("%s/%s", dir, file), "wb");
    if (!f)
        fail("cannot write %s/%s", dir, file);
    fprintf(f, "/* %s  Made by abnfc from ABNF and view files, do not edit. */\n", what);
    return f;
}

static void finish(FILE *f)
{
    if (ferror(f) || fclose(f) != 0)
        fail("a file could not be written");
}

/* ---- Names looked up by hash ----------------------------------------------------------------- */

static uint32_t hash_of(const char *name, uint64_t seed)
{
    const size_t n = strlen(name);
    return sipv_name_hash((const unsigned char *)name, n, seed);
}

/* A seed and a size for which no two names share a slot. */
static uint64_t find_seed(char *const *names, int n, int *bits)
{
    *bits = 2;
    while (1 << *bits < n * 4)
        ++*bits;
    for (;; ++*bits) {
        unsigned char *used = zalloc((size_t)1 << *bits);
        int tries = 0;
        for (uint64_t seed = 0x9e3779b97f4a7c15u; tries < 20000;
             tries++, seed = (seed * 0xd1342543de82ef95u + 0x2545f4914f6cdd1du) | 1) {
            memset(used, 0, (size_t)1 << *bits);
            int i = 0;
            while (i < n && !used[hash_of(names[i], seed) >> (32 - *bits)]++)
                i++;
            if (i == n)
                return seed;
        }
        free(used);
        if (*bits > 16)
            fail("two names cannot be told apart by their hash: %s ...", n ? names[0] : "");
    }
}

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

/* A name that a later file adds to a rule: the older grammar still takes it as any other. */
static bool is_extension(struct grammar *g, int select, int name)
{
    const struct select_rule *s = &g->selects.at[select];
    return g->rules.at[s->names.at[name].keyword].source != g->rules.at[s->rule].source;
}

/* The bytes of a token. */
byteset token_bytes(struct grammar *g)
{
    const int rule = find_rule(g, "token"); /* a grammar may do without */
    byteset chars = {{0}};
    for (int c = 0; rule >= 0 && c < 256; c++)
        if (language(g, rule)->next[0][c] >= 0)
            set_add(&chars, c);
    return chars;
}

byteset simple_bytes(struct grammar *g)
{
    byteset chars = token_bytes(g), others = {{0}};
    set_add(&others, '%');
    set_add(&others, '`');
    for (int i = 0; i < 4; i++)
        chars.w[i] &= ~others.w[i];
    return chars;
}

/* 1*( one of the bytes ) */
static const struct dfa *run_of(byteset bytes)
{
    struct dfa *d = zalloc(sizeof *d);
    d->n = 2;
    d->next = zalloc(sizeof *d->next * 2);
    d->accept = zalloc(2);
    d->accept[1] = true;
    for (int s = 0; s < 2; s++)
        for (int c = 0; c < 256; c++)
            d->next[s][c] = set_has(&bytes, c) ? 1 : -1;
    return d;
}

/* A number of so many digits is right and in its range; 255 is as good as any. */
static int sure_digits(struct grammar *g, const struct select_name *n)
{
    if (n->value == SIPV_VALUE_NONE ||
        (n->rule >= 0 && not_included(run_of(set_range('0', '9')), language(g, n->rule))))
        return 0;
    return same_name(n->name, "ttl") ? 2 : same_name(n->name, "expires") ? 9 : 255;
}

static bool takes_address(struct grammar *g, int rule)
{
    const int address = find_rule(g, "IPv4address");
    return address >= 0 && rule >= 0 && !not_included(language(g, address), language(g, rule));
}

/* The forms of which every value is right. */
static int accepted_forms(struct grammar *g, int value, int rule)
{
    const int token = find_rule(g, "token"), quoted = find_rule(g, "qstring");
    int forms = value != SIPV_VALUE_REQUIRED ? SIPV_FORM_ABSENT : 0;
    if (value == SIPV_VALUE_NONE)
        return forms;
    if (rule < 0)
        return forms | SIPV_FORM_ANY;
    if (token >= 0 && !not_included(language(g, token), language(g, rule)))
        forms |= SIPV_FORM_TOKEN;
    if (!not_included(run_of(simple_bytes(g)), language(g, rule)))
        forms |= SIPV_FORM_SIMPLE;
    if (quoted >= 0 && !not_included(language(g, quoted), language(g, rule)))
        forms |= SIPV_FORM_QUOTED;
    return forms;
}

/* Do two selects judge every parameter alike? */
static bool same_select(struct grammar *g, int a, int b)
{
    const struct select_rule *x = &g->selects.at[a], *y = &g->selects.at[b];
    if (x->name_kind != y->name_kind || x->value_kind != y->value_kind || x->other != y->other ||
        x->plain != y->plain || x->names.n != y->names.n)
        return false;
    for (int i = 0; i < x->names.n; i++) {
        const struct select_name *m = &x->names.at[i], *n = &y->names.at[i];
        if (!same_name(m->name, n->name) || m->value != n->value || m->rule != n->rule ||
            is_extension(g, a, i) != is_extension(g, b, i))
            return false;
    }
    return true;
}

void prepare_selects(struct grammar *g)
{
    int slots = 0;
    for (int i = 0; i < g->selects.n; i++) {
        struct select_rule *s = &g->selects.at[i];
        char **names = zalloc(sizeof *names * (size_t)(s->names.n + 1));
        for (int k = 0; k < s->names.n; k++)
            names[k] = s->names.at[k].name;
        s->seed = find_seed(names, s->names.n, &s->bits);
        s->alike = 0;
        while (!same_select(g, s->alike, i))
            s->alike++;
        s->first_slot = slots;
        slots += 1 << s->bits;
        s->other_accepts =
            accepted_forms(g, SIPV_VALUE_OPTIONAL, s->other) & (s->other < 0 ? SIPV_FORM_ANY : ~0);
    }
}

/* A name as sipv_is_name() compares it. */
static void emit_folded(FILE *f, const char *name)
{
    int n = 0;
    for (; name[n] && n < SIPV_FOLDED; n++)
        fprintf(f, "%d,", name[n] | 0x20);
    if (n < SIPV_FOLDED)
        fprintf(f, "0");
}

static void emit_select_slots(const struct grammar *g, FILE *f)
{
    int last = 0, first = 0;
    for (int i = 0; i < g->selects.n; i++)
        last += g->selects.at[i].names.n;
    fprintf(f,
            "enum { LINE = sizeof(sipv_select_name) };\n"
            "const uint16_t sipv_%s_select_slots[] = {\n    ",
            g->name);
    for (int i = 0; i < g->selects.n; i++) {
        const struct select_rule *s = &g->selects.at[i];
        int *line = zalloc(sizeof *line << s->bits);
        for (int h = 0; h < 1 << s->bits; h++)
            line[h] = last;
        for (int k = 0; k < s->names.n; k++)
            line[hash_of(s->names.at[k].name, s->seed) >> (32 - s->bits)] = first + k;
        for (int h = 0; h < 1 << s->bits; h++)
            fprintf(f, "%d * LINE,%s", line[h], h % 8 == 7 ? "\n    " : "");
        first += s->names.n;
    }
    fprintf(f, "0};\n");
    if (last * (int)sizeof(sipv_select_name) > UINT16_MAX)
        fail("the names of parameters do not fit 16-bit offsets");
}

static void emit_selects(struct grammar *g, FILE *f)
{
    fprintf(f, "const sipv_select_name sipv_%s_select_names[] = {\n", g->name);
    for (int i = 0; i < g->selects.n; i++)
        for (int k = 0; k < g->selects.at[i].names.n; k++) {
            const struct select_name *n = &g->selects.at[i].names.at[k];
            const int root = n->rule < 0 ? -1 : g->rules.at[n->rule].root;
            const bool ranged = same_name(n->name, "ttl") || same_name(n->name, "expires");
            const int accepts = accepted_forms(g, n->value, n->rule);
            fprintf(f, "    {\"%s\", %d, %d, %d, %u, %d, %u, %d, %d, %d, %d, %d,\n     ", n->name,
                    (int)strlen(n->name), n->value, is_extension(g, i, k),
                    n->rule < 0 ? SIPV_NO_RULE : (unsigned)n->rule, n->keyword,
                    root < 0 ? SIPV_NO_RULE : (unsigned)root, accepts, ranged ? 0 : accepts,
                    sure_digits(g, n), ranged, takes_address(g, n->rule));
            fprintf(f, "(uint64_t)1 << %d, 0x%" PRIx64 "u, 0x%" PRIx64 "u, {", k % 64,
                    sipv_name_first((const unsigned char *)n->name, strlen(n->name)),
                    sipv_name_last((const unsigned char *)n->name, strlen(n->name)));
            emit_folded(f, n->name);
            fprintf(f, "}},\n");
        }
    fprintf(f, "    {NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, {0}}};\n");
    emit_select_slots(g, f);
    fprintf(f, "static const sipv_select selects[] = {\n");
    int first = 0;
    for (int i = 0; i < g->selects.n; i++) {
        const struct select_rule *s = &g->selects.at[i];
        const int root = s->other < 0 ? -1 : g->rules.at[s->other].root;
        fprintf(f, "    {%d, %d, %d, %d, %d, %u, %u, %d, %d, 0x%" PRIx64 "u, %d, %d}, /* %s */\n",
                s->rule, s->name_kind, s->value_kind, first, s->names.n,
                s->other < 0 ? SIPV_NO_RULE : (unsigned)s->other,
                root < 0 ? SIPV_NO_RULE : (unsigned)root, s->other_accepts, s->plain, s->seed,
                32 - s->bits, s->first_slot, g->rules.at[s->rule].name);
        first += s->names.n;
    }
    fprintf(f, "    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}};\n");
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

/* ---- Typed forms ----------------------------------------------------------------------------- */

static const char *c_type(enum field_type t)
{
    static const char *const types[] = {"sipv_slice", "int64_t", "bool", "sipv_uri", "sipv_params"};
    return types[t];
}

static bool is_uri_view(const struct view *v)
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

static void emit_struct(const struct grammar *g, FILE *f, const struct view *v)
{
    fprintf(f, "/* %s", is_uri_view(v) ? "A URI: " : "");
    for (int i = 0; i < v->headers.n; i++)
        fprintf(f, "%s%s", i ? ", " : "", g->rules.at[v->headers.at[i]].name);
    if (*v->comment)
        fprintf(f, ".\n * %s", v->comment);
    fprintf(f, " */\ntypedef struct sipv_%s {\n", v->name);
    if (is_uri_view(v))
        fprintf(f, "    sipv_slice text; /* the whole URI */\n");
    for (int i = 0; i < v->fields.n; i++) {
        fprintf(f, "    %s %s;", c_type(v->fields.at[i].type), v->fields.at[i].name);
        emit_field_doc(g, f, v, &v->fields.at[i]);
        fprintf(f, "\n");
    }
    if (!v->fields.n)
        fprintf(f, "    char none;\n");
    fprintf(f, "} sipv_%s;\n", v->name);
}

static bool has_header(const struct grammar *g, const struct view *v)
{
    for (int i = 0; i < v->headers.n; i++)
        if (g->rules.at[v->headers.at[i]].flags & SIPV_RULE_HEADER)
            return true;
    return false;
}

static void emit_public(struct grammar *g, const char *dir)
{
    FILE *f = create(dir, "headers.gen.h", "Ids and typed forms of SIP headers.");
    fprintf(f, "#ifndef SIPVET_HEADERS_GEN_H\n#define SIPVET_HEADERS_GEN_H\n\n");
    fprintf(f, "/* Every header field registered for SIP. */\nenum sipv_header_id {\n"
               "    SIPV_H_OTHER,\n");
    for (int i = 0; i < g->headers.n; i++)
        fprintf(f, "    SIPV_H_%s, /* %s, %s */\n", identifier(g->headers.at[i].name, true),
                g->headers.at[i].name, g->headers.at[i].rfc);
    fprintf(f, "    SIPV_H_COUNT\n};\n\n");
    fprintf(f, "/* The typed forms. */\nenum sipv_view_id {\n");
    for (int i = 0; i < g->views.n; i++)
        fprintf(f, "    SIPV_VIEW_%s,\n", identifier(g->views.at[i].name, true));
    fprintf(f, "    SIPV_VIEW_COUNT\n};\n\n");
    for (int i = 0; i < g->views.n; i++)
        if (is_uri_view(&g->views.at[i]))
            emit_struct(g, f, &g->views.at[i]);
    fprintf(f, "\nSIPV_API int sipv_next(sipv_iter *it, int view, void *out);\n\n");
    for (int i = 0; i < g->views.n; i++) {
        const struct view *v = &g->views.at[i];
        if (!has_header(g, v))
            continue;
        emit_struct(g, f, v);
        fprintf(f,
                "static inline int sipv_%s_next(sipv_iter *it, sipv_%s *out)\n{\n    return "
                "sipv_next(it, SIPV_VIEW_%s, out);\n}\n\n",
                v->name, v->name, identifier(v->name, true));
    }
    fprintf(f, "#endif\n");
    finish(f);
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

static void emit_typed_tables(struct grammar *g, FILE *f)
{
    for (int i = 0; i < g->views.n; i++) {
        const struct view *v = &g->views.at[i];
        if (!has_header(g, v) && !is_uri_view(v))
            continue;
        fprintf(f, "static const struct sipv_field fields_%s[] = {\n", v->name);
        for (int k = 0; k < v->fields.n; k++) {
            const struct field *fd = &v->fields.at[k];
            fprintf(f, "    {%d, %d, offsetof(sipv_%s, %s), %lluu},\n", fd->kind, fd->type, v->name,
                    fd->name, (unsigned long long)fd->max);
        }
        fprintf(f, "    {0, 0, 0, 0}};\n");
    }
    fprintf(f, "const struct sipv_typed sipv_%s_typed[] = {\n", g->name);
    for (int i = 0; i < g->views.n; i++) {
        const struct view *v = &g->views.at[i];
        if (!has_header(g, v) && !is_uri_view(v))
            fprintf(f, "    {NULL, 0, 0, 0},\n");
        else
            fprintf(f, "    {fields_%s, %d, %s, sizeof(sipv_%s)},\n", v->name, v->fields.n,
                    checks_of(v), v->name);
    }
    fprintf(f, "};\n\n");
}

/* The methods of a comma-separated list as bits, in the order of enum sipv_method. */
static unsigned method_bits(const char *list)
{
    static const char *const methods[] = {"ACK",     "BYE",      "CANCEL",    "INFO",  "INVITE",
                                          "MESSAGE", "NOTIFY",   "OPTIONS",   "PRACK", "PUBLISH",
                                          "REFER",   "REGISTER", "SUBSCRIBE", "UPDATE"};
    unsigned bits = 1; /* unknown methods may do what they like */
    if (strcmp(list, "*") == 0)
        return ~0u;
    for (const char *p = list; *p;) {
        size_t n = strcspn(p, ",");
        for (unsigned i = 0; i < sizeof methods / sizeof *methods; i++)
            if (strlen(methods[i]) == n && strncmp(methods[i], p, n) == 0)
                bits |= 2u << i;
        p += n + (p[n] == ',');
    }
    return bits;
}

/* Whole classes of a response list as bits 1 to 6; bit 0: single codes are listed too. */
static unsigned class_bits(const char *list)
{
    unsigned bits = 0;
    if (strcmp(list, "*") == 0)
        return 0x7f;
    for (const char *p = list; *p;) {
        size_t n = strcspn(p, ",");
        if (n == 3 && strncmp(p + 1, "xx", 2) == 0)
            bits |= 1u << (*p - '0');
        else if (n == 3)
            bits |= 1;
        p += n + (p[n] == ',');
    }
    return bits;
}

static uint32_t field_hash_of(const char *name, uint64_t seed)
{
    return sipv_field_hash((const unsigned char *)name, strlen(name), seed);
}

/* A seed for which no two names of header fields share a slot. */
static uint64_t find_field_seed(char *const *names, int n)
{
    const size_t size = (size_t)1 << (64 - SIPV_FIELD_SHIFT);
    unsigned char *used = zalloc(size);
    uint64_t seed = 0x9e3779b97f4a7c15u;
    for (int tries = 0; tries < 1000000; tries++) {
        int i = 0;
        memset(used, 0, size);
        while (i < n && !used[field_hash_of(names[i], seed)]++)
            i++;
        if (i == n)
            return seed;
        seed = (seed * 0xd1342543de82ef95u + 0x2545f4914f6cdd1du) | 1;
    }
    fail("too many header fields for their hash: see SIPV_FIELD_SHIFT");
}

/* See struct sipv_header_key. */
static void emit_header_key(const struct grammar *g, FILE *f, int i, const char *name)
{
    const struct header *h = &g->headers.at[i];
    const int view = h->rule < 0 ? -1 : g->rules.at[h->rule].view;
    const int n = (int)strlen(name);
    if (n + 2 > SIPV_FOLDED)
        fail("the name %s is too long", name);
    fprintf(f, "    {{");
    emit_folded(f, format("%s: ", name));
    fprintf(f, "}, {");
    for (int k = 0; k < n; k++)
        fprintf(f, "%d,", isalpha((unsigned char)name[k]) ? 0x20 : 0);
    fprintf(f, "0}, %d, %s, 1, 0x%xu, %d, %s},\n", i + 1, view < 0 ? "SIPV_UNTYPED" : "SIPV_UNREAD",
            (unsigned)(((uint64_t)4 << n) - 1), n,
            strcmp(h->nature, "single") == 0 ? "true" : "false");
}

/* Keys by id, those of compact names behind them, and the slots in which they are found. */
static void emit_header_keys(const struct grammar *g, FILE *f)
{
    VEC(char *) names = {0};
    for (int i = 0; i < g->headers.n; i++)
        *PUSH(&names) = g->headers.at[i].name;
    fprintf(f, "const struct sipv_header_key sipv_header_keys[] = {\n"
               "    {{0}, {0}, 0, SIPV_UNTYPED, 1, ~0u, 0, false},\n");
    for (int i = 0; i < g->headers.n; i++)
        emit_header_key(g, f, i, g->headers.at[i].name);
    for (int i = 0; i < g->headers.n; i++)
        if (strcmp(g->headers.at[i].compact, "-") != 0) {
            *PUSH(&names) = g->headers.at[i].compact;
            emit_header_key(g, f, i, g->headers.at[i].compact);
        }
    const uint64_t seed = find_field_seed(names.at, names.n);
    const int slots = 1 << (64 - SIPV_FIELD_SHIFT);
    int *slot = zalloc(sizeof *slot * (size_t)slots);
    for (int i = 0; i < names.n; i++)
        slot[field_hash_of(names.at[i], seed)] = i + 1;
    fprintf(f, "};\nconst uint64_t sipv_header_seed = 0x%" PRIx64 "u;\n", seed);
    fprintf(f, "_Static_assert(sizeof(struct sipv_header_key) == 96, \"\");\n"
               "const uint16_t sipv_header_slots[] = {\n    ");
    for (int h = 0; h < slots; h++)
        fprintf(f, "%d,%s", slot[h] * 96, h % 24 == 23 ? "\n    " : "");
    fprintf(f, "};\n");
}

unsigned header_places(const struct header *h)
{
    return (method_bits(h->requests) & 0x1ffffff) | (class_bits(h->responses) & 0x7e) << 24;
}

static void emit_headers(struct grammar *g, FILE *f)
{
    fprintf(f, "const sipv_header_info sipv_header_table[SIPV_H_COUNT] = {\n"
               "    {NULL, 0, 0, SIPV_LIST, false, -1, -1, ~0u, 0x7f, \"\", \"\", \"\"},\n");
    for (int i = 0; i < g->headers.n; i++) {
        const struct header *h = &g->headers.at[i];
        int view = h->rule < 0 ? -1 : g->rules.at[h->rule].view;
        fprintf(
            f, "    {\"%s\", %s, %d, SIPV_%s, %s, %d, %d, 0x%xu, 0x%x, \"%s\", \"%s\", \"%s\"},\n",
            h->name, strcmp(h->compact, "-") == 0 ? "0" : format("'%s'", h->compact),
            (int)strlen(h->name),
            strcmp(h->nature, "single") == 0   ? "SINGLE"
            : strcmp(h->nature, "repeat") == 0 ? "REPEAT"
                                               : "LIST",
            strcmp(h->rfc, "RFC 3261") == 0 ? "true" : "false", view, h->rule,
            method_bits(h->requests), class_bits(h->responses), h->rfc, h->requests, h->responses);
    }
    fprintf(f, "};\n");
    emit_header_keys(g, f);
}

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
    FILE *f = create(dir, format("%s_ids.gen.h", g->name), "Numbers of rules and captured parts.");
    fprintf(f, "#ifndef SIPV_%s_IDS_H\n#define SIPV_%s_IDS_H\n\nenum {\n",
            identifier(g->name, true), identifier(g->name, true));
    for (int i = 0; i < g->rules.n; i++)
        if (!g->rules.at[i].is_value)
            fprintf(f, "    SIPV_R_%s = %d,\n", identifier(g->rules.at[i].name, true), i);
    fprintf(f, "    SIPV_R_COUNT = %d\n};\n\nenum {\n", g->rules.n);
    for (int i = 0; i < g->kinds.n; i++)
        fprintf(f, "    SIPV_K_%s = %d,\n", identifier(g->kinds.at[i], true), i);
    fprintf(f, "    SIPV_K_COUNT = %d\n};\n\nenum {\n", g->kinds.n);
    for (int i = 0; i < g->relaxations.n; i++)
        fprintf(f, "    SIPV_RELAX_%s = %d,\n", identifier(g->relaxations.at[i], true), i);
    fprintf(f, "    SIPV_RELAX_COUNT = %d\n};\n\n#endif\n", g->relaxations.n);
    finish(f);
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
    for (int i = 0; i < g->selects.n; i++)
        for (int k = 0; k < g->selects.at[i].names.n; k++) {
            char *param = format(";%s=", g->selects.at[i].names.at[k].name);
            add_word(&w, param, (int)strlen(param));
        }
    for (int i = 0; i < g->rules.n; i++)
        words_of(&w, g->rules.at[i].tree);
    for (int i = 0; i < w.all.n; i++)
        fprintf(f, "%s\n", w.all.at[i]);
    finish(f);
}

void emit_tables(struct grammar *g, struct graph *graphs, int n, const char *dir)
{
    FILE *f = create(dir, format("%s_tables.gen.c", g->name), "Tables of a grammar.");
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
    if (g->headers.n) {
        emit_typed_tables(g, f);
        emit_headers(g, f);
    }
    finish(f);
    emit_ids(g, dir);
    if (g->headers.n)
        emit_public(g, dir);
    emit_dictionary(g, dir);
}
