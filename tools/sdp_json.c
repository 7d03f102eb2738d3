/* sdp_json.c: a session description as the record "sipvet.sdp/1". */
#include "sdp_vet.h"

#include <string.h>

static void list_json(struct json *j, const char *key, const sipv_list *list)
{
    sipv_slice text;

    json_array(j, key);
    for (size_t at = 0; sipv_list_next(list, &at, &text) == SIPV_OK;)
        json_string(j, NULL, text);
    json_end_array(j);
}

/* Names and values, walked by `next`. */
static void pairs_json(struct json *j, const char *key, sipv_slice text,
                       int (*next)(sipv_slice text, size_t *at, sipv_param *out))
{
    sipv_param p;

    json_array(j, key);
    for (size_t at = 0; next(text, &at, &p) == SIPV_OK;) {
        json_object(j, NULL);
        json_string(j, "name", p.name);
        json_string(j, "value", p.value);
        json_end_object(j);
    }
    json_end_array(j);
}

static void field_json(struct json *j, const sipv_sdp_line *line, const sipv_sdp_field *f)
{
    if (line->id == SIPV_SDP_A_FMTP && strcmp(f->name, "parameters") == 0) {
        pairs_json(j, f->name, f->slice, sipv_sdp_fmtp_next);
        return;
    }
    if (line->id == SIPV_SDP_A_CANDIDATE && strcmp(f->name, "extensions") == 0) {
        pairs_json(j, f->name, f->slice, sipv_sdp_pair_next);
        return;
    }
    switch (f->type) {
    case SIPV_SDP_FIELD_SLICE: json_string(j, f->name, f->slice); break;
    case SIPV_SDP_FIELD_NUMBER: json_number(j, f->name, f->number); break;
    case SIPV_SDP_FIELD_LIST: list_json(j, f->name, &f->list); break;
    }
}

/* All fields of a line's typed form, null if it is malformed. */
static void typed_json(struct json *j, const char *key, const sipv_sdp *s,
                       const sipv_sdp_line *line)
{
    sipv_sdp_field f;

    if (!line || line->state != SIPV_SDP_READ) {
        json_null(j, key);
        return;
    }
    json_object(j, key);
    for (size_t i = 0; sipv_sdp_field_at(s, line, i, &f) == SIPV_OK; i++)
        field_json(j, line, &f);
    json_end_object(j);
}

static void connection_json(struct json *j, const char *key, const sipv_sdp *s,
                            const sipv_sdp_line *line)
{
    sipv_sdp_connection c;

    if (!line || sipv_sdp_connection_of(s, line, &c) != SIPV_OK) {
        json_null(j, key);
        return;
    }
    json_object(j, key);
    json_string(j, "nettype", c.nettype);
    json_string(j, "addrtype", c.addrtype);
    json_string(j, "address", c.address);
    json_number(j, "ttl", c.ttl);
    json_number(j, "count", c.addresses);
    json_end_object(j);
}

/* The value of the first line of a type; null if there is none or it is malformed. */
static void value_json(struct json *j, const char *key, const sipv_sdp *s, unsigned section,
                       char type)
{
    const sipv_sdp_line *line = sipv_sdp_find_type(s, section, type, NULL);

    json_string(j, key,
                line && line->state == SIPV_SDP_READ ? line->value : sipv_slice_of(NULL, 0));
}

/* All lines of a type, as typed forms or as texts. */
static void lines_json(struct json *j, const char *key, const sipv_sdp *s, unsigned section,
                       char type)
{
    const sipv_sdp_line *line = NULL;

    json_array(j, key);
    while ((line = sipv_sdp_find_type(s, section, type, line)) != NULL) {
        if (type == 'e' || type == 'p')
            json_string(j, NULL,
                        line->state == SIPV_SDP_READ ? line->value : sipv_slice_of(NULL, 0));
        else if (type == 'c')
            connection_json(j, NULL, s, line);
        else
            typed_json(j, NULL, s, line);
    }
    json_end_array(j);
}

static void attributes_json(struct json *j, const sipv_sdp *s, unsigned section)
{
    const sipv_sdp_line *line = NULL;

    json_array(j, "attributes");
    while ((line = sipv_sdp_find_type(s, section, 'a', line)) != NULL) {
        json_object(j, NULL);
        json_string(j, "name", line->name.p ? line->name : sipv_slice_of("", 0));
        json_string(j, "value", line->value);
        if (line->view >= 0)
            typed_json(j, "parsed", s, line);
        json_end_object(j);
    }
    json_end_array(j);
}

static void media_json(struct json *j, const sipv_sdp *s, unsigned section)
{
    sipv_sdp_media m;

    sipv_sdp_media_of(s, &s->lines[s->sections[section].first], &m);
    json_object(j, NULL);
    json_string(j, "media", m.media);
    json_number(j, "port", m.port);
    json_number(j, "port_count",
                m.port_count == SIPV_NUMBER_ABSENT || m.port_count == 0 ? 1 : m.port_count);
    json_string(j, "proto", m.proto);
    list_json(j, "formats", &m.formats);
    value_json(j, "information", s, section, 'i');
    connection_json(j, "connection", s, sipv_sdp_find_type(s, section, 'c', NULL));
    lines_json(j, "connections", s, section, 'c');
    json_text(j, "direction",
              sipv_sdp_direction_name((sipv_sdp_direction)s->sections[section].direction));
    lines_json(j, "bandwidth", s, section, 'b');
    typed_json(j, "key", s, sipv_sdp_find_type(s, section, 'k', NULL));
    attributes_json(j, s, section);
    json_end_object(j);
}

static void diagnostics_json(struct json *j, struct sdp_vet *v)
{
    json_array(j, "diagnostics");
    for (size_t i = 0; i < v->s.n_diags; i++) {
        struct finding f;

        sdp_finding_of(v, &v->s.diags[i], &f);
        finding_json(j, &f, NULL);
    }
    json_end_array(j);
}

void sdp_json(struct json *j, struct sdp_vet *v, const char *source)
{
    const sipv_sdp *s = &v->s;
    const sipv_sdp_line *line = sipv_sdp_find_type(s, SIPV_SDP_SESSION, 'v', NULL);
    sipv_sdp_version version;

    json_object(j, NULL);
    json_text(j, "schema", "sipvet.sdp/1");
    json_text(j, "source", source);
    json_text(j, "profile", profile_name(s->options.profile));
    json_size(j, "octets", s->data.n);
    json_text(j, "verdict", verdict_name(s->accepted));
    if (line && sipv_sdp_version_of(s, line, &version) == SIPV_OK)
        json_number(j, "version", version.number);
    else
        json_null(j, "version");
    typed_json(j, "origin", s, sipv_sdp_find_type(s, SIPV_SDP_SESSION, 'o', NULL));
    value_json(j, "session_name", s, SIPV_SDP_SESSION, 's');
    value_json(j, "information", s, SIPV_SDP_SESSION, 'i');
    value_json(j, "uri", s, SIPV_SDP_SESSION, 'u');
    lines_json(j, "emails", s, SIPV_SDP_SESSION, 'e');
    lines_json(j, "phones", s, SIPV_SDP_SESSION, 'p');
    connection_json(j, "connection", s, sipv_sdp_find_type(s, SIPV_SDP_SESSION, 'c', NULL));
    lines_json(j, "bandwidth", s, SIPV_SDP_SESSION, 'b');
    lines_json(j, "timing", s, SIPV_SDP_SESSION, 't');
    lines_json(j, "repeats", s, SIPV_SDP_SESSION, 'r');
    lines_json(j, "zones", s, SIPV_SDP_SESSION, 'z');
    typed_json(j, "key", s, sipv_sdp_find_type(s, SIPV_SDP_SESSION, 'k', NULL));
    attributes_json(j, s, SIPV_SDP_SESSION);
    json_array(j, "media");
    for (size_t i = 0; i < s->n_sections; i++)
        media_json(j, s, (unsigned)i);
    json_end_array(j);
    diagnostics_json(j, v);
    json_end_object(j);
}
