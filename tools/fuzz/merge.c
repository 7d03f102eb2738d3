/* merge.c: `sipvet fuzz sync` and `sipvet fuzz merge`: what several hosts have found, brought
 * together. */
#include "../output.h"
#include "../progress.h"
#include "engine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct option_spec fuzz_sync_options[] = {
    KIT_OPTIONS,
    {"with", 0, "DIR", NULL, "the campaign of another host", false},
    {"dry-run", 0, NULL, NULL, "say what would be copied, copy nothing", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static const struct option_spec fuzz_merge_options[] = {
    KIT_OPTIONS,
    {"into", 0, "DIR", NULL, "where the corpora go, a folder for each target (default: DIR/merged)",
     false},
    {"edges", 0, NULL, NULL, "keep what reaches an edge of its own, not how often it is reached",
     false},
    {"dry-run", 0, NULL, NULL, "print the commands, run nothing", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static int complain(const char *path)
{
    fputs("sipvet: cannot write ", stderr);
    err_visible(sipv_slice_text(path));
    fprintf(stderr, ": %s\n", strerror(errno));
    return EXIT_INTERNAL;
}

/* ---- Sync -------------------------------------------------------------------------------------
 */

struct copying {
    bool dry;
    uint64_t copied;
};

/* Files of `from` that `to` has not got. */
static int copy_new(const char *from, const char *to, struct copying *copying)
{
    struct names files = {0};
    int result = copying->dry ? EXIT_FINE : make_folders(to);

    names_of(from, &files);
    for (size_t i = 0; result == EXIT_FINE && i < files.n; i++) {
        const char *target = path_of("%s/%s", to, files.at[i]);

        if (file_exists(target))
            continue;
        if (copying->dry)
            out_format("%s/%s -> %s\n", from, files.at[i], to);
        else if (!copy_file(path_of("%s/%s", from, files.at[i]), target))
            result = complain(target);
        copying->copied++;
    }
    names_free(&files);
    return result;
}

/* The queues of main instances, in one direction.  An instance is written by one host only, so
 * nothing is ever overwritten. */
static int copy_mains(const char *from, const char *to, const char *target, struct copying *copying)
{
    struct names instances = {0};
    int result = EXIT_FINE;

    names_of_folders(path_of("%s/%s/afl", from, target), &instances);
    for (size_t i = 0; result == EXIT_FINE && i < instances.n; i++)
        if (strncmp(instances.at[i], "main-", 5) == 0) {
            char source[FUZZ_PATH], goal[FUZZ_PATH];

            snprintf(source, sizeof source, "%.480s/%.63s/afl/%.255s/queue", from, target,
                     instances.at[i]);
            snprintf(goal, sizeof goal, "%.480s/%.63s/afl/%.255s/queue", to, target,
                     instances.at[i]);
            result = copy_new(source, goal, copying);
        }
    names_free(&instances);
    return result;
}

static int run_fuzz_sync(const struct arguments *args)
{
    const char *with = arguments_value(args, "with", NULL);
    struct copying copying = {arguments_have(args, "dry-run"), 0};
    struct kit k;
    int result;

    if (!with || strlen(with) > FUZZ_PATH / 2)
        return usage_error(args->command, "option '--with' says which other campaign");
    if ((result = kit_open(&k, args)) != EXIT_FINE)
        return result;
    for (size_t i = 0; result == EXIT_FINE && i < k.count; i++) {
        result = copy_mains(with, k.dir, k.targets[i].name, &copying);
        if (result == EXIT_FINE)
            result = copy_mains(k.dir, with, k.targets[i].name, &copying);
    }
    if (result == EXIT_FINE)
        out_format("%llu inputs %s\n", (unsigned long long)copying.copied,
                   copying.dry ? "would be copied" : "copied");
    kit_close(&k);
    return result;
}

const struct command command_fuzz_sync = {
    .name = "fuzz sync",
    .operands = "",
    .summary = "Exchanges what AFL++ found on two hosts",
    .run = run_fuzz_sync,
    .options = fuzz_sync_options,
    .description =
        "Copies the queues of the main instances of each campaign into the other one, where its "
        "main\n"
        "instance reads them. Every host needs a name of its own (fuzz start --host). Nothing is\n"
        "overwritten. How the folder of another host gets here, as a mount or by rsync, is "
        "yours.\n",
    .examples = "sipvet fuzz sync --dir campaign --with /mnt/other/campaign\n",
};

/* ---- Merge ------------------------------------------------------------------------------------
 */

/* -set_cover_merge=1 finds smaller sets; libFuzzer of clang-14 and before has -merge=1 alone. */
static const char *merge_option(const struct kit *k, const struct fuzz_target *t)
{
    struct command_line c;
    const char *log = path_of("%s/help.log", k->dir);
    char line[512];
    bool found = false;
    FILE *f;

    command_begin(&c);
    command_add(&c, "%s", engine_program(k, ENGINE_LIBFUZZER, t));
    command_add(&c, "-help=1");
    child_run(&c, log, 60);
    command_free(&c);
    f = fopen(log, "r");
    while (f && !found && fgets(line, sizeof line, f))
        found = strstr(line, "set_cover_merge") != NULL;
    if (f)
        fclose(f);
    unlink(log);
    return found ? "-set_cover_merge=1" : "-merge=1";
}

static void add_if_there(struct command_line *c, const char *path)
{
    if (file_exists(path))
        command_add(c, "%s", path);
}

static void empty_folder(const char *path)
{
    struct names files = {0};

    names_of(path, &files);
    for (size_t i = 0; i < files.n; i++)
        unlink(path_of("%s/%s", path, files.at[i]));
    names_free(&files);
}

/* A copy of what libFuzzer keeps, which exchanges files for smaller ones while it runs; a file that
 * is gone by now is none that is missed. */
static int copy_corpus(const struct kit *k, const struct fuzz_target *t)
{
    char from[FUZZ_PATH], to[FUZZ_PATH];
    struct names files = {0};
    int result;

    snprintf(from, sizeof from, "%.900s/%.63s/corpus", k->dir, t->name);
    snprintf(to, sizeof to, "%.900s/%.63s/merging", k->dir, t->name);
    if ((result = make_folders(to)) != EXIT_FINE ||
        (result = make_folders(path_of("%s/%s/crashes", k->dir, t->name))) != EXIT_FINE)
        return result;
    empty_folder(to);
    names_of(from, &files);
    for (size_t i = 0; i < files.n; i++)
        copy_file(path_of("%s/%s", from, files.at[i]), path_of("%s/%s", to, files.at[i]));
    names_free(&files);
    return EXIT_FINE;
}

static void remove_copy(const struct kit *k, const struct fuzz_target *t)
{
    char copy[FUZZ_PATH];

    snprintf(copy, sizeof copy, "%.900s/%.63s/merging", k->dir, t->name);
    empty_folder(copy);
    rmdir(copy);
}

/* Everything that anybody has found for a target, into an empty folder. */
static void merge_command(const struct kit *k, const struct fuzz_target *t, const char *into,
                          struct command_line *c)
{
    struct names instances = {0};

    command_begin(c);
    command_add(c, "%s", engine_program(k, ENGINE_LIBFUZZER, t));
    command_add(c, "%s", merge_option(k, t));
    command_add(c, "-max_len=%lu", t->longest);
    command_add(c, "-timeout=25");
    if (arguments_have(k->args, "edges"))
        command_add(c, "-use_counters=0");
    command_add(c, "-artifact_prefix=%s/%s/crashes/", k->dir, t->name);
    command_add(c, "%s/%s.new", into, t->name);
    add_if_there(c, path_of("%s/%s", into, t->name));
    add_if_there(c, path_of("%s/%s/merging", k->dir, t->name));
    for (size_t i = 0; i < k->args->operand_count; i++)
        add_if_there(c, path_of("%s/%s", k->args->operands[i], t->name));
    names_of_folders(path_of("%s/%s/afl", k->dir, t->name), &instances);
    for (size_t i = 0; i < instances.n; i++)
        add_if_there(c, path_of("%s/%s/afl/%s/queue", k->dir, t->name, instances.at[i]));
    names_free(&instances);
}

/* The new corpus takes the place of the old one. */
static int replace(const char *into, const char *target)
{
    char old[FUZZ_PATH], new[FUZZ_PATH];
    struct names files = {0};

    snprintf(old, sizeof old, "%.900s/%.63s", into, target);
    snprintf(new, sizeof new, "%.900s/%.63s.new", into, target);
    names_of(new, &files);
    out_format("%-20s %zu inputs\n", target, files.n);
    names_free(&files);
    empty_folder(old);
    rmdir(old);
    return rename(new, old) == 0 ? EXIT_FINE : complain(old);
}

static int merge_target(const struct kit *k, const struct fuzz_target *t, const char *into)
{
    struct command_line c;
    int result, status;

    if (engine_missing(k, ENGINE_LIBFUZZER, t)) {
        fprintf(stderr, "sipvet fuzz merge: %s is left out: %s\n", t->name,
                engine_missing(k, ENGINE_LIBFUZZER, t));
        return EXIT_INPUT;
    }
    if ((result = make_folders(path_of("%s/%s.new", into, t->name))) != EXIT_FINE ||
        (result = make_folders(k->dir)) != EXIT_FINE)
        return result;
    empty_folder(path_of("%s/%s.new", into, t->name));
    if (!arguments_have(k->args, "dry-run") && (result = copy_corpus(k, t)) != EXIT_FINE)
        return result;
    merge_command(k, t, into, &c);
    if (arguments_have(k->args, "dry-run")) {
        command_print(&c);
        rmdir(path_of("%s/%s.new", into, t->name));
        command_free(&c);
        return EXIT_FINE;
    }
    status = child_run(&c, path_of("%s/merge-%s.log", k->dir, t->name), 24 * 3600);
    command_free(&c);
    remove_copy(k, t);
    if (status == 0)
        return replace(into, t->name);
    fprintf(stderr, "sipvet fuzz merge: %s failed, see %s/merge-%s.log\n", t->name, k->dir,
            t->name);
    return EXIT_INTERNAL;
}

static int run_fuzz_merge(const struct arguments *args)
{
    struct kit k;
    char into[FUZZ_PATH];
    int result = kit_open(&k, args), worst = EXIT_FINE;

    if (result != EXIT_FINE)
        return result;
    snprintf(into, sizeof into, "%s", arguments_value(args, "into", path_of("%s/merged", k.dir)));
    for (size_t i = 0; i < k.count; i++) {
        result = merge_target(&k, &k.targets[i], into);
        worst = result > worst ? result : worst;
        progress_tick(i + 1, k.count);
    }
    kit_close(&k);
    return worst;
}

static const char fuzz_merge_description[] =
    "For each target libFuzzer chooses among the inputs of the campaign, of AFL++'s queues, of\n"
    "the folder --into, and of DIR/TARGET those that reach everything reached, with\n"
    "-set_cover_merge=1 where it knows that. They take the place of what --into had; their names\n"
    "are hashes of their content. With --edges there are fewer: what differs only in how often\n"
    "something is reached is left out.\n";

const struct command command_fuzz_merge = {
    .name = "fuzz merge",
    .operands = "[DIR]...",
    .summary = "Makes one small corpus of many",
    .run = run_fuzz_merge,
    .options = fuzz_merge_options,
    .max_operands = 32,
    .kind = OPERAND_FILE,
    .description = fuzz_merge_description,
    .examples = "sipvet fuzz merge --dir campaign --into campaign/small --edges\n",
};
