/* start.c: `sipvet fuzz start`: turns in which one target is fuzzed by all jobs. */
#include "../output.h"
#include "../progress.h"
#include "status.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const choices_engine[] = {"libfuzzer", "afl", "both", NULL};

static const struct option_spec fuzz_start_options[] = {
    {"engine", 0, NULL, choices_engine, "what fuzzes (default: libfuzzer)", false},
    {"jobs", 'j', "N", NULL, "how many processes at one time (default: 1)", false},
    {"time", 0, "TIME", NULL,
     "how long for each target: 90s, 5m, 1h (default: 60s); with --cpu: for each turn, as CPU time",
     false},
    {"cpu", 0, "TIME", NULL, "go on until each target has had so much CPU time over all runs",
     false},
    KIT_OPTIONS,
    {"cmplog", 0, "DIR", NULL,
     "targets built for AFL++ with CmpLog (default: build/fuzz-cmplog/fuzz/bin)", false},
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

/* A turn that counts CPU time ends after so many times its length at the latest; one that has had
 * less than so many seconds of it has not run. */
enum { JOBS_MAX = 64, GRACE_S = 20, SHARE_LEAST = 20 };
static const double ran_cpu_s = 0.05;
/* libFuzzer's seeds have 32 bits, and each job has one of its own. */
static const uint64_t seed_max = UINT32_MAX - JOBS_MAX;

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
    struct sample last; /* of its process */
    double before_s;    /* CPU time of its earlier processes of this turn */
    bool forked, ended; /* ended: by itself */
};

struct start {
    struct kit kit;
    uint64_t seconds; /* of a turn */
    uint64_t cpu_s;   /* for each target; 0: one turn for each */
    struct job jobs[JOBS_MAX];
    size_t n;
    bool unwritten; /* samples cannot be written: it ends */
};

/* Divides the jobs among the engines. */
static void plan(struct start *s, const char *engine, size_t count)
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

        memset(&s->jobs[i], 0, sizeof s->jobs[i]);
        s->jobs[i].engine = e;
        s->jobs[i].number = numbers[e]++;
        s->jobs[i].child.group = true;
    }
}

static const char *const folders[] = {"corpus", "crashes", "afl"};
enum { FOLDERS = sizeof folders / sizeof *folders };

static int make_room(const struct start *s, const struct fuzz_target *t)
{
    int result = EXIT_FINE;

    for (size_t i = 0; result == EXIT_FINE && i < FOLDERS; i++)
        result = make_folders(path_of("%s/%s/%s", s->kit.dir, t->name, folders[i]));
    return result;
}

/* How long a turn can be by the clock. */
static uint64_t limit_of(const struct start *s)
{
    return s->cpu_s ? s->seconds * SHARE_LEAST : s->seconds;
}

/* The same as a command. */
static void print_room(const struct start *s, const struct fuzz_target *t)
{
    struct command_line c;

    command_begin(&c);
    command_add(&c, "mkdir");
    command_add(&c, "-p");
    for (size_t i = 0; i < FOLDERS; i++)
        command_add(&c, "%s/%s/%s", s->kit.dir, t->name, folders[i]);
    command_print(&c);
    command_free(&c);
}

static void print_commands(const struct start *s, const struct fuzz_target *t)
{
    print_room(s, t);
    for (size_t i = 0; i < s->n; i++) {
        const struct job *job = &s->jobs[i];
        struct command_line c;

        engine_command(&s->kit, job->engine, t, job->number, limit_of(s), job->forked, &c);
        command_print(&c);
        command_free(&c);
    }
}

/* ---- One turn ---------------------------------------------------------------------------------
 */

static void write_sample(struct start *s, const struct fuzz_target *t, struct job *job)
{
    struct sample sample = job->last;

    sample.cpu_s = job->before_s + job->child.cpu_s;
    if (s->unwritten ||
        sample_write(&s->kit, t, (uint64_t)time(NULL), job->engine, job->number, &sample))
        return;
    s->unwritten = true; /* how far it is nobody would know, nor when to stop */
    fault_of_path(EXIT_INTERNAL, "write", path_of_samples(&s->kit, t));
}

static void keep_more(uint64_t *kept, uint64_t now)
{
    if (now > *kept)
        *kept = now;
}

/* What an engine says may be hidden for a while by what else it writes; nothing gets less. */
static void look_at(struct start *s, const struct fuzz_target *t, struct job *job)
{
    struct sample now;

    child_measure(&job->child);
    engine_sample(&s->kit, job->engine, t, job->number, &now);
    keep_more(&job->last.executions, now.executions);
    keep_more(&job->last.edges, now.edges);
    keep_more(&job->last.corpus, now.corpus);
    job->last.crashes = now.crashes;
    job->last.rate = now.rate;
    write_sample(s, t, job);
}

static bool begin_job(struct start *s, const struct fuzz_target *t, struct job *job,
                      uint64_t seconds)
{
    struct command_line c;
    bool fine;

    memset(&job->last, 0, sizeof job->last);
    if (job->engine == ENGINE_AFL) /* which goes on counting where it stopped */
        engine_sample(&s->kit, job->engine, t, job->number, &job->last);
    engine_command(&s->kit, job->engine, t, job->number, seconds, job->forked, &c);
    fine = child_begin(&job->child, &c, engine_log(&s->kit, job->engine, t, job->number), false);
    command_free(&c);
    write_sample(s, t, job);
    return fine;
}

static bool begin_jobs(struct start *s, const struct fuzz_target *t)
{
    bool fine = true;

    for (size_t i = 0; fine && !s->unwritten && i < s->n; i++)
        fine = begin_job(s, t, &s->jobs[i], limit_of(s));
    return fine;
}

/* A finding has ended libFuzzer: for the rest of the turn it runs so that others do not. */
static void go_on(struct start *s, const struct fuzz_target *t, struct job *job, uint64_t left_s)
{
    if (job->engine != ENGINE_LIBFUZZER || job->forked || job->child.status <= 0 ||
        job->child.status == 126 || job->child.status == 127 || left_s < 2)
        return;
    look_at(s, t, job);
    job->before_s += job->child.cpu_s;
    job->forked = true;
    begin_job(s, t, job, left_s);
}

/* Looks at each job once; false when all have ended. */
static bool tick(struct start *s, const struct fuzz_target *t, uint64_t left_s)
{
    bool running = false;

    for (size_t i = 0; i < s->n; i++) {
        struct job *job = &s->jobs[i];

        if (job->child.pid == 0)
            continue;
        if (child_ended(&job->child))
            go_on(s, t, job, left_s);
        job->ended = job->child.pid == 0;
        look_at(s, t, job);
        if (s->cpu_s && job->before_s + job->child.cpu_s >= (double)s->seconds) {
            child_stop(&job->child, GRACE_S);
            look_at(s, t, job);
        }
        running |= job->child.pid != 0;
    }
    return running;
}

static double turn_cpu_s(const struct start *s)
{
    double sum = 0;

    for (size_t i = 0; i < s->n; i++)
        sum += s->jobs[i].before_s + s->jobs[i].child.cpu_s;
    return sum;
}

/* Until all jobs have ended, their time and some grace is over, or somebody interrupts. */
static void watch(struct start *s, const struct fuzz_target *t, uint64_t done_s, uint64_t total_s)
{
    const struct timespec second = {.tv_sec = 1};
    const uint64_t limit_s = limit_of(s);

    for (uint64_t i = 0; !interrupted && !s->unwritten && i < limit_s + GRACE_S; i++) {
        nanosleep(&second, NULL);
        if (!tick(s, t, i < limit_s ? limit_s - i : 0))
            break;
        progress_tick(done_s + (s->cpu_s ? (uint64_t)turn_cpu_s(s) : i + 1), total_s);
    }
    for (size_t i = 0; i < s->n; i++)
        if (s->jobs[i].child.pid != 0) {
            child_stop(&s->jobs[i].child, GRACE_S);
            look_at(s, t, &s->jobs[i]);
        }
}

/* An engine that cannot run here takes no part; 0 if none can. */
static size_t drop_missing(struct start *s, const struct fuzz_target *t)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->n; i++) {
        const char *missing = engine_missing(&s->kit, s->jobs[i].engine, t);

        if (!missing)
            s->jobs[kept++] = s->jobs[i];
        else if (s->jobs[i].number == 0)
            fault(s->kit.args, EXIT_INPUT, "%s without %s: %s", t->name,
                  engine_name(s->jobs[i].engine), missing);
    }
    return kept;
}

/* Did it end of something else than its time or, as libFuzzer does, a finding?  What has run an
 * input may have found something. */
static bool has_failed(const struct job *job)
{
    const int status = job->child.status;

    if (!job->ended || status == 0)
        return false;
    return status < 0 || status == 126 || status == 127 || job->engine == ENGINE_AFL ||
           job->last.executions == 0 || job->before_s + job->child.cpu_s < ran_cpu_s;
}

/* Did it run?  A job that did not is named, with where it says why. */
static int judge(const struct start *s, const struct fuzz_target *t, bool *ran)
{
    int result = EXIT_FINE;

    *ran = interrupted || turn_cpu_s(s) >= ran_cpu_s;
    for (size_t i = 0; !interrupted && i < s->n; i++)
        if (has_failed(&s->jobs[i]))
            result = fault(s->kit.args, EXIT_INTERNAL, "%s: %s has ended with status %d, see %s",
                           t->name, engine_name(s->jobs[i].engine), s->jobs[i].child.status,
                           engine_log(&s->kit, s->jobs[i].engine, t, s->jobs[i].number));
    if (*ran || result != EXIT_FINE)
        return result;
    return fault(s->kit.args, EXIT_INTERNAL, "%s does not run, see the logs in %s/%s", t->name,
                 s->kit.dir, t->name);
}

/* `seconds` for each job.  *ran: it makes sense to try it again. */
static int take_turn(struct start *s, const struct fuzz_target *t, uint64_t seconds,
                     uint64_t done_s, uint64_t total_s, bool *ran)
{
    struct start mine = *s;
    int result;

    *ran = false;
    mine.seconds = seconds;
    if ((mine.n = drop_missing(&mine, t)) == 0)
        return EXIT_INPUT;
    if ((result = make_room(&mine, t)) != EXIT_FINE)
        return result;
    if (!begin_jobs(&mine, t))
        interrupted = 1;
    watch(&mine, t, done_s, total_s);
    say_target(&s->kit, t);
    s->unwritten = mine.unwritten;
    return s->unwritten ? EXIT_INTERNAL : judge(&mine, t, ran);
}

/* ---- All turns --------------------------------------------------------------------------------
 */

/* The target with the least CPU time; k->count if all have had theirs.  *done_s: of all, as far as
 * they need it. */
static size_t neediest(const struct start *s, const bool *out, double *least_s, double *done_s)
{
    size_t which = s->kit.count;

    *done_s = 0;
    *least_s = (double)s->cpu_s;
    for (size_t i = 0; i < s->kit.count; i++) {
        struct history h;
        double cpu_s;

        history_read(&s->kit, &s->kit.targets[i], &h);
        cpu_s = history_cpu_s(&h);
        history_free(&h);
        *done_s += cpu_s < (double)s->cpu_s ? cpu_s : (double)s->cpu_s;
        if (!out[i] && cpu_s < *least_s) {
            *least_s = cpu_s;
            which = i;
        }
    }
    return which;
}

/* What a job still has to do of what its target needs, but no more than a turn. */
static uint64_t turn_of(const struct start *s, double had_s)
{
    const uint64_t left_s = (uint64_t)(((double)s->cpu_s - had_s) / (double)s->n) + 1;

    return left_s < s->seconds ? left_s : s->seconds;
}

static bool is_over(const struct start *s)
{
    return interrupted || s->unwritten;
}

/* The one that has had least is next; one that does not run is left out from then on. */
static int start_by_need(struct start *s)
{
    bool *out = need(s->kit.count, sizeof *out), ran;
    int result, worst = EXIT_FINE;
    double had_s, done_s;
    size_t i;

    memset(out, 0, s->kit.count * sizeof *out);
    while (!is_over(s) && (i = neediest(s, out, &had_s, &done_s)) < s->kit.count) {
        result = take_turn(s, &s->kit.targets[i], turn_of(s, had_s), (uint64_t)done_s,
                           s->kit.count * s->cpu_s, &ran);
        out[i] = !ran;
        worst = result > worst ? result : worst;
    }
    free(out);
    return worst;
}

static int start_in_order(struct start *s)
{
    int result, worst = EXIT_FINE;
    bool ran;

    for (size_t i = 0; i < s->kit.count && !is_over(s); i++) {
        result = take_turn(s, &s->kit.targets[i], s->seconds, i * s->seconds,
                           s->kit.count * s->seconds, &ran);
        worst = result > worst ? result : worst;
    }
    return worst;
}

static int read_start(struct start *s, const struct arguments *args)
{
    const char *jobs = arguments_value(args, "jobs", "1");
    const char *duration = arguments_value(args, "time", "60s");
    const char *cpu = arguments_value(args, "cpu", NULL);
    const char *seed = arguments_value(args, "seed", "0");
    uint64_t count, number;

    if (sipv_number(sipv_slice_text(seed), seed_max, &number) != SIPV_OK)
        return usage_error(args->command, "option '--seed' takes a number up to %llu, not '%s'",
                           (unsigned long long)seed_max, seed);
    if (sipv_number(sipv_slice_text(jobs), JOBS_MAX, &count) != SIPV_OK || count == 0)
        return usage_error(args->command, "option '--jobs' takes a number from 1 to %d, not '%s'",
                           JOBS_MAX, jobs);
    if (!read_duration(duration, &s->seconds))
        return usage_error(args->command, "option '--time' takes 90s, 5m, 1h, not '%s'", duration);
    if (cpu && !read_duration(cpu, &s->cpu_s))
        return usage_error(args->command, "option '--cpu' takes 90s, 5m, 1h, not '%s'", cpu);
    plan(s, arguments_value(args, "engine", "libfuzzer"), (size_t)count);
    return EXIT_FINE;
}

static int run_all(struct start *s)
{
    int result = kit_lock(&s->kit);

    if (result != EXIT_FINE)
        return result;
    signal(SIGINT, interrupt);
    signal(SIGTERM, interrupt);
    return s->cpu_s ? start_by_need(s) : start_in_order(s);
}

static int run_fuzz_start(const struct arguments *args)
{
    struct start s;
    int result;

    memset(&s, 0, sizeof s);
    if ((result = read_start(&s, args)) != EXIT_FINE ||
        (result = kit_open(&s.kit, args)) != EXIT_FINE)
        return result;
    if (arguments_have(args, "dry-run"))
        for (size_t i = 0; i < s.kit.count; i++)
            print_commands(&s, &s.kit.targets[i]);
    else
        result = run_all(&s);
    kit_close(&s.kit);
    return result;
}

static const char fuzz_start_description[] =
    "Runs the engines over one target after the other, each for --time, with --jobs processes\n"
    "at one time, and waits. What they find stays in the folder of the campaign: started again,\n"
    "they go on with it. A finding does not end a run. With 'both' the jobs are divided, two at\n"
    "least; an engine that is missing is left out with the reason.\n"
    "\n"
    "With --cpu it goes on until each target has had so much CPU time, of all engines, jobs and\n"
    "runs together: the one that has had least is next, for a turn of --time of CPU time for\n"
    "each job, and one that has had its time is left out. So it does not matter how busy the\n"
    "machine is, nor how often the campaign is stopped.\n"
    "\n"
    "Interrupted, it stops the engines in order. --dry-run prints the commands instead, as a\n"
    "shell takes them.\n"
    "\n"
    "The exit status is 0; 3 if nothing could run a target; 5 if an engine failed, which names "
    "its\n"
    "log, if samples.tsv cannot be written, or if another 'sipvet fuzz start' has the folder.\n"
    "Crashes do not change it: 'sipvet fuzz triage' looks at them.\n";

const struct command command_fuzz_start = {
    .name = "fuzz start",
    .operands = "",
    .summary = "Fuzzes targets, or goes on with it",
    .run = run_fuzz_start,
    .options = fuzz_start_options,
    .description = fuzz_start_description,
    .examples = "sipvet fuzz start --target fuzz_uri --time 5m\n"
                "sipvet fuzz start --engine both --jobs 2 --time 1h --dir campaign\n"
                "nice -n 19 sipvet fuzz start --engine both --jobs 2 --time 60s --cpu 1h\n",
};
