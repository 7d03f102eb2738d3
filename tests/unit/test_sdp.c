/* Session descriptions: bad input, limits, storage, typed forms, what every parse keeps. */
#define _POSIX_C_SOURCE 200809L
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "descriptions.h"
#include "fence.h"

#define HEAD "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
#define AUDIO "m=audio 9 RTP/AVP 0\r\n"

static struct description d;
static struct fence fence;
static char text[2 << 20];

static void open_all(void)
{
    cr_assert(description_open(&d));
    cr_assert(fence_open(&fence, sizeof text));
}

static void close_all(void)
{
    description_close(&d);
    fence_close(&fence);
}

TestSuite(sdp, .init = open_all, .fini = close_all);

/* The first error: its name, and where. */
static const sipv_diag *error_of(const sipv_sdp *s)
{
    for (size_t i = 0; i < s->n_diags; i++)
        if (s->diags[i].severity == SIPV_ERROR)
            return &s->diags[i];
    return NULL;
}

/* ---- Bad input ----------------------------------------------------------------------------------
 */

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

/* ---- Limits and storage -------------------------------------------------------------------------
 */

static size_t repeat(const char *head, const char *piece, size_t count, const char *tail)
{
    size_t n = (size_t)sprintf(text, "%s", head);
    for (size_t i = 0; i < count; i++)
        n += (size_t)sprintf(text + n, "%s", piece);
    return n + (size_t)sprintf(text + n, "%s", tail);
}

static void check_limit(size_t n, const char *name)
{
    for (int profile = SIPV_STRICT; profile <= SIPV_INTEROP; profile++) {
        const int result = described(&d, text, n, (sipv_profile)profile);
        cr_assert_null(description_fault(&d.s));
        cr_assert_eq(result, name ? SIPV_REJECT : SIPV_OK, "%s", name);
        if (name)
            cr_assert_str_eq(sipv_sdp_diag_find(error_of(&d.s)->code)->name, name);
    }
}

Test(sdp, limits_are_where_they_are_said_to_be)
{
    check_limit(repeat(HEAD, "a=x\r\n", 10000, ""), NULL);
    cr_assert_eq(d.s.n_lines, 10005);
    check_limit(repeat(HEAD, "a=x\r\n", 10001, ""), "sdp-limit-attributes");
    check_limit(repeat(HEAD "m=audio 9 x", " y", 1024, "\r\n"), NULL);
    check_limit(repeat(HEAD "m=audio 9 x", " y", 1025, "\r\n"), "sdp-limit-formats");
    check_limit(repeat(HEAD, "m=audio 9 x y\r\n", 256, ""), NULL);
    check_limit(repeat(HEAD, "m=audio 9 x y\r\n", 257, ""), "sdp-limit-media");
    check_limit(repeat(HEAD "a=x:", "y", (1 << 20) + (64 << 10), "\r\n"), "sdp-limit-size");
}

Test(sdp, limits_can_be_set)
{
    sipv_limits limits = sipv_limits_default();
    const sipv_sdp_options options = {SIPV_STRICT, &limits, NULL};
    static const char whole[] = HEAD "a=x\r\na=y\r\n";
    limits.attributes = 1;
    described(&d, "", 0, SIPV_STRICT); /* binds the storage */
    cr_assert_eq(sipv_sdp_parse(&d.s, whole, sizeof whole - 1, &options), SIPV_REJECT);
    cr_assert(description_has(&d.s, "sdp-limit-attributes"));
}

/* The m= line of a section too many is told of, and found as one of the session. */
Test(sdp, section_too_many_is_found)
{
    static const char *const whole[] = {HEAD AUDIO AUDIO, HEAD AUDIO "m=\n"};
    sipv_limits limits = sipv_limits_default();
    const sipv_sdp_options options = {SIPV_STRICT, &limits, NULL};
    limits.media = 1;
    described(&d, "", 0, SIPV_STRICT); /* binds the storage */
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(sipv_sdp_parse(&d.s, whole[i], strlen(whole[i]), &options), SIPV_REJECT);
        cr_assert(description_has(&d.s, "sdp-limit-media"), "case %zu", i);
        cr_assert_eq(sipv_sdp_find_type(&d.s, SIPV_SDP_SESSION, 'm', NULL),
                     &d.s.lines[d.s.n_lines - 1], "case %zu", i);
    }
}

Test(sdp, too_little_storage_is_told)
{
    static const char whole[] = HEAD AUDIO "a=rtpmap:0 PCMU/8000\r\n";
    sipv_sdp_line lines[8];
    sipv_sdp_section section;
    sipv_event events[128];
    sipv_diag diags[4];
    sipv_sdp s;
    for (size_t cap_lines = 0; cap_lines <= 7; cap_lines++)
        for (size_t cap_sections = 0; cap_sections <= 1; cap_sections++)
            for (size_t cap_events = 0; cap_events <= 128; cap_events += 4) {
                sipv_sdp_init(&s, lines, cap_lines, &section, cap_sections, events, cap_events,
                              diags, 4);
                const int result = sipv_sdp_parse(&s, whole, sizeof whole - 1, NULL);
                cr_assert(result == SIPV_OK ? s.n_lines == 7 : result == SIPV_NO_SPACE);
                cr_assert_eq(result == SIPV_NO_SPACE, description_has(&s, "sdp-limit-storage"));
            }
    cr_assert_eq(sipv_sdp_parse(&s, whole, sizeof whole - 1, NULL), SIPV_OK);
    sipv_sdp_init(&s, lines, 8, &section, 1, events, 128, diags, 0);
    cr_assert_eq(sipv_sdp_parse(&s, whole, sizeof whole - 1, NULL), SIPV_BAD_ARGUMENT);
}

/* An error is not lost behind warnings. */
Test(sdp, the_error_is_kept)
{
    sipv_diag diags[2];
    const size_t n = repeat(HEAD AUDIO, "a=ptime:20\r\n", 100, "x=1\r\n");
    sipv_sdp_init(&d.s, d.lines, 1000, d.sections, 1, d.events, 10000, diags, 2);
    cr_assert_eq(sipv_sdp_parse(&d.s, text, n, NULL), SIPV_REJECT);
    cr_assert(d.s.lost_diags > 0);
    cr_assert_not_null(error_of(&d.s));
}

/* ---- Time ---------------------------------------------------------------------------------------
 */

static double seconds_for(size_t n, sipv_profile profile)
{
    double best = 1e9;
    for (int i = 0; i < 5; i++) {
        struct timespec a, b;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
        described(&d, text, n, profile);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
        const double t = (double)(b.tv_sec - a.tv_sec) + 1e-9 * (double)(b.tv_nsec - a.tv_nsec);
        best = t < best ? t : best;
    }
    return best;
}

Test(sdp, time_is_linear, .timeout = 240)
{
    static const struct {
        const char *head, *piece, *tail;
        size_t count;
    } families[] = {
        {HEAD, "a=x\r\n", "", 5000},
        {HEAD AUDIO, "a=ptime:20\r\n", "", 5000},
        {HEAD AUDIO, "a=rtpmap:0 PCMU/8000\r\n", "", 4000},
        {HEAD AUDIO, "a=rid:1 send\r\n", "a=simulcast:send 1,2\r\n", 4000},
        {HEAD "m=audio 9 x 1\r\n", "a=fmtp:z x\r\n", "", 4000},
        {HEAD "a=group:BUNDLE", " 1", "\r\nm=audio 9 x 1\r\na=mid:1\r\n", 40000},
        {HEAD "a=fmtp:1 x", ";a", "\r\n", 40000},
        {HEAD "m=audio 9 x", " 1", "\r\n", 500},
        {HEAD "a=candidate:1 1 UDP 1 ::1 9 typ host", " a b", "\r\n", 10000},
        {HEAD "a=simulcast:send 1", ",1", "\r\n", 40000},
        {HEAD "e=", "a ", "\r\n", 20000},
        {HEAD "u=http://a", "/a", "\r\n", 40000},
        {"v=0\r\n", "t=0 0\r\n", "", 2000},
        {"v=0\r\n", "b=x:1\r\n", "", 2000},
        {"", "\n", "", 20000},
        {"", "\r", "", 20000},
        {HEAD, "m=audio 9 RTP/AVP 0\r\na=mid:1\r\n", "", 120},
    };
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        for (int profile = SIPV_STRICT; profile <= SIPV_INTEROP; profile++) {
            double ratio = 100;
            for (int tries = 0; tries < 4 && ratio > 3.5; tries++) {
                size_t n = repeat(families[i].head, families[i].piece, families[i].count,
                                  families[i].tail);
                const double one = seconds_for(n, (sipv_profile)profile);
                n = repeat(families[i].head, families[i].piece, 2 * families[i].count,
                           families[i].tail);
                ratio = seconds_for(n, (sipv_profile)profile) / (one + 2e-5);
            }
            cr_assert(ratio <= 3.5, "family %zu, profile %d: %.1f times", i, profile, ratio);
        }
}

/* ---- Typed forms --------------------------------------------------------------------------------
 */

Test(sdp, typed_forms)
{
    cr_assert_eq(described_text(&d, HEAD "m=audio 9/2 RTP/AVP 96 97\r\na=rtpmap:96 opus/48000/2\r\n"
                                         "a=fmtp:96 minptime=10; useinbandfec=1;x\r\na=recvonly\r\n"
                                         "a=rtpmap:97 CN/8000\r\n"),
                 SIPV_OK);
    const sipv_sdp *s = &d.s;
    sipv_sdp_media m;
    sipv_sdp_rtpmap map;
    sipv_sdp_fmtp fmtp;
    sipv_param p;
    sipv_slice format;
    size_t at = 0;
    cr_assert_eq(s->n_sections, 1);
    cr_assert_eq(s->sections[0].direction, SIPV_SDP_RECVONLY);
    cr_assert_eq(sipv_sdp_media_of(s, &s->lines[s->sections[0].first], &m), SIPV_OK);
    cr_assert(m.port == 9 && m.port_count == 2 && sipv_slice_is(m.proto, "RTP/AVP"));
    cr_assert(sipv_list_next(&m.formats, &at, &format) == SIPV_OK && sipv_slice_is(format, "96"));
    cr_assert(sipv_list_next(&m.formats, &at, &format) == SIPV_OK && sipv_slice_is(format, "97"));
    cr_assert_eq(sipv_list_next(&m.formats, &at, &format), SIPV_END);
    const sipv_sdp_line *line = sipv_sdp_find(s, 0, SIPV_SDP_A_RTPMAP, NULL);
    cr_assert_eq(sipv_sdp_rtpmap_of(s, line, &map), SIPV_OK);
    cr_assert(map.payload_type == 96 && map.clock_rate == 48000 && map.channels == 2);
    line = sipv_sdp_find(s, 0, SIPV_SDP_A_RTPMAP, line);
    cr_assert_eq(sipv_sdp_rtpmap_of(s, line, &map), SIPV_OK);
    cr_assert(map.payload_type == 97 && map.channels == SIPV_NUMBER_ABSENT);
    cr_assert_null(sipv_sdp_find(s, 0, SIPV_SDP_A_RTPMAP, line));
    cr_assert_eq(sipv_sdp_fmtp_of(s, line, &fmtp), SIPV_BAD_ARGUMENT);
    line = sipv_sdp_find(s, 0, SIPV_SDP_A_FMTP, NULL);
    cr_assert_eq(sipv_sdp_fmtp_of(s, line, &fmtp), SIPV_OK);
    at = 0;
    cr_assert_eq(sipv_sdp_fmtp_next(fmtp.parameters, &at, &p), SIPV_OK);
    cr_assert(sipv_slice_is(p.name, "minptime") && sipv_slice_is(p.value, "10"));
    cr_assert_eq(sipv_sdp_fmtp_next(fmtp.parameters, &at, &p), SIPV_OK);
    cr_assert(sipv_slice_is(p.name, "useinbandfec") && sipv_slice_is(p.value, "1"));
    cr_assert_eq(sipv_sdp_fmtp_next(fmtp.parameters, &at, &p), SIPV_OK);
    cr_assert(sipv_slice_is(p.name, "x") && !p.value.p);
    cr_assert_eq(sipv_sdp_fmtp_next(fmtp.parameters, &at, &p), SIPV_END);
}

/* A number of ports or addresses is as out of range as what it leads to. */
Test(sdp, counts_end_at_the_last_port_and_address)
{
    static const struct {
        const char *text;
        int64_t ports, addresses; /* in the typed form */
        size_t off;               /* of the error behind the m= letter, 0 for none */
    } cases[] = {
        {"m=audio 65534/2 RTP/AVP 0\r\nc=IN IP4 239.255.255.254/1/2\r\n", 2, 2, 0},
        {"m=audio 65535/2 RTP/AVP 0\r\nc=IN IP4 239.255.255.254/1/2\r\n", SIPV_NUMBER_RANGE, 2, 14},
        {"m=audio 65534/2 RTP/AVP 0\r\nc=IN IP4 239.255.255.254/1/3\r\n", 2, SIPV_NUMBER_RANGE, 54},
        {"m=audio 9/65535 RTP/AVP 0\r\nc=IN IP6 ff15::101/3\r\n", SIPV_NUMBER_RANGE, 3, 10},
        {"m=audio 9/2 RTP/AVP 0\r\nc=IN IP4 224.2.1.1/127/2000000000\r\n", 2, SIPV_NUMBER_RANGE,
         46},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sipv_sdp_media m;
        sipv_sdp_connection c;
        sprintf(text, HEAD "%s", cases[i].text);
        cr_assert_eq(described_text(&d, text), cases[i].off ? SIPV_REJECT : SIPV_OK, "case %zu", i);
        const sipv_sdp *s = &d.s;
        const sipv_diag *e = error_of(s);
        cr_assert(!e || (e->off == strlen(HEAD) + cases[i].off && e->code == 1013), "case %zu: %zu",
                  i, e ? e->off : 0);
        cr_assert_eq(sipv_sdp_media_of(s, &s->lines[s->sections[0].first], &m), SIPV_OK);
        cr_assert_eq(sipv_sdp_connection_of(s, sipv_sdp_find_type(s, 0, 'c', NULL), &c), SIPV_OK);
        cr_assert(m.port_count == cases[i].ports && c.addresses == cases[i].addresses, "case %zu",
                  i);
    }
}

/* No field of a typed form is one that nothing can fill. */
Test(sdp, every_field_can_be_filled)
{
    enum { TRIES = 4000 };
    static unsigned char value[4096];
    bool filled[SIPV_SDP_VIEW_COUNT][16] = {{false}};
    size_t fields[SIPV_SDP_VIEW_COUNT] = {0};
    for (unsigned id = 1; id < SIPV_SDP_A_COUNT; id++) {
        const sipv_sdp_attribute_info *info = sipv_sdp_attribute_info_of(id);
        uint64_t seed = id;
        for (int i = 0; info->rule >= 0 && i < TRIES; i++) {
            size_t n = 0;
            sipv_sdp_field f;
            if (sipv_sample(sipv_sdp_grammar(), info->rule, false, &seed, value, 2048, &n, NULL) !=
                    SIPV_OK ||
                n == 0)
                continue;
            size_t all = (size_t)sprintf(text, HEAD AUDIO "a=%s:", info->name);
            memcpy(text + all, value, n);
            all += n;
            memcpy(text + all, "\r\n", 2);
            described(&d, text, all + 2, SIPV_STRICT);
            const sipv_sdp_line *line = sipv_sdp_find(&d.s, 0, id, NULL);
            if (!line) /* control characters in a value that is any text */
                continue;
            for (size_t k = 0; sipv_sdp_field_at(&d.s, line, k, &f) == SIPV_OK; k++) {
                fields[info->view] = k + 1;
                filled[info->view][k] |= f.slice.p || f.number >= 0 || f.list.n;
            }
        }
    }
    for (int view = 0; view < SIPV_SDP_VIEW_COUNT; view++)
        for (size_t k = 0; k < fields[view]; k++)
            cr_assert(filled[view][k], "field %zu of view %d", k, view);
}

Test(sdp, names)
{
    cr_assert_eq(sipv_sdp_attribute_find(sipv_slice_text("rtpmap")), SIPV_SDP_A_RTPMAP);
    cr_assert_eq(sipv_sdp_attribute_find(sipv_slice_text("RTPMAP")), SIPV_SDP_A_OTHER);
    cr_assert_eq(sipv_sdp_attribute_find(sipv_slice_text("rtpma")), SIPV_SDP_A_OTHER);
    cr_assert_eq(sipv_sdp_attribute_find(sipv_slice_text("")), SIPV_SDP_A_OTHER);
    cr_assert_null(sipv_sdp_attribute_info_of(SIPV_SDP_A_OTHER));
    cr_assert_null(sipv_sdp_attribute_info_of(SIPV_SDP_A_COUNT));
    for (unsigned id = 1; id < SIPV_SDP_A_COUNT; id++) {
        const sipv_sdp_attribute_info *info = sipv_sdp_attribute_info_of(id);
        cr_assert_eq(sipv_sdp_attribute_find(sipv_slice_text(info->name)), id);
    }
}

Test(sdp, the_catalogue_is_in_order)
{
    unsigned before = 0;
    for (size_t i = 0; sipv_sdp_diag_at(i); i++) {
        const sipv_diag_info *info = sipv_sdp_diag_at(i);
        cr_assert(info->code > before);
        cr_assert_eq(sipv_sdp_diag_find(info->code), info);
        before = info->code;
    }
    cr_assert(before > 0);
    cr_assert_null(sipv_sdp_diag_find(1));
    cr_assert_null(sipv_sdp_diag_find(9999));
}

Test(sdp, explains_what_was_expected)
{
    sipv_match match;
    described_text(&d, HEAD "m=audio x RTP/AVP 0\r\n");
    cr_assert_eq(sipv_sdp_explain(&d.s, &d.s.diags[0], d.explainer, &match), SIPV_OK);
    cr_assert_eq(match.error_offset, 6);
    cr_assert_str_eq(match.expected[0], "DIGIT");
    described_text(&d, HEAD "m=audio 9 RTP/AVP 0\r\nt=0 0\r\n");
    cr_assert_eq(sipv_sdp_explain(&d.s, &d.s.diags[0], d.explainer, &match), SIPV_ABSENT);
}
