/* A proxy step by step: RFC 3261 section 16.3 to 16.6, and what it answers itself. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "relay.h"

#define ALICE "udp:192.0.2.1:5060"
#define BOB "udp:192.0.2.2:5060"

static struct relay r;

static void start(const struct proxy_settings *settings)
{
    cr_assert(relay_open(&r, settings));
}

static void finish(void)
{
    relay_wait(&r, 1000000);
    cr_expect_eq(proxy_contexts(&r.proxy), 0);
    cr_expect_eq(proxy_branches(&r.proxy), 0);
    cr_expect_eq(proxy_transactions(&r.proxy), 0);
    cr_expect_eq(proxy_octets(&r.proxy), 0);
    relay_close(&r);
}

/* ---- 16.3: request validation ---------------------------------------------------------------- */

static const struct {
    const char *method, *uri, *lines;
    const char *did;  /* without the 100 */
    const char *line; /* of the answer; NULL: none is asked for */
} validation[] = {
    {"OPTIONS", "sip:bob@192.0.2.2", "", "OPTIONS " BOB, "Max-Forwards: 69"},
    {"OPTIONS", "sip:bob@192.0.2.2", "Max-Forwards: 1\n", "OPTIONS " BOB, "Max-Forwards: 0"},
    {"OPTIONS", "sip:bob@192.0.2.2", "Max-Forwards: 0\n", "483 " ALICE, NULL},
    {"MESSAGE", "sip:bob@192.0.2.2", "Max-Forwards: 0\n", "483 " ALICE, NULL},
    {"OPTIONS", "http://192.0.2.2/", "", "416 " ALICE, NULL},
    {"OPTIONS", "tel:+1-201-555-0123", "", "416 " ALICE, NULL},
    {"OPTIONS", "tel:+1-201-555-0123", "Route: <sip:192.0.2.2;lr>\n", "OPTIONS " BOB, NULL},
    {"OPTIONS", "sip:bob@192.0.2.2", "Proxy-Require: foo, bar\nProxy-Require: baz\n", "420 " ALICE,
     "Unsupported: foo, bar"},
    {"OPTIONS", "sip:bob@192.0.2.2", "Require: foo\n", "OPTIONS " BOB, "Require: foo"},
    {"OPTIONS", "sip:bob@192.0.2.2", "Max-Breadth: 0\n", "440 " ALICE, NULL},
    {"OPTIONS", "sip:bob@192.0.2.2", "Max-Breadth: 7\n", "OPTIONS " BOB, "Max-Breadth: 7"},
    {"OPTIONS", "sip:bob@192.0.2.2", "Max-Breadth: 700\n", "OPTIONS " BOB, "Max-Breadth: 60"},
    {"OPTIONS", "sip:bob@192.0.2.2", "", "OPTIONS " BOB, "Max-Breadth: 60"},
    /* What a proxy does not use may be anything. */
    {"OPTIONS", "sip:bob@192.0.2.2", "Date: yesterday\n", "OPTIONS " BOB, "Date: yesterday"},
    {"OPTIONS", "sip:bob@192.0.2.2", "Route: oops;\n", "400 " ALICE, NULL},
    {"OPTIONS", "sip:bob@192.0.2.2", "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKother\n",
     "OPTIONS " BOB, NULL},
    {"OPTIONS", "sip:bob@192.0.2.10", "", "404 " ALICE, NULL},
    {"OPTIONS", "sip:192.0.2.10", "", "200 " ALICE, "Allow: OPTIONS"},
    {"OPTIONS", "sip:192.0.2.10", "Max-Forwards: 0\n", "200 " ALICE, "Accept:"},
    {"REGISTER", "sip:192.0.2.10", "", "404 " ALICE, NULL},
    {"ACK", "sip:bob@192.0.2.2", "Max-Forwards: 0\n", "", NULL},
    {"ACK", "sip:bob@192.0.2.2", "", "ACK " BOB, "Max-Forwards: 69"},
    {"ACK", "sip:bob@192.0.2.2", "Proxy-Require: foo\n", "ACK " BOB, "Proxy-Require: foo"},
};

Test(proxy, validates_requests)
{
    for (size_t i = 0; i < sizeof validation / sizeof *validation; i++) {
        start(NULL);
        relay_receive(
            &r, ALICE,
            relay_request(&r, validation[i].method, validation[i].uri, validation[i].lines));
        cr_expect_str_eq(r.did, validation[i].did, "%s %s %s: %s", validation[i].method,
                         validation[i].uri, validation[i].lines, r.did);
        if (validation[i].line)
            cr_expect(strstr(r.sent[0].text, validation[i].line), "%s: %s", validation[i].line,
                      r.sent[0].text);
        finish();
    }
}

static const struct {
    const char *text, *did;
} malformed[] = {
    {"OPTIONS sip:bob@192.0.2.2 SIP/3.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\n"
     "From: <sip:a@a.example>;tag=1\nTo: <sip:b@b.example>\nCall-ID: 1\nCSeq: 1 OPTIONS\n\n",
     "505 " ALICE},
    {"OPTIONS sip:bob@192.0.2.2 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\n"
     "From: <sip:a@a.example>;tag=1\nTo: <sip:b@b.example>\nCall-ID: 1\nCSeq: 1 INVITE\n\n",
     "400 " ALICE},
    {"OPTIONS sip:bob@192.0.2.2 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\n"
     "From: <sip:a@a.example>;tag=1\nTo: <sip:b@b.example>\nCall-ID: 1\nCSeq: 1 OPTIONS\n"
     "Content-Length: 7\n\n",
     "400 " ALICE},
    {"ACK sip:bob@192.0.2.2 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\n"
     "From: <sip:a@a.example>;tag=1\nTo: <sip:b@b.example>\nCall-ID: 1\nCSeq: 1 OPTIONS\n\n",
     ""},
    {"OPTIONS sip:bob@192.0.2.2 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\n"
     "From: <sip:a@a.example>;tag=1\nCall-ID: 1\nCSeq: 1 OPTIONS\n\n",
     ""},
    {"SIP/2.0 200 OK\nVia: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK1\n\n", ""},
    {"\n\n", ""},
    {"", ""},
    {"GET / HTTP/1.1\n\n", ""},
};

Test(proxy, answers_what_is_malformed_if_it_can)
{
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        start(NULL);
        relay_receive(&r, ALICE, malformed[i].text);
        cr_expect_str_eq(r.did, malformed[i].did, "%zu: %s", i, r.did);
        finish();
    }
}

/* The ACK for an answer without state goes no further. */
Test(proxy, keeps_the_ack_for_its_own_answers)
{
    char text[2048];
    start(NULL);
    relay_receive(&r, ALICE,
                  "INVITE sip:bob@192.0.2.2 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\n"
                  "From: <sip:a@a.example>;tag=1\nTo: <sip:b@b.example>\nCall-ID: 1\n"
                  "CSeq: 1 INVITE\nContent-Length: 7\n\n");
    cr_assert_str_eq(r.did, "400 " ALICE);
    snprintf(text, sizeof text,
             "ACK sip:bob@192.0.2.2 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\n"
             "From: <sip:a@a.example>;tag=1\nTo: %s\nCall-ID: 1\n"
             "CSeq: 1 ACK\nContent-Length: 0\n\n",
             relay_value(r.sent[0].text, "To", 0));
    relay_receive(&r, ALICE, text);
    cr_expect_str_eq(r.did, "");
    finish();
}

/* ---- 16.3 item 4: loops, and spirals that are none --------------------------------------------
 */

Test(proxy, finds_loops)
{
    start(NULL);
    relay_receive(&r, ALICE, relay_request(&r, "OPTIONS", "sip:bob@192.0.2.2", ""));
    const char *behind_uri = strchr(r.sent[0].text + strlen("OPTIONS "), ' ');
    char text[RELAY_TEXT], rest[2048];
    snprintf(rest, sizeof rest, "%s", strchr(behind_uri, '\n') + 1);
    snprintf(text, sizeof text,
             "OPTIONS sip:bob@192.0.2.2 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKa\n%s",
             rest);
    relay_receive(&r, BOB, text);
    cr_expect_str_eq(r.did, "482 " BOB, "%s", r.did);
    /* To another place it is a spiral. */
    snprintf(text, sizeof text,
             "OPTIONS sip:bob@192.0.2.3 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKb\n%s",
             rest);
    relay_receive(&r, BOB, text);
    cr_expect_str_eq(r.did, "OPTIONS udp:192.0.2.3:5060", "%s", r.did);
    finish();
}

/* ---- 16.4 and 16.6: routes --------------------------------------------------------------------
 */

static const struct {
    const char *name, *uri, *lines;
    const char *did, *start;
    const char *route; /* all that is left, joined by " | " */
} routes[] = {
    {"none", "sip:bob@192.0.2.2", "", "OPTIONS " BOB, "OPTIONS sip:bob@192.0.2.2 SIP/2.0", ""},
    {"a loose one", "sip:bob@192.0.2.2", "Route: <sip:192.0.2.3;lr>\n",
     "OPTIONS udp:192.0.2.3:5060", "OPTIONS sip:bob@192.0.2.2 SIP/2.0", "<sip:192.0.2.3;lr>"},
    {"our own", "sip:bob@192.0.2.2", "Route: <sip:192.0.2.10;lr>\n", "OPTIONS " BOB,
     "OPTIONS sip:bob@192.0.2.2 SIP/2.0", ""},
    {"our own, then another", "sip:bob@192.0.2.2",
     "Route: \"a, <b>\" <sip:192.0.2.10;lr>;x=\"1,2\" , <sip:192.0.2.3;lr>\n",
     "OPTIONS udp:192.0.2.3:5060", "OPTIONS sip:bob@192.0.2.2 SIP/2.0", "<sip:192.0.2.3;lr>"},
    {"in lines", "sip:bob@192.0.2.2",
     "Route: <sip:192.0.2.10;lr>\nRoute: <sip:192.0.2.3;lr>, <sip:192.0.2.4;lr>\n",
     "OPTIONS udp:192.0.2.3:5060", "OPTIONS sip:bob@192.0.2.2 SIP/2.0",
     "<sip:192.0.2.3;lr>, <sip:192.0.2.4;lr>"},
    {"both of ours where transports meet", "sip:bob@192.0.2.2",
     "Route: <sip:192.0.2.10;lr>, <sip:192.0.2.10:5061;transport=tls;lr>\n", "OPTIONS " BOB,
     "OPTIONS sip:bob@192.0.2.2 SIP/2.0", ""},
    {"another port of ours", "sip:bob@192.0.2.2", "Route: <sip:192.0.2.10:5070;lr>\n",
     "OPTIONS udp:192.0.2.10:5070", "OPTIONS sip:bob@192.0.2.2 SIP/2.0",
     "<sip:192.0.2.10:5070;lr>"},
    {"to a strict router", "sip:bob@192.0.2.2", "Route: <sip:192.0.2.3>, <sip:192.0.2.4;lr>\n",
     "OPTIONS udp:192.0.2.3:5060", "OPTIONS sip:192.0.2.3 SIP/2.0",
     "<sip:192.0.2.4;lr> | <sip:bob@192.0.2.2>"},
    {"to a strict router alone", "sip:bob@192.0.2.2", "Route: <sip:192.0.2.3>\n",
     "OPTIONS udp:192.0.2.3:5060", "OPTIONS sip:192.0.2.3 SIP/2.0", "<sip:bob@192.0.2.2>"},
    {"from a strict router", "sip:192.0.2.10;lr",
     "Route: <sip:192.0.2.3;lr>, <sip:bob@192.0.2.2>\n", "OPTIONS udp:192.0.2.3:5060",
     "OPTIONS sip:bob@192.0.2.2 SIP/2.0", "<sip:192.0.2.3;lr>"},
    {"from a strict router, the last", "sip:192.0.2.10;lr", "Route: <sip:bob@192.0.2.2>\n",
     "OPTIONS " BOB, "OPTIONS sip:bob@192.0.2.2 SIP/2.0", ""},
    {"from a strict router to another", "sip:192.0.2.10;lr",
     "Route: <sip:192.0.2.3>\nRoute: <sip:bob@192.0.2.2>\n", "OPTIONS udp:192.0.2.3:5060",
     "OPTIONS sip:192.0.2.3 SIP/2.0", "<sip:bob@192.0.2.2>"},
    {"our maddr", "sip:bob@192.0.2.2;maddr=192.0.2.10;x=y", "", "OPTIONS " BOB,
     "OPTIONS sip:bob@192.0.2.2;x=y SIP/2.0", ""},
    {"another's maddr", "sip:bob@192.0.2.2;maddr=192.0.2.3", "", "OPTIONS udp:192.0.2.3:5060",
     "OPTIONS sip:bob@192.0.2.2;maddr=192.0.2.3 SIP/2.0", ""},
    {"our maddr, another transport", "sip:bob@192.0.2.2;maddr=192.0.2.10;transport=tcp", "",
     "OPTIONS tcp:192.0.2.10:5060",
     "OPTIONS sip:bob@192.0.2.2;maddr=192.0.2.10;transport=tcp SIP/2.0", ""},
    {"over TCP", "sip:bob@192.0.2.2;transport=tcp", "", "OPTIONS tcp:192.0.2.2:5060",
     "OPTIONS sip:bob@192.0.2.2;transport=tcp SIP/2.0", ""},
    {"over TLS", "sips:bob@192.0.2.2", "", "OPTIONS tls:192.0.2.2:5061",
     "OPTIONS sips:bob@192.0.2.2 SIP/2.0", ""},
    {"a SIPS URI by a SIP route", "sips:bob@192.0.2.2", "Route: <sip:192.0.2.3;lr>\n",
     "OPTIONS tls:192.0.2.3:5061", "OPTIONS sips:bob@192.0.2.2 SIP/2.0", "<sip:192.0.2.3;lr>"},
    {"an IPv6 address", "sip:bob@[2001:db8::2]:5070", "", "OPTIONS udp:[2001:db8::2]:5070",
     "OPTIONS sip:bob@[2001:db8::2]:5070 SIP/2.0", ""},
    {"no hop", "sip:bob@192.0.2.2;transport=sctp", "", "500 " ALICE, "SIP/2.0 500", ""},
};

static void join_routes(const char *text, char *out, size_t cap)
{
    const char *value;
    out[0] = 0;
    for (size_t i = 0; *(value = relay_value(text, "Route", i)); i++) {
        const size_t n = strlen(out);
        snprintf(out + n, cap - n, "%s%s", i ? " | " : "", value);
    }
}

Test(proxy, follows_routes)
{
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        char left[1024];
        start(NULL);
        relay_receive(&r, ALICE, relay_request(&r, "OPTIONS", routes[i].uri, routes[i].lines));
        cr_expect_str_eq(r.did, routes[i].did, "%s: %s", routes[i].name, r.did);
        const char *text = r.sent[r.n_sent - 1].text;
        join_routes(text, left, sizeof left);
        cr_expect(strncmp(text, routes[i].start, strlen(routes[i].start)) == 0, "%s: %s",
                  routes[i].name, text);
        cr_expect_str_eq(left, routes[i].route, "%s: %s", routes[i].name, left);
        finish();
    }
}

/* ---- 16.6: the copy -------------------------------------------------------------------------- */

/* All that it changes, and nothing else. */
Test(proxy, keeps_the_rest_octet_for_octet)
{
    char expected[RELAY_TEXT];
    start(NULL);
    relay_receive(&r, ALICE,
                  "MESSAGE sip:bob@192.0.2.2 SIP/2.0\n"
                  "X-First:  odd \n"
                  "v: SIP/2.0/UDP 192.0.2.1:5060 ; branch = z9hG4bK1 , SIP/2.0/TCP x.example\n"
                  "f: sip:alice@a.example;tag=1\nt: <sip:bob@b.example>\ni: 1\n"
                  "cseq:   0007\n MESSAGE\n"
                  "max-forwards:   12\n"
                  "Subject: one\n\ttwo\n"
                  "l: 5\nc: text/plain\n\nhello");
    cr_assert_str_eq(r.did, "MESSAGE " BOB, "%s", r.did);
    const char *text = r.sent[0].text;
    snprintf(expected, sizeof expected,
             "MESSAGE sip:bob@192.0.2.2 SIP/2.0\r\n"
             "Max-Breadth: 60\r\n"
             "X-First:  odd \r\n"
             "Via: %s\r\n"
             "v: SIP/2.0/UDP 192.0.2.1:5060 ; branch = z9hG4bK1 , SIP/2.0/TCP x.example\r\n"
             "f: sip:alice@a.example;tag=1\r\nt: <sip:bob@b.example>\r\ni: 1\r\n"
             "cseq:   0007\r\n MESSAGE\r\n"
             "Max-Forwards: 11\r\n"
             "Subject: one\r\n\ttwo\r\n"
             "l: 5\r\nc: text/plain\r\n\r\nhello",
             relay_value(text, "Via", 0));
    cr_expect_str_eq(text, expected);
    finish();
}

Test(proxy, adds_what_is_missing)
{
    start(NULL);
    relay_receive(&r, ALICE,
                  "MESSAGE sip:bob@192.0.2.2;transport=tcp SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1\n"
                  "From: <sip:a@a.example>\nTo: <sip:b@b.example>\nCall-ID: 1\nCSeq: 1 MESSAGE\n"
                  "\nhello");
    cr_assert_str_eq(r.did, "MESSAGE tcp:192.0.2.2:5060", "%s", r.did);
    cr_expect_str_eq(relay_value(r.sent[0].text, "Max-Forwards", 0), "70");
    cr_expect_str_eq(relay_value(r.sent[0].text, "Content-Length", 0), "5");
    cr_expect(strncmp(relay_value(r.sent[0].text, "Via", 0),
                      "SIP/2.0/TCP 192.0.2.10:5060;branch=z9hG4bK", 42) == 0);
    finish();
}

/* Section 18.1.1: over TCP what is too large, over UDP if that fails. */
Test(proxy, large_requests_go_over_tcp)
{
    char lines[1600] = "Subject: ";
    memset(lines + 9, 'x', 1300);
    strcpy(lines + 1309, "\n");
    start(NULL);
    relay_receive(&r, ALICE, relay_request(&r, "OPTIONS", "sip:bob@192.0.2.2", lines));
    cr_expect_str_eq(r.did, "OPTIONS tcp:192.0.2.2:5060", "%s", r.did);
    relay_fail(&r, "tcp:192.0.2.2:5060");
    cr_expect_str_eq(r.did, "OPTIONS " BOB, "%s", r.did);
    cr_expect(strstr(r.sent[0].text, "Via: SIP/2.0/UDP 192.0.2.10:5060"));
    finish();
    start(NULL);
    r.listens[HOP_TCP] = false;
    relay_receive(&r, ALICE, relay_request(&r, "OPTIONS", "sip:bob@192.0.2.2", lines));
    cr_expect_str_eq(r.did, "OPTIONS " BOB, "%s", r.did);
    cr_expect(strstr(r.sent[0].text, "Via: SIP/2.0/UDP 192.0.2.10:5060"));
    finish();
}

/* What readers of a stream may see the end of elsewhere goes by no stream: others use it too. */
Test(proxy, bare_line_feeds_go_over_no_stream)
{
    static const struct {
        const char *uri, *did;
    } ways[] = {{"sip:bob@192.0.2.2", "MESSAGE " BOB},
                {"sip:bob@192.0.2.2;transport=tcp", "400 " ALICE}};
    for (size_t i = 0; i < 2; i++) {
        char text[1024];
        start(NULL);
        snprintf(text, sizeof text,
                 "MESSAGE %s SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\n"
                 "From: <sip:a@a.example>;tag=1\nTo: <sip:b@b.example>\nCall-ID: 1\n"
                 "CSeq: 1 MESSAGE\nMax-Forwards: 70\nContent-Length: 0\n\n",
                 ways[i].uri);
        relay_receive(&r, ALICE, ""); /* so that it is a peer */
        relay_receive_octets(&r, ALICE, sipv_slice_text(text));
        cr_expect_str_eq(r.did, ways[i].did, "%s: %s", ways[i].uri, r.did);
        finish();
    }
}

/* Section 18.3: over a stream a response has its length. */
Test(proxy, responses_over_streams_have_a_length)
{
    char text[RELAY_TEXT];
    start(NULL);
    relay_receive(&r, "tcp:192.0.2.1:5060",
                  "MESSAGE sip:bob@192.0.2.2 SIP/2.0\n"
                  "Via: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bK1, SIP/2.0/UDP x.example\n"
                  "From: <sip:a@a.example>;tag=1\nTo: <sip:b@b.example>\nCall-ID: 1\n"
                  "CSeq: 1 MESSAGE\nMax-Forwards: 70\nContent-Length: 0\n\n");
    cr_assert_str_eq(r.did, "MESSAGE " BOB, "%s", r.did);
    snprintf(text, sizeof text,
             "SIP/2.0 200 OK\nVia: %s, SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bK1, "
             "SIP/2.0/UDP x.example\nFrom: <sip:a@a.example>;tag=1\n"
             "To: <sip:b@b.example>;tag=2\nCall-ID: 1\nCSeq: 1 MESSAGE\n\nbody",
             relay_value(r.sent[0].text, "Via", 0));
    relay_receive(&r, BOB, text);
    cr_expect_str_eq(r.did, "200 tcp:192.0.2.1:5060", "%s", r.did);
    cr_expect_str_eq(r.sent[0].text,
                     "SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bK1, "
                     "SIP/2.0/UDP x.example\r\nFrom: <sip:a@a.example>;tag=1\r\n"
                     "To: <sip:b@b.example>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 MESSAGE\r\n"
                     "Content-Length: 4\r\n\r\nbody");
    finish();
}

/* ---- 16.6 item 4: Record-Route ----------------------------------------------------------------
 */

static const struct {
    const char *peer, *uri;
    bool wanted;
    const char *value;
} record_routes[] = {
    {ALICE, "sip:bob@192.0.2.2", false, ""},
    {ALICE, "sip:bob@192.0.2.2", true, "<sip:192.0.2.10;lr>"},
    {"tcp:192.0.2.1:5060", "sip:bob@192.0.2.2", true, "<sip:192.0.2.10;lr>"},
    {"tls:192.0.2.1:5061", "sips:bob@192.0.2.2", true, "<sips:192.0.2.10;lr>"},
    {ALICE, "sips:bob@192.0.2.2", false, "<sips:192.0.2.10;lr>, <sip:192.0.2.10;lr>"},
    {"tls:192.0.2.1:5061", "sip:bob@192.0.2.2", false,
     "<sip:192.0.2.10;lr>, <sip:192.0.2.10;transport=tls;lr>"},
};

Test(proxy, records_routes)
{
    for (size_t i = 0; i < sizeof record_routes / sizeof *record_routes; i++) {
        struct proxy_settings s = relay_settings();
        s.record_route = record_routes[i].wanted;
        start(&s);
        relay_receive(&r, record_routes[i].peer,
                      relay_request(&r, "OPTIONS", record_routes[i].uri,
                                    "Record-Route: <sip:p.example;lr>\n"));
        const char *value = relay_value(r.sent[0].text, "Record-Route", 0);
        if (*record_routes[i].value) {
            cr_expect_str_eq(value, record_routes[i].value, "%zu: %s", i, value);
            value = relay_value(r.sent[0].text, "Record-Route", 1);
        }
        cr_expect_str_eq(value, "<sip:p.example;lr>");
        finish();
    }
}

/* ---- 16.6 items 6 and 7: a next hop by policy --------------------------------------------------
 */

Test(proxy, hands_on_to_the_next)
{
    struct proxy_settings s = relay_settings();
    s.next = "sip:192.0.2.20;lr";
    start(&s);
    relay_receive(&r, ALICE, relay_request(&r, "OPTIONS", "sip:bob@b.example", ""));
    cr_expect_str_eq(r.did, "OPTIONS udp:192.0.2.20:5060", "%s", r.did);
    cr_expect_str_eq(relay_value(r.sent[0].text, "Route", 0), "");
    relay_receive(&r, ALICE,
                  relay_request(&r, "OPTIONS", "sip:bob@b.example", "Route: <sip:192.0.2.3;lr>\n"));
    cr_expect_str_eq(r.did, "OPTIONS udp:192.0.2.3:5060", "%s", r.did);
    finish();
    s.next_as_route = true;
    start(&s);
    relay_receive(&r, ALICE, relay_request(&r, "OPTIONS", "sip:bob@b.example", ""));
    cr_expect_str_eq(r.did, "OPTIONS udp:192.0.2.20:5060", "%s", r.did);
    cr_expect_str_eq(relay_value(r.sent[0].text, "Route", 0), "<sip:192.0.2.20;lr>");
    finish();
}
