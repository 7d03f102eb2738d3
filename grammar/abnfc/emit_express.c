/* Chunks and graphs -> C code for their usual forms, made of ../src/express.h.
 *
 * What is usual is shown by examples: the states and ways out that they visit get code.  Each state
 * is a label.  A state that loops on a class skips the whole run with vector code; then there is
 * one test per target, the likeliest first.  Whatever has no arc here is left to the tables. */
#include "abnfc.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* A run is worth vector code if its class has at least so many members. */
enum { RUN_MIN = 5 };

struct sets {
    VEC(byteset) all;
};

/* Sets tested by table, eight to a table; sets skipped in runs. */
static struct sets tested, skipped;

static int number_of_set(struct sets *s, byteset set)
{
    for (int i = 0; i < s->all.n; i++)
        if (set_equal(&s->all.at[i], &set))
            return i;
    *PUSH(&s->all) = set;
    return s->all.n - 1;
}

/* ---- Runs ---------------------------------------------------------------------------------------
 */

enum { RANGES_MAX = 8 };

struct range {
    int from, to;
};

/* Bytes that hardly stand in a run, the rarest first. */
static const char rare[] = "`~'!$%&(){}|^\\*?=#+[],;/";

static int split_ranges(const byteset *s, struct range *out)
{
    int n = 0;
    for (int c = 1; c < 128; c++)
        if (set_has(s, c)) {
            if (!set_has(s, c - 1) || c == 1)
                out[n++].from = c;
            out[n - 1].to = c;
        }
    return n;
}

static byteset without_line_ends(byteset s)
{
    s.w[0] &= ~((uint64_t)1 << '\r' | (uint64_t)1 << '\n');
    return s;
}

/* The ranges of a class, without rare bytes if there are too many. */
static int ranges_of(const byteset *s, struct range *out)
{
    struct range all[128];
    byteset set = without_line_ends(*s); /* they are behind the value as well */
    int n = split_ranges(&set, all);
    for (const char *p = rare; n > RANGES_MAX && *p; p++) {
        byteset less = set;
        less.w[*p >> 6] &= ~((uint64_t)1 << (*p & 63));
        struct range fewer[128];
        const int m = split_ranges(&less, fewer);
        if (m >= n)
            continue; /* it stands amid others */
        set = less;
        n = m;
        memcpy(all, fewer, sizeof all);
    }
    for (int i = 0; i < n && i < RANGES_MAX; i++)
        out[i] = all[i];
    return n < RANGES_MAX ? n : RANGES_MAX;
}

/* The bytes of a class that a run of it does not take. */
static byteset left_by_run(byteset s)
{
    struct range ranges[RANGES_MAX];
    const int n = ranges_of(&s, ranges);
    for (int i = 0; i < n; i++)
        for (int c = ranges[i].from; c <= ranges[i].to; c++)
            s.w[c >> 6] &= ~((uint64_t)1 << (c & 63));
    return s;
}

/* ---- What is usual ------------------------------------------------------------------------------
 */

/* What the examples have visited of one graph. */
struct usage {
    bool any;
    const char *prefix; /* eight bytes that most values begin with, or NULL */
    bool **states; /* of each node */
    bool **exits; /* of each node: those that lead to a visited one, or out */
    int ***visits; /* of each node, state and arc: how often */
    bool **common; /* states that examples other than rare ones have visited */
};

static void begin_usage(struct usage *u, const struct graph *gr)
{
    u->any = true;
    u->states = zalloc(sizeof *u->states * (size_t)gr->nodes.n);
    u->exits = zalloc(sizeof *u->exits * (size_t)gr->nodes.n);
    u->visits = zalloc(sizeof *u->visits * (size_t)gr->nodes.n);
    u->common = zalloc(sizeof *u->common * (size_t)gr->nodes.n);
    for (int i = 0; i < gr->nodes.n; i++) {
        const struct graph_node *node = &gr->nodes.at[i];
        u->states[i] = zalloc(node->look ? 1 : (size_t)node->chunk->states.n);
        u->exits[i] = zalloc((size_t)node->exits.n + 1);
        if (node->look)
            continue;
        u->visits[i] = zalloc(sizeof *u->visits[i] * (size_t)node->chunk->states.n);
        u->common[i] = zalloc((size_t)node->chunk->states.n);
        for (int s = 0; s < node->chunk->states.n; s++)
            u->visits[i][s] = zalloc(sizeof(int) * (size_t)(node->chunk->states.at[s].arcs.n + 1));
    }
}

/* One chunk over the text from *at on; NULL if it refuses. */
static const struct leave *visit_chunk(const struct chunk *c, const struct usage *u, int node,
                                       bool rare_form, const char *text, size_t *at)
{
    bool *states = u->states[node];
    int **visits = u->visits[node];
    for (int state = 0;;) {
        const struct chunk_state *s = &c->states.at[state];
        int i = 0;
        states[state] = true;
        u->common[node][state] |= !rare_form;
        if (!text[*at])
            return s->end;
        while (i < s->arcs.n && !set_has(&s->arcs.at[i].set, (unsigned char)text[*at]))
            i++;
        if (i == s->arcs.n)
            return NULL;
        ++*at;
        visits[state][i] += !rare_form;
        if (s->arcs.at[i].leave)
            return s->arcs.at[i].leave;
        state = s->arcs.at[i].to;
    }
}

/* False if the text is no sentence. */
static bool visit(struct usage *u, const struct graph *gr, bool rare_form, const char *text)
{
    size_t at = 0;
    for (int n = 0; n >= 0;) {
        const struct graph_node *node = &gr->nodes.at[n];
        u->states[n][0] = true;
        if (node->look) {
            size_t q = at;
            while (text[q] && set_has(&node->look_set, (unsigned char)text[q]))
                q++;
            n = text[q] == node->look_byte ? node->look_with : node->look_without;
            continue;
        }
        const struct leave *l = visit_chunk(node->chunk, u, n, rare_form, text, &at);
        if (!l)
            return false;
        n = l->target < 0 ? -1 : node->exits.at[l->exit_no].target;
    }
    return text[at] == 0;
}

static void note_exits(struct usage *u, const struct graph *gr)
{
    for (int n = 0; n < gr->nodes.n; n++)
        for (int k = 0; k < gr->nodes.at[n].exits.n; k++) {
            const int to = gr->nodes.at[n].exits.at[k].target;
            u->exits[n][k] = to < 0 || u->states[to][0];
        }
}

/* A word of the examples: "$NAME" in a text stands for each of its texts in turn. */
struct word {
    char *name;
    VEC(char *) texts;
};

struct examples {
    struct grammar *g;
    const struct graph *graphs;
    struct usage *usages;
    VEC(struct word) words;
    const char *path;
    int line;
};

static struct word *find_word(struct examples *x, const char *name, size_t n)
{
    for (int i = 0; i < x->words.n; i++)
        if (strlen(x->words.at[i].name) == n && strncmp(x->words.at[i].name, name, n) == 0)
            return &x->words.at[i];
    return NULL;
}

static void visit_example(struct examples *x, int rule, bool rare_form, const char *text)
{
    const char *at = strchr(text, '$');
    if (at) {
        size_t n = 1;
        while (isalnum((unsigned char)at[n]) || at[n] == '-')
            n++;
        const struct word *w = find_word(x, at, n);
        if (!w)
            fail_at(x->path, x->line, 1, "%.*s is not defined", (int)n, at);
        for (int i = 0; i < w->texts.n; i++)
            visit_example(x, rule, rare_form,
                          format("%.*s%s%s", (int)(at - text), text, w->texts.at[i], at + n));
        return;
    }
    const struct graph *gr = &x->graphs[x->g->rules.at[rule].root];
    struct usage *u = &x->usages[gr->id];
    if (!u->any)
        begin_usage(u, gr);
    if (!visit(u, gr, rare_form, text))
        fail_at(x->path, x->line, 1, "\"%s\" is no %s", text, x->g->rules.at[rule].name);
}

static void read_example(struct examples *x, char *line)
{
    char *text = strstr(line, ": ");
    if (*line == '#' || !*line)
        return;
    if (!text)
        fail_at(x->path, x->line, 1, "expected RULE: TEXT");
    *text = 0;
    text += 2;
    for (char *p = text; (p = strstr(p, "\\r\\n")) != NULL;) { /* a fold */
        memcpy(p, "\r\n", 2);
        memmove(p + 2, p + 4, strlen(p + 4) + 1);
    }
    if (*line == '$') {
        struct word *w = find_word(x, line, strlen(line));
        if (!w) {
            w = PUSH(&x->words);
            w->name = line;
        }
        *PUSH(&w->texts) = text;
        return;
    }
    const bool prefix = *line == '^', rare_form = *line == '~';
    const int rule = require_rule(x->g, line + (prefix || rare_form), x->path, x->line);
    if (x->g->rules.at[rule].root < 0)
        fail_at(x->path, x->line, 1, "%s has no matcher", line);
    if (prefix) {
        if (strlen(text) != 8)
            fail_at(x->path, x->line, 1, "a beginning has eight bytes");
        x->usages[x->graphs[x->g->rules.at[rule].root].id].prefix = text;
        return;
    }
    visit_example(x, rule, rare_form, text);
}

/* A file of lines "RULE: TEXT"; of a header rule the text is its value. */
static void read_usual(struct grammar *g, const struct graph *graphs, struct usage *usages,
                       const char *path)
{
    struct examples x = {.g = g, .graphs = graphs, .usages = usages, .path = path};
    size_t n;
    for (char *p = read_file(path, &n), *end; *p; p = end + 1) {
        end = strchr(p, '\n');
        x.line++;
        if (!end)
            fail_at(path, x.line, 1, "the line does not end");
        *end = 0;
        read_example(&x, p);
    }
    for (int i = 0; graphs[i].nodes.n; i++)
        if (usages[graphs[i].id].any)
            note_exits(&usages[graphs[i].id], &graphs[i]);
}

/* Compiled code does not take what is not ASCII. */
static byteset usual_bytes(byteset s)
{
    byteset usual = set_range(0x20, 0x7e);
    set_add(&usual, '\t');
    set_add(&usual, '\r');
    set_add(&usual, '\n');
    for (int i = 0; i < 4; i++)
        s.w[i] &= usual.w[i];
    return s;
}

static int *visit_order(const struct chunk_state *s, const int *visits)
{
    int *order = likely_order(s);
    for (int i = 1; i < s->arcs.n; i++)
        for (int k = i; k > 0 && visits[order[k]] > visits[order[k - 1]]; k--) {
            const int t = order[k];
            order[k] = order[k - 1];
            order[k - 1] = t;
        }
    return order;
}

/* The part of a chunk that was visited, the most visited arcs first. */
static struct chunk *usual_part(const struct chunk *whole, const bool *states, const bool *exits,
                                int **visits)
{
    struct chunk *c = zalloc(sizeof *c);
    *c = (struct chunk){.n_regs = whole->n_regs, .n_exits = whole->n_exits, .id = whole->id};
    for (int s = 0; s < whole->states.n; s++) {
        const struct chunk_state *from = &whole->states.at[s];
        struct chunk_state *out = PUSH(&c->states);
        if (!states[s])
            continue;
        out->end = from->end && exits[from->end->exit_no] ? from->end : NULL;
        const int *order = visit_order(from, visits[s]);
        for (int i = 0; i < from->arcs.n; i++) {
            struct arc a = from->arcs.at[order[i]];
            a.visits = visits[s][order[i]];
            a.set = usual_bytes(a.set);
            if (!set_empty(&a.set) && (a.leave ? exits[a.leave->exit_no] : states[a.to]))
                *PUSH(&out->arcs) = a;
        }
    }
    return c;
}

/* Has its compiled code an arc for one of the bytes? */
static bool takes_any(const struct graph *gr, const struct usage *u, const char *bytes)
{
    for (int n = 0; n < gr->nodes.n; n++) {
        if (gr->nodes.at[n].look)
            continue;
        const struct chunk *c = usual_part(gr->nodes.at[n].chunk, u->states[n], u->exits[n], u->visits[n]);
        for (int s = 0; s < c->states.n; s++)
            for (int i = 0; i < c->states.at[s].arcs.n; i++)
                for (const char *p = bytes; *p; p++)
                    if (set_has(&c->states.at[s].arcs.at[i].set, *p))
                        return true;
    }
    return false;
}

/* What the compiled code has no arc for, of the bytes that often stand behind a value. */
static int stops_of(const struct graph *gr, const struct usage *u)
{
    int stops = 0;
    for (int i = 0; sipv_stop_bytes[i]; i++) {
        const char byte[2] = {sipv_stop_bytes[i], 0};
        if (!takes_any(gr, u, byte))
            stops |= 1 << i;
    }
    return stops;
}

/* ---- States -------------------------------------------------------------------------------------
 */

static const char *byte_text(int c)
{
    if (c == '\'' || c == '\\')
        return format("'\\%c'", c);
    if (c > 0x20 && c < 0x7f)
        return format("'%c'", c);
    return format("0x%02x", c);
}

/* The cheapest C expression for "c is in the set". */
static char *membership(byteset s)
{
    int n = set_count(&s), lo = set_lowest(&s), hi = 255;
    while (!set_has(&s, hi))
        hi--;
    if (n == 1)
        return format("c == %s", byte_text(lo));
    if (n == 2 && hi == lo + 32 && isupper(lo))
        return format("(c | 0x20) == %s", byte_text(hi));
    if (n == 2)
        return format("(c == %s || c == %s)", byte_text(lo), byte_text(hi));
    if (hi - lo + 1 == n)
        return format("c - %du < %du", lo, n);
    int k = number_of_set(&tested, s);
    return format("express_class[%d][c] & %d", k / 8, 1 << (k % 8));
}

static const char *position(int from)
{
    return from < 0 ? "at" : format("r%d", from);
}

struct code {
    const struct grammar *g;
    const struct graph *graph;
    struct chunk **usual; /* of each node, or NULL */
    bool *chooses;        /* (node, select): there is code for it */
    FILE *f;
    const char *prefix;
    bool **common; /* states, see struct usage */
    int node;
    VEC(const char *) leaves; /* of the node: C texts */
};

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
        return format("%s    SIPV_OPEN(%d, %d, %s); /* %s */\n", code, i, p->kind, position(p->open),
                      g->kinds.at[p->kind]);
    return format("%s    SIPV_CLOSE(%d, %d, %s); /* %s */\n", code, i, p->kind, position(p->close),
                  g->kinds.at[p->kind]);
}

/* Where an exit leads.  Whoever goes back looks whether there is room for another round. */
static char *follow(const struct code *k, const struct exit_to *x)
{
    const char *element = x->element ? " SIPV_ELEMENT;" : "";
    if (x->target < 0)
        return format("%s return ev;", element);
    return format("%s goto %s%d;", element, x->target <= k->node ? "again" : "n", x->target);
}

static const struct part *find_part(const struct leave *l, int kind)
{
    for (int i = 0; i < l->parts.n; i++)
        if (l->parts.at[i].kind == kind)
            return &l->parts.at[i];
    return NULL;
}

/* What is known of the form of a value that ends where the state is left: by the byte before. */
static const char *value_form(struct code *k, const struct chunk *c, int state,
                              const struct part *value, const struct select_rule *s)
{
    const byteset token = token_bytes((struct grammar *)k->g);
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
    return format("sipv_form_of(&express_choices[%d], value, value_n)",
                  (int)(s - k->g->selects.at));
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
    const struct part *name = find_part(l, s->name_kind), *value = find_part(l, s->value_kind);
    if (!name || name->open == -2 || name->close == -2 ||
        (value && (value->open == -2 || value->close == -2)))
        return format("    goto slow%d;\n", k->node); /* it began in another chunk */
    k->chooses[k->node * k->g->selects.n + x->select] = true;
    code = format("%s    name = s + %s;\n    name_n = (unsigned)(%s - %s);\n", code,
                  position(name->open), position(name->close), position(name->open));
    if (value)
        code = format("%s    value = s + %s;\n    value_n = (unsigned)(%s - %s);\n", code,
                      position(value->open), position(value->close), position(value->open));
    else
        code = format("%s    value = NULL;\n    value_n = 0;\n", code);
    return format("%s    form = %s;\n    more = %d;%s x = %d; goto n%dc%d;\n", code,
                  value_form(k, c, state, value, s), l->parts.n, over, l->exit_no, k->node,
                  x->select);
}

static int leave_number(struct code *k, const struct chunk *c, int state, const struct leave *l,
                        bool over_cut)
{
    const char *text = leave_code(k, c, state, l, over_cut);
    for (int i = 0; i < k->leaves.n; i++)
        if (strcmp(k->leaves.at[i], text) == 0)
            return i;
    *PUSH(&k->leaves) = text;
    return k->leaves.n - 1;
}

static char *ops_code(const struct arc *a)
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
static bool begins_run(const struct chunk *c, int state, const struct arc *a)
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
        if (loop_of(c, at) || !(bytes[n] = only_byte(s, &cases[n])) ||
            (n && s->arcs.at[0].ops.n))
            break;
        last = &s->arcs.at[0];
        at = last->leave ? at : last->to;
    }
    if (n < 2)
        return 0;
    fprintf(k->f, "    if (((sipv_word(s + at) | SIPV_WORD(%d, %d, %d, %d)) & SIPV_WORD(%d, %d, %d, %d)) =="
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
                number_of_set(&skipped, a->set), ops_code(a), k->node, a->to);
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

static void emit_state(struct code *k, const struct chunk *c, int number)
{
    const struct chunk_state *s = &c->states.at[number];
    const struct arc *loop = loop_of(c, number);
    bool first = true;
    const char *label = k->common[k->node] && k->common[k->node][number] ? "SIPV_LABEL" : "SIPV_COLD";
    fprintf(k->f, "n%ds%d: %s;\n", k->node, number, label);
    if (loop)
        fprintf(k->f, "    at = sipv_run_over(s, at, &express_runs[%d]);\n",
                number_of_set(&skipped, loop->set));
    fprintf(k->f, "n%dt%d: %s;\n", k->node, number, label);
    if (s->arcs.n && emit_word(k, c, number))
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
        emit_arc(k, c, number, &s->arcs.at[i], first);
        first = false;
    }
    if (loop)
        emit_arc(k, c, number, loop, first); /* the bytes that the run has left, the rarest */
    if (s->end)
        fprintf(k->f, "    if (at == end) goto n%dx%d;\n", k->node,
                leave_number(k, c, number, s->end, false));
    fprintf(k->f, "    goto slow%d;\n", k->node);
}

/* ---- Graphs -------------------------------------------------------------------------------------
 */

static void emit_choices(struct code *k)
{
    const struct graph_node *node = &k->graph->nodes.at[k->node];
    for (int i = 0; i < k->g->selects.n; i++) {
        if (!k->chooses[k->node * k->g->selects.n + i])
            continue;
        fprintf(k->f,
                "n%dc%d:\n    if (!sipv_choose_usual(r, &express_choices[%d], name, name_n, form, value, "
                "value_n)) goto slow%d;\n    ev += more;\n    switch (x) {\n",
                k->node, i, i, k->node);
        int last = -1;
        for (int e = 0; e < node->exits.n; e++)
            if (node->exits.at[e].select == i)
                last = e;
        for (int e = 0; e <= last; e++)
            if (node->exits.at[e].select == i)
                fprintf(k->f, "    %s%s\n", e == last ? "default:" : format("case %d:", e),
                        follow(k, &node->exits.at[e]));
        fprintf(k->f, "    }\n");
    }
}

/* A look ahead.  Where the alternative with the byte begins with a run up to that byte, as a user
 * does, the look and the run are one. */
static void emit_look(struct code *k, const struct graph_node *node)
{
    byteset runs = usual_bytes(node->look_set), rest = left_by_run(runs);
    const struct chunk *with = k->usual[node->look_with];
    const struct arc *run = NULL;
    for (int i = 0; i < 4; i++)
        rest.w[i] |= node->look_set.w[i] & ~runs.w[i];
    if (with && node->look_with > k->node && with->states.at[0].arcs.n && begins_run(with, 0, &with->states.at[0].arcs.at[0]))
        run = &with->states.at[0].arcs.at[0];
    fprintf(k->f, "    r->look_at = at;\n    q = at;\n");
    if (run)
        fprintf(k->f,
                "    q = sipv_run_over(s, at, &express_runs[%d]);\n"
                "    if (s[q] == %s && q != at) { r->look_other = %d;%s at = q; goto n%dt%d; }\n",
                number_of_set(&skipped, run->set), byte_text(node->look_byte),
                k->graph->first_node + node->look_without, ops_code(run), node->look_with,
                run->to);
    fprintf(k->f, "    q = sipv_run_over(s, q, &express_runs[%d]);\n    c = s[q];\n",
            number_of_set(&skipped, runs));
    if (!set_empty(&rest))
        fprintf(k->f, "    if (%s) goto slow%d;\n", membership(rest), k->node);
    fprintf(k->f,
            "    if (c == %s) { r->look_other = %d; goto %s%d; }\n"
            "    r->look_other = %d; goto %s%d;\n",
            byte_text(node->look_byte), k->graph->first_node + node->look_without,
            node->look_with <= k->node ? "again" : "n", node->look_with,
            k->graph->first_node + node->look_with, node->look_without <= k->node ? "again" : "n",
            node->look_without);
}

/* The most that can be written from one look at the room to the next: every node once. */
static int most_parts(const struct graph *gr)
{
    int sum = 0;
    for (int n = 0; n < gr->nodes.n; n++) {
        int most = 0;
        const struct chunk *c = gr->nodes.at[n].look ? NULL : gr->nodes.at[n].chunk;
        for (int s = 0; c && s < c->states.n; s++)
            for (int i = -1; i < c->states.at[s].arcs.n; i++) {
                const struct leave *l =
                    i < 0 ? c->states.at[s].end : c->states.at[s].arcs.at[i].leave;
                if (l && l->parts.n + 1 > most)
                    most = l->parts.n + 1;
            }
        sum += most;
    }
    return sum;
}

/* The usual beginning is one comparison: the automaton's way over it is known. */
static void emit_prefix(struct code *k, const struct chunk *c, const char *prefix)
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
    fprintf(k->f, "    if (sipv_load_8(s + at) == 0x%lxu) {%s at += 8; goto n%ds%d; } /* %s */\n",
            bytes, code, k->node, state, prefix);
}

static void emit_node(struct code *k)
{
    const struct graph_node *node = &k->graph->nodes.at[k->node];
    const struct chunk *c = k->usual[k->node];
    fprintf(k->f,
            "again%d: SIPV_LABEL;\n    from = at;\n    if (SIPV_RARE(ev > r->ev_express)) goto slow%d;\n"
            "n%d: SIPV_LABEL;\n    from = at;\n",
            k->node, k->node, k->node);
    if (node->look) {
        emit_look(k, node);
    } else if (c) {
        k->leaves.n = 0;
        if (k->node == 0 && k->prefix)
            emit_prefix(k, c, k->prefix);
        for (int s = 0; s < c->states.n; s++)
            if (c->states.at[s].arcs.n || c->states.at[s].end)
                emit_state(k, c, s);
        for (int i = 0; i < k->leaves.n; i++)
            fprintf(k->f, "n%dx%d:\n%s", k->node, i, k->leaves.at[i]);
        emit_choices(k);
    }
    fprintf(k->f, "slow%d: SIPV_COLD;\n    node = %d; goto slow;\n", k->node,
            k->graph->first_node + k->node);
}

static void emit_graph(const struct grammar *g, const struct graph *gr, const struct usage *u,
                       FILE *f)
{
    struct code k = {.g = g, .graph = gr, .f = f, .prefix = u->prefix, .common = u->common};
    int regs = 0;
    k.usual = zalloc(sizeof(struct chunk *) * (size_t)gr->nodes.n);
    k.chooses = zalloc((size_t)(gr->nodes.n * g->selects.n) + 1);
    for (int i = 0; i < gr->nodes.n; i++) {
        if (gr->nodes.at[i].look || !u->states[i][0])
            continue;
        k.usual[i] = usual_part(gr->nodes.at[i].chunk, u->states[i], u->exits[i], u->visits[i]);
        if (k.usual[i]->n_regs > regs)
            regs = k.usual[i]->n_regs;
    }
    bool selects = false;
    for (int i = 0; i < gr->nodes.n; i++)
        for (int e = 0; e < gr->nodes.at[i].exits.n; e++)
            selects |= gr->nodes.at[i].exits.at[e].select >= 0;
    if (most_parts(gr) > SIPV_EXPRESS_PARTS)
        fail("%s may have more than %d captures at once", g->rules.at[gr->rule].name,
             SIPV_EXPRESS_PARTS);
    fprintf(f,
            "/* %s */\nstatic sipv_event *express_%d(struct sipv_run *r, const unsigned char *s, "
            "size_t at, size_t end, sipv_event *ev, unsigned node)\n{\n    SIPV_BEGIN;\n",
            g->rules.at[gr->rule].name, gr->id);
    for (int i = 0; i < regs; i++)
        fprintf(f, "%s r%d = 0", i ? "," : "    size_t", i);
    fprintf(f, "%s    if (SIPV_RARE(node != %d)) switch (node) {\n", regs ? ";\n" : "",
            gr->first_node);
    for (int i = 0; i < gr->nodes.n; i++)
        if (u->states[i][0])
            fprintf(f, "    case %d: goto n%d;\n", gr->first_node + i, i);
    fprintf(f, "    default: goto slow;\n    }\n");
    if (selects)
        fprintf(f, "    SIPV_FORGET;\n");
    fprintf(f, "    goto n0;\n");
    for (k.node = 0; k.node < gr->nodes.n; k.node++)
        emit_node(&k);
    for (int i = 0; i < regs; i++)
        fprintf(f, "%s(void)r%d;", i ? " " : "    ", i);
    fprintf(f, "    SIPV_FINISH;\n}\n\n");
}

/* ---- Files -------------------------------------------------------------------------------------- */

static void emit_run_set(FILE *f, const byteset *s)
{
    struct range ranges[RANGES_MAX];
    const int n = ranges_of(s, ranges);
    fprintf(f, "{{");
    for (int i = 0; i < n; i++)
        fprintf(f, "0x%02x,0x%02x,", ranges[i].from, ranges[i].to);
    fprintf(f, "}}");
}

static void emit_class_tables(FILE *f)
{
    fprintf(f, "static const unsigned char express_class[%d][256] = {\n", tested.all.n / 8 + 1);
    for (int t = 0; t <= tested.all.n / 8; t++) {
        fprintf(f, "    {");
        for (int c = 0; c < 256; c++) {
            int bits = 0;
            for (int k = 0; k < 8 && t * 8 + k < tested.all.n; k++)
                bits |= set_has(&tested.all.at[t * 8 + k], c) << k;
            fprintf(f, "%d,%s", bits, c % 32 == 31 ? "\n     " : "");
        }
        fprintf(f, "},\n");
    }
    fprintf(f, "};\n\nstatic const struct sipv_run_set express_runs[%d] = {\n", skipped.all.n + 1);
    for (int i = 0; i < skipped.all.n; i++) {
        fprintf(f, "    ");
        emit_run_set(f, &skipped.all.at[i]);
        fprintf(f, ",\n");
    }
    fprintf(f, "    {{0}}};\n\n");
}

/* Constant, and declared before the code, so that the compiler puts its numbers into the code. */
static void emit_choices_table(const struct grammar *g, int simple, int digits, FILE *f)
{
    fprintf(f, "static const struct sipv_choice express_choices[] = {\n");
    for (int i = 0; i < g->selects.n; i++) {
        const struct select_rule *s = &g->selects.at[i];
        fprintf(f,
                "    {%d, 0x%lxu, %d, &sipv_%s_select_slots[%d], sipv_%s_select_names, %d, "
                "%s, %s, &express_runs[%d], &express_runs[%d]}, /* %s */\n",
                i, s->seed, 32 - s->bits, g->name, s->first_slot, g->name, s->other_accepts,
                s->plain ? "true" : "false",
                s->name_kind != SIPV_KIND_PARAM_NAME ? "true" : "false", simple, digits,
                g->rules.at[s->rule].name);
    }
    fprintf(f, "    {0}};\n\n");
}

static void emit_header_runs(struct grammar *g, const struct graph *graphs, const bool *done,
                             FILE *f)
{
    const int other = g->rules.at[require_rule(g, "header-value", "", 0)].root;
    fprintf(f, "const struct sipv_header_run sipv_header_runs[SIPV_H_COUNT] = {\n");
    for (int i = -1; i < g->headers.n; i++) {
        const int rule = i < 0 ? -1 : g->headers.at[i].rule;
        const int root = rule < 0 || g->rules.at[rule].root < 0 ? other : g->rules.at[rule].root;
        const struct graph *gr = &graphs[root];
        fprintf(f, "    {%s, %d, %d, 0x%xu},\n", done[gr->id] ? format("express_%d", gr->id) : "sipv_express_none",
                gr->first_node, root, i < 0 ? ~0u : header_places(&g->headers.at[i]));
    }
    fprintf(f, "};\n");
}

void emit_express(struct grammar *g, const struct graph *graphs, int n, const char *usual,
                  const char *dir)
{
    struct usage *usages = zalloc(sizeof *usages * (size_t)(n + 1));
    if (usual)
        read_usual(g, graphs, usages, usual);
    const int simple = number_of_set(&skipped, simple_bytes(g));
    const int digits = number_of_set(&skipped, set_range('0', '9'));
    char *body = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&body, &size);
    if (!f)
        fail("out of memory");
    bool *done = zalloc((size_t)n + 1);
    for (int i = 0; i < n; i++)
        if (usages[graphs[i].id].any && !done[graphs[i].id]) {
            done[graphs[i].id] = true;
            emit_graph(g, &graphs[i], &usages[graphs[i].id], f);
        }
    fprintf(f, "const sipv_express sipv_%s_express[%d] = {\n", g->name, n + 1);
    for (int i = 0; i < n; i++)
        fprintf(f, "    {%s, %d, %d}, /* %s */\n",
                done[graphs[i].id] ? format("express_%d", graphs[i].id) : "NULL",
                graphs[i].first_node,
                done[graphs[i].id] ? stops_of(&graphs[i], &usages[graphs[i].id]) : 0,
                g->rules.at[graphs[i].rule].name);
    fprintf(f, "    {NULL, 0, 0}};\n");
    if (g->headers.n)
        emit_header_runs(g, graphs, done, f);
    fclose(f);

    FILE *out = fopen(format("%s/%s_express.gen.c", dir, g->name), "wb");
    if (!out)
        fail("cannot write to %s", dir);
    fprintf(out,
            "/* Usual forms of the matchers of the %s grammar, made by abnfc from ABNF and view "
            "files. */\n",
            g->name);
    const byteset token = token_bytes(g);
    fprintf(out, "const struct sipv_run_set sipv_%s_token = ", g->name);
    emit_run_set(out, &token);
    fprintf(out, ";\n\n");
    emit_class_tables(out);
    emit_choices_table(g, simple, digits, out);
    fwrite(body, 1, size, out);
    if (ferror(out) || fclose(out) != 0)
        fail("cannot write to %s", dir);
}
