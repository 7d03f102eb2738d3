/* The witness of fuzz_proxy: what a proxy may do it does not object to, and to what looks nearly
 * the same it does. */
#include "witnessed.h"

/* ---- Copies ---------------------------------------------------------------------------------- */

/* The INVITE has gone to one target, which has refused it; meanwhile it came once more, with other
 * numbers, and with one that is none.  Section 17.2.1: the first of these is a copy, whatever it
 * says; the second one gets 400. */
static void a_copy_comes(void)
{
    begin();
    goes_in(0, UP, REQUEST("INVITE", THEIRS, "", ""));
    comes_out(DOWN, "udp:fir.example", FORWARDED(THEIRS, "1", "69", "60"));
    goes_in(100, UP,
            "INVITE sip:una@fir.example SIP/2.0\nVia: SIP/2.0/UDP oak.example" THEIRS
            "\nMax-Forwards: 50\n" WORDS("", "1", "INVITE") "Max-Breadth: 2\n" END);
    goes_in(110, UP,
            "INVITE sip:una@fir.example SIP/2.0\nVia: SIP/2.0/UDP oak.example" THEIRS
            "\nMax-Forwards: x\n" WORDS("", "1", "INVITE") END);
    goes_in(200, DOWN, REFUSED(OURS("1"), THEIRS, "u1"));
}

Test(witness, what_goes_on_is_the_request_and_not_its_copy)
{
    a_copy_comes();
    comes_out(DOWN, "udp:fir.example", FORWARDED(THEIRS, "2", "69", "60"));
    cr_expect_eq(w.n_branches, 2);
    cr_expect_eq(w.branches[1].request, 0);
}

Test(witness, the_numbers_of_a_copy_do_not_go_on, .signal = SIGABRT)
{
    a_copy_comes();
    comes_out(DOWN, "udp:fir.example", FORWARDED(THEIRS, "2", "49", "2"));
}

Test(witness, a_copy_may_name_the_port_that_is_meant)
{
    begin();
    goes_in(0, UP, REQUEST("INVITE", THEIRS, "", ""));
    goes_in(100, UP, REQUEST("INVITE", " : 05060" THEIRS, "", ""));
    goes_in(200, UP, REQUEST("INVITE", ":5061" THEIRS, "", ""));
    cr_expect_eq(w.requests[1].first, 0);
    cr_expect_eq(w.requests[2].first, 2);
}

/* Section 17.2.3, without the cookie. */
Test(witness, a_copy_without_cookie_may_be_written_otherwise)
{
    begin();
    goes_in(0, UP, REQUEST("INVITE", ";rport;ttl=3", "", ""));
    goes_in(100, UP,
            "INVITE sip:una@FIR.example SIP/2.0\nVia: SIP / 2.0 / udp OAK.example:5060; TTL = 3"
            ";rport\nMax-Forwards: 70\nFrom: Ivo <sip:ivo@oak.example>;tag=I1\n"
            "To: Una <sip:una@fir.example>\nCall-ID: a1\nCSeq: 1 INVITE\n" END);
    goes_in(200, UP, REQUEST("INVITE", ";rport;ttl=4", "", ""));
    goes_in(300, UP, REQUEST("INVITE", ";rport", "", ""));
    cr_expect_eq(w.requests[1].first, 0);
    cr_expect_eq(w.requests[2].first, 2);
    cr_expect_eq(w.requests[3].first, 3);
}

/* ---- Strict routers -------------------------------------------------------------------------- */

/* Section 16.6 item 6, where the URI of the strict router is the Request-URI already. */
static void goes_to(const char *hop)
{
    begin();
    goes_in(0, UP,
            REQUEST("INVITE", THEIRS, "",
                    "Route: \"a, <b\" <sip:una@fir.example>, <sip:yew.example;lr>\n"));
    comes_out(DOWN, hop,
              "INVITE sip:una@fir.example SIP/2.0\n" OURS(
                  "1") "Max-Breadth: 60\n"
                       "Via: SIP/2.0/UDP oak.example" THEIRS "\nMax-Forwards: 69\n" WORDS(
                           "", "1", "INVITE") "Route: <sip:yew.example;lr>\n"
                                              "Route: <sip:una@fir.example>\n" END);
}

Test(witness, a_strict_router_gets_what_names_it)
{
    goes_to("udp:fir.example");
    cr_expect_eq(w.n_branches, 1);
}

Test(witness, a_strict_router_is_not_passed_over, .signal = SIGABRT)
{
    goes_to("udp:yew.example");
}

Test(witness, a_strict_router_is_not_left_in_route, .signal = SIGABRT)
{
    begin();
    goes_in(0, UP, REQUEST("INVITE", THEIRS, "", "Route: <sip:yew.example>\n"));
    comes_out(DOWN, "udp:yew.example",
              "INVITE sip:una@fir.example SIP/2.0\n" OURS(
                  "1") "Max-Breadth: 60\n"
                       "Via: SIP/2.0/UDP oak.example" THEIRS "\nMax-Forwards: 69\n" WORDS(
                           "", "1", "INVITE") "Route: <sip:yew.example>\n" END);
}

/* ---- ACK and CANCEL -------------------------------------------------------------------------- */

/* An INVITE is refused; its ACK comes then, and the INVITE once more a second later. */
static void the_ack_comes(uint64_t at)
{
    begin();
    goes_in(0, UP, REQUEST("INVITE", THEIRS, "", ""));
    comes_out(DOWN, "udp:fir.example", FORWARDED(THEIRS, "1", "69", "60"));
    goes_in(100, DOWN, REFUSED(OURS("1"), THEIRS, "u1"));
    comes_out(UP, "udp:oak.example", REFUSED("", THEIRS, "u1"));
    goes_in(at, UP, REQUEST("ACK", THEIRS, ";tag=u1", ""));
    goes_in(at + 1000, UP, REQUEST("INVITE", THEIRS, "", ""));
    comes_out(DOWN, "udp:fir.example", FORWARDED(THEIRS, "2", "69", "60"));
}

Test(witness, an_ack_behind_timer_h_is_about_nothing)
{
    the_ack_comes(100 + 32000);
    cr_expect_eq(w.branches[1].request, 2);
}

Test(witness, an_ack_in_time_begins_timer_i, .signal = SIGABRT)
{
    the_ack_comes(100 + 31999);
}

/* Section 17.2.3, without the cookie: the ACK has the To tag of the response. */
static void refused_once_more_behind(const char *ack)
{
    begin();
    goes_in(0, UP, REQUEST("INVITE", "", "", ""));
    comes_out(DOWN, "udp:fir.example", FORWARDED("", "1", "69", "60"));
    goes_in(100, DOWN, REFUSED(OURS("1"), "", "u1"));
    comes_out(UP, "udp:oak.example", REFUSED("", "", "u1"));
    goes_in(200, UP, ack);
    witness_time(&w, 600);
    comes_out(UP, "udp:oak.example", REFUSED("", "", "u1"));
}

Test(witness, an_ack_of_another_tag_is_about_another_response)
{
    refused_once_more_behind(REQUEST("ACK", "", ";tag=u2", ""));
}

Test(witness, nothing_is_sent_again_behind_the_ack, .signal = SIGABRT)
{
    refused_once_more_behind(REQUEST("ACK", "", ";tag=U1", ""));
}

Test(witness, a_cancel_with_another_tag_cancels_nothing)
{
    begin();
    goes_in(0, UP, REQUEST("INVITE", "", "", ""));
    goes_in(100, UP, REQUEST("CANCEL", "", ";tag=u1", ""));
    cr_expect_not(w.requests[0].cancelled);
    goes_in(200, UP, REQUEST("CANCEL", "", "", ""));
    cr_expect(w.requests[0].cancelled);
}

/* ---- What makes a proxy send a request ------------------------------------------------------- */

static void forwarded_once(void)
{
    begin();
    goes_in(0, UP, REQUEST("INVITE", THEIRS, "", ""));
    comes_out(DOWN, "udp:fir.example", FORWARDED(THEIRS, "1", "69", "60"));
}

Test(witness, a_copy_does_not, .signal = SIGABRT)
{
    forwarded_once();
    goes_in(40000, UP, REQUEST("INVITE", THEIRS, "", ""));
    comes_out(DOWN, "udp:fir.example", FORWARDED(THEIRS, "2", "69", "60"));
}

Test(witness, another_request_does_not, .signal = SIGABRT)
{
    forwarded_once();
    goes_in(100, UP, REQUEST("OPTIONS", ";branch=z9hG4bKo1", "", ""));
    comes_out(DOWN, "udp:fir.example", FORWARDED(THEIRS, "2", "69", "30"));
}

Test(witness, a_6xx_does_not, .signal = SIGABRT)
{
    forwarded_once();
    goes_in(100, DOWN, ANSWER("603 Decline", OURS("1"), THEIRS, "u1"));
    comes_out(DOWN, "udp:fir.example", FORWARDED(THEIRS, "2", "69", "60"));
}

Test(witness, a_flow_that_fails_does_but_not_for_the_same_branch, .signal = SIGABRT)
{
    forwarded_once();
    witness_failed(&w, 100, DOWN);
    comes_out(DOWN, "udp:fir.example", FORWARDED(THEIRS, "2", "69", "60"));
    cr_assert_eq(w.n_branches, 2);
    witness_time(&w, 500);
    comes_out(DOWN, "udp:fir.example", FORWARDED(THEIRS, "1", "69", "60"));
}

/* It is sent with the response that comes again. */
Test(witness, time_does_not_send_an_ack, .signal = SIGABRT)
{
    static const char ack[] = "ACK sip:una@fir.example SIP/2.0\n" OURS(
        "1") "Max-Forwards: 70\n" WORDS(";tag=u1", "1", "ACK") END;
    forwarded_once();
    goes_in(100, DOWN, REFUSED(OURS("1"), THEIRS, "u1"));
    comes_out(DOWN, "udp:fir.example", ack);
    goes_in(200, DOWN, REFUSED(OURS("1"), THEIRS, "u1"));
    comes_out(DOWN, "udp:fir.example", ack);
    cr_assert_eq(w.n_branches, 2);
    witness_time(&w, 600);
    comes_out(DOWN, "udp:fir.example", ack);
}

/* A proxy that stops cancels what it has sent, though there may be no memory to say so upstream. */
Test(witness, to_stop_is_a_reason_to_cancel)
{
    forwarded_once();
    goes_in(100, DOWN, ANSWER("180 Ringing", OURS("1"), THEIRS, "u1"));
    w.rules.limited = w.rules.stopped = true;
    witness_time(&w, 200);
    comes_out(DOWN, "udp:fir.example",
              "CANCEL sip:una@fir.example SIP/2.0\n" OURS("1") "Max-Forwards: 70\n" WORDS(
                  "", "1", "CANCEL") END);
    cr_expect_eq(w.branches[0].cancelled_at, 200);
}

/* Where there is little room, what goes on is what has gone on before, and no copy that came later.
 */
Test(witness, what_goes_on_without_room_is_no_later_copy)
{
    begin();
    w.rules.limited = true;
    goes_in(0, UP, REQUEST("INVITE", THEIRS, "", ""));
    comes_out(DOWN, "udp:fir.example", FORWARDED(THEIRS, "1", "69", "60"));
    goes_in(100, UP,
            "INVITE sip:una@fir.example SIP/2.0\nVia: SIP/2.0/UDP oak.example" THEIRS
            "\nMax-Forwards: 70\n" WORDS("", "1", "INVITE") "Content-Length:   0\n\n");
    goes_in(200, DOWN, REFUSED(OURS("1"), THEIRS, "u1"));
    comes_out(DOWN, "udp:fir.example", FORWARDED(THEIRS, "2", "69", "60"));
    cr_expect_eq(w.branches[1].copy, 0);
}

/* Where there is no room for an INVITE a CANCEL is about nothing; a copy finds room. */
Test(witness, an_invite_that_had_no_room_is_not_cancelled)
{
    begin();
    w.rules.limited = true;
    goes_in(0, UP, REQUEST("INVITE", THEIRS, "", ""));
    comes_out(UP, "udp:oak.example", ANSWER("503 Service Unavailable", "", THEIRS, "p"));
    goes_in(100, UP, REQUEST("CANCEL", THEIRS, "", ""));
    goes_in(200, UP, REQUEST("INVITE", THEIRS, "", ""));
    comes_out(DOWN, "udp:fir.example", FORWARDED(THEIRS, "1", "69", "60"));
    cr_expect_eq(w.n_branches, 1);
}

/* An INVITE for which there is no room gets 503, with a transaction or without; later it comes once
 * more, and so does the 503, which timer G may begin anew with. */
Test(witness, a_503_for_want_of_room_may_begin_once_more)
{
    begin();
    w.rules.limited = true;
    for (uint64_t now = 0; now < 80000; now += 40000) {
        goes_in(now, UP, REQUEST("INVITE", THEIRS, "", ""));
        comes_out(UP, "udp:oak.example", ANSWER("503 Service Unavailable", "", THEIRS, "p"));
        witness_time(&w, now + 500);
        comes_out(UP, "udp:oak.example", ANSWER("503 Service Unavailable", "", THEIRS, "p"));
    }
    cr_expect_eq(w.n_replies, 1);
}
