/* Building messages line by line. */
#include <string.h>

#include "parsed.h"

static const sipv_slice absent = {NULL, 0};

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
