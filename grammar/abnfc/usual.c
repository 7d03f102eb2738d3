/* Examples -> what of the automata is usual: the states and ways out that they visit. */
#include "express.h"

#include <ctype.h>
#include <string.h>

static void begin_usage(struct usage *u, const struct graph *gr)
{
    u->any = true;
    u->states = zalloc(sizeof *u->states * (size_t)gr->nodes.n);
    u->exits = zalloc(sizeof *u->exits * (size_t)gr->nodes.n);
    u->visits = zalloc(sizeof *u->visits * (size_t)gr->nodes.n);
    u->common = zalloc(sizeof *u->common * (size_t)gr->nodes.n);
    u->names = zalloc(sizeof *u->names * (size_t)gr->nodes.n);
    u->runs = zalloc(sizeof *u->runs * (size_t)gr->nodes.n);
    for (int i = 0; i < gr->nodes.n; i++) {
        const struct graph_node *node = &gr->nodes.at[i];
        u->states[i] = zalloc(node->look ? 1 : (size_t)node->chunk->states.n);
        u->exits[i] = zalloc((size_t)node->exits.n + 1);
        u->runs[i] = zalloc(sizeof *u->runs[i] * (node->look ? 1 : (size_t)node->chunk->states.n));
        if (node->look)
            continue;
        u->visits[i] = zalloc(sizeof *u->visits[i] * (size_t)node->chunk->states.n);
        u->common[i] = zalloc((size_t)node->chunk->states.n);
        for (int s = 0; s < node->chunk->states.n; s++)
            u->visits[i][s] = zalloc(sizeof(int) * (size_t)(node->chunk->states.at[s].arcs.n + 1));
    }
}

/* Counts how often one has gone round a state when it is left. */
static void count_run(const struct usage *u, int node, int state, int rounds)
{
    struct run_lengths *r = &u->runs[node][state];
    if (rounds < (int)(sizeof r->count / sizeof *r->count))
        r->count[rounds]++;
    r->all++;
    r->wide += rounds > 15;
}

bool is_wide(const struct run_lengths *r)
{
    enum { SHARE = 4 };
    return r->wide > 0 && SHARE * r->wide >= r->all;
}

/* One chunk over the text from *at on; NULL if it refuses. */
static const struct leave *visit_chunk(const struct chunk *c, const struct usage *u, int node,
                                       bool rare_form, const char *text, size_t *at)
{
    bool *states = u->states[node];
    int **visits = u->visits[node];
    for (int state = 0, rounds = 0;;) {
        const struct chunk_state *s = &c->states.at[state];
        int i = 0;
        states[state] = true;
        u->common[node][state] |= !rare_form;
        if (!text[*at]) {
            visits[state][s->arcs.n] += !rare_form;
            if (!rare_form)
                count_run(u, node, state, rounds);
            return s->end;
        }
        while (i < s->arcs.n && !set_has(&s->arcs.at[i].set, (unsigned char)text[*at]))
            i++;
        if (i == s->arcs.n)
            return NULL;
        ++*at;
        visits[state][i] += !rare_form;
        if (!s->arcs.at[i].leave && s->arcs.at[i].to == state) {
            rounds++;
            continue;
        }
        if (!rare_form)
            count_run(u, node, state, rounds);
        if (s->arcs.at[i].leave)
            return s->arcs.at[i].leave;
        rounds = 0;
        state = s->arcs.at[i].to;
    }
}

/* False if the text is no sentence. */
static bool visit(struct usage *u, const struct grammar *g, const struct graph *gr, bool rare_form,
                  const char *text)
{
    size_t at = 0;
    for (int n = 0; n >= 0;) {
        const struct graph_node *node = &gr->nodes.at[n];
        u->states[n][0] = true;
        if (node->look) {
            size_t q = at;
            while (text[q] && set_has(&node->look_set, (unsigned char)text[q]))
                q++;
            if (!rare_form)
                count_run(u, n, 0, (int)(q - at));
            n = text[q] == node->look_byte ? node->look_with : node->look_without;
            continue;
        }
        const size_t from = at;
        const struct leave *l = visit_chunk(node->chunk, u, n, rare_form, text, &at);
        if (!l)
            return false;
        if (!rare_form)
            count_name(&u->names[n], g, text + from);
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
    bool lengths; /* of runs are usual as well */
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
    u->lengths = x->lengths;
    if (!visit(u, x->g, gr, rare_form, text))
        fail_at(x->path, x->line, 1, "\"%s\" is no %s", text, x->g->rules.at[rule].name);
}

static void read_example(struct examples *x, char *line)
{
    char *text = strstr(line, ": ");
    if (*line == '#' || !*line)
        return;
    if (strcmp(line, "lengths") == 0) {
        x->lengths = true;
        return;
    }
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

/* A file of lines "RULE: TEXT"; of a header rule the text is its value.  Behind a line "lengths"
 * the lengths of runs are examples as well. */
void read_usual(struct grammar *g, const struct graph *graphs, struct usage *usages,
                const char *path)
{
    struct examples x = {.g = g, .graphs = graphs, .usages = usages, .path = path};
    size_t n;
    char *const text = read_file(path, &n);
    for (char *p = text, *end; p < text + n; p = end + 1) {
        end = memchr(p, '\n', (size_t)(text + n - p));
        x.line++;
        if (!end)
            fail_at(path, x.line, 1, "the line does not end");
        *end = 0;
        if (strlen(p) != (size_t)(end - p))
            fail_at(path, x.line, (int)strlen(p) + 1, "a NUL");
        read_example(&x, p);
    }
    for (int i = 0; graphs[i].nodes.n; i++)
        if (usages[graphs[i].id].any)
            note_exits(&usages[graphs[i].id], &graphs[i]);
}

/* Compiled code does not take what is not ASCII. */
byteset usual_bytes(byteset s)
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

/* The lengths that at least a quarter of the runs have, the most frequent first. */
static void expect_lengths(const struct run_lengths *r, int expected[EXPECTED])
{
    enum { SHARE = 4 };
    const int n = (int)(sizeof r->count / sizeof *r->count);
    int all = 0;
    for (int i = 0; i < n; i++)
        all += r->count[i];
    for (int i = 1; i < n; i++) {
        int place = EXPECTED;
        while (place > 0 && (!expected[place - 1] || r->count[i] > r->count[expected[place - 1]]))
            place--;
        if (place == EXPECTED || SHARE * r->count[i] < all)
            continue;
        memmove(expected + place + 1, expected + place,
                sizeof *expected * (size_t)(EXPECTED - 1 - place));
        expected[place] = i;
    }
}

/* The part of a node's chunk that was visited, the most visited arcs first. */
struct chunk *usual_part(const struct graph *gr, const struct usage *u, int node)
{
    const struct chunk *whole = gr->nodes.at[node].chunk;
    const bool *states = u->states[node], *exits = u->exits[node];
    int **visits = u->visits[node];
    struct chunk *c = zalloc(sizeof *c);
    *c = (struct chunk){.n_regs = whole->n_regs, .n_exits = whole->n_exits, .id = whole->id};
    for (int s = 0; s < whole->states.n; s++) {
        const struct chunk_state *from = &whole->states.at[s];
        struct chunk_state *out = PUSH(&c->states);
        if (!states[s])
            continue;
        out->end = from->end && exits[from->end->exit_no] ? from->end : NULL;
        out->end_visits = out->end ? visits[s][from->arcs.n] : 0;
        out->common = u->common[node][s];
        if (u->lengths)
            expect_lengths(&u->runs[node][s], out->expected);
        else
            out->wide = is_wide(&u->runs[node][s]);
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

static bool has_any(const byteset *set, const char *bytes)
{
    for (; *bytes; bytes++)
        if (set_has(set, *bytes))
            return true;
    return false;
}

/* Has its compiled code an arc for one of the bytes, or looks ahead over it? */
static bool takes_any(const struct graph *gr, const struct usage *u, const char *bytes)
{
    for (int n = 0; n < gr->nodes.n; n++) {
        const struct graph_node *node = &gr->nodes.at[n];
        if (node->look && (has_any(&node->look_set, bytes) || strchr(bytes, node->look_byte)))
            return true;
        if (node->look)
            continue;
        const struct chunk *c = usual_part(gr, u, n);
        for (int s = 0; s < c->states.n; s++)
            for (int i = 0; i < c->states.at[s].arcs.n; i++)
                if (has_any(&c->states.at[s].arcs.at[i].set, bytes))
                    return true;
    }
    return false;
}

/* What the compiled code has no arc for, of the bytes that often stand behind a value, and line
 * ends. */
uint64_t stops_of(const struct graph *gr, const struct usage *u)
{
    uint64_t stops = (uint64_t)1 << '\r' | (uint64_t)1 << '\n';
    for (int i = 0; sipv_stop_bytes[i]; i++) {
        const char byte[2] = {sipv_stop_bytes[i], 0};
        if (!takes_any(gr, u, byte))
            stops |= (uint64_t)1 << sipv_stop_bytes[i];
    }
    return stops;
}
