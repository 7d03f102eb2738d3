#include "proxy_core.h"

void proxy_cuts_begin(struct proxy_cuts *c, const sipv_message *m, unsigned char *lines)
{
    c->m = m;
    c->n = 0;
    c->lines = (struct compose){lines, PROXY_LINES, 0};
    c->failed = false;
}

/* The text of the newest cut ends where the lines end now. */
static void close_text(struct proxy_cuts *c)
{
    if (c->n > 0)
        c->at[c->n - 1].n = c->lines.n - c->at[c->n - 1].text;
}

void proxy_cut(struct proxy_cuts *c, size_t from, size_t to)
{
    close_text(c);
    if (c->n == PROXY_CUTS) {
        c->failed = true;
        return;
    }
    c->at[c->n++] = (struct proxy_cut){from, to, c->lines.n, 0};
}

/* Never right behind the start line: a line that the interop profile skips there may begin with
 * white space and would become a fold of the new one. */
void proxy_cut_line(struct proxy_cuts *c, unsigned id)
{
    const uint16_t i = c->m->first[id];
    const size_t at = c->m->headers[i != SIPV_NO_HEADER ? i : 0].off;
    proxy_cut(c, at, at);
}

void proxy_cut_header(struct proxy_cuts *c, uint16_t header)
{
    proxy_cut(c, c->m->headers[header].off, c->m->headers[header].end);
}

void proxy_cut_end(struct proxy_cuts *c)
{
    const size_t at = c->m->headers[c->m->n_headers - 1].end;
    proxy_cut(c, at, at);
}

/* In order of place.  At one place new lines come in the order in which they were asked for, and
 * what is taken away comes behind them. */
static void sort(struct proxy_cuts *c)
{
    for (size_t i = 1; i < c->n; i++) {
        const struct proxy_cut cut = c->at[i];
        size_t k = i;
        for (; k > 0; k--) {
            const struct proxy_cut *before = &c->at[k - 1];
            if (before->from < cut.from || (before->from == cut.from && before->to <= cut.to))
                break;
            c->at[k] = *before;
        }
        c->at[k] = cut;
    }
}

sipv_slice proxy_cuts_finish(struct proxy_cuts *c, unsigned char *out, size_t cap)
{
    const sipv_slice none = {NULL, 0};
    struct compose made = {out, cap, 0};
    size_t at = c->m->start;
    close_text(c);
    sort(c);
    if (c->failed || c->lines.n > c->lines.cap)
        return none;
    for (size_t i = 0; i < c->n; i++) {
        if (c->at[i].from < at)
            return none;
        compose_octets(&made, sipv_slice_of(c->m->data.p + at, c->at[i].from - at));
        compose_octets(&made, sipv_slice_of(c->lines.out + c->at[i].text, c->at[i].n));
        at = c->at[i].to;
    }
    compose_octets(&made, sipv_slice_of(c->m->data.p + at, c->m->octets - at));
    return made.n <= cap ? sipv_slice_of(out, made.n) : none;
}

/* ---- What cuts need to know ------------------------------------------------------------------ */

static bool is_space(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

sipv_slice proxy_next_value(sipv_slice list, size_t *at)
{
    bool quoted = false, bracket = false;
    while (*at < list.n && (is_space(list.p[*at]) || list.p[*at] == ','))
        ++*at;
    const size_t from = *at;
    for (; *at < list.n && (quoted || bracket || list.p[*at] != ','); ++*at) {
        const unsigned char c = list.p[*at];
        if (quoted && c == '\\' && *at + 1 < list.n)
            ++*at;
        else if (c == '"' && !bracket)
            quoted = !quoted;
        else if (!quoted && (c == '<' || c == '>'))
            bracket = c == '<';
    }
    size_t end = *at;
    while (end > from && is_space(list.p[end - 1]))
        end--;
    return sipv_slice_of(list.p + from, end - from);
}

void proxy_cut_top_via(struct proxy_cuts *c)
{
    const sipv_message *m = c->m;
    const uint16_t i = m->first[SIPV_H_VIA];
    size_t at = 0;
    if (i == SIPV_NO_HEADER)
        return;
    proxy_next_value(m->headers[i].value, &at);
    const sipv_slice below = proxy_next_value(m->headers[i].value, &at);
    if (below.n > 0)
        proxy_cut(c, sipv_offset(m, m->headers[i].value), sipv_offset(m, below));
    else
        proxy_cut_header(c, i);
}

void proxy_cut_length(struct proxy_cuts *c)
{
    if (c->m->first[SIPV_H_CONTENT_LENGTH] != SIPV_NO_HEADER)
        return;
    proxy_cut_end(c);
    compose_text(&c->lines, "Content-Length: ");
    compose_number(&c->lines, c->m->body.n);
    compose_text(&c->lines, "\r\n");
}

bool proxy_is_framed(sipv_slice octets)
{
    sipv_framer framer;
    sipv_frame frame;
    sipv_framer_init(&framer, SIPV_STRICT, NULL);
    return sipv_framer_feed(&framer, octets.p, octets.n, &frame) == SIPV_OK && frame.skip == 0 &&
           frame.n == octets.n;
}
