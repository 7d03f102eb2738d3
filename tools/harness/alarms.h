/* One time each for a fixed number of slots, and which of them comes first: a binary heap.
 *
 * Time is in milliseconds; UINT64_MAX is never. */
#ifndef HARNESS_ALARMS_H
#define HARNESS_ALARMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ALARMS_NONE UINT32_MAX

struct alarms {
    uint64_t *at;           /* of each slot */
    uint32_t *place, *heap; /* of each slot, its place in the heap; the slots that have a time */
    uint32_t slots, n;
};

/* All zero is closed.  False without memory, or for more than 2^30 slots. */
bool alarms_open(struct alarms *a, size_t slots);
void alarms_close(struct alarms *a);

/* Gives a slot its time, in place of the one it has. */
void alarms_set(struct alarms *a, uint32_t slot, uint64_t at);
/* The time that comes first; UINT64_MAX if no slot has one. */
uint64_t alarms_first(const struct alarms *a);
/* A slot whose time is `now` or earlier, the earliest first, of equal times the lowest number;
 * ALARMS_NONE if there is none.  Its time stays. */
uint32_t alarms_due(const struct alarms *a, uint64_t now);

#endif
