/* The structure-aware mutator: every kind of edit does what its name says, the same seed gives the
 * same result, nothing grows without bound. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mutator.h>

#include "files.h"

#define LINE "OPTIONS sip:a@b.c SIP/2.0\r\n"

/* Messages of a stream, one with a body that looks like the start of another. */
#define ONE LINE "l: 1\r\n\r\n1"
#define TWO "SIP/2.0 200 OK\r\nl: 4\r\n\r\nSIP/"
#define THREE "BYE sip:a SIP/2.0\r\n\r\n"

/* A request that matching can tell from others. */
#define REQUEST(method, branch)                                                                    \
    method " sip:a SIP/2.0\r\nv: SIP/2.0/UDP b;branch=z9hG4bK" branch ";x\r\nCSeq: 1 " method      \
           "\r\n\r\n"

/* One result that the kind must give for some seed.  The text is one that leaves few choices. */
static const struct row {
    const char *kind, *in, *other, *out;
} rows[] = {
    {"start-line-replace", LINE "\r\n", NULL, "BYE sip:alice@pc33.example.com SIP/2.0\r\n\r\n"},
    {"start-line-replace", "To: <sip:a@b>\r\n", NULL, "SIP/2.0 100 Trying\r\nTo: <sip:a@b>\r\n"},
    {"start-line-borrow", LINE "l: 0\r\n\r\n", "SIP/2.0 299 Odd\r\nt: c\r\n\r\n",
     "SIP/2.0 299 Odd\r\nl: 0\r\n\r\n"},
    {"header-insert", LINE "\r\n", NULL, LINE "CSeq: 0 BYE\r\n\r\n"},
    {"header-insert", "", NULL, "Expires: 0\r\n"},
    {"header-delete", LINE "a: 1\r\nb: 2\r\n  3\r\nc: 4\r\n\r\n", NULL,
     LINE "a: 1\r\nc: 4\r\n\r\n"},
    {"header-duplicate", LINE "a: 1\r\nb: 2\r\n\r\n", NULL, LINE "a: 1\r\nb: 2\r\na: 1\r\n\r\n"},
    {"header-swap", LINE "a: 1\r\nbb: 2\r\nc: 3\r\n\r\n", NULL,
     LINE "c: 3\r\nbb: 2\r\na: 1\r\n\r\n"},
    {"header-borrow", LINE "a: 1\r\n\r\n", LINE "x: 7\r\n 8\r\n\r\n",
     LINE "a: 1\r\nx: 7\r\n 8\r\n\r\n"},
    {"header-split", LINE "m: <a,b>,\"c,d\\\",\", e\r\n\r\n", NULL,
     LINE "m: <a,b>\r\nm: \"c,d\\\",\", e\r\n\r\n"},
    {"header-join", LINE "Contact: 1\r\na: 2\r\nm: 3\r\n\r\n", NULL,
     LINE "Contact: 1, 3\r\na: 2\r\n\r\n"},
    {"header-fold", LINE "s: a b\r\n\r\n", NULL, LINE "s: a\r\n  b\r\n\r\n"},
    {"header-unfold", LINE "s: a\r\n  b\r\n\tc\r\n\r\n", NULL, LINE "s: a  b\r\n\tc\r\n\r\n"},
    {"header-compact", LINE "Via: x\r\n\r\n", NULL, LINE "v: x\r\n\r\n"},
    {"header-expand", LINE "l: 0\r\n\r\n", NULL, LINE "Content-Length: 0\r\n\r\n"},
    {"header-case", LINE "Via: x\r\n\r\n", NULL, LINE "VIa: x\r\n\r\n"},
    {"header-empty", LINE "Via: x\r\n\r\n", NULL, LINE "Via: \r\n\r\n"},
    {"splice-uri", "<sip:a@b;c>", NULL, "<sip:[2001:db8::1]:5060>"},
    {"splice-uri", "<sip:a@b>", "x <tel:1;b=c> y", "<tel:1;b=c>"},
    {"splice-host", "sip:a@b.c:5060", NULL, "sip:a@[::]:5060"},
    {"splice-host", "SIP/2.0/UDP [::1]:5060", "x@y.z", "SIP/2.0/UDP y.z:5060"},
    {"splice-parameter", "a;b=\"c;d\";e", NULL, "a;lr;e"},
    {"splice-token", "a b", "c", "a c"},
    {"splice-token", "a b", NULL, "a a"},
    {"splice-number", "x 17 y", NULL, "x 65536 y"},
    {"splice-quoted", "x=\"a\\\"b\"y", NULL, "x=\"\"y"},
    {"parameter-insert", "<sip:a@b.c>", NULL, "<sip:a@b.c;lr=on>"},
    {"parameter-delete", "a;b=\"c;d\";e", NULL, "a;e"},
    {"parameter-duplicate", "a;b=1;e", NULL, "a;b=1;b=1;e"},
    {"number-edge", "x 17 y", NULL, "x 18446744073709551616 y"},
    {"number-zeros", "x 17 y", NULL, "x 017 y"},
    {"number-sign", "x 17 y", NULL, "x -17 y"},
    {"number-step", "x 99 y", NULL, "x 100 y"},
    {"number-step", "x 100 y", NULL, "x 099 y"},
    {"quote-open", "ab", NULL, "a\"b"},
    {"quote-close", "\"ab\"", NULL, "\"ab"},
    {"quote-pair", "\"ab\"", NULL, "\"a\\\\b\""},
    {"escape-encode", "sip:a@b", NULL, "sip:%61@b"},
    {"escape-decode", "a%40b", NULL, "a@b"},
    {"escape-broken", "sip:a@b", NULL, "sip:a%g1@b"},
    {"utf8-valid", "ab", NULL,
     "a\xe2\x82\xac"
     "b"},
    {"utf8-broken", "ab", NULL,
     "a\xc0\xaf"
     "b"},
    {"octet-separator", "a;b", NULL, "a,b"},
    {"octet-repeat", "a", NULL, "aaaaaaaaa"},
    {"text-truncate", "abc", NULL, "ab"},
    {"space-insert", "a:b", NULL, "a :b"},
    {"space-remove", "a: b", NULL, "a:b"},
    {"line-end-change", "a\r\nb", NULL, "a\nb"},
    {"line-end-change", "a\nb", NULL, "a\r\r\nb"},
    {"line-end-insert", "ab", NULL, "a\rb"},
    {"length-mend", LINE "Content-Length: 7\r\n\r\nabc", NULL, LINE "Content-Length: 3\r\n\r\nabc"},
    {"length-mend", LINE "a: 1\r\n\r\nabc", NULL, LINE "a: 1\r\nContent-Length: 3\r\n\r\nabc"},
    {"length-break", LINE "l: 3\r\n\r\nabc", NULL, LINE "l: +3\r\n\r\nabc"},
    {"length-break", LINE "l: 3\r\n\r\nabc", NULL, LINE "l: 4\r\n\r\nabc"},
    {"length-twice", LINE "l: 3\r\n\r\nabc", NULL, LINE "Content-Length: 3\r\nl: 3\r\n\r\nabc"},
    {"sdp-insert", LINE "\r\nv=0\r\n", NULL, LINE "\r\nv=0\r\na=rtcp-mux\r\n"},
    {"sdp-delete", "v=0\r\ns=-\r\n", NULL, "v=0\r\n"},
    {"sdp-duplicate", LINE "\r\nv=0\r\ns=-\r\n", NULL, LINE "\r\nv=0\r\nv=0\r\ns=-\r\n"},
    {"sdp-swap", "v=0\r\ns=-\r\n", NULL, "s=-\r\nv=0\r\n"},
    {"sdp-value", "v=0\r\nt=1 2\r\n", NULL, "v=0\r\nt=0 0\r\n"},
    {"sdp-borrow", "v=0\r\n", "v=0\r\na=y\r\n", "a=y\r\nv=0\r\n"},
    {"message-delete", ONE TWO THREE, NULL, ONE THREE},
    {"message-duplicate", ONE TWO, NULL, ONE TWO ONE},
    {"message-swap", ONE TWO THREE, NULL, THREE TWO ONE},
    {"message-borrow", ONE THREE, TWO, ONE TWO THREE},
    {"message-answer", ONE TWO, NULL, ONE "SIP/2.0 486 Busy Here\r\nl: 1\r\n\r\n1" TWO},
    {"message-answer", "BYE sip:a SIP/2.0", NULL, "BYE sip:a SIP/2.0SIP/2.0 486 Busy Here"},
    {"message-follow", REQUEST("INVITE", "1") THREE, NULL,
     REQUEST("INVITE", "1") REQUEST("CANCEL", "1") THREE},
    {"message-follow", REQUEST("INVITE", "1") THREE, NULL,
     REQUEST("INVITE", "1") THREE REQUEST("ACK", "7")},
    {"message-renew", REQUEST("INVITE", "1"), NULL, REQUEST("INVITE", "1") REQUEST("INVITE", "2")},
    {"message-route", THREE, NULL, "BYE sip:a SIP/2.0\r\nRoute: <sip:elm.example;lr>\r\n\r\n"},
    {"message-register", "BYE sip:a SIP/2.0\r\nt: <sip:a>\r\n\r\n", NULL,
     "REGISTER sip:elm.example SIP/2.0\r\nVia: SIP/2.0/UDP oak.example;branch=z9hG4bKr0\r\n"
     "Max-Forwards: 70\r\nFrom: <sip:una@elm.example>;tag=r\r\nTo: <sip:a>\r\nCall-ID: r\r\n"
     "CSeq: 1 REGISTER\r\nContact: <sip:una@birch.example>\r\nContent-Length: 0\r\n\r\n"
     "BYE sip:a SIP/2.0\r\nt: <sip:a>\r\n\r\n"},
    {"digest-flip",
     LINE "Authorization: Digest qop=auth, response=\"00000000000000000000000000000000\"\r\n\r\n",
     NULL,
     LINE "Authorization: Digest qop=auth, response=\"00000000000000a00000000000000000\"\r\n\r\n"},
#ifdef MUTATOR_WITH_DIGEST
    /* RFC 2069 without qop: MD5(MD5("a:r:swordfish"):n:MD5("OPTIONS:sip:b.c")). */
    {"digest-response",
     LINE "Authorization: Digest username=\"a\", realm=\"r\", nonce=\"n\",\r\n uri=\"sip:b.c\", "
          "response=\"0\"\r\n\r\n",
     NULL,
     LINE "Authorization: Digest username=\"a\", realm=\"r\", nonce=\"n\",\r\n uri=\"sip:b.c\", "
          "response=\"bc06a6606225fd89edd4662bf0d4f232\"\r\n\r\n"},
#endif
};

enum { ROWS = sizeof rows / sizeof *rows, ROOM = 32768, SEEDS = 20000 };

static size_t kind_of(const char *name)
{
    size_t i = 0;
    while (i < mutator_kinds() && strcmp(mutator_kind(i), name) != 0)
        i++;
    cr_assert_lt(i, mutator_kinds(), "there is no kind '%s'", name);
    return i;
}

static bool gives(const struct row *row)
{
    static unsigned char text[ROOM];
    const size_t n_out = strlen(row->out), n_other = row->other ? strlen(row->other) : 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        size_t n = strlen(row->in);
        memcpy(text, row->in, n);
        if (mutator_edit(kind_of(row->kind), text, &n, ROOM, seed,
                         (const unsigned char *)row->other, n_other) &&
            n == n_out && memcmp(text, row->out, n) == 0)
            return true;
    }
    return false;
}

Test(mutator, each_kind_does_what_it_says)
{
    for (size_t i = 0; i < ROWS; i++)
        cr_expect(gives(&rows[i]), "%s of '%s' never gives '%s'", rows[i].kind, rows[i].in,
                  rows[i].out);
}

/* NUL, which no string shows. */
Test(mutator, octet_nul)
{
    unsigned char text[8] = "ab";
    bool replaced = false, inserted = false;
    for (uint64_t seed = 0; seed < 100; seed++) {
        size_t n = 2;
        memcpy(text, "ab", 2);
        cr_expect(mutator_edit(kind_of("octet-nul"), text, &n, sizeof text, seed, NULL, 0));
        cr_expect_not_null(memchr(text, 0, n));
        replaced |= n == 2;
        inserted |= n == 3;
    }
    cr_expect(replaced && inserted);
}

/* Kinds that have a row, or a test of their own. */
Test(mutator, each_kind_is_tested)
{
    for (size_t k = 0; k < mutator_kinds(); k++) {
        size_t i = 0;
        while (i < ROWS && strcmp(rows[i].kind, mutator_kind(k)) != 0)
            i++;
        cr_expect(i < ROWS || strcmp(mutator_kind(k), "octet-nul") == 0 ||
                      strcmp(mutator_kind(k), "digest-response") == 0,
                  "%s has no test", mutator_kind(k));
    }
}

/* ---- All kinds over the corpus ----------------------------------------------------------------
 */

struct seen {
    unsigned long applied[256]; /* of each kind */
    unsigned char *other;       /* the file before */
    size_t n_other;
};

/* Twice into blocks of exactly `max` octets: the same, within the bound, and a refusal changes
 * nothing. */
static void check_edit(struct seen *seen, size_t kind, const unsigned char *file, size_t n_file,
                       size_t max, uint64_t seed)
{
    unsigned char *text[2];
    size_t n[2];
    bool done[2];
    for (int i = 0; i < 2; i++) {
        n[i] = n_file;
        text[i] = malloc(max);
        cr_assert(text[i]);
        memcpy(text[i], file, n_file);
        done[i] = mutator_edit(kind, text[i], &n[i], max, seed, seen->other, seen->n_other);
    }
    cr_expect(done[0] == done[1] && n[0] == n[1] && memcmp(text[0], text[1], n[0]) == 0);
    cr_expect(n[0] <= max && n[0] <= n_file + MUTATOR_GROWTH);
    if (done[0])
        seen->applied[kind]++;
    else
        cr_expect(n[0] == n_file && memcmp(text[0], file, n_file) == 0, "%s", mutator_kind(kind));
    free(text[0]);
    free(text[1]);
}

static void see_file(const char *path, void *with)
{
    struct seen *seen = with;
    size_t n;
    unsigned char *file = file_read(path, &n);
    cr_assert(file, "%s", path);
    for (size_t kind = 0; n > 0 && n < 8192 && kind < mutator_kinds(); kind++) {
        check_edit(seen, kind, file, n, n, n);
        check_edit(seen, kind, file, n, n + 20000, n + 1);
    }
    free(seen->other);
    seen->other = file;
    seen->n_other = n;
}

Test(mutator, corpus)
{
    static struct seen seen;
    cr_assert_leq(mutator_kinds(), 256);
    cr_assert(files_below("corpus", see_file, &seen));
    for (size_t k = 0; k < mutator_kinds(); k++)
        cr_expect(seen.applied[k] > 0, "%s never applied", mutator_kind(k));
    free(seen.other);
}

/* ---- Several edits ----------------------------------------------------------------------------
 */

static const char message[] = LINE "Via: SIP/2.0/UDP a;branch=z9hG4bK1\r\nl: 4\r\n\r\nv=0\r";

/* From one text, over and over: the same row of texts for the same seeds, never above the room. */
static uint64_t row_of_texts(size_t max, uint64_t seed)
{
    unsigned char *text = malloc(max);
    size_t n = sizeof message - 1 < max ? sizeof message - 1 : max;
    uint64_t sum = 0;
    cr_assert(text);
    memcpy(text, message, n);
    for (uint64_t i = 0; i < 2000; i++) {
        const size_t before = n;
        n = mutator_mutate(text, n, max, seed + i, (const unsigned char *)message,
                           sizeof message - 1);
        cr_assert(n <= max && n <= before + MUTATOR_GROWTH);
        for (size_t k = 0; k < n; k++)
            sum = sum * 1099511628211u + text[k];
    }
    free(text);
    return sum;
}

Test(mutator, same_seed_same_texts)
{
    cr_expect_eq(row_of_texts(4096, 1), row_of_texts(4096, 1));
    cr_expect_neq(row_of_texts(4096, 1), row_of_texts(4096, 2));
    for (size_t max = 1; max < 40; max++)
        row_of_texts(max, max);
}

/* Bits behind the text are kept, changed, added and dropped, and never become part of the text. */
Test(mutator, trailer)
{
    static const unsigned char with[] = "INVITE sip:a@b SIP/2.0\r\n\r\n\x01\x00\x02\x00\xf5";
    unsigned char text[ROOM];
    unsigned kept = 0, changed = 0, dropped = 0;
    for (uint64_t seed = 0; seed < 1000; seed++) {
        size_t n = sizeof with - 1;
        memcpy(text, with, n);
        n = mutator_mutate(text, n, ROOM, seed, NULL, 0);
        if (n < 5 || text[n - 1] != 0xf5)
            dropped++;
        else if (memcmp(text + n - 5, with + sizeof with - 6, 5) == 0)
            kept++;
        else
            changed++;
    }
    cr_expect(kept > 700 && changed > 50 && dropped > 0, "%u %u %u", kept, changed, dropped);
}

/* An edit of one message leaves the others as they are, and its own length right. */
Test(mutator, stream)
{
    static const char stream[] = ONE "\r\n" THREE ONE "\r\n" THREE;
    unsigned char text[ROOM];
    unsigned others_kept = 0;
    for (uint64_t seed = 0; seed < 1000; seed++) {
        memcpy(text, stream, sizeof stream - 1);
        const size_t n = mutator_mutate(text, sizeof stream - 1, ROOM, seed, NULL, 0);
        others_kept += n > 40 && memcmp(text, stream, sizeof ONE - 1) == 0 &&
                       memcmp(text + n - (sizeof THREE - 1), THREE, sizeof THREE - 1) == 0;
    }
    cr_expect(others_kept > 300, "%u", others_kept);
}

Test(mutator, cross)
{
    static const char a[] = "a1\na2\na3\n", b[] = "b1\nb2\nb3\n";
    unsigned char out[64];
    bool mixed = false;
    for (uint64_t seed = 0; seed < 500; seed++) {
        const size_t n = mutator_cross((const unsigned char *)a, 9, (const unsigned char *)b, 9,
                                       out, sizeof out, seed);
        cr_assert_leq(n, sizeof out);
        mixed |= n == 9 && memcmp(out, "a1\nb2\nb3\n", 9) == 0;
    }
    cr_expect(mixed);
    cr_expect_eq(mutator_cross(NULL, 0, NULL, 0, out, 0, 1), 0);
    cr_expect_leq(
        mutator_cross((const unsigned char *)a, 9, (const unsigned char *)b, 9, out, 3, 2), 3);
}
