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

/* ---- Strict routers -------------------------------------------------------------------------- */

/* Section 16.6 item 6, where the URI of the strict router is the Request-URI already. */
static void goes_to(const char *hop)
{
    begin();
    goes_in(0, UP,
            REQUEST("INVITE", THEIRS, "", "Route: <sip:una@fir.example>, <sip:yew.example;lr>\n"));
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
