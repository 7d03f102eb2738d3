/* The witness of fuzz_proxy, on responses: to whom they are, and which of them go upstream. */
#include "witnessed.h"

#define OTHERS(branch) OURS(branch) "Via: SIP/2.0/UDP ash.example;branch=z9hG4bKi7\n"
#define ACKNOWLEDGED(ours, tag)                                                                    \
    "ACK sip:una@fir.example SIP/2.0\n" OURS(ours) "Max-Forwards: 70\n" WORDS(";tag=" tag, "1",    \
                                                                              "ACK") END
#define ANSWERED_CANCEL(line)                                                                      \
    "SIP/2.0 " line "\nVia: SIP/2.0/UDP oak.example" THEIRS "\n" WORDS(";tag=p", "1", "CANCEL") END
#define TO_URI(uri, lines, breadth)                                                                \
    "INVITE " uri " SIP/2.0\n" lines "Via: SIP/2.0/UDP oak.example\nMax-Forwards: " breadth        \
    "\n" WORDS("", "1", "INVITE") END

/* An INVITE that was sent to fir.example and, with a share of its breadth, to yew.example. */
static void asks_two(void)
{
    begin();
    w.rules.registrar = true;
    goes_in(0, UP, REQUEST("INVITE", THEIRS, "", ""));
    comes_out(DOWN, "udp:fir.example", FORWARDED(THEIRS, "1", "69", "30"));
    comes_out(DOWN, "udp:fir.example", FORWARDED(THEIRS, "2", "69", "30"));
}

static void asks_one(void)
{
    begin();
    goes_in(0, UP, REQUEST("INVITE", THEIRS, "", ""));
    comes_out(DOWN, "udp:fir.example", FORWARDED(THEIRS, "1", "69", "60"));
}

/* A response comes in, and is acknowledged from 300 on. */
static void answered(uint64_t now, const char *text, const char *ack)
{
    goes_in(now, DOWN, text);
    if (ack)
        comes_out(DOWN, "udp:fir.example", ack);
}

static void goes_up(const char *text)
{
    comes_out(UP, "udp:oak.example", text);
}

/* ---- To whom --------------------------------------------------------------------------------- */

/* Without a cookie the Request-URI tells them apart (section 17.2.3), and nothing in a response. */
static void asks_for_two_users(void)
{
    begin();
    w.rules.registrar = true;
    goes_in(0, UP, TO_URI("sip:una@fir.example", "", "70"));
    comes_out(DOWN, "udp:fir.example", FORWARDED("", "1", "69", "60"));
    goes_in(100, UP, TO_URI("sip:una@yew.example", "", "70"));
    comes_out(DOWN, "udp:yew.example",
              TO_URI("sip:una@yew.example", OURS("2") "Max-Breadth: 60\n", "69"));
}

Test(witness, a_response_is_to_the_request_whose_branch_it_has)
{
    asks_for_two_users();
    answered(200, REFUSED(OURS("1"), "", "u1"), ACKNOWLEDGED("1", "u1"));
    goes_up(REFUSED("", "", "u1"));
    witness_after(&w);
    cr_expect_eq(w.requests[0].final, 486);
    cr_expect_eq(w.requests[1].final, 0);
}

/* Both time out, and get the same words. */
Test(witness, two_requests_may_get_the_same_response)
{
    asks_for_two_users();
    witness_time(&w, 32000);
    goes_up(ANSWER("408 Request Timeout", "", "", "p"));
    witness_time(&w, 32100);
    goes_up(ANSWER("408 Request Timeout", "", "", "p"));
    cr_expect_eq(w.requests[0].final, 408);
    cr_expect_eq(w.requests[1].final, 408);
    witness_time(&w, 32500);
    goes_up(ANSWER("408 Request Timeout", "", "", "p"));
    witness_time(&w, 32600);
    goes_up(ANSWER("408 Request Timeout", "", "", "p"));
    cr_expect_eq(w.n_replies, 2);
}

/* Only their To tags tell them apart, and the proxy answers both when it stops. */
Test(witness, a_response_by_time_is_to_the_request_with_its_tag)
{
    begin();
    goes_in(0, UP, REQUEST("INVITE", "", "", ""));
    comes_out(DOWN, "udp:fir.example", FORWARDED("", "1", "69", "60"));
    goes_in(100, UP, REQUEST("INVITE", "", ";tag=u1", ""));
    w.rules.limited = w.rules.stopped = true;
    witness_time(&w, 200);
    goes_up(ANSWER("503 Service Unavailable", "", "", "p"));
    goes_up(ANSWER("503 Service Unavailable", "", "", "u1"));
    cr_expect_eq(w.replies[0].request, 0);
    cr_expect_eq(w.replies[1].request, 1);
}

/* The next target of the first is none of the second. */
Test(witness, a_branch_ends_and_its_request_goes_on)
{
    asks_for_two_users();
    answered(200, REFUSED(OURS("1"), "", "u1"), ACKNOWLEDGED("1", "u1"));
    comes_out(DOWN, "udp:fir.example", FORWARDED("", "3", "69", "60"));
    cr_expect_eq(w.branches[3].request, 0);
}

/* Section 16.7 item 9 looks at no Via below; what has lost its Call-ID, or all Vias but ours, is
 * not for upstream. */
Test(witness, a_response_with_another_via_goes_up)
{
    asks_one();
    goes_in(100, DOWN, "SIP/2.0 200 OK\n" OTHERS("1") WORDS(";tag=u1", "1", "INVITE") END);
    goes_up("SIP/2.0 200 OK\nVia: SIP/2.0/UDP ash.example;branch=z9hG4bKi7\n" WORDS(";tag=u1", "1",
                                                                                    "INVITE") END);
    witness_after(&w);
    cr_expect_eq(w.requests[0].final, 200);
}

Test(witness, a_response_for_us_alone_counts_as_502)
{
    asks_two();
    goes_in(100, DOWN, "SIP/2.0 200 OK\n" OURS("1") WORDS(";tag=u1", "1", "INVITE") END);
    witness_after(&w);
    answered(200,
             "SIP/2.0 603 No\n" OTHERS("2") "From: <sip:ivo@oak.example>;tag=i1\n"
                                            "To: <sip:una@fir.example>;tag=u2\nCall-ID: b2\n"
                                            "CSeq: 1 INVITE\n" END,
             ACKNOWLEDGED("2", "u2"));
    goes_up(ANSWER("502 Bad Gateway", "", THEIRS, "p"));
    witness_after(&w);
    cr_expect_eq(w.requests[0].final, 502);
}

Test(witness, a_response_to_another_request_is_no_reason_to_cancel, .signal = SIGABRT)
{
    asks_two();
    goes_in(50, DOWN, ANSWER("180 Ringing", OURS("1"), THEIRS, "u1"));
    goes_in(100, DOWN, "SIP/2.0 603 No\n" OURS("2") WORDS(";tag=u2", "1", "INVITE") END);
    comes_out(DOWN, "udp:fir.example",
              "CANCEL sip:una@fir.example SIP/2.0\n" OURS("1") "Max-Forwards: 70\n" WORDS(
                  "", "1", "CANCEL") END);
}

/* A request comes again over TCP, when its first transaction is over: what a branch of that one has
 * said since then, the proxy may say too. */
static void again_over_tcp(const char *line)
{
    struct hop hop;
    struct witness_flow up = flow_of(UP, "tcp:oak.example", &hop);
    begin();
    w.rules.limited = true;
    up.reliable = true;
    goes_in_by(0, &up, REQUEST("OPTIONS", THEIRS, ";tag=u1", ""));
    comes_out(DOWN, "udp:fir.example",
              "OPTIONS sip:una@fir.example SIP/2.0\n" OURS(
                  "1") "Max-Breadth: 60\n"
                       "Via: SIP/2.0/UDP oak.example" THEIRS
                       "\nMax-Forwards: 69\n" WORDS(";tag=u1", "1", "OPTIONS") END);
    char in[TEXT], out[TEXT];
    static const char rest[] =
        "Via: SIP/2.0/UDP oak.example" THEIRS "\n" WORDS(";tag=u1", "1", "OPTIONS") END;
    snprintf(in, sizeof in, "SIP/2.0 404 Not Found\n" OURS("1") "%s", rest);
    snprintf(out, sizeof out, "SIP/2.0 404 Not Found\n%s", rest);
    goes_in(100, DOWN, in);
    goes_up(out);
    snprintf(in, sizeof in, "SIP/2.0 %s\n" OURS("1") "%s", line, rest);
    goes_in(200, DOWN, in);
    goes_in_by(300, &up, REQUEST("OPTIONS", THEIRS, ";tag=u1", ""));
    snprintf(out, sizeof out, "SIP/2.0 %s\n%s", line, rest);
    goes_up(out);
}

Test(witness, the_proxy_may_say_what_a_late_response_has_said)
{
    again_over_tcp("503 Service Unavailable");
    cr_expect(w.replies[1].own);
}

Test(witness, a_late_response_to_the_first_is_none_to_the_second, .signal = SIGABRT)
{
    again_over_tcp("486 Busy Here");
}

/* ---- Which of them --------------------------------------------------------------------------- */

/* RFC 5626 section 7: another flow to the same instance is asked in place of the one that failed.
 */
Test(witness, a_430_counts_no_more_where_another_flow_is_asked)
{
    asks_one();
    w.rules.registrar = true;
    answered(100, ANSWER("430 Flow Failed", OURS("1"), THEIRS, "u1"), ACKNOWLEDGED("1", "u1"));
    comes_out(DOWN, "udp:fir.example", FORWARDED(THEIRS, "2", "69", "60"));
    witness_after(&w);
    answered(200, ANSWER("503 Busy", OURS("2"), THEIRS, "u2"), ACKNOWLEDGED("2", "u2"));
    goes_up(ANSWER("500 Server Internal Error", "", THEIRS, "p"));
    cr_expect_eq(w.requests[0].final, 500);
}

static void refused_by_both(const char *first, const char *second)
{
    asks_two();
    answered(100, first, ACKNOWLEDGED("1", "u1"));
    answered(200, second, ACKNOWLEDGED("2", "u2"));
}

Test(witness, a_430_of_another_branch_counts, .signal = SIGABRT)
{
    refused_by_both(ANSWER("430 Flow Failed", OURS("1"), THEIRS, "u1"),
                    ANSWER("503 Busy", OURS("2"), THEIRS, "u2"));
    goes_up(ANSWER("500 Server Internal Error", "", THEIRS, "p"));
}

Test(witness, a_503_goes_no_further, .signal = SIGABRT)
{
    refused_by_both(ANSWER("503 Busy", OURS("1"), THEIRS, "u1"),
                    ANSWER("503 Busy", OURS("2"), THEIRS, "u2"));
    goes_up(ANSWER("503 Busy", "", THEIRS, "u1"));
}

/* Section 16.7 item 6: "the proxy MUST forward a response from the responses stored". */
Test(witness, none_is_made_where_one_is_there, .signal = SIGABRT)
{
    refused_by_both(REFUSED(OURS("1"), THEIRS, "u1"), REFUSED(OURS("2"), THEIRS, "u2"));
    goes_up(ANSWER("480 Temporarily Unavailable", "", THEIRS, "p"));
}

Test(witness, a_branch_that_timed_out_has_said_408)
{
    asks_two();
    answered(100, REFUSED(OURS("1"), THEIRS, "u1"), ACKNOWLEDGED("1", "u1"));
    witness_time(&w, 32000);
    goes_up(ANSWER("408 Request Timeout", "", THEIRS, "p"));
    cr_expect_eq(w.requests[0].final, 408);
}

Test(witness, what_only_a_uas_says_is_not_made, .signal = SIGABRT)
{
    begin();
    goes_in(0, UP, REQUEST("INVITE", THEIRS, "", ""));
    goes_up(REFUSED("", THEIRS, "p"));
}

Test(witness, a_reason_phrase_is_not_changed, .signal = SIGABRT)
{
    asks_one();
    answered(100, REFUSED(OURS("1"), THEIRS, "u1"), ACKNOWLEDGED("1", "u1"));
    goes_up(ANSWER("486 Busy Here", "", THEIRS, "u1"));
}

/* ---- At once --------------------------------------------------------------------------------- */

/* A response to one of two branches comes in, with an ACK, and nothing is done. */
static void nothing_is_done_behind(const char *text, const char *ack)
{
    asks_two();
    answered(100, text, ack);
    witness_after(&w);
}

Test(witness, a_failure_waits_for_the_other_branch)
{
    nothing_is_done_behind(REFUSED(OURS("1"), THEIRS, "u1"), ACKNOWLEDGED("1", "u1"));
}

Test(witness, a_provisional_response_does_not_wait, .signal = SIGABRT)
{
    nothing_is_done_behind(ANSWER("180 Ringing", OURS("1"), THEIRS, "u1"), NULL);
}

Test(witness, a_refusal_is_acknowledged, .signal = SIGABRT)
{
    nothing_is_done_behind(REFUSED(OURS("1"), THEIRS, "u1"), NULL);
}

Test(witness, every_2xx_goes_up, .signal = SIGABRT)
{
    nothing_is_done_behind(ANSWER("200 OK", OURS("1"), THEIRS, "u1"), NULL);
}

Test(witness, the_2xx_of_the_other_branch_goes_up_too, .signal = SIGABRT)
{
    asks_two();
    goes_in(100, DOWN, ANSWER("200 OK", OURS("1"), THEIRS, "u1"));
    goes_up(ANSWER("200 OK", "", THEIRS, "u1"));
    witness_after(&w);
    goes_in(200, DOWN, ANSWER("200 OK", OURS("2"), THEIRS, "u2"));
    witness_after(&w);
}

Test(witness, the_last_branch_ends_and_upstream_is_told, .signal = SIGABRT)
{
    asks_one();
    answered(100, REFUSED(OURS("1"), THEIRS, "u1"), ACKNOWLEDGED("1", "u1"));
    witness_after(&w);
}

Test(witness, a_cancel_is_answered, .signal = SIGABRT)
{
    asks_one();
    goes_in(100, UP, REQUEST("CANCEL", THEIRS, "", ""));
    witness_after(&w);
}

Test(witness, no_request_ends_in_silence, .signal = SIGABRT)
{
    begin();
    goes_in(0, UP, REQUEST("OPTIONS", THEIRS, "", ""));
    witness_after(&w);
    witness_end(&w);
}

/* It is of no transaction before there is an INVITE, and of one then. */
Test(witness, a_cancel_comes_before_its_invite)
{
    begin();
    for (uint64_t now = 0; now < 100; now += 50) {
        goes_in(now, UP, REQUEST("CANCEL", THEIRS, "", ""));
        goes_up(ANSWERED_CANCEL("404 Not Found"));
        witness_after(&w);
    }
    goes_in(100, UP, REQUEST("INVITE", THEIRS, "", ""));
    comes_out(DOWN, "udp:fir.example", FORWARDED(THEIRS, "1", "69", "60"));
    goes_in(200, UP, REQUEST("CANCEL", THEIRS, "", ""));
    goes_up(ANSWERED_CANCEL("200 OK"));
    witness_after(&w);
    cr_expect_eq(w.requests[3].final, 200);
}

Test(witness, a_cancel_is_answered_once, .signal = SIGABRT)
{
    asks_one();
    goes_in(100, UP, REQUEST("CANCEL", THEIRS, "", ""));
    goes_up(ANSWERED_CANCEL("200 OK"));
    witness_after(&w);
    goes_in(200, UP, REQUEST("CANCEL", THEIRS, "", ""));
    goes_up(ANSWERED_CANCEL("481 Call/Transaction Does Not Exist"));
}
