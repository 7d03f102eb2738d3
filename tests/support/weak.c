#include "weak.h"

#include <compose.h>
#include <stdio.h>
#include <string.h>

enum { TEXT = 8192, EVENTS = 512 };

/* ---- Nonces ---------------------------------------------------------------------------------- */

static void compose_challenges(struct weak *w, struct compose *c)
{
    for (size_t i = 0; i < w->n_algorithms && w->n_nonces < WEAK_NONCES; i++) {
        const size_t number = w->n_nonces++;
        const bool both = w->qops == (SIPV_BIT(SIPV_QOP_AUTH) | SIPV_BIT(SIPV_QOP_AUTH_INT));
        char line[256];
        w->nonces[number].algorithm = w->algorithms[i];
        snprintf(w->nonces[number].text, sizeof w->nonces[number].text, "%08zx%08zx", number * 7919,
                 number);
        snprintf(line, sizeof line,
                 "%s: Digest realm=\"weak\", nonce=\"%s\", algorithm=%s, opaque=\"o\"%s\r\n",
                 w->proxy ? "Proxy-Authenticate" : "WWW-Authenticate", w->nonces[number].text,
                 sipv_algorithm_name(w->algorithms[i]),
                 both                                    ? ", qop=\"auth,auth-int\""
                 : w->qops & SIPV_BIT(SIPV_QOP_AUTH)     ? ", qop=\"auth\""
                 : w->qops & SIPV_BIT(SIPV_QOP_AUTH_INT) ? ", qop=\"auth-int\""
                                                         : "");
        compose_text(c, line);
    }
}

static size_t number_of(const struct weak *w, sipv_slice nonce)
{
    size_t i = 0;
    while (i < w->n_nonces && !sipv_slice_equal(nonce, sipv_slice_text(w->nonces[i].text)))
        i++;
    return i;
}

/* ---- Credentials ----------------------------------------------------------------------------- */

static bool is_right(struct weak *w, const sipv_message *m, const sipv_credentials *c)
{
    sipv_digits response;
    sipv_digest d = {.algorithm = c->algorithm,
                     .qop = c->qop,
                     .username = c->username,
                     .realm = c->realm,
                     .password = sipv_slice_text("wonder"),
                     .method = m->method,
                     .uri = c->uri,
                     .nonce = c->nonce,
                     .nc = c->nc,
                     .cnonce = c->cnonce,
                     .body = m->body};
    if ((w->lets == AUDIT_WRONG_PASSWORD && m->body.n == 0) ||
        (w->lets == AUDIT_ALTERED_BODY && m->body.n > 0))
        return true;
    return sipv_digest_response(w->hasher, &d, NULL, &response) == SIPV_OK &&
           sipv_digits_equal(&response, c->response);
}

/* Does `nc` count for this nonce? */
static bool counts(struct weak *w, size_t number, const sipv_credentials *c)
{
    uint32_t nc;
    bool used = false;
    if (sipv_nc_read(c->nc, &nc) != SIPV_OK)
        return false;
    for (size_t i = 0; i < w->nonces[number].n_used; i++)
        used |= w->nonces[number].used[i] == nc;
    if (used && !(w->lets == AUDIT_REPLAYED_NC && nc == w->nonces[number].highest) &&
        !(w->lets == AUDIT_LOWER_NC && nc < w->nonces[number].highest))
        return false;
    if (w->once && w->nonces[number].n_used > 0)
        return false;
    if (w->nonces[number].n_used < WEAK_NCS)
        w->nonces[number].used[w->nonces[number].n_used++] = nc;
    if (nc > w->nonces[number].highest)
        w->nonces[number].highest = nc;
    return true;
}

static bool is_admitted(struct weak *w, const sipv_message *m, const sipv_credentials *c)
{
    const size_t number = number_of(w, c->nonce);
    const bool known = number < w->n_nonces;
    const bool alike = sipv_slice_is(sipv_slice_of(c->nonce.p, c->nonce.n < 3 ? c->nonce.n : 3),
                                     "000"); /* as those it makes */
    if (!known && w->lets != (alike ? AUDIT_ALTERED_NONCE : AUDIT_FOREIGN_NONCE))
        return false;
    if (known && w->nonces[number].algorithm != c->algorithm && w->lets != AUDIT_MD5_FOR_SHA)
        return false;
    if (c->qop == SIPV_QOP_NONE && w->qops && w->lets != AUDIT_NO_QOP)
        return false;
    if (c->qop != SIPV_QOP_NONE && !(w->qops & SIPV_BIT(c->qop)) &&
        w->lets != AUDIT_AUTH_FOR_AUTH_INT)
        return false;
    return is_right(w, m, c) && (!known || c->qop == SIPV_QOP_NONE || counts(w, number, c));
}

/* ---- Answers --------------------------------------------------------------------------------- */

static int judge(struct weak *w, const sipv_message *m)
{
    const uint16_t i = m->first[w->proxy ? SIPV_H_PROXY_AUTHORIZATION : SIPV_H_AUTHORIZATION];
    sipv_event events[EVENTS];
    unsigned char text[TEXT];
    sipv_room room = sipv_room_of(events, EVENTS, text, sizeof text);
    sipv_credentials c;
    if (i == SIPV_NO_HEADER)
        return w->lets == AUDIT_NO_CREDENTIALS ? 200 : 401;
    w->asked++;
    if (sipv_credentials_parse(m->headers[i].value, &room, &c) != SIPV_OK ||
        c.fault.reason != SIPV_FINE || !is_admitted(w, m, &c))
        return w->silent ? 0 : 401;
    return 200;
}

static void carry_out(struct weak *w, uint64_t now)
{
    struct action actions[TRANSACTIONS_ACTIONS];
    const size_t n = w->t.n_actions;
    memcpy(actions, w->t.actions, sizeof actions);
    for (size_t i = 0; i < n; i++)
        if (actions[i].what == ACTION_SEND)
            w->network.send(w->network.with, actions[i].flow, actions[i].octets);
    for (size_t i = 0; i < n; i++) {
        unsigned char text[TEXT];
        struct compose c = {text, sizeof text, 0};
        if (actions[i].what != ACTION_PASS_UP || !actions[i].begins)
            continue;
        const int status = judge(w, actions[i].message);
        if (status == 0)
            continue;
        compose_response_head(&c, actions[i].message, status == 401 && w->proxy ? 407 : status,
                              "Words", sipv_slice_text("weak"));
        if (status == 401) {
            w->challenged++;
            compose_challenges(w, &c);
        }
        compose_end(&c);
        room_parse(&w->out, text, c.n, SIPV_STRICT);
        transactions_respond(&w->t, now, actions[i].id, &w->out.m);
        carry_out(w, now);
    }
}

/* ---- The element ----------------------------------------------------------------------------- */

static void receive(void *self, uint64_t now, uint64_t flow, bool reliable, sipv_slice octets)
{
    struct weak *w = self;
    room_parse(&w->in, octets.p, octets.n, SIPV_STRICT);
    transactions_receive(&w->t, now, &w->in.m, flow, reliable);
    carry_out(w, now);
}

static void failed(void *self, uint64_t now, uint64_t flow)
{
    (void)self, (void)now, (void)flow;
}

static uint64_t wake(void *self)
{
    return transactions_wake(&((const struct weak *)self)->t);
}

static void advance(void *self, uint64_t now)
{
    struct weak *w = self;
    while (transactions_advance(&w->t, now))
        carry_out(w, now);
}

struct element weak_element(struct weak *w)
{
    const struct element element = {w, receive, failed, wake, advance};
    return element;
}

bool weak_open(struct weak *w, const struct network *network)
{
    struct transactions_settings transactions = transactions_settings_default();
    memset(w, 0, sizeof *w);
    transactions.limits.transactions = 256;
    w->network = *network;
    w->lets = AUDIT_CHECKS;
    w->qops = SIPV_BIT(SIPV_QOP_AUTH);
    w->algorithms[0] = SIPV_MD5;
    w->n_algorithms = 1;
    w->hasher = sipv_hasher_new();
    return w->hasher && room_open(&w->in) && room_open(&w->out) &&
           transactions_open(&w->t, &transactions) == SIPV_OK;
}

void weak_close(struct weak *w)
{
    transactions_close(&w->t);
    sipv_hasher_free(w->hasher);
    room_close(&w->in);
    room_close(&w->out);
}
