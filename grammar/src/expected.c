/* What was expected, in words of the grammar. */
#include <stdio.h>
#include <string.h>

#include "explain.h"

enum { NONE = 0xffff };

void sipv_add_expected(struct explanation *why, const char *text)
{
    for (unsigned i = 0; i < why->n_expected; i++)
        if (strncmp(why->expected[i], text, SIPV_EXPECTED_TEXT - 1) == 0)
            return;
    if (why->n_expected == SIPV_EXPECTED_MAX)
        return;
    snprintf(why->expected[why->n_expected++], SIPV_EXPECTED_TEXT, "%s", text);
}

bool sipv_is_hidden(const sipv_grammar *g, unsigned rule)
{
    return (g->rules[rule].flags & (SIPV_RULE_SPACE | SIPV_RULE_MADE_UP)) != 0;
}

/* Lists the open calls of a thread, outermost first; returns how many. */
static unsigned open_calls(const struct engine *e, const struct thread *t, unsigned *rules,
                           uint32_t *at)
{
    unsigned n = 0;
    for (unsigned f = t->top; f != NONE; f = e->frames[f].up)
        n++;
    unsigned i = n;
    for (unsigned f = t->top; f != NONE; f = e->frames[f].up) {
        rules[--i] = e->frames[f].rule;
        at[i] = t->open_at[e->frames[f].depth];
    }
    return n;
}

static int single_byte(const uint64_t *set)
{
    int found = -1;
    for (int c = 0; c < 256; c++) {
        if (!(set[c >> 6] >> (c & 63) & 1))
            continue;
        if (found >= 0 && !((found ^ c) == 0x20 && (c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
            return -1;
        found = c;
    }
    return found;
}

static void literal_text(int c, char *out, size_t cap)
{
    if (c == '\r' || c == '\n' || c == '\t' || c == ' ')
        snprintf(out, cap, "%s", c == '\r' ? "CR" : c == '\n' ? "LF" : c == '\t' ? "HTAB" : "SP");
    else if (c > 0x20 && c < 0x7f)
        snprintf(out, cap, "'%c'", c);
    else
        snprintf(out, cap, "%%x%02X", (unsigned)c);
}

/* Rules of the interop layer say nothing to those who ask for the RFC. */
static bool is_of_interop(const sipv_grammar *g, unsigned rule)
{
    return strcmp(g->sources[g->rules[rule].source], "interop") == 0;
}

/* A class by its rule's name, a single byte as a literal, other sets by a rule that is equal, "" if
 * there is none. */
static void op_text(const struct engine *e, const sipv_op *op, char *out, size_t cap)
{
    if (op->op == SIPV_OP_CUT) {
        literal_text(op->a, out, cap);
        return;
    }
    if (op->y != SIPV_NO_RULE) {
        snprintf(out, cap, "%s", e->g->rules[op->y].name);
        return;
    }
    const int c = single_byte(e->g->sets[op->x]);
    if (c >= 0) {
        literal_text(c, out, cap);
        return;
    }
    for (unsigned i = 0; i < e->g->n_rules; i++)
        if ((e->g->rules[i].flags & SIPV_RULE_CLASS) && !is_of_interop(e->g, i) &&
            memcmp(e->g->sets[e->g->ops[e->g->rules[i].entry].x], e->g->sets[op->x],
                   4 * sizeof(uint64_t)) == 0) {
            snprintf(out, cap, "%s", e->g->rules[i].name);
            return;
        }
    *out = 0;
}

static bool takes_space(const struct engine *e, const sipv_op *op)
{
    if (op->op != SIPV_OP_SET)
        return false;
    const uint64_t *s = e->g->sets[op->x];
    const uint64_t space =
        (uint64_t)1 << ' ' | (uint64_t)1 << '\t' | (uint64_t)1 << '\r' | (uint64_t)1 << '\n';
    return (s[0] & space) && !(s[0] & ~space) && !s[1] && !s[2] && !s[3];
}

/* What `except` takes away leaves ops behind that no byte satisfies. */
static bool takes_nothing(const struct engine *e, const sipv_op *op)
{
    if (op->op != SIPV_OP_SET)
        return false;
    const uint64_t *s = e->g->sets[op->x];
    return !(s[0] | s[1] | s[2] | s[3]);
}

/* Where the call of frame `f` began. */
static uint32_t began_at(const struct engine *e, const struct thread *t, unsigned f)
{
    return t->open_at[e->frames[f].depth];
}

/* The outermost rule entered since the last byte, or NONE. */
static unsigned entered_rule(const struct engine *e, const struct thread *t)
{
    unsigned rule = NONE;
    for (unsigned f = t->top; f != NONE && began_at(e, t, f) == e->at; f = e->frames[f].up)
        if (!(e->g->rules[e->frames[f].rule].flags & SIPV_RULE_MADE_UP))
            rule = e->frames[f].rule;
    return rule;
}

static unsigned innermost_open(const struct engine *e, const struct thread *t)
{
    for (unsigned f = t->top; f != NONE; f = e->frames[f].up)
        if (began_at(e, t, f) < e->at && !sipv_is_hidden(e->g, e->frames[f].rule))
            return e->frames[f].rule;
    return NONE;
}

/* Is `t` the only thread, white space aside, that waits inside the freshly entered `rule`? */
static bool alone_in(const struct engine *e, const struct thread_list *list, const struct thread *t,
                     unsigned rule)
{
    for (unsigned i = 0; i < list->n; i++) {
        const struct thread *o = &list->at[i];
        if (o == t || o->pc == NONE || takes_space(e, &e->g->ops[o->pc]) ||
            takes_nothing(e, &e->g->ops[o->pc]))
            continue;
        if (entered_rule(e, o) == rule)
            return false;
    }
    return true;
}

static void thread_text(const struct engine *e, const struct thread_list *list,
                        const struct thread *t, char *out, size_t cap)
{
    const sipv_op *op = &e->g->ops[t->pc];
    const unsigned entered = entered_rule(e, t);
    if (entered != NONE && !alone_in(e, list, t, entered)) {
        snprintf(out, cap, "%s", e->g->rules[entered].name);
        return;
    }
    const bool core =
        op->op == SIPV_OP_SET && op->y != SIPV_NO_RULE && e->g->rules[op->y].source == 0;
    if (entered != NONE && op->op == SIPV_OP_SET && op->y != SIPV_NO_RULE && !core &&
        entered != op->y) {
        snprintf(out, cap, "%s", e->g->rules[entered].name);
        return;
    }
    const unsigned inside = innermost_open(e, t);
    if (entered == NONE && inside != NONE && op->op == SIPV_OP_SET && op->y != SIPV_NO_RULE &&
        !core) {
        snprintf(out, cap, "more of %s", e->g->rules[inside].name);
        return;
    }
    op_text(e, op, out, cap);
    if (!*out && inside != NONE)
        snprintf(out, cap, "more of %s", e->g->rules[inside].name);
    else if (!*out)
        snprintf(out, cap, "one of several bytes");
}

static void find_construct(const struct engine *e, const struct thread_list *list,
                           struct explanation *why)
{
    why->rule = e->rule;
    why->construct = 0;
    for (unsigned k = 0; k < list->n; k++) {
        unsigned rules[DEPTH];
        uint32_t at[DEPTH];
        const unsigned n = open_calls(e, &list->at[k], rules, at);
        for (unsigned i = 0; i < n; i++)
            if (at[i] < e->at && !sipv_is_hidden(e->g, rules[i]) &&
                (at[i] > why->construct || (k == 0 && at[i] == why->construct))) {
                why->construct = at[i];
                why->rule = (int)rules[i];
            }
    }
}

void sipv_name_expected(const struct engine *e, const struct thread_list *list,
                        struct explanation *why)
{
    char text[SIPV_EXPECTED_TEXT];
    bool straight = false, space = false, end = false;
    memset(why, 0, sizeof *why);
    why->error = e->at;
    find_construct(e, list, why);
    for (unsigned i = 0; i < list->n; i++)
        straight |= list->at[i].pc != NONE && !list->at[i].looped &&
                    !takes_nothing(e, &e->g->ops[list->at[i].pc]) &&
                    !takes_space(e, &e->g->ops[list->at[i].pc]);
    for (unsigned i = 0; i < list->n; i++) {
        const struct thread *t = &list->at[i];
        if (t->pc == NONE) {
            end = true;
            continue;
        }
        if (takes_nothing(e, &e->g->ops[t->pc]))
            continue;
        if (takes_space(e, &e->g->ops[t->pc])) {
            space = true;
            continue;
        }
        if (e->at == e->n && straight && t->looped)
            continue; /* the text ended too early: only what leads on */
        thread_text(e, list, t, text, sizeof text);
        sipv_add_expected(why, text);
    }
    if (end) {
        snprintf(text, sizeof text, "end of %s", e->g->rules[e->rule].name);
        sipv_add_expected(why, text);
    }
    if (space && !(e->at == e->n && straight))
        sipv_add_expected(why, "white space");
}
