/* Seeds out of spec pages; tests/spec/README.md says what their blocks are.  In the pages beside
 * this file there are more: `uri` is an input of fuzz_uri, `pair` two descriptions with an empty
 * line between, `made GRAMMAR` a text of such a grammar,
 * `starts of rule NAME` and `ends of rule NAME` are all texts that the text begins or ends with,
 * and `fuzz_NAME BITS` is an input of that target with configuration bits, which are a number as
 * 0x80. */
#include "seeds.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

enum { LONGEST = 1 << 17 };

static unsigned char text[LONGEST];

/* ---- Escapes -----------------------------------------------------------------------------------
 */

static int hex(unsigned char c)
{
    return c >= '0' && c <= '9'                     ? c - '0'
           : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                    : -1;
}

/* One escape at the start of `s`, which begins with a backslash; the octets it takes. */
static size_t put_escape(struct fuzz_out *o, sipv_slice s)
{
    static const char names[] = "rnt0\\", bytes[] = "\r\n\t\0\\";
    const char *name = s.n > 1 && s.p[1] ? strchr(names, s.p[1]) : NULL;
    unsigned char c = '\\';
    size_t n = 1;
    if (name) {
        c = (unsigned char)bytes[name - names];
        n = 2;
    } else if (s.n > 3 && s.p[1] == 'x' && hex(s.p[2]) >= 0 && hex(s.p[3]) >= 0) {
        c = (unsigned char)(hex(s.p[2]) * 16 + hex(s.p[3]));
        n = 4;
    }
    fuzz_put(o, sipv_slice_of(&c, 1));
    return n;
}

static void put_line(struct fuzz_out *o, sipv_slice line)
{
    for (size_t i = 0; i < line.n;) {
        if (line.p[i] == '\\') {
            i += put_escape(o, sipv_slice_of(line.p + i, line.n - i));
            continue;
        }
        fuzz_put(o, sipv_slice_of(line.p + i, 1));
        i++;
    }
}

/* "{text * count}": at most as often as there is room. */
static bool put_repeated(struct fuzz_out *o, sipv_slice line)
{
    size_t star = line.n;
    uint64_t count;
    if (line.n < 6 || line.p[0] != '{' || line.p[line.n - 1] != '}')
        return false;
    while (star > 3 && line.p[star - 1] != '*')
        star--;
    const sipv_slice digits = sipv_slice_of(line.p + star + 1, line.n - star - 2);
    if (star <= 3 || sipv_number(digits, 1 << 20, &count) != SIPV_OK)
        return false;
    while (count-- && !o->full)
        put_line(o, sipv_slice_of(line.p + 1, star - 3));
    return true;
}

/* ---- Blocks ------------------------------------------------------------------------------------
 */

static bool begins(sipv_slice s, const char *word, sipv_slice *rest)
{
    const size_t n = strlen(word);
    if (s.n < n || memcmp(s.p, word, n) != 0)
        return false;
    *rest = sipv_slice_of(s.p + n, s.n - n);
    return true;
}

/* The lines of a block up to its end; `lines`: each ends in CRLF. */
static void put_block(struct fuzz_out *o, sipv_slice *page, bool lines)
{
    sipv_slice none;
    while (page->n) {
        sipv_slice line = fuzz_take(page, '\n');
        if (begins(line, "```", &none))
            return;
        if (put_repeated(o, line))
            continue;
        const bool open =
            line.n && line.p[line.n - 1] == '\\' && (line.n < 2 || line.p[line.n - 2] != '\\');
        line.n -= open;
        put_line(o, line);
        if (lines && !open)
            fuzz_puts(o, "\r\n");
    }
}

static void seed_prefixed(enum seed_kind kind, sipv_slice name, const char *mark, sipv_slice value)
{
    static unsigned char room[LONGEST];
    struct fuzz_out o = FUZZ_OUT(room);
    fuzz_put(&o, name);
    fuzz_puts(&o, mark);
    fuzz_put(&o, value);
    if (!o.full)
        seed(kind, fuzz_out_slice(&o));
}

static void seed_sdp_rule(sipv_slice name, sipv_slice value)
{
    unsigned char room[256];
    struct fuzz_out o = FUZZ_OUT(room);
    fuzz_puts(&o, "sdp ");
    fuzz_put(&o, name);
    if (!o.full)
        seed_prefixed(SEED_RULE, fuzz_out_slice(&o), ":", value);
}

/* 0x80 */
static uint32_t bits_of(sipv_slice s)
{
    uint32_t bits = 0;
    for (size_t i = 2; i < s.n && hex(s.p[i]) >= 0; i++)
        bits = bits << 4 | (uint32_t)hex(s.p[i]);
    return bits;
}

static void seed_value(sipv_slice word, sipv_slice value)
{
    sipv_slice name;
    if (sipv_slice_is(word, "uri")) {
        seed(SEED_URI, value);
        return;
    }
    if (begins(word, "rule ", &name)) {
        seed_prefixed(SEED_RULE, name, ":", value);
        if (sipv_slice_is(name, "addr-spec") || sipv_slice_is(name, "bare-addr-spec") ||
            sipv_slice_is(name, "Request-URI"))
            seed(SEED_URI, value);
    } else if (begins(word, "digest ", &name)) {
        seed_prefixed(SEED_RULE, word, ":", value);
        seed(SEED_CREDENTIALS, value);
    } else if (begins(word, "sdp rule ", &name)) {
        seed_sdp_rule(name, value);
    } else if (sipv_header_find(word) != SIPV_H_OTHER) {
        seed_prefixed(SEED_HEADER, word, ": ", value);
    }
}

/* Every start, or every end, of a value. */
static void seed_parts(sipv_slice word, sipv_slice value, bool starts)
{
    for (size_t n = 1; n <= value.n; n++)
        seed_value(word, sipv_slice_of(value.p + (starts ? 0 : value.n - n), n));
}

/* A start line, or header fields, with the rest of a message. */
static void seed_part_of_message(sipv_slice part, bool is_start)
{
    static unsigned char room[LONGEST];
    struct fuzz_out o = FUZZ_OUT(room);
    if (is_start)
        fuzz_put(&o, part);
    else
        fuzz_puts(&o, "OPTIONS sip:b@b.example SIP/2.0\r\n");
    fuzz_puts(&o, "Via: SIP/2.0/UDP a.example;branch=z9hG4bK1\r\nFrom: <sip:a@a.example>;tag=1\r\n"
                  "To: <sip:b@b.example>\r\nCall-ID: 1@a.example\r\nCSeq: 1 OPTIONS\r\n");
    if (!is_start)
        fuzz_put(&o, part);
    fuzz_puts(&o, "Content-Length: 0\r\n\r\n");
    if (o.full)
        return;
    seed_message(fuzz_out_slice(&o));
    seed_variants("fuzz_message", fuzz_out_slice(&o));
    seed_variants("fuzz_roundtrip", fuzz_out_slice(&o));
}

static void seed_block(sipv_slice word, sipv_slice *page)
{
    struct fuzz_out o = FUZZ_OUT(text);
    sipv_slice rest, bits = word;
    const sipv_slice target = fuzz_take(&bits, ' ');
    const bool message = sipv_slice_is(word, "message"), sdp = sipv_slice_is(word, "sdp");
    const bool stream = begins(word, "stream", &rest), pair = sipv_slice_is(word, "pair"),
               is_start = sipv_slice_is(word, "start"), fields = sipv_slice_is(word, "fields");
    put_block(&o, page,
              message || sdp || stream || pair || is_start || fields || seed_has_lines(target));
    if (o.full)
        return;
    if (message)
        seed_message(fuzz_out_slice(&o));
    else if (stream)
        seed(SEED_STREAM, fuzz_out_slice(&o));
    else if (sdp)
        seed(SEED_SDP, fuzz_out_slice(&o));
    else if (pair)
        seed(SEED_PAIR, fuzz_out_slice(&o));
    else if (is_start || fields)
        seed_part_of_message(fuzz_out_slice(&o), is_start);
    else if (begins(word, "fuzz_", &rest)) {
        char name[32];
        snprintf(name, sizeof name, "%.*s", (int)target.n, (const char *)target.p);
        seed_with_bits(name, fuzz_out_slice(&o), bits_of(bits));
    } else if (begins(word, "made ", &rest))
        seed_prefixed(SEED_RULE, word, ":", fuzz_out_slice(&o));
    else if (begins(word, "starts of ", &rest) || begins(word, "ends of ", &rest))
        seed_parts(rest, fuzz_out_slice(&o), word.p[0] == 's');
    else
        seed_value(word, fuzz_out_slice(&o));
}

void seeds_of_page(sipv_slice page)
{
    sipv_slice word;
    while (page.n)
        if (begins(fuzz_take(&page, '\n'), "```", &word) && word.n)
            seed_block(word, &page);
}
