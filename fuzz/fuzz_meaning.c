/* A message and the same message in other words.
 *
 * Oracles: meaning (a fold in place of a run of white space, white space round the separators of
 * parameters, compact names, case of names, commas or lines between the elements of a list,
 * quoted-pairs, order of headers of different names: the profile accepts it and reads the same of
 * it; in interop, so does what that profile takes besides: bare LF, white space in a start line,
 * empty lines in front of it, lines that are no headers; two lines of Via or Route in each other's
 * place are accepted and mean something else); allocation.
 *
 * What was read is looked at twice: as captures, and as a user asks for it, element by element.
 *
 * Bits: INTEROP; from OWN on which ways of writing, see common/spelling.h, none of them: all; the
 * number: where.  In fuzz_uri is what concerns URIs. */
#include <string.h>

#include "canonical.h"
#include "message.h"
#include "spelling.h"

enum { LONGEST = 1 << 17, ROUNDS = 2 };

static struct fuzz_message one, other;
static unsigned char spelt[LONGEST], meant[8 * LONGEST], read_back[8 * LONGEST];

static sipv_options options;

static bool same_texts(const struct fuzz_out *a, const struct fuzz_out *b)
{
    return a->full || b->full || sipv_slice_equal(fuzz_out_slice(a), fuzz_out_slice(b));
}

static bool same_meaning(void)
{
    struct fuzz_out a = FUZZ_OUT(meant), b = FUZZ_OUT(read_back);
    fuzz_canonical(&one.m, &a);
    fuzz_canonical(&other.m, &b);
    return same_texts(&a, &b);
}

static bool same_elements(void)
{
    struct fuzz_out a = FUZZ_OUT(meant), b = FUZZ_OUT(read_back);
    fuzz_canonical_typed(&one.m, &a);
    fuzz_canonical_typed(&other.m, &b);
    return same_texts(&a, &b);
}

static void check_spelling(unsigned ways, uint64_t seed)
{
    struct fuzz_out out = FUZZ_OUT(spelt);
    fuzz_spell(&one.m, ways, seed, &out);
    if (out.full || out.n > 60000) /* the limit of a header section */
        return;
    const int result = fuzz_message_parse(&other, fuzz_out_slice(&out), &options);
    FUZZ_CHECK(meaning, result == SIPV_OK, "other words for an accepted message are refused");
    FUZZ_CHECK(meaning, same_meaning(), "other words mean something else");
    FUZZ_CHECK(meaning, same_elements(), "other words have other elements");
}

static bool same_headers(const sipv_header *a, const sipv_header *b)
{
    struct fuzz_out x = FUZZ_OUT(meant), y = FUZZ_OUT(read_back);
    fuzz_canonical_header(&one.m, a, &x);
    fuzz_canonical_header(&one.m, b, &y);
    return same_texts(&x, &y);
}

/* Two lines of `id` that are not the same. */
static void check_order(unsigned id)
{
    struct fuzz_out out = FUZZ_OUT(spelt);
    const unsigned i = one.m.first[id];
    if (i == SIPV_NO_HEADER || one.m.headers[i].next == SIPV_NO_HEADER)
        return;
    const unsigned k = one.m.headers[i].next;
    const sipv_header *a = &one.m.headers[i], *b = &one.m.headers[k];
    if (a->state != SIPV_READ || b->state != SIPV_READ || same_headers(a, b))
        return;
    fuzz_swap(&one.m, i, k, &out);
    if (out.full || out.n > 60000) /* the limit of a header section */
        return;
    FUZZ_CHECK(meaning, fuzz_message_parse(&other, fuzz_out_slice(&out), &options) == SIPV_OK,
               "lines of an accepted message are refused in another order");
    FUZZ_CHECK(meaning, !same_meaning(), "the order of Via or Route means nothing");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in;
    if (!fuzz_open(&in, data, size))
        return 0;
    uint64_t seed = fuzz_number(&in);
    unsigned ways = in.bits / FUZZ_BIT_OWN & FUZZ_ALL_WAYS;
    if (!ways)
        ways = FUZZ_ALL_WAYS;
    options = (sipv_options){.profile = SIPV_STRICT};
    if (in.bits & FUZZ_BIT_INTEROP) {
        ways |= FUZZ_BARE_LF | FUZZ_START_SPACE | FUZZ_EMPTY_LINES | FUZZ_NO_HEADERS;
        options = (sipv_options){.profile = SIPV_INTEROP, .explainer = fuzz_explainer()};
    }
    if (in.n < LONGEST / 2 && fuzz_message_parse(&one, fuzz_text(&in), &options) == SIPV_OK) {
        for (unsigned i = 0; i < ROUNDS; i++)
            check_spelling(ways, fuzz_draw(&seed));
        check_order(SIPV_H_VIA);
        check_order(SIPV_H_ROUTE);
    }
    fuzz_close(&in);
    return 0;
}
