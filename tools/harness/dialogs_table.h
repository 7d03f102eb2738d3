/* The memory behind dialogs.h. */
#ifndef HARNESS_DIALOGS_TABLE_H
#define HARNESS_DIALOGS_TABLE_H

#include "dialogs.h"

/* Texts of one dialog, each in memory of its own, so that each can be replaced. */
enum { CALL_ID, LOCAL_TAG, REMOTE_TAG, LOCAL_URI, REMOTE_URI, TARGET, ROUTES, TEXTS };

struct dialog_entry {
    dialog_id id; /* 0: free */
    uint64_t hash;
    uint32_t next, generation;
    enum dialog_state state;
    enum dialog_role role;
    bool secure, loose;
    int64_t local_cseq, remote_cseq;
    unsigned char *text[TEXTS];
    size_t n[TEXTS];
};

struct dialogs_table {
    struct dialogs_settings settings;
    struct dialog_entry *entries;
    uint32_t *buckets, n_buckets, free;
    size_t count, octets;
};

enum { DIALOG_ID_BITS = 24 };

/* The entry of an id, or NULL. */
struct dialog_entry *dialog_entry(const struct dialogs_table *table, dialog_id id);

sipv_slice dialog_text(const struct dialog_entry *x, unsigned which);
/* Puts a copy of `s` in the place of a text.  False, and no change, if there is no room. */
bool dialog_keep(struct dialogs_table *table, struct dialog_entry *x, unsigned which, sipv_slice s);

/* The URI of the first Contact of a message; absent if there is none. */
sipv_slice dialog_contact(sipv_message *m);

#endif
