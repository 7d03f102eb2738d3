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
 * and the others among them to which it may bring a byte that is not in `set`.  The bytes of
 * addresses and host names are in each set that is asked about. */
static void mark_others(const struct chunk *c, int reg, const byteset *set, bool *inside,
                        bool *others)
{
    for (bool more = true; more;) {
        more = false;
        for (int i = 0; i < c->states.n; i++)
            for (int j = 0; j < c->states.at[i].arcs.n + c->states.at[i].steps.n; j++) {
                const struct chunk_state *s = &c->states.at[i];
                const struct arc *a =
                    j < s->arcs.n ? &s->arcs.at[j] : &s->steps.at[j - s->arcs.n].over;
                const int from = sets_from(a, reg);
                if (a->leave || (from < 0 && !inside[i]))
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
    const char *const form = value_form(k, c, state, value, s);
    code = format("%s   %s\n", code, over);
    if (k->knows_names && !strchr(form, '(')) /* a usual name with such a value needs no more */
        code = format("%s    if (known && sipv_knows(r, known, %s, %d)) { ev += %d;%s }\n", code,
                      form, s->name_kind != SIPV_KIND_PARAM_NAME ? 2 : 0, l->parts.n, follow(k, x));
    return format("%s    form = %s;\n    more = %d * sizeof *ev; x = %d; goto n%dc%d;\n", code,
                  form, l->parts.n, l->exit_no, k->node, x->select);
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

/* Does an assignment of the arc read what one before it has written? */
static bool ops_cross(const struct arc *a)
{
    for (int i = 0; i < a->ops.n; i++)
        for (int k = 0; k < i; k++)
            if (a->ops.at[i].from == a->ops.at[k].reg)
                return true;
    return false;
}

char *ops_code(const struct arc *a)
{
    char *code = format("%s", "");
    const bool crossing = ops_cross(a);
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

/* How many usual examples come to a state, those in its run aside. */
int all_visits(const struct chunk_state *s, const struct arc *loop)
{
    int sum = s->end_visits;
    for (int i = 0; i < s->steps.n; i++)
        sum += s->steps.at[i].over.visits;
    for (int i = 0; i < s->arcs.n; i++)
        sum += &s->arcs.at[i] == loop ? 0 : s->arcs.at[i].visits;
    return sum;
}

static bool has_one_way(const struct chunk_state *s)
{
    return s->arcs.n == 1 && !s->steps.n && !s->end;
}

/* The arc that all usual examples take from a state, if it is over one byte, with and without the
 * bit of its case; or NULL. */
static const struct arc *usual_way(const struct chunk *c, int state, int *byte, int *cases)
{
    const struct chunk_state *s = &c->states.at[state];
    if (loop_of(c, state))
        return NULL;
    const int visits = all_visits(s, NULL);
    for (int i = 0; i < s->arcs.n; i++) {
        const struct arc *a = &s->arcs.at[i];
        const int n = set_count(&a->set), lo = set_lowest(&a->set);
        if (!has_one_way(s) && (a->visits == 0 || a->visits < visits))
            continue;
        *cases = n == 2 && isupper(lo) && set_has(&a->set, lo | 0x20) ? 0x20 : 0;
        *byte = lo | *cases;
        return lo >= ' ' && (n == 1 || *cases) && !ops_cross(a) ? a : NULL;
    }
    return NULL;
}

/* Where examples take the same way over up to four bytes, these are one comparison.  Returns
 * whether there is no other way. */
static bool emit_word(struct code *k, const struct chunk *c, int number)
{
    int bytes[4] = {0}, cases[4] = {0}, n = 0, at = number;
    const struct arc *a = NULL, *last = NULL;
    bool only = true;
    char *ops = format("%s", "");
    for (; n < 4 && !(last && last->leave) && (a = usual_way(c, at, &bytes[n], &cases[n])); n++) {
        only &= has_one_way(&c->states.at[at]);
        for (int i = 0; i < a->ops.n; i++)
            ops =
                format("%s r%d = %s;", ops, a->ops.at[i].reg,
                       a->ops.at[i].from < 0 ? format("at + %d", n) : position(a->ops.at[i].from));
        last = a;
        at = last->leave ? at : last->to;
    }
    if (n < 2)
        return false;
    for (int i = n; i < 4; i++)
        bytes[i] = cases[i] = 0;
    fprintf(k->f,
            "    if (SIPV_USUAL(((sipv_word(s + at) | SIPV_WORD(%d, %d, %d, %d)) &"
            " SIPV_WORD(%d, %d, %d, %d)) == SIPV_WORD(%d, %d, %d, %d))) {%s",
            cases[0], cases[1], cases[2], cases[3], 255, 255, n > 2 ? 255 : 0, n > 3 ? 255 : 0,
            bytes[0], bytes[1], bytes[2], bytes[3], ops);
    if (last->leave)
        fprintf(k->f, " at += %d; goto n%dx%d; }\n", n - 1, k->node,
                leave_number(k, c, at, last->leave, true));
    else
        fprintf(k->f, " at += %d; goto n%ds%d; }\n", n, k->node, last->to);
    if (only)
        fprintf(k->f, "    goto slow%d;\n", k->node);
    return only;
}

/* A condition with how often the examples met it: `visits` times of the `*rest` that came so far.
 */
char *odds(const char *condition, int visits, int *rest)
{
    const int of = *rest;
    *rest -= visits;
    if (of == 0) /* no usual example comes here */
        return format("%s", condition);
    if (visits == 0)
        return format("SIPV_ODD(%s)", condition);
    if (visits == of)
        return format("SIPV_USUAL(%s)", condition);
    const char *const more = strstr(condition, " && "); /* compilers want it of one condition */
    if (more)
        return format("SIPV_ODDS(%.*s, %d.%02d) && SIPV_USUAL(%s)", (int)(more - condition),
                      condition, 0, 1 + 98 * visits / of, more + 4);
    return format("SIPV_ODDS(%s, %d.%02d)", condition, 0, 1 + 98 * visits / of);
}

/* A run from one position to another mostly has one of these lengths, `more` than one has gone
 * round. */
static char *expected_lengths(const struct chunk_state *s, const char *to, const char *from,
                              int more)
{
    char *code = format("%s", "");
    for (int i = 0; i < EXPECTED && s->expected[i]; i++)
        code = format("%s    %sSIPV_EXPECT(%s, %s, %d);\n", code, i ? "else " : "", to, from,
                      s->expected[i] + more);
    return code;
}

static bool is_white(const byteset *set)
{
    return set_count(set) == 2 && set_has(set, ' ') && set_has(set, '\t');
}

static void emit_arc(struct code *k, const struct chunk *c, int number, const struct arc *a,
                     bool first, int *rest)
{
    byteset set = a->set;
    int visits = a->visits;
    if (a == loop_of(c, number)) {
        set = left_by_run(set);
        visits = 0;
    } else if (first && begins_run(c, number, a)) {
        fprintf(k->f,
                "    q = %s;\n"
                "%s    if (%s) {%s at = q; goto n%dt%d; }\n",
                run_over(a->set, "at", c->states.at[a->to].wide),
                expected_lengths(&c->states.at[a->to], "q", "at", 1), odds("q != at", visits, rest),
                ops_code(a), k->node, a->to);
        set = left_by_run(set);
        visits = 0;
    }
    if (first)
        fprintf(k->f, "    c = s[at];\n");
    if (set_empty(&set))
        return;
    const bool ends = set_has(&set, '\r') || set_has(&set, '\n');
    const char *condition = format("(%s)%s", membership(set), ends ? " && at != end" : "");
    if (is_white(&set) && visits > 0) /* a space is more usual than a tab */
        condition = format("%s || c == 0x09", odds("c == 0x20", visits, &(int){*rest}));
    fprintf(k->f, "    if (%s) {%s", odds(condition, visits, rest), ops_code(a));
    if (a->leave)
        fprintf(k->f, " goto n%dx%d; }\n", k->node, leave_number(k, c, number, a->leave, true));
    else
        fprintf(k->f, " at++; goto n%ds%d; }\n", k->node, a->to);
}

/* What begins like a text that is stepped over is one, or left to the tables. */
static void emit_step(struct code *k, const struct step *step, int *rest)
{
    const struct arc *a = &step->over;
    fprintf(k->f,
            "    if (%s) {\n"
            "        if (SIPV_ODD(!(q = %s(s, at)))) goto slow%d;\n"
            "       %s at = q; goto n%dt%d;\n    }\n",
            odds(membership(a->set), a->visits, rest), step->function, k->node, ops_code(a),
            k->node, a->to);
}

/* Those steps that are more usual than `visits`; `*done` are behind us. */
static void emit_steps(struct code *k, const struct chunk_state *s, int visits, int *done,
                       int *rest)
{
    for (; *done < s->steps.n && s->steps.at[*done].over.visits > visits; ++*done)
        emit_step(k, &s->steps.at[*done], rest);
}

static void emit_end(struct code *k, const struct chunk *c, int number, int *rest)
{
    const struct chunk_state *s = &c->states.at[number];
    fprintf(k->f, "    if (%s) goto n%dx%d;\n", odds("at == end", s->end_visits, rest), k->node,
            leave_number(k, c, number, s->end, false));
}

static void emit_state(struct code *k, const struct chunk *c, int number)
{
    const struct chunk_state *s = &c->states.at[number];
    const struct arc *loop = loop_of(c, number);
    bool first = true, end = s->end != NULL;
    int rest = all_visits(s, loop), steps = 0;
    const char *label = s->common ? "SIPV_LABEL" : "SIPV_COLD";
    fprintf(k->f, "n%ds%d: %s;\n", k->node, number, label);
    if (loop)
        fprintf(k->f, "    q = at;\n    at = %s;\n%s", run_over(loop->set, "at", s->wide),
                expected_lengths(s, "at", "q", 0));
    fprintf(k->f, "n%dt%d: %s;\n", k->node, number, label);
    if (emit_word(k, c, number))
        return;
    for (int i = 0; i < s->arcs.n && i < 2; i++) {
        const struct arc *a = &s->arcs.at[i];
        if (!a->leave && a->to == number && !a->ops.n && set_has(&a->set, ' ') && a != loop &&
            2 * a->visits >= s->arcs.at[0].visits && (a->visits > 0 || !s->common))
            fprintf(k->f, "    if (%s) at++;\n", odds("s[at] == ' '", a->visits, &(int){rest}));
    }
    for (int i = 0; i < s->arcs.n; i++) {
        if (&s->arcs.at[i] == loop)
            continue;
        if (end && s->end_visits > s->arcs.at[i].visits) {
            emit_end(k, c, number, &rest);
            end = false;
        }
        if (!first)
            emit_steps(k, s, s->arcs.at[i].visits, &steps, &rest);
        emit_arc(k, c, number, &s->arcs.at[i], first, &rest);
        first = false;
    }
    if (first && s->steps.n)
        fprintf(k->f, "    c = s[at];\n");
    emit_steps(k, s, -1, &steps, &rest);
    if (loop)
        emit_arc(k, c, number, loop, first, &rest); /* what the run has left, the rarest */
    if (end)
        emit_end(k, c, number, &rest);
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
            "    if (SIPV_USUAL(sipv_load_8(s + at) == 0x%" PRIx64
            "u)) {%s at += 8; goto n%ds%d; } /* %s */\n",
            bytes, code, k->node, state, prefix);
}

void emit_states(struct code *k, const struct chunk *c)
{
    for (int s = 0; s < c->states.n; s++)
        if (c->states.at[s].arcs.n || c->states.at[s].steps.n || c->states.at[s].end)
            emit_state(k, c, s);
    for (int i = 0; i < k->leaves.n; i++)
        fprintf(k->f, "n%dx%d:\n%s", k->node, i, k->leaves.at[i]);
}
