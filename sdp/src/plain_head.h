/* The lines that nearly every description begins with, straight on: "v=0", o=, s=, i=, c=, b= and
 * "t=0 0", with IPv4 addresses.  Whatever else comes is left to the loops of plain.c. */
#ifndef SIPV_SDP_PLAIN_HEAD_H
#define SIPV_SDP_PLAIN_HEAD_H

#include "plain_line.h"
#include "plain_value.h"

/* ---- Parts --------------------------------------------------------------------------------------
 */

/* A line of the session that ends at `cr`, with so many captures. */
SIPV_ALWAYS void put_head_line(struct reading *t, char type, const unsigned char *from,
                               ptrdiff_t delta, const unsigned char *cr, uint32_t n_events)
{
    const uint64_t session = (uint64_t)SIPV_SDP_SESSION
                             << (8 * offsetof(struct sipv_sdp_line_kind, section));
    put_line(t->line, from, delta, cr);
    put_place(t->line, t->base, from, t->n_events, n_events);
    write_kind(t->line, &sipv_sdp_forms[type - 'a'].kind, session);
    t->seen |= sipv_sdp_type_bit(type);
    t->line++;
    t->ev += n_events;
    t->n_events += n_events;
}

/* ---- Lines --------------------------------------------------------------------------------------
 * Each returns where the next one begins, or `from` if it is not of this form.
 */

SIPV_ALWAYS const unsigned char *read_version(struct reading *t, const unsigned char *from,
                                              ptrdiff_t delta)
{
    sipv_event *const ev = t->ev;
    const size_t at = (size_t)(from - t->base);
    if (!BEGINS_WITH(from, "v=0\r\n"))
        return from;
    SIPV_WHOLE(0, SIPV_K_NUMBER, at + 2, at + 3);
    put_head_line(t, 'v', from, delta, from + 3, 1);
    return from + 5;
}

/* An IPv4 address up to `cr` that may stand behind "IN IP4 "? */
static inline bool is_last_address(const unsigned char *p, const unsigned char *cr)
{
    return cr > p && sipv_over_address(p, 0) == (size_t)(cr - p) && !is_high_ip4(p);
}

SIPV_ALWAYS const unsigned char *read_origin(struct reading *t, const unsigned char *from,
                                             ptrdiff_t delta)
{
    enum { USERNAME = 2 };
    sipv_event *const ev = t->ev;
    if (from >= t->safe || !BEGINS_WITH(from, "o="))
        return from;
    const struct octets o = octets_of(from);
    const unsigned char *const cr = from + _tzcnt_u64(o.odd);
    const uint64_t behind = _blsr_u64(o.spaces);
    const size_t id = _tzcnt_u64(o.spaces), version = _tzcnt_u64(behind); /* in front of them */
    const size_t net = _tzcnt_u64(_blsr_u64(behind)) + 1;
    if (sipv_load_2(cr) != SIPV_CRLF || id == USERNAME || net > 64 ||
        !is_number(&o, id + 1, version) || !is_number(&o, version + 1, net - 1) ||
        !BEGINS_WITH(from + net, "IN IP4 ") || !is_last_address(from + net + 7, cr))
        return from;
    const size_t at = (size_t)(from - t->base);
    SIPV_WHOLE(0, SIPV_K_USERNAME, at + USERNAME, at + id);
    SIPV_WHOLE(1, SIPV_K_SESS_ID, at + id + 1, at + version);
    SIPV_WHOLE(2, SIPV_K_SESS_VERSION, at + version + 1, at + net - 1);
    SIPV_WHOLE(3, SIPV_K_NETTYPE, at + net, at + net + 2);
    SIPV_WHOLE(4, SIPV_K_ADDRTYPE, at + net + 3, at + net + 6);
    SIPV_WHOLE(5, SIPV_K_ADDRESS, at + net + 7, (size_t)(cr - t->base));
    put_head_line(t, 'o', from, delta, cr, 6);
    return cr + 2;
}

/* s= or i=. */
SIPV_ALWAYS const unsigned char *read_text(struct reading *t, char type, const unsigned char *from,
                                           ptrdiff_t delta)
{
    sipv_event *const ev = t->ev;
    if (from >= t->safe || from[0] != type || from[1] != '=')
        return from;
    const unsigned char *const cr = end_of_line(from, odd_octets(sipv_load(from)), t->safe);
    if (!cr || cr == from + 2)
        return from;
    SIPV_WHOLE(0, SIPV_K_VALUE, (size_t)(from - t->base) + 2, (size_t)(cr - t->base));
    put_head_line(t, type, from, delta, cr, 1);
    return cr + 2;
}

SIPV_ALWAYS const unsigned char *read_connection(struct reading *t, const unsigned char *from,
                                                 ptrdiff_t delta)
{
    sipv_event *const ev = t->ev;
    if (from >= t->safe || !BEGINS_WITH(from, "c=IN IP4") || from[8] != ' ')
        return from;
    const unsigned char *const cr = end_of_line(from, odd_octets(sipv_load(from)), t->safe);
    if (!cr || !is_last_address(from + 9, cr))
        return from;
    write_connection(ev, (size_t)(from - t->base) + 2, (size_t)(cr - t->base));
    put_head_line(t, 'c', from, delta, cr, 4);
    return cr + 2;
}

SIPV_ALWAYS const unsigned char *read_bandwidth(struct reading *t, const unsigned char *from,
                                                ptrdiff_t delta)
{
    if (from >= t->safe || !BEGINS_WITH(from, "b="))
        return from;
    const unsigned char *const cr = end_of_line(from, odd_octets(sipv_load(from)), t->safe);
    if (!cr || !write_bandwidth(t->base, from + 2, cr, t->ev))
        return from;
    put_head_line(t, 'b', from, delta, cr, 2);
    return cr + 2;
}

SIPV_ALWAYS const unsigned char *read_timing(struct reading *t, const unsigned char *from,
                                             ptrdiff_t delta)
{
    sipv_event *const ev = t->ev;
    const size_t at = (size_t)(from - t->base);
    if (from >= t->safe || !BEGINS_WITH(from, "t=0 0\r\n"))
        return from;
    SIPV_WHOLE(0, SIPV_K_START, at + 2, at + 3);
    SIPV_WHOLE(1, SIPV_K_STOP, at + 4, at + 5);
    put_head_line(t, 't', from, delta, from + 5, 2);
    return from + 7;
}

/* ---- The head -----------------------------------------------------------------------------------
 */

/* Lines from `from` on, the first of the description; slices of it are `delta` behind the octets.
 * Returns where the first one begins that is not of this form. */
static inline const unsigned char *read_head(struct sipv_sdp_parse *x, struct reading *t,
                                             const unsigned char *from, ptrdiff_t delta)
{
    enum { LINES = 8 };
    struct reading u = *t;
    const unsigned char *p = from;
    if (u.end - u.line < LINES || u.ev > x->run.ev_express)
        return from;
    p = read_version(&u, p, delta);
    if (u.line == t->line + 1)
        p = read_origin(&u, p, delta);
    if (u.line == t->line + 2)
        p = read_text(&u, 's', p, delta);
    if (u.line == t->line + 3) {
        if (SIPV_RARE(*p == 'i'))
            p = read_text(&u, 'i', p, delta);
        p = read_connection(&u, p, delta);
        for (int i = 0; i < 2 && SIPV_RARE(*p == 'b'); i++)
            p = read_bandwidth(&u, p, delta);
        p = read_timing(&u, p, delta);
    }
    if (u.line == t->line)
        return from;
    x->before = u.line[-1].type;
    x->seen[0] = u.seen;
    x->rank = sipv_sdp_forms[x->before - 'a'].rank[0];
    *t = u;
    _mm256_zeroupper();
    return p;
}

#endif
