/* status.c: `sipvet fuzz list`, `fuzz status`. */
#include "status.h"

#include "../json.h"
#include "../output.h"

#include <stdio.h>
#include <string.h>

static const char *const choices_format[] = {"text", "json", "ndjson", NULL};

static const struct option_spec fuzz_list_options[] = {
    KIT_OPTIONS,
    {"format", 'f', NULL, choices_format, "how it is written (default: text)", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

/* ---- List -------------------------------------------------------------------------------------
 */

static void list_text(const struct kit *k, const struct fuzz_target *t)
{
    const char *missing[2] = {engine_missing(k, ENGINE_LIBFUZZER, t),
                              engine_missing(k, ENGINE_AFL, t)};

    out_format("%-20s %6lu octets  libfuzzer: %s  afl: %s\n%-20s   oracles: %s\n", t->name,
               t->longest, missing[0] ? "no" : "yes", missing[1] ? "no" : "yes", "", t->oracles);
}

static void list_json(const struct kit *k, const struct fuzz_target *t, bool pretty)
{
    struct json j = json_begin_record(pretty);

    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.fuzz-target/1");
    json_text(&j, "name", t->name);
    json_text(&j, "source", t->source);
    json_text(&j, "dictionary", strcmp(t->dictionary, "-") == 0 ? NULL : t->dictionary);
    json_size(&j, "longest", t->longest);
    json_text(&j, "oracles", t->oracles);
    json_text(&j, "libfuzzer_missing", engine_missing(k, ENGINE_LIBFUZZER, t));
    json_text(&j, "afl_missing", engine_missing(k, ENGINE_AFL, t));
    json_end_object(&j);
    json_end_record(&j);
}

static int run_fuzz_list(const struct arguments *args)
{
    const char *format = arguments_value(args, "format", "text");
    struct kit k;
    int result = kit_open(&k, args);

    if (result != EXIT_FINE)
        return result;
    for (size_t i = 0; i < k.count; i++)
        if (strcmp(format, "text") == 0)
            list_text(&k, &k.targets[i]);
        else
            list_json(&k, &k.targets[i], strcmp(format, "json") == 0);
    kit_close(&k);
    return EXIT_FINE;
}

const struct command command_fuzz_list = {
    .name = "fuzz list",
    .operands = "",
    .summary = "Lists the fuzz targets and what can run them here",
    .run = run_fuzz_list,
    .options = fuzz_list_options,
    .description = "For each target of the list: the longest input, whether it was built for "
                   "libFuzzer and for\n"
                   "AFL++, and the oracles that it asserts. json and ndjson write records\n"
                   "\"sipvet.fuzz-target/1\", which also say what is missing.\n",
    .examples = "sipvet fuzz list\n",
};

/* ---- Status -----------------------------------------------------------------------------------
 */

void say_target(const struct kit *k, const struct fuzz_target *t)
{
    struct history h;

    history_read(k, t, &h);
    out_format("%-20s %12llu executions, %9.0f/s, %llu + %llu edges, %llu inputs, %llu crashes, "
               "%.0f s of CPU\n",
               t->name, (unsigned long long)history_executions(&h), h.rate,
               (unsigned long long)h.edges[0], (unsigned long long)h.edges[1],
               (unsigned long long)h.corpus, (unsigned long long)h.crashes, history_cpu_s(&h));
    out_flush();
    history_free(&h);
}

static void status_json(const struct kit *k, const struct fuzz_target *t, bool pretty)
{
    struct json j = json_begin_record(pretty);
    struct history h;

    history_read(k, t, &h);
    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.fuzz-status/1");
    json_text(&j, "target", t->name);
    json_size(&j, "executions", (size_t)history_executions(&h));
    json_size(&j, "rate", (size_t)h.rate);
    json_size(&j, "cpu_s", (size_t)history_cpu_s(&h));
    json_size(&j, "cpu_s_libfuzzer", (size_t)h.cpu_s[ENGINE_LIBFUZZER]);
    json_size(&j, "cpu_s_afl", (size_t)h.cpu_s[ENGINE_AFL]);
    json_size(&j, "running_s", (size_t)h.running_s);
    json_size(&j, "edges_libfuzzer", (size_t)h.edges[0]);
    json_size(&j, "edges_afl", (size_t)h.edges[1]);
    json_size(&j, "corpus", (size_t)h.corpus);
    json_size(&j, "crashes", (size_t)h.crashes);
    json_end_object(&j);
    json_end_record(&j);
    history_free(&h);
}

static int run_fuzz_status(const struct arguments *args)
{
    const char *format = arguments_value(args, "format", "text");
    struct kit k;
    int result = kit_open(&k, args);
    bool any = false;

    if (result != EXIT_FINE)
        return result;
    for (size_t i = 0; i < k.count; i++) {
        if (!file_exists(path_of("%s/%s/samples.tsv", k.dir, k.targets[i].name)))
            continue;
        any = true;
        if (strcmp(format, "text") == 0)
            say_target(&k, &k.targets[i]);
        else
            status_json(&k, &k.targets[i], strcmp(format, "json") == 0);
    }
    if (!any)
        fault(args, EXIT_INPUT, "nothing has run in %s", k.dir);
    kit_close(&k);
    return any ? EXIT_FINE : EXIT_INPUT;
}

static const char fuzz_status_description[] =
    "A line for each target that has run: executions over all runs, executions a second of CPU\n"
    "time, edges of libFuzzer and of AFL++ (which count in ways of their own), inputs, crashes,\n"
    "seconds of CPU time of all engines and runs.\n"
    "It may be asked while a campaign runs.\n";

const struct command command_fuzz_status = {
    .name = "fuzz status",
    .operands = "",
    .summary = "Shows how far a campaign is",
    .run = run_fuzz_status,
    .options = fuzz_list_options,
    .description = fuzz_status_description,
    .examples = "sipvet fuzz status --dir campaign\n",
};
