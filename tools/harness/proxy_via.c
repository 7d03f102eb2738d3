/* Our own Via: RFC 3261 section 16.6 item 8 as RFC 5393 section 4.2 has it, and the loops that it
 * shows (section 16.3 item 4).
 *
 * A branch is the magic cookie, sixteen digits that nobody else has, a dash, and sixteen digits
 * that depend on what decides where the request goes, but not on its method. */
#include "proxy_core.h"

#include <string.h>

#include "hash.h"
#include "key.h"

enum { DIGITS = 16 };

static void hexadecimal(uint64_t value, char out[DIGITS])
{
    for (unsigned i = 0; i < DIGITS; i++, value <<= 4)
        out[i] = "0123456789abcdef"[value >> 60];
}

bool proxy_is_sent_by(const struct proxy_core *p, const sipv_via *via)
{
    sipv_slice host = via->host;
    if (host.n > 1 && host.p[0] == '[')
        host = sipv_slice_of(host.p + 1, host.n - 2);
    for (unsigned i = 0; i < PROXY_TRANSPORTS; i++) {
        const int64_t usual = i == HOP_TLS ? 5061 : 5060;
        if (p->listens[i] && sipv_slice_is(host, p->self[i].host) &&
            p->self[i].port == (via->port >= 0 ? via->port : usual) &&
            sipv_slice_is(via->transport, hop_transport_name((enum hop_transport)i)))
            return true;
    }
    return false;
}

static sipv_slice from_tag(sipv_message *m)
{
    sipv_address from;
    sipv_param tag = {{NULL, 0}, {NULL, 0}};
    sipv_iter it = sipv_each(m, SIPV_H_FROM);
    if (sipv_address_next(&it, &from) == SIPV_OK)
        sipv_param_find(&from.params, "tag", &tag);
    return tag.value;
}

/* The second part: what came in and decides, and what tells one transaction from another. */
static uint64_t second_part(const struct proxy_core *p, const struct proxy_request *r)
{
    struct hash h;
    hash_begin(&h, p->settings.seed);
    hash_add(&h, r->m->request_uri, false);
    for (size_t i = 0; i < r->n_routes; i++)
        hash_add(&h, r->routes[i].text, false);
    hash_add(&h, r->m->call_id, false);
    hash_add(&h, from_tag(r->m), false);
    hash_add_number(&h, (uint64_t)r->m->cseq);
    return hash_end(&h);
}

bool proxy_looped(const struct proxy_core *p, const struct proxy_request *r)
{
    char second[DIGITS];
    sipv_via via;
    sipv_param branch;
    sipv_iter it = sipv_each(r->m, SIPV_H_VIA);
    bool computed = false;
    while (sipv_via_next(&it, &via) == SIPV_OK) {
        if (!proxy_is_sent_by(p, &via) ||
            sipv_param_find(&via.params, "branch", &branch) != SIPV_OK || branch.value.n < DIGITS)
            continue;
        if (!computed)
            hexadecimal(second_part(p, r), second);
        computed = true;
        if (memcmp(branch.value.p + branch.value.n - DIGITS, second, DIGITS) == 0)
            return true;
    }
    return false;
}

/* The first part of a stateless branch: the same for the same request, its CANCEL and its ACK
 * (section 16.11). */
static uint64_t invariant(const struct proxy_core *p, sipv_message *m)
{
    struct transaction_key key;
    if (key_read(&key, m, true, p->settings.seed) != SIPV_OK)
        return 0;
    key_for_method(&key, "", p->settings.seed);
    return key.hash;
}

void proxy_branch_text(struct proxy_core *p, const struct proxy_request *r, char out[PROXY_BRANCH])
{
    struct hash h;
    hash_begin(&h, p->settings.seed);
    hash_add_number(&h, r->server != 0);
    hash_add_number(&h, r->server != 0 ? ++p->counter : invariant(p, r->m));
    memcpy(out, "z9hG4bK", 7);
    hexadecimal(hash_end(&h), out + 7);
    out[7 + DIGITS] = '-';
    hexadecimal(second_part(p, r), out + 8 + DIGITS);
    out[8 + 2 * DIGITS] = 0;
}
