/* Building and editing messages. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sipvet/parser.h>

#include "fence.h"

#define T(text) sipv_slice_of(text, sizeof(text) - 1)

static const sipv_slice absent = {NULL, 0};

/* ---- Building ------------------------------------------------------------------------------- */

static const char written[] = "INVITE sip:bob@example.com;lr SIP/2.0\r\n"
                              "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
                              "Max-Forwards: 70\r\n"
                              "From: Alice <sip:a@h>;tag=1\r\n"
                              "To: sip:bob@example.com\r\n"
                              "Call-ID: 1@h\r\n"
                              "CSeq: 1 INVITE\r\n"
                              "X-Free: \xc3\xa9 \"<>\r\n"
                              "Supported: \r\n"
                              "Content-Length: 4\r\n"
                              "\r\n"
                              "\0\r\nx";
enum { WRITTEN = sizeof written - 1 };

static void write_all(sipv_writer *w)
{
    sipv_write_request(w, T("INVITE"), T("sip:bob@example.com;lr"));
    sipv_write_header(w, T("Via"), T("SIP/2.0/UDP h;branch=z9hG4bK1"));
    sipv_write_number(w, T("Max-Forwards"), 70);
    sipv_write_header(w, T("From"), T("Alice <sip:a@h>;tag=1"));
    sipv_write_header(w, T("To"), T("sip:bob@example.com"));
    sipv_write_header(w, T("Call-ID"), T("1@h"));
    sipv_write_header(w, T("CSeq"), T("1 INVITE"));
    sipv_write_header(w, T("X-Free"), T("\xc3\xa9 \"<>"));
    sipv_write_header(w, T("Supported"), absent);
    sipv_write_body(w, T("\0\r\nx"));
}

/* A buffer of every size: the same need, nothing written behind its end. */
Test(writer, every_size)
{
    unsigned char out[WRITTEN + 1];
    for (size_t cap = 0; cap <= WRITTEN; cap++) {
        sipv_writer w;
        size_t n = 0;
        memset(out, 0xee, sizeof out);
        sipv_writer_init(&w, cap ? out : NULL, cap);
        write_all(&w);
        cr_expect_eq(sipv_writer_finish(&w, &n), cap < WRITTEN ? SIPV_NO_SPACE : SIPV_OK,
                     "capacity %zu", cap);
        cr_expect_eq(n, WRITTEN, "capacity %zu", cap);
        cr_expect_eq(memcmp(out, written, cap), 0, "capacity %zu", cap);
        cr_expect_eq(out[cap], 0xee, "capacity %zu", cap);
    }
}

Test(writer, start_lines)
{
    static const struct {
        const char *method, *uri;
        int result;
    } requests[] = {
        {"INVITE", "sip:a@h", SIPV_OK},
        {"x-MY.method", "tel:+1", SIPV_OK},
        {"OPTIONS", "urn:service:sos", SIPV_OK},
        {"", "sip:a@h", SIPV_BAD_ARGUMENT},
        {"IN VITE", "sip:a@h", SIPV_BAD_ARGUMENT},
        {"INVITE\r\nX:", "sip:a@h", SIPV_BAD_ARGUMENT},
        {"INVITE", "", SIPV_BAD_ARGUMENT},
        {"INVITE", "bob", SIPV_BAD_ARGUMENT},
        {"INVITE", "sip:a@h\r\nX: y", SIPV_BAD_ARGUMENT},
        {"INVITE", "sip:a@h SIP/2.0", SIPV_BAD_ARGUMENT},
        {"INVITE", "sip:a@h?subject=x", SIPV_BAD_ARGUMENT},
        {"INVITE", "sip:a@h:65536", SIPV_BAD_ARGUMENT},
        {"INVITE", "<sip:a@h>", SIPV_BAD_ARGUMENT},
        {"INVITE", "sip:a@h%", SIPV_BAD_ARGUMENT},
    };
    static const struct {
        int status;
        const char *reason;
        int result;
    } responses[] = {
        {100, "Trying", SIPV_OK},
        {699, "", SIPV_OK},
        {200, "d%27accord \xc3\xa9\t(!)", SIPV_OK},
        {99, "x", SIPV_BAD_ARGUMENT},
        {700, "x", SIPV_BAD_ARGUMENT},
        {-1, "x", SIPV_BAD_ARGUMENT},
        {200, "O\rK", SIPV_BAD_ARGUMENT},
        {200, "OK\n", SIPV_BAD_ARGUMENT},
        {200, "OK\x7f", SIPV_BAD_ARGUMENT},
        {200, "\"OK\"", SIPV_BAD_ARGUMENT},
        {200, "100%", SIPV_BAD_ARGUMENT},
        {200, "\xc3", SIPV_BAD_ARGUMENT},
        {200, "\xc3(", SIPV_BAD_ARGUMENT},
        {200, "\xff", SIPV_BAD_ARGUMENT},
    };
    unsigned char out[256];
    sipv_writer w;
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        sipv_writer_init(&w, out, sizeof out);
        cr_expect_eq(sipv_write_request(&w, sipv_slice_text(requests[i].method),
                                        sipv_slice_text(requests[i].uri)),
                     requests[i].result, "%s %s", requests[i].method, requests[i].uri);
        cr_expect_eq(w.n == 0, requests[i].result != SIPV_OK);
    }
    for (size_t i = 0; i < sizeof responses / sizeof responses[0]; i++) {
        sipv_writer_init(&w, out, sizeof out);
        cr_expect_eq(
            sipv_write_status(&w, responses[i].status, sipv_slice_text(responses[i].reason)),
            responses[i].result, "%d %s", responses[i].status, responses[i].reason);
        cr_expect_eq(w.n == 0, responses[i].result != SIPV_OK);
    }
    sipv_writer_init(&w, out, sizeof out);
    cr_expect_eq(sipv_write_request(&w, T("IN\0"), T("sip:h")), SIPV_BAD_ARGUMENT);
    sipv_writer_init(&w, out, sizeof out);
    cr_expect_eq(sipv_write_request(&w, T("INVITE"), T("sip:h\0")), SIPV_BAD_ARGUMENT);
    sipv_writer_init(&w, out, sizeof out);
    cr_expect_eq(sipv_write_status(&w, 200, T("\0")), SIPV_BAD_ARGUMENT);
}

Test(writer, headers)
{
    static const struct {
        const char *name;
        sipv_slice value;
        int result;
    } rows[] = {
        {"Subject", {(const unsigned char *)"lunch", 5}, SIPV_OK},
        {"s", {(const unsigned char *)"lunch", 5}, SIPV_OK},
        {"Subject", {(const unsigned char *)"", 0}, SIPV_OK},
        {"X-A", {(const unsigned char *)"any \t thing", 11}, SIPV_OK},
        {"X-A", {NULL, 0}, SIPV_OK},
        {"Contact", {(const unsigned char *)"*", 1}, SIPV_OK},
        {"Route", {(const unsigned char *)"<sip:a;lr>, <sip:b;lr>", 22}, SIPV_OK},
        {"", {(const unsigned char *)"x", 1}, SIPV_BAD_ARGUMENT},
        {"X-A ", {(const unsigned char *)"x", 1}, SIPV_BAD_ARGUMENT},
        {"X-A:", {(const unsigned char *)"x", 1}, SIPV_BAD_ARGUMENT},
        {"X-A\r\nY", {(const unsigned char *)"x", 1}, SIPV_BAD_ARGUMENT},
        {"X-A", {(const unsigned char *)"a\r\nY: b", 7}, SIPV_BAD_ARGUMENT},
        {"X-A", {(const unsigned char *)"a\r\n b", 5}, SIPV_BAD_ARGUMENT},
        {"X-A", {(const unsigned char *)"a\n", 2}, SIPV_BAD_ARGUMENT},
        {"X-A", {(const unsigned char *)"a\r", 2}, SIPV_BAD_ARGUMENT},
        {"X-A", {(const unsigned char *)"a\0b", 3}, SIPV_BAD_ARGUMENT},
        {"X-A", {(const unsigned char *)"a\x01", 2}, SIPV_BAD_ARGUMENT},
        {"X-A", {(const unsigned char *)"\xe2\x82", 2}, SIPV_BAD_ARGUMENT},
        {"Subject", {(const unsigned char *)"a\r\n b", 5}, SIPV_BAD_ARGUMENT},
        {"From", {(const unsigned char *)"\"a\\\r\" <sip:a@h>", 15}, SIPV_BAD_ARGUMENT},
        {"To", {(const unsigned char *)"\"bob <sip:bob@c", 15}, SIPV_BAD_ARGUMENT},
        {"To", {NULL, 0}, SIPV_BAD_ARGUMENT},
        {"f", {(const unsigned char *)"nobody", 6}, SIPV_BAD_ARGUMENT},
        {"Max-Forwards", {(const unsigned char *)"255", 3}, SIPV_OK},
        {"Max-Forwards", {(const unsigned char *)"256", 3}, SIPV_BAD_ARGUMENT},
        {"Max-Forwards", {(const unsigned char *)"-1", 2}, SIPV_BAD_ARGUMENT},
        {"CSeq", {(const unsigned char *)"4294967295 ACK", 14}, SIPV_OK},
        {"CSeq", {(const unsigned char *)"4294967296 ACK", 14}, SIPV_BAD_ARGUMENT},
        {"Expires", {(const unsigned char *)"4294967296", 10}, SIPV_BAD_ARGUMENT},
        /* The length is written with the body. */
        {"Content-Length", {(const unsigned char *)"0", 1}, SIPV_BAD_ARGUMENT},
        {"l", {(const unsigned char *)"0", 1}, SIPV_BAD_ARGUMENT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned char out[256];
        sipv_writer w;
        size_t n;
        sipv_writer_init(&w, out, sizeof out);
        cr_assert_eq(sipv_write_status(&w, 200, T("OK")), SIPV_OK);
        n = w.n;
        cr_expect_eq(sipv_write_header(&w, sipv_slice_text(rows[i].name), rows[i].value),
                     rows[i].result, "%s: %.*s", rows[i].name, (int)rows[i].value.n,
                     (const char *)rows[i].value.p);
        cr_expect_eq(w.n == n, rows[i].result != SIPV_OK);
        cr_expect_eq(w.result, rows[i].result);
    }
}

/* A value of more parts than there is room to check is refused. */
Test(writer, too_many_parts)
{
    static char value[8192];
    sipv_writer w;
    size_t n;
    sipv_writer_init(&w, NULL, 0);
    sipv_write_status(&w, 200, T("OK"));
    for (size_t i = 0; i + 1 < sizeof value; i += 2)
        memcpy(value + i, "a,", 2);
    cr_expect_eq(sipv_write_header(&w, T("Supported"), sipv_slice_of(value, sizeof value - 1)),
                 SIPV_LIMIT);
    cr_expect_eq(sipv_write_body(&w, absent), SIPV_LIMIT);
    cr_expect_eq(sipv_writer_finish(&w, &n), SIPV_LIMIT);
}

Test(writer, numbers)
{
    unsigned char out[128];
    sipv_writer w;
    sipv_writer_init(&w, out, sizeof out);
    sipv_write_status(&w, 200, T("OK"));
    cr_expect_eq(sipv_write_number(&w, T("X-A"), 0), SIPV_OK);
    cr_expect_eq(sipv_write_number(&w, T("X-A"), UINT64_MAX), SIPV_OK);
    cr_expect_eq(memcmp(out + 16, "X-A: 0\r\nX-A: 18446744073709551615\r\n", 35), 0);
    cr_expect_eq(sipv_write_number(&w, T("Max-Forwards"), 256), SIPV_BAD_ARGUMENT);
}

/* Calls out of order, and calls after a refusal. */
Test(writer, order)
{
    unsigned char out[128];
    sipv_writer w;
    size_t n;
    sipv_writer_init(&w, out, sizeof out);
    cr_expect_eq(sipv_write_header(&w, T("X-A"), T("y")), SIPV_BAD_ARGUMENT);
    cr_expect_eq(sipv_write_status(&w, 200, T("OK")), SIPV_BAD_ARGUMENT);
    cr_expect_eq(sipv_writer_finish(&w, &n), SIPV_BAD_ARGUMENT);

    sipv_writer_init(&w, out, sizeof out);
    cr_expect_eq(sipv_write_body(&w, absent), SIPV_BAD_ARGUMENT);

    sipv_writer_init(&w, out, sizeof out);
    cr_expect_eq(sipv_write_status(&w, 200, T("OK")), SIPV_OK);
    cr_expect_eq(sipv_write_status(&w, 200, T("OK")), SIPV_BAD_ARGUMENT);

    sipv_writer_init(&w, out, sizeof out);
    cr_expect_eq(sipv_write_status(&w, 200, T("OK")), SIPV_OK);
    cr_expect_eq(sipv_writer_finish(&w, &n), SIPV_BAD_ARGUMENT, "the message was not ended");

    sipv_writer_init(&w, out, sizeof out);
    cr_expect_eq(sipv_write_status(&w, 200, T("OK")), SIPV_OK);
    cr_expect_eq(sipv_write_body(&w, absent), SIPV_OK);
    cr_expect_eq(sipv_writer_finish(&w, &n), SIPV_OK);
    cr_expect_eq(n, strlen("SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"));
    cr_expect_eq(sipv_write_header(&w, T("X-A"), T("y")), SIPV_BAD_ARGUMENT);
}

/* ---- Parsed messages ------------------------------------------------------------------------- */

enum { HEADERS = 64, EVENTS = 1024, DIAGS = 32, ROOM = 4096 };

struct parsed {
    struct fence fence;
    sipv_header headers[HEADERS];
    sipv_event events[EVENTS];
    sipv_diag diags[DIAGS];
    sipv_message m;
};

static struct parsed parsed;

static sipv_message *parse(const char *text, size_t n)
{
    cr_assert(fence_open(&parsed.fence, ROOM));
    sipv_message_init(&parsed.m, parsed.headers, HEADERS, parsed.events, EVENTS, parsed.diags,
                      DIAGS);
    sipv_message_parse(&parsed.m, fence_end(&parsed.fence, text, n), n, NULL);
    return &parsed.m;
}

static void forget(void)
{
    fence_close(&parsed.fence);
}

Test(writer, parses_again)
{
    sipv_message *m = parse(written, WRITTEN);
    unsigned char out[WRITTEN];
    size_t n;
    cr_expect(m->accepted);
    cr_expect_eq(m->body.n, 4);
    cr_expect_eq(sipv_message_write(m, out, sizeof out, &n), SIPV_OK);
    cr_expect_eq(n, WRITTEN);
    cr_expect_eq(memcmp(out, written, WRITTEN), 0);
    forget();
}

#define REST                                                                                       \
    "From: <sip:a@h>;tag=1\r\n"                                                                    \
    "To: <sip:b@h>\r\n"                                                                            \
    "Call-ID: 1\r\n"                                                                               \
    "CSeq: 1 OPTIONS\r\n"

Test(message_write, long_names_and_one_length)
{
    static const char in[] = "OPTIONS sip:b@h SIP/2.0\r\n"
                             "v:SIP/2.0/UDP h;branch=z9hG4bK1 ,\r\n SIP/2.0/UDP i\r\n"
                             "max-forwards :   070\r\n" REST "Unknown-One:  x\r\n"
                             "l: 0001\r\n"
                             "\r\n"
                             "x and more";
    static const char out[] = "OPTIONS sip:b@h SIP/2.0\r\n"
                              "Via: SIP/2.0/UDP h;branch=z9hG4bK1 ,\r\n SIP/2.0/UDP i\r\n"
                              "Max-Forwards: 070\r\n" REST "Unknown-One: x\r\n"
                              "Content-Length: 1\r\n"
                              "\r\n"
                              "x";
    enum { N = sizeof out - 1 };
    sipv_message *m = parse(in, sizeof in - 1);
    unsigned char text[N + 1];
    size_t n;
    cr_assert(m->accepted);
    for (size_t cap = 0; cap <= N; cap++) {
        memset(text, 0xee, sizeof text);
        cr_expect_eq(sipv_message_write(m, text, cap, &n), cap < N ? SIPV_NO_SPACE : SIPV_OK);
        cr_expect_eq(n, N);
        cr_expect_eq(memcmp(text, out, cap), 0, "%.*s", (int)cap, (const char *)text);
        cr_expect_eq(text[cap], 0xee);
    }
    forget();
}

Test(message_write, response_without_length)
{
    static const char in[] = "SIP/2.0 200 \r\nVia: SIP/2.0/UDP h\r\n" REST "\r\nbody";
    static const char out[] =
        "SIP/2.0 200 \r\nVia: SIP/2.0/UDP h\r\n" REST "Content-Length: 4\r\n\r\nbody";
    sipv_message *m = parse(in, sizeof in - 1);
    char text[sizeof out];
    size_t n;
    cr_expect_eq(sipv_message_write(m, text, sizeof text, &n), SIPV_OK);
    cr_expect_eq(n, sizeof out - 1);
    cr_expect_eq(memcmp(text, out, n), 0);
    forget();
}

/* In the interop profile lines may end in LF; those between the lines of a fold are mended too. */
Test(message_write, line_ends)
{
    static const char in[] = "SIP/2.0 200 OK\nVia: SIP/2.0/UDP h\nSubject: a\n b\r\n c\n" REST "\n";
    static const char out[] =
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\nSubject: a\r\n b\r\n c\r\n" REST
        "Content-Length: 0\r\n\r\n";
    const sipv_options interop = {.profile = SIPV_INTEROP,
                                  .explainer = malloc(sipv_explainer_size())};
    static struct parsed p;
    char text[sizeof out];
    size_t n;
    sipv_message_init(&p.m, p.headers, HEADERS, p.events, EVENTS, p.diags, DIAGS);
    cr_assert_eq(sipv_message_parse(&p.m, in, sizeof in - 1, &interop), SIPV_OK);
    cr_expect_eq(sipv_message_write(&p.m, text, sizeof text, &n), SIPV_OK);
    cr_expect(n == sizeof out - 1 && memcmp(text, out, n) == 0, "%.*s", (int)n, text);
    free(interop.explainer);
}

Test(message_write, not_what_was_refused)
{
    unsigned char out[256];
    size_t n;
    cr_expect_eq(sipv_message_write(parse("BYE\r\n\r\n", 7), out, sizeof out, &n),
                 SIPV_BAD_ARGUMENT);
    cr_expect_eq(n, 0);
    forget();
}

/* ---- Edits -------------------------------------------------------------------------------------
 */

enum { STRIP = 1, VIA = 2, HOPS = 4, ROUTE = 8 };

#define TAIL                                                                                       \
    REST "\r\n"                                                                                    \
         "body"
#define LINE "OPTIONS sip:b@h SIP/2.0\r\n"
#define V1 "SIP/2.0/UDP one;branch=z9hG4bK1"
#define V2 "SIP/2.0/TCP two;branch=z9hG4bK2"
#define NEW_VIA "Via: SIP/2.0/UDP new\r\n"
#define NEW_ROUTE "Record-Route: <sip:new;lr>\r\n"

static void check_edit(const char *in, unsigned what, const char *out)
{
    sipv_message *m = parse(in, strlen(in));
    char text[ROOM];
    size_t n = 0;
    sipv_edit e;
    cr_assert(m->accepted, "%s", in);
    sipv_edit_init(&e, m);
    if (what & VIA)
        cr_expect_eq(sipv_edit_add_via(&e, T("SIP/2.0/UDP new")), SIPV_OK);
    if (what & STRIP)
        cr_expect_eq(sipv_edit_strip_via(&e), SIPV_OK);
    if (what & HOPS)
        cr_expect_eq(sipv_edit_set_max_forwards(&e, 69), SIPV_OK);
    if (what & ROUTE)
        cr_expect_eq(sipv_edit_add_record_route(&e, T("<sip:new;lr>")), SIPV_OK);
    for (int again = 0; again < 2; again++) {
        cr_expect_eq(sipv_edit_finish(&e), SIPV_OK);
        n = 0;
        for (size_t i = 0; i < e.n_pieces; i++) {
            cr_assert_gt(e.pieces[i].n, 0);
            cr_assert_leq(n + e.pieces[i].n, sizeof text);
            memcpy(text + n, e.pieces[i].p, e.pieces[i].n);
            n += e.pieces[i].n;
        }
        cr_expect(n == strlen(out) && memcmp(text, out, n) == 0, "%s: '%.*s'", in, (int)n, text);
    }
    forget();
    parse(text, n);
    cr_expect(parsed.m.accepted || what & STRIP, "%.*s", (int)n, text);
    forget();
}

Test(edit, table)
{
    static const struct {
        const char *in;
        unsigned what;
        const char *out;
    } rows[] = {
        {LINE "Via: " V1 "\r\n" TAIL, 0, LINE "Via: " V1 "\r\n" TAIL},
        /* Content-Length cuts what is behind the body. */
        {LINE "Via: " V1 "\r\n" REST "l: 2\r\n\r\nabcd", 0,
         LINE "Via: " V1 "\r\n" REST "l: 2\r\n\r\nab"},
        {LINE "Via: " V1 "\r\n" TAIL, VIA, LINE NEW_VIA "Via: " V1 "\r\n" TAIL},
        {LINE REST "Via: " V1 "\r\n\r\n", VIA, LINE REST NEW_VIA "Via: " V1 "\r\n\r\n"},
        /* The top Via is a line, or the first element of one. */
        {LINE "Via: " V1 "\r\nVia: " V2 "\r\n" TAIL, STRIP, LINE "Via: " V2 "\r\n" TAIL},
        {LINE "Via: " V1 "\r\n\t;x\r\nVia: " V2 "\r\n" TAIL, STRIP, LINE "Via: " V2 "\r\n" TAIL},
        {LINE "v : " V1 " ,\r\n " V2 "\r\n" TAIL, STRIP, LINE "v : " V2 "\r\n" TAIL},
        {LINE "Via: " V1 "," V2 "," V1 "\r\n" TAIL, STRIP, LINE "Via: " V2 "," V1 "\r\n" TAIL},
        {LINE "Via: " V1 ";x=\",\"," V2 "\r\n" TAIL, STRIP, LINE "Via: " V2 "\r\n" TAIL},
        {LINE REST "v: " V1 "\r\nVia: " V2 "\r\n\r\n", STRIP, LINE REST "Via: " V2 "\r\n\r\n"},
        {LINE "Via: " V1 "\r\n" TAIL, STRIP, LINE TAIL},
        {LINE "Via: " V1 "\r\n" TAIL, STRIP | VIA, LINE NEW_VIA TAIL},
        {LINE "Via: " V1 "," V2 "\r\n" TAIL, STRIP | VIA, LINE NEW_VIA "Via: " V2 "\r\n" TAIL},
        /* Max-Forwards is replaced or added. */
        {LINE "max-forwards :\r\n 70\r\nVia: " V1 "\r\n" TAIL, HOPS,
         LINE "Max-Forwards: 69\r\nVia: " V1 "\r\n" TAIL},
        {LINE "Via: " V1 "\r\n" TAIL, HOPS, LINE "Max-Forwards: 69\r\nVia: " V1 "\r\n" TAIL},
        /* Record-Route comes before others, or on top. */
        {LINE "Via: " V1 "\r\nRecord-Route: <sip:x>\r\n" TAIL, ROUTE,
         LINE "Via: " V1 "\r\n" NEW_ROUTE "Record-Route: <sip:x>\r\n" TAIL},
        {LINE "Via: " V1 "\r\n" TAIL, ROUTE, LINE NEW_ROUTE "Via: " V1 "\r\n" TAIL},
        /* All at one place. */
        {LINE "Via: " V1 "\r\n" TAIL, STRIP | VIA | HOPS | ROUTE,
         LINE NEW_VIA NEW_ROUTE "Max-Forwards: 69\r\n" TAIL},
        {LINE "Via: " V1 "," V2 "\r\n" TAIL, STRIP | VIA | HOPS | ROUTE,
         LINE NEW_VIA NEW_ROUTE "Max-Forwards: 69\r\nVia: " V2 "\r\n" TAIL},
        {LINE "Max-Forwards: 70\r\nVia: " V1 "," V2 "\r\n" TAIL, STRIP | VIA | HOPS | ROUTE,
         LINE NEW_ROUTE "Max-Forwards: 69\r\n" NEW_VIA "Via: " V2 "\r\n" TAIL},
        {LINE REST "Record-Route: <sip:x>\r\nVia: " V1 "\r\nMax-Forwards: 1\r\n\r\n",
         STRIP | VIA | HOPS | ROUTE,
         LINE REST NEW_ROUTE "Record-Route: <sip:x>\r\n" NEW_VIA "Max-Forwards: 69\r\n\r\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_edit(rows[i].in, rows[i].what, rows[i].out);
}

/* After an index parse the Via is read when it is asked for. */
Test(edit, index_is_enough)
{
    static const char in[] = LINE "Via: " V1 "," V2 "\r\n" TAIL;
    static struct parsed p;
    sipv_edit e;
    sipv_message_init(&p.m, p.headers, HEADERS, p.events, EVENTS, p.diags, DIAGS);
    cr_assert_eq(sipv_message_index(&p.m, in, sizeof in - 1, NULL), SIPV_OK);
    sipv_edit_init(&e, &p.m);
    sipv_edit_strip_via(&e);
    cr_expect_eq(sipv_edit_finish(&e), SIPV_OK);
    cr_expect_eq(e.n_pieces, 2);
    cr_expect_eq(memcmp(e.pieces[1].p, V2, strlen(V2)), 0);
}

/* An index parse accepts the message, then the Via turns out to be malformed. */
Test(edit, malformed_via)
{
    static const char in[] = LINE "Via: nonsense\r\n" TAIL;
    static struct parsed p;
    sipv_edit e;
    sipv_message_init(&p.m, p.headers, HEADERS, p.events, EVENTS, p.diags, DIAGS);
    cr_assert_eq(sipv_message_index(&p.m, in, sizeof in - 1, NULL), SIPV_OK);
    sipv_edit_init(&e, &p.m);
    sipv_edit_strip_via(&e);
    cr_expect_eq(sipv_edit_finish(&e), SIPV_REJECT);
}

Test(edit, no_via)
{
    static const char in[] = LINE TAIL;
    static struct parsed p;
    sipv_edit e;
    sipv_message_init(&p.m, p.headers, HEADERS, p.events, EVENTS, p.diags, DIAGS);
    cr_assert_eq(sipv_message_index(&p.m, in, sizeof in - 1, NULL), SIPV_OK);
    sipv_edit_init(&e, &p.m);
    sipv_edit_strip_via(&e);
    cr_expect_eq(sipv_edit_finish(&e), SIPV_ABSENT);
}

Test(edit, refusals)
{
    static const char *const vias[] = {
        "",
        "x",
        "SIP/2.0/UDP",
        "SIP/2.0/UDP h\r\nX: y",
        "\r\n SIP/2.0/UDP h",
        "SIP/2.0/UDP h;b=\"\n\"",
        "SIP/2.0/UDP h,",
    };
    static const char in[] = LINE "Via: " V1 "\r\n" TAIL;
    sipv_edit e;
    sipv_edit_init(&e, parse(in, sizeof in - 1));
    for (size_t i = 0; i < sizeof vias / sizeof vias[0]; i++)
        cr_expect_eq(sipv_edit_add_via(&e, sipv_slice_text(vias[i])), SIPV_BAD_ARGUMENT, "%s",
                     vias[i]);
    cr_expect_eq(sipv_edit_add_via(&e, absent), SIPV_BAD_ARGUMENT);
    cr_expect_eq(sipv_edit_add_via(&e, T("SIP/2.0/UDP h;x=\"\\\0\"")), SIPV_BAD_ARGUMENT);
    cr_expect_eq(sipv_edit_add_record_route(&e, T("sip:no-brackets")), SIPV_BAD_ARGUMENT);
    cr_expect_eq(sipv_edit_add_record_route(&e, T("<sip:h>\r\n")), SIPV_BAD_ARGUMENT);
    cr_expect_eq(sipv_edit_set_max_forwards(&e, 256), SIPV_BAD_ARGUMENT);
    cr_expect_eq(sipv_edit_finish(&e), SIPV_OK);
    cr_expect_eq(e.n_pieces, 1, "nothing was changed");
    forget();

    sipv_edit_init(&e, parse("BYE\r\n\r\n", 7));
    cr_expect_eq(sipv_edit_finish(&e), SIPV_REJECT);
    forget();
}
