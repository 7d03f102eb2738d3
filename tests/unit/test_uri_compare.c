/* Equal and unequal URIs: RFC 3261 19.1.4, RFC 3966 section 4. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sipvet/parser.h>

#include "fence.h"

enum { EVENTS = 600, ROOM = 70000 };

/* A URI flush against a fence, with storage of its own. */
struct side {
    struct fence fence;
    sipv_event events[EVENTS];
    sipv_uri uri;
};

static void open_side(struct side *s, const char *text, size_t n)
{
    cr_assert(fence_open(&s->fence, n));
    const sipv_slice in = sipv_slice_of(fence_end(&s->fence, text, n), n);
    cr_assert_eq(sipv_uri_parse(in, false, s->events, EVENTS, &s->uri, NULL), SIPV_OK, "%.80s",
                 text);
}

/* Both directions must give the same part. */
static sipv_uri_part compare(const char *a, const char *b, sipv_slice *which)
{
    static struct side x, y;
    static unsigned char name[64];
    sipv_slice back;
    open_side(&x, a, strlen(a));
    open_side(&y, b, strlen(b));
    const sipv_uri_part part = sipv_uri_compare(&x.uri, &y.uri, which);
    cr_expect_eq(sipv_uri_compare(&y.uri, &x.uri, &back), part, "%.80s and %.80s", a, b);
    cr_expect_eq(sipv_uri_compare(&x.uri, &y.uri, NULL), part);
    cr_expect_eq(sipv_uri_compare(&x.uri, &x.uri, NULL), SIPV_URI_EQUAL, "%.80s", a);
    if (which->p) {
        const size_t n = which->n < sizeof name ? which->n : sizeof name;
        memcpy(name, which->p, n);
        *which = sipv_slice_of(name, n);
    }
    fence_close(&x.fence);
    fence_close(&y.fence);
    return part;
}

struct row {
    const char *a, *b;
    sipv_uri_part part;
    const char *which; /* parameter or header that differs */
};

static void check(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        sipv_slice which;
        const sipv_uri_part part = compare(rows[i].a, rows[i].b, &which);
        cr_expect_eq(part, rows[i].part, "%s and %s: %s", rows[i].a, rows[i].b,
                     sipv_uri_part_name(part));
        if (rows[i].which)
            cr_expect(sipv_slice_is(which, rows[i].which), "%s and %s: not %s but %.*s", rows[i].a,
                      rows[i].b, rows[i].which, (int)which.n, (const char *)which.p);
        else
            cr_expect_null(which.p, "%s and %s", rows[i].a, rows[i].b);
    }
}
#define CHECK(rows) check(rows, sizeof(rows) / sizeof((rows)[0]))

/* The table of equivalent URIs. */
Test(uri_compare, rfc3261_equal)
{
    static const struct row rows[] = {
        {"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp", 0, NULL},
        {"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", 0, NULL},
        {"sip:carol@chicago.com", "sip:carol@chicago.com;security=on", 0, NULL},
        {"sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on", 0, NULL},
        {"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
         "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com", 0, NULL},
        {"sip:alice@atlanta.com?subject=project%20x&priority=urgent",
         "sip:alice@atlanta.com?priority=urgent&subject=project%20x", 0, NULL},
        {"sip:carol@chicago.com", "sip:carol@chicago.com;security=off", 0, NULL},
    };
    CHECK(rows);
}

/* The table of URIs that are not equivalent. */
Test(uri_compare, rfc3261_unequal)
{
    static const struct row rows[] = {
        {"SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP",
         SIPV_URI_USER, NULL},
        {"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", SIPV_URI_PORT, NULL},
        {"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", SIPV_URI_PARAMETER, "transport"},
        {"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", SIPV_URI_PORT, NULL},
        {"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", SIPV_URI_HEADER,
         "Subject"},
        {"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", SIPV_URI_HOST, NULL},
        {"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off",
         SIPV_URI_PARAMETER, "security"},
    };
    CHECK(rows);
}

Test(uri_compare, user_and_password)
{
    static const struct row rows[] = {
        {"sip:a@h", "sips:a@h", SIPV_URI_SCHEME, NULL},
        {"SIP:a@h", "sip:a@h", 0, NULL},
        {"sip:h", "sip:a@h", SIPV_URI_USER, NULL},
        {"sip:a@h", "sip:a:@h", SIPV_URI_PASSWORD, NULL},
        {"sip:a:p@h", "sip:a:P@h", SIPV_URI_PASSWORD, NULL},
        {"sip:a:%70@h", "sip:a:p@h", 0, NULL},
        {"sip:j%40s0n@h", "sip:j%40s0n@H", 0, NULL},
        {"sip:a%3b@h", "sip:a%3B@h", 0, NULL}, /* hex digits have no case */
        /* An escape of a reserved character is not that character. */
        {"sip:a%3Bb@h", "sip:a;b@h", SIPV_URI_USER, NULL},
        {"sip:a%2Fb@h", "sip:a/b@h", SIPV_URI_USER, NULL},
        {"sip:a%25@h", "sip:a%25@h;x", 0, NULL},
        {"sip:%2541@h", "sip:A@h", SIPV_URI_USER, NULL},
        {"sip:%00@h", "sip:%00a@h", SIPV_URI_USER, NULL},
        {"sip:%c3%a9@h", "sip:%C3%A9@h", 0, NULL},
        {"sip:+1-212-555@h;user=phone", "sip:+1212555@h;user=phone", SIPV_URI_USER, NULL},
    };
    CHECK(rows);
}

Test(uri_compare, host_and_port)
{
    static const struct row rows[] = {
        {"sip:a@h:5060", "sip:a@h:05060", 0, NULL},
        {"sip:a@h:5060", "sip:a@h:5061", SIPV_URI_PORT, NULL},
        {"sip:a@h:0", "sip:a@h", SIPV_URI_PORT, NULL},
        {"sip:a@[2001:db8::1]", "sip:a@[2001:DB8:0:0:0:0:0:1]", 0, NULL},
        {"sip:a@[2001:db8::1]", "sip:a@[2001:0db8:0:0::0001]", 0, NULL},
        {"sip:a@[2001:db8::1]", "sip:a@[2001:db8::1:0]", SIPV_URI_HOST, NULL},
        {"sip:a@[::ffff:192.0.2.1]", "sip:a@[::ffff:c000:201]", 0, NULL},
        {"sip:a@[::ffff:192.0.2.1]", "sip:a@192.0.2.1", SIPV_URI_HOST, NULL},
        {"sip:a@[::]", "sip:a@[0:0:0:0:0:0:0:0]", 0, NULL},
        {"sip:a@[::]", "sip:a@[0::0]", 0, NULL},
        {"sip:a@[1::]", "sip:a@[1:0:0:0:0:0:0:0]", 0, NULL},
        {"sip:a@[1:2:3:4:5:6:7::]", "sip:a@[1:2:3:4:5:6:7:0]", 0, NULL},
        {"sip:a@[::2:3:4:5:6:7:8]", "sip:a@[0:2:3:4:5:6:7:8]", 0, NULL},
        {"sip:a@[1:2:3:4:5:6:192.0.2.1]", "sip:a@[1:2:3:4:5:6:c000:0201]", 0, NULL},
        {"sip:a@[1::8]", "sip:a@[1::7]", SIPV_URI_HOST, NULL},
        {"sip:a@h.example", "sip:a@h.example.", SIPV_URI_HOST, NULL},
    };
    CHECK(rows);
}

/* Hosts that no parser hands out are compared as text; nothing is read outside of them. */
Test(uri_compare, broken_references)
{
    static const char *const hosts[] = {
        "",
        "[",
        "[]",
        "[:",
        "[:]",
        "[::",
        "[1]",
        "[1:2]",
        "[1:]",
        "[:1]",
        "[:::]",
        "[1::2::3]",
        "[12345::]",
        "[::1.2.3]",
        "[::1.2.]",
        "[::g]",
        "[::1.2.3.4x",
        "[::256.1.1.1]",
        "[::1.2.3.4.5]",
        "[1:2:3:4:5:6:7:1.2.3.4]",
        "[1:2:3:4:5:6:7:8:9]",
        "[1:2:3:4:5:6:7:8::]",
    };
    static const sipv_uri none = {.port = SIPV_NUMBER_ABSENT};
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        struct fence f;
        sipv_uri a = none, b = none;
        const size_t n = strlen(hosts[i]);
        cr_assert(fence_open(&f, 64));
        a.scheme = b.scheme = sipv_slice_text("sip");
        a.text = sipv_slice_text("sip:a");
        b.text = sipv_slice_text("sip:b");
        a.host = sipv_slice_of(fence_end(&f, hosts[i], n), n);
        b.host = sipv_slice_text(hosts[i]);
        cr_expect_eq(sipv_uri_compare(&a, &b, NULL), SIPV_URI_EQUAL, "%s", hosts[i]);
        b.host = sipv_slice_text("[::]");
        cr_expect_eq(sipv_uri_compare(&a, &b, NULL), SIPV_URI_HOST, "%s", hosts[i]);
        fence_close(&f);
    }
}

Test(uri_compare, parameters)
{
    static const struct row rows[] = {
        {"sip:a@h", "sip:a@h;user=ip", SIPV_URI_PARAMETER, "user"},
        {"sip:a@h", "sip:a@h;ttl=1", SIPV_URI_PARAMETER, "ttl"},
        {"sip:a@h", "sip:a@h;method=INVITE", SIPV_URI_PARAMETER, "method"},
        {"sip:a@h", "sip:a@h;maddr=h", SIPV_URI_PARAMETER, "maddr"},
        {"sip:a@h", "sip:a@h;transport=tcp", SIPV_URI_PARAMETER, "transport"},
        {"sip:a@h", "sip:a@h;lr", 0, NULL},
        {"sip:a@h;%74ransport=tcp", "sip:a@h;transport=tcp", 0, NULL},
        {"sip:a@h;%74ransport=tcp", "sip:a@h", SIPV_URI_PARAMETER, "%74ransport"},
        {"sip:a@h;x", "sip:a@h;x=1", SIPV_URI_PARAMETER, "x"},
        {"sip:a@h;x=A%41", "sip:a@h;X=aa", 0, NULL},
        {"sip:a@h;x=a%3A", "sip:a@h;x=a:", SIPV_URI_PARAMETER, "x"},
        {"sip:a@h;method=INVITE", "sip:a@h;method=invite", SIPV_URI_PARAMETER, "method"},
        {"sip:a@h;user=phone", "sip:a@h;USER=PHONE", 0, NULL},
        {"sip:a@h;maddr=[::1]", "sip:a@h;maddr=[0:0:0:0:0:0:0:1]", 0, NULL},
        {"sip:a@h;maddr=EXAMPLE.com", "sip:a@h;maddr=example.COM", 0, NULL},
        {"sip:a@h;a=1;b=2;c=3", "sip:a@h;c=3;a=1;b=2", 0, NULL},
        {"sip:a@h;a=1;b=2;c=3", "sip:a@h;c=3;a=1;b=4", SIPV_URI_PARAMETER, "b"},
        /* Of a repeated parameter the first counts. */
    };
    CHECK(rows);
}

Test(uri_compare, headers)
{
    static const struct row rows[] = {
        {"sip:h?subject=a", "sip:h?Subject=a", 0, NULL},
        {"sip:h?subject=a", "sip:h?s=a", 0, NULL},
        {"sip:h?%73ubject=a", "sip:h?subject=a", 0, NULL},
        {"sip:h?subject=a", "sip:h?subject=b", SIPV_URI_HEADER, "subject"},
        {"sip:h?priority=urgent", "sip:h?priority=URGENT", 0, NULL},
        {"sip:h?x=%22A%22", "sip:h?x=%22a%22", SIPV_URI_HEADER, "x"},
        {"sip:h?x=%22A%22b", "sip:h?x=%22A%22B", 0, NULL},
        {"sip:h?x=%22a%5C%22B%22", "sip:h?x=%22a%5C%22b%22", SIPV_URI_HEADER, "x"},
        {"sip:h?x=%22a%5C%22%22B", "sip:h?x=%22a%5C%22%22b", 0, NULL},
        {"sip:h?route=%3Csip:A%40h%3E", "sip:h?route=%3Csip:a%40h%3E", SIPV_URI_HEADER, "route"},
        {"sip:h?route=%3csip:a%40h%3e", "sip:h?Route=%3Csip:a%40h%3E", 0, NULL},
        {"sip:h?body=A", "sip:h?body=a", SIPV_URI_HEADER, "body"},
        {"sip:h?call-id=A", "sip:h?call-id=a", SIPV_URI_HEADER, "call-id"},
        {"sip:h?i=A", "sip:h?call-id=A", 0, NULL},
        /* Header fields of one name keep their order. */
        {"sip:h?route=%3Csip:a%3E&route=%3Csip:b%3E", "sip:h?route=%3Csip:b%3E&route=%3Csip:a%3E",
         SIPV_URI_HEADER, "route"},
        {"sip:h?x=1&y=2&x=3", "sip:h?y=2&x=1&x=3", 0, NULL},
        {"sip:h?x=1", "sip:h?x=1&x=1", SIPV_URI_HEADER, "x"},
        {"sip:h?x=", "sip:h?x=1", SIPV_URI_HEADER, "x"},
        {"sip:h?x=", "sip:h", SIPV_URI_HEADER, "x"},
        /* Addresses: no display name, URIs by their own rules, tag counts, extensions do not. */
        {"sip:h?to=%22Bob%22%20%3Csip:bob%40Biloxi.com%3E", "sip:h?t=sip:bob%40biloxi.com", 0,
         NULL},
        {"sip:h?to=sip:Bob%40biloxi.com", "sip:h?to=sip:bob%40biloxi.com", SIPV_URI_HEADER, "to"},
        {"sip:h?from=sip:a%40h%3Btag%3D1", "sip:h?from=sip:a%40h", SIPV_URI_HEADER, "from"},
        {"sip:h?from=sip:a%40h%3Btag%3DA", "sip:h?from=sip:a%40h%3Btag%3Da", 0, NULL},
        {"sip:h?from=sip:a%40h%3Bx%3D1", "sip:h?from=sip:a%40h", 0, NULL},
        {"sip:h?from=sip:a%40h%3Bx%3D1", "sip:h?from=sip:a%40h%3Bx%3D2", SIPV_URI_HEADER, "from"},
        {"sip:h?to=!", "sip:h?to=!", 0, NULL},
        {"sip:h?to=!a", "sip:h?to=!A", SIPV_URI_HEADER, "to"},
    };
    CHECK(rows);
}

Test(uri_compare, rfc3966_tel)
{
    static const struct row rows[] = {
        {"tel:+1-201-555-0123", "tel:+12015550123", 0, NULL},
        {"tel:+1(201)555.0123", "TEL:+1-201-555-0123", 0, NULL},
        {"tel:+12015550123", "tel:+12015550124", SIPV_URI_NUMBER, NULL},
        {"tel:+12015550123", "sip:+12015550123@h", SIPV_URI_SCHEME, NULL},
        {"tel:7042;phone-context=example.com", "tel:70-42;phone-context=EXAMPLE.com", 0, NULL},
        {"tel:863-1234;phone-context=+1-914-555", "tel:8631234;phone-context=+1914555", 0, NULL},
        {"tel:863-1234;phone-context=+1-914-555", "tel:8631234;phone-context=+1914556",
         SIPV_URI_PARAMETER, "phone-context"},
        {"tel:1234;phone-context=+1", "tel:+1234;phone-context=+1", SIPV_URI_NUMBER, NULL},
        {"tel:A#*;phone-context=h", "tel:a#*;phone-context=h", 0, NULL},
        {"tel:+1;ext=1-2", "tel:+1;ext=12", 0, NULL},
        {"tel:+1;ext=12", "tel:+1", SIPV_URI_PARAMETER, "ext"},
        {"tel:+1;isub=a%20B", "tel:+1;isub=A%20b", 0, NULL},
        {"tel:+1;a=1;b=2", "tel:+1;b=2;a=1", 0, NULL},
        {"tel:+1;a=1", "tel:+1;A=%31", 0, NULL},
        {"tel:+1;a=1", "tel:+1;a=1;b", SIPV_URI_PARAMETER, "b"},
        {"tel:+1;a", "tel:+1;a=1", SIPV_URI_PARAMETER, "a"},
    };
    CHECK(rows);
}

Test(uri_compare, other_schemes)
{
    static const struct row rows[] = {
        {"URN:service:sos", "urn:service:sos", 0, NULL},
        {"urn:service:sos", "urn:service:SOS", SIPV_URI_OPAQUE, NULL},
        {"http://h/a", "http://h/%61", SIPV_URI_OPAQUE, NULL},
        {"http://h/a", "https://h/a", SIPV_URI_SCHEME, NULL},
        {"http://h/a", "http://h/a?b", SIPV_URI_OPAQUE, NULL},
    };
    CHECK(rows);
}

/* "sip:h" and `count` parameters with one common beginning, from the last to the first if `down`.
 */
static void many_params(char *out, size_t room, unsigned count, bool down)
{
    size_t n = (size_t)snprintf(out, room, "sip:h");
    for (unsigned i = 0; i < count; i++)
        n += (size_t)snprintf(out + n, room - n, ";parameter-%u=%u", down ? count - i : i + 1,
                              down ? count - i : i + 1);
}

Test(uri_compare, as_many_as_the_limit)
{
    static char a[ROOM], b[ROOM];
    sipv_slice which;
    many_params(a, sizeof a, 256, false);
    many_params(b, sizeof b, 256, true);
    cr_expect_eq(compare(a, b, &which), SIPV_URI_EQUAL);
    strcat(b, "1"); /* parameter-1=11 */
    cr_expect_eq(compare(a, b, &which), SIPV_URI_PARAMETER);
    cr_expect(sipv_slice_is(which, "parameter-1"));
}

Test(uri_compare, names)
{
    cr_expect_str_eq(sipv_uri_part_name(SIPV_URI_EQUAL), "equal");
    cr_expect_str_eq(sipv_uri_part_name(SIPV_URI_SCHEME), "scheme");
    cr_expect_str_eq(sipv_uri_part_name(SIPV_URI_USER), "user");
    cr_expect_str_eq(sipv_uri_part_name(SIPV_URI_PASSWORD), "password");
    cr_expect_str_eq(sipv_uri_part_name(SIPV_URI_HOST), "host");
    cr_expect_str_eq(sipv_uri_part_name(SIPV_URI_PORT), "port");
    cr_expect_str_eq(sipv_uri_part_name(SIPV_URI_PARAMETER), "parameter");
    cr_expect_str_eq(sipv_uri_part_name(SIPV_URI_HEADER), "header");
    cr_expect_str_eq(sipv_uri_part_name(SIPV_URI_OPAQUE), "opaque");
    cr_expect_null(sipv_uri_part_name((sipv_uri_part)99));
}
