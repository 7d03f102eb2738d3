/* A session description.
 *
 * Oracles: slices, refusal, allocation, linear; dialects (what strict accepts interop reads in the
 * same way); depths (vector code says what portable code says, and both capture what the explaining
 * engine does); round_trip (what is written of an accepted description parses as the same and is
 * written the same); injection (a writer that is given its lines one by one writes no others).
 *
 * Bits: those that targets share but STREAM; EXPLAIN: one line, by the number, in the explaining
 * engine as well. */
#include <string.h>

#include "description.h"
#include "message.h"
#include "processor.h"
#include "typed_slices.h"

enum { LONGEST = 1 << 17 };

static struct fuzz_description one, other;
static unsigned char first[LONGEST], second[LONGEST];

static void check_dialects(sipv_slice data, sipv_sdp_options options)
{
    options.profile = SIPV_INTEROP;
    options.explainer = fuzz_explainer();
    const int result = fuzz_sdp_parse(&other, data, &options, 0);
    FUZZ_CHECK(dialects, result == SIPV_OK, "interop refuses what strict accepts");
    FUZZ_CHECK(dialects, other.s.relaxations == 0, "interop relaxes what strict accepts");
    const char *difference = fuzz_sdp_difference(&one.s, &other.s);
    FUZZ_CHECK(dialects, !difference, difference);
}

/* `one` was read by portable code. */
static void check_processors(sipv_slice data, const sipv_sdp_options *options)
{
    fuzz_plain = false;
    const int result = fuzz_sdp_parse(&other, data, options, 0);
    FUZZ_CHECK(depths, result == (one.s.accepted ? SIPV_OK : SIPV_REJECT),
               "vector code gives another verdict");
    const char *difference = fuzz_sdp_difference_in_place(&one.s, &other.s);
    FUZZ_CHECK(depths, !difference, difference);
}

static void check_round_trip(const sipv_sdp_options *options)
{
    size_t n = 0, again = 0, need = 0;
    if (sipv_sdp_write(&one.s, first, LONGEST, &n) != SIPV_OK)
        return;
    FUZZ_CHECK(round_trip, sipv_sdp_write(&one.s, second, n / 2, &need) != SIPV_OK && need == n,
               "another size is asked for");
    FUZZ_CHECK(round_trip, fuzz_sdp_parse(&other, sipv_slice_of(first, n), options, 0) == SIPV_OK,
               "what was written is refused");
    const char *difference = fuzz_sdp_difference(&one.s, &other.s);
    FUZZ_CHECK(round_trip, !difference, difference);
    FUZZ_CHECK(round_trip, sipv_sdp_write(&other.s, second, LONGEST, &again) == SIPV_OK,
               "what was read again cannot be written");
    FUZZ_CHECK(round_trip, n == again && memcmp(first, second, n) == 0,
               "written again it is another text");
}

/* Every line goes through the writer as an argument, whatever the parser thought of it. */
static void check_injection(void)
{
    sipv_sdp_writer w;
    size_t lines = 0, ends = 0, n = 0;
    sipv_sdp_writer_init(&w, first, LONGEST);
    for (size_t i = 0; i < one.s.n_lines; i++) {
        const sipv_sdp_line *l = &one.s.lines[i];
        w.result = SIPV_OK;
        const size_t before = w.n;
        const int result = l->type == 'a' ? sipv_sdp_write_attribute(&w, l->name, l->value)
                                          : sipv_sdp_write_line(&w, l->type, l->value);
        FUZZ_CHECK(injection, result == SIPV_OK || w.n == before, "a refused line is written");
        lines += result == SIPV_OK;
    }
    if (sipv_sdp_writer_finish(&w, &n) == SIPV_NO_SPACE)
        return;
    for (const unsigned char *p = first; (p = memchr(p, '\n', (size_t)(first + w.n - p))); p++)
        ends++;
    FUZZ_CHECK(injection, ends == lines, "more lines than were asked for");
    FUZZ_CHECK(injection, !w.n || !memchr(first, 0, w.n), "a NUL is written");
}

static void check_explained(const sipv_sdp *s)
{
    sipv_match match;
    for (size_t i = 0; i < s->n_diags && i < 4; i++)
        if (sipv_sdp_explain(s, &s->diags[i], fuzz_explainer(), &match) == SIPV_OK)
            FUZZ_CHECK(refusal,
                       !match.accepted && match.n_expected <= SIPV_EXPECTED_MAX &&
                           match.error_offset <= s->data.n,
                       "a finding is explained as none");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in;
    sipv_limits limits;
    if (!fuzz_open(&in, data, size))
        return 0;
    const sipv_slice text = fuzz_text(&in);
    const sipv_sdp_options options = fuzz_sdp_options(&in, &limits);
    if (in.bits & FUZZ_BIT_STORAGE) {
        const int result = fuzz_sdp_parse(&other, text, &options, fuzz_number(&in) | 1);
        fuzz_check_description(&other.s, result);
        fuzz_check_lines(&other.s, result);
    }
    const int result = fuzz_sdp_parse(&one, text, &options, 0);
    fuzz_check_description(&one.s, result);
    fuzz_check_lines(&one.s, result);
    if (in.bits & FUZZ_BIT_EXPLAIN)
        check_explained(&one.s);
    if (in.bits & FUZZ_BIT_EXPLAIN && options.profile == SIPV_STRICT && one.s.n_lines)
        fuzz_check_captures(&one.s, &one.s.lines[(fuzz_number(&in) + text.n) % one.s.n_lines]);
    if (one.s.accepted && options.profile == SIPV_STRICT)
        check_dialects(text, options);
    if (in.bits & FUZZ_BIT_PLAIN)
        check_processors(text, &options);
    if (one.s.accepted)
        check_round_trip(&options);
    check_injection();
    fuzz_close(&in);
    return 0;
}
