/* tcp.c: segments of TCP put in order (RFC 9293), each direction by itself.
 *
 * What was delivered first counts where segments overlap.  A segment behind a gap waits for the one
 * before it, until the other side acknowledges what is missing (then the capture has lost it), too
 * many wait, or nothing more comes.  A capture may begin in the middle of a connection: then the
 * stream begins with the first line that begins a message. */
#include "trace.h"

#include <stdlib.h>
#include <string.h>

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

/* Difference of sequence numbers, which wrap. */
static int32_t behind(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b);
}

/* ---- Flows ----------------------------------------------------------------------------------- */

static struct address_pair direction(const struct connection *c, const struct flow *f)
{
    struct address_pair ends = c->ends;

    if (f == &c->flows[1]) {
        ends.source = c->ends.destination;
        ends.destination = c->ends.source;
    }
    return ends;
}

/* Hands octets to the stream and counts what it keeps. */
static void feed(struct trace *t, struct connection *c, struct flow *f, const unsigned char *p,
                 size_t n)
{
    struct address_pair ends = direction(c, f);

    t->connections.octets -= f->stream.buffer.n;
    stream_feed(t, &f->stream, &ends, p, n);
    t->connections.octets += f->stream.buffer.n;
}

/* Octets that begin at or before the next one. */
static void deliver(struct trace *t, struct connection *c, struct flow *f, uint32_t seq,
                    const unsigned char *p, size_t n)
{
    size_t old = (uint32_t)(f->next - seq);

    if (old >= n)
        return;
    feed(t, c, f, p + old, n - old);
    f->next = seq + (uint32_t)n;
}

static void drop_first(struct trace *t, struct flow *f)
{
    struct segment *s = f->held;

    f->held = s->next;
    f->held_count--;
    t->connections.octets -= s->n;
    free(s);
}

/* What waited and waits no more. */
static void drain(struct trace *t, struct connection *c, struct flow *f)
{
    while (f->held && behind(f->held->seq, f->next) <= 0) {
        deliver(t, c, f, f->held->seq, f->held->data, f->held->n);
        drop_first(t, f);
    }
}

static void skip_gap(struct trace *t, struct connection *c, struct flow *f)
{
    struct address_pair ends = direction(c, f);

    if (f->stream.state != STREAM_OTHER)
        trace_note(t, NOTE_GAP, NULL);
    t->connections.octets -= f->stream.buffer.n;
    stream_gap(t, &f->stream, &ends);
    t->connections.octets += f->stream.buffer.n;
    f->next = f->held->seq;
    drain(t, c, f);
}

static void hold(struct trace *t, struct connection *c, struct flow *f, uint32_t seq,
                 const unsigned char *p, size_t n)
{
    struct segment **at = &f->held, *s;

    while (*at && behind((*at)->seq, seq) < 0)
        at = &(*at)->next;
    if (*at && (*at)->seq == seq && (*at)->n >= n)
        return;
    s = need_more(NULL, sizeof *s + n, 1);
    s->seq = seq;
    s->n = n;
    memcpy(s->data, p, n);
    s->next = *at;
    *at = s;
    f->held_count++;
    t->connections.octets += n;
    if (f->held_count > t->limits.segments)
        skip_gap(t, c, f);
}

/* Nothing more will come, or what comes is another connection. */
static void finish(struct trace *t, struct connection *c, struct flow *f)
{
    struct address_pair ends = direction(c, f);

    while (f->held)
        skip_gap(t, c, f);
    t->connections.octets -= f->stream.buffer.n;
    stream_end(t, &f->stream, &ends);
    f->known = f->begun = false;
}

static void take_syn(struct trace *t, struct connection *c, struct flow *f, uint32_t seq)
{
    if (f->begun && f->first == seq)
        return;
    if (f->known)
        finish(t, c, f);
    f->known = f->begun = true;
    f->first = seq;
    f->next = seq + 1;
    f->stream.state = STREAM_START;
}

static void take_data(struct trace *t, struct connection *c, struct flow *f, uint32_t seq,
                      const unsigned char *p, size_t n)
{
    if (!f->known) {
        f->known = true;
        f->next = seq;
        f->stream.state = STREAM_SCAN;
        f->stream.mid_line = false;
    }
    /* Of what is no SIP not even the order matters. */
    if (f->stream.state == STREAM_OTHER && !f->held) {
        if (behind(seq + (uint32_t)n, f->next) > 0)
            f->next = seq + (uint32_t)n;
    } else if (behind(seq, f->next) > 0) {
        hold(t, c, f, seq, p, n);
    } else {
        deliver(t, c, f, seq, p, n);
        drain(t, c, f);
    }
}

/* ---- Connections ----------------------------------------------------------------------------- */

static struct connection **bucket(struct trace *t, const struct address_pair *ends)
{
    /* The same for both directions. */
    uint64_t h = address_hash(1, &ends->source) + address_hash(1, &ends->destination);

    return &t->connections.buckets[h % CONNECTION_BUCKETS];
}

static void unlink_age(struct connections *all, struct connection *c)
{
    *(c->older ? &c->older->newer : &all->oldest) = c->newer;
    *(c->newer ? &c->newer->older : &all->newest) = c->older;
}

static void link_newest(struct connections *all, struct connection *c)
{
    c->newer = NULL;
    c->older = all->newest;
    *(all->newest ? &all->newest->newer : &all->oldest) = c;
    all->newest = c;
}

static void drop(struct trace *t, struct connection *c)
{
    struct connection **at = bucket(t, &c->ends);

    for (int i = 0; i < 2; i++)
        finish(t, c, &c->flows[i]);
    while (*at != c)
        at = &(*at)->chain;
    *at = c->chain;
    unlink_age(&t->connections, c);
    t->connections.count--;
    free(c);
}

static bool is_open(const struct connection *c)
{
    return c->flows[0].held || c->flows[1].held || c->flows[0].stream.buffer.n > 0 ||
           c->flows[1].stream.buffer.n > 0;
}

/* `*way` is which end it comes from. */
static struct connection *find(struct trace *t, const struct address_pair *ends, int *way)
{
    struct connection **head = bucket(t, ends), *c;

    for (c = *head; c; c = c->chain)
        for (*way = 0; *way < 2; ++*way) {
            const struct address *from = *way ? &c->ends.destination : &c->ends.source;
            const struct address *to = *way ? &c->ends.source : &c->ends.destination;

            if (address_equal(from, &ends->source) && address_equal(to, &ends->destination))
                return c;
        }
    if (t->connections.count >= t->limits.connections) {
        if (is_open(t->connections.oldest))
            trace_note(t, NOTE_CONNECTIONS, NULL);
        drop(t, t->connections.oldest);
        head = bucket(t, ends);
    }
    c = need(1, sizeof *c);
    c->ends = *ends;
    c->chain = *head;
    *head = c;
    link_newest(&t->connections, c);
    t->connections.count++;
    *way = 0;
    return c;
}

/* The oldest go where too much is held; but not the one at hand. */
static void keep_limits(struct trace *t)
{
    while (t->connections.octets > t->limits.stream_octets &&
           t->connections.oldest != t->connections.newest) {
        if (is_open(t->connections.oldest))
            trace_note(t, NOTE_OCTETS, NULL);
        drop(t, t->connections.oldest);
    }
}

void tcp_packet(struct trace *t, struct address_pair *ends, const unsigned char *p, size_t n)
{
    struct connection *c;
    struct flow *f, *back;
    uint32_t seq;
    size_t head;
    int way;

    if (n < 20 || (head = (size_t)(p[12] >> 4) * 4) < 20 || head > n) {
        trace_note(t, NOTE_LENGTH, NULL);
        return;
    }
    ends->source.port = (uint16_t)be16(p);
    ends->destination.port = (uint16_t)be16(p + 2);
    seq = be32(p + 4);
    c = find(t, ends, &way);
    unlink_age(&t->connections, c);
    link_newest(&t->connections, c);
    f = &c->flows[way];
    back = &c->flows[!way];
    if (p[13] & SYN)
        take_syn(t, c, f, seq++);
    if (n > head)
        take_data(t, c, f, seq, p + head, n - head);
    while ((p[13] & ACK) && back->held && behind(be32(p + 8), back->held->seq) > 0)
        skip_gap(t, c, back);
    if (p[13] & RST)
        for (int i = 0; i < 2; i++)
            finish(t, c, &c->flows[i]);
    keep_limits(t);
}

void tcp_end(struct trace *t)
{
    while (t->connections.oldest)
        drop(t, t->connections.oldest);
}
