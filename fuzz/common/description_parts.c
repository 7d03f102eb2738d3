/* What programs do with a description beside reading its lines, and what they must not do. */
#include "description.h"

#include <string.h>

#include "typed_slices.h"

/* ---- Fields and parameters ---------------------------------------------------------------------
 */

static void check_walk(sipv_slice text, int next(sipv_slice, size_t *, sipv_param *))
{
    sipv_param p;
    const unsigned char *behind = text.p;
    size_t at = 0, count = 0;
    for (; next(text, &at, &p) == SIPV_OK; count++) {
        FUZZ_CHECK(slices, count <= text.n, "parameters without end");
        FUZZ_CHECK(slices, p.name.p >= behind && fuzz_inside(p.name, text), "names out of order");
        FUZZ_CHECK(slices, !p.value.p || (fuzz_inside(p.value, text) && p.value.p >= p.name.p),
                   "a value outside, or before its name");
        behind = p.value.p ? p.value.p + p.value.n : p.name.p + p.name.n;
    }
    FUZZ_CHECK(slices, at >= text.n, "parameters end before the text");
}

/* Fields come to an end, and where there are none it is said why. */
static void check_fields(const sipv_sdp *s, const sipv_sdp_line *l)
{
    sipv_sdp_field field;
    size_t i = 0;
    int result;
    while ((result = sipv_sdp_field_at(s, l, i, &field)) == SIPV_OK)
        i++;
    FUZZ_CHECK(slices,
               result == (l->view < 0                 ? SIPV_ABSENT
                          : l->state != SIPV_SDP_READ ? SIPV_REJECT
                                                      : SIPV_END),
               "a line without fields does not say why");
    FUZZ_CHECK(slices, (i > 0) == (result == SIPV_END), "a typed form without fields");
}

void fuzz_check_parameters(const sipv_sdp *s)
{
    for (size_t i = 0; i < s->n_lines; i++) {
        const sipv_sdp_line *const l = &s->lines[i];
        check_fields(s, l);
        if (l->type != 'a' || !l->value.p)
            continue;
        check_walk(l->value, sipv_sdp_fmtp_next);
        check_walk(l->value, sipv_sdp_pair_next);
    }
}

/* ---- Refusals ----------------------------------------------------------------------------------
 */

#define REFUSED(call) FUZZ_CHECK(refusal, (call) == SIPV_BAD_ARGUMENT, "taken: " #call)
#define GIVES(result, call) FUZZ_CHECK(refusal, (call) == (result), "not " #result ": " #call)

static void refuse_parses(void)
{
    static const char *const texts[] = {"", "x"};
    sipv_sdp s;
    sipv_diag diag;
    const sipv_sdp_options interop = {.profile = SIPV_INTEROP};
    sipv_sdp_init(&s, NULL, 0, NULL, 0, NULL, 0, &diag, 1);
    REFUSED(sipv_sdp_parse(NULL, texts[0], 0, NULL));
    REFUSED(sipv_sdp_parse(&s, NULL, 1, NULL));
    REFUSED(sipv_sdp_parse(&s, texts[0], 0, &interop)); /* for want of an explainer */
    GIVES(SIPV_REJECT, sipv_sdp_parse(&s, NULL, 0, NULL));
    sipv_sdp_init(&s, NULL, 0, NULL, 0, NULL, 0, NULL, 1);
    REFUSED(sipv_sdp_parse(&s, texts[1], 1, NULL));
    sipv_sdp_init(&s, NULL, 0, NULL, 0, NULL, 0, &diag, 0);
    REFUSED(sipv_sdp_parse(&s, texts[1], 1, NULL));
}

static void refuse_typed(const sipv_sdp *s)
{
    sipv_sdp_media media;
    sipv_sdp_field field;
    if (s->n_lines == 0)
        return;
    sipv_sdp_line line = s->lines[0];
    REFUSED(sipv_sdp_typed(NULL, &line, SIPV_SDP_VIEW_MEDIA, &media));
    REFUSED(sipv_sdp_typed(s, NULL, SIPV_SDP_VIEW_MEDIA, &media));
    REFUSED(sipv_sdp_typed(s, &line, SIPV_SDP_VIEW_MEDIA, NULL));
    REFUSED(sipv_sdp_typed(s, &line, -1, &media));
    REFUSED(sipv_sdp_typed(s, &line, SIPV_SDP_VIEW_COUNT, &media));
    line.view = SIPV_SDP_VIEW_VERSION;
    REFUSED(sipv_sdp_typed(s, &line, SIPV_SDP_VIEW_MEDIA, &media));
    line.view = -1;
    GIVES(SIPV_ABSENT, sipv_sdp_field_at(s, &line, 0, &field));
    FUZZ_CHECK(refusal,
               !sipv_sdp_find(s, (unsigned)s->n_sections, SIPV_SDP_A_MID, NULL) &&
                   !sipv_sdp_find_type(s, (unsigned)s->n_sections, 'm', NULL),
               "a line of a section that is not there");
    const sipv_sdp_line *other = sipv_sdp_find(s, SIPV_SDP_SESSION, SIPV_SDP_A_OTHER, NULL);
    FUZZ_CHECK(refusal, !other || other->type == 'a', "an attribute that is no attribute");
}

static void refuse_lines(void)
{
    unsigned char out[64];
    sipv_sdp_writer w;
    size_t n = 0;
    const sipv_slice v = sipv_slice_text("0"), none = sipv_slice_of(NULL, 0);
    static const char *const wrong[] = {"\r", "\n", "0\n", "0\r"};
#define REFUSED_LINE(call)                                                                         \
    sipv_sdp_writer_init(&w, out, sizeof out);                                                     \
    REFUSED(call);                                                                                 \
    REFUSED(sipv_sdp_write_line(&w, 'v', v)); /* and nothing is taken behind it */                 \
    REFUSED(sipv_sdp_write_attribute(&w, sipv_slice_text("x"), none));                             \
    REFUSED(sipv_sdp_writer_finish(&w, &n));                                                       \
    FUZZ_CHECK(injection, w.n == 0, "a refused line is written")
    REFUSED_LINE(sipv_sdp_write_line(&w, 'V', v));
    REFUSED_LINE(sipv_sdp_write_line(&w, '{', v));
    REFUSED_LINE(sipv_sdp_write_line(&w, 'a', v));
    REFUSED_LINE(sipv_sdp_write_line(&w, 'v', none));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        REFUSED_LINE(sipv_sdp_write_line(&w, 's', sipv_slice_text(wrong[i])));
        REFUSED_LINE(sipv_sdp_write_attribute(&w, sipv_slice_text(wrong[i]), none));
        REFUSED_LINE(sipv_sdp_write_attribute(&w, sipv_slice_text("x"), sipv_slice_text(wrong[i])));
    }
    REFUSED_LINE(sipv_sdp_write_attribute(&w, sipv_slice_of("", 0), none));
    REFUSED_LINE(sipv_sdp_write_attribute(&w, sipv_slice_text("x"), sipv_slice_of("", 0)));
#undef REFUSED_LINE
    FUZZ_CHECK(injection, sipv_sdp_write_line(&w, 's', v) == SIPV_BAD_ARGUMENT, "a writer forgets");
}

static void refuse_pairs(const sipv_sdp *s)
{
    sipv_diag diag;
    size_t n = 0;
    unsigned char out[8];
    const sipv_sdp_capabilities none = {.address = {NULL, 0}};
    sipv_sdp_capabilities local = {.address = sipv_slice_text("192.0.2.7")};
    REFUSED(sipv_sdp_check_answer(NULL, s, &diag, 1, &n));
    REFUSED(sipv_sdp_check_answer(s, NULL, &diag, 1, &n));
    REFUSED(sipv_sdp_check_answer(s, s, NULL, 1, &n));
    REFUSED(sipv_sdp_check_answer(s, s, &diag, 0, &n));
    REFUSED(sipv_sdp_check_answer(s, s, &diag, 1, NULL));
    REFUSED(sipv_sdp_check_next(NULL, s, &diag, 1, &n));
    REFUSED(sipv_sdp_check_next(s, NULL, &diag, 1, &n));
    REFUSED(sipv_sdp_check_next(s, s, NULL, 1, &n));
    REFUSED(sipv_sdp_check_next(s, s, &diag, 0, &n));
    REFUSED(sipv_sdp_check_next(s, s, &diag, 1, NULL));
    REFUSED(sipv_sdp_answer(NULL, &local, out, sizeof out, &n));
    REFUSED(sipv_sdp_answer(s, NULL, out, sizeof out, &n));
    REFUSED(sipv_sdp_answer(s, &local, out, sizeof out, NULL));
    REFUSED(sipv_sdp_answer(s, &none, out, sizeof out, &n));
    REFUSED(sipv_sdp_answer(s, &local, NULL, 1, &n));
    local.n_codecs = 1;
    REFUSED(sipv_sdp_answer(s, &local, out, sizeof out, &n));
    local.n_codecs = 0;
    local.address.n = 0;
    REFUSED(sipv_sdp_answer(s, &local, out, sizeof out, &n));
    local.address.n = 9;
    if (!s->accepted)
        GIVES(SIPV_REJECT, sipv_sdp_write(s, out, sizeof out, &n));
    else
        GIVES(SIPV_NO_SPACE, sipv_sdp_answer(s, &local, NULL, 0, &n));
}

/* An address that no line can have: what it would be put into is refused. */
static void refuse_long_address(const sipv_sdp *s)
{
    static unsigned char address[9000], out[1 << 16];
    const sipv_sdp_capabilities local = {.address = sipv_slice_of(address, sizeof address)};
    size_t n = 0;
    memset(address, 'a', sizeof address);
    if (s->accepted)
        REFUSED(sipv_sdp_answer(s, &local, out, sizeof out, &n));
}

static void check_catalogues(void)
{
    size_t n = 0;
    FUZZ_CHECK(refusal,
               !sipv_sdp_attribute_info_of(SIPV_SDP_A_OTHER) &&
                   !sipv_sdp_attribute_info_of(SIPV_SDP_A_COUNT) &&
                   sipv_sdp_attribute_find(sipv_slice_of("", 0)) == SIPV_SDP_A_OTHER,
               "an attribute that is none");
    for (unsigned id = SIPV_SDP_A_OTHER + 1; id < SIPV_SDP_A_COUNT; id++)
        FUZZ_CHECK(refusal,
                   sipv_sdp_attribute_find(sipv_slice_text(sipv_sdp_attribute_info_of(id)->name)) ==
                       id,
                   "an attribute of another name");
    while (sipv_sdp_diag_at(n))
        n++;
    FUZZ_CHECK(refusal,
               n > 0 &&
                   sipv_sdp_diag_find(sipv_sdp_diag_at(n - 1)->code) == sipv_sdp_diag_at(n - 1),
               "a finding is another one");
}

void fuzz_check_refusals(const sipv_sdp *s)
{
    refuse_parses();
    refuse_typed(s);
    refuse_lines();
    refuse_pairs(s);
    refuse_long_address(s);
    check_catalogues();
}
