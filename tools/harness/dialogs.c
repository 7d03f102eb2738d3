#include <stdlib.h>
#include <string.h>

#include "dialogs_table.h"
#include "hash.h"

#define NONE UINT32_MAX

struct dialogs_settings dialogs_settings_default(void)
{
    const struct dialogs_settings settings = {.dialogs = 10000, .octets = 16u << 20};
    return settings;
}

/* ---- Memory --------------------------------------------------------------------------------- */

int dialogs_open(struct dialogs *d, const struct dialogs_settings *settings)
{
    const size_t n = settings->dialogs;
    d->table = NULL;
    if (n == 0 || n > 1u << DIALOG_ID_BITS || settings->octets == 0)
        return SIPV_BAD_ARGUMENT;
    struct dialogs_table *table = calloc(1, sizeof *table);
    if (!table)
        return SIPV_NO_SPACE;
    d->table = table;
    table->settings = *settings;
    table->n_buckets = 1;
    while (table->n_buckets < n)
        table->n_buckets *= 2;
    table->entries = calloc(n, sizeof *table->entries);
    table->buckets = malloc(table->n_buckets * sizeof *table->buckets);
    if (!table->entries || !table->buckets) {
        dialogs_close(d);
        return SIPV_NO_SPACE;
    }
    for (uint32_t i = 0; i < table->n_buckets; i++)
        table->buckets[i] = NONE;
    for (size_t i = 0; i < n; i++)
        table->entries[i].next = i + 1 < n ? (uint32_t)(i + 1) : NONE;
    return SIPV_OK;
}

static void drop(struct dialogs_table *table, struct dialog_entry *x, unsigned which)
{
    table->octets -= x->n[which];
    free(x->text[which]);
    x->text[which] = NULL;
    x->n[which] = 0;
}

static void drop_all(struct dialogs_table *table, struct dialog_entry *x)
{
    for (unsigned i = 0; i < TEXTS; i++)
        drop(table, x, i);
}

void dialogs_close(struct dialogs *d)
{
    struct dialogs_table *table = d->table;
    if (!table)
        return;
    if (table->entries)
        for (size_t i = 0; i < table->settings.dialogs; i++)
            drop_all(table, &table->entries[i]);
    free(table->entries);
    free(table->buckets);
    free(table);
    d->table = NULL;
}

/* Room for `n` octets in place of a text.  NULL, and no change, if there is none. */
static unsigned char *room_for(struct dialogs_table *table, struct dialog_entry *x, unsigned which,
                               size_t n)
{
    if (n > table->settings.octets - (table->octets - x->n[which]))
        return NULL;
    unsigned char *p = malloc(n ? n : 1);
    if (!p)
        return NULL;
    drop(table, x, which);
    x->text[which] = p;
    x->n[which] = n;
    table->octets += n;
    return p;
}

bool dialog_keep(struct dialogs_table *table, struct dialog_entry *x, unsigned which, sipv_slice s)
{
    unsigned char *p = room_for(table, x, which, s.n);
    if (p && s.n > 0)
        memcpy(p, s.p, s.n);
    return p != NULL;
}

sipv_slice dialog_text(const struct dialog_entry *x, unsigned which)
{
    return sipv_slice_of(x->text[which], x->n[which]);
}

/* ---- Reading messages ---------------------------------------------------------------------------
 */

struct party {
    sipv_slice uri, tag; /* the tag is empty if there is none */
};

static bool read_party(sipv_message *m, unsigned id, struct party *party)
{
    sipv_address address;
    sipv_param tag = {{NULL, 0}, {NULL, 0}};
    sipv_iter it = sipv_each(m, id);
    if (sipv_address_next(&it, &address) != SIPV_OK)
        return false;
    sipv_param_find(&address.params, "tag", &tag);
    party->uri = address.uri.text;
    party->tag = tag.value.p ? tag.value : sipv_slice_of("", 0);
    return true;
}

sipv_slice dialog_contact(sipv_message *m)
{
    sipv_contact contact;
    sipv_iter it = sipv_each(m, SIPV_H_CONTACT);
    if (sipv_contact_next(&it, &contact) != SIPV_OK || contact.star)
        return (sipv_slice){NULL, 0};
    return contact.uri.text;
}

static void compose_route(struct compose *c, const sipv_route *route)
{
    sipv_param param;
    size_t at = 0;
    compose_text(c, "<");
    compose_slice(c, route->uri.text);
    compose_text(c, ">");
    while (sipv_param_next(&route->params, &at, &param) == SIPV_OK) {
        compose_text(c, ";");
        compose_slice(c, param.name);
        if (param.value.p) {
            compose_text(c, "=");
            compose_slice(c, param.value);
        }
    }
    compose_text(c, "\n");
}

static size_t route_length(const sipv_route *route)
{
    struct compose c = {NULL, 0, 0};
    compose_route(&c, route);
    return c.n;
}

/* The elements of Record-Route: for a UAC the last one comes first. */
static bool keep_routes(struct dialogs_table *table, struct dialog_entry *x, sipv_message *m)
{
    const bool backwards = x->role == DIALOG_UAC;
    sipv_route route;
    size_t total = 0;
    sipv_iter it = sipv_each(m, SIPV_H_RECORD_ROUTE);
    while (sipv_route_next(&it, &route) == SIPV_OK)
        total += route_length(&route);
    unsigned char *p = room_for(table, x, ROUTES, total);
    if (!p)
        return false;
    size_t at = backwards ? total : 0;
    it = sipv_each(m, SIPV_H_RECORD_ROUTE);
    while (sipv_route_next(&it, &route) == SIPV_OK) {
        const size_t n = route_length(&route);
        if (backwards)
            at -= n;
        if (at == 0)
            x->loose = sipv_param_find(&route.uri.params, "lr", NULL) == SIPV_OK;
        struct compose c = {p + at, n, 0};
        compose_route(&c, &route);
        if (!backwards)
            at += n;
    }
    return true;
}

/* ---- Finding -------------------------------------------------------------------------------- */

/* Dialogs of one request differ in the remote tag alone and are in one bucket. */
static uint64_t hash_of(const struct dialogs_table *table, sipv_slice call_id, sipv_slice local_tag)
{
    struct hash h;
    hash_begin(&h, table->settings.seed);
    hash_add(&h, call_id, false);
    hash_add(&h, local_tag, true);
    return hash_end(&h);
}

static uint32_t *bucket_of(const struct dialogs_table *table, uint64_t hash)
{
    return &table->buckets[hash & (table->n_buckets - 1)];
}

struct dialog_entry *dialog_entry(const struct dialogs_table *table, dialog_id id)
{
    const uint64_t number = id & ((1u << DIALOG_ID_BITS) - 1);
    if (id == 0 || number >= table->settings.dialogs || table->entries[number].id != id)
        return NULL;
    return &table->entries[number];
}

static bool is_of(const struct dialog_entry *x, uint64_t hash, sipv_slice call_id,
                  sipv_slice local_tag)
{
    return x->hash == hash && sipv_slice_equal(dialog_text(x, CALL_ID), call_id) &&
           sipv_slice_equal_nocase(dialog_text(x, LOCAL_TAG), local_tag);
}

/* Tags are compared without case, as all tokens; `forks` counts the dialogs with this local tag. */
static struct dialog_entry *find(const struct dialogs_table *table, sipv_slice call_id,
                                 sipv_slice local_tag, sipv_slice remote_tag, size_t *forks)
{
    const uint64_t hash = hash_of(table, call_id, local_tag);
    *forks = 0;
    for (uint32_t i = *bucket_of(table, hash); i != NONE; i = table->entries[i].next) {
        struct dialog_entry *x = &table->entries[i];
        if (!is_of(x, hash, call_id, local_tag))
            continue;
        ++*forks;
        if (sipv_slice_equal_nocase(dialog_text(x, REMOTE_TAG), remote_tag))
            return x;
    }
    return NULL;
}

dialog_id dialogs_find(const struct dialogs *d, sipv_message *m)
{
    const bool request = m->kind == SIPV_REQUEST;
    struct party local, remote;
    size_t forks;
    if (!m->call_id.p || !read_party(m, request ? SIPV_H_TO : SIPV_H_FROM, &local) ||
        !read_party(m, request ? SIPV_H_FROM : SIPV_H_TO, &remote))
        return 0;
    const struct dialog_entry *x = find(d->table, m->call_id, local.tag, remote.tag, &forks);
    return x ? x->id : 0;
}

int dialogs_get(const struct dialogs *d, dialog_id id, struct dialog *out)
{
    const struct dialog_entry *x = dialog_entry(d->table, id);
    memset(out, 0, sizeof *out);
    if (!x)
        return SIPV_ABSENT;
    *out = (struct dialog){
        .id = x->id,
        .state = x->state,
        .role = x->role,
        .secure = x->secure,
        .call_id = dialog_text(x, CALL_ID),
        .local_tag = dialog_text(x, LOCAL_TAG),
        .remote_tag = dialog_text(x, REMOTE_TAG),
        .local_uri = dialog_text(x, LOCAL_URI),
        .remote_uri = dialog_text(x, REMOTE_URI),
        .remote_target = dialog_text(x, TARGET),
        .route_set = dialog_text(x, ROUTES),
        .loose = x->loose,
        .local_cseq = x->local_cseq,
        .remote_cseq = x->remote_cseq,
    };
    return SIPV_OK;
}

size_t dialogs_number(dialog_id id)
{
    return (size_t)(id & ((1u << DIALOG_ID_BITS) - 1));
}

size_t dialogs_count(const struct dialogs *d)
{
    return d->table->count;
}

size_t dialogs_octets(const struct dialogs *d)
{
    return d->table->octets;
}

/* ---- Beginning and ending ----------------------------------------------------------------------
 */

static void end(struct dialogs_table *table, struct dialog_entry *x)
{
    const uint32_t number = (uint32_t)(x - table->entries);
    uint32_t *link = bucket_of(table, x->hash);
    while (*link != number)
        link = &table->entries[*link].next;
    *link = x->next;
    drop_all(table, x);
    x->id = 0;
    x->next = table->free;
    table->free = number;
    table->count--;
}

int dialogs_end(struct dialogs *d, dialog_id id)
{
    struct dialog_entry *x = dialog_entry(d->table, id);
    if (!x)
        return SIPV_ABSENT;
    end(d->table, x);
    return SIPV_OK;
}

/* An entry with its id alone, or NULL. */
static struct dialog_entry *add(struct dialogs_table *table, sipv_slice call_id,
                                sipv_slice local_tag, sipv_slice remote_tag)
{
    if (table->free == NONE)
        return NULL;
    const uint32_t number = table->free;
    struct dialog_entry *x = &table->entries[number];
    table->free = x->next;
    x->id = (uint64_t)++x->generation << DIALOG_ID_BITS | number;
    x->hash = hash_of(table, call_id, local_tag);
    x->next = *bucket_of(table, x->hash);
    *bucket_of(table, x->hash) = number;
    table->count++;
    if (dialog_keep(table, x, CALL_ID, call_id) && dialog_keep(table, x, LOCAL_TAG, local_tag) &&
        dialog_keep(table, x, REMOTE_TAG, remote_tag))
        return x;
    end(table, x);
    return NULL;
}

/* Target and route set, from the message of the peer or, for the UAS's route set, the request. */
static bool learn(struct dialogs_table *table, struct dialog_entry *x, sipv_message *peer)
{
    return dialog_keep(table, x, TARGET, dialog_contact(peer)) && keep_routes(table, x, peer);
}

int dialogs_begin(struct dialogs *d, enum dialog_role role, sipv_message *request,
                  sipv_message *response, bool secure, dialog_id *id)
{
    struct party asked, from, to;
    size_t forks;
    const bool final = response->status >= 200;
    if (response->status <= 100 || response->status >= 300)
        return SIPV_ABSENT;
    if (!response->call_id.p || !sipv_slice_equal(request->call_id, response->call_id) ||
        request->cseq != response->cseq || !read_party(response, SIPV_H_FROM, &from) ||
        !read_party(response, SIPV_H_TO, &to) || !read_party(request, SIPV_H_FROM, &asked) ||
        !sipv_slice_equal_nocase(asked.tag, from.tag))
        return SIPV_REJECT;
    if (to.tag.n == 0 && !final)
        return SIPV_ABSENT;
    const struct party *local = role == DIALOG_UAC ? &from : &to;
    const struct party *remote = role == DIALOG_UAC ? &to : &from;
    sipv_message *peer = role == DIALOG_UAC ? response : request;

    struct dialog_entry *x = find(d->table, response->call_id, local->tag, remote->tag, &forks);
    if (x && (!final || x->state == DIALOG_CONFIRMED)) {
        *id = x->id;
        return SIPV_OK;
    }
    if (!dialog_contact(peer).p)
        return SIPV_REJECT;
    const bool new = !x;
    if (new) {
        if (forks >= DIALOGS_FORKS ||
            !(x = add(d->table, response->call_id, local->tag, remote->tag)))
            return SIPV_LIMIT;
        x->role = role;
        x->secure = secure;
        x->state = DIALOG_EARLY;
        x->local_cseq = role == DIALOG_UAC ? request->cseq : -1;
        x->remote_cseq = role == DIALOG_UAC ? -1 : request->cseq;
    }
    if ((new && (!dialog_keep(d->table, x, LOCAL_URI, local->uri) ||
                 !dialog_keep(d->table, x, REMOTE_URI, remote->uri))) ||
        !learn(d->table, x, peer)) {
        if (new)
            end(d->table, x);
        return SIPV_LIMIT;
    }
    if (final)
        x->state = DIALOG_CONFIRMED;
    *id = x->id;
    return SIPV_OK;
}

static size_t end_early(struct dialogs_table *table, sipv_slice call_id, sipv_slice local_tag)
{
    const uint64_t hash = hash_of(table, call_id, local_tag);
    uint32_t i = *bucket_of(table, hash);
    size_t n = 0;
    while (i != NONE) {
        struct dialog_entry *x = &table->entries[i];
        i = x->next;
        if (x->state == DIALOG_EARLY && is_of(x, hash, call_id, local_tag)) {
            end(table, x);
            n++;
        }
    }
    return n;
}

size_t dialogs_refused(struct dialogs *d, enum dialog_role role, sipv_message *m)
{
    struct party local;
    if (!m->call_id.p || !read_party(m, role == DIALOG_UAC ? SIPV_H_FROM : SIPV_H_TO, &local))
        return 0;
    return end_early(d->table, m->call_id, local.tag);
}
