/* A proxy among peers that do anything that they may, in any order: what it may never do, and what
 * it must have done in the end.
 *
 * SIPVET_SEEDS=N in the environment takes N seeds. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "relay.h"
#include "seeds.h"

#define ALICE "udp:192.0.2.1:5060"

enum { SEEDS = 1500, EVENTS = 40, ASKED = 8, BRANCHES = 64, TEXT = 2048, BRANCH = 96 };

/* A request of Alice. */
struct asked {
    char text[TEXT], branch[BRANCH];
    uint64_t began;
    bool invite;
    int final; /* status; 0: none yet */
};

/* One that the proxy has forwarded. */
struct branch {
    char text[TEXT], branch[BRANCH];
    char peer[HOP_TEXT + 8];
    uint64_t began;
    bool invite, provisional, cancelled, failed;
    int final; /* that the peer has sent */
};

static struct relay r;
static struct registrar registrar;
static struct asked asked[ASKED];
static struct branch branches[BRANCHES];
static size_t n_asked, n_branches, n_finals, n_cancels, n_forks;
static uint64_t state, seed;

static uint32_t below(uint32_t n)
{
    state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(state >> 33) % n;
}

#define HOLDS(condition, ...)                                                                      \
    cr_assert(condition, "seed %llu, event %u: %s", (unsigned long long)seed, event, __VA_ARGS__)

/* ---- What the proxy has sent ------------------------------------------------------------------
 */

static void branch_of(const char *text, char out[BRANCH])
{
    const char *at = strstr(relay_value(text, "Via", 0), "branch=");
    snprintf(out, BRANCH, "%.*s", at ? (int)strcspn(at + 7, ";,\r\n") : 0, at ? at + 7 : "");
}

static bool is_method(const char *text, const char *method)
{
    return strncmp(text, method, strlen(method)) == 0 && text[strlen(method)] == ' ';
}

static struct branch *forwarded(const char *branch, const char *method)
{
    for (size_t i = 0; i < n_branches; i++)
        if (strcmp(branches[i].branch, branch) == 0 && is_method(branches[i].text, method))
            return &branches[i];
    return NULL;
}

static void saw_request(unsigned event, const struct relay_sent *sent)
{
    char branch[BRANCH];
    branch_of(sent->text, branch);
    struct branch *b = forwarded(branch, "INVITE");
    if (is_method(sent->text, "CANCEL")) {
        HOLDS(b && b->provisional, "a CANCEL before a provisional response");
        n_cancels += !b->cancelled;
        b->cancelled = true;
    } else if (is_method(sent->text, "ACK")) {
        if (*relay_value(sent->text, "Via", 1))
            return; /* of Alice, for what the proxy has forgotten: it goes on */
        HOLDS(b && b->final >= 300, "an ACK for nothing");
    } else if (!forwarded(branch, is_method(sent->text, "INVITE") ? "INVITE" : "MESSAGE")) {
        char host[HOP_TEXT];
        HOLDS(n_branches < BRANCHES, "more branches than there are targets");
        b = &branches[n_branches++];
        *b = (struct branch){.began = r.now, .invite = is_method(sent->text, "INVITE")};
        hop_hostport(&r.peers[sent->flow - 1], host);
        snprintf(b->peer, sizeof b->peer, "udp:%s", host);
        snprintf(b->branch, sizeof b->branch, "%s", branch);
        snprintf(b->text, sizeof b->text, "%.*s", TEXT - 1, sent->text);
    }
}

static void saw_response(unsigned event, const char *text)
{
    char branch[BRANCH];
    const int status = atoi(text + 8);
    branch_of(text, branch);
    if (strstr(relay_value(text, "CSeq", 0), "CANCEL"))
        return;
    struct asked *a = NULL;
    for (size_t i = 0; i < n_asked; i++)
        if (strcmp(asked[i].branch, branch) == 0)
            a = &asked[i];
    HOLDS(a, "a response to nothing");
    HOLDS(status == 100 || a->final == 0 || a->final == status || (a->final < 300 && status < 300),
          "another final response");
    HOLDS(status >= 200 || a->final == 0 || status == 100, "provisional after final");
    HOLDS(a->invite || status != 408, "a 408 to what is no INVITE");
    HOLDS(status != 503, "a 503 forwarded");
    if (status >= 200 && a->final == 0) {
        a->final = status;
        n_finals++;
    }
}

static void look(unsigned event)
{
    HOLDS(r.n_sent < RELAY_SENT, "too much sent at once");
    for (size_t i = 0; i < r.n_sent; i++) {
        if (strncmp(r.sent[i].text, "SIP/2.0 ", 8) == 0)
            saw_response(event, r.sent[i].text);
        else
            saw_request(event, &r.sent[i]);
    }
}

/* ---- What the peers do ------------------------------------------------------------------------
 */

static void ask(void)
{
    if (n_asked == ASKED)
        return;
    struct asked *a = &asked[n_asked++];
    *a = (struct asked){.began = r.now, .invite = below(3) > 0};
    const char *lines = below(4) ? "" : "Max-Breadth: 2\n";
    snprintf(a->text, sizeof a->text, "%.*s", TEXT - 1,
             relay_request(&r, a->invite ? "INVITE" : "MESSAGE", "sip:bob@b.example", lines));
    branch_of(a->text, a->branch);
    relay_receive(&r, ALICE, a->text);
    n_forks += r.n_sent > 2;
}

/* As long as a client does that: until a final response, and for 64*T1. */
static void ask_again(void)
{
    const struct asked *a = n_asked > 0 ? &asked[below((uint32_t)n_asked)] : NULL;
    if (a && a->final == 0 && r.now < a->began + 32000)
        relay_receive(&r, ALICE, a->text);
}

/* CANCEL, or ACK for a final response that is no 2xx. */
static void follow_up(const char *method, struct asked *a)
{
    char text[TEXT];
    snprintf(text, sizeof text,
             "%s sip:bob@b.example SIP/2.0\nVia: %s\nMax-Forwards: 70\nFrom: %s\n"
             "To: Bob <sip:bob@b.example>%s\nCall-ID: %s\nCSeq: 7 %s\nContent-Length: 0\n\n",
             method, relay_value(a->text, "Via", 0), relay_value(a->text, "From", 0),
             strcmp(method, "ACK") == 0 ? ";tag=any" : "", relay_value(a->text, "Call-ID", 0),
             method);
    relay_receive(&r, ALICE, text);
}

static void cancel(void)
{
    struct asked *a = n_asked > 0 ? &asked[below((uint32_t)n_asked)] : NULL;
    if (!a || !a->invite || a->final != 0)
        return;
    follow_up("CANCEL", a);
}

/* Its client transaction is there: it neither timed out nor failed, nor was given up. */
static bool is_alive(const struct branch *b)
{
    if (b->failed || b->cancelled)
        return false;
    return b->provisional || r.now < b->began + 32000;
}

static void answer(unsigned event)
{
    static const int finals[] = {200, 200, 202, 300, 302, 401, 404, 407,
                                 415, 486, 487, 500, 503, 600, 603, 699};
    if (n_branches == 0)
        return;
    struct branch *b = &branches[below((uint32_t)n_branches)];
    int status = b->final ? b->final : below(2) ? 100 + (int)below(3) * 40 : finals[below(16)];
    /* A UAS answers once, but for several 2xx to an INVITE. */
    if (!b->invite && status < 200)
        status = 200;
    char tag[8], text[RELAY_TEXT];
    snprintf(tag, sizeof tag, "t%u", below(1000));
    snprintf(text, sizeof text, "%s", relay_response(&r, b->text, status, tag, ""));
    const bool alive = is_alive(b), first = b->final == 0;
    if (status < 200)
        b->provisional = b->provisional || alive;
    else
        b->final = status;
    relay_receive(&r, b->peer, text);
    HOLDS(status < 300 || !b->invite || !alive || !first || is_method(r.sent[0].text, "ACK"),
          "no ACK");
    for (size_t i = 0; i < r.n_sent; i++)
        HOLDS(!is_method(r.sent[i].text, "INVITE") || status >= 300, "a branch after success");
}

static void fail(void)
{
    if (n_branches == 0)
        return;
    const char *peer = branches[below((uint32_t)n_branches)].peer;
    for (size_t i = 0; i < n_branches; i++)
        branches[i].failed = branches[i].failed || strcmp(branches[i].peer, peer) == 0;
    relay_fail(&r, peer);
}

static void acknowledge(void)
{
    for (size_t i = 0; i < n_asked; i++)
        if (asked[i].invite && asked[i].final >= 300) {
            follow_up("ACK", &asked[i]);
            return;
        }
}

static void wait_for(unsigned event, uint64_t ms)
{
    for (; ms > 500; ms -= 500) {
        relay_wait(&r, 500);
        look(event);
    }
    relay_wait(&r, ms);
}

static void anything(unsigned event)
{
    switch (below(10)) {
    case 0:
    case 1: ask(); break;
    case 2: ask_again(); break;
    case 3: cancel(); break;
    case 4: wait_for(event, below(2) ? below(700) : below(20000)); break;
    case 5:
        if (below(4) == 0)
            fail();
        break;
    case 6: acknowledge(); break;
    default: answer(event); break;
    }
    look(event);
    r.n_sent = 0;
}

/* ---- A run -------------------------------------------------------------------------------------
 */

static void start(void)
{
    static const char *const domain = "b.example";
    static const char *const contacts[] = {
        "<sip:bob@192.0.2.21>", "<sip:bob@192.0.2.21>, <sip:bob@192.0.2.22>",
        "<sip:bob@192.0.2.21>;q=0.9, <sip:bob@192.0.2.22>;q=0.9, <sip:bob@192.0.2.23>;q=0.1"};
    struct registrar_settings where = registrar_settings_default();
    struct proxy_settings s = relay_settings();
    char line[256];
    where.domain = domain;
    where.max_s = UINT32_MAX;
    cr_assert_eq(registrar_open(&registrar, &where), SIPV_OK);
    s.domains = &domain;
    s.n_domains = 1;
    s.registrar = &registrar;
    s.sequential = below(4) == 0;
    s.record_route = below(2) == 0;
    s.transactions.limits.transactions = 512;
    cr_assert(relay_open(&r, &s));
    n_asked = n_branches = 0;
    snprintf(line, sizeof line, "Contact: %s\nExpires: 100000\n", contacts[below(3)]);
    relay_receive(&r, ALICE, relay_request(&r, "REGISTER", "sip:b.example", line));
    cr_assert_str_eq(r.did, "200 " ALICE, "%s", r.did);
    relay_wait(&r, 40000);
    r.n_sent = 0;
}

/* Nobody does anything any more.  Every INVITE was answered, every final response acknowledged, and
 * nothing is left. */
static void end(void)
{
    const unsigned event = EVENTS;
    wait_for(event, 400000);
    look(event);
    for (size_t i = 0; i < n_asked; i++)
        HOLDS(!asked[i].invite || asked[i].final != 0, asked[i].text);
    HOLDS(proxy_contexts(&r.proxy) == 0 && proxy_branches(&r.proxy) == 0 &&
              proxy_transactions(&r.proxy) == 0 && proxy_unanswered(&r.proxy) == 0 &&
              proxy_octets(&r.proxy) == 0,
          "something is left");
    relay_close(&r);
    registrar_close(&registrar);
}

Test(proxy_random, peers)
{
    const unsigned seeds = seeds_or(SEEDS);
    for (seed = 1; seed <= seeds; seed++) {
        state = seed * 77;
        start();
        for (unsigned event = 0; event < EVENTS; event++)
            anything(event);
        end();
    }
    /* It was about something. */
    cr_expect_gt(n_finals, 2 * seeds, "%zu final responses", n_finals);
    cr_expect_gt(n_cancels, seeds / 4, "%zu CANCEL", n_cancels);
    cr_expect_gt(n_forks, seeds / 4, "%zu forks", n_forks);
}
