/* message_json.c: the record "sipvet.message/1". */
#include "vet.h"

#include <stdlib.h>
#include <string.h>

static const sipv_slice absent = {NULL, 0};

/* Without its quotes and quoted-pairs. */
static void unquoted(struct json *j, const char *key, sipv_slice s)
{
    unsigned char *text;
    size_t n;

    if (!s.p) {
        json_null(j, key);
        return;
    }
    text = need(s.n, 1);
    n = sipv_unquote(s, text, s.n);
    json_string(j, key, sipv_slice_of(text, n));
    free(text);
}

/* Without any white space. */
static void squeezed(struct json *j, const char *key, sipv_slice s)
{
    unsigned char *text;
    size_t n = 0;

    if (!s.p) {
        json_null(j, key);
        return;
    }
    text = need(s.n, 1);
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != ' ' && s.p[i] != '\t' && s.p[i] != '\r' && s.p[i] != '\n')
            text[n++] = s.p[i];
    json_string(j, key, sipv_slice_of(text, n));
    free(text);
}

/* "a/b" of two words. */
static void joined(struct json *j, const char *key, sipv_slice a, sipv_slice b)
{
    unsigned char *text;

    if (!a.p || !b.p) {
        json_null(j, key);
        return;
    }
    text = need(a.n + 1 + b.n, 1);
    memcpy(text, a.p, a.n);
    text[a.n] = '/';
    memcpy(text + a.n + 1, b.p, b.n);
    json_string(j, key, sipv_slice_of(text, a.n + 1 + b.n));
    free(text);
}

void params_json(struct json *j, const char *key, const sipv_params *params)
{
    sipv_param param;
    size_t at = 0;

    json_array(j, key);
    while (params && sipv_param_next(params, &at, &param) == SIPV_OK) {
        json_object(j, NULL);
        json_string(j, "name", param.name);
        json_string(j, "value", param.value);
        json_end_object(j);
    }
    json_end_array(j);
}

static void param_json(struct json *j, const char *key, const sipv_params *params)
{
    sipv_param param;

    json_string(j, key, sipv_param_find(params, key, &param) == SIPV_OK ? param.value : absent);
}

static void address(struct json *j, const char *key, sipv_slice display_name, sipv_slice uri,
                    const sipv_params *params, bool tag)
{
    json_object(j, key);
    unquoted(j, "display_name", display_name);
    json_string(j, "uri", uri);
    if (tag)
        param_json(j, "tag", params);
    params_json(j, "params", params);
    json_end_object(j);
}

/* From and To. */
static void party(struct json *j, const char *key, sipv_message *m, unsigned id)
{
    sipv_iter it = sipv_each(m, id);
    sipv_address a;

    if (sipv_address_next(&it, &a) == SIPV_OK)
        address(j, key, a.display_name, a.uri.text, &a.params, true);
    else
        json_null(j, key);
}

static void vias(struct json *j, sipv_message *m)
{
    sipv_iter it = sipv_each(m, SIPV_H_VIA);
    sipv_via via;
    int result;

    json_array(j, "via");
    while ((result = sipv_via_next(&it, &via)) == SIPV_OK || result == SIPV_REJECT) {
        if (result == SIPV_REJECT)
            continue;
        json_object(j, NULL);
        joined(j, "version", via.protocol_name, via.protocol_version);
        json_string(j, "transport", via.transport);
        json_string(j, "host", via.host);
        json_number(j, "port", via.port);
        squeezed(j, "sent_by", via.sent_by);
        param_json(j, "branch", &via.params);
        params_json(j, "params", &via.params);
        json_end_object(j);
    }
    json_end_array(j);
}

static void routes(struct json *j, const char *key, sipv_message *m, unsigned id)
{
    sipv_iter it = sipv_each(m, id);
    sipv_route route;
    int result;

    json_array(j, key);
    while ((result = sipv_route_next(&it, &route)) == SIPV_OK || result == SIPV_REJECT)
        if (result == SIPV_OK)
            address(j, NULL, route.display_name, route.uri.text, &route.params, false);
    json_end_array(j);
}

static void contacts(struct json *j, sipv_message *m)
{
    sipv_iter it = sipv_each(m, SIPV_H_CONTACT);
    sipv_contact contact;
    bool wildcard = false;
    int result;

    while ((result = sipv_contact_next(&it, &contact)) == SIPV_OK || result == SIPV_REJECT)
        wildcard = wildcard || (result == SIPV_OK && contact.star);
    json_array(j, "contact");
    it = sipv_each(m, SIPV_H_CONTACT);
    while (!wildcard &&
           ((result = sipv_contact_next(&it, &contact)) == SIPV_OK || result == SIPV_REJECT))
        if (result == SIPV_OK)
            address(j, NULL, contact.display_name, contact.uri.text, &contact.params, false);
    json_end_array(j);
    json_bool(j, "contact_wildcard", wildcard);
}

static void cseq(struct json *j, sipv_message *m)
{
    sipv_iter it = sipv_each(m, SIPV_H_CSEQ);
    sipv_cseq c;

    if (sipv_cseq_next(&it, &c) != SIPV_OK) {
        json_null(j, "cseq");
        return;
    }
    json_object(j, "cseq");
    json_number(j, "number", c.number);
    json_string(j, "method", c.method);
    json_end_object(j);
}

static void content_type(struct json *j, sipv_message *m)
{
    sipv_iter it = sipv_each(m, SIPV_H_CONTENT_TYPE);
    sipv_content_type c;

    if (sipv_content_type_next(&it, &c) == SIPV_OK)
        joined(j, "content_type", c.type, c.subtype);
    else
        json_null(j, "content_type");
}

/* Octets of a header field without its line end. */
static size_t field_octets(const sipv_message *m, const sipv_header *h)
{
    size_t end = h->end;

    if (end > h->off && m->data.p[end - 1] == '\n') {
        end--;
        if (end > h->off && m->data.p[end - 1] == '\r')
            end--;
    }
    return end - h->off;
}

static void headers(struct json *j, const sipv_message *m)
{
    json_array(j, "headers");
    for (size_t i = 0; i < m->n_headers; i++) {
        const sipv_header *h = &m->headers[i];
        const sipv_header_info *info = sipv_header_info_of(h->id);

        if (h->name.n == 0)
            continue;
        json_object(j, NULL);
        if (info)
            json_text(j, "name", info->name);
        else
            json_string(j, "name", h->name);
        json_string(j, "as_written", h->name);
        json_bool(j, "known", info != NULL);
        json_size(j, "offset", h->off);
        json_size(j, "octets", field_octets(m, h));
        json_string(j, "value", h->value.p ? h->value : sipv_slice_of("", 0));
        json_end_object(j);
    }
    json_end_array(j);
}

static void start_line(struct json *j, const sipv_message *m)
{
    bool request = m->kind == SIPV_REQUEST, response = m->kind == SIPV_RESPONSE;

    json_text(j, "kind", request ? "request" : response ? "response" : NULL);
    json_string(j, "version", m->version);
    json_string(j, "method", request ? m->method : absent);
    json_string(j, "request_uri", request ? m->request_uri : absent);
    json_number(j, "status", response ? m->status : -1);
    json_string(j, "reason", response ? m->reason : absent);
}

void vet_diagnostics_json(struct json *j, struct vet *v)
{
    struct finding f;

    json_array(j, "diagnostics");
    for (size_t i = 0; i < v->all_count; i++) {
        finding_of(v, &v->lines, v->all[i], &f);
        finding_json(j, &f, NULL);
    }
    json_end_array(j);
}

void vet_json(struct json *j, struct vet *v, const char *source, int64_t stream_offset)
{
    sipv_message *m = &v->m;

    json_object(j, NULL);
    json_text(j, "schema", "sipvet.message/1");
    json_text(j, "source", source);
    if (stream_offset >= 0)
        json_number(j, "stream_offset", stream_offset);
    json_text(j, "profile", profile_name(m->options.profile));
    json_size(j, "octets", vet_octets(v));
    json_text(j, "verdict", verdict_name(m->accepted));
    json_number(j, "suggested_status", m->suggested_status ? (int64_t)m->suggested_status : -1);
    start_line(j, m);
    json_string(j, "call_id", m->call_id);
    cseq(j, m);
    party(j, "from", m, SIPV_H_FROM);
    party(j, "to", m, SIPV_H_TO);
    vias(j, m);
    routes(j, "route", m, SIPV_H_ROUTE);
    routes(j, "record_route", m, SIPV_H_RECORD_ROUTE);
    contacts(j, m);
    json_number(j, "max_forwards", m->max_forwards);
    json_number(j, "content_length", m->content_length);
    content_type(j, m);
    headers(j, m);
    if (m->body.n > 0) {
        json_object(j, "body");
        json_size(j, "offset", sipv_offset(m, m->body));
        json_size(j, "octets", m->body.n);
        json_end_object(j);
    } else {
        json_null(j, "body");
    }
    json_size(j, "trailing_octets", m->trailing);
    vet_diagnostics_json(j, v);
    json_end_object(j);
}
