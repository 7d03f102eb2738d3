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

/* Octets of the stretch from the first octet of a field on that is searched at once;
 * those that may be read from there, a stretch and what follows; and the last ones of a message,
 * which are copied so that this is so for them. */
enum { STRETCH = 3 * SIPV_LOAD, REACH = STRETCH + 3, TAIL = 4 * SIPV_LOAD };

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

/* How many octets of the STRETCH at `p`, which begins with `head`, come before the first up to
 * `most`: all of it if there is none.  The next field begins behind that, so this is what the loop
 * over fields waits for: no branch, and no look at the name before. */
static inline size_t before_control(const unsigned char *p, __m256i head, __m256i most)
{
    const uint64_t near = up_to(head, most) | (uint64_t)up_to(sipv_load(p + SIPV_LOAD), most)
                                                  << SIPV_LOAD;
    const uint64_t n = _tzcnt_u64(near),
                   far = _tzcnt_u32(up_to(sipv_load(p + 2 * SIPV_LOAD), most));
    return n + (far & -(n >> 6)); /* 64: none in the first two */
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
    return sipv_header_key_at(
        sipv_field_slot((first ^ last) | sipv_load_8(SIPV_VECTORS.space), sipv_header_seed));
}

/* A header, besides its slices, begins with what stands in its key and ends with the same for all;
 * each is copied in one piece. */
enum { BEGINNING = 8 };
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

/* A stretch of header fields on its way.  It is read through a pointer, so that the loop over
 * fields has registers for what each of them needs. */
struct stretch {
    struct sipv_index *x;
    const unsigned char *p;         /* the next field; two octets in front of it may be read */
    const unsigned char *stop;      /* no field begins here; REACH octets in front may be read */
    const unsigned char *last_load; /* where the last load may be, two octets behind it be read */
    const sipv_header *full;        /* the header for which there is no room */
    size_t most;                    /* octets of a field */
    uint32_t origin;                /* of offsets in the message: address of the one that is 0 */
};

static inline uint32_t low(const unsigned char *p)
{
    return (uint32_t)(uintptr_t)p;
}

/* Where the header field that goes on at `p` ends, its folds included: at that CRLF.  NULL:
 * something unusual comes before. */
SIPV_ALWAYS const unsigned char *find_field_end(const struct stretch *t, const unsigned char *p,
                                                __m256i controls)
{
    for (;; p += 3) {
        unsigned hit;
        for (; p < t->last_load; p += SIPV_LOAD) {
            hit = up_to(sipv_load(p), controls);
            if (hit)
                goto found;
        }
        if (p >= t->last_load + SIPV_LOAD)
            return NULL;
        hit = up_to(sipv_load(t->last_load), controls) >> (p - t->last_load);
        if (!hit)
            return NULL;
    found:
        p += _tzcnt_u32(hit);
        if (*p == '\t') {
            p -= 2; /* a control that goes into values */
            continue;
        }
        if (sipv_load_2(p) != SIPV_CRLF)
            return NULL;
        if (p[2] > ' ' || p[2] == '\r')
            return p;
        if (p[2] != ' ' && p[2] != '\t')
            return NULL;
    }
}

/* Takes header fields as far as they are of the usual form. */
static __attribute__((noinline)) void take_fields(struct stretch *t)
{
    const __m256i spaces = sipv_constant(SIPV_VECTORS.space), controls = below_space();
    struct sipv_header_key odd;
    uint16_t *const first = t->x->m->first;
    const unsigned char *p = t->p;
    uint32_t off = low(p) - t->origin;
    size_t i = t->x->m->n_headers;
    for (sipv_header *h = t->x->m->headers + i; p < t->stop && h < t->full; h++, i++) {
        const __m256i head = sipv_load(p);
        const size_t n =
            _tzcnt_u64(sipv_bits(_mm256_cmpeq_epi8(head, sipv_constant(SIPV_VECTORS.colon))));
        const struct sipv_header_key *key = find_key(p, n);
        const unsigned same = sipv_bits(_mm256_cmpeq_epi8(
            _mm256_or_si256(head, sipv_load(key->letters)), sipv_load(key->folded)));
        const unsigned char *value = p + n + 2;
        if (SIPV_RARE(key->bits & ~same) || SIPV_RARE(*value <= ' ')) {
            /* no known name, or not exactly one space behind it */
            const __m256i tabs = _mm256_cmpeq_epi8(head, _mm256_set1_epi8('\t'));
            const unsigned gap =
                ~sipv_bits(_mm256_or_si256(_mm256_cmpeq_epi8(head, spaces), tabs)) >> (n & 31) >> 1;
            if (n == 0 || n >= SIPV_LOAD || gap == 0)
                break;
            if (key->n != n || _bzhi_u32(same, (unsigned)n) != _bzhi_u32(~0u, (unsigned)n)) {
                if (sipv_run_over(p, 0, &sipv_sip_token) != n)
                    break;
                key = sipv_header_keys;
            }
            odd = *key;
            key = &odd;
            odd.lead = _tzcnt_u32(gap);
            value = p + n + 1 + odd.lead;
            if (*value <= ' ' && (sipv_load_2(value) != SIPV_CRLF || value[2] <= ' '))
                break; /* else it is empty */
        }
        const unsigned char *eol = p + before_control(p, head, controls);
        if (sipv_load_2(eol) != SIPV_CRLF || eol[2] <= ' ') {
            eol = find_field_end(t, eol, controls);
            if (!eol || (size_t)(eol + 2 - p) > t->most)
                break;
            if (eol[2] == '\r') /* the empty line comes next */
                t->stop = p;
        }
        if (SIPV_RARE(eol[-1] <= ' '))
            break;
        uint16_t *const one = first + key->id;
        if (__builtin_expect(*one == SIPV_NO_HEADER, true))
            *one = (uint16_t)i;
        else if (key->single)
            break;
        else
            sipv_link_repeated(t->x, *one, (unsigned)i);
        h->name.p = p;
        h->name.n = n;
        h->value.p = value;
        h->value.n = (size_t)(eol - value);
        memcpy((unsigned char *)h + offsetof(sipv_header, id), &key->id, BEGINNING);
        h->off = off;
        p = eol + 2;
        h->end = off = low(p) - t->origin;
        memcpy((unsigned char *)h + offsetof(sipv_header, first_event), &ending, sizeof ending);
    }
    t->x->m->n_headers = i;
    t->p = p;
}

const unsigned char *sipv_index_plain(struct sipv_index *x, const unsigned char *p,
                                      const unsigned char *end)
{
    sipv_message *const m = x->m;
    const unsigned char *const data = m->data.p, *stop = end;
    if (p == data || end - data < TAIL)
        return p;
    if (m->start + x->limits->header_section < (size_t)(end - data))
        stop = data + m->start + x->limits->header_section + 1;
    struct stretch t = {.x = x,
                        .p = p,
                        .stop = stop > end - REACH ? end - REACH + 1 : stop,
                        .last_load = end - SIPV_LOAD - 2,
                        .full = m->headers + x->max_headers,
                        .most = x->limits->header,
                        .origin = low(data)};
    take_fields(&t);
    if (t.p <= end - REACH || t.p >= stop || *t.p == '\r')
        return t.p;
    /* the last octets, with room behind them */
    unsigned char tail[2 * TAIL];
    const unsigned char *const from = end - TAIL;
    const __m256i zero = _mm256_setzero_si256();
    sipv_store(tail, sipv_load(from));
    sipv_store(tail + SIPV_LOAD, sipv_load(from + SIPV_LOAD));
    sipv_store(tail + 2 * SIPV_LOAD, sipv_load(from + 2 * SIPV_LOAD));
    sipv_store(tail + 3 * SIPV_LOAD, sipv_load(from + 3 * SIPV_LOAD));
    sipv_store(tail + 4 * SIPV_LOAD, zero);
    sipv_store(tail + 5 * SIPV_LOAD, zero);
    sipv_store(tail + 6 * SIPV_LOAD, zero);
    sipv_store(tail + 7 * SIPV_LOAD, zero);
    sipv_header *h = m->headers + m->n_headers;
    t.p = tail + (t.p - from);
    t.stop = tail + (stop - from);
    t.last_load = tail + sizeof tail - SIPV_LOAD - 2;
    t.origin = low(tail) - (uint32_t)(from - data);
    take_fields(&t);
    for (; h < m->headers + m->n_headers; h++) {
        h->name.p = from + (h->name.p - tail);
        h->value.p = from + (h->value.p - tail);
    }
    return from + (t.p - tail);
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
const unsigned char *sipv_index_plain(struct sipv_index *x, const unsigned char *p,
                                      const unsigned char *end)
{
    (void)x;
    (void)end;
    return p;
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
