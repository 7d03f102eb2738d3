/* What a proxy does with responses: RFC 3261 section 16.7, RFC 6026. */
#include "proxy_home.h"

Test(proxy_responses, go_back_without_our_via)
{
    start();
    do_register("<sip:bob@192.0.2.21>");
    invite("100 " ALICE ", INVITE " BOB1);
    answers(1, 100, "", "");
    answers(1, 180, "X-Odd:   1 \n", "180 " ALICE);
    cr_expect(strstr(r.sent[0].text, "X-Odd:   1 \r\n"));
    cr_expect_str_eq(relay_value(r.sent[0].text, "Via", 0),
                     "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK2");
    cr_expect_str_eq(relay_value(r.sent[0].text, "Via", 1), "");
    answers(1, 180, "", "180 " ALICE);
    answers(1, 200, "", "200 " ALICE);
    /* RFC 6026: again and again, until it is forgotten. */
    answers(1, 200, "", "200 " ALICE);
    relay_wait(&r, 31000);
    answers(1, 200, "", "200 " ALICE);
    relay_wait(&r, 1001);
    answers(1, 200, "", "");
    finish();
}

Test(proxy_responses, final_ones_are_acknowledged)
{
    start();
    do_register("<sip:bob@192.0.2.21>");
    invite("100 " ALICE ", INVITE " BOB1);
    answers(1, 486, "X: y\n", "ACK " BOB1 ", 486 " ALICE);
    cr_expect_str_eq(relay_value(r.sent[1].text, "X", 0), "y");
    answers(1, 486, "", "ACK " BOB1);
    answers(1, 200, "", "");
    relay_wait(&r, 600);
    cr_expect_str_eq(r.did, "486 " ALICE, "%s", r.did);
    finish();
}

/* The one that matches no transaction goes nowhere (RFC 6026 section 8.2), nor does one that is
 * for us alone. */
Test(proxy_responses, of_others_are_dropped)
{
    start();
    do_register("<sip:bob@192.0.2.21>");
    invite("100 " ALICE ", INVITE " BOB1);
    char text[RELAY_TEXT];
    snprintf(text, sizeof text,
             "SIP/2.0 200 OK\nVia: %s\nFrom: %s\nTo: <sip:bob@b.example>;tag=1\nCall-ID: %s\n"
             "CSeq: 7 INVITE\n\n",
             relay_value(asked[1], "Via", 0), relay_value(asked[1], "From", 0),
             relay_value(asked[1], "Call-ID", 0));
    relay_receive(&r, BOB1, text);
    cr_expect_str_eq(r.did, "502 " ALICE, "a 200 without the Via of Alice: %s", r.did);
    relay_receive(&r, BOB1,
                  "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKx\n"
                  "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\nFrom: <sip:a@a.example>;tag=1\n"
                  "To: <sip:b@b.example>;tag=2\nCall-ID: 1\nCSeq: 1 INVITE\n\n");
    cr_expect_str_eq(r.did, "");
    finish();
}

/* What is not for upstream is no response that it could have, whatever its status: 502. */
static void answers_with(int status, const char *via, const char *call)
{
    char text[RELAY_TEXT];
    start();
    do_register("<sip:bob@192.0.2.21>, <sip:bob@192.0.2.22>");
    invite("100 " ALICE ", INVITE " BOB2 ", INVITE " BOB1);
    answers(2, 180, "", "180 " ALICE);
    snprintf(text, sizeof text,
             "SIP/2.0 %d Words\nVia: %s\n%sFrom: %s\nTo: <sip:bob@b.example>;tag=1\nCall-ID: %s\n"
             "CSeq: 7 INVITE\n\n",
             status, relay_value(asked[1], "Via", 0), via, relay_value(asked[1], "From", 0),
             call ? call : relay_value(asked[1], "Call-ID", 0));
    relay_receive(&r, BOB1, text);
    cr_expect_str_eq(r.did, status < 300 ? "" : "ACK " BOB1, "%d: %s", status, r.did);
    answers(2, 503, "", "ACK " BOB2 ", 502 " ALICE);
    finish();
}

Test(proxy_responses, not_for_upstream_are_none)
{
    static const int statuses[] = {200, 302, 486, 603};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        answers_with(statuses[i], "", NULL);
        answers_with(statuses[i], "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK2\n", "other");
    }
}

/* ---- 16.7 item 6: the best ------------------------------------------------------------------- */

static const struct {
    int statuses[3];
    const char *best;
} choices[] = {
    {{404, 486, 480}, "404"}, {{486, 404, 415}, "415"}, {{503, 407, 404}, "407"},
    {{500, 404, 300}, "300"}, {{503, 503, 503}, "500"}, {{503, 501, 503}, "501"},
    {{300, 603, 404}, "603"}, {{404, 484, 401}, "401"}, {{603, 600, 604}, "603"},
};

Test(proxy_responses, the_best_is_chosen)
{
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        char did[128];
        start();
        do_register("<sip:bob@192.0.2.21>;q=0.5, <sip:bob@192.0.2.22>;q=0.5, "
                    "<sip:bob@192.0.2.23>;q=0.5");
        invite("100 " ALICE ", INVITE " BOB3 ", INVITE " BOB2 ", INVITE " BOB1);
        answers(1, choices[i].statuses[0], "", "ACK " BOB1);
        answers(2, choices[i].statuses[1], "", "ACK " BOB2);
        snprintf(did, sizeof did, "ACK %s, %s %s", BOB3, choices[i].best, ALICE);
        answers(3, choices[i].statuses[2], "", did);
        finish();
    }
}

Test(proxy_responses, challenges_are_collected)
{
    start();
    do_register("<sip:bob@192.0.2.21>, <sip:bob@192.0.2.22>, <sip:bob@192.0.2.23>");
    invite("100 " ALICE ", INVITE " BOB3 ", INVITE " BOB2 ", INVITE " BOB1);
    answers(1, 407, "Proxy-Authenticate: Digest realm=\"1\",nonce=\"1\"\n", "ACK " BOB1);
    answers(2, 401, "WWW-Authenticate: Digest realm=\"2\",nonce=\"2\"\n", "ACK " BOB2);
    answers(3, 407,
            "Proxy-Authenticate: Digest realm=\"3\",nonce=\"3\"\n"
            "Proxy-Authenticate: Basic realm=\"4\"\n",
            "ACK " BOB3 ", 407 " ALICE);
    const char *text = r.sent[1].text;
    cr_expect(strstr(relay_value(text, "To", 0), ";tag=bob1"));
    cr_expect(strstr(relay_value(text, "Proxy-Authenticate", 0), "\"1\""));
    cr_expect(strstr(relay_value(text, "Proxy-Authenticate", 1), "\"3\""));
    cr_expect(strstr(relay_value(text, "Proxy-Authenticate", 2), "\"4\""));
    cr_expect(strstr(relay_value(text, "WWW-Authenticate", 0), "\"2\""));
    finish();
}
