#include "table.h"

#include <stdlib.h>
#include <string.h>

/* ---- Making and freeing ------------------------------------------------------------------------
 */

struct transactions_table *table_new(const struct transactions_settings *settings)
{
    const size_t n = settings->limits.transactions;
    struct transactions_table *table = calloc(1, sizeof *table);
    if (!table)
        return NULL;
    table->settings = *settings;
    table->n_buckets = 1;
    while (table->n_buckets < n)
        table->n_buckets *= 2;
    table->entries = calloc(n, sizeof *table->entries);
    table->buckets = malloc(table->n_buckets * sizeof *table->buckets);
    table->heap = malloc(n * sizeof *table->heap);
    table->scratch = malloc(TABLE_SCRATCH);
    if (!table->entries || !table->buckets || !table->heap || !table->scratch) {
        table_free(table);
        return NULL;
    }
    for (uint32_t i = 0; i < table->n_buckets; i++)
        table->buckets[i] = TABLE_NONE;
    table->free = table->ended = TABLE_NONE;
    return table;
}

static void drop(struct transactions_table *table, struct kept *kept)
{
    table->octets -= kept->n;
    free(kept->p);
    *kept = (struct kept){NULL, 0};
}

static void drop_all(struct transactions_table *table, struct transaction *x)
{
    drop(table, &x->request);
    drop(table, &x->stem);
    drop(table, &x->reply);
}

void table_free(struct transactions_table *table)
{
    if (!table)
        return;
    if (table->entries)
        for (size_t i = 0; i < table->used; i++)
            drop_all(table, &table->entries[i]);
    free(table->entries);
    free(table->buckets);
    free(table->heap);
    free(table->scratch);
    free(table);
}

bool table_keep(struct transactions_table *table, struct kept *kept, size_t n)
{
    if (n > table->settings.limits.octets - (table->octets - kept->n))
        return false;
    unsigned char *p = malloc(n ? n : 1);
    if (!p)
        return false;
    drop(table, kept);
    kept->p = p;
    kept->n = n;
    table->octets += n;
    return true;
}

/* ---- Finding -------------------------------------------------------------------------------- */

static uint32_t number_of(const struct transactions_table *table, const struct transaction *x)
{
    return (uint32_t)(x - table->entries);
}

static uint32_t *bucket_of(const struct transactions_table *table, uint64_t hash)
{
    return &table->buckets[hash & (table->n_buckets - 1)];
}

struct transaction *table_entry(const struct transactions_table *table, transaction_id id)
{
    const uint64_t number = id & ((1u << TABLE_ID_BITS) - 1);
    if (id == 0 || number >= table->settings.limits.transactions)
        return NULL;
    return table->entries[number].id == id ? &table->entries[number] : NULL;
}

struct transaction *table_find(const struct transactions_table *table,
                               const struct transaction_key *key, bool ack)
{
    const sipv_slice none = {NULL, 0};
    for (uint32_t i = *bucket_of(table, key->hash); i != TABLE_NONE; i = table->entries[i].next) {
        struct transaction *x = &table->entries[i];
        if (key_matches(&x->key, key, ack ? x->to_tag : none))
            return x;
    }
    return NULL;
}

/* Has the bucket as many entries of one hash as may be compared? */
static bool crowded(const struct transactions_table *table, uint64_t hash)
{
    size_t alike = 0;
    for (uint32_t i = *bucket_of(table, hash); i != TABLE_NONE; i = table->entries[i].next)
        alike += table->entries[i].key.hash == hash;
    return alike >= TRANSACTIONS_ALIKE;
}

/* ---- Timers: a binary heap, the earliest on top ------------------------------------------------
 */

static bool before(const struct transactions_table *table, uint32_t a, uint32_t b)
{
    const struct transaction *x = &table->entries[a], *y = &table->entries[b];
    return x->earliest != y->earliest ? x->earliest < y->earliest : x->serial < y->serial;
}

static void place(struct transactions_table *table, uint32_t at, uint32_t entry)
{
    table->heap[at] = entry;
    table->entries[entry].heap_at = at;
}

static void sift(struct transactions_table *table, uint32_t at)
{
    const uint32_t entry = table->heap[at];
    while (at > 0 && before(table, entry, table->heap[(at - 1) / 2])) {
        place(table, at, table->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child + 1 < table->n_heap && before(table, table->heap[child + 1], table->heap[child]))
            child++;
        if (child >= table->n_heap || !before(table, table->heap[child], entry))
            break;
        place(table, at, table->heap[child]);
        at = child;
    }
    place(table, at, entry);
}

void table_schedule(struct transactions_table *table, struct transaction *x)
{
    x->earliest = TIMER_NEVER;
    for (unsigned i = 0; i < TRANSACTION_TIMERS; i++)
        if (x->due[i] < x->earliest)
            x->earliest = x->due[i];
    sift(table, x->heap_at);
}

/* ---- Adding and ending -------------------------------------------------------------------------
 */

struct transaction *table_add(struct transactions_table *table, const struct transaction_key *key,
                              const sipv_message *m)
{
    const uint32_t number = table->free != TABLE_NONE ? table->free : table->used;
    if (number == table->settings.limits.transactions || crowded(table, key->hash))
        return NULL;
    struct transaction *x = &table->entries[number];
    if (!table_keep(table, &x->request, m->octets))
        return NULL;
    memcpy(x->request.p, m->data.p, m->octets);
    if (number == table->used)
        table->used++;
    else
        table->free = x->next;

    x->id = (uint64_t)++x->generation << TABLE_ID_BITS | number;
    x->serial = ++table->serial;
    x->state = STATE_INITIAL;
    x->key = key_moved(key, m->data, x->request.p);
    const sipv_slice to = m->headers[m->first[SIPV_H_TO]].value;
    x->to = sipv_slice_of(x->request.p + sipv_offset(m, to), to.n);
    x->to_tag = (sipv_slice){NULL, 0};
    x->interval_ms = 0;
    x->earliest = TIMER_NEVER;
    for (unsigned i = 0; i < TRANSACTION_TIMERS; i++)
        x->due[i] = TIMER_NEVER;

    x->next = *bucket_of(table, key->hash);
    *bucket_of(table, key->hash) = number;
    place(table, table->n_heap++, number);
    sift(table, x->heap_at);
    return x;
}

static void leave_bucket(struct transactions_table *table, const struct transaction *x)
{
    uint32_t *link = bucket_of(table, x->key.hash);
    while (*link != number_of(table, x))
        link = &table->entries[*link].next;
    *link = x->next;
}

static void leave_heap(struct transactions_table *table, const struct transaction *x)
{
    const uint32_t at = x->heap_at;
    const uint32_t last = table->heap[--table->n_heap];
    if (at < table->n_heap) {
        place(table, at, last);
        sift(table, at);
    }
}

void table_end(struct transactions_table *table, struct transaction *x)
{
    leave_bucket(table, x);
    leave_heap(table, x);
    x->id = 0;
    x->next = table->ended;
    table->ended = number_of(table, x);
}

void table_reap(struct transactions_table *table)
{
    while (table->ended != TABLE_NONE) {
        struct transaction *x = &table->entries[table->ended];
        const uint32_t number = table->ended;
        drop_all(table, x);
        table->ended = x->next;
        x->next = table->free;
        table->free = number;
    }
}
