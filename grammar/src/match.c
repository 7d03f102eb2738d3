/* Values against the tables of a matcher, chunk by chunk; compiled code takes over wherever it can.
 * Time is linear in the value, nothing is allocated. */
#include "match.h"

/* ---- Parameters chosen by name ------------------------------------------------------------------
 *
 * The name is looked up after the general parameter has matched, and its value is matched against
 * the rule that the name asks for.  Such a value may be a URI with named parameters of its own;
 * abnfc refuses a grammar in which that goes deeper, so matchers call each other to a fixed depth,
 * whatever the input. */

static int match_nodes(struct sipv_run *r, unsigned root);

/* May compiled code read a value with this byte behind it? */
static bool stops_at(const sipv_express *express, unsigned char c)
{
    return c < 64 && express->stops >> c & 1;
}

/* Does matcher `root` take the whole value?  Its captures are of no interest. */
static bool value_matches(const struct sipv_run *outer, unsigned root, sipv_slice value,
                          size_t *where)
{
    if (root == SIPV_NO_RULE)
        return true;
    sipv_event none[SIPV_EXPRESS_PARTS + SIPV_CHUNK_PARTS];
    struct sipv_run r;
    const sipv_express *express = &outer->automata->express[root];
    r.automata = outer->automata;
    r.base = outer->base;
    r.limit = outer->limit;
    r.at = (size_t)(value.p - r.base);
    r.end = r.at + value.n;
    r.ev = r.ev_first = none;
    r.ev_end = none + SIPV_EXPRESS_PARTS;
    r.ev_express = none + SIPV_CHUNK_PARTS;
    r.node = r.automata->roots[root];
    r.suspects = 0;
    r.compiled = outer->compiled;
    r.express = outer->express && express->run && stops_at(express, r.base[r.end]);
    r.discard = true;
    if (r.express && express->run(&r, r.base, r.at, r.end, none, SIPV_NONE))
        return true;
    r.at = (size_t)(value.p - r.base);
    r.ev = none;
    const bool right = match_nodes(&r, root) == SIPV_OK;
    *where = r.at;
    return right;
}

static bool consists_of(const uint64_t *set, sipv_slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!sipv_set_has(set, s.p[i]))
            return false;
    return s.n > 0;
}

/* What kind of value it is, of those that most rules take without a closer look. */
static unsigned form_of(const sipv_grammar *g, const sipv_select *sel, sipv_slice value)
{
    if (!value.p)
        return SIPV_FORM_ABSENT;
    if (sel->plain && value.n && value.p[0] == '"')
        return SIPV_FORM_QUOTED;
    return (consists_of(g->token, value) ? SIPV_FORM_TOKEN : 0) |
           (consists_of(g->simple, value) ? SIPV_FORM_SIMPLE : 0);
}

bool sipv_judge(struct sipv_run *r, unsigned select, const sipv_select_name *n, uint32_t hash,
                unsigned form, sipv_slice value, size_t *where)
{
    const sipv_select *sel = &r->automata->grammar->selects[select];
    const uint64_t bit = n ? n->bit : sipv_name_bit(hash);
    uint64_t *seen = &r->seen[(sel->name_kind != SIPV_KIND_PARAM_NAME) * 2 + !n];
    if (*seen & bit)
        r->suspects |= SIPV_SUSPECT_VALUE;
    *seen |= bit;
    if (n) {
        if (n->ranged)
            r->suspects |= SIPV_SUSPECT_VALUE;
        if (n->accepts & form ||
            (value.p && n->value != SIPV_VALUE_NONE && value_matches(r, n->root, value, where)))
            return true;
        if (!n->extension)
            return false;
        r->suspects |= SIPV_SUSPECT_EXTENSION; /* judged as any other parameter */
    }
    return sel->other_accepts & form || !value.p || value_matches(r, sel->other_root, value, where);
}

static bool choose(struct sipv_run *r, unsigned select, sipv_slice name, sipv_slice value)
{
    const sipv_grammar *g = r->automata->grammar;
    const sipv_select *sel = &g->selects[select];
    const uint32_t hash = sipv_name_hash(name.p, name.n, sel->seed);
    const size_t behind = r->at = (size_t)(name.p - r->base) + name.n;
    if (sipv_judge(r, select, sipv_select_find_hashed(g, sel, name, hash), hash,
                   form_of(g, sel, value), value, &r->at))
        return true;
    if (r->at == behind) /* a "=" is missing or one too many; white space may precede it */
        while (r->at < r->end && memchr(" \t\r\n", r->base[r->at], 4))
            r->at++;
    return false;
}

/* The parameter that just ended, from the events it left behind. */
static bool choose_last(struct sipv_run *r, unsigned select)
{
    const unsigned name_kind = r->automata->grammar->selects[select].name_kind;
    const sipv_event *ev = r->ev - 1;
    sipv_slice value = {NULL, 0};
    while (ev->kind - name_kind > 1) /* what else ended with the parameter stands behind it */
        ev--;
    if (ev->kind != name_kind) {
        const uint32_t end = ev->part == SIPV_PART_CLOSE ? ev->off : ev->off + ev->len;
        if (ev->part == SIPV_PART_CLOSE)
            ev--;
        value = sipv_slice_of(r->base + ev->off, end - ev->off);
        ev--;
    }
    return choose(r, select, sipv_slice_of(r->base + ev->off, ev->len), value);
}

/* ---- Chunks -------------------------------------------------------------------------------------
 */

/* A number above its maximum of so many digits, or one that begins with 0; or whatever the caller
 * always looks at. */
static void check_kind(struct sipv_run *r, unsigned kind, size_t from, size_t to)
{
    const sipv_kind_check *check = &r->automata->kinds[kind];
    const unsigned char *p = r->base + from;
    if (check->digits == 0)
        return;
    if (check->digits == SIPV_KIND_NOTICE || to - from > check->digits ||
        (check->zero && *p == '0') ||
        (to - from == check->digits && memcmp(p, check->max, check->digits) > 0))
        r->suspects |= SIPV_SUSPECT_VALUE;
}

static void write_parts(struct sipv_run *r, const sipv_leave *leave, const uint32_t *regs)
{
    const sipv_capture *part = &r->automata->parts[leave->first_part];
    for (unsigned i = 0; i < leave->n_parts; i++, part++) {
        const uint32_t open = part->open == SIPV_HERE ? (uint32_t)r->at : regs[part->open & 31];
        const uint32_t close = part->close == SIPV_HERE ? (uint32_t)r->at : regs[part->close & 31];
        sipv_event *ev = r->ev++;
        ev->kind = part->kind;
        ev->part = part->close == SIPV_ELSEWHERE  ? SIPV_PART_OPEN
                   : part->open == SIPV_ELSEWHERE ? SIPV_PART_CLOSE
                                                  : SIPV_PART_WHOLE;
        ev->off = ev->part == SIPV_PART_CLOSE ? close : open;
        ev->len = ev->part == SIPV_PART_WHOLE ? close - open : 0;
        if (ev->part == SIPV_PART_WHOLE)
            check_kind(r, ev->kind, open, close);
        else if (r->automata->kinds[ev->kind].digits == SIPV_KIND_NOTICE)
            r->suspects |= SIPV_SUSPECT_VALUE;
    }
}

static void assign(const uint8_t *op, size_t at, uint32_t *regs)
{
    uint32_t values[SIPV_CHUNK_REGISTERS];
    const unsigned n = *op++;
    for (unsigned i = 0; i < n; i++)
        values[i] = op[2 * i + 1] == SIPV_HERE ? (uint32_t)at : regs[op[2 * i + 1]];
    for (unsigned i = 0; i < n; i++)
        regs[op[2 * i]] = values[i];
}

/* The arc of a state for byte `c`, or NULL. */
static inline const sipv_arc *find_arc(const sipv_automata *a, const sipv_state *state,
                                       unsigned char c)
{
    const sipv_arc *arc = a->arcs + state[0].first_arc, *const end = a->arcs + state[1].first_arc;
    for (; arc < end; arc++)
        if (sipv_set_has(a->grammar->sets[arc->set], c))
            return arc;
    return NULL;
}

/* Runs one chunk from r->at: the leave it took, its captures written, or NULL and r->at is the
 * first impossible byte.  Where captures begin and end is kept in `regs`, 32 of them, each of which
 * is set before it is used. */
static const sipv_leave *run_chunk(struct sipv_run *r, unsigned first_state, uint32_t *regs)
{
    const sipv_automata *a = r->automata;
    const sipv_leave *leave = NULL;
    const unsigned char *const base = r->base;
    const size_t end = r->end;
    unsigned state = first_state;
    size_t at = r->at;
    bool over_cut = false;
    while (at < end) {
        const sipv_arc *arc = find_arc(a, &a->states[state], base[at]);
        if (!arc)
            break;
        if (arc->ops)
            assign(a->ops + arc->ops, at, regs);
        if (arc->to & SIPV_LEAVES) {
            leave = &a->leaves[arc->to & ~SIPV_LEAVES];
            over_cut = true;
            break;
        }
        at++;
        if (arc->to == state && !arc->ops) { /* a run of one class */
            const uint64_t *set = a->grammar->sets[arc->set];
            while (at < end && sipv_set_has(set, base[at]))
                at++;
        }
        state = arc->to;
    }
    r->at = at;
    if (!leave && at == end && a->states[state].end != SIPV_NONE)
        leave = &a->leaves[a->states[state].end];
    if (leave)
        write_parts(r, leave, regs);
    r->at += over_cut;
    return leave;
}

/* ---- Values -------------------------------------------------------------------------------------
 */

/* Does a run of the choice's set from r->at on end at its byte?  The node that was not taken is
 * kept: if the chosen one refuses, it may have got further. */
static void look(struct sipv_run *r, const sipv_node *node)
{
    const uint64_t *set = r->automata->grammar->sets[node->set];
    size_t at = r->at;
    while (at < r->end && sipv_set_has(set, r->base[at]))
        at++;
    const bool there = at < r->end && r->base[at] == node->byte;
    const sipv_exit *to = &r->automata->exits[node->exits];
    r->look_at = r->at;
    r->look_other = to[there].target;
    r->node = to[!there].target;
}

/* Room for another chunk?  Where captures are of no interest only the last ones are kept: a
 * parameter that goes on needs its own. */
static bool has_room(struct sipv_run *r)
{
    enum { KEPT = 4 };
    if (r->ev <= r->ev_end)
        return true;
    if (!r->discard)
        return false;
    memmove(r->ev_first, r->ev - KEPT, KEPT * sizeof *r->ev);
    r->ev = r->ev_first + KEPT;
    return true;
}

/* From r->node and r->at to the end of the value.  `express_first`: compiled code has not been
 * tried there. */
static int run_nodes(struct sipv_run *r, sipv_express_function express, bool express_first)
{
    const sipv_automata *a = r->automata;
    uint32_t regs[32] = {0};
    for (;; express_first = true) {
        if (express && express_first && r->ev <= r->ev_express) {
            sipv_event *const ev = express(r, r->base, r->at, r->end, r->ev, r->node);
            if (ev) {
                r->ev = ev;
                return SIPV_OK;
            }
        }
        const sipv_node *node = &a->nodes[r->node];
        if (node->state == SIPV_NONE) {
            look(r, node);
            continue;
        }
        if (!has_room(r))
            return SIPV_NO_SPACE;
        const sipv_leave *leave = run_chunk(r, node->state, regs);
        if (!leave)
            return SIPV_REJECT;
        const sipv_exit *exit = &a->exits[node->exits + leave->exit];
        const size_t at = r->at;
        if (exit->select != 0xff && !choose_last(r, exit->select))
            return SIPV_REJECT;
        r->at = at;
        if (exit->element) {
            *r->ev++ = (sipv_event){SIPV_KIND_ELEMENT, SIPV_PART_WHOLE, (uint32_t)at - 1, 1};
            memset(r->seen, 0, sizeof r->seen);
        }
        if (exit->target == SIPV_NONE)
            return SIPV_OK;
        r->node = exit->target;
    }
}

static int run_value(struct sipv_run *r, unsigned root, bool express_first)
{
    const int result =
        run_nodes(r, r->express ? r->automata->express[root].run : NULL, express_first);
    if (result != SIPV_REJECT || r->look_at == SIZE_MAX)
        return result;
    /* the alternative that was not taken may have got further */
    const size_t error = r->at;
    r->at = r->look_at;
    r->node = r->look_other;
    r->ev = r->ev_first;
    if (run_nodes(r, NULL, false) != SIPV_REJECT || r->at < error)
        r->at = error;
    return SIPV_REJECT;
}

static int match_nodes(struct sipv_run *r, unsigned root)
{
    memset(r->seen, 0, sizeof r->seen);
    r->look_at = SIZE_MAX;
    r->node = r->automata->roots[root];
    return run_value(r, root, true);
}

int sipv_run_finish(struct sipv_run *r, unsigned root)
{
    return run_value(r, root, false);
}

/* The same over a copy that has room behind it, if it is short; else without compiled code. */
static int match_copy(struct sipv_run *r, unsigned root)
{
    unsigned char copy[1024 + SIPV_EXPRESS_REACH];
    const unsigned char *const base = r->base;
    const size_t from = r->at, n = r->end - from;
    r->express = n <= sizeof copy - SIPV_EXPRESS_REACH;
    if (!r->express)
        return match_nodes(r, root);
    memcpy(copy, base + from, n);
    memset(copy + n, '\r', SIPV_EXPRESS_REACH);
    r->base = (const unsigned char *)((uintptr_t)copy - from);
    const int result = match_nodes(r, root);
    r->base = base;
    return result;
}

int sipv_run_match(struct sipv_run *r, unsigned root, sipv_slice text, sipv_event *ev, size_t cap)
{
    const sipv_express *express = &r->automata->express[root];
    const unsigned char *const end = text.p + text.n;
    if (cap <= SIPV_CHUNK_PARTS)
        return SIPV_NO_SPACE;
    r->at = (size_t)(text.p - r->base);
    r->end = r->at + text.n;
    r->ev = r->ev_first = ev;
    r->ev_end = ev + cap - SIPV_CHUNK_PARTS;
    r->ev_express = cap >= SIPV_EXPRESS_PARTS ? ev + cap - SIPV_EXPRESS_PARTS : NULL;
    r->suspects = 0;
    r->express = r->compiled && express->run;
    if (!r->express)
        return match_nodes(r, root);
    if (r->limit - end < SIPV_EXPRESS_REACH || !stops_at(express, *end))
        return match_copy(r, root);
    r->look_at = SIZE_MAX;
    sipv_event *const last =
        ev <= r->ev_express ? express->run(r, r->base, r->at, r->end, ev, SIPV_NONE) : NULL;
    if (last) {
        r->ev = last;
        return SIPV_OK;
    }
    if (ev > r->ev_express)
        return match_nodes(r, root);
    return sipv_run_finish(r, root);
}

int sipv_match_slice(const sipv_automata *automata, unsigned root, sipv_slice text,
                     const unsigned char *base, const unsigned char *limit, sipv_event *ev,
                     size_t cap, size_t *n, size_t *error)
{
    struct sipv_run r;
    sipv_run_begin(&r, automata, base, limit, sipv_express_runs());
    const int result = sipv_run_match(&r, root, text, ev, cap);
    if (result == SIPV_OK)
        *n = (size_t)(r.ev - ev);
    else if (result == SIPV_REJECT)
        *error = r.at - (size_t)(text.p - base);
    return result;
}
