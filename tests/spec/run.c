/* run [--fill] PAGE...: checks spec pages; README.md describes them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "spec.h"

/* ---- Inputs ---------------------------------------------------------------------------------- */

/* Runs the input as what `subject` says; returns the kind of block that must follow. */
static const char *run_input(const char *subject)
{
    const sipv_grammar *g = sipv_sip_grammar();
    spec.got.n = 0;
    spec.got.p[0] = spec.problem[0] = 0;
    const bool line = subject[0] >= 'a' && subject[0] <= 'z' && subject[1] == '=';
    spec.engines.language = line || strncmp(subject, "sdp", 3) == 0 ? ENGINES_SDP : ENGINES_SIP;
    if (spec.engines.language == ENGINES_SDP)
        return spec_run_sdp(subject);
    if (strcmp(subject, "message") == 0)
        return spec_run_message();
    if (strcmp(subject, "stream") == 0)
        return spec_run_stream(SIPV_STRICT);
    if (strcmp(subject, "stream interop") == 0)
        return spec_run_stream(SIPV_INTEROP);
    if (strncmp(subject, "rule ", 5) == 0) {
        const int rule = sipv_rule_find(g, sipv_slice_text(subject + 5));
        return rule < 0 ? NULL : spec_run_value(rule, false, SIPV_H_OTHER);
    }
#ifdef TESTS_WITH_AUTH
    if (strncmp(subject, "digest ", 7) == 0)
        return spec_run_digest(subject + 7);
#endif
    const unsigned id = sipv_header_find(sipv_slice_text(subject));
    if (id == SIPV_H_OTHER || sipv_header_info_of(id)->rule < 0)
        return NULL;
    return spec_run_value(sipv_header_info_of(id)->rule, true, id);
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
        printf("  wanted:\n%s  came out:\n%s", wanted, spec.got.p);
    p->failures++;
}

static void read_input(struct page *p, const char *subject)
{
    const char *line;
    size_t n;
    const bool lines = strcmp(subject, "message") == 0 || strcmp(subject, "sdp") == 0 ||
                       strncmp(subject, "stream", 6) == 0;
    spec.n_input = 0;
    while (next_line(p, &line, &n)) {
        if (p->fill)
            printf("%.*s\n", (int)n, line);
        if (is_fence(line, n))
            return;
        spec_input_line(line, n, lines);
    }
}

static void check_block(struct page *p, const char *kind)
{
    static char wanted[SPEC_LINES];
    size_t at = 0, n;
    const char *line, *is = run_input(p->subject);
    p->cases++;
    while (next_line(p, &line, &n) && !is_fence(line, n))
        if (at + n + 2 < sizeof wanted)
            at += (size_t)sprintf(wanted + at, "%.*s\n", (int)n, line);
    wanted[at] = 0;
    if (p->fill)
        printf("```%s\n%s```\n", is ? is : kind, spec.got.p);
    if (!is)
        fail(p, "no such header, line, attribute or rule", NULL);
    else if (*spec.problem)
        fail(p, spec.problem, NULL);
    else if (!p->fill && (strcmp(is, kind) != 0 || strcmp(wanted, spec.got.p) != 0))
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
    spec.got.p = malloc(SPEC_LINES);
    spec.got.cap = SPEC_LINES;
    if (argc < 2 + fill || !spec.got.p || !engines_open(&spec.engines, SPEC_LONGEST) ||
        !room_open(&spec.room) || !description_open(&spec.description) ||
        !fence_open(&spec.fence, SPEC_LONGEST + 1024)) {
        fprintf(stderr, "usage: run [--fill] PAGE...\n");
        return 2;
    }
    engines_use(ENGINES_TABLES);
    for (int i = 1 + fill; i < argc; i++)
        ok &= run_page(argv[i], fill, &cases);
    if (!fill)
        printf("%u cases\n", cases);
    engines_close(&spec.engines);
    fence_close(&spec.fence);
    room_close(&spec.room);
    description_close(&spec.description);
    free(spec.got.p);
    return !ok;
}
