/* start.c: `sipvet fuzz list`, `fuzz start`, `fuzz status`. */
#include "../json.h"
#include "../output.h"
#include "../progress.h"
#include "samples.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const choices_engine[] = {"libfuzzer", "afl", "both", NULL};
static const char *const choices_format[] = {"text", "json", "ndjson", NULL};

const struct option_spec fuzz_list_options[] = {
    KIT_OPTIONS,
    {"format", 'f', NULL, choices_format, "how it is written (default: text)", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

const struct option_spec fuzz_start_options[] = {
    {"engine", 0, NULL, choices_engine, "what fuzzes (default: libfuzzer)", false},
    {"jobs", 'j', "N", NULL, "how many processes at one time (default: 1)", false},
    {"time", 0, "TIME", NULL, "how long for each target: 90s, 5m, 1h (default: 60s)", false},
    KIT_OPTIONS,
    {"seeds", 0, "DIR", NULL,
     "folder with a folder of seeds for each target (default: build/fuzz-seeds)", false},
    {"dictionaries", 0, "DIR", NULL, "folder of dictionaries (default: build/release/fuzz/dict)",
     false},
    {"mutator", 0, "FILE", NULL,
     "AFL++'s custom mutator (default: build/release/lib/libsipvet-afl-mutator.so)", false},
    {"host", 0, "NAME", NULL, "name of this host among several (default: its name)", false},
    {"seed", 0, "S", NULL, "seed of the engines' random numbers", false},
    {"dry-run", 0, NULL, NULL, "print the commands, run nothing", false},
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

int run_fuzz_list(const struct arguments *args)
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

/* ---- Start ------------------------------------------------------------------------------------
 */

enum { JOBS_MAX = 64, GRACE_S = 20 };

static volatile sig_atomic_t interrupted;

static void interrupt(int sig)
{
    (void)sig;
    interrupted = 1;
}

struct job {
    enum engine engine;
    unsigned number; /* among those of its engine */
    struct child child;
};

struct start {
    struct kit kit;
    uint64_t seconds;
    struct job jobs[JOBS_MAX];
    size_t n;
};

/* Divides the jobs among the engines. */
static int plan(struct start *s, const char *engine, size_t count)
{
    unsigned numbers[2] = {0, 0};
    bool both = strcmp(engine, "both") == 0;

    if (both && count < 2)
        count = 2;
    s->n = count;
    for (size_t i = 0; i < count; i++) {
        enum engine e = both                         ? (enum engine)(i % 2)
                        : strcmp(engine, "afl") == 0 ? ENGINE_AFL
                                                     : ENGINE_LIBFUZZER;

        s->jobs[i] = (struct job){e, numbers[e]++, {0, -1}};
    }
    return EXIT_FINE;
}

static int make_room(const struct start *s, const struct fuzz_target *t)
{
    static const char *const folders[] = {"corpus", "crashes", "afl"};
    int result = EXIT_FINE;

    for (size_t i = 0; result == EXIT_FINE && i < sizeof folders / sizeof *folders; i++)
        result = make_folders(path_of("%s/%s/%s", s->kit.dir, t->name, folders[i]));
    return result;
}

static void command_of(const struct start *s, const struct fuzz_target *t, const struct job *job,
                       struct command_line *c)
{
    engine_command(&s->kit, job->engine, t, job->number, s->seconds, c);
}

static void print_commands(const struct start *s, const struct fuzz_target *t)
{
    for (size_t i = 0; i < s->n; i++) {
        struct command_line c;

        command_of(s, t, &s->jobs[i], &c);
        command_print(&c);
        command_free(&c);
    }
}

static bool begin_jobs(struct start *s, const struct fuzz_target *t)
{
    bool fine = true;

    for (size_t i = 0; fine && i < s->n; i++) {
        struct command_line c;

        command_of(s, t, &s->jobs[i], &c);
        fine = child_begin(&s->jobs[i].child, &c,
                           engine_log(&s->kit, s->jobs[i].engine, t, s->jobs[i].number), false);
        command_free(&c);
    }
    return fine;
}

static void take_samples(const struct start *s, const struct fuzz_target *t)
{
    for (size_t i = 0; i < s->n; i++) {
        struct sample sample;

        engine_sample(&s->kit, s->jobs[i].engine, t, s->jobs[i].number, &sample);
        sample_write(&s->kit, t, (uint64_t)time(NULL), s->jobs[i].engine, s->jobs[i].number,
                     &sample);
    }
}

static bool all_ended(struct start *s)
{
    bool ended = true;

    for (size_t i = 0; i < s->n; i++)
        ended &= child_ended(&s->jobs[i].child);
    return ended;
}

/* Until all jobs have ended, their time and some grace is over, or somebody interrupts. */
static void watch(struct start *s, const struct fuzz_target *t, uint64_t done_s, uint64_t total_s)
{
    const struct timespec second = {.tv_sec = 1};

    for (uint64_t i = 0; !interrupted && i < s->seconds + GRACE_S && !all_ended(s); i++) {
        nanosleep(&second, NULL);
        take_samples(s, t);
        progress_tick(done_s + i + 1, total_s);
    }
    for (size_t i = 0; i < s->n; i++)
        child_stop(&s->jobs[i].child, GRACE_S);
    take_samples(s, t);
}

static void say_target(const struct kit *k, const struct fuzz_target *t)
{
    struct history h;

    history_read(k, t, &h);
    out_format("%-20s %12llu executions, %9.0f/s, %llu + %llu edges, %llu inputs, %llu crashes, "
               "%llu s\n",
               t->name, (unsigned long long)h.executions, h.rate, (unsigned long long)h.edges[0],
               (unsigned long long)h.edges[1], (unsigned long long)h.corpus,
               (unsigned long long)h.crashes, (unsigned long long)h.running_s);
    out_flush();
    history_free(&h);
}

/* An engine that cannot run here takes no part; NULL in `any` if none can. */
static size_t drop_missing(struct start *s, const struct fuzz_target *t)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->n; i++) {
        const char *missing = engine_missing(&s->kit, s->jobs[i].engine, t);

        if (!missing)
            s->jobs[kept++] = s->jobs[i];
        else if (s->jobs[i].number == 0)
            fprintf(stderr, "sipvet fuzz start: %s without %s: %s\n", t->name,
                    engine_name(s->jobs[i].engine), missing);
    }
    return kept;
}

static int start_target(struct start *s, size_t i)
{
    const struct fuzz_target *t = &s->kit.targets[i];
    struct start mine = *s;
    int result;

    if ((mine.n = drop_missing(&mine, t)) == 0)
        return EXIT_INPUT;
    if ((result = make_room(&mine, t)) != EXIT_FINE)
        return result;
    if (!begin_jobs(&mine, t))
        interrupted = 1;
    watch(&mine, t, i * s->seconds, s->kit.count * s->seconds);
    say_target(&s->kit, t);
    return EXIT_FINE;
}

static int read_start(struct start *s, const struct arguments *args)
{
    const char *jobs = arguments_value(args, "jobs", "1");
    const char *duration = arguments_value(args, "time", "60s");
    uint64_t count;

    if (sipv_number(sipv_slice_text(jobs), JOBS_MAX, &count) != SIPV_OK || count == 0)
        return usage_error(args->command, "option '--jobs' takes a number from 1 to %d, not '%s'",
                           JOBS_MAX, jobs);
    if (!read_duration(duration, &s->seconds))
        return usage_error(args->command, "option '--time' takes 90s, 5m, 1h, not '%s'", duration);
    return plan(s, arguments_value(args, "engine", "libfuzzer"), (size_t)count);
}

int run_fuzz_start(const struct arguments *args)
{
    struct start s;
    int result, worst = EXIT_FINE;

    memset(&s, 0, sizeof s);
    if ((result = read_start(&s, args)) != EXIT_FINE ||
        (result = kit_open(&s.kit, args)) != EXIT_FINE)
        return result;
    signal(SIGINT, interrupt);
    signal(SIGTERM, interrupt);
    for (size_t i = 0; i < s.kit.count && !interrupted; i++) {
        if (arguments_have(args, "dry-run")) {
            print_commands(&s, &s.kit.targets[i]);
            continue;
        }
        result = start_target(&s, i);
        worst = result > worst ? result : worst;
    }
    kit_close(&s.kit);
    return worst;
}

/* ---- Status -----------------------------------------------------------------------------------
 */

static void status_json(const struct kit *k, const struct fuzz_target *t, bool pretty)
{
    struct json j = json_begin_record(pretty);
    struct history h;

    history_read(k, t, &h);
    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.fuzz-status/1");
    json_text(&j, "target", t->name);
    json_size(&j, "executions", (size_t)h.executions);
    json_size(&j, "rate", (size_t)h.rate);
    json_size(&j, "running_s", (size_t)h.running_s);
    json_size(&j, "edges_libfuzzer", (size_t)h.edges[0]);
    json_size(&j, "edges_afl", (size_t)h.edges[1]);
    json_size(&j, "corpus", (size_t)h.corpus);
    json_size(&j, "crashes", (size_t)h.crashes);
    json_end_object(&j);
    json_end_record(&j);
    history_free(&h);
}

int run_fuzz_status(const struct arguments *args)
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
        fprintf(stderr, "sipvet fuzz status: nothing has run in %s\n", k.dir);
    kit_close(&k);
    return any ? EXIT_FINE : EXIT_INPUT;
}
