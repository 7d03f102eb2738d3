/* cast.c: see cast.h. */
#include "cast.h"

#include <string.h>

enum { CONTEXTS = 32, TRANSACTIONS = 128, BINDINGS = 32 };

/* ---- Who may do what ------------------------------------------------------------------------- */

static int look_up(void *with, const sipv_claim *claim, sipv_secret *secret)
{
    const struct cast *c = with;

    for (const struct callflow_account *a = c->flow->accounts; a && a->login; a++)
        if (strcmp(a->realm, c->is->realm) == 0 &&
            sipv_slice_equal(claim->username, sipv_slice_text(a->login))) {
            secret->password = sipv_slice_text(a->password);
            return SIPV_OK;
        }
    return SIPV_ABSENT;
}

static int open_guard(struct cast *c, struct guard *guard, enum guard_place place, uint64_t seed)
{
    struct guard_settings settings = guard_settings_default();

    settings.place = place;
    settings.realm = c->is->realm;
    settings.opaque = c->is->opaque;
    settings.algorithms = SIPV_BIT(SIPV_MD5);
    settings.qops = SIPV_BIT(SIPV_QOP_AUTH);
    if (c->is->qop && strstr(c->is->qop, "auth-int"))
        settings.qops |= SIPV_BIT(SIPV_QOP_AUTH_INT);
    settings.qops_spaced = true;
    settings.stale_shown = true;
    settings.lookup = look_up;
    settings.with = c;
    for (size_t i = 0; i < 4; i++)
        settings.seed[i] = seed + i + (place == GUARD_PROXY ? 100 : 0);
    return guard_open(guard, &settings);
}

/* ---- Proxies --------------------------------------------------------------------------------- */

static int open_parts(struct cast *c, uint64_t seed)
{
    struct registrar_settings settings = registrar_settings_default();
    int result = SIPV_OK;

    settings.domain = c->is->domain;
    settings.bindings = BINDINGS;
    settings.seed[0] = seed;
    if (c->is->domain)
        result = registrar_open(&c->registrar, &settings);
    if (result == SIPV_OK && c->is->guards_register)
        result = open_guard(c, &c->register_guard, GUARD_SERVER, seed);
    if (result == SIPV_OK && c->is->guards_invite)
        result = open_guard(c, &c->request_guard, GUARD_PROXY, seed);
    return result;
}

static int open_proxy(struct cast *c, const struct network *network, uint64_t seed)
{
    struct proxy_settings settings = proxy_settings_default();
    int result = open_parts(c, seed);

    if (result != SIPV_OK)
        return result;
    settings.transactions.limits.transactions = TRANSACTIONS;
    settings.transactions.seed[0] = seed;
    settings.limits.contexts = settings.limits.branches = CONTEXTS;
    settings.domains = &c->is->domain;
    settings.n_domains = c->is->domain ? 1 : 0;
    settings.registrar = c->is->domain ? &c->registrar : NULL;
    settings.register_guard = c->is->guards_register ? &c->register_guard : NULL;
    settings.request_guard = c->is->guards_invite ? &c->request_guard : NULL;
    settings.guard_all = true;
    settings.record_route = c->is->record_route;
    settings.seed[0] = seed;
    return proxy_open(&c->proxy, &settings, network);
}

/* ---- All of them ----------------------------------------------------------------------------- */

int cast_open(struct cast *c, const struct callflow *flow, const struct callflow_element *is,
              const struct network *network, const char *route, bool forgetful, uint64_t seed)
{
    memset(c, 0, sizeof *c);
    c->flow = flow;
    c->is = is;
    switch (is->role) {
    case CALLFLOW_USER:
        return user_open(&c->user, is, network,
                         is->password && forgetful ? "forgotten" : is->password, route, seed);
    case CALLFLOW_PROXY: return open_proxy(c, network, seed);
    case CALLFLOW_REDIRECT: return redirect_open(&c->redirect, is->redirect_to, network, seed);
    case CALLFLOW_OLD: old_open(&c->old, is, network); return SIPV_OK;
    default: return SIPV_OK;
    }
}

void cast_close(struct cast *c)
{
    if (c->user.ua.core)
        user_close(&c->user);
    if (c->proxy.core)
        proxy_close(&c->proxy);
    if (c->registrar.table)
        registrar_close(&c->registrar);
    if (c->register_guard.core)
        guard_close(&c->register_guard);
    if (c->request_guard.core)
        guard_close(&c->request_guard);
    if (c->old.in)
        old_close(&c->old);
    if (c->redirect.in)
        redirect_close(&c->redirect);
    memset(c, 0, sizeof *c);
}

struct element cast_element(struct cast *c)
{
    switch (c->is->role) {
    case CALLFLOW_USER: return user_element(&c->user);
    case CALLFLOW_PROXY: return proxy_element(&c->proxy);
    case CALLFLOW_REDIRECT: return redirect_element(&c->redirect);
    case CALLFLOW_OLD: return old_element(&c->old);
    default: return (struct element){.self = NULL};
    }
}

/* ---- Users ----------------------------------------------------------------------------------- */

static bool act_as_user(struct user *u, uint64_t now, enum callflow_action action, const char *text)
{
    switch (action) {
    case CALLFLOW_REGISTER:
    case CALLFLOW_QUERY:
    case CALLFLOW_UNREGISTER: return user_register(u, now, action, text);
    case CALLFLOW_CALL: return user_call(u, now, text);
    case CALLFLOW_HANG_UP: return user_hang_up(u, now);
    case CALLFLOW_REINVITE: return user_modify(u, now, text);
    default: return false;
    }
}

static bool act_as_old(struct old *o, enum callflow_action action)
{
    switch (action) {
    case CALLFLOW_REGISTER: return old_register(o);
    case CALLFLOW_CALL: return old_call(o);
    case CALLFLOW_HANG_UP: return old_hang_up(o);
    default: return false;
    }
}

bool cast_act(struct cast *c, uint64_t now, enum callflow_action action, const char *text)
{
    switch (c->is->role) {
    case CALLFLOW_USER: return act_as_user(&c->user, now, action, text);
    case CALLFLOW_OLD: return act_as_old(&c->old, action);
    default: return false;
    }
}

int cast_registered(const struct cast *c)
{
    return c->is->role == CALLFLOW_OLD ? c->old.registered : c->user.registered;
}

bool cast_rings(const struct cast *c)
{
    return c->is->role == CALLFLOW_OLD ? c->old.rings : c->user.rings;
}

bool cast_unsettled(const struct cast *c)
{
    return c->is->role == CALLFLOW_OLD ? c->old.calling && !c->old.stands
                                       : user_unsettled(&c->user);
}

bool cast_calls(const struct cast *c)
{
    return c->is->role == CALLFLOW_OLD ? c->old.calling : user_calls(&c->user) > 0;
}

size_t cast_left(const struct cast *c)
{
    switch (c->is->role) {
    case CALLFLOW_USER: return user_left(&c->user);
    case CALLFLOW_PROXY:
        return proxy_contexts(&c->proxy) + proxy_branches(&c->proxy) +
               proxy_transactions(&c->proxy);
    case CALLFLOW_REDIRECT: return redirect_left(&c->redirect);
    case CALLFLOW_OLD: return c->old.calling;
    default: return 0;
    }
}
