#include "said.h"

#include <string.h>

/* ---- Hashes ------------------------------------------------------------------------------------
 */

enum { HASH_WORD = 8 };
#define HASH_FACTOR 0x9e3779b97f4a7c15u

static uint64_t mixed(uint64_t h, uint64_t value)
{
    h = (h ^ value) * HASH_FACTOR;
    return h ^ h >> 32;
}

/* Behind what `h` is of. */
static uint64_t hash_on(uint64_t h, sipv_slice s)
{
    uint64_t word;
    size_t i = 0;
    for (; s.n - i >= HASH_WORD; i += HASH_WORD) {
        memcpy(&word, s.p + i, HASH_WORD);
        h = mixed(h, word);
    }
    word = s.n;
    for (; i < s.n; i++)
        word = word << 8 | s.p[i];
    return mixed(h, word);
}

uint64_t said_hash(sipv_slice s)
{
    return hash_on(1, s);
}

static bool is_space(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

uint64_t said_hash_of_value(sipv_slice s)
{
    uint64_t h = 2;
    for (size_t i = 0; i < s.n; i++)
        if (!is_space(s.p[i]))
            h = (h ^ s.p[i]) * 0x100000001b3u;
    return mixed(h, 0);
}

/* ---- Values ------------------------------------------------------------------------------------
 */

/* Where in `s`, from `at` on, the octet `mark` stands outside of quotes and brackets. */
static size_t find(sipv_slice s, size_t at, unsigned char mark)
{
    bool quoted = false, bracket = false;
    for (; at < s.n; at++) {
        const unsigned char c = s.p[at];
        if (c == mark && !quoted && !bracket)
            return at;
        if (quoted && c == '\\')
            at++;
        else if (c == '"' && !bracket)
            quoted = !quoted;
        else if (!quoted && (c == '<' || c == '>'))
            bracket = c == '<';
    }
    return s.n;
}

static sipv_slice trimmed(sipv_slice s)
{
    while (s.n > 0 && is_space(s.p[0]))
        s = sipv_slice_of(s.p + 1, s.n - 1);
    while (s.n > 0 && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

/* The first `n_texts` of all are wanted as texts too. */
static void add_values(struct said *s, struct said_list *list, sipv_slice value, sipv_slice *texts,
                       size_t n_texts)
{
    for (size_t at = 0, end; at <= value.n; at = end + 1) {
        end = find(value, at, ',');
        const sipv_slice one = trimmed(sipv_slice_of(value.p + at, end - at));
        if (one.n == 0)
            continue;
        if (list->n < n_texts)
            texts[list->n] = one;
        if (list->n == SAID_VALUES)
            s->too_long = true;
        else
            list->value[list->n++] = said_hash_of_value(one);
    }
}

sipv_slice said_parameter(sipv_slice text, const char *name)
{
    const sipv_slice none = {NULL, 0};
    for (size_t at = find(text, 0, ';'), end; at < text.n; at = end) {
        end = find(text, at + 1, ';');
        const sipv_slice pair = sipv_slice_of(text.p + at + 1, end - at - 1);
        const size_t equals = find(pair, 0, '=');
        if (!sipv_slice_is(trimmed(sipv_slice_of(pair.p, equals)), name))
            continue;
        if (equals == pair.n)
            return sipv_slice_of(pair.p + pair.n, 0);
        return trimmed(sipv_slice_of(pair.p + equals + 1, pair.n - equals - 1));
    }
    return none;
}

sipv_slice said_uri(sipv_slice value)
{
    const size_t open = find(value, 0, '<');
    if (open == value.n)
        return value;
    const sipv_slice rest = sipv_slice_of(value.p + open + 1, value.n - open - 1);
    const unsigned char *close = rest.n ? memchr(rest.p, '>', rest.n) : NULL;
    return sipv_slice_of(rest.p, close ? (size_t)(close - rest.p) : rest.n);
}

bool said_same_list(const struct said_list *a, size_t skip_a, const struct said_list *b,
                    size_t skip_b)
{
    if (a->n < skip_a || b->n < skip_b || a->n - skip_a != b->n - skip_b)
        return false;
    return a->n == skip_a ||
           memcmp(a->value + skip_a, b->value + skip_b, (a->n - skip_a) * sizeof *a->value) == 0;
}

/* ---- A message ---------------------------------------------------------------------------------
 */

/* Up to the semicolon before its tag. */
static uint64_t without_tag(sipv_slice to)
{
    const sipv_slice tag = said_parameter(to, "tag");
    size_t n = tag.p ? (size_t)(tag.p - to.p) : to.n;
    while (tag.p && n > 0 && to.p[--n] != ';')
        ;
    return said_hash_of_value(sipv_slice_of(to.p, n));
}

static int64_t number(sipv_slice s)
{
    uint64_t value;
    return sipv_number(s, UINT32_MAX, &value) == SIPV_OK ? (int64_t)value : -1;
}

/* Without case; 0 if it is absent. */
static uint64_t hash_of_word(sipv_slice s)
{
    uint64_t h = 3;
    for (size_t i = 0; i < s.n; i++) {
        const unsigned char c = s.p[i];
        h = mixed(h, c >= 'A' && c <= 'Z' ? c + 32u : c);
    }
    return s.p ? h : 0;
}

/* Where the port of "host:port" begins, or the end: a colon in brackets begins none. */
static size_t port_of(sipv_slice sent_by)
{
    size_t at = sent_by.n;
    while (at > 0 && sent_by.p[at - 1] != ':' && sent_by.p[at - 1] != ']')
        at--;
    return at > 0 && sent_by.p[at - 1] == ':' ? at : sent_by.n;
}

static uint64_t hash_of_hostport(sipv_slice s, int64_t usual_port)
{
    const size_t port = port_of(s);
    if (port == s.n)
        return mixed(hash_of_word(s), (uint64_t)usual_port);
    return mixed(hash_of_word(trimmed(sipv_slice_of(s.p, port - 1))),
                 (uint64_t)number(trimmed(sipv_slice_of(s.p + port, s.n - port))));
}

/* The parts of "SIP / 2.0 / UDP host : port;name=value". */
struct via {
    sipv_slice transport, sent_by, params;
};

static struct via parts_of(sipv_slice via)
{
    size_t at = 0;
    if (!via.p)
        return (struct via){.transport = via, .sent_by = via, .params = via};
    for (unsigned slashes = 0; slashes < 2 && at < via.n; at++)
        slashes += via.p[at] == '/';
    while (at < via.n && is_space(via.p[at]))
        at++;
    const size_t transport = at;
    while (at < via.n && !is_space(via.p[at]))
        at++;
    const size_t end = find(via, at, ';');
    return (struct via){
        .transport = sipv_slice_of(via.p + transport, at - transport),
        .sent_by = trimmed(sipv_slice_of(via.p + at, end - at)),
        .params = sipv_slice_of(via.p + end, via.n - end),
    };
}

/* What port is meant without one depends on the transport. */
static uint64_t sent_by_of(sipv_slice text)
{
    const struct via via = parts_of(text);
    return hash_of_hostport(via.sent_by, sipv_slice_is(via.transport, "TLS") ? 5061 : 5060);
}

/* The next of ";name=value;name=value" without white space round the equals sign; 0: none. */
static uint64_t next_parameter(sipv_slice params, size_t *at)
{
    if (*at >= params.n)
        return 0;
    const size_t from = *at + 1;
    *at = find(params, from, ';');
    const sipv_slice pair = sipv_slice_of(params.p + from, *at - from);
    const size_t equals = find(pair, 0, '=');
    const uint64_t name = hash_of_word(trimmed(sipv_slice_of(pair.p, equals)));
    if (equals == pair.n)
        return mixed(name, 0);
    const sipv_slice value = sipv_slice_of(pair.p + equals + 1, pair.n - equals - 1);
    return mixed(name, hash_of_word(trimmed(value)));
}

static bool has_all(sipv_slice params, sipv_slice wanted)
{
    uint64_t one, other;
    for (size_t at = 0; (one = next_parameter(wanted, &at)) != 0;) {
        size_t here = 0;
        while ((other = next_parameter(params, &here)) != 0 && other != one)
            ;
        if (other == 0)
            return false;
    }
    return true;
}

bool said_same_via(sipv_slice a, sipv_slice b)
{
    const struct via one = parts_of(a), other = parts_of(b);
    return sipv_slice_equal_nocase(one.transport, other.transport) &&
           sent_by_of(a) == sent_by_of(b) && has_all(one.params, other.params) &&
           has_all(other.params, one.params);
}

static void read_to(struct said *s, sipv_slice value)
{
    if (s->to)
        return; /* of several the first counts, as with From and Call-ID */
    s->to = said_hash_of_value(value);
    s->to_address = without_tag(value);
    s->to_tag = hash_of_word(said_parameter(value, "tag"));
}

static void read_from(struct said *s, sipv_slice value)
{
    if (s->from)
        return;
    s->from = said_hash_of_value(value);
    s->from_tag = hash_of_word(said_parameter(value, "tag"));
}

/* Of several the first counts; before the value stands one fold at most. */
static void read_breadth(struct said *s, const sipv_header *h)
{
    size_t folds = 0;
    for (size_t i = 0; i < h->lead; i++)
        folds += h->value.p[-1 - (ptrdiff_t)i] == '\n';
    if (!s->has_breadth && folds < 2)
        s->max_breadth = number(h->value);
    s->has_breadth = true;
}

/* One line, with its name and end. */
static void read_line(struct said *s, const sipv_header *h, sipv_slice line)
{
    switch (h->id) {
    case SIPV_H_VIA: add_values(s, &s->vias, h->value, &s->top_via, 1); return;
    case SIPV_H_ROUTE: add_values(s, &s->routes, h->value, s->front_routes, SAID_FRONT); break;
    case SIPV_H_RECORD_ROUTE:
        add_values(s, &s->record_routes, h->value, &s->top_record_route, 1);
        break;
    case SIPV_H_MAX_BREADTH: read_breadth(s, h); break;
    case SIPV_H_MAX_FORWARDS: break;
    case SIPV_H_PROXY_AUTHORIZATION: s->credentials = hash_on(s->credentials, line); return;
    case SIPV_H_CONTENT_LENGTH: s->length = hash_on(s->length, line); return;
    case SIPV_H_WWW_AUTHENTICATE:
    case SIPV_H_PROXY_AUTHENTICATE:
        s->challenges = hash_on(s->challenges, line);
        s->n_challenges++;
        return;
    case SIPV_H_CALL_ID: s->call_id = s->call_id ? s->call_id : said_hash_of_value(h->value); break;
    case SIPV_H_FROM: read_from(s, h->value); break;
    case SIPV_H_TO: read_to(s, h->value); break;
    default: break;
    }
    if (h->id == SIPV_H_ROUTE || h->id == SIPV_H_RECORD_ROUTE || h->id == SIPV_H_MAX_BREADTH ||
        h->id == SIPV_H_MAX_FORWARDS)
        s->routing = hash_on(s->routing, line);
    else
        s->rest = hash_on(s->rest, line);
}

void said_read(struct said *s, const sipv_message *m)
{
    memset(s, 0, offsetof(struct said, vias));
    s->vias.n = s->routes.n = s->record_routes.n = 0;
    memset(&s->top_via, 0, sizeof *s - offsetof(struct said, top_via));
    s->kind = m->kind;
    s->status = m->status;
    s->method = m->kind == SIPV_REQUEST ? m->method_id : sipv_method_find(m->cseq_method);
    s->cseq = m->cseq;
    s->max_forwards = m->max_forwards;
    s->max_breadth = -1;
    s->uri = m->request_uri;
    s->name = said_hash(m->cseq_method);
    s->reason = said_hash(m->reason);
    s->request_uri = said_hash(m->request_uri);
    s->body = said_hash(m->body);
    for (size_t i = 0; i < m->n_headers; i++) {
        const sipv_header *h = &m->headers[i];
        read_line(s, h, sipv_slice_of(m->data.p + h->off, h->end - h->off));
    }
    const sipv_slice branch = said_parameter(s->top_via, "branch");
    s->branch = hash_of_word(branch);
    s->sent_by = sent_by_of(s->top_via);
    s->cookie = branch.n >= 7 && sipv_slice_is(sipv_slice_of(branch.p, 7), "z9hG4bK");
}
