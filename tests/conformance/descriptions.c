/* descriptions FOLDER: the session descriptions of the corpus against FOLDER/sdp/index.tsv: the
 * verdict of each profile, the same parse by every flavour of the matchers, also of damaged
 * descriptions, both engines on every value, what is written again, and every beginning of a
 * description; and the answers made to them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descriptions.h"
#include "engines.h"
#include "files.h"

enum { LONGEST = 1 << 17, PATHS = 1024 };

extern int sipv_sdp_rule_of(const sipv_sdp_line *line);

static struct description d, other;
static struct engines engines;
static struct fence fence;
static char paths[PATHS][128];
static size_t n_paths, values, faults;

static void fault(const char *file, const char *what, const char *how)
{
    printf("%s: %s: %s\n", file, what, how);
    faults++;
}

static bool same_parse(const sipv_sdp *a, const sipv_sdp *b)
{
    if (a->accepted != b->accepted || a->n_lines != b->n_lines || a->n_events != b->n_events ||
        a->n_sections != b->n_sections || a->n_session != b->n_session || a->late != b->late ||
        a->direction != b->direction || a->n_diags != b->n_diags)
        return false;
    for (size_t i = 0; i < a->n_lines; i++)
        if (a->lines[i].off != b->lines[i].off || a->lines[i].id != b->lines[i].id ||
            a->lines[i].state != b->lines[i].state || a->lines[i].view != b->lines[i].view ||
            a->lines[i].section != b->lines[i].section ||
            a->lines[i].n_events != b->lines[i].n_events ||
            a->lines[i].first_event != b->lines[i].first_event ||
            a->lines[i].name.p != b->lines[i].name.p || a->lines[i].name.n != b->lines[i].name.n ||
            a->lines[i].value.p != b->lines[i].value.p ||
            a->lines[i].value.n != b->lines[i].value.n)
            return false;
    for (size_t i = 0; i < a->n_sections; i++)
        if (a->sections[i].n != b->sections[i].n || a->sections[i].mid != b->sections[i].mid ||
            a->sections[i].direction != b->sections[i].direction)
            return false;
    for (size_t i = 0; i < a->n_events; i++)
        if (a->events[i].kind != b->events[i].kind || a->events[i].part != b->events[i].part ||
            a->events[i].off != b->events[i].off || a->events[i].len != b->events[i].len)
            return false;
    for (size_t i = 0; i < a->n_diags; i++)
        if (a->diags[i].code != b->diags[i].code || a->diags[i].off != b->diags[i].off ||
            a->diags[i].len != b->diags[i].len)
            return false;
    return true;
}

static void check_profile(const char *file, const unsigned char *data, size_t n,
                          sipv_profile profile, const char *wanted)
{
    const unsigned char *p = fence_end(&fence, data, n);
    engines_use(ENGINES_TABLES);
    described(&d, p, n, profile);
    if (strcmp(d.s.accepted ? "accept" : "reject", wanted) != 0)
        fault(file, profile == SIPV_STRICT ? "strict" : "interop", wanted);
    if (description_fault(&d.s))
        fault(file, "parse", description_fault(&d.s));
    if (engines_use(ENGINES_EXPRESS)) {
        described(&other, p, n, profile);
        if (!same_parse(&d.s, &other.s))
            fault(file, "parse", "the compiled matchers differ from the tables");
    }
    engines_use(ENGINES_TABLES);
}

/* Bytes changed, left out and put in at random: what vector code and compiled matchers make of a
 * description is what parse.c and the tables make of it. */
static void check_damaged(const char *file, const unsigned char *data, size_t n)
{
    enum { TIMES = 400, LONGEST_DAMAGED = 8192 };
    static const char bytes[] = "\r\n\0 \t:=/.,;aA0919mcvt\xc3\xff-";
    static unsigned char text[LONGEST_DAMAGED + 8];
    uint64_t seed = 0x9e3779b97f4a7c15u + n;
    if (n == 0 || n > LONGEST_DAMAGED)
        return;
    for (int i = 0; i < TIMES; i++) {
        size_t length = n;
        memcpy(text, data, n);
        for (unsigned k = 0; k <= (seed >> 60 & 1); k++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            const size_t at = (size_t)(seed >> 33) % length;
            switch (seed >> 30 & 3) {
            case 0:
                memmove(text + at, text + at + 1, length - at - 1);
                length -= length > 1;
                break;
            case 1: memmove(text + at + 1, text + at, length - at); length++; /* fall through */
            default: text[at] = (unsigned char)bytes[(seed >> 20 & 0x3ff) % sizeof bytes];
            }
        }
        const unsigned char *const p = fence_end(&fence, text, length);
        for (int profile = SIPV_STRICT; profile <= SIPV_INTEROP; profile++) {
            engines_use(ENGINES_TABLES);
            described(&d, p, length, (sipv_profile)profile);
            if (description_fault(&d.s))
                fault(file, "damaged", description_fault(&d.s));
            if (!engines_use(ENGINES_EXPRESS))
                continue;
            described(&other, p, length, (sipv_profile)profile);
            if (!same_parse(&d.s, &other.s)) {
                char shown[4 * LONGEST_DAMAGED + 64];
                fault(file, "damaged", "the compiled matchers differ from the tables");
                printf("%s\n", escape_bytes(text, length, shown, sizeof shown));
            }
        }
    }
    engines_use(ENGINES_TABLES);
}

static void check_values(const char *file)
{
    char why[320];
    for (size_t i = 0; i < d.s.n_lines; i++) {
        const sipv_sdp_line *l = &d.s.lines[i];
        const int rule = sipv_sdp_rule_of(l);
        if (rule < 0 || !l->value.p || l->value.n > 4096)
            continue;
        values++;
        if (!engines_agree(&engines, rule, false, l->value.p, l->value.n, NULL, why, sizeof why))
            fault(file, "engines", why);
    }
}

static void check_writing(const char *file, const unsigned char *data, size_t n)
{
    static unsigned char out[LONGEST];
    size_t written;
    if (!d.s.accepted)
        return;
    if (sipv_sdp_write(&d.s, out, sizeof out, &written) != SIPV_OK || written != n ||
        memcmp(out, data, n) != 0)
        fault(file, "write", "the accepted description is not written as it was");
}

/* Every description that is accepted may be an offer: it gets an answer that can be read and that
 * fits; and it may follow itself. */
static void check_answering(const char *file, const unsigned char *data, size_t length)
{
    static unsigned char out[LONGEST];
    sipv_sdp_capabilities local;
    sipv_diag diags[64];
    size_t n, found = 0;
    if (described(&d, data, length, SIPV_STRICT) != SIPV_OK)
        return;
    memset(&local, 0, sizeof local);
    local.address = sipv_slice_text("2001:db8::77");
    local.fingerprint = sipv_slice_text("sha-256 00:11");
    local.crypto = sipv_slice_text("inline:abc");
    local.ice_ufrag = sipv_slice_text("abcd");
    local.ice_pwd = sipv_slice_text("abcdefghijklmnopqrstuv");
    if (sipv_sdp_answer(&d.s, &local, out, sizeof out, &n) != SIPV_OK)
        fault(file, "answer", "there is none");
    else if (described(&other, fence_end(&fence, out, n), n, SIPV_STRICT) != SIPV_OK)
        fault(file, "answer", "it cannot be read");
    else if (sipv_sdp_check_answer(&d.s, &other.s, diags, 64, &found) != SIPV_OK)
        fault(file, "answer", found ? sipv_sdp_diag_find(diags[0].code)->name : "?");
    if (sipv_sdp_check_next(&d.s, &d.s, diags, 64, &found) != SIPV_OK || found)
        fault(file, "next", "it may not follow itself");
}

static void check_file(const char *folder, const char *file, const struct tsv *t)
{
    char path[512];
    size_t n;
    snprintf(path, sizeof path, "%s/%s", folder, file);
    unsigned char *data = file_read(path, &n);
    if (!data || n > LONGEST) {
        fault(file, "file", "cannot be read");
        free(data);
        return;
    }
    check_profile(file, data, n, SIPV_INTEROP, tsv_get(t, "interop"));
    check_profile(file, data, n, SIPV_STRICT, tsv_get(t, "strict"));
    check_values(file);
    check_writing(file, data, n);
    check_answering(file, data, n);
    check_damaged(file, data, n);
    for (size_t some = 0; some < n && some < 2048; some++) {
        described(&other, fence_end(&fence, data, some), some, SIPV_STRICT);
        if (description_fault(&other.s))
            fault(file, "beginning", description_fault(&other.s));
    }
    free(data);
}

static bool is_description(const char *path)
{
    const size_t n = strlen(path);
    return n >= 4 && strcmp(path + n - 4, ".sdp") == 0;
}

static void see_file(const char *path, void *with)
{
    const char *below = path + strlen((const char *)with) + 1;
    if (!is_description(path))
        return;
    for (size_t i = 0; i < n_paths; i++)
        if (strcmp(paths[i], below) == 0)
            return;
    fault(below, "sdp/index.tsv", "has no line for it");
}

/* The descriptions of a table, whose paths count from FOLDER/`below`. */
static void check_table(const char *folder, const char *table, const char *below)
{
    struct tsv t;
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, table);
    if (!tsv_open(&t, path)) {
        fault(path, "table", "cannot be read");
        return;
    }
    while (tsv_next(&t) && n_paths < PATHS) {
        if (!is_description(tsv_get(&t, "path")))
            continue;
        char *const file = paths[n_paths++];
        snprintf(file, sizeof *paths, "%s%s", below, tsv_get(&t, "path"));
        check_file(folder, file, &t);
    }
    tsv_close(&t);
}

int main(int argc, char **argv)
{
    if (argc != 2 || !description_open(&d) || !description_open(&other) ||
        !fence_open(&fence, LONGEST) || !engines_open(&engines, 1 << 16)) {
        fprintf(stderr, "usage: descriptions FOLDER\n");
        return 2;
    }
    engines.language = ENGINES_SDP;
    check_table(argv[1], "sdp/index.tsv", "");
    check_table(argv[1], "regressions/index.tsv", "regressions/");
    if (!n_paths || !files_below(argv[1], see_file, argv[1]))
        fault(argv[1], "corpus", "cannot be read");
    printf("%zu descriptions, %zu values, %zu faults\n", n_paths, values, faults);
    description_close(&d);
    description_close(&other);
    fence_close(&fence);
    engines_close(&engines);
    return faults != 0;
}
