/* Names sorted into groups of the same, letter by letter. */
#include "same_names.h"

#include "name.h"

/* ---- Groups ---------------------------------------------------------------------------------- */

/* Names that are the same so far: order[from] to order[from + n - 1]. */
struct group {
    size_t from, n;
};

/* Groups to be looked at.  Of two halves the smaller one is looked at first, so the larger ones
 * that wait meanwhile are at most log2(2 * SIPV_NAMES). */
struct pending {
    size_t n;
    struct group groups[16];
};

/* A name by itself needs no look. */
static void put_group(struct pending *pending, size_t from, size_t n)
{
    if (n > 1)
        pending->groups[pending->n++] = (struct group){from, n};
}

static void take_letters(struct sipv_names *names, struct group g, sipv_take_letter *take)
{
    for (size_t i = g.from; i < g.from + g.n; i++) {
        const unsigned name = names->order[i];
        names->letters[name] = (int16_t)take(&names->rest[name]);
    }
}

static void find_range(const struct sipv_names *names, struct group g, int *least, int *greatest)
{
    *least = *greatest = names->letters[names->order[g.from]];
    for (size_t i = g.from + 1; i < g.from + g.n; i++) {
        const int letter = names->letters[names->order[i]];
        *least = letter < *least ? letter : *least;
        *greatest = letter > *greatest ? letter : *greatest;
    }
}

/* Letters up to `middle` to the front, the others behind them. */
static void split(struct sipv_names *names, struct group g, int middle, struct pending *pending)
{
    size_t front = g.from;
    for (size_t i = g.from; i < g.from + g.n; i++) {
        const uint16_t name = names->order[i];
        if (names->letters[name] > middle)
            continue;
        names->order[i] = names->order[front];
        names->order[front++] = name;
    }
    const size_t n = front - g.from;
    if (n < g.n - n) {
        put_group(pending, front, g.n - n);
        put_group(pending, g.from, n);
    } else {
        put_group(pending, g.from, n);
        put_group(pending, front, g.n - n);
    }
}

/* Names that end together are the same. */
static void end_group(struct sipv_names *names, struct group g)
{
    uint16_t first = names->order[g.from];
    for (size_t i = g.from + 1; i < g.from + g.n; i++)
        first = names->order[i] < first ? names->order[i] : first;
    for (size_t i = g.from; i < g.from + g.n; i++)
        names->first[names->order[i]] = first;
}

void sipv_names_sort(struct sipv_names *names, sipv_take_letter *take)
{
    struct pending pending = {.n = 0};
    int least, greatest;
    for (size_t i = 0; i < names->n; i++)
        names->order[i] = names->first[i] = (uint16_t)i;
    take_letters(names, (struct group){0, names->n}, take);
    put_group(&pending, 0, names->n);
    while (pending.n) {
        const struct group g = pending.groups[--pending.n];
        find_range(names, g, &least, &greatest);
        if (least < greatest) {
            split(names, g, least + (greatest - least) / 2, &pending);
        } else if (least == SIPV_NAME_END) {
            end_group(names, g);
        } else {
            take_letters(names, g, take);
            put_group(&pending, g.from, g.n);
        }
    }
}

int sipv_take_octet(sipv_slice *name)
{
    if (name->n == 0)
        return SIPV_NAME_END;
    name->n--;
    return sipv_lower(*name->p++);
}

/* ---- Parameters ------------------------------------------------------------------------------ */

static bool is_before(const sipv_params *params, size_t count, sipv_slice name)
{
    sipv_param p;
    size_t at = 0;
    for (size_t i = 1; i < count && sipv_param_next(params, &at, &p) == SIPV_OK; i++)
        if (sipv_slice_equal_nocase(p.name, name))
            return true;
    return false;
}

/* Apart, for the stack it needs. */
static __attribute__((noinline)) size_t first_repeated(const sipv_params *params)
{
    struct sipv_names names;
    sipv_param p;
    size_t at = 0;
    for (names.n = 0; names.n < SIPV_NAMES && sipv_param_next(params, &at, &p) == SIPV_OK;)
        names.rest[names.n++] = p.name;
    sipv_names_sort(&names, sipv_take_octet);
    for (size_t i = 0; i < names.n; i++)
        if (names.first[i] != i)
            return i + 1;
    return SIZE_MAX;
}

bool sipv_is_repeated(struct sipv_repeats *repeats, size_t count, sipv_slice name)
{
    if (count <= SIPV_FEW_NAMES && name.n <= SIPV_SHORT_NAME)
        return is_before(repeats->params, count, name);
    if (repeats->first == 0)
        repeats->first = first_repeated(repeats->params);
    return repeats->first == count;
}
