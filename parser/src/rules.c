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

/* What few messages need is noinline: it stays out of the functions that all go through. */
static __attribute__((noinline)) void report_missing(sipv_message *m)
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

/* RFC 3261 8.1.1: headers that every message has. */
static void check_mandatory(sipv_message *m)
{
    if (SIPV_HARDLY(!has(m, SIPV_H_VIA)) || SIPV_HARDLY(!has(m, SIPV_H_FROM)) ||
        SIPV_HARDLY(!has(m, SIPV_H_TO)) || SIPV_HARDLY(!has(m, SIPV_H_CALL_ID)) ||
        SIPV_HARDLY(!has(m, SIPV_H_CSEQ)))
        report_missing(m);
}

/* The rules read the captures of a header directly: what a struct would hold besides is of no use
 * here, and these headers stand in every message. */
struct parts {
    const unsigned char *base;
    const sipv_event *ev, *end;
};

static struct parts parts_of(const sipv_message *m, const sipv_header *h)
{
    const sipv_event *const ev = m->events + h->first_event;
    const struct parts p = {m->data.p, ev, ev + h->n_events};
    return p;
}

static sipv_slice text_of(const unsigned char *base, const sipv_event *ev)
{
    return sipv_slice_of(base + ev->off, ev->len);
}

/* The first part of a kind, absent if there is none. */
static __attribute__((noinline)) sipv_slice find_part(struct parts p, unsigned kind)
{
    for (; p.ev < p.end; p.ev++)
        if (p.ev->kind == kind)
            return text_of(p.base, p.ev);
    return sipv_slice_of(NULL, 0);
}

/* The same where it mostly is number `i`. */
static inline sipv_slice part(struct parts p, unsigned kind, size_t i)
{
    if (SIPV_MOSTLY(p.end - p.ev > (ptrdiff_t)i) && SIPV_MOSTLY(p.ev[i].kind == kind))
        return text_of(p.base, p.ev + i);
    return find_part(p, kind);
}

/* The end of the list element that begins at `ev`. */
static const sipv_event *element_end(const sipv_event *ev, const sipv_event *end)
{
    while (ev < end && ev->kind != SIPV_KIND_ELEMENT)
        ev++;
    return ev;
}

static __attribute__((noinline)) bool is_in_other_case(const unsigned char *p, const char *text,
                                                       size_t n)
{
    return sipv_same_name(p, text, n);
}

/* Inline, so that the usual spelling is one comparison of words. */
static inline __attribute__((always_inline)) bool is(sipv_slice s, const char *text, size_t n)
{
    return SIPV_MOSTLY(s.n == n) &&
           (SIPV_MOSTLY(memcmp(s.p, text, n) == 0) || is_in_other_case(s.p, text, n));
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

/* In every element of Via: the three of its protocol, its sent-by and the host there. */
enum { VIA_PARTS = 5 };

/* The branch of the first element; absent if it is not there, empty if it has no value. */
static sipv_slice branch_of(struct parts p)
{
    for (const sipv_event *ev = p.ev + VIA_PARTS; ev < p.end; ev++) {
        if (ev->kind == SIPV_KIND_PARAM_NAME && is(text_of(p.base, ev), "branch", 6)) {
            const bool value = ev + 1 < p.end && ev[1].kind == SIPV_KIND_PARAM_VALUE;
            return value ? text_of(p.base, ev + 1) : sipv_slice_of(p.base + ev->off + ev->len, 0);
        }
        if (ev->kind == SIPV_KIND_ELEMENT)
            break;
    }
    return sipv_slice_of(NULL, 0);
}

static void check_branch(sipv_message *m, unsigned top)
{
    const sipv_slice branch = branch_of(parts_of(m, &m->headers[top]));
    if (SIPV_HARDLY(!branch.p))
        sipv_report_at(m, SIPV_D_BRANCH_MISSING, m->headers[top].value, top);
    else if (SIPV_HARDLY(branch.n < 7) || SIPV_HARDLY(memcmp(branch.p, "z9hG4bK", 7) != 0))
        sipv_report_at(m, SIPV_D_BRANCH_COOKIE, branch, top);
    else if (SIPV_HARDLY(branch.n == 7))
        sipv_report_at(m, SIPV_D_BRANCH_EMPTY, branch, top);
}

static inline uint32_t four(const char text[4])
{
    return sipv_load_4((const unsigned char *)text);
}

/* Does an element of Via begin as nearly all do: "SIP/2.0/" and a transport? */
static bool has_usual_protocol(const unsigned char *base, const sipv_event *ev)
{
    const unsigned char *const p = base + ev->off;
    if (SIPV_HARDLY(ev[2].kind != SIPV_K_TRANSPORT) || SIPV_HARDLY(ev[2].off != ev->off + 8) ||
        SIPV_HARDLY(ev[2].len != 3) || SIPV_HARDLY(memcmp(p, "SIP/2.0/", 8) != 0))
        return false;
    const uint32_t name = sipv_load_4(p + 7);
    return SIPV_MOSTLY((name == four("/UDP")) | (name == four("/TCP")) | (name == four("/TLS")) |
                       (name == four("/WSS")));
}

static void check_protocol(sipv_message *m, const sipv_event *ev, unsigned header)
{
    const sipv_slice text = text_of(m->data.p, ev);
    if ((ev->kind == SIPV_K_PROTOCOL_NAME && !is(text, "SIP", 3)) ||
        (ev->kind == SIPV_K_PROTOCOL_VERSION && !is(text, "2.0", 3)))
        sipv_report_at(m, SIPV_D_VIA_VERSION, text, header);
    else if (ev->kind == SIPV_K_TRANSPORT && !is_known_transport(text))
        sipv_report_at(m, SIPV_D_UNKNOWN_TRANSPORT, text, header);
}

/* Looks at each part of the element at `ev`; returns its end. */
static __attribute__((noinline)) const sipv_event *
check_element(sipv_message *m, const sipv_event *ev, const sipv_event *end, unsigned header)
{
    for (; ev < end && ev->kind != SIPV_KIND_ELEMENT; ev++)
        check_protocol(m, ev, header);
    return ev;
}

static void check_protocols(sipv_message *m, unsigned header)
{
    const struct parts p = parts_of(m, &m->headers[header]);
    for (const sipv_event *ev = p.ev; p.end - ev >= VIA_PARTS; ev++) {
        if (SIPV_MOSTLY(has_usual_protocol(
                p.base, ev))) /* the next element, if there is one, has parts too */
            ev = element_end(ev + VIA_PARTS, p.end - VIA_PARTS);
        else
            ev = check_element(m, ev, p.end, header);
    }
}

static void check_via(sipv_message *m)
{
    const unsigned top = first_of(m, SIPV_H_VIA);
    for (unsigned i = top; i != SIPV_NO_HEADER; i = m->headers[i].next)
        check_protocols(m, i);
    if (SIPV_MOSTLY(top != SIPV_NO_HEADER) && SIPV_MOSTLY(m->headers[top].state == SIPV_READ))
        check_branch(m, top);
}

static inline bool is_tag(sipv_slice s)
{
    return SIPV_MOSTLY(s.n == 3) && SIPV_MOSTLY((s.p[0] | 0x20) == 't') &&
           SIPV_MOSTLY((s.p[1] | 0x20) == 'a') && SIPV_MOSTLY((s.p[2] | 0x20) == 'g');
}

/* Parameters of From and To stand behind all else. */
static __attribute__((noinline)) bool has_no_tag(struct parts p)
{
    for (const sipv_event *ev = p.end; ev > p.ev;) {
        ev--;
        if (ev->kind == SIPV_KIND_PARAM_NAME) {
            if (is_tag(text_of(p.base, ev)))
                return false;
        } else if (ev->kind != SIPV_KIND_PARAM_VALUE) {
            break;
        }
    }
    return true;
}

/* Is header `i` there and well-formed, but without tag?  A tag is mostly the last parameter. */
static inline bool lacks_tag(const sipv_message *m, unsigned i)
{
    if (SIPV_HARDLY(i == SIPV_NO_HEADER) || SIPV_HARDLY(m->headers[i].state != SIPV_READ))
        return false;
    const struct parts p = parts_of(m, &m->headers[i]);
    if (SIPV_MOSTLY(p.end - p.ev > 2) && SIPV_MOSTLY(p.end[-2].kind == SIPV_KIND_PARAM_NAME) &&
        SIPV_MOSTLY(is_tag(text_of(p.base, p.end - 2))))
        return false;
    return has_no_tag(p);
}

/* RFC 3261 8.1.1.3, 8.2.6.2: a From has a tag, and the To of all responses but 100. */
static void check_tags(sipv_message *m)
{
    const unsigned from = first_of(m, SIPV_H_FROM), to = first_of(m, SIPV_H_TO);
    if (lacks_tag(m, from))
        sipv_report_at(m, SIPV_D_FROM_TAG_MISSING, m->headers[from].value, from);
    if (m->kind == SIPV_RESPONSE && m->status > 100 && lacks_tag(m, to))
        sipv_report_at(m, SIPV_D_TO_TAG_MISSING, m->headers[to].value, to);
}

/* Are two methods the same?  Most have four to eight octets, which are two comparisons. */
static inline bool is_same_method(sipv_slice a, sipv_slice b)
{
    if (SIPV_HARDLY(a.n != b.n))
        return false;
    if (SIPV_MOSTLY(a.n - 4 <= 4))
        return sipv_load_4(a.p) == sipv_load_4(b.p) &&
               sipv_load_4(a.p + a.n - 4) == sipv_load_4(b.p + b.n - 4);
    return memcmp(a.p, b.p, a.n) == 0;
}

static void check_cseq(sipv_message *m)
{
    const unsigned i = first_of(m, SIPV_H_CSEQ);
    uint64_t number = 0;
    if (SIPV_HARDLY(i == SIPV_NO_HEADER) || SIPV_HARDLY(m->headers[i].n_events == 0))
        return;
    const struct parts p = parts_of(m, &m->headers[i]);
    const sipv_slice method = part(p, SIPV_K_METHOD, 0), digits = part(p, SIPV_K_NUMBER, 1);
    if (SIPV_MOSTLY(sipv_number_behind(sipv_offset(m, digits), digits, UINT32_MAX, &number) ==
                    SIPV_OK))
        m->cseq = (int64_t)number;
    m->cseq_method = method;
    if (SIPV_HARDLY(m->cseq >= (int64_t)1 << 31))
        sipv_report_at(m, SIPV_D_CSEQ_LARGE, digits, i);
    if (m->kind == SIPV_REQUEST && SIPV_HARDLY(!is_same_method(method, m->method)))
        sipv_report_at(m, SIPV_D_CSEQ_METHOD, method, i);
}

static void check_call_id(sipv_message *m)
{
    const unsigned i = first_of(m, SIPV_H_CALL_ID);
    if (SIPV_MOSTLY(i != SIPV_NO_HEADER) && SIPV_MOSTLY(m->headers[i].state == SIPV_READ))
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
    if (SIPV_HARDLY(m->headers[i].state != SIPV_READ)) {
        m->max_forwards = SIPV_NUMBER_RANGE;
        return;
    }
    const sipv_slice value = m->headers[i].value;
    sipv_number_behind(sipv_offset(m, value), value, 255, &hops);
    m->max_forwards = (int64_t)hops;
    if (SIPV_HARDLY(hops == 0) && m->kind == SIPV_REQUEST)
        sipv_report_at(m, SIPV_D_MAX_FORWARDS_ZERO, m->headers[i].value, i);
}

/* A Contact of "*" stands alone, and with an Expires of 0 (RFC 3261 10.2.2). */
static __attribute__((noinline)) void check_star(sipv_message *m, unsigned header)
{
    sipv_contact contact;
    sipv_expires expires;
    sipv_iter it = sipv_each(m, SIPV_H_CONTACT), ex = sipv_each(m, SIPV_H_EXPIRES);
    if (sipv_contact_next(&it, &contact) != SIPV_OK || !contact.star)
        return;
    if (m->headers[header].next != SIPV_NO_HEADER || sipv_expires_next(&ex, &expires) != SIPV_OK ||
        expires.seconds != 0)
        sipv_report_at(m, SIPV_D_CONTACT_STAR, m->headers[header].value, header);
}

/* Requests that form a dialog or a subscription need a Contact (RFC 3261 8.1.1.8). */
static void check_contact(sipv_message *m)
{
    const unsigned header = first_of(m, SIPV_H_CONTACT);
    if (header != SIPV_NO_HEADER) {
        if (SIPV_HARDLY(m->headers[header].value.n == 1))
            check_star(m, header);
        return;
    }
    if (m->kind == SIPV_REQUEST &&
        (m->method_id == SIPV_M_INVITE || m->method_id == SIPV_M_SUBSCRIBE ||
         m->method_id == SIPV_M_NOTIFY || m->method_id == SIPV_M_REFER))
        sipv_report(m, SIPV_D_CONTACT_MISSING, head_end(m), 0, SIPV_NO_HEADER);
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
    const unsigned char first = tag.n ? sipv_lower(tag.p[0]) : 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i][0] == first && sipv_slice_is(tag, known[i]))
            return true;
    return false;
}

static __attribute__((noinline)) void check_options(sipv_message *m, unsigned id)
{
    for (unsigned i = first_of(m, id); i != SIPV_NO_HEADER; i = m->headers[i].next) {
        if (m->headers[i].state != SIPV_READ)
            return;
        const struct parts p = parts_of(m, &m->headers[i]);
        for (const sipv_event *ev = p.ev; ev < p.end; ev++)
            if (ev->kind == SIPV_K_VALUE && !is_known_option(text_of(p.base, ev)))
                sipv_report_at(m, SIPV_D_UNKNOWN_OPTION, text_of(p.base, ev), i);
    }
}

static void check_target(sipv_message *m)
{
    if (m->kind != SIPV_REQUEST)
        return;
    if (SIPV_HARDLY(m->method_id == SIPV_M_OTHER))
        sipv_report_at(m, SIPV_D_UNKNOWN_METHOD, m->method, SIPV_NO_HEADER);
    const sipv_slice uri = m->request_uri;
    if (SIPV_MOSTLY(uri.n > 4) && SIPV_MOSTLY(memcmp(uri.p, "sip:", 4) == 0))
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

static __attribute__((noinline)) void report_places(sipv_message *m, uint32_t place)
{
    const sipv_header *const end = m->headers + m->n_headers;
    for (const sipv_header *h = m->headers; h < end; h++) {
        if (sipv_header_runs[h->id].places & place)
            continue;
        const sipv_header_info *info = &sipv_header_table[h->id];
        if (m->kind == SIPV_REQUEST || !(info->in_responses & 1) ||
            !lists_status(info->responses, m->status))
            sipv_report_at(m, SIPV_D_HEADER_NOT_ALLOWED, h->name, (unsigned)(h - m->headers));
    }
}

/* Headers where they may not be. */
static void check_places(sipv_message *m, uint32_t common)
{
    const uint32_t place = m->kind == SIPV_REQUEST      ? (uint32_t)1 << m->method_id
                           : SIPV_HARDLY(m->status < 0) ? 0
                                                        : (uint32_t)1 << (24 + m->status / 100);
    if (SIPV_HARDLY((common & place) != place))
        report_places(m, place);
}

void sipv_check_message(sipv_message *m, uint32_t places)
{
    check_mandatory(m);
    check_via(m);
    check_tags(m);
    check_call_id(m);
    check_cseq(m);
    check_max_forwards(m);
    check_contact(m);
    if (m->kind == SIPV_REQUEST && SIPV_HARDLY(has(m, SIPV_H_REQUIRE)))
        check_options(m, SIPV_H_REQUIRE);
    if (m->kind == SIPV_REQUEST && SIPV_HARDLY(has(m, SIPV_H_PROXY_REQUIRE)))
        check_options(m, SIPV_H_PROXY_REQUIRE);
    check_target(m);
    check_places(m, places);
    if (m->body.p && SIPV_HARDLY(!has(m, SIPV_H_CONTENT_TYPE)))
        sipv_report(m, SIPV_D_CONTENT_TYPE_MISSING, sipv_offset(m, m->body), m->body.n,
                    SIPV_NO_HEADER);
}
