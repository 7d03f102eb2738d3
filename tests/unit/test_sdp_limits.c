/* Session descriptions: limits, storage. */
#include "sdp_text.h"

TestSuite(sdp_limits, .init = open_all, .fini = close_all);

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
