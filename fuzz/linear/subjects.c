#include "subjects.h"

#include <sipvet/auth.h>
#include <sipvet/parser.h>
#include <sipvet/sdp.h>

#include <string.h>

#include "description.h"
#include "message.h"
#include "text.h"

enum { ROOM = 1 << 18 };

static struct fuzz_message message;
static struct fuzz_description description;
static unsigned char out[ROOM], room_text[ROOM];
static sipv_event events[ROOM];

/* ---- Header values -----------------------------------------------------------------------------
 */

static void fast(const struct family *f, sipv_slice text)
{
    sipv_iter it;
    sipv_value_parse(sipv_header_find(sipv_slice_text(f->name)), text, events, ROOM, &it, NULL);
}

static void explain(const struct family *f, sipv_slice text)
{
    sipv_match match;
    const unsigned id = sipv_header_find(sipv_slice_text(f->name));
    sipv_explain(sipv_sip_grammar(), sipv_header_info_of(id)->rule, true, text, 0, fuzz_explainer(),
                 0, events, ROOM, &match);
}

static void alternatives(const struct family *f, sipv_slice text)
{
    sipv_alternative all[SIPV_ALTERNATIVES_MAX];
    (void)f;
    (void)text;
    sipv_explain_alternatives(fuzz_explainer(), all, SIPV_ALTERNATIVES_MAX);
}

/* ---- Messages ----------------------------------------------------------------------------------
 */

static void put_header(struct fuzz_out *o, const char *name, sipv_slice value)
{
    fuzz_puts(o, name);
    fuzz_puts(o, ": ");
    fuzz_put(o, value);
    fuzz_puts(o, "\r\n");
}

/* A value in its header, or lines, and then the headers that are mandatory and may not be there
 * twice. */
static sipv_slice make_message(const struct family *f, sipv_slice text)
{
    static const struct {
        const char *name, *value;
    } rest[] = {{"Via", "SIP/2.0/UDP a;branch=z9hG4bK7"},
                {"From", "<sip:a>;tag=1"},
                {"To", "<sip:b>"},
                {"Call-ID", "1"},
                {"CSeq", "1 OPTIONS"},
                {"Max-Forwards", "70"},
                {"Content-Length", "0"}};
    struct fuzz_out o = FUZZ_OUT(out);
    fuzz_puts(&o, "OPTIONS sip:a SIP/2.0\r\n");
    if (f->kind & VALUE)
        put_header(&o, f->name, text);
    else
        fuzz_put(&o, text);
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++)
        if (strcmp(rest[i].name, f->name) != 0)
            put_header(&o, rest[i].name, sipv_slice_text(rest[i].value));
    fuzz_puts(&o, "\r\n");
    return fuzz_out_slice(&o);
}

static void parse_message(const struct family *f, sipv_slice text)
{
    const sipv_options options = {.profile = SIPV_STRICT, .explainer = fuzz_explainer()};
    fuzz_message_parse(&message, make_message(f, text), &options);
}

static void parse_relaxed(const struct family *f, sipv_slice text)
{
    const sipv_options options = {.profile = SIPV_INTEROP, .explainer = fuzz_explainer()};
    fuzz_message_parse(&message, make_message(f, text), &options);
}

static void index_message(const struct family *f, sipv_slice text)
{
    fuzz_message_index(&message, make_message(f, text), NULL);
}

static void parse_fragment(const struct family *f, sipv_slice text)
{
    const sipv_slice all = make_message(f, text);
    sipv_message_init(&message.m, message.headers, FUZZ_HEADERS, message.events, FUZZ_EVENTS,
                      message.diags, FUZZ_DIAGS);
    sipv_sipfrag_parse(&message.m, all.p, all.n, NULL);
}

static void read_headers(const struct family *f, sipv_slice text)
{
    (void)f;
    (void)text;
    fuzz_read_typed_headers(&message.m);
}

/* ---- The framer --------------------------------------------------------------------------------
 */

static void feed(sipv_slice all, sipv_profile profile, size_t step)
{
    sipv_framer framer;
    sipv_frame done;
    sipv_framer_init(&framer, profile, NULL);
    for (size_t n = step; n < all.n; n += step)
        if (sipv_framer_feed(&framer, all.p, n, &done) != SIPV_MORE)
            return;
    sipv_framer_feed(&framer, all.p, all.n, &done);
}

static void frame(const struct family *f, sipv_slice text)
{
    feed(make_message(f, text), SIPV_STRICT, 1024);
}

static void frame_octets(const struct family *f, sipv_slice text)
{
    feed(make_message(f, text), SIPV_STRICT, 1);
}

static void frame_octets_relaxed(const struct family *f, sipv_slice text)
{
    feed(make_message(f, text), SIPV_INTEROP, 1);
}

/* ---- Bodies and URIs ---------------------------------------------------------------------------
 */

static int walk_parts(sipv_slice body)
{
    sipv_multipart it;
    sipv_part part;
    int result =
        sipv_multipart_begin(&it, sipv_slice_text("multipart/mixed;boundary=b"), body, NULL);
    while (result == SIPV_OK)
        result = sipv_multipart_next(&it, &part);
    return result;
}

static void split(const struct family *f, sipv_slice text)
{
    (void)f;
    walk_parts(text);
}

static sipv_uri uri, other_uri;

static bool read_uri(sipv_slice text, sipv_event *storage, sipv_uri *to)
{
    if (sipv_uri_parse(text, false, storage, ROOM / 2, to, NULL) == SIPV_OK)
        return true;
    memset(to, 0, sizeof *to);
    return false;
}

static void parse_uri(const struct family *f, sipv_slice text)
{
    (void)f;
    read_uri(text, events, &uri);
}

/* An equal URI, though not octet by octet: its first b, which stands in a host or in the value of a
 * parameter, is large. */
static void parse_other(const struct family *f, sipv_slice text)
{
    unsigned char *const at = memchr(memcpy(out, text.p, text.n), 'b', text.n);
    (void)f;
    if (at)
        *at = 'B';
    read_uri(sipv_slice_of(out, text.n), events + ROOM / 2, &other_uri);
}

static void compare(const struct family *f, sipv_slice text)
{
    (void)f;
    (void)text;
    sipv_uri_compare(&uri, &other_uri, NULL);
}

/* ---- Descriptions ------------------------------------------------------------------------------
 */

static void parse_sdp(const struct family *f, sipv_slice text)
{
    const sipv_sdp_options options = {SIPV_STRICT, NULL, fuzz_explainer()};
    (void)f;
    fuzz_sdp_parse(&description, text, &options, 0);
}

static void parse_sdp_relaxed(const struct family *f, sipv_slice text)
{
    const sipv_sdp_options options = {SIPV_INTEROP, NULL, fuzz_explainer()};
    (void)f;
    fuzz_sdp_parse(&description, text, &options, 0);
}

static void write_sdp(const struct family *f, sipv_slice text)
{
    size_t n;
    (void)f;
    (void)text;
    sipv_sdp_write(&description.s, out, ROOM, &n);
}

static void answer(const struct family *f, sipv_slice text)
{
    const sipv_sdp_capabilities local = {.address = {(const unsigned char *)"192.0.2.7", 9}};
    size_t n;
    (void)f;
    (void)text;
    sipv_sdp_answer(&description.s, &local, out, ROOM, &n);
}

static void judge_answer(const struct family *f, sipv_slice text)
{
    sipv_diag diags[16];
    size_t n;
    (void)f;
    (void)text;
    sipv_sdp_check_answer(&description.s, &description.s, diags, 16, &n);
}

static void judge_next(const struct family *f, sipv_slice text)
{
    sipv_diag diags[16];
    size_t n;
    (void)f;
    (void)text;
    sipv_sdp_check_next(&description.s, &description.s, diags, 16, &n);
}

/* ---- Digest ------------------------------------------------------------------------------------
 */

static bool read_challenges(sipv_slice text)
{
    sipv_room room = sipv_room_of(events, ROOM, room_text, ROOM);
    sipv_challenges list;
    sipv_challenge challenge;
    if (sipv_challenges_parse(text, &room, &list, NULL) != SIPV_OK)
        return false;
    while (sipv_challenges_next(&list, &challenge) == SIPV_OK)
        ;
    return true;
}

static void parse_credentials(const struct family *f, sipv_slice text)
{
    sipv_room room = sipv_room_of(events, ROOM, room_text, ROOM);
    sipv_credentials credentials;
    (void)f;
    sipv_credentials_parse(text, &room, &credentials);
}

static void parse_challenges(const struct family *f, sipv_slice text)
{
    (void)f;
    read_challenges(text);
}

/* ---- All of them -------------------------------------------------------------------------------
 */

const struct subject subjects[SUBJECTS] = {{VALUE, "fast engine", fast},
                                           {VALUE, "explaining engine", explain},
                                           {VALUE, "alternatives", alternatives},
                                           {VALUE | LINES, "message, strict", parse_message},
                                           {VALUE | LINES, "message, interop", parse_relaxed},
                                           {VALUE | LINES, "index", index_message},
                                           {VALUE | LINES, "typed headers", read_headers},
                                           {VALUE | LINES, "fragment", parse_fragment},
                                           {VALUE | LINES, "framer", frame},
                                           {VALUE | LINES, "framer, octets", frame_octets},
                                           {VALUE | LINES, "framer, interop", frame_octets_relaxed},
                                           {BODY, "multipart", split},
                                           {URI, "URI", parse_uri},
                                           {URI, "other URI", parse_other},
                                           {URI, "comparison", compare},
                                           {DESCRIPTION, "description, interop", parse_sdp_relaxed},
                                           {DESCRIPTION, "description, strict", parse_sdp},
                                           {DESCRIPTION, "written anew", write_sdp},
                                           {DESCRIPTION, "answer", answer},
                                           {DESCRIPTION, "judged as answer", judge_answer},
                                           {DESCRIPTION, "judged as next", judge_next},
                                           {DIGEST, "credentials", parse_credentials},
                                           {DIGEST, "challenges", parse_challenges}};

static const sipv_diag *first_error(const sipv_diag *diags, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (diags[i].severity == SIPV_ERROR)
            return &diags[i];
    return NULL;
}

static const char *refusal_of_message(const struct family *f, sipv_slice text)
{
    parse_message(f, text);
    const sipv_diag *const error = first_error(message.m.diags, message.m.n_diags);
    return error ? sipv_diag_find(error->code)->name : NULL;
}

static const char *refusal_of_description(const struct family *f, sipv_slice text)
{
    parse_sdp(f, text);
    const sipv_diag *const error = first_error(description.s.diags, description.s.n_diags);
    return error ? sipv_sdp_diag_find(error->code)->name : NULL;
}

const char *refusal_of(const struct family *f, sipv_slice text)
{
    if (f->kind & (VALUE | LINES))
        return refusal_of_message(f, text);
    if (f->kind & DESCRIPTION)
        return refusal_of_description(f, text);
    const bool accepted = f->kind & BODY  ? walk_parts(text) == SIPV_END
                          : f->kind & URI ? read_uri(text, events, &uri)
                                          : read_challenges(text);
    return accepted ? NULL : REFUSED;
}
