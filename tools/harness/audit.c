#include "audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compose.h"
#include "hash.h"
#include "transactions.h"

enum {
    HEADERS = 128,
    EVENTS = 4096,
    DIAGS = 16,
    OUT = 16384,
    TEXT = 4096,
    VALUE = 4096,
    NONCE = 1024,
    PRIMES = 3 /* right requests before an earlier nc is sent again */
};

/* What one answer is about. */
enum phase { ASKING, PRIMING, MISUSING };

/* A challenge that was taken up: texts of its own. */
struct taken {
    bool proxy;
    char realm[NONCE], nonce[NONCE], opaque[NONCE];
    bool has_opaque;
    sipv_algorithm algorithm;
    unsigned qops;
    bool md5; /* is offered, by this challenge or another one */
};

struct audit_core {
    struct audit_settings settings;
    struct network network;
    struct transactions t;
    struct audit_check checks[AUDIT_CHECKS];
    struct audit_offer offers[AUDIT_OFFERS];
    size_t n_offers;
    sipv_hasher *hasher;
    uint64_t flow, counter;
    uint32_t cseq;
    char call_id[17], tag[17], cnonce[17];
    enum audit_number now; /* what is being asked */
    enum phase phase;
    unsigned primed, sought; /* right requests that were accepted, and that are wanted */
    int accepted;            /* status of right credentials */
    struct taken taken;
    bool running;
    sipv_header headers[HEADERS];
    sipv_event events[EVENTS], values[EVENTS];
    sipv_diag diags[DIAGS];
    sipv_message in, out;
    sipv_header out_headers[HEADERS];
    sipv_event out_events[EVENTS];
    sipv_diag out_diags[DIAGS];
    unsigned char text[TEXT], octets[OUT];
};

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

/* ---- Names ----------------------------------------------------------------------------------- */

static void name(struct audit_core *core, char out[17])
{
    struct hash h;
    hash_begin(&h, core->settings.seed);
    hash_add_number(&h, ++core->counter);
    snprintf(out, 17, "%016llx", (unsigned long long)hash_end(&h));
}

/* ---- Credentials ----------------------------------------------------------------------------- */

/* One request: how its credentials are to be, and its body. */
struct forgery {
    bool credentials, wrong_password;
    sipv_algorithm algorithm;
    sipv_qop qop;
    uint32_t nc;
    const char *nonce;
    sipv_slice body, hashed_body;
};

static void change_last(char *text)
{
    const size_t n = strlen(text);
    if (n > 0)
        text[n - 1] = text[n - 1] == '0' ? '1' : '0';
}

/* Adds the header line; false if the response cannot be computed. */
static bool compose_credentials(struct audit_core *core, struct compose *c, const struct forgery *f)
{
    const struct audit_settings *s = &core->settings;
    const struct taken *taken = &core->taken;
    char nc[SIPV_NC_DIGITS];
    unsigned char value[VALUE];
    sipv_digits response;
    size_t n;
    sipv_digest d = {.algorithm = f->algorithm,
                     .qop = f->qop,
                     .username = sipv_slice_text(s->username),
                     .realm = sipv_slice_text(taken->realm),
                     .method = sipv_slice_text(s->method),
                     .uri = sipv_slice_text(s->uri),
                     .nonce = sipv_slice_text(f->nonce),
                     .nc = sipv_slice_of(nc, sizeof nc),
                     .cnonce = sipv_slice_text(core->cnonce),
                     .body = f->hashed_body};
    sipv_nc_write(f->nc, nc);
    if (!s->secret(s->with, &d) ||
        sipv_digest_response(core->hasher, &d, NULL, &response) != SIPV_OK)
        return false;
    if (f->wrong_password)
        change_last(response.text);
    const bool counts = f->qop != SIPV_QOP_NONE;
    const sipv_slice none = {NULL, 0};
    const sipv_credentials_parts parts = {
        .username = d.username,
        .realm = d.realm,
        .nonce = d.nonce,
        .uri = d.uri,
        .response = sipv_digits_slice(&response),
        .cnonce = counts || sipv_algorithm_is_session(d.algorithm) ? d.cnonce : none,
        .opaque = taken->has_opaque ? sipv_slice_text(taken->opaque) : none,
        .nc = counts ? d.nc : none,
        .algorithm = d.algorithm,
        .algorithm_shown = true,
        .qop = d.qop,
    };
    if (sipv_credentials_write(&parts, value, sizeof value, &n) != SIPV_OK)
        return false;
    compose_header(c, taken->proxy ? "Proxy-Authorization" : "Authorization",
                   sipv_slice_of(value, n));
    return true;
}

/* ---- Requests -------------------------------------------------------------------------------- */

static void compose_party(struct compose *c, const char *header, const char *uri, const char *tag)
{
    compose_text(c, header);
    compose_text(c, ": <");
    compose_slice(c, sipv_slice_text(uri));
    compose_text(c, tag ? ">;tag=" : ">");
    compose_text(c, tag ? tag : "");
    compose_text(c, "\r\n");
}

static void compose_head(struct audit_core *core, struct compose *c)
{
    const struct audit_settings *s = &core->settings;
    const enum hop_transport transport = core->network.transport(core->network.with, core->flow);
    char branch[17], hostport[HOP_TEXT], line[HOP_TEXT + 80];
    struct hop self = s->target;
    core->network.self(core->network.with, transport, &self);
    name(core, branch);
    hop_hostport(&self, hostport);
    snprintf(line, sizeof line, "SIP/2.0/%s %s;branch=z9hG4bK%s%s", hop_transport_name(transport),
             hostport, branch, transport == HOP_UDP ? ";rport" : "");
    compose_text(c, s->method);
    compose_text(c, " ");
    compose_slice(c, sipv_slice_text(s->uri));
    compose_text(c, " SIP/2.0\r\n");
    compose_header(c, "Via", sipv_slice_text(line));
    compose_text(c, "Max-Forwards: 70\r\n");
    compose_party(c, "From", s->aor, core->tag);
    compose_party(c, "To", s->aor, NULL);
    compose_header(c, "Call-ID", sipv_slice_text(core->call_id));
    compose_text(c, "CSeq: ");
    compose_number(c, ++core->cseq);
    compose_text(c, " ");
    compose_text(c, s->method);
    compose_text(c, "\r\n");
}

static void act(struct audit_core *core, uint64_t now);

/* SIPV_OK, or SIPV_BAD_ARGUMENT: no message comes of it. */
static int send_request(struct audit_core *core, uint64_t now, const struct forgery *f)
{
    struct compose c = {core->octets, OUT, 0};
    const enum hop_transport transport = core->network.transport(core->network.with, core->flow);
    transaction_id id;
    compose_head(core, &c);
    if (f->credentials && !compose_credentials(core, &c, f))
        return SIPV_BAD_ARGUMENT;
    if (f->body.p) {
        compose_text(&c, "Content-Type: text/plain\r\n");
        compose_body(&c, f->body);
    } else {
        compose_end(&c);
    }
    sipv_message_init(&core->out, core->out_headers, HEADERS, core->out_events, EVENTS,
                      core->out_diags, DIAGS);
    sipv_message_parse(&core->out, core->octets, c.n <= c.cap ? c.n : 0, NULL);
    const int result = transactions_request(&core->t, now, &core->out, core->flow,
                                            hop_reliable(transport), 0, &id);
    act(core, now);
    return result == SIPV_OK ? SIPV_OK : SIPV_BAD_ARGUMENT;
}

/* ---- Challenges ------------------------------------------------------------------------------ */

static bool keep(char out[NONCE], sipv_slice text)
{
    if (text.n >= NONCE || (text.n > 0 && memchr(text.p, 0, text.n)))
        return false;
    if (text.n > 0)
        memcpy(out, text.p, text.n);
    out[text.n] = 0;
    return true;
}

static void take_up(struct audit_core *core, const sipv_challenge *challenge, bool proxy)
{
    struct taken *taken = &core->taken;
    if (!keep(taken->realm, challenge->realm) || !keep(taken->nonce, challenge->nonce) ||
        !keep(taken->opaque, challenge->opaque)) {
        *taken->nonce = 0;
        return;
    }
    taken->proxy = proxy;
    taken->has_opaque = challenge->opaque.p != NULL;
    taken->algorithm = challenge->algorithm;
    taken->qops = challenge->qops;
}

static void note_offer(struct audit_core *core, const sipv_challenge *challenge)
{
    if (core->now == AUDIT_NO_CREDENTIALS && core->n_offers < AUDIT_OFFERS)
        core->offers[core->n_offers++] =
            (struct audit_offer){challenge->algorithm, challenge->qops};
}

/* Takes the strongest challenge; false if there is none. */
static bool read_challenges(struct audit_core *core, sipv_message *m, bool proxy)
{
    const unsigned id = proxy ? SIPV_H_PROXY_AUTHENTICATE : SIPV_H_WWW_AUTHENTICATE;
    bool any = false;
    for (uint16_t i = m->first[id]; i != SIPV_NO_HEADER; i = m->headers[i].next) {
        sipv_room room = sipv_room_of(core->values, EVENTS, core->text, TEXT);
        sipv_challenges list;
        sipv_challenge challenge;
        if (sipv_challenges_parse(m->headers[i].value, &room, &list, NULL) != SIPV_OK)
            continue;
        while (sipv_challenges_next(&list, &challenge) == SIPV_OK) {
            if (challenge.fault.reason != SIPV_FINE ||
                !sipv_hasher_has(core->hasher, challenge.algorithm))
                continue;
            note_offer(core, &challenge);
            core->taken.md5 |= challenge.algorithm == SIPV_MD5;
            if (!any || challenge.algorithm > core->taken.algorithm)
                take_up(core, &challenge, proxy);
            any = true;
        }
    }
    return any && *core->taken.nonce;
}

static sipv_qop best_qop(unsigned qops)
{
    if (qops & SIPV_BIT(SIPV_QOP_AUTH))
        return SIPV_QOP_AUTH;
    return qops & SIPV_BIT(SIPV_QOP_AUTH_INT) ? SIPV_QOP_AUTH_INT : SIPV_QOP_NONE;
}

/* ---- One check after the other ----------------------------------------------------------------
 */

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
    case AUDIT_LOWER_NC: return PRIMES;
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
    case AUDIT_ALTERED_NONCE: change_last(core->taken.nonce); break;
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
    name(core, core->cnonce);
    return send_request(core, now, &nothing);
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
    if (send_request(core, now, &f) != SIPV_OK)
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
        (m->status == 401 || m->status == 407) && read_challenges(core, m, m->status == 407);
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

static void act(struct audit_core *core, uint64_t now)
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
    sipv_message_init(&core->in, core->headers, HEADERS, core->events, EVENTS, core->diags, DIAGS);
    sipv_message_parse(&core->in, octets.p, octets.n, NULL);
    if (core->in.kind != SIPV_RESPONSE)
        return; /* nobody asks us */
    transactions_receive(&core->t, now, &core->in, flow, reliable);
    act(core, now);
}

static void failed(void *self, uint64_t now, uint64_t flow)
{
    struct audit_core *core = self;
    transaction_id id = 0;
    while ((id = transactions_on_flow(&core->t, flow, id)) != 0) {
        transactions_transport_error(&core->t, now, id);
        act(core, now);
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
        act(core, now);
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
    name(core, core->call_id);
    name(core, core->tag);
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
