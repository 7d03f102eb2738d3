#include "bindings.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"

struct registrar_table *bindings_new(const struct registrar_settings *settings)
{
    const size_t n = settings->bindings + REGISTRAR_CONTACTS; /* tentative ones */
    struct registrar_table *table = calloc(1, sizeof *table);
    if (!table)
        return NULL;
    table->settings = *settings;
    table->n_bindings = n;
    memcpy(table->domain, settings->domain, strlen(settings->domain) + 1);
    table->n_buckets = 1;
    while (table->n_buckets < n)
        table->n_buckets *= 2;
    table->bindings = calloc(n, sizeof *table->bindings);
    table->buckets = malloc(table->n_buckets * sizeof *table->buckets);
    if (!table->bindings || !table->buckets || !alarms_open(&table->expiry, n)) {
        bindings_free(table);
        return NULL;
    }
    for (uint32_t i = 0; i < table->n_buckets; i++)
        table->buckets[i] = BINDING_NONE;
    for (size_t i = 0; i < n; i++)
        table->bindings[i].next = i + 1 < n ? (uint32_t)(i + 1) : BINDING_NONE;
    return table;
}

void bindings_free(struct registrar_table *table)
{
    if (!table)
        return;
    for (size_t i = 0; table->bindings && i < table->n_bindings; i++)
        free(table->bindings[i].text);
    free(table->bindings);
    free(table->buckets);
    alarms_close(&table->expiry);
    free(table);
}

sipv_slice binding_text(const struct binding *b, enum binding_part part)
{
    const unsigned char *p = b->text;
    for (unsigned i = 0; i < part; i++)
        p += b->n[i];
    return sipv_slice_of(p, b->n[part]);
}

size_t binding_octets(const struct binding *b)
{
    size_t n = 0;
    for (unsigned i = 0; i < BINDING_PARTS; i++)
        n += b->n[i];
    return n;
}

uint64_t bindings_hash(const struct registrar_table *table, sipv_slice aor)
{
    struct hash h;
    hash_begin(&h, table->settings.seed);
    hash_add(&h, aor, false);
    return hash_end(&h);
}

static uint32_t *bucket_of(const struct registrar_table *table, uint64_t hash)
{
    return &table->buckets[hash & (table->n_buckets - 1)];
}

static uint32_t number_of(const struct registrar_table *table, const struct binding *b)
{
    return (uint32_t)(b - table->bindings);
}

struct binding *bindings_next(const struct registrar_table *table, sipv_slice aor, uint32_t *at)
{
    const uint64_t hash = bindings_hash(table, aor);
    uint32_t i = *at == BINDING_NONE ? *bucket_of(table, hash) : table->bindings[*at].next;
    for (; i != BINDING_NONE; i = table->bindings[i].next) {
        struct binding *b = &table->bindings[i];
        if (b->hash == hash && sipv_slice_equal(binding_text(b, BINDING_AOR), aor)) {
            *at = i;
            return b;
        }
    }
    return NULL;
}

struct binding *bindings_tentative(struct registrar_table *table,
                                   const sipv_slice parts[BINDING_PARTS])
{
    size_t n = 0, at = 0;
    for (unsigned i = 0; i < BINDING_PARTS; i++)
        n += parts[i].n;
    if (table->free == BINDING_NONE)
        return NULL;
    unsigned char *text = malloc(n ? n : 1);
    if (!text)
        return NULL;
    struct binding *b = &table->bindings[table->free];
    table->free = b->next;
    table->octets += n;
    memset(b, 0, sizeof *b);
    b->text = text;
    for (unsigned i = 0; i < BINDING_PARTS; at += parts[i++].n) {
        if (parts[i].n > 0)
            memcpy(text + at, parts[i].p, parts[i].n);
        b->n[i] = parts[i].n;
    }
    b->hash = bindings_hash(table, parts[BINDING_AOR]);
    b->next = BINDING_NONE;
    return b;
}

void bindings_commit(struct registrar_table *table, struct binding *b)
{
    b->serial = ++table->serial;
    b->next = *bucket_of(table, b->hash);
    *bucket_of(table, b->hash) = number_of(table, b);
    alarms_set(&table->expiry, number_of(table, b), b->expires);
    table->count++;
}

void bindings_discard(struct registrar_table *table, struct binding *b)
{
    table->octets -= binding_octets(b);
    free(b->text);
    memset(b, 0, sizeof *b);
    b->next = table->free;
    table->free = number_of(table, b);
}

void bindings_remove(struct registrar_table *table, struct binding *b)
{
    uint32_t *link = bucket_of(table, b->hash);
    while (*link != number_of(table, b))
        link = &table->bindings[*link].next;
    *link = b->next;
    alarms_set(&table->expiry, number_of(table, b), UINT64_MAX);
    table->count--;
    bindings_discard(table, b);
}
