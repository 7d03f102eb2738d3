/* What comes in on a connection: messages with keep-alives between them.
 *
 * Oracles: split (all at once, octet by octet, at two-way splits and at random ones the framer
 * gives the same messages, the same pings, the same end at the same offset); length (the message
 * parser ends each message where the framer does); refusal (an error has a code and lies in the
 * stream); allocation.
 *
 * A stream of up to 256 octets is cut at every place; a longer one at drawn places and next to ends
 * of messages and lines, since all places of all streams would cost their length squared.  Octet by
 * octet come all that are no longer than the target's longest input.
 *
 * Bits: INTEROP, LIMITS; OWN: keep-alives are taken off early, by an odd number half of them; the
 * number: where random splits are. */
#include <string.h>

#include "allocations.h"
#include "message.h"
#include "prefix.h"

enum { TAKE_EARLY = FUZZ_BIT_OWN };
enum { FRAMES = 64, EVERY_SPLIT = 256, SPLITS = 24, ENDS = 24, OCTET_BY_OCTET = 8192 };

/* What a framer made of a stream. */
struct cutting {
    struct {
        size_t at, n;
    } frames[FRAMES];
    size_t n_frames, pings;
    int end; /* SIPV_MORE or SIPV_REJECT */
    size_t end_at;
    unsigned code;
    size_t code_at;
};

/* A stream on its way. */
struct flow {
    const struct fuzz_input *in;
    sipv_framer framer;
    size_t from;    /* octets consumed */
    size_t decided; /* behind the last message */
    struct cutting *out;
};

static struct fuzz_message message;
static struct cutting whole, cut;

static void note_frame(struct flow *f, const sipv_frame *frame)
{
    struct cutting *out = f->out;
    out->pings += frame->pings;
    if (out->n_frames < FRAMES) {
        out->frames[out->n_frames].at = f->from + frame->skip;
        out->frames[out->n_frames].n = frame->n;
    }
    out->n_frames++;
    f->from += frame->skip + frame->n;
    f->decided = f->from;
}

static void note_error(struct flow *f, const sipv_frame *frame, size_t n)
{
    FUZZ_CHECK(refusal, sipv_diag_find(frame->diag.code), "an error without code");
    FUZZ_CHECK(refusal, frame->diag.off <= n && frame->diag.len <= n - frame->diag.off,
               "an error outside the stream");
    f->out->end_at = f->decided;
    f->out->code = frame->diag.code;
    f->out->code_at = f->from + frame->diag.off;
}

/* The octets up to `there` have come in.  False: an error ends the stream. */
static bool feed(struct flow *f, size_t there)
{
    sipv_frame frame;
    memset(&frame, 0, sizeof frame);
    for (;;) {
        const size_t n = there - f->from;
        const uint64_t before = fuzz_allocations;
        fuzz_show_prefix(f->in, there);
        f->out->end = sipv_framer_feed(&f->framer, f->in->p + f->from, n, &frame);
        FUZZ_CHECK(allocation, fuzz_allocations == before, "framing allocates");
        FUZZ_CHECK(refusal, f->out->end == SIPV_REJECT || frame.skip <= n, "more than there is");
        if (f->out->end != SIPV_OK)
            break;
        FUZZ_CHECK(refusal, frame.n > 0 && frame.n <= n - frame.skip, "a frame out of nothing");
        note_frame(f, &frame);
    }
    if (f->out->end == SIPV_REJECT) {
        note_error(f, &frame, there - f->from);
        return false;
    }
    f->out->end_at = f->from + frame.skip;
    if (f->in->bits & TAKE_EARLY) {
        const size_t taken = frame.skip / (1 + fuzz_number(f->in) % 2);
        sipv_framer_skip(&f->framer, taken);
        f->from += taken;
    }
    return true;
}

/* First `first` octets, then `step` at a time; `step` 0: pieces of lengths drawn from `seed`. */
static void run(const struct fuzz_input *in, size_t first, size_t step, uint64_t seed,
                struct cutting *out)
{
    sipv_limits limits;
    const sipv_options options = fuzz_options(in, &limits);
    struct flow f = {.in = in, .out = out};
    memset(out, 0, sizeof *out);
    sipv_framer_init(&f.framer, options.profile, options.limits);
    for (size_t there = first; feed(&f, there) && there < in->n;) {
        const size_t more = step ? step : 1 + fuzz_draw(&seed) % 64;
        there += more < in->n - there ? more : in->n - there;
    }
    fuzz_show_prefix(in, in->n);
}

static void compare(const struct fuzz_input *in)
{
    const bool same_pings = in->bits & TAKE_EARLY || cut.pings == whole.pings;
    FUZZ_CHECK(split, cut.n_frames == whole.n_frames, "another number of messages");
    for (size_t i = 0; i < cut.n_frames && i < FRAMES; i++)
        FUZZ_CHECK(split,
                   cut.frames[i].at == whole.frames[i].at && cut.frames[i].n == whole.frames[i].n,
                   "a message elsewhere");
    FUZZ_CHECK(split, same_pings, "another number of pings");
    FUZZ_CHECK(split, cut.end == whole.end && cut.code == whole.code, "another end");
    FUZZ_CHECK(split, cut.code_at == whole.code_at && cut.end_at == whole.end_at,
               "the end lies elsewhere");
}

/* The stream in two pieces, the first of `at` octets. */
static void check_split(const struct fuzz_input *in, size_t at)
{
    if (at >= in->n)
        return;
    run(in, at, in->n, 0, &cut);
    compare(in);
}

/* Before, at and behind the end of each message. */
static void check_frame_ends(const struct fuzz_input *in)
{
    for (size_t i = 0; i < whole.n_frames && i < ENDS; i++) {
        const size_t end = whole.frames[i].at + whole.frames[i].n;
        for (size_t at = end - 1; at <= end + 1; at++)
            check_split(in, at);
    }
}

/* Next to ends of lines: before the CR, before the LF, behind it, and an octet further, which tells
 * whether it is a fold.  Of many lines as many as ENDS are drawn. */
static void check_line_ends(const struct fuzz_input *in, uint64_t *seed)
{
    size_t count = 0;
    for (size_t i = 0; i < in->n; i++)
        count += in->p[i] == '\n';
    for (size_t i = 1; i < in->n; i++)
        if (in->p[i] == '\n' && fuzz_draw(seed) % count < ENDS)
            check_split(in, i - 1 + fuzz_draw(seed) % 4);
}

static void check_two_way_splits(const struct fuzz_input *in, uint64_t *seed)
{
    if (in->n <= EVERY_SPLIT) {
        for (size_t at = 0; at < in->n; at++)
            check_split(in, at);
        return;
    }
    for (unsigned i = 0; i < SPLITS; i++)
        check_split(in, (size_t)(fuzz_draw(seed) % in->n));
    check_frame_ends(in);
    check_line_ends(in, seed);
}

static void check_splits(const struct fuzz_input *in)
{
    uint64_t seed = fuzz_number(in);
    check_two_way_splits(in, &seed);
    for (unsigned i = 0; i < 2; i++) {
        run(in, 0, 0, fuzz_draw(&seed), &cut);
        compare(in);
    }
    if (in->n > OCTET_BY_OCTET)
        return;
    run(in, 0, 1, 0, &cut);
    compare(in);
}

/* The parser over exactly what the framer has cut out. */
static void check_lengths(const struct fuzz_input *in)
{
    sipv_limits limits;
    sipv_options options = fuzz_options(in, &limits);
    options.stream = true;
    for (size_t i = 0; i < whole.n_frames && i < FRAMES; i++) {
        const sipv_slice text = sipv_slice_of(in->p + whole.frames[i].at, whole.frames[i].n);
        fuzz_message_index(&message, text, &options);
        FUZZ_CHECK(length, message.m.octets == text.n && message.m.trailing == 0,
                   "the parser ends a message elsewhere");
        FUZZ_CHECK(length, message.m.content_length == (int64_t)message.m.body.n,
                   "the body has another length");
    }
}

/* Once is enough: calls that are wrong. */
static void check_calls(void)
{
    sipv_framer f;
    sipv_frame frame;
    sipv_framer_init(&f, SIPV_STRICT, NULL);
    FUZZ_CHECK(refusal,
               sipv_framer_feed(NULL, "", 0, &frame) == SIPV_BAD_ARGUMENT &&
                   sipv_framer_feed(&f, "", 0, NULL) == SIPV_BAD_ARGUMENT &&
                   sipv_framer_feed(&f, NULL, 1, &frame) == SIPV_BAD_ARGUMENT,
               "a wrong call is taken");
    FUZZ_CHECK(refusal, sipv_framer_feed(&f, NULL, 0, &frame) == SIPV_MORE, "nothing is something");
    FUZZ_CHECK(refusal, sipv_framer_feed(&f, "\r\n", 2, &frame) == SIPV_MORE && frame.skip == 2,
               "a keep-alive is something else");
    FUZZ_CHECK(refusal, sipv_framer_feed(&f, "\r", 1, &frame) == SIPV_BAD_ARGUMENT,
               "a buffer may lose octets");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in;
    if (!fuzz_open(&in, data, size))
        return 0;
    fuzz_once(check_calls);
    run(&in, in.n, 1, 0, &whole);
    if (in.n)
        check_splits(&in);
    check_lengths(&in);
    fuzz_close(&in);
    return 0;
}
