#include "topmost.h"

#include <stdlib.h>
#include <string.h>

#include "compose.h"

enum { HEADERS = 1024, EVENTS = 4096, DIAGS = 4 };

struct topmost {
    sipv_message m;
    sipv_header headers[HEADERS];
    sipv_event events[EVENTS];
    sipv_diag diags[DIAGS];
    unsigned char *out;
    size_t cap;
};

struct topmost *topmost_new(void)
{
    struct topmost *t = malloc(sizeof *t); /* much of it is never written */
    if (!t)
        return NULL;
    t->out = NULL;
    t->cap = 0;
    return t;
}

void topmost_free(struct topmost *t)
{
    if (t)
        free(t->out);
    free(t);
}

/* False if none can be read.  What else is wrong with the message does not matter here. */
static bool read_via(struct topmost *t, sipv_slice octets, sipv_via *via)
{
    sipv_message_init(&t->m, t->headers, HEADERS, t->events, EVENTS, t->diags, DIAGS);
    sipv_message_index(&t->m, octets.p, octets.n, NULL);
    sipv_iter it = sipv_each(&t->m, SIPV_H_VIA);
    return sipv_via_next(&it, via) == SIPV_OK;
}

/* ---- Requests -------------------------------------------------------------------------------- */

/* `with` in place of `old`, or behind it if `behind`. */
struct change {
    sipv_slice old;
    bool behind;
    char with[HOP_TEXT + 16];
};

static void text_of(char *out, size_t cap, const char *before, const char *middle, uint64_t number)
{
    struct compose c = {(unsigned char *)out, cap - 1, 0};
    compose_text(&c, before);
    if (middle)
        compose_text(&c, middle);
    else
        compose_number(&c, number);
    out[c.n < cap ? c.n : cap - 1] = 0;
}

static sipv_slice end_of(sipv_slice s)
{
    return sipv_slice_of(s.p + s.n, 0);
}

/* What the parameter `name` must become: changed where it is, else put behind sent-by. */
static struct change set(const sipv_via *via, const char *name, const char *text, uint64_t number)
{
    struct change change = {.behind = true};
    sipv_param param;
    if (sipv_param_find(&via->params, name, &param) == SIPV_ABSENT) {
        char before[16];
        text_of(before, sizeof before, ";", name, 0);
        memcpy(before + strlen(before), "=", 2);
        change.old = end_of(via->sent_by);
        text_of(change.with, sizeof change.with, before, text, number);
    } else if (param.value.p) {
        change.old = param.value;
        change.behind = false;
        text_of(change.with, sizeof change.with, "", text, number);
    } else {
        change.old = end_of(param.name);
        text_of(change.with, sizeof change.with, "=", text, number);
    }
    return change;
}

/* Raw octets: compose_slice() would take line ends away. */
static void copy(struct compose *c, const unsigned char *p, size_t n)
{
    if (n > 0 && c->n + n <= c->cap)
        memcpy(c->out + c->n, p, n);
    c->n += n;
}

static int apply(struct topmost *t, sipv_slice octets, struct change *changes, size_t n,
                 sipv_slice *out)
{
    const size_t room = octets.n + n * sizeof changes->with;
    const unsigned char *at = octets.p;
    if (room > t->cap) {
        unsigned char *more = realloc(t->out, room);
        if (!more)
            return SIPV_NO_SPACE;
        t->out = more;
        t->cap = room;
    }
    if (n == 2 && changes[1].old.p < changes[0].old.p) {
        const struct change first = changes[1];
        changes[1] = changes[0];
        changes[0] = first;
    }
    struct compose c = {t->out, t->cap, 0};
    for (size_t i = 0; i < n; i++) {
        copy(&c, at, (size_t)(changes[i].old.p - at));
        compose_text(&c, changes[i].with);
        at = changes[i].old.p + (changes[i].behind ? 0 : changes[i].old.n);
    }
    copy(&c, at, (size_t)(octets.p + octets.n - at));
    *out = sipv_slice_of(t->out, c.n);
    return SIPV_OK;
}

static bool same_host(sipv_slice sent_by, const struct hop *source)
{
    struct hop hop;
    return hop_of_host(source->transport, sent_by, source->port, &hop) == SIPV_OK &&
           strcmp(hop.host, source->host) == 0;
}

int topmost_received(struct topmost *t, sipv_slice octets, const struct hop *source,
                     sipv_slice *out)
{
    struct change changes[2];
    size_t n = 0;
    sipv_via via;
    if (!read_via(t, octets, &via))
        return SIPV_REJECT;
    if (t->m.kind != SIPV_REQUEST)
        return SIPV_ABSENT;
    const bool rport = sipv_param_find(&via.params, "rport", NULL) == SIPV_OK;
    if (rport)
        changes[n++] = set(&via, "rport", NULL, source->port);
    if (rport || !same_host(via.host, source) ||
        sipv_param_find(&via.params, "received", NULL) == SIPV_OK)
        changes[n++] = set(&via, "received", source->host, 0);
    return n > 0 ? apply(t, octets, changes, n, out) : SIPV_ABSENT;
}

/* ---- Responses ------------------------------------------------------------------------------- */

static bool transport_of(sipv_slice name, enum hop_transport *out)
{
    for (*out = HOP_UDP; *out <= HOP_TLS; (*out)++)
        if (sipv_slice_is(name, hop_transport_name(*out)))
            return true;
    return false;
}

int topmost_response_hop(struct topmost *t, sipv_slice octets, struct hop *out)
{
    enum hop_transport transport;
    sipv_param param;
    sipv_via via;
    uint64_t port;
    if (!read_via(t, octets, &via) || !transport_of(via.transport, &transport))
        return SIPV_REJECT;
    if (t->m.kind != SIPV_RESPONSE)
        return SIPV_ABSENT;
    sipv_slice host = via.host;
    port = via.port > 0 ? (uint64_t)via.port : transport == HOP_TLS ? 5061 : 5060;
    if (sipv_param_find(&via.params, "maddr", &param) == SIPV_OK && param.value.p)
        return hop_of_host(transport, param.value, (uint16_t)port, out);
    if (sipv_param_find(&via.params, "received", &param) == SIPV_OK && param.value.p)
        host = param.value;
    if (sipv_param_find(&via.params, "rport", &param) == SIPV_OK && param.value.p &&
        sipv_number(param.value, UINT16_MAX, &port) != SIPV_OK)
        return SIPV_REJECT;
    return hop_of_host(transport, host, (uint16_t)port, out);
}

static uint16_t sent_by_port(const sipv_via *via, enum hop_transport transport)
{
    return (uint16_t)(via->port > 0 ? via->port : transport == HOP_TLS ? 5061 : 5060);
}

size_t topmost_connection_hops(struct topmost *t, sipv_slice octets, enum hop_transport transport,
                               struct hop out[TOPMOST_HOPS])
{
    sipv_param received;
    size_t n = 0;
    sipv_via via;
    if (!read_via(t, octets, &via))
        return 0;
    const uint16_t port = sent_by_port(&via, transport);
    if (sipv_param_find(&via.params, "received", &received) == SIPV_OK && received.value.p &&
        hop_of_host(transport, received.value, port, &out[n]) == SIPV_OK)
        n++;
    if (hop_of_host(transport, via.host, port, &out[n]) == SIPV_OK &&
        (n == 0 || !hop_equal(&out[0], &out[n])))
        n++;
    return n;
}

int topmost_sent_by(struct topmost *t, sipv_slice octets, struct hop *out)
{
    enum hop_transport transport;
    sipv_via via;
    if (!read_via(t, octets, &via) || !transport_of(via.transport, &transport))
        return SIPV_REJECT;
    return hop_of_host(transport, via.host, sent_by_port(&via, transport), out);
}

/* ---- Another transport ----------------------------------------------------------------------- */

int topmost_move(struct topmost *t, sipv_slice octets, enum hop_transport transport,
                 sipv_slice *out)
{
    struct change change = {.behind = false};
    sipv_via via;
    if (!read_via(t, octets, &via))
        return SIPV_REJECT;
    change.old = via.transport;
    text_of(change.with, sizeof change.with, "", hop_transport_name(transport), 0);
    return apply(t, octets, &change, 1, out);
}
