/* Open calls, shared by all threads: a frame is a rule, where it returns to, and the frame above
 * it. Two calls of one rule from one place under one frame are one frame. */
#include <string.h>

#include "explain.h"

static unsigned frame_hash(unsigned ret, unsigned rule, unsigned up)
{
    uint32_t h = ret * 0x9e3779b1u ^ rule * 0x85ebca6bu ^ up * 0xc2b2ae35u;
    return (h ^ h >> 15) & (FRAME_SLOTS - 1);
}

static void insert_frame(struct engine *e, unsigned i)
{
    unsigned h = frame_hash(e->frames[i].ret, e->frames[i].rule, e->frames[i].up);
    while (e->slots[h] != NO_FRAME)
        h = (h + 1) & (FRAME_SLOTS - 1);
    e->slots[h] = (uint16_t)i;
}

void sipv_frames_clear(struct engine *e)
{
    memset(e->slots, 0xff, sizeof e->slots);
    e->n_frames = 0;
}

static void keep_frames(const struct engine *e, unsigned f, bool *keep)
{
    for (; f != NO_FRAME && !keep[f]; f = e->frames[f].up)
        keep[f] = true;
}

static uint16_t moved_frame(const uint16_t *moved, uint16_t f)
{
    return f == NO_FRAME ? f : moved[f];
}

/* Forgets the frames that no thread stands in. */
void sipv_frames_collect(struct engine *e, struct readings *now)
{
    bool keep[FRAMES];
    uint16_t moved[FRAMES];
    unsigned n = 0;
    memset(keep, 0, sizeof keep);
    for (unsigned i = 0; i < now->n_threads; i++)
        keep_frames(e, now->threads[i].top, keep);
    keep_frames(e, e->since.top, keep);
    if (e->has_other)
        keep_frames(e, e->other.top, keep);
    for (unsigned i = 0; i < e->n_frames; i++) {
        if (!keep[i])
            continue;
        moved[i] = (uint16_t)n;
        e->frames[n] = e->frames[i];
        e->frames[n].up = moved_frame(moved, e->frames[n].up); /* parents come before children */
        n++;
    }
    for (unsigned i = 0; i < now->n_threads; i++)
        now->threads[i].top = moved_frame(moved, now->threads[i].top);
    e->since.top = moved_frame(moved, e->since.top);
    if (e->has_other)
        e->other.top = moved_frame(moved, e->other.top);
    memset(e->slots, 0xff, sizeof e->slots);
    e->n_frames = n;
    for (unsigned i = 0; i < n; i++)
        insert_frame(e, i);
}

/* The kind that a call of `rule` under `up` captures, or NO_KIND. */
static unsigned captured(const struct engine *e, unsigned rule, unsigned up)
{
    if (!e->view) {
        if (up != NO_FRAME || (e->g->rules[rule].flags & (SIPV_RULE_SPACE | SIPV_RULE_MADE_UP)))
            return NO_KIND;
        return SIPV_KIND_RULE | rule;
    }
    for (unsigned i = 0; i < e->view->count; i++) {
        const sipv_binding *b = &e->g->bindings[e->view->first + i];
        unsigned f = up, k = 1;
        if (b->kind == SIPV_NO_RULE || b->path[0] != rule)
            continue;
        while (k < SIPV_PATH_MAX && b->path[k] != SIPV_NO_RULE && f != NO_FRAME &&
               e->frames[f].rule == b->path[k]) {
            f = e->frames[f].up;
            k++;
        }
        if (k == SIPV_PATH_MAX || b->path[k] == SIPV_NO_RULE)
            return b->kind;
    }
    return NO_KIND;
}

unsigned sipv_frame_push(struct engine *e, unsigned ret, unsigned rule, unsigned up)
{
    unsigned h = frame_hash(ret, rule, up);
    for (; e->slots[h] != NO_FRAME; h = (h + 1) & (FRAME_SLOTS - 1)) {
        const struct frame *f = &e->frames[e->slots[h]];
        if (f->ret == ret && f->rule == rule && f->up == up)
            return e->slots[h];
    }
    if (e->n_frames == FRAMES) {
        e->exhausted = true;
        return NO_FRAME;
    }
    struct frame *f = &e->frames[e->n_frames];
    f->ret = (uint16_t)ret;
    f->rule = (uint16_t)rule;
    f->up = (uint16_t)up;
    f->depth = (uint16_t)(up == NO_FRAME ? 0 : e->frames[up].depth + 1);
    f->kind = (uint16_t)captured(e, rule, up);
    e->slots[h] = (uint16_t)e->n_frames;
    return e->n_frames++;
}
