/* stream.c: one direction of a connection as messages, cut by the framer of the parser.
 *
 * A stream whose first line begins no message is something else, and nothing of it is kept.  Where
 * octets are missing, or the end of a message cannot be decided, the stream goes on with the next
 * line that begins a message.  Framing is that of the interop profile: it also takes what `lint` is
 * to complain about. */
#include "trace.h"

#include <string.h>

enum { LINE_MAX_OCTETS = 8192 };

/* What is not done yet. */
static sipv_slice rest(const struct stream *s)
{
    return sipv_slice_of(s->buffer.p + s->at, s->buffer.n - s->at);
}

static void begin_message(struct stream *s)
{
    s->state = STREAM_SIP;
    sipv_framer_init(&s->framer, SIPV_INTEROP, NULL);
}

/* A message that is not whole. */
static void emit_damaged(struct trace *t, sipv_slice data, const struct address_pair *ends,
                         const char *why)
{
    while (data.n > 0 && (*data.p == '\r' || *data.p == '\n')) {
        data.p++;
        data.n--;
    }
    if (sniff(data.p, data.n, true) == IS_SIP)
        trace_emit(t, ends, "TCP", data, why);
}

/* The steps return false if more is wanted.  The start of a stream: is it SIP? */
static bool step_start(struct stream *s)
{
    switch (sniff(rest(s).p, rest(s).n, false)) {
    case IS_SIP: begin_message(s); return true;
    case MAYBE_SIP: return false;
    case NOT_SIP: break;
    }
    s->state = STREAM_OTHER;
    s->at = s->buffer.n;
    return false;
}

static bool step_scan(struct stream *s)
{
    size_t at = 0;

    if (s->mid_line) {
        const unsigned char *end = memchr(rest(s).p, '\n', rest(s).n);

        s->at = end ? (size_t)(end - s->buffer.p) + 1 : s->buffer.n;
        s->mid_line = !end;
        return end != NULL;
    }
    if (sniff_find(rest(s).p, rest(s).n, &at) == IS_SIP) {
        s->at += at;
        begin_message(s);
        return true;
    }
    s->at += at;
    if (rest(s).n > LINE_MAX_OCTETS) {
        s->at = s->buffer.n;
        s->mid_line = true;
    }
    return false;
}

/* The framer gave up: what is there goes out as far as it may belong to the message. */
static void step_reject(struct trace *t, struct stream *s, const struct address_pair *ends,
                        const sipv_frame *frame)
{
    const sipv_diag_info *info = sipv_diag_find(frame->diag.code);
    sipv_slice data = rest(s);
    const unsigned char *line = memchr(data.p + frame->skip, '\n', data.n - frame->skip);
    size_t n = line ? (size_t)(line - data.p) + 1 : data.n;
    char why[TRACE_DAMAGE];

    if (sniff_find(data.p, data.n, &n) != IS_SIP)
        n = data.n;
    snprintf(why, sizeof why, "its end cannot be decided: %s", info ? info->name : "?");
    trace_note(t, NOTE_FRAMING, info ? info->message : NULL);
    emit_damaged(t, sipv_slice_of(data.p, n), ends, why);
    s->mid_line = data.p[n - 1] != '\n';
    s->at += n;
    s->state = STREAM_SCAN;
}

static bool step_sip(struct trace *t, struct stream *s, const struct address_pair *ends)
{
    sipv_slice data = rest(s);
    sipv_frame frame;
    int result = sipv_framer_feed(&s->framer, data.p, data.n, &frame);

    if (result == SIPV_OK) {
        trace_emit(t, ends, "TCP", sipv_slice_of(data.p + frame.skip, frame.n), NULL);
        s->at += frame.skip + frame.n;
        return true;
    }
    if (result == SIPV_REJECT) {
        step_reject(t, s, ends, &frame);
        return true;
    }
    sipv_framer_skip(&s->framer, frame.skip);
    s->at += frame.skip;
    return false;
}

/* Takes what is done off the front. */
static void compact(struct stream *s)
{
    s->buffer.n -= s->at;
    if (s->buffer.n == 0)
        bytes_free(&s->buffer);
    else if (s->at > 0)
        memmove(s->buffer.p, s->buffer.p + s->at, s->buffer.n);
    s->at = 0;
}

void stream_feed(struct trace *t, struct stream *s, const struct address_pair *ends,
                 const unsigned char *p, size_t n)
{
    bool more = s->state != STREAM_OTHER;

    if (more)
        bytes_add(&s->buffer, p, n);
    while (more && s->buffer.n > s->at) {
        switch (s->state) {
        case STREAM_START: more = step_start(s); break;
        case STREAM_SCAN: more = step_scan(s); break;
        case STREAM_SIP: more = step_sip(t, s, ends); break;
        case STREAM_OTHER: more = false; break;
        }
    }
    compact(s);
}

void stream_gap(struct trace *t, struct stream *s, const struct address_pair *ends)
{
    if (s->state == STREAM_OTHER)
        return;
    if (s->state == STREAM_SIP || s->state == STREAM_START)
        emit_damaged(t, bytes_slice(&s->buffer), ends, "octets of the connection are missing");
    s->state = STREAM_SCAN;
    s->mid_line = true;
    bytes_free(&s->buffer);
}

void stream_end(struct trace *t, struct stream *s, const struct address_pair *ends)
{
    if (s->state == STREAM_SIP || s->state == STREAM_START)
        emit_damaged(t, bytes_slice(&s->buffer), ends, "the connection ends within it");
    bytes_free(&s->buffer);
    s->state = STREAM_START;
    s->mid_line = false;
}
