/* example.c: the example of a diagnostic as a whole message or description.
 *
 * Fields of the example take the place of those of the same name in a message that is right
 * otherwise; a start line that of its start line.  What stands behind an empty line is the body. */
#include "example.h"

#include <sipvet/parser.h>

#include <stdio.h>
#include <string.h>

static const struct {
    unsigned id;
    const char *line;
} usual[] = {
    {SIPV_H_VIA, "Via: SIP/2.0/UDP pc33.example.com;branch=z9hG4bK776asdhds\r\n"},
    {SIPV_H_FROM, "From: Alice <sip:alice@example.com>;tag=1928301774\r\n"},
    {SIPV_H_TO, "To: Bob <sip:bob@example.com>;tag=314159\r\n"},
    {SIPV_H_CALL_ID, "Call-ID: a84b4c76e66710@pc33.example.com\r\n"},
    {SIPV_H_CSEQ, NULL}, /* its method is that of the start line */
    {SIPV_H_MAX_FORWARDS, "Max-Forwards: 70\r\n"},
    {SIPV_H_CONTACT, "Contact: <sip:alice@pc33.example.com>\r\n"},
};

/* "{nul}" at `open`? */
static bool is_nul(const char *open)
{
    return strncmp(open, "{nul}", 5) == 0;
}

/* "{text * 9}" is that text nine times, "{nul}" a NUL. */
static void expand(const char *text, struct bytes *out)
{
    while (*text) {
        const char *open = strchr(text, '{');
        const char *close = open ? strchr(open, '}') : NULL, *star = close;
        uint64_t times = 1;

        while (star > open && *star != '*')
            star--;
        if (!open ||
            (!is_nul(open) &&
             (star == open || sipv_number(sipv_slice_of(star + 2, (size_t)(close - star) - 2),
                                          1u << 24, &times) != SIPV_OK))) {
            bytes_text(out, text);
            return;
        }
        bytes_add(out, text, (size_t)(open - text));
        for (uint64_t i = 0; i < times; i++)
            bytes_add(out, is_nul(open) ? "" : open + 1,
                      is_nul(open) ? 1 : (size_t)(star - open) - 2);
        text = close + 1;
    }
}

/* The id of the field that begins at `p`. */
static unsigned field_id(sipv_slice text)
{
    size_t n = 0;

    while (n < text.n && text.p[n] != ':' && text.p[n] != '\r')
        n++;
    return sipv_header_find(sipv_slice_of(text.p, n));
}

/* Octets of the line at the front, with its line end. */
static size_t line_length(sipv_slice text)
{
    const unsigned char *lf = text.n > 0 ? memchr(text.p, '\n', text.n) : NULL;

    return lf ? (size_t)(lf - text.p) + 1 : text.n;
}

static sipv_slice behind(sipv_slice text, size_t n)
{
    return sipv_slice_of(text.p + n, text.n - n);
}

/* Divides at the first empty line; `body` is absent without one. */
static sipv_slice fields_of(sipv_slice text, sipv_slice *body)
{
    for (size_t i = 0; i + 4 <= text.n; i++)
        if (memcmp(text.p + i, "\r\n\r\n", 4) == 0) {
            *body = behind(text, i + 4);
            return sipv_slice_of(text.p, i + 2);
        }
    *body = sipv_slice_of(NULL, 0);
    return text;
}

static bool has_field(sipv_slice fields, unsigned id)
{
    for (size_t n; fields.n > 0; fields = behind(fields, n)) {
        n = line_length(fields);
        if (field_id(fields) == id)
            return true;
    }
    return false;
}

static void add_method(sipv_slice start, struct bytes *out)
{
    size_t n = 0;
    bool response = start.n > 4 && memcmp(start.p, "SIP/", 4) == 0;

    while (n < start.n && start.p[n] != ' ')
        n++;
    if (response)
        bytes_text(out, "OPTIONS");
    else
        bytes_add(out, start.p, n);
}

void example_message(const sipv_diag_info *info, struct bytes *out)
{
    static const char head[] = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"
                               "c=IN IP4 192.0.2.1\r\nt=0 0\r\n";
    struct bytes example = {0};
    sipv_slice fields, body, start = sipv_slice_text("OPTIONS sip:bob@example.com SIP/2.0\r\n");
    char length[48];

    out->n = 0;
    expand(info->example, &example);
    fields = bytes_slice(&example);
    if (info->place == SIPV_EXAMPLE_LINES && fields.n > 0)
        bytes_text(out, head);
    if (info->place == SIPV_EXAMPLE_MESSAGE || info->place >= SIPV_EXAMPLE_LINES || fields.n == 0) {
        bytes_add(out, fields.p, fields.n);
        bytes_free(&example);
        return;
    }
    if (info->place == SIPV_EXAMPLE_START) {
        start = sipv_slice_of(fields.p, line_length(fields));
        fields = behind(fields, start.n);
    }
    fields = fields_of(fields, &body);
    bytes_add(out, start.p, start.n);
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        if (has_field(fields, usual[i].id))
            continue;
        if (usual[i].id != SIPV_H_CSEQ) {
            bytes_text(out, usual[i].line);
            continue;
        }
        bytes_text(out, "CSeq: 1 ");
        add_method(start, out);
        bytes_text(out, "\r\n");
    }
    bytes_add(out, fields.p, fields.n);
    if (!has_field(fields, SIPV_H_CONTENT_LENGTH)) {
        snprintf(length, sizeof length, "Content-Length: %zu\r\n", body.n);
        bytes_text(out, length);
    }
    bytes_text(out, "\r\n");
    bytes_add(out, body.p, body.n);
    bytes_free(&example);
}
