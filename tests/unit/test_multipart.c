/* Multipart bodies: RFC 2046 5.1. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sipvet/parser.h>

#include "fence.h"

#define TYPE "multipart/mixed;boundary=b"

/* What a body is made of, as one line: "<preamble|[head|body][head|body]|epilogue>=result". */
static void describe(sipv_slice type, sipv_slice body, char *out, size_t room)
{
    sipv_multipart it;
    sipv_part part;
    size_t n = 0;
    int r = sipv_multipart_begin(&it, type, body, NULL);
    if (r != SIPV_OK) {
        snprintf(out, room, "begin=%d", r);
        return;
    }
    n += (size_t)snprintf(out + n, room - n, "<%.*s|", (int)it.preamble.n,
                          (const char *)it.preamble.p);
    while ((r = sipv_multipart_next(&it, &part)) == SIPV_OK)
        n += (size_t)snprintf(out + n, room - n, "[%.*s|%.*s]", (int)part.head.n,
                              (const char *)part.head.p, (int)part.body.n,
                              (const char *)part.body.p);
    cr_expect_eq(sipv_multipart_next(&it, &part), r, "the last answer stays");
    cr_expect_null(part.body.p);
    snprintf(out + n, room - n, "|%.*s>=%d", (int)it.epilogue.n, (const char *)it.epilogue.p, r);
}

struct row {
    const char *type, *body, *parts;
};

static void check(const struct row *rows, size_t n_rows)
{
    for (size_t i = 0; i < n_rows; i++) {
        struct fence t, b;
        char parts[512];
        const size_t n_type = strlen(rows[i].type), n_body = strlen(rows[i].body);
        cr_assert(fence_open(&t, n_type));
        cr_assert(fence_open(&b, n_body));
        describe(sipv_slice_of(fence_end(&t, rows[i].type, n_type), n_type),
                 sipv_slice_of(fence_end(&b, rows[i].body, n_body), n_body), parts, sizeof parts);
        cr_expect_str_eq(parts, rows[i].parts, "%s with '%s': '%s'", rows[i].type, rows[i].body,
                         parts);
        fence_close(&t);
        fence_close(&b);
    }
}
#define CHECK(rows) check(rows, sizeof(rows) / sizeof((rows)[0]))

Test(multipart, boundaries)
{
    static const struct row rows[] = {
        {"application/sdp", "", "begin=2"},
        {"multipart/mixed", "--b--", "begin=-1"},
        {"multipart/mixed;boundary", "--b--", "begin=-1"},
        {"multipart/mixed;boundary=", "--b--", "begin=-1"},
        {"multipart/mixed;boundary=\"", "--b--", "begin=-1"},
        {"multipart/mixed;boundary=\"\"", "----", "begin=-1"},
        {"multipart/mixed;boundary=\"b \"", "--b --", "begin=-1"},
        {"multipart/mixed;boundary=\"b\t\"", "--b\t--", "begin=-1"},
        {"multipart/mixed;boundary=\"b\r\n c\"", "--b", "begin=-1"},
        {"multipart/mixed;boundary=b%", "--b%", "begin=-1"},
        {"nonsense", "--b--", "begin=-1"},
        {"", "--b--", "begin=-1"},
        {"Multipart/Mixed;x=y;Boundary=b", "--b\r\n\r\nx\r\n--b--", "<|[|x]|>=1"},
        {"multipart/mixed;boundary=\"b\"", "--b\r\n\r\nx\r\n--b--", "<|[|x]|>=1"},
        {"multipart/mixed;boundary=\"a b:c\"", "--a b:c\r\n\r\nx\r\n--a b:c--", "<|[|x]|>=1"},
        {"multipart/mixed;boundary=\"\\a\\b\"", "--ab\r\n\r\nx\r\n--ab--", "<|[|x]|>=1"},
        {"multipart/mixed;boundary=B", "--b\r\n\r\nx\r\n--b--", "<||>=-1"},
        {"multipart/mixed;boundary="
         "1234567890123456789012345678901234567890123456789012345678901234567890",
         "--1234567890123456789012345678901234567890123456789012345678901234567890\r\n\r\nx\r\n"
         "--1234567890123456789012345678901234567890123456789012345678901234567890--",
         "<|[|x]|>=1"},
        {"multipart/mixed;boundary="
         "12345678901234567890123456789012345678901234567890123456789012345678901",
         "", "begin=-1"},
    };
    CHECK(rows);
}

Test(multipart, delimiters)
{
    static const struct row rows[] = {
        {TYPE, "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n", "<|[|one][|two]|>=1"},
        {TYPE, "pre\r\n--b\r\n\r\nx\r\n--b--\r\npost", "<pre|[|x]|post>=1"},
        {TYPE, "\r\n--b\r\n\r\nx\r\n--b--\r\n\r\n", "<|[|x]|\r\n>=1"},
        {TYPE, "--b \t\r\n\r\nx\r\n--b-- \t\r\n", "<|[|x]|>=1"},
        /* A part of no octets. */
        {TYPE, "--b\r\n\r\n--b--", "<|[|]|>=1"},
        {TYPE, "--b\r\n\r\n\r\n--b--", "<|[|]|>=1"},
        {TYPE, "--b\r\n--b--", "<|[|]|>=1"},
        {TYPE, "--b\r\n--b\r\n--b--", "<|[|][|]|>=1"},
        /* No delimiters: not at the start of a line, not the whole line, no CRLF. */
        {TYPE, "--b\r\n\r\nx--b\r\n--b--", "<|[|x--b]|>=1"},
        {TYPE, "--b\r\n\r\nx --b--\r\n--b--", "<|[|x --b--]|>=1"},
        {TYPE, "--b\r\n\r\n--bb\r\n--b-\r\n--b--x\r\n-b\r\n--b--",
         "<|[|--bb\r\n--b-\r\n--b--x\r\n-b]|>=1"},
        {TYPE, "--b\r\n\r\nx\n--b--\n\r\n--b--", "<|[|x\n--b--\n]|>=1"},
        {TYPE, "--b\r\n\r\nx\r--b--\r\r\n--b--", "<|[|x\r--b--\r]|>=1"},
        {TYPE, "--b\r\n\r\nx\r\n--b \r\r\n--b--", "<|[|x\r\n--b \r]|>=1"},
        {TYPE, "x --b\r\n", "<||>=-1"},
        {TYPE, "--b\n\nx\n--b--\n", "<||>=-1"},
        /* No close delimiter, or nothing else. */
        {TYPE, "", "<||>=-1"},
        {TYPE, "text", "<||>=-1"},
        {TYPE, "--b", "<||>=-1"},
        {TYPE, "--b\r", "<||>=-1"},
        {TYPE, "--b\r\n", "<||>=-1"},
        {TYPE, "--b\r\n\r\nx", "<||>=-1"},
        {TYPE, "--b\r\n\r\nx\r\n--b", "<|[|x]|>=-1"},
        {TYPE, "--b\r\n\r\nx\r\n--b\r\n", "<|[|x]|>=-1"},
        {TYPE, "--b\r\n\r\nx\r\n--b-", "<||>=-1"},
        {TYPE, "--b--", "<||>=-1"},
        {TYPE, "--b--\r\n--b\r\n\r\nx\r\n--b--", "<||--b\r\n\r\nx\r\n--b-->=-1"},
    };
    CHECK(rows);
}

Test(multipart, heads)
{
    static const struct row rows[] = {
        {TYPE, "--b\r\nA: 1\r\nB: 2\r\n\r\nx\r\n--b--", "<|[A: 1\r\nB: 2\r\n|x]|>=1"},
        {TYPE, "--b\r\nA: 1\r\n\r\n--b--", "<|[A: 1\r\n|]|>=1"},
        {TYPE, "--b\r\nA: 1\r\n--b--", "<|[A: 1|]|>=1"},
        {TYPE, "--b\r\n\r\nA: 1\r\n\r\nx\r\n--b--", "<|[|A: 1\r\n\r\nx]|>=1"},
        {TYPE, "--b\r\nA: 1\r\n\r\n\r\n\r\n\r\n--b--", "<|[A: 1\r\n|\r\n\r\n]|>=1"},
    };
    CHECK(rows);
}

static void expect_slice(sipv_slice s, const char *text, const char *what)
{
    if (!text)
        cr_expect_null(s.p, "%s", what);
    else
        cr_expect(s.p && s.n == strlen(text) && memcmp(s.p, text, s.n) == 0, "%s: '%.*s'", what,
                  (int)s.n, (const char *)s.p);
}

Test(multipart, fields)
{
    static const struct {
        const char *head, *type, *id, *disposition, *encoding;
    } rows[] = {
        {"", NULL, NULL, NULL, NULL},
        {"Content-Type: application/sdp\r\n", "application/sdp", NULL, NULL, NULL},
        {"content-TYPE \t:\t a/b;c=d \t\r\n", "a/b;c=d", NULL, NULL, NULL},
        {"Content-Type:\r\n a/b;\r\n\tc=d\r\n", "a/b;\r\n\tc=d", NULL, NULL, NULL},
        {"Content-Type:\r\n", "", NULL, NULL, NULL},
        {"Content-Type: a/b\r\nContent-Type: c/d\r\n", "a/b", NULL, NULL, NULL},
        {"Content-ID: <x@y>\r\nContent-Disposition: session\r\n", NULL, "<x@y>", "session", NULL},
        {"Content-Transfer-Encoding: binary\r\n", NULL, NULL, NULL, "binary"},
        {"Content-Transfer-Encoding: binary\r\nContent-Encoding: gzip\r\n", NULL, NULL, NULL,
         "gzip"},
        {"X: Content-ID: 1\r\nno colon\r\n: \r\nContent-ID: 2\r\n", NULL, "2", NULL, NULL},
        {"X: 1\r\n Content-ID: 1\r\n", NULL, NULL, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fence f;
        char text[256];
        sipv_multipart it;
        sipv_part part;
        const int n = snprintf(text, sizeof text, "--b\r\n%s\r\nx\r\n--b--", rows[i].head);
        cr_assert(fence_open(&f, sizeof text));
        const sipv_slice body = sipv_slice_of(fence_end(&f, text, (size_t)n), (size_t)n);
        cr_assert_eq(sipv_multipart_begin(&it, sipv_slice_text(TYPE), body, NULL), SIPV_OK);
        cr_assert_eq(sipv_multipart_next(&it, &part), SIPV_OK);
        expect_slice(part.content_type, rows[i].type, rows[i].head);
        expect_slice(part.content_id, rows[i].id, rows[i].head);
        expect_slice(part.content_disposition, rows[i].disposition, rows[i].head);
        expect_slice(part.content_encoding, rows[i].encoding, rows[i].head);
        expect_slice(part.body, "x", rows[i].head);
        fence_close(&f);
    }
}

Test(multipart, octets_of_any_kind)
{
    static const char text[] = "--b\r\n\r\n\0\r\0\n\xff--b\0\r\n--b--";
    const sipv_slice body = sipv_slice_of(text, sizeof text - 1);
    sipv_multipart it;
    sipv_part part;
    cr_assert_eq(sipv_multipart_begin(&it, sipv_slice_text(TYPE), body, NULL), SIPV_OK);
    cr_assert_eq(sipv_multipart_next(&it, &part), SIPV_OK);
    cr_expect_eq(part.body.n, 9);
    cr_expect_eq(memcmp(part.body.p, "\0\r\0\n\xff--b\0", 9), 0);
    cr_expect_eq(sipv_multipart_next(&it, &part), SIPV_END);
}

Test(multipart, absent)
{
    const sipv_slice absent = {NULL, 0};
    sipv_multipart it;
    sipv_part part;
    cr_expect_eq(sipv_multipart_begin(&it, absent, absent, NULL), SIPV_ABSENT);
    cr_assert_eq(sipv_multipart_begin(&it, sipv_slice_text(TYPE), absent, NULL), SIPV_OK);
    cr_expect_eq(sipv_multipart_next(&it, &part), SIPV_REJECT);
}

/* As many parts as the limit are fine, one more is SIPV_LIMIT. */
Test(multipart, limit)
{
    sipv_limits limits = sipv_limits_default();
    limits.multipart = 2;
    static const char *const bodies[] = {"--b\r\n--b\r\n--b--", "--b\r\n--b\r\n--b\r\n--b--"};
    static const int last[] = {SIPV_END, SIPV_LIMIT};
    for (size_t i = 0; i < 2; i++) {
        sipv_multipart it;
        sipv_part part;
        cr_assert_eq(
            sipv_multipart_begin(&it, sipv_slice_text(TYPE), sipv_slice_text(bodies[i]), &limits),
            SIPV_OK);
        cr_expect_eq(sipv_multipart_next(&it, &part), SIPV_OK);
        cr_expect_eq(sipv_multipart_next(&it, &part), SIPV_OK);
        cr_expect_eq(sipv_multipart_next(&it, &part), last[i]);
        cr_expect_eq(sipv_multipart_next(&it, &part), last[i]);
    }
}
