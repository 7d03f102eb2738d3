/* sdp_text.c: a session description as a tree for people. */
#include "sdp_vet.h"

#include <string.h>

enum { NAME_COLUMN = 24 };

static void begin(unsigned level, const char *name)
{
    size_t used = (size_t)level * 2 + strlen(name);

    out_repeat(' ', (size_t)level * 2);
    out_text(name);
    out_repeat(' ', used < NAME_COLUMN ? NAME_COLUMN - used : 1);
}

static void field_text(unsigned level, const sipv_sdp_field *f)
{
    sipv_slice text;

    if ((f->type == SIPV_SDP_FIELD_SLICE && !f->slice.p) ||
        (f->type == SIPV_SDP_FIELD_NUMBER && f->number < 0) ||
        (f->type == SIPV_SDP_FIELD_LIST && f->list.n == 0))
        return;
    begin(level, f->name);
    switch (f->type) {
    case SIPV_SDP_FIELD_SLICE: out_visible(f->slice); break;
    case SIPV_SDP_FIELD_NUMBER: out_format("%lld", (long long)f->number); break;
    case SIPV_SDP_FIELD_LIST:
        for (size_t at = 0, i = 0; sipv_list_next(&f->list, &at, &text) == SIPV_OK; i++) {
            out_text(i ? ", " : "");
            out_visible(text);
        }
        break;
    }
    out_char('\n');
}

static void line_text(const sipv_sdp *s, const sipv_sdp_line *line)
{
    const unsigned level = line->section == SIPV_SDP_SESSION || line->type == 'm' ? 1 : 2;
    sipv_sdp_field f;

    out_repeat(' ', (size_t)level * 2);
    out_format("%c=", line->type);
    out_visible(line->name);
    if (line->type == 'a' && line->value.p)
        out_char(':');
    out_visible(line->value);
    if (line->state == SIPV_SDP_MALFORMED)
        out_text("   (malformed)");
    out_char('\n');
    for (size_t i = 0; sipv_sdp_field_at(s, line, i, &f) == SIPV_OK; i++)
        if (f.type != SIPV_SDP_FIELD_SLICE || !sipv_slice_equal(f.slice, line->value))
            field_text(level + 1, &f);
}

void sdp_tree(struct sdp_vet *v, const char *source, struct palette palette)
{
    const sipv_sdp *s = &v->s;

    out_color(palette, COLOR_BOLD);
    out_visible(sipv_slice_of(source, strlen(source)));
    out_color(palette, COLOR_NONE);
    out_format(": session description, %zu octets, %zu media, %s: ", s->data.n, s->n_sections,
               profile_name(s->options.profile));
    out_color(palette, s->accepted ? COLOR_GREEN : COLOR_RED);
    out_text(verdict_name(s->accepted));
    out_color(palette, COLOR_NONE);
    out_char('\n');
    for (size_t i = 0; i < s->n_lines; i++)
        line_text(s, &s->lines[i]);
    for (size_t i = 0; i < s->n_diags; i++) {
        struct finding f;

        sdp_finding_of(v, &s->diags[i], &f);
        out_text("  ");
        finding_headline(&f, source, palette);
    }
}
