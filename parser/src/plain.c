/* Start lines and header fields of the usual form, with vector code: single spaces, a name of fewer
 * than 32 octets, one line, no white space behind the value, CRLF.  Everything else is left to
 * index.c, which also does all of this where a processor has no such code. */
#include <string.h>

#include "index.h"

#include "express.h"

#define SIPV_VECTORS sipv_sip_vectors

#if defined(__AVX2__) && defined(__BMI2__)
#include <immintrin.h>

enum { LOAD = 32 };

static inline __m256i load(const unsigned char *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

static inline __m256i sipv_constant(const unsigned char *p)
{
    return _mm256_load_si256((const __m256i *)(const void *)p);
}

static inline unsigned bits(__m256i v)
{
    return (unsigned)_mm256_movemask_epi8(v);
}

/* Four bytes, the first one lowest: this code runs on little-endian processors only. */
static inline uint32_t load_4(const unsigned char *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return v;
}

static inline unsigned load_2(const unsigned char *p)
{
    uint16_t v;
    memcpy(&v, p, 2);
    return v;
}

/* Bytes up to `most`, unsigned. */
static inline unsigned up_to(__m256i v, const unsigned char *most)
{
    return bits(_mm256_cmpeq_epi8(_mm256_min_epu8(v, sipv_constant(most)), v));
}

/* The first `n` bytes of eight, zeros behind them. */
static inline uint64_t first_bytes(const unsigned char *p, unsigned n)
{
    return _bzhi_u64(sipv_load_8(p), 8 * n);
}

/* The id of a name of 1 to 31 bytes that `head` begins with; SIPV_H_OTHER if unknown. */
static inline unsigned find_name(const unsigned char *v, __m256i head, unsigned n)
{
    if (n == 1) {
        const unsigned letter = (unsigned)(*v | 0x20) - 'a';
        return letter < 26 ? sipv_compact_ids[letter] : SIPV_H_OTHER;
    }
    const uint32_t hash =
        sipv_name_mix(first_bytes(v, n) | SIPV_CASE_BITS,
                      first_bytes(v + (n > 8 ? n - 8 : 0), n) | SIPV_CASE_BITS, sipv_header_seed);
    const unsigned id = sipv_header_slots[hash & sipv_header_mask];
    const struct sipv_header_key *key = &sipv_header_keys[id];
    const __m256i same =
        _mm256_cmpeq_epi8(_mm256_or_si256(head, sipv_constant(SIPV_VECTORS.space)), load(key->folded));
    return key->n == n && _bzhi_u32(~bits(same), n) == 0 ? id : SIPV_H_OTHER;
}

/* Offset of the first octet up to CR from `from` on; at or behind `room` if there is none before.
 * LOAD octets behind `room` are read. */
static inline size_t find_control(const unsigned char *v, size_t from, size_t room)
{
    for (; from < room; from += LOAD) {
        const unsigned hit = up_to(load(v + from), SIPV_VECTORS.cr);
        if (hit)
            return from + (unsigned)__builtin_ctz(hit);
    }
    return SIZE_MAX;
}

/* One header field at `v`, which stands for `p` in the message.  Where the line ends is looked for
 * up to `room`; of `there` octets, CRLF and one octet behind must be part.  Octets taken, or 0. */
SIPV_ALWAYS size_t read_field(struct sipv_index *x, sipv_header *h, unsigned i,
                              const unsigned char *v, const unsigned char *p, size_t room,
                              size_t there)
{
    sipv_message *const m = x->m;
    const __m256i head = load(v);
    const unsigned colon = bits(_mm256_cmpeq_epi8(head, sipv_constant(SIPV_VECTORS.colon)));
    if (colon == 0)
        return 0;
    const unsigned n = (unsigned)__builtin_ctz(colon);
    if (load_2(v + n) != (':' | ' ' << 8) || v[n + 2] <= ' ')
        return 0;
    const unsigned id = find_name(v, head, n);
    if (id == SIPV_H_OTHER && (n == 0 || sipv_run_over(v, 0, &sipv_sip_token) < n))
        return 0;
    const unsigned control = up_to(head, SIPV_VECTORS.cr) >> n; /* the colon is none */
    const size_t eol = control ? n + (unsigned)__builtin_ctz(control) : find_control(v, LOAD, room);
    if (eol > there - 3)
        return 0;
    const uint32_t last = load_4(v + eol - 1); /* of the value, CRLF, the next line's first */
    if ((last & 0xffff00) != ('\r' << 8 | '\n' << 16) || (last & 0xff) == ' ' ||
        last >> 24 == ' ' || last >> 24 == '\t')
        return 0;
    h->name.p = p;
    h->name.n = n;
    h->value.p = p + n + 2;
    h->value.n = eol - n - 2;
    h->id = (uint16_t)id;
    h->state = sipv_header_keys[id].state;
    h->lead = 1;
    h->off = (uint32_t)(p - m->data.p);
    h->end = h->off + (uint32_t)eol + 2;
    h->first_event = h->n_events = 0;
    h->next = SIPV_NO_HEADER;
    if (m->first[id] == SIPV_NO_HEADER)
        m->first[id] = (uint16_t)i;
    else
        sipv_index_link(x, h, i);
    x->last[id] = (uint16_t)i;
    if (id == SIPV_H_CONTENT_LENGTH)
        sipv_index_length(x, h);
    return eol + 2;
}

const unsigned char *sipv_index_plain(struct sipv_index *x, const unsigned char *p,
                                      const unsigned char *end)
{
    unsigned char tail[4 * LOAD];
    sipv_message *const m = x->m;
    const unsigned char *stop = m->data.p + m->start + x->limits->header_section;
    const size_t max = x->limits->header - LOAD;
    unsigned i = (unsigned)m->n_headers;
    const unsigned most = (unsigned)x->max_headers;
    size_t n;
    if (!x->vector || x->limits->header < 2 * LOAD)
        return p;
    if (end - p >= 3 * LOAD) {
        if (end - 3 * LOAD < stop)
            stop = end - 3 * LOAD;
        for (; i < most && p < stop; p += n, i++) {
            const size_t room = (size_t)(end - p) - LOAD - 4;
            n = read_field(x, &m->headers[i], i, p, p, room < max ? room : max, SIZE_MAX - 1);
            if (n == 0)
                goto done;
        }
        if (p < stop)
            goto done;
        stop = m->data.p + m->start + x->limits->header_section;
    }
    if (end - p >= 3 * LOAD)
        goto done;
    /* the last octets of the message, with room behind them for loads */
    const size_t there = (size_t)(end - p);
    memset(tail, 0, sizeof tail);
    memcpy(tail, p, there);
    for (size_t at = 0; i < most && p <= stop && there > at + 3; at += n, p += n, i++) {
        n = read_field(x, &m->headers[i], i, tail + at, p, there - at, there - at);
        if (n == 0)
            break;
    }
done:
    m->n_headers = i;
    return p;
}

const unsigned char *sipv_start_plain(sipv_message *m, const unsigned char *p,
                                      const unsigned char *end)
{
    static const char version[] = "SIP/2.0";
    const size_t there = (size_t)(end - p);
    if (!sipv_express_runs() || there < 4 * LOAD)
        return NULL;
    const size_t eol = find_control(p, 0, there - LOAD);
    if (eol < 14 || eol + 2 > there || p[eol] != '\r' || p[eol + 1] != '\n')
        return NULL;
    m->start_line = sipv_slice_of(p, eol);
    if (sipv_load_8(p) == sipv_load_8((const unsigned char *)"SIP/2.0 ")) {
        const unsigned a = p[8] - (unsigned)'0', b = p[9] - (unsigned)'0', c = p[10] - (unsigned)'0';
        if (a - 1 > 5 || b > 9 || c > 9 || p[11] != ' ')
            return NULL;
        m->kind = SIPV_RESPONSE;
        m->version = sipv_slice_of(p, 7);
        m->status_text = sipv_slice_of(p + 8, 3);
        m->status = (int)(a * 100 + b * 10 + c);
        m->reason = sipv_slice_of(p + 12, eol - 12);
        return p + eol + 2;
    }
    const unsigned space = up_to(load(p), SIPV_VECTORS.space);
    if (!space || memcmp(p + eol - 7, version, 7) != 0)
        return NULL;
    const size_t method = (unsigned)__builtin_ctz(space), uri = method + 1;
    if (method == 0 || uri + 8 >= eol || p[3] == '/') /* "SIP/..." in any case is no method */
        return NULL;
    size_t to = uri;
    for (unsigned hit = 0; !hit; to += hit ? (unsigned)__builtin_ctz(hit) : LOAD)
        hit = up_to(load(p + to), SIPV_VECTORS.space);
    if (to != eol - 8 || p[to] != ' ' || p[method] != ' ')
        return NULL;
    m->kind = SIPV_REQUEST;
    m->method = sipv_slice_of(p, method);
    m->method_id = sipv_method_find(m->method);
    m->request_uri = sipv_slice_of(p + uri, to - uri);
    m->version = sipv_slice_of(p + to + 1, 7);
    return p + eol + 2;
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
