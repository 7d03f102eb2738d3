#include "alarms.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS = 1 << 30 };

bool alarms_open(struct alarms *a, size_t slots)
{
    memset(a, 0, sizeof *a);
    if (slots == 0 || slots > SLOTS)
        return false;
    a->slots = (uint32_t)slots;
    a->at = malloc(slots * sizeof *a->at);
    a->place = malloc(slots * sizeof *a->place);
    a->heap = malloc(slots * sizeof *a->heap);
    if (!a->at || !a->place || !a->heap) {
        alarms_close(a);
        return false;
    }
    for (size_t i = 0; i < slots; i++) {
        a->at[i] = UINT64_MAX;
        a->place[i] = ALARMS_NONE;
    }
    return true;
}

void alarms_close(struct alarms *a)
{
    free(a->at);
    free(a->place);
    free(a->heap);
    memset(a, 0, sizeof *a);
}

static bool before(const struct alarms *a, uint32_t x, uint32_t y)
{
    return a->at[x] != a->at[y] ? a->at[x] < a->at[y] : x < y;
}

static void put(struct alarms *a, uint32_t place, uint32_t slot)
{
    a->heap[place] = slot;
    a->place[slot] = place;
}

static void sift(struct alarms *a, uint32_t place)
{
    const uint32_t slot = a->heap[place];
    while (place > 0 && before(a, slot, a->heap[(place - 1) / 2])) {
        put(a, place, a->heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    for (;;) {
        uint32_t child = 2 * place + 1;
        if (child + 1 < a->n && before(a, a->heap[child + 1], a->heap[child]))
            child++;
        if (child >= a->n || !before(a, a->heap[child], slot))
            break;
        put(a, place, a->heap[child]);
        place = child;
    }
    put(a, place, slot);
}

static void take_out(struct alarms *a, uint32_t slot)
{
    const uint32_t place = a->place[slot], last = a->heap[--a->n];
    a->place[slot] = ALARMS_NONE;
    if (last == slot)
        return;
    put(a, place, last);
    sift(a, place);
}

void alarms_set(struct alarms *a, uint32_t slot, uint64_t at)
{
    a->at[slot] = at;
    if (at == UINT64_MAX) {
        if (a->place[slot] != ALARMS_NONE)
            take_out(a, slot);
        return;
    }
    if (a->place[slot] == ALARMS_NONE)
        put(a, a->n++, slot);
    sift(a, a->place[slot]);
}

uint64_t alarms_first(const struct alarms *a)
{
    return a->n > 0 ? a->at[a->heap[0]] : UINT64_MAX;
}

uint32_t alarms_due(const struct alarms *a, uint64_t now)
{
    return alarms_first(a) <= now && a->n > 0 ? a->heap[0] : ALARMS_NONE;
}
