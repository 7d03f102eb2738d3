/* Multipart bodies: RFC 2046 section 5.1.
 *
 * A delimiter is a whole line: CRLF (or the start of the body), "--", the boundary, for the last
 * one
 * "--" again, white space, line end.  The CRLF before it belongs to it and not to the part.  A line
 * that merely contains or begins with the boundary is text of the part.  Every byte is looked at
 * once, and at most 74 times more where a delimiter might begin. */
#include <string.h>

#include <sipvet/parser.h>

enum { BOUNDARY_MAX = 70 };

/* ---- The boundary --------------------------------------------------------------------------- */

/* bchars of RFC 2046 5.1.1. */
static bool is_bchar(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != 0 && strchr("'()+_,-./:=? ", c) != NULL);
}

/* The boundary stays as it was written between its quotes.  A backslash is no bchar, so each one in
 * it is the first half of a quoted-pair (RFC 3261 25.1). */
static bool boundary_allowed(sipv_slice boundary)
{
    size_t count = 0;
    unsigned char last = ' ';
    for (size_t i = 0; i < boundary.n; i++) {
        if (boundary.p[i] == '\\')
            i++;
        last = boundary.p[i];
        if (!is_bchar(last) || ++count > BOUNDARY_MAX)
            return false;
    }
    return last != ' ';
}

/* Octets that the boundary takes at the front of `text`, 0 if it is not there. */
static size_t match_boundary(sipv_slice boundary, sipv_slice text)
{
    size_t n = 0;
    for (size_t i = 0; i < boundary.n; i++, n++) {
        if (boundary.p[i] == '\\')
            i++;
        if (n == text.n || text.p[n] != boundary.p[i])
            return 0;
    }
    return n;
}

/* ---- Delimiters ----------------------------------------------------------------------------- */

static sipv_slice from_offset(sipv_slice s, size_t off)
{
    return sipv_slice_of(s.p + off, s.n - off);
}

static bool starts_with(sipv_slice s, const char *two)
{
    return s.n >= 2 && s.p[0] == (unsigned char)two[0] && s.p[1] == (unsigned char)two[1];
}

struct delimiter {
    size_t start; /* where the text before it ends */
    size_t end;   /* where the text behind it begins */
    bool close;
    bool cut; /* the body ends before its line does */
};

/* Is the line at offset `at` a delimiter?  Sets all but `start`. */
static bool read_delimiter(const sipv_multipart *it, size_t at, struct delimiter *out)
{
    const sipv_slice body = it->body;
    if (!starts_with(from_offset(body, at), "--"))
        return false;
    const size_t n = match_boundary(it->boundary, from_offset(body, at + 2));
    if (n == 0)
        return false;
    size_t end = at + 2 + n;
    out->close = starts_with(from_offset(body, end), "--");
    if (out->close)
        end += 2;
    while (end < body.n && (body.p[end] == ' ' || body.p[end] == '\t'))
        end++;
    out->cut = end == body.n;
    if (!out->cut && !starts_with(from_offset(body, end), "\r\n"))
        return false;
    out->end = out->cut ? end : end + 2;
    return true;
}

/* The first delimiter at or behind offset `at`, which is the start of a line. */
static bool find_delimiter(const sipv_multipart *it, size_t at, struct delimiter *out)
{
    const sipv_slice body = it->body;
    out->start = at;
    if (read_delimiter(it, at, out))
        return true;
    while (at < body.n) {
        const unsigned char *cr = memchr(body.p + at, '\r', body.n - at);
        if (!cr)
            return false;
        out->start = (size_t)(cr - body.p);
        at = out->start + 1;
        if (at < body.n && body.p[at] == '\n' && read_delimiter(it, ++at, out))
            return true;
    }
    return false;
}

/* ---- Header fields of a part ---------------------------------------------------------------- */

static bool is_space(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static sipv_slice trim(sipv_slice s)
{
    while (s.n > 0 && is_space(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

/* Takes one header field off the front, folds included, without its line end. */
static sipv_slice take_field(sipv_slice *head)
{
    const sipv_slice field = *head;
    for (size_t i = 0; i + 1 < field.n; i++) {
        if (!starts_with(from_offset(field, i), "\r\n"))
            continue;
        const bool fold = i + 2 < field.n && (field.p[i + 2] == ' ' || field.p[i + 2] == '\t');
        if (fold)
            continue;
        *head = from_offset(field, i + 2);
        return sipv_slice_of(field.p, i);
    }
    *head = from_offset(field, field.n);
    return field;
}

static void set_first(sipv_slice *field, sipv_slice value)
{
    if (!field->p)
        *field = value;
}

static void read_head(sipv_part *part)
{
    sipv_slice rest = part->head, transfer = {NULL, 0};
    while (rest.n > 0) {
        const sipv_slice field = take_field(&rest);
        const unsigned char *colon = field.n ? memchr(field.p, ':', field.n) : NULL;
        if (!colon)
            continue;
        const size_t n = (size_t)(colon - field.p);
        const sipv_slice name = trim(sipv_slice_of(field.p, n));
        const sipv_slice value = trim(from_offset(field, n + 1));
        if (sipv_slice_is(name, "Content-Type"))
            set_first(&part->content_type, value);
        else if (sipv_slice_is(name, "Content-ID"))
            set_first(&part->content_id, value);
        else if (sipv_slice_is(name, "Content-Disposition"))
            set_first(&part->content_disposition, value);
        else if (sipv_slice_is(name, "Content-Encoding"))
            set_first(&part->content_encoding, value);
        else if (sipv_slice_is(name, "Content-Transfer-Encoding"))
            set_first(&transfer, value);
    }
    /* SIP names the encoding of a body by the one, MIME that of a part by the other. */
    set_first(&part->content_encoding, transfer);
}

/* Divides the text between two delimiters at its first empty line.  Without one it is all head. */
static void read_part(sipv_slice text, sipv_part *part)
{
    size_t head = text.n, body = text.n;
    if (starts_with(text, "\r\n")) {
        head = 0;
        body = 2;
    }
    for (size_t i = 0; body == text.n && i + 4 <= text.n; i++) {
        if (memcmp(text.p + i, "\r\n\r\n", 4) == 0) {
            head = i + 2;
            body = i + 4;
            break;
        }
    }
    part->head = sipv_slice_of(text.p, head);
    part->body = from_offset(text, body);
    read_head(part);
}

/* ---- Iteration ------------------------------------------------------------------------------ */

/* Goes on behind a delimiter.  A body that is cut off in a delimiter's line has nothing behind it:
 * `at` is past the end, which is also the answer if there is no delimiter at all. */
static void step_over(sipv_multipart *it, const struct delimiter *d)
{
    it->closed = d->close;
    it->at = d->cut ? it->body.n + 1 : d->end;
    if (d->close && !d->cut)
        it->epilogue = from_offset(it->body, d->end);
}

int sipv_multipart_begin(sipv_multipart *it, sipv_slice content_type, sipv_slice body,
                         const sipv_limits *limits)
{
    /* Room for the parameters of the default limit. */
    sipv_event events[576];
    sipv_iter values;
    sipv_content_type type;
    sipv_param boundary;
    struct delimiter d;
    const sipv_limits use = limits ? *limits : sipv_limits_default();

    memset(it, 0, sizeof *it);
    if (!content_type.p)
        return SIPV_ABSENT;
    const int r = sipv_value_parse(SIPV_H_CONTENT_TYPE, content_type, events,
                                   sizeof events / sizeof events[0], &values, NULL);
    if (r != SIPV_OK)
        return r == SIPV_NO_SPACE ? SIPV_LIMIT : SIPV_REJECT;
    sipv_content_type_next(&values, &type); /* there is exactly one */
    if (!sipv_slice_is(type.type, "multipart"))
        return SIPV_ABSENT;
    if (sipv_param_find(&type.params, "boundary", &boundary) != SIPV_OK)
        return SIPV_REJECT;
    if (boundary.value.n >= 2 && boundary.value.p[0] == '"')
        boundary.value = sipv_slice_of(boundary.value.p + 1, boundary.value.n - 2);
    if (!boundary_allowed(boundary.value))
        return SIPV_REJECT;

    it->boundary = boundary.value;
    it->max_parts = use.multipart;
    it->body = body.p ? body : sipv_slice_text("");
    it->at = it->body.n + 1;
    if (!find_delimiter(it, 0, &d))
        return SIPV_OK;
    if (d.start > 0)
        it->preamble = sipv_slice_of(it->body.p, d.start);
    step_over(it, &d);
    return SIPV_OK;
}

int sipv_multipart_next(sipv_multipart *it, sipv_part *part)
{
    struct delimiter d;
    memset(part, 0, sizeof *part);
    if (it->closed)
        return it->parts > 0 ? SIPV_END : SIPV_REJECT;
    if (it->at > it->body.n)
        return SIPV_REJECT;
    if (it->parts >= it->max_parts)
        return SIPV_LIMIT;
    if (!find_delimiter(it, it->at, &d)) {
        it->at = it->body.n + 1;
        return SIPV_REJECT;
    }
    read_part(sipv_slice_of(it->body.p + it->at, d.start - it->at), part);
    it->parts++;
    step_over(it, &d);
    return SIPV_OK;
}
