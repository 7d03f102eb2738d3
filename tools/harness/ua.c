#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "ua_core.h"

enum { HEADERS = 1024, EVENTS = 65536, DIAGS = 64, ID_BITS = 24 };

struct ua_settings ua_settings_default(void)
{
    const struct ua_settings settings = {.transactions = transactions_settings_default(),
                                         .dialogs = dialogs_settings_default(),
                                         .calls = 1000};
    return settings;
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

static bool take_name(char out[UA_NAME + 1], const char *name)
{
    if (!name || !*name || strlen(name) > UA_NAME)
        return false;
    memcpy(out, name, strlen(name) + 1);
    return true;
}

int ua_open(struct ua *ua, const struct ua_settings *settings)
{
    memset(ua, 0, sizeof *ua);
    struct ua_core *core = calloc(1, sizeof *core);
    if (!core)
        return SIPV_NO_SPACE;
    ua->core = core;
    core->settings = *settings;
    int result = SIPV_BAD_ARGUMENT;
    if (take_name(core->user, settings->user) && take_name(core->host, settings->host) &&
        settings->calls > 0 && settings->calls <= 1u << ID_BITS) {
        core->calls = calloc(settings->calls, sizeof *core->calls);
        core->out = malloc(UA_OUT);
        result = core->calls && core->out && open_reading(&core->in) && open_reading(&core->old) &&
                         open_reading(&core->new)
                     ? transactions_open(&core->t, &settings->transactions)
                     : SIPV_NO_SPACE;
    }
    if (result == SIPV_OK)
        ua_name(core, core->register_call_id);
    if (result == SIPV_OK)
        result = dialogs_open(&core->d, &settings->dialogs);
    if (result != SIPV_OK)
        ua_close(ua);
    return result;
}

void ua_close(struct ua *ua)
{
    struct ua_core *core = ua->core;
    if (!core)
        return;
    ua_begin(ua);
    for (size_t i = 0; core->calls && i < core->settings.calls; i++)
        free(core->calls[i].kept);
    free(core->calls);
    free(core->out);
    close_reading(&core->in);
    close_reading(&core->old);
    close_reading(&core->new);
    transactions_close(&core->t);
    dialogs_close(&core->d);
    free(core);
    memset(ua, 0, sizeof *ua);
}

/* ---- Events --------------------------------------------------------------------------------- */

static void drop_event(struct ua_event *event)
{
    if (event->what == UA_SEND)
        free((void *)event->octets.p);
}

void ua_begin(struct ua *ua)
{
    for (size_t i = 0; i < ua->n_events; i++)
        drop_event(&ua->events[i]);
    ua->n_events = 0;
}

/* Nothing that happens here has more than UA_EVENTS; if it had, the last would be lost. */
struct ua_event *ua_say(struct ua *ua, enum ua_what what)
{
    if (ua->n_events == UA_EVENTS)
        drop_event(&ua->events[--ua->n_events]);
    struct ua_event *event = &ua->events[ua->n_events++];
    memset(event, 0, sizeof *event);
    event->what = what;
    return event;
}

void ua_send(struct ua *ua, uint64_t flow, bool reliable, sipv_slice octets)
{
    unsigned char *copy = malloc(octets.n ? octets.n : 1);
    if (!copy)
        return; /* as if the network had lost it */
    memcpy(copy, octets.p, octets.n);
    struct ua_event *event = ua_say(ua, UA_SEND);
    event->flow = flow;
    event->reliable = reliable;
    event->octets = sipv_slice_of(copy, octets.n);
}

void ua_carry_out(struct ua *ua, uint64_t now)
{
    struct transactions *t = &ua->core->t;
    struct action actions[TRANSACTIONS_ACTIONS];
    const size_t n = t->n_actions;
    memcpy(actions, t->actions, sizeof actions);
    t->n_actions = 0;
    for (size_t i = 0; i < n; i++)
        if (actions[i].what == ACTION_SEND)
            ua_send(ua, actions[i].flow, actions[i].reliable, actions[i].octets);
    for (size_t i = 0; i < n; i++) {
        const struct action *action = &actions[i];
        if (action->what == ACTION_PASS_UP && action->begins)
            ua_asked(ua, now, action);
        else if (action->what == ACTION_PASS_UP && action->message->kind == SIPV_REQUEST)
            ua_acked(ua, now, action->message);
        else if (action->what == ACTION_PASS_UP)
            ua_answered(ua, now, action);
        else if (action->what == ACTION_TIMEOUT || action->what == ACTION_ERROR)
            ua_failed(ua, now, action);
    }
}

int ua_receive(struct ua *ua, uint64_t now, sipv_slice octets, uint64_t flow, bool reliable)
{
    ua_begin(ua);
    sipv_message *m = ua_parse(&ua->core->in, octets);
    const int result = transactions_receive(&ua->core->t, now, m, flow, reliable);
    ua_carry_out(ua, now);
    return result;
}

static bool due(const struct call *call, uint64_t now)
{
    return call->state == CALL_ANSWERED && (call->again <= now || call->end <= now);
}

bool ua_advance(struct ua *ua, uint64_t now)
{
    struct ua_core *core = ua->core;
    ua_begin(ua);
    if (transactions_advance(&core->t, now)) {
        ua_carry_out(ua, now);
        return true;
    }
    for (size_t i = 0; core->n_calls > 0 && i < core->settings.calls; i++)
        if (due(&core->calls[i], now)) {
            ua_again(ua, now, &core->calls[i]);
            return true;
        }
    return false;
}

uint64_t ua_wake(const struct ua *ua)
{
    const struct ua_core *core = ua->core;
    uint64_t at = transactions_wake(&core->t);
    for (size_t i = 0; core->n_calls > 0 && i < core->settings.calls; i++) {
        const struct call *call = &core->calls[i];
        if (call->state == CALL_ANSWERED && call->again < at)
            at = call->again;
        if (call->state == CALL_ANSWERED && call->end < at)
            at = call->end;
    }
    return at;
}

/* ---- Calls ---------------------------------------------------------------------------------- */

struct call *ua_call(struct ua_core *core, ua_call_id id)
{
    const uint64_t number = id & ((1u << ID_BITS) - 1);
    if (id == 0 || number >= core->settings.calls || core->calls[number].id != id)
        return NULL;
    return &core->calls[number];
}

struct call *ua_new_call(struct ua_core *core)
{
    size_t i = 0;
    while (i < core->settings.calls && core->calls[i].id != 0)
        i++;
    if (i == core->settings.calls)
        return NULL;
    struct call *call = &core->calls[i];
    const uint32_t generation = call->generation + 1;
    memset(call, 0, sizeof *call);
    call->generation = generation;
    call->id = (uint64_t)generation << ID_BITS | i;
    call->again = call->end = UINT64_MAX;
    ua_name(core, call->tag);
    core->n_calls++;
    return call;
}

void ua_drop_call(struct ua *ua, struct call *call)
{
    dialogs_end(&ua->core->d, call->dialog);
    free(call->kept);
    call->kept = NULL;
    call->id = 0;
    call->state = CALL_FREE;
    ua->core->n_calls--;
}

void ua_end_call(struct ua *ua, struct call *call, int status, sipv_slice octets)
{
    struct ua_event *event = ua_say(ua, UA_ENDED);
    event->call = call->id;
    event->status = status;
    event->octets = octets;
    ua_drop_call(ua, call);
}

bool ua_keep(struct call *call, sipv_slice octets)
{
    unsigned char *copy = malloc(octets.n);
    if (!copy)
        return false;
    memcpy(copy, octets.p, octets.n);
    free(call->kept);
    call->kept = copy;
    call->n_kept = octets.n;
    return true;
}

int ua_hang_up(struct ua *ua, uint64_t now, ua_call_id id)
{
    const sipv_slice none = {NULL, 0};
    struct call *call = ua_call(ua->core, id);
    if (!call)
        return SIPV_ABSENT;
    if (call->state == CALL_INCOMING)
        return ua_answer(ua, now, id, 603, none);
    ua_begin(ua);
    call->hang_up = true;
    if (call->state == CALL_CALLING)
        ua_cancel(ua, now, call);
    else if (call->state == CALL_ESTABLISHED) {
        if (ua_bye(ua, now, call->dialog, call->flow, call->reliable, call->id) != SIPV_OK)
            return SIPV_LIMIT;
        call->state = CALL_ENDING;
    } /* ANSWERED: with the ACK (section 15) */
    return SIPV_OK;
}

/* ---- Messages ------------------------------------------------------------------------------- */

void ua_name(struct ua_core *core, char out[17])
{
    struct hash h;
    hash_begin(&h, core->settings.seed);
    hash_add_number(&h, ++core->counter);
    snprintf(out, 17, "%016llx", (unsigned long long)hash_end(&h));
}

void ua_via(struct ua_core *core, char *out, size_t cap)
{
    char branch[17];
    ua_name(core, branch);
    snprintf(out, cap, "SIP/2.0/%s %s;branch=z9hG4bK%s", core->settings.reliable ? "TCP" : "UDP",
             core->host, branch);
}

void ua_contact(struct ua_core *core, struct compose *c)
{
    compose_text(c, "Contact: <sip:");
    compose_text(c, core->user);
    compose_text(c, "@");
    compose_text(c, core->host);
    compose_text(c, core->settings.reliable ? ";transport=tcp>\r\n" : ">\r\n");
}

sipv_message *ua_parse(struct reading *r, sipv_slice octets)
{
    sipv_message_init(&r->m, r->headers, HEADERS, r->events, EVENTS, r->diags, DIAGS);
    sipv_message_parse(&r->m, octets.p, octets.n, NULL);
    return &r->m;
}

struct compose ua_compose(struct ua_core *core)
{
    const struct compose c = {core->out, UA_OUT, 0};
    return c;
}

sipv_slice ua_composed(const struct compose *c)
{
    return c->n <= c->cap ? sipv_slice_of(c->out, c->n) : sipv_slice_of(NULL, 0);
}

void ua_compose_sdp(struct compose *c, sipv_slice sdp)
{
    if (!sdp.p) {
        compose_end(c);
        return;
    }
    compose_text(c, "Content-Type: application/sdp\r\n");
    compose_body(c, sdp);
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
