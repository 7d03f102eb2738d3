/* Streams into messages.  The lines are read by line.h and the length is decided by
 * sipv_length_see(), as in the message parser. */
#include <string.h>

#include "internal.h"

void sipv_framer_init(sipv_framer *f, sipv_profile profile, const sipv_limits *limits)
{
    memset(f, 0, sizeof *f);
    f->limits = limits ? *limits : sipv_limits_default();
    f->profile = profile;
    f->length = -1;
}

static void next_message(sipv_framer *f)
{
    f->head_end = f->line_start = f->scanned = 0;
    f->lines = 0;
    f->headers = f->skipped = 0;
    f->length = -1;
    f->bad_line_end = false;
}

void sipv_framer_skip(sipv_framer *f, size_t n)
{
    f->skipped = n < f->skipped ? f->skipped - n : 0;
}

static int refuse(sipv_frame *frame, unsigned code, size_t off, size_t len)
{
    const sipv_diag_info *info = sipv_diag_find(code);
    memset(&frame->diag, 0, sizeof frame->diag);
    frame->diag.code = (uint16_t)code;
    frame->diag.severity = SIPV_ERROR;
    frame->diag.status = info->status;
    frame->diag.header = SIPV_NO_HEADER;
    frame->diag.rule = frame->diag.relaxation = -1;
    frame->diag.off = off;
    frame->diag.len = len;
    return SIPV_REJECT;
}

/* CRLF keep-alives (RFC 5626 4.4.1); RFC 3261 7.5 lets any CRLF stand before a message.  Those that
 * the caller did not take away are remembered. */
static void skip_keep_alives(sipv_framer *f, const unsigned char *d, size_t n)
{
    if (f->scanned > 0) /* the message has begun */
        return;
    for (;;) {
        const size_t at = f->skipped;
        if (n - at >= 2 && d[at] == '\r' && d[at + 1] == '\n')
            f->skipped += 2;
        else if (f->profile == SIPV_INTEROP && at < n && d[at] == '\n')
            f->skipped++;
        else
            return;
    }
}

static int see_header(sipv_framer *f, const unsigned char *d, const unsigned char *p,
                      const struct sipv_line *line, sipv_frame *frame)
{
    sipv_header h;
    struct sipv_length length = {f->length, SIPV_D_NONE, 0, 0};
    if (!sipv_split_field(p, line, &h))
        return SIPV_OK;
    if (++f->headers > f->limits.headers)
        return refuse(frame, SIPV_D_LIMIT_HEADERS, (size_t)(p - d), 0);
    if (h.id != SIPV_H_CONTENT_LENGTH)
        return SIPV_OK;
    sipv_length_see(&length, &h, (size_t)(h.value.p - d), f->bad_line_end);
    if (length.code != SIPV_D_NONE)
        return refuse(frame, length.code, length.off, length.len);
    f->length = length.value;
    return SIPV_OK;
}

/* One whole line has been read: the start line, or a header field with its folds. */
static int take_line(sipv_framer *f, const unsigned char *d, const unsigned char *p,
                     const struct sipv_line *line, sipv_frame *frame)
{
    const sipv_slice text = sipv_slice_of(p, (size_t)(line->end - p));
    if (f->lines == 0 && sipv_start_kind(text) == SIPV_START_IMPOSSIBLE)
        return refuse(frame, SIPV_D_NOT_SIP, (size_t)(p - d), text.n);
    if (f->lines > 0) {
        const int result = see_header(f, d, p, line, frame);
        if (result != SIPV_OK)
            return result;
    }
    f->lines = 1;
    return SIPV_OK;
}

/* Reads the lines that are complete.  f->line_start is where the first that is not begins, and up
 * to f->scanned it has no line end: no octet is searched twice.  What lies behind the limit is not
 * looked at, so that the same is refused whether or not it has come yet. */
static int read_head(sipv_framer *f, const unsigned char *d, size_t skip, size_t n,
                     sipv_frame *frame)
{
    const unsigned char *const message = d + skip;
    const bool too_long = n - skip > f->limits.header_section;
    const unsigned char *const end = too_long ? message + f->limits.header_section : d + n;
    while (!f->head_end) {
        const unsigned char *p = message + f->line_start;
        struct sipv_line line;
        sipv_read_line(message + f->scanned, end, &line);
        const unsigned char *const clean = line.bare_cr ? line.bare_cr : line.end;
        if (f->lines == 0 && sipv_cannot_begin(message, f->scanned, (size_t)(clean - message)))
            return refuse(frame, SIPV_D_NOT_SIP, skip, (size_t)(clean - message));
        if (line.bare_cr)
            return refuse(frame, SIPV_D_BARE_CR, (size_t)(line.bare_cr - d), 1);
        const size_t next = (size_t)(line.next - message);
        if (f->lines > 0 && line.end == p && line.how != SIPV_LINE_OPEN) { /* the empty line */
            f->head_end = next;
            break;
        }
        /* The line is not complete, or perhaps a fold follows. */
        if (line.how == SIPV_LINE_OPEN || (f->lines > 0 && line.next == end)) {
            if (too_long)
                return refuse(frame, SIPV_D_LIMIT_HEADER_SECTION, skip + f->limits.header_section,
                              0);
            f->scanned = (size_t)(line.end - message);
            return SIPV_MORE;
        }
        if (line.bare_lf && f->profile == SIPV_STRICT)
            f->bad_line_end = true;
        f->scanned = next;
        if (f->lines > 0 && sipv_is_space(*line.next))
            continue;
        const int result = take_line(f, d, p, &line, frame);
        if (result != SIPV_OK)
            return result;
        f->line_start = next;
    }
    return SIPV_OK;
}

int sipv_framer_feed(sipv_framer *f, const void *data, size_t n, sipv_frame *frame)
{
    const unsigned char *d = (const unsigned char *)data;
    if (!f || !frame || (!data && n))
        return SIPV_BAD_ARGUMENT;
    memset(frame, 0, sizeof *frame);
    if (n < f->skipped)
        return SIPV_BAD_ARGUMENT;
    if (n)
        skip_keep_alives(f, d, n);
    frame->skip = f->skipped;
    frame->pings = (unsigned)(f->skipped / 4);
    if (frame->skip == n || (n - frame->skip == 1 && d[frame->skip] == '\r'))
        return SIPV_MORE;
    const int result = read_head(f, d, frame->skip, n, frame);
    if (result != SIPV_OK)
        return result;
    if (f->length < 0)
        return refuse(frame, SIPV_D_LENGTH_MISSING, frame->skip + f->head_end, 0);
    if ((uint64_t)f->length > f->limits.message || f->head_end > f->limits.message ||
        (size_t)f->length > f->limits.message - f->head_end)
        return refuse(frame, SIPV_D_LIMIT_MESSAGE, frame->skip + f->head_end, 0);
    frame->n = f->head_end + (size_t)f->length;
    if (n - frame->skip < frame->n)
        return SIPV_MORE;
    next_message(f);
    return SIPV_OK;
}
