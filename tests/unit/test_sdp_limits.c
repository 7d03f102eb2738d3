/* Session descriptions: limits, storage, time. */
#define _POSIX_C_SOURCE 200809L
#include <time.h>

#include "sdp_text.h"

TestSuite(sdp_limits, .init = open_all, .fini = close_all);

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

Test(sdp_limits, limits_are_where_they_are_said_to_be)
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

Test(sdp_limits, limits_can_be_set)
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
Test(sdp_limits, section_too_many_is_found)
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

Test(sdp_limits, too_little_storage_is_told)
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
Test(sdp_limits, the_error_is_kept)
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

Test(sdp_limits, time_is_linear, .timeout = 240)
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
