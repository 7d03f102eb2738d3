#include "audit.h"

#include <stdlib.h>
#include <string.h>

#include "audit_core.h"

static const struct audit_check unasked[AUDIT_CHECKS] = {
    [AUDIT_NO_CREDENTIALS] = {"no-credentials", "a request without credentials",
                              "RFC 3261 section 22.2", AUDIT_OPEN, 0, NULL},
    [AUDIT_RIGHT_CREDENTIALS] = {"right-credentials", "the right response to its challenge",
                                 "RFC 3261 section 22.2", AUDIT_OPEN, 0, NULL},
    [AUDIT_WRONG_PASSWORD] = {"wrong-password", "a response made with another password",
                              "RFC 7616 section 3.4.1", AUDIT_OPEN, 0, NULL},
    [AUDIT_REPLAYED_NC] = {"replayed-nc", "credentials that have just been used, once more",
                           "RFC 7616 section 3.4", AUDIT_OPEN, 0, NULL},
    [AUDIT_LOWER_NC] = {"lower-nc", "an nc that was used, below the highest",
                        "RFC 7616 section 3.4", AUDIT_OPEN, 0, NULL},
    [AUDIT_FOREIGN_NONCE] = {"foreign-nonce", "a nonce that the server has not made",
                             "RFC 7616 section 3.3", AUDIT_OPEN, 0, NULL},
    [AUDIT_ALTERED_NONCE] = {"altered-nonce", "its nonce with another last digit",
                             "RFC 7616 section 3.3", AUDIT_OPEN, 0, NULL},
    [AUDIT_NO_QOP] = {"no-qop", "a response without qop, though it was offered",
                      "RFC 7616 section 3.4", AUDIT_OPEN, 0, NULL},
    [AUDIT_AUTH_FOR_AUTH_INT] = {"auth-for-auth-int", "qop=auth where only auth-int was offered",
                                 "RFC 7616 section 3.4", AUDIT_OPEN, 0, NULL},
    [AUDIT_ALTERED_BODY] = {"altered-body", "auth-int over another body than the one sent",
                            "RFC 7616 section 3.4.3", AUDIT_OPEN, 0, NULL},
    [AUDIT_MD5_FOR_SHA] = {"md5-for-sha", "MD5 in answer to a challenge of a SHA-2 algorithm",
                           "RFC 8760 section 2.4", AUDIT_OPEN, 0, NULL},
};

/* ---- One check after the other ----------------------------------------------------------------
 */

static sipv_qop best_qop(unsigned qops)
{
    if (qops & SIPV_BIT(SIPV_QOP_AUTH))
        return SIPV_QOP_AUTH;
    return qops & SIPV_BIT(SIPV_QOP_AUTH_INT) ? SIPV_QOP_AUTH_INT : SIPV_QOP_NONE;
}

static struct forgery right(const struct audit_core *core, uint32_t nc)
{
    const struct forgery f = {.credentials = true,
                              .algorithm = core->taken.algorithm,
                              .qop = best_qop(core->taken.qops),
                              .nc = nc,
                              .nonce = core->taken.nonce};
    return f;
}

/* Why a check does not arise; NULL if it does. */
static const char *needless(const struct audit_core *core)
{
    const unsigned qops = core->taken.qops;
    const unsigned known = SIPV_BIT(SIPV_QOP_AUTH) | SIPV_BIT(SIPV_QOP_AUTH_INT);
    switch (core->now) {
    case AUDIT_REPLAYED_NC:
    case AUDIT_LOWER_NC:
    case AUDIT_NO_QOP: return qops & known ? NULL : "no qop is offered";
    case AUDIT_AUTH_FOR_AUTH_INT:
        if (!(qops & SIPV_BIT(SIPV_QOP_AUTH_INT)))
            return "auth-int is not offered";
        return qops & SIPV_BIT(SIPV_QOP_AUTH) ? "auth is offered too" : NULL;
    case AUDIT_ALTERED_BODY:
        return qops & SIPV_BIT(SIPV_QOP_AUTH_INT) ? NULL : "auth-int is not offered";
    case AUDIT_MD5_FOR_SHA:
        if (core->taken.algorithm < SIPV_SHA_256)
            return "no SHA-2 algorithm is offered";
        return core->taken.md5 ? "MD5 is offered too" : NULL;
    default: return NULL;
    }
}

/* How many right requests go before the misuse. */
static unsigned primes_of(enum audit_number number)
{
    switch (number) {
    case AUDIT_REPLAYED_NC: return 1;
    case AUDIT_LOWER_NC: return AUDIT_PRIMES;
    default: return 0;
    }
}

static struct forgery misuse(struct audit_core *core)
{
    struct forgery f = right(core, 1);
    switch (core->now) {
    case AUDIT_WRONG_PASSWORD: f.wrong_password = true; break;
    case AUDIT_LOWER_NC: f.nc = core->primed > 1 ? core->primed - 1 : 1; break;
    case AUDIT_FOREIGN_NONCE: f.nonce = core->tag; break;
    case AUDIT_ALTERED_NONCE: audit_change_last(core->taken.nonce); break;
    case AUDIT_NO_QOP: f.qop = SIPV_QOP_NONE; break;
    case AUDIT_AUTH_FOR_AUTH_INT: f.qop = SIPV_QOP_AUTH; break;
    case AUDIT_ALTERED_BODY:
        f.qop = SIPV_QOP_AUTH_INT;
        f.body = sipv_slice_text("this");
        f.hashed_body = sipv_slice_text("that");
        break;
    case AUDIT_MD5_FOR_SHA: f.algorithm = SIPV_MD5; break;
    default: break;
    }
    return f;
}

static void finish(struct audit_core *core, uint64_t now)
{
    core->running = false;
    if (core->settings.done)
        core->settings.done(core->settings.with, now);
}

static int ask(struct audit_core *core, uint64_t now)
{
    const struct forgery nothing = {.credentials = false};
    core->phase = ASKING;
    core->primed = 0;
    core->sought = primes_of(core->now);
    *core->taken.nonce = 0;
    core->taken.md5 = false;
    audit_name(core, core->cnonce);
    return audit_send(core, now, &nothing);
}

/* The verdict of this check, and the next one. */
static void settle(struct audit_core *core, uint64_t now, enum audit_verdict verdict, int status)
{
    const bool fatal = core->now == AUDIT_RIGHT_CREDENTIALS
                           ? verdict != AUDIT_ACCEPTED
                           : core->now == AUDIT_NO_CREDENTIALS && verdict != AUDIT_REFUSED;
    core->checks[core->now].verdict = verdict;
    core->checks[core->now].status = status;
    core->now = (enum audit_number)(core->now + 1);
    if (fatal || core->now == AUDIT_CHECKS || ask(core, now) != SIPV_OK)
        finish(core, now);
}

static void skip(struct audit_core *core, uint64_t now, const char *why)
{
    core->checks[core->now].why = why;
    settle(core, now, AUDIT_SKIPPED, 0);
}

/* Right requests first, then the misuse. */
static void go_on(struct audit_core *core, uint64_t now)
{
    const bool primes = core->primed < core->sought;
    const struct forgery f = primes ? right(core, core->primed + 1) : misuse(core);
    core->phase = primes ? PRIMING : MISUSING;
    if (audit_send(core, now, &f) != SIPV_OK)
        skip(core, now, "there is no password or hash for it");
}

static bool is_refusal(int status)
{
    return status == 400 || status == 401 || status == 403 || status == 407;
}

/* ---- Answers --------------------------------------------------------------------------------- */

/* The answer to a request without credentials. */
static void challenged(struct audit_core *core, uint64_t now, sipv_message *m)
{
    const bool asked =
        (m->status == 401 || m->status == 407) && audit_read_challenges(core, m, m->status == 407);
    if (core->now == AUDIT_NO_CREDENTIALS) {
        settle(core, now, m->status < 300 ? AUDIT_ACCEPTED : AUDIT_REFUSED, m->status);
        return;
    }
    const char *why = asked ? needless(core) : "no challenge that can be met";
    if (why)
        skip(core, now, why);
    else
        go_on(core, now);
}

/* A nonce that is good for one request only ends the right ones early. */
static void primed(struct audit_core *core, uint64_t now, const sipv_message *m)
{
    if (m->status == core->accepted)
        core->primed++;
    else
        core->sought = core->primed;
    if (core->primed == 0)
        skip(core, now, "right credentials were refused");
    else
        go_on(core, now);
}

static void judged(struct audit_core *core, uint64_t now, const sipv_message *m)
{
    if (core->now == AUDIT_RIGHT_CREDENTIALS)
        core->accepted = m->status;
    const bool accepted =
        core->now == AUDIT_RIGHT_CREDENTIALS ? !is_refusal(m->status) : m->status == core->accepted;
    settle(core, now, accepted ? AUDIT_ACCEPTED : AUDIT_REFUSED, m->status);
}

static void answered(struct audit_core *core, uint64_t now, sipv_message *m)
{
    if (m->status < 200 || !core->running)
        return;
    if (core->phase == ASKING)
        challenged(core, now, m);
    else if (core->phase == PRIMING)
        primed(core, now, m);
    else
        judged(core, now, m);
}

static void silent(struct audit_core *core, uint64_t now)
{
    if (!core->running)
        return;
    core->checks[core->now].verdict = AUDIT_SILENT;
    finish(core, now);
}

void audit_act(struct audit_core *core, uint64_t now)
{
    struct action actions[TRANSACTIONS_ACTIONS];
    const size_t n = core->t.n_actions;
    memcpy(actions, core->t.actions, sizeof actions);
    core->t.n_actions = 0;
    for (size_t i = 0; i < n; i++)
        if (actions[i].what == ACTION_SEND)
            core->network.send(core->network.with, actions[i].flow, actions[i].octets);
    for (size_t i = 0; i < n; i++) {
        if (actions[i].what == ACTION_PASS_UP && actions[i].message->kind == SIPV_RESPONSE)
            answered(core, now, actions[i].message);
        else if (actions[i].what == ACTION_TIMEOUT || actions[i].what == ACTION_ERROR)
            silent(core, now);
    }
}

/* ---- The element ----------------------------------------------------------------------------- */

static void receive(void *self, uint64_t now, uint64_t flow, bool reliable, sipv_slice octets)
{
    struct audit_core *core = self;
    sipv_message_init(&core->in, core->headers, AUDIT_HEADERS, core->events, AUDIT_EVENTS,
                      core->diags, AUDIT_DIAGS);
    sipv_message_parse(&core->in, octets.p, octets.n, NULL);
    if (core->in.kind != SIPV_RESPONSE)
        return; /* nobody asks us */
    transactions_receive(&core->t, now, &core->in, flow, reliable);
    audit_act(core, now);
}

static void failed(void *self, uint64_t now, uint64_t flow)
{
    struct audit_core *core = self;
    transaction_id id = 0;
    while ((id = transactions_on_flow(&core->t, flow, id)) != 0) {
        transactions_transport_error(&core->t, now, id);
        audit_act(core, now);
    }
}

static uint64_t wake(void *self)
{
    return transactions_wake(&((const struct audit_core *)self)->t);
}

static void advance(void *self, uint64_t now)
{
    struct audit_core *core = self;
    while (transactions_advance(&core->t, now))
        audit_act(core, now);
}

struct element audit_element(struct audit *a)
{
    const struct element element = {a->core, receive, failed, wake, advance};
    return element;
}

/* ---- Opening and looking --------------------------------------------------------------------- */

static bool is_short(const char *text)
{
    return text && *text && strlen(text) <= AUDIT_NAME;
}

static bool is_right(const struct audit_settings *s)
{
    const sipv_method m = s->method ? sipv_method_find(sipv_slice_text(s->method)) : SIPV_M_INVITE;
    return is_short(s->method) && is_short(s->uri) && is_short(s->aor) && s->username &&
           strlen(s->username) <= AUDIT_NAME && s->secret && m != SIPV_M_INVITE &&
           m != SIPV_M_ACK && m != SIPV_M_CANCEL && m != SIPV_M_BYE && m != SIPV_M_PRACK &&
           m != SIPV_M_UPDATE;
}

int audit_open(struct audit *a, const struct audit_settings *settings,
               const struct network *network)
{
    struct transactions_settings transactions = transactions_settings_default();
    a->core = NULL;
    if (!is_right(settings))
        return SIPV_BAD_ARGUMENT;
    struct audit_core *core = calloc(1, sizeof *core);
    a->core = core;
    if (!core)
        return SIPV_NO_SPACE;
    core->settings = *settings;
    core->network = *network;
    memcpy(core->checks, unasked, sizeof unasked);
    transactions.limits.transactions = 64;
    core->hasher = sipv_hasher_new();
    if (!core->hasher || transactions_open(&core->t, &transactions) != SIPV_OK) {
        audit_close(a);
        return SIPV_NO_SPACE;
    }
    audit_name(core, core->call_id);
    audit_name(core, core->tag);
    return SIPV_OK;
}

void audit_close(struct audit *a)
{
    if (!a->core)
        return;
    transactions_close(&a->core->t);
    sipv_hasher_free(a->core->hasher);
    free(a->core);
    a->core = NULL;
}

int audit_begin(struct audit *a, uint64_t now)
{
    struct audit_core *core = a->core;
    core->flow = core->network.flow(core->network.with, &core->settings.target);
    if (!core->flow)
        return SIPV_ABSENT;
    core->running = true;
    core->now = AUDIT_NO_CREDENTIALS;
    return ask(core, now);
}

const struct audit_check *audit_check(const struct audit *a, enum audit_number number)
{
    return &a->core->checks[number];
}

size_t audit_findings(const struct audit *a)
{
    size_t n = 0;
    for (size_t i = 0; i < AUDIT_CHECKS; i++)
        n += i != AUDIT_RIGHT_CREDENTIALS && a->core->checks[i].verdict == AUDIT_ACCEPTED;
    return n;
}

int audit_offer(const struct audit *a, size_t i, struct audit_offer *out)
{
    if (i >= a->core->n_offers)
        return SIPV_END;
    *out = a->core->offers[i];
    return SIPV_OK;
}

sipv_slice audit_realm(const struct audit *a)
{
    return a->core->n_offers > 0 ? sipv_slice_text(a->core->taken.realm) : sipv_slice_of(NULL, 0);
}
