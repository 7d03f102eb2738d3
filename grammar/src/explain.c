/* The explaining engine: all readings of the text in lockstep (Thompson, Pike), one byte at a time.
 *
 * A thread is a place in the program and the calls that are open there.  Threads stand in order of
 * priority: fewer relaxations first, then the order of the grammar.  Of two threads at one place
 * only the first lives on, so there are at most THREADS, and what follows from one costs no more
 * than the program is large; it is remembered, as far as there is room.  At a cut exactly one
 * thread goes on: its captures are written out and the memory is used again. */
#include <string.h>

#include "explain.h"

/* ---- Steps ----------------------------------------------------------------------------------- */

static bool accepts(const struct engine *e, unsigned pc, unsigned char c)
{
    if (pc == ACCEPT)
        return false;
    const sipv_op *op = &e->g->ops[pc];
    if (op->op == SIPV_OP_CUT)
        return op->a == c;
    return e->g->sets[op->x][c >> 6] >> (c & 63) & 1;
}

/* Replays will begin with `t` at op `pc`. */
static void replay_from(struct engine *e, const struct thread *t, unsigned pc, uint32_t at)
{
    copy_thread(&e->since, t);
    e->since.pc = (uint16_t)pc;
    e->since.looped = false;
    e->since_at = at;
}

static void find_takers(const struct engine *e, const struct readings *now, struct takers *out)
{
    const unsigned char c = e->text[e->at];
    out->n = out->levels = 0;
    out->cut = -1;
    for (unsigned i = 0; i < now->n; i++) {
        const unsigned pc = pc_of(e, now, i);
        if (!accepts(e, pc, c))
            continue;
        const unsigned level = relaxation_count(now->threads[now->all[i].thread].relaxations);
        if (level > out->levels)
            out->levels = level;
        if (e->g->ops[pc].op == SIPV_OP_CUT && (out->cut < 0 || level < out->level[out->cut]))
            out->cut = (int)out->n;
        out->level[out->n] = (uint8_t)level;
        out->reading[out->n++] = (uint16_t)i;
    }
}

/* The byte has been read: its takers move on, those with fewer relaxations first. */
static void advance(struct engine *e)
{
    const struct takers *takers = &e->takers;
    const struct readings *now = &e->readings[e->now];
    struct readings *next = &e->readings[!e->now];
    struct thread *t = &e->moved;
    sipv_readings_begin(e, next);
    for (unsigned level = 0; level <= takers->levels || e->n_later; level++) {
        if (level > 64)
            break;
        for (unsigned i = 0; i < takers->n; i++) {
            if (takers->level[i] != level)
                continue;
            sipv_reading_thread(e, now, takers->reading[i], t);
            t->pc++;
            t->looped = false;
            sipv_reading_add(e, next, t, takers->n == 1);
        }
        sipv_readings_add_later(e, next, level);
    }
}

enum outcome { GOES_ON, IMPOSSIBLE, REFUSED };

/* At a cut one reading goes on.  False if the parameter that ends there is refused.  Not inlined
 * into what is done at every byte: its thread is large. */
static __attribute__((noinline)) bool pass_cut(struct engine *e, unsigned reading)
{
    struct readings *now = &e->readings[e->now];
    struct thread t;
    sipv_reading_thread(e, now, reading, &t);
    const sipv_op *op = &e->g->ops[t.pc];
    if (!sipv_chunk_end(e, &t)) {
        sipv_parameter_consider_others(e, sipv_readings_list(e, now), reading);
        return false;
    }
    if (e->view && e->g->cut_rules[op->x] == e->view->each_rule && !e->retrying)
        sipv_event_put(e, SIPV_KIND_ELEMENT, SIPV_PART_WHOLE, e->at, 1);
    e->at++;
    t.pc++;
    t.looped = false;
    if (!e->retrying)
        replay_from(e, &t, t.pc, e->at);
    struct readings *next = &e->readings[!e->now];
    const unsigned level = relaxation_count(t.relaxations);
    sipv_readings_begin(e, next);
    sipv_reading_add(e, next, &t, true);
    for (unsigned more = level; e->n_later && more <= 64; more++)
        sipv_readings_add_later(e, next, more);
    return true;
}

/* One byte: every reading that takes it moves on.  If none does, they stay where they are. */
static enum outcome step(struct engine *e)
{
    struct takers *takers = &e->takers;
    sipv_readings_tidy(e);
    find_takers(e, &e->readings[e->now], takers);
    if (takers->cut >= 0 && !e->replaying) {
        if (!pass_cut(e, takers->reading[takers->cut]))
            return REFUSED;
    } else {
        e->at++;
        advance(e);
    }
    if (e->readings[!e->now].n == 0) {
        e->at--;
        return IMPOSSIBLE;
    }
    e->now = !e->now;
    return GOES_ON;
}

/* The best thread that has read everything, or -1. */
static int accepting(const struct thread_list *list)
{
    for (unsigned i = 0; i < list->n; i++)
        if (list->at[i].pc == ACCEPT)
            return (int)i;
    return -1;
}

/* Reads on to the end of the text or the first impossible byte. */
static void read_on(struct engine *e)
{
    enum outcome o = GOES_ON;
    while (e->at < e->n && o == GOES_ON)
        o = step(e);
    if (o == REFUSED)
        return;
    struct thread_list *list = sipv_readings_list(e, &e->readings[e->now]);
    const int best = e->at == e->n ? accepting(list) : -1;
    if (best >= 0) {
        struct thread *t = &list->at[best];
        if (!sipv_chunk_end(e, t)) {
            sipv_parameter_consider_others(e, list, (unsigned)best);
            return;
        }
        e->accepted = true;
        e->used = t->relaxations;
        return;
    }
    sipv_name_expected(e, list, &e->why);
    sipv_parameter_check_open(e, list);
    if (list->n > 0) /* none is left where room ended */
        sipv_captures_flush(e, &list->at[0], true);
}

/* The alternative that a scan did not choose may stay possible for longer. */
static void retry_other(struct engine *e)
{
    const struct explanation first = e->why;
    struct thread start;
    copy_thread(&start, &e->other);
    e->retrying = true;
    e->at = e->other_at;
    sipv_readings_begin_at(e, &start);
    memset(&e->why, 0, sizeof e->why);
    const size_t events = e->n_events;
    read_on(e);
    e->n_events = events;
    e->retrying = false;
    const struct explanation second = e->why;
    e->accepted = false;
    e->why = first;
    if (second.error >= first.error)
        replay_from(e, &e->other, e->other_look, e->other_at);
    if (second.error > first.error) {
        e->why = second;
        e->n_events = e->other_events;
    } else if (second.error == first.error) {
        for (unsigned i = 0; i < second.n_expected; i++)
            sipv_add_expected(&e->why, second.expected[i]);
    }
    /* where one reading dies in such a value, only this engine knows the byte */
    e->why.in_value = first.in_value || second.in_value;
}

/* A refused parameter was written before it was judged: what ends behind the error goes. */
static void drop_events(struct engine *e)
{
    size_t n = 0;
    for (size_t i = 0; i < e->n_events; i++)
        if (e->events[i].off - e->base + e->events[i].len <= e->why.error)
            e->events[n++] = e->events[i];
    e->n_events = n;
}

void sipv_engine_prepare(struct engine *e)
{
    memset(e->visits, 0, sizeof e->visits);
    e->g = NULL;
}

/* Frames and closures of the last run are good for this one too, if they mean the same. */
static bool can_go_on(const struct engine *e, const sipv_grammar *g, const sipv_view *view,
                      int rule, uint64_t allowed)
{
    return e->g == g && e->view == view && e->allowed == allowed && !e->closures.full &&
           e->n_frames <= FRAMES / 2 &&
           (e->rule == rule ||
            !((g->rules[e->rule].flags | g->rules[rule].flags) & SIPV_RULE_RECURSIVE));
}

void sipv_engine_run(struct engine *e, const sipv_grammar *g, int rule, bool value, sipv_slice text,
                     uint64_t allowed, sipv_event *events, size_t cap, uint32_t base,
                     unsigned below)
{
    const sipv_rule *r = &g->rules[rule];
    const sipv_view *view = r->view >= 0 ? &g->views[r->view] : NULL;
    struct thread start;
    if (!can_go_on(e, g, view, rule, allowed)) {
        sipv_frames_clear(e);
        sipv_closures_clear(&e->closures);
    }
    e->g = g;
    e->rule = rule;
    e->view = view;
    e->text = text.p;
    e->n = text.n;
    e->at = 0;
    e->base = base;
    e->allowed = allowed;
    e->below = below;
    e->events = events;
    e->n_events = 0;
    e->cap_events = cap;
    e->no_space = e->accepted = e->exhausted = e->has_other = e->retrying = false;
    e->name = e->value = sipv_slice_of(NULL, 0);
    e->too_deep_at = UNSET;
    e->used = 0;
    e->sub_ready = false;
    memset(&e->why, 0, sizeof e->why);
    e->remembering = false;
    e->now = 0;

    memset(&start, 0, sizeof start);
    start.pc = value ? r->value_entry : r->entry;
    start.top = NO_FRAME;
    start.naming = -1;
    e->replaying = e->choice.made = false;
    replay_from(e, &start, start.pc, 0);
    sipv_readings_begin_at(e, &start);
    read_on(e);
    if (!e->accepted && e->has_other)
        retry_other(e);
    if (!e->accepted)
        drop_events(e);
}

/* ---- Replays --------------------------------------------------------------------------------- */

/* Of the readings where the choice is made, and behind, only those that made it. */
static void keep_taken(struct engine *e)
{
    struct readings *now = &e->readings[e->now];
    unsigned n = 0;
    if (!e->choice.made || e->at < e->choice.at)
        return;
    for (unsigned i = 0; i < now->n; i++)
        if (now->threads[now->all[i].thread].taken)
            now->all[n++] = now->all[i];
    now->n = n;
}

const struct thread_list *sipv_engine_replay(struct engine *e, uint32_t end)
{
    struct thread start;
    sipv_readings_tidy(e);
    copy_thread(&start, &e->since);
    start.n_captures = 0; /* nobody asks for them */
    e->replaying = true;
    e->at = e->since_at;
    sipv_readings_begin_at(e, &start);
    keep_taken(e);
    while (e->at < end && step(e) == GOES_ON)
        keep_taken(e);
    return sipv_readings_list(e, &e->readings[e->now]);
}

struct engine *sipv_engine_value(struct engine *e, const struct explanation *why)
{
    if (!why->value_rule || !e->below)
        return NULL;
    sipv_engine_run(e + 1, e->g, (int)why->value_rule - 1, false,
                    sipv_slice_of(e->text + why->value_at, why->value_n), 0, NULL, 0, 0,
                    e->below - 1);
    return e + 1;
}

/* ---- The public face ------------------------------------------------------------------------- */

size_t sipv_explainer_size(void)
{
    return sizeof(struct sipv_explainer);
}

int sipv_explain(const sipv_grammar *g, int rule, bool value, sipv_slice text, uint64_t relaxations,
                 void *work, uint32_t base, sipv_event *events, size_t cap, sipv_match *match)
{
    struct sipv_explainer *x = (struct sipv_explainer *)work;
    if (!g || !work || !match || rule < 0 || rule >= g->n_rules || !text.p || text.n >= UNSET ||
        (value && !(g->rules[rule].flags & SIPV_RULE_HEADER)) || (cap && !events))
        return SIPV_BAD_ARGUMENT;
    memset(match, 0, sizeof *match);
    sipv_engine_prepare(&x->levels[0]);
    sipv_engine_run(&x->levels[0], g, rule, value, text, relaxations, events, cap, base, 2);
    const struct engine *e = &x->levels[0];
    match->accepted = e->accepted && !e->exhausted;
    match->relaxations = e->used;
    match->n_events = e->n_events;
    match->no_space = e->no_space;
    match->rule = rule;
    if (match->accepted)
        return SIPV_OK;
    match->error_offset = e->why.error;
    match->construct_offset = e->why.construct;
    match->rule = e->why.rule;
    match->in_value = e->why.in_value;
    match->n_expected = e->why.n_expected;
    memcpy(match->expected, e->why.expected, sizeof match->expected);
    match->depth_exceeded = e->too_deep_at != UNSET && e->too_deep_at == e->why.error;
    return e->exhausted ? SIPV_LIMIT : SIPV_REJECT;
}

int sipv_rule_find(const sipv_grammar *g, sipv_slice name)
{
    for (int i = 0; i < g->n_rules; i++)
        if (!(g->rules[i].flags & SIPV_RULE_MADE_UP) && sipv_slice_is(name, g->rules[i].name))
            return i;
    return -1;
}

int sipv_rule_count(const sipv_grammar *g)
{
    return g->n_rules;
}

const char *sipv_rule_name(const sipv_grammar *g, int rule)
{
    return rule >= 0 && rule < g->n_rules ? g->rules[rule].name : NULL;
}

const char *sipv_rule_source(const sipv_grammar *g, int rule)
{
    if (rule < 0 || rule >= g->n_rules || g->rules[rule].source == 0)
        return NULL;
    return g->sources[g->rules[rule].source];
}

const char *sipv_kind_name(const sipv_grammar *g, unsigned kind)
{
    if (kind & SIPV_KIND_RULE)
        return sipv_rule_name(g, (int)(kind & ~SIPV_KIND_RULE));
    return kind < g->n_kinds ? g->kinds[kind] : NULL;
}

const char *sipv_relaxation_name(const sipv_grammar *g, unsigned i)
{
    return i < g->n_relaxations ? g->relaxations[i] : NULL;
}
