#include "ua_peer.h"

#include <string.h>

#include "peers.h"
#include "said.h"

enum { LONGEST = 32768 };

static struct fuzz_message spoken;
static unsigned char room[LONGEST];

void ua_peer_open(struct ua_peer *peer)
{
    peer->n_requests = peer->n_dialogs = peer->n_room = 0;
}

/* ---- What it hears -----------------------------------------------------------------------------
 */

static sipv_slice keep(struct ua_peer *peer, sipv_slice octets)
{
    const sipv_slice none = {NULL, 0};
    if (octets.n > UA_PEER_ROOM - peer->n_room)
        return none;
    unsigned char *to = peer->room + peer->n_room;
    memcpy(to, octets.p, octets.n);
    peer->n_room += octets.n;
    return sipv_slice_of(to, octets.n);
}

static bool is_there(const sipv_slice *list, size_t n, sipv_slice octets)
{
    for (size_t i = 0; i < n; i++)
        if (sipv_slice_equal(list[i], octets))
            return true;
    return false;
}

static void hear_request(struct ua_peer *peer, const sipv_message *m)
{
    if (m->method_id == SIPV_M_ACK || peer->n_requests == UA_PEER_REQUESTS ||
        is_there(peer->requests, peer->n_requests, m->data))
        return;
    const sipv_slice kept = keep(peer, m->data);
    if (!kept.p)
        return;
    peer->methods[peer->n_requests] = m->method_id;
    peer->requests[peer->n_requests++] = kept;
}

static void hear_response(struct ua_peer *peer, const sipv_message *m, bool turned)
{
    if (m->status <= 100 || m->status >= 300 || peer->n_dialogs == UA_PEER_DIALOGS ||
        sipv_method_find(m->cseq_method) != SIPV_M_INVITE ||
        is_there(peer->dialogs, peer->n_dialogs, m->data))
        return;
    const sipv_slice kept = keep(peer, m->data);
    if (!kept.p)
        return;
    peer->turned[peer->n_dialogs] = turned;
    peer->dialogs[peer->n_dialogs++] = kept;
}

void ua_peer_hears(struct ua_peer *peer, const sipv_message *m)
{
    if (m->kind == SIPV_REQUEST)
        hear_request(peer, m);
    else
        hear_response(peer, m, false);
}

/* ---- What it says ------------------------------------------------------------------------------
 */

/* Mostly the last one. */
static size_t one_of(uint64_t *seed, size_t n)
{
    const uint64_t drawn = fuzz_draw(seed) >> 16;
    return drawn % 4 ? n - 1 : (size_t)((drawn >> 2) % n);
}

/* The request that a response of the stream is to. */
static sipv_slice asked_by(const struct ua_peer *peer, uint64_t *seed, const sipv_message *response)
{
    const sipv_method method = sipv_method_find(response->cseq_method);
    for (size_t i = peer->n_requests; i-- > 0;)
        if (peer->methods[i] == method)
            return peer->requests[i];
    return peer->requests[one_of(seed, peer->n_requests)];
}

static bool has_to_tag(const sipv_message *m)
{
    const uint16_t to = m->first[SIPV_H_TO];
    return to != SIPV_NO_HEADER && said_parameter(m->headers[to].value, "tag").p;
}

sipv_slice ua_peer_says(struct ua_peer *peer, uint64_t *seed, sipv_slice text)
{
    static const sipv_options strict;
    const sipv_slice none = {NULL, 0};
    struct fuzz_out out = FUZZ_OUT(room);
    const sipv_message *m = &spoken.m;
    fuzz_message_parse(&spoken, text, &strict);
    if (m->kind == SIPV_RESPONSE && peer->n_requests > 0) {
        if (!peers_graft_routed(&out, asked_by(peer, seed, m), m))
            return none;
        fuzz_message_parse(&spoken, fuzz_out_slice(&out), &strict);
        hear_response(peer, m, true);
        return fuzz_out_slice(&out);
    }
    if (m->kind != SIPV_REQUEST || !has_to_tag(m) || peer->n_dialogs == 0)
        return text;
    const size_t i = one_of(seed, peer->n_dialogs);
    return peers_move(&out, m, peer->dialogs[i], peer->turned[i]) ? fuzz_out_slice(&out) : none;
}
