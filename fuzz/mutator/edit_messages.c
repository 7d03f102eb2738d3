/* edit_messages.c: what happens in a stream of messages: one is missing, comes twice, too early, is
 * another one, is answered.  Inputs of stateful targets are such streams. */
#include "edit.h"

#include <string.h>

/* "SIP/2.0 ..." or "... SIP/2.0", without its line end. */
static bool is_start_line(const unsigned char *p, size_t n)
{
    while (n > 0 && is_of(p[n - 1], "\r\n"))
        n--;
    return (n >= 8 && memcmp(p, "SIP/2.0 ", 8) == 0) ||
           (n > 8 && memcmp(p + n - 8, " SIP/2.0", 8) == 0);
}

/* The number of a Content-Length line; 0 for any other line, and where there is none. */
static size_t length_of(const unsigned char *p, struct span line)
{
    struct span name, value;
    const char *known;
    size_t length = 0;

    if (!line_parts(p, line, &name, &value))
        return 0;
    known = name_long(p, name);
    if (!known || strcmp(known, "Content-Length") != 0)
        return 0;
    for (size_t i = value.off; i < value.off + value.n && is_digit(p[i]) && length < 1u << 24; i++)
        length = length * 10 + (size_t)(p[i] - '0');
    return length;
}

size_t messages_of(const unsigned char *p, size_t n, struct span *out)
{
    size_t count = 0, at = 0, length = 0;
    bool in_body = true; /* has the empty line been seen? */

    while (at < n && count < MESSAGES_MAX) {
        const unsigned char *lf = memchr(p + at, '\n', n - at);
        size_t end = lf ? (size_t)(lf - p) + 1 : n;

        if (in_body && is_start_line(p + at, end - at)) {
            out[count++] = (struct span){at, 0};
            in_body = false;
            length = 0;
        } else if (!in_body && end - at <= 2 && is_of(p[at], "\r\n")) {
            in_body = true; /* what Content-Length says, as far as it can be right */
            end += length < n - end ? length : 0;
        } else if (!in_body) {
            length += length_of(p, (struct span){at, end - at});
        }
        if (count > 0)
            out[count - 1].n = end - out[count - 1].off;
        at = end;
    }
    return count;
}

/* One of the messages; false if there are not two of them. */
static bool pick(struct text *t, struct span *message)
{
    struct span all[MESSAGES_MAX];
    size_t n = messages_of(t->p, t->n, all);

    if (n < 2)
        return false;
    *message = all[draw_below(&t->random, n)];
    return true;
}

bool message_delete(struct text *t)
{
    struct span message;

    return pick(t, &message) && text_remove(t, message);
}

/* Again, somewhere: a retransmission, early or late. */
bool message_duplicate(struct text *t)
{
    struct span all[MESSAGES_MAX], place;
    size_t n = messages_of(t->p, t->n, all);

    if (n == 0)
        return false;
    place = all[draw_below(&t->random, n)];
    return text_copy(t, all[draw_below(&t->random, n)], place.off + place.n);
}

bool message_swap(struct text *t)
{
    struct span a, b;

    if (!pick(t, &a) || !pick(t, &b) || a.off == b.off)
        return false;
    return a.off < b.off ? text_swap(t, a, b) : text_swap(t, b, a);
}

bool message_borrow(struct text *t)
{
    struct span all[MESSAGES_MAX], own[MESSAGES_MAX], from;
    size_t n = messages_of(t->other, t->n_other, all), n_own = messages_of(t->p, t->n, own);
    size_t off;

    if (n == 0)
        return false;
    from = all[draw_below(&t->random, n)];
    off = n_own > 0 ? own[draw_below(&t->random, n_own)].off : t->n;
    return text_insert(t, off, t->other + from.off, from.n);
}

/* A request comes once more as a response to itself: the same Via, From, To, Call-ID and CSeq,
 * which is what matching looks at. */
bool message_answer(struct text *t)
{
    static const char *const lines[] = {
        "SIP/2.0 100 Trying",    "SIP/2.0 180 Ringing",    "SIP/2.0 200 OK",
        "SIP/2.0 202 Accepted",  "SIP/2.0 302 Moved",      "SIP/2.0 401 Unauthorized",
        "SIP/2.0 407 Proxy",     "SIP/2.0 408 Timeout",    "SIP/2.0 481 No Transaction",
        "SIP/2.0 486 Busy Here", "SIP/2.0 487 Terminated", "SIP/2.0 503 Unavailable",
        "SIP/2.0 603 Decline",
    };
    const char *line = lines[draw_below(&t->random, sizeof lines / sizeof *lines)];
    struct span all[MESSAGES_MAX], from, start;
    size_t n = messages_of(t->p, t->n, all), off;

    if (n == 0)
        return false;
    from = all[draw_below(&t->random, n)];
    off = from.off + from.n;
    if (memcmp(t->p + from.off, "SIP/", 4) == 0 || from.n > COPY_MAX ||
        t->max - t->n < from.n + strlen(line) || !text_copy(t, from, off))
        return false;
    start = (struct span){off, 0};
    while (start.n < from.n && !is_of(t->p[off + start.n], "\r\n"))
        start.n++;
    return text_replace_string(t, start, line);
}
