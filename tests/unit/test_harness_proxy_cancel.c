/* CANCEL and ACK through a proxy: RFC 3261 section 16.10, RFC 6026, and peers of RFC 2543. */
#include "proxy_home.h"

Test(proxy_cancel, ends_all_branches)
{
    start();
    do_register("<sip:bob@192.0.2.21>, <sip:bob@192.0.2.22>;q=0.1");
    invite("100 " ALICE ", INVITE " BOB1);
    answers(1, 180, "", "180 " ALICE);
    relay_receive(&r, ALICE, cancel_of(asked[1]));
    cr_expect_str_eq(r.did, "200 " ALICE ", CANCEL " BOB1, "%s", r.did);
    cr_expect_str_eq(relay_value(r.sent[1].text, "Via", 0), relay_value(asked[1], "Via", 0));
    terminates(1, "ACK " BOB1 ", 487 " ALICE);
    finish();
}

Test(proxy_cancel, waits_for_a_provisional_response)
{
    start();
    do_register("<sip:bob@192.0.2.21>");
    invite("100 " ALICE ", INVITE " BOB1);
    relay_receive(&r, ALICE, cancel_of(asked[1]));
    cr_expect_str_eq(r.did, "200 " ALICE, "%s", r.did);
    answers(1, 100, "", "CANCEL " BOB1);
    terminates(1, "ACK " BOB1 ", 487 " ALICE);
    finish();
}

Test(proxy_cancel, comes_too_late)
{
    start();
    do_register("<sip:bob@192.0.2.21>");
    invite("100 " ALICE ", INVITE " BOB1);
    answers(1, 200, "", "200 " ALICE);
    relay_receive(&r, ALICE, cancel_of(asked[1]));
    cr_expect_str_eq(r.did, "200 " ALICE, "%s", r.did);
    finish();
}

/* The INVITE may have been forwarded without state, so this is. */
Test(proxy_cancel, for_an_unknown_invite_goes_on)
{
    start();
    do_register("<sip:bob@192.0.2.21>");
    relay_receive(&r, ALICE, relay_request(&r, "CANCEL", "sip:bob@b.example", ""));
    cr_expect_str_eq(r.did, "CANCEL " BOB1, "%s", r.did);
    finish();
}

/* ---- ACK ------------------------------------------------------------------------------------- */

Test(proxy_ack, for_a_2xx_has_no_transaction)
{
    start();
    do_register("<sip:bob@192.0.2.21>");
    invite("100 " ALICE ", INVITE " BOB1);
    answers(1, 200, "", "200 " ALICE);
    relay_receive(&r, ALICE,
                  relay_request(&r, "ACK", "sip:bob@192.0.2.21", "Route: <sip:192.0.2.10;lr>\n"));
    cr_expect_str_eq(r.did, "ACK " BOB1, "%s", r.did);
    char via[256];
    snprintf(via, sizeof via, "%s", relay_value(r.sent[0].text, "Via", 0));
    r.branch--;
    relay_receive(&r, ALICE,
                  relay_request(&r, "ACK", "sip:bob@192.0.2.21", "Route: <sip:192.0.2.10;lr>\n"));
    cr_expect_str_eq(relay_value(r.sent[0].text, "Via", 0), via, "the same once more");
    finish();
}

/* RFC 2543 peers have no branches. */
Test(proxy_2543, invite_and_ack)
{
    static const char head[] = "Via: SIP/2.0/UDP 192.0.2.1\nFrom: <sip:a@a.example>\n"
                               "Call-ID: 1\n";
    char text[RELAY_TEXT];
    start();
    do_register("<sip:bob@192.0.2.21>");
    snprintf(text, sizeof text,
             "INVITE sip:bob@b.example SIP/2.0\n%sTo: <sip:bob@b.example>\n"
             "CSeq: 1 INVITE\n\n",
             head);
    relay_receive(&r, ALICE, text);
    cr_expect_str_eq(r.did, "100 " ALICE ", INVITE " BOB1, "%s", r.did);
    snprintf(asked[1], sizeof asked[1], "%s", r.sent[1].text);
    relay_receive(&r, ALICE, text);
    cr_expect_str_eq(r.did, "100 " ALICE, "a retransmission: %s", r.did);
    answers(1, 486, "", "ACK " BOB1 ", 486 " ALICE);
    snprintf(text, sizeof text,
             "ACK sip:bob@b.example SIP/2.0\n%sTo: <sip:bob@b.example>;tag=bob1\n"
             "CSeq: 1 ACK\n\n",
             head);
    relay_receive(&r, ALICE, text);
    cr_expect_str_eq(r.did, "", "%s", r.did);
    finish();
}
