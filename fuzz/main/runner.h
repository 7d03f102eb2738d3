/* The standalone runner: what its files share. */
#ifndef FUZZ_RUNNER_H
#define FUZZ_RUNNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The target that was linked with the runner, from fuzz/targets.list: its name, and its oracles
 * separated by commas. */
extern const char fuzz_target_name[], fuzz_target_oracles[];

/* One input in memory. */
struct runner_input {
    char *path;
    uint8_t *data;
    size_t n;
};

struct runner_inputs {
    struct runner_input *list;
    size_t n, cap;
};

/* inputs.c */
/* Reads a file, all files below a folder, or stdin ("-").  False, with a word on stderr, if
 * something cannot be read. */
bool runner_read(struct runner_inputs *all, const char *path);
/* By path, so that a run can be repeated. */
void runner_sort(struct runner_inputs *all);
void runner_free(struct runner_inputs *all);

/* guard.c */
/* From now on a crash names the input, and one that takes more than `limit_s` seconds of CPU time
 * is a crash too. */
void runner_guard(unsigned limit_s);
/* The input that is run now; NULL: none. */
void runner_guard_input(const char *path);

/* result.c */
struct runner_result {
    size_t inputs, octets;
    uint64_t executions;
    double seconds; /* CPU time */
    const char *slowest;
    double slowest_s;
    bool missing; /* an oracle of the target never ran */
};

/* Is the oracle one of the target's? */
bool runner_has_oracle(const char *name);
/* Writes the result as JSON, schema sipvet.fuzz-replay/1.  False if that fails. */
bool runner_write_json(const struct runner_result *r, const char *path);
/* Writes it as text to stdout. */
void runner_write_text(const struct runner_result *r);

#endif
