#include "site.h"

#include <string.h>

static int lookup(void *with, const sipv_claim *claim, sipv_secret *secret)
{
    (void)with;
    secret->username = claim->username;
    secret->password = sipv_slice_text("swordfish");
    return SIPV_OK;
}

static bool open_guards(struct site *site)
{
    for (unsigned i = 0; i < 2; i++) {
        struct guard_settings s = guard_settings_default();
        s.place = i ? GUARD_PROXY : GUARD_SERVER;
        s.realm = SITE_HOST;
        s.seed[0] = 7 + i;
        s.lookup = lookup;
        if (guard_open(&site->guards[i], &s) != SIPV_OK)
            return false;
    }
    return true;
}

static bool open_registrar(struct site *site)
{
    struct registrar_settings s = registrar_settings_default();
    s.domain = SITE_HOST;
    s.bindings = 16;
    s.octets = 1 << 16;
    s.min_s = 10;
    s.usual_s = s.max_s = SITE_REGISTRATION_S;
    return registrar_open(&site->registrar, &s) == SIPV_OK;
}

bool site_guards_all(const struct fuzz_input *in)
{
    return fuzz_number(in) % 8 != 5;
}

/* Everybody but one. */
static bool exists(void *with, sipv_slice user)
{
    (void)with;
    return !sipv_slice_is(user, "nobody");
}

static struct proxy_settings settings(struct site *site, const struct fuzz_input *in)
{
    static const char *const domains[] = {SITE_HOST};
    const uint32_t bits = in->bits;
    struct proxy_settings s = proxy_settings_default();
    const size_t least = bits & FUZZ_BIT_LIMITS ? 1 + fuzz_number(in) % 8 : 64;
    s.transactions.limits.transactions = 4 * least;
    s.transactions.limits.octets = least << 16;
    s.limits.contexts = least;
    s.limits.branches = 2 * least;
    s.limits.octets = least << 12;
    s.stateless = bits & SITE_STATELESS;
    s.profile = bits & FUZZ_BIT_INTEROP ? SIPV_INTEROP : SIPV_STRICT;
    s.domains = domains;
    s.n_domains = 1;
    s.registrar = bits & SITE_REGISTRAR ? &site->registrar : NULL;
    s.register_guard = bits & SITE_GUARD ? &site->guards[0] : NULL;
    s.request_guard = bits & SITE_GUARD ? &site->guards[1] : NULL;
    s.guard_all = site_guards_all(in);
    s.exists = exists;
    s.next = bits & SITE_NEXT ? SITE_NEXT_HOP : NULL;
    s.next_as_route = fuzz_number(in) % 2 == 0;
    s.record_route = bits & SITE_RECORD_ROUTE;
    s.sequential = bits & SITE_SEQUENTIAL;
    s.recurse = bits & SITE_RECURSE;
    s.timer_c_ms = SITE_TIMER_C_MS;
    s.seed[0] = 7;
    return s;
}

bool site_open(struct site *site, const struct fuzz_input *in, const struct network *network)
{
    memset(site, 0, sizeof *site);
    if (((in->bits & SITE_GUARD) && !open_guards(site)) ||
        ((in->bits & SITE_REGISTRAR) && !open_registrar(site)))
        return false;
    const struct proxy_settings s = settings(site, in);
    if (proxy_open(&site->proxy, &s, network) != SIPV_OK)
        return false;
    site->element = proxy_element(&site->proxy);
    return true;
}

void site_close(struct site *site)
{
    proxy_close(&site->proxy);
    if (site->registrar.table)
        registrar_close(&site->registrar);
    for (unsigned i = 0; i < 2; i++)
        if (site->guards[i].core)
            guard_close(&site->guards[i]);
}
