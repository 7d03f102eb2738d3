/* message_text.c: a message as a tree for people, and as byte spans. */
#include "vet.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_COLUMN = 22 };

/* What stands on top of every message. */
static void heading(const struct vet *v, const char *source, int64_t stream_offset,
                    struct palette palette)
{
    const sipv_message *m = &v->m;

    out_color(palette, COLOR_BOLD);
    out_visible(sipv_slice_of(source, strlen(source)));
    out_color(palette, COLOR_NONE);
    if (stream_offset >= 0)
        out_format(" at %lld", (long long)stream_offset);
    out_format(": %s, %zu octets, %s: ",
               m->kind == SIPV_REQUEST    ? "request"
               : m->kind == SIPV_RESPONSE ? "response"
                                          : "no SIP message",
               vet_octets(v), profile_name(m->options.profile));
    out_color(palette, m->accepted ? COLOR_GREEN : COLOR_RED);
    out_text(verdict_name(m->accepted));
    out_color(palette, COLOR_NONE);
    out_char('\n');
}

static void line(unsigned level, const char *name, sipv_slice value)
{
    size_t used = (size_t)level * 2 + strlen(name);

    if (!value.p)
        return;
    out_repeat(' ', (size_t)level * 2);
    out_text(name);
    out_repeat(' ', used < NAME_COLUMN ? NAME_COLUMN - used : 1);
    out_visible(value);
    out_char('\n');
}

static void header_tree(const struct vet *v, const sipv_header *h, struct capture *captures)
{
    const sipv_grammar *g = sipv_sip_grammar();
    const sipv_header_info *info = sipv_header_info_of(h->id);
    size_t n = captures_join(g, v->m.events + h->first_event, h->n_events, captures);

    out_text("  ");
    out_visible(info ? sipv_slice_text(info->name) : h->name);
    out_text(": ");
    out_visible(h->value);
    if (h->state == SIPV_MALFORMED)
        out_text("   (malformed)");
    out_char('\n');
    for (size_t i = 0; i < n; i++)
        line(2, sipv_kind_name(g, captures[i].kind),
             sipv_slice_of(v->m.data.p + captures[i].off, captures[i].len));
}

void vet_tree(struct vet *v, const char *source, int64_t stream_offset, struct palette palette)
{
    const sipv_message *m = &v->m;
    struct capture *captures = need(m->n_events, sizeof *captures);

    heading(v, source, stream_offset, palette);
    line(1, "method", m->method);
    line(1, "request_uri", m->request_uri);
    line(1, "version", m->version);
    line(1, "status", m->status_text);
    line(1, "reason", m->reason);
    for (size_t i = 0; i < m->n_headers; i++)
        if (m->headers[i].name.n > 0)
            header_tree(v, &m->headers[i], captures);
    if (m->body.n > 0)
        out_format("  body                %zu octets at byte %zu\n", m->body.n,
                   sipv_offset(m, m->body));
    if (m->trailing > 0)
        out_format("  behind the body     %zu octets\n", m->trailing);
    for (size_t i = 0; i < v->all_count; i++) {
        struct finding f;

        finding_of(v, &v->lines, v->all[i], &f);
        out_text("  ");
        finding_headline(&f, source, palette);
    }
    free(captures);
}

static void span(size_t off, size_t n, const char *header, const char *name, sipv_slice text)
{
    out_format("%zu\t%zu\t%s%s%s\t", off, n, header, *header && *name ? "." : "", name);
    out_escaped(text);
    out_char('\n');
}

static void span_of(const sipv_message *m, const char *name, sipv_slice text)
{
    if (text.p)
        span(sipv_offset(m, text), text.n, "", name, text);
}

static void header_spans(const struct vet *v, const sipv_header *h, struct capture *captures)
{
    const sipv_grammar *g = sipv_sip_grammar();
    const sipv_header_info *info = sipv_header_info_of(h->id);
    const char *name = info ? info->name : "header";
    size_t n = captures_join(g, v->m.events + h->first_event, h->n_events, captures);

    span(h->off, h->name.n, name, "", h->name);
    if (h->value.p)
        span(sipv_offset(&v->m, h->value), h->value.n, name, "value", h->value);
    for (size_t i = 0; i < n; i++)
        span(captures[i].off, captures[i].len, name, sipv_kind_name(g, captures[i].kind),
             sipv_slice_of(v->m.data.p + captures[i].off, captures[i].len));
}

void vet_spans(struct vet *v, const char *source, int64_t stream_offset)
{
    const sipv_message *m = &v->m;
    struct capture *captures = need(m->n_events, sizeof *captures);

    out_text("# ");
    heading(v, source, stream_offset, (struct palette){false});
    span_of(m, "method", m->method);
    span_of(m, "request_uri", m->request_uri);
    span_of(m, "version", m->version);
    span_of(m, "status", m->status_text);
    span_of(m, "reason", m->reason);
    for (size_t i = 0; i < m->n_headers; i++)
        if (m->headers[i].name.n > 0)
            header_spans(v, &m->headers[i], captures);
    if (m->body.n > 0)
        out_format("%zu\t%zu\tbody\t\n", sipv_offset(m, m->body), m->body.n);
    if (m->trailing > 0)
        out_format("%zu\t%zu\ttrailing\t\n", m->octets, m->trailing);
    for (size_t i = 0; i < v->all_count; i++) {
        const sipv_diag *d = v->all[i];
        const sipv_diag_info *info = catalogue_code(d->code);

        out_format("%zu\t%zu\t%s[SV%04u]\t%s\n", d->off, d->len, severity_name(d->severity),
                   (unsigned)d->code, info ? info->name : "");
    }
    free(captures);
}
