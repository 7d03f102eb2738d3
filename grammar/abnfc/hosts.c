/* Addresses and host names in compiled code.  Where a chunk may go on with an IPv4address or a
 * hostname, one step over all of it (sipv_over_address, sipv_over_name) takes the place of the
 * states on the way, if it is proven to lead to where these lead.  What begins like one and is none
 * is then left to the tables. */
#include "express.h"

/* A language that is stepped over, as the function does it. */
struct stride {
    const char *rule, *function;
    byteset first; /* the function is asked where one of these stands */
    byteset never; /* none of these follows where the function has stepped to ... */
    byteset odd;   /* ... and these are left to the tables there */
    int last;      /* a text that ends with this byte is not stepped over; or -1 */
    int states;    /* fewer take a run of any bytes, and are quick enough by themselves */
};

/* A state of the chunk and one of the language, reached by the same text. */
struct pair {
    int state, part;
};

struct walk {
    const struct chunk *c;
    const struct dfa *language;
    const struct stride *stride;
    VEC(struct pair) pairs;
};

static const struct arc *arc_for(const struct chunk *c, int state, int byte)
{
    for (int i = 0; i < c->states.at[state].arcs.n; i++)
        if (set_has(&c->states.at[state].arcs.at[i].set, byte))
            return &c->states.at[state].arcs.at[i];
    return NULL;
}

static bool same_ops(const struct arc *a, const struct arc *b)
{
    if (a->ops.n != b->ops.n)
        return false;
    for (int i = 0; i < a->ops.n; i++)
        if (a->ops.at[i].reg != b->ops.at[i].reg || a->ops.at[i].from != b->ops.at[i].from)
            return false;
    return true;
}

static bool same_leave(const struct leave *a, const struct leave *b)
{
    if (a == b || !a || !b)
        return a == b;
    if (a->exit_no != b->exit_no || a->parts.n != b->parts.n)
        return false;
    for (int i = 0; i < a->parts.n; i++)
        if (a->parts.at[i].kind != b->parts.at[i].kind ||
            a->parts.at[i].open != b->parts.at[i].open ||
            a->parts.at[i].close != b->parts.at[i].close)
            return false;
    return true;
}

static void add_pair(struct walk *w, int state, int part)
{
    for (int i = 0; i < w->pairs.n; i++)
        if (w->pairs.at[i].state == state && w->pairs.at[i].part == part)
            return;
    *PUSH(&w->pairs) = (struct pair){state, part};
}

/* All ways of the language on from one pair.  False if the chunk refuses one, ends in it, or takes
 * notice of where it is; only the first byte of all may do that, always in the same way. */
static bool follow_language(struct walk *w, int i, const struct arc *first)
{
    const struct pair from = w->pairs.at[i];
    for (int c = 0; c < 256; c++) {
        const int part = w->language->next[from.part][c];
        if (part < 0 || (first && !set_has(&w->stride->first, c)))
            continue;
        const struct arc *a = arc_for(w->c, from.state, c);
        if (!a || a->leave || (first ? !same_ops(a, first) : a->ops.n > 0))
            return false;
        add_pair(w, a->to, part);
    }
    return true;
}

/* Do two states go on alike after anything that may follow? */
static bool alike(const struct walk *w, int one, int other)
{
    for (int b = 0; b < 256; b++) {
        const struct arc *x = arc_for(w->c, one, b), *y = arc_for(w->c, other, b);
        if (set_has(&w->stride->never, b) || x == y)
            continue;
        if (!x || !y || x->to != y->to || !same_leave(x->leave, y->leave) || !same_ops(x, y))
            return false;
    }
    return same_leave(w->c->states.at[one].end, w->c->states.at[other].end);
}

static int count_states(const struct walk *w)
{
    int n = 0;
    for (int i = 0; i < w->pairs.n; i++) {
        int k = 0;
        while (w->pairs.at[k].state != w->pairs.at[i].state)
            k++;
        n += k == i;
    }
    return n;
}

/* Does a text that the function steps over end there? */
static bool ends_there(const struct walk *w, int part)
{
    for (int p = 0; w->stride->last >= 0 && p < w->language->n; p++)
        if (w->language->next[p][w->stride->last] == part)
            return false;
    return w->language->accept[part];
}

/* The state that each text leads to, -1 if there is none: of those that go on alike, the one with
 * the fewest arcs.  `reached` tells which these are. */
static int end_of_texts(struct walk *w, int state, bool *reached)
{
    int end = -1;
    add_pair(w, state, 0);
    const struct arc *first = arc_for(w->c, state, set_lowest(&w->stride->first));
    for (int i = 0; i < w->pairs.n; i++)
        if (!follow_language(w, i, i ? NULL : first))
            return -1;
    if (count_states(w) < w->stride->states)
        return -1;
    for (int i = 0; i < w->pairs.n; i++) {
        const struct pair p = w->pairs.at[i];
        if (!ends_there(w, p.part))
            continue;
        if (end >= 0 && !alike(w, p.state, end))
            return -1;
        reached[p.state] = true;
        if (end < 0 || w->c->states.at[p.state].arcs.n < w->c->states.at[end].arcs.n)
            end = p.state;
    }
    return end;
}

static void mark_reached(const struct chunk *c, int state, bool *reached)
{
    if (reached[state])
        return;
    reached[state] = true;
    const struct chunk_state *s = &c->states.at[state];
    for (int i = 0; i < s->arcs.n; i++)
        if (!s->arcs.at[i].leave)
            mark_reached(c, s->arcs.at[i].to, reached);
    for (int i = 0; i < s->steps.n; i++)
        mark_reached(c, s->steps.at[i].over.to, reached);
}

/* The most visited arcs first. */
static void sort_arcs(struct chunk_state *s)
{
    for (int i = 1; i < s->arcs.n; i++)
        for (int k = i; k > 0 && s->arcs.at[k].visits > s->arcs.at[k - 1].visits; k--) {
            const struct arc a = s->arcs.at[k];
            s->arcs.at[k] = s->arcs.at[k - 1];
            s->arcs.at[k - 1] = a;
        }
}

/* A state like `end`, of which only what is usual behind such a text is left.  It is visited as
 * often as all the first `states` together that go on alike. */
static int state_behind(struct chunk *c, int states, int end, const bool *like, const byteset *odd)
{
    const struct chunk_state *s = &c->states.at[end];
    struct chunk_state behind = {.end = s->end,
                                 .steps = s->steps,
                                 .wide = s->wide,
                                 .expected = {s->expected[0], s->expected[1]}};
    for (int i = 0; i < s->arcs.n; i++) {
        struct arc a = s->arcs.at[i];
        for (int k = 0; k < 4; k++)
            a.set.w[k] &= ~odd->w[k];
        a.visits = 0;
        if (!set_empty(&a.set))
            *PUSH(&behind.arcs) = a;
    }
    for (int other = 0; other < states; other++) {
        if (!like[other])
            continue;
        behind.end_visits += c->states.at[other].end_visits;
        behind.common |= c->states.at[other].common;
        for (int i = 0; i < behind.arcs.n; i++) {
            const struct arc *a = arc_for(c, other, set_lowest(&behind.arcs.at[i].set));
            behind.arcs.at[i].visits += a ? a->visits : 0;
        }
    }
    sort_arcs(&behind);
    *PUSH(&c->states) = behind;
    return c->states.n - 1;
}

/* One step over a whole text in place of the arcs over its first byte. */
static void replace_first(struct chunk *c, int state, const struct stride *stride, int end)
{
    struct chunk_state *const s = &c->states.at[state];
    struct chunk_state less = {.end = s->end,
                               .steps = s->steps,
                               .end_visits = s->end_visits,
                               .common = s->common,
                               .wide = s->wide,
                               .expected = {s->expected[0], s->expected[1]}};
    struct step step = {.function = stride->function};
    for (int i = 0; i < s->arcs.n; i++) {
        const struct arc *a = &s->arcs.at[i];
        if (!set_has(&stride->first, set_lowest(&a->set))) {
            *PUSH(&less.arcs) = *a;
            continue;
        }
        const int visits = step.over.visits + a->visits;
        step.over = *a;
        step.over.visits = visits;
    }
    step.over.set = stride->first;
    step.over.to = end;
    *PUSH(&less.steps) = step;
    *s = less;
}

/* Do the bytes stand apart from all others there? */
static bool stand_apart(const struct chunk_state *s, const byteset *bytes)
{
    for (int i = 0; i < s->arcs.n; i++) {
        bool some = false, others = false;
        for (int b = 0; b < 256; b++)
            if (set_has(&s->arcs.at[i].set, b))
                *(set_has(bytes, b) ? &some : &others) = true;
        if (some && others)
            return false;
    }
    return true;
}

/* Where a state's texts lead to, or -1.  Of each end, `like` gathers the states that go on like
 * it: those that some of these texts lead to. */
static int find_end(struct grammar *g, const struct chunk *c, int state,
                    const struct stride *stride, bool **like)
{
    const size_t n = (size_t)c->states.n;
    struct walk w = {.c = c, .language = language(g, find_rule(g, stride->rule)), .stride = stride};
    if (!arc_for(c, state, set_lowest(&stride->first)) ||
        !stand_apart(&c->states.at[state], &stride->first))
        return -1;
    bool *reached = zalloc(n);
    const int end = end_of_texts(&w, state, reached);
    if (end < 0)
        return -1;
    if (!like[end])
        like[end] = zalloc(n);
    for (size_t i = 0; i < n; i++)
        like[end][i] |= reached[i];
    return end;
}

static void shorten(struct grammar *g, struct chunk *c, const struct stride *stride)
{
    const int states = c->states.n;
    if (find_rule(g, stride->rule) < 0)
        return;
    int *ends = zalloc(sizeof *ends * (size_t)states); /* all, before a state is changed */
    bool **like = zalloc(sizeof *like * (size_t)states);
    for (int s = 0; s < states; s++)
        ends[s] = find_end(g, c, s, stride, like);
    int *behind = zalloc(sizeof *behind * (size_t)states); /* of each end, 0 for none yet */
    for (int s = 0; s < states; s++) {
        if (ends[s] < 0)
            continue;
        if (!behind[ends[s]])
            behind[ends[s]] = state_behind(c, states, ends[s], like[ends[s]], &stride->odd);
        replace_first(c, s, stride, behind[ends[s]]);
    }
    bool *reached = zalloc((size_t)c->states.n);
    mark_reached(c, 0, reached);
    for (int s = 0; s < c->states.n; s++)
        if (!reached[s])
            c->states.at[s] = (struct chunk_state){0};
}

void shorten_hosts(struct grammar *g, struct chunk *c)
{
    const byteset digits = set_range('0', '9');
    byteset letters = set_range('A', 'Z'), inside = digits;
    for (int b = 'a'; b <= 'z'; b++)
        set_add(&letters, b);
    for (int i = 0; i < 4; i++)
        inside.w[i] |= letters.w[i];
    set_add(&inside, '-');
    set_add(&inside, '.');
    const struct stride address = {.rule = "IPv4address",
                                   .function = "sipv_over_address",
                                   .first = digits,
                                   .never = digits,
                                   .odd = inside,
                                   .last = -1,
                                   .states = 8},
                        name = {.rule = "hostname",
                                .function = "sipv_over_name",
                                .first = letters,
                                .never = inside,
                                .odd = inside,
                                .last = '.',
                                .states = 4};
    shorten(g, c, &address);
    shorten(g, c, &name);
}
