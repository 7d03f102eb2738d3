#include "registrar.h"

#include <string.h>

#include "registrar_work.h"

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

sipv_slice registrar_canonical(const struct registrar_table *table, const sipv_uri *uri,
                               unsigned char out[REGISTRAR_AOR])
{
    const sipv_slice none = {NULL, 0};
    struct compose c = {out, REGISTRAR_AOR, 0};
    if (!sipv_slice_is(uri->scheme, "sip") && !sipv_slice_is(uri->scheme, "sips"))
        return none;
    if (!sipv_slice_is(uri->host, table->domain) || !uri->user.p || uri->user.n > REGISTRAR_AOR / 2)
        return none;
    unsigned char user[REGISTRAR_AOR / 2];
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
    return c.n <= REGISTRAR_AOR ? sipv_slice_of(out, c.n) : none;
}

/* ---- Answers -------------------------------------------------------------------------------- */

static const char *reason_of(int status)
{
    switch (status) {
    case 200: return "OK";
    case 400: return "Invalid Request";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 420: return "Bad Extension";
    case 423: return "Interval Too Brief";
    case 439: return "First Hop Lacks Outbound Support";
    case 500: return "Server Internal Error";
    default: return "Service Unavailable";
    }
}

static uint32_t left_s(const struct binding *b, uint64_t now)
{
    return (uint32_t)((b->expires - now + REGISTRAR_MS - 1) / REGISTRAR_MS);
}

static void compose_binding(struct compose *c, const struct binding *b, uint64_t now)
{
    compose_text(c, "Contact: <");
    compose_slice(c, binding_text(b, BINDING_URI));
    compose_text(c, ">");
    compose_slice(c, binding_text(b, BINDING_PARAMS));
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

/* Path and Require of a 200. */
static void compose_origin(struct compose *c, const struct origin *o)
{
    if (o->path.p)
        compose_header(c, "Path", o->path);
    if (o->used)
        compose_text(c, "Require: outbound\r\n");
}

static void compose_number_line(struct compose *c, const char *name, uint64_t number)
{
    compose_text(c, name);
    compose_number(c, number);
    compose_text(c, "\r\n");
}

/* What a status brings with it. */
static void compose_lines(struct compose *c, const struct work *w, int status)
{
    uint32_t at = BINDING_NONE;
    const struct binding *b;
    switch (status) {
    case 200:
        while ((b = bindings_next(w->table, w->aor, &at)))
            compose_binding(c, b, w->now);
        compose_origin(c, w->origin);
        break;
    case 405: compose_text(c, "Allow: REGISTER\r\n"); break;
    case 420: registrar_unsupported(w->m, c); break;
    case 423: compose_number_line(c, "Min-Expires: ", w->table->settings.min_s); break;
    case 503: compose_number_line(c, "Retry-After: ", REGISTRAR_RETRY_AFTER_S); break;
    default: break;
    }
}

int registrar_answer_on(struct registrar *r, uint64_t now, sipv_message *request, uint64_t flow,
                        sipv_slice to_tag, struct compose *response)
{
    unsigned char room[REGISTRAR_AOR];
    struct origin origin;
    struct work work = {.table = r->table, .now = now, .m = request, .origin = &origin};
    registrar_advance(r, now);
    const int status =
        registrar_origin(&origin, request, flow) ? registrar_process(&work, room) : 503;
    compose_response_head(response, request, status, reason_of(status), to_tag);
    compose_lines(response, &work, status);
    compose_end(response);
    return status;
}

int registrar_answer(struct registrar *r, uint64_t now, sipv_message *request, sipv_slice to_tag,
                     struct compose *response)
{
    return registrar_answer_on(r, now, request, 0, to_tag, response);
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

static void tell(const struct binding *b, uint64_t now, struct registrar_binding *out)
{
    const sipv_slice path = binding_text(b, BINDING_PATH);
    *out = (struct registrar_binding){
        .uri = binding_text(b, BINDING_URI),
        .q = b->q,
        .expires_s = left_s(b, now),
        .path = path.n > 0 ? path : sipv_slice_of(NULL, 0),
        .params = binding_text(b, BINDING_PARAMS),
        .flow = b->flow,
    };
}

int registrar_find(const struct registrar *r, uint64_t now, sipv_slice text, size_t i,
                   struct registrar_binding *out)
{
    sipv_event events[REGISTRAR_EVENTS];
    unsigned char room[REGISTRAR_AOR];
    sipv_uri uri;
    if (sipv_uri_parse(text, false, events, REGISTRAR_EVENTS, &uri, NULL) != SIPV_OK)
        return SIPV_REJECT;
    const sipv_slice aor = registrar_canonical(r->table, &uri, room);
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
            tell(b, now, out);
            return SIPV_OK;
        }
    }
    return SIPV_END;
}

void registrar_advance(struct registrar *r, uint64_t now)
{
    struct registrar_table *table = r->table;
    uint32_t number;
    while ((number = alarms_due(&table->expiry, now)) != ALARMS_NONE)
        bindings_remove(table, &table->bindings[number]);
}

uint64_t registrar_wake(const struct registrar *r)
{
    return alarms_first(&r->table->expiry);
}

size_t registrar_count(const struct registrar *r)
{
    return r->table->count;
}

size_t registrar_octets(const struct registrar *r)
{
    return r->table->octets;
}
