#include "merged.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"

#define NONE UINT32_MAX

struct merged_entry {
    transaction_id id; /* 0: not in a bucket */
    uint64_t hash;
    uint32_t next;
};

bool merged_open(struct merged *merged, size_t transactions, const uint64_t seed[2])
{
    memset(merged, 0, sizeof *merged);
    merged->n = transactions;
    merged->n_buckets = 1;
    while (merged->n_buckets < transactions)
        merged->n_buckets *= 2;
    merged->entries = calloc(transactions, sizeof *merged->entries);
    merged->buckets = malloc(merged->n_buckets * sizeof *merged->buckets);
    if (!merged->entries || !merged->buckets) {
        merged_close(merged);
        return false;
    }
    for (uint32_t i = 0; i < merged->n_buckets; i++)
        merged->buckets[i] = NONE;
    memcpy(merged->seed, seed, sizeof merged->seed);
    return true;
}

void merged_close(struct merged *merged)
{
    free(merged->entries);
    free(merged->buckets);
    memset(merged, 0, sizeof *merged);
}

static uint32_t *bucket_of(struct merged *merged, uint64_t hash)
{
    return &merged->buckets[hash & (merged->n_buckets - 1)];
}

static void leave(struct merged *merged, uint32_t number)
{
    struct merged_entry *entry = &merged->entries[number];
    if (entry->id == 0)
        return;
    uint32_t *link = bucket_of(merged, entry->hash);
    while (*link != number)
        link = &merged->entries[*link].next;
    *link = entry->next;
    entry->id = 0;
}

/* The From tag is not in it: what is equal but for that is compared. */
static uint64_t hash_of(const struct merged *merged, const sipv_message *m)
{
    struct hash h;
    hash_begin(&h, merged->seed);
    hash_add(&h, m->call_id, false);
    hash_add(&h, m->cseq_method, false);
    hash_add_number(&h, (uint64_t)m->cseq);
    return hash_end(&h);
}

static bool there_is(struct merged *merged, const struct transactions *t, transaction_id id,
                     uint64_t hash)
{
    uint32_t i = *bucket_of(merged, hash);
    unsigned alike = 0;
    while (i != NONE && alike < TRANSACTIONS_ALIKE) {
        const struct merged_entry *entry = &merged->entries[i];
        const uint32_t next = entry->next;
        if (transactions_state(t, entry->id) == STATE_TERMINATED)
            leave(merged, i);
        else if (entry->hash == hash && transactions_same_request(t, entry->id, id))
            return true;
        else
            alike += entry->hash == hash;
        i = next;
    }
    return false;
}

bool merged_enter(struct merged *merged, const struct transactions *t, transaction_id id,
                  sipv_message *m)
{
    const uint32_t number = (uint32_t)transactions_number(id);
    const uint64_t hash = hash_of(merged, m);
    struct merged_entry *entry = &merged->entries[number];
    leave(merged, number);
    const bool found = there_is(merged, t, id, hash);
    *entry = (struct merged_entry){id, hash, *bucket_of(merged, hash)};
    *bucket_of(merged, hash) = number;
    return found;
}
