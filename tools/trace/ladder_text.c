/* ladder_text.c: a ladder for the terminal, in ASCII. */
#include "ladder.h"

#include <stdlib.h>
#include <string.h>

enum { TIME_WIDTH = 13, COLUMN_MIN = 28, COLUMN_MAX = 52 };

/* Printable ASCII, everything else "?"; at most `room` characters. */
static size_t put_ascii(char *to, sipv_slice s, size_t room)
{
    size_t n = s.n < room ? s.n : room;

    for (size_t i = 0; i < n; i++)
        to[i] = (char)(s.p[i] >= ' ' && s.p[i] <= '~' ? s.p[i] : '?');
    if (n < s.n && n > 2)
        memset(to + n - 2, '.', 2);
    return n;
}

static size_t width_of(const struct ladder *l)
{
    size_t width = COLUMN_MIN;

    for (size_t i = 0; i < l->column_count; i++)
        if (strlen(l->columns[i]) + 3 > width)
            width = strlen(l->columns[i]) + 3;
    return width < COLUMN_MAX ? width : COLUMN_MAX;
}

static size_t place(size_t width, size_t column)
{
    return TIME_WIDTH + column * width;
}

static void end_line(const char *line, size_t n)
{
    while (n > 0 && line[n - 1] == ' ')
        n--;
    out_bytes(line, n);
}

static void names(const struct ladder *l, char *line, size_t n, size_t width)
{
    memset(line, ' ', n);
    for (size_t i = 0; i < l->column_count; i++)
        put_ascii(line + place(width, i), sipv_slice_text(l->columns[i]), width - 2);
    end_line(line, n);
    out_char('\n');
}

/* The line with its label, "|--- INVITE --->|". */
static void draw(const struct arrow *a, char *line, size_t width)
{
    size_t left = place(width, a->from < a->to ? a->from : a->to);
    size_t right = place(width, a->from < a->to ? a->to : a->from);
    size_t room, n;

    if (left == right) { /* to itself */
        memcpy(line + left, "|<> ", 4);
        put_ascii(line + left + 4, bytes_slice(&a->label), width - 5);
        return;
    }
    memset(line + left + 1, '-', right - left - 1);
    if (a->from < a->to)
        line[right - 1] = '>';
    else
        line[left + 1] = '<';
    room = right - left - 7;
    n = a->label.n < room ? a->label.n : room;
    left += (right - left - n) / 2;
    line[left - 1] = line[left + n] = ' ';
    put_ascii(line + left, bytes_slice(&a->label), room);
}

static void row(const struct ladder *l, const struct arrow *a, char *line, size_t n, size_t width)
{
    memset(line, ' ', n);
    for (size_t i = 0; i < l->column_count; i++)
        line[place(width, i)] = '|';
    draw(a, line, width);
    out_format("%11.6f  ", ladder_seconds(l, a));
    out_bytes(line + TIME_WIDTH, place(width, l->column_count - 1) + 1 - TIME_WIDTH);
    if (a->from == a->to && a->from + 1 == l->column_count)
        end_line(line + place(width, a->from) + 1, width - 1);
    out_format("  #%llu ", (unsigned long long)a->m.frame);
    out_visible(sipv_slice_text(a->m.transport));
    if (a->errors > 0) {
        out_color(l->w.palette, COLOR_RED);
        out_format("  %u error%s", a->errors, a->errors == 1 ? "" : "s");
        out_color(l->w.palette, COLOR_NONE);
    }
    if (*a->m.damage)
        out_text(strcmp(a->m.damage, TRACE_LOST) == 0 ? "  lost" : "  not whole");
    out_char('\n');
}

void ladder_text(const struct ladder *l)
{
    size_t width = width_of(l), n = place(width, l->column_count + 1);
    char *line;

    if (l->count == 0)
        return;
    line = need(n, 1);
    names(l, line, n, width);
    for (size_t i = 0; i < l->count; i++)
        row(l, &l->arrows[i], line, n, width);
    free(line);
}
