/* The memory behind transactions.h: entries of one array, buckets that find them by key, a heap
 * that finds the next timer.  All sizes are fixed when it is made, except for copies of messages,
 * whose octets are counted. */
#ifndef HARNESS_TABLE_H
#define HARNESS_TABLE_H

#include "key.h"
#include "transactions.h"

struct kept {
    unsigned char *p;
    size_t n;
};

struct transaction {
    transaction_id id; /* 0: the entry is free */
    uint64_t serial;   /* order of birth; decides between timers of one time */
    uint64_t user, flow;
    struct transaction_key key;
    enum transaction_kind kind;
    enum transaction_state state;
    bool reliable;
    uint64_t due[TRANSACTION_TIMERS];
    uint64_t earliest;    /* of these */
    uint64_t interval_ms; /* that timer A, E or G now runs */
    struct kept request;
    struct kept stem;  /* of an INVITE client: see compose_stem() */
    struct kept reply; /* the ACK of an INVITE client, the last response of a server */
    sipv_slice to;     /* of the request */
    sipv_slice to_tag; /* of the response, in `reply`; absent before there is one */
    uint32_t next;     /* in its bucket, or among the free or ended entries */
    uint32_t heap_at;
    uint32_t generation;
};

struct transactions_table {
    struct transactions_settings settings;
    struct transaction *entries;
    uint32_t *buckets, *heap;
    uint32_t n_buckets; /* a power of two */
    uint32_t n_heap;    /* entries that are alive: every one is in the heap */
    uint32_t free, ended;
    uint32_t used; /* entries from here on were never used, nor is their memory touched */
    uint64_t serial;
    size_t octets;
    unsigned char *scratch; /* for what is sent statelessly */
};

#define TABLE_NONE UINT32_MAX

enum { TABLE_SCRATCH = 68 * 1024, TABLE_ID_BITS = 24 };

/* NULL without memory. */
struct transactions_table *table_new(const struct transactions_settings *settings);
void table_free(struct transactions_table *table);

/* The entry of an id, or NULL. */
struct transaction *table_entry(const struct transactions_table *table, transaction_id id);
/* The entry that a message with `key` belongs to, or NULL.  `ack`: it is an ACK, whose To tag is
 * that of the response. */
struct transaction *table_find(const struct transactions_table *table,
                               const struct transaction_key *key, bool ack);

/* A new entry whose key is that of `m`, with a copy of it.  NULL if the table is full. */
struct transaction *table_add(struct transactions_table *table, const struct transaction_key *key,
                              const sipv_message *m);
/* Takes an entry out.  What it kept lives until table_reap(). */
void table_end(struct transactions_table *table, struct transaction *x);
/* Frees the entries that have ended. */
void table_reap(struct transactions_table *table);

/* Room for `n` octets in place of what `kept` holds.  False, and no change, if there is none. */
bool table_keep(struct transactions_table *table, struct kept *kept, size_t n);

/* To be called when timers of `x` have changed. */
void table_schedule(struct transactions_table *table, struct transaction *x);

#endif
