/* Parameters chosen by name: a select rule is taken apart into the general parameter, which becomes
 * ops, and a table of names with the rules of their values. */
#include "abnfc.h"

/* One alternative of a select rule, taken apart: name [separator value]. */
struct shape {
    int rule; /* the innermost rule that has this shape, or -1 */
    struct tree *name, *sep, *value;
    int required; /* SIPV_VALUE_... */
};

static struct tree *sequence(struct tree *t, int from)
{
    if (from == t->kids.n - 1)
        return t->kids.at[from];
    struct tree *rest = new_tree(T_SEQ, t->line, t->column);
    for (int i = from; i < t->kids.n; i++)
        *PUSH(&rest->kids) = t->kids.at[i];
    return rest;
}

static bool is_separator(struct grammar *g, const struct tree *t)
{
    return (t->kind == T_TEXT && t->n == 1 && t->text[0] == '=') ||
           (t->kind == T_REF && same_name(g->rules.at[t->rule].name, "EQUAL"));
}

static bool take_apart(struct grammar *g, struct tree *t, struct shape *s)
{
    *s = (struct shape){.rule = -1};
    while (t->kind == T_REF && g->rules.at[t->rule].tree->kind != T_ALT &&
           g->rules.at[t->rule].tree->kind != T_REPEAT) {
        s->rule = t->rule;
        t = g->rules.at[t->rule].tree;
    }
    s->name = t;
    s->required = SIPV_VALUE_NONE;
    if (t->kind != T_SEQ)
        return t->kind == T_TEXT || t->kind == T_REF || t->kind == T_ALT;
    s->name = t->kids.at[0];
    struct tree *tail = t;
    int at = 1;
    s->required = SIPV_VALUE_REQUIRED;
    if (t->kids.n == 2 && t->kids.at[1]->kind == T_REPEAT && t->kids.at[1]->min == 0 &&
        t->kids.at[1]->max == 1) {
        tail = t->kids.at[1]->kids.at[0];
        at = 0;
        s->required = SIPV_VALUE_OPTIONAL;
    }
    if (tail->kind != T_SEQ || tail->kids.n < at + 2 || !is_separator(g, tail->kids.at[at]))
        return false;
    s->sep = tail->kids.at[at];
    s->value = sequence(tail, at + 1);
    return true;
}

static bool is_keyword(const struct tree *t)
{
    if (t->kind == T_ALT) {
        for (int i = 0; i < t->kids.n; i++)
            if (!is_keyword(t->kids.at[i]))
                return false;
        return true;
    }
    return t->kind == T_TEXT;
}

/* The rule of a value; one is made up where the RFC writes a group. */
static int value_rule(struct grammar *g, int select, int owner, const char *name, struct tree *t)
{
    if (!t)
        return -1;
    if (t->kind == T_REF)
        return t->rule;
    int i = intern_rule(g, format("%s value", owner >= 0 ? g->rules.at[owner].name : name));
    struct rule *r = &g->rules.at[i];
    if (!r->defined) {
        r->tree = t;
        r->defined = r->used = r->is_value = true;
        r->file = g->rules.at[owner >= 0 ? owner : select].file;
        r->line = g->rules.at[owner >= 0 ? owner : select].line;
        r->source = owner >= 0 ? g->rules.at[owner].source : 0;
    }
    return i;
}

/* Values that a keyword has and the generic shape has not.  The automaton need only be wide enough
 * for them, since the table judges every value: a made-up rule, any run of the bytes they have. */
static struct tree *wider_value(struct grammar *g, int value, struct tree *any)
{
    struct dfa *d = minimise(difference(language(g, value), language_of_tree(g, any)));
    byteset bytes = {{0}};
    for (int s = 0; s < d->n; s++)
        for (int c = 0; c < 256; c++)
            if (d->next[s][c] >= 0)
                set_add(&bytes, c);
    struct tree *ref = new_tree(T_REF, 0, 0), *alt = new_tree(T_ALT, 0, 0);
    ref->rule = intern_rule(g, format("wider %s", g->rules.at[value].name));
    struct rule *r = &g->rules.at[ref->rule];
    if (r->defined)
        return ref;
    for (int c = 0; c < 256; c++)
        if (set_has(&bytes, c)) {
            struct tree *byte = new_tree(T_RANGE, 0, 0);
            byte->min = byte->max = c;
            *PUSH(&alt->kids) = byte;
        }
    r->tree = new_tree(T_REPEAT, 0, 0);
    r->tree->min = 1;
    r->tree->max = -1;
    *PUSH(&r->tree->kids) = alt;
    r->file = g->rules.at[value].file;
    r->line = g->rules.at[value].line;
    r->source = g->rules.at[value].source;
    r->defined = r->used = r->is_value = true;
    return ref;
}

static void add_name(struct grammar *g, struct select_rule *s, const struct tree *name, int keyword,
                     int value, int rule)
{
    if (name->kind == T_ALT) {
        for (int i = 0; i < name->kids.n; i++)
            add_name(g, s, name->kids.at[i], keyword, value, rule);
        return;
    }
    for (int i = 0; i < s->names.n; i++)
        if (same_name(s->names.at[i].name, name->text))
            fail_in(&g->rules.at[s->rule], "it has the parameter %s twice", name->text);
    struct select_name *n = PUSH(&s->names);
    n->name = name->text;
    n->value = value;
    n->rule = rule;
    n->keyword = keyword >= 0 ? keyword : s->rule;
}

/* Does the first byte of a value tell its form?  A byte of token begins a token, DQUOTE a qstring,
 * and "[" what is neither. */
static bool is_plain(struct grammar *g, struct tree *value)
{
    const int token = find_rule(g, "token"), quoted = find_rule(g, "qstring");
    if (!value || token < 0 || quoted < 0)
        return false;
    const struct dfa *all = language_of_tree(g, value), *tokens = language(g, token);
    for (int form = 0; form < 3; form++) {
        struct dfa part = *all; /* the values that begin with certain bytes */
        part.n++;
        part.next = zalloc(sizeof *part.next * (size_t)part.n);
        part.accept = zalloc((size_t)part.n);
        for (int s = 0; s < all->n; s++) {
            part.accept[s + 1] = all->accept[s];
            for (int c = 0; c < 256; c++)
                part.next[s + 1][c] = all->next[s][c] < 0 ? -1 : all->next[s][c] + 1;
        }
        bool some = false;
        for (int c = 0; c < 256; c++) {
            const int of = tokens->next[0][c] >= 0 ? 0 : c == '"' ? 1 : 2;
            part.next[0][c] = of == form ? part.next[1][c] : -1;
            some |= part.next[0][c] >= 0 && (form < 2 || c != '[');
        }
        if (some && (form == 2 || not_included(&part, language(g, form ? quoted : token))))
            return false;
    }
    return true;
}

/* ---- The rule -------------------------------------------------------------------------------- */

/* A select rule that is being compiled. */
struct selecting {
    int rule, index;        /* among g->rules and g->selects */
    struct tree *t;         /* its alternatives */
    struct shape generic;   /* the general parameter ... */
    struct dfa *any;        /* ... and its values, NULL if it has none */
    VEC(struct shape) wide; /* keywords with values that the general parameter cannot have */
};

static void find_generic(struct grammar *g, struct selecting *x)
{
    struct shape s;
    x->generic = (struct shape){.rule = -1};
    for (int i = 0; i < x->t->kids.n; i++)
        if (take_apart(g, x->t->kids.at[i], &s) && !is_keyword(s.name) && !x->generic.name)
            x->generic = s;
    if (!x->generic.name)
        fail_in(&g->rules.at[x->rule], "a select rule without a generic alternative");
    x->any = x->generic.value ? language_of_tree(g, x->generic.value) : NULL;
}

/* name [separator value] */
static struct tree generic_form(const struct shape *generic)
{
    struct tree form = {.kind = T_SEQ};
    *PUSH(&form.kids) = generic->name;
    if (generic->value) {
        struct tree *tail = new_tree(T_SEQ, 0, 0);
        *PUSH(&tail->kids) = generic->sep;
        *PUSH(&tail->kids) = generic->value;
        struct tree *opt = new_tree(T_REPEAT, 0, 0);
        opt->max = 1;
        *PUSH(&opt->kids) = tail;
        *PUSH(&form.kids) = opt;
    }
    return form;
}

/* An alternative that is no keyword must say nothing new. */
static void check_within_generic(struct grammar *g, const struct selecting *x, struct tree *only)
{
    struct tree form = generic_form(&x->generic);
    const char *witness = not_included(language_of_tree(g, only), language_of_tree(g, &form));
    if (witness)
        fail_at(g->rules.at[x->rule].file, only->line, only->column,
                "an alternative of %s is neither a keyword nor within the generic one: %s",
                g->rules.at[x->rule].name, witness);
}

static void take_keyword(struct grammar *g, struct selecting *x, struct shape s)
{
    const char *first = s.name->kind == T_ALT ? s.name->kids.at[0]->text : s.name->text;
    int value = value_rule(g, x->rule, s.rule, first, s.value);
    add_name(g, &g->selects.at[x->index], s.name, s.rule, s.required, value);
    if (s.value && !x->any)
        fail_in(&g->rules.at[x->rule], "%s has values, but the generic alternative has none",
                first);
    if (s.value && not_included(language(g, value), x->any)) {
        s.value = wider_value(g, value, x->generic.value);
        *PUSH(&x->wide) = s;
    }
}

static void take_alternatives(struct grammar *g, struct selecting *x)
{
    struct shape s;
    for (int i = 0; i < x->t->kids.n; i++) {
        bool shaped = take_apart(g, x->t->kids.at[i], &s);
        if (shaped && s.name == x->generic.name)
            continue;
        if (shaped && is_keyword(s.name))
            take_keyword(g, x, s);
        else
            check_within_generic(g, x, x->t->kids.at[i]);
    }
}

/* ---- Its program ----------------------------------------------------------------------------- */

/* The name of the general parameter, and the value of `w`. */
static void emit_parameter(struct grammar *g, const struct selecting *x, const struct shape *w,
                           bool optional)
{
    emit_op(g, SIPV_OP_MARK, SIPV_MARK_NAME, x->index, 0);
    compile_tree(g, x->rule, x->generic.name);
    emit_op(g, SIPV_OP_MARK, SIPV_MARK_NAME_END, x->index, 0);
    if (!w->value)
        return;
    int split = optional ? emit_op(g, SIPV_OP_SPLIT, 0, g->ops.n + 1, 0) : -1;
    compile_tree(g, x->rule, w->sep);
    emit_op(g, SIPV_OP_MARK, SIPV_MARK_VALUE, x->index, 0);
    compile_tree(g, x->rule, w->value);
    emit_op(g, SIPV_OP_MARK, SIPV_MARK_VALUE_END, x->index, 0);
    if (split >= 0)
        g->ops.at[split].y = (uint16_t)g->ops.n;
}

/* The general parameter, then those with other values. */
static void emit_parameters(struct grammar *g, const struct selecting *x)
{
    VEC(int) jumps = {0};
    for (int i = -1; i < x->wide.n; i++) {
        int split = -1;
        if (i + 1 < x->wide.n)
            split = emit_op(g, SIPV_OP_SPLIT, 0, g->ops.n + 1, 0);
        if (i < 0)
            emit_parameter(g, x, &x->generic, x->generic.required == SIPV_VALUE_OPTIONAL);
        else
            emit_parameter(g, x, &x->wide.at[i], false);
        if (split >= 0) {
            *PUSH(&jumps) = emit_op(g, SIPV_OP_JUMP, 0, 0, 0);
            g->ops.at[split].y = (uint16_t)g->ops.n;
        }
    }
    for (int i = 0; i < jumps.n; i++)
        g->ops.at[jumps.at[i]].x = (uint16_t)g->ops.n;
    emit_op(g, SIPV_OP_MARK, SIPV_MARK_DONE, x->index, 0);
}

/* `select via-params = via-ttl / ... / via-extension`: the generic alternative stays in the
 * program, the others become lines of a table.  Values that the generic shape cannot have
 * (`received=::1`) keep an alternative of their own, under any name; then the table also refuses
 * them to the rest. */
void compile_select(struct grammar *g, int index)
{
    struct selecting x = {.rule = g->selects.at[index].rule, .index = index};
    struct tree single = {.kind = T_ALT};
    x.t = g->rules.at[x.rule].tree;
    if (x.t->kind != T_ALT) {
        *PUSH(&single.kids) = x.t;
        x.t = &single;
    }
    find_generic(g, &x);
    take_alternatives(g, &x);
    emit_parameters(g, &x);
    struct select_rule *sel = &g->selects.at[index];
    sel->plain = x.wide.n == 0 && is_plain(g, x.generic.value);
    if (x.wide.n)
        sel->other = value_rule(g, x.rule, x.generic.rule >= 0 ? x.generic.rule : x.rule, "other",
                                x.generic.value);
}
