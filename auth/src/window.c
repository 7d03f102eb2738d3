/* What has been answered: a table of fixed size.
 *
 * A nonce that needs a slot in a full set takes that of the oldest one.  The set remembers when
 * that was made: from then on no nonce made until then is believed to be new, so that nothing can
 * be replayed; its owner is challenged again with stale=true. */
#include "internal.h"

size_t sipv_window_sets(size_t nonces)
{
    return nonces / (SIPV_WINDOW_WAYS / 2) + 1;
}

/* A nonce that is there. */
static sipv_auth_reason advance(struct sipv_window_slot *s, uint32_t nc, unsigned late)
{
    if (nc > s->highest) {
        const uint32_t shift = nc - s->highest;
        s->seen = shift < 64 ? s->seen << shift : 0;
        s->seen |= 1;
        s->highest = nc;
        return SIPV_FINE;
    }
    const uint32_t below = s->highest - nc;
    if (below < 64 && s->seen >> below & 1)
        return SIPV_NC_REPLAYED;
    if (below > late)
        return SIPV_NC_LOW;
    s->seen |= (uint64_t)1 << below;
    return SIPV_FINE;
}

/* A free slot, or else that of the oldest nonce. */
static struct sipv_window_slot *slot_for(struct sipv_window_set *set, uint64_t dead_ms)
{
    struct sipv_window_slot *oldest = &set->slot[0];
    for (unsigned i = 0; i < SIPV_WINDOW_WAYS; i++) {
        struct sipv_window_slot *const s = &set->slot[i];
        if (!s->number || s->made_ms < dead_ms)
            return s;
        if (s->made_ms < oldest->made_ms)
            oldest = s;
    }
    return oldest;
}

sipv_auth_reason sipv_window_take(struct sipv_window_set *sets, size_t n_sets,
                                  const struct sipv_nonce *nonce, uint32_t nc, unsigned late,
                                  uint64_t dead_ms)
{
    struct sipv_window_set *const set = &sets[nonce->number % n_sets];
    for (unsigned i = 0; i < SIPV_WINDOW_WAYS; i++)
        if (set->slot[i].number == nonce->number)
            return advance(&set->slot[i], nc, late);
    struct sipv_window_slot *const s = slot_for(set, dead_ms);
    if (nonce->made_ms < set->known_ms ||
        (s->number && s->made_ms >= dead_ms && nonce->made_ms < s->made_ms))
        return SIPV_NONCE_USED;
    if (s->number && s->made_ms >= set->known_ms)
        set->known_ms = s->made_ms + 1;
    s->number = nonce->number;
    s->made_ms = nonce->made_ms;
    s->seen = 1;
    s->highest = nc;
    return SIPV_FINE;
}
