/* Sessions that change, and provisional responses that are acknowledged: who offers, who answers,
 * and that nothing is left whatever the network loses. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phone.h"

enum { ALICE, BOB, SEEDS = 150 };

static struct simulator *sim;
static struct phone alice, bob;

static void open_phone(struct phone *p, const char *name, enum ua_1xx provisional)
{
    struct ua_settings settings = ua_settings_default();
    settings.calls = 16;
    settings.transactions.limits.transactions = 256;
    settings.dialogs.dialogs = 64;
    settings.provisional = provisional;
    cr_assert(phone_open(p, sim, name, &settings));
    p->describes = true;
}

static void open_all(const struct simulator_settings *settings, enum ua_1xx alices,
                     enum ua_1xx bobs)
{
    const struct simulator_settings usual = simulator_settings_default();
    sim = simulator_new(settings ? settings : &usual);
    cr_assert(sim);
    open_phone(&alice, "alice", alices);
    open_phone(&bob, "bob", bobs);
}

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

static void expect_logs(const char *name, const char *alices, const char *bobs)
{
    cr_expect_str_eq(alice.log, alices, "%s: Alice %s", name, alice.log);
    cr_expect_str_eq(bob.log, bobs, "%s: Bob %s", name, bob.log);
}

/* ---- Changes --------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    uint32_t alice_ms, bob_ms; /* after which they ask for another session */
    bool updates, offers_not;
    int status; /* how offers are answered */
    const char *alice, *bob;
    const char *sent; /* by Alice */
} changes[] = {
    {"Alice holds", 1000, UINT32_MAX, false, false, 200,
     "progress-183 established modified-200 ended-0 ", "incoming established offer ended-0 ",
     "INVITE PRACK ACK INVITE ACK BYE "},
    {"Bob holds", UINT32_MAX, 1000, false, false, 200, "progress-183 established offer ended-0 ",
     "incoming established modified-200 ended-0 ", "INVITE PRACK ACK 200 BYE "},
    {"Bob does not want to", 1000, UINT32_MAX, false, false, 488,
     "progress-183 established modified-488 ended-0 ", "incoming established offer ended-0 ",
     "INVITE PRACK ACK INVITE ACK BYE "},
    {"by UPDATE", 1000, UINT32_MAX, true, false, 200,
     "progress-183 established modified-200 ended-0 ", "incoming established offer ended-0 ",
     "INVITE PRACK ACK UPDATE BYE "},
    {"UPDATE refused", 1000, UINT32_MAX, true, false, 488,
     "progress-183 established modified-488 ended-0 ", "incoming established offer ended-0 ",
     "INVITE PRACK ACK UPDATE BYE "},
    {"the peer is to offer", 1000, UINT32_MAX, false, true, 200,
     "progress-183 offer established offer modified-200 ended-0 ",
     "incoming answer established offer answer ended-0 ", "INVITE PRACK ACK INVITE ACK BYE "},
};

Test(session, changes)
{
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        open_all(NULL, UA_1XX_RELIABLE, UA_1XX_RELIABLE);
        alice.modify_ms = changes[i].alice_ms;
        bob.modify_ms = changes[i].bob_ms;
        alice.updates = bob.updates = changes[i].updates;
        alice.offers_not = changes[i].offers_not;
        alice.offer_status = bob.offer_status = changes[i].status;
        phone_call(&alice, BOB, 10000);
        settle();
        expect_logs(changes[i].name, changes[i].alice, changes[i].bob);
        cr_expect_str_eq(alice.cable.words, changes[i].sent, "%s: %s", changes[i].name,
                         alice.cable.words);
        close_all();
    }
}

/* Both at once: 491, and one of them is served, then the other (section 14.1). */
Test(session, glare)
{
    for (unsigned updates = 0; updates < 2; updates++) {
        open_all(NULL, UA_1XX_RELIABLE, UA_1XX_RELIABLE);
        alice.modify_ms = 1000;
        bob.modify_ms = 999; /* its ACK has been under way for 1 ms */
        alice.updates = bob.updates = updates;
        phone_call(&alice, BOB, 20000);
        while (!strstr(bob.log, "modified-200 "))
            cr_assert(simulator_step(sim));
        cr_expect_eq(strstr(alice.log, "modified-200 "), NULL, "who has called waits longer");
        settle();
        cr_expect(strstr(alice.cable.words, " 491 ") && strstr(bob.cable.words, " 491 "), "%s / %s",
                  alice.cable.words, bob.cable.words);
        cr_expect(strstr(alice.log, "modified-200 ") && strstr(bob.log, "modified-200 "), "%s / %s",
                  alice.log, bob.log);
        cr_expect(strstr(alice.log, "offer ") && strstr(bob.log, "offer "));
        close_all();
    }
}

/* Who hangs up while an INVITE of his is open cancels it first. */
Test(session, hang_up_while_asking)
{
    open_all(NULL, UA_1XX_RELIABLE, UA_1XX_RELIABLE);
    alice.modify_ms = 1000;
    bob.forgets = true;
    phone_call(&alice, BOB, 5000);
    settle();
    expect_logs("Bob thinks", "progress-183 established modified-487 ended-0 ",
                "incoming established offer ended-0 ");
    cr_expect_str_eq(alice.cable.words, "INVITE PRACK ACK INVITE CANCEL ACK BYE ", "%s",
                     alice.cable.words);
    close_all();

    open_all(NULL, UA_1XX_RELIABLE, UA_1XX_RELIABLE);
    alice.modify_ms = 1000;
    bob.forgets = true;
    bob.hang_up_ms = 5000;
    phone_call(&alice, BOB, UINT32_MAX);
    settle();
    cr_expect(strstr(bob.cable.words, "487 BYE "), "what waits is answered: %s", bob.cable.words);
    close_all();
}

static void modify_too_early(void)
{
    const sipv_slice sdp = sipv_slice_text(phone_sdp);
    ua_call_id call;
    struct ua_event event;
    cr_expect_eq(ua_modify(&alice.ua, 0, alice.last, UA_REINVITE, sdp), SIPV_ABSENT);
    cr_expect_eq(ua_modify(&alice.ua, 0, alice.last, UA_UPDATE, sdp), SIPV_ABSENT);
    cr_expect_eq(ua_answer_offer(&alice.ua, 0, alice.last, 200, sdp), SIPV_ABSENT);
    cr_expect_eq(ua_modify(&alice.ua, 0, alice.last + 1, UA_UPDATE, sdp), SIPV_ABSENT);
    cr_expect_eq(ua_invite(&alice.ua, 0, &(struct ua_outgoing){.uri = "tel:+1"}, &call),
                 SIPV_BAD_ARGUMENT);
    cr_expect_not(ua_next(&alice.ua, &event));
}

Test(session, not_now)
{
    const sipv_slice sdp = sipv_slice_text(phone_sdp);
    open_all(NULL, UA_1XX_RELIABLE, UA_1XX_RELIABLE);
    phone_call(&alice, BOB, 10000);
    modify_too_early();
    while (!strstr(alice.log, "established"))
        cr_assert(simulator_step(sim));
    cr_expect_eq(ua_modify(&alice.ua, simulator_now(sim), alice.last, UA_REINVITE, sdp), SIPV_OK);
    cr_expect_eq(ua_modify(&alice.ua, simulator_now(sim), alice.last, UA_REINVITE, sdp),
                 SIPV_REJECT);
    cr_expect_eq(ua_modify(&alice.ua, simulator_now(sim), alice.last, UA_UPDATE, sdp), SIPV_REJECT);
    cr_expect_eq(ua_answer_offer(&alice.ua, 0, alice.last, 200, sdp), SIPV_ABSENT);
    settle();
    close_all();
}

/* ---- Provisional responses ------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum ua_1xx alices, bobs;
    bool describes, offers_not;
    const char *alice, *bob, *sent;
} provisionals[] = {
    {"neither can", UA_1XX_UNRELIABLE, UA_1XX_UNRELIABLE, true, false,
     "progress-183 established ended-0 ", "incoming established ended-0 ", "183 200 200 "},
    {"only Alice can", UA_1XX_RELIABLE, UA_1XX_UNRELIABLE, true, false,
     "progress-183 established ended-0 ", "incoming established ended-0 ", "183 200 200 "},
    {"only Bob can", UA_1XX_UNRELIABLE, UA_1XX_RELIABLE, true, false,
     "progress-183 established ended-0 ", "incoming established ended-0 ", "183 200 200 "},
    {"both can", UA_1XX_RELIABLE, UA_1XX_RELIABLE, true, false, "progress-183 established ended-0 ",
     "incoming established ended-0 ", "183 200 200 200 "},
    {"without a description", UA_1XX_RELIABLE, UA_1XX_RELIABLE, false, false,
     "progress-180 established ended-0 ", "incoming established ended-0 ", "180 200 200 200 "},
    {"Alice insists", UA_1XX_REQUIRED, UA_1XX_RELIABLE, true, false,
     "progress-183 established ended-0 ", "incoming established ended-0 ", "183 200 200 200 "},
    {"and Bob cannot", UA_1XX_REQUIRED, UA_1XX_UNRELIABLE, true, false, "ended-420 ", "", "420 "},
    {"Bob insists and Alice cannot", UA_1XX_UNRELIABLE, UA_1XX_REQUIRED, true, false, "ended-421 ",
     "", "421 "},
    {"the offer in 183", UA_1XX_RELIABLE, UA_1XX_RELIABLE, true, true,
     "progress-183 offer established ended-0 ", "incoming answer established ended-0 ",
     "183 200 200 200 "},
    {"the offer in 200", UA_1XX_UNRELIABLE, UA_1XX_UNRELIABLE, true, true,
     "progress-183 offer established ended-0 ", "incoming established ended-0 ", "183 200 200 "},
};

Test(provisional, responses)
{
    for (size_t i = 0; i < sizeof provisionals / sizeof *provisionals; i++) {
        open_all(NULL, provisionals[i].alices, provisionals[i].bobs);
        alice.offers_not = provisionals[i].offers_not;
        bob.describes = provisionals[i].describes;
        phone_call(&alice, BOB, 10000);
        settle();
        expect_logs(provisionals[i].name, provisionals[i].alice, provisionals[i].bob);
        cr_expect_str_eq(bob.cable.words, provisionals[i].sent, "%s: %s", provisionals[i].name,
                         bob.cable.words);
        close_all();
    }
}

/* The body that ends an exchange comes to who has offered. */
Test(provisional, answers_arrive)
{
    open_all(NULL, UA_1XX_RELIABLE, UA_1XX_RELIABLE);
    alice.offers_not = true;
    phone_call(&alice, BOB, 10000);
    settle();
    cr_expect_str_eq(alice.body, phone_sdp);
    cr_expect_str_eq(bob.body, phone_sdp);
    close_all();
}

/* A 2xx waits for the PRACK (RFC 3262 section 3), and who never sends one gets no call. */
Test(provisional, no_prack)
{
    open_all(NULL, UA_1XX_RELIABLE, UA_1XX_RELIABLE);
    alice.offers_not = alice.forgets = true; /* it waits for the answer to Bob's offer */
    phone_call(&alice, BOB, UINT32_MAX);
    settle();
    expect_logs("silence", "progress-183 offer ended-504 ", "incoming ended-504 ");
    cr_expect_eq(strstr(bob.cable.words, " 200 "), NULL);
    cr_expect(strstr(bob.cable.words, "183 183 183 183 183 183 183 504 "), "%s", bob.cable.words);
    close_all();
}

/* ---- Messages by hand -------------------------------------------------------------------------
 */

/* A text of Alice to Bob, in the call that Bob has; what he answers. */
static int tell_bob(const char *method, unsigned cseq, const char *to_tag, const char *more)
{
    static unsigned branch;
    char text[2048];
    snprintf(text, sizeof text,
             "%s sip:bob@bob.example SIP/2.0\r\nVia: SIP/2.0/UDP c;branch=z9hG4bK%u\r\n"
             "From: <sip:c@c>;tag=c\r\nTo: <sip:bob@b>%s%s\r\nCall-ID: c\r\nCSeq: %u %s\r\n"
             "Max-Forwards: 70\r\nContact: <sip:c@c>\r\n%s",
             method, ++branch, *to_tag ? ";tag=" : "", to_tag, cseq, method,
             *more ? more : "Content-Length: 0\r\n\r\n");
    bob.cable.muted = true;
    bob.cable.sent[0] = 0;
    ua_receive(&bob.ua, simulator_now(sim), sipv_slice_text(text), cable_flow(ALICE, HOP_UDP),
               false);
    bob.cable.muted = false;
    return strncmp(bob.cable.sent, "SIP/2.0 ", 8) == 0 ? atoi(bob.cable.sent + 8) : 0;
}

static const char *line_of(const char *text, const char *name)
{
    static char line[256];
    const char *p = strstr(text, name);
    snprintf(line, sizeof line, "%.*s", p ? (int)strcspn(p + strlen(name), "\r") : 0,
             p ? p + strlen(name) : "");
    return line;
}

Test(provisional, by_hand)
{
    struct ua_event event;
    char tag[32], rack[128];
    const sipv_slice sdp = sipv_slice_text(phone_sdp), none = {NULL, 0};
    open_all(NULL, UA_1XX_RELIABLE, UA_1XX_RELIABLE);
    tell_bob("INVITE", 5, "", "Supported: 100rel\r\nContent-Length: 0\r\n\r\n");
    cr_assert(ua_next(&bob.ua, &event));
    bob.cable.muted = true;
    cr_expect_eq(ua_answer(&bob.ua, 0, event.call, 180, none, NULL), SIPV_OK);
    snprintf(tag, sizeof tag, "%.16s", line_of(bob.cable.sent, "\r\nTo: <sip:bob@b>;tag="));
    const unsigned long rseq = strtoul(line_of(bob.cable.sent, "\r\nRSeq: "), NULL, 10);
    cr_expect(rseq > 0 && rseq < 0x80000000);
    cr_expect(strstr(bob.cable.sent, "\r\nRequire: 100rel\r\n"));
    cr_expect_eq(ua_answer(&bob.ua, 0, event.call, 183, sdp, NULL), SIPV_REJECT, "no PRACK yet");
    cr_expect_eq(tell_bob("PRACK", 6, tag, "RAck: 7 5 INVITE\r\nContent-Length: 0\r\n\r\n"), 481);
    snprintf(rack, sizeof rack, "RAck: %lu 5 INVITE\r\nContent-Length: 0\r\n\r\n", rseq);
    cr_expect_eq(tell_bob("PRACK", 7, tag, rack), 200);
    cr_expect_eq(tell_bob("PRACK", 8, tag, rack), 481, "twice");
    cr_expect_eq(tell_bob("UPDATE", 9, tag,
                          "Content-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n"),
                 0, "the user is asked");
    cr_assert(ua_next(&bob.ua, &event));
    cr_expect_eq(event.what, UA_OFFER);
    cr_expect_eq(tell_bob("UPDATE", 10, tag,
                          "Content-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n"),
                 500, "one after the other");
    cr_expect(strstr(bob.cable.sent, "\r\nRetry-After: "));
    bob.cable.muted = true;
    cr_expect_eq(ua_answer_offer(&bob.ua, 0, event.call, 200, none), SIPV_BAD_ARGUMENT);
    cr_expect_eq(ua_answer_offer(&bob.ua, 0, event.call, 183, sdp), SIPV_BAD_ARGUMENT);
    cr_expect_eq(ua_answer_offer(&bob.ua, 0, event.call, 200, sdp), SIPV_OK);
    cr_expect(strstr(bob.cable.sent, "\r\nCSeq: 9 UPDATE\r\n"));
    cr_expect_eq(tell_bob("UPDATE", 11, tag, ""), 200, "a target alone");
    cr_expect_eq(tell_bob("INVITE", 12, tag, ""), 500, "the first is open");
    bob.cable.muted = true;
    cr_expect_eq(ua_answer(&bob.ua, 0, event.call, 183, sdp, NULL), SIPV_OK);
    cr_expect_eq(strtoul(line_of(bob.cable.sent, "\r\nRSeq: "), NULL, 10), rseq + 1);
    cr_expect_eq(tell_bob("UPDATE", 13, tag,
                          "Content-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n"),
                 491, "our offer is open");
    bob.cable.muted = false;
    cr_expect_eq(ua_hang_up(&bob.ua, 0, event.call), SIPV_OK);
    bob.began++;
    cr_assert(phones_settle(sim));
    cr_expect_eq(ua_transactions(&bob.ua), 0);
    close_all();
}

/* A response of Bob to what Alice has sent last; she does not send anything out. */
static void answer_alice(int status, const char *more)
{
    char text[2048], via[256], from[256], call_id[256], cseq[256];
    snprintf(via, sizeof via, "%s", line_of(alice.cable.sent, "\r\nVia: "));
    snprintf(from, sizeof from, "%s", line_of(alice.cable.sent, "\r\nFrom: "));
    snprintf(call_id, sizeof call_id, "%s", line_of(alice.cable.sent, "\r\nCall-ID: "));
    snprintf(cseq, sizeof cseq, "%s", line_of(alice.cable.sent, "\r\nCSeq: "));
    snprintf(text, sizeof text,
             "SIP/2.0 %d Words\r\nVia: %s\r\nFrom: %s\r\nTo: <sip:x@bob.example>;tag=b\r\n"
             "Call-ID: %s\r\nCSeq: %s\r\n%sContent-Length: 0\r\n\r\n",
             status, via, from, call_id, cseq, more);
    alice.cable.words[0] = 0;
    cr_expect_eq(ua_receive(&alice.ua, simulator_now(sim), sipv_slice_text(text),
                            cable_flow(BOB, HOP_UDP), false),
                 SIPV_OK, "%s", text);
}

/* The same INVITE, whatever Alice has sent since. */
static void answer_invite(const char *invite, int status, const char *more)
{
    snprintf(alice.cable.sent, sizeof alice.cable.sent, "%s", invite);
    answer_alice(status, more);
}

static void call_by_hand(char invite[2048])
{
    const struct ua_outgoing what = {.uri = "sip:x@bob.example",
                                     .body = sipv_slice_text(phone_sdp)};
    open_all(NULL, UA_1XX_RELIABLE, UA_1XX_RELIABLE);
    alice.cable.muted = true;
    cr_assert_eq(ua_invite(&alice.ua, 0, &what, &alice.last), SIPV_OK);
    snprintf(invite, 2048, "%.2047s", alice.cable.sent);
    alice.began = 1;
}

#define BOBS "Contact: <sip:b@bob.example>\r\n"

/* RFC 3262 section 4: in order, each once; those of one INVITE. */
Test(provisional, in_order)
{
    static const struct {
        const char *rseq, *sent;
    } cases[] = {{"7", "PRACK "}, {"7", ""}, {"9", ""},
                 {"8", "PRACK "}, {"7", ""}, {"9", "PRACK "}};
    char invite[2048], more[256];
    call_by_hand(invite);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(more, sizeof more, BOBS "Require: 100rel\r\nRSeq: %s\r\n", cases[i].rseq);
        answer_invite(invite, 180, more);
        cr_expect_str_eq(alice.cable.words, cases[i].sent, "%zu: %s", i, alice.cable.words);
        if (*cases[i].sent) {
            snprintf(more, sizeof more, "%s 1 INVITE", cases[i].rseq);
            cr_expect_str_eq(line_of(alice.cable.sent, "\r\nRAck: "), more);
        }
    }
    answer_invite(invite, 486, "");
    cr_expect_eq(ua_dialogs(&alice.ua), 0, "the early one ends with it");
    settle();
    close_all();
}

/* The target that a 2xx names is where later requests go (section 12.2.1.2). */
Test(session, another_target)
{
    char invite[2048];
    call_by_hand(invite);
    answer_invite(invite, 200, BOBS);
    phone_carry_out(&alice);
    cr_expect_eq(ua_modify(&alice.ua, 0, alice.last, UA_REINVITE, sipv_slice_text(phone_sdp)),
                 SIPV_OK);
    answer_alice(200, "Contact: <sip:elsewhere@bob.example>\r\n");
    cr_expect(strncmp(alice.cable.sent, "ACK sip:elsewhere@bob.example ", 30) == 0, "%s",
              alice.cable.sent);
    ua_hang_up(&alice.ua, 0, alice.last);
    cr_expect(strncmp(alice.cable.sent, "BYE sip:elsewhere@bob.example ", 30) == 0);
    settle();
    close_all();
}

/* A BYE while an INVITE of ours is open: that is cancelled, and ends by itself if nobody answers.
 */
Test(session, bye_while_asking)
{
    char invite[2048], call_id[256], from[256], bye[1024];
    call_by_hand(invite);
    answer_invite(invite, 200, BOBS);
    phone_carry_out(&alice);
    ua_modify(&alice.ua, 0, alice.last, UA_REINVITE, sipv_slice_text(phone_sdp));
    snprintf(call_id, sizeof call_id, "%s", line_of(alice.cable.sent, "\r\nCall-ID: "));
    snprintf(from, sizeof from, "%s", line_of(alice.cable.sent, "\r\nFrom: "));
    answer_alice(100, "");
    snprintf(bye, sizeof bye,
             "BYE sip:alice@alice.example SIP/2.0\r\nVia: SIP/2.0/UDP b;branch=z9hG4bK1\r\n"
             "From: <sip:x@bob.example>;tag=b\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: 1 BYE\r\n"
             "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
             from, call_id);
    alice.cable.words[0] = 0;
    ua_receive(&alice.ua, 0, sipv_slice_text(bye), cable_flow(BOB, HOP_UDP), false);
    cr_expect_str_eq(alice.cable.words, "200 CANCEL ");
    phone_carry_out(&alice);
    settle();
    cr_expect_str_eq(alice.log, "established ended-0 ");
    close_all();
}

/* ---- Rough networks -------------------------------------------------------------------------- */

static unsigned seeds(void)
{
    uint64_t n;
    const char *text = getenv("SIPVET_SEEDS");
    return text && sipv_number(sipv_slice_text(text), 10000000, &n) == SIPV_OK ? (unsigned)n
                                                                               : SEEDS;
}

static void shuffle(struct phone *p, unsigned seed)
{
    p->random = true;
    p->describes = simulator_random(sim, 4) != 0;
    p->offers_not = simulator_random(sim, 3) == 0;
    p->forgets = simulator_random(sim, 8) == 0;
    p->updates = simulator_random(sim, 2) != 0;
    p->offer_status = simulator_random(sim, 4) ? 200 : 488;
    p->modify_ms = seed % 3 ? 100 + simulator_random(sim, 10000) : UINT32_MAX;
    p->hang_up_ms = 30000;
}

static bool rough_one(unsigned seed, unsigned loss)
{
    struct simulator_settings settings = simulator_settings_default();
    settings.loss = loss;
    settings.duplication = 50;
    settings.delay_max_ms = 300;
    settings.seed = seed;
    open_all(&settings, seed % 2 ? UA_1XX_RELIABLE : UA_1XX_UNRELIABLE,
             seed % 5 ? UA_1XX_RELIABLE : UA_1XX_UNRELIABLE);
    shuffle(&alice, seed);
    shuffle(&bob, seed);
    for (unsigned i = 0; i < 4; i++)
        phone_call(i % 2 ? &alice : &bob, i % 2 ? BOB : ALICE, 1000 + simulator_random(sim, 60000));
    cr_assert(phones_settle(sim), "seed %u", seed);
    struct phone *phones[] = {&alice, &bob};
    for (size_t i = 0; i < 2; i++) {
        cr_expect_eq(ua_calls(&phones[i]->ua), 0, "seed %u: a call", seed);
        cr_expect_eq(ua_transactions(&phones[i]->ua), 0, "seed %u: a transaction", seed);
        cr_expect_eq(ua_dialogs(&phones[i]->ua), 0, "seed %u: a dialog", seed);
        cr_expect_eq(phones[i]->began, phones[i]->ended, "seed %u: %s", seed, phones[i]->log);
    }
    const bool modified = strstr(alice.log, "modified-200") || strstr(bob.log, "modified-200");
    close_all();
    return modified;
}

static void rough(unsigned loss)
{
    size_t modified = 0;
    for (unsigned seed = 0; seed < seeds(); seed++)
        modified += rough_one(seed, loss);
    cr_expect_gt(modified, 0);
}

Test(session, nothing_lost)
{
    rough(0);
}
Test(session, one_tenth_lost)
{
    rough(100);
}
Test(session, four_tenths_lost)
{
    rough(400);
}
