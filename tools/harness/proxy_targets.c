/* Determining request targets: RFC 3261 section 16.5. */
#include "hash.h"
#include "proxy_core.h"

enum { VALUE_EVENTS = 512, TEXT = 2048 };

/* The contents of the request decide (a foreign domain, maddr), or the registrar does. */
static bool is_given(const struct proxy_request *r)
{
    return !r->own;
}

/* Flows of one instance of a user agent are ways to the same place: RFC 5626 section 7. */
static uint64_t instance_of(const struct proxy_core *p, sipv_slice params)
{
    sipv_event events[VALUE_EVENTS];
    unsigned char text[TEXT];
    struct compose c = {text, sizeof text, 0};
    sipv_contact contact;
    sipv_param instance;
    sipv_iter it;
    struct hash h;
    compose_text(&c, "<sip:x>");
    compose_slice(&c, params);
    if (c.n > c.cap ||
        sipv_value_parse(SIPV_H_CONTACT, sipv_slice_of(text, c.n), events, VALUE_EVENTS, &it,
                         NULL) != SIPV_OK ||
        sipv_contact_next(&it, &contact) != SIPV_OK ||
        sipv_param_find(&contact.params, "+sip.instance", &instance) != SIPV_OK)
        return 0;
    hash_begin(&h, p->settings.seed);
    hash_add(&h, instance.value, true);
    return hash_end(&h) | 1;
}

int proxy_target(struct proxy_core *p, const struct proxy_request *r, size_t i,
                 struct proxy_target *out)
{
    struct registrar_binding binding;
    *out = (struct proxy_target){.q = 1000};
    if (is_given(r))
        return i == 0 ? SIPV_OK : SIPV_END;
    if (!p->settings.registrar || i >= PROXY_TARGETS ||
        registrar_find(p->settings.registrar, p->now, r->uri_text, i, &binding) != SIPV_OK)
        return SIPV_END;
    out->uri = binding.uri;
    out->path = binding.path;
    out->flow = binding.path.p ? 0 : binding.flow;
    if (binding.q >= 0)
        out->q = binding.q;
    if (binding.params.n > 0)
        out->instance = instance_of(p, binding.params);
    return SIPV_OK;
}

int proxy_no_target(const struct proxy_core *p, const struct proxy_request *r)
{
    if (!p->settings.registrar || !r->uri.user.p)
        return 404;
    if (p->settings.exists && !p->settings.exists(p->settings.with, r->uri.user))
        return 404;
    return 480;
}
