#include "mesh.h"

#include "cable.h"

#include <string.h>

#include "hash.h"

/* ---- What goes upstream -----------------------------------------------------------------------
 */

/* The value of the first line that begins so; empty if there is none. */
static sipv_slice line_of(sipv_slice octets, const char *name)
{
    const size_t n = strlen(name);
    for (size_t i = 0; i + n < octets.n; i++) {
        if (i > 0 && octets.p[i - 1] != '\n')
            continue;
        if (memcmp(octets.p + i, name, n) != 0)
            continue;
        size_t end = i;
        while (end < octets.n && octets.p[end] != '\r')
            end++;
        return sipv_slice_of(octets.p + i, end - i);
    }
    return sipv_slice_of(octets.p, 0);
}

static uint64_t sum_of(unsigned from, sipv_slice a, sipv_slice b)
{
    static const uint64_t seed[2] = {1, 2};
    struct hash h;
    hash_begin(&h, seed);
    hash_add_number(&h, from);
    hash_add(&h, a, false);
    hash_add(&h, b, false);
    return hash_end(&h);
}

static bool is_invite(sipv_slice cseq)
{
    return cseq.n > 6 && memcmp(cseq.p + cseq.n - 6, "INVITE", 6) == 0;
}

static void note_final(struct mesh *mesh, unsigned from, sipv_slice octets, int status)
{
    const sipv_slice cseq = line_of(octets, "CSeq: ");
    const struct mesh_final now = {sum_of(from, line_of(octets, "Via: "), cseq),
                                   sum_of(0, octets, cseq), status};
    for (size_t i = 0; i < mesh->n_seen; i++) {
        const struct mesh_final *was = &mesh->seen[i];
        if (was->transaction != now.transaction)
            continue;
        if (was->octets != now.octets && !(was->status < 300 && status < 300 && is_invite(cseq)))
            mesh->twice++;
        return;
    }
    if (mesh->n_seen < MESH_SEEN)
        mesh->seen[mesh->n_seen++] = now;
}

static void trace(void *with, const struct simulator_event *event)
{
    const sipv_slice o = event->octets;
    if (event->what != SIMULATOR_SENT || o.n < 12 || memcmp(o.p, "SIP/2.0 ", 8) != 0 ||
        o.p[8] == '1')
        return;
    note_final(with, event->from, o, (o.p[8] - '0') * 100 + (o.p[9] - '0') * 10 + (o.p[10] - '0'));
}

/* ---- The network ------------------------------------------------------------------------------
 */

bool mesh_open(struct mesh *mesh, const struct simulator_settings *settings)
{
    struct simulator_settings mine = *settings;
    mine.trace = trace;
    mine.with = mesh;
    mesh->n_hosts = mesh->n_seen = 0;
    mesh->twice = 0;
    mesh->sim = simulator_new(&mine);
    return mesh->sim != NULL;
}

void mesh_close(struct mesh *mesh)
{
    simulator_free(mesh->sim);
}

void mesh_name(struct mesh *mesh, const char *host, unsigned element)
{
    cable_name(mesh->sim, element, host);
    if (mesh->n_hosts == MESH_HOSTS)
        return;
    mesh->hosts[mesh->n_hosts].host = host;
    mesh->hosts[mesh->n_hosts++].element = element;
}

static uint64_t flow_to(void *with, const struct hop *to)
{
    const struct mesh_proxy *p = with;
    for (size_t i = 0; i < p->mesh->n_hosts; i++)
        if (strcmp(p->mesh->hosts[i].host, to->host) == 0)
            return p->mesh->hosts[i].element + 1;
    return 0;
}

static void send_to(void *with, uint64_t flow, sipv_slice octets)
{
    const struct mesh_proxy *p = with;
    simulator_send(p->mesh->sim, p->number, (unsigned)flow - 1, octets, p->reliable);
}

static enum hop_transport transport_of(void *with, uint64_t flow)
{
    const struct mesh_proxy *p = with;
    (void)flow;
    return p->reliable ? HOP_TCP : HOP_UDP;
}

static int self_of(void *with, enum hop_transport transport, struct hop *out)
{
    const struct mesh_proxy *p = with;
    if (hop_of_host(transport, sipv_slice_text(p->host), 5060, out) != SIPV_OK)
        return SIPV_ABSENT;
    return transport == HOP_TLS ? SIPV_ABSENT : SIPV_OK;
}

/* ---- A proxy ----------------------------------------------------------------------------------
 */

static void receive(void *self, uint64_t now, unsigned from, sipv_slice octets, bool reliable)
{
    const struct mesh_proxy *p = self;
    p->element.receive(p->element.self, now, (uint64_t)from + 1, reliable, octets);
}

static uint64_t wake(void *self)
{
    const struct mesh_proxy *p = self;
    return p->element.wake(p->element.self);
}

static void advance(void *self, uint64_t now)
{
    const struct mesh_proxy *p = self;
    p->element.advance(p->element.self, now);
}

bool mesh_proxy_open(struct mesh_proxy *p, struct mesh *mesh, const char *host,
                     const struct proxy_settings *settings, bool reliable)
{
    const struct network network = {p, flow_to, send_to, transport_of, self_of};
    const struct simulator_element element = {p, receive, wake, advance};
    memset(p, 0, sizeof *p);
    p->mesh = mesh;
    p->host = host;
    p->reliable = reliable;
    if (proxy_open(&p->proxy, settings, &network) != SIPV_OK)
        return false;
    p->element = proxy_element(&p->proxy);
    p->number = simulator_add(mesh->sim, &element);
    mesh_name(mesh, host, p->number);
    return true;
}

void mesh_proxy_close(struct mesh_proxy *p)
{
    proxy_close(&p->proxy);
}

bool mesh_proxy_is_empty(const struct mesh_proxy *p)
{
    return proxy_contexts(&p->proxy) == 0 && proxy_branches(&p->proxy) == 0 &&
           proxy_transactions(&p->proxy) == 0 && proxy_octets(&p->proxy) == 0;
}
