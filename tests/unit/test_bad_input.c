/* Every entry point with nothing, too little, too odd and wrong arguments: no byte outside the
 * input is touched (the fence), what is refused has a reason, nothing is half written. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "messages.h"

static struct room room;
static struct fence fence;
static unsigned files;

static void open_all(void)
{
    cr_assert(room_open(&room) && fence_open(&fence, 1 << 20));
}
static void close_all(void)
{
    room_close(&room);
    fence_close(&fence);
}
TestSuite(bad_input, .init = open_all, .fini = close_all);

/* Walks all that a parsed or indexed message gives. */
static void walk(sipv_message *m)
{
    _Alignas(max_align_t) unsigned char out[1024];
    for (unsigned id = 0; id <= SIPV_H_COUNT; id++) {
        const sipv_header_info *info = sipv_header_info_of(id);
        sipv_iter it = sipv_each(m, id);
        if (!info || info->view < 0)
            continue;
        for (unsigned i = 0; i < 5000; i++) {
            const int result = sipv_next(&it, info->view, out);
            if (result == SIPV_END || result == SIPV_NO_SPACE || result == SIPV_BAD_ARGUMENT)
                break;
        }
    }
}

/* Everything that takes a stretch of bytes. */
static void try_all(const unsigned char *bytes, size_t n, bool slowly)
{
    const sipv_options options = {.profile = SIPV_STRICT};
    sipv_event events[128];
    sipv_frame frame;
    sipv_framer framer;
    sipv_uri uri;
    size_t error = 0;
    const unsigned char *const p = fence_end(&fence, bytes, n);
    const sipv_slice text = sipv_slice_of(p, n);

    sipv_message_init(&room.m, room.headers, 1024, room.events, 65536, room.diags, 64);
    sipv_message_index(&room.m, p, n, &options);
    const char *fault = message_fault(&room.m);
    cr_assert_null(fault, "index of %zu octets: %s", n, fault);
    walk(&room.m);
    for (int profile = SIPV_STRICT; profile <= (slowly ? SIPV_INTEROP : SIPV_STRICT); profile++) {
        const int result = room_parse(&room, p, n, (sipv_profile)profile);
        fault = message_fault(&room.m);
        cr_assert_null(fault, "parse of %zu octets: %s", n, fault);
        cr_assert_eq(result, room.m.accepted ? SIPV_OK : SIPV_REJECT);
        sipv_framer_init(&framer, (sipv_profile)profile, NULL);
        const int framed = sipv_framer_feed(&framer, p, n, &frame);
        cr_assert(framed == SIPV_OK || framed == SIPV_MORE || framed == SIPV_REJECT);
        cr_assert(framed != SIPV_OK || frame.skip + frame.n <= n);
    }
    for (int bare = 0; bare < 2; bare++) {
        const int result = sipv_uri_parse(text, bare, events, 128, &uri, &error);
        cr_assert(result != SIPV_REJECT || error <= n);
    }
    sipv_header_find(text);
    sipv_method_find(text);
    if (!slowly)
        return;
    sipv_message_init(&room.m, room.headers, 1024, room.events, 65536, room.diags, 64);
    sipv_sipfrag_parse(&room.m, p, n, &options);
    unsigned char out[64];
    cr_assert_leq(sipv_unescape(text, out, sizeof out), n);
    cr_assert_leq(sipv_unquote(text, out, sizeof out), n);
}

static void try_value(const unsigned char *bytes, size_t n)
{
    _Alignas(max_align_t) unsigned char out[1024];
    sipv_event events[256];
    for (unsigned id = 1; id < SIPV_H_COUNT; id++) {
        const sipv_header_info *info = sipv_header_info_of(id);
        sipv_iter it;
        size_t error = 0;
        const sipv_slice value = sipv_slice_of(fence_end(&fence, bytes, n), n);
        const int result = sipv_value_parse(id, value, events, 256, &it, &error);
        cr_assert_eq(result == SIPV_BAD_ARGUMENT, info->view < 0);
        cr_assert(result != SIPV_REJECT || error <= n);
        for (unsigned i = 0; result == SIPV_OK && i < 1000; i++)
            if (sipv_next(&it, info->view, out) != SIPV_OK)
                break;
    }
}

Test(bad_input, nothing_and_one_byte)
{
    try_all((const unsigned char *)"", 0, true);
    try_value((const unsigned char *)"", 0);
    for (unsigned c = 0; c < 256; c++) {
        const unsigned char byte[2] = {(unsigned char)c, (unsigned char)c};
        try_all(byte, 1, true);
        try_all(byte, 2, true);
        try_value(byte, 1);
        try_value(byte, 2);
    }
}

Test(bad_input, every_byte_everywhere_in_a_line)
{
    static const char line[] =
        "OPTIONS sip:a@b SIP/2.0\r\nv:SIP/2.0/UDP c\r\nf:\"d\"<sip:e>\r\n\r\n";
    unsigned char text[sizeof line];
    for (size_t at = 0; at < sizeof line - 1; at++)
        for (unsigned c = 0; c < 256; c++) {
            memcpy(text, line, sizeof line);
            text[at] = (unsigned char)c;
            try_all(text, sizeof line - 1, c % 16 == at % 16);
        }
}

/* ---- The corpus, cut
 * ------------------------------------------------------------------------------- */

static void cut_file(const char *path, void *with)
{
    size_t n;
    const size_t length = strlen(path);
    (void)with;
    if (length < 4 || strcmp(path + length - 4, ".sip") != 0)
        return;
    unsigned char *data = file_read(path, &n);
    cr_assert_not_null(data, "%s", path);
    const size_t step = n < 4000 ? 3 : n < 40000 ? 97 : 9973;
    for (size_t cut = files % step; cut <= n; cut += step)
        try_all(data, cut, cut % 8 == 0);
    /* octets that are no text */
    for (size_t at = 0; n > 0 && n < 4000 && at < 40; at++) {
        static const unsigned char odd[] = {0, 0xff, 0x80, '\r', '\n', 0x7f, 0xc3, ' '};
        const size_t where = (at * 7919 + files * 31) % n;
        const unsigned char old = data[where];
        data[where] = odd[at % sizeof odd];
        try_all(data, n, at % 8 == 0);
        data[where] = old;
    }
    free(data);
    files++;
}

Test(bad_input, the_corpus_cut, .timeout = 840)
{
    cr_assert(files_below("corpus", cut_file, NULL));
    cr_assert_gt(files, 250);
}

/* ---- Arguments
 * -------------------------------------------------------------------------------------- */

static bool is_filled(const void *p, size_t n, unsigned char with)
{
    const unsigned char *const octets = p;
    for (size_t i = 0; i < n; i++)
        if (octets[i] != with)
            return false;
    return true;
}

/* What is refused leaves nothing that could be taken for a result. */
Test(bad_input, nothing_half_written)
{
    static const struct {
        const char *text;
        int result;
    } uris[] = {{"sip:a b", SIPV_REJECT},    {"sip:a;x=1;x=2", SIPV_REJECT}, {"tel:1", SIPV_REJECT},
                {"sip:a:65536", SIPV_LIMIT}, {"sip:a;ttl=256", SIPV_LIMIT},  {"sip:a", SIPV_OK}};
    static const char *const types[] = {"multipart/mixed;boundary=", "multipart/mixed",
                                        "multipart/mixed;boundary=\"a \"", "text/plain"};
    sipv_event events[64];
    sipv_multipart parts;
    sipv_iter it;
    sipv_uri uri;
    for (size_t i = 0; i < sizeof uris / sizeof *uris; i++) {
        size_t error = 77;
        memset(&uri, 0xa5, sizeof uri);
        const int result =
            sipv_uri_parse(sipv_slice_text(uris[i].text), false, events, 64, &uri, &error);
        cr_expect_eq(result, uris[i].result, "%s", uris[i].text);
        cr_expect_eq(result != SIPV_OK, is_filled(&uri, sizeof uri, 0xa5), "%s", uris[i].text);
        cr_expect_eq(result == SIPV_OK, error == 77, "%s", uris[i].text);
    }
    memset(&uri, 0xa5, sizeof uri);
    cr_expect_eq(sipv_uri_parse(sipv_slice_text("sip:a"), false, NULL, 0, &uri, NULL),
                 SIPV_NO_SPACE);
    cr_expect(is_filled(&uri, sizeof uri, 0xa5));
    memset(&it, 0xa5, sizeof it);
    cr_expect_eq(sipv_value_parse(SIPV_H_CSEQ, sipv_slice_text("1"), events, 64, &it, NULL),
                 SIPV_REJECT);
    cr_expect(is_filled(&it, sizeof it, 0xa5));
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        memset(&parts, 0xa5, sizeof parts);
        cr_expect_eq(
            sipv_multipart_begin(&parts, sipv_slice_text(types[i]), sipv_slice_text("a"), NULL),
            i < 3 ? SIPV_REJECT : SIPV_ABSENT);
        cr_expect(is_filled(&parts, sizeof parts, 0), "%s", types[i]);
    }
}

Test(bad_input, arguments)
{
    const sipv_grammar *g = sipv_sip_grammar();
    const sipv_options interop = {.profile = SIPV_INTEROP};
    const sipv_slice none = {NULL, 0}, a = sipv_slice_text("a");
    sipv_message *m = &room.m;
    sipv_event events[8];
    sipv_framer framer;
    sipv_frame frame;
    sipv_match match;
    sipv_iter it;
    sipv_uri uri;
    sipv_via via;
    uint64_t seed = 1;
    unsigned char out[8];
    size_t n;

    sipv_message_init(m, room.headers, 8, room.events, 8, room.diags, 8);
    cr_assert_eq(sipv_message_parse(NULL, "a", 1, NULL), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_message_index(NULL, "a", 1, NULL), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_message_parse(m, NULL, 1, NULL), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_message_index(m, NULL, 1, NULL), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_message_parse(m, "a", 1, &interop), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_message_parse(m, NULL, 0, NULL), SIPV_REJECT);

    cr_assert_eq(sipv_value_parse(SIPV_H_OTHER, a, events, 8, &it, NULL), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_value_parse(SIPV_H_COUNT, a, events, 8, &it, NULL), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_value_parse(SIPV_H_VIA, none, events, 8, &it, NULL), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_value_parse(SIPV_H_VIA, a, NULL, 8, &it, NULL), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_value_parse(SIPV_H_VIA, a, events, 8, NULL, NULL), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_value_parse(SIPV_H_VIA, a, events, 8, &it, NULL), SIPV_NO_SPACE);
#if SIZE_MAX > UINT32_MAX
    /* more octets than an offset can count; none of them is read */
    const sipv_slice huge = sipv_slice_of(a.p, (size_t)UINT32_MAX + 1);
    cr_assert_eq(sipv_value_parse(SIPV_H_VIA, huge, events, 8, &it, NULL), SIPV_LIMIT);
    cr_assert_eq(sipv_uri_parse(huge, false, events, 8, &uri, NULL), SIPV_LIMIT);
#endif

    cr_assert_eq(sipv_uri_parse(none, false, events, 8, &uri, NULL), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_uri_parse(a, false, NULL, 8, &uri, NULL), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_uri_parse(a, false, events, 8, NULL, NULL), SIPV_BAD_ARGUMENT);

    sipv_framer_init(&framer, SIPV_STRICT, NULL);
    cr_assert_eq(sipv_framer_feed(NULL, "a", 1, &frame), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_framer_feed(&framer, NULL, 1, &frame), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_framer_feed(&framer, "a", 1, NULL), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_framer_feed(&framer, NULL, 0, &frame), SIPV_MORE);

    cr_assert_eq(sipv_next(NULL, SIPV_VIEW_VIA, &via), SIPV_BAD_ARGUMENT);
    it = sipv_each(m, SIPV_H_VIA);
    cr_assert_eq(sipv_next(&it, SIPV_VIEW_VIA, NULL), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_next(&it, SIPV_VIEW_CSEQ, &via), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_next(&it, -1, &via), SIPV_BAD_ARGUMENT);

    cr_assert_eq(sipv_explain(NULL, 0, false, a, 0, room.explainer, 0, events, 8, &match),
                 SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_explain(g, -1, false, a, 0, room.explainer, 0, events, 8, &match),
                 SIPV_BAD_ARGUMENT);
    cr_assert_eq(
        sipv_explain(g, sipv_rule_count(g), false, a, 0, room.explainer, 0, events, 8, &match),
        SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_explain(g, 0, false, none, 0, room.explainer, 0, events, 8, &match),
                 SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_explain(g, 0, false, a, 0, NULL, 0, events, 8, &match), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_explain(g, 0, false, a, 0, room.explainer, 0, NULL, 8, &match),
                 SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_explain(g, 0, false, a, 0, room.explainer, 0, events, 8, NULL),
                 SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_explain(g, 0, true, a, 0, room.explainer, 0, events, 8, &match),
                 SIPV_BAD_ARGUMENT, "ALPHA is no header");

    cr_assert_eq(sipv_sample(NULL, 0, false, &seed, out, 8, &n, NULL), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_sample(g, -1, false, &seed, out, 8, &n, NULL), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_sample(g, 0, false, NULL, out, 8, &n, NULL), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_sample(g, 0, false, &seed, NULL, 8, &n, NULL), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_sample(g, 0, false, &seed, out, 8, NULL, NULL), SIPV_BAD_ARGUMENT);
    unsigned char cover[8192] = {0};
    sipv_cover_item item;
    cr_assert_leq(sipv_cover_size(g), sizeof cover);
    cr_assert_eq(sipv_cover_reach(NULL, 0, false, cover), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_cover_reach(g, -1, false, cover), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_cover_reach(g, sipv_rule_count(g), false, cover), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_cover_reach(g, sipv_rule_find(g, sipv_slice_text("token")), true, cover),
                 SIPV_BAD_ARGUMENT, "token is no header");
    cr_assert_eq(sipv_cover_reach(g, 0, false, NULL), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_cover_next(NULL, cover, &n, &item), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_cover_next(g, NULL, &n, &item), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_cover_next(g, cover, NULL, &item), SIPV_BAD_ARGUMENT);
    cr_assert_eq(sipv_cover_next(g, cover, &n, NULL), SIPV_BAD_ARGUMENT);
    n = 0;
    cr_assert_eq(sipv_cover_next(g, cover, &n, &item), SIPV_END, "nothing was visited");

    cr_assert_eq(sipv_rule_find(g, none), -1);
    cr_assert_eq(sipv_rule_find(g, sipv_slice_text("no-such-rule")), -1);
    cr_assert_null(sipv_rule_name(g, -1));
    cr_assert_null(sipv_rule_name(g, sipv_rule_count(g)));
    cr_assert_null(sipv_rule_source(g, -1));
    cr_assert_null(sipv_kind_name(g, 0x7fff));
    cr_assert_null(sipv_kind_name(g, 0xffff));
    cr_assert_null(sipv_relaxation_name(g, 64));
    cr_assert_null(sipv_diag_find(0));
    cr_assert_null(sipv_diag_find(9999));
    cr_assert_null(sipv_diag_at(100000));
    cr_assert_null(sipv_header_info_of(SIPV_H_OTHER));
    cr_assert_null(sipv_header_info_of(SIPV_H_COUNT));
    cr_assert_eq(sipv_method_find(none), SIPV_M_OTHER);
}

/* One entry for each code, each with all its texts. */
Test(bad_input, the_catalogue_is_whole)
{
    unsigned before = 0;
    for (size_t i = 0; sipv_diag_at(i); i++) {
        const sipv_diag_info *d = sipv_diag_at(i);
        cr_assert_gt(d->code, before);
        before = d->code;
        cr_assert_eq(sipv_diag_find(d->code), d);
        cr_assert(d->name && *d->name && d->rfc && *d->rfc && d->message && *d->message &&
                  d->help && *d->help && d->fix && *d->fix && d->example);
        cr_assert(d->status == 0 || (d->status >= 400 && d->status < 700));
    }
    cr_assert_gt(before, 500);
}
