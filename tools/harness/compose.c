#include "compose.h"

#include <string.h>

static void put(struct compose *c, const void *p, size_t n)
{
    if (n > 0 && c->n < c->cap)
        memcpy(c->out + c->n, p, n < c->cap - c->n ? n : c->cap - c->n);
    c->n += n;
}

void compose_text(struct compose *c, const char *text)
{
    put(c, text, strlen(text));
}

void compose_slice(struct compose *c, sipv_slice s)
{
    size_t i = 0;
    while (i < s.n) {
        size_t run = i;
        while (run < s.n && s.p[run] != '\r' && s.p[run] != '\n')
            run++;
        put(c, s.p + i, run - i);
        i = run;
        if (i < s.n)
            put(c, " ", 1);
        while (i < s.n && (s.p[i] == '\r' || s.p[i] == '\n'))
            i++;
    }
}

void compose_octets(struct compose *c, sipv_slice s)
{
    put(c, s.p, s.n);
}

void compose_number(struct compose *c, uint64_t value)
{
    char digits[20]; /* of 2**64 - 1 */
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    put(c, digits + at, sizeof digits - at);
}

void compose_header(struct compose *c, const char *name, sipv_slice value)
{
    compose_text(c, name);
    compose_text(c, ": ");
    compose_slice(c, value);
    compose_text(c, "\r\n");
}

void compose_copied(struct compose *c, const sipv_message *m, unsigned id, const char *name)
{
    for (uint16_t i = m->first[id]; i != SIPV_NO_HEADER; i = m->headers[i].next)
        compose_header(c, name, m->headers[i].value);
}

void compose_end(struct compose *c)
{
    compose_text(c, "Content-Length: 0\r\n\r\n");
}

void compose_body(struct compose *c, sipv_slice body)
{
    compose_text(c, "Content-Length: ");
    compose_number(c, body.n);
    compose_text(c, "\r\n\r\n");
    put(c, body.p, body.n);
}

/* The value of the first header of a kind; empty if there is none. */
static sipv_slice first_value(const sipv_message *m, unsigned id)
{
    return m->first[id] == SIPV_NO_HEADER ? sipv_slice_of("", 0) : m->headers[m->first[id]].value;
}

static bool has_tag(sipv_message *m)
{
    sipv_address to;
    sipv_iter it = sipv_each(m, SIPV_H_TO);
    return sipv_address_next(&it, &to) == SIPV_OK &&
           sipv_param_find(&to.params, "tag", NULL) == SIPV_OK;
}

void compose_response_head(struct compose *c, sipv_message *request, int status, const char *reason,
                           sipv_slice to_tag)
{
    compose_text(c, "SIP/2.0 ");
    compose_number(c, (uint64_t)status);
    compose_text(c, " ");
    compose_text(c, reason);
    compose_text(c, "\r\n");
    compose_copied(c, request, SIPV_H_VIA, "Via");
    compose_copied(c, request, SIPV_H_FROM, "From");
    compose_text(c, "To: ");
    compose_slice(c, first_value(request, SIPV_H_TO));
    if (to_tag.p && !has_tag(request)) {
        compose_text(c, ";tag=");
        compose_slice(c, to_tag);
    }
    compose_text(c, "\r\n");
    compose_copied(c, request, SIPV_H_CALL_ID, "Call-ID");
    compose_copied(c, request, SIPV_H_CSEQ, "CSeq");
    if (status == 100)
        compose_copied(c, request, SIPV_H_TIMESTAMP, "Timestamp");
}

void compose_response(struct compose *c, sipv_message *request, int status, const char *reason,
                      sipv_slice to_tag)
{
    compose_response_head(c, request, status, reason, to_tag);
    compose_end(c);
}

void compose_stem(struct compose *c, const sipv_message *request, sipv_slice via)
{
    compose_header(c, "Via", via);
    compose_text(c, "Max-Forwards: 70\r\n");
    compose_copied(c, request, SIPV_H_ROUTE, "Route");
    compose_copied(c, request, SIPV_H_FROM, "From");
    compose_copied(c, request, SIPV_H_CALL_ID, "Call-ID");
    compose_copied(c, request, SIPV_H_AUTHORIZATION, "Authorization");
    compose_copied(c, request, SIPV_H_PROXY_AUTHORIZATION, "Proxy-Authorization");
}

void compose_stemmed(struct compose *c, const char *method, sipv_slice uri, sipv_slice stem,
                     sipv_slice to, int64_t cseq)
{
    compose_text(c, method);
    compose_text(c, " ");
    compose_slice(c, uri);
    compose_text(c, " SIP/2.0\r\n");
    put(c, stem.p, stem.n);
    compose_header(c, "To", to);
    compose_text(c, "CSeq: ");
    compose_number(c, (uint64_t)cseq);
    compose_text(c, " ");
    compose_text(c, method);
    compose_text(c, "\r\n");
    compose_end(c);
}
