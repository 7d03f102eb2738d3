/* The client's side: which challenge is answered, and how. */
#include <string.h>

#include "internal.h"

int sipv_client_init(sipv_client *c, void *memory, size_t cap, const sipv_client_config *config)
{
    if (!c || (!memory && cap))
        return SIPV_BAD_ARGUMENT;
    memset(c, 0, sizeof *c);
    c->memory = memory;
    c->cap = cap;
    if (config)
        c->config = *config;
    if (!c->config.algorithms)
        c->config.algorithms = SIPV_ALGORITHMS_ALL;
    if (!c->config.qops)
        c->config.qops = SIPV_BIT(SIPV_QOP_OTHER) - 1;
    if (!c->config.random)
        c->config.random = sipv_random_openssl;
    return SIPV_OK;
}

void sipv_client_close(sipv_client *c)
{
    if (!c)
        return;
    sipv_wipe(c->memory, c->cap);
    sipv_wipe(c, sizeof *c);
}

/* ---- Choosing -----------------------------------------------------------------------------------
 */

static bool can_meet(const sipv_client *c, const sipv_hasher *h, const sipv_challenge *ch)
{
    return ch->fault.reason == SIPV_FINE && sipv_hasher_has(h, ch->algorithm) &&
           c->config.algorithms >> (unsigned)ch->algorithm & 1 && ch->qops & c->config.qops &&
           (!c->realm.p || sipv_slice_equal(c->realm, ch->realm));
}

static const sipv_challenge *choose(const sipv_client *c, const sipv_hasher *h,
                                    const sipv_challenge *list, size_t n)
{
    const sipv_challenge *best = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!can_meet(c, h, &list[i]))
            continue;
        if (!best ||
            (c->config.preference == SIPV_PREFER_STRONGEST && list[i].algorithm > best->algorithm))
            best = &list[i];
    }
    return best;
}

static sipv_qop choose_qop(const sipv_client *c, unsigned offered)
{
    const unsigned set = offered & c->config.qops;
    const sipv_qop first = c->config.prefer_integrity ? SIPV_QOP_AUTH_INT : SIPV_QOP_AUTH;
    const sipv_qop second = c->config.prefer_integrity ? SIPV_QOP_AUTH : SIPV_QOP_AUTH_INT;
    return set & SIPV_BIT(first) ? first : set & SIPV_BIT(second) ? second : SIPV_QOP_NONE;
}

/* A text of the challenge behind those that are kept already. */
static sipv_slice keep(const sipv_client *c, size_t *used, sipv_slice text)
{
    if (!text.p)
        return text;
    if (text.n)
        memmove(c->memory + *used, text.p, text.n);
    const sipv_slice kept = sipv_slice_of(c->memory + *used, text.n);
    *used += text.n;
    return kept;
}

static void begin_nonce(sipv_client *c)
{
    c->nc = 0;
    c->has_cnonce = false;
    c->answered = false;
}

/* The nonce comes last: nextnonce takes its place. */
static int take(sipv_client *c, const sipv_challenge *ch)
{
    size_t used = 0;
    if (ch->realm.n > c->cap || ch->opaque.n > c->cap - ch->realm.n ||
        ch->nonce.n > c->cap - ch->realm.n - ch->opaque.n)
        return SIPV_NO_SPACE;
    c->realm = keep(c, &used, ch->realm);
    c->opaque = keep(c, &used, ch->opaque);
    c->nonce = keep(c, &used, ch->nonce);
    c->algorithm = ch->algorithm;
    c->algorithm_shown = ch->algorithm_text.p != NULL;
    c->userhash = ch->userhash;
    c->qop = choose_qop(c, ch->qops);
    begin_nonce(c);
    return SIPV_OK;
}

int sipv_client_challenged(sipv_client *c, const sipv_hasher *h, const sipv_challenge *list,
                           size_t n)
{
    if (!c || !h || (!list && n))
        return SIPV_BAD_ARGUMENT;
    const sipv_challenge *const ch = choose(c, h, list, n);
    if (!ch)
        return SIPV_ABSENT;
    if (c->answered && (!ch->stale || sipv_slice_equal(ch->nonce, c->nonce) ||
                        ++c->stale_rows > SIPV_CLIENT_STALE_MAX))
        return SIPV_END;
    return take(c, ch);
}

void sipv_client_accepted(sipv_client *c)
{
    if (!c)
        return;
    c->answered = false;
    c->stale_rows = 0;
}

/* ---- Answering ----------------------------------------------------------------------------------
 */

static bool make_cnonce(sipv_client *c)
{
    unsigned char octets[SIPV_CLIENT_CNONCE / 2];
    if (c->has_cnonce)
        return true;
    if (!c->config.random(c->config.with, octets, sizeof octets))
        return false;
    sipv_hex_write(octets, sizeof octets, c->cnonce);
    c->has_cnonce = true;
    return true;
}

/* What a response with count `nc` is made of. */
static void fill(const sipv_client *c, const sipv_client_request *r, const char *nc, sipv_digest *d)
{
    memset(d, 0, sizeof *d);
    d->algorithm = c->algorithm;
    d->qop = c->qop;
    d->username = r->username;
    d->realm = c->realm;
    d->password = r->password;
    d->ha1 = r->ha1;
    d->method = r->method;
    d->uri = r->uri;
    d->nonce = c->nonce;
    d->nc = sipv_slice_of(nc, SIPV_NC_DIGITS);
    d->cnonce = sipv_slice_of(c->cnonce, SIPV_CLIENT_CNONCE);
    d->body = r->body;
}

int sipv_client_answer(sipv_client *c, sipv_hasher *h, const sipv_client_request *request,
                       void *out, size_t cap, size_t *n)
{
    char nc[SIPV_NC_DIGITS];
    sipv_credentials_parts parts;
    sipv_digest d;
    sipv_digits response, name;
    if (!c || !h || !request || !n || (!out && cap) || !request->username.p)
        return SIPV_BAD_ARGUMENT;
    if (c->nc == UINT32_MAX)
        return SIPV_LIMIT;
    if (!c->nonce.p || !make_cnonce(c))
        return SIPV_ABSENT;
    sipv_nc_write(c->nc + 1, nc);
    fill(c, request, nc, &d);
    int result = sipv_digest_response(h, &d, NULL, &response);
    if (result == SIPV_OK && c->userhash)
        result = sipv_digest_userhash(h, c->algorithm, d.username, d.realm, &name);
    if (result != SIPV_OK)
        return result;
    memset(&parts, 0, sizeof parts);
    parts.username = c->userhash ? sipv_digits_slice(&name) : d.username;
    parts.userhash = c->userhash;
    parts.realm = d.realm;
    parts.nonce = d.nonce;
    parts.uri = d.uri;
    parts.response = sipv_digits_slice(&response);
    parts.opaque = c->opaque;
    parts.algorithm = d.algorithm;
    parts.algorithm_shown = c->algorithm_shown;
    parts.qop = d.qop;
    parts.nc = d.nc;
    if (d.qop != SIPV_QOP_NONE || sipv_algorithm_is_session(d.algorithm))
        parts.cnonce = d.cnonce;
    result = sipv_credentials_write(&parts, out, cap, n);
    if (result == SIPV_OK) {
        c->nc++;
        c->answered = true;
    }
    return result;
}

/* ---- Authentication-Info ------------------------------------------------------------------------
 */

static int check_rspauth(const sipv_client *c, sipv_hasher *h, const sipv_auth_info *info,
                         const sipv_client_request *request, sipv_slice body)
{
    char nc[SIPV_NC_DIGITS];
    sipv_digest d;
    sipv_digits right;
    sipv_nc_write(c->nc, nc);
    fill(c, request, nc, &d);
    d.body = body;
    if (c->qop != SIPV_QOP_NONE && (info->qop != c->qop || !sipv_slice_equal(info->nc, d.nc) ||
                                    !sipv_slice_equal(info->cnonce, d.cnonce)))
        return SIPV_REJECT;
    const int result = sipv_digest_rspauth(h, &d, NULL, &right);
    if (result != SIPV_OK)
        return SIPV_BAD_ARGUMENT;
    return sipv_digits_equal(&right, info->rspauth) ? SIPV_OK : SIPV_REJECT;
}

int sipv_client_info(sipv_client *c, sipv_hasher *h, const sipv_auth_info *info,
                     const sipv_client_request *request, sipv_slice body)
{
    if (!c || !h || !info || !request)
        return SIPV_BAD_ARGUMENT;
    if (info->fault.reason != SIPV_FINE || c->nc == 0)
        return SIPV_REJECT;
    int result = SIPV_ABSENT;
    if (info->rspauth.p)
        result = check_rspauth(c, h, info, request, body);
    if (result < 0)
        return result;
    sipv_client_accepted(c);
    if (info->nextnonce.n) {
        size_t used = c->realm.n + c->opaque.n;
        if (info->nextnonce.n > c->cap - used)
            return SIPV_NO_SPACE;
        c->nonce = keep(c, &used, info->nextnonce);
        begin_nonce(c);
    }
    return result;
}
