/* Provisional responses that are acknowledged (RFC 3262). */
#include <stdlib.h>

#include "two_phones.h"

/* ---- Between user agents -------------------------------------------------------------------- */

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

/* ---- By hand -------------------------------------------------------------------------------- */

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
