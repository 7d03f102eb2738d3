/* Determining request targets: RFC 3261 section 16.5. */
#include "proxy_core.h"

/* The contents of the request decide (a foreign domain, maddr), or the registrar does. */
static bool is_given(const struct proxy_request *r)
{
    return !r->own;
}

int proxy_target(struct proxy_core *p, const struct proxy_request *r, size_t i,
                 struct proxy_target *out)
{
    struct registrar_binding binding;
    const sipv_slice none = {NULL, 0};
    if (is_given(r)) {
        *out = (struct proxy_target){none, none, 1000};
        return i == 0 ? SIPV_OK : SIPV_END;
    }
    if (!p->settings.registrar || i >= PROXY_TARGETS ||
        registrar_find(p->settings.registrar, p->now, r->uri_text, i, &binding) != SIPV_OK)
        return SIPV_END;
    *out = (struct proxy_target){binding.uri, binding.path, binding.q < 0 ? 1000 : binding.q};
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
