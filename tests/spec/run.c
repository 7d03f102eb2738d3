/* run [--fill] PAGE...: checks spec pages; README.md describes them. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descriptions.h"
#include "engines.h"
#include "files.h"
#include "messages.h"
#include "digest.h"

extern int sipv_sdp_rule_of(const sipv_sdp_line *line);

enum { LONGEST = 1 << 18, LINES = 1 << 16 };

struct text {
    char *p;
    size_t n, cap;
};

static struct engines engines;
static struct fence fence;
static struct room room;
static struct description description;
static unsigned char input[LONGEST];
static size_t n_input;
static struct text got;   /* what came out, as it would stand in the page */
static char problem[512]; /* what no page can say: the engines differ, ... */

static void add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(t->p + t->n, t->cap - t->n, format, args);
    va_end(args);
    if (n > 0 && (size_t)n < t->cap - t->n)
        t->n += (size_t)n;
}

/* ---- Inputs ---------------------------------------------------------------------------------- */

static void put(const void *bytes, size_t n)
{
    if (n > LONGEST - n_input)
        n = LONGEST - n_input;
    memcpy(input + n_input, bytes, n);
    n_input += n;
}

static void put_repeated(const char *line, size_t n)
{
    size_t star = n;
    while (star > 0 && line[star] != '*')
        star--;
    for (long k = strtol(line + star + 1, NULL, 10); k > 0 && star > 2; k--)
        put(line + 1, star - 2);
}

/* One line of an input block. */
static void put_line(const char *line, size_t n, bool lines)
{
    bool end = lines;
    if (n > 4 && line[0] == '{' && line[n - 1] == '}') {
        put_repeated(line, n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)line[i];
        if (c == '\\' && i + 1 == n && lines) {
            end = false;
            break;
        }
        if (c == '\\' && i + 1 < n) {
            const char *from = "rnt0\\", *to = "\r\n\t\0\\", *at;
            if (line[i + 1] == 'x' && i + 3 < n) {
                tsv_bytes((char[]){'\\', 'x', line[i + 2], line[i + 3], 0}, &c, 1);
                i += 3;
            } else if ((at = strchr(from, line[i + 1])) && *at) {
                c = (unsigned char)to[at - from];
                i++;
            }
        }
        put(&c, 1);
    }
    if (end)
        put("\r\n", 2);
}

/* ---- Values ---------------------------------------------------------------------------------- */

struct part {
    uint32_t off, len;
    unsigned kind;
};

static int by_offset(const void *a, const void *b)
{
    const struct part *x = a, *y = b;
    if (x->off != y->off)
        return x->off < y->off ? -1 : 1;
    if (x->len != y->len)
        return x->len > y->len ? -1 : 1;
    return x->kind < y->kind ? -1 : x->kind > y->kind;
}

static void show_parts(const sipv_event *ev, size_t n)
{
    static char text[4 * LONGEST + 8];
    struct part *parts = malloc((n + 1) * sizeof *parts);
    size_t count = 0;
    for (size_t i = 0; parts && i < n; i++) {
        if (ev[i].part == SIPV_PART_CLOSE) { /* ends the last one that is open */
            for (size_t k = count; k > 0; k--)
                if (parts[k - 1].kind == ev[i].kind) {
                    parts[k - 1].len = ev[i].off - parts[k - 1].off;
                    break;
                }
            continue;
        }
        parts[count++] = (struct part){ev[i].off, ev[i].len, ev[i].kind};
    }
    if (count)
        qsort(parts, count, sizeof *parts, by_offset);
    for (size_t i = 0; i < count; i++)
        add(&got, "%u+%u %s %s\n", (unsigned)parts[i].off, (unsigned)parts[i].len,
            sipv_kind_name(engines_grammar(engines.language), parts[i].kind),
            escape_bytes(input + parts[i].off, parts[i].len, text, sizeof text));
    free(parts);
}

/* Can the value stand in a message as it is?  Not with white space at its ends, which the parser
 * takes off, and not with line ends that are no folds. */
static bool fits_in_line(void)
{
    if (n_input == 0 || strchr(" \t\r\n", input[0]) || strchr(" \t\r\n", input[n_input - 1]))
        return false;
    for (size_t i = 0; i < n_input; i++) {
        if (input[i] == '\n' && (i == 0 || input[i - 1] != '\r'))
            return false;
        if (input[i] == '\r' &&
            (input[i + 1] != '\n' || !strchr(" \t", input[i + 2]) || !input[i + 2]))
            return false;
    }
    return true;
}

/* A message that is right but for the value of header `id`. */
static size_t embed(unsigned id, unsigned char *out, size_t *at)
{
    static const struct {
        unsigned id;
        const char *line;
    } all[] = {{SIPV_H_VIA, "Via: SIP/2.0/UDP oak.example;branch=z9hG4bK7\r\n"},
               {SIPV_H_FROM, "From: <sip:ivo@oak.example>;tag=1\r\n"},
               {SIPV_H_TO, "To: <sip:una@elm.example>\r\n"},
               {SIPV_H_CALL_ID, "Call-ID: 7@oak.example\r\n"},
               {SIPV_H_CSEQ, "CSeq: 1 OPTIONS\r\n"},
               {SIPV_H_MAX_FORWARDS, "Max-Forwards: 70\r\n"},
               {SIPV_H_CONTENT_LENGTH, "Content-Length: 0\r\n"}};
    size_t n = (size_t)sprintf(
        (char *)out, "OPTIONS sip:una@elm.example SIP/2.0\r\n%s: ", sipv_header_info_of(id)->name);
    *at = n;
    memcpy(out + n, input, n_input);
    n += n_input;
    n += (size_t)sprintf((char *)out + n, "\r\n");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].id != id)
            n += (size_t)sprintf((char *)out + n, "%s", all[i].line);
    return n + (size_t)sprintf((char *)out + n, "\r\n");
}

static void in_message(unsigned id, const struct engines_outcome *alone)
{
    static unsigned char message[LONGEST + 1024];
    struct framed framed;
    size_t at;
    const size_t n = embed(id, message, &at);
    room_parse(&room, fence_end(&fence, message, n), n, SIPV_STRICT);
    const sipv_message *m = &room.m;
    const sipv_header *h = &m->headers[0];
    const char *fault = message_fault(m);
    if (!fault && (m->n_headers == 0 || h->id != id || h->value.n != n_input))
        fault = "the header is not there";
    if (!fault && !alone->accepted && h->state == SIPV_READ)
        fault = "the header is read, although its value is refused";
    if (!fault && alone->accepted && h->state == SIPV_READ) {
        for (size_t i = 0; i < alone->n_events && i < h->n_events; i++) {
            const sipv_event *a = &alone->events[i], *b = &m->events[h->first_event + i];
            if (a->kind != b->kind || a->part != b->part || a->off + at != b->off ||
                a->len != b->len)
                fault = "other captures in a message";
        }
        if (alone->n_events != h->n_events)
            fault = "other captures in a message";
    }
    for (size_t i = 0; i < m->n_diags; i++)
        if (m->diags[i].header == 0 &&
            strcmp(sipv_diag_find(m->diags[i].code)->name, "header-not-allowed") != 0)
            add(&got, "finding %s %ld+%zu\n", sipv_diag_find(m->diags[i].code)->name,
                (long)m->diags[i].off - (long)at, m->diags[i].len);
    if (!fault && n < 4096) {
        fault = framer_fault(&fence, message, n, SIPV_STRICT, &framed);
        if (!fault && m->accepted && m->content_length >= 0 &&
            (framed.result != SIPV_OK || framed.frame.n != n))
            fault = "the framer does not find the message";
    }
    if (fault)
        snprintf(problem, sizeof problem, "%s", fault);
}

static const char *run_value(int rule, bool value, unsigned id)
{
    struct engines_outcome out;
    if (!engines_agree(&engines, rule, value, input, n_input, &out, problem, sizeof problem))
        return "error";
    if (out.accepted)
        show_parts(out.events, out.n_events);
    else
        add(&got, "byte %zu\n", out.match.error_offset);
    if (id != SIPV_H_OTHER && fits_in_line())
        in_message(id, &out);
    return out.accepted ? "fields" : "error";
}

/* ---- Digest -------------------------------------------------------------------------------------
 */

/* A rule of the digest grammar, and what the view of a header value says. */
static const char *run_digest(const char *name)
{
#ifdef TESTS_WITH_AUTH
    engines.language = ENGINES_DIGEST;
    const int rule = sipv_rule_find(engines_grammar(ENGINES_DIGEST), sipv_slice_text(name));
    if (rule < 0)
        return NULL;
    const char *kind = run_value(rule, false, SIPV_H_OTHER);
    got.n += spec_digest(name, fence_end(&fence, input, n_input), n_input, got.p + got.n,
                         got.cap - got.n);
    return kind;
#else
    (void)name;
    return NULL;
#endif
}

/* ---- Messages and streams -------------------------------------------------------------------- */

static const char *run_message(void)
{
    struct framed framed;
    const char *fault;
    for (int profile = SIPV_STRICT; profile <= SIPV_INTEROP; profile++) {
        room_parse(&room, fence_end(&fence, input, n_input), n_input, (sipv_profile)profile);
        const sipv_message *m = &room.m;
        add(&got, "%s %s", profile == SIPV_STRICT ? "strict" : "interop",
            m->accepted ? "accept" : "reject");
        add(&got, m->suggested_status ? " %u\n" : "\n", m->suggested_status);
        for (size_t i = 0; i < m->n_diags; i++)
            add(&got, "  %s %zu+%zu\n", sipv_diag_find(m->diags[i].code)->name, m->diags[i].off,
                m->diags[i].len);
        if ((fault = message_fault(m)))
            snprintf(problem, sizeof problem, "%s", fault);
        if (n_input < 4096 &&
            (fault = framer_fault(&fence, input, n_input, (sipv_profile)profile, &framed)))
            snprintf(problem, sizeof problem, "framer: %s", fault);
    }
    return "verdict";
}

/* What a connection delivers if octets come in as `first`, then `step` at a time. */
static void read_stream(struct text *out, sipv_profile profile, size_t first, size_t step)
{
    sipv_framer framer;
    sipv_frame frame;
    size_t begin = 0, end = first;
    unsigned pings = 0;
    int result = SIPV_MORE;
    sipv_framer_init(&framer, profile, NULL);
    out->n = 0;
    for (;;) {
        const unsigned char *p = fence_end(&fence, input + begin, end - begin);
        result = sipv_framer_feed(&framer, p, end - begin, &frame);
        if (result == SIPV_OK) {
            add(out, "message %zu+%zu\n", begin + frame.skip, frame.n);
            pings += frame.pings;
            begin += frame.skip + frame.n;
        } else if (result != SIPV_MORE) {
            break;
        } else if (end == n_input) {
            break;
        } else {
            end = end + step < n_input ? end + step : n_input;
        }
    }
    pings += frame.pings;
    if (pings)
        add(out, "pings %u\n", pings);
    if (result == SIPV_MORE)
        add(out, "%s\n", begin + frame.skip == n_input ? "complete" : "more");
    else
        add(out, "error %s %zu\n", sipv_diag_find(frame.diag.code)->name, begin + frame.diag.off);
}

static const char *run_stream(sipv_profile profile)
{
    static char other[LINES];
    struct text cut = {other, 0, sizeof other};
    read_stream(&got, profile, n_input, n_input);
    for (size_t split = 0; split <= n_input && n_input < 4096; split++) {
        read_stream(&cut, profile, split < n_input ? split : 1, split < n_input ? n_input : 1);
        if (cut.n != got.n || memcmp(cut.p, got.p, got.n) != 0) {
            snprintf(problem, sizeof problem, "cut at %zu: %s", split, cut.p);
            break;
        }
    }
    return "frames";
}

/* ---- Session descriptions
 * -------------------------------------------------------------------------
 */

/* A description that is right but for the value of one line. */
static size_t describe(char type, const char *name, bool valued, unsigned char *out, size_t *at)
{
    static const char order[] = "vosiuepcbtrzkam";
    size_t n = 0;
    for (const char *p = order; *p; p++) {
        const bool here = *p == type;
        const char *usual = *p == 'v'   ? "0"
                            : *p == 'o' ? "- 1 1 IN IP4 192.0.2.1"
                            : *p == 's' ? "-"
                            : *p == 'c' ? "IN IP4 192.0.2.1"
                            : *p == 't' ? "0 0"
                            : *p == 'm' ? "audio 9 RTP/AVP 0"
                                        : NULL;
        if (*p == 'a' || (!here && !usual))
            continue;
        n += (size_t)sprintf((char *)out + n, "%c=", *p);
        if (here) {
            *at = n;
            memcpy(out + n, input, n_input);
            n += n_input;
        } else {
            n += (size_t)sprintf((char *)out + n, "%s", usual);
        }
        n += (size_t)sprintf((char *)out + n, "\r\n");
    }
    if (type != 'a')
        return n;
    n += (size_t)sprintf((char *)out + n, "a=%s%s", name, valued ? ":" : "");
    *at = n;
    memcpy(out + n, input, n_input);
    n += n_input;
    return n + (size_t)sprintf((char *)out + n, "\r\n");
}

/* The same value inside a description: read alike, and what is wrong with it there. */
static void in_description(char type, const char *name, const struct engines_outcome *alone)
{
    static unsigned char text[LONGEST + 1024];
    size_t at = 0;
    const size_t n = describe(type, name, n_input > 0, text, &at);
    const char *fault;
    described(&description, fence_end(&fence, text, n), n, SIPV_STRICT);
    const sipv_sdp *s = &description.s;
    const sipv_sdp_line *line = NULL;
    for (size_t i = 0; i < s->n_lines; i++)
        if (s->lines[i].off + 2 <= at && s->lines[i].type == type)
            line = &s->lines[i];
    if ((fault = description_fault(s)) != NULL)
        snprintf(problem, sizeof problem, "%s", fault);
    else if (!line)
        snprintf(problem, sizeof problem, "the line is not there");
    else if (!alone->accepted && n_input && line->state == SIPV_SDP_READ)
        snprintf(problem, sizeof problem, "the line is read, although its value is refused");
    for (size_t i = 0; i < s->n_diags; i++)
        if (s->diags[i].severity == SIPV_ERROR)
            add(&got, "finding %s %ld+%zu\n", sipv_sdp_diag_find(s->diags[i].code)->name,
                (long)s->diags[i].off - (long)at, s->diags[i].len);
}

/* Can the value stand on a line? */
static bool fits_in_description(void)
{
    return n_input == 0 || (!memchr(input, '\r', n_input) && !memchr(input, '\n', n_input));
}

static const char *run_line(char type, const char *name)
{
    struct engines_outcome out;
    sipv_sdp_line line = {.type = type};
    line.id = (uint16_t)(type == 'a' ? sipv_sdp_attribute_find(sipv_slice_text(name)) : 0);
    if (type == 'a' && line.id == SIPV_SDP_A_OTHER)
        return NULL;
    const int rule = sipv_sdp_rule_of(&line);
    if (rule < 0) { /* without a value */
        memset(&out, 0, sizeof out);
        out.accepted = n_input == 0;
        if (!out.accepted)
            add(&got, "byte 0\n");
    } else {
        if (!engines_agree(&engines, rule, false, input, n_input, &out, problem, sizeof problem))
            return "error";
        if (out.accepted)
            show_parts(out.events, out.n_events);
        else
            add(&got, "byte %zu\n", out.match.error_offset);
    }
    if (fits_in_description())
        in_description(type, name, &out);
    return out.accepted ? "fields" : "error";
}

static const char *run_description(void)
{
    const char *fault;
    for (int profile = SIPV_STRICT; profile <= SIPV_INTEROP; profile++) {
        described(&description, fence_end(&fence, input, n_input), n_input, (sipv_profile)profile);
        const sipv_sdp *s = &description.s;
        add(&got, "%s %s\n", profile == SIPV_STRICT ? "strict" : "interop",
            s->accepted ? "accept" : "reject");
        for (size_t i = 0; i < s->n_diags; i++)
            add(&got, "  %s %zu+%zu\n", sipv_sdp_diag_find(s->diags[i].code)->name, s->diags[i].off,
                s->diags[i].len);
        if ((fault = description_fault(s)))
            snprintf(problem, sizeof problem, "%s", fault);
    }
    return "verdict";
}

/* "sdp", "o=", "a=rtpmap", "sdp rule NAME" */
static const char *run_sdp(const char *subject)
{
    if (strcmp(subject, "sdp") == 0)
        return run_description();
    if (strncmp(subject, "sdp rule ", 9) == 0) {
        const int rule = sipv_rule_find(sipv_sdp_grammar(), sipv_slice_text(subject + 9));
        return rule < 0 ? NULL : run_value(rule, false, SIPV_H_OTHER);
    }
    return run_line(subject[0], subject + 2);
}

/* Runs the input as what `subject` says; returns the kind of block that must follow. */
static const char *run_input(const char *subject)
{
    const sipv_grammar *g = sipv_sip_grammar();
    got.n = 0;
    got.p[0] = problem[0] = 0;
    const bool line = subject[0] >= 'a' && subject[0] <= 'z' && subject[1] == '=';
    engines.language = line || strncmp(subject, "sdp", 3) == 0 ? ENGINES_SDP : ENGINES_SIP;
    if (engines.language == ENGINES_SDP)
        return run_sdp(subject);
    if (strcmp(subject, "message") == 0)
        return run_message();
    if (strcmp(subject, "stream") == 0)
        return run_stream(SIPV_STRICT);
    if (strcmp(subject, "stream interop") == 0)
        return run_stream(SIPV_INTEROP);
    if (strncmp(subject, "rule ", 5) == 0) {
        const int rule = sipv_rule_find(g, sipv_slice_text(subject + 5));
        return rule < 0 ? NULL : run_value(rule, false, SIPV_H_OTHER);
    }
    if (strncmp(subject, "digest ", 7) == 0)
        return run_digest(subject + 7);
    const unsigned id = sipv_header_find(sipv_slice_text(subject));
    if (id == SIPV_H_OTHER || sipv_header_info_of(id)->rule < 0)
        return NULL;
    return run_value(sipv_header_info_of(id)->rule, true, id);
}

/* ---- Pages ----------------------------------------------------------------------------------- */

struct page {
    const char *path, *at;
    bool fill;
    unsigned line, cases, failures;
    char heading[256], subject[128];
};

static bool next_line(struct page *p, const char **line, size_t *n)
{
    if (!*p->at)
        return false;
    const char *end = strchr(p->at, '\n');
    *line = p->at;
    *n = end ? (size_t)(end - p->at) : strlen(p->at);
    p->at += *n + (end ? 1 : 0);
    p->line++;
    return true;
}

static bool is_fence(const char *line, size_t n)
{
    return n >= 3 && memcmp(line, "```", 3) == 0;
}

static void fail(struct page *p, const char *what, const char *wanted)
{
    printf("%s:%u: %s: %s\n", p->path, p->line, p->heading, what);
    if (wanted)
        printf("  wanted:\n%s  came out:\n%s", wanted, got.p);
    p->failures++;
}

static void read_input(struct page *p, const char *subject)
{
    const char *line;
    size_t n;
    const bool lines = strcmp(subject, "message") == 0 || strcmp(subject, "sdp") == 0 ||
                       strncmp(subject, "stream", 6) == 0;
    n_input = 0;
    while (next_line(p, &line, &n)) {
        if (p->fill)
            printf("%.*s\n", (int)n, line);
        if (is_fence(line, n))
            return;
        put_line(line, n, lines);
    }
}

static void check_block(struct page *p, const char *kind)
{
    static char wanted[LINES];
    size_t at = 0, n;
    const char *line, *is = run_input(p->subject);
    p->cases++;
    while (next_line(p, &line, &n) && !is_fence(line, n))
        if (at + n + 2 < sizeof wanted)
            at += (size_t)sprintf(wanted + at, "%.*s\n", (int)n, line);
    wanted[at] = 0;
    if (p->fill)
        printf("```%s\n%s```\n", is ? is : kind, got.p);
    if (!is)
        fail(p, "no such header, line, attribute or rule", NULL);
    else if (*problem)
        fail(p, problem, NULL);
    else if (!p->fill && (strcmp(is, kind) != 0 || strcmp(wanted, got.p) != 0))
        fail(p, strcmp(is, kind) == 0 ? "differs" : is, wanted);
}

static bool run_page(const char *path, bool fill, unsigned *cases)
{
    size_t n;
    const char *line;
    char *text = (char *)file_read(path, &n);
    struct page p = {.path = path, .at = text, .fill = fill};
    if (!text) {
        printf("%s: cannot be read\n", path);
        return false;
    }
    while (next_line(&p, &line, &n)) {
        char word[128];
        if (n > 2 && line[0] == '#')
            snprintf(p.heading, sizeof p.heading, "%.*s", (int)n, line);
        snprintf(word, sizeof word, "%.*s", is_fence(line, n) ? (int)n - 3 : 0, line + 3);
        const bool result = strcmp(word, "fields") == 0 || strcmp(word, "error") == 0 ||
                            strcmp(word, "verdict") == 0 || strcmp(word, "frames") == 0;
        if (fill && !result)
            printf("%.*s\n", (int)n, line);
        if (!is_fence(line, n))
            continue;
        if (!result) {
            if (*p.subject)
                fail(&p, "an input has no block behind it", NULL);
            snprintf(p.subject, sizeof p.subject, "%s", word);
            read_input(&p, word);
        } else {
            check_block(&p, word);
            p.subject[0] = 0;
        }
    }
    if (*p.subject || !p.cases)
        fail(&p, "an input has no block behind it", NULL);
    *cases += p.cases;
    free(text);
    return p.failures == 0;
}

int main(int argc, char **argv)
{
    bool ok = true;
    unsigned cases = 0;
    const bool fill = argc > 1 && strcmp(argv[1], "--fill") == 0;
    got.p = malloc(LINES);
    got.cap = LINES;
    if (argc < 2 + fill || !got.p || !engines_open(&engines, LONGEST) || !room_open(&room) ||
        !description_open(&description) || !fence_open(&fence, LONGEST + 1024)) {
        fprintf(stderr, "usage: run [--fill] PAGE...\n");
        return 2;
    }
    engines_use(ENGINES_TABLES);
    for (int i = 1 + fill; i < argc; i++)
        ok &= run_page(argv[i], fill, &cases);
    if (!fill)
        printf("%u cases\n", cases);
    engines_close(&engines);
    fence_close(&fence);
    room_close(&room);
    description_close(&description);
    free(got.p);
    return !ok;
}
