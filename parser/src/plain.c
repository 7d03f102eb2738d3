/* Start lines and header fields of the usual form, with vector code: a name of fewer than 32
 * octets, no white space in front of the colon or behind the value, no control octets but HTAB and
 * CRLF, which may be a fold.  Everything else is left to index.c, which also does all of this where
 * a processor has no such code. */
#include <string.h>

#include "index.h"

#define SIPV_VECTORS sipv_sip_vectors
#include "express.h"
#include "field_name.h"

#if defined(__AVX2__) && defined(__BMI2__)
#include "vector.h"

/* Octets of the stretch from the first octet of a field on that is searched at once, and those that
 * may be read from there: a stretch and what follows. */
enum { STRETCH = 3 * SIPV_LOAD, REACH = STRETCH + 3 };

/* 31, the last control octet. */
static inline __m256i below_space(void)
{
    return _mm256_sub_epi8(sipv_constant(SIPV_VECTORS.space), _mm256_set1_epi8(1));
}

/* Octets up to `most`, unsigned, as bits. */
static inline unsigned up_to(__m256i v, __m256i most)
{
    return sipv_bits(_mm256_cmpeq_epi8(_mm256_min_epu8(v, most), v));
}

/* Octets below space as bits.  Those above 127 are taken for such, in one comparison; what is no
 * line end is looked at again. */
static inline unsigned are_control(const unsigned char *p, __m256i space)
{
    return sipv_bits(_mm256_cmpgt_epi8(space, sipv_load(p)));
}

/* How many octets of the STRETCH at `p` come before the first control octet or one above 127: all
 * of it if there is none.  The next field begins behind that, so this is what the loop over fields
 * waits for: as few steps as can be, and no look at the name before. */
static inline size_t before_control(const unsigned char *p, __m256i space)
{
    const uint64_t near =
        (uint64_t)are_control(p + SIPV_LOAD, space) << SIPV_LOAD | are_control(p, space);
    const size_t n = _tzcnt_u64(near),
                 far = 2 * SIPV_LOAD + _tzcnt_u32(are_control(p + 2 * SIPV_LOAD, space));
    return near ? n : far; /* a branch, so that nothing waits for what is not needed */
}

/* The first octet up to `most` from `p` on, or NULL if there is none before `end`.  At least
 * SIPV_LOAD octets in front of `end` may be read. */
SIPV_ALWAYS const unsigned char *find_up_to(const unsigned char *p, const unsigned char *end,
                                            __m256i most)
{
    unsigned hit;
    for (; p <= end - SIPV_LOAD; p += SIPV_LOAD) {
        hit = up_to(sipv_load(p), most);
        if (hit)
            return p + _tzcnt_u32(hit);
    }
    if (p >= end)
        return NULL;
    hit = up_to(sipv_load(end - SIPV_LOAD), most) >> (SIPV_LOAD - (end - p));
    return hit ? p + _tzcnt_u32(hit) : NULL;
}

/* The one key that a name of `n` octets may have. */
static inline const struct sipv_header_key *find_key(const unsigned char *p, size_t n)
{
    const uint64_t first = _bzhi_u64(sipv_load_8(p), (unsigned)(8 * n)),
                   last = (uint64_t)sipv_load_2(p + n - 2) << 48;
    const struct sipv_header_key *key = sipv_header_key_at(
        sipv_field_slot((first ^ last) | sipv_load_8(SIPV_VECTORS.space), sipv_header_seed));
    __asm__("" : "+r"(key)); /* else the compiler makes it anew in each place */
    return key;
}

/* By bit: which octets are those of the key, but for the case of letters?  Control octets may be
 * taken for others, and are looked for besides. */
static inline unsigned is_key(__m256i head, const struct sipv_header_key *key)
{
    const __m256i folded = _mm256_or_si256(head, sipv_constant(SIPV_VECTORS.space));
    return sipv_bits(_mm256_cmpeq_epi8(folded, sipv_load(key->folded)));
}

/* A header, besides its slices, begins with what stands in its key and ends with the same for all;
 * each is copied in one piece. */
static const struct {
    uint32_t first_event, n_events;
    uint16_t next, none[3];
} ending = {0, 0, SIPV_NO_HEADER, {0}};
_Static_assert(offsetof(sipv_header, state) == offsetof(sipv_header, id) + 2 &&
                   offsetof(sipv_header, lead) == offsetof(sipv_header, id) + 4 &&
                   offsetof(struct sipv_header_key, state) ==
                       offsetof(struct sipv_header_key, id) + 2 &&
                   offsetof(struct sipv_header_key, lead) ==
                       offsetof(struct sipv_header_key, id) + 4,
               "beginning of a header");
_Static_assert(offsetof(sipv_header, first_event) + sizeof ending == sizeof(sipv_header) &&
                   offsetof(sipv_header, next) == offsetof(sipv_header, first_event) + 8,
               "end of a header");

/* The first eight octets of that beginning: id, state, and in the upper half the lead. */
static inline uint64_t beginning_of(const struct sipv_header_key *key)
{
    uint64_t v;
    memcpy(&v, &key->id, sizeof v);
    return v;
}

/* Header fields on their way.  Positions are offsets in the message. */
struct fields {
    struct sipv_index *x;
    const unsigned char *base;
    size_t off;              /* of the next field; two octets in front of it may be read */
    size_t stop;             /* no field begins here; REACH octets may be read in front of it */
    size_t limit;            /* nothing is read from here on */
    const sipv_header *full; /* the header for which there is no room */
};

/* Where the field that goes on at `off` ends, its folds included: at that CRLF.  0: something
 * unusual comes before.  The empty line behind it ends the fields. */
static size_t find_field_end(struct fields *t, size_t off, __m256i controls)
{
    for (;; off += 3) {
        unsigned hit = 0;
        for (; off + SIPV_LOAD + 3 <= t->limit; off += SIPV_LOAD) {
            hit = up_to(sipv_load(t->base + off), controls);
            if (hit)
                break;
        }
        if (!hit)
            return 0;
        off += _tzcnt_u32(hit);
        const unsigned char *const p = t->base + off;
        if (*p == '\t') {
            off -= 2; /* a control that goes into values */
            continue;
        }
        if (SIPV_RARE(sipv_load_2(p) != SIPV_CRLF))
            return 0;
        if (p[2] > ' ')
            return off;
        if (p[2] == '\r') {
            t->stop = 0;
            return off;
        }
        if (p[2] != ' ' && p[2] != '\t')
            return 0;
    }
}

/* What leads to the value of a field at `p` that has not a known name of `n` octets and exactly one
 * space behind it: octets of white space, plus OTHER if no key has the name.  UNUSUAL: it is no
 * token, or a fold leads to the value. */
enum { OTHER = SIPV_LOAD, UNUSUAL = 2 * SIPV_LOAD };
static __attribute__((noinline)) unsigned odd_lead(const unsigned char *p, size_t n,
                                                   const struct sipv_header_key *key)
{
    if (n == 0 || n >= SIPV_LOAD)
        return UNUSUAL;
    const __m256i head = sipv_load(p);
    const unsigned same = is_key(head, key);
    const unsigned white =
        sipv_bits(_mm256_or_si256(_mm256_cmpeq_epi8(head, sipv_constant(SIPV_VECTORS.space)),
                                  _mm256_cmpeq_epi8(head, _mm256_set1_epi8('\t'))));
    const unsigned lead = _tzcnt_u32(~white >> n >> 1);
    const unsigned char *const value = p + n + 1 + lead;
    if (lead == SIPV_LOAD ||
        (*value <= ' ' && (sipv_load_2(value) != SIPV_CRLF || value[2] <= ' '))) /* else empty */
        return UNUSUAL;
    if (key->n == n && _bzhi_u32(~same | up_to(head, below_space()), (unsigned)n) == 0)
        return lead;
    return sipv_run_over(p, 0, &sipv_sip_token) == n ? lead + OTHER : UNUSUAL;
}

/* Header `i` becomes one of the message.  False: it is one too many. */
SIPV_ALWAYS bool link_header(struct fields *t, sipv_message *m, const struct sipv_header_key *key,
                             unsigned i)
{
    uint16_t *const first = &m->first[key->id];
    if (__builtin_expect(*first == SIPV_NO_HEADER, true)) {
        *first = t->x->last[key->id] = (uint16_t)i;
        return true;
    }
    if (SIPV_RARE(key->single))
        return false;
    sipv_link_repeated(t->x, key->id, i);
    return true;
}

/* Takes header fields as far as they are of the usual form. */
static __attribute__((noinline)) void take_fields(struct fields *t)
{
    const __m256i controls = below_space(), space = sipv_constant(SIPV_VECTORS.space);
    sipv_message *const m = t->x->m;
    const unsigned char *const base = t->base, *const data = m->data.p;
    size_t off = t->off, i = m->n_headers;
    for (sipv_header *h = m->headers + i; off < t->stop && h < t->full; h++, i++) {
        const unsigned char *const p = base + off;
        size_t end = off + before_control(p, space);
        const __m256i head = sipv_load(p);
        const size_t n =
            _tzcnt_u64(sipv_bits(_mm256_cmpeq_epi8(head, sipv_constant(SIPV_VECTORS.colon))));
        const struct sipv_header_key *key = find_key(p, n);
        const unsigned same = is_key(head, key);
        uint64_t beginning = beginning_of(key);
        size_t value = off + n + 2;
        if (SIPV_RARE(key->bits & ~same) || SIPV_RARE(p[n + 2] <= ' ') || SIPV_RARE(value > end)) {
            const unsigned lead = odd_lead(p, n, key);
            if (lead == UNUSUAL)
                break;
            if (lead >= OTHER)
                key = sipv_header_keys;
            value = off + n + 1 + lead % OTHER;
            beginning = (uint32_t)beginning_of(key) | (uint64_t)(lead % OTHER) << 32;
        }
        if (SIPV_ODDS(sipv_load_2(base + end) != SIPV_CRLF, 0.1) ||
            SIPV_ODDS(base[end + 2] <= ' ', 0.1)) {
            end = find_field_end(t, end, controls);
            if (end == 0 || end + 2 - off > t->x->limits->header)
                break;
        }
        if (SIPV_RARE(base[end - 1] <= ' ') || SIPV_RARE(!link_header(t, m, key, (unsigned)i)))
            break;
        h->name.p = data + off;
        h->name.n = n;
        h->value.p = data + value;
        h->value.n = end - value;
        memcpy((unsigned char *)h + offsetof(sipv_header, id), &beginning, sizeof beginning);
        h->off = (uint32_t)off;
        off = end + 2;
        h->end = (uint32_t)off;
        memcpy((unsigned char *)h + offsetof(sipv_header, first_event), &ending, sizeof ending);
    }
    m->n_headers = i;
    t->off = off;
}

bool sipv_make_room(struct sipv_octets *octets)
{
    const size_t n = (size_t)(octets->limit - octets->base);
    if (octets->base == octets->copy || n < SIPV_BEHIND || n > SIPV_COPIED)
        return false;
    memcpy(octets->copy, octets->base, n);
    for (unsigned i = 0; i < SIPV_BEHIND; i += SIPV_LOAD)
        sipv_store(octets->copy + n + i, _mm256_setzero_si256());
    octets->base = octets->copy;
    octets->limit = octets->copy + n + SIPV_BEHIND;
    return true;
}

/* Takes fields as far as there is room to read behind them.  False if something else ends them. */
static bool take_up_to_limit(struct fields *t)
{
    const struct sipv_index *const x = t->x;
    t->base = x->octets->base;
    t->limit = (size_t)(x->octets->limit - x->octets->base);
    if (SIPV_RARE(t->off + REACH > t->limit))
        return true;
    t->stop = t->limit - REACH + 1;
    if (x->limits->header_section < t->stop - x->m->start)
        t->stop = x->m->start + x->limits->header_section + 1;
    take_fields(t);
    return t->off + REACH > t->limit && t->stop > 0;
}

const unsigned char *sipv_index_plain(struct sipv_index *x, const unsigned char *p)
{
    const sipv_message *const m = x->m;
    struct fields t = {.x = x, .off = (size_t)(p - m->data.p), .full = m->headers + x->max_headers};
    if (t.off == 0)
        return p;
    while (take_up_to_limit(&t) && sipv_make_room(x->octets)) {
    }
    return m->data.p + t.off;
}

/* "SIP/2.0 200 OK" */
static const unsigned char *read_status_line(sipv_message *m, const unsigned char *p,
                                             const unsigned char *end)
{
    const unsigned a = p[8] - (unsigned)'0', b = p[9] - (unsigned)'0', c = p[10] - (unsigned)'0';
    const unsigned char *const eol = find_up_to(p + 12, end - 1, below_space());
    if (a - 1 > 5 || b > 9 || c > 9 || p[11] != ' ' || !eol || sipv_load_2(eol) != SIPV_CRLF)
        return NULL;
    m->kind = SIPV_RESPONSE;
    m->start_line = sipv_slice_of(p, (size_t)(eol - p));
    m->version = sipv_slice_of(p, 7);
    m->status_text = sipv_slice_of(p + 8, 3);
    m->status = (int)(a * 100 + b * 10 + c);
    m->reason = sipv_slice_of(p + 12, (size_t)(eol - p) - 12);
    return eol + 2;
}

const unsigned char *sipv_start_plain(sipv_message *m, const unsigned char *p,
                                      const unsigned char *end)
{
    static const unsigned char version[] = "SIP/2.0 SIP/2.0";
    if (end - p < REACH)
        return NULL;
    if (sipv_load_8(p) == sipv_load_8(version))
        return read_status_line(m, p, end);
    /* no octet up to space in method and URI; "SIP/..." in any case is no method */
    const __m256i spaces = sipv_constant(SIPV_VECTORS.space);
    const size_t method = _tzcnt_u32(up_to(sipv_load(p), spaces));
    if (method == 0 || method == SIPV_LOAD || p[method] != ' ' || p[3] == '/')
        return NULL;
    const unsigned char *const uri = p + method + 1;
    const unsigned char *const uri_end = find_up_to(uri, end - 9, spaces);
    if (!uri_end || uri_end == uri || sipv_load_8(uri_end) != sipv_load_8(version + 7) ||
        sipv_load_2(uri_end + 8) != SIPV_CRLF)
        return NULL;
    m->kind = SIPV_REQUEST;
    m->start_line = sipv_slice_of(p, (size_t)(uri_end - p) + 8);
    m->method = sipv_slice_of(p, method);
    m->method_id = sipv_method_of(_bzhi_u64(sipv_load_8(p), (unsigned)method * 8), m->method);
    m->request_uri = sipv_slice_of(uri, (size_t)(uri_end - uri));
    m->version = sipv_slice_of(uri_end + 1, 7);
    return uri_end + 10;
}
#else
const unsigned char *sipv_index_plain(struct sipv_index *x, const unsigned char *p)
{
    (void)x;
    return p;
}

bool sipv_make_room(struct sipv_octets *octets)
{
    (void)octets;
    return false;
}

const unsigned char *sipv_start_plain(sipv_message *m, const unsigned char *p,
                                      const unsigned char *end)
{
    (void)m;
    (void)p;
    (void)end;
    return NULL;
}
#endif
