/* uri_compare TABLE: pairs of URIs, whether they are equal and what differs first; both ways round,
 * and each URI with itself. */
#include <stdio.h>
#include <string.h>

#include "fence.h"
#include "files.h"

#include <sipvet/parser.h>

static struct fence fence[2];
static sipv_event events[2][512];
static sipv_uri uris[2];
static size_t faults, lines;

static void fault(const struct tsv *t, const char *what)
{
    printf("line %u, %s, %s: %s\n", t->line, tsv_get(t, "a"), tsv_get(t, "b"), what);
    faults++;
}

static bool read_uri(const struct tsv *t, unsigned i, const char *column)
{
    unsigned char bytes[4096];
    const size_t n = tsv_bytes(tsv_get(t, column), bytes, sizeof bytes);
    const sipv_slice text = sipv_slice_of(fence_end(&fence[i], bytes, n), n);
    return sipv_uri_parse(text, false, events[i], 512, &uris[i], NULL) == SIPV_OK;
}

/* "parameter transport": the part, and the name of what differs. */
static bool is_named(const char *wanted, sipv_uri_part part, sipv_slice which)
{
    char text[512];
    const char *name = sipv_uri_part_name(part);
    if (part == SIPV_URI_PARAMETER || part == SIPV_URI_HEADER)
        snprintf(text, sizeof text, "%s %.*s", name, (int)which.n, (const char *)which.p);
    else
        snprintf(text, sizeof text, "%s", name);
    return sipv_slice_is(sipv_slice_text(text), wanted);
}

static void check_line(const struct tsv *t)
{
    const char *differs = tsv_get(t, "differs");
    const bool equal = strcmp(tsv_get(t, "verdict"), "equal") == 0;
    lines++;
    if (!read_uri(t, 0, "a") || !read_uri(t, 1, "b")) {
        fault(t, "does not parse");
        return;
    }
    for (unsigned i = 0; i < 2; i++) {
        char what[600];
        sipv_slice which = {NULL, 0};
        const sipv_uri_part part = sipv_uri_compare(&uris[i], &uris[1 - i], &which);
        if (sipv_uri_compare(&uris[i], &uris[i], NULL) != SIPV_URI_EQUAL)
            fault(t, "a URI is not equal to itself");
        if ((part == SIPV_URI_EQUAL) == equal &&
            (equal || strcmp(differs, "*") == 0 || is_named(differs, part, which)))
            continue;
        snprintf(what, sizeof what, "%s: %s %.*s", i ? "the other way round" : "as it stands",
                 part == SIPV_URI_EQUAL ? "equal" : sipv_uri_part_name(part), (int)which.n,
                 which.p ? (const char *)which.p : "");
        fault(t, what);
    }
}

int main(int argc, char **argv)
{
    struct tsv t;
    if (argc != 2 || !tsv_open(&t, argv[1]) || !fence_open(&fence[0], 4096) ||
        !fence_open(&fence[1], 4096)) {
        fprintf(stderr, "usage: uri_compare TABLE\n");
        return 2;
    }
    while (tsv_next(&t))
        check_line(&t);
    tsv_close(&t);
    fence_close(&fence[0]);
    fence_close(&fence[1]);
    printf("%zu pairs, %zu faults\n", lines, faults);
    return faults || !lines;
}
