/* report.c: `sipvet fuzz report`: one HTML page about a campaign. */
#include "../output.h"
#include "coverage.h"
#include "samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct option_spec fuzz_report_options[] = {
    KIT_OPTIONS,
    {"seeds", 0, "DIR", NULL,
     "folder with a folder of seeds for each target (default: build/fuzz-seeds)", false},
    {"coverage", 0, "DIR", NULL, "targets built with -fprofile-instr-generate -fcoverage-mapping",
     false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static const char style[] =
    "body{font:15px/1.4 sans-serif;margin:2em auto;max-width:70em;color:#222}"
    "table{border-collapse:collapse;margin:1em 0}td,th{padding:.2em .7em;text-align:right;"
    "border-bottom:1px solid #ddd}td:first-child,th:first-child{text-align:left}"
    "th{border-bottom:2px solid #888}pre{background:#f6f6f6;padding:.7em;overflow:auto}"
    ".bad{color:#b00;font-weight:bold}svg{background:#fafafa;border:1px solid #ddd}"
    "figure{display:inline-block;margin:.5em}figcaption{font-size:13px}";

/* ---- Text -------------------------------------------------------------------------------------
 */

static void put_octet(char c)
{
    switch (c) {
    case '<': out_text("&lt;"); break;
    case '>': out_text("&gt;"); break;
    case '&': out_text("&amp;"); break;
    case '"': out_text("&quot;"); break;
    default:
        if ((unsigned char)c >= ' ' || c == '\n' || c == '\t')
            out_char(c);
    }
}

/* What is not UTF-8 becomes U+FFFD. */
static void put(const char *text)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t left = strlen(text), n, bad;

    for (; left > 0; p += n, left -= n) {
        n = utf8_length(p, left, &bad);
        if (n == 1)
            put_octet((char)*p);
        else if (n > 1)
            out_bytes(p, n);
        else {
            out_text("\xef\xbf\xbd");
            n = bad;
        }
    }
}

static void cell(const char *text)
{
    out_text("<td>");
    put(text);
    out_text("</td>");
}

static void number(uint64_t n)
{
    out_format("<td>%llu</td>", (unsigned long long)n);
}

/* ---- Executions and edges ---------------------------------------------------------------------
 */

enum { WIDTH = 320, HEIGHT = 120, HIGHEST = HEIGHT - 5 };

static void curve(const struct history *h, unsigned engine, const char *color, uint64_t most)
{
    if (h->edges[engine] == 0)
        return;
    out_format("<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" points=\"", color);
    for (size_t i = 0, step = h->n / 400 + 1; i < h->n; i += step)
        if (h->points[i].edges[engine] > 0)
            out_format(
                "%.1f,%.1f ",
                (double)(h->points[i].at_s * WIDTH) / (double)(h->elapsed_s ? h->elapsed_s : 1),
                (double)HEIGHT - (double)(h->points[i].edges[engine] * HIGHEST) / (double)most);
    out_text("\"/>");
}

/* Edges over time; the engines count them in ways of their own, so each has its own scale of the
 * same height. */
static void plot(const struct fuzz_target *t, const struct history *h)
{
    out_format("<figure><svg width=\"%d\" height=\"%d\" role=\"img\">", WIDTH, HEIGHT);
    curve(h, ENGINE_LIBFUZZER, "#06c", h->edges[ENGINE_LIBFUZZER]);
    curve(h, ENGINE_AFL, "#c60", h->edges[ENGINE_AFL]);
    out_text("</svg><figcaption>");
    put(t->name);
    out_format(", %llu s: ", (unsigned long long)h->elapsed_s);
    if (h->edges[0] > 0)
        out_format("<span style=\"color:#06c\">libFuzzer %llu</span> ",
                   (unsigned long long)h->edges[0]);
    if (h->edges[1] > 0)
        out_format("<span style=\"color:#c60\">AFL++ %llu</span>", (unsigned long long)h->edges[1]);
    out_text("</figcaption></figure>\n");
}

/* Hours with three digits. */
static void hours(double cpu_s)
{
    out_format("<td>%.3f</td>", cpu_s / 3600);
}

static void target_row(const struct fuzz_target *t, const struct history *h)
{
    out_text("<tr>");
    cell(t->name);
    hours(history_cpu_s(h));
    hours(h->cpu_s[ENGINE_LIBFUZZER]);
    hours(h->cpu_s[ENGINE_AFL]);
    number(history_executions(h));
    number((uint64_t)h->rate);
    number(h->edges[ENGINE_LIBFUZZER]);
    number(h->edges[ENGINE_AFL]);
    number(h->corpus);
    number(h->crashes);
    out_text("</tr>\n");
}

static void executions(const struct kit *k)
{
    uint64_t total = 0;
    double cpu_s[2] = {0, 0};

    out_text("<h2>Executions</h2>\n<table><tr><th>target</th><th>CPU hours</th><th>libFuzzer</th>"
             "<th>AFL++</th><th>executions</th><th>per second of CPU</th><th>edges, libFuzzer</th>"
             "<th>edges, AFL++</th><th>inputs</th><th>crashes</th></tr>\n");
    for (size_t i = 0; i < k->count; i++) {
        struct history h;

        history_read(k, &k->targets[i], &h);
        if (h.n > 0)
            target_row(&k->targets[i], &h);
        total += history_executions(&h);
        for (unsigned e = 0; e < 2; e++)
            cpu_s[e] += h.cpu_s[e];
        history_free(&h);
    }
    out_format("<tr><th>together</th><th>%.3f</th><th>%.3f</th><th>%.3f</th><th>%llu</th></tr>"
               "</table>\n",
               (cpu_s[0] + cpu_s[1]) / 3600, cpu_s[0] / 3600, cpu_s[1] / 3600,
               (unsigned long long)total);
}

static void plots(const struct kit *k)
{
    out_text("<h2>Edges over time</h2>\n");
    for (size_t i = 0; i < k->count; i++) {
        struct history h;

        history_read(k, &k->targets[i], &h);
        if (h.n > 0)
            plot(&k->targets[i], &h);
        history_free(&h);
    }
}

/* ---- Findings ---------------------------------------------------------------------------------
 */

/* A line of the table; false if it is of crashes that do not fail any more. */
static bool put_finding(char *line, bool head)
{
    const char *last = strrchr(line, '\t');
    const bool fails = last && strcmp(last, "\t0") != 0;

    out_text(fails && !head ? "<tr class=\"bad\">" : "<tr>");
    for (char *at = line, *tab; at; at = tab) {
        tab = strchr(at, '\t');
        if (tab)
            *tab++ = '\0';
        cell(at);
    }
    out_text("</tr>\n");
    return fails;
}

static void findings(const struct kit *k)
{
    FILE *f = fopen(path_of("%s/findings.tsv", k->dir), "r");
    char line[4096];
    bool head = true, any = false;

    out_text("<h2>Findings</h2>\n");
    if (!f) {
        out_text("<p>Not triaged yet: sipvet fuzz triage.</p>\n");
        return;
    }
    out_text("<table>");
    for (; fgets(line, sizeof line, f); head = false) {
        line[strcspn(line, "\r\n")] = '\0';
        any |= put_finding(line, head) && !head;
    }
    fclose(f);
    out_text("</table>\n");
    out_text(any ? "" : "<p>None.</p>\n");
}

/* ---- Checks of each oracle --------------------------------------------------------------------
 */

/* "checks":{"slices":17,...} of what the standalone runner wrote; marks oracles that never ran. */
static void put_checks(const char *json)
{
    const char *at = strstr(json, "\"checks\":{");

    for (at = at ? at + 10 : ""; *at == '"';) {
        size_t n = strcspn(++at, "\"");
        unsigned long long checks = strtoull(at + n + 2, NULL, 10);

        out_format("<span%s>%.*s %llu</span> ", checks == 0 ? " class=\"bad\"" : "", (int)n, at,
                   checks);
        at += n + 2;
        at += strcspn(at, ",}");
        at += *at == ',';
    }
}

/* Replays everything that is kept of a target, in a run of its own. */
static void checks_of(const struct kit *k, const struct fuzz_target *t)
{
    char result[FUZZ_PATH], json[8192] = "";
    struct command_line c;
    FILE *f;

    if (!file_exists(path_of("%s/%s", k->runner, t->name)) ||
        !file_exists(path_of("%s/%s/corpus", k->dir, t->name)))
        return;
    snprintf(result, sizeof result, "%.512s/%s/checks.json", k->dir, t->name);
    remove(result);
    command_begin(&c);
    command_add(&c, "%s/%s", k->runner, t->name);
    command_add(&c, "--json");
    command_add(&c, "%s", result);
    engine_add_kept(k, t, &c);
    child_run(&c, path_of("%s/%s/checks.log", k->dir, t->name), 600);
    command_free(&c);
    out_text("<tr>");
    cell(t->name);
    out_text("<td style=\"text-align:left\">");
    f = fopen(result, "r");
    if (f) {
        json[fread(json, 1, sizeof json - 1, f)] = '\0';
        fclose(f);
        put_checks(json);
    } else {
        out_text("<span class=\"bad\">the replay failed</span>");
    }
    out_text("</td></tr>\n");
}

static void checks(const struct kit *k)
{
    out_text("<h2>Checks of each oracle, over what is kept</h2>\n<table>");
    for (size_t i = 0; i < k->count; i++)
        checks_of(k, &k->targets[i]);
    out_text("</table>\n");
}

/* ---- Coverage by file -------------------------------------------------------------------------
 */

static void put_log(const char *path)
{
    FILE *f = fopen(path, "r");
    char line[1024];

    out_text("<pre>");
    while (f && fgets(line, sizeof line, f))
        put(line);
    if (f)
        fclose(f);
    out_text("</pre>\n");
}

static void coverage(const struct kit *k, const char *folder)
{
    const char *fault = folder ? coverage_measure(k, folder) : NULL;

    out_text("<h2>Coverage by file, over what is kept</h2>\n");
    if (!folder)
        out_text("<p>Not measured: --coverage names targets for it.</p>\n");
    else if (fault)
        out_format("<p class=\"bad\">%s</p>\n", fault);
    else
        put_log(coverage_table(k));
}

static int run_fuzz_report(const struct arguments *args)
{
    struct kit k;
    int result = kit_open(&k, args);
    time_t now = time(NULL);
    const char *profiled;
    char when[64];

    if (result != EXIT_FINE)
        return result;
    if ((result = kit_path(args, "coverage", NULL, &profiled)) != EXIT_FINE ||
        (result = kit_need_folder(args, k.dir)) != EXIT_FINE) {
        kit_close(&k);
        return result;
    }
    strftime(when, sizeof when, "%Y-%m-%d %H:%M", gmtime(&now));
    out_format("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Fuzzing "
               "campaign</title><style>%s</style></head><body>\n<h1>Fuzzing campaign</h1>\n<p>",
               style);
    put(k.dir);
    out_format(", %s UTC, host ", when);
    put(k.host);
    out_text("</p>\n");
    executions(&k);
    findings(&k);
    plots(&k);
    checks(&k);
    coverage(&k, profiled);
    out_text("</body></html>\n");
    kit_close(&k);
    return EXIT_FINE;
}

static const char fuzz_report_description[] =
    "One HTML file on standard output, which needs nothing else: CPU hours, executions, edges\n"
    "over time, findings, how often each oracle was asked over what is kept, and with --coverage "
    "which\n"
    "lines of which file were reached (llvm-cov).\n";

const struct command command_fuzz_report = {
    .name = "fuzz report",
    .operands = "",
    .summary = "Writes a page about a campaign",
    .run = run_fuzz_report,
    .options = fuzz_report_options,
    .description = fuzz_report_description,
    .examples = "sipvet fuzz report --dir campaign > campaign.html\n",
};
