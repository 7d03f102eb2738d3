/* The witness of fuzz_proxy: what a proxy may do it does not object to, and to what looks nearly
 * the same it does. */
#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

#include <witness.h>

enum { UP = 1, DOWN, TEXT = 1024 };

static struct witness w;
static struct fuzz_message incoming;

static void begin(void)
{
    const struct witness_rules rules = {
        .profile = SIPV_STRICT, .max_breadth = 60, .timer_c_ms = 200000, .host = "elm.example"};
    witness_open(&w, &rules);
}

/* With line ends, and for as long as the witness is there. */
static sipv_slice message(const char *text)
{
    unsigned char octets[TEXT];
    size_t n = 0;
    for (; *text; text++) {
        cr_assert(n + 2 <= sizeof octets);
        if (*text == '\n')
            octets[n++] = '\r';
        octets[n++] = (unsigned char)*text;
    }
    return witness_keep(&w, sipv_slice_of(octets, n));
}

static struct witness_flow flow_of(uint64_t id, const char *hop, struct hop *room)
{
    cr_assert_eq(hop_of_text(sipv_slice_text(hop), room), SIPV_OK);
    return (struct witness_flow){.id = id, .upstream = id == UP, .hop = room};
}

static void goes_in(uint64_t now, uint64_t id, const char *text)
{
    const sipv_options options = {.explainer = fuzz_explainer()};
    struct hop hop;
    const struct witness_flow flow = flow_of(id, "udp:oak.example", &hop);
    const int result = fuzz_message_parse(&incoming, message(text), &options);
    witness_in(&w, now, &flow, &incoming.m, result == SIPV_OK);
}

static void comes_out(uint64_t id, const char *to, const char *text)
{
    struct hop hop;
    const struct witness_flow flow = flow_of(id, to, &hop);
    witness_out(&w, &flow, message(text));
}

/* ---- Messages ------------------------------------------------------------------------------- */

#define OURS(branch) "Via: SIP/2.0/UDP elm.example:5060;branch=z9hG4bK" branch "\n"
#define THEIRS ";branch=z9hG4bKi1"
#define WORDS(to, number, method)                                                                  \
    "From: <sip:ivo@oak.example>;tag=i1\nTo: <sip:una@fir.example>" to                             \
    "\nCall-ID: a1\nCSeq: " number " " method "\n"
#define END "Content-Length: 0\n\n"

#define REQUEST(method, branch, to, lines)                                                         \
    method " sip:una@fir.example SIP/2.0\nVia: SIP/2.0/UDP oak.example" branch "\n"                \
           "Max-Forwards: 70\n" WORDS(to, "1", method) lines END
#define FORWARDED(branch, ours, hops, breadth)                                                     \
    "INVITE sip:una@fir.example SIP/2.0\n" OURS(ours) "Max-Breadth: " breadth                      \
                                                      "\nVia: SIP/2.0/UDP oak.example" branch "\n" \
                                                      "Max-Forwards: " hops                        \
                                                      "\n" WORDS("", "1", "INVITE") END
#define REFUSED(ours, branch, tag)                                                                 \
    "SIP/2.0 486 Busy\n" ours "Via: SIP/2.0/UDP oak.example" branch                                \
    "\n" WORDS(";tag=" tag, "1", "INVITE") END

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
