/* Streams into messages: keep-alives, several messages, limits, everything that ends a stream. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "files.h"
#include "messages.h"

#define MESSAGE(length, body)                                                                      \
    "OPTIONS sip:una@elm.example SIP/2.0\r\nCall-ID: 7\r\nContent-Length: " length "\r\n\r\n" body

static struct fence fence;

static void open_fence(void)
{
    cr_assert(fence_open(&fence, 1 << 18));
}
static void close_fence(void)
{
    fence_close(&fence);
}
TestSuite(framer, .init = open_fence, .fini = close_fence);

static const char *code_name(const struct framed *f)
{
    const sipv_diag_info *info = sipv_diag_find(f->frame.diag.code);
    return f->result == SIPV_REJECT && info ? info->name : "";
}

/* The stream in one piece, and cut at every octet. */
static struct framed feed(const void *text, size_t n, sipv_profile profile)
{
    struct framed out;
    const char *fault = framer_fault(&fence, text, n, profile, &out);
    cr_assert_null(fault, "%s", fault);
    return out;
}

#define FEED(text) feed(text, sizeof(text) - 1, SIPV_STRICT)

Test(framer, keep_alives)
{
    static const struct {
        const char *text;
        size_t skip;
        unsigned pings;
    } table[] = {{"", 0, 0},
                 {"\r", 0, 0},
                 {"\r\n", 2, 0},
                 {"\r\n\r", 2, 0},
                 {"\r\n\r\n", 4, 1},
                 {"\r\n\r\n\r\n", 6, 1},
                 {"\r\n\r\n\r\n\r\n", 8, 2}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct framed f = feed(table[i].text, strlen(table[i].text), SIPV_STRICT);
        cr_assert_eq(f.result, SIPV_MORE);
        cr_assert_eq(f.frame.skip, table[i].skip);
        cr_assert_eq(f.frame.pings, table[i].pings);
    }
}

Test(framer, keep_alives_before_a_message)
{
    const struct framed f = FEED("\r\n\r\n" MESSAGE("0", ""));
    cr_assert_eq(f.result, SIPV_OK);
    cr_assert_eq(f.frame.skip, 4);
    cr_assert_eq(f.frame.n, strlen(MESSAGE("0", "")));
    cr_assert_eq(f.frame.pings, 1);
}

Test(framer, keep_alives_are_taken_off_early)
{
    static const char text[] = "\r\n\r\n" MESSAGE("3", "abc");
    sipv_framer f;
    sipv_frame frame;
    sipv_framer_init(&f, SIPV_STRICT, NULL);
    cr_assert_eq(sipv_framer_feed(&f, fence_end(&fence, text, 5), 5, &frame), SIPV_MORE);
    cr_assert_eq(frame.skip, 4);
    sipv_framer_skip(&f, 4);
    const size_t n = sizeof text - 1 - 4;
    for (size_t there = 1; there < n; there++)
        cr_assert_eq(sipv_framer_feed(&f, fence_end(&fence, text + 4, there), there, &frame),
                     SIPV_MORE);
    cr_assert_eq(sipv_framer_feed(&f, fence_end(&fence, text + 4, n), n, &frame), SIPV_OK);
    cr_assert_eq(frame.skip, 0);
    cr_assert_eq(frame.n, n);
}

Test(framer, several_messages_in_a_segment)
{
    static const char text[] = MESSAGE("0", "") MESSAGE("5", "12345") "\r\n" MESSAGE("0", "");
    const size_t lengths[] = {strlen(MESSAGE("0", "")), strlen(MESSAGE("5", "12345")),
                              strlen(MESSAGE("0", ""))};
    sipv_framer f;
    sipv_frame frame;
    size_t at = 0;
    sipv_framer_init(&f, SIPV_STRICT, NULL);
    for (unsigned i = 0; i < 3; i++) {
        const size_t n = sizeof text - 1 - at;
        cr_assert_eq(sipv_framer_feed(&f, fence_end(&fence, text + at, n), n, &frame), SIPV_OK);
        cr_assert_eq(frame.skip, i == 2 ? 2 : 0);
        cr_assert_eq(frame.n, lengths[i]);
        at += frame.skip + frame.n;
    }
    cr_assert_eq(at, sizeof text - 1);
    cr_assert_eq(sipv_framer_feed(&f, fence_end(&fence, "", 0), 0, &frame), SIPV_MORE);
}

Test(framer, bodies_are_not_looked_at)
{
    static const char *const bodies[] = {MESSAGE("2", "99"), MESSAGE("19", "Content-Length: 9\r\n"),
                                         MESSAGE("4", "\r\n\r\n"), MESSAGE("3", "a\rb"),
                                         MESSAGE("16", "GET / HTTP/1.1\r\n")};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        const struct framed f = feed(bodies[i], strlen(bodies[i]), SIPV_STRICT);
        cr_assert_eq(f.result, SIPV_OK);
        cr_assert_eq(f.frame.n, strlen(bodies[i]));
    }
}

Test(framer, lengths_in_every_dress)
{
    static const char *const good[] = {"A b SIP/2.0\r\nl: 1\r\n\r\nx",
                                       "A b SIP/2.0\r\nL:1\r\n\r\nx",
                                       "A b SIP/2.0\r\nCONTENT-length \t: 1 \r\n\r\nx",
                                       "A b SIP/2.0\r\nContent-Length:\r\n 01\r\n\r\nx",
                                       "A b SIP/2.0\r\nContent-Length:\r\n\t1\r\n \r\n\r\nx",
                                       "SIP/2.0 200 OK\r\nl: 1\r\n\r\nx"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        const struct framed f = feed(good[i], strlen(good[i]), SIPV_STRICT);
        cr_assert_eq(f.result, SIPV_OK, "%zu: %s", i, code_name(&f));
        cr_assert_eq(f.frame.n, strlen(good[i]));
    }
}

Test(framer, what_ends_a_stream)
{
    static const struct {
        const char *text, *code;
    } table[] = {{"A b SIP/2.0\r\nX: y\r\n\r\n", "content-length-missing"},
                 {"A b SIP/2.0\r\nl: 0\r\nl: 0\r\n\r\n", "content-length-conflict"},
                 {"A b SIP/2.0\r\nl: 0\r\nContent-Length: 5\r\n\r\n", "content-length-conflict"},
                 {"A b SIP/2.0\r\nl: -1\r\n\r\n", "content-length-malformed"},
                 {"A b SIP/2.0\r\nl: +1\r\n\r\n", "content-length-malformed"},
                 {"A b SIP/2.0\r\nl:\r\n\r\n", "content-length-malformed"},
                 {"A b SIP/2.0\r\nl: 1x\r\n\r\n", "content-length-malformed"},
                 {"A b SIP/2.0\r\nl: 1, 1\r\n\r\n", "content-length-malformed"},
                 {"A b SIP/2.0\r\nl: 4294967301\r\n\r\n", "content-length-malformed"},
                 {"A b SIP/2.0\r\nl: 18446744073709551621\r\n\r\n", "content-length-malformed"},
                 {"A b SIP/2.0\r\nl: 4000000000\r\n\r\n", "limit-message"},
                 {"A b SIP/2.0\r\nX: a\rb\r\nl: 0\r\n\r\n", "line-end-cr"},
                 {"A b SIP/2.0\r\nX: a\nl: 0\r\n\r\n", "content-length-behind-bad-line"},
                 {"GET / HTTP/1.1\r\n", "not-sip"},
                 {"hello\r\n", "not-sip"},
                 {"\x16\x03\x01", "not-sip"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct framed f = feed(table[i].text, strlen(table[i].text), SIPV_STRICT);
        cr_assert_str_eq(code_name(&f), table[i].code, "%zu: %s", i, table[i].text);
    }
    const struct framed nul = FEED("OPTIONS\0");
    cr_assert_str_eq(code_name(&nul), "not-sip");
}

Test(framer, start_lines_cut_anywhere)
{
    static const char *const lines[] = {"OPTIONS\tsip:a@b SIP/2.0",
                                        " OPTIONS sip:a@b SIP/2.0 ",
                                        "OPT(IONS sip:a@b SIP/2.0",
                                        "\xff\xfe sip:a@b SIP/2.0",
                                        "sip/2.0 200 OK",
                                        "SIP/2.0 200",
                                        "SIP/2.0\t200 OK",
                                        "SIP/ 200 OK",
                                        "SIP a SIP/2.0",
                                        "S a sip/",
                                        "OPTIONS  a  b SIP/2.0",
                                        "O\rPTIONS a SIP/2.0",
                                        "OPTIONS a SIP/2.0\r\r",
                                        "\tOPTIONS a SIP/2.0",
                                        "\x01 a SIP/2.0",
                                        " \x01 a SIP/2.0",
                                        "OPTIONS a HTTP/1.1",
                                        "SIP/2.0 \x01 OK"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        for (int profile = SIPV_STRICT; profile <= SIPV_INTEROP; profile++) {
            char text[256];
            const int n = snprintf(text, sizeof text, "%s\r\nl: 0\r\n\r\n", lines[i]);
            feed(text, (size_t)n, (sipv_profile)profile);
            feed(text, strlen(lines[i]), (sipv_profile)profile);
        }
}

Test(framer, limits_exactly)
{
    static const char text[] = MESSAGE("5", "12345");
    const size_t n = sizeof text - 1, head = n - 5;
    for (unsigned which = 0; which < 3; which++)
        for (size_t less = 0; less < 2; less++) {
            sipv_limits limits = sipv_limits_default();
            sipv_framer f;
            sipv_frame frame;
            static const char *const codes[] = {"limit-message", "limit-header-section",
                                                "limit-headers"};
            if (which == 0)
                limits.message = n - less;
            else if (which == 1)
                limits.header_section = head - less;
            else
                limits.headers = 2 - less;
            sipv_framer_init(&f, SIPV_STRICT, &limits);
            const int result = sipv_framer_feed(&f, fence_end(&fence, text, n), n, &frame);
            cr_assert_eq(result, less ? SIPV_REJECT : SIPV_OK, "%s", codes[which]);
            if (less)
                cr_assert_str_eq(sipv_diag_find(frame.diag.code)->name, codes[which]);
        }
}

/* What is behind the limit may be there or not: the same is refused. */
Test(framer, nothing_behind_the_limit_is_looked_at)
{
    static const char text[] = "OPTIONS sip:una@elm\0 SIP/2.0\r\nl: x\r\nl: y\r\nVia:\rx\r\n\r\n";
    const size_t n = sizeof text - 1;
    for (size_t limit = 1; limit < n; limit++) {
        sipv_limits limits = sipv_limits_default();
        sipv_framer whole, cut;
        sipv_frame expected, frame;
        int result = SIPV_MORE;
        limits.header_section = limit;
        sipv_framer_init(&whole, SIPV_STRICT, &limits);
        sipv_framer_init(&cut, SIPV_STRICT, &limits);
        cr_assert_eq(sipv_framer_feed(&whole, fence_end(&fence, text, n), n, &expected),
                     SIPV_REJECT);
        for (size_t there = 1; there <= n && result == SIPV_MORE; there++)
            result = sipv_framer_feed(&cut, fence_end(&fence, text, there), there, &frame);
        cr_assert_eq(result, SIPV_REJECT, "limit %zu", limit);
        cr_expect_eq(frame.diag.code, expected.diag.code, "limit %zu", limit);
        cr_expect_eq(frame.diag.off, expected.diag.off, "limit %zu", limit);
    }
}

Test(framer, an_endless_line_has_a_limit)
{
    static char text[70000];
    sipv_framer f;
    sipv_frame frame;
    memset(text, 'a', sizeof text);
    sipv_framer_init(&f, SIPV_STRICT, NULL);
    size_t n = 1000;
    int result = SIPV_MORE;
    for (; n <= sizeof text && result == SIPV_MORE; n += 1000)
        result = sipv_framer_feed(&f, fence_end(&fence, text, n), n, &frame);
    cr_assert_eq(result, SIPV_REJECT);
    cr_assert_str_eq(sipv_diag_find(frame.diag.code)->name, "limit-header-section");
    cr_assert_lt(n, 68000);
}

/* Damaged streams: the answer never depends on the cuts. */
Test(framer, damage_cut_anywhere)
{
    static const char *const pieces[] = {"\r",       "\n", "\r\n",    "\r\n ",
                                         " ",        "\t", ":",       "l: 3\r\n",
                                         "\r\n\r\n", "x",  "SIP/2.0", "Content-Length: 0\r\n",
                                         "1"};
    static const char base[] = "\r\n" MESSAGE("4", "abcd") MESSAGE("0", "");
    unsigned seed = 7;
    for (unsigned round = 0; round < 600; round++) {
        char text[512];
        size_t n = sizeof base - 1;
        memcpy(text, base, n);
        for (unsigned k = 0; k < 1 + round % 3; k++) {
            seed = seed * 1103515245u + 12345u;
            const size_t at = (seed >> 8) % (n + 1);
            const char *piece = pieces[(seed >> 4) % (sizeof pieces / sizeof *pieces)];
            const size_t len = strlen(piece),
                         cut = (seed >> 20) % 3 < n - at ? (seed >> 20) % 3 : 0;
            memmove(text + at + len, text + at + cut, n - at - cut);
            memcpy(text + at, piece, len);
            n = n + len - cut;
        }
        feed(text, n, round % 2 ? SIPV_INTEROP : SIPV_STRICT);
    }
}
