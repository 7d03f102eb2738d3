/* varied_words.c: see varied_words.h. */
#include "varied_words.h"

enum word { BRANCH, TAG, USER, DOMAIN, ADDRESS, PORT, SECRET, HEXES, DISPLAY };

static void make_word(struct buffer *out, struct varied_random *random, enum word word,
                      struct text from)
{
    switch (word) {
    case BRANCH:
        put_string(out, "z9hG4bK");
        put_word(out, random, 5, 28, VARIED_ALNUM);
        break;
    case TAG: put_word(out, random, 5, 20, VARIED_ALNUM); break;
    case USER: put_word(out, random, 3, 12, VARIED_LOWER); break;
    case DOMAIN:
        put_word(out, random, 3, 14, VARIED_LOWER);
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
    case SECRET: put_word(out, random, 8, 40, VARIED_ALNUM); break;
    case HEXES: put_word(out, random, from.size, from.size, "0123456789abcdef"); break;
    case DISPLAY:
        if (percent(random, 33)) {
            put(out, from.data, from.size);
        } else if (percent(random, 50)) {
            put_word(out, random, 3, 9, VARIED_ALNUM);
        } else {
            put(out, "\"", 1);
            put_word(out, random, 2, 9, VARIED_ALNUM);
            put(out, " ", 1);
            put_word(out, random, 2, 12, VARIED_ALNUM);
            put(out, "\"", 1);
        }
        break;
    }
}

/* Writes what stands for the word; makes it up the first time. */
static void replace(struct varied_rewriter *r, enum word word, const char *p, size_t size)
{
    struct text from = {p, size};

    for (size_t i = 0; i < r->memo_count; i++) {
        const struct varied_memo *m = &r->memo[i];
        if (m->from.size == size && memcmp(m->from.data, p, size) == 0) {
            put_string(&r->out, m->to);
            return;
        }
    }
    if (r->memo_count == VARIED_MEMO_COUNT || size >= VARIED_WORD_ROOM) {
        put(&r->out, p, size);
        return;
    }
    struct varied_memo *m = &r->memo[r->memo_count++];
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

/* Copies `name` with white space and "=" behind it.  Returns how much was copied, 0 if it is not
 * there. */
static size_t copy_equal(struct varied_rewriter *r, const char *p, const char *end,
                         const char *name)
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

size_t varied_rewrite_word(struct varied_rewriter *r, const char *p, const char *end, char before)
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
