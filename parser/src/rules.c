/* Rules of whole messages: what RFC 3261 asks of headers together. */
#include <string.h>

#include "internal.h"

#include "name.h"

static unsigned first_of(const sipv_message *m, unsigned id)
{
    return m->first[id];
}

static bool has(const sipv_message *m, unsigned id)
{
    return m->first[id] != SIPV_NO_HEADER;
}

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

/* The rules read the captures of a header directly: what a struct would hold besides is of no use
 * here, and these headers stand in every message. */
struct parts {
    const sipv_message *m;
    const sipv_event *ev, *end;
};

static struct parts parts_of(const sipv_message *m, const sipv_header *h)
{
    const struct parts p = {m, m->events + h->first_event,
                            m->events + h->first_event + h->n_events};
    return p;
}

static sipv_slice text_of(const sipv_message *m, const sipv_event *ev)
{
    return sipv_slice_of(m->data.p + ev->off, ev->len);
}

/* The first part of a kind, absent if there is none. */
static sipv_slice part(struct parts p, unsigned kind)
{
    for (; p.ev < p.end; p.ev++)
        if (p.ev->kind == kind)
            return text_of(p.m, p.ev);
    return sipv_slice_of(NULL, 0);
}

/* Inline, so that the usual spelling is one comparison of words. */
static inline __attribute__((always_inline)) bool is(sipv_slice s, const char *text, size_t n)
{
    return s.n == n && (memcmp(s.p, text, n) == 0 || sipv_same_name(s.p, text, n));
}

/* The value of a parameter of the first element; absent if it is not there, empty if it has none.
 */
static inline __attribute__((always_inline)) sipv_slice
parameter(struct parts p, const char *name, size_t n)
{
    for (; p.ev < p.end && p.ev->kind != SIPV_KIND_ELEMENT; p.ev++)
        if (p.ev->kind == SIPV_KIND_PARAM_NAME && is(text_of(p.m, p.ev), name, n)) {
            const bool value = p.ev + 1 < p.end && p.ev[1].kind == SIPV_KIND_PARAM_VALUE;
            return value ? text_of(p.m, p.ev + 1)
                         : sipv_slice_of(p.m->data.p + p.ev->off + p.ev->len, 0);
        }
    return sipv_slice_of(NULL, 0);
}

static bool is_known_transport(sipv_slice t)
{
    switch (t.n) {
    case 2: return is(t, "WS", 2);
    case 3: return is(t, "UDP", 3) || is(t, "TCP", 3) || is(t, "TLS", 3) || is(t, "WSS", 3);
    case 4: return is(t, "SCTP", 4);
    case 8: return is(t, "TLS-SCTP", 8);
    default: return false;
    }
}

static void check_branch(sipv_message *m, unsigned top)
{
    const struct parts p = parts_of(m, &m->headers[top]);
    const sipv_slice branch = parameter(p, "branch", 6);
    if (!branch.p)
        sipv_report_at(m, SIPV_D_BRANCH_MISSING, m->headers[top].value, top);
    else if (branch.n < 7 || memcmp(branch.p, "z9hG4bK", 7) != 0)
        sipv_report_at(m, SIPV_D_BRANCH_COOKIE, branch, top);
    else if (branch.n == 7)
        sipv_report_at(m, SIPV_D_BRANCH_EMPTY, branch, top);
}

/* "SIP/2.0/" and a transport, as a Via usually begins. */
static bool is_usual_protocol(const sipv_message *m, const sipv_event *name)
{
    const unsigned char *const p = m->data.p + name->off;
    return name[2].kind == SIPV_K_TRANSPORT && name[2].off - name->off == 8 && name[2].len == 3 &&
           memcmp(p, "SIP/2.0/", 8) == 0 &&
           (memcmp(p + 8, "UDP", 3) == 0 || memcmp(p + 8, "TCP", 3) == 0 ||
            memcmp(p + 8, "TLS", 3) == 0);
}

static void check_protocol(sipv_message *m, const sipv_event *ev, unsigned header)
{
    const sipv_slice text = text_of(m, ev);
    if ((ev->kind == SIPV_K_PROTOCOL_NAME && !is(text, "SIP", 3)) ||
        (ev->kind == SIPV_K_PROTOCOL_VERSION && !is(text, "2.0", 3)))
        sipv_report_at(m, SIPV_D_VIA_VERSION, text, header);
    else if (ev->kind == SIPV_K_TRANSPORT && !is_known_transport(text))
        sipv_report_at(m, SIPV_D_UNKNOWN_TRANSPORT, text, header);
}

static void check_via(sipv_message *m)
{
    for (unsigned i = first_of(m, SIPV_H_VIA); i != SIPV_NO_HEADER; i = m->headers[i].next) {
        const struct parts p = parts_of(m, &m->headers[i]);
        for (const sipv_event *ev = p.ev; ev < p.end; ev++) {
            if (ev->kind == SIPV_K_PROTOCOL_NAME && p.end - ev > 2 && is_usual_protocol(m, ev))
                ev += 2;
            else
                check_protocol(m, ev, i);
        }
    }
    if (has(m, SIPV_H_VIA) && m->headers[first_of(m, SIPV_H_VIA)].state == SIPV_READ)
        check_branch(m, first_of(m, SIPV_H_VIA));
}

static void check_tag(sipv_message *m, unsigned id)
{
    const unsigned i = first_of(m, id);
    if (i == SIPV_NO_HEADER || m->headers[i].state != SIPV_READ ||
        parameter(parts_of(m, &m->headers[i]), "tag", 3).p)
        return;
    if (id == SIPV_H_FROM)
        sipv_report_at(m, SIPV_D_FROM_TAG_MISSING, m->headers[i].value, i);
    else if (m->kind == SIPV_RESPONSE && m->status > 100)
        sipv_report_at(m, SIPV_D_TO_TAG_MISSING, m->headers[i].value, i);
}

static void check_cseq(sipv_message *m)
{
    const unsigned i = first_of(m, SIPV_H_CSEQ);
    uint64_t number = 0;
    if (i == SIPV_NO_HEADER || m->headers[i].n_events == 0)
        return;
    const struct parts p = parts_of(m, &m->headers[i]);
    const sipv_slice digits = part(p, SIPV_K_NUMBER), method = part(p, SIPV_K_METHOD);
    if (sipv_number(digits, UINT32_MAX, &number) == SIPV_OK)
        m->cseq = (int64_t)number;
    m->cseq_method = method;
    if (m->cseq >= (int64_t)1 << 31)
        sipv_report_at(m, SIPV_D_CSEQ_LARGE, digits, i);
    if (m->kind == SIPV_REQUEST && !sipv_slice_equal(method, m->method))
        sipv_report_at(m, SIPV_D_CSEQ_METHOD, method, i);
}

static void check_call_id(sipv_message *m)
{
    const unsigned i = first_of(m, SIPV_H_CALL_ID);
    if (i != SIPV_NO_HEADER && m->headers[i].state == SIPV_READ)
        m->call_id = m->headers[i].value;
}

static void check_max_forwards(sipv_message *m)
{
    const unsigned i = first_of(m, SIPV_H_MAX_FORWARDS);
    uint64_t hops = 0;
    if (i == SIPV_NO_HEADER) {
        if (m->kind == SIPV_REQUEST)
            sipv_report(m, SIPV_D_MAX_FORWARDS_MISSING, head_end(m), 0, SIPV_NO_HEADER);
        return;
    }
    if (m->headers[i].state != SIPV_READ) {
        m->max_forwards = SIPV_NUMBER_RANGE;
        return;
    }
    sipv_number(m->headers[i].value, 255, &hops);
    m->max_forwards = (int64_t)hops;
    if (hops == 0 && m->kind == SIPV_REQUEST)
        sipv_report_at(m, SIPV_D_MAX_FORWARDS_ZERO, m->headers[i].value, i);
}

/* Requests that form a dialog or a subscription need a Contact (RFC 3261 8.1.1.8). */
static void check_contact(sipv_message *m)
{
    sipv_contact contact;
    const unsigned header = first_of(m, SIPV_H_CONTACT);
    if (header == SIPV_NO_HEADER) {
        if (m->kind == SIPV_REQUEST &&
            (m->method_id == SIPV_M_INVITE || m->method_id == SIPV_M_SUBSCRIBE ||
             m->method_id == SIPV_M_NOTIFY || m->method_id == SIPV_M_REFER))
            sipv_report(m, SIPV_D_CONTACT_MISSING, head_end(m), 0, SIPV_NO_HEADER);
        return;
    }
    if (m->headers[header].value.n != 1)
        return;
    sipv_iter it = sipv_each(m, SIPV_H_CONTACT);
    if (sipv_contact_next(&it, &contact) != SIPV_OK || !contact.star)
        return;
    sipv_iter ex = sipv_each(m, SIPV_H_EXPIRES);
    sipv_expires expires;
    if (m->headers[header].next != SIPV_NO_HEADER || sipv_expires_next(&ex, &expires) != SIPV_OK ||
        expires.seconds != 0)
        sipv_report_at(m, SIPV_D_CONTACT_STAR, m->headers[header].value, header);
}

/* Option tags registered with IANA. */
static bool is_known_option(sipv_slice tag)
{
    static const char *const known[] = {"100rel",
                                        "199",
                                        "answermode",
                                        "early-session",
                                        "eventlist",
                                        "explicitsub",
                                        "from-change",
                                        "geolocation-http",
                                        "geolocation-sip",
                                        "gin",
                                        "gruu",
                                        "histinfo",
                                        "ice",
                                        "join",
                                        "multiple-refer",
                                        "norefersub",
                                        "nosub",
                                        "outbound",
                                        "path",
                                        "policy",
                                        "precondition",
                                        "pref",
                                        "privacy",
                                        "recipient-list-invite",
                                        "recipient-list-message",
                                        "recipient-list-subscribe",
                                        "record-aware",
                                        "replaces",
                                        "resource-priority",
                                        "sdp-anat",
                                        "sec-agree",
                                        "siprec",
                                        "tdialog",
                                        "timer",
                                        "trickle-ice",
                                        "uui",
                                        "mediasec"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (sipv_slice_is(tag, known[i]))
            return true;
    return false;
}

static void check_options(sipv_message *m, unsigned id)
{
    sipv_words word;
    if (!has(m, id) || m->kind != SIPV_REQUEST)
        return;
    sipv_iter it = sipv_each(m, id);
    while (sipv_words_next(&it, &word) == SIPV_OK)
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
    if (uri.n > 4 && memcmp(uri.p, "sip:", 4) == 0)
        return;
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

/* Headers where they may not be.  `place` is a bit of sipv_header_key.places. */
static void check_places(sipv_message *m)
{
    const uint32_t place = m->kind == SIPV_REQUEST ? (uint32_t)1 << m->method_id
                           : m->status < 0         ? 0
                                                   : (uint32_t)1 << (24 + m->status / 100);
    const sipv_header *const end = m->headers + m->n_headers;
    for (const sipv_header *h = m->headers; place && h < end; h++) {
        if (sipv_header_keys[h->id].places & place)
            continue;
        const sipv_header_info *info = &sipv_header_table[h->id];
        if (m->kind == SIPV_REQUEST || !(info->in_responses & 1) ||
            !lists_status(info->responses, m->status))
            sipv_report_at(m, SIPV_D_HEADER_NOT_ALLOWED, h->name, (unsigned)(h - m->headers));
    }
}

void sipv_check_message(sipv_message *m)
{
    check_mandatory(m);
    check_via(m);
    check_tag(m, SIPV_H_FROM);
    check_tag(m, SIPV_H_TO);
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
