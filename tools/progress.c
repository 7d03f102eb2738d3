/* progress.c: see progress.h. */
#include "progress.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct {
    const char *command;
    bool json, line, shown;
    struct timespec start;
    double last; /* seconds after the start */
} state;

void progress_begin(const char *command, const char *how)
{
    memset(&state, 0, sizeof state);
    state.command = command;
    state.json = strcmp(how, "json") == 0;
    state.line = strcmp(how, "auto") == 0 && isatty(STDERR_FILENO);
    clock_gettime(CLOCK_MONOTONIC, &state.start);
}

static double elapsed(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - state.start.tv_sec) +
           (double)(now.tv_nsec - state.start.tv_nsec) / 1e9;
}

void progress_tick(uint64_t done, uint64_t total)
{
    double now;

    if (!state.json && !state.line)
        return;
    now = elapsed();
    if (now < state.last + 1)
        return;
    state.last = now;
    if (state.json) {
        fprintf(stderr,
                "{\"schema\":\"sipvet.progress/1\",\"command\":\"%s\",\"done\":%" PRIu64
                ",\"total\":",
                state.command, done);
        if (total > 0)
            fprintf(stderr, "%" PRIu64, total);
        else
            fputs("null", stderr);
        fprintf(stderr, ",\"elapsed_s\":%.1f}\n", now);
        return;
    }
    fprintf(stderr, "\rsipvet %s: %" PRIu64, state.command, done);
    if (total > 0)
        fprintf(stderr, " of %" PRIu64, total);
    fputs("\033[K", stderr);
    state.shown = true;
}

void progress_end(void)
{
    if (state.shown)
        fputs("\r\033[K", stderr);
    state.shown = false;
}
