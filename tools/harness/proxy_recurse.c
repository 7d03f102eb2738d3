/* Redirections that a proxy follows itself: RFC 3261 section 16.7 item 4. */
#include "proxy_core.h"

enum { VALUE_EVENTS = 1024 };

static bool same_uri(sipv_slice text, const sipv_uri *b)
{
    sipv_event events[VALUE_EVENTS];
    sipv_uri a;
    return sipv_uri_parse(text, false, events, VALUE_EVENTS, &a, NULL) == SIPV_OK &&
           sipv_uri_compare(&a, b, NULL) == SIPV_URI_EQUAL;
}

static bool is_target(const struct proxy_context *c, const sipv_uri *uri)
{
    for (size_t i = 0; i < c->n_targets; i++)
        if (c->targets[i].uri.p && same_uri(c->targets[i].uri, uri))
            return true;
    return false;
}

/* Thousandths: "0.5" is 500.  Without q, or with one that is none, it is 1. */
static int q_of(const sipv_contact *contact)
{
    sipv_param param;
    int q = 0, weight = 1000;
    if (sipv_param_find(&contact->params, "q", &param) != SIPV_OK || param.value.n == 0)
        return 1000;
    for (size_t i = 0; i < param.value.n && weight > 0; i++) {
        if (param.value.p[i] == '.')
            continue;
        q += (param.value.p[i] - '0') * weight;
        weight /= 10;
    }
    return q < 0 || q > 1000 ? 1000 : q;
}

/* Somebody else's URI, or one less secure than what was asked for, is for the client to judge. */
static bool may_follow(const sipv_message *request, const sipv_contact *contact)
{
    const bool sips = sipv_slice_is(contact->uri.scheme, "sips");
    const bool asked_sips = request->request_uri.n > 5 &&
                            sipv_slice_is(sipv_slice_of(request->request_uri.p, 5), "sips:");
    return !contact->star && (sips || (!asked_sips && sipv_slice_is(contact->uri.scheme, "sip")));
}

static bool may_follow_all(const struct proxy_core *p, const struct proxy_context *c,
                           sipv_message *response)
{
    const struct proxy_request *r = &p->again;
    sipv_contact contact;
    size_t n = 0;
    int result;
    sipv_iter it = sipv_each(response, SIPV_H_CONTACT);
    while ((result = sipv_contact_next(&it, &contact)) == SIPV_OK) {
        if (!may_follow(r->m, &contact))
            return false;
        n += !is_target(c, &contact.uri);
    }
    return result == SIPV_END && n > 0 && n <= PROXY_TARGETS - c->n_targets;
}

/* The newest target, among those that wait, before all of lower q. */
static void put_in_order(struct proxy_context *c)
{
    for (size_t i = c->n_targets - 1; i > c->next_target; i--) {
        const struct proxy_target target = c->targets[i];
        if (c->targets[i - 1].q >= target.q)
            return;
        c->targets[i] = c->targets[i - 1];
        c->targets[i - 1] = target;
    }
}

bool proxy_recurse(struct proxy_core *p, struct proxy_context *c, sipv_message *response)
{
    sipv_contact contact;
    if (!p->settings.recurse || !c->own || c->stop || c->final_sent || response->status < 300 ||
        response->status > 399 || !proxy_original(p, c) || !may_follow_all(p, c, response))
        return false;
    sipv_iter it = sipv_each(response, SIPV_H_CONTACT);
    while (sipv_contact_next(&it, &contact) == SIPV_OK) {
        const struct proxy_target target = {.uri = contact.uri.text, .q = q_of(&contact)};
        if (is_target(c, &contact.uri))
            continue;
        if (!proxy_add_target(&p->tables, c, &target))
            return false;
        put_in_order(c);
    }
    return true;
}
