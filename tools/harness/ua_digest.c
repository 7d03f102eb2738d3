/* Challenges to the user agent, and its credentials: RFC 3261 section 22, RFC 8760.
 *
 * A realm that has challenged is remembered with its nonce, so that later requests can have their
 * credentials at once: those inside of dialogs whose requests it has challenged, and those outside
 * to a Request-URI of the same host.  Whether a password is wrong is seen by the request alone:
 * several may be on their way. */
#include <string.h>

#include "hash.h"
#include "ua_core.h"

enum { CHALLENGES = 16, EVENTS = 4096, TEXT = 8192, VALUE = 4096 };

/* Challenges of one response, and the storage of their parts. */
struct challenges {
    struct {
        sipv_challenge challenge;
        bool proxy, done;
    } list[CHALLENGES];
    size_t n;
    sipv_room room;
    sipv_event events[EVENTS];
    unsigned char text[TEXT];
};

static bool draw(void *with, unsigned char *out, size_t n)
{
    for (size_t i = 0; i < n; i += sizeof(uint64_t)) {
        const uint64_t number = ua_random(with, UINT64_MAX);
        memcpy(out + i, &number, n - i < sizeof number ? n - i : sizeof number);
    }
    return true;
}

void ua_close_realms(struct ua_core *core)
{
    for (size_t i = 0; i < UA_REALMS; i++)
        if (core->realms[i].used)
            sipv_client_close(&core->realms[i].client);
}

/* ---- Realms ---------------------------------------------------------------------------------- */

static unsigned header_of(const struct ua_realm *realm)
{
    return realm->proxy ? SIPV_H_PROXY_AUTHORIZATION : SIPV_H_AUTHORIZATION;
}

static struct ua_realm *find_realm(struct ua_core *core, bool proxy, sipv_slice name)
{
    for (size_t i = 0; i < UA_REALMS; i++) {
        struct ua_realm *realm = &core->realms[i];
        if (realm->used && realm->proxy == proxy && sipv_slice_equal(realm->client.realm, name))
            return realm;
    }
    return NULL;
}

/* An unused one; if there is none, the last one is forgotten. */
static struct ua_realm *new_realm(struct ua_core *core, bool proxy)
{
    sipv_client_config config = core->settings.digest;
    size_t i = 0;
    while (i < UA_REALMS - 1 && core->realms[i].used)
        i++;
    struct ua_realm *realm = &core->realms[i];
    if (realm->used)
        sipv_client_close(&realm->client);
    memset(realm, 0, sizeof *realm);
    config.random = draw;
    config.with = core;
    sipv_client_init(&realm->client, realm->memory, sizeof realm->memory, &config);
    realm->proxy = proxy;
    return realm;
}

static void host_of(sipv_slice uri, char out[UA_NAME + 1])
{
    struct hop hop;
    *out = 0;
    if (hop_of_uri(uri, &hop) == SIPV_OK)
        memcpy(out, hop.host, strlen(hop.host) + 1);
}

unsigned ua_realms_of(const struct ua_core *core, sipv_slice uri)
{
    unsigned realms = 0;
    char host[UA_NAME + 1];
    host_of(uri, host);
    for (unsigned i = 0; i < UA_REALMS; i++) {
        const struct ua_realm *realm = &core->realms[i];
        if (realm->used && !realm->proxy && *host && strcmp(realm->host, host) == 0)
            realms |= 1u << i;
    }
    return realms;
}

/* The realm of a header with credentials, absent if they are not for Digest. */
static sipv_slice realm_of(const sipv_header *header, sipv_room *room)
{
    sipv_credentials c;
    if (sipv_credentials_parse(header->value, room, &c) != SIPV_OK ||
        !sipv_slice_is(c.scheme, "Digest"))
        return ua_none;
    return c.realm;
}

static bool has_credentials(const sipv_message *m, const struct ua_realm *realm)
{
    sipv_event events[EVENTS];
    unsigned char text[TEXT];
    for (uint16_t i = m->first[header_of(realm)]; i != SIPV_NO_HEADER; i = m->headers[i].next) {
        sipv_room room = sipv_room_of(events, EVENTS, text, sizeof text);
        const sipv_slice name = realm_of(&m->headers[i], &room);
        if (name.p && sipv_slice_equal(name, realm->client.realm))
            return true;
    }
    return false;
}

unsigned ua_realms_in(struct ua_core *core, sipv_message *old)
{
    unsigned realms = 0;
    for (unsigned i = 0; i < UA_REALMS; i++)
        if (core->realms[i].used && has_credentials(old, &core->realms[i]))
            realms |= 1u << i;
    return realms;
}

/* ---- Challenges ------------------------------------------------------------------------------ */

static void collect(struct challenges *all, const sipv_message *m, bool proxy)
{
    const unsigned id = proxy ? SIPV_H_PROXY_AUTHENTICATE : SIPV_H_WWW_AUTHENTICATE;
    for (uint16_t i = m->first[id]; i != SIPV_NO_HEADER; i = m->headers[i].next) {
        sipv_challenges list;
        if (sipv_challenges_parse(m->headers[i].value, &all->room, &list, NULL) != SIPV_OK)
            continue;
        while (all->n < CHALLENGES &&
               sipv_challenges_next(&list, &all->list[all->n].challenge) == SIPV_OK)
            all->list[all->n++].proxy = proxy;
    }
}

/* Takes up those of the realm of challenge `first`.  The bit of that realm, or 0; `*wrong` if our
 * password is. */
static unsigned take_up(struct ua_core *core, struct challenges *all, size_t first,
                        sipv_message *old, unsigned tries, bool *wrong)
{
    const bool proxy = all->list[first].proxy;
    const sipv_slice name = all->list[first].challenge.realm;
    sipv_challenge same[CHALLENGES];
    size_t n = 0;
    bool stale = false;
    for (size_t i = first; i < all->n; i++)
        if (all->list[i].proxy == proxy && sipv_slice_equal(all->list[i].challenge.realm, name)) {
            all->list[i].done = true;
            same[n++] = all->list[i].challenge;
            stale |= all->list[i].challenge.stale;
        }
    struct ua_realm *realm = name.p ? find_realm(core, proxy, name) : NULL;
    if (realm && tries > 0 && !stale && has_credentials(old, realm)) {
        *wrong = true;
        return 0;
    }
    if (!realm)
        realm = new_realm(core, proxy);
    sipv_client_accepted(&realm->client); /* loops are looked for above */
    if (sipv_client_challenged(&realm->client, core->hasher, same, n) != SIPV_OK)
        return 0;
    realm->used = true;
    host_of(old->request_uri, realm->host);
    return 1u << (realm - core->realms);
}

unsigned ua_challenged(struct ua_core *core, sipv_message *m, sipv_message *old, unsigned tries)
{
    struct challenges all;
    unsigned realms = 0;
    bool wrong = false;
    if (!*core->settings.password && !*core->settings.ha1)
        return 0;
    all.n = 0;
    all.room = sipv_room_of(all.events, EVENTS, all.text, TEXT);
    collect(&all, m, false);
    collect(&all, m, true);
    for (size_t i = 0; i < all.n; i++)
        all.list[i].done = false;
    for (size_t i = 0; i < all.n && !wrong; i++)
        if (!all.list[i].done)
            realms |= take_up(core, &all, i, old, tries, &wrong);
    return wrong || !realms ? 0 : realms | ua_realms_in(core, old);
}

/* ---- Credentials ----------------------------------------------------------------------------- */

static sipv_client_request request_of(const struct ua_core *core, sipv_slice method, sipv_slice uri,
                                      sipv_slice body)
{
    const struct ua_settings *s = &core->settings;
    const sipv_client_request request = {
        .username = sipv_slice_text(core->username),
        .password = *s->ha1 ? ua_none : sipv_slice_text(s->password),
        .ha1 = *s->ha1 ? sipv_slice_text(s->ha1) : ua_none,
        .method = method,
        .uri = uri,
        .body = body,
    };
    return request;
}

void ua_compose_credentials(struct ua_core *core, struct compose *c, unsigned realms,
                            sipv_slice method, sipv_slice uri, sipv_slice body)
{
    const sipv_client_request request = request_of(core, method, uri, body);
    unsigned char value[VALUE];
    size_t n;
    for (unsigned i = 0; i < UA_REALMS; i++) {
        struct ua_realm *realm = &core->realms[i];
        if (!(realms >> i & 1) || !realm->used ||
            sipv_client_answer(&realm->client, core->hasher, &request, value, sizeof value, &n) !=
                SIPV_OK)
            continue;
        compose_header(c, realm->proxy ? "Proxy-Authorization" : "Authorization",
                       sipv_slice_of(value, n));
    }
}

/* It is not said of which realm it is: rspauth tells. */
static void take_info(struct ua_core *core, bool proxy, sipv_slice value, sipv_message *m,
                      sipv_message *old)
{
    const sipv_client_request request = request_of(core, old->method, old->request_uri, old->body);
    const unsigned realms = ua_realms_in(core, old);
    sipv_event events[EVENTS];
    unsigned char text[TEXT];
    sipv_room room = sipv_room_of(events, EVENTS, text, sizeof text);
    sipv_auth_info info;
    if (sipv_auth_info_parse(value, &room, &info) != SIPV_OK)
        return;
    for (unsigned i = 0; i < UA_REALMS; i++)
        if (realms >> i & 1 && core->realms[i].proxy == proxy)
            sipv_client_info(&core->realms[i].client, core->hasher, &info, &request, m->body);
}

void ua_informed(struct ua_core *core, sipv_message *m, sipv_slice request)
{
    for (size_t i = 0; i < m->n_headers; i++) {
        const sipv_header *h = &m->headers[i];
        const bool proxy = sipv_slice_is(h->name, "Proxy-Authentication-Info");
        if (proxy || h->id == SIPV_H_AUTHENTICATION_INFO)
            take_info(core, proxy, h->value, m, ua_parse(core, &core->old, request));
    }
}
