/* Stays registered: RFC 3261 section 10.2. */
#include <stdio.h>
#include <string.h>

#include "ua_core.h"

enum { MS = 1000, URI = 1024, MOST = 512, RETRY_S = 30, RETRY_MOST_S = 1800, TOO_BRIEF = 3 };

static const char *instance_line = ";+sip.instance=\"<%s>\";reg-id=1";

/* "Contact: <sip:...>;expires=3600" and so on. */
static bool compose_lines(struct ua_core *core, char *out, size_t cap, const struct ua_path *path,
                          uint32_t expires_s)
{
    const char *instance = core->settings.instance;
    const sipv_slice registrar = sipv_slice_text(core->registration.uri);
    struct compose c = {(unsigned char *)out, cap - 1, 0};
    char param[UA_NAME + 64] = "";
    if (*instance)
        snprintf(param, sizeof param, instance_line, instance);
    compose_text(&c, "Contact: <");
    ua_compose_uri(core, &c, path->hop.transport, ua_is_secure(registrar));
    compose_text(&c, ">");
    compose_text(&c, param);
    compose_text(&c, ";expires=");
    compose_number(&c, expires_s);
    compose_text(&c, *instance ? "\r\nSupported: path, outbound\r\n" : "\r\nSupported: path\r\n");
    if (c.n >= cap)
        return false;
    out[c.n] = 0;
    return true;
}

static int ask(struct ua_core *core, uint64_t now, uint32_t expires_s)
{
    struct registration *r = &core->registration;
    const struct ua_errand errand = {.purpose = FOR_REGISTRATION};
    struct ua_path path;
    transaction_id id;
    char lines[URI + MOST];
    int result = ua_path_to(core, sipv_slice_text(r->uri), &path);
    if (result != SIPV_OK)
        return result;
    if (!compose_lines(core, lines, sizeof lines, &path, expires_s))
        return SIPV_BAD_ARGUMENT;
    const struct ua_outgoing what = {
        .uri = r->uri, .to = core->settings.aor, .more = lines, .no_contact = true};
    struct compose c = ua_compose(core);
    result =
        ua_compose_request(core, &c, &what, "REGISTER", &path, r->tag, r->call_id, r->cseq + 1);
    if (result == SIPV_OK)
        result = ua_start(core, now, &c, &path, &errand, &id);
    if (result == SIPV_OK) {
        r->cseq++;
        r->state = REGISTRATION_ASKING;
    }
    return result;
}

int ua_register(struct ua *ua, uint64_t now, const char *uri, uint32_t expires_s)
{
    struct ua_core *core = ua->core;
    struct registration *r = &core->registration;
    if (r->state != REGISTRATION_NONE)
        return SIPV_REJECT;
    if (!uri || strlen(uri) > UA_NAME || expires_s == 0)
        return SIPV_BAD_ARGUMENT;
    memcpy(r->uri, uri, strlen(uri) + 1);
    ua_name(core, r->tag);
    r->wanted_s = expires_s;
    r->granted_s = 0;
    r->unregister = r->removing = false;
    r->failures = r->too_brief = 0;
    return ask(core, now, expires_s);
}

static void rest(struct ua_core *core, uint64_t at)
{
    core->registration.state = REGISTRATION_RESTING;
    ua_schedule_registration(core, at);
}

static void stop(struct ua_core *core)
{
    core->registration.state = REGISTRATION_NONE;
    ua_schedule_registration(core, UINT64_MAX);
}

int ua_unregister(struct ua *ua, uint64_t now)
{
    struct ua_core *core = ua->core;
    struct registration *r = &core->registration;
    if (r->state == REGISTRATION_NONE)
        return SIPV_ABSENT;
    r->unregister = true;
    if (r->state == REGISTRATION_RESTING) /* else when there is a final response */
        rest(core, now);
    return SIPV_OK;
}

static void say(struct ua_core *core, int status, uint32_t expires_s, sipv_message *m)
{
    struct ua_event *event = ua_say(core, UA_REGISTRATION, m);
    if (!event)
        return;
    event->status = status;
    event->expires_s = expires_s;
}

void ua_refresh(struct ua_core *core, uint64_t now)
{
    struct registration *r = &core->registration;
    if (r->state != REGISTRATION_RESTING)
        return;
    r->removing = r->unregister;
    if (ask(core, now, r->removing ? 0 : r->wanted_s) != SIPV_OK)
        ua_registered(core, now, 503, NULL);
}

/* ---- Answers --------------------------------------------------------------------------------- */

static bool is_ours(struct ua_core *core, const sipv_uri *uri)
{
    const enum hop_transport transports[] = {HOP_UDP, HOP_TCP, HOP_TLS};
    for (size_t i = 0; i < 2 * sizeof transports / sizeof *transports; i++) {
        unsigned char text[URI];
        sipv_event events[64];
        sipv_uri mine;
        struct compose c = {text, sizeof text, 0};
        ua_compose_uri(core, &c, transports[i / 2], i % 2);
        if (c.n <= c.cap &&
            sipv_uri_parse(sipv_slice_of(text, c.n), false, events, 64, &mine, NULL) == SIPV_OK &&
            sipv_uri_compare(&mine, uri, NULL) == SIPV_URI_EQUAL)
            return true;
    }
    return false;
}

/* What was granted: by our contact, by Expires, else what was asked for (section 10.2.4). */
static uint32_t granted_s(struct ua_core *core, sipv_message *m)
{
    sipv_contact contact;
    sipv_expires expires;
    sipv_param param;
    uint64_t value;
    sipv_iter it = sipv_each(m, SIPV_H_CONTACT);
    while (sipv_contact_next(&it, &contact) == SIPV_OK)
        if (!contact.star && is_ours(core, &contact.uri) &&
            sipv_param_find(&contact.params, "expires", &param) == SIPV_OK &&
            sipv_number(param.value, UINT32_MAX, &value) != SIPV_REJECT)
            return (uint32_t)value;
    it = sipv_each(m, SIPV_H_EXPIRES);
    if (sipv_expires_next(&it, &expires) == SIPV_OK && expires.seconds >= 0)
        return (uint32_t)expires.seconds;
    return core->registration.wanted_s;
}

/* A tenth before the end, but at least as long as a REGISTER may take, if that is not too much. */
static uint64_t refresh_ms(uint32_t expires_s)
{
    const uint64_t ms = (uint64_t)expires_s * MS;
    uint64_t margin = ms / 10;
    if (margin < 40 * MS)
        margin = 40 * MS;
    return ms - (margin < ms / 2 ? margin : ms / 2);
}

static void succeeded(struct ua_core *core, uint64_t now, sipv_message *m)
{
    struct registration *r = &core->registration;
    r->failures = r->too_brief = 0;
    r->granted_s = granted_s(core, m);
    say(core, m->status, r->granted_s, m);
    if (r->granted_s == 0)
        rest(core, now + RETRY_S * MS);
    else
        rest(core, now + refresh_ms(r->granted_s));
}

/* 423: True if it is asked again with what Min-Expires says. */
static bool too_brief(struct ua_core *core, uint64_t now, sipv_message *m)
{
    struct registration *r = &core->registration;
    sipv_expires least;
    sipv_iter it = sipv_each(m, SIPV_H_MIN_EXPIRES);
    if (sipv_expires_next(&it, &least) != SIPV_OK || least.seconds <= r->wanted_s ||
        r->too_brief == TOO_BRIEF)
        return false;
    r->too_brief++;
    r->wanted_s = (uint32_t)least.seconds;
    return ask(core, now, r->wanted_s) == SIPV_OK;
}

/* RFC 5626 section 4.5: longer and longer, half of it by chance. */
static uint64_t wait_ms(struct ua_core *core)
{
    struct registration *r = &core->registration;
    uint64_t most = RETRY_MOST_S * MS;
    if (r->failures < 6)
        most = (uint64_t)RETRY_S * MS << r->failures;
    r->failures++;
    return most / 2 + ua_random(core, most / 2 + 1);
}

void ua_registered(struct ua_core *core, uint64_t now, int status, sipv_message *m)
{
    struct registration *r = &core->registration;
    const bool hopeless = status == 401 || status == 403 || status == 404 || status == 407;
    if (r->removing) {
        say(core, status, 0, m);
        stop(core);
        return;
    }
    if (status == 423 && m && !r->unregister && too_brief(core, now, m))
        return;
    if (status < 300 && m)
        succeeded(core, now, m);
    else
        say(core, status, 0, m);
    if (hopeless)
        stop(core);
    else if (r->unregister)
        rest(core, now);
    else if (status >= 300)
        rest(core, now + wait_ms(core));
}
