#include "proxy.h"

#include <stdlib.h>
#include <string.h>

#include "proxy_core.h"

enum { TIMER_C_LEAST = 180000, MOST = 1 << 24 };

/* ---- Opening and closing -------------------------------------------------------------------- */

struct proxy_settings proxy_settings_default(void)
{
    struct proxy_settings settings = {
        .transactions = transactions_settings_default(),
        .limits = {.contexts = 65536, .branches = 131072, .octets = 64u << 20},
        .profile = SIPV_INTEROP,
        .max_breadth = 60,
        .timer_c_ms = 200000,
    };
    /* A call of 32 seconds and more leaves three of them (RFC 6026 section 7.1), each with some
     * messages. */
    settings.transactions.limits.transactions = 131072;
    settings.transactions.limits.octets = 256u << 20;
    return settings;
}

static bool good_names(const struct proxy_settings *s)
{
    struct hop hop;
    for (size_t i = 0; i < s->n_domains; i++)
        if (!s->domains[i] || strlen(s->domains[i]) > PROXY_NAME)
            return false;
    return !s->next ||
           (strlen(s->next) <= PROXY_NAME && hop_of_uri(sipv_slice_text(s->next), &hop) == SIPV_OK);
}

static bool good_limits(const struct proxy_settings *s)
{
    return s->limits.contexts > 0 && s->limits.contexts <= MOST && s->limits.branches > 0 &&
           s->limits.branches <= MOST && s->limits.octets > 0 && s->max_breadth > 0 &&
           s->timer_c_ms > TIMER_C_LEAST;
}

static bool open_reading(struct proxy_reading *r)
{
    r->headers = malloc(PROXY_HEADERS * sizeof *r->headers);
    r->events = malloc(PROXY_EVENTS * sizeof *r->events);
    r->diags = malloc(PROXY_DIAGS * sizeof *r->diags);
    return r->headers && r->events && r->diags;
}

static void close_reading(struct proxy_reading *r)
{
    free(r->headers);
    free(r->events);
    free(r->diags);
}

static bool copy_names(struct proxy_core *p)
{
    const struct proxy_settings *s = &p->settings;
    p->domains = malloc((s->n_domains + 1) * sizeof *p->domains);
    if (!p->domains)
        return false;
    for (size_t i = 0; i < s->n_domains; i++)
        memcpy(p->domains[i], s->domains[i], strlen(s->domains[i]) + 1);
    if (s->next)
        memcpy(p->next, s->next, strlen(s->next) + 1);
    return true;
}

static bool open_storage(struct proxy_core *p)
{
    p->explainer = malloc(sipv_explainer_size());
    p->topmost = topmost_new();
    p->out = malloc(PROXY_OUT);
    p->lines = malloc(PROXY_LINES);
    const bool read = open_reading(&p->in) && open_reading(&p->original) && open_reading(&p->made);
    return read && p->explainer && p->topmost && p->out && p->lines && copy_names(p) &&
           proxy_tables_open(&p->tables, &p->settings.limits);
}

int proxy_open(struct proxy *p, const struct proxy_settings *settings,
               const struct network *network)
{
    p->core = NULL;
    if (!good_names(settings) || !good_limits(settings))
        return SIPV_BAD_ARGUMENT;
    p->core = calloc(1, sizeof *p->core);
    if (!p->core)
        return SIPV_NO_SPACE;
    p->core->settings = *settings;
    p->core->network = *network;
    p->core->limits = sipv_limits_default();
    p->core->limits.headers = PROXY_HEADERS;
    int result = SIPV_NO_SPACE;
    if (open_storage(p->core))
        result = transactions_open(&p->core->t, &settings->transactions);
    if (result != SIPV_OK)
        proxy_close(p);
    return result;
}

void proxy_close(struct proxy *p)
{
    struct proxy_core *core = p->core;
    if (!core)
        return;
    transactions_close(&core->t);
    proxy_tables_close(&core->tables);
    close_reading(&core->in);
    close_reading(&core->original);
    close_reading(&core->made);
    topmost_free(core->topmost);
    free(core->explainer);
    free(core->domains);
    free(core->out);
    free(core->lines);
    free(core);
    p->core = NULL;
}

/* ---- Reading -------------------------------------------------------------------------------- */

bool proxy_parse(struct proxy_core *p, struct proxy_reading *r, sipv_slice octets)
{
    const sipv_options options = {
        .profile = p->settings.profile, .limits = &p->limits, .explainer = p->explainer};
    sipv_message_init(&r->m, r->headers, PROXY_HEADERS, r->events, PROXY_EVENTS, r->diags,
                      PROXY_DIAGS);
    return sipv_message_parse(&r->m, octets.p, octets.n, &options) == SIPV_OK && r->m.accepted;
}

struct proxy_request *proxy_original(struct proxy_core *p, const struct proxy_context *c)
{
    const sipv_slice octets = transactions_octets_of(&p->t, c->server);
    if (!octets.p || !proxy_parse(p, &p->original, octets) ||
        proxy_preprocess(p, &p->again, &p->original.m, c->server, c->flow) != 0)
        return NULL;
    return &p->again;
}

/* ---- Carrying out --------------------------------------------------------------------------- */

void proxy_abandon_server(struct proxy_core *p, transaction_id server)
{
    struct proxy_context *c = proxy_context_of(&p->tables, transactions_user(&p->t, server));
    if (transactions_abandon(&p->t, server) == SIPV_OK && c)
        proxy_context_release(&p->tables, c);
}

void proxy_abandon_client(struct proxy_core *p, struct proxy_branch *b)
{
    if (transactions_abandon(&p->t, b->client) == SIPV_OK)
        proxy_context_release(&p->tables, proxy_branch_context(&p->tables, b));
}

static void passed_up(struct proxy_core *p, const struct action *a)
{
    struct proxy_branch *b;
    if (a->message->kind == SIPV_RESPONSE) {
        if ((b = proxy_branch_of(&p->tables, a->user)))
            proxy_answered(p, b, a->message);
    } else if (!a->begins) {
        proxy_asked(p, a->message, 0, a->flow); /* an ACK for a 2xx */
    } else if (a->message->method_id == SIPV_M_CANCEL) {
        proxy_asked_to_cancel(p, a->message, a->id, a->invite, a->flow);
    } else {
        proxy_asked(p, a->message, a->id, a->flow);
    }
}

static bool of_server(const struct action *a)
{
    return a->kind == INVITE_SERVER || a->kind == NON_INVITE_SERVER;
}

static void terminated(struct proxy_core *p, const struct action *a)
{
    const struct proxy_branch *b = of_server(a) ? NULL : proxy_branch_of(&p->tables, a->user);
    struct proxy_context *c = of_server(a) ? proxy_context_of(&p->tables, a->user)
                              : b          ? proxy_branch_context(&p->tables, b)
                                           : NULL;
    if (c)
        proxy_context_release(&p->tables, c);
}

static void attend(struct proxy_core *p, const struct action *a)
{
    struct proxy_branch *b = of_server(a) ? NULL : proxy_branch_of(&p->tables, a->user);
    switch (a->what) {
    case ACTION_SEND: break;
    case ACTION_PASS_UP: passed_up(p, a); break;
    case ACTION_TIMEOUT:
        if (b)
            proxy_branch_ended(p, b, 408, NULL);
        break;
    case ACTION_ERROR:
        if (b)
            proxy_branch_failed(p, b);
        break;
    case ACTION_TERMINATED: terminated(p, a); break;
    }
}

/* First what is to be sent: what comes of the rest may take the octets away. */
void proxy_carry_out(struct proxy_core *p)
{
    struct action actions[TRANSACTIONS_ACTIONS];
    const size_t n = p->t.n_actions;
    memcpy(actions, p->t.actions, n * sizeof *actions);
    p->t.n_actions = 0;
    for (size_t i = 0; i < n; i++)
        if (actions[i].what == ACTION_SEND)
            p->network.send(p->network.with, actions[i].flow, actions[i].octets);
    for (size_t i = 0; i < n; i++)
        attend(p, &actions[i]);
}

/* ---- The element ---------------------------------------------------------------------------- */

static void begin(struct proxy_core *p, uint64_t now)
{
    p->now = now;
    proxy_learn_self(p);
}

/* Nothing of what has ended is kept. */
static void end(struct proxy_core *p)
{
    transactions_reap(&p->t);
    proxy_reap(&p->tables);
}

/* Section 16.11: all but what this element answers as a registrar. */
static bool is_stateless(struct proxy_core *p, sipv_message *m, uint64_t flow)
{
    if (!p->settings.stateless)
        return false;
    return m->method_id != SIPV_M_REGISTER || !p->settings.registrar ||
           proxy_preprocess(p, &p->request, m, 0, flow) != 0 || !p->request.own;
}

static void receive(void *self, uint64_t now, uint64_t flow, bool reliable, sipv_slice octets)
{
    struct proxy_core *p = self;
    sipv_message *m = &p->in.m;
    begin(p, now);
    const bool accepted = proxy_parse(p, &p->in, octets);
    if (m->kind == SIPV_NO_MESSAGE)
        return;
    if (m->kind == SIPV_REQUEST && !accepted)
        proxy_refuse(p, m, flow);
    else if (m->kind == SIPV_REQUEST && is_stateless(p, m, flow))
        proxy_asked(p, m, 0, flow);
    else if (accepted) {
        const int result = transactions_receive(&p->t, now, m, flow, reliable);
        proxy_carry_out(p);
        if (result == SIPV_ABSENT && p->settings.stateless)
            proxy_pass_statelessly(p, m);
    }
    end(p);
}

static void failed(void *self, uint64_t now, uint64_t flow)
{
    struct proxy_core *p = self;
    struct proxy_branch *b;
    begin(p, now);
    uint32_t i = proxy_branches_of_flow(&p->tables, flow);
    while ((b = proxy_branch_at(&p->tables, i))) {
        i = b->flow_next;
        if (b->flow != flow || !b->pending)
            continue;
        if (transactions_transport_error(&p->t, now, b->client) == SIPV_OK)
            proxy_carry_out(p);
    }
    end(p);
}

static uint64_t wake(void *self)
{
    const struct proxy_core *p = self;
    const struct proxy_branch *b = proxy_branch_soonest(&p->tables);
    uint64_t at = transactions_wake(&p->t);
    if (p->settings.registrar && registrar_wake(p->settings.registrar) < at)
        at = registrar_wake(p->settings.registrar);
    return b && b->timer_c < at ? b->timer_c : at;
}

static void advance(void *self, uint64_t now)
{
    struct proxy_core *p = self;
    struct proxy_branch *b;
    begin(p, now);
    while (transactions_advance(&p->t, now))
        proxy_carry_out(p);
    while ((b = proxy_branch_soonest(&p->tables)) && b->timer_c <= now)
        proxy_timer_c(p, b);
    if (p->settings.registrar)
        registrar_advance(p->settings.registrar, now);
    end(p);
}

struct element proxy_element(struct proxy *p)
{
    return (struct element){p->core, receive, failed, wake, advance};
}

void proxy_stop(struct proxy *proxy, uint64_t now)
{
    struct proxy_core *p = proxy->core;
    begin(p, now);
    p->stopped = true;
    for (uint32_t i = 0; i < p->tables.used_contexts; i++)
        if (p->tables.contexts[i].id != 0)
            proxy_give_up(p, &p->tables.contexts[i]);
    end(p);
}

/* ---- Looking -------------------------------------------------------------------------------- */

size_t proxy_contexts(const struct proxy *p)
{
    return p->core->tables.n_contexts;
}

size_t proxy_branches(const struct proxy *p)
{
    return p->core->tables.n_branches;
}

size_t proxy_unanswered(const struct proxy *p)
{
    return p->core->tables.n_unanswered;
}

size_t proxy_transactions(const struct proxy *p)
{
    return transactions_count(&p->core->t);
}

size_t proxy_octets(const struct proxy *p)
{
    return p->core->tables.octets + transactions_octets(&p->core->t);
}
