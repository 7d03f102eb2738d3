#include "key.h"

#include "hash.h"

enum { VIA_EVENTS = 1024, URI_EVENTS = 1024 };

/* ---- Reading -------------------------------------------------------------------------------- */

static const unsigned char *end_of(sipv_slice s)
{
    return s.p + s.n;
}

/* From the protocol to the last parameter. */
static sipv_slice via_text(const sipv_via *via)
{
    const unsigned char *end = end_of(via->sent_by);
    sipv_param param;
    size_t at = 0;
    while (sipv_param_next(&via->params, &at, &param) == SIPV_OK) {
        const sipv_slice last = param.value.p ? param.value : param.name;
        if (end_of(last) > end)
            end = end_of(last);
    }
    return sipv_slice_of(via->protocol_name.p, (size_t)(end - via->protocol_name.p));
}

/* RFC 3261 section 20.42: what a port that is not there means depends on the transport. */
static int64_t port_of(const sipv_via *via)
{
    if (via->port >= 0)
        return via->port;
    return sipv_slice_is(via->transport, "TLS") ? 5061 : 5060;
}

static bool has_cookie(sipv_slice branch)
{
    return branch.n >= 7 && sipv_slice_is(sipv_slice_of(branch.p, 7), "z9hG4bK");
}

static sipv_slice tag_of(const sipv_address *address)
{
    sipv_param tag = {{NULL, 0}, {NULL, 0}};
    sipv_param_find(&address->params, "tag", &tag);
    return tag.value;
}

static void key_hash(struct transaction_key *key, const uint64_t seed[2])
{
    struct hash h;
    hash_begin(&h, seed);
    hash_add_number(&h, (uint64_t)key->server << 1 | key->cookie);
    hash_add(&h, key->method, false);
    if (key->cookie) {
        hash_add(&h, key->branch, true);
    } else {
        hash_add(&h, key->call_id, false);
        hash_add(&h, key->from_tag, true);
        hash_add_number(&h, (uint64_t)key->cseq);
    }
    if (key->server || !key->cookie) {
        hash_add(&h, key->sent_by, true);
        hash_add_number(&h, (uint64_t)key->port);
    }
    key->hash = hash_end(&h);
}

int key_read(struct transaction_key *key, sipv_message *m, bool server, const uint64_t seed[2])
{
    sipv_via via;
    sipv_address from, to;
    sipv_iter vias = sipv_each(m, SIPV_H_VIA);
    sipv_iter froms = sipv_each(m, SIPV_H_FROM);
    sipv_iter tos = sipv_each(m, SIPV_H_TO);
    if (sipv_via_next(&vias, &via) != SIPV_OK || sipv_address_next(&froms, &from) != SIPV_OK ||
        sipv_address_next(&tos, &to) != SIPV_OK || !m->call_id.p || m->cseq < 0 ||
        !m->cseq_method.p)
        return SIPV_REJECT;
    sipv_param branch = {{NULL, 0}, {NULL, 0}};
    sipv_param_find(&via.params, "branch", &branch);
    *key = (struct transaction_key){
        .server = server,
        .cookie = has_cookie(branch.value),
        .branch = branch.value,
        .via = via_text(&via),
        .sent_by = via.host,
        .port = port_of(&via),
        .uri = m->request_uri,
        .from_tag = tag_of(&from),
        .to_tag = tag_of(&to),
        .call_id = m->call_id,
        .method = m->cseq_method,
        .cseq = m->cseq,
    };
    key_hash(key, seed);
    return SIPV_OK;
}

void key_for_method(struct transaction_key *key, const char *method, const uint64_t seed[2])
{
    key->method = sipv_slice_text(method);
    key_hash(key, seed);
}

sipv_slice key_tag(const struct transaction_key *key, const uint64_t seed[2], char tag[KEY_TAG])
{
    struct hash h;
    hash_begin(&h, seed);
    hash_add_number(&h, key->hash);
    hash_add(&h, key->call_id, false);
    hash_add(&h, key->branch, true);
    uint64_t sum = hash_end(&h);
    for (unsigned i = 0; i < KEY_TAG; i++, sum >>= 4)
        tag[i] = "0123456789abcdef"[sum & 15];
    return sipv_slice_of(tag, KEY_TAG);
}

/* ---- Comparing ------------------------------------------------------------------------------ */

static bool same_uri(sipv_slice a, sipv_slice b)
{
    sipv_event ea[URI_EVENTS], eb[URI_EVENTS];
    sipv_uri ua, ub;
    if (sipv_slice_equal(a, b))
        return true;
    if (sipv_uri_parse(a, false, ea, URI_EVENTS, &ua, NULL) != SIPV_OK ||
        sipv_uri_parse(b, false, eb, URI_EVENTS, &ub, NULL) != SIPV_OK)
        return false;
    return sipv_uri_compare(&ua, &ub, NULL) == SIPV_URI_EQUAL;
}

static bool parse_via(sipv_slice text, sipv_event *events, sipv_via *via)
{
    sipv_iter it;
    return sipv_value_parse(SIPV_H_VIA, text, events, VIA_EVENTS, &it, NULL) == SIPV_OK &&
           sipv_via_next(&it, via) == SIPV_OK;
}

/* Every parameter of `a` is in `b` too. */
static bool params_within(const sipv_params *a, const sipv_params *b)
{
    sipv_param mine, theirs;
    size_t at = 0;
    while (sipv_param_next(a, &at, &mine) == SIPV_OK) {
        size_t bt = 0;
        bool found = false;
        while (!found && sipv_param_next(b, &bt, &theirs) == SIPV_OK)
            found = sipv_slice_equal_nocase(mine.name, theirs.name) &&
                    sipv_slice_equal_nocase(mine.value, theirs.value);
        if (!found)
            return false;
    }
    return true;
}

/* RFC 3261 section 20.42: sent-protocol, sent-by and parameters. */
static bool same_via(sipv_slice a, sipv_slice b)
{
    sipv_event ea[VIA_EVENTS], eb[VIA_EVENTS];
    sipv_via va, vb;
    if (sipv_slice_equal_nocase(a, b))
        return true;
    return parse_via(a, ea, &va) && parse_via(b, eb, &vb) &&
           sipv_slice_equal_nocase(va.transport, vb.transport) &&
           sipv_slice_equal_nocase(va.host, vb.host) && port_of(&va) == port_of(&vb) &&
           params_within(&va.params, &vb.params) && params_within(&vb.params, &va.params);
}

static bool matches_2543(const struct transaction_key *of, const struct transaction_key *key,
                         sipv_slice to_tag)
{
    if (of->cseq != key->cseq || !sipv_slice_equal(of->call_id, key->call_id) ||
        !sipv_slice_equal_nocase(of->from_tag, key->from_tag) || !same_via(of->via, key->via))
        return false;
    if (!of->server)
        return true; /* a response has no Request-URI, and its To tag is new */
    return sipv_slice_equal_nocase(to_tag.p ? to_tag : of->to_tag, key->to_tag) &&
           same_uri(of->uri, key->uri);
}

bool key_matches(const struct transaction_key *of, const struct transaction_key *key,
                 sipv_slice to_tag)
{
    if (of->hash != key->hash || of->server != key->server || of->cookie != key->cookie ||
        !sipv_slice_equal(of->method, key->method))
        return false;
    if (!of->cookie)
        return matches_2543(of, key, to_tag);
    return sipv_slice_equal_nocase(of->branch, key->branch) &&
           (!of->server ||
            (of->port == key->port && sipv_slice_equal_nocase(of->sent_by, key->sent_by)));
}

/* ---- Keeping -------------------------------------------------------------------------------- */

static sipv_slice moved(sipv_slice s, sipv_slice from, const unsigned char *to)
{
    return s.p ? sipv_slice_of(to + (s.p - from.p), s.n) : s;
}

struct transaction_key key_moved(const struct transaction_key *key, sipv_slice from,
                                 const unsigned char *to)
{
    struct transaction_key copy = *key;
    copy.branch = moved(key->branch, from, to);
    copy.via = moved(key->via, from, to);
    copy.sent_by = moved(key->sent_by, from, to);
    copy.uri = moved(key->uri, from, to);
    copy.from_tag = moved(key->from_tag, from, to);
    copy.to_tag = moved(key->to_tag, from, to);
    copy.call_id = moved(key->call_id, from, to);
    copy.method = moved(key->method, from, to);
    return copy;
}
