/* What plain.c does for each line: loads of octets, where the line ends, its struct. */
#ifndef SIPV_SDP_PLAIN_LINE_H
#define SIPV_SDP_PLAIN_LINE_H

#include <string.h>

#include "express.h"
#include "internal.h"
#include "vector.h"

/* Octets of the stretch from the first octet of a line on that is searched at once;
 * those that may be read from there on; and the last ones of a description, which are copied so
 * that this is so for them. */
enum { STRETCH = 2 * SIPV_LOAD, REACH = STRETCH + SIPV_EXPRESS_REACH, TAIL = 8 * SIPV_LOAD };

/* As sipv_load_2 reads it. */
enum { A_EQUALS = 'a' | '=' << 8, M_EQUALS = 'm' | '=' << 8 };

/* Octets below 32 and above 127, as bits. */
static inline unsigned odd_octets(__m256i v)
{
    return sipv_bits(_mm256_cmpgt_epi8(sipv_constant(sipv_sdp_vectors.space), v));
}

/* The CR that ends the line at `p`, of which the first SIPV_LOAD octets have `odd` ones; NULL if
 * something else comes before it, or if octets from `stop` on would have to be searched. */
static inline const unsigned char *end_of_line(const unsigned char *p, unsigned odd,
                                               const unsigned char *stop)
{
    uint64_t all = odd | (uint64_t)odd_octets(sipv_load(p + SIPV_LOAD)) << SIPV_LOAD;
    while (SIPV_RARE(!all)) {
        p += STRETCH;
        if (p >= stop)
            return NULL;
        all = odd_octets(sipv_load(p)) | (uint64_t)odd_octets(sipv_load(p + SIPV_LOAD))
                                             << SIPV_LOAD;
    }
    p += _tzcnt_u64(all);
    return sipv_load_2(p) == SIPV_CRLF ? p : NULL;
}

/* The first `n` octets at `p`, and those of a text of eight. */
static inline uint64_t first_octets(const unsigned char *p, unsigned n)
{
    return sipv_load_8(p) << (64 - 8 * n);
}
#define BEGINS_WITH(p, text)                                                                       \
    (first_octets(p, sizeof(text) - 1) ==                                                          \
     first_octets((const unsigned char *)text "\0\0\0\0\0\0\0", sizeof(text) - 1))

/* A line of up to 64 octets: which of them are no printable ones, spaces, digits. */
struct octets {
    uint64_t odd, spaces, digits;
};

static inline uint64_t both(__m256i first, __m256i second)
{
    return sipv_bits(first) | (uint64_t)sipv_bits(second) << SIPV_LOAD;
}

/* Constants, out of the compiler's sight: it would make them anew in each place. */
enum { ZERO, NINE, ONE, LOW, SPACE };
static inline const __m256i *octet_constants(void)
{
    _Alignas(32) static const unsigned char constants[][32] = {
        {SIPV_32('0')}, {SIPV_32(9)}, {SIPV_32(1)}, {SIPV_32('!')}, {SIPV_32(' ')}};
    const __m256i *k = (const void *)constants;
    __asm__("" : "+r"(k));
    return k;
}

static inline struct octets octets_of(const unsigned char *p)
{
    const __m256i *const k = octet_constants();
    const __m256i v = sipv_load(p), w = sipv_load(p + SIPV_LOAD);
    const __m256i x = _mm256_sub_epi8(v, k[ZERO]), y = _mm256_sub_epi8(w, k[ZERO]);
    return (struct octets){
        both(_mm256_cmpgt_epi8(k[LOW], _mm256_add_epi8(v, k[ONE])), /* DEL is then far below 0 */
             _mm256_cmpgt_epi8(k[LOW], _mm256_add_epi8(w, k[ONE]))),
        both(_mm256_cmpeq_epi8(v, k[SPACE]), _mm256_cmpeq_epi8(w, k[SPACE])),
        both(_mm256_cmpeq_epi8(_mm256_min_epu8(x, k[NINE]), x),
             _mm256_cmpeq_epi8(_mm256_min_epu8(y, k[NINE]), y))};
}

/* Are all octets from one of a line to another digits, one at least? */
static inline bool is_number(const struct octets *o, size_t from, size_t to)
{
    return from < to && _tzcnt_u64(~(o->digits >> from)) >= to - from;
}

/* ---- Lines on their way into the description ----------------------------------------------------
 */

/* Lines of one section, or of the session, that the description has not got yet. */
struct reading {
    const unsigned char *base; /* octets count from here: the description, or a copy of its end */
    const unsigned char *safe; /* lines begin before this */
    sipv_sdp_line *line, *end; /* the next one; no further than this */
    sipv_event *ev;            /* its captures ... */
    uint32_t n_events;         /* ... and how many there are in front of them */
    uint32_t seen;             /* types of lines, by bit: of plain_head.h alone */
};

/* ---- Structs ------------------------------------------------------------------------------------
 */

/* The current section, where it is in struct sipv_sdp_line_kind. */
static inline uint64_t section_bits(const struct sipv_sdp_parse *x)
{
    return (uint64_t)x->number << (8 * offsetof(struct sipv_sdp_line_kind, section));
}

/* Writes what is known of a line by its type or attribute, in one piece. */
static inline void write_kind(sipv_sdp_line *line, const struct sipv_sdp_line_kind *kind,
                              uint64_t section)
{
    uint64_t all;
    _Static_assert(sizeof *kind == sizeof all &&
                       offsetof(sipv_sdp_line, state) == offsetof(sipv_sdp_line, type) + 1 &&
                       offsetof(sipv_sdp_line, id) == offsetof(sipv_sdp_line, type) + 2 &&
                       offsetof(sipv_sdp_line, section) == offsetof(sipv_sdp_line, type) + 4 &&
                       offsetof(sipv_sdp_line, view) == offsetof(sipv_sdp_line, type) + 6,
                   "struct sipv_sdp_line_kind");
    memcpy(&all, kind, sizeof all);
    all |= section;
    memcpy((unsigned char *)line + offsetof(sipv_sdp_line, type), &all, sizeof all);
}

/* A line without a name that begins at `from` and ends at `cr`: what is text of it.  Slices of the
 * description are `delta` behind the octets. */
static inline void put_line(sipv_sdp_line *line, const unsigned char *from, ptrdiff_t delta,
                            const unsigned char *cr)
{
    line->name.p = NULL;
    line->name.n = 0;
    line->value.p = from + 2 + delta;
    line->value.n = (size_t)(cr - from) - 2;
}

/* Where it is, and its captures: so many behind others. */
static inline void put_place(sipv_sdp_line *line, const unsigned char *base,
                             const unsigned char *from, uint32_t others, uint32_t n)
{
    line->off = (uint32_t)(from - base);
    line->first_event = others;
    line->n_events = n;
}

/* How many captures there are between two. */
static inline uint32_t count_events(const sipv_event *from, const sipv_event *to)
{
    const size_t octets = (size_t)((const unsigned char *)to - (const unsigned char *)from);
    _Static_assert(sizeof *from == 12, "a division without a remainder");
    return (uint32_t)(octets >> 2) * 0xaaaaaaabu;
}

#endif
