/* Runs a fuzz target over files, without a fuzzer.
 *
 *     fuzz_message [--json FILE] [--timeout SECONDS] [--time SECONDS] [--longest N] [--require]
 *                  [PATH...]
 *
 * PATH is a file, a folder (all files below it, none that begins with a dot), a pack of seeds
 * (NAME.pack, see seeds/), or - for stdin, which is also read if there is none.  Every input is
 * run; where texts are copied against fence pages, twice, at either end.
 *
 * --json FILE     the result as JSON, "-" for stdout; without it, text
 * --timeout S     an input may take S seconds of CPU time, 10 if not given; 0: as long as it likes
 * --time S        go through the inputs again and again for S seconds of CPU time
 * --longest N     of longer inputs only the first N octets, as fuzzers take them
 * --require       fail if an oracle of this target never ran
 *
 * Exit: 0 fine; 1 with --require an oracle never ran; 2 usage; 3 a file cannot be read or written.
 * A finding ends the program by its signal, behind a line that names the input. */
#define _POSIX_C_SOURCE 200809L
#include "runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "input.h"
#include "oracle.h"

struct options {
    const char *json;
    unsigned timeout_s, time_s, longest;
    bool require;
};

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Once, or at either end of the fence. */
static void run(const struct runner_input *in, struct runner_result *r)
{
    runner_guard_input(in->path);
    for (unsigned turn = 0; turn < (fuzz_has_fence() ? 2u : 1u); turn++) {
        fuzz_fence_turn = turn;
        LLVMFuzzerTestOneInput(in->data, in->n);
        r->executions++;
    }
    runner_guard_input(NULL);
}

static void run_all(const struct runner_inputs *all, struct runner_result *r)
{
    r->inputs = all->n;
    for (size_t i = 0; i < all->n; i++) {
        const double begin = cpu_seconds();
        run(&all->list[i], r);
        const double spent = cpu_seconds() - begin;
        r->octets += all->list[i].n;
        if (spent <= r->slowest_s)
            continue;
        r->slowest_s = spent;
        r->slowest = all->list[i].path;
    }
}

/* For rates: the clock is looked at once in a round. */
static void run_for(const struct runner_inputs *all, double until, struct runner_result *r)
{
    while (all->n && cpu_seconds() < until)
        for (size_t i = 0; i < all->n; i++)
            run(&all->list[i], r);
}

static bool oracle_missing(void)
{
    for (unsigned i = 0; fuzz_oracle_name(i); i++)
        if (!fuzz_checks[i] && runner_has_oracle(fuzz_oracle_name(i)))
            return true;
    return false;
}

static void usage(void)
{
    fprintf(
        stderr,
        "usage: %s [--json FILE] [--timeout SECONDS] [--time SECONDS] [--longest N] [--require] "
        "[PATH...]\n",
        fuzz_target_name);
}

static bool take_number(const char *text, unsigned *out)
{
    uint64_t value;
    if (!text || sipv_number(sipv_slice_text(text), 1000000, &value) != SIPV_OK)
        return false;
    *out = (unsigned)value;
    return true;
}

/* The index of the first path, or 0: wrong usage. */
static int take_options(int argc, char **argv, struct options *o)
{
    int i = 1;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        if (strcmp(argv[i], "--require") == 0)
            o->require = true;
        else if (strcmp(argv[i], "--timeout") == 0 && take_number(argv[i + 1], &o->timeout_s))
            i++;
        else if (strcmp(argv[i], "--time") == 0 && take_number(argv[i + 1], &o->time_s))
            i++;
        else if (strcmp(argv[i], "--longest") == 0 && take_number(argv[i + 1], &o->longest))
            i++;
        else if (strcmp(argv[i], "--json") == 0 && argv[i + 1])
            o->json = argv[++i];
        else
            return 0;
    }
    return i;
}

/* A trailer is cut off with the end, as it is by an engine. */
static void cut(struct runner_inputs *all, size_t longest)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->list[i].n > longest)
            all->list[i].n = longest;
}

static bool read_inputs(struct runner_inputs *all, int argc, char **argv, int first)
{
    bool fine = true;
    if (first == argc)
        fine = runner_read(all, "-");
    for (int i = first; i < argc; i++)
        fine &= runner_read(all, argv[i]);
    runner_sort(all);
    return fine;
}

int main(int argc, char **argv)
{
    struct options o = {.timeout_s = 10};
    struct runner_inputs all = {NULL, 0, 0};
    struct runner_result r;
    memset(&r, 0, sizeof r);
    const int first = take_options(argc, argv, &o);
    if (!first) {
        usage();
        return 2;
    }
    bool fine = read_inputs(&all, argc, argv, first);
    if (o.longest)
        cut(&all, o.longest);
    const double begin = cpu_seconds();
    runner_guard(o.timeout_s);
    run_all(&all, &r);
    run_for(&all, begin + o.time_s, &r);
    r.seconds = cpu_seconds() - begin;
    r.missing = oracle_missing();
    if (o.json)
        fine &= runner_write_json(&r, o.json);
    else
        runner_write_text(&r);
    runner_free(&all);
    return !fine ? 3 : o.require && r.missing ? 1 : 0;
}
