/* The states of one chunk as C.  Each is a label.  A state that loops on a class skips the whole
 * run; then there is one test for each target, the most visited first.  Whatever has no arc here is
 * left to the tables. */
#include "express.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

/* A run is worth vector code if its class has at least so many members. */
enum { RUN_MIN = 5 };

static const char *position(int from)
{
    return from < 0 ? "at" : format("r%d", from);
}

static char *event_code(const struct grammar *g, const struct part *p, int i)
{
    const int digits = g->kind_digits.n > p->kind ? g->kind_digits.at[p->kind] : 0;
    char *code = format("%s", "");
    if (digits < 0)
        code = format("    SIPV_NOTICE;\n");
    else if (digits > 0 && p->open != -2 && p->close != -2)
        code = format("    SIPV_DIGITS(%s, %s, %d, \"%llu\", %d);\n", position(p->open),
                      position(p->close), digits, (unsigned long long)g->kind_max.at[p->kind],
                      is_port(g, p->kind));
    if (p->open != -2 && p->close != -2)
        return format("%s    SIPV_WHOLE(%d, %d, %s, %s); /* %s */\n", code, i, p->kind,
                      position(p->open), position(p->close), g->kinds.at[p->kind]);
    if (p->open != -2)
        return format("%s    SIPV_OPEN(%d, %d, %s); /* %s */\n", code, i, p->kind,
                      position(p->open), g->kinds.at[p->kind]);
    return format("%s    SIPV_CLOSE(%d, %d, %s); /* %s */\n", code, i, p->kind, position(p->close),
                  g->kinds.at[p->kind]);
}

/* Where an exit leads.  Whoever goes back looks whether there is room for another round. */
char *follow(const struct code *k, const struct exit_to *x)
{
    const char *element = x->element ? " SIPV_ELEMENT;" : "";
    if (x->target < 0)
        return format("%s return ev;", element);
    return format("%s goto %s%d;", element, x->target <= k->node ? "again" : "n", x->target);
}

static bool is_whole(const struct part *p)
{
    return p->open != -2 && p->close != -2;
}

static const struct part *find_part(const struct leave *l, int kind)
{
    for (int i = 0; i < l->parts.n; i++)
        if (l->parts.at[i].kind == kind)
            return &l->parts.at[i];
    return NULL;
}

/* Where an arc sets a register from: SIPV_HERE, another register, or -1 if it does not. */
static int sets_from(const struct arc *a, int reg)
{
    for (int i = 0; i < a->ops.n; i++)
        if (a->ops.at[i].reg == reg)
            return a->ops.at[i].from < 0 ? SIPV_HERE : a->ops.at[i].from;
    return -1;
}

/* Marks the states that a value may reach which begins where its register is set: those inside it,
 * and the others among them to which it may bring a byte that is not in `set`.  Digits and dots,
 * the bytes of an address, are in each set that is asked about. */
static void mark_others(const struct chunk *c, int reg, const byteset *set, bool *inside,
                        bool *others)
{
    for (bool more = true; more;) {
        more = false;
        for (int i = 0; i < c->states.n; i++)
            for (int j = -1; j < c->states.at[i].arcs.n; j++) {
                const struct chunk_state *s = &c->states.at[i];
                const struct arc *a = j < 0 ? s->address : &s->arcs.at[j];
                const int from = a ? sets_from(a, reg) : -1;
                if (!a || a->leave || (from < 0 && !inside[i]))
                    continue;
                bool other = from < 0 ? others[i] : from != SIPV_HERE;
                for (int b = 0; b < 256; b++)
                    other |= set_has(&a->set, b) && !set_has(set, b);
                more |= !inside[a->to] || (other && !others[a->to]);
                inside[a->to] = true;
                others[a->to] |= other;
            }
    }
}

/* Are all bytes of a value of the set, which began where `reg` was set and ends in the state? */
static bool value_consists_of(const struct chunk *c, int state, int reg, byteset set)
{
    bool *inside = zalloc((size_t)c->states.n), *others = zalloc((size_t)c->states.n);
    mark_others(c, reg, &set, inside, others);
    return inside[state] && !others[state];
}

/* What is known of the form of a value that ends where the state is left: by the byte before, or by
 * all of them. */
static const char *value_form(struct code *k, const struct chunk *c, int state,
                              const struct part *value, const struct select_rule *s)
{
    const byteset token = token_bytes(k->g), simple = simple_bytes(k->g);
    bool tokens = state != 0, quotes = state != 0;
    if (!value)
        return "SIPV_FORM_ABSENT";
    for (int i = 0; i < c->states.n; i++)
        for (int j = 0; j < c->states.at[i].arcs.n; j++) {
            const struct arc *a = &c->states.at[i].arcs.at[j];
            if (a->leave || a->to != state)
                continue;
            for (int b = 0; b < 128; b++)
                if (set_has(&a->set, b)) {
                    tokens &= set_has(&token, b);
                    quotes &= b == '"';
                }
        }
    if (value->close == -1 && s->plain && (tokens || quotes))
        return tokens ? "SIPV_FORM_TOKEN" : "SIPV_FORM_QUOTED";
    if (value->close == -1 && value_consists_of(c, state, value->open, simple))
        return "SIPV_FORM_TOKEN | SIPV_FORM_SIMPLE";
    if (value->close == -1 && s->name_kind == SIPV_KIND_PARAM_NAME &&
        value_consists_of(c, state, value->open, token))
        return "SIPV_FORM_TOKEN"; /* parameters of URIs ask for more */
    return format("sipv_form_of(&express_choices[%d], s + %s, %s - %s)",
                  (int)(s - k->g->selects.at), position(value->open), position(value->close),
                  position(value->open));
}

/* What a chunk does when it ends in a state: its captures, then where it went. */
static char *leave_code(struct code *k, const struct chunk *c, int state, const struct leave *l,
                        bool over_cut)
{
    const struct exit_to *x = &k->graph->nodes.at[k->node].exits.at[l->exit_no];
    char *code = format("%s", "");
    for (int i = 0; i < l->parts.n; i++)
        code = format("%s%s", code, event_code(k->g, &l->parts.at[i], i));
    const char *over = over_cut ? " at++;" : "";
    if (x->select < 0)
        return format("%s    ev += %d;%s%s\n", code, l->parts.n, over, follow(k, x));
    const struct select_rule *s = &k->g->selects.at[x->select];
    const struct part *value = l->parts.n > 1 ? &l->parts.at[1] : NULL;
    if (value && value->kind != s->value_kind)
        value = NULL;
    if (!l->parts.n || l->parts.at[0].kind != s->name_kind || !is_whole(&l->parts.at[0]) ||
        (value ? !is_whole(value) : find_part(l, s->value_kind) != NULL))
        return format("    goto slow%d;\n", k->node); /* it began in another chunk */
    k->chooses[k->node * k->g->selects.n + x->select] = true;
    return format("%s    form = %s;\n    more = %d * sizeof *ev;%s x = %d; goto n%dc%d;\n", code,
                  value_form(k, c, state, value, s), l->parts.n, over, l->exit_no, k->node,
                  x->select);
}

int leave_number(struct code *k, const struct chunk *c, int state, const struct leave *l,
                 bool over_cut)
{
    const char *text = leave_code(k, c, state, l, over_cut);
    for (int i = 0; i < k->leaves.n; i++)
        if (strcmp(k->leaves.at[i], text) == 0)
            return i;
    *PUSH(&k->leaves) = text;
    return k->leaves.n - 1;
}

char *ops_code(const struct arc *a)
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
bool begins_run(const struct chunk *c, int state, const struct arc *a)
{
    const struct arc *loop = a->leave || a->to == state ? NULL : loop_of(c, a->to);
    return loop && set_equal(&loop->set, &a->set);
}

/* The one byte that leads on from a state, with and without the bit of its case; or 0. */
static int only_byte(const struct chunk_state *s, int *cases)
{
    const byteset *set = &s->arcs.at[0].set;
    if (s->arcs.n != 1 || s->end)
        return 0;
    const int n = set_count(set), lo = set_lowest(set);
    if (lo < ' ')
        return 0;
    *cases = n == 2 && isupper(lo) && set_has(set, lo | 0x20) ? 0x20 : 0;
    return n == 1 ? lo : *cases ? lo | 0x20 : 0;
}

/* Up to four states in a row with one byte each are one comparison; returns how many. */
static int emit_word(struct code *k, const struct chunk *c, int number)
{
    int bytes[4] = {0}, cases[4] = {0}, n = 0, at = number;
    const struct arc *last = NULL, *first = &c->states.at[number].arcs.at[0];
    for (; n < 4 && !(last && last->leave); n++) {
        const struct chunk_state *s = &c->states.at[at];
        if (loop_of(c, at) || !(bytes[n] = only_byte(s, &cases[n])) || (n && s->arcs.at[0].ops.n))
            break;
        last = &s->arcs.at[0];
        at = last->leave ? at : last->to;
    }
    if (n < 2)
        return 0;
    fprintf(
        k->f,
        "    if (((sipv_word(s + at) | SIPV_WORD(%d, %d, %d, %d)) & SIPV_WORD(%d, %d, %d, %d)) =="
        " SIPV_WORD(%d, %d, %d, %d)) {",
        cases[0], cases[1], cases[2], cases[3], 255, n > 1 ? 255 : 0, n > 2 ? 255 : 0,
        n > 3 ? 255 : 0, bytes[0], bytes[1], n > 2 ? bytes[2] : 0, n > 3 ? bytes[3] : 0);
    fprintf(k->f, "%s", ops_code(first));
    if (last->leave)
        fprintf(k->f, " at += %d; goto n%dx%d; }\n", n - 1, k->node,
                leave_number(k, c, at, last->leave, true));
    else
        fprintf(k->f, " at += %d; goto n%ds%d; }\n", n, k->node, last->to);
    fprintf(k->f, "    goto slow%d;\n", k->node);
    return n;
}

static void emit_arc(struct code *k, const struct chunk *c, int number, const struct arc *a,
                     bool first)
{
    byteset set = a->set;
    if (a == loop_of(c, number)) {
        set = left_by_run(set);
    } else if (first && begins_run(c, number, a)) {
        fprintf(k->f,
                "    q = sipv_run_over(s, at, &express_runs[%d]);\n"
                "    if (q != at) {%s at = q; goto n%dt%d; }\n",
                run_number(a->set), ops_code(a), k->node, a->to);
        set = left_by_run(set);
    }
    if (first)
        fprintf(k->f, "    c = s[at];\n");
    if (set_empty(&set))
        return;
    const bool ends = set_has(&set, '\r') || set_has(&set, '\n');
    fprintf(k->f, "    if ((%s)%s) {%s", membership(set), ends ? " && at != end" : "", ops_code(a));
    if (a->leave)
        fprintf(k->f, " goto n%dx%d; }\n", k->node, leave_number(k, c, number, a->leave, true));
    else
        fprintf(k->f, " at++; goto n%ds%d; }\n", k->node, a->to);
}

/* What begins with a digit is an address or left to the tables. */
static void emit_address(struct code *k, const struct arc *a)
{
    fprintf(k->f,
            "    if (c - '0' < 10u) {\n"
            "        if (!(q = sipv_over_address(s, at))) goto slow%d;\n"
            "       %s at = q; goto n%ds%d;\n    }\n",
            k->node, ops_code(a), k->node, a->to);
}

static void emit_state(struct code *k, const struct chunk *c, int number)
{
    const struct chunk_state *s = &c->states.at[number];
    const struct arc *loop = loop_of(c, number), *address = s->address;
    bool first = true;
    const char *label =
        k->common[k->node] && k->common[k->node][number] ? "SIPV_LABEL" : "SIPV_COLD";
    fprintf(k->f, "n%ds%d: %s;\n", k->node, number, label);
    if (loop)
        fprintf(k->f, "    at = sipv_run_over(s, at, &express_runs[%d]);\n", run_number(loop->set));
    fprintf(k->f, "n%dt%d: %s;\n", k->node, number, label);
    if (s->arcs.n && !s->address && emit_word(k, c, number))
        return;
    for (int i = 0; i < s->arcs.n && i < 2; i++) {
        const struct arc *a = &s->arcs.at[i];
        if (!a->leave && a->to == number && !a->ops.n && set_has(&a->set, ' ') && a != loop &&
            2 * a->visits >= s->arcs.at[0].visits)
            fprintf(k->f, "    if (s[at] == ' ') at++;\n");
    }
    for (int i = 0; i < s->arcs.n; i++) {
        if (&s->arcs.at[i] == loop)
            continue;
        if (address && address->visits > s->arcs.at[i].visits && !first) {
            emit_address(k, address);
            address = NULL;
        }
        emit_arc(k, c, number, &s->arcs.at[i], first);
        first = false;
    }
    if (address)
        emit_address(k, address);
    if (loop)
        emit_arc(k, c, number, loop, first); /* the bytes that the run has left, the rarest */
    if (s->end)
        fprintf(k->f, "    if (at == end) goto n%dx%d;\n", k->node,
                leave_number(k, c, number, s->end, false));
    fprintf(k->f, "    goto slow%d;\n", k->node);
}

/* The usual beginning is one comparison: the automaton's way over it is known. */
void emit_prefix(struct code *k, const struct chunk *c, const char *prefix)
{
    char *code = format("%s", "");
    int state = 0;
    for (int at = 0; prefix[at]; at++) {
        const struct chunk_state *s = &c->states.at[state];
        int i = 0;
        while (i < s->arcs.n && !set_has(&s->arcs.at[i].set, (unsigned char)prefix[at]))
            i++;
        if (i == s->arcs.n || s->arcs.at[i].leave)
            fail("the usual beginning \"%s\" of %s leaves the chunk", prefix,
                 k->g->rules.at[k->graph->rule].name);
        for (int o = 0; o < s->arcs.at[i].ops.n; o++) {
            const struct op_assign *op = &s->arcs.at[i].ops.at[o];
            code = format("%s r%d = %s;", code, op->reg,
                          op->from < 0 ? format("at + %d", at) : position(op->from));
        }
        state = s->arcs.at[i].to;
    }
    uint64_t bytes = 0;
    for (int i = 7; i >= 0; i--)
        bytes = bytes << 8 | (unsigned char)prefix[i];
    fprintf(k->f,
            "    if (sipv_load_8(s + at) == 0x%" PRIx64 "u) {%s at += 8; goto n%ds%d; } /* %s */\n",
            bytes, code, k->node, state, prefix);
}

void emit_states(struct code *k, const struct chunk *c)
{
    for (int s = 0; s < c->states.n; s++)
        if (c->states.at[s].arcs.n || c->states.at[s].end)
            emit_state(k, c, s);
    for (int i = 0; i < k->leaves.n; i++)
        fprintf(k->f, "n%dx%d:\n%s", k->node, i, k->leaves.at[i]);
}
