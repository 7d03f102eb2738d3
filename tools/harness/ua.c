#include "ua.h"

#include <stdlib.h>
#include <string.h>

#include "ua_core.h"

enum { HEADERS = 1024, EVENTS = 65536, DIAGS = 64, CALLS = 1 << 24, URI_EVENTS = 1024 };

struct ua_settings ua_settings_default(void)
{
    const struct ua_settings settings = {
        .transactions = transactions_settings_default(),
        .dialogs = dialogs_settings_default(),
        .calls = 1000,
        .events = 10000,
        .digest = {.preference = SIPV_PREFER_STRONGEST},
        .provisional = UA_1XX_RELIABLE,
    };
    return settings;
}

/* ---- Settings ------------------------------------------------------------------------------- */

/* Copies the texts; absent ones become "". */
static bool take_texts(struct ua_core *core)
{
    struct ua_settings *s = &core->settings;
    const char **texts[] = {&s->aor,  &s->display_name, &s->contact_user, &s->instance, &s->route,
                            &s->next, &s->username,     &s->password,     &s->ha1};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *text = *texts[i] ? *texts[i] : "";
        if (strlen(text) > UA_NAME || strpbrk(text, "\r\n"))
            return false;
        memcpy(core->texts[i], text, strlen(text) + 1);
        *texts[i] = core->texts[i];
    }
    return true;
}

/* The user parts that the address-of-record gives where nothing else is said: in Contact as
 * written, for credentials unescaped. */
static bool take_address(struct ua_core *core)
{
    const struct ua_settings *s = &core->settings;
    sipv_event events[URI_EVENTS];
    sipv_uri uri;
    if (sipv_uri_parse(sipv_slice_text(s->aor), false, events, URI_EVENTS, &uri, NULL) != SIPV_OK)
        return false;
    const sipv_slice contact = *s->contact_user ? sipv_slice_text(s->contact_user) : uri.user;
    memcpy(core->contact_user, contact.n ? (const void *)contact.p : "", contact.n);
    memcpy(core->username, s->username, strlen(s->username));
    if (!*s->username && uri.user.p)
        sipv_unescape(uri.user, (unsigned char *)core->username, UA_NAME);
    return true;
}

static bool take_route(struct ua_core *core)
{
    const struct ua_settings *s = &core->settings;
    sipv_event events[URI_EVENTS];
    sipv_route route;
    sipv_iter it;
    core->routed = *s->route || *s->next;
    if (!*s->route)
        return !*s->next || hop_of_uri(sipv_slice_text(s->next), &core->route_hop) == SIPV_OK;
    if (sipv_value_parse(SIPV_H_ROUTE, sipv_slice_text(s->route), events, URI_EVENTS, &it, NULL) !=
            SIPV_OK ||
        sipv_route_next(&it, &route) != SIPV_OK)
        return false;
    return sipv_param_find(&route.uri.params, "lr", NULL) == SIPV_OK &&
           hop_of_uri(route.uri.text, &core->route_hop) == SIPV_OK;
}

/* ---- Opening and closing ------------------------------------------------------------------------
 */

static bool open_reading(struct reading *r)
{
    r->headers = malloc(HEADERS * sizeof *r->headers);
    r->events = malloc(EVENTS * sizeof *r->events);
    r->diags = malloc(DIAGS * sizeof *r->diags);
    return r->headers && r->events && r->diags;
}

static void close_reading(struct reading *r)
{
    free(r->headers);
    free(r->events);
    free(r->diags);
}

static bool open_calls(struct ua_core *core)
{
    const size_t calls = core->settings.calls, legs = core->settings.dialogs.dialogs;
    core->calls = calloc(calls, sizeof *core->calls);
    core->legs = calloc(legs, sizeof *core->legs);
    if (!core->calls || !core->legs || !alarms_open(&core->alarms, legs + calls + 1))
        return false;
    for (size_t i = 0; i < calls; i++)
        core->calls[i].next_free = i + 1 < calls ? (uint32_t)(i + 1) : ALARMS_NONE;
    return true;
}

static bool open_memory(struct ua_core *core)
{
    const struct ua_settings *s = &core->settings;
    core->out = malloc(UA_OUT);
    core->hasher = sipv_hasher_new();
    if (s->profile == SIPV_INTEROP)
        core->explainer = malloc(sipv_explainer_size());
    return core->out && core->hasher && (s->profile != SIPV_INTEROP || core->explainer) &&
           open_calls(core) && open_reading(&core->in) && open_reading(&core->old) &&
           open_reading(&core->new) &&
           merged_open(&core->merged, s->transactions.limits.transactions, s->seed);
}

static int open_core(struct ua_core *core)
{
    const struct ua_settings *s = &core->settings;
    if (!take_texts(core) || !take_address(core) || !take_route(core) || s->calls == 0 ||
        s->calls > CALLS || s->events == 0)
        return SIPV_BAD_ARGUMENT;
    int result = transactions_open(&core->t, &s->transactions);
    if (result == SIPV_OK)
        result = dialogs_open(&core->d, &s->dialogs);
    if (result == SIPV_OK && !open_memory(core))
        result = SIPV_NO_SPACE;
    if (result == SIPV_OK)
        ua_name(core, core->registration.call_id);
    return result;
}

int ua_open(struct ua *ua, const struct ua_settings *settings, const struct network *network)
{
    struct ua_core *core = calloc(1, sizeof *core);
    ua->core = core;
    if (!core)
        return SIPV_NO_SPACE;
    core->ua = ua;
    core->settings = *settings;
    core->network = *network;
    const int result = open_core(core);
    if (result != SIPV_OK)
        ua_close(ua);
    return result;
}

static void close_calls(struct ua_core *core)
{
    for (size_t i = 0; core->calls && i < core->settings.calls; i++) {
        ua_drop(&core->calls[i].provisional);
        ua_drop(&core->calls[i].final_sdp);
        ua_drop(&core->calls[i].final_more);
    }
    for (size_t i = 0; core->legs && i < core->settings.dialogs.dialogs; i++) {
        ua_drop(&core->legs[i].wanted);
        ua_drop(&core->legs[i].ack);
        ua_drop(&core->legs[i].ok);
    }
    free(core->calls);
    free(core->legs);
    alarms_close(&core->alarms);
}

void ua_close(struct ua *ua)
{
    struct ua_core *core = ua->core;
    if (!core)
        return;
    ua_forget_events(core);
    close_calls(core);
    merged_close(&core->merged);
    close_reading(&core->in);
    close_reading(&core->old);
    close_reading(&core->new);
    free(core->out);
    free(core->explainer);
    transactions_close(&core->t);
    dialogs_close(&core->d);
    ua_close_realms(core);
    sipv_hasher_free(core->hasher);
    sipv_wipe(core, sizeof *core);
    free(core);
    ua->core = NULL;
}

/* ---- Messages and time -------------------------------------------------------------------------
 */

sipv_message *ua_parse(struct ua_core *core, struct reading *r, sipv_slice octets)
{
    const sipv_options options = {.profile = core->settings.profile, .explainer = core->explainer};
    sipv_message_init(&r->m, r->headers, HEADERS, r->events, EVENTS, r->diags, DIAGS);
    sipv_message_parse(&r->m, octets.p, octets.n, &options);
    return &r->m;
}

/* What has no consequences: before the rest, which may free what these actions point to. */
static void carry_out_first(struct ua_core *core, const struct action *action)
{
    const struct ua_path path = {.flow = action->flow};
    if (action->what == ACTION_SEND)
        ua_send(core, &path, action->octets);
    else if (action->what == ACTION_TERMINATED && action->kind == INVITE_CLIENT &&
             ua_unpack(action->user).purpose == FOR_CALL)
        ua_forget_forks(core, ua_parse(core, &core->old, action->request));
}

static void carry_out(struct ua_core *core, uint64_t now, const struct action *action)
{
    if (action->what == ACTION_TIMEOUT || action->what == ACTION_ERROR)
        ua_unanswered(core, now, action);
    else if (action->what != ACTION_PASS_UP)
        return;
    else if (action->begins)
        ua_asked(core, now, action);
    else if (action->message->kind == SIPV_REQUEST)
        ua_acked(core, now, action->message);
    else
        ua_answered(core, now, action);
}

void ua_carry_out(struct ua_core *core, uint64_t now)
{
    struct transactions *t = &core->t;
    struct action actions[TRANSACTIONS_ACTIONS];
    const size_t n = t->n_actions;
    memcpy(actions, t->actions, sizeof actions);
    t->n_actions = 0;
    for (size_t i = 0; i < n; i++)
        carry_out_first(core, &actions[i]);
    for (size_t i = 0; i < n; i++)
        carry_out(core, now, &actions[i]);
}

int ua_receive(struct ua *ua, uint64_t now, sipv_slice octets, uint64_t flow, bool reliable)
{
    struct ua_core *core = ua->core;
    sipv_message *m = ua_parse(core, &core->in, octets);
    if (!m->accepted) {
        const struct ua_path path = ua_path_back(core, flow);
        ua_malformed(core, m, &path);
        return SIPV_REJECT;
    }
    const int result = transactions_receive(&core->t, now, m, flow, reliable);
    ua_carry_out(core, now);
    return result;
}

void ua_failed(struct ua *ua, uint64_t now, uint64_t flow)
{
    struct ua_core *core = ua->core;
    transaction_id id = 0;
    while ((id = transactions_on_flow(&core->t, flow, id)) != 0) {
        transactions_transport_error(&core->t, now, id);
        ua_carry_out(core, now);
    }
}

bool ua_advance(struct ua *ua, uint64_t now)
{
    struct ua_core *core = ua->core;
    if (transactions_advance(&core->t, now)) {
        ua_carry_out(core, now);
        return true;
    }
    return ua_alarm(core, now);
}

uint64_t ua_wake(const struct ua *ua)
{
    const uint64_t a = transactions_wake(&ua->core->t), b = alarms_first(&ua->core->alarms);
    return a < b ? a : b;
}

/* ---- The element ---------------------------------------------------------------------------- */

static void tell(struct ua *ua, uint64_t now)
{
    const struct ua_settings *s = &ua->core->settings;
    if (s->told && ua->core->queue.first)
        s->told(s->with, now);
}

static void element_receive(void *self, uint64_t now, uint64_t flow, bool reliable,
                            sipv_slice octets)
{
    ua_receive(self, now, octets, flow, reliable);
    tell(self, now);
}

static void element_failed(void *self, uint64_t now, uint64_t flow)
{
    ua_failed(self, now, flow);
    tell(self, now);
}

static uint64_t element_wake(void *self)
{
    return ua_wake(self);
}

static void element_advance(void *self, uint64_t now)
{
    while (ua_advance(self, now))
        ;
    tell(self, now);
}

struct element ua_element(struct ua *ua)
{
    const struct element element = {ua, element_receive, element_failed, element_wake,
                                    element_advance};
    return element;
}

/* ---- Looking -------------------------------------------------------------------------------- */

size_t ua_calls(const struct ua *ua)
{
    return ua->core->n_calls;
}

size_t ua_transactions(const struct ua *ua)
{
    return transactions_count(&ua->core->t);
}

size_t ua_dialogs(const struct ua *ua)
{
    return dialogs_count(&ua->core->d);
}

bool ua_registering(const struct ua *ua)
{
    return ua->core->registration.state != REGISTRATION_NONE;
}
