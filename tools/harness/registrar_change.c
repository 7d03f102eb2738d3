/* What a REGISTER changes: RFC 3261 section 10.3, all of it or nothing. */
#include "registrar_work.h"

static bool same_uri(sipv_slice text, const sipv_uri *b)
{
    sipv_event events[REGISTRAR_EVENTS];
    sipv_uri a;
    return sipv_uri_parse(text, false, events, REGISTRAR_EVENTS, &a, NULL) == SIPV_OK &&
           sipv_uri_compare(&a, b, NULL) == SIPV_URI_EQUAL;
}

/* The binding that a contact renews: of a flow the same flow, else an equal URI. */
static struct binding *bound(const struct registrar_table *table, sipv_slice aor,
                             const sipv_uri *uri, sipv_slice instance, uint64_t now)
{
    uint32_t at = BINDING_NONE;
    struct binding *b;
    while ((b = bindings_next(table, aor, &at))) {
        const sipv_slice other = binding_text(b, BINDING_INSTANCE);
        if (b->expires <= now || (instance.n > 0) != (other.n > 0))
            continue;
        if (instance.n > 0 ? sipv_slice_equal(other, instance)
                           : same_uri(binding_text(b, BINDING_URI), uri))
            return b;
    }
    return NULL;
}

/* ---- Numbers -------------------------------------------------------------------------------- */

/* Expires of the request, or what is usual. */
static uint32_t expires_of_request(const struct registrar_table *table, sipv_message *m)
{
    sipv_expires expires;
    sipv_iter it = sipv_each(m, SIPV_H_EXPIRES);
    if (sipv_expires_next(&it, &expires) != SIPV_OK || expires.seconds < 0)
        return table->settings.usual_s;
    return expires.seconds < UINT32_MAX ? (uint32_t)expires.seconds : UINT32_MAX;
}

/* A value that is no number is one of an hour (section 20.10). */
static uint32_t expires_of_contact(const sipv_contact *contact, uint32_t otherwise)
{
    sipv_param param;
    uint64_t value;
    if (sipv_param_find(&contact->params, "expires", &param) != SIPV_OK)
        return otherwise;
    return sipv_number(param.value, UINT32_MAX, &value) == SIPV_REJECT ? 3600 : (uint32_t)value;
}

/* A qvalue in thousandths: "0.5" is 500. */
static int q_of(const sipv_contact *contact)
{
    sipv_param param;
    if (sipv_param_find(&contact->params, "q", &param) != SIPV_OK || param.value.n == 0)
        return -1;
    int q = (param.value.p[0] - '0') * 1000;
    for (size_t i = 2, weight = 100; i < param.value.n && weight > 0; i++, weight /= 10)
        q += (param.value.p[i] - '0') * (int)weight;
    return q < 0 || q > 1000 ? -1 : q;
}

/* ---- Changes -------------------------------------------------------------------------------- */

/* What a REGISTER wants, before it is done. */
struct change {
    struct binding *add[REGISTRAR_CONTACTS];
    struct binding *remove[REGISTRAR_CONTACTS];
    size_t n_add, n_remove;
};

/* Step 6 and 7: an older request of the same UA must not undo a newer one. */
static bool may_change(const struct binding *b, const sipv_message *m)
{
    return !sipv_slice_equal(binding_text(b, BINDING_CALL_ID), m->call_id) || m->cseq > b->cseq;
}

static int remove_all(const struct registrar_table *table, sipv_slice aor, sipv_message *m,
                      struct change *change)
{
    uint32_t at = BINDING_NONE;
    struct binding *b;
    while ((b = bindings_next(table, aor, &at))) {
        if (!may_change(b, m))
            return 500;
        change->remove[change->n_remove++] = b;
    }
    return 200;
}

/* Has this request named the same contact already? */
static bool named(const struct change *change, const sipv_uri *uri, const struct binding *old)
{
    for (size_t i = 0; i < change->n_add; i++)
        if (same_uri(binding_text(change->add[i], BINDING_URI), uri))
            return true;
    for (size_t i = 0; i < change->n_remove; i++)
        if (old && change->remove[i] == old)
            return true;
    return false;
}

static struct binding *new_binding(const struct work *w, const sipv_contact *contact,
                                   sipv_slice instance, uint32_t expires)
{
    const struct registrar_settings *s = &w->table->settings;
    unsigned char params[REGISTRAR_PARAMS];
    const sipv_slice parts[BINDING_PARTS] = {
        [BINDING_AOR] = w->aor,
        [BINDING_CALL_ID] = w->m->call_id,
        [BINDING_URI] = contact->uri.text,
        [BINDING_PARAMS] = registrar_params(contact, params),
        [BINDING_INSTANCE] = instance,
        [BINDING_PATH] = w->origin->path,
    };
    struct binding *b = bindings_tentative(w->table, parts);
    if (!b)
        return NULL;
    b->expires = w->now + (uint64_t)(expires > s->max_s ? s->max_s : expires) * REGISTRAR_MS;
    b->cseq = w->m->cseq;
    b->q = q_of(contact);
    b->flow = instance.n > 0 && w->origin->direct ? w->origin->flow : 0;
    return b;
}

static int one_contact(const struct work *w, const sipv_contact *contact, struct change *change)
{
    unsigned char room[REGISTRAR_PARAMS];
    const uint32_t expires = expires_of_contact(contact, w->otherwise);
    const sipv_slice instance =
        w->origin->applies ? registrar_instance(contact, room) : sipv_slice_of("", 0);
    struct binding *old = bound(w->table, w->aor, &contact->uri, instance, w->now);
    if (expires > 0 && expires < 3600 && expires < w->table->settings.min_s)
        return 423;
    if ((old && !may_change(old, w->m)) || named(change, &contact->uri, old))
        return 500;
    if (change->n_add == REGISTRAR_CONTACTS || change->n_remove == REGISTRAR_CONTACTS)
        return 503;
    if (old)
        change->remove[change->n_remove++] = old;
    w->origin->used |= instance.n > 0;
    if (expires == 0)
        return 200;
    struct binding *b = new_binding(w, contact, instance, expires);
    if (!b)
        return 503;
    change->add[change->n_add++] = b;
    return 200;
}

/* RFC 5626 section 6: a flow is registered alone, and by way of who knows flows. */
static int may_be_flows(const struct work *w)
{
    sipv_contact contact;
    size_t lasting = 0;
    bool flow = false;
    sipv_iter it = sipv_each(w->m, SIPV_H_CONTACT);
    while (sipv_contact_next(&it, &contact) == SIPV_OK) {
        if (contact.star || expires_of_contact(&contact, w->otherwise) == 0)
            continue;
        lasting++;
        flow |= sipv_param_find(&contact.params, "reg-id", NULL) == SIPV_OK;
    }
    if (!flow || !w->origin->supported)
        return 200;
    if (!w->origin->applies)
        return 439;
    return lasting > 1 ? 400 : 200;
}

/* Would all limits hold afterwards? */
static bool fits(const struct registrar_table *table, sipv_slice aor, const struct change *change)
{
    size_t of_user = change->n_add, octets = table->octets;
    uint32_t at = BINDING_NONE;
    while (bindings_next(table, aor, &at))
        of_user++;
    for (size_t i = 0; i < change->n_remove; i++)
        octets -= binding_octets(change->remove[i]);
    return of_user - change->n_remove <= REGISTRAR_CONTACTS &&
           table->count + change->n_add - change->n_remove <= table->settings.bindings &&
           (change->n_add == 0 || octets <= table->settings.octets);
}

static int all_contacts(struct work *w, struct change *change)
{
    sipv_contact contact;
    size_t count = 0, stars = 0;
    w->otherwise = expires_of_request(w->table, w->m);
    sipv_iter it = sipv_each(w->m, SIPV_H_CONTACT);
    for (; sipv_contact_next(&it, &contact) == SIPV_OK; count++)
        stars += contact.star;
    if (stars > 0)
        return count == 1 && w->m->first[SIPV_H_EXPIRES] != SIPV_NO_HEADER && w->otherwise == 0
                   ? remove_all(w->table, w->aor, w->m, change)
                   : 400;
    int status = may_be_flows(w);
    it = sipv_each(w->m, SIPV_H_CONTACT);
    while (status == 200 && sipv_contact_next(&it, &contact) == SIPV_OK)
        status = one_contact(w, &contact, change);
    if (status != 200)
        return status;
    return fits(w->table, w->aor, change) ? 200 : 503;
}

static void finish(struct registrar_table *table, const struct change *change, bool commit)
{
    for (size_t i = 0; commit && i < change->n_remove; i++)
        bindings_remove(table, change->remove[i]);
    for (size_t i = 0; i < change->n_add; i++) {
        if (commit)
            bindings_commit(table, change->add[i]);
        else
            bindings_discard(table, change->add[i]);
    }
}

/* ---- All steps ------------------------------------------------------------------------------- */

int registrar_process(struct work *w, unsigned char room[REGISTRAR_AOR])
{
    sipv_event events[REGISTRAR_EVENTS];
    sipv_uri request_uri;
    sipv_address to;
    struct change change = {.n_add = 0, .n_remove = 0};
    if (w->m->method_id != SIPV_M_REGISTER)
        return 405;
    if (sipv_uri_parse(w->m->request_uri, false, events, REGISTRAR_EVENTS, &request_uri, NULL) !=
            SIPV_OK ||
        !sipv_slice_is(request_uri.host, w->table->domain))
        return 404;
    if (registrar_unsupported(w->m, NULL))
        return 420;
    sipv_iter it = sipv_each(w->m, SIPV_H_TO);
    if (sipv_address_next(&it, &to) != SIPV_OK)
        return 400;
    w->aor = registrar_canonical(w->table, &to.uri, room);
    if (!w->aor.p)
        return 404;
    const int status = all_contacts(w, &change);
    finish(w->table, &change, status == 200);
    return status;
}
