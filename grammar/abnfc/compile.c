/* Syntax trees -> one program of ops (../src/program.h). */
#include "abnfc.h"

#include <ctype.h>
#include <string.h>

int set_index(struct grammar *g, byteset s)
{
    for (int i = 0; i < g->sets.n; i++)
        if (set_equal(&g->sets.at[i], &s))
            return i;
    *PUSH(&g->sets) = s;
    return g->sets.n - 1;
}

/* ---- Rules of single bytes ------------------------------------------------------------------- */

static bool class_of(struct grammar *g, const struct tree *t, byteset *s);

static bool class_of_rule(struct grammar *g, int rule, byteset *s)
{
    struct rule *r = &g->rules.at[rule];
    if (r->looking || r->is_select || strncmp(r->name, "relax-", 6) == 0 || r->except.n)
        return false;
    for (int i = 0; i < g->cuts.n; i++)
        if (g->cuts.at[i].rule == rule)
            return false;
    r->looking = true;
    bool is = class_of(g, r->tree, s);
    g->rules.at[rule].looking = false;
    return is;
}

/* Does `t` match single bytes only?  Then `s` is the set of them. */
static bool class_of(struct grammar *g, const struct tree *t, byteset *s)
{
    byteset part;
    *s = (byteset){{0}};
    switch (t->kind) {
    case T_ALT:
        for (int i = 0; i < t->kids.n; i++) {
            if (!class_of(g, t->kids.at[i], &part))
                return false;
            *s = set_or(*s, part);
        }
        return true;
    case T_TEXT:
        if (t->n != 1)
            return false;
        set_add(s, (unsigned char)t->text[0]);
        if (!t->exact && isalpha((unsigned char)t->text[0]))
            set_add(s, (unsigned char)t->text[0] ^ 0x20);
        return true;
    case T_RANGE: *s = set_range(t->min, t->max); return true;
    case T_REF: return class_of_rule(g, t->rule, s);
    case T_SEQ:
    case T_REPEAT: return false;
    }
    return false;
}

/* ---- Ops ------------------------------------------------------------------------------------- */

int emit_op(struct grammar *g, int op, int a, int x, int y)
{
    if (g->ops.n > 0xfff0)
        fail_in(&g->rules.at[g->compiling], "the program does not fit 16-bit addresses");
    sipv_op *o = PUSH(&g->ops);
    o->op = (uint8_t)op;
    o->a = (uint8_t)a;
    o->x = (uint16_t)x;
    o->y = (uint16_t)y;
    return g->ops.n - 1;
}

static void emit_byte(struct grammar *g, int rule, int byte, bool exact)
{
    for (int i = 0; i < g->cuts.n; i++)
        if (g->cuts.at[i].rule == rule && g->cuts.at[i].byte == byte) {
            emit_op(g, SIPV_OP_CUT, byte, i, 0);
            return;
        }
    byteset s = set_range(byte, byte);
    if (!exact && isalpha(byte))
        set_add(&s, byte ^ 0x20);
    emit_op(g, SIPV_OP_SET, 0, set_index(g, s), SIPV_NO_RULE);
}

static void compile_repeat(struct grammar *g, int rule, const struct tree *t)
{
    const struct tree *body = t->kids.at[0];
    for (int i = 0; i < t->min; i++)
        compile_tree(g, rule, body);
    if (t->max < 0) {
        int split = emit_op(g, SIPV_OP_SPLIT, 0, 0, 0);
        g->ops.at[split].a = SIPV_LOOP;
        g->ops.at[split].x = (uint16_t)g->ops.n;
        compile_tree(g, rule, body);
        emit_op(g, SIPV_OP_JUMP, 0, split, 0);
        g->ops.at[split].y = (uint16_t)g->ops.n;
        return;
    }
    VEC(int) splits = {0};
    for (int i = t->min; i < t->max; i++) {
        *PUSH(&splits) = emit_op(g, SIPV_OP_SPLIT, 0, 0, 0);
        g->ops.at[splits.at[splits.n - 1]].x = (uint16_t)g->ops.n;
        compile_tree(g, rule, body);
    }
    for (int i = 0; i < splits.n; i++)
        g->ops.at[splits.at[i]].y = (uint16_t)g->ops.n;
}

static void compile_alternatives(struct grammar *g, int rule, const struct tree *t)
{
    VEC(int) jumps = {0};
    for (int i = 0; i < t->kids.n; i++) {
        int split = -1;
        if (i + 1 < t->kids.n) {
            split = emit_op(g, SIPV_OP_SPLIT, 0, 0, 0);
            g->ops.at[split].x = (uint16_t)g->ops.n;
        }
        compile_tree(g, rule, t->kids.at[i]);
        if (split >= 0) {
            *PUSH(&jumps) = emit_op(g, SIPV_OP_JUMP, 0, 0, 0);
            g->ops.at[split].y = (uint16_t)g->ops.n;
        }
    }
    for (int i = 0; i < jumps.n; i++)
        g->ops.at[jumps.at[i]].x = (uint16_t)g->ops.n;
}

/* Is the text of `rule` by itself a field of a view? */
static bool is_field(const struct grammar *g, int rule)
{
    for (int i = 0; i < g->views.n; i++)
        for (int k = 0; k < g->views.at[i].bindings.n; k++)
            if (g->views.at[i].bindings.at[k].kind >= 0 &&
                g->views.at[i].bindings.at[k].path[0] == rule)
                return true;
    return false;
}

void compile_tree(struct grammar *g, int rule, const struct tree *t)
{
    switch (t->kind) {
    case T_ALT: {
        byteset s;
        bool named = false; /* keep the names of classes apart, people read them */
        for (int i = 0; i < t->kids.n; i++)
            named |= t->kids.at[i]->kind == T_REF;
        if (!named && class_of(g, t, &s))
            emit_op(g, SIPV_OP_SET, 0, set_index(g, s), SIPV_NO_RULE);
        else
            compile_alternatives(g, rule, t);
        return;
    }
    case T_SEQ:
        for (int i = 0; i < t->kids.n; i++)
            compile_tree(g, rule, t->kids.at[i]);
        return;
    case T_REPEAT: compile_repeat(g, rule, t); return;
    case T_TEXT:
        for (int i = 0; i < t->n; i++)
            emit_byte(g, rule, (unsigned char)t->text[i], t->exact);
        return;
    case T_RANGE:
        emit_op(g, SIPV_OP_SET, 0, set_index(g, set_range(t->min, t->max)), SIPV_NO_RULE);
        return;
    case T_REF: {
        const struct rule *r = &g->rules.at[t->rule];
        if (r->is_class && !is_field(g, t->rule)) /* a call is what the engines capture */
            emit_op(g, SIPV_OP_SET, 0, set_index(g, r->set), t->rule);
        else
            emit_op(g, SIPV_OP_CALL, 0, t->rule, 0);
        return;
    }
    }
}

/* ---- Rules ----------------------------------------------------------------------------------- */

/* "Name" HCOLON ... or ( "Name" / "n" ) HCOLON ... */
bool is_header_rule(const struct grammar *g, const struct tree *t)
{
    if (t->kind != T_SEQ || t->kids.n < 2)
        return false;
    const struct tree *name = t->kids.at[0], *colon = t->kids.at[1];
    if (colon->kind != T_REF || !same_name(g->rules.at[colon->rule].name, "HCOLON"))
        return false;
    for (int i = 0; name->kind == T_ALT && i < name->kids.n; i++)
        if (name->kids.at[i]->kind != T_TEXT)
            return false;
    return name->kind == T_ALT || name->kind == T_TEXT;
}

/* A rule with `except`: the difference of the languages, written as the states of its automaton. */
static void compile_difference(struct grammar *g, int rule)
{
    struct dfa *d = language_of_tree(g, g->rules.at[rule].tree);
    for (int i = 0; i < g->rules.at[rule].except.n; i++)
        d = minimise(difference(d, language_of_tree(g, g->rules.at[rule].except.at[i])));
    int *entry = zalloc(sizeof *entry * (size_t)(d->n + 1));
    struct patch {
        int op, state;
    };
    VEC(struct patch) patches = {0};
    for (int s = 0; s < d->n; s++) {
        entry[s] = g->ops.n;
        byteset seen = {{0}};
        for (int c = 0; c < 256; c++) {
            int to = d->next[s][c];
            if (to < 0 || set_has(&seen, c))
                continue;
            byteset group = {{0}};
            for (int k = c; k < 256; k++)
                if (d->next[s][k] == to)
                    set_add(&group, k);
            seen = set_or(seen, group);
            int split = emit_op(g, SIPV_OP_SPLIT, 0, g->ops.n + 1, 0);
            emit_op(g, SIPV_OP_SET, 0, set_index(g, group), SIPV_NO_RULE);
            struct patch *p = PUSH(&patches);
            p->op = emit_op(g, SIPV_OP_JUMP, 0, 0, 0);
            p->state = to;
            g->ops.at[split].y = (uint16_t)g->ops.n;
        }
        /* The last alternative of a state: leave, or nothing at all. */
        emit_op(g, d->accept[s] ? SIPV_OP_RET : SIPV_OP_SET, 0,
                d->accept[s] ? 0 : set_index(g, (byteset){{0}}), SIPV_NO_RULE);
    }
    for (int i = 0; i < patches.n; i++)
        g->ops.at[patches.at[i].op].x = (uint16_t)entry[patches.at[i].state];
}

/* `split`: two alternatives, the first with the byte, the second without; one bounded scan over the
 * bytes that the first may have before it decides. */
static void compile_split(struct grammar *g, int rule)
{
    struct rule *r = &g->rules.at[rule];
    struct tree *t = r->tree;
    int byte = (unsigned char)r->split[0];
    if (t->kind != T_ALT || t->kids.n != 2)
        fail_in(r, "a split needs two alternatives");
    struct dfa *with = language_of_tree(g, t->kids.at[0]);
    bool *seen = zalloc((size_t)with->n + 1);
    int *queue = zalloc(sizeof *queue * (size_t)(with->n + 1)), head = 0, tail = 0;
    byteset run = {{0}};
    queue[tail++] = 0;
    seen[0] = true;
    while (head < tail) {
        int s = queue[head++];
        for (int c = 0; c < 256; c++) {
            int to = with->next[s][c];
            if (to < 0 || c == byte)
                continue;
            set_add(&run, c);
            if (!seen[to]) {
                seen[to] = true;
                queue[tail++] = to;
            }
        }
        if (with->accept[s])
            fail_in(r, "the first alternative can do without '%c'", byte);
    }
    int look = emit_op(g, SIPV_OP_LOOK, byte, set_index(g, run), 0);
    compile_tree(g, rule, t->kids.at[0]);
    int jump = emit_op(g, SIPV_OP_JUMP, 0, 0, 0);
    g->ops.at[look].y = (uint16_t)g->ops.n;
    compile_tree(g, rule, t->kids.at[1]);
    g->ops.at[jump].x = (uint16_t)g->ops.n;
}

static void compile_rule(struct grammar *g, int i)
{
    struct rule *r = &g->rules.at[i];
    g->compiling = i;
    r->entry = r->value_entry = g->ops.n;
    if (r->is_class) {
        emit_op(g, SIPV_OP_SET, 0, set_index(g, r->set), i);
        emit_op(g, SIPV_OP_RET, 0, 0, 0);
        return;
    }
    if (r->except.n) {
        compile_difference(g, i);
        return;
    }
    if (r->is_select) {
        for (int k = 0; k < g->selects.n; k++)
            if (g->selects.at[k].rule == i)
                compile_select(g, k);
    } else if (r->split) {
        compile_split(g, i);
    } else {
        compile_tree(g, i, r->tree);
    }
    emit_op(g, SIPV_OP_RET, 0, 0, 0);
    r = &g->rules.at[i];
    if (r->flags & SIPV_RULE_HEADER) {
        r->value_entry = g->ops.n;
        emit_op(g, SIPV_OP_CALL, 0, find_rule(g, "SWS"), 0);
        struct tree *t = g->rules.at[i].tree;
        for (int k = 2; k < t->kids.n; k++)
            compile_tree(g, i, t->kids.at[k]);
        emit_op(g, SIPV_OP_RET, 0, 0, 0);
    }
}

static bool reaches(struct grammar *g, const struct tree *t, int rule, bool *seen)
{
    if (t->kind == T_REF) {
        if (t->rule == rule)
            return true;
        if (seen[t->rule])
            return false;
        seen[t->rule] = true;
        return reaches(g, g->rules.at[t->rule].tree, rule, seen);
    }
    for (int i = 0; i < t->kids.n; i++)
        if (reaches(g, t->kids.at[i], rule, seen))
            return true;
    return false;
}

static bool only_space(struct grammar *g, const struct tree *t)
{
    switch (t->kind) {
    case T_TEXT:
        for (int i = 0; i < t->n; i++)
            if (!strchr(" \t\r\n", t->text[i]))
                return false;
        return true;
    case T_RANGE: return t->min == t->max && strchr(" \t\r\n", t->min) != NULL;
    case T_REF:
        return (g->rules.at[t->rule].flags & SIPV_RULE_RECURSIVE) == 0 &&
               only_space(g, g->rules.at[t->rule].tree);
    default:
        for (int i = 0; i < t->kids.n; i++)
            if (!only_space(g, t->kids.at[i]))
                return false;
        return true;
    }
}

static void mark_rule(struct grammar *g, int i)
{
    struct rule *r = &g->rules.at[i];
    bool *seen = zalloc((size_t)g->rules.n);
    if (reaches(g, r->tree, i, seen))
        r->flags |= SIPV_RULE_RECURSIVE;
    if (strncmp(r->name, "relax-", 6) == 0) {
        r->flags |= SIPV_RULE_RELAX;
        r->extra = g->relaxations.n;
        *PUSH(&g->relaxations) = format("%s", r->name + 6);
        if (g->relaxations.n > 64)
            fail_in(r, "more than 64 relaxations");
    }
    if (is_header_rule(g, r->tree))
        r->flags |= SIPV_RULE_HEADER;
}

void compile(struct grammar *g)
{
    for (int i = 0; i < g->rules.n; i++) {
        byteset s;
        g->rules.at[i].is_class = class_of_rule(g, i, &s);
        if (g->rules.at[i].is_class)
            g->rules.at[i].set = s;
        mark_rule(g, i);
    }
    for (int i = 0; i < g->rules.n; i++)
        if (only_space(g, g->rules.at[i].tree))
            g->rules.at[i].flags |= SIPV_RULE_SPACE;
    for (int i = 0; i < g->selects.n; i++) {
        struct rule *r = &g->rules.at[g->selects.at[i].rule];
        r->flags |= SIPV_RULE_SELECT;
        r->extra = i;
    }
    /* compile_select may add rules for values: the loop sees them too. */
    for (int i = 0; i < g->rules.n; i++)
        compile_rule(g, i);
}
