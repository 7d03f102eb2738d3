/* Rules of whole messages: what RFC 3261 asks of headers together. */
#include <string.h>

#include "internal.h"

static unsigned first_of(const sipv_message *m, unsigned id) { return m->first[id]; }

static bool has(const sipv_message *m, unsigned id) { return m->first[id] != SIPV_NO_HEADER; }

static size_t head_end(const sipv_message *m)
{
    return m->n_headers ? m->headers[m->n_headers - 1].end : m->start + m->start_line.n;
}

/* RFC 3261 8.1.1: headers that every message has. */
static void check_mandatory(sipv_message *m)
{
    static const uint16_t ids[] = {SIPV_H_VIA, SIPV_H_FROM, SIPV_H_TO, SIPV_H_CALL_ID, SIPV_H_CSEQ};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        sipv_diag *d;
        if (has(m, ids[i]))
            continue;
        d = sipv_report(m, SIPV_D_HEADER_MISSING, head_end(m), 0, SIPV_NO_HEADER);
        if (d)
            d->rule = sipv_header_table[ids[i]].rule; /* says which one */
    }
}

static void check_via(sipv_message *m)
{
    sipv_iter it = sipv_each(m, SIPV_H_VIA);
    sipv_via via;
    sipv_param branch;
    bool top = true;
    for (int result; (result = sipv_via_next(&it, &via)) != SIPV_END; top = false) {
        static const char *const transports[] = {"UDP", "TCP",      "TLS", "SCTP",
                                                 "WS",  "TLS-SCTP", "WSS"};
        bool known = false;
        if (result != SIPV_OK)
            return;
        const unsigned header = it.header;
        if (!sipv_slice_is(via.protocol_name, "SIP") || !sipv_slice_is(via.protocol_version, "2.0"))
            sipv_report_at(m, SIPV_D_VIA_VERSION, via.protocol_name, header);
        for (size_t i = 0; i < sizeof transports / sizeof *transports && !known; i++)
            known = sipv_slice_is(via.transport, transports[i]);
        if (!known)
            sipv_report_at(m, SIPV_D_UNKNOWN_TRANSPORT, via.transport, header);
        if (!top)
            continue;
        if (sipv_param_find(&via.params, "branch", &branch) != SIPV_OK)
            sipv_report_at(m, SIPV_D_BRANCH_MISSING, via.sent_by, header);
        else if (branch.value.n < 7 || memcmp(branch.value.p, "z9hG4bK", 7) != 0)
            sipv_report_at(m, SIPV_D_BRANCH_COOKIE, branch.value, header);
        else if (branch.value.n == 7)
            sipv_report_at(m, SIPV_D_BRANCH_EMPTY, branch.value, header);
    }
}

static void check_address(sipv_message *m, unsigned id)
{
    sipv_iter it = sipv_each(m, id);
    sipv_address address;
    if (sipv_address_next(&it, &address) != SIPV_OK ||
        sipv_param_find(&address.params, "tag", NULL) == SIPV_OK)
        return;
    if (id == SIPV_H_FROM)
        sipv_report_at(m, SIPV_D_FROM_TAG_MISSING, address.uri.text, first_of(m, id));
    else if (m->kind == SIPV_RESPONSE && m->status > 100)
        sipv_report_at(m, SIPV_D_TO_TAG_MISSING, address.uri.text, first_of(m, id));
}

static void check_cseq(sipv_message *m)
{
    sipv_iter it = sipv_each(m, SIPV_H_CSEQ);
    sipv_cseq cseq;
    if (sipv_cseq_next(&it, &cseq) != SIPV_OK)
        return;
    m->cseq = cseq.number;
    m->cseq_method = cseq.method;
    if (cseq.number >= (int64_t)1 << 31)
        sipv_report_at(m, SIPV_D_CSEQ_LARGE, m->headers[first_of(m, SIPV_H_CSEQ)].value,
                       first_of(m, SIPV_H_CSEQ));
    if (m->kind == SIPV_REQUEST && !sipv_slice_equal(cseq.method, m->method))
        sipv_report_at(m, SIPV_D_CSEQ_METHOD, cseq.method, first_of(m, SIPV_H_CSEQ));
}

static void check_call_id(sipv_message *m)
{
    sipv_iter it = sipv_each(m, SIPV_H_CALL_ID);
    sipv_call_id call_id;
    if (sipv_call_id_next(&it, &call_id) == SIPV_OK)
        m->call_id = call_id.value;
}

static void check_max_forwards(sipv_message *m)
{
    sipv_iter it = sipv_each(m, SIPV_H_MAX_FORWARDS);
    sipv_max_forwards hops;
    const unsigned header = first_of(m, SIPV_H_MAX_FORWARDS);
    const int result = sipv_max_forwards_next(&it, &hops);
    if (result == SIPV_OK)
        m->max_forwards = hops.value;
    else if (header != SIPV_NO_HEADER)
        m->max_forwards = SIPV_NUMBER_RANGE;
    if (m->kind != SIPV_REQUEST)
        return;
    if (header == SIPV_NO_HEADER)
        sipv_report(m, SIPV_D_MAX_FORWARDS_MISSING, head_end(m), 0, SIPV_NO_HEADER);
    else if (m->max_forwards == 0)
        sipv_report_at(m, SIPV_D_MAX_FORWARDS_ZERO, m->headers[header].value, header);
}

/* Requests that form a dialog or a subscription need a Contact (RFC 3261 8.1.1.8). */
static void check_contact(sipv_message *m)
{
    sipv_iter it = sipv_each(m, SIPV_H_CONTACT);
    sipv_contact contact;
    const unsigned header = first_of(m, SIPV_H_CONTACT);
    if (header == SIPV_NO_HEADER) {
        if (m->kind == SIPV_REQUEST &&
            (m->method_id == SIPV_M_INVITE || m->method_id == SIPV_M_SUBSCRIBE ||
             m->method_id == SIPV_M_NOTIFY || m->method_id == SIPV_M_REFER))
            sipv_report(m, SIPV_D_CONTACT_MISSING, head_end(m), 0, SIPV_NO_HEADER);
        return;
    }
    if (m->headers[header].value.n != 1 || sipv_contact_next(&it, &contact) != SIPV_OK ||
        !contact.star)
        return;
    sipv_iter ex = sipv_each(m, SIPV_H_EXPIRES);
    sipv_expires expires;
    if (m->headers[header].next != SIPV_NO_HEADER ||
        sipv_expires_next(&ex, &expires) != SIPV_OK || expires.value != 0)
        sipv_report_at(m, SIPV_D_CONTACT_STAR, m->headers[header].value, header);
}

/* Option tags registered with IANA. */
static bool is_known_option(sipv_slice tag)
{
    static const char *const known[] = {
        "100rel",         "199",        "answermode",  "early-session", "eventlist",
        "explicitsub",    "from-change", "geolocation-http", "geolocation-sip", "gin",
        "gruu",           "histinfo",   "ice",         "join",          "multiple-refer",
        "norefersub",     "nosub",      "outbound",    "path",          "policy",
        "precondition",   "pref",       "privacy",     "recipient-list-invite",
        "recipient-list-message", "recipient-list-subscribe", "record-aware", "replaces",
        "resource-priority", "sdp-anat", "sec-agree",  "siprec",        "tdialog",
        "timer",          "trickle-ice", "uui",        "mediasec"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (sipv_slice_is(tag, known[i]))
            return true;
    return false;
}

static void check_options(sipv_message *m, unsigned id)
{
    sipv_iter it = sipv_each(m, id);
    sipv_words word;
    while (m->kind == SIPV_REQUEST && sipv_words_next(&it, &word) == SIPV_OK)
        if (!is_known_option(word.value))
            sipv_report_at(m, SIPV_D_UNKNOWN_OPTION, word.value, it.header);
}

static void check_target(sipv_message *m)
{
    if (m->kind != SIPV_REQUEST)
        return;
    if (m->method_id == SIPV_M_OTHER)
        sipv_report_at(m, SIPV_D_UNKNOWN_METHOD, m->method, SIPV_NO_HEADER);
    const sipv_slice uri = m->request_uri;
    size_t n = 0;
    while (n < uri.n && uri.p[n] != ':')
        n++;
    const sipv_slice scheme = sipv_slice_of(uri.p, n);
    if (uri.p && n < uri.n && uri.p[0] != '<' && !sipv_slice_is(scheme, "sip") &&
        !sipv_slice_is(scheme, "sips") && !sipv_slice_is(scheme, "tel") &&
        !sipv_slice_is(scheme, "urn"))
        sipv_report_at(m, SIPV_D_UNKNOWN_SCHEME, scheme, SIPV_NO_HEADER);
}

/* Does a response list such as "1xx,2xx,401" name `status`? */
static bool lists_status(const char *list, int status)
{
    for (const char *p = list; *p; p++) {
        if (p[0] == '0' + status / 100 && p[1] && p[2] &&
            (p[1] == 'x' || p[1] == '0' + status / 10 % 10) &&
            (p[2] == 'x' || p[2] == '0' + status % 10))
            return true;
        while (*p && *p != ',')
            p++;
        if (!*p)
            break;
    }
    return false;
}

static void check_places(sipv_message *m)
{
    for (unsigned i = 0; i < m->n_headers; i++) {
        const sipv_header_info *info = &sipv_header_table[m->headers[i].id];
        const bool allowed = m->kind == SIPV_REQUEST
                                 ? info->in_requests >> m->method_id & 1
                                 : m->status < 0 || info->in_responses >> (m->status / 100) & 1 ||
                                       ((info->in_responses & 1) &&
                                        lists_status(info->responses, m->status));
        if (!allowed)
            sipv_report_at(m, SIPV_D_HEADER_NOT_ALLOWED, m->headers[i].name, i);
    }
}

void sipv_check_message(sipv_message *m)
{
    check_mandatory(m);
    check_via(m);
    check_address(m, SIPV_H_FROM);
    check_address(m, SIPV_H_TO);
    check_call_id(m);
    check_cseq(m);
    check_max_forwards(m);
    check_contact(m);
    check_options(m, SIPV_H_REQUIRE);
    check_options(m, SIPV_H_PROXY_REQUIRE);
    check_target(m);
    check_places(m);
    if (m->body.p && !has(m, SIPV_H_CONTENT_TYPE))
        sipv_report(m, SIPV_D_CONTENT_TYPE_MISSING, sipv_offset(m, m->body), m->body.n,
                    SIPV_NO_HEADER);
}
