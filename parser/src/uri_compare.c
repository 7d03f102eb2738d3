/* When two URIs are the same: RFC 3261 19.1.4 for sip and sips, RFC 3966 section 4 for tel.
 *
 * Text is read octet by octet with escapes resolved on the way.  An escape of a reserved character
 * (RFC 2396 2.2) is not that character, any other escape is.  The order of parameters and headers
 * does not matter; the names of both URIs are sorted together, so the work is linear in the text.
 *
 * A header of a URI may carry an address with a URI of its own.  That one is compared without its
 * headers, which is why nothing here calls itself. */
#include <string.h>

#include <sipvet/parser.h>

#include "same_names.h"

enum { END = SIPV_NAME_END, RESERVED = 256 };

/* More parameters than the default limit allows are not compared. */
enum { MANY = SIPV_NAMES };

/* ---- Text ----------------------------------------------------------------------------------- */

static int lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static int hex_digit(unsigned char c)
{
    const int l = lower(c);
    if (l >= '0' && l <= '9')
        return l - '0';
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

static bool is_reserved(int c)
{
    return c != 0 && strchr(";/?:@&=+$,", c) != NULL;
}

/* Takes one octet off the front: END, the octet, or RESERVED and the octet if it is reserved and
 * was escaped. */
static int take(sipv_slice *s)
{
    if (s->n == 0)
        return END;
    int c = s->p[0];
    size_t n = 1;
    if (c == '%' && s->n >= 3 && hex_digit(s->p[1]) >= 0 && hex_digit(s->p[2]) >= 0) {
        c = hex_digit(s->p[1]) * 16 + hex_digit(s->p[2]);
        c |= is_reserved(c) ? RESERVED : 0;
        n = 3;
    }
    s->p += n;
    s->n -= n;
    return c;
}

/* Same text; absent equals absent only. */
static bool same(sipv_slice a, sipv_slice b, bool with_case)
{
    if (!a.p || !b.p)
        return !a.p && !b.p;
    for (;;) {
        const int x = take(&a), y = take(&b);
        if (x != y && (with_case || lower(x) != lower(y)))
            return false;
        if (x == END)
            return true;
    }
}

static bool is(sipv_slice a, const char *text)
{
    return same(a, sipv_slice_text(text), false);
}

/* ---- Hosts and numbers ---------------------------------------------------------------------- */

/* Reads four decimal octets that are all of `s`. */
static bool read_ipv4(sipv_slice s, unsigned char out[4])
{
    size_t i = 0;
    for (int k = 0; k < 4; k++) {
        if (k > 0 && (i >= s.n || s.p[i++] != '.'))
            return false;
        const size_t from = i;
        unsigned value = 0;
        for (; i < s.n && i - from < 3 && s.p[i] >= '0' && s.p[i] <= '9'; i++)
            value = value * 10 + (unsigned)(s.p[i] - '0');
        if (i == from || value > 255)
            return false;
        out[k] = (unsigned char)value;
    }
    return i == s.n;
}

/* Reads an IPv6reference (RFC 5954 4.1, RFC 3986 3.2.2) into its 16 octets. */
static bool read_ipv6(sipv_slice s, unsigned char out[16])
{
    if (s.n < 4 || s.p[0] != '[' || s.p[s.n - 1] != ']')
        return false;
    const unsigned char *p = s.p + 1;
    const size_t n = s.n - 2;
    unsigned char octets[16] = {0};
    size_t at = 0, gap = 16, i = 0; /* gap: where "::" stood, 16 if it did not */
    if (p[0] == ':' && p[1] == ':') {
        gap = 0;
        i = 2;
    }
    while (i < n) {
        const size_t from = i;
        unsigned value = 0;
        for (; i < n && i - from < 4 && hex_digit(p[i]) >= 0; i++)
            value = value * 16 + (unsigned)hex_digit(p[i]);
        if (i < n && p[i] == '.') {
            if (at > 12 || !read_ipv4(sipv_slice_of(p + from, n - from), octets + at))
                return false;
            at += 4;
            break;
        }
        if (i == from || at > 14)
            return false;
        octets[at++] = (unsigned char)(value >> 8);
        octets[at++] = (unsigned char)(value & 255);
        if (i == n)
            break;
        if (p[i++] != ':' || i == n)
            return false;
        if (p[i] == ':') {
            if (gap != 16)
                return false;
            gap = at;
            i++;
        }
    }
    if (gap == 16 ? at != 16 : at > 14)
        return false;
    memset(out, 0, 16);
    memcpy(out, octets, gap);
    memcpy(out + 16 - (at - gap), octets + gap, at - gap);
    return true;
}

/* Names without case; IPv6 addresses as addresses, since one address has many texts (RFC 5118 4.5).
 * There are no escapes in a host (19.1.2). */
static bool same_host(sipv_slice a, sipv_slice b)
{
    unsigned char x[16], y[16];
    if (read_ipv6(a, x) && read_ipv6(b, y))
        return memcmp(x, y, 16) == 0;
    return sipv_slice_equal_nocase(a, b);
}

/* The next octet that is no visual-separator (RFC 3966 5.1.1). */
static int take_digit(sipv_slice *s)
{
    int c = take(s);
    while (c == '-' || c == '.' || c == '(' || c == ')')
        c = take(s);
    return lower(c);
}

static bool same_digits(sipv_slice a, sipv_slice b)
{
    if (!a.p || !b.p)
        return !a.p && !b.p;
    for (;;) {
        const int x = take_digit(&a), y = take_digit(&b);
        if (x != y)
            return false;
        if (x == END)
            return true;
    }
}

/* ---- Lists of named values ------------------------------------------------------------------ */

enum list_kind { SIP_PARAMS, TEL_PARAMS, ADDRESS_PARAMS, URI_HEADERS };

struct list {
    const sipv_params *params;
    enum list_kind kind;
    size_t n;
    uint32_t at[MANY];      /* where each begins, for sipv_param_next */
    uint16_t partner[MANY]; /* in the other list: the k-th of a name has the k-th, or NOBODY */
    bool again[MANY];       /* one before it has the same name */
};

enum { NOBODY = MANY };

/* The id of a header named in a URI, which may be written with escapes. */
static unsigned header_id(sipv_slice name)
{
    unsigned char text[64];
    const size_t n = sipv_unescape(name, text, sizeof text);
    return n <= sizeof text ? sipv_header_find(sipv_slice_of(text, n)) : SIPV_H_OTHER;
}

/* What stands for a name: of a known header the long name, so that the compact one is the same. */
static sipv_slice long_name(enum list_kind kind, sipv_slice name)
{
    const unsigned id = kind == URI_HEADERS ? header_id(name) : SIPV_H_OTHER;
    return id == SIPV_H_OTHER ? name : sipv_slice_text(sipv_header_info_of(id)->name);
}

static int take_letter(sipv_slice *name)
{
    return lower(take(name));
}

/* Adds the names to those to be sorted.  False if there are too many. */
static bool list_begin(struct list *l, const sipv_params *params, enum list_kind kind,
                       struct sipv_names *names)
{
    sipv_param p;
    size_t at = 0, from = 0;
    l->params = params;
    l->kind = kind;
    l->n = 0;
    for (; sipv_param_next(params, &at, &p) == SIPV_OK; from = at) {
        if (l->n == MANY)
            return false;
        l->at[l->n++] = (uint32_t)from;
        names->rest[names->n++] = long_name(kind, p.name);
    }
    return true;
}

static sipv_param list_get(const struct list *l, size_t i)
{
    sipv_param p = {{NULL, 0}, {NULL, 0}};
    size_t at = l->at[i];
    sipv_param_next(l->params, &at, &p);
    return p;
}

/* Finds partners.  `first` of a name, of `a` and then `b`, is the same for all that are the same.
 */
static void find_partners(struct list *a, struct list *b, const uint16_t *first)
{
    uint16_t head[2 * MANY], next[MANY]; /* those of `b` by name: the first without a partner */
    for (size_t i = 0; i < a->n + b->n; i++)
        head[i] = NOBODY;
    for (size_t i = b->n; i-- > 0;) {
        uint16_t *const of_name = &head[first[a->n + i]];
        b->partner[i] = NOBODY;
        b->again[i] = false;
        next[i] = *of_name;
        if (next[i] != NOBODY)
            b->again[next[i]] = true;
        *of_name = (uint16_t)i;
    }
    for (size_t i = 0; i < a->n; i++) {
        const uint16_t partner = head[first[i]];
        a->again[i] = first[i] != i;
        a->partner[i] = partner;
        if (partner == NOBODY)
            continue;
        b->partner[partner] = (uint16_t)i;
        head[first[i]] = next[partner];
    }
}

/* False if there are too many in one of them.  Apart, for the stack it needs. */
static __attribute__((noinline)) bool lists_begin(struct list *a, const sipv_params *of_a,
                                                  struct list *b, const sipv_params *of_b,
                                                  enum list_kind kind)
{
    struct sipv_names names;
    names.n = 0;
    if (!list_begin(a, of_a, kind, &names) || !list_begin(b, of_b, kind, &names))
        return false;
    sipv_names_sort(&names, take_letter);
    find_partners(a, b, names.first);
    return true;
}

/* ---- Parameters ----------------------------------------------------------------------------- */

/* Tokens have no case, quoted strings have (RFC 3261 7.3.1); '%' escapes nothing in a header. */
static bool same_word(sipv_slice a, sipv_slice b)
{
    const bool quoted = a.n > 0 && a.p[0] == '"';
    return quoted ? sipv_slice_equal(a, b) : sipv_slice_equal_nocase(a, b);
}

static bool same_param(enum list_kind kind, sipv_slice name, sipv_slice a, sipv_slice b)
{
    if (kind == ADDRESS_PARAMS)
        return same_word(a, b);
    if (kind == TEL_PARAMS) {
        const bool number = is(name, "ext") || (is(name, "phone-context") && a.n && a.p[0] == '+');
        return number ? same_digits(a, b) : same(a, b, false);
    }
    if (is(name, "maddr"))
        return same_host(a, b);
    return same(a, b, is(name, "method")); /* methods have case, 7.1 */
}

/* A parameter that is in one URI only: does it make the URIs differ? */
static bool counts_alone(enum list_kind kind, sipv_slice name)
{
    static const char *const in_sip[] = {"transport", "user", "ttl", "method", "maddr"};
    if (kind == TEL_PARAMS)
        return true;
    if (kind == ADDRESS_PARAMS)
        return is(name, "tag"); /* all others are extensions, 20.20 */
    for (size_t i = 0; i < sizeof in_sip / sizeof in_sip[0]; i++)
        if (is(name, in_sip[i]))
            return true;
    return false;
}

/* Is the i-th parameter in both URIs the same, or in one only where that does not matter? */
static bool param_matches(const struct list *a, const struct list *b, size_t i, sipv_slice *name)
{
    const sipv_param p = list_get(a, i);
    *name = p.name;
    return a->partner[i] == NOBODY
               ? !counts_alone(a->kind, p.name)
               : same_param(a->kind, p.name, p.value, list_get(b, a->partner[i]).value);
}

/* Is all of `a` in `b` that must be there?  Of a repeated parameter the first counts. */
static bool params_match(const struct list *a, const struct list *b, sipv_slice *which)
{
    sipv_slice name;
    for (size_t i = 0; i < a->n; i++)
        if (!a->again[i] && !param_matches(a, b, i, &name)) {
            *which = name;
            return false;
        }
    return true;
}

static bool same_params(const sipv_params *a, const sipv_params *b, enum list_kind kind,
                        sipv_slice *which)
{
    struct list x, y;
    return lists_begin(&x, a, &y, b, kind) && params_match(&x, &y, which) &&
           params_match(&y, &x, which);
}

/* ---- URIs without their headers ------------------------------------------------------------- */

static bool is_sip(const sipv_uri *u)
{
    return sipv_slice_is(u->scheme, "sip") || sipv_slice_is(u->scheme, "sips");
}

/* What stands behind the scheme. */
static sipv_slice behind_scheme(const sipv_uri *u)
{
    if (!u->scheme.p || u->scheme.n > u->text.n)
        return u->text;
    return sipv_slice_of(u->text.p + u->scheme.n, u->text.n - u->scheme.n);
}

static sipv_uri_part compare_sip(const sipv_uri *a, const sipv_uri *b, sipv_slice *which)
{
    if (!same(a->user, b->user, true))
        return SIPV_URI_USER;
    if (!same(a->password, b->password, true))
        return SIPV_URI_PASSWORD;
    if (!same_host(a->host, b->host))
        return SIPV_URI_HOST;
    if (a->port != b->port)
        return SIPV_URI_PORT;
    return same_params(&a->params, &b->params, SIP_PARAMS, which) ? SIPV_URI_EQUAL
                                                                  : SIPV_URI_PARAMETER;
}

static sipv_uri_part compare_tel(const sipv_uri *a, const sipv_uri *b, sipv_slice *which)
{
    if (!same_digits(a->number, b->number))
        return SIPV_URI_NUMBER;
    return same_params(&a->params, &b->params, TEL_PARAMS, which) ? SIPV_URI_EQUAL
                                                                  : SIPV_URI_PARAMETER;
}

static sipv_uri_part compare_but_headers(const sipv_uri *a, const sipv_uri *b, sipv_slice *which)
{
    if (!sipv_slice_equal_nocase(a->scheme, b->scheme))
        return SIPV_URI_SCHEME;
    if (sipv_slice_equal(behind_scheme(a), behind_scheme(b)))
        return SIPV_URI_EQUAL;
    if (is_sip(a))
        return compare_sip(a, b, which);
    if (sipv_slice_is(a->scheme, "tel"))
        return compare_tel(a, b, which);
    return SIPV_URI_OPAQUE;
}

/* ---- Headers of a URI ----------------------------------------------------------------------- */

/* Here every escape is its octet: what is compared is the header field that would be made of it. */
static int take_plain(sipv_slice *s)
{
    const int c = take(s);
    return c == END ? END : c & 255;
}

/* Header field values are compared without case, but for quoted strings (RFC 3261 7.3.1) and, in
 * angle brackets, URIs.  Up to the first difference both values are in the same state. */
static bool same_value(sipv_slice a, sipv_slice b, bool with_case)
{
    bool quoted = false, bracketed = false, escaped = false;
    for (;;) {
        const int x = take_plain(&a), y = take_plain(&b);
        if (x != y && (with_case || quoted || bracketed || lower(x) != lower(y)))
            return false;
        if (x == END)
            return true;
        if (escaped)
            escaped = false;
        else if (quoted && x == '\\')
            escaped = true;
        else if (x == '"')
            quoted = !quoted;
        else if (!quoted && (x == '<' || x == '>'))
            bracketed = x == '<';
    }
}

/* Header fields whose definition says that case matters, and those in which a URI may stand without
 * brackets. */
static bool value_has_case(unsigned id)
{
    const sipv_header_info *info = sipv_header_info_of(id);
    switch (info ? info->view : -1) {
    case SIPV_VIEW_CALL_ID:
    case SIPV_VIEW_IN_REPLY_TO:
    case SIPV_VIEW_REPLACES:
    case SIPV_VIEW_CSEQ:
    case SIPV_VIEW_RACK:
    case SIPV_VIEW_DATE:
    case SIPV_VIEW_ADDRESS:
    case SIPV_VIEW_CONTACT:
    case SIPV_VIEW_ASSERTED_IDENTITY:
    case SIPV_VIEW_REFER:
    case SIPV_VIEW_ADDRESS_LIST:
    case SIPV_VIEW_PARTY:
    case SIPV_VIEW_URI_LIST:
    case SIPV_VIEW_URI_VALUE: return true;
    default: return id == SIPV_H_ALLOW;
    }
}

/* An address header taken out of a URI. */
struct address {
    unsigned char text[512];
    sipv_event events[96];
    sipv_address parts;
};

static bool read_address(unsigned id, sipv_slice value, struct address *out)
{
    sipv_iter it;
    const size_t n = sipv_unescape(value, out->text, sizeof out->text);
    return n <= sizeof out->text &&
           sipv_value_parse(id, sipv_slice_of(out->text, n), out->events,
                            sizeof out->events / sizeof out->events[0], &it, NULL) == SIPV_OK &&
           sipv_address_next(&it, &out->parts) == SIPV_OK && out->parts.uri.headers.n == 0;
}

/* From and To are the same if URI and parameters are; display name and brackets are no matter
 * (RFC 3261 20.20).  Not inlined: few headers need that much of the stack. */
static __attribute__((noinline)) bool same_address(unsigned id, sipv_slice a, sipv_slice b)
{
    struct address x, y;
    sipv_slice which;
    if (!read_address(id, a, &x) || !read_address(id, b, &y))
        return same_value(a, b, true);
    return compare_but_headers(&x.parts.uri, &y.parts.uri, &which) == SIPV_URI_EQUAL &&
           same_params(&x.parts.params, &y.parts.params, ADDRESS_PARAMS, &which);
}

static bool same_header(sipv_slice name, sipv_slice a, sipv_slice b)
{
    const unsigned id = header_id(name);
    if (id == SIPV_H_FROM || id == SIPV_H_TO || id == SIPV_H_REPLY_TO)
        return same_address(id, a, b);
    /* "body" is no header but the message body, 19.1.1. */
    return same_value(a, b, value_has_case(id) || is(name, "body"));
}

/* All headers of `a` are in `b`: the k-th of a name matches the k-th, since header fields of one
 * name keep their order (7.3.1). */
static bool headers_match(const struct list *a, const struct list *b, sipv_slice *which)
{
    for (size_t i = 0; i < a->n; i++) {
        const sipv_param p = list_get(a, i);
        if (a->partner[i] != NOBODY &&
            same_header(p.name, p.value, list_get(b, a->partner[i]).value))
            continue;
        *which = p.name;
        return false;
    }
    return true;
}

static bool same_headers(const sipv_params *a, const sipv_params *b, sipv_slice *which)
{
    struct list x, y;
    return lists_begin(&x, a, &y, b, URI_HEADERS) && headers_match(&x, &y, which) &&
           headers_match(&y, &x, which);
}

/* ---- The whole ------------------------------------------------------------------------------ */

sipv_uri_part sipv_uri_compare(const sipv_uri *a, const sipv_uri *b, sipv_slice *which)
{
    sipv_slice name = {NULL, 0};
    sipv_uri_part part = compare_but_headers(a, b, &name);
    if (part == SIPV_URI_EQUAL && is_sip(a) &&
        !sipv_slice_equal(behind_scheme(a), behind_scheme(b)) &&
        !same_headers(&a->headers, &b->headers, &name))
        part = SIPV_URI_HEADER;
    if (which)
        *which = name;
    return part;
}

const char *sipv_uri_part_name(sipv_uri_part part)
{
    static const char *const names[] = {
        [SIPV_URI_EQUAL] = "equal",         [SIPV_URI_SCHEME] = "scheme",
        [SIPV_URI_USER] = "user",           [SIPV_URI_PASSWORD] = "password",
        [SIPV_URI_HOST] = "host",           [SIPV_URI_PORT] = "port",
        [SIPV_URI_PARAMETER] = "parameter", [SIPV_URI_HEADER] = "header",
        [SIPV_URI_NUMBER] = "number",       [SIPV_URI_OPAQUE] = "opaque",
    };
    const size_t i = (size_t)part;
    return i < sizeof names / sizeof names[0] ? names[i] : NULL;
}
