/* coverage.c: see coverage.h. */
#include "coverage.h"

#include "engine.h"

#include <stdio.h>
#include <string.h>

enum { TARGETS_MAX = 40, RUN_LIMIT_S = 1200, TOOL_LIMIT_S = 600 };

/* A profile is read by the tool of the compiler that wrote it, so each is tried. */
static const char *const versions[] = {"-21", "-20", "-19", "-18", "-17", "-16", "-15", "-14", ""};

const char *coverage_table(const struct kit *k)
{
    return path_of("%s/coverage.txt", k->dir);
}

static const char *tool(const char *name, const char *version)
{
    char full[64];
    const char *const names[] = {full, NULL};

    snprintf(full, sizeof full, "%s%s", name, version);
    return program_of(names);
}

/* The profiles of the targets that can run: DIR/TARGET/coverage.profraw.  How many. */
static size_t run_targets(const struct kit *k, const char *folder)
{
    size_t count = 0;

    for (size_t i = 0; i < k->count; i++) {
        const struct fuzz_target *t = &k->targets[i];
        struct command_line c;

        remove(path_of("%s/%s/coverage.profraw", k->dir, t->name));
        if (count == TARGETS_MAX || !file_exists(path_of("%s/%s", folder, t->name)) ||
            !file_exists(path_of("%s/%s/corpus", k->dir, t->name)))
            continue;
        command_begin(&c);
        command_set(&c, "LLVM_PROFILE_FILE=%s/%s/coverage.profraw", k->dir, t->name);
        command_add(&c, "%s/%s", folder, t->name);
        engine_add_kept(k, t, &c);
        child_run(&c, path_of("%s/%s/coverage.log", k->dir, t->name), RUN_LIMIT_S);
        command_free(&c);
        count += file_exists(path_of("%s/%s/coverage.profraw", k->dir, t->name));
    }
    return count;
}

/* One profile of all: DIR/coverage.profdata. */
static bool join_profiles(const struct kit *k, const char *program)
{
    struct command_line c;
    int status;

    command_begin(&c);
    command_add(&c, "%s", program);
    command_add(&c, "merge");
    command_add(&c, "-failure-mode=any");
    command_add(&c, "-o");
    command_add(&c, "%s/coverage.profdata", k->dir);
    for (size_t i = 0; i < k->count; i++)
        if (file_exists(path_of("%s/%s/coverage.profraw", k->dir, k->targets[i].name)))
            command_add(&c, "%s/%s/coverage.profraw", k->dir, k->targets[i].name);
    status = child_run(&c, path_of("%s/coverage.log", k->dir), TOOL_LIMIT_S);
    command_free(&c);
    return status == 0;
}

static bool write_table(const struct kit *k, const char *program, const char *folder)
{
    struct command_line c;
    bool first = true;
    int status;

    command_begin(&c);
    command_add(&c, "%s", program);
    command_add(&c, "report");
    command_add(&c, "-instr-profile=%s/coverage.profdata", k->dir);
    command_add(&c, "-ignore-filename-regex=(^|/)fuzz/|\\.gen\\.");
    command_add(&c, "-show-region-summary=false");
    for (size_t i = 0; i < k->count; i++) {
        if (!file_exists(path_of("%s/%s/coverage.profraw", k->dir, k->targets[i].name)))
            continue;
        if (!first)
            command_add(&c, "-object");
        command_add(&c, "%s/%s", folder, k->targets[i].name);
        first = false;
    }
    status = child_run(&c, coverage_table(k), TOOL_LIMIT_S);
    command_free(&c);
    return status == 0;
}

const char *coverage_measure(const struct kit *k, const char *folder)
{
    bool any = false;

    if (run_targets(k, folder) == 0)
        return "No target there has run.";
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        const char *const merge = tool("llvm-profdata", versions[i]);

        if (!merge)
            continue;
        any = true;
        if (join_profiles(k, merge) && tool("llvm-cov", versions[i]) &&
            write_table(k, tool("llvm-cov", versions[i]), folder))
            return NULL;
    }
    return any ? "No llvm-profdata and llvm-cov here can read what the targets wrote."
               : "llvm-profdata and llvm-cov are not there.";
}
