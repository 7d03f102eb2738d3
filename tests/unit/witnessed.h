/* What a witness of a proxy is told, in its tests: a message goes in, another one comes out. */
#ifndef TESTS_WITNESSED_H
#define TESTS_WITNESSED_H

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <witness.h>

enum { UP = 1, DOWN, TEXT = 1024 };

static struct witness w;
static struct fuzz_message incoming;

static inline void begin(void)
{
    const struct witness_rules rules = {
        .profile = SIPV_STRICT, .max_breadth = 60, .timer_c_ms = 200000, .host = "elm.example"};
    witness_open(&w, &rules);
}

/* With line ends, and for as long as the witness is there. */
static inline sipv_slice message(const char *text)
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

static inline struct witness_flow flow_of(uint64_t id, const char *hop, struct hop *room)
{
    cr_assert_eq(hop_of_text(sipv_slice_text(hop), room), SIPV_OK);
    return (struct witness_flow){.id = id, .upstream = id == UP, .hop = room};
}

static inline void goes_in_by(uint64_t now, const struct witness_flow *flow, const char *text)
{
    const sipv_options options = {.explainer = fuzz_explainer()};
    const int result = fuzz_message_parse(&incoming, message(text), &options);
    witness_in(&w, now, flow, &incoming.m, result == SIPV_OK);
}

static inline void goes_in(uint64_t now, uint64_t id, const char *text)
{
    struct hop hop;
    const struct witness_flow flow = flow_of(id, "udp:oak.example", &hop);
    goes_in_by(now, &flow, text);
}

static inline void comes_out(uint64_t id, const char *to, const char *text)
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
#define ANSWER(line, ours, branch, tag)                                                            \
    "SIP/2.0 " line "\n" ours "Via: SIP/2.0/UDP oak.example" branch                                \
    "\n" WORDS(";tag=" tag, "1", "INVITE") END
#define REFUSED(ours, branch, tag) ANSWER("486 Busy", ours, branch, tag)

#endif
