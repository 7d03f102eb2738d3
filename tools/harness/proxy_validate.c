/* Request validation: RFC 3261 section 16.3.  Syntax was judged when the request was parsed. */
#include "proxy_core.h"

static bool known_scheme(const struct proxy_core *p, const struct proxy_request *r)
{
    if (sipv_slice_is(r->uri.scheme, "sip") || sipv_slice_is(r->uri.scheme, "sips"))
        return true;
    /* Others go where somebody else has said. */
    return r->first_route < r->end_routes || p->next[0] != 0;
}

/* All of Proxy-Require: this proxy understands no option. */
static int check_proxy_require(sipv_message *m, struct compose *lines)
{
    if (m->first[SIPV_H_PROXY_REQUIRE] == SIPV_NO_HEADER)
        return 0;
    compose_copied(lines, m, SIPV_H_PROXY_REQUIRE, "Unsupported");
    return 420;
}

static bool in_dialog(sipv_message *m)
{
    sipv_address to;
    sipv_iter it = sipv_each(m, SIPV_H_TO);
    return sipv_address_next(&it, &to) == SIPV_OK &&
           sipv_param_find(&to.params, "tag", NULL) == SIPV_OK;
}

static bool from_elsewhere(const struct proxy_core *p, sipv_message *m)
{
    sipv_address from;
    sipv_iter it = sipv_each(m, SIPV_H_FROM);
    return sipv_address_next(&it, &from) == SIPV_OK && !proxy_is_own(p, &from.uri);
}

/* Section 22.3.  Dialogs were admitted when they began, and who calls our users from elsewhere has
 * no credentials here. */
static int check_credentials(struct proxy_core *p, const struct proxy_request *r,
                             struct compose *lines)
{
    struct guard_answer answer;
    const bool to_register = r->m->method_id == SIPV_M_REGISTER && r->own;
    struct guard *guard = to_register ? p->settings.register_guard : p->settings.request_guard;
    const bool guest = r->own && !p->settings.guard_all && from_elsewhere(p, r->m);
    if (!guard || (!to_register && (guest || in_dialog(r->m))))
        return 0;
    return guard_check(guard, p->now, r->m, &answer, lines);
}

unsigned proxy_breadth(const struct proxy_core *p, sipv_message *m)
{
    sipv_counter counter;
    sipv_iter it = sipv_each(m, SIPV_H_MAX_BREADTH);
    if (sipv_counter_next(&it, &counter) != SIPV_OK || counter.number < 0 ||
        counter.number > p->settings.max_breadth)
        return p->settings.max_breadth;
    return (unsigned)counter.number;
}

/* Neither can be refused for what it asks (section 8.2.2.3, RFC 5393 section 5.4.1). */
static bool asks_nothing(const sipv_message *m)
{
    return m->method_id == SIPV_M_ACK || m->method_id == SIPV_M_CANCEL;
}

int proxy_validate(struct proxy_core *p, const struct proxy_request *r, struct compose *lines)
{
    if (!known_scheme(p, r))
        return 416;
    if (r->m->max_forwards == 0 && !proxy_is_for_us(p, r))
        return 483;
    if (proxy_looped(p, r))
        return 482;
    if (asks_nothing(r->m))
        return 0;
    if (p->stopped)
        return 503;
    if (proxy_breadth(p, r->m) == 0)
        return 440;
    const int status = check_proxy_require(r->m, lines);
    return status != 0 ? status : check_credentials(p, r, lines);
}
