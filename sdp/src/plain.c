/* Lines of the usual form, with vector code: a type letter, "=" and a value of printable ASCII,
 * ended by CRLF, in order, with a known attribute if it is one, and a value that compiled code
 * takes.  Everything else is left to parse.c, which also does all of this where a processor has no
 * such code. */
#include <string.h>

#include "internal.h"

#if defined(__AVX2__) && defined(__BMI2__)
#include "express.h"
#include "plain_attribute.h"
#include "plain_head.h"
#include "plain_line.h"
#include "plain_media.h"
#include "plain_value.h"

/* ---- Lines on their way into the description ----------------------------------------------------
 */

/* Ready for values by compiled code. */
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

static inline void begin_reading(struct sipv_sdp_parse *x, struct reading *t)
{
    const sipv_sdp *const s = x->s;
    const size_t room = s->cap_lines - s->n_lines, left = x->limits->attributes - x->attributes;
    t->line = s->lines + s->n_lines;
    t->end = t->line + (room < left ? room : left);
    t->ev = s->events + s->n_events;
    t->n_events = (uint32_t)s->n_events;
}

/* The lines in front of t->line are part of the description. */
static inline void end_reading(struct sipv_sdp_parse *x, const struct reading *t)
{
    x->s->n_lines = (size_t)(t->line - x->s->lines);
    x->s->n_events = t->n_events;
}

/* ---- Attributes ---------------------------------------------------------------------------------
 */

/* So many attributes have come. */
static inline void count_attributes(struct sipv_sdp_parse *x, size_t n)
{
    const bool in_media = x->section != NULL;
    x->attributes += n;
    x->before = 'a';
    x->seen[in_media] |= sipv_sdp_type_bit('a');
    x->rank = sipv_sdp_forms['a' - 'a'].rank[in_media];
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

/* Attributes from `from` on; they are the last in any order.  Slices of the description are `delta`
 * behind the octets.  Returns where the first line begins that is none of the usual form. */
SIPV_ALWAYS const unsigned char *read_attributes(struct sipv_sdp_parse *x, struct reading *t,
                                                 const unsigned char *from, ptrdiff_t delta)
{
    const sipv_sdp_line *first = t->line;
    sipv_sdp_line *line = t->line;
    sipv_event *ev = t->ev;
    uint32_t n_events = t->n_events;
    const uint64_t section = section_bits(x);
    const size_t level = x->section ? SIPV_SDP_AT_MEDIA : SIPV_SDP_AT_SESSION;
    while (from < t->safe && line < t->end && ev <= x->run.ev_express) {
        const __m256i head = sipv_load(from);
        const unsigned odd = odd_octets(head);
        const unsigned colons =
            sipv_bits(_mm256_cmpeq_epi8(head, sipv_constant(sipv_sdp_vectors.colon)));
        const size_t n = _tzcnt_u32((colons | odd) >> 2); /* octets of the name */
        const struct sipv_sdp_attribute_key *const key = find_key(from + 2, n);
        const unsigned char *const cr = end_of_line(from, odd, t->safe);
        if (key->bits & ~sipv_bits(_mm256_cmpeq_epi8(head, sipv_load(key->text))) || !cr)
            break;
        const unsigned char *const value = from + n + 3;
        const unsigned id = key->kind.id;
        unsigned what = special[id];
        sipv_event *next = ev;
        line->name.p = from + 2 + delta;
        line->name.n = n;
        line->off = (uint32_t)(from - t->base);
        line->first_event = n_events;
        write_kind(line, &key->kind, section);
        if (key->run) {
            if (value == cr)
                break;
            line->value.p = value + delta;
            line->value.n = (size_t)(cr - value);
            next = read_about_format(x, what, (struct text){value, cr, t->base}, ev);
            if (next)
                what = NOTHING;
            else
                next = key->run(&x->run, t->base, (size_t)(value - t->base), (size_t)(cr - t->base),
                                ev, SIPV_NONE);
            if (!next)
                break;
        } else {
            line->value.p = NULL;
            line->value.n = 0;
        }
        from = cr + 2;
        const uint32_t count = count_events(ev, next);
        line->n_events = count;
        n_events += count;
        if (!x->run.suspects && !(x->had[id] & key->closer[level - 1]) &&
            (what == NOTHING || is_plain(x, t->base, line, what, ev, next))) {
            x->had[id] = (uint8_t)(x->had[id] | level);
            line++;
        } else {
            t->line = ++line;
            t->n_events = n_events;
            end_reading(x, t);
            count_attributes(x, (size_t)(line - first));
            look_closer(x, line - 1);
            first = line;
        }
        ev = next;
    }
    if (line > first)
        count_attributes(x, (size_t)(line - first));
    t->line = line;
    t->n_events = n_events;
    t->ev = ev;
    return from;
}

/* ---- Other lines --------------------------------------------------------------------------------
 */

/* A value by compiled code: behind its captures, or NULL.  `from` and `to` are octets from
 * `base`. */
static inline sipv_event *match(struct sipv_sdp_parse *x, unsigned root, const unsigned char *base,
                                size_t from, size_t to, sipv_event *ev)
{
    const sipv_express_function run = sipv_sdp_express[root].run;
    return run ? run(&x->run, base, from, to, ev, SIPV_NONE) : NULL;
}

/* "IN IP4 " and a literal: it is looked at as well. */
static __attribute__((noinline)) sipv_event *match_connection(struct sipv_sdp_parse *x,
                                                              const unsigned char *base,
                                                              size_t from, size_t to,
                                                              sipv_event *ev)
{
    if (to - from <= 7 || !is_net_ip4(base + from))
        return NULL;
    write_connection(ev, from, to);
    return is_ip4(base, from + 7, to) ? ev + 4
                                      : match(x, SIPV_ROOT_IP4_LITERAL, base, from + 7, to, ev + 3);
}

/* Is there nothing to say of a value that its grammar has not said?  Its captures are from `ev` to
 * `end`. */
static inline bool is_plain_value(const unsigned char *base, char type, const sipv_event *ev,
                                  const sipv_event *end)
{
    enum { NET = 3, MULTICAST = 5 };
    switch (type) {
    case 'v': return ev->len == 1 && base[ev->off] == '0';
    case 'o': return is_in_ip4(base, ev + NET);
    case 'c': return end - ev <= MULTICAST; /* its address was looked at */
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

/* May a line of this form come again, or another one of its place? */
static __attribute__((noinline)) bool may_repeat(const struct sipv_sdp_parse *x,
                                                 const struct sipv_sdp_form *form, bool in_media)
{
    const uint32_t once = in_media ? SIPV_SDP_ONCE_IN_MEDIA : SIPV_SDP_ONCE_IN_SESSION;
    return form->rank[in_media] == x->rank &&
           !(x->seen[in_media] & once & sipv_sdp_type_bit(form->kind.type));
}

/* May a line of this form, and of a type other than m=, come next without a word?  The first one is
 * v=. */
static inline bool is_in_order(struct sipv_sdp_parse *x, const struct sipv_sdp_form *form,
                               bool in_media)
{
    const int rank = form->rank[in_media];
    if (rank <= x->rank && !may_repeat(x, form, in_media))
        return false;
    x->seen[in_media] |= sipv_sdp_type_bit(form->kind.type);
    x->rank = rank;
    return true;
}

/* Lines from `from` on that are no attributes and no m= lines; `delta` as above.  Returns where the
 * first other one begins, or one that is none of the usual form. */
SIPV_ALWAYS const unsigned char *read_others(struct sipv_sdp_parse *x, struct reading *t,
                                             const unsigned char *from, ptrdiff_t delta)
{
    sipv_sdp_line *line = t->line;
    sipv_event *ev = t->ev;
    uint32_t n_events = t->n_events;
    const uint64_t section = section_bits(x);
    const bool in_media = x->section != NULL;
    while (from < t->safe && line < t->end && ev <= x->run.ev_express) {
        const unsigned letter = from[0] - (unsigned)'a';
        if (letter > 25 || from[1] != '=')
            break;
        const struct sipv_sdp_form *const form = &sipv_sdp_forms[letter];
        const unsigned char *const cr = end_of_line(from, odd_octets(sipv_load(from)), t->safe);
        if (!form->usual || !cr)
            break;
        const char type = form->kind.type;
        const size_t off = (size_t)(from - t->base), end = (size_t)(cr - t->base);
        sipv_event *const next = type == 'c' ? match_connection(x, t->base, off + 2, end, ev)
                                             : match(x, form->root, t->base, off + 2, end, ev);
        if (!next || !is_in_order(x, form, in_media))
            break;
        const uint32_t count = count_events(ev, next);
        put_line(line, from, delta, cr);
        put_place(line, t->base, from, n_events, count);
        write_kind(line, &form->kind, section);
        n_events += count;
        line++;
        from = cr + 2;
        x->before = type;
        if (x->run.suspects || !(form->plain || is_plain_value(t->base, type, ev, next))) {
            t->line = line;
            t->n_events = n_events;
            end_reading(x, t);
            look_closer_at_value(x, line - 1);
        }
        ev = next;
    }
    t->line = line;
    t->n_events = n_events;
    t->ev = ev;
    return from;
}

/* ---- m= -----------------------------------------------------------------------------------------
 */

/* The m= line, which is next, begins a section; it has `n_events` captures.  False at a limit. */
static inline bool begin_media(struct sipv_sdp_parse *x, struct reading *t, uint32_t n_events)
{
    sipv_sdp_line *const line = t->line;
    end_reading(x, t);
    sipv_sdp_end_section(x);
    t->line++;
    x->s->n_lines++;
    x->before = 'm';
    line->n_events = 0;
    if (!sipv_sdp_begin_section(x, line)) {
        line->section = SIPV_SDP_SESSION;
        line->state = SIPV_SDP_MALFORMED;
        line->view = -1;
        return false;
    }
    line->section = x->number;
    line->n_events = n_events;
    x->s->n_events += n_events;
    x->rank = 0;
    x->seen[1] = sipv_sdp_type_bit('m');
    t->n_events += n_events;
    t->ev += n_events;
    return true;
}

static inline void put_media(struct reading *t, const unsigned char *from, ptrdiff_t delta,
                             const unsigned char *cr)
{
    put_line(t->line, from, delta, cr);
    put_place(t->line, t->base, from, t->n_events, 0);
    write_kind(t->line, &sipv_sdp_forms['m' - 'a'].kind, 0);
}

/* One that compiled code takes. */
static __attribute__((noinline)) const unsigned char *read_other_media(struct sipv_sdp_parse *x,
                                                                       struct reading *t,
                                                                       const unsigned char *from,
                                                                       ptrdiff_t delta)
{
    sipv_event *const ev = t->ev;
    const unsigned char *const cr = end_of_line(from, odd_octets(sipv_load(from)), t->safe);
    const size_t off = (size_t)(from - t->base), end = (size_t)(cr - t->base);
    sipv_event *const next = cr ? match(x, SIPV_ROOT_MEDIA_VALUE, t->base, off + 2, end, ev) : NULL;
    if (!next)
        return from;
    put_media(t, from, delta, cr);
    if (begin_media(x, t, count_events(ev, next)))
        look_closer_at_value(x, t->line - 1);
    return cr + 2;
}

/* An m= line.  Returns where the next one begins, or `from` if it is none of the usual form. */
SIPV_ALWAYS const unsigned char *read_media(struct sipv_sdp_parse *x, struct reading *t,
                                            const unsigned char *from, ptrdiff_t delta)
{
    struct media m;
    sipv_sdp_line *const line = t->line;
    if (line >= t->end || t->ev > x->run.ev_express)
        return from;
    if (!read_usual_media(from, (size_t)(from - t->base), x->limits->formats, &m, t->ev))
        return read_other_media(x, t, from, delta);
    const unsigned char *const cr = from + m.end;
    const sipv_slice proto = sipv_slice_of(from + m.proto + delta, m.formats - 1 - m.proto);
    put_media(t, from, delta, cr);
    if (begin_media(x, t, m.n_events))
        note_formats(&x->formats, line, m.payload, proto, m.dtls);
    return cr + 2;
}

/* ---- Lines --------------------------------------------------------------------------------------
 */

SIPV_ALWAYS const unsigned char *read_lines(struct sipv_sdp_parse *x, struct reading *t,
                                            const unsigned char *from, ptrdiff_t delta)
{
    prepare(x);
    begin_reading(x, t);
    if (!x->before)
        from = read_head(x, t, from, delta);
    for (const unsigned char *before = NULL; from < t->safe && from != before && !x->stopped;) {
        before = from;
        const unsigned head = sipv_load_2(from);
        from = head == A_EQUALS   ? read_attributes(x, t, from, delta)
               : head == M_EQUALS ? read_media(x, t, from, delta)
                                  : read_others(x, t, from, delta);
    }
    end_reading(x, t);
    /* The compiler leaves this out where it has called a function of this file, and the code of
     * others, which is not for AVX, is several times slower without. */
    _mm256_zeroupper();
    return from;
}

/* Lines from `at` on that begin before `safe`, in their place. */
static __attribute__((noinline)) size_t read_in_place(struct sipv_sdp_parse *x, size_t at,
                                                      size_t safe)
{
    const unsigned char *const base = x->s->data.p;
    struct reading t = {.base = base, .safe = base + safe};
    return (size_t)(read_lines(x, &t, base + at, 0) - base);
}

/* The same in a copy. */
static __attribute__((noinline)) size_t read_copy(struct sipv_sdp_parse *x, size_t at,
                                                  const unsigned char *copy)
{
    const sipv_slice data = x->s->data;
    struct reading t = {.base = (const unsigned char *)((uintptr_t)copy - at),
                        .safe = copy + (data.n - at)};
    const ptrdiff_t delta = (ptrdiff_t)((uintptr_t)data.p - (uintptr_t)t.base);
    return (size_t)(read_lines(x, &t, copy, delta) - t.base);
}

/* Zeros behind a copy, to be read but no more. */
static inline void end_copy(unsigned char *end)
{
    const __m256i zero = _mm256_setzero_si256();
    _Static_assert(REACH == 3 * SIPV_LOAD, "zeros behind the copy");
    sipv_store(end, zero);
    sipv_store(end + SIPV_LOAD, zero);
    sipv_store(end + 2 * SIPV_LOAD, zero);
}

/* Reads the lines from `at` on, of the last TAIL octets, in a copy with room behind it. */
static size_t read_tail(struct sipv_sdp_parse *x, size_t at)
{
    unsigned char copy[SIPV_LOAD + TAIL + REACH], *const tail = copy + SIPV_LOAD;
    const sipv_slice data = x->s->data;
    const size_t n = data.n - at;
    if (data.n < SIPV_LOAD) {
        memcpy(tail, data.p + at, n);
    } else {
        for (size_t i = 0; i + SIPV_LOAD < n; i += SIPV_LOAD)
            sipv_store(tail + i, sipv_load(data.p + at + i));
        sipv_store(tail + n - SIPV_LOAD, sipv_load(data.p + data.n - SIPV_LOAD));
    }
    end_copy(tail + n);
    return read_copy(x, at, tail);
}

/* Reads the lines from `at` on, of more than TAIL octets: in their place as long as there is room
 * behind, then in a copy of the last TAIL octets, made early so that nothing waits for it. */
static size_t read_long(struct sipv_sdp_parse *x, size_t at)
{
    unsigned char copy[TAIL + REACH];
    const size_t n = x->s->data.n, last = n - TAIL;
    for (size_t i = 0; i < TAIL; i += SIPV_LOAD)
        sipv_store(copy + i, sipv_load(x->s->data.p + last + i));
    end_copy(copy + TAIL);
    at = read_in_place(x, at, n - REACH);
    return at < last || x->stopped ? at : read_copy(x, at, copy + (at - last));
}

const unsigned char *sipv_sdp_plain(struct sipv_sdp_parse *x, const unsigned char *p,
                                    const unsigned char *end)
{
    const sipv_sdp *const s = x->s;
    const size_t at = (size_t)(p - s->data.p);
    if (!x->run.compiled || s->cap_events < SIPV_EXPRESS_PARTS || (!x->before && *p != 'v'))
        return p;
    return s->data.p + (end - p > TAIL ? read_long(x, at) : read_tail(x, at));
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
