/* edit_sdp.c: lines of session descriptions. */
#include "edit.h"

#include <string.h>

/* The lines "x=..." of a text: of the body behind its empty line, or of all of it. */
static bool sdp_lines(const unsigned char *p, size_t n, struct lines *lines)
{
    struct lines head;
    struct span all = {0, n};

    lines_of(p, n, &head);
    lines_of_body(p, head.body.n > 0 ? head.body : all, lines);
    for (size_t i = 0; i < lines->n; i++)
        if (lines->line[i].n >= 2 && p[lines->line[i].off + 1] == '=')
            return true;
    return false;
}

static bool pick(struct text *t, struct span *line)
{
    struct lines lines;

    if (!sdp_lines(t->p, t->n, &lines))
        return false;
    *line = lines.line[draw_below(&t->random, lines.n)];
    return true;
}

bool sdp_insert(struct text *t)
{
    const char *with = pool_sdp(&t->random);
    struct span line;
    size_t n = strlen(with);

    if (!pick(t, &line) || t->max - t->n < n + 2)
        return false;
    return text_insert(t, line.off + line.n, with, n) &&
           text_insert(t, line.off + line.n + n, "\r\n", 2);
}

bool sdp_delete(struct text *t)
{
    struct span line;

    return pick(t, &line) && text_remove(t, line);
}

bool sdp_duplicate(struct text *t)
{
    struct span line, place;

    return pick(t, &line) && pick(t, &place) && text_copy(t, line, place.off);
}

bool sdp_swap(struct text *t)
{
    struct span a, b;

    if (!pick(t, &a) || !pick(t, &b) || a.off == b.off)
        return false;
    return a.off < b.off ? text_swap(t, a, b) : text_swap(t, b, a);
}

/* The value of a line becomes that of a line of the pool of the same letter, if one is drawn. */
bool sdp_value(struct text *t)
{
    struct span line;

    if (!pick(t, &line) || line.n < 2)
        return false;
    while (line.n > 0 && is_of(t->p[line.off + line.n - 1], "\r\n"))
        line.n--;
    for (size_t tries = 0; tries < 64; tries++) {
        const char *with = pool_sdp(&t->random);

        if ((unsigned char)with[0] == t->p[line.off])
            return text_replace_string(t, line, with);
    }
    return false;
}

bool sdp_borrow(struct text *t)
{
    struct lines others;
    struct span place, line;

    if (!sdp_lines(t->other, t->n_other, &others) || !pick(t, &place))
        return false;
    line = others.line[draw_below(&t->random, others.n)];
    return text_insert(t, place.off, t->other + line.off, line.n);
}
