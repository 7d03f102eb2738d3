/* Messages of the user agent: names, its own addresses, where to, and how long. */
#include <stdio.h>
#include <string.h>

#include "hash.h"
#include "ua_core.h"

/* ---- Names ---------------------------------------------------------------------------------- */

static uint64_t next_number(struct ua_core *core)
{
    struct hash h;
    hash_begin(&h, core->settings.seed);
    hash_add_number(&h, ++core->counter);
    return hash_end(&h);
}

void ua_name(struct ua_core *core, char out[17])
{
    snprintf(out, 17, "%016llx", (unsigned long long)next_number(core));
}

uint64_t ua_random(struct ua_core *core, uint64_t below)
{
    return next_number(core) % below;
}

/* ---- Addresses ------------------------------------------------------------------------------ */

int ua_via(struct ua_core *core, enum hop_transport transport, char out[UA_VIA])
{
    char branch[17], hostport[HOP_TEXT];
    struct hop self;
    if (core->network.self(core->network.with, transport, &self) != SIPV_OK)
        return SIPV_ABSENT;
    ua_name(core, branch);
    hop_hostport(&self, hostport);
    snprintf(out, UA_VIA, "SIP/2.0/%s %s;branch=z9hG4bK%s%s", hop_transport_name(transport),
             hostport, branch, transport == HOP_UDP ? ";rport" : "");
    return SIPV_OK;
}

void ua_compose_uri(struct ua_core *core, struct compose *c, enum hop_transport transport,
                    bool secure)
{
    static const char *const params[] = {"", ";transport=tcp", ";transport=tls"};
    char hostport[HOP_TEXT];
    struct hop self;
    if (core->network.self(core->network.with, transport, &self) != SIPV_OK)
        return;
    hop_hostport(&self, hostport);
    if (self.port == (transport == HOP_TLS ? 5061 : 5060))
        *strrchr(hostport, ':') = 0;
    compose_text(c, secure ? "sips:" : "sip:");
    compose_text(c, core->contact_user);
    compose_text(c, *core->contact_user ? "@" : "");
    compose_text(c, hostport);
    compose_text(c, secure && transport == HOP_TLS ? "" : params[transport]);
}

void ua_contact(struct ua_core *core, struct compose *c, enum hop_transport transport, bool secure)
{
    compose_text(c, "Contact: <");
    ua_compose_uri(core, c, transport, secure);
    compose_text(c, ">\r\n");
}

bool ua_is_secure(sipv_slice uri)
{
    return uri.n > 5 && sipv_slice_is(sipv_slice_of(uri.p, 5), "sips:");
}

/* ---- Parts ---------------------------------------------------------------------------------- */

void ua_compose_allow(struct compose *c)
{
    compose_text(c, "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, MESSAGE, PRACK, UPDATE\r\n");
}

void ua_compose_supported(struct ua_core *core, struct compose *c)
{
    if (core->settings.provisional != UA_1XX_UNRELIABLE)
        compose_text(c, "Supported: 100rel\r\n");
}

void ua_compose_body(struct compose *c, const char *type, sipv_slice body)
{
    if (!body.p) {
        compose_end(c);
        return;
    }
    compose_header(c, "Content-Type", sipv_slice_text(type));
    compose_body(c, body);
}

void ua_compose_sdp(struct compose *c, sipv_slice sdp)
{
    ua_compose_body(c, "application/sdp", sdp);
}

struct compose ua_compose(struct ua_core *core)
{
    const struct compose c = {core->out, UA_OUT, 0};
    return c;
}

sipv_slice ua_composed(const struct compose *c)
{
    return c->n <= c->cap ? sipv_slice_of(c->out, c->n) : ua_none;
}

const char *ua_reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {{180, "Ringing"},
                   {181, "Call Is Being Forwarded"},
                   {182, "Queued"},
                   {183, "Session Progress"},
                   {200, "OK"},
                   {202, "Accepted"},
                   {300, "Multiple Choices"},
                   {301, "Moved Permanently"},
                   {302, "Moved Temporarily"},
                   {400, "Bad Request"},
                   {403, "Forbidden"},
                   {404, "Not Found"},
                   {405, "Method Not Allowed"},
                   {408, "Request Timeout"},
                   {413, "Request Entity Too Large"},
                   {414, "Request-URI Too Long"},
                   {415, "Unsupported Media Type"},
                   {416, "Unsupported URI Scheme"},
                   {420, "Bad Extension"},
                   {421, "Extension Required"},
                   {480, "Temporarily Unavailable"},
                   {481, "Call/Transaction Does Not Exist"},
                   {482, "Loop Detected"},
                   {483, "Too Many Hops"},
                   {484, "Address Incomplete"},
                   {486, "Busy Here"},
                   {487, "Request Terminated"},
                   {488, "Not Acceptable Here"},
                   {491, "Request Pending"},
                   {500, "Server Internal Error"},
                   {501, "Not Implemented"},
                   {503, "Service Unavailable"},
                   {504, "Server Time-out"},
                   {505, "Version Not Supported"},
                   {513, "Message Too Large"},
                   {600, "Busy Everywhere"},
                   {603, "Decline"},
                   {606, "Not Acceptable"},
                   {401, "Unauthorized"},
                   {407, "Proxy Authentication Required"}};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Answer";
}

/* ---- Where to ------------------------------------------------------------------------------- */

/* The network may have another transport than the hop says, if it has no other. */
static int path_of(struct ua_core *core, const struct hop *hop, struct ua_path *path)
{
    struct hop self;
    path->flow = core->network.flow(core->network.with, hop);
    if (!path->flow)
        return SIPV_ABSENT;
    path->hop = *hop;
    path->hop.transport = core->network.transport(core->network.with, path->flow);
    return core->network.self(core->network.with, path->hop.transport, &self) == SIPV_OK
               ? SIPV_OK
               : SIPV_ABSENT;
}

struct ua_path ua_path_back(struct ua_core *core, uint64_t flow)
{
    const struct ua_path path = {
        .flow = flow, .hop = {.transport = core->network.transport(core->network.with, flow)}};
    return path;
}

int ua_path_to(struct ua_core *core, sipv_slice uri, struct ua_path *path)
{
    struct hop hop = core->route_hop;
    if (!core->routed && hop_of_uri(uri, &hop) != SIPV_OK)
        return SIPV_BAD_ARGUMENT;
    return path_of(core, &hop, path);
}

int ua_path_in(struct ua_core *core, dialog_id dialog, const struct ua_path *otherwise,
               struct ua_path *path)
{
    struct hop hop;
    if (dialogs_hop(&core->d, dialog, &hop) == SIPV_OK && path_of(core, &hop, path) == SIPV_OK)
        return SIPV_OK;
    if (!otherwise || !otherwise->flow)
        return SIPV_ABSENT;
    *path = *otherwise;
    return SIPV_OK;
}

/* Puts another Via in the place of the second line. */
static bool replace_via(struct ua_core *core, struct compose *c, enum hop_transport transport)
{
    char via[UA_VIA], hostport[HOP_TEXT];
    struct hop self;
    unsigned char *line = memchr(c->out, '\n', c->n);
    unsigned char *end = line ? memchr(line + 1, '\n', c->n - (size_t)(line + 1 - c->out)) : NULL;
    if (!end || core->network.self(core->network.with, transport, &self) != SIPV_OK)
        return false;
    hop_hostport(&self, hostport);
    char branch[17];
    ua_name(core, branch);
    const size_t n = (size_t)snprintf(via, sizeof via, "Via: SIP/2.0/%s %s;branch=z9hG4bK%s\r\n",
                                      hop_transport_name(transport), hostport, branch);
    const size_t rest = c->n - (size_t)(end + 1 - c->out), at = (size_t)(line + 1 - c->out);
    if (at + n + rest > c->cap)
        return false;
    memmove(line + 1 + n, end + 1, rest);
    memcpy(line + 1, via, n);
    c->n = at + n + rest;
    return true;
}

void ua_fit(struct ua_core *core, struct compose *c, struct ua_path *path)
{
    struct hop hop = path->hop;
    struct ua_path other;
    if (c->n <= HOP_UDP_OCTETS || c->n > c->cap || hop.transport != HOP_UDP || !*hop.host)
        return;
    hop.transport = HOP_TCP;
    if (path_of(core, &hop, &other) == SIPV_OK && other.hop.transport == HOP_TCP &&
        replace_via(core, c, HOP_TCP))
        *path = other;
}

/* ---- Sending -------------------------------------------------------------------------------- */

void ua_send(struct ua_core *core, const struct ua_path *path, sipv_slice octets)
{
    core->network.send(core->network.with, path->flow, octets);
}

uint64_t ua_pack(const struct ua_errand *errand)
{
    return (uint64_t)errand->udp << 63 | (uint64_t)errand->tries << 60 |
           (uint64_t)errand->purpose << 56 | errand->subject;
}

struct ua_errand ua_unpack(uint64_t user)
{
    const struct ua_errand errand = {.purpose = (enum ua_purpose)(user >> 56 & 15),
                                     .tries = (unsigned)(user >> 60 & 7),
                                     .udp = user >> 63,
                                     .subject = user & ((UINT64_C(1) << 56) - 1)};
    return errand;
}

int ua_start(struct ua_core *core, uint64_t now, struct compose *c, struct ua_path *path,
             const struct ua_errand *errand, transaction_id *id)
{
    if (!errand->udp)
        ua_fit(core, c, path);
    sipv_message *m = ua_parse(core, &core->new, ua_composed(c));
    const int result = transactions_request(&core->t, now, m, path->flow,
                                            hop_reliable(path->hop.transport), ua_pack(errand), id);
    ua_carry_out(core, now);
    return result == SIPV_REJECT ? SIPV_BAD_ARGUMENT : result;
}

int ua_respond(struct ua_core *core, uint64_t now, transaction_id id, const struct compose *c)
{
    sipv_message *m = ua_parse(core, &core->new, ua_composed(c));
    const int result = transactions_respond(&core->t, now, id, m);
    if (result != SIPV_OK && (m->status >= 200 || !m->accepted))
        transactions_abandon(&core->t, id); /* no room for the answer: the peer will time out */
    ua_carry_out(core, now);
    return result;
}
