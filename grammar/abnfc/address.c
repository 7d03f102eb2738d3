/* IPv4 addresses in compiled code.  Where a chunk may go on with an IPv4address, one step over all
 * of it (sipv_over_address) takes the place of some thirty states, if it is proven to lead to where
 * these lead.  What begins with a digit and is no address is then left to the tables. */
#include "express.h"

/* A state of the chunk and one of the language of addresses, reached by the same text. */
struct pair {
    int state, part;
};

struct walk {
    const struct chunk *c;
    const struct dfa *address;
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

/* All ways of an address on from one pair.  False if the chunk refuses one, ends in it, or takes
 * notice of where it is; only the first byte of all may do that, always in the same way. */
static bool follow_address(struct walk *w, int i, const struct arc *first)
{
    const struct pair from = w->pairs.at[i];
    for (int c = 0; c < 256; c++) {
        const int part = w->address->next[from.part][c];
        if (part < 0)
            continue;
        const struct arc *a = arc_for(w->c, from.state, c);
        if (!a || a->leave || (first ? !same_ops(a, first) : a->ops.n > 0))
            return false;
        add_pair(w, a->to, part);
    }
    return true;
}

/* Do two states go on alike after anything but a digit? */
static bool alike(const struct chunk *c, int one, int other)
{
    for (int b = 0; b < 256; b++) {
        const struct arc *x = arc_for(c, one, b), *y = arc_for(c, other, b);
        if ((b >= '0' && b <= '9') || x == y)
            continue;
        if (!x || !y || x->to != y->to || !same_leave(x->leave, y->leave) || !same_ops(x, y))
            return false;
    }
    return same_leave(c->states.at[one].end, c->states.at[other].end);
}

/* So many states an address leads through at least; fewer take any digits and dots, and are quick
 * enough by themselves. */
enum { STATES_LEAST = 8 };

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

/* The state that each address leads to, -1 if there is none. */
static int end_of_addresses(const struct chunk *c, int state, const struct dfa *address)
{
    struct walk w = {.c = c, .address = address};
    int end = -1;
    add_pair(&w, state, 0);
    for (int i = 0; i < w.pairs.n; i++)
        if (!follow_address(&w, i, i ? NULL : arc_for(c, state, '1')))
            return -1;
    if (count_states(&w) < STATES_LEAST)
        return -1;
    for (int i = 0; i < w.pairs.n; i++) {
        const struct pair p = w.pairs.at[i];
        if (!address->accept[p.part])
            continue;
        if (end >= 0 && !alike(c, p.state, end))
            return -1;
        if (end < 0 || c->states.at[p.state].arcs.n < c->states.at[end].arcs.n)
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
    if (s->address)
        mark_reached(c, s->address->to, reached);
}

/* One arc over a whole address in place of those over its first digit. */
static void replace_digits(struct chunk_state *s, int end)
{
    struct chunk_state less = {.end = s->end};
    for (int i = 0; i < s->arcs.n; i++) {
        const struct arc *a = &s->arcs.at[i];
        if (set_lowest(&a->set) < '0' || set_lowest(&a->set) > '9') {
            *PUSH(&less.arcs) = *a;
            continue;
        }
        if (!less.address) {
            less.address = zalloc(sizeof *less.address);
            *less.address = *a;
            less.address->to = end;
            less.address->visits = 0;
        }
        less.address->visits += a->visits;
    }
    *s = less;
}

/* Do digits stand apart from all other bytes there? */
static bool has_own_digits(const struct chunk_state *s)
{
    const byteset digits = set_range('0', '9');
    for (int i = 0; i < s->arcs.n; i++) {
        bool some = false, others = false;
        for (int b = 0; b < 256; b++)
            if (set_has(&s->arcs.at[i].set, b))
                *(set_has(&digits, b) ? &some : &others) = true;
        if (some && others)
            return false;
    }
    return true;
}

void shorten_addresses(struct grammar *g, struct chunk *c)
{
    const int rule = find_rule(g, "IPv4address");
    if (rule < 0)
        return;
    bool *reached = zalloc((size_t)c->states.n);
    int found = 0;
    for (int s = 0; s < c->states.n; s++) {
        if (!arc_for(c, s, '1') || !has_own_digits(&c->states.at[s]))
            continue;
        const int end = end_of_addresses(c, s, language(g, rule));
        if (end < 0)
            continue;
        replace_digits(&c->states.at[s], end);
        found++;
    }
    if (!found)
        return;
    mark_reached(c, 0, reached);
    for (int s = 0; s < c->states.n; s++)
        if (!reached[s])
            c->states.at[s] = (struct chunk_state){0};
}
