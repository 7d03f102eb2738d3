/* field.c: see field.h. */
#include "field.h"

#include <inttypes.h>
#include <sipvet/auth.h>
#include <stdio.h>
#include <string.h>

static bool put(struct bytes *out, sipv_slice s)
{
    if (s.p)
        bytes_add(out, s.p, s.n);
    return s.p != NULL;
}

static bool put_number(struct bytes *out, int64_t n)
{
    char text[24];

    if (n < 0)
        return false;
    snprintf(text, sizeof text, "%" PRId64, n);
    bytes_text(out, text);
    return true;
}

static sipv_slice unquoted(sipv_slice s)
{
    if (s.n > 1 && s.p[0] == '"' && s.p[s.n - 1] == '"')
        return sipv_slice_of(s.p + 1, s.n - 2);
    return s;
}

/* A value on one line: a fold with the white space round it is one space. */
static void put_line(struct bytes *out, sipv_slice s)
{
    bool space = false;

    for (size_t i = 0; i < s.n; i++) {
        bool fold = s.p[i] == '\r' || s.p[i] == '\n';

        if (fold && !space)
            while (out->n > 0 && (out->p[out->n - 1] == ' ' || out->p[out->n - 1] == '\t'))
                out->n--;
        if (fold && !space)
            bytes_text(out, " ");
        space = fold || (space && (s.p[i] == ' ' || s.p[i] == '\t'));
        if (!space)
            bytes_add(out, s.p + i, 1);
    }
}

static bool put_values(const sipv_message *m, unsigned id, struct bytes *out)
{
    bool any = false;

    for (uint16_t i = m->first[id]; i != SIPV_NO_HEADER; i = m->headers[i].next) {
        if (any)
            bytes_text(out, ", ");
        put_line(out, m->headers[i].value);
        any = true;
    }
    return any;
}

/* ---- Parts of typed headers ------------------------------------------------------------------ */

/* The first element, as far as fields ask for it. */
struct element {
    sipv_slice uri, sent_by;
    int64_t number;
    sipv_params params;
};

static int next_element(sipv_iter *it, int view, struct element *e)
{
    sipv_via via;
    sipv_address address;
    sipv_contact contact;
    sipv_route route;
    sipv_cseq cseq;
    int result = SIPV_END;

    memset(e, 0, sizeof *e);
    e->number = -1;
    if (view == SIPV_VIEW_VIA && (result = sipv_via_next(it, &via)) == SIPV_OK) {
        e->sent_by = via.sent_by;
        e->params = via.params;
    } else if (view == SIPV_VIEW_ADDRESS && (result = sipv_address_next(it, &address)) == SIPV_OK) {
        e->uri = address.uri.text;
        e->params = address.params;
    } else if (view == SIPV_VIEW_CONTACT && (result = sipv_contact_next(it, &contact)) == SIPV_OK) {
        e->uri = contact.uri.text;
        e->params = contact.params;
    } else if (view == SIPV_VIEW_ROUTE && (result = sipv_route_next(it, &route)) == SIPV_OK) {
        e->uri = route.uri.text;
        e->params = route.params;
    } else if (view == SIPV_VIEW_CSEQ && (result = sipv_cseq_next(it, &cseq)) == SIPV_OK) {
        e->number = cseq.number;
    }
    return result;
}

static bool put_param(const sipv_params *params, const char *name, struct bytes *out)
{
    sipv_param param;

    if (!params->ev || sipv_param_find(params, name, &param) != SIPV_OK)
        return false;
    return param.value.p ? put(out, unquoted(param.value)) : true;
}

static bool put_count(sipv_message *m, unsigned id, int view, struct bytes *out)
{
    sipv_iter it = sipv_each(m, id);
    struct element e;
    int64_t count = 0;

    while (next_element(&it, view, &e) == SIPV_OK)
        count++;
    return put_number(out, count);
}

static bool put_part(sipv_message *m, unsigned id, int view, const char *part, struct bytes *out)
{
    sipv_iter it = sipv_each(m, id);
    struct element e;

    if (strcmp(part, "count") == 0)
        return put_count(m, id, view, out);
    if (next_element(&it, view, &e) != SIPV_OK)
        return false;
    if (strcmp(part, "uri") == 0)
        return put(out, e.uri);
    if (strcmp(part, "sent-by") == 0)
        return put(out, e.sent_by);
    if (strcmp(part, "number") == 0)
        return put_number(out, e.number);
    return put_param(&e.params, part, out);
}

/* ---- Digest ---------------------------------------------------------------------------------- */

enum { EVENTS = 128, TEXT = 1024 };

static bool is_challenge(unsigned id)
{
    return id == SIPV_H_WWW_AUTHENTICATE || id == SIPV_H_PROXY_AUTHENTICATE;
}

static bool is_credentials(unsigned id)
{
    return id == SIPV_H_AUTHORIZATION || id == SIPV_H_PROXY_AUTHORIZATION;
}

static bool put_digest(const sipv_message *m, unsigned id, const char *part, struct bytes *out)
{
    sipv_event events[EVENTS];
    unsigned char text[TEXT];
    sipv_room room = sipv_room_of(events, EVENTS, text, sizeof text);
    sipv_challenges list;
    sipv_challenge challenge;
    sipv_credentials credentials;

    if (m->first[id] == SIPV_NO_HEADER)
        return false;
    if (is_credentials(id))
        return sipv_credentials_parse(m->headers[m->first[id]].value, &room, &credentials) ==
                   SIPV_OK &&
               put_param(&credentials.params, part, out);
    return sipv_challenges_parse(m->headers[m->first[id]].value, &room, &list, NULL) == SIPV_OK &&
           sipv_challenges_next(&list, &challenge) == SIPV_OK &&
           put_param(&challenge.params, part, out);
}

/* ---- Fields ---------------------------------------------------------------------------------- */

bool field_read(sipv_message *m, const char *field, struct bytes *out)
{
    const char *dot = strchr(field, '.');
    sipv_slice name = sipv_slice_of(field, dot ? (size_t)(dot - field) : strlen(field));
    unsigned id = sipv_header_find(name);
    const sipv_header_info *info = sipv_header_info_of(id);

    out->n = 0;
    if (strcmp(field, "Request-URI") == 0)
        return put(out, m->request_uri);
    if (strcmp(field, "body") == 0)
        return put(out, m->body);
    if (!info)
        return false;
    if (!dot)
        return put_values(m, id, out);
    if (is_challenge(id) || is_credentials(id))
        return put_digest(m, id, dot + 1, out);
    return put_part(m, id, info->view, dot + 1, out);
}
