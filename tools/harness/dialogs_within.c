/* Requests inside a dialog: RFC 3261 section 12.2. */
#include <string.h>

#include "dialogs_table.h"

enum { URI_EVENTS = 1024 };

/* ---- Received ------------------------------------------------------------------------------- */

int dialogs_receive(struct dialogs *d, dialog_id id, const sipv_message *request)
{
    struct dialog_entry *x = dialog_entry(d->table, id);
    if (!x)
        return SIPV_ABSENT;
    if (request->method_id == SIPV_M_ACK || request->method_id == SIPV_M_CANCEL)
        return SIPV_OK;
    if (request->cseq <= x->remote_cseq)
        return SIPV_REJECT;
    x->remote_cseq = request->cseq;
    return SIPV_OK;
}

bool dialogs_refreshes(sipv_method method)
{
    return method == SIPV_M_INVITE || method == SIPV_M_UPDATE;
}

int dialogs_refresh(struct dialogs *d, dialog_id id, sipv_message *m)
{
    struct dialog_entry *x = dialog_entry(d->table, id);
    if (!x)
        return SIPV_ABSENT;
    const sipv_slice target = dialog_contact(m);
    if (!target.p)
        return SIPV_OK;
    return dialog_keep(d->table, x, TARGET, target) ? SIPV_OK : SIPV_LIMIT;
}

/* ---- Sent ----------------------------------------------------------------------------------- */

/* A URI without what may not stand in a Request-URI: the method parameter and headers (section
 * 19.1.1, table 1). */
static void compose_request_uri(struct compose *c, sipv_slice text)
{
    sipv_event events[URI_EVENTS];
    sipv_uri uri;
    sipv_param method;
    if (sipv_uri_parse(text, false, events, URI_EVENTS, &uri, NULL) != SIPV_OK || !uri.host.p) {
        compose_slice(c, text);
        return;
    }
    const unsigned char *from = text.p, *end = text.p + text.n;
    const unsigned char *question =
        uri.headers.n > 0 ? memchr(uri.host.p, '?', (size_t)(end - uri.host.p)) : NULL;
    if (question)
        end = question;
    if (sipv_param_find(&uri.params, "method", &method) == SIPV_OK) {
        compose_slice(c, sipv_slice_of(from, (size_t)(method.name.p - 1 - from)));
        from = method.value.p ? method.value.p + method.value.n : method.name.p + method.name.n;
    }
    compose_slice(c, sipv_slice_of(from, (size_t)(end - from)));
}

/* The first element of a route set, without its line feed. */
static sipv_slice first_route(sipv_slice routes)
{
    const unsigned char *end = memchr(routes.p, '\n', routes.n);
    return sipv_slice_of(routes.p, (size_t)(end - routes.p));
}

static sipv_slice behind(sipv_slice all, sipv_slice first)
{
    return sipv_slice_of(first.p + first.n + 1, all.n - first.n - 1);
}

/* What stands between "<" and ">". */
static sipv_slice uri_of(sipv_slice route)
{
    const unsigned char *end = memchr(route.p, '>', route.n);
    return sipv_slice_of(route.p + 1, (size_t)(end - route.p) - 1);
}

static void compose_request_line(struct compose *c, const char *method, sipv_slice uri)
{
    compose_text(c, method);
    compose_text(c, " ");
    compose_request_uri(c, uri);
    compose_text(c, " SIP/2.0\r\n");
}

static void compose_routes(struct compose *c, sipv_slice routes)
{
    while (routes.n > 0) {
        const sipv_slice route = first_route(routes);
        compose_header(c, "Route", route);
        routes = behind(routes, route);
    }
}

static void compose_party(struct compose *c, const char *name, sipv_slice uri, sipv_slice tag)
{
    compose_text(c, name);
    compose_text(c, ": <");
    compose_slice(c, uri);
    compose_text(c, ">");
    if (tag.n > 0) {
        compose_text(c, ";tag=");
        compose_slice(c, tag);
    }
    compose_text(c, "\r\n");
}

/* Request line and Route: with a loose router in front, or none, the target is the Request-URI; a
 * strict router is the Request-URI itself, and the target comes last. */
static void compose_way(struct compose *c, const struct dialog_entry *x, const char *method,
                        const char *via)
{
    const sipv_slice routes = dialog_text(x, ROUTES), target = dialog_text(x, TARGET);
    const bool strict = routes.n > 0 && !x->loose;
    const sipv_slice first = strict ? first_route(routes) : routes;
    compose_request_line(c, method, strict ? uri_of(first) : target);
    compose_header(c, "Via", sipv_slice_text(via));
    compose_text(c, "Max-Forwards: 70\r\n");
    compose_routes(c, strict ? behind(routes, first) : routes);
    if (strict) {
        compose_text(c, "Route: <");
        compose_slice(c, target);
        compose_text(c, ">\r\n");
    }
}

int dialogs_hop(const struct dialogs *d, dialog_id id, struct hop *out)
{
    const struct dialog_entry *x = dialog_entry(d->table, id);
    if (!x)
        return SIPV_ABSENT;
    const sipv_slice routes = dialog_text(x, ROUTES);
    return hop_of_uri(routes.n > 0 ? uri_of(first_route(routes)) : dialog_text(x, TARGET), out);
}

int64_t dialogs_next_cseq(struct dialogs *d, dialog_id id)
{
    struct dialog_entry *x = dialog_entry(d->table, id);
    if (!x || x->local_cseq >= INT32_MAX)
        return -1;
    return x->local_cseq = x->local_cseq < 0 ? 1 : x->local_cseq + 1;
}

int dialogs_write(struct dialogs *d, dialog_id id, const char *method, int64_t cseq,
                  const char *via, struct compose *c)
{
    struct dialog_entry *x = dialog_entry(d->table, id);
    if (!x)
        return SIPV_ABSENT;
    if (cseq < 0 && (cseq = dialogs_next_cseq(d, id)) < 0)
        return SIPV_LIMIT;
    compose_way(c, x, method, via);
    compose_party(c, "From", dialog_text(x, LOCAL_URI), dialog_text(x, LOCAL_TAG));
    compose_party(c, "To", dialog_text(x, REMOTE_URI), dialog_text(x, REMOTE_TAG));
    compose_header(c, "Call-ID", dialog_text(x, CALL_ID));
    compose_text(c, "CSeq: ");
    compose_number(c, (uint64_t)cseq);
    compose_text(c, " ");
    compose_text(c, method);
    compose_text(c, "\r\n");
    return SIPV_OK;
}
