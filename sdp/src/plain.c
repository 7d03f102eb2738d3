/* Lines of the usual form, with vector code: a type letter, "=" and a value of printable ASCII,
 * ended by CRLF, in order, with a known attribute if it is one, and a value that compiled code
 * takes.  Everything else is left to parse.c, which also does all of this where a processor has no
 * such code. */
#include <string.h>

#include "internal.h"

#if defined(__AVX2__) && defined(__BMI2__)
#include "express.h"
#include "field_name.h"
#include "plain_line.h"
#include "plain_value.h"

/* The one attribute whose name the `n` octets at `p` may be. */
static inline const struct sipv_sdp_attribute_key *find_key(const unsigned char *p, size_t n)
{
    const uint64_t first = _bzhi_u64(sipv_load_8(p), 8 * (unsigned)n);
    const uint32_t slot = sipv_attribute_slot(first, n, sipv_sdp_attribute_seed);
    return (const void *)((const unsigned char *)sipv_sdp_attribute_keys +
                          sipv_sdp_attribute_slots[slot]);
}

/* The same for a line of the place of the one before it, or of one before that. */
static __attribute__((noinline)) bool may_repeat(const struct sipv_sdp_parse *x,
                                                 const struct sipv_sdp_form *form)
{
    const bool in_media = x->section != NULL;
    const uint32_t once = in_media ? SIPV_SDP_ONCE_IN_MEDIA : SIPV_SDP_ONCE_IN_SESSION;
    return form->rank[in_media] == x->rank &&
           !(x->seen[in_media] & once & sipv_sdp_type_bit(form->kind.type));
}

/* May a line of this form, and of a type other than m=, come next without a word?  The first one is
 * v=. */
static inline bool is_in_order(struct sipv_sdp_parse *x, const struct sipv_sdp_form *form)
{
    const bool in_media = x->section != NULL;
    const int rank = form->rank[in_media];
    if (form->kind.type == 'r' || form->kind.type == 'z' ||
        (rank <= x->rank && !may_repeat(x, form)))
        return false;
    x->seen[in_media] |= sipv_sdp_type_bit(form->kind.type);
    x->rank = rank;
    return true;
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
enum { NOTHING, MAP, FORMAT, CANDIDATE, ADDRESS, IDENTIFIER, DIRECTION, MID, CLOSER };
static const uint8_t special[SIPV_SDP_A_COUNT] = {
    [SIPV_SDP_A_RTPMAP] = MAP,
    [SIPV_SDP_A_FMTP] = FORMAT,
    [SIPV_SDP_A_RTCP_FB] = FORMAT,
    [SIPV_SDP_A_CANDIDATE] = CANDIDATE,
    [SIPV_SDP_A_RTCP] = ADDRESS,
    [SIPV_SDP_A_MSID] = IDENTIFIER,
    [SIPV_SDP_A_ICE_UFRAG] = IDENTIFIER,
    [SIPV_SDP_A_ICE_PWD] = IDENTIFIER,
    [SIPV_SDP_A_TLS_ID] = IDENTIFIER,
    [SIPV_SDP_A_SENDRECV] = DIRECTION,
    [SIPV_SDP_A_SENDONLY] = DIRECTION,
    [SIPV_SDP_A_RECVONLY] = DIRECTION,
    [SIPV_SDP_A_INACTIVE] = DIRECTION,
    [SIPV_SDP_A_MID] = MID,
    [SIPV_SDP_A_REMOTE_CANDIDATES] = CLOSER,
    [SIPV_SDP_A_CHARSET] = CLOSER,
};

/* The first direction of a section is noted. */
static inline bool takes_direction(struct sipv_sdp_parse *x, unsigned id)
{
    _Static_assert(SIPV_SDP_A_SENDONLY - SIPV_SDP_A_SENDRECV == SIPV_SDP_SENDONLY &&
                       SIPV_SDP_A_RECVONLY - SIPV_SDP_A_SENDRECV == SIPV_SDP_RECVONLY &&
                       SIPV_SDP_A_INACTIVE - SIPV_SDP_A_SENDRECV == SIPV_SDP_INACTIVE,
                   "directions in the order of their attributes");
    if (!x->section || x->directed)
        return false;
    x->directed = true;
    x->section->direction = (uint8_t)(id - SIPV_SDP_A_SENDRECV);
    return true;
}

/* The first mid of a section is noted. */
static inline bool takes_mid(struct sipv_sdp_parse *x, const sipv_sdp_line *line)
{
    if (!x->section || x->section->mid)
        return false;
    x->section->mid = (uint32_t)(line - x->s->lines);
    return true;
}

/* Is there nothing to say of an attribute that its grammar has not said?  Its captures are from
 * `ev` to `end`, where there is room for more.  If so, it is noted where it has to be. */
static __attribute__((noinline)) bool is_plain(struct sipv_sdp_parse *x, const sipv_sdp_line *line,
                                               unsigned what, const sipv_event *ev, sipv_event *end)
{
    switch (what) {
    case CANDIDATE: return is_usual_candidate(x, ev, end);
    case ADDRESS: return end - ev == 1 || is_in_ip4(x->run.base, ev);
    case IDENTIFIER: return ev->len <= 64 && (end - ev == 1 || (end - ev == 2 && ev[1].len <= 64));
    case DIRECTION: return takes_direction(x, line->id);
    case MID: return takes_mid(x, line);
    default: return false;
    }
}

/* Attributes on their way into the description: what the loop over them keeps at hand. */
struct reading {
    sipv_sdp_line *line, *end; /* the next one; no further than this */
    sipv_event *ev;
    uint32_t n_events;
    uint64_t section; /* as in struct sipv_sdp_line_kind */
    size_t level;     /* SIPV_SDP_AT_... */
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
    t.section = section_bits(x);
    t.level = x->section ? SIPV_SDP_AT_MEDIA : SIPV_SDP_AT_SESSION;
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
    x->seen[x->section != NULL] |= sipv_sdp_type_bit('a');
    x->rank = sipv_sdp_forms['a' - 'a'].rank[x->section != NULL];
}

/* What else there is to say of an attribute that has been read: it is the last line.  Its slices
 * are those of the description, so parts of it are matched there and not in the copy of
 * read_tail(). */
static __attribute__((noinline)) void look_closer(struct sipv_sdp_parse *x, sipv_sdp_line *line)
{
    const unsigned char *const base = x->run.base;
    x->run.base = x->s->data.p;
    if (x->run.suspects && line->state == SIPV_SDP_READ)
        sipv_sdp_check_numbers(x, line);
    if (line->state == SIPV_SDP_READ)
        sipv_sdp_check_line(x, line);
    if (line->state != SIPV_SDP_MALFORMED)
        sipv_sdp_see_attribute(x, line);
    x->run.base = base;
    prepare(x);
}

/* Attributes from `p` on, octets from the base; they are the last in any order.  Returns where the
 * first line begins that is none of the usual form. */
static __attribute__((noinline)) size_t read_attributes(struct sipv_sdp_parse *x, size_t p,
                                                        size_t safe)
{
    const unsigned char *const base = x->run.base;
    const unsigned char *const data = x->s->data.p;
    struct reading t = begin_reading(x);
    while (p < safe && t.line < t.end && t.ev <= x->run.ev_express) {
        const unsigned char *const from = base + p;
        const __m256i head = sipv_load(from);
        const unsigned odd = odd_octets(head);
        const unsigned colons =
            sipv_bits(_mm256_cmpeq_epi8(head, sipv_constant(sipv_sdp_vectors.colon)));
        const size_t n = _tzcnt_u32((colons | odd) >> 2); /* octets of the name */
        const struct sipv_sdp_attribute_key *const key = find_key(from + 2, n);
        const unsigned char *const cr = end_of_line(from, odd, base + safe);
        if (key->bits & ~sipv_bits(_mm256_cmpeq_epi8(head, sipv_load(key->text))) || !cr)
            break;
        const size_t value = p + n + 3, end = (size_t)(cr - base);
        sipv_sdp_line *const line = t.line;
        line->name.p = data + p + 2;
        line->name.n = n;
        line->off = (uint32_t)p;
        line->first_event = t.n_events;
        write_kind(line, &key->kind, t.section);
        sipv_event *const ev = t.ev;
        if (key->run) {
            line->value.p = data + value;
            line->value.n = end - value;
            sipv_event *const next = key->run(&x->run, base, value, end, ev, SIPV_NONE);
            if (!next || line->value.n == 0)
                break;
            const uint32_t n_events = count_events(ev, next);
            line->n_events = n_events;
            t.n_events += n_events;
            t.ev = next;
        } else {
            line->value.p = NULL;
            line->value.n = 0;
            line->n_events = 0;
        }
        t.line++;
        p = end + 2;
        const unsigned id = key->kind.id, what = special[id];
        uint8_t *const had = &x->had[id];
        if (!x->run.suspects && !(*had & key->closer[t.level - 1]) &&
            (what == NOTHING || (what <= FORMAT ? is_expected_format(x, base, ev, what == MAP)
                                                : is_plain(x, line, what, ev, t.ev)))) {
            *had = (uint8_t)(*had | t.level);
            continue;
        }
        end_reading(x, &t);
        look_closer(x, line);
        t = begin_reading(x);
    }
    end_reading(x, &t);
    return p;
}

/* ---- Other lines --------------------------------------------------------------------------------
 */

/* A value by compiled code: behind its captures, or NULL.  `from` and `to` are octets from
 * x->run.base. */
static inline sipv_event *match(struct sipv_sdp_parse *x, unsigned root, size_t from, size_t to,
                                sipv_event *ev)
{
    const sipv_express_function run = sipv_sdp_express[root].run;
    return run ? run(&x->run, x->run.base, from, to, ev, SIPV_NONE) : NULL;
}

/* "IN IP4 " and a literal: it is looked at as well. */
static sipv_event *match_connection(struct sipv_sdp_parse *x, size_t from, size_t to,
                                    sipv_event *ev)
{
    if (to - from <= 7 || !is_net_ip4(x->run.base + from))
        return NULL;
    if (!is_ip4(x->run.base, from + 7, to))
        return match(x, SIPV_ROOT_IP4_LITERAL, from + 7, to, ev);
    SIPV_WHOLE(0, SIPV_K_ADDRESS, from + 7, to);
    return ev + 1;
}

/* Is there nothing to say of a value that its grammar has not said?  Its captures are from `ev` to
 * `end`. */
static inline bool is_plain_value(struct sipv_sdp_parse *x, const sipv_sdp_line *line, char type,
                                  const sipv_event *ev, const sipv_event *end)
{
    enum { NET = 3, MULTICAST = 5 };
    switch (type) {
    case 'v': return ev->len == 1 && x->run.base[ev->off] == '0';
    case 'o': return is_in_ip4(x->run.base, ev + NET);
    case 'c': return end - ev <= MULTICAST; /* its address was looked at */
    case 'm': return read_formats(x, line, ev, end);
    default: return false;
    }
}

static __attribute__((noinline)) void look_closer_at_value(struct sipv_sdp_parse *x,
                                                           sipv_sdp_line *line)
{
    const unsigned char *const base = x->run.base;
    x->run.base = x->s->data.p; /* as in look_closer() */
    if (x->run.suspects)
        sipv_sdp_check_numbers(x, line);
    if (line->type == 'c')
        sipv_sdp_check_count(x, line);
    else
        sipv_sdp_check_line(x, line);
    x->run.base = base;
    prepare(x);
}

/* The m= line, which is next, is added and begins a section. */
static __attribute__((noinline)) bool add_media(struct sipv_sdp_parse *x, sipv_sdp_line *line)
{
    sipv_sdp_end_section(x);
    x->s->n_lines++;
    if (!sipv_sdp_begin_section(x, line)) {
        x->before = 'm';
        line->section = SIPV_SDP_SESSION;
        line->state = SIPV_SDP_MALFORMED;
        line->n_events = 0;
        return false;
    }
    line->section = x->number;
    x->rank = 0;
    x->seen[1] |= sipv_sdp_type_bit('m');
    return true;
}

/* Lines from `p` on that are no attributes.  Returns where the first other one begins, or one that
 * is none of the usual form. */
static __attribute__((noinline)) size_t read_others(struct sipv_sdp_parse *x, size_t p, size_t safe)
{
    sipv_sdp *const s = x->s;
    while (p < safe && s->n_lines < s->cap_lines) {
        const unsigned char *const base = x->run.base, *const from = base + p;
        const unsigned char *const cr = end_of_line(from, odd_octets(sipv_load(from)), base + safe);
        const unsigned letter = from[0] - (unsigned)'a';
        if (letter - 1 > 24 || from[1] != '=' || !cr) /* 0: an attribute */
            break;
        const struct sipv_sdp_form *const form = &sipv_sdp_forms[letter];
        const uint32_t n_events = (uint32_t)s->n_events;
        sipv_event *const ev = s->events + n_events;
        const size_t end = (size_t)(cr - base);
        sipv_sdp_line *const line = &s->lines[s->n_lines];
        if (form->rule == 0 || ev > x->run.ev_express)
            break;
        line->name.p = NULL;
        line->name.n = 0;
        line->value.p = s->data.p + p + 2;
        line->value.n = end - p - 2;
        write_kind(line, &form->kind, section_bits(x));
        line->off = (uint32_t)p;
        line->first_event = n_events;
        sipv_event *next = match(x, form->root, p + 2, end, ev);
        const char type = form->kind.type;
        if (next && type == 'c')
            next = match_connection(x, p + 2, end, next);
        if (!next)
            break;
        line->n_events = count_events(ev, next);
        if (type != 'm') {
            if (!is_in_order(x, form))
                break;
            s->n_lines++;
        } else if (!add_media(x, line)) {
            break;
        }
        s->n_events = n_events + line->n_events;
        x->before = type;
        p = end + 2;
        if (x->run.suspects || !(form->plain || is_plain_value(x, line, type, ev, next)))
            look_closer_at_value(x, line);
    }
    return p;
}

/* ---- Lines --------------------------------------------------------------------------------------
 */

/* Lines from `p` on, octets from x->run.base, that begin before `safe`. */
static size_t read_lines(struct sipv_sdp_parse *x, size_t p, size_t safe)
{
    const unsigned char *const base = x->run.base;
    prepare(x);
    for (size_t from = SIZE_MAX; p < safe && p != from && !x->stopped;) {
        from = p;
        p = sipv_load_2(base + p) == A_EQUALS ? read_attributes(x, p, safe)
                                              : read_others(x, p, safe);
    }
    return p;
}

/* Reads the lines from `at` on, of the last TAIL octets, in a copy with room behind it. */
static size_t read_tail(struct sipv_sdp_parse *x, size_t at)
{
    unsigned char copy[SIPV_LOAD + TAIL + REACH], *const tail = copy + SIPV_LOAD;
    const sipv_slice data = x->s->data;
    const size_t n = data.n - at;
    const __m256i zero = _mm256_setzero_si256();
    if (data.n < SIPV_LOAD) {
        memcpy(tail, data.p + at, n);
    } else {
        for (size_t i = 0; i + SIPV_LOAD < n; i += SIPV_LOAD)
            sipv_store(tail + i, sipv_load(data.p + at + i));
        sipv_store(tail + n - SIPV_LOAD, sipv_load(data.p + data.n - SIPV_LOAD));
    }
    _Static_assert(REACH == 3 * SIPV_LOAD, "zeros behind the copy");
    sipv_store(tail + n, zero);
    sipv_store(tail + n + SIPV_LOAD, zero);
    sipv_store(tail + n + 2 * SIPV_LOAD, zero);
    x->run.base = (const unsigned char *)((uintptr_t)tail - at);
    at = read_lines(x, at, data.n);
    x->run.base = data.p;
    return at;
}

const unsigned char *sipv_sdp_plain(struct sipv_sdp_parse *x, const unsigned char *p,
                                    const unsigned char *end)
{
    const sipv_sdp *const s = x->s;
    size_t at = (size_t)(p - s->data.p);
    if (!x->run.compiled || s->cap_events < SIPV_EXPRESS_PARTS || (!x->before && *p != 'v'))
        return p;
    if (end - p > TAIL)
        at = read_lines(x, at, s->data.n - REACH);
    if (s->data.n - at <= TAIL && !x->stopped)
        at = read_tail(x, at);
    return s->data.p + at;
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
