/* received, rport, and where responses go: RFC 3261 sections 18.2.1, 18.2.2, RFC 3581 section 4. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <topmost.h>

static struct topmost *t;

static void open_it(void)
{
    t = topmost_new();
    cr_assert(t);
}

static void close_it(void)
{
    topmost_free(t);
}

TestSuite(topmost, .init = open_it, .fini = close_it);

static const struct {
    const char *via;   /* sent by 192.0.2.7:5070 */
    const char *after; /* NULL: nothing is added */
} requests[] = {
    {"192.0.2.7;branch=z9hG4bKx", NULL},
    {"192.0.2.7:5070", NULL},
    {"192.0.2.7:5060", NULL},
    {"a.example;branch=x", "a.example;received=192.0.2.7;branch=x"},
    {"a.example", "a.example;received=192.0.2.7"},
    {"a.example:5070 ;x , SIP/2.0/UDP b", "a.example:5070;received=192.0.2.7 ;x , SIP/2.0/UDP b"},
    {"192.0.2.7;rport;branch=x", "192.0.2.7;received=192.0.2.7;rport=5070;branch=x"},
    {"192.0.2.7;branch=x;RPORT", "192.0.2.7;received=192.0.2.7;branch=x;RPORT=5070"},
    {"a.example;received=9.9.9.9;rport", "a.example;received=192.0.2.7;rport=5070"},
    {"a.example;rport=1;received=9.9.9.9", "a.example;rport=5070;received=192.0.2.7"},
    {"192.0.2.7;received=9.9.9.9", "192.0.2.7;received=192.0.2.7"},
    {"[2001:db8::1]", "[2001:db8::1];received=192.0.2.7"},
};

static sipv_slice request(const char *via, char *text, size_t cap)
{
    const int n = snprintf(text, cap,
                           "OPTIONS sip:x@y SIP/2.0\r\nf: <sip:a@b>;tag=1\r\nv: SIP/2.0/UDP %s\r\n"
                           "Content-Length: 2\r\n\r\n\r\n",
                           via);
    return sipv_slice_of(text, (size_t)n);
}

Test(topmost, requests)
{
    const struct hop source = {HOP_UDP, "192.0.2.7", 5070};
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        char before[512], after[512];
        sipv_slice out = {NULL, 0};
        const sipv_slice octets = request(requests[i].via, before, sizeof before);
        const int result = topmost_received(t, octets, &source, &out);
        cr_expect_eq(result, requests[i].after ? SIPV_OK : SIPV_ABSENT, "%s", requests[i].via);
        if (result == SIPV_OK)
            cr_expect(sipv_slice_equal(out, request(requests[i].after, after, sizeof after)),
                      "%.*s", (int)out.n, (const char *)out.p);
    }
}

Test(topmost, an_ipv6_source)
{
    const struct hop source = {HOP_TCP, "2001:db8::1", 40000};
    char text[512];
    sipv_slice out;
    cr_expect_eq(
        topmost_received(t, request("[2001:db8::1]:5060", text, sizeof text), &source, &out),
        SIPV_ABSENT);
    cr_expect_eq(topmost_received(t, request("[2001:db8::2]", text, sizeof text), &source, &out),
                 SIPV_OK);
    cr_expect(strstr((const char *)out.p, "[2001:db8::2];received=2001:db8::1\r\n"));
}

static const struct {
    const char *via;
    const char *hop; /* NULL: refused */
} responses[] = {
    {"SIP/2.0/UDP 192.0.2.7", "UDP 192.0.2.7:5060"},
    {"SIP/2.0/UDP A.Example:5070;branch=x", "UDP a.example:5070"},
    {"SIP/2.0/UDP a.example:5070;received=192.0.2.7", "UDP 192.0.2.7:5070"},
    {"SIP/2.0/UDP a.example:5070;received=192.0.2.7;rport=6000", "UDP 192.0.2.7:6000"},
    {"SIP/2.0/UDP a.example:5070;received=2001:db8::1;rport", "UDP [2001:db8::1]:5070"},
    {"SIP/2.0/UDP a.example;maddr=239.1.1.1;received=192.0.2.7;rport=7", "UDP 239.1.1.1:5060"},
    {"SIP/2.0/TLS a.example", "TLS a.example:5061"},
    {"SIP/2.0/TCP [2001:db8::1]:7", "TCP [2001:db8::1]:7"},
    {"SIP/2.0/UDP a.example, SIP/2.0/UDP b.example", "UDP a.example:5060"},
    {"SIP/2.0/SCTP a.example", NULL},
    {"SIP/2.0/UDP a.example;rport=65536", NULL},
    {"SIP/2.0/UDP", NULL},
};

Test(topmost, responses)
{
    for (size_t i = 0; i < sizeof responses / sizeof *responses; i++) {
        char text[512], hostport[HOP_TEXT], seen[HOP_TEXT + 8];
        struct hop hop;
        snprintf(text, sizeof text, "SIP/2.0 200 OK\r\nVia: %s\r\n\r\n", responses[i].via);
        const int result = topmost_response_hop(t, sipv_slice_text(text), &hop);
        cr_expect_eq(result, responses[i].hop ? SIPV_OK : SIPV_REJECT, "%s", responses[i].via);
        if (result != SIPV_OK || !responses[i].hop)
            continue;
        hop_hostport(&hop, hostport);
        snprintf(seen, sizeof seen, "%s %s", hop_transport_name(hop.transport), hostport);
        cr_expect_str_eq(seen, responses[i].hop);
    }
}

/* Where a connection is opened if that of the request is gone. */
Test(topmost, connection_hops)
{
    const struct {
        const char *via, *first, *second; /* NULL: not so many */
    } cases[] = {
        {"TCP a.example:5070;received=192.0.2.7;rport=6000", "192.0.2.7:5070", "a.example:5070"},
        {"TCP 192.0.2.7;received=192.0.2.7", "192.0.2.7:5060", NULL},
        {"TCP [::1]:7", "[::1]:7", NULL},
        {"TCP", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hop hops[TOPMOST_HOPS];
        char text[256], seen[HOP_TEXT];
        snprintf(text, sizeof text, "SIP/2.0 200 OK\r\nVia: SIP/2.0/%s\r\n\r\n", cases[i].via);
        const size_t n = topmost_connection_hops(t, sipv_slice_text(text), HOP_TCP, hops);
        cr_expect_eq(n, (size_t)(cases[i].first != NULL) + (cases[i].second != NULL));
        for (size_t k = 0; k < n; k++) {
            hop_hostport(&hops[k], seen);
            cr_expect_str_eq(seen, k == 0 ? cases[i].first : cases[i].second);
            cr_expect_eq(hops[k].transport, HOP_TCP);
        }
    }
}

Test(topmost, sent_by)
{
    const char *const text =
        "SIP/2.0 200 OK\r\nv: SIP/2.0/TLS A.example;received=192.0.2.7\r\n\r\n";
    struct hop hop;
    cr_expect_eq(topmost_sent_by(t, sipv_slice_text(text), &hop), SIPV_OK);
    cr_expect_str_eq(hop.host, "a.example");
    cr_expect_eq(hop.port, 5061);
    cr_expect_eq(topmost_sent_by(t, sipv_slice_text("SIP/2.0 200 OK\r\n\r\n"), &hop), SIPV_REJECT);
}

Test(topmost, another_transport)
{
    char before[512], after[512];
    sipv_slice out;
    cr_expect_eq(topmost_move(t, request("a:5070;branch=x", before, sizeof before), HOP_TCP, &out),
                 SIPV_OK);
    snprintf(after, sizeof after, "%.*s", (int)out.n, (const char *)out.p);
    cr_expect(strstr(after, "v: SIP/2.0/TCP a:5070;branch=x\r\n"), "%s", after);
    cr_expect_eq(out.n, strlen(before));
    cr_expect_eq(topmost_move(t, sipv_slice_text("x"), HOP_TCP, &out), SIPV_REJECT);
}

/* Neither takes what the other is for, nor what is no message. */
Test(topmost, others)
{
    static const char *const bad[] = {"",
                                      "x",
                                      "\r\n\r\n",
                                      "SIP/2.0 200 OK",
                                      "OPTIONS sip:x SIP/2.0\r\n\r\n",
                                      "SIP/2.0 200 OK\r\nVia: \r\n\r\n"};
    const struct hop source = {HOP_UDP, "192.0.2.7", 5070};
    char text[512];
    struct hop hop;
    sipv_slice out;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_eq(topmost_received(t, sipv_slice_text(bad[i]), &source, &out), SIPV_REJECT);
        cr_expect_eq(topmost_response_hop(t, sipv_slice_text(bad[i]), &hop), SIPV_REJECT);
    }
    cr_expect_eq(topmost_response_hop(t, request("a", text, sizeof text), &hop), SIPV_ABSENT);
    cr_expect_eq(topmost_received(t,
                                  sipv_slice_text("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a\r\n\r\n"),
                                  &source, &out),
                 SIPV_ABSENT);
}
