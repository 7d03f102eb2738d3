#include "net_core.h"

#include <stdlib.h>
#include <string.h>

/* ---- Out ------------------------------------------------------------------------------------ */

struct writing {
    uv_write_t request;
    struct connection *c;
    size_t n;
    char octets[];
};

/* Also called when the handle closes, before the connection is freed. */
static void on_written(uv_write_t *request, int status)
{
    struct writing *w = request->data;
    struct connection *c = w->c;
    c->writing -= w->n;
    c->net->octets -= w->n;
    free(w);
    if (status != 0 && status != UV_ECANCELED)
        connection_close(c, uv_strerror(status));
}

/* What the kernel takes at once is not copied. */
static size_t write_now(struct connection *c, const char *p, size_t n)
{
    const uv_buf_t buffer = {.base = (char *)(uintptr_t)p, .len = n};
    const int done = c->writing == 0 ? uv_try_write((uv_stream_t *)&c->tcp, &buffer, 1) : 0;
    return done > 0 ? (size_t)done : 0;
}

void connection_write(struct connection *c, const void *p, size_t n)
{
    const struct net_limits *limits = &c->net->settings.limits;
    const size_t done = write_now(c, p, n);
    const size_t rest = n - done;
    if (rest == 0)
        return;
    if (rest > limits->queue - c->writing || rest > limits->octets - c->net->octets) {
        connection_close(c, "too slow: its queue is full");
        return;
    }
    struct writing *w = malloc(sizeof *w + rest);
    if (!w) {
        connection_close(c, "no memory");
        return;
    }
    w->c = c;
    w->n = rest;
    w->request.data = w;
    memcpy(w->octets, (const char *)p + done, rest);
    const uv_buf_t buffer = uv_buf_init(w->octets, (unsigned)rest);
    const int result = uv_write(&w->request, (uv_stream_t *)&c->tcp, &buffer, 1, on_written);
    if (result != 0) {
        free(w);
        connection_close(c, uv_strerror(result));
        return;
    }
    c->writing += rest;
    c->net->octets += rest;
}

static void send_clear(struct connection *c, const void *p, size_t n)
{
    if (c->tls)
        tls_send(c, p, n);
    else
        connection_write(c, p, n);
}

static void send_message(struct connection *c, sipv_slice octets)
{
    c->used = uv_now(c->net->loop);
    net_tap(c->net, NET_SENT, &c->local, &c->peer, octets);
    send_clear(c, octets.p, octets.n);
}

void connection_send(struct connection *c, uint64_t flow, bool moved, sipv_slice octets)
{
    if (c->state == CONNECTION_OPEN)
        send_message(c, octets);
    else if (!queue_add(c->net, &c->queue, flow, moved, octets))
        net_fail(c->net, flow);
}

void connection_ping(struct connection *c)
{
    const struct net_settings *s = &c->net->settings;
    const uint64_t now = uv_now(c->net->loop);
    c->ping_at = now + s->keep_alive_ms;
    c->pong_by = now + s->limits.pong_ms;
    send_clear(c, "\r\n\r\n", 4);
}

/* ---- In ------------------------------------------------------------------------------------- */

static void pong(struct connection *c, size_t pings)
{
    static const char some[] = "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n";
    while (pings > 0 && c->state == CONNECTION_OPEN) {
        const size_t n = pings < sizeof some / 2 ? pings : sizeof some / 2;
        send_clear(c, some, 2 * n);
        pings -= n;
    }
}

/* Octets before a message that is not whole: pings, and the pong that is waited for; half of a ping
 * stays. */
static size_t keep_alives(const struct connection *c, const sipv_frame *frame)
{
    const size_t pings = (size_t)frame->pings * 4;
    return c->pong_by > 0 && frame->skip - pings == 2 ? frame->skip : pings;
}

/* Takes whole messages; how many octets are done with. */
static size_t take_messages(struct connection *c, const unsigned char *p, size_t n)
{
    size_t at = 0;
    while (at < n && c->state == CONNECTION_OPEN) {
        sipv_frame frame;
        const int result = sipv_framer_feed(&c->framer, p + at, n - at, &frame);
        if (result < 0) {
            connection_close(c, sipv_diag_find(frame.diag.code)->message);
            break;
        }
        pong(c, frame.pings);
        if (result != SIPV_OK) {
            const size_t taken = keep_alives(c, &frame);
            sipv_framer_skip(&c->framer, taken);
            at += taken;
            break;
        }
        if (c->state == CONNECTION_OPEN)
            net_deliver(c->net, c->route.id, &c->local, &c->peer,
                        sipv_slice_of(p + at + frame.skip, frame.n));
        c->message_since = 0;
        at += frame.skip + frame.n;
    }
    return at;
}

static bool make_room(struct connection *c, size_t n)
{
    size_t cap = c->cap_in ? c->cap_in : 4096;
    while (cap < n)
        cap *= 2;
    if (cap == c->cap_in)
        return true;
    unsigned char *more = cap - c->cap_in <= c->net->settings.limits.octets - c->net->octets
                              ? realloc(c->in, cap)
                              : NULL;
    if (!more)
        return false;
    c->net->octets += cap - c->cap_in;
    c->in = more;
    c->cap_in = cap;
    return true;
}

static void release_room(struct connection *c)
{
    free(c->in);
    c->in = NULL;
    c->net->octets -= c->cap_in;
    c->cap_in = c->n_in = 0;
}

static bool keep(struct connection *c, const unsigned char *p, size_t n)
{
    if (!make_room(c, c->n_in + n)) {
        connection_close(c, "no room for its messages");
        return false;
    }
    memcpy(c->in + c->n_in, p, n);
    c->n_in += n;
    return true;
}

/* More than half a keep-alive is the beginning of a message. */
static void watch_message(struct connection *c)
{
    if (c->n_in <= 2)
        c->message_since = 0;
    else if (c->message_since == 0)
        c->message_since = uv_now(c->net->loop);
}

void connection_octets(struct connection *c, const unsigned char *p, size_t n)
{
    const bool behind = c->n_in > 0;
    c->used = uv_now(c->net->loop);
    if (behind && !keep(c, p, n))
        return;
    const size_t done = behind ? take_messages(c, c->in, c->n_in) : take_messages(c, p, n);
    c->pong_by = 0;
    if (c->state != CONNECTION_OPEN)
        return;
    if (!behind && done < n) {
        if (!keep(c, p + done, n - done))
            return;
    } else if (behind && done < c->n_in) {
        memmove(c->in, c->in + done, c->n_in - done);
        c->n_in -= done;
    } else {
        release_room(c);
    }
    watch_message(c);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    struct connection *c = stream->data;
    if (n == 0 || c->state == CONNECTION_CLOSED)
        return;
    if (n < 0) {
        connection_close(c, n != UV_EOF                       ? uv_strerror((int)n)
                            : c->n_in > 2                     ? "closed within a message"
                            : c->state == CONNECTION_SECURING ? "closed before TLS was ready"
                                                              : NULL);
        return;
    }
    if (c->tls)
        tls_octets(c, (const unsigned char *)buffer->base, (size_t)n);
    else
        connection_octets(c, (const unsigned char *)buffer->base, (size_t)n);
}

void connection_opened(struct connection *c)
{
    struct waiting *w;
    const uint64_t now = uv_now(c->net->loop);
    c->state = CONNECTION_OPEN;
    c->used = now;
    c->ping_at = now + c->net->settings.keep_alive_ms;
    if (!c->tls)
        connection_read(c);
    while (c->state == CONNECTION_OPEN && (w = queue_take(c->net, &c->queue))) {
        send_message(c, sipv_slice_of(w->octets, w->n));
        free(w);
    }
}

void connection_read(struct connection *c)
{
    const int result = uv_read_start((uv_stream_t *)&c->tcp, net_chunk, on_read);
    if (result != 0)
        connection_close(c, uv_strerror(result));
}
