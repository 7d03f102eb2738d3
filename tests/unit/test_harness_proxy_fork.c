/* What a proxy does with responses: RFC 3261 section 16.7 to 16.11, RFC 5393, RFC 6026, and the
 * registrar that gives it targets. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "relay.h"

#define ALICE "udp:192.0.2.1:5060"
#define BOB1 "udp:192.0.2.21:5060"
#define BOB2 "udp:192.0.2.22:5060"
#define BOB3 "udp:192.0.2.23:5060"

static struct relay r;
static struct registrar registrar;
static const char *const domain = "b.example";

/* A proxy that is the registrar of b.example. */
static void start_with(struct proxy_settings s)
{
    struct registrar_settings settings = registrar_settings_default();
    settings.domain = domain;
    cr_assert_eq(registrar_open(&registrar, &settings), SIPV_OK);
    s.domains = &domain;
    s.n_domains = 1;
    s.registrar = &registrar;
    cr_assert(relay_open(&r, &s));
}

static void start(void)
{
    start_with(relay_settings());
}

static void finish(void)
{
    relay_wait(&r, 1000000);
    cr_expect_eq(proxy_contexts(&r.proxy), 0);
    cr_expect_eq(proxy_branches(&r.proxy), 0);
    cr_expect_eq(proxy_transactions(&r.proxy), 0);
    cr_expect_eq(proxy_octets(&r.proxy), 0);
    relay_close(&r);
    registrar_close(&registrar);
}

static void do_register(const char *contacts)
{
    char lines[512];
    snprintf(lines, sizeof lines, "Contact: %s\n", contacts);
    relay_receive(&r, ALICE, relay_request(&r, "REGISTER", "sip:b.example", lines));
    cr_assert_str_eq(r.did, "200 " ALICE, "%s", r.did);
}

/* Requests that the proxy has sent, by the host of their targets. */
static char asked[4][RELAY_TEXT];

static void invite(const char *did)
{
    relay_receive(&r, ALICE, relay_request(&r, "INVITE", "sip:bob@b.example", ""));
    cr_expect_str_eq(r.did, did, "%s", r.did);
    for (size_t i = 0; i < r.n_sent; i++)
        for (unsigned n = 1; n < 4; n++) {
            char beginning[64];
            snprintf(beginning, sizeof beginning, "INVITE sip:bob@192.0.2.2%u", n);
            if (strncmp(r.sent[i].text, beginning, strlen(beginning)) == 0)
                snprintf(asked[n], sizeof asked[n], "%s", r.sent[i].text);
        }
}

static const char *const bobs[] = {"", BOB1, BOB2, BOB3};
static const char *const tags[] = {"", "bob1", "bob2", "bob3"};

/* Bob number `n` answers his INVITE. */
static void answers(unsigned n, int status, const char *lines, const char *did)
{
    relay_receive(&r, bobs[n], relay_response(&r, asked[n], status, tags[n], lines));
    cr_expect_str_eq(r.did, did, "%u answers %d: %s", n, status, r.did);
    for (size_t i = 0; i < r.n_sent; i++)
        if (strncmp(r.sent[i].text, "INVITE sip:bob@192.0.2.2", 24) == 0)
            snprintf(asked[r.sent[i].text[24] - '0'], RELAY_TEXT, "%s", r.sent[i].text);
}

/* And the CANCEL he got. */
static void terminates(unsigned n, const char *did)
{
    answers(n, 487, "", did);
}

/* ---- 16.5: targets --------------------------------------------------------------------------- */

Test(proxy_targets, are_bindings)
{
    start();
    invite("480 " ALICE);
    do_register("<sip:bob@192.0.2.21>");
    invite("100 " ALICE ", INVITE " BOB1);
    relay_receive(&r, ALICE, relay_request(&r, "OPTIONS", "sip:b.example:5060", ""));
    cr_expect_str_eq(r.did, "200 " ALICE, "%s", r.did);
    relay_receive(&r, ALICE, relay_request(&r, "OPTIONS", "sip:bob@b.example:5061", ""));
    cr_expect_str_eq(r.did, "480 " ALICE, "another address-of-record: %s", r.did);
    relay_receive(&r, ALICE, relay_request(&r, "MESSAGE", "sip:b.example", ""));
    cr_expect_str_eq(r.did, "404 " ALICE, "%s", r.did);
    finish();
}

static bool is_bob(void *with, sipv_slice user)
{
    (void)with;
    return sipv_slice_is(user, "bob");
}

Test(proxy_targets, of_nobody)
{
    struct proxy_settings s = relay_settings();
    s.exists = is_bob;
    start_with(s);
    invite("480 " ALICE);
    relay_receive(&r, ALICE, relay_request(&r, "MESSAGE", "sip:carol@b.example", ""));
    cr_expect_str_eq(r.did, "404 " ALICE, "%s", r.did);
    finish();
}

/* What a contact may have and a Request-URI may not. */
Test(proxy_targets, become_request_uris)
{
    start();
    do_register("<sip:bob:pw@192.0.2.21:5060;method=INVITE;x=y?Subject=z>");
    relay_receive(&r, ALICE, relay_request(&r, "MESSAGE", "sip:bob@b.example", ""));
    cr_assert_str_eq(r.did, "MESSAGE " BOB1, "%s", r.did);
    cr_expect(strncmp(r.sent[0].text, "MESSAGE sip:bob:pw@192.0.2.21:5060;x=y SIP/2.0\r\n", 48) ==
                  0,
              "%s", r.sent[0].text);
    finish();
}

/* ---- Path and outbound ----------------------------------------------------------------------- */

/* RFC 3327: by the proxies that the REGISTER came through. */
Test(proxy_path, becomes_route)
{
    start();
    relay_receive(&r, ALICE,
                  relay_request(&r, "REGISTER", "sip:b.example",
                                "Supported: path\nPath: <sip:192.0.2.30;lr>, <sip:192.0.2.31;lr>\n"
                                "Contact: <sip:bob@192.0.2.21>\n"));
    cr_assert_str_eq(r.did, "200 " ALICE, "%s", r.did);
    relay_receive(&r, ALICE, relay_request(&r, "INVITE", "sip:bob@b.example", ""));
    cr_expect_str_eq(r.did, "100 " ALICE ", INVITE udp:192.0.2.30:5060", "%s", r.did);
    cr_expect(strncmp(r.sent[1].text, "INVITE sip:bob@192.0.2.21 SIP/2.0\r\n", 35) == 0);
    cr_expect_str_eq(relay_value(r.sent[1].text, "Route", 0),
                     "<sip:192.0.2.30;lr>, <sip:192.0.2.31;lr>");
    finish();
}

static void register_flow(const char *peer, unsigned number)
{
    char lines[512];
    snprintf(lines, sizeof lines,
             "Supported: path, outbound\nContact: <sip:bob@192.0.2.21;transport=tcp>;reg-id=%u;"
             "+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\"\n",
             number);
    relay_receive(&r, peer, relay_request(&r, "REGISTER", "sip:b.example", lines));
    cr_assert(strstr(r.did, "200 "), "%s", r.did);
}

/* RFC 5626 section 6: over a connection of the user agent, and over another one if that is gone. */
Test(proxy_outbound, one_flow_at_a_time)
{
    start();
    register_flow("tcp:192.0.2.99:40001", 1);
    register_flow("tcp:192.0.2.99:40002", 2);
    relay_receive(&r, ALICE, relay_request(&r, "INVITE", "sip:bob@b.example", ""));
    cr_expect_str_eq(r.did, "100 " ALICE ", INVITE tcp:192.0.2.99:40002", "%s", r.did);
    relay_fail(&r, "tcp:192.0.2.99:40002");
    cr_expect_str_eq(r.did, "INVITE tcp:192.0.2.99:40001", "%s", r.did);
    relay_fail(&r, "tcp:192.0.2.99:40001");
    cr_expect_str_eq(r.did, "500 " ALICE, "%s", r.did);
    finish();
}

/* ---- 16.7: responses ------------------------------------------------------------------------- */

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

/* ---- Forking --------------------------------------------------------------------------------- */

Test(proxy_fork, the_first_2xx_ends_the_others)
{
    start();
    do_register("<sip:bob@192.0.2.21>, <sip:bob@192.0.2.22>, <sip:bob@192.0.2.23>");
    invite("100 " ALICE ", INVITE " BOB3 ", INVITE " BOB2 ", INVITE " BOB1);
    answers(1, 180, "", "180 " ALICE);
    answers(2, 183, "", "183 " ALICE);
    /* Bob 3 has not said anything: he is cancelled as soon as he does. */
    answers(1, 200, "", "200 " ALICE ", CANCEL " BOB2);
    answers(3, 180, "", "CANCEL " BOB3);
    /* Bob 2 was quicker than his CANCEL. */
    answers(2, 200, "", "200 " ALICE);
    terminates(3, "ACK " BOB3);
    finish();
}

Test(proxy_fork, a_6xx_ends_the_others)
{
    start();
    do_register("<sip:bob@192.0.2.21>, <sip:bob@192.0.2.22>, <sip:bob@192.0.2.23>;q=0.1");
    invite("100 " ALICE ", INVITE " BOB2 ", INVITE " BOB1);
    answers(1, 180, "", "180 " ALICE);
    answers(2, 603, "", "ACK " BOB2 ", CANCEL " BOB1);
    terminates(1, "ACK " BOB1 ", 603 " ALICE);
    finish();
}

Test(proxy_fork, a_2xx_after_a_6xx_counts)
{
    start();
    do_register("<sip:bob@192.0.2.21>, <sip:bob@192.0.2.22>");
    invite("100 " ALICE ", INVITE " BOB2 ", INVITE " BOB1);
    answers(1, 180, "", "180 " ALICE);
    answers(2, 603, "", "ACK " BOB2 ", CANCEL " BOB1);
    answers(1, 200, "", "200 " ALICE);
    finish();
}

Test(proxy_fork, goes_from_high_q_to_low)
{
    start();
    do_register("<sip:bob@192.0.2.21>;q=0.3, <sip:bob@192.0.2.22>;q=0.9, "
                "<sip:bob@192.0.2.23>;q=0.3");
    invite("100 " ALICE ", INVITE " BOB2);
    answers(2, 486, "", "ACK " BOB2 ", INVITE " BOB3 ", INVITE " BOB1);
    answers(3, 486, "", "ACK " BOB3);
    answers(1, 200, "", "200 " ALICE);
    finish();
}

Test(proxy_fork, one_after_the_other_if_told_so)
{
    struct proxy_settings s = relay_settings();
    s.sequential = true;
    start_with(s);
    do_register("<sip:bob@192.0.2.21>, <sip:bob@192.0.2.22>");
    invite("100 " ALICE ", INVITE " BOB2);
    cr_expect_str_eq(relay_value(asked[2], "Max-Breadth", 0), "60");
    answers(2, 486, "", "ACK " BOB2 ", INVITE " BOB1);
    cr_expect_str_eq(relay_value(asked[1], "Max-Breadth", 0), "60");
    answers(1, 404, "", "ACK " BOB1 ", 486 " ALICE);
    finish();
}

/* RFC 5393 section 5.5: as many as Max-Breadth has room for, the others when there is. */
Test(proxy_fork, within_max_breadth)
{
    start();
    do_register("<sip:bob@192.0.2.21>, <sip:bob@192.0.2.22>, <sip:bob@192.0.2.23>");
    relay_receive(&r, ALICE, relay_request(&r, "INVITE", "sip:bob@b.example", "Max-Breadth: 2\n"));
    cr_expect_str_eq(r.did, "100 " ALICE ", INVITE " BOB3 ", INVITE " BOB2, "%s", r.did);
    cr_expect_str_eq(relay_value(r.sent[1].text, "Max-Breadth", 0), "1");
    cr_expect_str_eq(relay_value(r.sent[2].text, "Max-Breadth", 0), "1");
    snprintf(asked[2], sizeof asked[2], "%s", r.sent[2].text);
    answers(2, 486, "", "ACK " BOB2 ", INVITE " BOB1);
    finish();
    start();
    do_register("<sip:bob@192.0.2.21>, <sip:bob@192.0.2.22>, <sip:bob@192.0.2.23>");
    relay_receive(&r, ALICE, relay_request(&r, "INVITE", "sip:bob@b.example", "Max-Breadth: 8\n"));
    cr_expect_str_eq(relay_value(r.sent[1].text, "Max-Breadth", 0), "2");
    cr_expect_str_eq(relay_value(r.sent[2].text, "Max-Breadth", 0), "3");
    cr_expect_str_eq(relay_value(r.sent[3].text, "Max-Breadth", 0), "3");
    finish();
}

/* ---- 16.7 item 4: redirection ---------------------------------------------------------------- */

Test(proxy_recurse, follows_contacts)
{
    struct proxy_settings s = relay_settings();
    s.recurse = true;
    start_with(s);
    do_register("<sip:bob@192.0.2.21>");
    invite("100 " ALICE ", INVITE " BOB1);
    answers(1, 302,
            "Contact: <sip:bob@192.0.2.22>;q=0.1, <sip:bob@192.0.2.23>;q=0.2\n"
            "Contact: <sip:bob@192.0.2.21>\n",
            "ACK " BOB1 ", INVITE " BOB3);
    answers(3, 486, "", "ACK " BOB3 ", INVITE " BOB2);
    /* Nothing new: it is a response as all others. */
    answers(2, 302, "Contact: <sip:bob@192.0.2.23>\n", "ACK " BOB2 ", 302 " ALICE);
    finish();
}

/* What we may not follow, the client gets. */
Test(proxy_recurse, not_to_everything)
{
    static const char *const contacts[] = {"<tel:+1-201-555-0123>", "<http://b.example/bob>",
                                           "<sip:bob@192.0.2.22>, <mailto:bob@b.example>"};
    struct proxy_settings s = relay_settings();
    s.recurse = true;
    for (size_t i = 0; i < 3; i++) {
        char line[128];
        snprintf(line, sizeof line, "Contact: %s\n", contacts[i]);
        start_with(s);
        do_register("<sip:bob@192.0.2.21>");
        invite("100 " ALICE ", INVITE " BOB1);
        answers(1, 302, line, "ACK " BOB1 ", 302 " ALICE);
        finish();
    }
    /* And if the domain is not ours, it is not for us to say. */
    start_with(s);
    relay_receive(&r, ALICE, relay_request(&r, "INVITE", "sip:bob@192.0.2.21", ""));
    snprintf(asked[1], sizeof asked[1], "%s", r.sent[1].text);
    answers(1, 302, "Contact: <sip:bob@192.0.2.22>\n", "ACK " BOB1 ", 302 " ALICE);
    finish();
}

/* ---- Stopping -------------------------------------------------------------------------------- */

Test(proxy_stop, answers_and_cancels)
{
    start();
    do_register("<sip:bob@192.0.2.21>, <sip:bob@192.0.2.22>");
    invite("100 " ALICE ", INVITE " BOB2 ", INVITE " BOB1);
    answers(1, 180, "", "180 " ALICE);
    cr_expect_eq(proxy_unanswered(&r.proxy), 1);
    r.did[0] = 0;
    proxy_stop(&r.proxy, r.now);
    cr_expect_str_eq(r.did, "503 " ALICE ", CANCEL " BOB1, "%s", r.did);
    cr_expect_eq(proxy_unanswered(&r.proxy), 0);
    terminates(1, "ACK " BOB1);
    answers(2, 180, "", "CANCEL " BOB2);
    invite("503 " ALICE);
    finish();
}

/* ---- Time and failure ------------------------------------------------------------------------ */

Test(proxy_fork, without_answer_408)
{
    start();
    do_register("<sip:bob@192.0.2.21>");
    invite("100 " ALICE ", INVITE " BOB1);
    relay_wait(&r, 31999);
    cr_expect_null(strstr(r.did, "408"));
    relay_wait(&r, 1);
    cr_expect_str_eq(r.did, "408 " ALICE, "%s", r.did);
    /* RFC 4320: nothing, if it is no INVITE. */
    relay_receive(&r, ALICE, relay_request(&r, "MESSAGE", "sip:bob@b.example", ""));
    relay_wait(&r, 40000);
    for (size_t i = 0; i < r.n_sent; i++)
        cr_expect(strncmp(r.sent[i].text, "SIP/2.0", 7) != 0 ||
                      strstr(relay_value(r.sent[i].text, "CSeq", 0), "INVITE"),
                  "%s", r.sent[i].text);
    finish();
}

Test(proxy_fork, timer_c)
{
    start();
    do_register("<sip:bob@192.0.2.21>");
    invite("100 " ALICE ", INVITE " BOB1);
    answers(1, 180, "", "180 " ALICE);
    relay_wait(&r, 190000);
    cr_expect_str_eq(r.did, "", "%s", r.did);
    answers(1, 100, "", ""); /* does not reset it */
    answers(1, 183, "", "183 " ALICE);
    relay_wait(&r, 199999);
    cr_expect_str_eq(r.did, "", "%s", r.did);
    relay_wait(&r, 1);
    cr_expect_str_eq(r.did, "CANCEL " BOB1, "%s", r.did);
    terminates(1, "ACK " BOB1 ", 487 " ALICE);
    finish();
}

Test(proxy_fork, timer_c_and_nobody_answers_the_cancel)
{
    start();
    do_register("<sip:bob@192.0.2.21>");
    invite("100 " ALICE ", INVITE " BOB1);
    answers(1, 180, "", "180 " ALICE);
    relay_wait(&r, 200000 + 31999);
    cr_expect(strstr(r.did, "CANCEL " BOB1));
    cr_expect_null(strstr(r.did, "408"));
    relay_wait(&r, 1);
    cr_expect_str_eq(r.did, "408 " ALICE, "%s", r.did);
    finish();
}

Test(proxy_fork, what_cannot_be_sent_counts_as_503)
{
    start();
    do_register("<sip:bob@192.0.2.21>;q=0.9, <sip:bob@192.0.2.22>;q=0.1");
    invite("100 " ALICE ", INVITE " BOB1);
    relay_fail(&r, BOB1);
    cr_expect_str_eq(r.did, "INVITE " BOB2, "%s", r.did);
    relay_fail(&r, BOB2);
    cr_expect_str_eq(r.did, "500 " ALICE, "%s", r.did);
    finish();
    /* A response that cannot be sent ends nothing: section 16.9. */
    start();
    do_register("<sip:bob@192.0.2.21>");
    invite("100 " ALICE ", INVITE " BOB1);
    relay_fail(&r, ALICE);
    cr_expect_str_eq(r.did, "");
    answers(1, 200, "", "200 " ALICE);
    finish();
}

Test(proxy_fork, no_way_at_all)
{
    start();
    do_register("<sip:bob@192.0.2.21;transport=tcp>, <sip:bob@192.0.2.22>");
    r.listens[HOP_TCP] = false;
    invite("100 " ALICE ", INVITE " BOB2);
    answers(2, 404, "", "ACK " BOB2 ", 404 " ALICE);
    finish();
}

/* ---- 16.10: CANCEL ----------------------------------------------------------------------------
 */

static const char *cancel_of(const char *request)
{
    static char text[RELAY_TEXT];
    snprintf(text, sizeof text,
             "CANCEL sip:bob@b.example SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK%u\n"
             "Max-Forwards: 70\nFrom: %s\nTo: Bob <sip:bob@b.example>\nCall-ID: %s\n"
             "CSeq: 7 CANCEL\nContent-Length: 0\n\n",
             r.branch, relay_value(request, "From", 0), relay_value(request, "Call-ID", 0));
    return text;
}

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

/* ---- 16.11: without state ---------------------------------------------------------------------
 */

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

/* ---- Limits ---------------------------------------------------------------------------------- */

Test(proxy_limits, a_full_table_answers_503)
{
    struct proxy_settings s = relay_settings();
    s.limits.contexts = 1;
    start_with(s);
    do_register("<sip:bob@192.0.2.21>, <sip:bob@192.0.2.22>");
    invite("100 " ALICE ", INVITE " BOB2 ", INVITE " BOB1);
    invite("503 " ALICE);
    finish();
    s = relay_settings();
    s.limits.branches = 1;
    start_with(s);
    do_register("<sip:bob@192.0.2.21>, <sip:bob@192.0.2.22>");
    invite("100 " ALICE ", INVITE " BOB2);
    answers(2, 404, "", "ACK " BOB2 ", 404 " ALICE);
    finish();
    s = relay_settings();
    s.limits.octets = 20;
    start_with(s);
    do_register("<sip:bob@192.0.2.21>, <sip:bob@192.0.2.22>");
    invite("100 " ALICE ", 500 " ALICE);
    finish();
    s = relay_settings();
    s.transactions.limits.transactions = 2;
    start_with(s);
    do_register("<sip:bob@192.0.2.21>");
    relay_wait(&r, 40000);
    invite("100 " ALICE ", INVITE " BOB1);
    invite("503 " ALICE);
    finish();
}

Test(proxy_limits, settings_are_checked)
{
    struct proxy_settings s = relay_settings();
    s.timer_c_ms = 180000;
    cr_expect_not(relay_open(&r, &s));
    s = relay_settings();
    s.next = "http://a.example";
    cr_expect_not(relay_open(&r, &s));
    s = relay_settings();
    s.max_breadth = 0;
    cr_expect_not(relay_open(&r, &s));
    s = relay_settings();
    s.limits.contexts = 0;
    cr_expect_not(relay_open(&r, &s));
}
