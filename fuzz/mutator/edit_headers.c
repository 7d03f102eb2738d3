/* edit_headers.c: edits of whole lines: start line and headers. */
#include "edit.h"

#include <string.h>

/* One of the header lines; false if there is none. */
static bool pick_line(struct text *t, const struct lines *lines, size_t *which)
{
    if (lines->n <= lines->first)
        return false;
    *which = lines->first + draw_below(&t->random, lines->n - lines->first);
    return true;
}

static bool pick(struct text *t, struct span *line)
{
    struct lines lines;
    size_t which;

    lines_of(t->p, t->n, &lines);
    if (!pick_line(t, &lines, &which))
        return false;
    *line = lines.line[which];
    return true;
}

/* Where a line may be inserted: before a header line or behind the last. */
static size_t pick_place(struct text *t)
{
    struct lines lines;
    size_t which;

    lines_of(t->p, t->n, &lines);
    which = lines.first + draw_below(&t->random, lines.n - lines.first + 1);
    if (which < lines.n)
        return lines.line[which].off;
    return lines.n > 0 ? lines.line[lines.n - 1].off + lines.line[lines.n - 1].n : 0;
}

/* Inserts a line and its line end. */
static bool insert_line(struct text *t, size_t off, const void *line, size_t n)
{
    if (t->max - t->n < n + 2 || !text_insert(t, off, line, n))
        return false;
    return text_insert(t, off + n, "\r\n", 2);
}

bool start_line_replace(struct text *t)
{
    struct lines lines;
    struct span line;
    const char *with = pool_start_line(&t->random);

    lines_of(t->p, t->n, &lines);
    if (lines.first == 0)
        return insert_line(t, 0, with, strlen(with));
    line = lines.line[0];
    while (line.n > 0 && is_of(t->p[line.off + line.n - 1], "\r\n"))
        line.n--;
    return text_replace_string(t, line, with);
}

bool start_line_borrow(struct text *t)
{
    struct lines lines, others;

    lines_of(t->p, t->n, &lines);
    lines_of(t->other, t->n_other, &others);
    if (lines.first == 0 || others.first == 0)
        return false;
    return text_replace(t, lines.line[0], t->other + others.line[0].off, others.line[0].n);
}

bool header_insert(struct text *t)
{
    const char *line = pool_header(&t->random);

    return insert_line(t, pick_place(t), line, strlen(line));
}

bool header_delete(struct text *t)
{
    struct span line;

    return pick(t, &line) && text_remove(t, line);
}

bool header_duplicate(struct text *t)
{
    struct span line;

    return pick(t, &line) && text_copy(t, line, pick_place(t));
}

bool header_swap(struct text *t)
{
    struct lines lines;
    size_t a, b;

    lines_of(t->p, t->n, &lines);
    if (!pick_line(t, &lines, &a) || !pick_line(t, &lines, &b) || a == b)
        return false;
    return text_swap(t, lines.line[a < b ? a : b], lines.line[a < b ? b : a]);
}

bool header_borrow(struct text *t)
{
    struct lines others;
    struct span line;

    lines_of(t->other, t->n_other, &others);
    if (others.n <= others.first)
        return false;
    line = others.line[others.first + draw_below(&t->random, others.n - others.first)];
    return text_insert(t, pick_place(t), t->other + line.off, line.n);
}

/* One of the commas of a value that no quotes and angle brackets hold. */
static bool pick_comma(struct text *t, struct span value, size_t *comma)
{
    bool quoted = false, bracketed = false;
    size_t count = 0;

    for (size_t i = value.off; i < value.off + value.n; i++) {
        unsigned char c = t->p[i];

        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && is_of(c, "<>"))
            bracketed = c == '<';
        else if (!quoted && !bracketed && c == ',' && draw_once_in(&t->random, ++count))
            *comma = i;
    }
    return count > 0;
}

/* The list of one line becomes the lists of two. */
bool header_split(struct text *t)
{
    unsigned char start[64] = "\r\n";
    struct lines lines;
    size_t comma = 0;

    lines_of(t->p, t->n, &lines);
    for (size_t tries = 0; tries < 8; tries++) {
        struct span name, value;
        size_t which;

        if (!pick_line(t, &lines, &which) || !line_parts(t->p, lines.line[which], &name, &value) ||
            name.n > sizeof start - 4 || !pick_comma(t, value, &comma))
            continue;
        memcpy(start + 2, t->p + name.off, name.n);
        memcpy(start + 2 + name.n, ": ", 2);
        return text_replace(t, (struct span){comma, 1}, start, name.n + 4);
    }
    return false;
}

/* Are two names the same header? */
static bool is_same_header(const unsigned char *p, struct span a, struct span b)
{
    const char *x = name_long(p, a), *y = name_long(p, b);

    return x || y ? x == y : a.n == b.n && memcmp(p + a.off, p + b.off, a.n) == 0;
}

/* Lines of one name become one list: the second moves behind the first. */
bool header_join(struct text *t)
{
    struct lines lines;
    struct span name, value, second_name, second;
    unsigned char copy[COPY_MAX];
    size_t a;

    lines_of(t->p, t->n, &lines);
    if (!pick_line(t, &lines, &a) || !line_parts(t->p, lines.line[a], &name, &value))
        return false;
    for (size_t b = a + 1; b < lines.n; b++) {
        if (!line_parts(t->p, lines.line[b], &second_name, &second) ||
            !is_same_header(t->p, name, second_name) || second.n > sizeof copy - 2)
            continue;
        memcpy(copy, ", ", 2);
        memcpy(copy + 2, t->p + second.off, second.n);
        text_remove(t, lines.line[b]);
        return text_insert(t, value.off + value.n, copy, second.n + 2);
    }
    return false;
}

bool header_fold(struct text *t)
{
    static const char *const folds[] = {"\r\n ", "\r\n\t", " \r\n ", "\r\n  ", "\n ", "\r\n \r\n "};
    size_t k = draw_below(&t->random, sizeof folds / sizeof *folds), count = 0, off = 0;
    struct span line, name, value;

    if (!pick(t, &line) || !line_parts(t->p, line, &name, &value))
        return false;
    for (size_t i = value.off; i < value.off + value.n; i++)
        if (is_of(t->p[i], " ,;=<\"") && draw_once_in(&t->random, ++count))
            off = i;
    return text_insert(t, count > 0 ? off : value.off, folds[k], strlen(folds[k]));
}

bool header_unfold(struct text *t)
{
    size_t count = 0;
    struct span fold = {0, 0};

    for (size_t i = 0; i + 1 < t->n; i++) {
        bool cr = t->p[i] == '\r' && t->p[i + 1] == '\n';
        size_t end = i + (cr ? 2 : 1);

        if ((!cr && t->p[i] != '\n') || end >= t->n || !is_blank(t->p[end]))
            continue;
        if (draw_once_in(&t->random, ++count))
            fold = (struct span){i, end - i};
        i = end - 1;
    }
    return count > 0 && text_remove(t, fold);
}

/* Replaces the name of a line by what `other_name` knows for it. */
static bool rename_line(struct text *t,
                        const char *(*other_name)(const unsigned char *p, struct span name))
{
    for (size_t tries = 0; tries < 8; tries++) {
        struct span line, name, value;
        const char *with;

        if (!pick(t, &line) || !line_parts(t->p, line, &name, &value))
            continue;
        with = other_name(t->p, name);
        if (with && !is_same(t->p + name.off, name.n, with))
            return text_replace_string(t, name, with);
    }
    return false;
}

bool header_compact(struct text *t)
{
    return rename_line(t, name_compact);
}

bool header_expand(struct text *t)
{
    return rename_line(t, name_long);
}

bool header_case(struct text *t)
{
    struct span line, name, value;
    size_t i;

    if (!pick(t, &line) || !line_parts(t->p, line, &name, &value))
        return false;
    i = name.off + draw_below(&t->random, name.n);
    if (!is_letter(t->p[i]))
        return false;
    t->p[i] ^= 0x20;
    return true;
}

bool header_empty(struct text *t)
{
    struct span line, name, value;

    return pick(t, &line) && line_parts(t->p, line, &name, &value) && text_remove(t, value);
}
