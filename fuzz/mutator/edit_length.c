/* edit_length.c: Content-Length made right, made wrong, given twice. */
#include "edit.h"

#include <stdio.h>
#include <string.h>

/* Content-Length's line and its value; false if there is none. */
static bool find(const struct text *t, struct lines *lines, struct span *line, struct span *value)
{
    struct span name;

    lines_of(t->p, t->n, lines);
    return line_find(t->p, lines, "Content-Length", line) && line_parts(t->p, *line, &name, value);
}

/* The number of octets behind the empty line; a missing header is added. */
bool length_mend(struct text *t)
{
    struct lines lines;
    struct span line, value;
    char text[48];
    bool there = find(t, &lines, &line, &value);
    size_t off;

    if (lines.n == 0 || lines.body.off == 0)
        return false;
    snprintf(text, sizeof text, there ? "%zu" : "Content-Length: %zu\r\n", lines.body.n);
    if (there && is_same(t->p + value.off, value.n, text))
        return false;
    off = lines.line[lines.n - 1].off + lines.line[lines.n - 1].n;
    return text_replace_string(t, there ? value : (struct span){off, 0}, text);
}

bool length_break(struct text *t)
{
    static const char *const signs[] = {
        "", "", "", "", "+", "-", "0", "0x", "00000000000000000000"};
    struct lines lines;
    struct span line, value;
    char text[64];
    size_t n;

    if (!find(t, &lines, &line, &value))
        return false;
    if (draw_once_in(&t->random, 4))
        return text_replace_string(t, value, pool_number(&t->random));
    n = lines.body.n + draw_below(&t->random, 5); /* two less to two more */
    snprintf(text, sizeof text, "%s%zu%s", signs[draw_below(&t->random, 9)], n >= 2 ? n - 2 : n,
             draw_once_in(&t->random, 8) ? ", 0" : "");
    return text_replace_string(t, value, text);
}

/* A second one, in the same or the other form, of the same or another number. */
bool length_twice(struct text *t)
{
    struct lines lines;
    struct span line, value;
    char text[48];

    if (!find(t, &lines, &line, &value))
        return false;
    snprintf(text, sizeof text, "%s: %zu\r\n", draw_once_in(&t->random, 2) ? "l" : "Content-Length",
             draw_once_in(&t->random, 2) ? lines.body.n : draw_below(&t->random, 1000));
    return text_insert(t, draw_once_in(&t->random, 2) ? line.off : line.off + line.n, text,
                       strlen(text));
}
