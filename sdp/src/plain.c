/* Lines of the usual form, with vector code: a type letter, "=" and a value of printable ASCII,
 * ended by CRLF, in order, with a known attribute if it is one, and a value that compiled code
 * takes.  Everything else is left to parse.c, which also does all of this where a processor has no
 * such code. */
#include <string.h>

#include "internal.h"

#if defined(__AVX2__) && defined(__BMI2__)
#include <immintrin.h>

/* Octets of one load; those that may be read behind the end of a line. */
enum { LOAD = 32, REACH = 2 * LOAD };

static inline __m256i load(const unsigned char *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* Octets below 32 and above 127, as bits. */
static inline unsigned odd_octets(__m256i v)
{
    return (unsigned)_mm256_movemask_epi8(_mm256_cmpgt_epi8(_mm256_set1_epi8(' '), v));
}

/* The CR that ends the line at `p`; NULL if something else comes before it, or too late. */
static inline const unsigned char *end_of_line(const unsigned char *p, const unsigned char *safe)
{
    for (; p < safe; p += LOAD) {
        const unsigned odd = odd_octets(load(p));
        if (odd) {
            p += _tzcnt_u32(odd);
            return p[0] == '\r' && p[1] == '\n' ? p : NULL;
        }
    }
    return NULL;
}

/* The id of the known attribute whose name are the `n` octets at `p`. */
static inline unsigned find_attribute(const unsigned char *p, unsigned n)
{
    const uint64_t first = _bzhi_u64(sipv_load_8(p), 8 * n) | SIPV_CASE_BITS;
    const uint64_t last = n > 8 ? sipv_load_8(p + n - 8) | SIPV_CASE_BITS : 0;
    const uint32_t hash = sipv_name_mix(first, last, sipv_sdp_attribute_seed);
    const unsigned id = sipv_sdp_attribute_slots[hash >> (32 - SIPV_SDP_SLOT_BITS)];
    const struct sipv_sdp_attribute_key *key = &sipv_sdp_attribute_keys[id];
    const __m256i same =
        _mm256_cmpeq_epi8(load(p), _mm256_load_si256((const __m256i *)(const void *)key->name));
    const unsigned differ = _bzhi_u32(~(unsigned)_mm256_movemask_epi8(same), n);
    return key->n == n && !differ ? id : SIPV_SDP_A_OTHER;
}

/* May a line of this type, by its number in the alphabet, come next without a word? */
static inline bool is_in_order(struct sipv_sdp_parse *x, unsigned letter)
{
    const char type = (char)('a' + letter);
    const uint32_t bit = (uint32_t)1 << letter;
    const bool in_media = x->section || type == 'm';
    const int rank = (in_media ? sipv_sdp_media_ranks : sipv_sdp_session_ranks)[letter];
    uint32_t *const seen = in_media ? &x->seen : &x->session_seen;
    if (!x->before && type != 'v')
        return false;
    if (type == 'm') /* begins anew */
        return true;
    if (type == 'r' || type == 'z' || rank < x->rank)
        return false;
    if (*seen & bit & (in_media ? SIPV_SDP_ONCE_IN_MEDIA : SIPV_SDP_ONCE_IN_SESSION))
        return false;
    *seen |= bit;
    x->rank = rank;
    return true;
}

/* The value of a line by compiled code: behind its captures, or NULL. */
static inline sipv_event *match(struct sipv_sdp_parse *x, unsigned root, const unsigned char *from,
                                const unsigned char *to, sipv_event *ev)
{
    const unsigned char *const base = x->run.base;
    const sipv_express_function run = sipv_sdp_express[root].run;
    x->run.suspects = 0;
    return run ? run(&x->run, base, (size_t)(from - base), (size_t)(to - base), ev, SIPV_NONE)
               : NULL;
}

/* "IN IP4 " and a literal: the address itself, without ttl, is looked at as well. */
static inline sipv_event *match_connection(struct sipv_sdp_parse *x, const unsigned char *from,
                                           const unsigned char *to, sipv_event *ev)
{
    static const char in_ip4[8] = "IN IP4 ";
    const unsigned root = sipv_sdp_tables.rules[SIPV_R_IP4_LITERAL].root;
    const uint64_t differ = sipv_load_8(from) ^ sipv_load_8((const unsigned char *)in_ip4);
    if (_bzhi_u64(differ, 56) || to - from <= 7 || x->run.suspects)
        return NULL;
    return match(x, root, from + 7, to, ev);
}

/* The room that compiled code needs is looked at before each line. */
static void prepare(struct sipv_sdp_parse *x)
{
    sipv_sdp *const s = x->s;
    struct sipv_run *const r = &x->run;
    r->express = true;
    r->look_at = SIZE_MAX;
    r->ev_end = s->events + s->cap_events - SIPV_CHUNK_PARTS;
    r->ev_express = s->events + s->cap_events - SIPV_EXPRESS_PARTS;
}

/* An attribute from `p` on that ends at `end`; false if it is not one of the usual form. */
static inline bool read_attribute(struct sipv_sdp_parse *x, sipv_sdp_line *line,
                                  const unsigned char *p, const unsigned char *end, sipv_event *ev,
                                  sipv_event **next)
{
    const __m256i colon = _mm256_cmpeq_epi8(load(p), _mm256_set1_epi8(':'));
    const unsigned at = _tzcnt_u32((unsigned)_mm256_movemask_epi8(colon));
    const size_t all = (size_t)(end - p);
    const unsigned n = at < all ? at : all < LOAD ? (unsigned)all : LOAD;
    const unsigned id = n < LOAD && n ? find_attribute(p, n) : SIPV_SDP_A_OTHER;
    const struct sipv_sdp_attribute_key *key = &sipv_sdp_attribute_keys[id];
    const bool valued = n < all;
    if (id == SIPV_SDP_A_OTHER || valued != (key->root != SIPV_NONE))
        return false;
    line->name = sipv_slice_of(p, n);
    line->id = (uint16_t)id;
    line->view = key->view;
    *next = ev;
    if (!valued) {
        line->value = sipv_slice_of(NULL, 0);
        line->state = SIPV_SDP_UNTYPED;
        return true;
    }
    line->value = sipv_slice_of(p + n + 1, all - n - 1);
    line->state = SIPV_SDP_READ;
    return line->value.n && (*next = match(x, key->root, p + n + 1, end, ev)) != NULL;
}

/* A line of another type. */
static inline bool read_value(struct sipv_sdp_parse *x, sipv_sdp_line *line, unsigned letter,
                              const unsigned char *p, const unsigned char *end, sipv_event *ev,
                              sipv_event **next)
{
    const struct sipv_sdp_form *form = &sipv_sdp_forms[letter];
    if (form->rule == 0) /* there is no such type */
        return false;
    line->name = sipv_slice_of(NULL, 0);
    line->value = sipv_slice_of(p, (size_t)(end - p));
    line->id = SIPV_SDP_A_OTHER;
    line->view = form->view;
    line->state = SIPV_SDP_READ;
    *next = match(x, sipv_sdp_tables.rules[form->rule].root, p, end, ev);
    if (*next && letter == 'c' - 'a')
        *next = match_connection(x, p, end, *next);
    return *next != NULL;
}

/* What else there is to say of a line. */
static inline void check(struct sipv_sdp_parse *x, sipv_sdp_line *line)
{
    if (x->run.suspects && line->state == SIPV_SDP_READ)
        sipv_sdp_check_numbers(x, line);
    if (line->type == 'c') { /* of a multicast address */
        if (line->n_events > 5)
            sipv_sdp_check_count(x, line);
    } else if (line->state == SIPV_SDP_READ) {
        sipv_sdp_check_line(x, line);
    }
    if (line->type == 'a' && line->state != SIPV_SDP_MALFORMED)
        sipv_sdp_see_attribute(x, line);
}

const unsigned char *sipv_sdp_plain(struct sipv_sdp_parse *x, const unsigned char *p,
                                    const unsigned char *end)
{
    sipv_sdp *const s = x->s;
    if (!x->run.compiled || end - p < REACH || s->cap_events < SIPV_EXPRESS_PARTS)
        return p;
    const unsigned char *const safe = end - REACH;
    prepare(x);
    while (p < safe && !x->stopped) {
        const unsigned char *const cr = end_of_line(p, safe);
        const char type = (char)p[0];
        const unsigned letter = p[0] - (unsigned)'a';
        sipv_event *const ev = s->events + s->n_events;
        if (!cr || cr - p < 2 || p[1] != '=' || letter > 25 || s->n_lines == s->cap_lines ||
            ev > x->run.ev_express || x->attributes >= x->limits->attributes)
            break;
        sipv_sdp_line *const line = &s->lines[s->n_lines];
        sipv_event *next;
        if (type == 'a' ? !read_attribute(x, line, p + 2, cr, ev, &next)
                        : !read_value(x, line, letter, p + 2, cr, ev, &next))
            break;
        if (!is_in_order(x, letter))
            break;
        if (type == 'm')
            sipv_sdp_end_section(x);
        x->attributes += type == 'a';
        x->before = type;
        s->n_lines++;
        line->type = type;
        line->off = (uint32_t)(p - s->data.p);
        line->first_event = (uint32_t)s->n_events;
        line->n_events = (uint32_t)(next - ev);
        if (type == 'm') {
            if (!sipv_sdp_begin_section(x, line)) {
                line->section = SIPV_SDP_SESSION;
                line->state = SIPV_SDP_MALFORMED;
                line->n_events = 0;
                break;
            }
            x->rank = 0;
            x->seen |= sipv_sdp_type_bit('m');
        }
        s->n_events += line->n_events;
        line->section =
            x->section ? (uint16_t)(x->section - s->sections) : (uint16_t)SIPV_SDP_SESSION;
        check(x, line);
        prepare(x);
        p = cr + 2;
    }
    return p;
}
#else
const unsigned char *sipv_sdp_plain(struct sipv_sdp_parse *x, const unsigned char *p,
                                    const unsigned char *end)
{
    (void)x;
    (void)end;
    return p;
}
#endif
