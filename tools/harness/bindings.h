/* The memory behind registrar.h: bindings in a table of fixed size. */
#ifndef HARNESS_BINDINGS_H
#define HARNESS_BINDINGS_H

#include "alarms.h"
#include "registrar.h"

#define BINDING_NONE UINT32_MAX

/* Texts of a binding: its address-of-record and the Call-ID that made it, the URI, parameters
 * (";a=b" and so on) and reg-id flow of its Contact, and Path. */
enum binding_part {
    BINDING_AOR,
    BINDING_CALL_ID,
    BINDING_URI,
    BINDING_PARAMS,
    BINDING_INSTANCE, /* +sip.instance with its quotes, a space, reg-id; empty: none */
    BINDING_PATH,
    BINDING_PARTS
};

struct binding {
    uint64_t hash, serial; /* order of birth, 0: free */
    uint64_t expires;      /* when */
    int64_t cseq;
    int q;
    uint64_t flow;       /* by which it came, 0: not known */
    uint32_t next;       /* in its bucket, or among the free or tentative ones */
    unsigned char *text; /* one after the other, see binding_part */
    size_t n[BINDING_PARTS];
};

struct registrar_table {
    struct registrar_settings settings;
    char domain[REGISTRAR_DOMAIN + 1];
    struct binding *bindings;
    uint32_t *buckets, n_buckets, free;
    size_t n_bindings, count, octets; /* count: without tentative ones */
    struct alarms expiry;             /* of those that are seen, by number */
    uint64_t serial;
};

struct registrar_table *bindings_new(const struct registrar_settings *settings);
void bindings_free(struct registrar_table *table);

sipv_slice binding_text(const struct binding *b, enum binding_part part);
size_t binding_octets(const struct binding *b);

uint64_t bindings_hash(const struct registrar_table *table, sipv_slice aor);
/* The first binding of an address-of-record and, from `*at` on, each further one; NULL behind the
 * last.  `*at` is BINDING_NONE at first. */
struct binding *bindings_next(const struct registrar_table *table, sipv_slice aor, uint32_t *at);

/* A binding that nobody sees yet; NULL if there are REGISTRAR_CONTACTS of them, or no memory.  The
 * limits are for those that are seen: who is at the limit can still refresh. */
struct binding *bindings_tentative(struct registrar_table *table,
                                   const sipv_slice parts[BINDING_PARTS]);
/* Makes it seen until it expires, or takes it back. */
void bindings_commit(struct registrar_table *table, struct binding *b);
void bindings_discard(struct registrar_table *table, struct binding *b);
/* Removes one that is seen. */
void bindings_remove(struct registrar_table *table, struct binding *b);

#endif
