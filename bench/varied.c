/* varied.c: see varied.h.  First the head is rewritten word by word, then its lines are dropped,
 * added and shuffled. */
#include "varied.h"

#include <stdbool.h>
#include <string.h>

enum { HEAD_ROOM = 16384, LINE_COUNT = 64, MEMO_COUNT = 128, WORD_ROOM = 96 };

static const char lower[] = "abcdefghijklmnopqrstuvwxyz";
static const char alnum[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
static const char hex[] = "0123456789abcdef";

struct text {
    const char *data;
    size_t size;
};

struct buffer {
    char *data;
    size_t size, room;
    bool full;
};

/* What stood in the original and what stands for it, so that a host or a tag that occurs twice
 * stays the same host or tag. */
struct memo {
    struct text from;
    char to[WORD_ROOM];
};

struct rewriter {
    struct varied_random *random;
    struct buffer out;
    struct memo memo[MEMO_COUNT];
    size_t memo_count;
};

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

static size_t between(struct varied_random *random, size_t low, size_t high)
{
    return low + varied_below(random, high - low + 1);
}

static bool percent(struct varied_random *random, size_t chance)
{
    return varied_below(random, 100) < chance;
}

static void put(struct buffer *out, const char *data, size_t size)
{
    if (size > out->room - out->size) {
        out->full = true;
        return;
    }
    memcpy(out->data + out->size, data, size);
    out->size += size;
}

static void put_string(struct buffer *out, const char *string)
{
    put(out, string, strlen(string));
}

static void put_word(struct buffer *out, struct varied_random *random, size_t low, size_t high,
                     const char *letters)
{
    size_t n = between(random, low, high), count = strlen(letters);

    while (n-- > 0)
        put(out, letters + varied_below(random, count), 1);
}

static void put_number(struct buffer *out, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    put(out, digits + at, sizeof digits - at);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static char to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}
static char to_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c + 'A' - 'a') : c;
}
static bool is_alnum(char c)
{
    return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z');
}
static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}
static bool is_blank(char c)
{
    return is_space(c) || c == '\r' || c == '\n';
}

static bool starts(const char *p, const char *end, const char *with)
{
    size_t n = strlen(with);
    return (size_t)(end - p) >= n && memcmp(p, with, n) == 0;
}

static bool same_name(struct text name, const char *with)
{
    if (name.size != strlen(with))
        return false;
    for (size_t i = 0; i < name.size; i++)
        if (to_lower(name.data[i]) != with[i])
            return false;
    return true;
}

/* --- words ------------------------------------------------------------------------------- */

enum word { BRANCH, TAG, USER, DOMAIN, ADDRESS, PORT, SECRET, HEXES, DISPLAY };

static void make_word(struct buffer *out, struct varied_random *random, enum word word,
                      struct text from)
{
    switch (word) {
    case BRANCH:
        put_string(out, "z9hG4bK");
        put_word(out, random, 5, 28, alnum);
        break;
    case TAG: put_word(out, random, 5, 20, alnum); break;
    case USER: put_word(out, random, 3, 12, lower); break;
    case DOMAIN:
        put_word(out, random, 3, 14, lower);
        put_string(out, ".example");
        break;
    case ADDRESS:
        for (int i = 0; i < 4; i++) {
            if (i > 0)
                put(out, ".", 1);
            put_number(out, between(random, 1, 254));
        }
        break;
    case PORT: put_number(out, between(random, 1024, 65535)); break;
    case SECRET: put_word(out, random, 8, 40, alnum); break;
    case HEXES: put_word(out, random, from.size, from.size, hex); break;
    case DISPLAY:
        if (percent(random, 33)) {
            put(out, from.data, from.size);
        } else if (percent(random, 50)) {
            put_word(out, random, 3, 9, alnum);
        } else {
            put(out, "\"", 1);
            put_word(out, random, 2, 9, alnum);
            put(out, " ", 1);
            put_word(out, random, 2, 12, alnum);
            put(out, "\"", 1);
        }
        break;
    }
}

/* Writes what stands for the word; makes it up the first time. */
static void replace(struct rewriter *r, enum word word, const char *p, size_t size)
{
    struct text from = {p, size};

    for (size_t i = 0; i < r->memo_count; i++) {
        const struct memo *m = &r->memo[i];
        if (m->from.size == size && memcmp(m->from.data, p, size) == 0) {
            put_string(&r->out, m->to);
            return;
        }
    }
    if (r->memo_count == MEMO_COUNT || size >= WORD_ROOM) {
        put(&r->out, p, size);
        return;
    }
    struct memo *m = &r->memo[r->memo_count++];
    struct buffer made = {m->to, 0, sizeof m->to - 1, false};
    m->from = from;
    make_word(&made, r->random, word, from);
    m->to[made.size] = '\0';
    put_string(&r->out, m->to);
}

static size_t one_of(const char *p, const char *end, const char *const *words)
{
    for (; *words; words++)
        if (starts(p, end, *words))
            return strlen(*words);
    return 0;
}

static size_t span(const char *p, const char *end, const char *more)
{
    const char *q = p;
    while (q < end && (is_alnum(*q) || (*q != '\0' && strchr(more, *q) != NULL)))
        q++;
    return (size_t)(q - p);
}

static size_t digits(const char *p, const char *end)
{
    const char *q = p;
    while (q < end && is_digit(*q))
        q++;
    return (size_t)(q - p);
}

/* Copies `name` with white space and "=" behind it.  Returns how much was copied, 0 if it is not
 * there. */
static size_t copy_equal(struct rewriter *r, const char *p, const char *end, const char *name)
{
    const char *q = p + strlen(name);

    if (!starts(p, end, name))
        return 0;
    while (q < end && is_space(*q))
        q++;
    if (q == end || *q++ != '=')
        return 0;
    while (q < end && is_space(*q))
        q++;
    put(&r->out, p, (size_t)(q - p));
    return (size_t)(q - p);
}

/* Rewrites the word at p.  Returns its length in the original, 0 if it is to stay. */
static size_t rewrite_word(struct rewriter *r, const char *p, const char *end, char before)
{
    static const char *const users[] = {"ida", "tomas", "studio7", "frontdesk", "crew", NULL};
    static const char *const domains[] = {"harbor.example", "meadow.example", "relay.example",
                                          NULL};
    static const char *const nets[] = {"192.0.2.", "198.51.100.", "203.0.113.", NULL};
    static const char *const names[] = {"\"Ida Brandt\"", "\"Tomas Vik\"", NULL};
    static const char *const secrets[] = {"nonce", "opaque", "response", NULL};
    size_t n, skip;

    if (starts(p, end, "z9hG4bK")) {
        n = span(p, end, "._");
        replace(r, BRANCH, p, n);
        return n;
    }
    if ((skip = copy_equal(r, p, end, "tag")) != 0) {
        n = span(p + skip, end, "-");
        replace(r, TAG, p + skip, n);
        return skip + n;
    }
    if ((skip = copy_equal(r, p, end, "rport")) != 0) {
        n = digits(p + skip, end);
        replace(r, PORT, p + skip, n);
        return skip + n;
    }
    if (!is_alnum(before) && (skip = copy_equal(r, p, end, "expires")) != 0) {
        put_number(&r->out, between(r->random, 60, 86400));
        return skip + digits(p + skip, end);
    }
    for (size_t i = 0; secrets[i]; i++) {
        if ((skip = copy_equal(r, p, end, secrets[i])) == 0)
            continue;
        if (p + skip == end || p[skip] != '"')
            return skip;
        put(&r->out, "\"", 1);
        n = span(p + skip + 1, end, "");
        replace(r, secrets[i][0] == 'r' ? HEXES : SECRET, p + skip + 1, n);
        return skip + 1 + n;
    }
    if ((n = one_of(p, end, names)) != 0) {
        replace(r, DISPLAY, p, n);
        return n;
    }
    if (before == ':' && ((n = digits(p, end)) == 4 || n == 5) &&
        (p + n == end || !(is_alnum(p[n]) || p[n] == ':'))) {
        replace(r, PORT, p, n);
        return n;
    }
    if (is_alnum(before))
        return 0;
    if ((n = one_of(p, end, domains)) != 0) {
        replace(r, DOMAIN, p, n);
        return n;
    }
    if ((n = one_of(p, end, nets)) != 0) {
        n += digits(p + n, end);
        replace(r, ADDRESS, p, n);
        return n;
    }
    if ((n = one_of(p, end, users)) != 0 && p + n < end &&
        (p[n] == '@' || p[n] == '"' || p[n] == ':')) {
        replace(r, USER, p, n);
        return n;
    }
    return 0;
}

/* --- lines ------------------------------------------------------------------------------- */

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
static size_t rewrite_number(struct rewriter *r, const char *p, const char *end, size_t low,
                             size_t high)
{
    size_t n = digits(p, end);

    for (size_t i = 0; i + 1 < n && p[i] == '0'; i++)
        put(&r->out, "0", 1);
    put_number(&r->out, between(r->random, low, high));
    return n;
}

/* Headers whose value is made anew as a whole.  Returns how much of the line is done. */
static size_t rewrite_start(struct rewriter *r, struct text line)
{
    struct text name = header_name(line);
    size_t at = value_offset(line);
    const char *p = line.data + at, *end = line.data + line.size;

    if (same_name(name, "call-id") || same_name(name, "i")) {
        put(&r->out, line.data, at);
        put_word(&r->out, r->random, 8, 40, alnum);
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
        put_word(&r->out, r->random, 4, 12, alnum);
        put_string(&r->out, "/");
        put_number(&r->out, varied_below(r->random, 100));
        put_string(&r->out, ".");
        put_number(&r->out, varied_below(r->random, 1000));
        put_string(&r->out, " (");
        put_word(&r->out, r->random, 3, 16, alnum);
        put_string(&r->out, ")");
        return line.size;
    }
    return 0;
}

static struct text rewrite_line(struct rewriter *r, struct text line, bool header)
{
    size_t first = r->out.size, at = header ? rewrite_start(r, line) : 0;

    while (at < line.size) {
        const char *p = line.data + at;
        size_t n = rewrite_word(r, p, line.data + line.size, at > 0 ? p[-1] : ' ');
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
    static struct rewriter r;
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
        put_word(&r.out, random, 3, 14, alnum);
        put_string(&r.out, ": ");
        put_word(&r.out, random, 4, 60, alnum);
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
