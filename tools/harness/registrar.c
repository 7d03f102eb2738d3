#include "registrar.h"

#include <string.h>

#include "bindings.h"

enum { URI_EVENTS = 1024, AOR = 1024, MS = 1000 };

struct registrar_settings registrar_settings_default(void)
{
    const struct registrar_settings settings = {
        .bindings = 10000, .octets = 16u << 20, .min_s = 60, .usual_s = 3600, .max_s = 3600};
    return settings;
}

int registrar_open(struct registrar *r, const struct registrar_settings *settings)
{
    r->table = NULL;
    if (!settings->domain || !*settings->domain || strlen(settings->domain) > REGISTRAR_DOMAIN ||
        settings->bindings == 0 || settings->bindings > 1u << 24 || settings->octets == 0 ||
        settings->min_s > settings->max_s)
        return SIPV_BAD_ARGUMENT;
    r->table = bindings_new(settings);
    return r->table ? SIPV_OK : SIPV_NO_SPACE;
}

void registrar_close(struct registrar *r)
{
    bindings_free(r->table);
    r->table = NULL;
}

/* ---- Addresses ------------------------------------------------------------------------------ */

/* The canonical form of an address-of-record (step 5): no parameters, nothing escaped, the host in
 * small letters, no password.  Absent if it is of another domain, or too long. */
static sipv_slice canonical(const struct registrar_table *table, const sipv_uri *uri,
                            unsigned char out[AOR])
{
    const sipv_slice none = {NULL, 0};
    struct compose c = {out, AOR, 0};
    if (!sipv_slice_is(uri->scheme, "sip") && !sipv_slice_is(uri->scheme, "sips"))
        return none;
    if (!sipv_slice_is(uri->host, table->domain) || !uri->user.p || uri->user.n > AOR / 2)
        return none;
    unsigned char user[AOR / 2];
    const size_t n = sipv_unescape(uri->user, user, sizeof user);
    compose_text(&c, sipv_slice_is(uri->scheme, "sips") ? "sips:" : "sip:");
    memcpy(out + c.n, user, n);
    c.n += n;
    compose_text(&c, "@");
    compose_text(&c, table->domain);
    if (uri->port >= 0) {
        compose_text(&c, ":");
        compose_number(&c, (uint64_t)uri->port);
    }
    return c.n <= AOR ? sipv_slice_of(out, c.n) : none;
}

static bool same_uri(sipv_slice text, const sipv_uri *b)
{
    sipv_event events[URI_EVENTS];
    sipv_uri a;
    return sipv_uri_parse(text, false, events, URI_EVENTS, &a, NULL) == SIPV_OK &&
           sipv_uri_compare(&a, b, NULL) == SIPV_URI_EQUAL;
}

static struct binding *bound(const struct registrar_table *table, sipv_slice aor,
                             const sipv_uri *uri, uint64_t now)
{
    uint32_t at = BINDING_NONE;
    struct binding *b;
    while ((b = bindings_next(table, aor, &at)))
        if (b->expires > now && same_uri(binding_uri(b), uri))
            return b;
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
    return !sipv_slice_equal(binding_call_id(b), m->call_id) || m->cseq > b->cseq;
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
        if (same_uri(binding_uri(change->add[i]), uri))
            return true;
    for (size_t i = 0; i < change->n_remove; i++)
        if (old && change->remove[i] == old)
            return true;
    return false;
}

static int one_contact(struct registrar_table *table, uint64_t now, sipv_slice aor, sipv_message *m,
                       const sipv_contact *contact, uint32_t otherwise, struct change *change)
{
    const struct registrar_settings *s = &table->settings;
    uint32_t expires = expires_of_contact(contact, otherwise);
    struct binding *old = bound(table, aor, &contact->uri, now);
    if (expires > 0 && expires < 3600 && expires < s->min_s)
        return 423;
    if ((old && !may_change(old, m)) || named(change, &contact->uri, old))
        return 500;
    if (change->n_add == REGISTRAR_CONTACTS || change->n_remove == REGISTRAR_CONTACTS)
        return 503;
    if (old)
        change->remove[change->n_remove++] = old;
    if (expires == 0)
        return 200;
    struct binding *b = bindings_tentative(table, aor, m->call_id, contact->uri.text);
    if (!b)
        return 503;
    if (expires > s->max_s)
        expires = s->max_s;
    b->expires = now + (uint64_t)expires * MS;
    b->cseq = m->cseq;
    b->q = q_of(contact);
    change->add[change->n_add++] = b;
    return 200;
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

static int all_contacts(struct registrar_table *table, uint64_t now, sipv_slice aor,
                        sipv_message *m, struct change *change)
{
    const uint32_t otherwise = expires_of_request(table, m);
    sipv_contact contact;
    size_t count = 0, stars = 0;
    sipv_iter it = sipv_each(m, SIPV_H_CONTACT);
    for (; sipv_contact_next(&it, &contact) == SIPV_OK; count++)
        stars += contact.star;
    if (stars > 0)
        return count == 1 && m->first[SIPV_H_EXPIRES] != SIPV_NO_HEADER && otherwise == 0
                   ? remove_all(table, aor, m, change)
                   : 400;
    it = sipv_each(m, SIPV_H_CONTACT);
    while (sipv_contact_next(&it, &contact) == SIPV_OK) {
        const int status = one_contact(table, now, aor, m, &contact, otherwise, change);
        if (status != 200)
            return status;
    }
    return fits(table, aor, change) ? 200 : 503;
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

/* ---- Answers -------------------------------------------------------------------------------- */

/* The steps of section 10.3; the address-of-record is in `*aor` if it is 200. */
static int process(struct registrar_table *table, uint64_t now, sipv_message *m, sipv_slice *aor,
                   unsigned char room[AOR])
{
    sipv_event events[URI_EVENTS];
    sipv_uri request_uri;
    sipv_address to;
    struct change change = {.n_add = 0, .n_remove = 0};
    if (m->method_id != SIPV_M_REGISTER)
        return 405;
    if (sipv_uri_parse(m->request_uri, false, events, URI_EVENTS, &request_uri, NULL) != SIPV_OK ||
        !sipv_slice_is(request_uri.host, table->domain))
        return 404;
    if (m->first[SIPV_H_REQUIRE] != SIPV_NO_HEADER)
        return 420;
    sipv_iter it = sipv_each(m, SIPV_H_TO);
    if (sipv_address_next(&it, &to) != SIPV_OK)
        return 400;
    *aor = canonical(table, &to.uri, room);
    if (!aor->p)
        return 404;
    const int status = all_contacts(table, now, *aor, m, &change);
    finish(table, &change, status == 200);
    return status;
}

static const char *reason_of(int status)
{
    switch (status) {
    case 200: return "OK";
    case 400: return "Invalid Request";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 420: return "Bad Extension";
    case 423: return "Interval Too Brief";
    case 500: return "Server Internal Error";
    default: return "Service Unavailable";
    }
}

static uint32_t left_s(const struct binding *b, uint64_t now)
{
    return (uint32_t)((b->expires - now + MS - 1) / MS);
}

static void compose_binding(struct compose *c, const struct binding *b, uint64_t now)
{
    compose_text(c, "Contact: <");
    compose_slice(c, binding_uri(b));
    compose_text(c, ">");
    if (b->q >= 0) {
        const char digits[] = {(char)('0' + b->q / 1000),     '.',
                               (char)('0' + b->q / 100 % 10), (char)('0' + b->q / 10 % 10),
                               (char)('0' + b->q % 10),       0};
        compose_text(c, ";q=");
        compose_text(c, digits);
    }
    compose_text(c, ";expires=");
    compose_number(c, left_s(b, now));
    compose_text(c, "\r\n");
}

int registrar_answer(struct registrar *r, uint64_t now, sipv_message *request, sipv_slice to_tag,
                     struct compose *response)
{
    unsigned char room[AOR];
    sipv_slice aor = {NULL, 0};
    registrar_advance(r, now);
    const int status = process(r->table, now, request, &aor, room);
    compose_response_head(response, request, status, reason_of(status), to_tag);
    if (status == 200) {
        uint32_t at = BINDING_NONE;
        const struct binding *b;
        while ((b = bindings_next(r->table, aor, &at)))
            compose_binding(response, b, now);
    }
    if (status == 405)
        compose_text(response, "Allow: REGISTER\r\n");
    if (status == 420)
        compose_copied(response, request, SIPV_H_REQUIRE, "Unsupported");
    if (status == 423) {
        compose_text(response, "Min-Expires: ");
        compose_number(response, r->table->settings.min_s);
        compose_text(response, "\r\n");
    }
    compose_end(response);
    return status;
}

/* ---- Looking -------------------------------------------------------------------------------- */

static int rank(const struct binding *b)
{
    return b->q < 0 ? 1000 : b->q;
}

static bool ahead(const struct binding *a, const struct binding *b)
{
    return rank(a) != rank(b) ? rank(a) > rank(b) : a->serial > b->serial;
}

int registrar_find(const struct registrar *r, uint64_t now, sipv_slice text, size_t i,
                   struct registrar_binding *out)
{
    sipv_event events[URI_EVENTS];
    unsigned char room[AOR];
    sipv_uri uri;
    if (sipv_uri_parse(text, false, events, URI_EVENTS, &uri, NULL) != SIPV_OK)
        return SIPV_REJECT;
    const sipv_slice aor = canonical(r->table, &uri, room);
    uint32_t at = BINDING_NONE;
    struct binding *b;
    while (aor.p && (b = bindings_next(r->table, aor, &at))) {
        size_t before = 0;
        uint32_t other_at = BINDING_NONE;
        const struct binding *other;
        if (b->expires <= now)
            continue;
        while ((other = bindings_next(r->table, aor, &other_at)))
            before += other->expires > now && other != b && ahead(other, b);
        if (before == i) {
            *out = (struct registrar_binding){binding_uri(b), b->q, left_s(b, now)};
            return SIPV_OK;
        }
    }
    return SIPV_END;
}

void registrar_advance(struct registrar *r, uint64_t now)
{
    struct registrar_table *table = r->table;
    for (size_t i = 0; table->count > 0 && i < table->n_bindings; i++)
        if (table->bindings[i].serial != 0 && table->bindings[i].expires <= now)
            bindings_remove(table, &table->bindings[i]);
}

uint64_t registrar_wake(const struct registrar *r)
{
    const struct registrar_table *table = r->table;
    uint64_t at = UINT64_MAX;
    for (size_t i = 0; table->count > 0 && i < table->n_bindings; i++)
        if (table->bindings[i].serial != 0 && table->bindings[i].expires < at)
            at = table->bindings[i].expires;
    return at;
}

size_t registrar_count(const struct registrar *r)
{
    return r->table->count;
}

size_t registrar_octets(const struct registrar *r)
{
    return r->table->octets;
}
