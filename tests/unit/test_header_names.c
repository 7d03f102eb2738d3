/* Names of headers and methods: each in every spelling, and nothing that is only similar. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "fence.h"
#include "files.h"

#include <sipvet/parser.h>

static struct fence fence;

static void open_fence(void)
{
    cr_assert(fence_open(&fence, 256));
}
static void close_fence(void)
{
    fence_close(&fence);
}
TestSuite(names, .init = open_fence, .fini = close_fence);

static unsigned find(const char *name, size_t n)
{
    const unsigned id = sipv_header_find(sipv_slice_of(fence_end(&fence, name, n), n));
    cr_assert_eq(sipv_header_find(sipv_slice_of(fence_start(&fence, name, n), n)), id);
    return id;
}

static bool same(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (tolower((unsigned char)a[i]) != tolower((unsigned char)b[i]))
            return false;
    return true;
}

/* What a name must be found as: the table is searched from end to end. */
static unsigned searched(const char *name, size_t n)
{
    for (unsigned id = 1; id < SIPV_H_COUNT; id++) {
        const sipv_header_info *info = sipv_header_info_of(id);
        if ((strlen(info->name) == n && same(name, info->name, n)) ||
            (n == 1 && info->compact && tolower((unsigned char)name[0]) == info->compact))
            return id;
    }
    return SIPV_H_OTHER;
}

Test(names, every_header_of_the_table)
{
    struct tsv t;
    unsigned lines = 0;
    cr_assert(tsv_open(&t, "parser/headers.tsv"));
    while (tsv_next(&t)) {
        char text[128];
        const char *name = tsv_get(&t, "name"), *compact = tsv_get(&t, "compact");
        const size_t n = strlen(name);
        const unsigned id = find(name, n);
        const sipv_header_info *info = sipv_header_info_of(id);
        cr_assert_neq(id, SIPV_H_OTHER, "%s", name);
        cr_assert_str_eq(info->name, name);
        cr_assert_eq(info->n_name, n);
        for (size_t i = 0; i < n; i++)
            text[i] = (char)toupper((unsigned char)name[i]);
        cr_assert_eq(find(text, n), id, "%s in capitals", name);
        for (size_t i = 0; i < n; i++)
            text[i] = (char)tolower((unsigned char)name[i]);
        cr_assert_eq(find(text, n), id, "%s in small letters", name);
        if (strcmp(compact, "-") != 0) {
            const char capital = (char)toupper((unsigned char)compact[0]);
            cr_assert_eq(find(compact, 1), id);
            cr_assert_eq(find(&capital, 1), id);
            cr_assert_eq(info->compact, compact[0]);
        }
        lines++;
    }
    tsv_close(&t);
    cr_assert_eq(lines + 1, SIPV_H_COUNT);
}

/* A hash is no identity: change, drop and add each byte. */
Test(names, what_is_only_similar_is_unknown)
{
    static const char bytes[] = "aeimqzAZ09-_.!%*+`'~\0\r: \x7f\x80\xc1\xe1";
    for (unsigned id = 1; id < SIPV_H_COUNT; id++) {
        const char *name = sipv_header_info_of(id)->name;
        const size_t n = strlen(name);
        char text[128];
        for (size_t at = 0; at <= n; at++) {
            for (size_t b = 0; b < sizeof bytes - 1; b++) {
                memcpy(text, name, n);
                if (at < n) {
                    text[at] = bytes[b];
                    cr_assert_eq(find(text, n), searched(text, n), "%.*s", (int)n, text);
                    text[at] = name[at] ^ 0x20;
                    cr_assert_eq(find(text, n), searched(text, n), "%.*s", (int)n, text);
                }
                memcpy(text, name, at);
                text[at] = bytes[b];
                memcpy(text + at + 1, name + at, n - at);
                cr_assert_eq(find(text, n + 1), searched(text, n + 1), "%.*s", (int)n + 1, text);
            }
            if (at < n) {
                memcpy(text, name, at);
                memcpy(text + at, name + at + 1, n - at - 1);
                cr_assert_eq(find(text, n - 1), searched(text, n - 1), "%.*s", (int)n - 1, text);
            }
            cr_assert_eq(find(name, at), searched(name, at), "%.*s", (int)at, name);
        }
    }
}

Test(names, one_and_two_bytes)
{
    for (unsigned a = 0; a < 256; a++) {
        char text[2] = {(char)a, 0};
        cr_assert_eq(find(text, 1), searched(text, 1));
        for (unsigned b = 0; b < 256; b++) {
            text[1] = (char)b;
            cr_assert_eq(find(text, 2), searched(text, 2));
        }
    }
    cr_assert_eq(sipv_header_find(sipv_slice_of(NULL, 0)), SIPV_H_OTHER);
    cr_assert_eq(find("", 0), SIPV_H_OTHER);
}

/* Names drawn by chance, among them many that share a slot with a known one. */
Test(names, drawn_by_chance)
{
    unsigned seed = 1;
    for (unsigned round = 0; round < 300000; round++) {
        char text[24];
        seed = seed * 1103515245u + 12345u;
        const size_t n = 2 + (seed >> 16) % 20;
        for (size_t i = 0; i < n; i++) {
            seed = seed * 1103515245u + 12345u;
            text[i] = (char)('a' + (seed >> 16) % 26);
        }
        cr_assert_eq(find(text, n), searched(text, n), "%.*s", (int)n, text);
    }
}

/* Every rule of a header takes values of that header; a rule of the same name may be no header's.
 */
Test(names, rules_are_of_headers)
{
    static const char crlf[] = "\r\n";
    void *work = malloc(sipv_explainer_size());
    cr_assert(work != NULL);
    for (unsigned id = 1; id < SIPV_H_COUNT; id++) {
        sipv_match match;
        const sipv_header_info *info = sipv_header_info_of(id);
        if (info->rule < 0)
            continue;
        cr_assert_eq(sipv_explain(sipv_sip_grammar(), info->rule, true, sipv_slice_text(crlf), 0,
                                  work, 0, NULL, 0, &match),
                     SIPV_REJECT, "%s", info->name);
    }
    cr_assert_eq(sipv_header_info_of(SIPV_H_REASON_PHRASE)->rule, -1);
    free(work);
}

Test(names, methods)
{
    static const char *const known[] = {"ACK",     "BYE",      "CANCEL",    "INFO",  "INVITE",
                                        "MESSAGE", "NOTIFY",   "OPTIONS",   "PRACK", "PUBLISH",
                                        "REFER",   "REGISTER", "SUBSCRIBE", "UPDATE"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const size_t n = strlen(known[i]);
        cr_assert_eq((size_t)sipv_method_find(sipv_slice_of(fence_end(&fence, known[i], n), n)),
                     i + 1, "%s", known[i]);
        for (size_t k = 0; k < n; k++) {
            char text[16];
            cr_assert_eq(sipv_method_find(sipv_slice_of(fence_end(&fence, known[i], k), k)),
                         SIPV_M_OTHER);
            memcpy(text, known[i], n);
            text[k] ^= 0x20;
            cr_assert_eq(sipv_method_find(sipv_slice_of(fence_end(&fence, text, n), n)),
                         SIPV_M_OTHER);
        }
    }
}

/* ---- Nature ------------------------------------------------------------------------------------
 */

/* Free text, where a comma is one of its octets. */
static bool is_text(unsigned id)
{
    return id == SIPV_H_SUBJECT || id == SIPV_H_ORGANIZATION;
}

/* Is some sentence of the header, twice with a comma between, one too? */
static bool joins(const sipv_header_info *info)
{
    static unsigned char text[512];
    static sipv_event events[1024];
    const sipv_grammar *const g = sipv_sip_grammar();
    void *work = malloc(sipv_explainer_size());
    uint64_t seed = 1;
    bool joined = false;
    for (int i = 0; i < 50 && !joined; i++) {
        sipv_match match;
        size_t n = 0;
        if (sipv_sample(g, info->rule, true, &seed, text, 200, &n, NULL) != SIPV_OK || n == 0)
            continue;
        text[n] = ',';
        memcpy(text + n + 1, text, n);
        joined = sipv_explain(g, info->rule, true, sipv_slice_of(text, 2 * n + 1), 0, work, 0,
                              events, 1024, &match) == SIPV_OK;
    }
    free(work);
    return joined;
}

Test(names, lists_are_those_that_take_commas)
{
    for (unsigned id = 1; id < SIPV_H_COUNT; id++) {
        const sipv_header_info *info = sipv_header_info_of(id);
        if (info->rule >= 0 && !is_text(id))
            cr_assert_eq(joins(info), info->nature == SIPV_LIST, "%s", info->name);
    }
}
