/* All readings between two bytes.  Most of them end with the next byte: they are kept as the thread
 * they came from and the way to where they are, and become threads when that is wanted. */
#include "explain.h"

/* What becomes of a thread on the way to a leaf, at byte `at`. */
static void follow(struct engine *e, const struct leaf *leaf, uint32_t at, struct thread *t)
{
    t->relaxations |= leaf->relaxation;
    t->pc = leaf->pc;
    t->top = leaf->top;
    t->looped = leaf->looped;
    if (leaf->naming != AS_BEFORE) {
        t->naming = leaf->naming;
        t->chosen = false;
    }
    t->chosen |= leaf->chosen;
    t->n_open = leaf->n_open;
    for (unsigned k = leaf->kept; k < leaf->n_open; k++)
        t->open_at[k] = at;
    for (unsigned k = 0; k < leaf->n_deeds; k++) {
        const struct deed *d = &e->closures.deeds[leaf->deed + k];
        struct capture *c = sipv_capture_of(e, t, d->kind);
        if (d->opens) {
            c->open = at;
            c->close = UNSET;
        }
        if (d->closes)
            c->close = at;
    }
}

/* The thread that a reading is. */
void sipv_reading_thread(struct engine *e, const struct readings *r, unsigned i, struct thread *t)
{
    copy_thread(t, &r->threads[r->all[i].thread]);
    if (r->all[i].leaf != NO_LEAF)
        follow(e, &e->closures.leaves[r->all[i].leaf], r->at, t);
}

/* All readings as threads. */
struct thread_list *sipv_readings_list(struct engine *e, const struct readings *r)
{
    e->list.n = r->n;
    for (unsigned i = 0; i < r->n; i++)
        sipv_reading_thread(e, r, i, &e->list.at[i]);
    return &e->list;
}

void sipv_readings_begin(struct engine *e, struct readings *r)
{
    sipv_visits_begin(&e->visits[0]);
    e->n_later = 0;
    r->at = e->at;
    r->n = r->n_threads = 0;
}

static struct thread *new_thread(struct engine *e, struct readings *r, unsigned leaf)
{
    if (r->n == THREADS || r->n_threads == THREADS) {
        e->exhausted = true;
        return NULL;
    }
    r->all[r->n].thread = (uint16_t)r->n_threads;
    r->all[r->n++].leaf = (uint16_t)leaf;
    return &r->threads[r->n_threads++];
}

/* Adds `start` and all that follows from it without a byte: each a thread of its own. */
static void walk(struct engine *e, struct readings *r, const struct thread *start)
{
    e->list.n = 0;
    sipv_thread_add(e, &e->list, start);
    for (unsigned i = 0; i < e->list.n; i++) {
        struct thread *t = new_thread(e, r, NO_LEAF);
        if (t)
            copy_thread(t, &e->list.at[i]);
    }
}

/* A relaxation begins at `leaf`: the thread waits, unless another one has come that way. */
static void put_off(struct engine *e, const struct leaf *leaf, uint32_t at,
                    const struct thread *start)
{
    const struct frame *entered = &e->frames[leaf->top];
    if (!sipv_visit_first(e, entered->ret - 1u, entered->up))
        return;
    if (e->n_later == LATER) {
        e->exhausted = true;
        return;
    }
    struct thread *t = &e->later[e->n_later++];
    copy_thread(t, start);
    follow(e, leaf, at, t);
}

/* As walk; by the closure, if it is known.  `alone`: no other thread is added in this step. */
void sipv_reading_add(struct engine *e, struct readings *r, const struct thread *start, bool alone)
{
    const struct closure *c = sipv_closure_of(e, start->pc, start->top);
    if (!c || (c->relaxes && start->relaxations)) {
        walk(e, r, start);
        return;
    }
    alone &= !c->relaxes; /* those that wait will be */
    if (c->too_deep)
        e->too_deep_at = e->at;
    bool used = false;
    for (unsigned i = 0; i < c->n; i++) {
        const struct leaf *leaf = &e->closures.leaves[c->leaf + i];
        if (leaf->relaxation) {
            put_off(e, leaf, r->at, start);
            continue;
        }
        if (!alone && !sipv_visit_first(e, leaf->pc, leaf->top))
            continue;
        if (r->n == THREADS || r->n_threads == THREADS) {
            e->exhausted = true;
            break; /* those that are in keep their thread */
        }
        r->all[r->n].thread = (uint16_t)r->n_threads;
        r->all[r->n++].leaf = (uint16_t)(c->leaf + i);
        used = true;
    }
    if (used)
        copy_thread(&r->threads[r->n_threads++], start);
}

/* Threads that needed one more relaxation wait until all that needed fewer are in. */
void sipv_readings_add_later(struct engine *e, struct readings *r, unsigned level)
{
    for (unsigned i = 0; i < e->n_later;) {
        if (relaxation_count(e->later[i].relaxations) != level) {
            i++;
            continue;
        }
        struct thread *const t = &e->moved;
        copy_thread(t, &e->later[i]);
        memmove(&e->later[i], &e->later[i + 1], (e->n_later - i - 1) * sizeof *e->later);
        e->n_later--;
        sipv_reading_add(e, r, t, false);
        i = 0;
    }
}

/* The readings at e->at that follow from `start`. */
void sipv_readings_begin_at(struct engine *e, const struct thread *start)
{
    struct readings *now = &e->readings[e->now];
    sipv_readings_begin(e, now);
    walk(e, now, start);
    for (unsigned level = 1; e->n_later && level <= 64; level++)
        sipv_readings_add_later(e, now, level);
}

/* Makes room where closures or frames have become many: readings stand for themselves then. */
void sipv_readings_tidy(struct engine *e)
{
    struct readings *now = &e->readings[e->now];
    if (e->n_frames <= FRAMES - 256 && !e->closures.full)
        return;
    sipv_readings_list(e, now);
    now->n_threads = now->n;
    for (unsigned i = 0; i < now->n; i++) {
        now->all[i] = (struct reading){(uint16_t)i, NO_LEAF};
        copy_thread(&now->threads[i], &e->list.at[i]);
    }
    sipv_closures_clear(&e->closures);
    if (e->n_frames > FRAMES - 256)
        sipv_frames_collect(e, now);
}
