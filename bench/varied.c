/* varied.c: see varied.h.  First the head is rewritten word by word, then its lines are dropped,
 * added and shuffled. */
#include "varied.h"
#include "varied_text.h"
#include "varied_words.h"

#include <stdbool.h>
#include <string.h>

enum { HEAD_ROOM = 16384, LINE_COUNT = 64 };

uint64_t varied_next(struct varied_random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

size_t varied_below(struct varied_random *random, size_t limit)
{
    return (size_t)((varied_next(random) >> 11) % limit);
}

static struct text header_name(struct text line)
{
    struct text name = {line.data, 0};
    while (name.size < line.size && line.data[name.size] != ':' && !is_space(line.data[name.size]))
        name.size++;
    return name;
}

static size_t value_offset(struct text line)
{
    size_t at = header_name(line).size;
    while (at < line.size && (is_blank(line.data[at]) || line.data[at] == ':'))
        at++;
    return at;
}

/* A number between low and high in place of the digits at p; leading zeros stay. */
static size_t rewrite_number(struct varied_rewriter *r, const char *p, const char *end, size_t low,
                             size_t high)
{
    size_t n = digits(p, end);

    for (size_t i = 0; i + 1 < n && p[i] == '0'; i++)
        put(&r->out, "0", 1);
    put_number(&r->out, between(r->random, low, high));
    return n;
}

/* Headers whose value is made anew as a whole.  Returns how much of the line is done. */
static size_t rewrite_start(struct varied_rewriter *r, struct text line)
{
    struct text name = header_name(line);
    size_t at = value_offset(line);
    const char *p = line.data + at, *end = line.data + line.size;

    if (same_name(name, "call-id") || same_name(name, "i")) {
        put(&r->out, line.data, at);
        put_word(&r->out, r->random, 8, 40, VARIED_ALNUM);
        return at + span(p, end, "-.");
    }
    if (same_name(name, "cseq")) {
        put(&r->out, line.data, at);
        return at + rewrite_number(r, p, end, 1, 2147483647);
    }
    if (same_name(name, "max-forwards")) {
        put(&r->out, line.data, at);
        return at + rewrite_number(r, p, end, 1, 70);
    }
    if (same_name(name, "user-agent") || same_name(name, "server")) {
        put(&r->out, line.data, at);
        put_word(&r->out, r->random, 4, 12, VARIED_ALNUM);
        put_string(&r->out, "/");
        put_number(&r->out, varied_below(r->random, 100));
        put_string(&r->out, ".");
        put_number(&r->out, varied_below(r->random, 1000));
        put_string(&r->out, " (");
        put_word(&r->out, r->random, 3, 16, VARIED_ALNUM);
        put_string(&r->out, ")");
        return line.size;
    }
    return 0;
}

static struct text rewrite_line(struct varied_rewriter *r, struct text line, bool header)
{
    size_t first = r->out.size, at = header ? rewrite_start(r, line) : 0;

    while (at < line.size) {
        const char *p = line.data + at;
        size_t n = varied_rewrite_word(r, p, line.data + line.size, at > 0 ? p[-1] : ' ');
        if (n == 0)
            put(&r->out, p, n = 1);
        at += n;
    }
    return (struct text){r->out.data + first, r->out.size - first};
}

/* The line at *at, folds included, without its CRLF; *at then points behind it. */
static struct text next_line(struct text head, size_t *at)
{
    size_t first = *at, i = first;

    while (i + 1 < head.size) {
        bool end = head.data[i] == '\r' && head.data[i + 1] == '\n';
        if (end && !(i + 2 < head.size && is_space(head.data[i + 2])))
            break;
        i++;
    }
    if (i + 1 >= head.size)
        i = head.size;
    *at = i + 2 < head.size ? i + 2 : head.size;
    return (struct text){head.data + first, i - first};
}

static bool optional(struct text line)
{
    static const char *const names[] = {"supported", "k",      "allow",           "subject", "s",
                                        "accept",    "min-se", "accept-language", NULL};
    struct text name = header_name(line);

    for (size_t i = 0; names[i]; i++)
        if (same_name(name, names[i]))
            return true;
    return starts(line.data, line.data + line.size, "X-");
}

/* The two spellings that the originals have of one header (RFC 3261 7.3.3). */
static const char *long_name(struct text name)
{
    static const char *const pairs[][2] = {
        {"v", "via"}, {"via", "via"}, {"m", "contact"}, {"contact", "contact"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (same_name(name, pairs[i][0]))
            return pairs[i][1];
    return NULL;
}

static bool same_header(struct text a, struct text b)
{
    struct text x = header_name(a), y = header_name(b);
    const char *p = long_name(x), *q = long_name(y);

    if (p || q)
        return p == q;
    if (x.size != y.size)
        return false;
    for (size_t i = 0; i < x.size; i++)
        if (to_lower(x.data[i]) != to_lower(y.data[i]))
            return false;
    return true;
}

/* Shuffles the places of the headers, then fills the places of each name in the old order. */
static void shuffle(struct varied_random *random, struct text *lines, size_t count)
{
    struct text old[LINE_COUNT];
    size_t place[LINE_COUNT];
    bool used[LINE_COUNT] = {false};

    memcpy(old, lines, count * sizeof *lines);
    for (size_t i = 0; i < count; i++)
        place[i] = i;
    for (size_t i = count; i > 1; i--) {
        size_t j = varied_below(random, i), swap = place[i - 1];
        place[i - 1] = place[j];
        place[j] = swap;
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            if (used[j] || !same_header(old[place[i]], old[j]))
                continue;
            lines[i] = old[j];
            used[j] = true;
            break;
        }
    }
}

static void change_case(char *name, bool upper)
{
    for (; *name != ':' && !is_space(*name); name++)
        *name = upper ? to_upper(*name) : to_lower(*name);
}

size_t varied_make(struct varied_random *random, const char *message, size_t size, char *out,
                   size_t room)
{
    static char head[HEAD_ROOM];
    static struct varied_rewriter r;
    struct text lines[LINE_COUNT], original = {message, 0}, start;
    struct buffer result = {out, 0, room, false};
    size_t count = 0, at = 0;
    bool thin = percent(random, 30);

    while (original.size + 4 <= size && memcmp(message + original.size, "\r\n\r\n", 4) != 0)
        original.size++;
    if (original.size + 4 > size)
        return 0;
    r.random = random;
    r.out = (struct buffer){head, 0, sizeof head, false};
    r.memo_count = 0;

    start = rewrite_line(&r, next_line(original, &at), false);
    while (at < original.size) {
        struct text line = next_line(original, &at);
        if (thin && optional(line) && percent(random, 50))
            continue;
        if (count == LINE_COUNT)
            return 0;
        lines[count++] = rewrite_line(&r, line, true);
    }
    for (size_t more = varied_below(random, 5); more > 2 && count < LINE_COUNT; more--) {
        size_t first = r.out.size;
        put_string(&r.out, "X-");
        put_word(&r.out, random, 3, 14, VARIED_ALNUM);
        put_string(&r.out, ": ");
        put_word(&r.out, random, 4, 60, VARIED_ALNUM);
        lines[count++] = (struct text){head + first, r.out.size - first};
    }
    if (r.out.full || count == 0)
        return 0;
    if (percent(random, 50))
        shuffle(random, lines, count);
    if (percent(random, 20)) {
        const char *line = lines[varied_below(random, count)].data;
        change_case(head + (line - head), percent(random, 50));
    }

    put(&result, start.data, start.size);
    for (size_t i = 0; i < count; i++) {
        put_string(&result, "\r\n");
        put(&result, lines[i].data, lines[i].size);
    }
    put(&result, message + original.size, size - original.size);
    return result.full ? 0 : result.size;
}
