/* Crashes and endless loops name their input. */
#define _DEFAULT_SOURCE
#include "runner.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "sanitizers.h"

static const char *volatile now;
static volatile sig_atomic_t ticks;
static unsigned ticks_allowed;

enum { TICKS_PER_SECOND = 10 };

#if FUZZ_SANITIZED || FUZZ_THREAD
void __sanitizer_set_death_callback(void (*callback)(void));
#endif

static void say(const char *text)
{
    const ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written;
}

static void name_input(void)
{
    if (!now)
        return;
    say(fuzz_target_name);
    say(": the input was ");
    say(now);
    say("\n");
    now = NULL;
}

static void crashed(int sig)
{
    name_input();
    signal(sig, SIG_DFL);
    raise(sig);
}

/* A timer of CPU time, so that other programs do not make an input slow. */
static void tick(int sig)
{
    (void)sig;
    if (!now || (unsigned)++ticks < ticks_allowed)
        return;
    say(fuzz_target_name);
    say(": takes too long\n");
    abort();
}

static void begin_ticks(void)
{
    const struct timeval step = {.tv_sec = 0, .tv_usec = 1000000 / TICKS_PER_SECOND};
    const struct itimerval timer = {step, step};
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = tick;
    action.sa_flags = SA_RESTART;
    sigaction(SIGPROF, &action, NULL);
    setitimer(ITIMER_PROF, &timer, NULL);
}

void runner_guard(unsigned limit_s)
{
    signal(SIGABRT, crashed);
#if FUZZ_SANITIZED || FUZZ_THREAD
    __sanitizer_set_death_callback(name_input);
#else
    static const int others[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        signal(others[i], crashed);
#endif
    ticks_allowed = limit_s * TICKS_PER_SECOND + 1;
    if (limit_s)
        begin_ticks();
}

void runner_guard_input(const char *path)
{
    ticks = 0;
    now = path;
}
