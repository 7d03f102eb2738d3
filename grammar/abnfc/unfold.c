/* The program of one rule, unfolded into an automaton: every call becomes a copy of what it calls.
 *
 * Rules inside which nothing is captured, cut or chosen come as their minimal automaton, so the
 * subset construction that follows stays small. */
#include "abnfc.h"

#include <string.h>

struct frame {
    int rule, ret;
    const struct frame *up;
};

struct job {
    int pc, state;
    const struct frame *top;
};

struct unfolder {
    struct grammar *g;
    const struct view *view;
    int rule; /* where it begins */
    struct nfa *a;
    VEC(struct job)
    todo; /* every (op, frames) once; frames are shared, so pointers identify them */
    VEC(const struct frame *) frames;
    bool *plain; /* rules without cut, select and split in or below them */
    bool *plain_known;
    bool *leaf; /* innermost rules of the view's bindings */
    int *table; /* (op, frames) -> job number + 1 */
    int table_size;
};

int tag_done(const struct grammar *g, int select)
{
    return 2 * g->kinds.n + select;
}
int tag_count(const struct grammar *g)
{
    return 2 * g->kinds.n + g->selects.n;
}

static bool tree_is_plain(struct unfolder *u, const struct tree *t);

static bool rule_is_plain(struct unfolder *u, int rule)
{
    const struct rule *r = &u->g->rules.at[rule];
    if (u->plain_known[rule])
        return u->plain[rule];
    u->plain_known[rule] = true;
    u->plain[rule] = true; /* a recursive rule is what its other parts are */
    bool is = !r->is_select && !r->split && !u->leaf[rule];
    for (int i = 0; i < u->g->cuts.n; i++)
        is &= u->g->cuts.at[i].rule != rule;
    is = is && tree_is_plain(u, r->tree);
    u->plain[rule] = is;
    return is;
}

static bool tree_is_plain(struct unfolder *u, const struct tree *t)
{
    if (t->kind == T_REF)
        return rule_is_plain(u, t->rule);
    for (int i = 0; i < t->kids.n; i++)
        if (!tree_is_plain(u, t->kids.at[i]))
            return false;
    return true;
}

/* The kind that a call of `rule` inside `top` captures, or -1. */
static int captured(const struct unfolder *u, int rule, const struct frame *top)
{
    for (int i = 0; u->view && i < u->view->bindings.n; i++) {
        const struct binding *b = &u->view->bindings.at[i];
        const struct frame *f = top;
        int k = 1;
        if (b->kind < 0 || b->path[0] != rule)
            continue;
        while (k < b->n_path && f && f->rule == b->path[k]) {
            f = f->up;
            k++;
        }
        if (k == b->n_path)
            return b->kind;
    }
    return -1;
}

static const struct frame *push_frame(struct unfolder *u, int rule, int ret, const struct frame *up)
{
    for (int i = 0; i < u->frames.n; i++) {
        const struct frame *f = u->frames.at[i];
        if (f->rule == rule && f->ret == ret && f->up == up)
            return f;
    }
    struct frame *f = zalloc(sizeof *f);
    f->rule = rule;
    f->ret = ret;
    f->up = up;
    *PUSH(&u->frames) = f;
    return f;
}

static uint64_t job_hash(int pc, const struct frame *top)
{
    return ((uint64_t)(uintptr_t)top * 0x9e3779b97f4a7c15u ^ (uint64_t)pc * 0xff51afd7ed558ccdu) >>
           17;
}

/* The state that stands for op `pc` under `top`. */
static int state_of(struct unfolder *u, int pc, const struct frame *top)
{
    if (u->todo.n * 2 >= u->table_size) {
        u->table_size = u->table_size ? u->table_size * 2 : 1024;
        u->table = zalloc(sizeof *u->table * (size_t)u->table_size);
        for (int i = 0; i < u->todo.n; i++) {
            uint64_t h = job_hash(u->todo.at[i].pc, u->todo.at[i].top);
            while (u->table[h & (uint64_t)(u->table_size - 1)])
                h++;
            u->table[h & (uint64_t)(u->table_size - 1)] = i + 1;
        }
    }
    for (uint64_t h = job_hash(pc, top);; h++) {
        int *slot = &u->table[h & (uint64_t)(u->table_size - 1)];
        if (!*slot) {
            struct job *j = PUSH(&u->todo);
            j->pc = pc;
            j->top = top;
            j->state = add_state(u->a);
            *slot = u->todo.n;
            return j->state;
        }
        if (u->todo.at[*slot - 1].pc == pc && u->todo.at[*slot - 1].top == top)
            return u->todo.at[*slot - 1].state;
    }
}

static int open_count(const struct unfolder *u, const struct frame *f, int rule)
{
    int n = rule == u->rule;
    for (; f; f = f->up)
        n += f->rule == rule;
    return n;
}

static void unfold_call(struct unfolder *u, const struct job *j, int rule, bool is_class,
                        const byteset *set)
{
    int kind = captured(u, rule, j->top);
    int from = j->state, to = state_of(u, j->pc + 1, j->top);
    if (kind >= 0) { /* tags stand round the copy */
        int inner = add_state(u->a), after = add_state(u->a);
        add_edge(u->a, from, EDGE_EPSILON, inner)->tag = 2 * kind;
        add_edge(u->a, after, EDGE_EPSILON, to)->tag = 2 * kind + 1;
        from = inner;
        to = after;
    }
    if (is_class) {
        add_edge(u->a, from, EDGE_SET, to)->set = *set;
        return;
    }
    const struct rule *r = &u->g->rules.at[rule];
    bool plain = tree_is_plain(u, r->tree) && !r->is_select && !r->split;
    if (u->g->rules.at[u->rule].flags & r->flags & SIPV_RULE_RECURSIVE)
        plain = false; /* how deep the rule itself has come counts too */
    for (int i = 0; i < u->g->cuts.n; i++)
        plain &= u->g->cuts.at[i].rule != rule;
    if (plain) {
        add_edge(u->a, add_dfa(u->a, language(u->g, rule), from), EDGE_EPSILON, to);
        return;
    }
    if (open_count(u, j->top, rule) >= SIPV_COMMENT_DEPTH)
        return;
    /* A captured rule returns to its closing tag: the frame's return address is a state there. */
    const struct frame *f = push_frame(u, rule, kind >= 0 ? -1 - to : j->pc + 1, j->top);
    add_edge(u->a, from, EDGE_EPSILON, state_of(u, r->entry, f));
}

static void unfold_mark(struct unfolder *u, const struct job *j, const sipv_op *op)
{
    const struct select_rule *s = &u->g->selects.at[op->x];
    int tag = op->a == SIPV_MARK_NAME        ? 2 * s->name_kind
              : op->a == SIPV_MARK_NAME_END  ? 2 * s->name_kind + 1
              : op->a == SIPV_MARK_VALUE     ? 2 * s->value_kind
              : op->a == SIPV_MARK_VALUE_END ? 2 * s->value_kind + 1
                                             : tag_done(u->g, op->x);
    int to = state_of(u, j->pc + 1, j->top);
    add_edge(u->a, j->state, EDGE_EPSILON, to)->tag = tag;
}

static void unfold_op(struct unfolder *u, struct job j)
{
    const sipv_op *op = &u->g->ops.at[j.pc];
    int to;
    switch (op->op) {
    case SIPV_OP_SET:
        if (op->y != SIPV_NO_RULE) {
            unfold_call(u, &j, op->y, true, &u->g->sets.at[op->x]);
        } else {
            to = state_of(u, j.pc + 1, j.top);
            add_edge(u->a, j.state, EDGE_SET, to)->set = u->g->sets.at[op->x];
        }
        return;
    case SIPV_OP_CUT: {
        to = state_of(u, j.pc + 1, j.top);
        struct edge *e = add_edge(u->a, j.state, EDGE_CUT, to);
        e->byte = op->a;
        e->cut = op->x;
        return;
    }
    case SIPV_OP_SPLIT: {
        to = state_of(u, op->x, j.top);
        int other = state_of(u, op->y, j.top);
        add_edge(u->a, j.state, EDGE_EPSILON, to);
        add_edge(u->a, j.state, EDGE_EPSILON, other);
        return;
    }
    case SIPV_OP_JUMP:
        to = state_of(u, op->x, j.top);
        add_edge(u->a, j.state, EDGE_EPSILON, to);
        return;
    case SIPV_OP_CALL:
        if (!(u->g->rules.at[op->x].flags & SIPV_RULE_RELAX))
            unfold_call(u, &j, op->x, false, NULL);
        return;
    case SIPV_OP_RET:
        if (!j.top)
            u->a->states.at[j.state].accept = true;
        else if (j.top->ret < 0)
            add_edge(u->a, j.state, EDGE_EPSILON, -1 - j.top->ret);
        else
            add_edge(u->a, j.state, EDGE_EPSILON, state_of(u, j.top->ret, j.top->up));
        return;
    case SIPV_OP_MARK: unfold_mark(u, &j, op); return;
    case SIPV_OP_LOOK: {
        to = state_of(u, j.pc + 1, j.top);
        int other = state_of(u, op->y, j.top);
        struct edge *e = add_edge(u->a, j.state, EDGE_LOOK, to);
        e->other = other;
        e->byte = op->a;
        e->set = u->g->sets.at[op->x];
        return;
    }
    default: fail("unknown op");
    }
}

void unfold(struct grammar *g, int rule, bool value, const struct view *view, struct nfa *out)
{
    struct unfolder u = {.g = g, .view = view, .rule = rule, .a = out};
    u.plain = zalloc((size_t)g->rules.n);
    u.plain_known = zalloc((size_t)g->rules.n);
    u.leaf = zalloc((size_t)g->rules.n);
    for (int i = 0; view && i < view->bindings.n; i++)
        if (view->bindings.at[i].kind >= 0)
            u.leaf[view->bindings.at[i].path[0]] = true;
    int entry = value ? g->rules.at[rule].value_entry : g->rules.at[rule].entry;
    out->start = state_of(&u, entry, NULL);
    for (int i = 0; i < u.todo.n; i++)
        unfold_op(&u, u.todo.at[i]);
    trim(out);
}
