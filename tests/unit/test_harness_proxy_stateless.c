/* A proxy without state: RFC 3261 section 16.11. */
#include "proxy_home.h"

Test(proxy_stateless, forwards_the_same_each_time)
{
    struct proxy_settings s = relay_settings();
    char via[256];
    s.stateless = true;
    start_with(s);
    do_register("<sip:bob@192.0.2.21>, <sip:bob@192.0.2.22>");
    invite("INVITE " BOB2);
    snprintf(via, sizeof via, "%s", relay_value(asked[2], "Via", 0));
    r.branch--;
    invite("INVITE " BOB2);
    cr_expect_str_eq(relay_value(asked[2], "Via", 0), via);
    relay_receive(&r, ALICE, cancel_of(asked[2]));
    cr_expect_str_eq(r.did, "CANCEL " BOB2, "%s", r.did);
    cr_expect_str_eq(relay_value(r.sent[0].text, "Via", 0), via);
    answers(2, 100, "", "100 " ALICE);
    answers(2, 487, "", "487 " ALICE);
    answers(2, 487, "", "487 " ALICE);
    r.branch--;
    relay_receive(&r, ALICE, relay_request(&r, "ACK", "sip:bob@b.example", ""));
    cr_expect_str_eq(r.did, "ACK " BOB2, "%s", r.did);
    relay_receive(&r, ALICE, relay_request(&r, "MESSAGE", "sip:carol@b.example", ""));
    cr_expect_str_eq(r.did, "480 " ALICE, "%s", r.did);
    cr_expect_eq(proxy_contexts(&r.proxy), 0);
    cr_expect_eq(proxy_transactions(&r.proxy), 1, "the REGISTER");
    finish();
}

Test(proxy_stateless, responses_go_where_the_next_via_says)
{
    struct proxy_settings s = relay_settings();
    s.stateless = true;
    start_with(s);
    static const char tail[] = "From: <sip:a@a.example>;tag=1\nTo: <sip:b@b.example>;tag=2\n"
                               "Call-ID: 1\nCSeq: 1 MESSAGE\n\n";
    char text[RELAY_TEXT];
    snprintf(text, sizeof text,
             "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKx\n"
             "Via: SIP/2.0/UDP a.example;branch=z9hG4bK1;received=192.0.2.9;rport=5099\n%s",
             tail);
    relay_receive(&r, BOB1, text);
    cr_expect_str_eq(r.did, "200 udp:192.0.2.9:5099", "%s", r.did);
    snprintf(text, sizeof text,
             "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 192.0.2.77:5060;branch=z9hG4bKx\n"
             "Via: SIP/2.0/UDP a.example;branch=z9hG4bK1\n%s",
             tail);
    relay_receive(&r, BOB1, text);
    cr_expect_str_eq(r.did, "", "not ours: %s", r.did);
    finish();
}
