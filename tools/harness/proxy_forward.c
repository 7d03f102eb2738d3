/* Request forwarding: RFC 3261 section 16.6, steps 1 to 9. */
#include "proxy_core.h"

#include <stdio.h>
#include <string.h>

enum { VALUE_EVENTS = 1024, CREDENTIALS = 8 };

/* Where a copy goes and what of its routing changes: steps 2, 6 and 7. */
struct way {
    sipv_slice uri;    /* the Request-URI it gets */
    sipv_slice pushed; /* Route values put on top; absent: none */
    size_t first, end; /* what is left of those that came */
    sipv_slice last;   /* a URI that becomes the last Route value; absent: none */
    bool secure;       /* Request-URI or topmost Route is a SIPS URI */
    struct hop hop;
    uint64_t flow; /* in place of the hop (RFC 5626 section 5.3), 0: none */
};

/* ---- Step 2: the Request-URI ----------------------------------------------------------------- */

static bool may_not_be_in_request_uri(const sipv_uri *uri)
{
    size_t at = 0;
    sipv_param header;
    return sipv_param_find(&uri->params, "method", NULL) == SIPV_OK ||
           sipv_param_next(&uri->headers, &at, &header) == SIPV_OK;
}

/* A contact without what section 19.1.1 does not allow in a Request-URI, in `room`. */
static sipv_slice as_request_uri(sipv_slice text, unsigned char *room, size_t cap)
{
    const sipv_slice none = {NULL, 0};
    sipv_event events[VALUE_EVENTS];
    struct compose c = {room, cap, 0};
    sipv_uri uri;
    sipv_param param;
    size_t at = 0;
    if (sipv_uri_parse(text, false, events, VALUE_EVENTS, &uri, NULL) != SIPV_OK)
        return none;
    if (!may_not_be_in_request_uri(&uri))
        return text;
    const unsigned char *end = uri.host.p + uri.host.n;
    if (uri.port >= 0) {
        for (end++; end < text.p + text.n && *end >= '0' && *end <= '9';)
            end++;
    }
    compose_slice(&c, sipv_slice_of(text.p, (size_t)(end - text.p)));
    while (sipv_param_next(&uri.params, &at, &param) == SIPV_OK) {
        if (sipv_slice_is(param.name, "method"))
            continue;
        compose_text(&c, ";");
        compose_slice(&c, param.name);
        if (param.value.p) {
            compose_text(&c, "=");
            compose_slice(&c, param.value);
        }
    }
    return c.n <= c.cap ? sipv_slice_of(c.out, c.n) : none;
}

/* ---- Steps 6 and 7: the next hop ------------------------------------------------------------- */

/* The first URI of pushed Route values. */
static sipv_slice first_of(sipv_slice routes, sipv_event *events, size_t cap)
{
    const sipv_slice none = {NULL, 0};
    sipv_iter it;
    sipv_route route;
    if (sipv_value_parse(SIPV_H_ROUTE, routes, events, cap, &it, NULL) != SIPV_OK ||
        sipv_route_next(&it, &route) != SIPV_OK)
        return none;
    return route.uri.text;
}

static bool is_sips(sipv_slice uri)
{
    return uri.n > 5 && sipv_slice_is(sipv_slice_of(uri.p, 5), "sips:");
}

/* The hop of a URI; over TLS if the Request-URI is a SIPS URI, whatever this one is. */
static int hop_to(sipv_slice uri, bool sips, struct hop *hop)
{
    sipv_event events[VALUE_EVENTS];
    sipv_uri parts;
    if (hop_of_uri(uri, hop) != SIPV_OK)
        return 503;
    if (!sips || hop->transport == HOP_TLS)
        return 0;
    if (sipv_uri_parse(uri, false, events, VALUE_EVENTS, &parts, NULL) != SIPV_OK)
        return 503;
    hop->transport = HOP_TLS;
    if (parts.port < 0)
        hop->port = 5061;
    return 0;
}

/* A strict router gets its own URI as the Request-URI, and ours behind all Route values. */
static void go_strictly(const struct proxy_request *r, struct way *w)
{
    w->last = w->uri;
    w->uri = r->routes[w->first++].uri;
}

static int find_way(const struct proxy_core *p, const struct proxy_request *r,
                    const struct proxy_target *target, unsigned char *room, size_t cap,
                    struct way *w)
{
    sipv_event events[VALUE_EVENTS];
    const sipv_slice none = {NULL, 0};
    *w = (struct way){.uri = target->uri.p ? as_request_uri(target->uri, room, cap) : r->uri_text,
                      .pushed = target->path,
                      .first = r->first_route,
                      .end = r->end_routes,
                      .last = none};
    if (!w->uri.p)
        return 503;
    const bool sips = is_sips(w->uri);
    const bool routed = w->pushed.p || w->first < w->end;
    const bool handed_on = !routed && !r->own && p->next[0] != 0;
    sipv_slice to = w->uri;
    if (handed_on) {
        to = sipv_slice_text(p->next);
    } else if (w->pushed.p) {
        to = first_of(w->pushed, events, VALUE_EVENTS);
    } else if (routed) {
        to = r->routes[w->first].uri;
        if (!r->routes[w->first].loose)
            go_strictly(r, w);
    }
    w->secure = sips || is_sips(to);
    if (target->flow != 0 && !routed) {
        w->flow = target->flow;
        w->hop.transport = p->network.transport(p->network.with, target->flow);
        return sips && w->hop.transport != HOP_TLS ? 503 : 0;
    }
    return hop_to(to, sips, &w->hop);
}

/* ---- Step 4: Record-Route -------------------------------------------------------------------- */

/* The URI by which we are reached over a transport.  UDP and TCP need not be told apart, if we
 * listen at both. */
static void compose_self(struct compose *c, const struct proxy_core *p,
                         enum hop_transport transport, bool sips)
{
    if (transport == HOP_TCP && p->listens[HOP_UDP] &&
        p->self[HOP_UDP].port == p->self[HOP_TCP].port)
        transport = HOP_UDP;
    const struct hop *self = &p->self[transport];
    char text[HOP_TEXT];
    hop_hostport(self, text);
    if (self->port == (transport == HOP_TLS ? 5061 : 5060))
        *strrchr(text, ':') = 0;
    compose_text(c, sips ? "<sips:" : "<sip:");
    compose_text(c, text);
    if (transport == HOP_TCP)
        compose_text(c, ";transport=tcp");
    if (transport == HOP_TLS && !sips)
        compose_text(c, ";transport=tls");
    compose_text(c, ";lr>");
}

/* One value where both sides reach us alike, else one for each side (RFC 5658 section 5): the one
 * for downstream on top. */
static void add_record_route(struct proxy_cuts *cuts, const struct proxy_core *p,
                             const struct proxy_request *r, const struct way *w,
                             enum hop_transport out)
{
    const enum hop_transport in =
        r->flow != 0 ? p->network.transport(p->network.with, r->flow) : out;
    const bool crosses = (in == HOP_TLS) != (out == HOP_TLS);
    if (!p->settings.record_route && !crosses)
        return;
    proxy_cut_line(cuts, SIPV_H_RECORD_ROUTE);
    compose_text(&cuts->lines, "Record-Route: ");
    compose_self(&cuts->lines, p, out, w->secure && out == HOP_TLS);
    if (crosses) {
        compose_text(&cuts->lines, ", ");
        compose_self(&cuts->lines, p, in, is_sips(r->m->request_uri) && in == HOP_TLS);
    }
    compose_text(&cuts->lines, "\r\n");
}

/* ---- Route ----------------------------------------------------------------------------------- */

/* Of one header the values number [from, to), of which [first, end) stay. */
static void cut_values(struct proxy_cuts *cuts, const struct proxy_request *r, uint16_t header,
                       size_t from, size_t to, size_t first, size_t end)
{
    const size_t keep_from = first > from ? first : from, keep_to = end < to ? end : to;
    const sipv_slice all = r->m->headers[header].value;
    const size_t begin = sipv_offset(r->m, all);
    if (keep_from >= keep_to) {
        proxy_cut_header(cuts, header);
        return;
    }
    if (keep_from > from)
        proxy_cut(cuts, begin, sipv_offset(r->m, r->routes[keep_from].text));
    if (keep_to < to) {
        const sipv_slice last = r->routes[keep_to - 1].text;
        proxy_cut(cuts, sipv_offset(r->m, last) + last.n, begin + all.n);
    }
}

static void cut_routes(struct proxy_cuts *cuts, const struct proxy_request *r, const struct way *w)
{
    for (size_t from = 0, to; from < r->n_routes; from = to) {
        const uint16_t header = r->routes[from].header;
        for (to = from; to < r->n_routes && r->routes[to].header == header;)
            to++;
        if (from < w->first || to > w->end)
            cut_values(cuts, r, header, from, to, w->first, w->end);
    }
}

static void add_routes(struct proxy_cuts *cuts, const struct proxy_core *p,
                       const struct proxy_request *r, const struct way *w)
{
    const bool push_next = p->settings.next_as_route && p->next[0] != 0 && !r->own &&
                           !w->pushed.p && r->first_route == r->end_routes;
    if (w->pushed.p || push_next) {
        proxy_cut_line(cuts, SIPV_H_ROUTE);
        compose_text(&cuts->lines, "Route: ");
        if (push_next) {
            compose_text(&cuts->lines, "<");
            compose_text(&cuts->lines, p->next);
            compose_text(&cuts->lines, ">");
        } else {
            compose_slice(&cuts->lines, w->pushed);
        }
        compose_text(&cuts->lines, "\r\n");
    }
    if (w->last.p) {
        const size_t behind = r->m->headers[r->routes[r->n_routes - 1].header].end;
        proxy_cut(cuts, behind, behind);
        compose_text(&cuts->lines, "Route: <");
        compose_slice(&cuts->lines, w->last);
        compose_text(&cuts->lines, ">\r\n");
    }
}

/* ---- Numbers --------------------------------------------------------------------------------- */

static void number_line(struct proxy_cuts *cuts, unsigned id, const char *name, uint64_t value)
{
    const uint16_t header = cuts->m->first[id];
    if (header != SIPV_NO_HEADER)
        proxy_cut_header(cuts, header);
    else
        proxy_cut_line(cuts, id);
    compose_text(&cuts->lines, name);
    compose_number(&cuts->lines, value);
    compose_text(&cuts->lines, "\r\n");
}

/* ---- Credentials -------------------------------------------------------------------------------
 */

static bool is_for_realm(sipv_slice value, const char *realm)
{
    sipv_event events[VALUE_EVENTS];
    unsigned char text[1024];
    sipv_room room = sipv_room_of(events, VALUE_EVENTS, text, sizeof text);
    sipv_credentials c;
    return sipv_credentials_parse(value, &room, &c) == SIPV_OK &&
           sipv_slice_equal(c.realm, sipv_slice_text(realm));
}

/* Those for our realm are for us alone (section 22.3; table 3 lets a proxy take them away). */
static void cut_credentials(struct proxy_cuts *cuts, const struct proxy_core *p)
{
    const sipv_message *m = cuts->m;
    uint16_t i = m->first[SIPV_H_PROXY_AUTHORIZATION];
    for (unsigned n = 0; p->settings.request_guard && i != SIPV_NO_HEADER && n < CREDENTIALS;
         i = m->headers[i].next)
        if (is_for_realm(m->headers[i].value, guard_realm(p->settings.request_guard))) {
            proxy_cut_header(cuts, i);
            n++;
        }
}

/* ---- The copy -------------------------------------------------------------------------------- */

static void add_via(struct proxy_cuts *cuts, const struct proxy_core *p,
                    enum hop_transport transport, const char *branch)
{
    char self[HOP_TEXT];
    hop_hostport(&p->self[transport], self);
    proxy_cut_line(cuts, SIPV_H_VIA);
    compose_text(&cuts->lines, "Via: SIP/2.0/");
    compose_text(&cuts->lines, hop_transport_name(transport));
    compose_text(&cuts->lines, " ");
    compose_text(&cuts->lines, self);
    compose_text(&cuts->lines, ";branch=");
    compose_text(&cuts->lines, branch);
    compose_text(&cuts->lines, "\r\n");
}

static sipv_slice compose_copy(struct proxy_core *p, const struct proxy_request *r,
                               const struct way *w, unsigned breadth, enum hop_transport transport,
                               const char *branch)
{
    struct proxy_cuts cuts;
    const sipv_message *m = r->m;
    const size_t uri = sipv_offset(m, m->request_uri);
    proxy_cuts_begin(&cuts, m, p->lines);
    if (w->uri.p != m->request_uri.p) {
        proxy_cut(&cuts, uri, uri + m->request_uri.n);
        compose_slice(&cuts.lines, w->uri);
    }
    add_via(&cuts, p, transport, branch);
    add_record_route(&cuts, p, r, w, transport);
    number_line(&cuts, SIPV_H_MAX_FORWARDS,
                "Max-Forwards: ", m->max_forwards > 0 ? (uint64_t)m->max_forwards - 1 : 70);
    number_line(&cuts, SIPV_H_MAX_BREADTH, "Max-Breadth: ", breadth);
    cut_credentials(&cuts, p);
    cut_routes(&cuts, r, w);
    add_routes(&cuts, p, r, w);
    if (hop_reliable(transport))
        proxy_cut_length(&cuts);
    return proxy_cuts_finish(&cuts, p->out, PROXY_OUT);
}

/* Over this transport, if the network gets there by it; over that of the flow, if it says so. */
static int compose_over(struct proxy_core *p, const struct proxy_request *r, const struct way *w,
                        unsigned breadth, enum hop_transport transport, const char *branch,
                        struct proxy_forwarded *out)
{
    struct hop hop = w->hop;
    hop.transport = transport;
    if (!p->listens[transport])
        return 503;
    out->flow = w->flow != 0 ? w->flow : p->network.flow(p->network.with, &hop);
    if (out->flow == 0)
        return 503;
    transport = p->network.transport(p->network.with, out->flow);
    out->reliable = hop_reliable(transport);
    out->octets = compose_copy(p, r, w, breadth, transport, branch);
    return out->octets.p ? 0 : 513;
}

int proxy_compose_request(struct proxy_core *p, const struct proxy_request *r,
                          const struct proxy_target *target, unsigned breadth, bool udp,
                          struct proxy_forwarded *out)
{
    char branch[PROXY_BRANCH];
    unsigned char room[sizeof r->uri_room];
    struct proxy_forwarded over_tcp;
    struct way w;
    int status = find_way(p, r, target, room, sizeof room, &w);
    if (status != 0)
        return status;
    proxy_branch_text(p, r, branch);
    out->upgraded = false;
    status = compose_over(p, r, &w, breadth, w.hop.transport, branch, out);
    if (status != 0)
        return status;
    /* Section 18.1.1: what is too large for UDP goes over TCP, where that is possible. */
    if (!out->reliable && !udp && w.flow == 0 && out->octets.n > HOP_UDP_OCTETS &&
        compose_over(p, r, &w, breadth, HOP_TCP, branch, &over_tcp) != 503) {
        *out = over_tcp;
        out->upgraded = true;
    }
    if (out->reliable && out->octets.p && !proxy_is_framed(out->octets))
        return 400;
    return out->octets.p && proxy_parse(p, &p->made, out->octets) ? 0 : 513;
}
