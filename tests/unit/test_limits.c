/* Every limit exactly and one above it; storage that is too small is told, never passed over. */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "messages.h"

enum { ROOM = 1 << 21 };

static struct room room;
static struct fence fence;
static char *text;
static size_t n;

static void open_all(void)
{
    text = malloc(ROOM);
    cr_assert(text && room_open(&room) && fence_open(&fence, ROOM));
}

static void close_all(void)
{
    free(text);
    room_close(&room);
    fence_close(&fence);
}
TestSuite(limits, .init = open_all, .fini = close_all);

static void add(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void add(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    n += (size_t)vsnprintf(text + n, ROOM - n, format, args);
    va_end(args);
}

/* A request of 7 headers; more may be added before the body. */
static void begin(void)
{
    n = 0;
    add("OPTIONS sip:una@elm.example SIP/2.0\r\nVia: SIP/2.0/UDP oak.example;branch=z9hG4bK7\r\n"
        "From: <sip:ivo@oak.example>;tag=1\r\nTo: <sip:una@elm.example>\r\nCall-ID: 7\r\n"
        "CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n");
}

static void fill(char c, size_t count)
{
    memset(text + n, c, count);
    n += count;
}

/* Parses with `limits`; the name of the first finding that is a limit, or "". */
static const char *parse(const sipv_limits *limits, sipv_profile profile)
{
    const sipv_options options = {
        .profile = profile, .limits = limits, .explainer = room.explainer};
    const char *name = "";
    sipv_message_init(&room.m, room.headers, 1024, room.events, 65536, room.diags, 4096);
    sipv_message_parse(&room.m, fence_end(&fence, text, n), n, &options);
    const char *fault = message_fault(&room.m);
    cr_assert_null(fault, "%s", fault);
    for (size_t i = room.m.n_diags; i > 0; i--) {
        const char *this = sipv_diag_find(room.m.diags[i - 1].code)->name;
        if (strncmp(this, "limit-", 6) == 0)
            name = this;
    }
    if (*name)
        cr_assert_not(room.m.accepted);
    return name;
}

/* Accepted with the limit, refused with one less, by name, in both profiles. */
static void exactly(sipv_limits *limits, size_t *limit, size_t value, const char *name)
{
    for (int profile = SIPV_STRICT; profile <= SIPV_INTEROP; profile++) {
        *limit = value;
        cr_assert_str_eq(parse(limits, (sipv_profile)profile), "", "at %s %zu", name, value);
        cr_assert(room.m.accepted, "at %s: %s", name,
                  first_error(&room.m) ? sipv_diag_find(first_error(&room.m)->code)->name : "");
        *limit = value - 1;
        cr_assert_str_eq(parse(limits, (sipv_profile)profile), name, "above %s %zu", name, value);
    }
}

Test(limits, octets_of_a_message)
{
    sipv_limits limits = sipv_limits_default();
    begin();
    add("\r\n");
    exactly(&limits, &limits.message, n, "limit-message");
}

Test(limits, octets_of_the_header_section)
{
    sipv_limits limits = sipv_limits_default();
    begin();
    add("Subject: ");
    fill('a', 200);
    add("\r\n\r\n");
    exactly(&limits, &limits.header_section, n, "limit-header-section");
}

Test(limits, octets_of_a_header)
{
    sipv_limits limits = sipv_limits_default();
    begin();
    const size_t before = n;
    add("Subject: ");
    fill('a', 200);
    add("\r\n more\r\n");
    const size_t header = n - before;
    add("\r\n");
    exactly(&limits, &limits.header, header, "limit-header");
}

Test(limits, number_of_headers)
{
    sipv_limits limits = sipv_limits_default();
    begin();
    for (unsigned i = 0; i < 20; i++)
        add("X-%u: y\r\n", i);
    add("\r\n");
    exactly(&limits, &limits.headers, 27, "limit-headers");
}

Test(limits, elements_of_one_name)
{
    sipv_limits limits = sipv_limits_default();
    begin();
    for (unsigned line = 0; line < 3; line++) {
        add("Supported: timer");
        for (unsigned i = 0; i < 9; i++)
            add(",100rel");
        add("\r\n");
    }
    add("\r\n");
    exactly(&limits, &limits.elements, 30, "limit-elements");
}

Test(limits, lines_of_one_element_each_are_elements_too)
{
    sipv_limits limits = sipv_limits_default();
    begin();
    for (unsigned line = 0; line < 30; line++)
        add("Supported: timer\r\n");
    add("\r\n");
    exactly(&limits, &limits.elements, 30, "limit-elements");
}

Test(limits, parameters_of_a_header)
{
    sipv_limits limits = sipv_limits_default();
    begin();
    add("Contact: <sip:a@b.example>");
    for (unsigned i = 0; i < 40; i++)
        add(";p%u", i);
    add("\r\n\r\n");
    exactly(&limits, &limits.params, 40, "limit-params");
}

Test(limits, parameters_of_a_uri)
{
    sipv_limits limits = sipv_limits_default();
    begin();
    add("Contact: <sip:a@b.example");
    for (unsigned i = 0; i < 40; i++)
        add(";p%u", i);
    add(">\r\n\r\n");
    exactly(&limits, &limits.params, 40, "limit-params");
}

Test(limits, parameters_of_the_request_uri)
{
    static const char target[] = "OPTIONS sip:una@elm.example";
    for (unsigned count = 2; count <= 64; count *= 2) {
        sipv_limits limits = sipv_limits_default();
        char behind[512];
        begin();
        add("\r\n");
        snprintf(behind, sizeof behind, "%s", text + sizeof target - 1);
        n = sizeof target - 1;
        for (unsigned i = 0; i < count; i++)
            add(i % 2 ? ";p%u" : ";p%u=v", i);
        add("%s", behind);
        exactly(&limits, &limits.params, count, "limit-params");
    }
}

Test(limits, depth_of_comments)
{
    for (unsigned depth = 1; depth <= SIPV_COMMENT_DEPTH + 2; depth++) {
        begin();
        add("User-Agent: ");
        fill('(', depth);
        fill(')', depth);
        add("\r\n\r\n");
        cr_assert_str_eq(parse(NULL, SIPV_STRICT),
                         depth > SIPV_COMMENT_DEPTH ? "limit-comment" : "", "%u", depth);
        cr_assert_str_eq(parse(NULL, SIPV_INTEROP),
                         depth > SIPV_COMMENT_DEPTH ? "limit-comment" : "", "%u", depth);
    }
}

Test(limits, the_defaults)
{
    begin();
    add("\r\n");
    fill('b', 1 << 20);
    cr_assert_str_eq(parse(NULL, SIPV_STRICT), "");
    begin();
    add("Subject: ");
    fill('a', 66000);
    add("\r\n\r\n");
    cr_assert_str_neq(parse(NULL, SIPV_STRICT), "");
    begin();
    for (unsigned i = 0; i < 1018; i++)
        add("x: y\r\n");
    add("\r\n");
    cr_assert_str_neq(parse(NULL, SIPV_STRICT), "");
}

/* ---- Storage
 * --------------------------------------------------------------------------------------- */

static size_t read_message(void)
{
    begin();
    add("Contact: \"A\" <sip:a@b.example;lr>;q=0.5;expires=60, <sip:c@d.example>\r\n"
        "Route: <sip:p1.example;lr>, <sip:p2.example;lr>\r\nSupported: timer, 100rel\r\n\r\n");
    cr_assert_str_eq(parse(NULL, SIPV_STRICT), "");
    cr_assert(room.m.accepted);
    return room.m.n_events;
}

static const char *parse_in(size_t headers, size_t events, size_t diags, sipv_profile profile)
{
    const sipv_options options = {.profile = profile, .explainer = room.explainer};
    sipv_message_init(&room.m, room.headers, headers, room.events, events, room.diags, diags);
    sipv_message_parse(&room.m, fence_end(&fence, text, n), n, &options);
    cr_assert_leq(room.m.n_headers, headers);
    cr_assert_leq(room.m.n_events, events);
    cr_assert_leq(room.m.n_diags, diags);
    const sipv_diag *d = first_error(&room.m);
    cr_assert_eq(room.m.accepted, d == NULL);
    return d ? sipv_diag_find(d->code)->name : "";
}

Test(limits, small_storage_for_headers)
{
    for (int profile = SIPV_STRICT; profile <= SIPV_INTEROP; profile++) {
        read_message();
        const size_t needed = room.m.n_headers;
        for (size_t cap = 0; cap <= needed; cap++) {
            bool told = false;
            parse_in(cap, 65536, 64, (sipv_profile)profile);
            for (size_t i = 0; i < room.m.n_diags; i++)
                told |= strcmp(sipv_diag_find(room.m.diags[i].code)->name, "limit-storage") == 0;
            cr_assert_eq(told, cap < needed, "%zu of %zu", cap, needed);
            cr_assert_eq(room.m.accepted, cap == needed);
        }
    }
}

Test(limits, small_storage_for_captures)
{
    for (int profile = SIPV_STRICT; profile <= SIPV_INTEROP; profile++) {
        const size_t needed = read_message();
        for (size_t cap = 0; cap <= needed + 40; cap++) {
            const char *error = parse_in(64, cap, 64, (sipv_profile)profile);
            if (room.m.accepted) {
                cr_assert_eq(room.m.n_events, needed, "%zu captures of %zu", room.m.n_events,
                             needed);
                for (size_t i = 0; i < room.m.n_headers; i++)
                    cr_assert(room.m.headers[i].state == SIPV_READ);
            } else {
                bool told = false;
                for (size_t i = 0; i < room.m.n_diags; i++)
                    told |=
                        strcmp(sipv_diag_find(room.m.diags[i].code)->name, "limit-storage") == 0;
                cr_assert(told, "%zu: %s", cap, error);
            }
        }
        cr_assert(room.m.accepted);
    }
}

/* Typed access of an indexed message says so too, and does not stop other headers. */
Test(limits, small_storage_for_typed_access)
{
    const size_t needed = read_message();
    for (size_t cap = 0; cap <= needed + 40; cap++) {
        sipv_contact contact;
        sipv_message_init(&room.m, room.headers, 64, room.events, cap, room.diags, 64);
        cr_assert_eq(sipv_message_index(&room.m, fence_end(&fence, text, n), n, NULL), SIPV_OK);
        sipv_iter it = sipv_each(&room.m, SIPV_H_CONTACT);
        const int first = sipv_contact_next(&it, &contact);
        cr_assert(first == SIPV_OK || first == SIPV_NO_SPACE, "%zu: %d", cap, first);
        if (first == SIPV_OK) {
            cr_assert_eq(sipv_contact_next(&it, &contact), SIPV_OK);
            cr_assert_eq(sipv_contact_next(&it, &contact), SIPV_END);
        }
    }
}

Test(limits, small_storage_for_findings)
{
    begin();
    n -= 2;
    add("x\r\nno colon\r\nf: <sip:x>\r\nExpires: x\r\nX: \x01\r\nX: \x01\r\nRequire: "
        "unheard\r\n\r\n");
    parse(NULL, SIPV_STRICT);
    const size_t needed = room.m.n_diags;
    const unsigned status = room.m.suggested_status;
    cr_assert_geq(needed, 6);
    for (size_t cap = 1; cap <= needed; cap++) {
        const char *error = parse_in(64, 65536, cap, SIPV_STRICT);
        cr_assert_str_neq(error, "");
        cr_assert_eq(room.m.n_diags, cap);
        cr_assert_eq(room.m.n_diags + room.m.lost_diags, needed, "%zu + %zu", room.m.n_diags,
                     room.m.lost_diags);
        cr_assert_eq(room.m.suggested_status, status);
    }
    sipv_message_init(&room.m, room.headers, 64, room.events, 64, room.diags, 0);
    cr_assert_eq(sipv_message_parse(&room.m, text, n, NULL), SIPV_BAD_ARGUMENT);
    sipv_message_init(&room.m, room.headers, 64, room.events, 64, NULL, 5);
    cr_assert_eq(sipv_message_parse(&room.m, text, n, NULL), SIPV_BAD_ARGUMENT);
}

Test(limits, small_storage_for_values_and_uris)
{
    static const char via[] =
        "SIP/2.0/UDP a.example:5;branch=z9hG4bK7;rport, SIP/2.0/TLS b.example";
    static const char uri[] = "sip:a:b@c.example:5;d=e;f?g=h";
    sipv_event events[64];
    size_t enough = 0, error;
    for (size_t cap = 0; cap <= 64; cap++) {
        sipv_iter it;
        const sipv_slice v = sipv_slice_of(fence_end(&fence, via, sizeof via - 1), sizeof via - 1);
        const int result = sipv_value_parse(SIPV_H_VIA, v, events, cap, &it, &error);
        cr_assert(result == SIPV_NO_SPACE || result == SIPV_OK, "%zu: %d", cap, result);
        cr_assert_not(result == SIPV_NO_SPACE && enough > 0);
        enough += result == SIPV_OK;
    }
    cr_assert_gt(enough, 0);
    enough = 0;
    for (size_t cap = 0; cap <= 64; cap++) {
        sipv_uri out;
        const sipv_slice u = sipv_slice_of(fence_end(&fence, uri, sizeof uri - 1), sizeof uri - 1);
        const int result = sipv_uri_parse(u, false, events, cap, &out, &error);
        cr_assert(result == SIPV_NO_SPACE || result == SIPV_OK, "%zu: %d", cap, result);
        cr_assert_not(result == SIPV_NO_SPACE && enough > 0);
        enough += result == SIPV_OK;
    }
    cr_assert_gt(enough, 0);
}
