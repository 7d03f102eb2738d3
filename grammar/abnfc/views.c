/* Reads view files: which bytes cut a value, which rules are parameters chosen by name, which rules
 * become struct fields; and the table of header names.
 *
 *     cut COMMA ","                 every literal "," written in COMMA ends a chunk
 *     split sip-body "@"            of its two alternatives the first has this byte, the second not
 *     except abs-scheme sip-scheme  what sip-scheme matches, abs-scheme does not
 *     select via-params             parameters whose names choose their values' grammar
 *     root Request-URI              a rule that is matched by itself
 *     view via: Via                 struct sipv_via for these headers or rules; then its fields
 *       each COMMA                  one struct for each list element
 *       host slice sent-by.host     NAME TYPE PATH [| PATH ...]
 *
 * A field of type `list` has all texts of its path, in order.
 * A field of type `uri` brings the fields of the view called uri along.
 */
#include "abnfc.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 64 };

struct line {
    const char *file;
    int number;
    bool indented;
    int n;
    char *word[WORDS_MAX];
    const char *comment;
};

static const char *const built_in_kinds[] = {
    "element",         "param.name",      "param.value",     "uri_param.name",
    "uri_param.value", "uri_header.name", "uri_header.value"};

static int kind_index(struct grammar *g, const char *name)
{
    for (int i = 0; i < g->kinds.n; i++)
        if (strcmp(g->kinds.at[i], name) == 0)
            return i;
    *PUSH(&g->kinds) = format("%s", name);
    return g->kinds.n - 1;
}

void init_kinds(struct grammar *g)
{
    for (size_t i = 0; i < sizeof built_in_kinds / sizeof *built_in_kinds; i++)
        kind_index(g, built_in_kinds[i]);
}

/* Words are separated by white space; "|" and a trailing ":" are words of their own; a quoted word
 * keeps its quotes' inside; ";" outside quotes begins a comment. */
static void split_line(struct line *l, char *text)
{
    l->n = 0;
    l->comment = "";
    l->indented = *text == ' ' || *text == '\t';
    char *p = text;
    for (;;) {
        while (isspace((unsigned char)*p) || *p == ',')
            p++;
        if (*p == ';') {
            for (p++; isspace((unsigned char)*p); p++)
                ;
            l->comment = p;
        }
        if (!*p || l->comment == p)
            return;
        if (l->n == WORDS_MAX)
            fail_at(l->file, l->number, 1, "too many words");
        if (*p == '"') {
            char *from = ++p;
            while (*p && *p != '"')
                p++;
            l->word[l->n++] = format("%.*s", (int)(p - from), from);
            if (*p)
                p++;
            continue;
        }
        if (*p == '|' || *p == ':') {
            l->word[l->n++] = format("%c", *p++);
            continue;
        }
        char *from = p;
        while (*p && !isspace((unsigned char)*p) && *p != '|' && *p != ':' && *p != ';' &&
               *p != ',')
            p++;
        l->word[l->n++] = format("%.*s", (int)(p - from), from);
    }
}

static void wanted(const struct line *l, const char *what)
{
    fail_at(l->file, l->number, 1, "%s is wanted", what);
}

static int select_of(struct grammar *g, int rule)
{
    for (int i = 0; i < g->selects.n; i++)
        if (g->selects.at[i].rule == rule)
            return i;
    struct select_rule *s = PUSH(&g->selects);
    s->rule = rule;
    s->name_kind = SIPV_KIND_PARAM_NAME;
    s->value_kind = SIPV_KIND_PARAM_VALUE;
    s->other = -1;
    g->rules.at[rule].is_select = true;
    return g->selects.n - 1;
}

static void read_directive(struct grammar *g, const struct line *l)
{
    const char *what = l->word[0];
    if (l->n < 2)
        wanted(l, "a rule name");
    int rule = require_rule(g, l->word[1], l->file, l->number);
    if (strcmp(what, "cut") == 0) {
        if (l->n != 3 || strlen(l->word[2]) != 1)
            wanted(l, "a rule and one byte");
        struct cut *c = PUSH(&g->cuts);
        c->rule = rule;
        c->byte = (unsigned char)l->word[2][0];
    } else if (strcmp(what, "split") == 0) {
        if (l->n != 3 || strlen(l->word[2]) != 1)
            wanted(l, "a rule and one byte");
        g->rules.at[rule].split = l->word[2];
    } else if (strcmp(what, "except") == 0) {
        if (l->n < 3)
            wanted(l, "what is taken away");
        for (int i = 2; i < l->n; i++) {
            struct tree *t = new_tree(T_REF, l->number, 1);
            t->rule = require_rule(g, l->word[i], l->file, l->number);
            g->rules.at[t->rule].used = true;
            *PUSH(&g->rules.at[rule].except) = t;
        }
    } else if (strcmp(what, "root") == 0) {
        for (int i = 1; i < l->n; i++)
            *PUSH(&g->extra_roots) = require_rule(g, l->word[i], l->file, l->number);
    } else if (strcmp(what, "select") == 0) {
        int index = select_of(g, rule);
        struct select_rule *s = &g->selects.at[index];
        if (l->n != 2 && (l->n != 4 || strcmp(l->word[2], "as") != 0))
            wanted(l, "a rule, and perhaps `as` and a name");
        if (l->n == 4) {
            char *name = format("%s.name", l->word[3]), *value = format("%s.value", l->word[3]);
            s->name_kind = kind_index(g, name);
            s->value_kind = kind_index(g, value);
        }
    } else {
        wanted(l, "cut, split, except, root, select or view");
    }
}

/* `a.b.c`, innermost last, into a binding with the innermost rule first. */
static void read_path(struct grammar *g, struct view *v, int kind, const char *path,
                      const struct line *l)
{
    struct binding b = {.kind = kind};
    const char *end = path + strlen(path);
    while (end > path) {
        const char *from = end;
        while (from > path && from[-1] != '.')
            from--;
        if (from == end || from == path + 1)
            fail_at(l->file, l->number, 1, "path %s has an empty name", path);
        if (b.n_path == SIPV_PATH_MAX)
            fail_at(l->file, l->number, 1, "path %s is too long", path);
        b.path[b.n_path++] =
            require_rule(g, format("%.*s", (int)(end - from), from), l->file, l->number);
        end = from > path ? from - 1 : path;
    }
    *PUSH(&v->bindings) = b;
}

/* Digits alone, of no more than 64 bits. */
static bool read_max(const char *word, uint64_t *max)
{
    *max = 0;
    for (const char *p = word; *p; p++) {
        const uint64_t digit = (uint64_t)(*p - '0');
        if (!isdigit((unsigned char)*p) || *max > (UINT64_MAX - digit) / 10)
            return false;
        *max = *max * 10 + digit;
    }
    return *word != 0;
}

/* The field of this name; files that come later may give it further paths. */
static struct field *field_of(struct view *v, char *name)
{
    for (int i = 0; i < v->fields.n; i++)
        if (strcmp(v->fields.at[i].name, name) == 0)
            return &v->fields.at[i];
    struct field *f = PUSH(&v->fields);
    f->name = name;
    return f;
}

static void read_field(struct grammar *g, struct view *v, const char *group, const struct line *l)
{
    static const char *const types[] = {"slice", "number", "flag", "uri", "params", "list"};
    if (l->n == 2 && strcmp(l->word[0], "each") == 0) {
        v->each_rule = require_rule(g, l->word[1], l->file, l->number);
        return;
    }
    if (l->n < 3)
        wanted(l, "NAME TYPE PATH");
    struct field *f = field_of(v, identifier(l->word[0], false));
    int type = 0, at = 2;
    while (type < 6 && strcmp(types[type], l->word[1]) != 0)
        type++;
    if (type == 6)
        wanted(l, "slice, number, flag, uri, params or list");
    f->type = (enum field_type)type;
    if (type == F_NUMBER && !read_max(l->word[at++], &f->max))
        wanted(l, "the largest number");
    if (at == l->n)
        wanted(l, "NAME TYPE PATH");
    for (; at < l->n; at++) {
        if (strcmp(l->word[at], "|") == 0)
            continue;
        if (type == F_PARAMS) {
            int rule = require_rule(g, l->word[at], l->file, l->number);
            int select = select_of(g, rule);
            f->kind = g->selects.at[select].name_kind;
            struct binding b = {.kind = -1}; /* params make their own events */
            b.path[b.n_path++] = rule;
            *PUSH(&v->bindings) = b;
            continue;
        }
        char *name = type == F_URI ? format("uri")
                     : group       ? format("%s.%s", group, f->name)
                                   : format("%s", f->name);
        f->kind = kind_index(g, name);
        read_path(g, v, f->kind, l->word[at], l);
    }
}

static struct view *find_view(struct grammar *g, const char *name)
{
    for (int i = 0; i < g->views.n; i++)
        if (strcmp(g->views.at[i].name, name) == 0)
            return &g->views.at[i];
    return NULL;
}

static void begin_view(struct grammar *g, struct line *l)
{
    if (l->n < 2 || !isalpha((unsigned char)l->word[1][0]))
        wanted(l, "a name");
    char *name = identifier(l->word[1], false);
    struct view *v = find_view(g, name);
    int at = 2;
    if (!v) {
        v = PUSH(&g->views);
        v->name = name;
        v->comment = "";
        v->each_rule = -1;
        v->file = l->file;
        v->line = l->number;
    }
    if (at < l->n && strcmp(l->word[at], ":") == 0)
        at++;
    for (; at < l->n; at++)
        *PUSH(&v->headers) = require_rule(g, l->word[at], l->file, l->number);
}

void read_views(struct grammar *g, const char *path)
{
    size_t n;
    char *text = read_file(path, &n);
    struct line l = {.file = path};
    const char *comment = "";
    int open_view = -1;
    const char *group = NULL;
    for (char *p = text; *p;) {
        char *end = strchr(p, '\n');
        if (end)
            *end = 0;
        l.number++;
        split_line(&l, p);
        if (l.n && strcmp(l.word[0], "view") == 0) {
            int before = g->views.n;
            begin_view(g, &l);
            open_view = g->views.n - 1;
            if (g->views.n == before) /* more headers for a view of another file */
                for (open_view = 0;
                     strcmp(g->views.at[open_view].name, identifier(l.word[1], false)) != 0;
                     open_view++)
                    ;
            group = strcmp(l.word[1], "uri") == 0 ? "uri" : NULL;
            if (g->views.n > before)
                g->views.at[open_view].comment = format("%s", comment);
        } else if (l.n && l.indented) {
            if (open_view < 0)
                wanted(&l, "view before a field");
            read_field(g, &g->views.at[open_view], group, &l);
        } else if (l.n) {
            read_directive(g, &l);
        }
        comment = l.n ? "" : format("%s", l.comment);
        if (!end)
            break;
        p = end + 1;
    }
}

/* A number of fewer digits than its maximum is in range; a kind may belong to several views. */
static void note_digits(struct grammar *g, const struct view *v, const struct field *f)
{
    while (g->kind_digits.n <= f->kind) {
        *PUSH(&g->kind_digits) = 0;
        *PUSH(&g->kind_max) = 0;
    }
    int *slot = &g->kind_digits.at[f->kind];
    if (strcmp(v->name, "uri") == 0 && strcmp(f->name, "number") == 0)
        *slot = -1; /* a telephone number: local ones need a context */
    if (f->type != F_NUMBER)
        return;
    int digits = (int)strlen(format("%llu", (unsigned long long)f->max));
    if (*slot == 0 || f->max < g->kind_max.at[f->kind]) {
        *slot = digits;
        g->kind_max.at[f->kind] = f->max;
    }
}

/* Every view gets the bindings of the groups its fields bring along, every header its view. */
void bind_views(struct grammar *g)
{
    struct view *uri = find_view(g, "uri");
    for (int i = 0; i < g->views.n; i++) {
        struct view *v = &g->views.at[i];
        bool has_uri = false;
        for (int k = 0; k < v->fields.n; k++) {
            has_uri |= v->fields.at[k].type == F_URI;
            note_digits(g, v, &v->fields.at[k]);
        }
        if (has_uri && uri)
            for (int k = 0; k < uri->bindings.n; k++)
                *PUSH(&v->bindings) = uri->bindings.at[k];
        for (int k = 0; k < v->headers.n; k++) {
            struct rule *r = &g->rules.at[v->headers.at[k]];
            if (r->view >= 0)
                fail_at(v->file, v->line, 1, "%s has two views", r->name);
            r->view = i;
        }
    }
}

/* The next line of a table that is neither its head nor empty nor a comment, in `n` columns. */
static bool next_row(char **p, int *number, const char *path, char **column, int n)
{
    while (**p) {
        char *line = *p, *end = strchr(line, '\n');
        int k = 0;
        *p = end ? end + 1 : line + strlen(line);
        if (end)
            *end = 0;
        if (++*number == 1 || !*line || *line == '#')
            continue;
        for (char *q = line; k < n; q++) {
            column[k++] = q;
            q += strcspn(q, "\t");
            if (!*q)
                break;
            *q = 0;
        }
        if (k < n)
            fail_at(path, *number, 1, "%d columns are wanted", n);
        return true;
    }
    return false;
}

void read_headers(struct grammar *g, const char *path)
{
    size_t n;
    char *p = read_file(path, &n), *column[6];
    for (int number = 0; next_row(&p, &number, path, column, 6);) {
        struct header *h = PUSH(&g->headers);
        h->name = column[0];
        h->compact = column[1];
        h->rfc = column[2];
        h->nature = column[3];
        h->requests = column[4];
        h->responses = column[5];
        h->rule = find_rule(g, column[0]);
        /* a rule may have the name of a header and be something else: Reason-Phrase */
        if (h->rule >= 0 &&
            (!g->rules.at[h->rule].defined || !is_header_rule(g, g->rules.at[h->rule].tree)))
            h->rule = -1;
    }
}

void read_attributes(struct grammar *g, const char *path)
{
    size_t n;
    char *p = read_file(path, &n), *column[5];
    for (int number = 0; next_row(&p, &number, path, column, 5);) {
        struct attribute *a = PUSH(&g->attributes);
        a->name = column[0];
        a->rule = strcmp(column[1], "-") == 0 ? -1 : require_rule(g, column[1], path, number);
        a->rfc = column[2];
        a->levels = column[3];
        a->nature = column[4];
        if (a->rule >= 0)
            g->rules.at[a->rule].used = true;
    }
}
