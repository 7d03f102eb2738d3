/* samples.c: see samples.h. */
#include "samples.h"

#include "../output.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JOBS = 64, PAUSE_S = 5 };

static const char *path_of_samples(const struct kit *k, const struct fuzz_target *t)
{
    return path_of("%s/%s/samples.tsv", k->dir, t->name);
}

bool sample_write(const struct kit *k, const struct fuzz_target *t, uint64_t now_s,
                  enum engine engine, unsigned job, const struct sample *sample)
{
    FILE *f = fopen(path_of_samples(k, t), "a");
    bool fine;

    if (!f)
        return false;
    fine = fprintf(f,
                   "%" PRIu64 "\t%s\t%u\t%" PRIu64 "\t%.1f\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
                   "\t%.2f\n",
                   now_s, engine_name(engine), job, sample->executions, sample->rate, sample->edges,
                   sample->corpus, sample->crashes, sample->cpu_s) > 0;
    return fclose(f) == 0 && fine;
}

/* The samples of one job. */
struct job {
    uint64_t last_s, executions;
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
    if (s->crashes > h->crashes)
        h->crashes = s->crashes;
}

void history_read(const struct kit *k, const struct fuzz_target *t, struct history *h)
{
    static struct job jobs[2][JOBS];
    FILE *f = fopen(path_of_samples(k, t), "r");
    char line[256], engine[32];
    uint64_t now_s, last_s = 0;
    struct sample s;
    unsigned job;

    memset(h, 0, sizeof *h);
    memset(jobs, 0, sizeof jobs);
    while (f && fgets(line, sizeof line, f)) {
        memset(&s, 0, sizeof s);
        if (sscanf(line,
                   "%" SCNu64 " %31s %u %" SCNu64 " %lf %" SCNu64 " %" SCNu64 " %" SCNu64 " %lf",
                   &now_s, engine, &job, &s.executions, &s.rate, &s.edges, &s.corpus, &s.crashes,
                   &s.cpu_s) != 9 ||
            job >= JOBS)
            continue;
        if (last_s && now_s > last_s && now_s - last_s <= PAUSE_S)
            h->elapsed_s += now_s - last_s;
        last_s = now_s;
        add_sample(h, &jobs[strcmp(engine, "afl") == 0][job], strcmp(engine, "afl") == 0, now_s,
                   &s);
    }
    if (f)
        fclose(f);
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
