/* uri_parse TABLE: URIs, their verdict and their parts; by both engines. */
#include <stdio.h>
#include <string.h>

#include "engines.h"
#include "files.h"

static struct engines engines;
static struct fence fence;
static size_t faults, lines;

static void fault(const struct tsv *t, const char *column, const char *got)
{
    printf("line %u, %s: %s is %s, not %s\n", t->line, tsv_get(t, "uri"), column, got,
           tsv_get(t, column));
    faults++;
}

static void check_text(const struct tsv *t, const char *column, sipv_slice got)
{
    char shown[512];
    unsigned char bytes[1024];
    const char *wanted = tsv_get(t, column);
    size_t n = tsv_bytes(wanted, bytes, sizeof bytes);
    if (strcmp(wanted, "*") == 0)
        return;
    if (strcmp(wanted, "\"\"") == 0)
        n = 0;
    if (strcmp(wanted, "-") == 0 ? !got.p : got.p && got.n == n && memcmp(got.p, bytes, n) == 0)
        return;
    fault(t, column, got.p ? escape_bytes(got.p, got.n, shown, sizeof shown) : "absent");
}

static void check_line(const struct tsv *t)
{
    sipv_event events[512];
    sipv_uri uri;
    unsigned char bytes[4096];
    char why[320];
    size_t error = 0;
    const char *cell = tsv_get(t, "uri");
    const size_t n = strcmp(cell, "\"\"") == 0 ? 0 : tsv_bytes(cell, bytes, sizeof bytes);
    const int rule = sipv_rule_find(sipv_sip_grammar(), sipv_slice_text("addr-spec"));
    if (!engines_agree(&engines, rule, false, bytes, n, NULL, why, sizeof why))
        fault(t, "verdict", why);
    const sipv_slice text = sipv_slice_of(fence_end(&fence, bytes, n), n);
    const int result = sipv_uri_parse(text, false, events, 512, &uri, &error);
    const bool accept = strcmp(tsv_get(t, "verdict"), "accept") == 0;
    lines++;
    if ((result == SIPV_OK) != accept || (result != SIPV_OK && result != SIPV_REJECT &&
                                          result != SIPV_LIMIT)) {
        fault(t, "verdict", result == SIPV_OK ? "accept" : "reject");
        return;
    }
    if (result == SIPV_REJECT && error > n)
        fault(t, "verdict", "an error behind the end");
    if (!accept)
        return;
    char port[24] = "";
    if (uri.port >= 0)
        snprintf(port, sizeof port, "%lld", (long long)uri.port);
    check_text(t, "scheme", uri.scheme);
    check_text(t, "user", uri.user);
    check_text(t, "password", uri.password);
    check_text(t, "host", uri.host);
    check_text(t, "port", uri.port >= 0 ? sipv_slice_text(port) : sipv_slice_of(NULL, 0));
}

int main(int argc, char **argv)
{
    struct tsv t;
    if (argc != 2 || !tsv_open(&t, argv[1]) || !engines_open(&engines, 4096) ||
        !fence_open(&fence, 4096)) {
        fprintf(stderr, "usage: uri_parse TABLE\n");
        return 2;
    }
    engines_use(ENGINES_PORTABLE);
    while (tsv_next(&t))
        check_line(&t);
    tsv_close(&t);
    engines_close(&engines);
    fence_close(&fence);
    printf("%zu URIs, %zu faults\n", lines, faults);
    return faults || !lines;
}
