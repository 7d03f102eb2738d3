/* The suite of `sipvet gen torture`: every group has cases, and every case gets the verdict that it
 * is announced with. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sipvet/sdp.h>
#include <suite.h>

#include "messages.h"

enum { LINES = 4096, EVENTS = 16384, DIAGS = 256 };

static struct room room;
static char text[SUITE_OCTETS];

static bool is_as_said(enum suite_verdict said, bool accepted)
{
    return said == SUITE_UNSAID || (said == SUITE_ACCEPT) == accepted;
}

static bool body_accepted(sipv_slice body)
{
    static sipv_sdp_line lines[LINES];
    static sipv_sdp_section sections[64];
    static sipv_event events[EVENTS];
    static sipv_diag diags[DIAGS];
    sipv_sdp s;
    sipv_sdp_init(&s, lines, LINES, sections, 64, events, EVENTS, diags, DIAGS);
    return sipv_sdp_parse(&s, body.p, body.n, NULL) == SIPV_OK && s.accepted;
}

static void check_message(const struct suite_case *c, size_t n, size_t *said)
{
    static const sipv_profile profiles[] = {SIPV_STRICT, SIPV_INTEROP};
    cr_expect(c->strict != SUITE_UNSAID, "%s, %s: no verdict", c->group, c->what);
    for (unsigned i = 0; i < 2; i++) {
        const enum suite_verdict verdict = i ? c->interop : c->strict;
        cr_assert(room_parse(&room, text, n, profiles[i]) != SIPV_BAD_ARGUMENT);
        cr_expect(is_as_said(verdict, room.m.accepted), "%s, %s, %s: %s", c->group, c->what,
                  i ? "interop" : "strict", room.m.accepted ? "accepted" : "rejected");
        *said += verdict != SUITE_UNSAID;
        if (i == 0 && c->body != SUITE_UNSAID) {
            const bool accepted = body_accepted(room.m.body);
            cr_expect(is_as_said(c->body, accepted), "%s, %s, body: %s", c->group, c->what,
                      accepted ? "accepted" : "rejected");
            ++*said;
        }
    }
}

static enum suite_end end_of(const char *p, size_t n)
{
    sipv_framer framer;
    sipv_frame frame;
    size_t at = 0;
    sipv_framer_init(&framer, SIPV_STRICT, NULL);
    for (;;) {
        const int result = sipv_framer_feed(&framer, p + at, n - at, &frame);
        if (result == SIPV_REJECT)
            return SUITE_ERROR;
        if (result == SIPV_MORE)
            return at + frame.skip == n ? SUITE_COMPLETE : SUITE_INCOMPLETE;
        at += frame.skip + frame.n;
        if (at == n)
            return SUITE_COMPLETE;
    }
}

Test(suite, verdicts)
{
    size_t cases = 0, said = 0;
    cr_assert(room_open(&room));
    for (size_t g = 0; g < suite_groups(); g++)
        for (size_t i = 0; i < suite_count(g); i++, cases++) {
            struct suite_case c;
            const size_t n = suite_make(g, i, &c, text);
            cr_assert(n > 0 && n <= SUITE_OCTETS);
            cr_expect_str_eq(c.group, suite_group(g));
            if (c.kind == SUITE_MESSAGE)
                check_message(&c, n, &said);
            else
                cr_expect_eq(end_of(text, n), c.end, "%s, %s: %d", c.group, c.what,
                             (int)end_of(text, n));
        }
    room_close(&room);
    cr_expect_geq(cases, 4527, "%zu cases", cases);
    cr_expect_geq(said, cases, "of %zu cases %zu verdicts are announced", cases, said);
}

/* The groups of 2002 are all there, each with one usual case and many broken ones. */
Test(suite, groups)
{
    size_t classic = 0;
    for (size_t g = 0; g < suite_groups(); g++) {
        size_t accepted = 0, rejected = 0;
        classic += suite_is_classic(g);
        for (size_t i = 0; i < suite_count(g); i++) {
            struct suite_case c;
            suite_make(g, i, &c, text);
            accepted += c.strict == SUITE_ACCEPT && c.body != SUITE_REJECT;
            rejected += c.strict == SUITE_REJECT || c.body == SUITE_REJECT;
        }
        cr_expect_gt(suite_count(g), 0);
        cr_expect(g == 0 || !suite_is_classic(g) || rejected > 0, "%s rejects nothing",
                  suite_group(g));
        (void)accepted;
    }
    cr_expect_eq(classic, 54, "%zu", classic);
}

/* The same octets each time, and nothing beyond the last. */
Test(suite, repeats)
{
    static char again[SUITE_OCTETS];
    struct suite_case c;
    const size_t n = suite_make(5, 7, &c, text);
    cr_expect_eq(suite_make(5, 7, &c, again), n);
    cr_expect_eq(memcmp(text, again, n), 0);
    cr_expect_eq(suite_group(suite_groups()), NULL);
    cr_expect_eq(suite_count(suite_groups()), 0);
}
