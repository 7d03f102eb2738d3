/* A URI as it stands inside angle brackets, or bare; a second one behind a line end is compared
 * with it.
 *
 * Oracles: slices, refusal, allocation, linear; round_trip (the parts put together are the URI);
 * meaning (a URI equals itself; comparison is symmetric; an escape of an unreserved character, case
 * of scheme and host, order of parameters and of headers change neither parts nor comparison).
 *
 * Bits: OWN: bare; behind it: the two lines are hosts as well; STORAGE: as many events as the
 * number says. */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <string.h>

#include "allocations.h"
#include "message.h"
#include "numbers.h"
#include "tables.h"
#include "text.h"
#include "typed_slices.h"
#include "work.h"

enum { BARE = FUZZ_BIT_OWN, HOSTS = 2 * FUZZ_BIT_OWN };
enum { EVENTS = 4096, LONGEST = 3 * 4096 };

struct parsed {
    sipv_uri uri;
    sipv_event events[EVENTS];
    int result;
};

static struct parsed one, two, other;

static bool parse(struct parsed *x, sipv_slice text, bool bare, size_t cap)
{
    const uint64_t before = fuzz_allocations, work = fuzz_work;
    size_t error = SIZE_MAX;
    memset(&x->uri, FUZZ_UNTOUCHED, sizeof x->uri);
    x->result = sipv_uri_parse(text, bare, x->events, cap, &x->uri, &error);
    fuzz_check_work(work, text.n, false);
    FUZZ_CHECK(allocation, fuzz_allocations == before, "a parse allocates");
    const bool has_place = x->result == SIPV_REJECT || x->result == SIPV_LIMIT;
    FUZZ_CHECK(refusal, has_place ? error <= text.n : error == SIZE_MAX,
               "an error outside the URI, or of nothing");
    FUZZ_CHECK(refusal, x->result != SIPV_BAD_ARGUMENT && x->result != SIPV_MORE, "no such result");
    FUZZ_CHECK(refusal, x->result != SIPV_NO_SPACE || cap < text.n + 160, "there was room enough");
    if (x->result != SIPV_OK) {
        FUZZ_CHECK(refusal, fuzz_is_filled(&x->uri, sizeof x->uri, FUZZ_UNTOUCHED),
                   "a refused URI has parts");
        return false;
    }
    fuzz_check_typed(&sipv_sip_typed[SIPV_VIEW_URI], NULL, &x->uri, text);
    FUZZ_CHECK(slices, x->uri.text.p == text.p && x->uri.text.n == text.n, "not the whole text");
    return true;
}

/* ---- Writing -----------------------------------------------------------------------------------
 */

static void put_param(struct fuzz_out *o, const char *mark, const sipv_param *p)
{
    fuzz_puts(o, mark);
    fuzz_put(o, p->name);
    if (!p->value.p)
        return;
    fuzz_puts(o, "=");
    fuzz_put(o, p->value);
}

/* In their order or the reverse; the first behind `first`. */
static void put_params(struct fuzz_out *o, const sipv_params *params, const char *first,
                       const char *mark, bool reverse)
{
    static sipv_param all[EVENTS];
    size_t count = 0;
    for (size_t at = 0; sipv_param_next(params, &at, &all[count]) == SIPV_OK;)
        count++;
    for (size_t i = 0; i < count; i++)
        put_param(o, i == 0 ? first : mark, &all[reverse ? count - 1 - i : i]);
}

static void put_marked(struct fuzz_out *o, const char *mark, sipv_slice s)
{
    if (!s.p)
        return;
    fuzz_puts(o, mark);
    fuzz_put(o, s);
}

static void put_uri(struct fuzz_out *o, const sipv_uri *uri, bool reverse)
{
    fuzz_put(o, uri->scheme);
    fuzz_puts(o, ":");
    fuzz_put(o, uri->number);
    put_marked(o, "//", uri->authority);
    fuzz_put(o, uri->path);
    put_marked(o, "?", uri->query);
    fuzz_put(o, uri->opaque);
    if (uri->user.p) {
        fuzz_put(o, uri->user);
        put_marked(o, ":", uri->password);
        fuzz_puts(o, "@");
    }
    fuzz_put(o, uri->host);
    if (uri->port >= 0) {
        fuzz_puts(o, ":");
        fuzz_put_number(o, (uint64_t)uri->port);
    }
    put_params(o, &uri->params, ";", ";", reverse);
    put_params(o, &uri->headers, "?", "&", reverse);
}

static bool same_params(const sipv_params *a, const sipv_params *b)
{
    sipv_param p, q;
    size_t i = 0, k = 0;
    for (;;) {
        const int result = sipv_param_next(a, &i, &p);
        if (result != sipv_param_next(b, &k, &q))
            return false;
        if (result == SIPV_END)
            return true;
        if (!sipv_slice_equal(p.name, q.name) || !sipv_slice_equal(p.value, q.value))
            return false;
    }
}

static bool same_parts(const sipv_uri *a, const sipv_uri *b)
{
    return sipv_slice_equal(a->scheme, b->scheme) && sipv_slice_equal(a->user, b->user) &&
           sipv_slice_equal(a->password, b->password) && sipv_slice_equal(a->host, b->host) &&
           a->port == b->port && sipv_slice_equal(a->number, b->number) &&
           sipv_slice_equal(a->authority, b->authority) && sipv_slice_equal(a->path, b->path) &&
           sipv_slice_equal(a->query, b->query) && sipv_slice_equal(a->opaque, b->opaque) &&
           same_params(&a->params, &b->params) && same_params(&a->headers, &b->headers);
}

/* The port once more, from the digits that stand behind the host. */
static void check_port(const sipv_uri *uri)
{
    if (!uri->host.p)
        return;
    const unsigned char *const end = uri->text.p + uri->text.n, *p = uri->host.p + uri->host.n;
    if (uri->port == SIPV_NUMBER_ABSENT) {
        FUZZ_CHECK(slices, p == end || *p != ':', "a port is absent");
        return;
    }
    FUZZ_CHECK(slices, p < end && *p == ':', "a port out of nothing");
    const unsigned char *const from = ++p;
    while (p < end && *p >= '0' && *p <= '9')
        p++;
    const sipv_slice digits = sipv_slice_of(from, (size_t)(p - from));
    FUZZ_CHECK(slices, uri->port >= 0 && fuzz_says(digits, (uint64_t)uri->port),
               "a port is not what its digits say");
    FUZZ_CHECK(slices, !fuzz_says_more(digits, 65535), "a port is above its maximum");
}

static void check_round_trip(const sipv_uri *uri, bool bare)
{
    static unsigned char first[LONGEST], second[LONGEST];
    struct fuzz_out x = FUZZ_OUT(first), y = FUZZ_OUT(second);
    put_uri(&x, uri, false);
    if (x.full)
        return;
    FUZZ_CHECK(round_trip, parse(&other, fuzz_out_slice(&x), bare, EVENTS), "its parts are no URI");
    FUZZ_CHECK(round_trip, same_parts(uri, &other.uri), "its parts make another URI");
    put_uri(&y, &other.uri, false);
    FUZZ_CHECK(round_trip, sipv_slice_equal(fuzz_out_slice(&x), fuzz_out_slice(&y)),
               "written again it is another text");
}

/* ---- Meaning -----------------------------------------------------------------------------------
 */

static bool is_unreserved(unsigned char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
           (c && strchr("-_.!~*'()", c));
}

static bool is_in(sipv_slice s, const unsigned char *p)
{
    return s.p && p >= s.p && p < s.p + s.n;
}

static bool is_sip(const sipv_uri *uri)
{
    return sipv_slice_is(uri->scheme, "sip") || sipv_slice_is(uri->scheme, "sips");
}

/* Names that are the same when their escapes are resolved, one perhaps the compact form of the
 * other; overlong ones may be. */
static bool same_name(sipv_slice a, sipv_slice b)
{
    unsigned char x[64], y[64];
    const size_t n = sipv_unescape(a, x, sizeof x), m = sipv_unescape(b, y, sizeof y);
    if (n > sizeof x || m > sizeof y)
        return true;
    const sipv_slice first = sipv_slice_of(x, n), second = sipv_slice_of(y, m);
    const unsigned id = sipv_header_find(first);
    return sipv_slice_equal_nocase(first, second) ||
           (id != SIPV_H_OTHER && id == sipv_header_find(second));
}

/* Among parameters and headers of one name the order may mean something. */
static bool repeats(const sipv_params *params)
{
    sipv_param a, b;
    for (size_t at = 0; sipv_param_next(params, &at, &a) == SIPV_OK;)
        for (size_t other = at; sipv_param_next(params, &other, &b) == SIPV_OK;)
            if (same_name(a.name, b.name))
                return true;
    return false;
}

/* Does the name of a parameter ask for a value of its own, with or without escapes in it?  The
 * values of RFC 3261 25.1 have none. */
static bool is_known_param(sipv_slice name)
{
    unsigned char plain[64];
    const size_t n = sipv_unescape(name, plain, sizeof plain);
    for (size_t i = 0; i < sipv_sip_tables.n_selects; i++)
        if (n > sizeof plain ||
            sipv_select_find(&sipv_sip_tables, &sipv_sip_tables.selects[i], name) ||
            sipv_select_find(&sipv_sip_tables, &sipv_sip_tables.selects[i],
                             sipv_slice_of(plain, n)))
            return true;
    return false;
}

/* Octets of a URI that may be escaped. */
static bool may_escape[LONGEST];

static void mark(const sipv_uri *uri, sipv_slice s)
{
    if (s.n)
        memset(may_escape + (s.p - uri->text.p), true, s.n);
}

/* Names that are one but for an escape would be refused if they were spelled in the same way. */
static void mark_params(const sipv_uri *uri, const sipv_params *params, bool is_header)
{
    const bool apart = is_header || !repeats(params);
    sipv_param p;
    for (size_t at = 0; sipv_param_next(params, &at, &p) == SIPV_OK;) {
        if (!is_header && is_known_param(p.name))
            continue;
        mark(uri, p.value);
        if (apart)
            mark(uri, p.name);
    }
}

/* User, password, parameters of no known name, and headers. */
static void mark_parts(const sipv_uri *uri)
{
    memset(may_escape, false, uri->text.n);
    mark(uri, uri->user);
    mark(uri, uri->password);
    mark_params(uri, &uri->params, false);
    mark_params(uri, &uri->headers, true);
}

/* The same URI in other words: letters of scheme and host in the other case, unreserved characters
 * escaped where `seed` says so.  No escape directly behind a percent sign or within one. */
static void put_otherwise(struct fuzz_out *o, const sipv_uri *uri, uint64_t seed)
{
    static const char hex[] = "0123456789abcdefABCDEF";
    if (uri->text.n > LONGEST) {
        o->full = true;
        return;
    }
    mark_parts(uri);
    const unsigned char *const end = uri->text.p + uri->text.n;
    unsigned in_escape = 0;
    for (const unsigned char *p = uri->text.p; p < end; p++) {
        unsigned char c = *p;
        const bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (letter && (is_in(uri->scheme, p) || is_in(uri->host, p)))
            c ^= 0x20;
        if (may_escape[p - uri->text.p] && is_unreserved(c) && !in_escape &&
            fuzz_draw(&seed) % 4 == 0) {
            const unsigned char escape[] = {'%', (unsigned char)hex[c >> 4],
                                            (unsigned char)hex[c & 15]};
            fuzz_put(o, sipv_slice_of(escape, 3));
            continue;
        }
        fuzz_put(o, sipv_slice_of(&c, 1));
        in_escape = c == '%' ? 2 : in_escape - (in_escape > 0);
    }
}

static sipv_uri_part compare(const sipv_uri *a, const sipv_uri *b)
{
    sipv_slice which, back;
    const sipv_uri_part part = sipv_uri_compare(a, b, &which);
    FUZZ_CHECK(meaning, part == sipv_uri_compare(b, a, &back), "a comparison is not symmetric");
    FUZZ_CHECK(meaning, sipv_uri_part_name(part), "a part without name");
    return part;
}

/* Another spelling of `one`, in `out`: equal to it, and compared with `two` as it is. */
static void check_spelling(const struct fuzz_out *out, bool bare, sipv_uri_part part)
{
    if (out->full)
        return;
    FUZZ_CHECK(meaning, parse(&other, fuzz_out_slice(out), bare, EVENTS),
               "another spelling is refused");
    FUZZ_CHECK(meaning, compare(&one.uri, &other.uri) == SIPV_URI_EQUAL,
               "another spelling is another URI");
    FUZZ_CHECK(meaning,
               two.result != SIPV_OK ||
                   (compare(&two.uri, &other.uri) == SIPV_URI_EQUAL) == (part == SIPV_URI_EQUAL),
               "another spelling compares in another way");
}

/* More than the default limit of parameters are not compared one by one. */
static bool are_many(const sipv_params *params)
{
    const sipv_limits limits = sipv_limits_default();
    sipv_param p;
    size_t count = 0;
    for (size_t at = 0; sipv_param_next(params, &at, &p) == SIPV_OK;)
        count++;
    return count > limits.params;
}

static void check_meaning(bool bare, uint64_t seed)
{
    static unsigned char text[LONGEST];
    struct fuzz_out otherwise = FUZZ_OUT(text), reverse = FUZZ_OUT(text);
    const sipv_uri_part part = two.result == SIPV_OK ? compare(&one.uri, &two.uri) : SIPV_URI_EQUAL;
    FUZZ_CHECK(meaning, compare(&one.uri, &one.uri) == SIPV_URI_EQUAL, "a URI is not itself");
    if (!is_sip(&one.uri) || are_many(&one.uri.headers))
        return;
    put_otherwise(&otherwise, &one.uri, seed);
    check_spelling(&otherwise, bare, part);
    if (repeats(&one.uri.params) || repeats(&one.uri.headers))
        return;
    put_uri(&reverse, &one.uri, true);
    check_spelling(&reverse, bare, part);
}

/* ---- Hosts -------------------------------------------------------------------------------------
 */

/* "[...]", as the C library reads it. */
static bool read_reference(sipv_slice s, struct in6_addr *out)
{
    char text[INET6_ADDRSTRLEN + 1] = {0};
    if (s.n < 2 || s.n - 2 >= sizeof text || s.p[0] != '[' || s.p[s.n - 1] != ']' ||
        memchr(s.p, 0, s.n))
        return false;
    memcpy(text, s.p + 1, s.n - 2);
    return inet_pton(AF_INET6, text, out) == 1;
}

/* "sip:HOST", which no parser has looked at. */
static sipv_uri made_uri(sipv_slice host, unsigned char *room, size_t cap)
{
    struct fuzz_out out = {room, cap, 0, false};
    sipv_uri uri;
    memset(&uri, 0, sizeof uri);
    fuzz_puts(&out, "sip:");
    fuzz_put(&out, host);
    uri.text = fuzz_out_slice(&out);
    uri.scheme = sipv_slice_of(room, 3);
    uri.host = sipv_slice_of(room + 4, out.n - 4);
    uri.port = SIPV_NUMBER_ABSENT;
    return uri;
}

/* Whatever two hosts are: equal as the C library says of IPv6 addresses, and of others without
 * case. */
static void check_hosts(sipv_slice a, sipv_slice b)
{
    static unsigned char first[LONGEST], second[LONGEST];
    struct in6_addr x, y;
    const sipv_uri u = made_uri(a, first, LONGEST), v = made_uri(b, second, LONGEST);
    FUZZ_CHECK(meaning, compare(&u, &u) == SIPV_URI_EQUAL, "a host is not itself");
    const bool equal = compare(&u, &v) == SIPV_URI_EQUAL;
    if (read_reference(u.host, &x) && read_reference(v.host, &y))
        FUZZ_CHECK(meaning, equal == (memcmp(&x, &y, sizeof x) == 0),
                   "addresses are compared as texts");
    else if (sipv_slice_equal_nocase(u.host, v.host))
        FUZZ_CHECK(meaning, equal, "a host is compared with case");
}

/* ---- Calls that are wrong ----------------------------------------------------------------------
 */

/* Once is enough.  Lengths are refused before anything is read. */
static void check_calls(void)
{
    static const unsigned char text[] = "sip:a";
    const sipv_slice right = sipv_slice_of(text, 5), none = {NULL, 0};
    sipv_uri uri;
    size_t error = 0;
    FUZZ_CHECK(refusal,
               sipv_uri_parse(right, false, one.events, 32, NULL, NULL) == SIPV_BAD_ARGUMENT,
               "no result");
    FUZZ_CHECK(refusal,
               sipv_uri_parse(none, false, one.events, 32, &uri, NULL) == SIPV_BAD_ARGUMENT,
               "no text");
    FUZZ_CHECK(refusal, sipv_uri_parse(right, false, NULL, 32, &uri, NULL) == SIPV_BAD_ARGUMENT,
               "no room");
    FUZZ_CHECK(refusal, sipv_uri_parse(right, false, NULL, 0, &uri, NULL) == SIPV_NO_SPACE,
               "little room");
    FUZZ_CHECK(refusal,
               SIZE_MAX <= UINT32_MAX ||
                   (sipv_uri_parse(sipv_slice_of(text, SIZE_MAX), false, one.events, 32, &uri,
                                   &error) == SIPV_LIMIT &&
                    error == UINT32_MAX &&
                    sipv_uri_parse(sipv_slice_of(text, SIZE_MAX), false, one.events, 32, &uri,
                                   NULL) == SIPV_LIMIT),
               "a text too long");
    FUZZ_CHECK(refusal, !sipv_uri_part_name((sipv_uri_part)(SIPV_URI_OPAQUE + 1)), "no such part");
    memset(&uri, 0, sizeof uri);
    FUZZ_CHECK(meaning, sipv_uri_compare(&uri, &uri, NULL) == SIPV_URI_EQUAL,
               "nothing is not nothing");
    uri.scheme = sipv_slice_of(text, 3);
    FUZZ_CHECK(meaning, sipv_uri_compare(&uri, &uri, NULL) == SIPV_URI_EQUAL,
               "no text is not itself");
    sipv_uri number = {.text = sipv_slice_text("tel:1"),
                       .scheme = sipv_slice_text("tel"),
                       .number = sipv_slice_text("1"),
                       .port = SIPV_NUMBER_ABSENT},
             empty = number;
    empty.text = sipv_slice_text("tel:");
    empty.number = none;
    FUZZ_CHECK(meaning, compare(&number, &empty) == SIPV_URI_NUMBER, "a number is none");
    number.number = none;
    FUZZ_CHECK(meaning, compare(&number, &empty) == SIPV_URI_EQUAL, "none is a number");
}

/* ---- The target --------------------------------------------------------------------------------
 */

static void check_unescape(sipv_slice s)
{
    unsigned char out[64], again[64];
    if (!s.p || s.n > sizeof out)
        return;
    const size_t n = sipv_unescape(s, out, sizeof out);
    FUZZ_CHECK(slices, n <= s.n && sipv_unescape(s, again, 0) == n, "an escape makes more of it");
    FUZZ_CHECK(slices, sipv_unescape(s, again, n) == n && memcmp(out, again, n) == 0,
               "the size that was asked for is not enough");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in;
    if (!fuzz_open(&in, data, size))
        return 0;
    fuzz_once(check_calls);
    const bool bare = (in.bits & BARE) != 0;
    sipv_slice rest = fuzz_text(&in);
    const sipv_slice first = fuzz_take(&rest, '\n');
    two.result = SIPV_ABSENT;
    check_unescape(first);
    if (in.bits & HOSTS)
        check_hosts(first, rest);
    if (in.bits & FUZZ_BIT_STORAGE)
        parse(&other, first, bare, fuzz_number(&in) % EVENTS);
    if (rest.n)
        parse(&two, rest, bare, EVENTS);
    if (parse(&one, first, bare, EVENTS)) {
        check_port(&one.uri);
        check_round_trip(&one.uri, bare);
        check_meaning(bare, fuzz_number(&in));
        check_unescape(one.uri.user);
    }
    fuzz_close(&in);
    return 0;
}
