/* Which transaction a message belongs to: RFC 3261 sections 17.1.3, 17.2.3, 9.2. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "files.h"

#define BRANCH "z9hG4bKmatch"

/* The text with one piece of it replaced, in a buffer of its own. */
static const char *with(const char *text, const char *old, const char *new)
{
    static char out[4][BENCH_TEXT];
    static unsigned next;
    char *to = out[next++ % 4];
    const char *at = strstr(text, old);
    cr_assert(at, "no '%s' in\n%s", old, text);
    snprintf(to, BENCH_TEXT, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
    return to;
}

/* ---- Requests ------------------------------------------------------------------------------- */

static const struct {
    const char *branch, *method, *old, *new;
    bool same;
} variants[] = {
    /* With the magic cookie: branch, sent-by, method and nothing else. */
    {BRANCH, "OPTIONS", "7 OPTIONS", "7 OPTIONS", true},
    {BRANCH, "OPTIONS", BRANCH, "Z9HG4BKMATCH", true}, /* a token: letters without case */
    {BRANCH, "OPTIONS", BRANCH, BRANCH "x", false},
    {BRANCH, "OPTIONS", "192.0.2.1;", "192.0.2.2;", false},
    {BRANCH, "OPTIONS", "192.0.2.1;", "192.0.2.1:5060;", true}, /* the default port */
    {BRANCH, "OPTIONS", "192.0.2.1;", "192.0.2.1:5062;", false},
    {BRANCH, "OPTIONS", "tag=alice", "tag=other", true},
    {BRANCH, "OPTIONS", "Call-ID: 1@", "Call-ID: 2@", true},
    {BRANCH, "OPTIONS", "sip:bob@b.example SIP", "sip:eve@b.example SIP", true},
    /* Without it: Request-URI, tags, Call-ID, CSeq, topmost Via. */
    {NULL, "OPTIONS", "7 OPTIONS", "7 OPTIONS", true},
    {NULL, "OPTIONS", "7 OPTIONS", "8 OPTIONS", false},
    {NULL, "OPTIONS", "Call-ID: 1@", "Call-ID: 2@", false},
    {NULL, "OPTIONS", "sip:bob@b.example SIP", "sip:eve@b.example SIP", false},
    {NULL, "OPTIONS", "sip:bob@b.example SIP", "SIP:bob@B.EXAMPLE SIP", true},
    {NULL, "OPTIONS", "a.example>", "a.example>;tag=1", false},
    {NULL, "OPTIONS", "To: Bob <sip:bob@b.example>", "To: Bob <sip:bob@b.example>;tag=1", false},
    {NULL, "OPTIONS", "From: Alice", "From: \"A. Lice\"", true},
    {NULL, "OPTIONS", "UDP 192.0.2.1", "udp 192.0.2.1:5060", true},
    {NULL, "OPTIONS", "UDP 192.0.2.1", "TCP 192.0.2.1", false},
    {NULL, "OPTIONS", "UDP 192.0.2.1", "UDP 192.0.2.1;maddr=192.0.2.9", false},
    {"1", "OPTIONS", ";branch=1", ";branch=1", true},
    {"1", "OPTIONS", ";branch=1", ";branch=2", false},
    {"1", "OPTIONS", ";branch=1", "", false},
    {"1", "OPTIONS", ";branch=1", ";x=y;branch=1", false},
};

Test(matching, requests)
{
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
        struct bench b;
        cr_assert(bench_open(&b, NULL));
        const char *text =
            with(bench_request(&b, variants[i].method, variants[i].branch, NULL), "CSeq", "CSeq");
        cr_assert_str_eq(bench_receive(&b, text), "U");
        bench_receive(&b, with(text, variants[i].old, variants[i].new));
        cr_expect_eq(transactions_count(&b.t), variants[i].same ? 1 : 2, "%s -> %s",
                     variants[i].old, variants[i].new);
        bench_close(&b);
    }
}

/* The method tells transactions of one branch apart. */
Test(matching, method)
{
    struct bench b;
    cr_assert(bench_open(&b, NULL));
    cr_expect_str_eq(bench_receive(&b, bench_request(&b, "INVITE", BRANCH, NULL)), "U");
    const transaction_id invite = b.id;
    cr_expect_str_eq(bench_receive(&b, bench_request(&b, "OPTIONS", BRANCH, NULL)), "U");
    cr_expect_neq(b.id, invite);
    cr_expect_str_eq(bench_receive(&b, bench_request(&b, "CANCEL", BRANCH, NULL)), "U");
    cr_expect_eq(b.invite, invite);
    cr_expect_eq(transactions_count(&b.t), 3);
    bench_close(&b);
}

/* A CANCEL finds its INVITE by either rules; without one it is passed up with none. */
Test(matching, cancel)
{
    static const char *const branches[] = {BRANCH, "old", NULL};
    for (size_t i = 0; i < 3; i++) {
        struct bench b;
        cr_assert(bench_open(&b, NULL));
        cr_expect_str_eq(bench_receive(&b, bench_request(&b, "CANCEL", branches[i], NULL)), "U");
        cr_expect_eq(b.invite, 0);
        bench_close(&b);

        cr_assert(bench_open(&b, NULL));
        bench_receive(&b, bench_request(&b, "INVITE", branches[i], NULL));
        const transaction_id invite = b.id;
        bench_receive(&b, bench_request(&b, "CANCEL", branches[i], NULL));
        cr_expect_eq(b.invite, invite);
        bench_close(&b);
    }
}

/* The ACK for a 486 by RFC 2543 rules: its To tag is that of the response. */
Test(matching, ack_without_cookie)
{
    struct bench b;
    cr_assert(bench_open(&b, NULL));
    bench_receive(&b, bench_request(&b, "INVITE", NULL, NULL));
    const transaction_id id = b.id;
    bench_respond(&b, id, bench_response(&b, 486, "INVITE", NULL, "bob"));
    cr_expect_str_eq(bench_receive(&b, bench_request(&b, "ACK", NULL, "eve")), "U");
    cr_expect_eq(transactions_state(&b.t, id), STATE_COMPLETED);
    cr_expect_str_eq(bench_receive(&b, bench_request(&b, "ACK", NULL, "bob")), "");
    cr_expect_eq(transactions_state(&b.t, id), STATE_CONFIRMED);
    cr_expect_str_eq(bench_receive(&b, bench_request(&b, "ACK", NULL, "bob")), "");
    /* The INVITE once more is still a retransmission, though it has another To tag than the ACK. */
    cr_expect_str_eq(bench_receive(&b, bench_request(&b, "INVITE", NULL, NULL)), "");
    cr_expect_eq(transactions_count(&b.t), 1);
    bench_close(&b);
}

/* An ACK for nothing goes to the TU and leaves nothing behind. */
Test(matching, ack_for_nothing)
{
    struct bench b;
    cr_assert(bench_open(&b, NULL));
    cr_expect_str_eq(bench_receive(&b, bench_request(&b, "ACK", BRANCH, "bob")), "U");
    cr_expect_eq(b.t.actions[0].id, 0);
    cr_expect_eq(transactions_count(&b.t), 0);
    bench_close(&b);
}

/* ---- Responses ------------------------------------------------------------------------------ */

Test(matching, responses)
{
    struct bench b;
    cr_assert(bench_open(&b, NULL));
    cr_expect_str_eq(bench_receive(&b, bench_response(&b, 200, "OPTIONS", BRANCH, "bob")), "");
    cr_expect_eq(b.result, SIPV_ABSENT);
    cr_expect_str_eq(bench_start(&b, bench_request(&b, "OPTIONS", BRANCH, NULL)), "S");
    bench_receive(&b, bench_response(&b, 200, "OPTIONS", BRANCH "x", "bob"));
    cr_expect_eq(b.result, SIPV_ABSENT, "another branch");
    bench_receive(&b, bench_response(&b, 200, "INFO", BRANCH, "bob"));
    cr_expect_eq(b.result, SIPV_ABSENT, "another method");
    cr_expect_str_eq(bench_receive(&b, bench_response(&b, 200, "OPTIONS", BRANCH, "bob")), "U");
    bench_close(&b);
}

/* The same branch and method a second time would be two transactions with one name. */
Test(matching, taken)
{
    struct bench b;
    cr_assert(bench_open(&b, NULL));
    cr_expect_str_eq(bench_start(&b, bench_request(&b, "OPTIONS", BRANCH, NULL)), "S");
    cr_expect_str_eq(bench_start(&b, bench_request(&b, "OPTIONS", BRANCH, NULL)), "");
    cr_expect_eq(b.result, SIPV_REJECT);
    cr_expect_str_eq(bench_start(&b, bench_request(&b, "ACK", BRANCH, NULL)), "");
    cr_expect_eq(b.result, SIPV_REJECT);
    cr_expect_str_eq(bench_start(&b, bench_request(&b, "CANCEL", BRANCH, NULL)), "");
    cr_expect_eq(b.result, SIPV_REJECT);
    bench_close(&b);
}

/* A TU may only answer what was asked. */
Test(matching, wrong_answers)
{
    struct bench b;
    cr_assert(bench_open(&b, NULL));
    bench_receive(&b, bench_request(&b, "OPTIONS", BRANCH, NULL));
    const transaction_id id = b.id;
    const char *ok = with(bench_response(&b, 200, "OPTIONS", BRANCH, "bob"), "200", "200");
    bench_respond(&b, id, with(ok, "Call-ID: 1@", "Call-ID: 2@"));
    cr_expect_eq(b.result, SIPV_REJECT);
    bench_respond(&b, id, with(ok, "CSeq: 7", "CSeq: 8"));
    cr_expect_eq(b.result, SIPV_REJECT);
    bench_respond(&b, id, bench_request(&b, "OPTIONS", BRANCH, NULL));
    cr_expect_eq(b.result, SIPV_REJECT);
    bench_respond(&b, id + (1u << 24), ok);
    cr_expect_eq(b.result, SIPV_ABSENT);
    cr_expect_str_eq(bench_respond(&b, id, ok), "S");
    bench_respond(&b, id, ok);
    cr_expect_eq(b.result, SIPV_REJECT);
    bench_close(&b);
}

/* ---- The ACK of a client -------------------------------------------------------------------- */

Test(matching, ack_of_client)
{
    struct bench b;
    cr_assert(bench_open(&b, NULL));
    const char *invite = with(bench_request(&b, "INVITE", BRANCH, NULL), "Max-Forwards: 70",
                              "Route: <sip:p1.example;lr>,\r\n <sip:p2.example;lr>\r\n"
                              "Route: <sip:p3.example;lr>\r\nMax-Forwards: 70\r\nX-Free: x");
    bench_start(&b, invite);
    cr_expect_str_eq(bench_receive(&b, bench_response(&b, 486, "INVITE", BRANCH, "bob")), "SU");
    cr_expect_str_eq(b.sent, "ACK sip:bob@b.example SIP/2.0\r\n"
                             "Via: SIP/2.0/UDP 192.0.2.1;branch=" BRANCH "\r\n"
                             "Max-Forwards: 70\r\n"
                             "Route: <sip:p1.example;lr>,  <sip:p2.example;lr>\r\n"
                             "Route: <sip:p3.example;lr>\r\n"
                             "From: Alice <sip:alice@a.example>;tag=alice\r\n"
                             "Call-ID: 1@192.0.2.1\r\n"
                             "To: Bob <sip:bob@b.example>;tag=bob\r\n"
                             "CSeq: 7 ACK\r\n"
                             "Content-Length: 0\r\n\r\n");
    cr_expect(bench_parse(&b, b.sent)->accepted);
    bench_close(&b);
}

/* ---- The documented messages, which have neither branch nor From tag
 * ----------------------------- */

#define DOCUMENTED "corpus/documented/"

static char *document(const char *name)
{
    char path[256];
    size_t n;
    snprintf(path, sizeof path, DOCUMENTED "%s.repaired.sip", name);
    char *text = (char *)file_read(path, &n);
    cr_assert(text, "%s", path);
    return text;
}

Test(matching, documented)
{
    static const struct {
        const char *request, *response, *method;
    } pairs[] = {
        {"01-register", "02-401-unauthorized", "REGISTER"},
        {"03-register-credentials", "04-200-registered", "REGISTER"},
        {"05-invite-client1", "06-100-pstest", "INVITE"},
        {"05-invite-client1", "11-200-answered.hop3", "INVITE"},
        {"07-invite-pstest", "08-100-server", "INVITE"},
        {"07-invite-pstest", "10-180-ringing.hop2", "INVITE"},
        {"09-invite-server", "11-200-answered.hop1", "INVITE"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct bench client, server;
        char *request = document(pairs[i].request), *response = document(pairs[i].response);
        cr_assert(bench_open(&client, NULL));
        cr_assert(bench_open(&server, NULL));
        cr_expect_str_eq(bench_start(&client, request), "S");
        cr_expect_str_eq(bench_receive(&server, request), "U");
        const transaction_id id = server.id;
        bench_receive(&server, request);
        cr_expect_eq(transactions_count(&server.t), 1, "%s is a retransmission", pairs[i].request);
        cr_expect_str_eq(bench_respond(&server, id, response), "S", "%s", pairs[i].response);
        cr_expect_str_eq(bench_receive(&client, response), "U", "%s", pairs[i].response);
        bench_rest(&client);
        bench_close(&client);
        bench_close(&server);
        free(request);
        free(response);
    }
}
