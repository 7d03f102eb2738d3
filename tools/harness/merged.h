/* Requests that have come by two ways: RFC 3261 section 8.2.2.2.
 *
 * Server transactions outside of dialogs are entered as they begin.  One of equal From tag, Call-ID
 * and CSeq that is still alive makes the next one a merged request, to be answered with 482.  An
 * entry needs no taking out: it ends with its transaction. */
#ifndef HARNESS_MERGED_H
#define HARNESS_MERGED_H

#include "transactions.h"

struct merged {
    struct merged_entry *entries; /* by number of the transaction */
    uint32_t *buckets, n_buckets;
    size_t n;
    uint64_t seed[2];
};

/* For a table of `transactions` entries.  False without memory. */
bool merged_open(struct merged *merged, size_t transactions, const uint64_t seed[2]);
void merged_close(struct merged *merged);

/* Enters transaction `id`, whose request is `m`.  True if there is another of the same request. */
bool merged_enter(struct merged *merged, const struct transactions *t, transaction_id id,
                  sipv_message *m);

#endif
