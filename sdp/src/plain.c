/* Lines of the usual form, with vector code: a type letter, "=" and a value of printable ASCII,
 * ended by CRLF, in order, with a known attribute if it is one, and a value that compiled code
 * takes.  Everything else is left to parse.c, which also does all of this where a processor has no
 * such code. */
#include <string.h>

#include "internal.h"

#if defined(__AVX2__) && defined(__BMI2__)
#include <immintrin.h>

/* Octets of one load; those that may be read from the first octet of a line's last load on; and the
 * last ones of a description, which are copied so that this is so for them. */
enum { LOAD = 32, REACH = 2 * LOAD + 16, TAIL = 8 * LOAD };

static inline __m256i load(const unsigned char *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* Little-endian: this code runs on no other processors. */
static inline unsigned load_2(const unsigned char *p)
{
    uint16_t v;
    memcpy(&v, p, 2);
    return v;
}
enum { CRLF = '\r' | '\n' << 8, A_EQUALS = 'a' | '=' << 8 };

/* Octets below 32 and above 127, as bits. */
static inline unsigned odd_octets(__m256i v)
{
    return (unsigned)_mm256_movemask_epi8(_mm256_cmpgt_epi8(_mm256_set1_epi8(' '), v));
}

/* The CR that ends the line at `p`, of which the first octets are `odd`; NULL if something else
 * comes before it, or too late. */
static inline const unsigned char *end_of_line(const unsigned char *p, unsigned odd,
                                               const unsigned char *safe)
{
    while (!odd) {
        p += LOAD;
        if (p >= safe)
            return NULL;
        odd = odd_octets(load(p));
    }
    p += _tzcnt_u32(odd);
    return load_2(p) == CRLF ? p : NULL;
}

/* The id of the known attribute whose name are the first `n` of the octets at `p`. */
static inline unsigned find_attribute(const unsigned char *p, __m256i octets, unsigned n)
{
    const uint64_t first = _bzhi_u64(sipv_load_8(p), 8 * n) | SIPV_CASE_BITS;
    const uint64_t last = n > 8 ? sipv_load_8(p + n - 8) | SIPV_CASE_BITS : 0;
    const uint32_t hash = sipv_name_mix(first, last, sipv_sdp_attribute_seed);
    const unsigned id = sipv_sdp_attribute_slots[hash >> (32 - SIPV_SDP_SLOT_BITS)];
    const struct sipv_sdp_attribute_key *key = &sipv_sdp_attribute_keys[id];
    const __m256i same =
        _mm256_cmpeq_epi8(octets, _mm256_load_si256((const __m256i *)(const void *)key->name));
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

/* The value of a line by compiled code: behind its captures, or NULL.  `from` and `to` are octets
 * from x->run.base. */
static inline sipv_event *match(struct sipv_sdp_parse *x, unsigned root, size_t from, size_t to,
                                sipv_event *ev)
{
    const sipv_express_function run = sipv_sdp_express[root].run;
    return run ? run(&x->run, x->run.base, from, to, ev, SIPV_NONE) : NULL;
}

/* Is a captured text an IPv4 or IPv6 address, as compiled code sees it? */
static inline bool is_address(struct sipv_sdp_parse *x, const sipv_event *ev, sipv_event *room)
{
    const unsigned ip4 = sipv_sdp_tables.rules[SIPV_R_IP4_ADDRESS].root;
    const unsigned ip6 = sipv_sdp_tables.rules[SIPV_R_IP6_ADDRESS].root;
    return match(x, ip4, ev->off, ev->off + ev->len, room) ||
           match(x, ip6, ev->off, ev->off + ev->len, room);
}

/* Net, type and address of a line from `ev` on: an address of IN IP4 that compiled code takes? */
static inline bool is_in_ip4(struct sipv_sdp_parse *x, const sipv_event *ev, sipv_event *room)
{
    const unsigned root = sipv_sdp_tables.rules[SIPV_R_IP4_ADDRESS].root;
    return ev[0].len == 2 && ev[1].len == 3 && memcmp(x->run.base + ev[0].off, "IN IP4", 6) == 0 &&
           match(x, root, ev[2].off, ev[2].off + ev[2].len, room);
}

/* "IN IP4 " and a literal: it is looked at as well. */
static inline sipv_event *match_connection(struct sipv_sdp_parse *x, size_t from, size_t to,
                                           sipv_event *ev)
{
    const unsigned root = sipv_sdp_tables.rules[SIPV_R_IP4_LITERAL].root;
    if (to - from <= 7 || memcmp(x->run.base + from, "IN IP4 ", 7) != 0)
        return NULL;
    return match(x, root, from + 7, to, ev);
}

static void prepare(struct sipv_sdp_parse *x)
{
    sipv_sdp *const s = x->s;
    struct sipv_run *const r = &x->run;
    r->express = true;
    r->suspects = 0;
    r->look_at = SIZE_MAX;
    r->ev_end = s->events + s->cap_events - SIPV_CHUNK_PARTS;
    r->ev_express = s->events + s->cap_events - SIPV_EXPRESS_PARTS;
}

/* ---- Attributes ---------------------------------------------------------------------------------
 */

/* Attributes of which more is to be said than their grammar can. */
enum { FORMAT = 1, CANDIDATE, ADDRESS, CLOSER, SEEN };
static const uint8_t special[SIPV_SDP_A_COUNT] = {
    [SIPV_SDP_A_RTPMAP] = FORMAT,  [SIPV_SDP_A_FMTP] = FORMAT,
    [SIPV_SDP_A_RTCP_FB] = FORMAT, [SIPV_SDP_A_CANDIDATE] = CANDIDATE,
    [SIPV_SDP_A_RTCP] = ADDRESS,   [SIPV_SDP_A_REMOTE_CANDIDATES] = CLOSER,
    [SIPV_SDP_A_MSID] = CLOSER,    [SIPV_SDP_A_ICE_UFRAG] = CLOSER,
    [SIPV_SDP_A_ICE_PWD] = CLOSER, [SIPV_SDP_A_TLS_ID] = CLOSER,
    [SIPV_SDP_A_SENDRECV] = SEEN,  [SIPV_SDP_A_SENDONLY] = SEEN,
    [SIPV_SDP_A_RECVONLY] = SEEN,  [SIPV_SDP_A_INACTIVE] = SEEN,
    [SIPV_SDP_A_MID] = SEEN,       [SIPV_SDP_A_CHARSET] = SEEN,
};

/* A payload type of the m= line, and its first rtpmap?  Then there is nothing to say of it. */
static inline bool is_expected_format(struct sipv_sdp_parse *x, const sipv_sdp_line *line,
                                      const sipv_event *ev)
{
    struct sipv_sdp_formats *const f = &x->formats;
    const unsigned char *const p = x->run.base + ev->off;
    if (!f->line || !f->rtp || ev->len - 1 > 2)
        return false;
    const unsigned a = p[0] - (unsigned)'0', b = p[1] - (unsigned)'0', c = p[2] - (unsigned)'0';
    const unsigned n = ev->len == 1 ? a : ev->len == 2 ? a * 10 + b : a * 100 + b * 10 + c;
    if (a > 9 || (ev->len > 1 && b > 9) || (ev->len > 2 && c > 9) || n > 127 ||
        !(f->payload[n >> 6] >> (n & 63) & 1))
        return false;
    if (line->id != SIPV_SDP_A_RTPMAP)
        return true;
    if (f->mapped[n >> 6] >> (n & 63) & 1)
        return false;
    f->mapped[n >> 6] |= (uint64_t)1 << (n & 63);
    return true;
}

/* A foundation of no more than 32 octets, addresses that are literals. */
static inline bool is_usual_candidate(struct sipv_sdp_parse *x, const sipv_sdp_line *line,
                                      const sipv_event *ev, sipv_event *room)
{
    for (const sipv_event *const end = ev + line->n_events; ev < end; ev++)
        if (ev->kind == SIPV_K_FOUNDATION
                ? ev->len > 32
                : (ev->kind == SIPV_K_ADDRESS || ev->kind == SIPV_K_RELATED_ADDRESS) &&
                      !is_address(x, ev, room))
            return false;
    return true;
}

/* Is there nothing to say of a value that its grammar has not said? */
static inline bool is_plain_value(struct sipv_sdp_parse *x, const sipv_sdp_line *line,
                                  unsigned what, const sipv_event *ev, sipv_event *room)
{
    switch (what) {
    case 0:
    case SEEN: return true;
    case FORMAT: return is_expected_format(x, line, ev);
    case CANDIDATE: return is_usual_candidate(x, line, ev, room);
    case ADDRESS: return line->n_events == 1 || is_in_ip4(x, ev, room);
    default:
        return line->value.n <= (line->id == SIPV_SDP_A_MSID ? 64u : 255u) &&
               line->id != SIPV_SDP_A_REMOTE_CANDIDATES;
    }
}

/* Attributes on their way into the description: what the loop over them keeps at hand. */
struct reading {
    sipv_sdp_line *line, *end; /* the next one; no further than this */
    sipv_event *ev;
    uint32_t n_events;
    struct sipv_sdp_ids *ids; /* of the section, or of the session */
    unsigned level;           /* SIPV_SDP_AT_... */
    uint16_t section;
};

static inline struct reading begin_reading(struct sipv_sdp_parse *x)
{
    sipv_sdp *const s = x->s;
    const size_t room = s->cap_lines - s->n_lines, left = x->limits->attributes - x->attributes;
    struct reading t;
    t.line = s->lines + s->n_lines;
    t.end = t.line + (room < left ? room : left);
    t.ev = s->events + s->n_events;
    t.n_events = (uint32_t)s->n_events;
    t.ids = x->section ? &x->ids : &x->session_ids;
    t.level = x->section ? SIPV_SDP_AT_MEDIA : SIPV_SDP_AT_SESSION;
    t.section = x->section ? (uint16_t)(x->section - s->sections) : (uint16_t)SIPV_SDP_SESSION;
    return t;
}

/* The lines up to t->line are part of the description. */
static inline void end_reading(struct sipv_sdp_parse *x, const struct reading *t)
{
    sipv_sdp *const s = x->s;
    const size_t n = (size_t)(t->line - s->lines) - s->n_lines;
    if (n == 0)
        return;
    s->n_lines += n;
    s->n_events = t->n_events;
    x->attributes += n;
    x->before = 'a';
    *(x->section ? &x->seen : &x->session_seen) |= sipv_sdp_type_bit('a');
    x->rank = (x->section ? sipv_sdp_media_ranks : sipv_sdp_session_ranks)[0];
}

/* What else there is to say of an attribute that has been read: it is the last line. */
static __attribute__((noinline)) void look_closer(struct sipv_sdp_parse *x, sipv_sdp_line *line,
                                                  bool plain)
{
    if (x->run.suspects && line->state == SIPV_SDP_READ)
        sipv_sdp_check_numbers(x, line);
    if (!plain && line->state == SIPV_SDP_READ)
        sipv_sdp_check_line(x, line);
    if (line->state != SIPV_SDP_MALFORMED)
        sipv_sdp_see_attribute(x, line);
    prepare(x);
}

/* Attributes from `p` on, octets from the base; they are the last in any order.  Returns where the
 * first line begins that is none of the usual form. */
static size_t read_attributes(struct sipv_sdp_parse *x, size_t p, size_t safe)
{
    const unsigned char *const base = x->run.base;
    const unsigned char *const data = x->s->data.p;
    const sipv_event *const ev_express = x->run.ev_express;
    struct reading t = begin_reading(x);
    while (p < safe && t.line < t.end && t.ev <= ev_express && load_2(base + p) == A_EQUALS) {
        const unsigned char *const name = base + p + 2;
        const __m256i first = load(name);
        const unsigned odd = odd_octets(first);
        const unsigned colons =
            (unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(first, _mm256_set1_epi8(':')));
        const unsigned n = _tzcnt_u32(colons | odd); /* a name ends with ":" or with the line */
        const unsigned char *const cr = end_of_line(name, odd, base + safe);
        if (!cr || n - 1 > LOAD - 2)
            break;
        const unsigned id = find_attribute(name, first, n);
        const struct sipv_sdp_attribute_key *const key = &sipv_sdp_attribute_keys[id];
        const size_t end = (size_t)(cr - base), value = p + n + 3;
        const bool valued = name + n != cr;
        sipv_event *next = t.ev;
        if (id == SIPV_SDP_A_OTHER)
            break;
        if (valued ? value == end || key->root == SIPV_NONE ||
                         !(next = match(x, key->root, value, end, t.ev))
                   : key->root != SIPV_NONE)
            break;
        sipv_sdp_line *const line = t.line++;
        const uint32_t n_events =
            (uint32_t)((unsigned char *)next - (unsigned char *)t.ev) / (uint32_t)sizeof *next;
        line->name = sipv_slice_of(data + p + 2, n);
        line->value = valued ? sipv_slice_of(data + value, end - value) : sipv_slice_of(NULL, 0);
        line->type = 'a';
        line->state = valued ? SIPV_SDP_READ : SIPV_SDP_UNTYPED;
        line->id = (uint16_t)id;
        line->section = t.section;
        line->view = key->view;
        line->off = (uint32_t)p;
        line->first_event = t.n_events;
        line->n_events = n_events;
        uint64_t *const ids = &t.ids->word[id >> 6];
        const uint64_t bit = (uint64_t)1 << (id & 63);
        const unsigned what = special[id];
        const bool plain =
            what == 0 ? !x->run.suspects
                      : !valued || (!x->run.suspects && is_plain_value(x, line, what, t.ev, next));
        t.n_events += n_events;
        t.ev = next;
        p = end + 2;
        if (plain && what != SEEN && key->levels & t.level && !(key->single && *ids & bit)) {
            *ids |= bit;
            continue;
        }
        end_reading(x, &t);
        look_closer(x, line, plain);
        t = begin_reading(x);
    }
    end_reading(x, &t);
    return p;
}

/* ---- Other lines --------------------------------------------------------------------------------
 */

static inline bool read_value(struct sipv_sdp_parse *x, sipv_sdp_line *line, unsigned letter,
                              size_t p, size_t end, sipv_event *ev, sipv_event **next)
{
    const struct sipv_sdp_form *form = &sipv_sdp_forms[letter];
    if (form->rule == 0) /* there is no such type */
        return false;
    line->name = sipv_slice_of(NULL, 0);
    line->value = sipv_slice_of(x->s->data.p + p, end - p);
    line->id = SIPV_SDP_A_OTHER;
    line->view = form->view;
    line->state = SIPV_SDP_READ;
    *next = match(x, sipv_sdp_tables.rules[form->rule].root, p, end, ev);
    if (*next && letter == 'c' - 'a')
        *next = match_connection(x, p, end, *next);
    return *next != NULL;
}

static inline void check_value(struct sipv_sdp_parse *x, sipv_sdp_line *line, const sipv_event *ev,
                               sipv_event *room)
{
    enum { NET = 3, MULTICAST = 5 };
    switch (line->type) {
    case 's':
    case 't':
    case 'b': break;
    case 'c': /* its address was looked at */
        if (line->n_events > MULTICAST)
            sipv_sdp_check_count(x, line);
        break;
    case 'o':
        if (is_in_ip4(x, ev + NET, room))
            break;
        sipv_sdp_check_line(x, line);
        break;
    default: sipv_sdp_check_line(x, line);
    }
}

/* ---- Lines --------------------------------------------------------------------------------------
 */

/* Lines from `p` on, octets from x->run.base, as long as they end before `safe`. */
static size_t read_lines(struct sipv_sdp_parse *x, size_t p, size_t safe)
{
    sipv_sdp *const s = x->s;
    const unsigned char *const base = x->run.base;
    prepare(x);
    while (p < safe && !x->stopped) {
        if (base[p] == 'a' && x->before) {
            const size_t from = p;
            p = read_attributes(x, p, safe);
            if (p == from)
                break;
            continue;
        }
        const unsigned char *const cr =
            end_of_line(base + p, odd_octets(load(base + p)), base + safe);
        const char type = (char)base[p];
        const unsigned letter = base[p] - (unsigned)'a';
        sipv_event *const ev = s->events + s->n_events;
        if (!cr || cr - base < (ptrdiff_t)p + 2 || base[p + 1] != '=' || letter - 1 > 24 ||
            s->n_lines == s->cap_lines || ev > x->run.ev_express)
            break;
        sipv_sdp_line *const line = &s->lines[s->n_lines];
        const size_t end = (size_t)(cr - base);
        sipv_event *next;
        if (!read_value(x, line, letter, p + 2, end, ev, &next) || !is_in_order(x, letter))
            break;
        if (type == 'm')
            sipv_sdp_end_section(x);
        x->before = type;
        s->n_lines++;
        line->type = type;
        line->off = (uint32_t)p;
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
        if (x->run.suspects)
            sipv_sdp_check_numbers(x, line);
        check_value(x, line, ev, next);
        prepare(x);
        p = end + 2;
    }
    return p;
}

const unsigned char *sipv_sdp_plain(struct sipv_sdp_parse *x, const unsigned char *p,
                                    const unsigned char *end)
{
    const sipv_sdp *const s = x->s;
    const unsigned char *const data = s->data.p;
    size_t at = (size_t)(p - data);
    if (!x->run.compiled || s->cap_events < SIPV_EXPRESS_PARTS)
        return p;
    if (end - p > REACH)
        at = read_lines(x, at, s->data.n - REACH);
    if (s->data.n - at <= TAIL && !x->stopped) {
        unsigned char tail[TAIL + REACH];
        memcpy(tail, data + at, s->data.n - at);
        memset(tail + (s->data.n - at), 0, REACH);
        x->run.base = (const unsigned char *)((uintptr_t)tail - at);
        at = read_lines(x, at, s->data.n);
        x->run.base = data;
    }
    return data + at;
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
