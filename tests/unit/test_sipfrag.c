/* message/sipfrag (RFC 3420): any part of a message, nothing is mandatory. */
#include <criterion/criterion.h>
#include <string.h>

#include <sipvet/parser.h>

#include "fence.h"

static const struct {
    const char *text;
    int result;
    sipv_kind kind;
    size_t headers, body;
} cases[] = {
    /* the examples of RFC 3420 section 3 in spirit: a status line alone is the usual one */
    {"SIP/2.0 200 OK\r\n", SIPV_OK, SIPV_RESPONSE, 0, 0},
    {"SIP/2.0 100 Trying", SIPV_OK, SIPV_RESPONSE, 0, 0},
    {"INVITE sip:a@example.com SIP/2.0\r\nFrom: <sip:b@example.com>;tag=1\r\n", SIPV_OK,
     SIPV_REQUEST, 1, 0},
    {"From: <sip:b@example.com>;tag=1\r\nTo: <sip:a@example.com>\r\n", SIPV_OK, SIPV_NO_MESSAGE, 2,
     0},
    {"Content-Type: text/plain\r\n\r\nhello", SIPV_OK, SIPV_NO_MESSAGE, 1, 5},
    {"SIP/2.0 603 Declined\r\nReason: SIP;cause=603\r\n\r\n", SIPV_OK, SIPV_RESPONSE, 1, 0},
    {"", SIPV_OK, SIPV_NO_MESSAGE, 0, 0},
    {"SIP/2.0 99 Low\r\n", SIPV_REJECT, SIPV_RESPONSE, 0, 0},
    {"To: <sip:@example.com>\r\n", SIPV_REJECT, SIPV_NO_MESSAGE, 1, 0},
    {"no header\r\n", SIPV_REJECT, SIPV_NO_MESSAGE, 0, 0},
    {"X: a\rb\r\n", SIPV_REJECT, SIPV_NO_MESSAGE, 1, 0},
};

Test(sipfrag, cases)
{
    static sipv_header headers[8];
    static sipv_event events[256];
    static sipv_diag diags[16];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const size_t n = strlen(cases[i].text);
        struct fence fence;
        sipv_message m;
        cr_assert(fence_open(&fence, n));
        sipv_message_init(&m, headers, 8, events, 256, diags, 16);
        const int result = sipv_sipfrag_parse(&m, fence_end(&fence, cases[i].text, n), n, NULL);
        cr_expect_eq(result, cases[i].result, "case %zu: result %d", i, result);
        cr_expect_eq(m.kind, cases[i].kind, "case %zu: kind %d", i, (int)m.kind);
        cr_expect_eq(m.n_headers, cases[i].headers, "case %zu: %zu headers", i, m.n_headers);
        cr_expect_eq(m.body.n, cases[i].body, "case %zu: %zu octets of body", i, m.body.n);
        fence_close(&fence);
    }
}
