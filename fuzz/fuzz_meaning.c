/* A message and the same message in other words.
 *
 * Oracles: meaning (a fold in place of a run of white space, white space round the separators of
 * parameters, compact names, case of names, commas or lines between the elements of a list,
 * quoted-pairs, order of headers of different names: the strict profile accepts it and reads the
 * same of it; two lines of Via or Route in each other's place mean something else); allocation.
 *
 * Bits: from OWN on which ways of writing, see common/spelling.h, none of them: all; the number:
 * where. In fuzz_uri is what concerns URIs. */
#include <string.h>

#include "canonical.h"
#include "message.h"
#include "spelling.h"

enum { LONGEST = 1 << 17, ROUNDS = 2 };

static struct fuzz_message one, other;
static unsigned char spelt[LONGEST], meant[8 * LONGEST], read_back[8 * LONGEST];

static const sipv_options strict = {.profile = SIPV_STRICT};

static bool same_meaning(void)
{
    struct fuzz_out a = FUZZ_OUT(meant), b = FUZZ_OUT(read_back);
    fuzz_canonical(&one.m, &a);
    fuzz_canonical(&other.m, &b);
    return a.full || b.full || sipv_slice_equal(fuzz_out_slice(&a), fuzz_out_slice(&b));
}

static void check_spelling(unsigned ways, uint64_t seed)
{
    struct fuzz_out out = FUZZ_OUT(spelt);
    fuzz_spell(&one.m, ways, seed, &out);
    if (out.full || out.n > 60000) /* the limit of a header section */
        return;
    const int result = fuzz_message_parse(&other, fuzz_out_slice(&out), &strict);
    FUZZ_CHECK(meaning, result == SIPV_OK, "other words for an accepted message are refused");
    FUZZ_CHECK(meaning, same_meaning(), "other words mean something else");
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
    if (a->n_events == b->n_events && a->value.n == b->value.n)
        return; /* perhaps they mean the same */
    fuzz_swap(&one.m, i, k, &out);
    if (out.full || fuzz_message_parse(&other, fuzz_out_slice(&out), &strict) != SIPV_OK)
        return;
    FUZZ_CHECK(meaning, !same_meaning(), "the order of Via or Route means nothing");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in;
    if (!fuzz_open(&in, data, size))
        return 0;
    uint64_t seed = fuzz_number(&in);
    unsigned ways = in.bits / FUZZ_BIT_OWN & 127;
    if (!ways)
        ways = 127;
    if (in.n < LONGEST / 2 && fuzz_message_parse(&one, fuzz_text(&in), &strict) == SIPV_OK) {
        for (unsigned i = 0; i < ROUNDS; i++)
            check_spelling(ways, fuzz_draw(&seed));
        check_order(SIPV_H_VIA);
        check_order(SIPV_H_ROUTE);
    }
    fuzz_close(&in);
    return 0;
}
