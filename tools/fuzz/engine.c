/* engine.c: see engine.h. */
#include "engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUT_TIMEOUT_S = 25, MEMORY_MB = 2048, AFL_TIMEOUT_MS = 1000 };

const char *engine_name(enum engine engine)
{
    return engine == ENGINE_AFL ? "afl" : "libfuzzer";
}

const char *engine_program(const struct kit *k, enum engine engine, const struct fuzz_target *t)
{
    return path_of("%s/%s", engine == ENGINE_AFL ? k->afl : k->libfuzzer, t->name);
}

static const char *afl_fuzz(void)
{
    static const char *const names[] = {"afl-fuzz", NULL};

    return program_of(names);
}

const char *engine_afl_version(void)
{
    static char version[32];
    char line[256];
    FILE *f;

    if (version[0] || !afl_fuzz() || !(f = popen("afl-fuzz --version 2>/dev/null", "r")))
        return version;
    while (fgets(line, sizeof line, f)) {
        const char *at = strstr(line, "++");

        if (at && sscanf(at + 2, "%31[0-9.a-z]", version) == 1)
            break;
    }
    pclose(f);
    return version;
}

const char *engine_missing(const struct kit *k, enum engine engine, const struct fuzz_target *t)
{
    unsigned major = 0, minor = 0;

    if (!file_exists(engine_program(k, engine, t)))
        return path_of("there is no %s", engine_program(k, engine, t));
    if (engine == ENGINE_LIBFUZZER)
        return NULL;
    if (!afl_fuzz())
        return "there is no afl-fuzz";
    if (sscanf(engine_afl_version(), "%u.%u", &major, &minor) != 2 || major < 4 ||
        (major == 4 && minor < 4))
        return path_of("afl-fuzz is %s, 4.04c is needed", engine_afl_version());
    return NULL;
}

const char *engine_log(const struct kit *k, enum engine engine, const struct fuzz_target *t,
                       unsigned job)
{
    return path_of("%s/%s/%s-%u.log", k->dir, t->name, engine_name(engine), job);
}

static const char *dictionary_of(const struct kit *k, const struct fuzz_target *t)
{
    const char *path = path_of("%s/%s", k->dictionaries, t->dictionary);

    return strcmp(t->dictionary, "-") != 0 && file_exists(path) ? path : NULL;
}

void engine_explain_crashes(struct command_line *c)
{
    static const char *const names[] = {"llvm-symbolizer", "llvm-symbolizer-19",
                                        "llvm-symbolizer-14", NULL};
    const char *program = program_of(names);

    if (program) {
        command_set(c, "ASAN_SYMBOLIZER_PATH=%s", program);
        command_set(c, "UBSAN_SYMBOLIZER_PATH=%s", program);
    }
    command_set(c, "UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1");
}

void engine_add_queues(const struct kit *k, const struct fuzz_target *t, struct command_line *c)
{
    struct names instances = {0};

    names_of_folders(path_of("%s/%s/afl", k->dir, t->name), &instances);
    for (size_t i = 0; i < instances.n; i++)
        if (file_exists(path_of("%s/%s/afl/%s/queue", k->dir, t->name, instances.at[i])))
            command_add(c, "%s/%s/afl/%s/queue", k->dir, t->name, instances.at[i]);
    names_free(&instances);
}

void engine_add_kept(const struct kit *k, const struct fuzz_target *t, struct command_line *c)
{
    command_add(c, "%s/%s/corpus", k->dir, t->name);
    if (file_exists(path_of("%s/%s", k->seeds, t->name)))
        command_add(c, "%s/%s", k->seeds, t->name);
    engine_add_queues(k, t, c);
}

/* With -fork=1 one process comes after the other, and findings do not end the run.  The corpus
 * comes first, which is where libFuzzer writes; then what others have found. */
static void libfuzzer_command(const struct kit *k, const struct fuzz_target *t, unsigned job,
                              uint64_t seconds, bool forked, struct command_line *c)
{
    const char *dictionary = dictionary_of(k, t);
    const char *seed = arguments_value(k->args, "seed", NULL);

    engine_explain_crashes(c);
    command_add(c, "%s", engine_program(k, ENGINE_LIBFUZZER, t));
    if (forked) {
        command_add(c, "-fork=1");
        command_add(c, "-ignore_crashes=1");
        command_add(c, "-ignore_timeouts=1");
        command_add(c, "-ignore_ooms=1");
    }
    command_add(c, "-print_final_stats=1");
    command_add(c, "-max_len=%lu", t->longest);
    command_add(c, "-timeout=%d", INPUT_TIMEOUT_S);
    command_add(c, "-report_slow_units=%d", INPUT_TIMEOUT_S);
    command_add(c, "-rss_limit_mb=%d", MEMORY_MB);
    command_add(c, "-max_total_time=%llu", (unsigned long long)seconds);
    if (seed)
        command_add(c, "-seed=%llu", strtoull(seed, NULL, 10) + job);
    if (dictionary)
        command_add(c, "-dict=%s", dictionary);
    command_add(c, "-artifact_prefix=%s/%s/crashes/", k->dir, t->name);
    engine_add_kept(k, t, c);
}

/* Of each host the first instance is the main one, which also reads what other hosts have found. */
static const char *afl_instance(const struct kit *k, unsigned job)
{
    return job == 0 ? path_of("main-%s", k->host) : path_of("more-%s-%u", k->host, job);
}

static void afl_command(const struct kit *k, const struct fuzz_target *t, unsigned job,
                        uint64_t seconds, struct command_line *c)
{
    static const char *const settings[] = {
        "AFL_NO_UI=1",           "AFL_SKIP_CPUFREQ=1",
        "AFL_NO_AFFINITY=1",     "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1",
        "AFL_IGNORE_PROBLEMS=1", "AFL_FORKSRV_INIT_TMOUT=10000"};
    const char *dictionary = dictionary_of(k, t), *seed = arguments_value(k->args, "seed", NULL);
    bool goes_on =
        file_exists(path_of("%s/%s/afl/%s/fuzzer_stats", k->dir, t->name, afl_instance(k, job)));

    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        command_set(c, "%s", settings[i]);
    if (file_exists(k->mutator))
        command_set(c, "AFL_CUSTOM_MUTATOR_LIBRARY=%s", k->mutator);
    command_add(c, "afl-fuzz");
    command_add(c, "-i");
    if (goes_on)
        command_add(c, "-");
    else
        command_add(c, "%s/%s", k->seeds, t->name);
    command_add(c, "-o");
    command_add(c, "%s/%s/afl", k->dir, t->name);
    command_add(c, job == 0 ? "-M" : "-S");
    command_add(c, "%s", afl_instance(k, job));
    if (job == 0) {
        command_add(c, "-F"); /* what libFuzzer has found */
        command_add(c, "%s/%s/corpus", k->dir, t->name);
    }
    if (job == 0 && file_exists(path_of("%s/%s", k->cmplog, t->name))) {
        command_add(c, "-c");
        command_add(c, "%s/%s", k->cmplog, t->name);
    }
    if (dictionary) {
        command_add(c, "-x");
        command_add(c, "%s", dictionary);
    }
    if (seed) {
        command_add(c, "-s");
        command_add(c, "%llu", strtoull(seed, NULL, 10) + job);
    }
    command_add(c, "-G");
    command_add(c, "%lu", t->longest);
    command_add(c, "-t");
    command_add(c, "%d+", AFL_TIMEOUT_MS);
    command_add(c, "-m");
    command_add(c, "none");
    command_add(c, "-V");
    command_add(c, "%llu", (unsigned long long)seconds);
    command_add(c, "--");
    command_add(c, "%s", engine_program(k, ENGINE_AFL, t));
}

void engine_command(const struct kit *k, enum engine engine, const struct fuzz_target *t,
                    unsigned job, uint64_t seconds, bool forked, struct command_line *out)
{
    command_begin(out);
    if (engine == ENGINE_AFL)
        afl_command(k, t, job, seconds, out);
    else
        libfuzzer_command(k, t, job, seconds, forked, out);
}

/* ---- How far they are -------------------------------------------------------------------------
 */

/* The end of a file, as a string. */
static void read_tail(const char *path, char *out, size_t cap)
{
    FILE *f = fopen(path, "rb");
    size_t n = 0;

    if (f && fseek(f, 0, SEEK_END) == 0) {
        long size = ftell(f), from = size > (long)cap - 1 ? size - (long)cap + 1 : 0;

        if (fseek(f, from, SEEK_SET) == 0)
            n = fread(out, 1, cap - 1, f);
    }
    if (f)
        fclose(f);
    out[n] = '\0';
}

/* The number behind `key`; 0 without it, or if it is none that can be: a rate may be "inf". */
static double number_behind(const char *text, const char *key)
{
    const char *at = strstr(text, key);
    double number = at ? strtod(at + strlen(key) + strspn(at + strlen(key), " :"), NULL) : 0;

    return number > 0 && number < 1e15 ? number : 0;
}

static uint64_t count_behind(const char *text, const char *key)
{
    return (uint64_t)number_behind(text, key);
}

/* "#8192: cov: 512 ft: 900 corp: 40 exec/s: 2048 ...", and in the end
 * "stat::number_of_executed_units: 8200". */
static void sample_libfuzzer(const char *tail, struct sample *out)
{
    const char *last = NULL;

    out->executions = count_behind(tail, "stat::number_of_executed_units");

    for (const char *at = tail; (at = strstr(at, " cov: ")) != NULL; at++)
        last = at;
    if (!last)
        return;
    out->edges = count_behind(last, "cov");
    out->corpus = count_behind(last, "corp");
    out->rate = number_behind(last, "exec/s");
    while (last > tail && last[-1] != '\n')
        last--;
    if (*last == '#' && out->executions == 0)
        out->executions = strtoull(last + 1, NULL, 10);
}

static void sample_afl(const char *stats, struct sample *out)
{
    out->executions = count_behind(stats, "execs_done");
    out->rate = number_behind(stats, "execs_per_sec");
    out->edges = count_behind(stats, "edges_found");
    out->corpus = count_behind(stats, "corpus_count");
    out->crashes = count_behind(stats, "saved_crashes") + count_behind(stats, "saved_hangs");
}

void engine_sample(const struct kit *k, enum engine engine, const struct fuzz_target *t,
                   unsigned job, struct sample *out)
{
    char text[8192];
    struct names crashes = {0};

    memset(out, 0, sizeof *out);
    if (engine == ENGINE_AFL) {
        read_tail(path_of("%s/%s/afl/%s/fuzzer_stats", k->dir, t->name, afl_instance(k, job)), text,
                  sizeof text);
        sample_afl(text, out);
        return;
    }
    read_tail(engine_log(k, engine, t, job), text, sizeof text);
    sample_libfuzzer(text, out);
    names_of(path_of("%s/%s/crashes", k->dir, t->name), &crashes);
    out->crashes = crashes.n;
    names_free(&crashes);
}
