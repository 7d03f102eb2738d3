/* expect_verified.c: do credentials answer a challenge, with the password that is known? */
#include "expect.h"

#include <sipvet/auth.h>
#include <string.h>

enum { EVENTS = 256, TEXT = 4096 };

static const struct callflow_account *account_of(const struct callflow *flow,
                                                 const sipv_credentials *c)
{
    for (const struct callflow_account *a = flow->accounts; a && a->login; a++)
        if (sipv_slice_equal(c->username, sipv_slice_text(a->login)) &&
            sipv_slice_equal(c->realm, sipv_slice_text(a->realm)))
            return a;
    return NULL;
}

static bool is_response(const sipv_message *m, const sipv_credentials *c, const char *password)
{
    sipv_digest d = {.algorithm = c->algorithm,
                     .qop = c->qop,
                     .username = c->username,
                     .realm = c->realm,
                     .password = sipv_slice_text(password),
                     .method = m->method,
                     .uri = c->uri,
                     .nonce = c->nonce,
                     .nc = c->nc,
                     .cnonce = c->cnonce,
                     .body = m->body};
    sipv_hasher *hasher = sipv_hasher_new();
    sipv_digits digits;
    bool right = hasher && sipv_digest_response(hasher, &d, NULL, &digits) == SIPV_OK &&
                 sipv_digits_equal(&digits, c->response);

    sipv_hasher_free(hasher);
    return right;
}

/* NULL, or why not. */
static const char *fault(const struct callflow *flow, const sipv_challenge *ch,
                         const sipv_message *m, const sipv_credentials *c)
{
    const struct callflow_account *account = account_of(flow, c);

    if (ch->fault.reason != SIPV_FINE)
        return sipv_auth_reason_text(ch->fault.reason);
    if (c->fault.reason != SIPV_FINE)
        return sipv_auth_reason_text(c->fault.reason);
    if (!sipv_slice_equal(ch->nonce, c->nonce))
        return "another nonce than that of the challenge";
    if (!(ch->qops & SIPV_BIT(c->qop)))
        return "a qop that was not offered";
    if (!account)
        return "nobody of that name and realm";
    return is_response(m, c, account->password) ? NULL : sipv_auth_reason_text(SIPV_RESPONSE_WRONG);
}

static bool read_challenge(const sipv_message *m, sipv_room *room, sipv_challenge *out)
{
    uint16_t at = m->first[SIPV_H_WWW_AUTHENTICATE];
    sipv_challenges list;

    if (at == SIPV_NO_HEADER)
        at = m->first[SIPV_H_PROXY_AUTHENTICATE];
    return at != SIPV_NO_HEADER &&
           sipv_challenges_parse(m->headers[at].value, room, &list, NULL) == SIPV_OK &&
           sipv_challenges_next(&list, out) == SIPV_OK;
}

/* Those for the realm; a request may have others too. */
static bool read_credentials(const sipv_message *m, unsigned id, sipv_slice realm, sipv_room *room,
                             sipv_credentials *out)
{
    for (uint16_t at = m->first[id]; at != SIPV_NO_HEADER; at = m->headers[at].next)
        if (sipv_credentials_parse(m->headers[at].value, room, out) == SIPV_OK &&
            sipv_slice_equal(out->realm, realm))
            return true;
    return false;
}

void expect_verified(const struct callflow *flow, const struct recording *r,
                     const struct recorded *challenge, const struct recorded *request,
                     struct outcome *out)
{
    sipv_event events[EVENTS];
    unsigned char text[TEXT];
    sipv_room room = sipv_room_of(events, EVENTS, text, sizeof text);
    sipv_challenge ch;
    sipv_credentials c;
    const sipv_message *m = reader_parse(r->reader, bytes_slice(&challenge->octets));
    bool any = read_challenge(m, &room, &ch);
    const char *why = "no challenge, or no credentials for its realm";

    m = reader_parse(r->reader, bytes_slice(&request->octets));
    if (any && (read_credentials(m, SIPV_H_AUTHORIZATION, ch.realm, &room, &c) ||
                read_credentials(m, SIPV_H_PROXY_AUTHORIZATION, ch.realm, &room, &c)))
        why = fault(flow, &ch, m, &c);
    out->met = why == NULL;
    bytes_text(&out->expected, "a right response to the challenge");
    bytes_text(&out->seen, why ? why : "one");
}
