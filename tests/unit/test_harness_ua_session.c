/* Sessions that change: who offers, who answers, who is told to wait, and where requests go then.
 */
#include "two_phones.h"

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

/* ---- By hand -------------------------------------------------------------------------------- */

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
