/* Views over header values: storage, limits, and what no spec page shows.  Forms and faults are in
 * tests/spec/digest-*.md. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sipvet/auth.h>

#include "fence.h"

#define S(text) sipv_slice_text(text)

static const char credentials[] =
    "Digest username=\"i\\\"da\", realm=\"e\\\\lm\", nonce=\"n\", uri=\"sip:a\", "
    "response=\"00112233445566778899aabbccddeeff\", qop=auth, nc=00000001, cnonce=\"c\", x=y";

/* With any amount of storage the answer is whole, or SIPV_NO_SPACE. */
Test(values, storage)
{
    sipv_credentials c;
    unsigned fine = 0;
    for (size_t events = 0; events < 80; events++)
        for (size_t text = 0; text < 12; text++) {
            sipv_event *ev = malloc(events * sizeof *ev + 1);
            unsigned char *bytes = malloc(text + 1);
            cr_assert(ev && bytes);
            sipv_room room = sipv_room_of(ev, events, bytes, text);
            const int result = sipv_credentials_parse(S(credentials), &room, &c);
            cr_assert(result == SIPV_OK || result == SIPV_NO_SPACE);
            if (result == SIPV_OK) {
                fine++;
                cr_expect(sipv_slice_is(c.username, "i\"da"));
                cr_expect(sipv_slice_is(c.realm, "e\\lm"));
                cr_expect_eq(c.fault.reason, SIPV_FINE);
                cr_expect_eq(room.n_text, 8);
                cr_expect_geq(text, 8);
            }
            free(bytes);
            free(ev);
        }
    cr_expect_gt(fine, 0);
}

static bool is_zero(const void *p, size_t n)
{
    const unsigned char *const octets = p;
    for (size_t i = 0; i < n; i++)
        if (octets[i])
            return false;
    return true;
}

/* Where the answer is not SIPV_OK there is none: no field, no challenge. */
Test(values, nothing_half_written)
{
    static char longest[1 << 17];
    static const char info[] = "nextnonce=\"a\\b\", qop=auth",
                      challenge[] = "Digest realm=\"a\\b\", nonce=\"c\"";
    sipv_event ev[128];
    sipv_credentials c;
    sipv_auth_info i;
    sipv_challenges list;
    sipv_challenge one;
    memset(longest, 'a', sizeof longest - 1);
    for (int way = 0; way < 2; way++) {
        const int expected = way ? SIPV_LIMIT : SIPV_NO_SPACE;
        sipv_room room = sipv_room_of(ev, 128, NULL, 0);
        memset(&c, 0xa5, sizeof c);
        memset(&i, 0xa5, sizeof i);
        cr_expect_eq(sipv_credentials_parse(S(way ? longest : credentials), &room, &c), expected);
        cr_expect(is_zero(&c, sizeof c));
        cr_expect_eq(sipv_auth_info_parse(S(way ? longest : info), &room, &i), expected);
        cr_expect(is_zero(&i, sizeof i));
    }
    sipv_room room = sipv_room_of(ev, 128, NULL, 0), none = sipv_room_of(NULL, 0, NULL, 0);
    cr_expect_eq(sipv_challenges_parse(S(challenge), &room, &list, NULL), SIPV_OK);
    memset(&one, 0xa5, sizeof one);
    cr_expect_eq(sipv_challenges_next(&list, &one), SIPV_NO_SPACE);
    cr_expect(is_zero(&one, sizeof one));
    cr_expect_eq(sipv_challenges_next(&list, &one), SIPV_END);
    for (int way = 0; way < 3; way++) {
        memset(&list, 0xa5, sizeof list);
        cr_expect_eq(sipv_challenges_parse(S(way == 0   ? ","
                                             : way == 1 ? longest
                                                        : challenge),
                                           way == 2 ? &none : &room, &list, NULL),
                     way == 0   ? SIPV_REJECT
                     : way == 1 ? SIPV_LIMIT
                                : SIPV_NO_SPACE);
        cr_expect(is_zero(&list, sizeof list));
        cr_expect_eq(sipv_challenges_next(&list, &one), SIPV_END);
    }
}

/* An event for a scheme, two for a parameter, 32 to spare: as the header says. */
Test(values, storage_as_stated)
{
    char value[4096] = "Digest realm=\"a\", nonce=\"b\"";
    for (unsigned params = 2; params < 40; params++) {
        const size_t events = 1 + 2 * params + 32;
        sipv_event *ev = malloc(events * sizeof *ev);
        cr_assert(ev);
        sipv_room room = sipv_room_of(ev, events, NULL, 0);
        sipv_challenges list;
        sipv_challenge c;
        cr_expect_eq(sipv_challenges_parse(S(value), &room, &list, NULL), SIPV_OK, "%u", params);
        cr_expect_eq(sipv_challenges_next(&list, &c), SIPV_OK);
        cr_expect_eq(c.fault.reason, SIPV_FINE);
        cr_expect_eq(room.n_events, 1 + 2 * params);
        free(ev);
        sprintf(value + strlen(value), ", p%u=v", params);
    }
}

Test(values, limits)
{
    enum { SIZE = 70000 };
    char *value = malloc(SIZE);
    sipv_event *ev = malloc(SIZE * sizeof *ev);
    cr_assert(value && ev);
    sipv_credentials c;
    size_t n = (size_t)sprintf(value, "Digest a=b");
    for (unsigned i = 0; i < 300; i++)
        n += (size_t)sprintf(value + n, ", p%u=v", i);
    sipv_room room = sipv_room_of(ev, SIZE, NULL, 0);
    cr_expect_eq(sipv_credentials_parse(sipv_slice_of(value, n), &room, &c), SIPV_OK);
    cr_expect_eq(c.fault.reason, SIPV_TOO_MANY);
    memset(value, ' ', SIZE);
    memcpy(value, credentials, sizeof credentials - 1);
    room = sipv_room_of(ev, SIZE, value, 0);
    cr_expect_eq(sipv_credentials_parse(sipv_slice_of(value, SIZE), &room, &c), SIPV_LIMIT);
    free(value);
    free(ev);
}

/* White space and folds round a value are not part of it. */
Test(values, trimmed)
{
    sipv_event ev[128];
    unsigned char text[64];
    sipv_credentials c;
    char value[512];
    snprintf(value, sizeof value, " \r\n\t %s \r\n ", credentials);
    sipv_room room = sipv_room_of(ev, 128, text, sizeof text);
    cr_expect_eq(sipv_credentials_parse(S(value), &room, &c), SIPV_OK);
    cr_expect_eq(c.fault.reason, SIPV_FINE);
    cr_expect_eq(c.text.n, sizeof credentials - 1);
    sipv_param p;
    cr_expect_eq(sipv_param_find(&c.params, "X", &p), SIPV_OK);
    cr_expect(sipv_slice_is(p.value, "y"));
    cr_expect_eq(sipv_credentials_parse(S(" \r\n "), &room, &c), SIPV_OK);
    cr_expect_eq(c.fault.reason, SIPV_SYNTAX);
    cr_expect_eq(sipv_credentials_parse(sipv_slice_of(NULL, 0), &room, &c), SIPV_BAD_ARGUMENT);
}

/* A fold in a quoted string is one space (RFC 3261 7.3.1), with what stands round it; what stands
 * behind a backslash is no part of it. */
Test(values, folds_in_quoted_strings)
{
    sipv_event ev[64];
    unsigned char text[64];
    sipv_credentials c;
    sipv_room room = sipv_room_of(ev, 64, text, sizeof text);
    cr_expect_eq(sipv_credentials_parse(S("Digest realm=\"a  b \t\r\n\t c\\ \r\n d\""), &room, &c),
                 SIPV_OK);
    cr_expect(sipv_slice_is(c.realm, "a  b c  d"), "%.*s", (int)c.realm.n, c.realm.p);
    room = sipv_room_of(ev, 64, text, 5);
    cr_expect_eq(sipv_credentials_parse(S("Digest realm=\"abc\r\n de\""), &room, &c),
                 SIPV_NO_SPACE);
}

/* Control characters can be written, each behind a backslash. */
Test(values, control_characters_are_written)
{
    sipv_event ev[64];
    unsigned char text[64], out[256];
    sipv_credentials c;
    sipv_credentials_parts parts;
    size_t n;
    memset(&parts, 0, sizeof parts);
    parts.username = S("i\x01\x7f\t\xff");
    parts.realm = S("r");
    parts.nonce = S("n");
    parts.uri = S("u \tv");
    parts.response = S("00112233445566778899aabbccddeeff");
    cr_expect_eq(sipv_credentials_write(&parts, out, sizeof out, &n), SIPV_OK);
    sipv_room room = sipv_room_of(ev, 64, text, sizeof text);
    cr_expect_eq(sipv_credentials_parse(sipv_slice_of(out, n), &room, &c), SIPV_OK);
    cr_expect_eq(c.fault.reason, SIPV_FINE);
    cr_expect(sipv_slice_equal(c.username, parts.username));
    cr_expect(sipv_slice_equal(c.uri, parts.uri));
}

/* Every beginning of a value, and every value with one byte changed, next to pages that must not be
 * touched: an answer, and slices that lie in the value or in the room. */
Test(values, damaged)
{
    static const unsigned char bytes[] = {0, '"', '\\', ',', '=', ' ', '\r', '%', '*', 'a', 0xff};
    struct fence value_fence, text_fence;
    const size_t n = sizeof credentials - 1;
    sipv_event ev[256];
    unsigned faults = 0, fine = 0;
    cr_assert(fence_open(&value_fence, 4096) && fence_open(&text_fence, 4096));
    for (size_t i = 0; i <= n; i++)
        for (size_t k = 0; k <= sizeof bytes; k++) {
            char copy[sizeof credentials];
            memcpy(copy, credentials, n);
            size_t length = n;
            if (k < sizeof bytes && i < n)
                copy[i] = (char)bytes[k];
            else
                length = i;
            static const unsigned char zeros[64];
            unsigned char *text = (unsigned char *)(uintptr_t)fence_end(&text_fence, zeros, 64);
            sipv_room room = sipv_room_of(ev, 256, text, 64);
            const sipv_slice v = sipv_slice_of(fence_end(&value_fence, copy, length), length);
            sipv_credentials c;
            cr_assert_eq(sipv_credentials_parse(v, &room, &c), SIPV_OK);
            if (c.fault.reason == SIPV_FINE)
                fine++;
            else
                faults++;
            cr_assert_leq(c.fault.off, length);
            cr_assert_leq(c.fault.off + c.fault.len, length);
            const sipv_slice *const all[] = {&c.username, &c.realm,  &c.nonce, &c.uri,
                                             &c.response, &c.cnonce, &c.nc};
            for (size_t f = 0; f < sizeof all / sizeof *all; f++) {
                const sipv_slice s = *all[f];
                const bool in_value = s.p >= v.p && s.p + s.n <= v.p + v.n;
                const bool in_text = s.p >= text && s.p + s.n <= text + 64;
                cr_assert(!s.p || in_value || in_text);
            }
            sipv_challenges list;
            sipv_challenge ch;
            size_t error = 0;
            if (sipv_challenges_parse(v, &room, &list, &error) == SIPV_REJECT)
                cr_assert_leq(error, length);
            else
                while (sipv_challenges_next(&list, &ch) == SIPV_OK)
                    cr_assert_leq(ch.fault.off + ch.fault.len, length);
        }
    cr_expect_gt(faults, 100);
    cr_expect_gt(fine, 100);
    fence_close(&value_fence);
    fence_close(&text_fence);
}

Test(values, names)
{
    cr_expect_eq(sipv_algorithm_find(sipv_slice_of(NULL, 0)), SIPV_MD5);
    cr_expect_eq(sipv_algorithm_find(S("")), SIPV_ALGORITHM_OTHER);
    for (int a = 0; a < SIPV_ALGORITHM_COUNT; a++)
        cr_expect_eq((int)sipv_algorithm_find(S(sipv_algorithm_name((sipv_algorithm)a))), a);
    cr_expect_eq(sipv_algorithm_find(S("sha-512-256-SESS")), SIPV_SHA_512_256_SESS);
    cr_expect_null(sipv_algorithm_name(SIPV_ALGORITHM_OTHER));
    cr_expect_eq(sipv_algorithm_digits(SIPV_ALGORITHM_OTHER), 0);
    cr_expect_eq(sipv_qop_find(S("AUTH-int")), SIPV_QOP_AUTH_INT);
    cr_expect_eq(sipv_qop_find(S("auth,auth-int")), SIPV_QOP_OTHER);
    for (int r = 0; r < SIPV_AUTH_REASON_COUNT; r++) {
        cr_expect_gt(strlen(sipv_auth_reason_name((sipv_auth_reason)r)), 3, "reason %d", r);
        cr_expect_gt(strlen(sipv_auth_reason_text((sipv_auth_reason)r)), 10, "reason %d", r);
        for (int other = 0; other < r; other++)
            cr_expect_str_neq(sipv_auth_reason_name((sipv_auth_reason)r),
                              sipv_auth_reason_name((sipv_auth_reason)other));
    }
    cr_expect_str_eq(sipv_auth_reason_name(SIPV_AUTH_REASON_COUNT), "");
}
