/* A user agent that is challenged, and one that challenges. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "messages.h"
#include "phone.h"

enum { ALICE, BOB, SEEDS = 150, TEXT = 4096 };

static struct simulator *sim;
static struct phone alice, bob;
static struct guard guard;

static int lookup(void *with, const sipv_claim *claim, sipv_secret *secret)
{
    (void)with;
    if (!sipv_slice_is(claim->username, "alice"))
        return SIPV_ABSENT;
    secret->password = sipv_slice_text("wonder");
    return SIPV_OK;
}

static struct guard_settings guarding(void)
{
    struct guard_settings settings = guard_settings_default();
    settings.realm = "bob.example";
    settings.lookup = lookup;
    settings.qops = SIPV_BIT(SIPV_QOP_AUTH) | SIPV_BIT(SIPV_QOP_AUTH_INT);
    settings.seed[0] = 3;
    return settings;
}

static struct ua_settings calling(const char *password)
{
    struct ua_settings settings = ua_settings_default();
    settings.calls = 16;
    settings.transactions.limits.transactions = 256;
    settings.dialogs.dialogs = 64;
    settings.password = password;
    return settings;
}

/* Bob wants to know who calls, unless `asks` is NULL. */
static void open_all(const struct simulator_settings *settings, const struct ua_settings *alices,
                     const struct guard_settings *asks)
{
    const struct simulator_settings usual = simulator_settings_default();
    struct ua_settings bobs = calling(NULL);
    sim = simulator_new(settings ? settings : &usual);
    cr_assert(sim);
    if (asks)
        cr_assert_eq(guard_open(&guard, asks), SIPV_OK);
    bobs.guard = asks ? &guard : NULL;
    cr_assert(phone_open(&alice, sim, "alice", alices));
    cr_assert(phone_open(&bob, sim, "bob", &bobs));
}

static void close_all(void)
{
    phone_close(&alice);
    phone_close(&bob);
    guard_close(&guard);
    simulator_free(sim);
}

static void settle(void)
{
    cr_assert(phones_settle(sim));
    cr_expect_eq(ua_calls(&alice.ua) + ua_calls(&bob.ua), 0);
    cr_expect_eq(ua_transactions(&alice.ua) + ua_transactions(&bob.ua), 0);
    cr_expect_eq(ua_dialogs(&alice.ua) + ua_dialogs(&bob.ua), 0);
    cr_expect_eq(alice.began, alice.ended);
    cr_expect_eq(alice.faults + bob.faults, 0);
}

/* A line of the last message that Alice has sent. */
static const char *line(const char *name)
{
    static char out[1024];
    const char *p = alice.cable.sent;
    while (p && strncmp(p, name, strlen(name)) != 0)
        p = (p = strchr(p, '\n')) ? p + 1 : NULL;
    snprintf(out, sizeof out, "%.*s", p ? (int)strcspn(p, "\r") : 0, p ? p : "");
    return out;
}

/* Steps until Alice has sent so many messages. */
static void until_sent(size_t n)
{
    while (alice.cable.n_sent < n)
        cr_assert(simulator_step(sim));
}

/* ---- Calls ----------------------------------------------------------------------------------- */

/* The INVITE comes again with the next CSeq, the same Call-ID and From tag; ACK has its
 * credentials, and requests inside of the dialog have theirs. */
Test(digest, call)
{
    const struct ua_settings settings = calling("wonder");
    const struct guard_settings asks = guarding();
    char call_id[64], from[128], credentials[1024];
    open_all(NULL, &settings, &asks);
    phone_call(&alice, BOB, 10000);
    snprintf(call_id, sizeof call_id, "%.63s", line("Call-ID: "));
    snprintf(from, sizeof from, "%.127s", line("From: "));
    until_sent(3);
    cr_expect_str_eq(alice.cable.words, "INVITE ACK INVITE ");
    cr_expect_str_eq(line("Call-ID: "), call_id);
    cr_expect_str_eq(line("From: "), from);
    cr_expect_str_eq(line("CSeq: "), "CSeq: 2 INVITE");
    snprintf(credentials, sizeof credentials, "%.1023s", line("Authorization: "));
    cr_expect(strstr(credentials, "algorithm=SHA-256") && strstr(credentials, "qop=auth,") &&
                  strstr(credentials, "nc=00000001"),
              "%s", credentials);
    until_sent(5);
    cr_expect_str_eq(alice.cable.words, "INVITE ACK INVITE PRACK ACK ");
    cr_expect_str_eq(line("Authorization: "), credentials, "of the INVITE");
    settle();
    cr_expect(strstr(line("Authorization: "), "nc=00000003"), "BYE: %s", line("Authorization: "));
    cr_expect_str_eq(alice.log, "progress-180 established ended-0 ");
    cr_expect_str_eq(bob.log, "incoming established ended-0 ");
    close_all();
}

static const struct {
    const char *name, *password;
    unsigned algorithms, qops; /* that Bob offers, 0: the usual */
    bool integrity;            /* Alice likes auth-int more */
    unsigned only;             /* algorithms that she can, 0: all */
    const char *log, *has;
} cases[] = {
    {"auth-int, by choice", "wonder", 0, 0, true, 0, "progress-180 established ended-0 ",
     "qop=auth-int"},
    {"MD5 alone", "wonder", SIPV_BIT(SIPV_MD5), 0, false, 0, "progress-180 established ended-0 ",
     "algorithm=MD5"},
    {"the only one she can", "wonder", 0, 0, false, SIPV_BIT(SIPV_MD5),
     "progress-180 established ended-0 ", "algorithm=MD5"},
    {"the strongest", "wonder", SIPV_ALGORITHMS_ALL, 0, false, 0,
     "progress-180 established ended-0 ", "algorithm=SHA-512-256-sess"},
    {"without qop", "wonder", 0, SIPV_BIT(SIPV_QOP_NONE), false, 0,
     "progress-180 established ended-0 ", "response="},
    {"none that she can", "wonder", SIPV_BIT(SIPV_SHA_256), 0, false, SIPV_BIT(SIPV_MD5),
     "ended-401 ", ""},
    {"a wrong password", "rabbit", 0, 0, false, 0, "ended-401 ", ""},
    {"no password", NULL, 0, 0, false, 0, "ended-401 ", ""},
};

Test(digest, choices)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ua_settings settings = calling(cases[i].password);
        struct guard_settings asks = guarding();
        settings.digest.prefer_integrity = cases[i].integrity;
        settings.digest.algorithms = cases[i].only;
        if (cases[i].algorithms)
            asks.algorithms = cases[i].algorithms;
        if (cases[i].qops)
            asks.qops = cases[i].qops;
        open_all(NULL, &settings, &asks);
        phone_call(&alice, BOB, 10000);
        while (!strstr(alice.log, "established") && !strstr(alice.log, "ended"))
            cr_assert(simulator_step(sim));
        cr_expect(strstr(line("Authorization: "), cases[i].has), "%s: %s", cases[i].name,
                  line("Authorization: "));
        settle();
        cr_expect_str_eq(alice.log, cases[i].log, "%s: %s", cases[i].name, alice.log);
        close_all();
    }
}

/* One try for a wrong password, no more. */
Test(digest, wrong_password)
{
    const struct ua_settings settings = calling("rabbit");
    const struct guard_settings asks = guarding();
    open_all(NULL, &settings, &asks);
    phone_call(&alice, BOB, 10000);
    settle();
    cr_expect_str_eq(alice.cable.words, "INVITE ACK INVITE ACK ");
    close_all();
}

/* An HA1 in place of the password, and another name. */
Test(digest, ha1)
{
    struct ua_settings settings = calling(NULL);
    struct guard_settings asks = guarding();
    sipv_hasher *h = sipv_hasher_new();
    sipv_digits ha1;
    asks.algorithms = SIPV_BIT(SIPV_SHA_256);
    sipv_digest_ha1(h, SIPV_SHA_256, sipv_slice_text("alice"), sipv_slice_text("bob.example"),
                    sipv_slice_text("wonder"), &ha1);
    settings.aor = "sip:liddell@alice.example";
    settings.username = "alice";
    settings.ha1 = ha1.text;
    open_all(NULL, &settings, &asks);
    phone_call(&alice, BOB, 10000);
    settle();
    cr_expect_str_eq(alice.log, "progress-180 established ended-0 ");
    close_all();
    sipv_hasher_free(h);
}

/* ---- Other requests -------------------------------------------------------------------------- */

static void message(void)
{
    const struct ua_outgoing what = {.method = "MESSAGE",
                                     .uri = "sip:bob@bob.example",
                                     .more = "Subject: x\r\n",
                                     .body = sipv_slice_text("hello"),
                                     .type = "text/plain"};
    cr_expect_eq(ua_request(&alice.ua, simulator_now(sim), &what, 1), SIPV_OK);
    phone_carry_out(&alice);
}

/* Asked once, it has its credentials ready; too old a nonce costs one more round. */
Test(digest, again)
{
    const struct ua_settings settings = calling("wonder");
    struct guard_settings asks = guarding();
    asks.nonce_ms = 60000;
    open_all(NULL, &settings, &asks);
    message();
    settle();
    cr_expect_str_eq(alice.cable.words, "MESSAGE MESSAGE ");
    cr_expect(strstr(alice.cable.sent, "\r\nSubject: x\r\n") &&
              strstr(alice.cable.sent, "\r\nContent-Type: text/plain\r\n") &&
              strstr(alice.cable.sent, "\r\n\r\nhello"));
    message();
    settle();
    cr_expect_str_eq(alice.cable.words, "MESSAGE MESSAGE MESSAGE ");
    cr_expect(strstr(line("Authorization: "), "nc=00000002"));
    phone_later(&bob, 61000, PHONE_HANG_UP, 0);
    settle();
    message();
    settle();
    cr_expect_str_eq(alice.cable.words, "MESSAGE MESSAGE MESSAGE MESSAGE MESSAGE ", "stale");
    cr_expect_str_eq(alice.log, "response-200 response-200 response-200 ");
    cr_expect_str_eq(bob.log, "request request request ");
    close_all();
}

/* A server that has forgotten its key: the credentials sent unasked get one more chance, no more.
 */
Test(digest, another_key)
{
    const struct ua_settings settings = calling("wonder");
    struct guard_settings asks = guarding();
    open_all(NULL, &settings, &asks);
    message();
    settle();
    guard_close(&guard);
    asks.seed[0]++;
    cr_assert_eq(guard_open(&guard, &asks), SIPV_OK);
    message();
    settle();
    cr_expect_str_eq(alice.log, "response-200 response-200 ");
    close_all();
}

/* ---- By hand: several realms ------------------------------------------------------------------
 */

static void answer_alice(int status, const char *more)
{
    char text[TEXT], via[256], from[256], call_id[256], cseq[256];
    snprintf(via, sizeof via, "%.255s", line("Via: "));
    snprintf(from, sizeof from, "%.255s", line("From: "));
    snprintf(call_id, sizeof call_id, "%.255s", line("Call-ID: "));
    snprintf(cseq, sizeof cseq, "%.255s", line("CSeq: "));
    snprintf(text, sizeof text,
             "SIP/2.0 %d Words\r\n%s\r\n%s\r\nTo: <sip:x@x>;tag=1\r\n%s\r\n%s\r\n%s"
             "Content-Length: 0\r\n\r\n",
             status, via, from, call_id, cseq, more);
    cr_expect_eq(ua_receive(&alice.ua, 0, sipv_slice_text(text), cable_flow(BOB, HOP_UDP), false),
                 SIPV_OK, "%s", text);
}

static size_t count_of(const char *text, const char *word)
{
    size_t n = 0;
    for (const char *p = text; (p = strstr(p, word)); p++)
        n++;
    return n;
}

Test(digest, several_realms)
{
    const struct ua_settings settings = calling("wonder");
    const struct ua_outgoing what = {.method = "OPTIONS", .uri = "sip:x@bob.example"};
    struct ua_event event;
    open_all(NULL, &settings, NULL);
    alice.cable.muted = true;
    cr_assert_eq(ua_request(&alice.ua, 0, &what, 1), SIPV_OK);
    answer_alice(407, "Proxy-Authenticate: Digest realm=\"p1\", nonce=\"n1\", qop=\"auth\"\r\n"
                      "Proxy-Authenticate: Digest realm=\"p2\", nonce=\"n2\"\r\n"
                      "Proxy-Authenticate: Other realm=\"p3\"\r\n");
    cr_expect_eq(count_of(alice.cable.sent, "\r\nProxy-Authorization: Digest "), 2);
    answer_alice(401, "WWW-Authenticate: Digest realm=\"p1\", nonce=\"n3\", opaque=\"o\"\r\n");
    cr_expect_eq(count_of(alice.cable.sent, "\r\nProxy-Authorization: Digest "), 2);
    cr_expect_eq(count_of(alice.cable.sent, "\r\nAuthorization: Digest "), 1);
    cr_expect(strstr(line("Authorization: "), "nonce=\"n3\"") &&
              strstr(line("Authorization: "), "opaque=\"o\""));
    cr_expect(strstr(line("Proxy-Authorization: "), "nc=00000002"));
    cr_expect_str_eq(line("CSeq: "), "CSeq: 3 OPTIONS");
    answer_alice(407, "Proxy-Authenticate: Digest realm=\"p2\", nonce=\"n4\", stale=true\r\n");
    cr_expect_eq(count_of(alice.cable.sent, "nonce=\"n4\""), 1);
    cr_expect_not(ua_next(&alice.ua, &event));
    const size_t sent = alice.cable.n_sent;
    answer_alice(401, "WWW-Authenticate: Digest realm=\"p1\", nonce=\"n5\"\r\n");
    cr_expect_eq(alice.cable.n_sent, sent, "refused");
    cr_expect(ua_next(&alice.ua, &event) && event.what == UA_RESPONSE && event.status == 401);
    close_all();
}

/* stale=true for ever is no way to keep us busy. */
Test(digest, always_stale)
{
    const struct ua_settings settings = calling("wonder");
    const struct ua_outgoing what = {.method = "OPTIONS", .uri = "sip:x@bob.example"};
    struct ua_event event;
    char lines[128];
    unsigned rounds = 0;
    open_all(NULL, &settings, NULL);
    alice.cable.muted = true;
    cr_assert_eq(ua_request(&alice.ua, 0, &what, 1), SIPV_OK);
    while (!ua_next(&alice.ua, &event)) {
        cr_assert_lt(++rounds, 20);
        snprintf(lines, sizeof lines,
                 "WWW-Authenticate: Digest realm=\"r\", nonce=\"%u\", stale=true\r\n", rounds);
        answer_alice(401, lines);
    }
    cr_expect_eq(event.status, 401);
    close_all();
}

/* Authentication-Info: with its nonce the next request is made; a forged one changes nothing. */
Test(digest, next_nonce)
{
    const struct ua_settings settings = calling("wonder");
    const struct ua_outgoing what = {.method = "OPTIONS", .uri = "sip:x@bob.example"};
    struct guard_settings asks = guarding();
    struct room room;
    char text[TEXT], lines[TEXT];
    struct compose c = {(unsigned char *)lines, sizeof lines - 1, 0};
    struct guard_answer answer;
    asks.next_nonce = true;
    open_all(NULL, &settings, &asks);
    cr_assert(room_open(&room));
    alice.cable.muted = true;
    for (unsigned round = 0; round < 3; round++) {
        cr_assert_eq(ua_request(&alice.ua, 0, &what, 1), SIPV_OK);
        for (unsigned i = 0; i < 2; i++) {
            snprintf(text, sizeof text, "%.4095s", alice.cable.sent);
            cr_assert_eq(room_parse(&room, text, strlen(text), SIPV_STRICT), SIPV_OK);
            c.n = 0;
            const int status = guard_check(&guard, 0, &room.m, &answer, &c);
            if (status == GUARD_ADMITTED)
                break;
            cr_expect_eq(round, 0, "only once: %s", text);
            lines[c.n] = 0;
            answer_alice(401, lines);
        }
        cr_expect_eq(answer.status, GUARD_ADMITTED);
        cr_expect(strstr(text, "nc=00000001"), "each nonce is new: %s", text);
        c.n = 0;
        guard_info(&guard, 0, &room.m, (sipv_slice){NULL, 0}, &c);
        lines[c.n] = 0;
        answer_alice(200, lines);
    }
    room_close(&room);
    close_all();
}

/* ---- Rough networks -------------------------------------------------------------------------- */

static void rough(unsigned loss)
{
    size_t established = 0;
    for (unsigned seed = 0; seed < SEEDS; seed++) {
        struct simulator_settings settings = simulator_settings_default();
        struct ua_settings alices = calling(seed % 7 ? "wonder" : "rabbit");
        struct guard_settings asks = guarding();
        settings.loss = loss;
        settings.duplication = 50;
        settings.delay_max_ms = 300;
        settings.seed = seed;
        asks.nonce_ms = 5000;
        open_all(&settings, &alices, &asks);
        bob.random = true;
        bob.hang_up_ms = 30000;
        for (unsigned i = 0; i < 4; i++)
            phone_call(&alice, BOB, 1000 + simulator_random(sim, 60000));
        message();
        settle();
        established += strstr(alice.log, "established") != NULL;
        cr_expect(seed % 7 || !strstr(alice.log, "established"), "seed %u: %s", seed, alice.log);
        close_all();
    }
    cr_expect_gt(established, 0);
}

Test(digest, nothing_lost)
{
    rough(0);
}
Test(digest, one_tenth_lost)
{
    rough(100);
}
Test(digest, four_tenths_lost)
{
    rough(400);
}
