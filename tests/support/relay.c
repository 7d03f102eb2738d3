#include "relay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The network ---------------------------------------------------------------------------- */

static uint64_t flow_to(void *with, const struct hop *to)
{
    struct relay *r = with;
    if (!r->listens[to->transport] || hop_equal(to, &r->cut_off))
        return 0;
    for (size_t i = 0; i < r->n_peers; i++)
        if (hop_equal(&r->peers[i], to))
            return i + 1;
    if (r->n_peers == RELAY_PEERS)
        return 0;
    r->peers[r->n_peers++] = *to;
    return r->n_peers;
}

static void name_of(const struct hop *hop, char *out, size_t cap)
{
    static const char *const names[] = {"udp", "tcp", "tls"};
    char text[HOP_TEXT];
    hop_hostport(hop, text);
    snprintf(out, cap, "%s:%s", names[hop->transport], text);
}

/* "INVITE" or "180". */
static void what_of(sipv_slice octets, char *out, size_t cap)
{
    const char *p = (const char *)octets.p;
    const size_t skip = octets.n > 8 && memcmp(p, "SIP/2.0 ", 8) == 0 ? 8 : 0;
    size_t n = 0;
    while (skip + n < octets.n && p[skip + n] != ' ' && n + 1 < cap)
        n++;
    memcpy(out, p + skip, n);
    out[n] = 0;
}

static void sent(void *with, uint64_t flow, sipv_slice octets)
{
    struct relay *r = with;
    char what[32], peer[HOP_TEXT + 8];
    const size_t n = strlen(r->did);
    what_of(octets, what, sizeof what);
    name_of(&r->peers[flow - 1], peer, sizeof peer);
    snprintf(r->did + n, sizeof r->did - n, "%s%s %s", n ? ", " : "", what, peer);
    if (r->n_sent == RELAY_SENT)
        return;
    struct relay_sent *s = &r->sent[r->n_sent++];
    s->flow = flow;
    snprintf(s->text, sizeof s->text, "%.*s", (int)octets.n, (const char *)octets.p);
}

static enum hop_transport transport_of(void *with, uint64_t flow)
{
    const struct relay *r = with;
    return r->peers[flow - 1].transport;
}

static int self_of(void *with, enum hop_transport transport, struct hop *out)
{
    const struct relay *r = with;
    *out = r->self[transport];
    return r->listens[transport] ? SIPV_OK : SIPV_ABSENT;
}

/* "udp:192.0.2.1:5060" */
static uint64_t peer_of(struct relay *r, const char *name)
{
    const enum hop_transport transport = strncmp(name, "udp", 3) == 0   ? HOP_UDP
                                         : strncmp(name, "tcp", 3) == 0 ? HOP_TCP
                                                                        : HOP_TLS;
    const char *colon = strrchr(name, ':');
    struct hop hop;
    hop_of_host(transport, sipv_slice_of(name + 4, (size_t)(colon - name - 4)),
                (uint16_t)atoi(colon + 1), &hop);
    return flow_to(r, &hop);
}

/* ---- Opening -------------------------------------------------------------------------------- */

struct proxy_settings relay_settings(void)
{
    struct proxy_settings s = proxy_settings_default();
    s.transactions.limits.transactions = 64;
    s.limits.contexts = 64;
    s.limits.branches = 64;
    return s;
}

bool relay_open(struct relay *r, const struct proxy_settings *settings)
{
    const struct proxy_settings usual = relay_settings();
    const struct network network = {r, flow_to, sent, transport_of, self_of};
    memset(r, 0, sizeof *r);
    r->now = 1000;
    for (unsigned i = 0; i < 3; i++) {
        r->listens[i] = true;
        hop_of_host((enum hop_transport)i, sipv_slice_text("192.0.2.10"),
                    i == HOP_TLS ? 5061 : 5060, &r->self[i]);
    }
    if (proxy_open(&r->proxy, settings ? settings : &usual, &network) != SIPV_OK)
        return false;
    r->element = proxy_element(&r->proxy);
    return true;
}

void relay_close(struct relay *r)
{
    proxy_close(&r->proxy);
}

/* ---- Messages ------------------------------------------------------------------------------- */

const char *relay_request(struct relay *r, const char *method, const char *uri, const char *lines)
{
    r->branch++;
    snprintf(r->text, sizeof r->text,
             "%s %s SIP/2.0\n"
             "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK%u\n"
             "%s"
             "From: Alice <sip:alice@a.example>;tag=alice\n"
             "To: Bob <sip:bob@b.example>%s\n"
             "Call-ID: %u@192.0.2.1\n"
             "CSeq: 7 %s\n"
             "%s"
             "Content-Length: 0\n\n",
             method, uri, r->branch, strstr(lines, "Max-Forwards") ? "" : "Max-Forwards: 70\n",
             strcmp(method, "ACK") == 0 || strcmp(method, "BYE") == 0 ? ";tag=bob" : "", r->branch,
             method, lines);
    return r->text;
}

static void copy_lines(char *out, size_t cap, const char *text, const char *name)
{
    const char *value;
    for (size_t i = 0; *(value = relay_value(text, name, i)); i++) {
        const size_t n = strlen(out);
        snprintf(out + n, cap - n, "%s: %s\n", name, value);
    }
}

const char *relay_response(struct relay *r, const char *request, int status, const char *tag,
                           const char *lines)
{
    static const char *const names[] = {"Via", "From", "Call-ID", "CSeq", "Record-Route"};
    char text[RELAY_TEXT];
    snprintf(text, sizeof text, "SIP/2.0 %d Words\n", status);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        copy_lines(text, sizeof text, request, names[i]);
    const char *to = relay_value(request, "To", 0);
    const size_t n = strlen(text);
    snprintf(text + n, sizeof text - n, "To: %s%s%s\n%sContent-Length: 0\n\n", to,
             strstr(to, ";tag=") ? "" : ";tag=", strstr(to, ";tag=") ? "" : tag, lines);
    snprintf(r->text, sizeof r->text, "%s", text);
    return r->text;
}

/* ---- Calls ---------------------------------------------------------------------------------- */

static void forget(struct relay *r)
{
    r->n_sent = 0;
    r->did[0] = 0;
}

void relay_receive_octets(struct relay *r, const char *peer, sipv_slice octets)
{
    forget(r);
    const uint64_t flow = peer_of(r, peer);
    r->element.receive(r->element.self, r->now, flow, r->peers[flow - 1].transport != HOP_UDP,
                       octets);
}

void relay_receive(struct relay *r, const char *peer, const char *text)
{
    unsigned char octets[2 * RELAY_TEXT];
    size_t n = 0;
    for (; *text && n + 2 < sizeof octets; text++) {
        if (*text == '\n' && (n == 0 || octets[n - 1] != '\r'))
            octets[n++] = '\r';
        octets[n++] = (unsigned char)*text;
    }
    unsigned char *exact = malloc(n + 1); /* so that a sanitizer sees its end */
    if (!exact)
        abort();
    memcpy(exact, octets, n);
    relay_receive_octets(r, peer, sipv_slice_of(exact, n));
    free(exact);
}

void relay_fail(struct relay *r, const char *peer)
{
    forget(r);
    r->element.failed(r->element.self, r->now, peer_of(r, peer));
}

void relay_wait(struct relay *r, uint64_t ms)
{
    const uint64_t end = r->now + ms;
    forget(r);
    while (r->element.wake(r->element.self) <= end) {
        r->now = r->element.wake(r->element.self);
        r->element.advance(r->element.self, r->now);
    }
    r->now = end;
}

/* ---- Looking -------------------------------------------------------------------------------- */

const char *relay_find(const struct relay *r, const char *beginning)
{
    for (size_t i = r->n_sent; i > 0; i--)
        if (strncmp(r->sent[i - 1].text, beginning, strlen(beginning)) == 0)
            return r->sent[i - 1].text;
    return "";
}

const char *relay_value(const char *text, const char *name, size_t i)
{
    static char values[4][RELAY_TEXT];
    static unsigned turn;
    char *out = values[turn++ % 4];
    const size_t n = strlen(name);
    out[0] = 0;
    for (const char *line = text; (line = strchr(line, '\n')) && *++line;) {
        if (strncmp(line, name, n) != 0 || strncmp(line + n, ": ", 2) != 0 || i-- > 0)
            continue;
        snprintf(out, RELAY_TEXT, "%.*s", (int)strcspn(line + n + 2, "\r\n"), line + n + 2);
        break;
    }
    return out;
}
