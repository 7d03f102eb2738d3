/* uri_parse TABLE: URIs, their verdict and their parts.  The verdict is that of a message with the
 * URI in To, because what a URI may not have twice, and ranges, are rules beyond the grammar; the
 * parts are those of sipv_uri_parse().  Both engines judge the grammar. */
#include <stdio.h>
#include <string.h>

#include "engines.h"
#include "files.h"
#include "messages.h"

static struct engines engines;
static struct fence fence;
static struct room room;
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

/* Does the strict profile take a message with this URI? */
static bool message_takes(const unsigned char *uri, size_t n)
{
    static const char head[] = "OPTIONS sip:vale.example SIP/2.0\r\n"
                               "Via: SIP/2.0/UDP oak.example;branch=z9hG4bK7\r\n"
                               "From: <sip:oak.example>;tag=1\r\nCall-ID: 7\r\nCSeq: 1 OPTIONS\r\n"
                               "Max-Forwards: 70\r\nContent-Length: 0\r\nTo: <";
    unsigned char text[8192];
    size_t at = sizeof head - 1;
    memcpy(text, head, at);
    memcpy(text + at, uri, n);
    at += n;
    memcpy(text + at, ">\r\n\r\n", 5);
    return room_parse(&room, fence_end(&fence, text, at + 5), at + 5, SIPV_STRICT) == SIPV_OK;
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
    const bool accept = strcmp(tsv_get(t, "verdict"), "accept") == 0;
    if (message_takes(bytes, n) != accept)
        fault(t, "verdict", accept ? "refused in a message" : "accepted in a message");
    const sipv_slice text = sipv_slice_of(fence_end(&fence, bytes, n), n);
    const int result = sipv_uri_parse(text, false, events, 512, &uri, &error);
    lines++;
    if (accept ? result != SIPV_OK
               : result != SIPV_OK && result != SIPV_REJECT && result != SIPV_LIMIT) {
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
        !fence_open(&fence, 8192) || !room_open(&room)) {
        fprintf(stderr, "usage: uri_parse TABLE\n");
        return 2;
    }
    engines_use(ENGINES_TABLES);
    while (tsv_next(&t))
        check_line(&t);
    tsv_close(&t);
    engines_close(&engines);
    room_close(&room);
    fence_close(&fence);
    printf("%zu URIs, %zu faults\n", lines, faults);
    return faults || !lines;
}
