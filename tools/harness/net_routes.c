#include "net_core.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"

/* A flow's number: which generation of its slot, transport, listener (of UDP), slot. */
enum { SLOT_BITS = 24, LISTENER_BITS = 6, GENERATION_SHIFT = 32 };

static uint32_t slot_of(uint64_t id)
{
    return (uint32_t)id & ((1u << SLOT_BITS) - 1);
}

unsigned flow_listener(uint64_t id)
{
    return (uint32_t)id >> SLOT_BITS & ((1u << LISTENER_BITS) - 1);
}

enum hop_transport flow_transport(uint64_t id)
{
    const unsigned transport = (uint32_t)id >> (SLOT_BITS + LISTENER_BITS);
    return transport <= HOP_TLS ? (enum hop_transport)transport : HOP_UDP;
}

bool routes_open(struct routes *r, size_t limit)
{
    memset(r, 0, sizeof *r);
    if (limit == 0 || limit > 1u << SLOT_BITS)
        return false;
    r->limit = limit;
    for (r->n_buckets = 16; r->n_buckets < limit; r->n_buckets *= 2)
        ;
    r->slots = calloc(limit, sizeof *r->slots);
    r->generations = calloc(limit, sizeof *r->generations);
    r->free = calloc(limit, sizeof *r->free);
    r->buckets = calloc(r->n_buckets, sizeof *r->buckets);
    if (!r->slots || !r->generations || !r->free || !r->buckets ||
        uv_random(NULL, NULL, r->seed, sizeof r->seed, 0, NULL) != 0) {
        routes_close(r);
        return false;
    }
    for (size_t i = 0; i < limit; i++)
        r->free[i] = (uint32_t)(limit - 1 - i);
    r->n_free = limit;
    return true;
}

void routes_close(struct routes *r)
{
    free(r->slots);
    free(r->generations);
    free(r->free);
    free(r->buckets);
    memset(r, 0, sizeof *r);
}

bool routes_add(struct routes *r, struct route *route, enum hop_transport transport,
                unsigned listener)
{
    if (r->n_free == 0)
        return false;
    const uint32_t slot = r->free[--r->n_free];
    if (++r->generations[slot] == 0)
        r->generations[slot] = 1;
    r->slots[slot] = route;
    r->count++;
    route->id = (uint64_t)r->generations[slot] << GENERATION_SHIFT |
                (uint64_t)transport << (SLOT_BITS + LISTENER_BITS) |
                (uint64_t)listener << SLOT_BITS | slot;
    return true;
}

void routes_remove(struct routes *r, struct route *route)
{
    const uint32_t slot = slot_of(route->id);
    routes_unindex(r, route);
    r->slots[slot] = NULL;
    r->free[r->n_free++] = slot;
    r->count--;
}

struct route *routes_find(const struct routes *r, uint64_t id)
{
    const uint32_t slot = slot_of(id);
    struct route *route = slot < r->limit ? r->slots[slot] : NULL;
    return route && route->id == id ? route : NULL;
}

/* ---- By hop --------------------------------------------------------------------------------- */

static struct route **bucket_of(const struct routes *r, const struct hop *hop)
{
    struct hash h;
    hash_begin(&h, r->seed);
    hash_add_number(&h, (uint64_t)hop->transport << 16 | hop->port);
    hash_add(&h, sipv_slice_text(hop->host), false);
    return &r->buckets[hash_end(&h) & (r->n_buckets - 1)];
}

void routes_index(struct routes *r, struct route *route)
{
    struct route **bucket = bucket_of(r, &route->hop);
    route->next = *bucket;
    *bucket = route;
    route->indexed = true;
}

void routes_unindex(struct routes *r, struct route *route)
{
    if (!route->indexed)
        return;
    struct route **at = bucket_of(r, &route->hop);
    while (*at != route)
        at = &(*at)->next;
    *at = route->next;
    route->indexed = false;
}

struct route *routes_lookup(const struct routes *r, const struct hop *hop, unsigned listener)
{
    struct route *route = *bucket_of(r, hop);
    while (route && !(hop_equal(&route->hop, hop) && flow_listener(route->id) == listener))
        route = route->next;
    return route;
}
