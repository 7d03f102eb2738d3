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
enum { A_EQUALS = 'a' | '=' << 8 };

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

/* How many captures there are between two. */
static inline uint32_t count_events(const sipv_event *from, const sipv_event *to)
{
    const size_t octets = (size_t)((const unsigned char *)to - (const unsigned char *)from);
    _Static_assert(sizeof *from == 12, "a division without a remainder");
    return (uint32_t)(octets >> 2) * 0xaaaaaaabu;
}

#endif
