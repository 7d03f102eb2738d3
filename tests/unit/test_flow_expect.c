/* What call flows expect: each kind of expectation must see what is right, and what is not. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <flow/expect.h>
#include <flow/field.h>
#include <flow/finals.h>
#include <flow/selector.h>

/* ---- A small flow ---------------------------------------------------------------------------- */

static const struct callflow_element elements[] = {
    {.name = "a", .role = CALLFLOW_USER, .address = "192.0.2.1"},
    {.name = "p", .role = CALLFLOW_PROXY, .address = "192.0.2.2"},
    {.name = "b", .role = CALLFLOW_USER, .address = "192.0.2.3"},
    {.name = NULL},
};

static const struct callflow_account accounts[] = {{"bob", "biloxi.com", "zanzibar"},
                                                   {NULL, NULL, NULL}};

static const char *const messages[] = {"a > p OPTIONS",      "+p > b OPTIONS",
                                       "?b > p 100 OPTIONS", "b > p 200 OPTIONS",
                                       "p > a 200 OPTIONS",  NULL};

static const struct callflow flow = {
    .name = "test", .elements = elements, .accounts = accounts, .messages = messages};

static struct recording recording;
static struct outcome outcome;

enum { A, P, B };

static void add(unsigned from, unsigned to, const char *text)
{
    const struct hop hops[] = {
        {HOP_UDP, "192.0.2.1", 5060}, {HOP_UDP, "192.0.2.2", 5060}, {HOP_UDP, "192.0.2.3", 5060}};
    const size_t n = recording_sent(&recording, 1, from, to, &hops[from % 3], &hops[to % 3],
                                    sipv_slice_text(text));
    recording_arrived(&recording, n, 2);
}

/* `start` and more headers, with the rest that a message needs. */
static void add_short(unsigned from, unsigned to, const char *start, const char *more)
{
    char text[2048];
    snprintf(text, sizeof text,
             "%s\r\nFrom: <sip:a@a>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: c\r\nCSeq: 7 OPTIONS\r\n"
             "Max-Forwards: 70\r\n%sContent-Length: 0\r\n\r\n",
             start, more);
    add(from, to, text);
}

#define VIA_A "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\n"
#define VIA_P "Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKp\r\n"

static void ask(void)
{
    add_short(A, P, "OPTIONS sip:b@b SIP/2.0", VIA_A "Subject: x\r\nExpires: 60\r\n");
    add_short(P, B, "OPTIONS sip:b@192.0.2.3 SIP/2.0", VIA_P VIA_A "Subject: x\r\nExpires: 59\r\n");
}

static void reply(void)
{
    add_short(B, P, "SIP/2.0 200 OK", VIA_P VIA_A "Contact: <sip:b@192.0.2.3>;expires=5\r\n");
    add_short(P, A, "SIP/2.0 200 OK", VIA_A "Contact: <sip:b@192.0.2.3>;expires=5\r\n");
}

static void forget(void)
{
    recording_free(&recording);
    outcome_free(&outcome);
}

TestSuite(flow_expect, .fini = forget);

static bool met(const struct expectation *e)
{
    expectation_check(&flow, &recording, e, &outcome);
    return outcome.met;
}

/* ---- Fields ---------------------------------------------------------------------------------- */

#define FIRST "a > p OPTIONS"
#define SECOND "p > b OPTIONS"
#define THIRD "b > p 200 OPTIONS"
#define LAST "p > a 200 OPTIONS"

static const struct {
    bool met;
    struct expectation e;
} fields[] = {
    {true, {"", EXPECT_SAME, "Call-ID", NULL, {FIRST, SECOND, THIRD, LAST}}},
    {true, {"", EXPECT_SAME, "Subject", NULL, {FIRST, SECOND}}},
    {false, {"", EXPECT_SAME, "Request-URI", NULL, {FIRST, SECOND}}},
    {false, {"", EXPECT_SAME, "Subject", NULL, {FIRST, THIRD}}},
    {false, {"", EXPECT_SAME, "Subject", NULL, {THIRD, LAST}}},
    {false, {"", EXPECT_SAME, "Call-ID", NULL, {FIRST, "a > p OPTIONS #2"}}},
    {false, {"", EXPECT_SAME, "Call-ID", NULL, {FIRST, "a > p BYE"}}},
    {false, {"", EXPECT_SAME, "Call-ID", NULL, {FIRST, "a > nobody OPTIONS"}}},
    {false, {"", EXPECT_SAME, "Call-ID", NULL, {NULL}}},
    {true, {"", EXPECT_DIFFERENT, "Via.branch", NULL, {FIRST, SECOND}}},
    {false, {"", EXPECT_DIFFERENT, "Via.branch", NULL, {FIRST, SECOND, LAST}}},
    {false, {"", EXPECT_DIFFERENT, "Via.ttl", NULL, {FIRST, SECOND}}},
    {true, {"", EXPECT_VALUES, "Via.count", "1 2", {FIRST, SECOND}}},
    {true, {"", EXPECT_VALUES, "Route.count", "0 0", {FIRST, SECOND}}},
    {false, {"", EXPECT_VALUES, "Via.count", "1 1", {FIRST, SECOND}}},
    {false, {"", EXPECT_VALUES, "Via.count", "1 2 3", {FIRST, SECOND}}},
    {false, {"", EXPECT_VALUES, "Via.count", "1", {FIRST, SECOND}}},
    {true, {"", EXPECT_TEXT, "Subject", "x", {FIRST, SECOND}}},
    {false, {"", EXPECT_TEXT, "Subject", "y", {FIRST}}},
    {false, {"", EXPECT_TEXT, "Subject", "x", {LAST}}},
    {true, {"", EXPECT_STEPS, "Expires", "-1", {FIRST, SECOND}}},
    {false, {"", EXPECT_STEPS, "Expires", "1", {FIRST, SECOND}}},
    {false, {"", EXPECT_STEPS, "Expires", "-1", {FIRST}}},
    {false, {"", EXPECT_STEPS, "Subject", "0", {FIRST, SECOND}}},
    {true, {"", EXPECT_AT_MOST, "Contact.expires", "5", {THIRD, LAST}}},
    {false, {"", EXPECT_AT_MOST, "Contact.expires", "4", {THIRD}}},
    {false, {"", EXPECT_AT_MOST, "Contact.expires", "5", {FIRST}}},
    {true, {"", EXPECT_PRESENT, "From.tag", NULL, {FIRST, LAST}}},
    {false, {"", EXPECT_PRESENT, "To.tag", NULL, {FIRST}}},
    {true, {"", EXPECT_ABSENT, "To.tag", NULL, {FIRST}}},
    {false, {"", EXPECT_ABSENT, "From.tag", NULL, {FIRST}}},
    {true, {"", EXPECT_EQUAL, "Request-URI", "Contact.uri", {SECOND, THIRD}}},
    {false, {"", EXPECT_EQUAL, "Request-URI", "Contact.uri", {FIRST, THIRD}}},
    {false, {"", EXPECT_EQUAL, "Request-URI", "Contact.uri", {SECOND, FIRST}}},
    {true, {"", EXPECT_COUNT, NULL, "1", {FIRST}}},
    {true, {"", EXPECT_COUNT, NULL, "0", {"a > b OPTIONS"}}},
    {false, {"", EXPECT_COUNT, NULL, "2", {FIRST}}},
    {false, {"", EXPECT_COUNT, NULL, "1", {"nonsense"}}},
    {true, {"", EXPECT_NOT_SEEN, NULL, "BYE", {"a", "p", "b"}}},
    {false, {"", EXPECT_NOT_SEEN, NULL, "OPTIONS", {"b"}}},
    {false, {"", EXPECT_ANSWERS, NULL, NULL, {FIRST, THIRD}}},
    {false, {"", EXPECT_VERIFIED, NULL, NULL, {THIRD, FIRST}}},
    {true, {"", EXPECT_CLEAN, NULL, NULL, {NULL}}},
    {true, {"", EXPECT_MESSAGES, NULL, NULL, {NULL}}},
};

Test(flow_expect, fields)
{
    ask();
    reply();
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        cr_expect_eq(met(&fields[i].e), fields[i].met, "%zu: %s %s", i,
                     fields[i].e.field ? fields[i].e.field : "-", fields[i].e.messages[0]);
        cr_expect(fields[i].met || outcome.seen.n > 0 || fields[i].e.messages[0] == NULL,
                  "%zu says what was seen", i);
    }
}

Test(flow_expect, says_what_it_saw)
{
    const struct expectation e = {"", EXPECT_VALUES, "Via.count", "1 1", {FIRST, SECOND}};
    ask();
    cr_expect(!met(&e));
    cr_expect(sipv_slice_is(bytes_slice(&outcome.expected), "via.count 1 1"));
    cr_expect(sipv_slice_is(bytes_slice(&outcome.seen), "1, 2"));
}

/* A header over several lines, twice, compact: one text. */
Test(flow_expect, values_of_a_header)
{
    const struct expectation e = {"", EXPECT_TEXT, "Supported", "a, b c, d", {FIRST}};
    add_short(A, P, "OPTIONS sip:b@b SIP/2.0", VIA_A "k: a, b \r\n \t c\r\nSupported: d\r\n");
    met(&e);
    cr_expect(outcome.met, "%.*s", (int)outcome.seen.n, (const char *)outcome.seen.p);
}

/* ---- The list of messages -------------------------------------------------------------------- */

static const struct expectation all = {"", EXPECT_MESSAGES, NULL, NULL, {NULL}};

static bool seen_is(const char *expected, const char *seen)
{
    return sipv_slice_is(bytes_slice(&outcome.expected), expected) &&
           sipv_slice_is(bytes_slice(&outcome.seen), seen);
}

Test(flow_expect, a_message_is_missing)
{
    ask();
    cr_expect(!met(&all));
    cr_expect(seen_is("at a: p > a 200 OPTIONS", "nothing more"));
}

Test(flow_expect, a_message_too_many)
{
    ask();
    reply();
    add_short(A, P, "OPTIONS sip:b@b SIP/2.0", VIA_A);
    cr_expect(!met(&all));
    cr_expect(seen_is("at a: nothing more", "a > p OPTIONS"));
}

Test(flow_expect, in_another_order)
{
    reply();
    ask();
    cr_expect(!met(&all));
    cr_expect(seen_is("at a: a > p OPTIONS", "p > a 200 OPTIONS"));
}

/* Lines that come together may come in any order. */
Test(flow_expect, together)
{
    add_short(P, B, "OPTIONS sip:b@192.0.2.3 SIP/2.0", VIA_P VIA_A);
    add_short(A, P, "OPTIONS sip:b@b SIP/2.0", VIA_A);
    reply();
    cr_expect(met(&all));
}

Test(flow_expect, may_be_missing)
{
    ask();
    add_short(B, P, "SIP/2.0 100 Trying", VIA_P VIA_A);
    reply();
    cr_expect(met(&all));
    add_short(B, P, "SIP/2.0 100 Trying", VIA_P VIA_A);
    cr_expect(!met(&all));
    cr_expect(seen_is("at p: nothing more", "b > p 100 OPTIONS"));
}

Test(flow_expect, from_outside)
{
    ask();
    reply();
    add_short(FLOW_OUTSIDE, A, "SIP/2.0 200 OK", VIA_A);
    cr_expect(!met(&all));
    cr_expect(seen_is("at a: nothing more", "? > a 200 OPTIONS"));
}

/* What was lost on the way was sent, and not seen by the other. */
Test(flow_expect, lost)
{
    ask();
    reply();
    recording.messages[1].arrived_at = 0;
    cr_expect(!met(&all));
    cr_expect(seen_is("at b: p > b OPTIONS", "b > p 200 OPTIONS"));
}

/* ---- Final responses ------------------------------------------------------------------------- */

static const struct callflow_step nobody_leaves[] = {
    {NULL, CALLFLOW_WAIT, NULL, CALLFLOW_AT_ONCE, 0}};
static const struct callflow_step b_leaves[] = {{"b", CALLFLOW_LEAVE, NULL, CALLFLOW_AT_ONCE, 0},
                                                {NULL, CALLFLOW_WAIT, NULL, CALLFLOW_AT_ONCE, 0}};

static bool answered(const struct callflow_step *steps)
{
    struct callflow f = flow;
    f.steps = steps;
    expect_finals(&f, &recording, &outcome);
    return outcome.met;
}

static bool saw(const char *text)
{
    return sipv_slice_is(bytes_slice(&outcome.seen), text);
}

static void invite(unsigned from, unsigned to, const char *start, const char *via)
{
    char text[1024];
    snprintf(text, sizeof text,
             "%s\r\n%sFrom: <sip:a@a>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: c\r\nCSeq: 7 INVITE\r\n"
             "Max-Forwards: 70\r\nContact: <sip:a@192.0.2.1>\r\nContent-Length: 0\r\n\r\n",
             start, via);
    add(from, to, text);
}

Test(flow_expect, final_responses)
{
    ask();
    cr_expect(!answered(nobody_leaves));
    cr_expect(saw("none for p > b OPTIONS"), "the proxy need not answer, the user must");
    cr_expect(answered(b_leaves), "who is switched off need not");
    add_short(B, P, "SIP/2.0 100 Trying", VIA_P VIA_A);
    cr_expect(!answered(nobody_leaves));
    reply();
    cr_expect(answered(nobody_leaves));
    reply();
    cr_expect(answered(nobody_leaves), "the same once more");
    add_short(B, P, "SIP/2.0 404 Not Found", VIA_P VIA_A);
    cr_expect(!answered(nobody_leaves));
    cr_expect(saw("two that differ for p > b OPTIONS"));
}

Test(flow_expect, a_proxy_answers_invite)
{
    invite(A, P, "INVITE sip:b@b SIP/2.0", VIA_A);
    cr_expect(!answered(nobody_leaves));
    cr_expect(saw("none for a > p INVITE"));
    invite(P, A, "SIP/2.0 180 Ringing", VIA_A);
    invite(P, A, "SIP/2.0 408 Request Timeout", VIA_P VIA_A);
    cr_expect(!answered(nobody_leaves), "to another branch");
    invite(P, A, "SIP/2.0 408 Request Timeout", VIA_A);
    cr_expect(answered(nobody_leaves));
}

Test(flow_expect, what_is_lost_is_not_answered)
{
    invite(A, P, "INVITE sip:b@b SIP/2.0", VIA_A);
    recording.messages[0].arrived_at = 0;
    cr_expect(answered(nobody_leaves));
}

/* ---- Errors, credentials, descriptions ------------------------------------------------------- */

Test(flow_expect, errors)
{
    const struct expectation e = {"", EXPECT_CLEAN, NULL, NULL, {NULL}};
    ask();
    add_short(B, P, "SIP/2.0 200 OK", VIA_P "Via: broken\r\n");
    cr_expect(!met(&e));
    cr_expect(strncmp((const char *)outcome.seen.p, "b > p 200 OPTIONS SV", 20) == 0);
}

#define CHALLENGE                                                                                  \
    "WWW-Authenticate: Digest realm=\"biloxi.com\", "                                              \
    "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", qop=\"%s\", algorithm=MD5\r\n"
/* Right for the password zanzibar. */
#define ANSWER                                                                                     \
    "Authorization: Digest username=\"bob\", realm=\"biloxi.com\", "                               \
    "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"sip:b@b\", qop=auth, nc=00000001, "       \
    "cnonce=\"0a4f113b\", response=\"%s\"\r\n"

#define RIGHT "5133376c3a535992dda828cc58d4fe23"

static void challenge(const char *qop, const char *response)
{
    char text[1024];
    snprintf(text, sizeof text, VIA_A CHALLENGE, qop);
    add_short(P, A, "SIP/2.0 401 Unauthorized", text);
    snprintf(text, sizeof text, VIA_A ANSWER, response);
    add_short(A, P, "OPTIONS sip:b@b SIP/2.0", text);
}

Test(flow_expect, credentials)
{
    const struct expectation e = {
        "", EXPECT_VERIFIED, NULL, NULL, {"p > a 401 OPTIONS", "a > p OPTIONS"}};
    const struct expectation second = {
        "", EXPECT_VERIFIED, NULL, NULL, {"p > a 401 OPTIONS #2", "a > p OPTIONS #2"}};
    const struct expectation third = {
        "", EXPECT_VERIFIED, NULL, NULL, {"p > a 401 OPTIONS #3", "a > p OPTIONS #3"}};
    const struct expectation nc = {
        "", EXPECT_TEXT, "Authorization.nc", "00000001", {"a > p OPTIONS"}};
    const struct expectation qop = {
        "", EXPECT_TEXT, "WWW-Authenticate.qop", "auth", {"p > a 401 OPTIONS"}};
    challenge("auth", RIGHT);
    challenge("auth", "00000000000000000000000000000000");
    challenge("auth-int", RIGHT);
    cr_expect(met(&e), "%.*s", (int)outcome.seen.n, (const char *)outcome.seen.p);
    cr_expect(!met(&second));
    cr_expect(!met(&third));
    cr_expect(met(&nc));
    cr_expect(met(&qop));
}

static void describe(unsigned from, unsigned to, const char *start, const char *media)
{
    char text[1024], sdp[512];
    snprintf(sdp, sizeof sdp,
             "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n%s\r\n",
             media);
    snprintf(text, sizeof text,
             "%s\r\n" VIA_A "From: <sip:a@a>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: c\r\n"
             "CSeq: 7 INVITE\r\nMax-Forwards: 70\r\nContact: <sip:a@192.0.2.1>\r\n"
             "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s",
             start, strlen(sdp), sdp);
    add(from, to, text);
}

Test(flow_expect, descriptions)
{
    const struct expectation e = {
        "", EXPECT_ANSWERS, NULL, NULL, {"a > p INVITE", "p > a 200 INVITE"}};
    const struct expectation other = {
        "", EXPECT_ANSWERS, NULL, NULL, {"a > p INVITE", "p > a 200 INVITE #2"}};
    describe(A, P, "INVITE sip:b@b SIP/2.0", "m=audio 5004 RTP/AVP 8 3 0");
    describe(P, A, "SIP/2.0 200 OK", "m=audio 5004 RTP/AVP 8");
    describe(P, A, "SIP/2.0 200 OK", "m=video 5004 RTP/AVP 31");
    cr_expect(met(&e), "%.*s", (int)outcome.seen.n, (const char *)outcome.seen.p);
    cr_expect(!met(&other));
}

/* ---- The flows that there are ---------------------------------------------------------------- */

/* Names lead where they should. */
Test(flow_expect, tables)
{
    for (size_t i = 0; callflows[i]; i++) {
        const struct callflow *f = callflows[i];
        struct selector s;
        cr_expect_eq(callflow_find(f->name), f);
        for (const char *const *m = f->messages; *m; m++)
            cr_expect(selector_read(f, *m, &s), "%s: %s", f->name, *m);
        for (const struct callflow_step *step = f->steps; step->who; step++)
            cr_expect_neq(callflow_element(f, sipv_slice_text(step->who)), FLOW_OUTSIDE, "%s: %s",
                          f->name, step->who);
        for (const struct expectation *e = f->expectations; e->says; e++)
            for (size_t k = 0; k < EXPECTATION_MESSAGES && e->messages[k]; k++)
                cr_expect(e->kind == EXPECT_NOT_SEEN
                              ? callflow_element(f, sipv_slice_text(e->messages[k])) != FLOW_OUTSIDE
                              : selector_read(f, e->messages[k], &s),
                          "%s: %s: %s", f->name, e->says, e->messages[k]);
    }
    cr_expect_null(callflow_find("nonsense"));
}

Test(flow_expect, names_of_messages)
{
    static const char *const bad[] = {"",
                                      "a",
                                      "a > b",
                                      "a > p 200",
                                      "a > p 99 OPTIONS",
                                      "a < p OPTIONS",
                                      "a > p OPTIONS 2",
                                      "a > p OPTIONS #0",
                                      "a > p OPTIONS #2 x",
                                      "x > p OPTIONS",
                                      "a > x OPTIONS"};
    struct selector s;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect(!selector_read(&flow, bad[i], &s), "%s", bad[i]);
    cr_expect(selector_read(&flow, "+p > b 180 INVITE #3", &s));
    cr_expect(s.together && s.from == P && s.to == B && s.status == 180 && s.nth == 3);
}
