/* Where a proxy sends requests for its domain: RFC 3261 section 16.5, bindings of its registrar,
 * Path and outbound; contacts of a redirection, section 16.7 item 4. */
#include "proxy_home.h"

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

/* RFC 5626 section 7: over a connection of the user agent, and over another one if that is gone. */
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

/* What came first was registered last. */
static void two_flows(void)
{
    start();
    register_flow("tcp:192.0.2.99:40001", 1);
    register_flow("tcp:192.0.2.99:40002", 2);
    relay_receive(&r, ALICE, relay_request(&r, "INVITE", "sip:bob@b.example", ""));
    cr_assert_str_eq(r.did, "100 " ALICE ", INVITE tcp:192.0.2.99:40002", "%s", r.did);
    snprintf(asked[2], sizeof asked[2], "%s", r.sent[1].text);
}

static void answers_by_flow(unsigned n, int status, const char *did)
{
    char peer[32];
    snprintf(peer, sizeof peer, "tcp:192.0.2.99:4000%u", n);
    relay_receive(&r, peer, relay_response(&r, asked[n], status, tags[n], ""));
    cr_expect_str_eq(r.did, did, "%u answers %d: %s", n, status, r.did);
}

/* RFC 5626 section 7: a 430 is about the flow, and counts no more where there is another one. */
Test(proxy_outbound, a_flow_that_failed_is_replaced)
{
    two_flows();
    answers_by_flow(2, 430, "ACK tcp:192.0.2.99:40002, INVITE tcp:192.0.2.99:40001");
    snprintf(asked[1], sizeof asked[1], "%s", r.sent[1].text);
    answers_by_flow(1, 503, "ACK tcp:192.0.2.99:40001, 500 " ALICE);
    finish();
}

/* The same section: what the instance has answered holds, it is not asked by another flow. */
Test(proxy_outbound, an_instance_that_is_overloaded_has_answered)
{
    two_flows();
    answers_by_flow(2, 503, "ACK tcp:192.0.2.99:40002, 500 " ALICE);
    finish();
}

static void register_by(const char *path, unsigned number)
{
    char lines[512];
    snprintf(lines, sizeof lines,
             "Supported: path, outbound\nPath: <%s;lr;ob>\n"
             "Contact: <sip:bob@192.0.2.21>;reg-id=%u;"
             "+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\"\n",
             path, number);
    relay_receive(&r, ALICE, relay_request(&r, "REGISTER", "sip:b.example", lines));
    cr_assert(strstr(r.did, "200 "), "%s", r.did);
}

/* Where there is no way to begin with, the next flow is taken, whether it is the first of them ...
 */
Test(proxy_outbound, a_flow_without_a_way_is_passed_over)
{
    start();
    register_by("sip:192.0.2.31", 1);
    register_by("sip:192.0.2.32;transport=sctp", 2);
    register_by("sip:192.0.2.33;transport=sctp", 3);
    relay_receive(&r, ALICE, relay_request(&r, "INVITE", "sip:bob@b.example", ""));
    cr_expect_str_eq(r.did, "100 " ALICE ", INVITE udp:192.0.2.31:5060", "%s", r.did);
    finish();
}

/* ... or one of those behind it; where none leads anywhere, the 430 holds. */
Test(proxy_outbound, a_spare_flow_without_a_way_is_passed_over)
{
    start();
    register_by("sip:192.0.2.31;transport=sctp", 1);
    register_by("sip:192.0.2.32", 2);
    register_by("sip:192.0.2.33;transport=sctp", 3);
    register_by("sip:192.0.2.34", 4);
    relay_receive(&r, ALICE, relay_request(&r, "INVITE", "sip:bob@b.example", ""));
    cr_assert_str_eq(r.did, "100 " ALICE ", INVITE udp:192.0.2.34:5060", "%s", r.did);
    relay_receive(&r, "udp:192.0.2.34:5060",
                  relay_response(&r, relay_find(&r, "INVITE"), 430, "a", ""));
    cr_assert_str_eq(r.did, "ACK udp:192.0.2.34:5060, INVITE udp:192.0.2.32:5060", "%s", r.did);
    relay_receive(&r, "udp:192.0.2.32:5060",
                  relay_response(&r, relay_find(&r, "INVITE"), 430, "b", ""));
    cr_expect_str_eq(r.did, "ACK udp:192.0.2.32:5060, 430 " ALICE, "%s", r.did);
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
