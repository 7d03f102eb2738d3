/* Opening, closing and looking into a table of transactions. */
#include <string.h>

#include "table.h"

struct transactions_settings transactions_settings_default(void)
{
    const struct transactions_settings settings = {
        .timers = timer_values_default(),
        .limits = {.transactions = 10000, .octets = 64u << 20},
    };
    return settings;
}

int transactions_open(struct transactions *t, const struct transactions_settings *settings)
{
    memset(t, 0, sizeof *t);
    if (settings->limits.transactions == 0 || settings->limits.transactions > 1u << 24 ||
        settings->limits.octets == 0 || settings->timers.t1_ms == 0)
        return SIPV_BAD_ARGUMENT;
    t->table = table_new(settings);
    return t->table ? SIPV_OK : SIPV_NO_SPACE;
}

void transactions_close(struct transactions *t)
{
    table_free(t->table);
    memset(t, 0, sizeof *t);
}

/* ---- Looking -------------------------------------------------------------------------------- */

size_t transactions_count(const struct transactions *t)
{
    return t->table->n_heap;
}

size_t transactions_octets(const struct transactions *t)
{
    return t->table->octets;
}

enum transaction_state transactions_state(const struct transactions *t, transaction_id id)
{
    const struct transaction *x = table_entry(t->table, id);
    return x ? x->state : STATE_TERMINATED;
}

uint64_t transactions_timer(const struct transactions *t, transaction_id id,
                            enum transaction_timer timer)
{
    const struct transaction *x = table_entry(t->table, id);
    return x ? x->due[timer] : TIMER_NEVER;
}

sipv_slice transactions_octets_of(const struct transactions *t, transaction_id id)
{
    const struct transaction *x = table_entry(t->table, id);
    return x ? sipv_slice_of(x->request.p, x->request.n) : (sipv_slice){NULL, 0};
}

bool transactions_is_about(const struct transactions *t, transaction_id id,
                           const sipv_message *response)
{
    const struct transaction *x = table_entry(t->table, id);
    return x && x->key.server && sipv_slice_equal(x->key.call_id, response->call_id) &&
           sipv_slice_equal(x->key.method, response->cseq_method) && x->key.cseq == response->cseq;
}

uint64_t transactions_user(const struct transactions *t, transaction_id id)
{
    const struct transaction *x = table_entry(t->table, id);
    return x ? x->user : 0;
}

uint64_t transactions_flow(const struct transactions *t, transaction_id id)
{
    const struct transaction *x = table_entry(t->table, id);
    return x ? x->flow : 0;
}

size_t transactions_number(transaction_id id)
{
    return (size_t)(id & ((1u << TABLE_ID_BITS) - 1));
}

bool transactions_same_request(const struct transactions *t, transaction_id a, transaction_id b)
{
    const struct transaction *x = table_entry(t->table, a), *y = table_entry(t->table, b);
    return x && y && x->key.server && y->key.server && x->key.cseq == y->key.cseq &&
           sipv_slice_equal(x->key.method, y->key.method) &&
           sipv_slice_equal(x->key.call_id, y->key.call_id) &&
           sipv_slice_equal_nocase(x->key.from_tag, y->key.from_tag);
}

transaction_id transactions_on_flow(const struct transactions *t, uint64_t flow,
                                    transaction_id after)
{
    const struct transactions_table *table = t->table;
    size_t i = after ? transactions_number(after) + 1 : 0;
    for (; table->n_heap > 0 && i < table->used; i++) {
        const struct transaction *x = &table->entries[i];
        if (x->id != 0 && !x->key.server && x->flow == flow)
            return x->id;
    }
    return 0;
}

int transactions_set_user(struct transactions *t, transaction_id id, uint64_t user)
{
    struct transaction *x = table_entry(t->table, id);
    if (!x)
        return SIPV_ABSENT;
    x->user = user;
    return SIPV_OK;
}
