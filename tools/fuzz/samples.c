/* samples.c: see samples.h. */
#include "samples.h"

#include "../output.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JOBS = 64, PAUSE_S = 5, FIELDS = 9 };

/* No campaign gets so far, and sums of it have room. */
static const uint64_t number_max = 1000000000000000;

const char *path_of_samples(const struct kit *k, const struct fuzz_target *t)
{
    return path_of("%s/%s/samples.tsv", k->dir, t->name);
}

/* A run that died while it wrote has left half a line: it ends as none that is read. */
static bool end_half_line(FILE *f)
{
    if (fseek(f, -1, SEEK_END) != 0 || fgetc(f) == '\n') /* empty, or whole */
        return fseek(f, 0, SEEK_END) == 0;
    return fseek(f, 0, SEEK_END) == 0 && fputs("\t?\n", f) >= 0;
}

bool sample_write(const struct kit *k, const struct fuzz_target *t, uint64_t now_s,
                  enum engine engine, unsigned job, const struct sample *sample)
{
    FILE *f = fopen(path_of_samples(k, t), "a+");
    bool fine;

    if (!f)
        return false;
    fine = end_half_line(f) &&
           fprintf(f,
                   "%" PRIu64 "\t%s\t%u\t%" PRIu64 "\t%.1f\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
                   "\t%.2f\n",
                   now_s, engine_name(engine), job, sample->executions, sample->rate, sample->edges,
                   sample->corpus, sample->crashes, sample->cpu_s) > 0;
    return fclose(f) == 0 && fine;
}

/* The samples of one job. */
struct job {
    uint64_t last_s, executions, crashes;
    double cpu_s;
};

static void add_point(struct history *h, unsigned engine, uint64_t edges)
{
    if (h->n == 0 || h->points[h->n - 1].at_s != h->elapsed_s) {
        if (h->n == h->cap) {
            h->cap = h->cap ? 2 * h->cap : 256;
            h->points = need_more(h->points, h->cap, sizeof *h->points);
        }
        h->points[h->n] = (struct point){h->elapsed_s, {h->edges[0], h->edges[1]}};
        h->n++;
    }
    if (edges > h->points[h->n - 1].edges[engine])
        h->points[h->n - 1].edges[engine] = edges;
}

static void add_sample(struct history *h, struct job *job, unsigned engine, uint64_t now_s,
                       const struct sample *s)
{
    if (job->last_s && now_s > job->last_s && now_s - job->last_s <= PAUSE_S)
        h->running_s += now_s - job->last_s;
    /* An engine that begins anew counts from 0. */
    h->executions[engine] +=
        s->executions >= job->executions ? s->executions - job->executions : s->executions;
    h->cpu_s[engine] += s->cpu_s >= job->cpu_s ? s->cpu_s - job->cpu_s : s->cpu_s;
    job->executions = s->executions;
    job->cpu_s = s->cpu_s;
    job->last_s = now_s;
    add_point(h, engine, s->edges);
    if (s->edges > h->edges[engine])
        h->edges[engine] = s->edges;
    if (s->corpus > h->corpus)
        h->corpus = s->corpus;
    if (s->crashes > job->crashes)
        job->crashes = s->crashes;
}

/* Digits, and a fraction where there may be one. */
static bool read_real(const char *text, double *value)
{
    const size_t whole = strspn(text, "0123456789");
    const size_t n = whole + (text[whole] == '.' ? 1 + strspn(text + whole + 1, "0123456789") : 0);

    *value = whole > 0 && text[n] == '\0' ? strtod(text, NULL) : -1;
    return *value >= 0 && *value <= (double)number_max;
}

static bool read_whole(const char *text, uint64_t *value)
{
    return sipv_number(sipv_slice_text(text), number_max, value) == SIPV_OK;
}

/* A line, which is cut into its fields. */
static bool read_sample(char *line, uint64_t *now_s, enum engine *engine, unsigned *job,
                        struct sample *s)
{
    char *field[FIELDS], *end = strchr(line, '\n');
    uint64_t number;

    if (!end)
        return false;
    *end = '\0';
    for (size_t i = 0; i < FIELDS; i++) {
        field[i] = line;
        line += strcspn(line, "\t");
        if ((*line == '\0') != (i == FIELDS - 1))
            return false;
        *line++ = '\0';
    }
    *engine = strcmp(field[1], engine_name(ENGINE_AFL)) == 0 ? ENGINE_AFL : ENGINE_LIBFUZZER;
    if (strcmp(field[1], engine_name(*engine)) != 0 || !read_whole(field[2], &number) ||
        number >= JOBS)
        return false;
    *job = (unsigned)number;
    return read_whole(field[0], now_s) && read_whole(field[3], &s->executions) &&
           read_real(field[4], &s->rate) && read_whole(field[5], &s->edges) &&
           read_whole(field[6], &s->corpus) && read_whole(field[7], &s->crashes) &&
           read_real(field[8], &s->cpu_s);
}

static uint64_t count_crashes(struct job jobs[2][JOBS])
{
    uint64_t most = 0, sum = 0;

    for (size_t i = 0; i < JOBS; i++) {
        if (jobs[ENGINE_LIBFUZZER][i].crashes > most)
            most = jobs[ENGINE_LIBFUZZER][i].crashes;
        sum += jobs[ENGINE_AFL][i].crashes;
    }
    return most + sum;
}

void history_read(const struct kit *k, const struct fuzz_target *t, struct history *h)
{
    static struct job jobs[2][JOBS];
    FILE *f = fopen(path_of_samples(k, t), "r");
    uint64_t now_s, last_s = 0;
    enum engine engine;
    struct sample s;
    char line[256];
    unsigned job;

    memset(h, 0, sizeof *h);
    memset(jobs, 0, sizeof jobs);
    while (f && fgets(line, sizeof line, f)) {
        if (!read_sample(line, &now_s, &engine, &job, &s))
            continue;
        if (last_s && now_s > last_s && now_s - last_s <= PAUSE_S)
            h->elapsed_s += now_s - last_s;
        last_s = now_s;
        add_sample(h, &jobs[engine][job], engine, now_s, &s);
    }
    if (f)
        fclose(f);
    h->crashes = count_crashes(jobs);
    if (history_cpu_s(h) > 0)
        h->rate = (double)history_executions(h) / history_cpu_s(h);
}

double history_cpu_s(const struct history *h)
{
    return h->cpu_s[0] + h->cpu_s[1];
}

uint64_t history_executions(const struct history *h)
{
    return h->executions[0] + h->executions[1];
}

void history_free(struct history *h)
{
    free(h->points);
    memset(h, 0, sizeof *h);
}
