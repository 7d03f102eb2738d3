/* Every typed form: a value, and what its fields must be.  Fields are reached through the tables
 * from which the accessors work, so one line stands for one field. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fence.h"
#include "tables.h"

static const struct line {
    const char *header, *value;
    unsigned element;         /* which of a list, from 0 */
    const char *field, *text; /* NULL: absent; parameters as name=value;name */
} lines[] = {
    {"Via", "SIP/2.0/UDP h.example:5070;branch=z9hG4bK1;lr, SIP/2.0/TLS i.example", 0, "transport",
     "UDP"},
    {"Via", "SIP/2.0/UDP h.example:5070;branch=z9hG4bK1;lr, SIP/2.0/TLS i.example", 0, "port",
     "5070"},
    {"Via", "SIP/2.0/UDP h.example:5070;branch=z9hG4bK1;lr, SIP/2.0/TLS i.example", 0, "params",
     "branch=z9hG4bK1;lr"},
    {"Via", "SIP/2.0/UDP h.example:5070;branch=z9hG4bK1;lr, SIP/2.0/TLS i.example", 1, "host",
     "i.example"},
    {"Via", "SIP/2.0/UDP h.example:5070;branch=z9hG4bK1;lr, SIP/2.0/TLS i.example", 1, "port",
     NULL},
    {"Via", "SIP/2.0/UDP h.example:65536", 0, "port", "out of range"},
    {"From", "\"Ivo\" <sip:ivo:x@oak.example:5061;lr?a=b>;tag=1", 0, "display_name", "\"Ivo\""},
    {"From", "\"Ivo\" <sip:ivo:x@oak.example:5061;lr?a=b>;tag=1", 0, "uri.password", "x"},
    {"From", "\"Ivo\" <sip:ivo:x@oak.example:5061;lr?a=b>;tag=1", 0, "uri.port", "5061"},
    {"From", "\"Ivo\" <sip:ivo:x@oak.example:5061;lr?a=b>;tag=1", 0, "uri.params", "lr"},
    {"From", "\"Ivo\" <sip:ivo:x@oak.example:5061;lr?a=b>;tag=1", 0, "uri.headers", "a=b"},
    {"From", "\"Ivo\" <sip:ivo:x@oak.example:5061;lr?a=b>;tag=1", 0, "params", "tag=1"},
    {"Contact", "*", 0, "star", "true"},
    {"Contact", "<tel:+1-2>;q=0.1, sip:b@c", 0, "uri.number", "+1-2"},
    {"Contact", "<tel:+1-2>;q=0.1, sip:b@c", 1, "uri.host", "c"},
    {"Contact", "<tel:+1-2>;q=0.1, sip:b@c", 1, "star", NULL},
    {"Route", "<sip:a;lr>,<http://b/c?d>", 1, "uri.path", "/c"},
    {"Route", "<sip:a;lr>,<http://b/c?d>", 1, "uri.query", "d"},
    {"Call-Info", "<http://a/b>;purpose=icon", 0, "params", "purpose=icon"},
    {"Call-ID", "a@b", 0, NULL, "a@b"},
    {"In-Reply-To", "a@b, c", 1, NULL, "c"},
    {"CSeq", "0070 INVITE", 0, "number", "70"},
    {"CSeq", "4294967296 INVITE", 0, "number", "out of range"},
    {"CSeq", "1 INVITE", 0, "method", "INVITE"},
    {"Max-Forwards", "070", 0, NULL, "70"},
    {"Content-Length", "5", 0, NULL, "5"},
    {"Expires", "60", 0, NULL, "60"},
    {"Allow", "ACK, BYE", 1, NULL, "BYE"},
    {"Accept", "text/*;q=0.5;x", 0, "subtype", "*"},
    {"Accept", "text/*;q=0.5;x", 0, "params", "q=0.5;x"},
    {"Accept-Language", "da, en;q=1", 1, "params", "q=1"},
    {"Content-Type", "a/b;c=\"d;e\"", 0, "params", "c=\"d;e\""},
    {"Content-Disposition", "session;handling=optional", 0, "type", "session"},
    {"Authorization", "Digest a=\"b\", c=d", 0, "scheme", "Digest"},
    {"Authorization", "Digest a=\"b\", c=d", 0, "params", "a=\"b\";c=d"},
    {"Authentication-Info", "qop=auth", 0, "scheme", NULL},
    {"Date", "Sat, 13 Nov 2010 23:29:01 GMT", 0, "year", "2010"},
    {"Date", "Sat, 13 Nov 2010 23:29:01 GMT", 0, "second", "1"},
    {"Retry-After", "5 (x);duration=1", 0, "comment", "(x)"},
    {"Timestamp", "1.5 .2", 0, "delay", ".2"},
    {"MIME-Version", "1.0", 0, "minor", "0"},
    {"Subject", "a b", 0, NULL, "a b"},
    {"Server", "oak/1.2 (x)", 0, "version", "1.2"},
    {"Warning", "399 a:1 \"x\", 300 b \"y\"", 1, "text", "\"y\""},
    {"RAck", "1 2 INVITE", 0, "cseq", "2"},
    {"RSeq", "9", 0, NULL, "9"},
    {"Privacy", "id;user", 0, NULL, "id;user"},
    {"P-Asserted-Identity", "\"A\" <sip:a@b>, tel:+1", 1, "uri.number", "+1"},
    {"Reason", "SIP;cause=200, Q.850;cause=16", 1, "protocol", "Q.850"},
    {"Path", "<sip:a;ob>", 0, "uri.params", "ob"},
    {"Security-Client", "tls;q=0.1", 0, "params", "q=0.1"},
    {"Refer-To", "<sip:a@b?c=d>", 0, "uri.headers", "c=d"},
    {"Accept-Contact", "*;audio;require", 0, "params", "audio;require"},
    {"Request-Disposition", "proxy, fork", 1, NULL, "fork"},
    {"Replaces", "a@b;to-tag=1;from-tag=2", 0, "call_id", "a@b"},
    {"SIP-ETag", "x", 0, NULL, "x"},
    {"Session-Expires", "90;refresher=uac", 0, "seconds", "90"},
    {"Resource-Priority", "wps.3, dsn.flash", 1, "priority", "flash"},
    {"P-Early-Media", "gated", 0, NULL, "gated"},
    {"Content-ID", "<a@b>", 0, NULL, "a@b"},
    {"Answer-Mode", "Auto;require", 0, "params", "require"},
    {"P-DCS-Billing-Info", "a/0@b", 0, "correlation_id", "a"},
    {"P-DCS-LAES", "a.b:1;content=c", 0, "port", "1"},
    {"History-Info", "<sip:a@b>;index=1", 0, "params", "index=1"},
    {"P-Called-Party-ID", "<sip:a@b>", 0, "uri.user", "a"},
    {"Info-Package", "foo;a", 0, "name", "foo"},
    {"Recv-Info", "P, R", 1, "name", "R"},
    {"Geolocation", "<cid:a@b>", 0, "uri.opaque", "a@b"},
    {"Identity-Info", "<https://a/b>;alg=c", 0, "uri.authority", "a"},
    {"Geolocation-Routing", "no", 0, NULL, "no"},
    {"Geolocation-Error", "201", 0, "code", "201"},
    {"Event", "a.b;id=1", 0, "package", "a"},
    {"Allow-Events", "a.b, c", 1, "type", "c"},
    {"Subscription-State", "active;expires=1", 0, "state", "active"},
    {"Feature-Caps", "*;+a=\"b\"", 0, "params", "+a=\"b\""},
    {"P-Access-Network-Info", "IEEE-802.11;i-wlan-node-id=1", 0, NULL, "IEEE-802.11"},
    {"P-Charging-Function-Addresses", "ccf=a;ecf=b", 0, "params", "ccf=a;ecf=b"},
    {"P-Charging-Vector", "icid-value=a;orig-ioi=b", 0, "icid", "a"},
    {"Refer-Sub", "true", 0, NULL, "true"},
    {"User-to-User", "00ab;encoding=hex", 0, "data", "00ab"},
    {"Session-ID", "00000000000000000000000000000000", 0, NULL, "00000000000000000000000000000000"},
    {"Identity", "a.b.c;info=<https://a/b>", 0, "uri.path", "/b"}};

static void show_params(const sipv_params *params, char *out, size_t cap)
{
    sipv_param p;
    size_t at = 0, n = 0;
    out[0] = 0;
    while (sipv_param_next(params, &at, &p) == SIPV_OK) {
        n += (size_t)snprintf(out + n, cap - n, "%s%.*s", n ? ";" : "", (int)p.name.n,
                              (const char *)p.name.p);
        if (p.value.p)
            n += (size_t)snprintf(out + n, cap - n, "=%.*s", (int)p.value.n,
                                  (const char *)p.value.p);
    }
}

/* A field as text; false if it is absent. */
static bool show_field(const struct sipv_field *field, const void *at, char *out, size_t cap)
{
    const sipv_slice *s = at;
    switch (field->type) {
    case SIPV_FIELD_FLAG: snprintf(out, cap, "true"); return *(const bool *)at;
    case SIPV_FIELD_NUMBER:
        if (*(const int64_t *)at == SIPV_NUMBER_RANGE)
            snprintf(out, cap, "out of range");
        else
            snprintf(out, cap, "%" PRId64, *(const int64_t *)at);
        return *(const int64_t *)at != SIPV_NUMBER_ABSENT;
    case SIPV_FIELD_PARAMS: show_params(at, out, cap); return ((const sipv_params *)at)->n > 0;
    case SIPV_FIELD_URI: s = &((const sipv_uri *)at)->text; break;
    default: break;
    }
    snprintf(out, cap, "%.*s", (int)s->n, s->p ? (const char *)s->p : "");
    return s->p != NULL;
}

/* "uri.host" is field "uri.host" of the URI inside; parameters have the kind of their names. */
static bool is_named(const struct sipv_field *field, const char *name)
{
    const char *kind = sipv_kind_name(sipv_sip_grammar(), field->kind);
    if (field->type == SIPV_FIELD_PARAMS)
        return (strcmp(name, "params") == 0 && field->kind == SIPV_KIND_PARAM_NAME) ||
               (strcmp(name, "uri.params") == 0 && field->kind == SIPV_KIND_URI_PARAM_NAME) ||
               (strcmp(name, "uri.headers") == 0 && field->kind == SIPV_KIND_URI_HEADER_NAME);
    return kind && strcmp(kind, name) == 0;
}

static bool find_field(int view, const unsigned char *out, const char *name, bool *there,
                       char *text, size_t cap)
{
    const struct sipv_typed *typed = &sipv_sip_typed[view];
    for (unsigned i = 0; i < typed->n; i++) {
        const struct sipv_field *f = &typed->fields[i];
        if (f->type == SIPV_FIELD_URI && name && strncmp(name, "uri.", 4) == 0)
            return find_field(SIPV_VIEW_URI, out + f->offset, name, there, text, cap);
        if (!name || is_named(f, name)) {
            *there = show_field(f, out + f->offset, text, cap);
            return true;
        }
    }
    return false;
}

Test(typed, fields)
{
    struct fence fence;
    cr_assert(fence_open(&fence, 4096));
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const struct line *l = &lines[i];
        const unsigned id = sipv_header_find(sipv_slice_text(l->header));
        const size_t n = strlen(l->value);
        const sipv_slice value = sipv_slice_of(fence_end(&fence, l->value, n), n);
        _Alignas(max_align_t) unsigned char out[1024];
        sipv_event events[128];
        sipv_iter it;
        char text[512] = "";
        bool there = false;
        cr_assert_neq(id, SIPV_H_OTHER, "%s", l->header);
        const int view = sipv_header_info_of(id)->view;
        cr_assert_geq(view, 0, "%s", l->header);
        cr_assert_leq(sipv_sip_typed[view].size, sizeof out);
        cr_assert_eq(sipv_value_parse(id, value, events, 128, &it, NULL), SIPV_OK, "%s: %s",
                     l->header, l->value);
        for (unsigned k = 0; k <= l->element; k++)
            cr_assert_eq(sipv_next(&it, view, out), SIPV_OK, "%s: %s", l->header, l->value);
        cr_assert(find_field(view, out, l->field, &there, text, sizeof text), "%s has no %s",
                  l->header, l->field);
        if (l->text)
            cr_assert(there && strcmp(text, l->text) == 0, "%s: %s: %s is \"%s\"", l->header,
                      l->value, l->field ? l->field : "value", text);
        else
            cr_assert_not(there, "%s: %s: %s is \"%s\"", l->header, l->value, l->field, text);
    }
    fence_close(&fence);
}

/* No view is left out. */
Test(typed, every_view_is_in_the_table)
{
    for (unsigned id = 1; id < SIPV_H_COUNT; id++) {
        const int view = sipv_header_info_of(id)->view;
        bool seen = view < 0;
        for (size_t i = 0; !seen && i < sizeof lines / sizeof *lines; i++)
            seen = sipv_header_info_of(sipv_header_find(sipv_slice_text(lines[i].header)))->view ==
                   view;
        cr_assert(seen, "%s", sipv_header_info_of(id)->name);
    }
}

Test(typed, at_least_ninety_headers)
{
    unsigned n = 0;
    for (unsigned id = 1; id < SIPV_H_COUNT; id++)
        n += sipv_header_info_of(id)->view >= 0;
    cr_assert_geq(n, 90, "%u", n);
}

/* Access after an index reads on demand.  What it finds out about relaxations belongs to a full
 * parse: the findings of the index stay as they were concluded. */
Test(typed, on_demand_in_interop)
{
    static const char text[] = "OPTIONS sip:a@b SIP/2.0\r\n"
                               "Via: SIP/2.0/UDP a_b;branch=z9hG4bK1\r\n"
                               "Supported: x,,y\r\n\r\n";
    sipv_header headers[8];
    sipv_event events[256];
    sipv_diag diags[8];
    sipv_message m;
    sipv_via via;
    sipv_words word;
    size_t words = 0;
    void *work = malloc(sipv_explainer_size());
    const sipv_options options = {.profile = SIPV_INTEROP, .explainer = work};
    cr_assert(work != NULL);
    sipv_message_init(&m, headers, 8, events, 256, diags, 8);
    cr_assert_eq(sipv_message_index(&m, text, sizeof text - 1, &options), SIPV_OK);
    const size_t before = m.n_diags;
    sipv_iter it = sipv_each(&m, SIPV_H_VIA);
    cr_assert_eq(sipv_via_next(&it, &via), SIPV_OK);
    cr_assert(sipv_slice_is(via.host, "a_b"));
    for (it = sipv_each(&m, SIPV_H_SUPPORTED); sipv_words_next(&it, &word) == SIPV_OK;)
        words += word.value.n > 0;
    cr_assert_eq(words, 2);
    cr_assert_eq(m.n_diags, before);
    free(work);
}

/* A number out of range, or a parameter in the way of a URI: malformed in either depth. */
Test(typed, on_demand_refuses_what_a_full_parse_refuses)
{
    static const char text[] = "OPTIONS sip:a@b SIP/2.0\r\nMax-Forwards: 256\r\n"
                               "m: <sip:c>;expires=9999999999\r\nReply-To: <tel:7>\r\nl: 0\r\n\r\n";
    for (int profile = SIPV_STRICT; profile <= SIPV_INTEROP; profile++) {
        sipv_header headers[8];
        sipv_event events[256];
        sipv_diag diags[8];
        sipv_message m;
        sipv_contact contact;
        void *work = malloc(sipv_explainer_size());
        const sipv_options options = {.profile = (sipv_profile)profile, .explainer = work};
        cr_assert(work != NULL);
        sipv_message_init(&m, headers, 8, events, 256, diags, 8);
        cr_assert_eq(sipv_message_index(&m, text, sizeof text - 1, &options), SIPV_OK);
        sipv_iter it = sipv_each(&m, SIPV_H_CONTACT);
        cr_assert_eq(sipv_contact_next(&it, &contact), SIPV_REJECT);
        cr_assert_eq(sipv_contact_next(&it, &contact), SIPV_END);
        sipv_max_forwards hops;
        it = sipv_each(&m, SIPV_H_MAX_FORWARDS);
        cr_assert_eq(sipv_max_forwards_next(&it, &hops), SIPV_REJECT);
        sipv_address address;
        it = sipv_each(&m, SIPV_H_REPLY_TO);
        cr_assert_eq(sipv_address_next(&it, &address), SIPV_REJECT);
        cr_assert(m.accepted && m.n_diags == 0, "nothing is said on demand");
        free(work);
    }
}
