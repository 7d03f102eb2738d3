/* fragments.c: fragments of IP datagrams put together.
 *
 * In IPv4 the octets that came first count; in IPv6 a datagram with fragments that overlap is given
 * up (RFC 5722).  What is not complete after 60 seconds of the capture is given up as well, as is
 * the oldest where there are too many. */
#include "trace.h"

#include <stdlib.h>
#include <string.h>

#define LIFETIME_NS (INT64_C(60) * 1000000000)
enum { DATAGRAM_MAX = 65536 };

static bool key_equal(const struct fragment_key *a, const struct fragment_key *b)
{
    return a->id == b->id && a->protocol == b->protocol &&
           address_equal(&a->ends.source, &b->ends.source) &&
           address_equal(&a->ends.destination, &b->ends.destination);
}

static void drop(struct trace *t, struct datagram *d)
{
    struct datagrams *all = &t->datagrams;

    *(d->older ? &d->older->newer : &all->oldest) = d->newer;
    *(d->newer ? &d->newer->older : &all->newest) = d->older;
    all->count--;
    all->octets -= d->cap;
    free(d->data);
    free(d);
}

static struct datagram *find(struct trace *t, const struct fragment_key *key)
{
    struct datagrams *all = &t->datagrams;
    struct datagram *d = all->newest;

    while (d && !key_equal(&d->key, key))
        d = d->older;
    if (d)
        return d;
    d = need(1, sizeof *d);
    d->key = *key;
    d->since_ns = t->time_ns;
    d->older = all->newest;
    *(all->newest ? &all->newest->newer : &all->oldest) = d;
    all->newest = d;
    all->count++;
    return d;
}

/* Room for so many octets. */
static void grow(struct trace *t, struct datagram *d, size_t n)
{
    size_t cap = d->cap ? d->cap : 2048;

    if (n <= d->cap)
        return;
    while (cap < n)
        cap *= 2;
    d->data = need_more(d->data, cap, 1);
    t->datagrams.octets += cap - d->cap;
    d->cap = cap;
}

/* Copies unit by unit, what is there already stays.  False: IPv6, and there was something. */
static bool put(struct datagram *d, size_t off, sipv_slice data)
{
    if (off + data.n > d->end)
        d->end = off + data.n;
    for (size_t i = 0; i < data.n; i += 8) {
        size_t unit = (off + i) / 8, n = data.n - i < 8 ? data.n - i : 8;

        if (d->got[unit / 8] & 1u << unit % 8) {
            if (d->key.ends.source.n == 16)
                return false;
            continue;
        }
        d->got[unit / 8] |= (uint8_t)(1u << unit % 8);
        d->have++;
        memcpy(d->data + off + i, data.p + i, n);
    }
    return true;
}

/* The same fragment once more, as a capture on two interfaces has it. */
static bool is_repeated(const struct datagram *d, size_t off, bool more, sipv_slice data)
{
    if (!more && (!d->has_last || d->n != off + data.n))
        return false;
    for (size_t i = 0; i < data.n; i += 8)
        if (!(d->got[(off + i) / 64] & 1u << (off + i) / 8 % 8))
            return false;
    return off + data.n <= d->cap && memcmp(d->data + off, data.p, data.n) == 0;
}

static bool is_complete(const struct datagram *d)
{
    return d->has_first && d->has_last && d->have == (d->n + 7) / 8;
}

/* The oldest goes where there are too many; but not the one at hand. */
static void keep_limits(struct trace *t, const struct datagram *d)
{
    struct datagrams *all = &t->datagrams;

    while (all->oldest != d &&
           (all->count > t->limits.datagrams || all->octets > t->limits.fragment_octets)) {
        trace_note(t, NOTE_FRAGMENT_LIMIT, NULL);
        drop(t, all->oldest);
    }
}

static void drop_old(struct trace *t)
{
    struct datagrams *all = &t->datagrams;

    while (all->oldest && all->oldest->since_ns < t->time_ns - LIFETIME_NS) {
        trace_note(t, NOTE_FRAGMENT, NULL);
        drop(t, all->oldest);
    }
}

bool fragments_add(struct trace *t, const struct fragment_key *key, uint8_t next_header, size_t off,
                   bool more, sipv_slice data, sipv_slice *whole, uint8_t *first_next)
{
    struct datagram *d;

    drop_old(t);
    free(t->datagrams.whole);
    t->datagrams.whole = NULL;
    if (data.n == 0 || off + data.n > DATAGRAM_MAX || (more && data.n % 8 != 0)) {
        trace_note(t, NOTE_LENGTH, NULL);
        return false;
    }
    d = find(t, key);
    if (is_repeated(d, off, more, data))
        return false;
    grow(t, d, off + data.n);
    if (off == 0) {
        d->has_first = true;
        d->next_header = next_header;
    }
    if (!more && !d->has_last) {
        d->has_last = true;
        d->n = off + data.n;
    }
    if (!put(d, off, data) ||
        (d->has_last && (d->end > d->n || (!more && d->end != off + data.n)))) {
        trace_note(t, NOTE_FRAGMENT, NULL);
        drop(t, d);
        return false;
    }
    keep_limits(t, d);
    if (!is_complete(d))
        return false;
    *whole = sipv_slice_of(d->data, d->n);
    *first_next = d->next_header;
    t->datagrams.whole = d->data;
    d->data = NULL;
    drop(t, d);
    return true;
}

void fragments_free(struct trace *t)
{
    while (t->datagrams.oldest) {
        trace_note(t, NOTE_FRAGMENT, NULL);
        drop(t, t->datagrams.oldest);
    }
    free(t->datagrams.whole);
    t->datagrams.whole = NULL;
}
