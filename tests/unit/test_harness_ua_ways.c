/* Where requests of a user agent go, and what it answers to what it cannot use: routes, TCP,
 * redirections, merged and malformed requests. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phone.h"

enum { ALICE, BOB, CAROL, SEEDS = 60 };

static struct simulator *sim;
static struct phone alice, bob, carol;
static const sipv_slice none = {NULL, 0};

static void open_all(const struct simulator_settings *network, const struct ua_settings *alices)
{
    const struct simulator_settings usual = simulator_settings_default();
    sim = simulator_new(network ? network : &usual);
    cr_assert(sim && phone_open(&alice, sim, "alice", alices) &&
              phone_open(&bob, sim, "bob", NULL) && phone_open(&carol, sim, "carol", NULL));
}

static void close_all(void)
{
    phone_close(&alice);
    phone_close(&bob);
    phone_close(&carol);
    simulator_free(sim);
}

static void settle(void)
{
    struct phone *phones[] = {&alice, &bob, &carol};
    cr_assert(phones_settle(sim));
    for (size_t i = 0; i < 3; i++) {
        cr_expect_eq(ua_calls(&phones[i]->ua), 0);
        cr_expect_eq(ua_transactions(&phones[i]->ua), 0);
        cr_expect_eq(ua_dialogs(&phones[i]->ua), 0);
        cr_expect_eq(phones[i]->faults, 0);
        cr_expect_eq(phones[i]->began, phones[i]->ended);
    }
}

static struct ua_settings usual(void)
{
    struct ua_settings settings = ua_settings_default();
    settings.calls = 16;
    settings.transactions.limits.transactions = 256;
    settings.dialogs.dialogs = 64;
    return settings;
}

static bool has(const struct phone *p, const char *text)
{
    return strstr(p->cable.sent, text) != NULL;
}

/* ---- Routes ---------------------------------------------------------------------------------- */

/* Bob plays the proxy: what he gets says where it should have gone. */
Test(ways, preloaded_route)
{
    struct ua_settings settings = usual();
    settings.aor = "sip:alice@a.example";
    settings.display_name = "Alice \"L\" Liddell";
    settings.contact_user = "desk";
    settings.route = "<sip:bob.example;lr>, <sip:p2.example;lr>";
    open_all(NULL, &settings);
    alice.uri = "sip:peer@carol.example";
    phone_call(&alice, CAROL, 5000);
    cr_expect(has(&alice, "INVITE sip:peer@carol.example SIP/2.0\r\n"));
    cr_expect(has(&alice, "\r\nRoute: <sip:bob.example;lr>, <sip:p2.example;lr>\r\n"));
    cr_expect(has(&alice, "\r\nFrom: \"Alice \\\"L\\\" Liddell\" <sip:alice@a.example>;tag="), "%s",
              alice.cable.sent);
    cr_expect(has(&alice, "\r\nContact: <sip:desk@alice.example>\r\n"));
    cr_expect(has(&alice, "\r\nVia: SIP/2.0/UDP alice.example:5060;branch=z9hG4bK"));
    settle();
    cr_expect_str_eq(carol.log, "", "not there");
    cr_expect_str_eq(bob.log, "incoming established ended-0 ");
    cr_expect_eq(strstr(alice.cable.sent, "\r\nRoute: "), NULL, "BYE goes to Bob's Contact");
    cr_expect(has(&alice, "BYE sip:bob@bob.example SIP/2.0\r\n"));
    close_all();
}

Test(ways, next_hop)
{
    struct ua_settings settings = usual();
    settings.next = "sip:bob.example;transport=tcp";
    open_all(NULL, &settings);
    alice.uri = "tel:+1-212-555-0101";
    phone_call(&alice, CAROL, 5000);
    cr_expect(has(&alice, "INVITE tel:+1-212-555-0101 SIP/2.0\r\nVia: SIP/2.0/TCP "));
    cr_expect(has(&alice, "\r\nContact: <sip:alice@alice.example;transport=tcp>\r\n"));
    cr_expect_eq(strstr(alice.cable.sent, "\r\nRoute: "), NULL);
    settle();
    cr_expect_str_eq(alice.log, "ended-416 ");
    close_all();
}

/* A proxy that stays: requests inside go to it, and only so far (section 12.2.1.1). */
Test(ways, record_route)
{
    ua_call_id call;
    char text[2048], tag[17];
    const char *invite =
        "INVITE sip:bob@bob.example SIP/2.0\r\nVia: SIP/2.0/UDP carol.example;branch=z9hG4bK1\r\n"
        "From: <sip:x@x>;tag=x\r\nTo: <sip:bob@bob.example>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n"
        "Record-Route: <sip:carol.example;lr>\r\nContact: <sip:x@nobody.example>\r\n"
        "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n";
    open_all(NULL, NULL);
    bob.ring_ms = bob.answer_ms = UINT32_MAX;
    ua_receive(&bob.ua, 0, sipv_slice_text(invite), cable_flow(CAROL, HOP_UDP), false);
    phone_carry_out(&bob);
    call = bob.last;
    cr_expect_eq(ua_answer(&bob.ua, 0, call, 200, none, NULL), SIPV_OK);
    snprintf(tag, sizeof tag, "%.16s", strstr(bob.cable.sent, "bob@bob.example>;tag=") + 21);
    snprintf(text, sizeof text,
             "ACK sip:bob@bob.example SIP/2.0\r\nVia: SIP/2.0/UDP carol.example;branch=z9hG4bK2\r\n"
             "From: <sip:x@x>;tag=x\r\nTo: <sip:bob@bob.example>;tag=%s\r\nCall-ID: 1\r\n"
             "CSeq: 1 ACK\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
             tag);
    ua_receive(&bob.ua, 0, sipv_slice_text(text), cable_flow(CAROL, HOP_UDP), false);
    cr_expect_eq(ua_hang_up(&bob.ua, 0, call), SIPV_OK);
    cr_expect(has(&bob, "BYE sip:x@nobody.example SIP/2.0\r\n"));
    cr_expect(has(&bob, "\r\nRoute: <sip:carol.example;lr>\r\n"));
    settle();
    cr_expect(strstr(carol.cable.words, "481 "), "she was asked: %s", carol.cable.words);
    close_all();
}

/* ---- TCP ------------------------------------------------------------------------------------- */

static struct ua_outgoing long_message(char *text, size_t n)
{
    memset(text, 'x', n);
    const struct ua_outgoing what = {.method = "MESSAGE",
                                     .uri = "sip:bob@bob.example",
                                     .body = sipv_slice_of(text, n),
                                     .type = "text/plain"};
    return what;
}

/* Section 18.1.1: too long for UDP goes over TCP; where that fails, over UDP after all. */
Test(ways, long_requests)
{
    static const struct {
        size_t octets;
        bool refused, none;
        const char *words, *via;
    } cases[] = {
        {100, false, false, "MESSAGE ", "Via: SIP/2.0/UDP alice.example:5060;"},
        {1300, false, false, "MESSAGE ", "Via: SIP/2.0/TCP alice.example:5060;"},
        {1300, true, false, "MESSAGE MESSAGE ", "Via: SIP/2.0/UDP alice.example:5060;"},
        {1300, false, true, "MESSAGE ", "Via: SIP/2.0/UDP alice.example:5060;"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[1300];
        const struct ua_outgoing what = long_message(text, cases[i].octets);
        open_all(NULL, NULL);
        bob.cable.refuses_tcp = cases[i].refused;
        alice.cable.no_tcp = cases[i].none;
        cr_expect_eq(ua_request(&alice.ua, 0, &what, 1), SIPV_OK);
        settle();
        cr_expect_str_eq(alice.log, "response-200 ");
        cr_expect_str_eq(bob.log, "request ");
        cr_expect_str_eq(alice.cable.words, cases[i].words, "%zu", i);
        cr_expect(has(&alice, cases[i].via), "%zu: %s", i, alice.cable.sent);
        close_all();
    }
}

/* A connection that breaks ends what waits on it: 503 (section 8.1.3.1). */
Test(ways, broken_connection)
{
    struct ua_settings settings = usual();
    settings.next = "sip:bob.example;transport=tcp";
    open_all(NULL, &settings);
    bob.cable.refuses_tcp = true;
    phone_call(&alice, BOB, 5000);
    settle();
    cr_expect_str_eq(alice.log, "ended-503 ");
    close_all();
}

Test(ways, no_way)
{
    ua_call_id call;
    open_all(NULL, NULL);
    cr_expect_eq(
        ua_invite(&alice.ua, 0, &(struct ua_outgoing){.uri = "sips:bob@bob.example"}, &call),
        SIPV_ABSENT, "there is no TLS");
    cr_expect_eq(ua_invite(&alice.ua, 0, &(struct ua_outgoing){.uri = NULL}, &call),
                 SIPV_BAD_ARGUMENT);
    cr_expect_eq(ua_register(&alice.ua, 0, "sips:a.example", 60), SIPV_ABSENT);
    settle();
    close_all();
}

/* ---- Redirections ---------------------------------------------------------------------------- */

/* Bob sends her on. */
static void redirect(unsigned redirections, const char *contacts, const char *alices,
                     const char *carols)
{
    struct ua_settings settings = usual();
    settings.redirections = redirections;
    open_all(NULL, &settings);
    bob.ring_ms = bob.answer_ms = UINT32_MAX;
    phone_call(&alice, BOB, 5000);
    while (!bob.last)
        cr_assert(simulator_step(sim));
    cr_expect_eq(ua_answer(&bob.ua, simulator_now(sim), bob.last, 302, none, contacts), SIPV_OK);
    phone_carry_out(&bob);
    settle();
    cr_expect_str_eq(alice.log, alices, "%s: %s", contacts, alice.log);
    cr_expect_str_eq(carol.log, carols, "%s: %s", contacts, carol.log);
    close_all();
}

Test(ways, redirections)
{
    const char *established = "progress-180 established ended-0 ";
    const char *incoming = "incoming established ended-0 ";
    redirect(0, "Contact: <sip:c@carol.example>\r\n", "ended-302 ", "");
    redirect(1, "Contact: <sip:c@carol.example>\r\n", established, incoming);
    redirect(1, "Contact: <sip:x@nobody>;q=0.1, <sip:c@carol.example>;q=0.7\r\n", established,
             incoming);
    redirect(1, "", "ended-302 ", "");
    redirect(1, "Contact: <tel:+1>\r\n", "ended-302 ", "");
    redirect(3, "Contact: <sip:peer@bob.example>\r\n", "ended-302 ", "");
}

/* It is the same call: Call-ID, From tag, To; the next CSeq. */
Test(ways, redirected_request)
{
    struct ua_settings settings = usual();
    settings.redirections = 1;
    open_all(NULL, &settings);
    bob.ring_ms = bob.answer_ms = UINT32_MAX;
    phone_call(&alice, BOB, 5000);
    while (!bob.last)
        cr_assert(simulator_step(sim));
    ua_answer(&bob.ua, simulator_now(sim), bob.last, 302, none,
              "Contact: <sip:c@carol.example>\r\n");
    phone_carry_out(&bob);
    while (alice.cable.n_sent < 3)
        cr_assert(simulator_step(sim));
    cr_expect(has(&alice, "INVITE sip:c@carol.example SIP/2.0\r\n"));
    cr_expect(has(&alice, "\r\nTo: <sip:peer@bob.example>\r\n"));
    cr_expect(has(&alice, "\r\nCSeq: 2 INVITE\r\n"));
    settle();
    close_all();
}

/* ---- Requests that cannot be used ------------------------------------------------------------ */

/* What Bob answers to this text of Alice; 0: nothing. */
static int tell_bob(const char *text)
{
    bob.cable.muted = true;
    bob.cable.sent[0] = 0;
    ua_receive(&bob.ua, simulator_now(sim), sipv_slice_text(text), cable_flow(ALICE, HOP_UDP),
               false);
    bob.cable.muted = false;
    return strncmp(bob.cable.sent, "SIP/2.0 ", 8) == 0 ? atoi(bob.cable.sent + 8) : 0;
}

/* A request, with what may be wrong in it. */
static const char *request(const char *method, const char *uri, const char *branch,
                           const char *more)
{
    static char text[2048];
    snprintf(text, sizeof text,
             "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP c;branch=z9hG4bK%s\r\nFrom: <sip:c@c>;tag=c\r\n"
             "To: <sip:bob@b>\r\nCall-ID: c\r\nCSeq: 1 %s\r\nMax-Forwards: 70\r\n%s"
             "Content-Length: 0\r\n\r\n",
             method, uri, branch, method, more);
    return text;
}

Test(ways, malformed)
{
    char tag[64];
    open_all(NULL, NULL);
    cr_expect_eq(tell_bob(request("OPTIONS", "sip:b", "1", "Contact: <sip:c\r\n")), 400);
    snprintf(tag, sizeof tag, "%.40s", strstr(bob.cable.sent, "\r\nTo: "));
    cr_expect_eq(tell_bob(request("OPTIONS", "sip:b", "1", "Contact: <sip:c\r\n")), 400);
    cr_expect(strstr(bob.cable.sent, tag), "the same tag each time (section 8.2.7)");
    cr_expect_eq(tell_bob(request("ACK", "sip:b", "1", "Contact: <sip:c\r\n")), 0);
    cr_expect_eq(tell_bob("OPTIONS sip:b SIP/2.0\r\n\r\n"), 0, "nothing to answer with");
    cr_expect_eq(
        tell_bob("OPTIONS sip:b SIP/7.0\r\nVia: SIP/2.0/UDP c;branch=z9hG4bK1\r\n"
                 "From: <sip:c@c>;tag=c\r\nTo: <sip:b>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n"
                 "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"),
        505);
    cr_expect_eq(
        tell_bob("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP c;branch=z9hG4bK1\r\nFrom: <sip:c@c\r\n"
                 "Content-Length: 0\r\n\r\n"),
        0, "a response");
    cr_expect_eq(tell_bob(request("OPTIONS", "http://b", "2", "")), 416);
    cr_expect_eq(
        tell_bob(request("INVITE", "sip:b", "3", "Contact: <sip:c@c>\r\nContent-Type: text/x\r\n")),
        0, "no body, no matter");
    settle();
    close_all();
}

Test(ways, strange_body)
{
    open_all(NULL, NULL);
    cr_expect_eq(tell_bob("INVITE sip:b SIP/2.0\r\nVia: SIP/2.0/UDP c;branch=z9hG4bK1\r\n"
                          "From: <sip:c@c>;tag=c\r\nTo: <sip:b>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n"
                          "Contact: <sip:c@c>\r\nMax-Forwards: 70\r\nContent-Type: text/x\r\n"
                          "Content-Length: 1\r\n\r\nx"),
                 415);
    cr_expect(strstr(bob.cable.sent, "\r\nAccept: application/sdp\r\n"));
    settle();
    close_all();
}

/* The same request by another way: 482 (section 8.2.2.2). */
Test(ways, merged)
{
    open_all(NULL, NULL);
    cr_expect_eq(tell_bob(request("MESSAGE", "sip:b", "1", "")), 200);
    cr_expect_eq(tell_bob(request("MESSAGE", "sip:b", "1", "")), 200, "a retransmission");
    cr_expect_eq(tell_bob(request("MESSAGE", "sip:b", "2", "")), 482);
    cr_expect_eq(tell_bob(request("MESSAGE", "sip:b", "3", "")), 482);
    settle();
    cr_expect_eq(tell_bob(request("MESSAGE", "sip:b", "4", "")), 200, "the first is over");
    settle();
    close_all();
}

/* What interop takes it takes by setting. */
Test(ways, interop)
{
    const char *bare = "OPTIONS sip:b SIP/2.0\nVia: SIP/2.0/UDP c;branch=z9hG4bK9\n"
                       "From: <sip:c@c>;tag=c\nTo: <sip:b>\nCall-ID: c\nCSeq: 1 OPTIONS\n"
                       "Max-Forwards: 70\nContent-Length: 0\n\n";
    struct ua_settings settings = usual();
    struct phone dave;
    open_all(NULL, NULL);
    cr_expect_eq(tell_bob(bare), 400);
    settings.profile = SIPV_INTEROP;
    cr_assert(phone_open(&dave, sim, "dave", &settings));
    dave.cable.muted = true;
    cr_expect_eq(ua_receive(&dave.ua, 0, sipv_slice_text(bare), cable_flow(ALICE, HOP_UDP), false),
                 SIPV_OK);
    cr_expect_eq(strncmp(dave.cable.sent, "SIP/2.0 200 OK\r\n", 16), 0, "%s", dave.cable.sent);
    settle();
    phone_close(&dave);
    close_all();
}

/* ---- Forks ----------------------------------------------------------------------------------- */

/* 18x of several dialogs, then a final response; so many dialogs are left. */
static void early_dialogs(int status, size_t left)
{
    const struct {
        int status;
        const char *tag;
        size_t dialogs;
    } steps[] = {{180, "1", 1}, {183, "2", 2}, {180, "1", 2}, {180, "3", 3}, {status, "2", left}};
    char via[256], from[256], call_id[256], text[2048];
    ua_call_id call;
    open_all(NULL, NULL);
    alice.cable.muted = true;
    cr_assert_eq(ua_invite(&alice.ua, 0, &(struct ua_outgoing){.uri = "sip:x@bob.example"}, &call),
                 SIPV_OK);
    const char *sent = alice.cable.sent;
    snprintf(via, sizeof via, "%.*s", (int)strcspn(strstr(sent, "Via: "), "\r"),
             strstr(sent, "Via: "));
    snprintf(from, sizeof from, "%.*s", (int)strcspn(strstr(sent, "From: "), "\r"),
             strstr(sent, "From: "));
    snprintf(call_id, sizeof call_id, "%.*s", (int)strcspn(strstr(sent, "Call-ID: "), "\r"),
             strstr(sent, "Call-ID: "));
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        snprintf(text, sizeof text,
                 "SIP/2.0 %d Words\r\n%s\r\n%s\r\nTo: <sip:x@bob.example>;tag=%s\r\n%s\r\n"
                 "CSeq: 1 INVITE\r\nContact: <sip:%s@bob.example>\r\nContent-Length: 0\r\n\r\n",
                 steps[i].status, via, from, steps[i].tag, call_id, steps[i].tag);
        ua_receive(&alice.ua, 0, sipv_slice_text(text), cable_flow(BOB, HOP_UDP), false);
        cr_expect_eq(ua_dialogs(&alice.ua), steps[i].dialogs, "%zu", i);
    }
    alice.began = 1;
}

/* One gives the 2xx: the others end with the INVITE. */
Test(ways, early_dialogs)
{
    early_dialogs(200, 3);
    cr_expect(has(&alice, "ACK sip:2@bob.example SIP/2.0\r\n"));
    phone_carry_out(&alice);
    ua_hang_up(&alice.ua, 0, alice.last);
    settle();
    cr_expect_str_eq(alice.log,
                     "progress-180 progress-183 progress-180 progress-180 established ended-0 ");
    close_all();
}

/* Refused: all of them end. */
Test(ways, early_dialogs_refused)
{
    early_dialogs(486, 0);
    settle();
    close_all();
}

/* ---- Rough networks -------------------------------------------------------------------------- */

/* Redirected, too long and by TCP, while messages are lost. */
static void rough(unsigned loss)
{
    for (unsigned seed = 0; seed < SEEDS; seed++) {
        struct simulator_settings network = simulator_settings_default();
        struct ua_settings settings = usual();
        char text[1300];
        const struct ua_outgoing what = long_message(text, sizeof text);
        network.loss = loss;
        network.duplication = 50;
        network.delay_max_ms = 300;
        network.seed = seed;
        settings.redirections = 1;
        open_all(&network, &settings);
        bob.cable.refuses_tcp = seed % 2;
        bob.status = 302; /* without a Contact */
        bob.hang_up_ms = carol.hang_up_ms = 20000;
        phone_call(&alice, seed % 3 ? BOB : CAROL, 60000);
        cr_expect_eq(ua_request(&alice.ua, 0, &what, 1), SIPV_OK);
        settle();
        close_all();
    }
}

Test(ways, nothing_lost)
{
    rough(0);
}
Test(ways, one_tenth_lost)
{
    rough(100);
}
Test(ways, four_tenths_lost)
{
    rough(400);
}
