/* User agents: calls from INVITE to BYE, over a network that loses and one that does not. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phone.h"
#include "seeds.h"

enum { ALICE, BOB, SEEDS = 500 };

static struct simulator *sim;
static struct phone alice, bob;
static const sipv_slice none = {NULL, 0};

static void open_all(const struct simulator_settings *settings)
{
    const struct simulator_settings usual = simulator_settings_default();
    sim = simulator_new(settings ? settings : &usual);
    cr_assert(sim);
    cr_assert(phone_open(&alice, sim, "alice", NULL));
    cr_assert(phone_open(&bob, sim, "bob", NULL));
}

/* Runs to the end; nothing may be left. */
static void settle(void)
{
    cr_assert(phones_settle(sim));
    struct phone *phones[] = {&alice, &bob};
    for (size_t i = 0; i < 2; i++) {
        cr_expect_eq(ua_calls(&phones[i]->ua), 0);
        cr_expect_eq(ua_transactions(&phones[i]->ua), 0);
        cr_expect_eq(ua_dialogs(&phones[i]->ua), 0);
        cr_expect_eq(phones[i]->faults, 0);
        cr_expect_eq(phones[i]->began, phones[i]->ended);
    }
}

static void close_all(void)
{
    phone_close(&alice);
    phone_close(&bob);
    simulator_free(sim);
}

/* ---- Calls ---------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    uint32_t patience_ms; /* after which Alice hangs up, from the INVITE on */
    uint32_t ring_ms, answer_ms;
    int status;
    uint32_t hang_up_ms; /* after which Bob does, from the ACK on */
    const char *alice, *bob;
} calls[] = {
    {"Alice hangs up", 5000, 100, 1000, 200, UINT32_MAX, "progress-180 established ended-0 ",
     "incoming established ended-0 "},
    {"Bob hangs up", UINT32_MAX, 100, 1000, 200, 3000, "progress-180 established ended-0 ",
     "incoming established ended-0 "},
    {"no ringing", 5000, UINT32_MAX, 1, 200, UINT32_MAX, "established ended-0 ",
     "incoming established ended-0 "},
    {"refused", 5000, 100, 1000, 486, UINT32_MAX, "progress-180 ended-486 ", "incoming ended-486 "},
    {"Alice changes her mind", 500, 100, 1000, 200, UINT32_MAX, "progress-180 ended-487 ",
     "incoming ended-487 "},
    {"before anything came back: with the 100", 0, UINT32_MAX, 1000, 200, UINT32_MAX,
     "progress-100 ended-487 ", "incoming ended-487 "},
    {"too late to cancel: BYE", 0, UINT32_MAX, 0, 200, UINT32_MAX, "established ended-0 ",
     "incoming established ended-0 "},
    {"Bob declines", UINT32_MAX, 100, 1000, 603, UINT32_MAX, "progress-180 ended-603 ",
     "incoming ended-603 "},
};

Test(ua, calls)
{
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        open_all(NULL);
        bob.ring_ms = calls[i].ring_ms;
        bob.answer_ms = calls[i].answer_ms;
        bob.status = calls[i].status;
        bob.hang_up_ms = calls[i].hang_up_ms;
        phone_call(&alice, BOB, calls[i].patience_ms);
        settle();
        cr_expect_str_eq(alice.log, calls[i].alice, "%s: %s", calls[i].name, alice.log);
        cr_expect_str_eq(bob.log, calls[i].bob, "%s: %s", calls[i].name, bob.log);
        close_all();
    }
}

Test(ua, nobody_there)
{
    struct simulator_settings settings = simulator_settings_default();
    settings.loss = 1000;
    open_all(&settings);
    phone_call(&alice, BOB, UINT32_MAX);
    settle();
    cr_expect_str_eq(alice.log, "ended-408 ");
    cr_expect_str_eq(bob.log, "");
    close_all();
}

/* ---- Requests outside of calls
 * ------------------------------------------------------------------- */

Test(ua, requests)
{
    static const struct {
        const char *method, *more, *log;
    } cases[] = {
        {"OPTIONS", "", "response-200 "},
        {"OPTIONS", "Require: nothing-known\r\n", "response-420 "},
        {"REGISTER", "Expires: 60\r\n", "response-405 "},
        {"MESSAGE", "", "response-200 "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        open_all(NULL);
        const struct ua_outgoing what = {
            .method = cases[i].method, .uri = "sip:bob@bob.example", .more = cases[i].more};
        cr_expect_eq(ua_request(&alice.ua, 0, &what, 7), SIPV_OK);
        phone_carry_out(&alice);
        settle();
        cr_expect_str_eq(alice.log, cases[i].log, "%s: %s", cases[i].method, alice.log);
        close_all();
    }
    open_all(NULL);
    const struct ua_outgoing bad[] = {{.method = "BYE", .uri = "sip:b"},
                                      {.method = "OPTIONS", .uri = "no uri"},
                                      {.method = "OPTIONS"},
                                      {.method = "OPTIONS", .uri = "sip:b", .to = "no uri"},
                                      {.method = "OPTIONS", .uri = "sip:b", .more = "broken\r\n"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_eq(ua_request(&alice.ua, 0, &bad[i], 7), SIPV_BAD_ARGUMENT, "%zu", i);
    cr_expect_eq(ua_request(&alice.ua, 0, &(struct ua_outgoing){.method = "X", .uri = "sip:b"},
                            UINT64_C(1) << 56),
                 SIPV_BAD_ARGUMENT);
    settle();
    close_all();
}

/* ---- Messages by hand ------------------------------------------------------------------------ */

/* What Bob sends when he gets this; the last message, as text.  It does not go out. */
static const char *tell(const char *start, const char *to, const char *cseq, const char *more)
{
    static char text[2048];
    static unsigned branch;
    snprintf(text, sizeof text,
             "%s SIP/2.0\r\nVia: SIP/2.0/UDP c;branch=z9hG4bK%u\r\nFrom: <sip:c@c>;tag=c\r\n"
             "To: <sip:bob@b>%s\r\nCall-ID: c\r\nCSeq: %s\r\nMax-Forwards: 70\r\n"
             "%sContent-Length: 0\r\n\r\n",
             start, ++branch, to, cseq, more);
    bob.cable.sent[0] = 0;
    bob.cable.muted = true;
    cr_expect_eq(ua_receive(&bob.ua, simulator_now(sim), sipv_slice_text(text),
                            cable_flow(ALICE, HOP_UDP), false),
                 SIPV_OK, "%s", text);
    bob.cable.muted = false;
    return bob.cable.sent;
}

/* The call of Bob's next event, which must be an incoming one. */
static ua_call_id told_bob(void)
{
    struct ua_event event;
    cr_assert(ua_next(&bob.ua, &event));
    cr_assert_eq(event.what, UA_INCOMING);
    return event.call;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

Test(ua, asked_for_nothing)
{
    open_all(NULL);
    cr_expect(begins(tell("BYE sip:bob@b", "", "1 BYE", ""), "SIP/2.0 481 "));
    cr_expect(begins(tell("BYE sip:bob@b", ";tag=x", "1 BYE", ""), "SIP/2.0 481 "));
    cr_expect(begins(tell("INVITE sip:bob@b", ";tag=x", "1 INVITE", ""), "SIP/2.0 481 "));
    cr_expect(begins(tell("CANCEL sip:bob@b", "", "1 CANCEL", ""), "SIP/2.0 481 "));
    cr_expect(begins(tell("INVITE sip:bob@b", "", "1 INVITE", ""), "SIP/2.0 400 "), "no Contact");
    const char *answer = tell("FOO sip:bob@b", "", "1 FOO", "");
    cr_expect(begins(answer, "SIP/2.0 405 ") && strstr(answer, "\r\nAllow: INVITE, ACK"));
    answer = tell("OPTIONS sip:bob@b", "", "1 OPTIONS", "Require: a,b\r\nRequire: c\r\n");
    cr_expect(begins(answer, "SIP/2.0 420 ") && strstr(answer, "\r\nUnsupported: a, b, c\r\n"));
    cr_expect_str_eq(tell("ACK sip:bob@b", ";tag=x", "1 ACK", ""), "");
    cr_expect_eq(
        ua_receive(&bob.ua, 0, sipv_slice_text("nonsense"), cable_flow(ALICE, HOP_UDP), false),
        SIPV_REJECT);
    settle();
    close_all();
}

/* A call by hand: in order, out of order, a re-INVITE, and no ACK at all. */
Test(ua, inside_a_dialog)
{
    char to[64], ok[2048] = "";
    open_all(NULL);
    tell("INVITE sip:bob@b", "", "5 INVITE", "Contact: <sip:c@c>\r\nRecord-Route: <sip:p;lr>\r\n");
    const ua_call_id call = told_bob();
    cr_expect_eq(ua_answer(&bob.ua, 0, call, 100, none, NULL), SIPV_BAD_ARGUMENT);
    cr_expect_eq(ua_answer(&bob.ua, 0, call, 180, none, "broken\r\n"), SIPV_BAD_ARGUMENT);
    cr_expect_eq(ua_answer(&bob.ua, 0, call + 1, 200, none, NULL), SIPV_ABSENT);
    cr_expect_eq(ua_answer(&bob.ua, 0, call, 200, sipv_slice_text("v=0\r\n"), NULL), SIPV_OK);
    snprintf(ok, sizeof ok, "%.2047s", bob.cable.sent);
    cr_expect(strstr(ok, "\r\nRecord-Route: <sip:p;lr>\r\n"));
    cr_expect(strstr(ok, "\r\nContact: <sip:bob@bob.example>\r\n"));
    cr_expect(strstr(ok, "\r\nContent-Length: 5\r\n\r\nv=0\r\n"));
    snprintf(to, sizeof to, "%.21s", strstr(strstr(ok, "\r\nTo: "), ";tag="));
    tell("ACK sip:bob@b", to, "4 ACK", ""); /* of another INVITE: it changes nothing */
    cr_expect(begins(tell("OPTIONS sip:bob@b", to, "4 OPTIONS", ""), "SIP/2.0 500 "));
    cr_expect(begins(tell("OPTIONS sip:bob@b", to, "6 OPTIONS", ""), "SIP/2.0 200 "));
    cr_expect(
        begins(tell("INVITE sip:bob@b", to, "7 INVITE", "Contact: <sip:c@c>\r\n"), "SIP/2.0 491 "),
        "the offer in the 2xx has no answer");
    cr_expect(begins(tell("INFO sip:bob@b", to, "8 INFO", ""), "SIP/2.0 405 "));
    bob.began++;
    settle();
    cr_expect_str_eq(bob.log, "ended-408 ", "%s", bob.log);
    close_all();
}

/* A response to what Alice has sent last, with another To tag for each fork. */
static int answer_alice(const char *invite, int status, const char *tag)
{
    char text[2048];
    const char *via = strstr(invite, "Via: "), *from = strstr(invite, "From: ");
    const char *call_id = strstr(invite, "Call-ID: ");
    snprintf(text, sizeof text,
             "SIP/2.0 %d Words\r\n%.*s\r\n%.*s\r\nTo: <sip:bob@b>;tag=%s\r\n%.*s\r\n"
             "CSeq: 1 INVITE\r\nContact: <sip:%s@b>\r\nContent-Length: 0\r\n\r\n",
             status, (int)strcspn(via, "\r"), via, (int)strcspn(from, "\r"), from, tag,
             (int)strcspn(call_id, "\r"), call_id, tag);
    return ua_receive(&alice.ua, simulator_now(sim), sipv_slice_text(text),
                      cable_flow(BOB, HOP_UDP), false);
}

/* What Alice has sent since she was last asked, by the first words of each message. */
static const char *sent_by_alice(void)
{
    static char words[CABLE_WORDS];
    snprintf(words, sizeof words, "%s", alice.cable.words);
    alice.cable.words[0] = 0;
    return words;
}

/* Section 13.2.2.4: every 2xx gets its ACK; the first is the call, other forks get a BYE. */
Test(ua, forks)
{
    char invite[2048];
    ua_call_id call;
    open_all(NULL);
    alice.cable.muted = true;
    cr_assert_eq(ua_invite(&alice.ua, 0, &(struct ua_outgoing){.uri = "sip:bob@b"}, &call),
                 SIPV_OK);
    snprintf(invite, sizeof invite, "%.2047s", alice.cable.sent);
    sent_by_alice();
    cr_expect_eq(answer_alice(invite, 180, "b1"), SIPV_OK);
    cr_expect_eq(answer_alice(invite, 200, "b1"), SIPV_OK);
    cr_expect_str_eq(sent_by_alice(), "ACK ");
    cr_expect_eq(answer_alice(invite, 200, "b1"), SIPV_OK);
    cr_expect_str_eq(sent_by_alice(), "ACK ", "once more");
    cr_expect_eq(answer_alice(invite, 200, "b2"), SIPV_OK);
    cr_expect_str_eq(sent_by_alice(), "ACK BYE ");
    cr_expect_eq(ua_calls(&alice.ua), 1);
    cr_expect_eq(ua_dialogs(&alice.ua), 1);
    cr_expect_eq(answer_alice(invite, 486, "b3"), SIPV_OK);
    cr_expect_str_eq(sent_by_alice(), "", "a refusal behind a 2xx means nothing");
    cr_expect_eq(ua_hang_up(&alice.ua, 0, call), SIPV_OK);
    cr_expect_str_eq(sent_by_alice(), "BYE ");
    alice.began++;
    settle();
    cr_expect_str_eq(alice.log, "progress-180 established ended-0 ");
    cr_expect_eq(ua_hang_up(&alice.ua, 0, call), SIPV_ABSENT);
    close_all();
}

/* Bob hangs up before the ACK has come: the BYE waits for it (section 15). */
Test(ua, hang_up_before_ack)
{
    char to[64];
    open_all(NULL);
    tell("INVITE sip:bob@b", "", "5 INVITE", "Contact: <sip:c@c>\r\n");
    const ua_call_id call = told_bob();
    ua_answer(&bob.ua, 0, call, 200, none, NULL);
    const char *ok = bob.cable.sent;
    snprintf(to, sizeof to, "%.21s", strstr(strstr(ok, "\r\nTo: "), ";tag="));
    bob.cable.n_sent = 0;
    cr_expect_eq(ua_hang_up(&bob.ua, 0, call), SIPV_OK);
    cr_expect_eq(bob.cable.n_sent, 0);
    cr_expect(begins(tell("ACK sip:bob@b", to, "5 ACK", ""), "BYE sip:c@c "));
    bob.began++;
    settle();
    close_all();
}

/* Tables that are full: 503 to the peer, SIPV_LIMIT to the user. */
Test(ua, limits)
{
    struct ua_settings settings = ua_settings_default();
    ua_call_id call, other;
    struct ua ua;
    const struct network nowhere = {.with = NULL};
    cr_expect_eq(ua_open(&ua, &settings, &nowhere), SIPV_BAD_ARGUMENT, "no address");
    settings.aor = "no uri";
    cr_expect_eq(ua_open(&ua, &settings, &nowhere), SIPV_BAD_ARGUMENT);
    settings.aor = "sip:a@a.example";
    settings.route = "<sip:p.example>";
    cr_expect_eq(ua_open(&ua, &settings, &nowhere), SIPV_BAD_ARGUMENT, "no loose router");
    settings.route = NULL;
    settings.calls = 0;
    cr_expect_eq(ua_open(&ua, &settings, &nowhere), SIPV_BAD_ARGUMENT);
    settings.calls = 1;
    settings.transactions.limits.transactions = 2;
    sim = simulator_new(&(struct simulator_settings){.in_flight = 100});
    cr_assert(phone_open(&alice, sim, "alice", NULL));
    cr_assert(phone_open(&bob, sim, "bob", &settings));
    bob.answer_ms = bob.ring_ms = UINT32_MAX;
    tell("INVITE sip:bob@b", "", "1 INVITE", "Contact: <sip:c@c>\r\n");
    call = told_bob();
    const char *answer = tell("INVITE sip:bob@b", "", "2 INVITE", "Contact: <sip:c@c>\r\n");
    cr_expect(begins(answer, "SIP/2.0 503 ") && strstr(answer, "\r\nRetry-After: "));
    const struct ua_outgoing what = {.method = "OPTIONS", .uri = "sip:x"};
    cr_expect_eq(ua_invite(&bob.ua, 0, &what, &other), SIPV_LIMIT);
    cr_expect_eq(ua_request(&bob.ua, 0, &what, 1), SIPV_LIMIT);
    cr_expect_eq(ua_hang_up(&bob.ua, 0, call), SIPV_OK);
    bob.began++;
    settle();
    close_all();
}

/* ---- Rough networks ------------------------------------------------------------------------- */

static void rough(unsigned loss)
{
    size_t established = 0;
    for (unsigned seed = 0; seed < seeds_or(SEEDS); seed++) {
        struct simulator_settings settings = simulator_settings_default();
        settings.loss = loss;
        settings.duplication = 50;
        settings.delay_max_ms = 300;
        settings.seed = seed;
        open_all(&settings);
        alice.random = bob.random = true;
        alice.hang_up_ms = bob.hang_up_ms = 30000;
        for (unsigned i = 0; i < 4; i++)
            phone_call(i % 2 ? &alice : &bob, i % 2 ? BOB : ALICE,
                       1000 + simulator_random(sim, 60000));
        settle();
        established += strstr(alice.log, "established") != NULL;
        close_all();
    }
    cr_expect_gt(established, 0);
    if (getenv("SIPVET_SEEDS"))
        fprintf(stderr, "%u seeds, loss %u%%: calls stood in %zu\n", seeds_or(SEEDS), loss / 10,
                established);
}

Test(ua, nothing_lost)
{
    rough(0);
}
Test(ua, one_tenth_lost)
{
    rough(100);
}
Test(ua, four_tenths_lost)
{
    rough(400);
}
