/* ladder_html.c: a ladder as one page that needs nothing else.
 *
 * Arrows are links to the messages, which CSS shows when they are the target: the page has no
 * script, and its policy allows none.  What is wrong in a message is marked in its text. */
#include "ladder.h"
#include "markup.h"

#include <stdlib.h>
#include <string.h>

static const char *class_of(unsigned severity)
{
    return severity == SIPV_ERROR ? "error" : severity == SIPV_WARNING ? "warning" : "note";
}

/* For each octet the finding that is shown there, the worst: 1 and on, 0 for none. */
static size_t *owners(const struct vet *v, size_t n)
{
    size_t *owner = need(n, sizeof *owner);

    for (size_t i = 0; i < v->all_count; i++) {
        const sipv_diag *d = v->all[i];
        size_t len = d->len > 0 ? d->len : 1;

        for (size_t at = d->off; at < n && at - d->off < len; at++)
            if (owner[at] == 0 || v->all[owner[at] - 1]->severity < d->severity)
                owner[at] = i + 1;
    }
    return owner;
}

static void marked(struct vet *v, sipv_slice data)
{
    size_t *owner = owners(v, data.n);

    out_text("<pre>");
    for (size_t from = 0, to; from < data.n; from = to) {
        for (to = from; to < data.n && owner[to] == owner[from];)
            to++;
        if (owner[from] > 0) {
            const sipv_diag *d = v->all[owner[from] - 1];
            const sipv_diag_info *info = catalogue_code(d->code);

            out_format("<mark class=\"%s\" title=\"SV%04u ", class_of(d->severity),
                       (unsigned)d->code);
            markup_text(info ? info->message : "");
            out_text("\">");
        }
        markup(sipv_slice_of(data.p + from, to - from));
        if (owner[from] > 0)
            out_text("</mark>");
    }
    out_text("</pre>\n");
    free(owner);
}

static void finding(struct vet *v, const sipv_diag *d)
{
    struct finding f;

    finding_of(v, &v->lines, d, &f);
    out_format("<li class=\"%s\"><b>SV%04u</b> line %zu, column %zu: ", class_of(d->severity),
               (unsigned)d->code, f.line, f.column);
    markup_text(f.info ? f.info->message : "?");
    for (unsigned i = 0; i < f.match.n_expected; i++) {
        out_text(i == 0 ? "; expected " : i + 1 < f.match.n_expected ? ", " : " or ");
        markup_text(f.match.expected[i]);
    }
    out_text(" (");
    markup_text(f.rfc);
    out_text(")</li>\n");
}

static void message(struct ladder *l, size_t i)
{
    const struct arrow *a = &l->arrows[i];
    struct vet *v = &l->w.vet;
    char time[TIME_TEXT];

    work_take(&l->w, &a->m);
    vet_check_body(v);
    time_text(a->m.time_ns, time);
    out_format("<section id=\"m%zu\"><h2>", i + 1);
    markup(bytes_slice(&a->label));
    out_format("</h2>\n<p>frame %llu, %s<br>", (unsigned long long)a->m.frame, time);
    markup_text(a->m.source);
    out_text(" \xe2\x86\x92 ");
    markup_text(a->m.destination);
    out_text(", ");
    markup_text(a->m.transport);
    out_format(", %zu octets", a->m.data.n);
    if (*a->m.damage) {
        out_text(strcmp(a->m.damage, TRACE_LOST) == 0 ? "<br>" : "<br>not whole: ");
        markup_text(a->m.damage);
    }
    out_text("</p>\n");
    marked(v, a->m.data);
    if (v->all_count > 0)
        out_text("<ul>\n");
    for (size_t k = 0; k < v->all_count; k++)
        finding(v, v->all[k]);
    out_text(v->all_count > 0 ? "</ul>\n</section>\n" : "</section>\n");
}

void ladder_html(struct ladder *l)
{
    out_text("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta http-equiv=\"Content-Security-Policy\" "
             "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
             "<title>SIP ladder</title>\n<style>\n"
             "body{margin:0;display:flex;height:100vh;font:14px sans-serif}\n"
             "#ladder,#messages{flex:1;overflow:auto;padding:8px}\n"
             "#messages{border-left:1px solid #999}\n"
             "section{display:none}section:target{display:block}\n"
             "section:target~#hint{display:none}\n"
             "pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f6f6f6;padding:8px}\n"
             "mark.error{background:#fbb}mark.warning{background:#fe9}mark.note{background:#cef}\n"
             "li.error{color:#a00}li.warning{color:#850}a{text-decoration:none}\n"
             "</style>\n</head>\n<body>\n<div id=\"ladder\">\n");
    ladder_svg(l, true);
    out_text("</div>\n<div id=\"messages\">\n");
    for (size_t i = 0; i < l->count; i++)
        message(l, i);
    out_text("<p id=\"hint\">A click on an arrow shows its message.</p>\n"
             "</div>\n</body>\n</html>\n");
}
