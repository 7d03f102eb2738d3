/* What becomes of a request: refused, answered here, or forwarded. */
#include "proxy_core.h"

#include <string.h>

static const sipv_slice none = {NULL, 0};

/* ---- Answers of our own --------------------------------------------------------------------- */

const char *proxy_reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {407, "Proxy Authentication Required"},
        {408, "Request Timeout"},
        {413, "Request Entity Too Large"},
        {414, "Request-URI Too Long"},
        {416, "Unsupported URI Scheme"},
        {420, "Bad Extension"},
        {440, "Max-Breadth Exceeded"},
        {480, "Temporarily Unavailable"},
        {481, "Call/Transaction Does Not Exist"},
        {482, "Loop Detected"},
        {483, "Too Many Hops"},
        {487, "Request Terminated"},
        {500, "Server Internal Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {505, "Version Not Supported"},
        {513, "Message Too Large"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return status < 500 ? "Request Failure" : status < 600 ? "Server Failure" : "Global Failure";
}

/* The key of the INVITE that an ACK answers, or of any other request itself. */
static bool tag_key(const struct proxy_core *p, sipv_message *m, struct transaction_key *key)
{
    const uint64_t *seed = p->settings.transactions.seed;
    if (key_read(key, m, true, seed) != SIPV_OK)
        return false;
    if (m->method_id == SIPV_M_ACK)
        key_for_method(key, "INVITE", seed);
    return true;
}

bool proxy_tag(const struct proxy_core *p, sipv_message *m, char tag[KEY_TAG])
{
    struct transaction_key key;
    if (!tag_key(p, m, &key))
        return false;
    key_tag(&key, p->settings.transactions.seed, tag);
    return true;
}

/* Is it the ACK for an answer of our own, whose transaction is gone or never was? */
static bool acknowledges_us(const struct proxy_core *p, sipv_message *ack)
{
    struct transaction_key key;
    char tag[KEY_TAG];
    return tag_key(p, ack, &key) &&
           sipv_slice_equal(key.to_tag, key_tag(&key, p->settings.transactions.seed, tag));
}

static void respond(struct proxy_core *p, transaction_id server, uint64_t flow, sipv_slice octets)
{
    if (server == 0) {
        p->network.send(p->network.with, flow, octets);
        return;
    }
    if (proxy_parse(p, &p->made, octets) &&
        transactions_respond(&p->t, p->now, server, &p->made.m) == SIPV_OK) {
        proxy_carry_out(p);
        return;
    }
    /* No room even for this: it will not be answered. */
    proxy_abandon_server(p, server);
}

void proxy_answer(struct proxy_core *p, sipv_message *m, transaction_id server, uint64_t flow,
                  int status, sipv_slice lines)
{
    struct compose c = {p->out, PROXY_OUT, 0};
    char tag[KEY_TAG];
    if (m->method_id == SIPV_M_ACK || !proxy_tag(p, m, tag))
        return;
    compose_response_head(&c, m, status, proxy_reason(status), sipv_slice_of(tag, KEY_TAG));
    if (lines.n > 0 && c.n + lines.n <= c.cap) {
        memcpy(c.out + c.n, lines.p, lines.n);
        c.n += lines.n;
    }
    compose_end(&c);
    if (c.n <= c.cap)
        respond(p, server, flow, sipv_slice_of(c.out, c.n));
    else if (server != 0)
        proxy_abandon_server(p, server);
}

void proxy_refuse(struct proxy_core *p, sipv_message *m, uint64_t flow)
{
    const int status = m->suggested_status >= 400 ? (int)m->suggested_status : 400;
    proxy_answer(p, m, 0, flow, status, none);
}

/* ---- This element as a UAS ------------------------------------------------------------------ */

static bool is_register(const struct proxy_core *p, const struct proxy_request *r)
{
    return r->m->method_id == SIPV_M_REGISTER && r->own && p->settings.registrar;
}

/* OPTIONS for this element itself, and no user of it. */
static bool is_options(const struct proxy_request *r)
{
    return r->m->method_id == SIPV_M_OPTIONS && r->own && !r->uri.user.p &&
           r->first_route == r->end_routes;
}

bool proxy_is_for_us(const struct proxy_core *p, const struct proxy_request *r)
{
    return is_register(p, r) || is_options(r);
}

/* Authentication-Info goes before the end that compose_end() has written. */
static void add_info(struct proxy_core *p, const struct proxy_request *r, struct compose *c)
{
    struct compose end = {NULL, 0, 0};
    if (!p->settings.register_guard)
        return;
    compose_end(&end);
    c->n -= end.n;
    guard_info(p->settings.register_guard, p->now, r->m, none, c);
    compose_end(c);
}

static void answer_register(struct proxy_core *p, const struct proxy_request *r)
{
    struct compose c = {p->out, PROXY_OUT, 0};
    char tag[KEY_TAG];
    if (!proxy_tag(p, r->m, tag))
        return;
    const int status = registrar_answer_on(p->settings.registrar, p->now, r->m, r->flow,
                                           sipv_slice_of(tag, KEY_TAG), &c);
    if (status == 200)
        add_info(p, r, &c);
    if (c.n <= c.cap)
        respond(p, r->server, r->flow, sipv_slice_of(c.out, c.n));
    else
        proxy_answer(p, r->m, r->server, r->flow, 500, none);
}

/* Section 11.2, as far as a proxy has something to say: it takes no bodies. */
static void answer_options(struct proxy_core *p, const struct proxy_request *r)
{
    const char *lines = p->settings.registrar ? "Allow: OPTIONS, REGISTER\r\nAccept:\r\n"
                                              : "Allow: OPTIONS\r\nAccept:\r\n";
    proxy_answer(p, r->m, r->server, r->flow, 200, sipv_slice_text(lines));
}

static bool answered_here(struct proxy_core *p, const struct proxy_request *r)
{
    if (is_register(p, r))
        answer_register(p, r);
    else if (is_options(r))
        answer_options(p, r);
    else
        return false;
    return true;
}

/* ---- Forwarding ----------------------------------------------------------------------------- */

/* Section 16.11: to the first target, by the way that depends on nothing but the message. */
static void forward_statelessly(struct proxy_core *p, const struct proxy_request *r)
{
    struct proxy_target target;
    struct proxy_forwarded forwarded;
    int status = 0;
    if (proxy_target(p, r, 0, &target) != SIPV_OK)
        status = proxy_no_target(p, r);
    else
        status = proxy_compose_request(p, r, &target, proxy_breadth(p, r->m), false, &forwarded);
    if (status != 0)
        proxy_answer(p, r->m, 0, r->flow, status == 503 ? 500 : status, none);
    else
        p->network.send(p->network.with, forwarded.flow, forwarded.octets);
}

/* The targets as they are now.  False without room for them. */
static bool take_targets(struct proxy_core *p, const struct proxy_request *r,
                         struct proxy_context *c)
{
    struct proxy_target target;
    for (size_t i = 0; i < PROXY_TARGETS && proxy_target(p, r, i, &target) == SIPV_OK; i++)
        if (!proxy_add_target(&p->tables, c, &target))
            return false;
    return true;
}

static void forward(struct proxy_core *p, const struct proxy_request *r)
{
    struct proxy_target target;
    if (proxy_target(p, r, 0, &target) != SIPV_OK) {
        proxy_answer(p, r->m, r->server, r->flow, proxy_no_target(p, r), none);
        return;
    }
    struct proxy_context *c = proxy_context_new(&p->tables);
    if (!c) {
        proxy_answer(p, r->m, r->server, r->flow, 503, none);
        return;
    }
    c->server = r->server;
    c->flow = r->flow;
    c->invite = r->m->method_id == SIPV_M_INVITE;
    c->own = r->own;
    c->breadth = proxy_breadth(p, r->m);
    transactions_set_user(&p->t, r->server, c->id);
    if (transactions_trying(&p->t, p->now, r->server) == SIPV_OK)
        proxy_carry_out(p);
    if (take_targets(p, r, c)) {
        proxy_go_on(p, c, r);
        return;
    }
    c->stop = true;
    proxy_consider(p, c, 503, NULL);
    proxy_go_on(p, c, r);
}

void proxy_asked(struct proxy_core *p, sipv_message *m, transaction_id server, uint64_t flow)
{
    struct proxy_request *r = &p->request;
    struct compose lines = {p->lines, PROXY_LINES, 0};
    if (m->method_id == SIPV_M_ACK && acknowledges_us(p, m))
        return;
    int status = proxy_preprocess(p, r, m, server, flow);
    if (status == 0)
        status = proxy_validate(p, r, &lines);
    if (status != 0)
        proxy_answer(p, m, server, flow, status,
                     lines.n <= lines.cap ? sipv_slice_of(lines.out, lines.n) : none);
    else if (m->method_id != SIPV_M_ACK && answered_here(p, r))
        return;
    else if (server == 0)
        forward_statelessly(p, r);
    else
        forward(p, r);
}

/* ---- CANCEL: section 16.10 ------------------------------------------------------------------ */

void proxy_asked_to_cancel(struct proxy_core *p, sipv_message *m, transaction_id server,
                           transaction_id invite, uint64_t flow)
{
    if (invite == 0) {
        /* The INVITE may have been forwarded statelessly. */
        proxy_abandon_server(p, server);
        proxy_asked(p, m, 0, flow);
        return;
    }
    struct proxy_context *c = proxy_context_of(&p->tables, transactions_user(&p->t, invite));
    proxy_answer(p, m, server, flow, 200, none);
    if (!c || c->final_sent)
        return;
    c->stop = true;
    proxy_cancel_all(p, c);
    proxy_go_on(p, c, NULL);
}
