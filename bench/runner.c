/* runner.c: see runner.h. */
#include "runner.h"
#include "probe.h"
#include "varied.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MIN_ROUNDS = 3 };

/* One timed batch is this long at least: long against the clock's resolution and against what the
 * warm-up of a fast subject leaves to be learnt, short against the time for which a machine keeps
 * its speed. */
static const double batch_ns = 3e6;

volatile uint64_t bench_sink;

static double now_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void pass(const struct bench_cell *cell, long passes)
{
    int (*run)(void *, const char *, size_t) = cell->subject->run;
    uint64_t sum = 0;

    for (; passes > 0; passes--)
        for (size_t i = 0; i < cell->count; i++)
            sum += (uint64_t)run(cell->states[i], cell->messages[i]->data, cell->messages[i]->size);
    bench_sink += sum;
}

/* The function whose instructions are counted: callgrind starts and stops at its name. */
void bench_counted(const struct bench_cell *cell, long passes);

__attribute__((noinline)) void bench_counted(const struct bench_cell *cell, long passes)
{
    pass(cell, passes);
}

void bench_count_instructions(const struct bench_cell *cell, long passes)
{
    pass(cell, 1);
    bench_counted(cell, passes);
}

void bench_cell_name(const struct bench_cell *cell, char *out, size_t room)
{
    snprintf(out, room, "%s/%s/%s", cell->subject->bench, cell->subject->subject,
             cell->input->name);
}

static void close_cell(struct bench_cell *cell)
{
    for (size_t i = 0; i < cell->count; i++)
        if (cell->subject->close)
            cell->subject->close(cell->states[i]);
    free(cell->messages);
    free(cell->states);
    free(cell->ns);
    free(cell->probe);
}

static bool accept_message(struct bench_cell *cell, const struct bench_message *message)
{
    const struct bench_subject *subject = cell->subject;
    void *state = subject->open ? subject->open(message->data, message->size) : NULL;

    if (subject->open && !state)
        return false;
    if (subject->run(state, message->data, message->size) != 0) {
        if (subject->close)
            subject->close(state);
        return false;
    }
    cell->messages[cell->count] = message;
    cell->states[cell->count++] = state;
    return true;
}

/* Counts in the second pass: what a library allocates once and keeps is not the message's. */
static double count_allocations(const struct bench_cell *cell)
{
    uint64_t before;

    if (!bench_counting)
        return -1;
    pass(cell, 1);
    before = bench_allocations;
    pass(cell, 1);
    return (double)(bench_allocations - before) / (double)cell->count;
}

static void calibrate(struct bench_cell *cell)
{
    double start, took;

    for (cell->passes = 1;; cell->passes *= 2) {
        start = now_ns(CLOCK_THREAD_CPUTIME_ID);
        pass(cell, cell->passes);
        took = now_ns(CLOCK_THREAD_CPUTIME_ID) - start;
        if (took > batch_ns / 4)
            break;
    }
    cell->passes = (long)(batch_ns / took * (double)cell->passes) + 1;
}

/* Returns 1 if the cell can be measured, 0 if everything was refused, -1 without memory. */
static int open_cell(struct bench_cell *cell, const struct bench_subject *subject,
                     const struct bench_input *input)
{
    char name[256];
    double octets = 0;

    cell->subject = subject;
    cell->input = input;
    cell->messages = calloc(input->count, sizeof(const struct bench_message *));
    cell->states = calloc(input->count, sizeof *cell->states);
    if (!cell->messages || !cell->states)
        return -1;
    for (size_t i = 0; i < input->count; i++)
        if (accept_message(cell, &input->messages[i]))
            octets += (double)input->messages[i].size;
    bench_cell_name(cell, name, sizeof name);
    if (cell->count < input->count)
        fprintf(stderr, "sipvet-bench: %s: %zu of %zu refused and left out\n", name,
                input->count - cell->count, input->count);
    if (cell->count == 0)
        return 0;
    cell->octets = octets / (double)cell->count;
    return 1;
}

int bench_prepare(const struct bench_library *const *libraries, size_t library_count,
                  const struct bench_input *inputs, size_t input_count, const char *filter,
                  struct bench_run *run)
{
    size_t room = 0;

    for (size_t l = 0; l < library_count; l++)
        room += libraries[l]->count * input_count;
    run->cells = calloc(room + 1, sizeof *run->cells);
    run->count = 0;
    run->rounds = 0;
    if (!run->cells)
        return -1;
    for (size_t l = 0; l < library_count; l++) {
        for (size_t s = 0; s < libraries[l]->count; s++) {
            for (size_t i = 0; i < input_count; i++) {
                const struct bench_subject *subject = &libraries[l]->subjects[s];
                struct bench_cell *cell = &run->cells[run->count];
                char name[256];
                int rc;

                *cell = (struct bench_cell){.subject = subject, .input = &inputs[i]};
                bench_cell_name(cell, name, sizeof name);
                if (subject->kind != inputs[i].kind || (filter && !strstr(name, filter)))
                    continue;
                rc = open_cell(cell, subject, &inputs[i]);
                if (rc > 0)
                    run->count++;
                else
                    close_cell(cell);
                if (rc < 0)
                    return -1;
            }
        }
    }
    return 0;
}

/* What one round says. */
struct sample {
    double value;
    double probe;
};

static int by_probe(const void *a, const void *b)
{
    double x = ((const struct sample *)a)->probe, y = ((const struct sample *)b)->probe;
    return (x > y) - (x < y);
}

static int by_value(const void *a, const void *b)
{
    double x = ((const struct sample *)a)->value, y = ((const struct sample *)b)->value;
    return (x > y) - (x < y);
}

/* One in five, as many as there must be at least. */
static size_t calm_rounds(size_t rounds)
{
    return rounds / 5 > MIN_ROUNDS ? rounds / 5 : rounds < MIN_ROUNDS ? rounds : MIN_ROUNDS;
}

/* The median of the `n` rounds with the fastest probes. */
static double calm_median(struct sample *samples, size_t rounds, size_t n)
{
    qsort(samples, rounds, sizeof *samples, by_probe);
    qsort(samples, n, sizeof *samples, by_value);
    return n % 2 ? samples[n / 2].value : (samples[n / 2 - 1].value + samples[n / 2].value) / 2;
}

double bench_ratio(const struct bench_run *run, const struct bench_cell *a,
                   const struct bench_cell *b)
{
    struct sample *samples = calloc(run->rounds, sizeof *samples);
    double result;

    if (!samples)
        return 0;
    for (size_t i = 0; i < run->rounds; i++) {
        samples[i].value = a->ns[i] / b->ns[i];
        samples[i].probe = a->probe[i] > b->probe[i] ? a->probe[i] : b->probe[i];
    }
    result = calm_median(samples, run->rounds, run->calm);
    free(samples);
    return result;
}

static double probe_ns(void)
{
    double start = now_ns(CLOCK_THREAD_CPUTIME_ID);

    bench_probe();
    return now_ns(CLOCK_THREAD_CPUTIME_ID) - start;
}

static double measure_cell(const struct bench_cell *cell)
{
    double start;

    pass(cell, 1); /* its code and the messages are in the cache again */
    start = now_ns(CLOCK_THREAD_CPUTIME_ID);
    pass(cell, cell->passes);
    return (now_ns(CLOCK_THREAD_CPUTIME_ID) - start) / ((double)cell->passes * (double)cell->count);
}

static void shuffle(struct varied_random *random, size_t *order, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = varied_below(random, i), swap = order[i - 1];
        order[i - 1] = order[j];
        order[j] = swap;
    }
}

static int summarise(struct bench_run *run)
{
    struct sample *samples = calloc(run->rounds, sizeof *samples);

    if (!samples)
        return -1;
    run->calm = calm_rounds(run->rounds);
    for (size_t c = 0; c < run->count; c++) {
        struct bench_cell *cell = &run->cells[c];
        cell->min = cell->ns[0];
        for (size_t i = 0; i < run->rounds; i++) {
            samples[i] = (struct sample){cell->ns[i], cell->probe[i]};
            if (cell->ns[i] < cell->min)
                cell->min = cell->ns[i];
        }
        cell->all = calm_median(samples, run->rounds, run->rounds);
        cell->median = calm_median(samples, run->rounds, run->calm);
    }
    free(samples);
    return 0;
}

/* Every cell once, in the given order, with probes between them. */
static void measure_round(struct bench_run *run, const size_t *order)
{
    double before = probe_ns();

    for (size_t i = 0; i < run->count; i++) {
        struct bench_cell *cell = &run->cells[order[i]];
        cell->ns[run->rounds] = measure_cell(cell);
        const double after = probe_ns();
        cell->probe[run->rounds] = before > after ? before : after;
        before = after;
    }
}

int bench_measure(struct bench_run *run, size_t rounds, double limit_s)
{
    double start = now_ns(CLOCK_MONOTONIC);
    struct varied_random random = {(uint64_t)start};
    size_t *order = calloc(run->count + 1, sizeof *order);
    bool progress = isatty(STDERR_FILENO) == 1;

    if (!order)
        return -1;
    for (size_t c = 0; c < run->count; c++) {
        struct bench_cell *cell = &run->cells[c];
        order[c] = c;
        cell->ns = calloc(rounds, sizeof *cell->ns);
        cell->probe = calloc(rounds, sizeof *cell->probe);
        if (!cell->ns || !cell->probe) {
            free(order);
            return -1;
        }
        cell->allocations = count_allocations(cell);
        calibrate(cell);
    }
    for (run->rounds = 0; run->rounds < rounds; run->rounds++) {
        double elapsed_s = (now_ns(CLOCK_MONOTONIC) - start) / 1e9;
        if (limit_s > 0 && run->rounds >= MIN_ROUNDS && elapsed_s > limit_s)
            break;
        if (progress)
            fprintf(stderr, "\rround %zu of %zu", run->rounds + 1, rounds);
        shuffle(&random, order, run->count);
        measure_round(run, order);
    }
    if (progress)
        fprintf(stderr, "\r%*s\r", 40, "");
    free(order);
    return summarise(run);
}

void bench_release(struct bench_run *run)
{
    for (size_t i = 0; i < run->count; i++)
        close_cell(&run->cells[i]);
    free(run->cells);
    run->cells = NULL;
    run->count = 0;
}
