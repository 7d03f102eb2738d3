/* ladder_svg.c: a ladder as SVG 1.1, by itself or in a page. */
#include "ladder.h"
#include "markup.h"

enum { LEFT = 110, STEP = 230, TOP = 46, ROW = 30, LABEL_MAX = 34 };

static size_t x_of(size_t column)
{
    return LEFT + column * STEP + STEP / 2;
}

/* At most LABEL_MAX characters. */
static void label(sipv_slice s)
{
    size_t at = 0;

    for (size_t i = 0, bad, n; i < LABEL_MAX && at < s.n; i++) {
        n = utf8_length(s.p + at, s.n - at, &bad);
        at += n > 0 ? n : bad;
    }
    markup(sipv_slice_of(s.p, at));
    if (at < s.n)
        out_text("\xe2\x80\xa6");
}

static void columns(const struct ladder *l, size_t height)
{
    for (size_t i = 0; i < l->column_count; i++) {
        out_format("<text class=\"n\" x=\"%zu\" y=\"20\">", x_of(i));
        label(sipv_slice_text(l->columns[i]));
        out_format("</text>\n<line class=\"l\" x1=\"%zu\" y1=\"28\" x2=\"%zu\" y2=\"%zu\"/>\n",
                   x_of(i), x_of(i), height - 8);
    }
}

/* The line and its head, one path. */
static void path(const struct arrow *a, size_t y)
{
    size_t from = x_of(a->from), to = x_of(a->to);

    if (from == to)
        out_format("<path d=\"M%zu %zuh40v10h-40m6 -4l-6 4l6 4\"/>", from, y - 6);
    else if (from < to)
        out_format("<path d=\"M%zu %zuH%zum-7 -4l7 4l-7 4\"/>", from, y, to);
    else
        out_format("<path d=\"M%zu %zuH%zum7 -4l-7 4l7 4\"/>", from, y, to);
}

static void arrow(const struct ladder *l, size_t i, bool linked)
{
    const struct arrow *a = &l->arrows[i];
    size_t y = TOP + i * ROW + ROW / 2;
    size_t middle = (x_of(a->from) + x_of(a->to)) / 2;
    char time[TIME_TEXT];

    if (a->from == a->to)
        middle += 90;
    time_text(a->m.time_ns, time);
    if (linked)
        out_format("<a href=\"#m%zu\">", i + 1);
    out_format("<g class=\"%s%s\"><title>frame %llu, %s, ", a->request ? "q" : "r",
               a->errors > 0     ? " e"
               : a->warnings > 0 ? " w"
                                 : "",
               (unsigned long long)a->m.frame, time);
    markup_text(a->m.transport);
    out_format(", %zu octets, %u errors, %u warnings</title>", a->m.data.n, a->errors, a->warnings);
    out_format("<rect x=\"0\" y=\"%zu\" width=\"%zu\" height=\"%d\"/>", y - ROW / 2 - 4,
               x_of(l->column_count), ROW);
    out_format("<text class=\"t\" x=\"8\" y=\"%zu\">%.6f</text>", y + 4, ladder_seconds(l, a));
    path(a, y);
    out_format("<text x=\"%zu\" y=\"%zu\">", middle, y - 4);
    label(bytes_slice(&a->label));
    out_text(linked ? "</text></g></a>\n" : "</text></g>\n");
}

void ladder_svg(const struct ladder *l, bool linked)
{
    size_t width = x_of(l->column_count), height = TOP + l->count * ROW + 24;

    if (!linked)
        out_text("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out_format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%zu\" height=\"%zu\" "
               "viewBox=\"0 0 %zu %zu\">\n",
               width, height, width, height);
    out_text("<style>text{font:12px sans-serif;text-anchor:middle;fill:#222}"
             ".n{font-weight:bold}.t{text-anchor:start;fill:#666}.l{stroke:#999}"
             "path{fill:none;stroke:#225;stroke-width:1.5}.r path{stroke-dasharray:6 3}"
             "rect{fill:transparent}g:hover rect{fill:#eef}"
             ".e path{stroke:#c00}.e text{fill:#c00}.w path{stroke:#a60}</style>\n");
    columns(l, height);
    for (size_t i = 0; i < l->count; i++)
        arrow(l, i, linked);
    out_text("</svg>\n");
}
