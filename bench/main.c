/* main.c: the program sipvet-bench. */
#include "bench.h"
#include "input.h"
#include "report.h"
#include "runner.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2, EXIT_INPUT = 3, EXIT_INTERNAL = 5 };
enum { ROUNDS = 75, ROUNDS_MAX = 100000 };

/* A default run ends by itself in this time, with fewer rounds on a slow machine. */
static const double limit_s = 35;

static const struct bench_library *const libraries[] = {
    &bench_limit,
#ifdef BENCH_SIPVET
    &bench_sipvet,
#endif
#ifdef BENCH_DIGEST_LIBRARY
    &bench_sipvet_digest,
#endif
#ifdef BENCH_SOFIA
    &bench_sofia,
#endif
#ifdef BENCH_OSIP
    &bench_osip,
#endif
#ifdef BENCH_RE
    &bench_re,
#endif
#ifdef BENCH_OPENSSL
    &bench_openssl,
#endif
};
enum { LIBRARY_COUNT = sizeof libraries / sizeof libraries[0] };

static const char help[] =
    "usage: sipvet-bench [OPTION]... [FILE...]\n"
    "Measures sipvet and the other SIP libraries found at build time on the same messages.\n"
    "\n"
    "  --json            one record per line instead of a table\n"
    "  --filter TEXT     only what has TEXT in its bench/subject/input\n"
    "  --rounds N        exactly N rounds (default: 75, or what 35 seconds allow)\n"
    "  --list            name what would be measured\n"
    "  --write-varied    write the varied messages, each after a line \"#LENGTH\"\n"
    "  --callgrind       run each once for valgrind (see bench/instructions.sh)\n"
    "  --help            this text\n"
    "\n"
    "FILEs are measured instead of the built-in messages: FILE.sdp is a session description,\n"
    "FILE.pack a set of messages, any other FILE one SIP message.\n";

enum mode { MODE_TABLE, MODE_JSON, MODE_LIST, MODE_CALLGRIND, MODE_WRITE };

struct options {
    enum mode mode;
    const char *filter;
    size_t rounds; /* 0: not given */
};

/* Returns 0, or -1 for a usage error, or 1 if the work is done. */
static int read_options(int argc, char **argv, struct options *options)
{
    static const struct option table[] = {
        {"json", no_argument, NULL, 'j'},         {"filter", required_argument, NULL, 'f'},
        {"rounds", required_argument, NULL, 'r'}, {"list", no_argument, NULL, 'l'},
        {"write-varied", no_argument, NULL, 'w'}, {"callgrind", no_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    char *end;
    unsigned long rounds;
    int c;

    while ((c = getopt_long(argc, argv, "h", table, NULL)) != -1) {
        switch (c) {
        case 'j': options->mode = MODE_JSON; break;
        case 'l': options->mode = MODE_LIST; break;
        case 'w': options->mode = MODE_WRITE; break;
        case 'c': options->mode = MODE_CALLGRIND; break;
        case 'f': options->filter = optarg; break;
        case 'r':
            rounds = strtoul(optarg, &end, 10);
            if (*optarg < '0' || *optarg > '9' || *end != '\0' || rounds == 0 ||
                rounds > ROUNDS_MAX) {
                fprintf(stderr, "sipvet-bench: --rounds: a number from 1 to %d\n", ROUNDS_MAX);
                return -1;
            }
            options->rounds = rounds;
            break;
        case 'h': fputs(help, stdout); return 1;
        default: fputs("Try 'sipvet-bench --help'.\n", stderr); return -1;
        }
    }
    return 0;
}

static int read_inputs(char **files, size_t count, struct bench_input **inputs, size_t *input_count)
{
    if (count == 0 && bench_input_default(inputs, input_count) != 0)
        return EXIT_INTERNAL;
    for (size_t i = 0; i < count; i++)
        if (bench_input_file(files[i], inputs, input_count) != 0)
            return EXIT_INPUT;
    return bench_input_digest(inputs, input_count) == 0 ? EXIT_SUCCESS : EXIT_INTERNAL;
}

static int do_mode(struct bench_run *run, const struct options *options)
{
    char name[256];

    switch (options->mode) {
    case MODE_LIST:
        for (size_t i = 0; i < run->count; i++) {
            bench_cell_name(&run->cells[i], name, sizeof name);
            puts(name);
        }
        return EXIT_SUCCESS;
    case MODE_CALLGRIND:
        for (size_t i = 0; i < run->count; i++) {
            bench_cell_name(&run->cells[i], name, sizeof name);
            bench_count_instructions(&run->cells[i], 1);
            printf("%s %zu\n", name, run->cells[i].count);
        }
        return EXIT_SUCCESS;
    case MODE_TABLE:
    case MODE_JSON:
    case MODE_WRITE: break;
    }
    if (bench_measure(run, options->rounds ? options->rounds : ROUNDS,
                      options->rounds ? 0 : limit_s) != 0) {
        fputs("sipvet-bench: out of memory\n", stderr);
        return EXIT_INTERNAL;
    }
    if (options->mode == MODE_JSON)
        bench_report_json(run, stdout);
    else
        bench_report_table(run, stdout);
    return EXIT_SUCCESS;
}

static int start_libraries(void)
{
    for (size_t i = 0; i < LIBRARY_COUNT; i++) {
        if (!libraries[i]->start || libraries[i]->start() == 0)
            continue;
        fprintf(stderr, "sipvet-bench: %s does not start\n", libraries[i]->subjects[0].subject);
        return -1;
    }
    return 0;
}

static int work(const struct options *options, const struct bench_input *inputs, size_t count)
{
    struct bench_run run = {0};
    int rc;

    if (options->mode == MODE_WRITE)
        return bench_input_write(&inputs[0], stdout) == 0 ? EXIT_SUCCESS : EXIT_INTERNAL;
    if (start_libraries() != 0)
        return EXIT_INTERNAL;
    rc = bench_prepare(libraries, LIBRARY_COUNT, inputs, count, options->filter, &run) == 0
             ? do_mode(&run, options)
             : EXIT_INTERNAL;
    bench_release(&run);
    for (size_t i = 0; i < LIBRARY_COUNT; i++)
        if (libraries[i]->stop)
            libraries[i]->stop();
    return rc;
}

int main(int argc, char **argv)
{
    struct options options = {.mode = MODE_TABLE};
    struct bench_input *inputs = NULL;
    size_t count = 0;
    int rc = read_options(argc, argv, &options);

    if (rc != 0)
        return rc > 0 ? EXIT_SUCCESS : EXIT_USAGE;
    rc = read_inputs(argv + optind, (size_t)(argc - optind), &inputs, &count);
    if (rc == EXIT_SUCCESS)
        rc = work(&options, inputs, count);
    bench_input_release(inputs, count);
    return fflush(stdout) == 0 ? rc : EXIT_INTERNAL;
}
