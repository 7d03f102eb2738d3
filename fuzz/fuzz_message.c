/* A message: a datagram, or one message of a stream; full parse and index parse.
 *
 * Oracles: slices, refusal, allocation, linear; dialects (what strict accepts interop reads in the
 * same way); depths (an index and typed access on demand give what the full parse gave, and so does
 * vector code in the place of portable code); length (the framer ends an accepted message where the
 * parser does).
 *
 * Bits: those that targets share; OWN: an index and typed access as well, which has a bit because
 * it takes a quarter of the rate; PLAIN: both kinds of code. */
#include "message.h"

#include "processor.h"

enum { WITH_INDEX = FUZZ_BIT_OWN };

static struct fuzz_message full, other;

/* A malformed header of a later RFC is a warning; interop may read it with a relaxation. */
static bool has_malformed(const sipv_message *m)
{
    for (size_t i = 0; i < m->n_headers; i++)
        if (m->headers[i].state == SIPV_MALFORMED)
            return true;
    return false;
}

static void check_dialects(sipv_slice data, sipv_options options)
{
    options.profile = SIPV_INTEROP;
    options.explainer = fuzz_explainer();
    const int result = fuzz_message_parse(&other, data, &options);
    FUZZ_CHECK(dialects, result == SIPV_OK, "interop refuses what strict accepts");
    FUZZ_CHECK(dialects, other.m.relaxations == 0 || has_malformed(&full.m),
               "interop relaxes what strict accepts");
    const char *difference = fuzz_message_difference(&full.m, &other.m);
    FUZZ_CHECK(dialects, !difference, difference);
}

/* Typed access leaves every header in the state in which the full parse left it, with the same
 * captures, whose slices have been looked at there. */
static void check_depths(sipv_slice data, const sipv_options *options)
{
    const int result = fuzz_message_index(&other, data, options);
    fuzz_check_message(&other.m, result);
    FUZZ_CHECK(depths, result == SIPV_OK || !full.m.accepted,
               "the index refuses an accepted message");
    fuzz_read_typed_headers(&other.m);
    FUZZ_CHECK(depths, full.m.kind == other.m.kind && full.m.octets == other.m.octets,
               "the index has another extent");
    FUZZ_CHECK(depths, full.m.n_headers == other.m.n_headers, "the index has other headers");
    for (size_t i = 0; i < full.m.n_headers; i++) {
        const sipv_header *a = &full.m.headers[i], *b = &other.m.headers[i];
        FUZZ_CHECK(depths, a->state == b->state || b->state == SIPV_UNREAD,
                   "typed access judges a header in another way");
        FUZZ_CHECK(depths, b->state != SIPV_READ || fuzz_same_captures(&full.m, a, &other.m, b),
                   "typed access captures something else");
    }
}

static bool same_findings(const sipv_message *a, const sipv_message *b)
{
    if (a->n_diags != b->n_diags || a->lost_diags != b->lost_diags)
        return false;
    for (size_t i = 0; i < a->n_diags; i++) {
        const sipv_diag *x = &a->diags[i], *y = &b->diags[i];
        if (x->code != y->code || x->severity != y->severity || x->off != y->off ||
            x->len != y->len || x->header != y->header || x->rule != y->rule)
            return false;
    }
    return true;
}

/* `full` was read by portable code. */
static void check_processors(sipv_slice data, const sipv_options *options)
{
    fuzz_plain = false;
    fuzz_message_parse(&other, data, options);
    const char *difference = fuzz_message_difference(&full.m, &other.m);
    FUZZ_CHECK(depths, !difference, difference);
    FUZZ_CHECK(depths, same_findings(&full.m, &other.m), "vector code finds something else");
}

static void check_length(sipv_slice data)
{
    sipv_framer framer;
    sipv_frame frame;
    sipv_framer_init(&framer, full.m.options.profile, full.m.options.limits);
    const int result = sipv_framer_feed(&framer, data.p, data.n, &frame);
    FUZZ_CHECK(length, result == SIPV_OK && frame.skip == full.m.start,
               "the framer does not find an accepted message");
    FUZZ_CHECK(length, frame.skip + frame.n == full.m.octets, "the framer ends it elsewhere");
}

static void check_explained(void)
{
    sipv_match match;
    for (size_t i = 0; i < full.m.n_diags && i < 4; i++)
        if (sipv_diag_explain(&full.m, &full.m.diags[i], fuzz_explainer(), &match) == SIPV_OK)
            FUZZ_CHECK(refusal,
                       !match.accepted && match.n_expected <= SIPV_EXPECTED_MAX &&
                           match.error_offset <= full.m.data.n,
                       "a finding is explained as none");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in;
    sipv_limits limits;
    if (!fuzz_open(&in, data, size))
        return 0;
    const sipv_options options = fuzz_options(&in, &limits);
    if (in.bits & FUZZ_BIT_STORAGE) {
        const int result = fuzz_message_squeeze(&other, fuzz_text(&in), &options, fuzz_number(&in));
        fuzz_check_message(&other.m, result);
        fuzz_check_typed_headers(&other.m);
    }
    const int result = fuzz_message_parse(&full, fuzz_text(&in), &options);
    fuzz_check_message(&full.m, result);
    fuzz_check_typed_headers(&full.m);
    if (options.explainer)
        check_explained();
    if (full.m.accepted && options.profile == SIPV_STRICT)
        check_dialects(fuzz_text(&in), options);
    if (in.bits & FUZZ_BIT_PLAIN)
        check_processors(fuzz_text(&in), &options);
    if (in.bits & WITH_INDEX)
        check_depths(fuzz_text(&in), &options);
    if (full.m.accepted && full.m.content_length >= 0)
        check_length(fuzz_text(&in));
    fuzz_close(&in);
    return 0;
}
