/* Route information preprocessing: RFC 3261 section 16.4. */
#include "proxy_core.h"

#include <string.h>

void proxy_learn_self(struct proxy_core *p)
{
    for (unsigned i = 0; i < PROXY_TRANSPORTS; i++)
        p->listens[i] =
            p->network.self(p->network.with, (enum hop_transport)i, &p->self[i]) == SIPV_OK;
}

/* ---- Who is meant ----------------------------------------------------------------------------
 */

static sipv_slice without_brackets(sipv_slice host)
{
    if (host.n > 1 && host.p[0] == '[' && host.p[host.n - 1] == ']')
        return sipv_slice_of(host.p + 1, host.n - 2);
    return host;
}

static bool is_sip(const sipv_uri *uri)
{
    return sipv_slice_is(uri->scheme, "sip") || sipv_slice_is(uri->scheme, "sips");
}

static enum hop_transport transport_of(const sipv_uri *uri)
{
    sipv_param transport;
    const bool named = sipv_param_find(&uri->params, "transport", &transport) == SIPV_OK;
    if (sipv_slice_is(uri->scheme, "sips") || (named && sipv_slice_is(transport.value, "tls")))
        return HOP_TLS;
    return named && sipv_slice_is(transport.value, "tcp") ? HOP_TCP : HOP_UDP;
}

static int64_t port_of(const sipv_uri *uri)
{
    if (uri->port >= 0)
        return uri->port;
    return transport_of(uri) == HOP_TLS ? 5061 : 5060;
}

static bool listens_at(const struct proxy_core *p, sipv_slice host, int64_t port)
{
    for (unsigned i = 0; i < PROXY_TRANSPORTS; i++)
        if (p->listens[i] && p->self[i].port == port && sipv_slice_is(host, p->self[i].host))
            return true;
    return false;
}

static bool is_domain(const struct proxy_core *p, sipv_slice host)
{
    for (size_t i = 0; i < p->settings.n_domains; i++)
        if (sipv_slice_is(host, p->domains[i]))
            return true;
    return false;
}

static bool is_our_port(const struct proxy_core *p, int64_t port)
{
    for (unsigned i = 0; i < PROXY_TRANSPORTS; i++)
        if (p->listens[i] && p->self[i].port == port)
            return true;
    return false;
}

/* A domain is meant without a port, or with one that we listen at. */
static bool is_own_at(const struct proxy_core *p, sipv_slice host, const sipv_uri *uri)
{
    host = without_brackets(host);
    return listens_at(p, host, port_of(uri)) ||
           (is_domain(p, host) && (uri->port < 0 || is_our_port(p, uri->port)));
}

bool proxy_is_own(const struct proxy_core *p, const sipv_uri *uri)
{
    return is_sip(uri) && uri->host.p && is_own_at(p, uri->host, uri);
}

/* ---- Route values --------------------------------------------------------------------------- */

static bool within(sipv_slice inner, sipv_slice outer)
{
    return inner.p >= outer.p && inner.p + inner.n <= outer.p + outer.n;
}

/* The values of one header; its typed form says what each of them means. */
static bool read_values(const struct proxy_core *p, struct proxy_request *r, uint16_t header,
                        sipv_iter *it)
{
    const sipv_slice list = r->m->headers[header].value;
    sipv_route value;
    size_t at = 0;
    sipv_slice text;
    while ((text = proxy_next_value(list, &at)).n > 0) {
        if (r->n_routes == PROXY_ROUTES || sipv_route_next(it, &value) != SIPV_OK ||
            !within(value.uri.text, text))
            return false;
        r->routes[r->n_routes++] = (struct proxy_route){
            .text = text,
            .header = header,
            .own = proxy_is_own(p, &value.uri),
            .loose = sipv_param_find(&value.uri.params, "lr", NULL) == SIPV_OK,
            .uri = value.uri.text,
        };
    }
    return true;
}

static bool read_routes(const struct proxy_core *p, struct proxy_request *r)
{
    sipv_iter it = sipv_each(r->m, SIPV_H_ROUTE);
    sipv_route behind;
    r->n_routes = 0;
    for (uint16_t i = r->m->first[SIPV_H_ROUTE]; i != SIPV_NO_HEADER; i = r->m->headers[i].next)
        if (!read_values(p, r, i, &it))
            return false;
    r->first_route = 0;
    r->end_routes = r->n_routes;
    return sipv_route_next(&it, &behind) == SIPV_END;
}

/* ---- The Request-URI ------------------------------------------------------------------------ */

static bool set_uri(struct proxy_request *r, sipv_slice text)
{
    r->uri_text = text;
    return sipv_uri_parse(text, false, r->uri_events, PROXY_URI_EVENTS, &r->uri, NULL) == SIPV_OK;
}

/* A strict router has put our Record-Route value there: one without user and with lr. */
static bool is_record_route(const struct proxy_core *p, const sipv_uri *uri)
{
    return !uri->user.p && sipv_param_find(&uri->params, "lr", NULL) == SIPV_OK &&
           proxy_is_own(p, uri);
}

/* The Request-URI without maddr, and without the port and transport that went with it. */
static bool strip_maddr(struct proxy_request *r)
{
    const sipv_uri uri = r->uri;
    struct compose c = {r->uri_room, sizeof r->uri_room, 0};
    sipv_param param;
    size_t at = 0;
    compose_slice(&c, uri.scheme);
    compose_text(&c, ":");
    if (uri.user.p) {
        /* With the password, up to the host. */
        compose_slice(&c, sipv_slice_of(uri.user.p, (size_t)(uri.host.p - uri.user.p)));
    }
    compose_slice(&c, uri.host);
    while (sipv_param_next(&uri.params, &at, &param) == SIPV_OK) {
        if (sipv_slice_is(param.name, "maddr") || sipv_slice_is(param.name, "transport"))
            continue;
        compose_text(&c, ";");
        compose_slice(&c, param.name);
        if (param.value.p) {
            compose_text(&c, "=");
            compose_slice(&c, param.value);
        }
    }
    return c.n <= c.cap && set_uri(r, sipv_slice_of(c.out, c.n));
}

/* It came by the transport and to the port that the URI names. */
static bool came_as_named(const struct proxy_core *p, const struct proxy_request *r)
{
    const enum hop_transport transport = transport_of(&r->uri);
    return p->listens[transport] && p->self[transport].port == port_of(&r->uri) &&
           (r->flow == 0 || p->network.transport(p->network.with, r->flow) == transport);
}

static int look_at_uri(const struct proxy_core *p, struct proxy_request *r)
{
    sipv_param maddr;
    r->elsewhere = false;
    if (is_sip(&r->uri) && sipv_param_find(&r->uri.params, "maddr", &maddr) == SIPV_OK) {
        if (!is_own_at(p, maddr.value, &r->uri) || !came_as_named(p, r))
            r->elsewhere = true;
        else if (!strip_maddr(r))
            return 414;
    }
    r->own = !r->elsewhere && proxy_is_own(p, &r->uri);
    return 0;
}

int proxy_preprocess(struct proxy_core *p, struct proxy_request *r, sipv_message *m,
                     transaction_id server, uint64_t flow)
{
    r->m = m;
    r->server = server;
    r->flow = flow;
    r->popped = false;
    if (!set_uri(r, m->request_uri) || !read_routes(p, r))
        return 400;
    if (r->n_routes > 0 && is_record_route(p, &r->uri)) {
        r->popped = true;
        if (!set_uri(r, r->routes[--r->end_routes].uri))
            return 400;
    }
    const int status = look_at_uri(p, r);
    if (status != 0)
        return status;
    /* Two of ours stand there where transports meet: RFC 5658 section 5. */
    while (r->first_route < 2 && r->first_route < r->end_routes && r->routes[r->first_route].own) {
        r->first_route++;
        r->popped = true;
    }
    return 0;
}
