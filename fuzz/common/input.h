/* One input of a fuzz target: the text, and configuration bits behind it.
 *
 * Bits live in a trailer, so that a plain .sip file is a good seed:
 *
 *     text ... | bits, 4 octets, the lowest first | 0xF5
 *
 * 0xF5 stands in no UTF-8 text, and an input without it (or of less than five octets) is all text
 * with all bits zero.  What the bits mean says the first comment of a target; those that several
 * targets share are named here.
 *
 * The text is a copy that ends where it ends: an exact-size heap block under sanitizers, else flush
 * against a page that must not be touched.  The end and the start of the text lie at such a page
 * in turn; the standalone runner runs every input both ways. */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <sipvet/grammar.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What each target defines: returns 0, always. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The last octet of an input with a trailer, and the octets of a trailer. */
enum { FUZZ_TRAILER_MARK = 0xf5, FUZZ_TRAILER = 5 };

/* Bits that several targets share.  Those from FUZZ_BIT_OWN up to FUZZ_BIT_PLAIN are each
 * target's own; the upper half is a number (fuzz_number). */
enum {
    FUZZ_BIT_INTEROP = 1 << 0, /* the interop profile */
    FUZZ_BIT_STREAM = 1 << 1,  /* a message of a stream */
    FUZZ_BIT_EXPLAIN = 1 << 2, /* the strict profile with the explaining engine */
    FUZZ_BIT_LIMITS = 1 << 3,  /* small limits, by the number */
    FUZZ_BIT_STORAGE = 1 << 4, /* small storage, by the number */
    FUZZ_BIT_OWN = 1 << 5,
    FUZZ_BIT_PLAIN = 1 << 15 /* as on a processor that vector code cannot run on */
};

struct fuzz_input {
    const unsigned char *p; /* never NULL */
    size_t n;
    uint32_t bits;
    unsigned char *heap; /* of the copy, or NULL */
};

/* Takes `data` apart and copies the text.  False: too long for this machine, return 0. */
bool fuzz_open(struct fuzz_input *in, const uint8_t *data, size_t size);
void fuzz_close(struct fuzz_input *in);

/* The text as a slice. */
static inline sipv_slice fuzz_text(const struct fuzz_input *in)
{
    return sipv_slice_of(in->p, in->n);
}

/* The upper half of the bits. */
static inline unsigned fuzz_number(const struct fuzz_input *in)
{
    return in->bits >> 16;
}

/* Does this build copy against fence pages?  Then texts lie at their end when `fuzz_fence_turn` is
 * even, at their start when it is odd; each input adds one. */
bool fuzz_has_fence(void);
extern unsigned fuzz_fence_turn;

/* The next of a row of numbers that depend on `*seed` only. */
uint64_t fuzz_draw(uint64_t *seed);

#endif
