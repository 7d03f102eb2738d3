/* old.c: see old.h. */
#include "old.h"

#include "printed.h"
#include "user.h"

#include <compose.h>
#include <sipvet/auth.h>
#include <stdio.h>
#include <string.h>

enum { TEXT = 8192, EVENTS = 256, REGISTRAR = 512 };

/* ---- Sending --------------------------------------------------------------------------------- */

static sipv_slice printed(const char *name)
{
    for (const struct printed *p = printed_messages; p->name; p++)
        if (strcmp(p->name, name) == 0)
            return sipv_slice_of(p->p, p->n);
    return sipv_slice_of(NULL, 0);
}

static bool send_to(const struct old *o, const char *host, sipv_slice octets)
{
    struct hop hop;
    uint64_t flow;

    if (!octets.p || hop_of_host(HOP_UDP, sipv_slice_text(host), 5060, &hop) != SIPV_OK)
        return false;
    flow = o->network.flow(o->network.with, &hop);
    if (flow != 0)
        o->network.send(o->network.with, flow, octets);
    return flow != 0;
}

/* "sip:" and the domain of its address-of-record. */
static sipv_slice registrar(const struct old *o, char out[REGISTRAR])
{
    const char *at = strchr(o->is->uri, '@');

    snprintf(out, REGISTRAR, "sip:%s", at ? at + 1 : "");
    return sipv_slice_text(out);
}

static void add_until(struct bytes *out, const sipv_message *m, size_t *from, sipv_slice old,
                      sipv_slice new)
{
    size_t at = sipv_offset(m, old);

    bytes_add(out, m->data.p + *from, at - *from);
    bytes_add(out, new.p, new.n);
    *from = at + old.n;
}

/* The REGISTER `m` at our registrar; `credentials` in place of its own, if there are any. */
static bool send_register(struct old *o, const sipv_message *m, sipv_slice credentials)
{
    char uri[REGISTRAR];
    struct bytes out = {0};
    size_t from = 0;
    bool sent;

    add_until(&out, m, &from, m->request_uri, registrar(o, uri));
    if (credentials.p)
        add_until(&out, m, &from, m->headers[m->first[SIPV_H_AUTHORIZATION]].value, credentials);
    bytes_add(&out, m->data.p + from, m->data.n - from);
    sent = send_to(o, USER_OUTBOUND, bytes_slice(&out));
    bytes_free(&out);
    return sent;
}

bool old_register(struct old *o)
{
    const sipv_message *m = reader_parse(o->other, printed("01-register"));

    o->registered = 0;
    return m->accepted && send_register(o, m, sipv_slice_of(NULL, 0));
}

bool old_call(struct old *o)
{
    o->calling = true;
    o->stands = o->rings = false;
    return send_to(o, USER_OUTBOUND, printed("05-invite-client1"));
}

/* ---- Credentials ----------------------------------------------------------------------------- */

/* The credentials `c`, as printed, for the challenge `ch`. */
static bool write_credentials(const struct old *o, const sipv_message *m, const sipv_challenge *ch,
                              const sipv_credentials *c, unsigned char *out, size_t cap, size_t *n)
{
    const char *password = o->is->password ? o->is->password : "";
    char uri[REGISTRAR];
    sipv_digest digest = {.algorithm = c->algorithm,
                          .qop = c->qop,
                          .username = c->username,
                          .realm = ch->realm,
                          .password = sipv_slice_text(password),
                          .method = m->method,
                          .uri = registrar(o, uri),
                          .nonce = ch->nonce,
                          .nc = c->nc,
                          .cnonce = c->cnonce,
                          .body = m->body};
    sipv_hasher *hasher = sipv_hasher_new();
    sipv_digits digits;
    bool done = hasher && sipv_digest_response(hasher, &digest, NULL, &digits) == SIPV_OK;

    sipv_hasher_free(hasher);
    if (!done)
        return false;

    sipv_credentials_parts parts = {.username = c->username,
                                    .realm = ch->realm,
                                    .nonce = ch->nonce,
                                    .uri = digest.uri,
                                    .response = sipv_digits_slice(&digits),
                                    .cnonce = c->cnonce,
                                    .opaque = ch->opaque,
                                    .nc = c->nc,
                                    .algorithm = c->algorithm,
                                    .algorithm_shown = true,
                                    .qop = c->qop};

    return sipv_credentials_write(&parts, out, cap, n) == SIPV_OK;
}

/* The printed REGISTER with credentials, which are made right for the challenge in `challenged`. */
static void send_credentials(struct old *o, const sipv_message *challenged)
{
    sipv_event events[EVENTS];
    unsigned char text[TEXT], value[TEXT];
    sipv_room room = sipv_room_of(events, EVENTS, text, sizeof text);
    const sipv_message *m = reader_parse(o->other, printed("03-register-credentials"));
    uint16_t asked = challenged->first[SIPV_H_WWW_AUTHENTICATE];
    uint16_t given = m->first[SIPV_H_AUTHORIZATION];
    sipv_challenges list;
    sipv_challenge ch;
    sipv_credentials c;
    size_t n;

    if (asked == SIPV_NO_HEADER || given == SIPV_NO_HEADER ||
        sipv_challenges_parse(challenged->headers[asked].value, &room, &list, NULL) != SIPV_OK ||
        sipv_challenges_next(&list, &ch) != SIPV_OK ||
        sipv_credentials_parse(m->headers[given].value, &room, &c) != SIPV_OK ||
        !write_credentials(o, m, &ch, &c, value, sizeof value, &n))
        return;
    send_register(o, m, sipv_slice_of(value, n));
}

/* ---- Calls ----------------------------------------------------------------------------------- */

/* A printed response, with the Via of the INVITE that came in. */
static void respond(struct old *o, const char *name)
{
    unsigned char text[TEXT];
    struct compose c = {text, sizeof text, 0};
    sipv_slice octets = printed(name);
    const sipv_message *m = reader_parse(o->other, octets);
    const sipv_message *invite;

    compose_slice(&c, m->start_line);
    compose_text(&c, "\r\n");
    invite = reader_parse(o->in, bytes_slice(&o->invite));
    compose_copied(&c, invite, SIPV_H_VIA, "Via");
    for (size_t i = 0; i < m->n_headers; i++)
        if (m->headers[i].id != SIPV_H_VIA && m->headers[i].id != SIPV_H_CONTENT_LENGTH) {
            compose_slice(&c, m->headers[i].name);
            compose_text(&c, ": ");
            compose_slice(&c, m->headers[i].value);
            compose_text(&c, "\r\n");
        }
    compose_body(&c, m->body);
    if (c.n <= c.cap)
        o->network.send(o->network.with, o->flow, sipv_slice_of(text, c.n));
}

/* ACK or BYE of the call that `ok` has begun, in the style of its INVITE; it goes to the Contact.
 */
static bool send_inside(struct old *o, const char *method, int64_t more)
{
    unsigned char text[TEXT];
    struct compose c = {text, sizeof text, 0};
    sipv_message *ok = reader_parse(o->other, bytes_slice(&o->ok));
    sipv_iter it = sipv_each(ok, SIPV_H_CONTACT);
    sipv_contact contact;
    struct hop self, hop;

    if (sipv_contact_next(&it, &contact) != SIPV_OK ||
        hop_of_uri(contact.uri.text, &hop) != SIPV_OK ||
        o->network.self(o->network.with, HOP_UDP, &self) != SIPV_OK)
        return false;
    compose_text(&c, method);
    compose_text(&c, " ");
    compose_slice(&c, contact.uri.text);
    compose_text(&c, " SIP/2.0\r\nCSeq: ");
    compose_number(&c, (uint64_t)(ok->cseq + more));
    compose_text(&c, " ");
    compose_text(&c, method);
    compose_text(&c, "\r\n");
    compose_copied(&c, ok, SIPV_H_TO, "To");
    compose_copied(&c, ok, SIPV_H_FROM, "From");
    compose_copied(&c, ok, SIPV_H_CALL_ID, "Call-ID");
    compose_text(&c, "Via: SIP/2.0/UDP ");
    compose_text(&c, self.host);
    compose_text(&c, "\r\n");
    compose_end(&c);
    return c.n <= c.cap && send_to(o, hop.host, sipv_slice_of(text, c.n));
}

bool old_hang_up(struct old *o)
{
    return o->stands && send_inside(o, "BYE", 1);
}

/* ---- Receiving ------------------------------------------------------------------------------- */

static void answered(struct old *o, const sipv_message *m, sipv_slice octets)
{
    bool invite = sipv_slice_is(m->cseq_method, "INVITE");

    if (m->status == 401) {
        send_credentials(o, m);
    } else if (sipv_slice_is(m->cseq_method, "REGISTER")) {
        o->registered = m->status;
    } else if (invite && m->status < 200) {
        o->rings = o->rings || m->status == 180;
    } else if (invite && m->status < 300) {
        bytes_set(&o->ok, octets);
        o->stands = send_inside(o, "ACK", 0);
    } else if (m->status >= 200) {
        o->calling = o->stands = false;
    }
}

static void asked(struct old *o, uint64_t now, uint64_t flow, sipv_message *m, sipv_slice octets)
{
    unsigned char text[TEXT];
    struct compose c = {text, sizeof text, 0};

    if (m->method_id == SIPV_M_INVITE && !o->calling) {
        bytes_set(&o->invite, octets);
        o->flow = flow;
        o->calling = true;
        o->ring = now + o->is->ring_ms;
        o->answer = now + o->is->answer_ms;
    } else if (m->method_id == SIPV_M_ACK) {
        o->stands = true;
    } else if (m->method_id == SIPV_M_BYE) {
        compose_response(&c, m, 200, "OK", sipv_slice_of(NULL, 0));
        o->calling = o->stands = false;
        if (c.n <= c.cap)
            o->network.send(o->network.with, flow, sipv_slice_of(text, c.n));
    }
}

static void receive(void *self, uint64_t now, uint64_t flow, bool reliable, sipv_slice octets)
{
    struct old *o = self;
    sipv_message *m = reader_parse(o->in, octets);

    (void)reliable;
    if (!m->accepted)
        return;
    if (m->kind == SIPV_REQUEST)
        asked(o, now, flow, m, octets);
    else
        answered(o, m, octets);
}

static void failed(void *self, uint64_t now, uint64_t flow)
{
    (void)self;
    (void)now;
    (void)flow;
}

static uint64_t wake(void *self)
{
    const struct old *o = self;

    return o->ring < o->answer ? o->ring : o->answer;
}

static void advance(void *self, uint64_t now)
{
    struct old *o = self;

    if (o->ring <= now) {
        o->ring = UINT64_MAX;
        respond(o, "10-180-ringing.hop1");
    }
    if (o->answer <= now) {
        o->answer = UINT64_MAX;
        respond(o, "11-200-answered.hop1");
    }
}

struct element old_element(struct old *o)
{
    return (struct element){o, receive, failed, wake, advance};
}

void old_open(struct old *o, const struct callflow_element *is, const struct network *network)
{
    memset(o, 0, sizeof *o);
    o->is = is;
    o->network = *network;
    o->in = reader_new();
    o->other = reader_new();
    o->ring = o->answer = UINT64_MAX;
}

void old_close(struct old *o)
{
    reader_free(o->in);
    reader_free(o->other);
    bytes_free(&o->invite);
    bytes_free(&o->ok);
    memset(o, 0, sizeof *o);
}
