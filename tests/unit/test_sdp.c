/* Session descriptions: bad input, and what every parse keeps. */
#include <stdlib.h>

#include "sdp_text.h"

TestSuite(sdp, .init = open_all, .fini = close_all);

static const struct bad {
    const char *text;
    size_t n; /* 0: up to the NUL */
    const char *name;
    size_t off, len;
} bad[] = {
    {"", 0, "sdp-empty", 0, 0},
    {"v", 0, "sdp-line", 0, 1},
    {"v=", 0, "sdp-last-line-end", 2, 0},
    {"v=0", 0, "sdp-last-line-end", 3, 0},
    {"\r\n", 0, "sdp-line", 0, 0},
    {HEAD "a=x\ry\r\n", 0, "sdp-bare-cr", 66, 1},
    {HEAD "a=x\0y\r\n", sizeof HEAD "a=x\0y\r\n" - 1, "sdp-nul", 66, 1},
    {HEAD "a=fmtp\0:1\r\n", sizeof HEAD "a=fmtp\0:1\r\n" - 1, "sdp-nul", 69, 1},
    {HEAD "a=x\n", 0, "sdp-bare-lf", 66, 1},
    {HEAD "a=x", 0, "sdp-last-line-end", 66, 0},
    {HEAD "m=audio 70000 RTP/AVP 0\r\n", 0, "sdp-range", 71, 5},
    {HEAD AUDIO "c=IN IP4 999.0.2.1\r\n", 0, "sdp-address", 93, 2},
    {HEAD AUDIO "c=IN IP4 224.2.1.1/127/2000000000\r\n", 0, "sdp-range", 107, 10},
    {"v=0\r\no=- 1 1 IN IP6 ::1::\r\ns=-\r\nt=0 0\r\n", 0, "sdp-address", 22, 2},
    {HEAD "b=AS:1\r\n", 0, "sdp-order", 63, 1},
    {HEAD AUDIO "b=AS:99999999999\r\n", 0, "sdp-range", 89, 11},
    {HEAD AUDIO "b=AS\r\n", 0, "sdp-value", 86, 2},
    {HEAD AUDIO "a=rtpmap:96 X/4294975296\r\n", 0, "sdp-range", 98, 10},
    {HEAD "a=\r\n", 0, "sdp-attribute-name", 65, 0},
    {HEAD AUDIO "a=rtpmap\r\n", 0, "sdp-attribute-value", 92, 0},
    {"o=- 1 1 IN IP4 192.0.2.1\r\nv=0\r\ns=-\r\nt=0 0\r\n", 0, "sdp-first-line", 0, 1},
    {"v=0\r\no=- 1 1 IN IP4 \r\ns=-\r\nt=0 0\r\n", 0, "sdp-value", 7, 13},
    {"v=0\r\no=- 1 x IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n", 0, "sdp-value", 7, 4},
    {"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 \r\nt=0 0\r\n", 0, "sdp-value", 38, 7},
    {HEAD "m=audio 65536 RTP/AVP 0\r\n", 0, "sdp-range", 71, 5},
    {HEAD "m=audio 9 RTP/AVP 0 128\r\n", 0, "sdp-range", 83, 3},
    {HEAD "m=audio 9 RTP/AVP 0  8\r\n", 0, "sdp-value", 80, 3},
};

Test(sdp, bad_input_names_the_byte)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const size_t n = bad[i].n ? bad[i].n : strlen(bad[i].text);
        cr_assert_eq(described(&d, fence_end(&fence, bad[i].text, n), n, SIPV_STRICT), SIPV_REJECT,
                     "case %zu", i);
        const sipv_diag *e = error_of(&d.s);
        cr_assert_null(description_fault(&d.s), "case %zu: %s", i, description_fault(&d.s));
        cr_assert_str_eq(sipv_sdp_diag_find(e->code)->name, bad[i].name, "case %zu", i);
        cr_assert(e->off == bad[i].off && e->len == bad[i].len, "case %zu: %zu+%zu", i, e->off,
                  e->len);
    }
}

/* Without an explainer a finding names no construct; it lies in the description all the same. */
Test(sdp, bad_input_without_explainer)
{
    void *const work = d.explainer;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const size_t n = bad[i].n ? bad[i].n : strlen(bad[i].text);
        d.explainer = NULL;
        const int result = described(&d, fence_end(&fence, bad[i].text, n), n, SIPV_STRICT);
        d.explainer = work;
        cr_assert_eq(result, SIPV_REJECT, "case %zu", i);
        cr_assert_null(description_fault(&d.s), "case %zu: %s", i, description_fault(&d.s));
        cr_assert_str_eq(sipv_sdp_diag_find(error_of(&d.s)->code)->name, bad[i].name, "case %zu",
                         i);
    }
}

/* Without an explainer an error is where the first impossible byte is, wherever the line stands:
 * the last octets of a description are read in a copy. */
Test(sdp, errors_have_their_place_without_an_explainer)
{
    static const char *const lines[] = {"a=rtcp:9 IN IP4 192.0.2.999",
                                        "a=rtcp:9 IN IP6 2001:db8:::1"};
    enum { OFF = 16, LENGTH = 10 };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        for (int tail = 0; tail <= 600; tail += 50) {
            const size_t from = strlen(HEAD AUDIO);
            const int n = sprintf(text, HEAD AUDIO "%s\r\na=tool%0*d\r\n", lines[i], tail, 0);
            described(&d, text, (size_t)n, SIPV_STRICT); /* which binds the storage, too */
            cr_assert_eq(sipv_sdp_parse(&d.s, text, (size_t)n, NULL), SIPV_REJECT);
            const sipv_diag *e = error_of(&d.s);
            cr_assert(e->off == from + OFF && e->len == LENGTH, "case %zu, %d: %zu+%zu", i, tail,
                      e->off - from, e->len);
        }
}

/* Every beginning of a description, and every byte of it taken for others. */
Test(sdp, nothing_is_read_beyond_the_end)
{
    static const char whole[] =
        HEAD "a=group:BUNDLE 1\r\nm=audio 9/2 RTP/AVP 0 96\r\nc=IN IP6 ::1\r\n"
             "a=mid:1\r\na=rtpmap:96 x/8000/2\r\na=fmtp:96 a=b;c\r\n"
             "a=candidate:1 1 UDP 1 ::1 9 typ host raddr 0.0.0.0 rport 9\r\n";
    static const unsigned char others[] = {0, '\r', '\n', ' ', '\t', ':', '=', '/', 'a', '0', 0xff};
    for (size_t n = 0; n < sizeof whole; n++)
        for (int profile = SIPV_STRICT; profile <= SIPV_INTEROP; profile++) {
            described(&d, fence_end(&fence, whole, n), n, (sipv_profile)profile);
            cr_assert_null(description_fault(&d.s), "%zu: %s", n, description_fault(&d.s));
        }
    memcpy(text, whole, sizeof whole);
    for (size_t i = 0; i + 1 < sizeof whole; i++) {
        for (size_t k = 0; k < sizeof others; k++)
            for (int profile = SIPV_STRICT; profile <= SIPV_INTEROP; profile++) {
                text[i] = (char)others[k];
                described(&d, fence_end(&fence, text, sizeof whole - 1), sizeof whole - 1,
                          (sipv_profile)profile);
                cr_assert_null(description_fault(&d.s), "%zu, %d: %s", i, others[k],
                               description_fault(&d.s));
            }
        text[i] = whole[i];
    }
}

/* What strict accepts interop accepts, with the same captures. */
Test(sdp, interop_reads_as_strict)
{
    static const char whole[] = HEAD AUDIO "a=rtpmap:0 PCMU/8000\r\na=x\r\n";
    cr_assert_eq(described(&d, whole, sizeof whole - 1, SIPV_STRICT), SIPV_OK);
    const size_t n = d.s.n_events;
    sipv_event *before = malloc(n * sizeof *before);
    memcpy(before, d.s.events, n * sizeof *before);
    cr_assert_eq(described(&d, whole, sizeof whole - 1, SIPV_INTEROP), SIPV_OK);
    cr_assert_eq(d.s.n_events, n);
    for (size_t i = 0; i < n; i++)
        cr_assert(before[i].kind == d.s.events[i].kind && before[i].off == d.s.events[i].off &&
                  before[i].len == d.s.events[i].len);
    free(before);
}
