/* Building messages: RFC 3261 sections 7 and 25.1.
 *
 * Each line is checked before its first octet is written, so a refused call leaves nothing behind.
 * No argument can bring in a line end: CR, LF and NUL are in none of the classes below, and header
 * values are checked for them before anything else. */
#include <string.h>

#include <sipvet/parser.h>

enum { NO_START_LINE, IN_HEADERS, ENDED };

/* Parts that a header value or a URI may have to be checked.  A written header of more elements
 * than this has room for is refused with SIPV_LIMIT. */
enum { VALUE_EVENTS = 2048, URI_EVENTS = 576 };

/* ---- Output --------------------------------------------------------------------------------- */

/* Appends; counts what does not fit.  The count never wraps. */
static void put(sipv_writer *w, const void *p, size_t n)
{
    if (n > SIZE_MAX - w->n) {
        w->result = SIPV_LIMIT;
        return;
    }
    if (n > 0 && w->n < w->cap) {
        const size_t room = w->cap - w->n;
        memcpy(w->out + w->n, p, n < room ? n : room);
    }
    w->n += n;
}

static void put_slice(sipv_writer *w, sipv_slice s)
{
    put(w, s.p, s.n);
}

static void put_text(sipv_writer *w, const char *text)
{
    put_slice(w, sipv_slice_text(text));
}

enum { DIGITS = 20 }; /* of 2**64 - 1 */

/* The decimal digits of `value`, in `digits`. */
static sipv_slice decimal(uint64_t value, unsigned char digits[DIGITS])
{
    size_t at = DIGITS;
    do {
        digits[--at] = (unsigned char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return sipv_slice_of(digits + at, DIGITS - at);
}

static void put_line(sipv_writer *w, sipv_slice name, sipv_slice value)
{
    put_slice(w, name);
    put_text(w, ": ");
    put_slice(w, value);
    put_text(w, "\r\n");
}

static void put_body(sipv_writer *w, sipv_slice body)
{
    put_text(w, "\r\n");
    put_slice(w, body);
    w->stage = ENDED;
}

static void put_length(sipv_writer *w, size_t n)
{
    unsigned char digits[DIGITS];
    put_line(w, sipv_slice_text("Content-Length"), decimal(n, digits));
}

/* ---- What may be written -------------------------------------------------------------------- */

static bool is_alphanum(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_one_of(unsigned char c, const char *set)
{
    return c != 0 && strchr(set, c) != NULL;
}

static bool is_token(sipv_slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_alphanum(s.p[i]) && !is_one_of(s.p[i], "-.!%*_+`'~"))
            return false;
    return s.n > 0;
}

/* How many continuation octets follow (UTF8-NONASCII); a stray one is allowed wherever others are.
 */
static size_t utf8_tail(unsigned char c)
{
    static const unsigned char first[] = {0xc0, 0xe0, 0xf0, 0xf8, 0xfc, 0xfe};
    size_t n = 0;
    while (n < sizeof first && c >= first[n])
        n++;
    return n;
}

/* Octets of the character at the front of `s` if it is white space or UTF-8 text, else 0. */
static size_t text_char(sipv_slice s)
{
    const unsigned char c = s.p[0];
    if (c < 0x80)
        return c == '\t' || (c >= ' ' && c != 0x7f);
    const size_t n = utf8_tail(c);
    if (n > 5 || n >= s.n)
        return 0;
    for (size_t i = 1; i <= n; i++)
        if ((s.p[i] & 0xc0) != 0x80)
            return 0;
    return n + 1;
}

/* header-value without folds. */
static bool is_header_text(sipv_slice s)
{
    while (s.n > 0) {
        const size_t n = text_char(s);
        if (n == 0)
            return false;
        s = sipv_slice_of(s.p + n, s.n - n);
    }
    return true;
}

/* Reason-Phrase: text of a URI's characters and of all others beyond ASCII. */
static bool is_reason(sipv_slice s)
{
    unsigned char octet;
    while (s.n > 0) {
        size_t n = text_char(s);
        if (s.p[0] == '%')
            n = s.n >= 3 && sipv_unescape(sipv_slice_of(s.p, 3), &octet, 1) == 1 ? 3 : 0;
        else if (s.p[0] < 0x80 && !is_alphanum(s.p[0]) &&
                 !is_one_of(s.p[0], ";/?:@&=+$,-_.!~*'() \t"))
            n = 0;
        if (n == 0)
            return false;
        s = sipv_slice_of(s.p + n, s.n - n);
    }
    return true;
}

/* A Request-URI, which has no headers (RFC 3261 19.1.1). */
static bool is_request_uri(sipv_slice s)
{
    sipv_event events[URI_EVENTS];
    sipv_uri uri;
    return s.p && sipv_uri_parse(s, false, events, URI_EVENTS, &uri, NULL) == SIPV_OK &&
           uri.headers.n == 0;
}

/* Ranges are no matter of grammar: numbers that the strict profile refuses are not written. */
static bool number_in_range(sipv_iter *it, int view)
{
    sipv_max_forwards hops;
    sipv_expires expires;
    sipv_cseq cseq;
    switch (view) {
    case SIPV_VIEW_MAX_FORWARDS:
        return sipv_max_forwards_next(it, &hops) == SIPV_OK && hops.hops >= 0;
    case SIPV_VIEW_EXPIRES:
        return sipv_expires_next(it, &expires) == SIPV_OK && expires.seconds >= 0;
    case SIPV_VIEW_CSEQ: return sipv_cseq_next(it, &cseq) == SIPV_OK && cseq.number >= 0;
    default: return true;
    }
}

static bool has_line_end_or_nul(sipv_slice s)
{
    return s.n > 0 && (memchr(s.p, '\r', s.n) || memchr(s.p, '\n', s.n) || memchr(s.p, '\0', s.n));
}

static int check_value(unsigned id, sipv_slice value)
{
    sipv_event events[VALUE_EVENTS];
    sipv_iter it;
    const sipv_header_info *info = sipv_header_info_of(id);
    if (has_line_end_or_nul(value))
        return SIPV_BAD_ARGUMENT;
    if (!info || info->view < 0)
        return is_header_text(value) ? SIPV_OK : SIPV_BAD_ARGUMENT;
    if (!value.p)
        value = sipv_slice_text("");
    const int r = sipv_value_parse(id, value, events, VALUE_EVENTS, &it, NULL);
    if (r == SIPV_NO_SPACE)
        return SIPV_LIMIT;
    return r == SIPV_OK && number_in_range(&it, info->view) ? SIPV_OK : SIPV_BAD_ARGUMENT;
}

/* ---- Calls ---------------------------------------------------------------------------------- */

static int refuse(sipv_writer *w, int why)
{
    if (w->result == SIPV_OK)
        w->result = why;
    return w->result;
}

void sipv_writer_init(sipv_writer *w, void *out, size_t cap)
{
    memset(w, 0, sizeof *w);
    w->out = out;
    w->cap = out ? cap : 0;
}

int sipv_write_request(sipv_writer *w, sipv_slice method, sipv_slice uri)
{
    if (w->result != SIPV_OK || w->stage != NO_START_LINE || !is_token(method) ||
        !is_request_uri(uri))
        return refuse(w, SIPV_BAD_ARGUMENT);
    put_slice(w, method);
    put_text(w, " ");
    put_slice(w, uri);
    put_text(w, " SIP/2.0\r\n");
    w->stage = IN_HEADERS;
    return w->result;
}

static void put_status_line(sipv_writer *w, unsigned status, sipv_slice reason)
{
    unsigned char digits[DIGITS];
    put_text(w, "SIP/2.0 ");
    put_slice(w, decimal(status, digits));
    put_text(w, " ");
    put_slice(w, reason);
    put_text(w, "\r\n");
    w->stage = IN_HEADERS;
}

int sipv_write_status(sipv_writer *w, int status, sipv_slice reason)
{
    if (w->result != SIPV_OK || w->stage != NO_START_LINE || status < 100 || status > 699 ||
        !is_reason(reason))
        return refuse(w, SIPV_BAD_ARGUMENT);
    put_status_line(w, (unsigned)status, reason);
    return w->result;
}

int sipv_write_header(sipv_writer *w, sipv_slice name, sipv_slice value)
{
    if (w->result != SIPV_OK || w->stage != IN_HEADERS || !is_token(name))
        return refuse(w, SIPV_BAD_ARGUMENT);
    /* The length is that of the body, said once and by sipv_write_body. */
    const unsigned id = sipv_header_find(name);
    if (id == SIPV_H_CONTENT_LENGTH)
        return refuse(w, SIPV_BAD_ARGUMENT);
    const int r = check_value(id, value);
    if (r != SIPV_OK)
        return refuse(w, r);
    put_line(w, name, value);
    return w->result;
}

int sipv_write_number(sipv_writer *w, sipv_slice name, uint64_t value)
{
    unsigned char digits[DIGITS];
    return sipv_write_header(w, name, decimal(value, digits));
}

int sipv_write_body(sipv_writer *w, sipv_slice body)
{
    if (w->result != SIPV_OK || w->stage != IN_HEADERS)
        return refuse(w, SIPV_BAD_ARGUMENT);
    put_length(w, body.n);
    put_body(w, body);
    return w->result;
}

int sipv_writer_finish(sipv_writer *w, size_t *n)
{
    *n = w->n;
    if (w->stage != ENDED)
        return refuse(w, SIPV_BAD_ARGUMENT);
    if (w->result != SIPV_OK)
        return w->result;
    return w->n > w->cap ? SIPV_NO_SPACE : SIPV_OK;
}

/* ---- A parsed message ----------------------------------------------------------------------- */

/* A value as it was written; the folds of the interop profile may lack the CR. */
static void put_value(sipv_writer *w, sipv_slice value)
{
    size_t from = 0;
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] != '\n' || (i > 0 && value.p[i - 1] == '\r'))
            continue;
        put(w, value.p + from, i - from);
        put_text(w, "\r");
        from = i;
    }
    if (from < value.n)
        put(w, value.p + from, value.n - from);
}

static void put_header(sipv_writer *w, const sipv_header *h)
{
    const sipv_header_info *info = sipv_header_info_of(h->id);
    if (info)
        put_text(w, info->name);
    else
        put_slice(w, h->name);
    put_text(w, ": ");
    put_value(w, h->value);
    put_text(w, "\r\n");
}

int sipv_message_write(const sipv_message *m, void *out, size_t cap, size_t *n)
{
    sipv_writer w;
    bool length_written = false;
    sipv_writer_init(&w, out, cap);
    *n = 0;
    if (!m->accepted || m->kind == SIPV_NO_MESSAGE)
        return SIPV_BAD_ARGUMENT;
    if (m->kind == SIPV_REQUEST) {
        put_slice(&w, m->method);
        put_text(&w, " ");
        put_slice(&w, m->request_uri);
        put_text(&w, " SIP/2.0\r\n");
    } else {
        put_status_line(&w, (unsigned)m->status, m->reason);
    }
    for (size_t i = 0; i < m->n_headers; i++) {
        const sipv_header *h = &m->headers[i];
        if (h->id != SIPV_H_CONTENT_LENGTH)
            put_header(&w, h);
        else if (!length_written)
            put_length(&w, m->body.n);
        length_written |= h->id == SIPV_H_CONTENT_LENGTH;
    }
    if (!length_written)
        put_length(&w, m->body.n);
    put_body(&w, m->body);
    return sipv_writer_finish(&w, n);
}
