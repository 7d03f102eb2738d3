/* process.c: see process.h. */
#define _DEFAULT_SOURCE /* wait4 */
#include "process.h"

#include "../output.h"
#include "family.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORD = 4096 };

void command_begin(struct command_line *c)
{
    memset(c, 0, sizeof *c);
}

static void add(struct command_line *c, size_t at, const char *format, va_list list)
{
    char text[WORD];

    if (c->n + 2 > c->cap) {
        c->cap = c->cap ? 2 * c->cap : 64;
        c->word = need_more(c->word, c->cap, sizeof *c->word);
    }
    vsnprintf(text, sizeof text, format, list);
    memmove(&c->word[at + 1], &c->word[at], (c->n - at) * sizeof *c->word);
    c->word[at] = need(strlen(text) + 1, 1);
    strcpy(c->word[at], text);
    c->word[++c->n] = NULL;
}

void command_add(struct command_line *c, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    add(c, c->n, format, list);
    va_end(list);
}

void command_set(struct command_line *c, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    add(c, c->assignments++, format, list);
    va_end(list);
}

void command_free(struct command_line *c)
{
    for (size_t i = 0; i < c->n; i++)
        free(c->word[i]);
    free(c->word);
    memset(c, 0, sizeof *c);
}

static bool is_plain(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./=:,+@%";

    return *word && strspn(word, plain) == strlen(word);
}

void command_print(const struct command_line *c)
{
    for (size_t i = 0; i < c->n; i++) {
        if (i > 0)
            out_char(' ');
        if (is_plain(c->word[i])) {
            out_text(c->word[i]);
            continue;
        }
        out_char('\'');
        for (const char *p = c->word[i]; *p; p++)
            out_text(*p == '\'' ? "'\\''" : (const char[]){*p, '\0'});
        out_char('\'');
    }
    out_char('\n');
}

/* In the child: becomes the command. */
static _Noreturn void become(const struct command_line *c, const char *log, bool append)
{
    int out = open(log, O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC), 0666);
    int in = open("/dev/null", O_RDONLY);

    if (out < 0 || in < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
        _exit(126);
    for (size_t i = 0; i < c->assignments; i++) {
        char *equals = strchr(c->word[i], '=');

        *equals = '\0';
        setenv(c->word[i], equals + 1, 1);
    }
    signal(SIGPIPE, SIG_DFL);
    execvp(c->word[c->assignments], &c->word[c->assignments]);
    fprintf(stderr, "cannot run %s: %s\n", c->word[c->assignments], strerror(errno));
    _exit(127);
}

bool child_begin(struct child *child, const struct command_line *c, const char *log, bool append)
{
    out_flush();
    child->status = -1;
    child->cpu_s = 0;
    if (child->group)
        family_adopt();
    child->pid = fork();
    if (child->group && child->pid >= 0) /* by both, since either may be first */
        setpgid(child->pid, 0);
    if (child->pid == 0)
        become(c, log, append);
    if (child->pid > 0)
        return true;
    fprintf(stderr, "sipvet: cannot begin a process: %s\n", strerror(errno));
    child->pid = 0;
    return false;
}

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* What is known from /proc may be more: children that nobody has waited for. */
static void see_usage(struct child *child, const struct rusage *usage)
{
    const double cpu_s = seconds_of(usage->ru_utime) + seconds_of(usage->ru_stime);

    if (cpu_s > child->cpu_s)
        child->cpu_s = cpu_s;
}

/* What it has begun and not ended itself: fork servers of AFL++ are in sessions of their own. */
static void end_rest(const struct child *child)
{
    kill(-child->pid, SIGKILL);
    while (waitpid(-child->pid, NULL, 0) > 0)
        ; /* adopted, see family.h */
    family_end_adopted();
}

static bool reap(struct child *child, int options)
{
    struct rusage usage;
    int status;
    pid_t pid;

    if (child->pid == 0)
        return true;
    do
        pid = wait4(child->pid, &status, options, &usage);
    while (pid < 0 && errno == EINTR);
    if (pid == 0)
        return false;
    if (pid > 0)
        see_usage(child, &usage);
    child->status = pid < 0 ? -1 : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (child->group)
        end_rest(child);
    child->pid = 0;
    return true;
}

bool child_ended(struct child *child)
{
    return reap(child, WNOHANG);
}

void child_measure(struct child *child)
{
    const double cpu_s = child->pid ? family_cpu_s(child->pid) : 0;

    if (cpu_s > child->cpu_s)
        child->cpu_s = cpu_s;
}

static void doze(unsigned ms)
{
    struct timespec t = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};

    nanosleep(&t, NULL);
}

void child_stop(struct child *child, unsigned grace_s)
{
    if (child_ended(child))
        return;
    child_measure(child);
    kill(child->group ? -child->pid : child->pid, SIGINT);
    for (unsigned i = 0; i < grace_s * 20 && !child_ended(child); i++)
        doze(50);
    if (child->pid == 0)
        return;
    kill(child->group ? -child->pid : child->pid, SIGKILL);
    reap(child, 0);
}

int child_run(const struct command_line *c, const char *log, unsigned limit_s)
{
    const uint64_t limit = limit_s ? (uint64_t)limit_s * 100 : UINT64_MAX;
    struct child child = {0};

    if (!child_begin(&child, c, log, false))
        return CHILD_NONE;
    for (uint64_t i = 0; i < limit && !child_ended(&child); i++)
        doze(10);
    if (child.pid == 0)
        return child.status;
    child_stop(&child, 1);
    return CHILD_TOO_LONG;
}

const char *program_of(const char *const *names)
{
    static char path[4200];

    for (; *names; names++)
        for (const char *at = getenv("PATH"); at && *at;) {
            size_t n = strcspn(at, ":");

            snprintf(path, sizeof path, "%.*s/%s", (int)(n < 4000 ? n : 4000), at, *names);
            if (access(path, X_OK) == 0)
                return path;
            at += n + (at[n] == ':');
        }
    return NULL;
}
