/* process.h: other programs: command lines, children, what they print. */
#ifndef SIPVET_TOOLS_FUZZ_PROCESS_H
#define SIPVET_TOOLS_FUZZ_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A command: assignments to the environment ("A=B") in front, then the words. */
struct command_line {
    char **word;                /* NULL behind the last */
    size_t n, cap, assignments; /* the first so many words are assignments */
};

void command_begin(struct command_line *c);
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void command_add(struct command_line *c, const char *format, ...);
/* Assignments come before all words. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void command_set(struct command_line *c, const char *format, ...);
void command_free(struct command_line *c);
/* As a shell would read it, with a line end, on stdout. */
void command_print(const struct command_line *c);

/* Begins it; stdout and stderr go to `log`, which is written anew unless `append`.  False after a
 * message. */
struct child {
    pid_t pid;    /* 0: none, or it has ended */
    int status;   /* exit status, or 128 and the signal */
    double cpu_s; /* CPU time that it and its children have had, as far as is known */
    bool group;   /* set before: what it begins ends with it, and ^C does not reach them */
};
bool child_begin(struct child *child, const struct command_line *c, const char *log, bool append);
/* Has it ended? */
bool child_ended(struct child *child);
/* Brings its cpu_s up to date. */
void child_measure(struct child *child);
/* Asks it to end, and after `grace_s` seconds makes it. */
void child_stop(struct child *child, unsigned grace_s);
/* Begins it and waits, at most `limit_s` seconds, 0: as long as it takes.  The status, or
 * CHILD_TOO_LONG, or CHILD_NONE after a message if it cannot be begun. */
enum { CHILD_TOO_LONG = -1, CHILD_NONE = -2 };
int child_run(const struct command_line *c, const char *log, unsigned limit_s);

/* The first of these programs that PATH has; NULL if none. */
const char *program_of(const char *const *names);

#endif
