/* merge.c: `sipvet fuzz sync` and `sipvet fuzz merge`: what several hosts have found, brought
 * together. */
#include "../output.h"
#include "../progress.h"
#include "engine.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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

/* ---- Sync -------------------------------------------------------------------------------------
 */

struct copying {
    bool dry;
    uint64_t copied;
    int result; /* EXIT_INPUT: something could not be read, the rest is copied */
};

/* A file that `to` has not got. */
static int copy_one(const char *source, const char *goal, struct copying *copying)
{
    int result = copying->dry ? EXIT_FINE : copy_file(source, goal);

    if (result != EXIT_FINE)
        fault_of_copy(result, source, goal);
    else
        copying->copied++;
    if (result == EXIT_INPUT) {
        copying->result = result;
        return EXIT_FINE;
    }
    return result;
}

/* Files of `from` that `to` has not got. */
static int copy_new(const char *from, const char *to, struct copying *copying)
{
    struct names files = {0};
    int result = copying->dry ? EXIT_FINE : make_folders(to);

    names_of(from, &files);
    for (size_t i = 0; result == EXIT_FINE && i < files.n; i++) {
        if (file_exists(path_of("%s/%s", to, files.at[i])))
            continue;
        if (copying->dry) {
            out_visible(sipv_slice_text(path_of("%s/%s -> %s", from, files.at[i], to)));
            out_char('\n');
        }
        result = copy_one(path_of("%s/%s", from, files.at[i]), path_of("%s/%s", to, files.at[i]),
                          copying);
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

            snprintf(source, sizeof source, "%.512s/%.63s/afl/%.255s/queue", from, target,
                     instances.at[i]);
            snprintf(goal, sizeof goal, "%.512s/%.63s/afl/%.255s/queue", to, target,
                     instances.at[i]);
            result = copy_new(source, goal, copying);
        }
    names_free(&instances);
    return result;
}

static int exchange(const struct kit *k, const char *with, struct copying *copying)
{
    int result = EXIT_FINE;

    for (size_t i = 0; result == EXIT_FINE && i < k->count; i++) {
        result = copy_mains(with, k->dir, k->targets[i].name, copying);
        if (result == EXIT_FINE)
            result = copy_mains(k->dir, with, k->targets[i].name, copying);
    }
    if (result != EXIT_FINE)
        return result;
    out_format("%llu inputs %s\n", (unsigned long long)copying->copied,
               copying->dry ? "would be copied" : "copied");
    return copying->result;
}

static int run_fuzz_sync(const struct arguments *args)
{
    struct copying copying = {.dry = arguments_have(args, "dry-run")};
    const char *with;
    struct kit k;
    int result = kit_path(args, "with", NULL, &with);

    if (result != EXIT_FINE)
        return result;
    if (!with)
        return usage_error(args->command, "option '--with' says which other campaign");
    if ((result = kit_open(&k, args)) != EXIT_FINE)
        return result;
    if ((result = kit_need_folder(args, k.dir)) == EXIT_FINE &&
        (result = kit_need_folder(args, with)) == EXIT_FINE)
        result = exchange(&k, with, &copying);
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

/* The folders of one target. */
struct merge {
    const struct kit *kit;
    const struct fuzz_target *target;
    char goal[FUZZ_PATH], new[FUZZ_PATH], old[FUZZ_PATH]; /* INTO/TARGET, .new, .old */
    char corpus[FUZZ_PATH], copy[FUZZ_PATH];              /* of libFuzzer */
};

static void name_folders(struct merge *m, const struct kit *k, const struct fuzz_target *t,
                         const char *into)
{
    m->kit = k;
    m->target = t;
    snprintf(m->goal, sizeof m->goal, "%.1000s/%.63s", into, t->name);
    snprintf(m->new, sizeof m->new, "%.1000s/%.63s.new", into, t->name);
    snprintf(m->old, sizeof m->old, "%.1000s/%.63s.old", into, t->name);
    snprintf(m->corpus, sizeof m->corpus, "%.512s/%.63s/corpus", k->dir, t->name);
    snprintf(m->copy, sizeof m->copy, "%.512s/%.63s/merging", k->dir, t->name);
}

/* -set_cover_merge=1 finds smaller sets; libFuzzer of clang-14 and before has -merge=1 alone.  What
 * it says is not kept in the campaign, where a dry run changes nothing. */
static const char *merge_option(const struct kit *k, const struct fuzz_target *t)
{
    char log[] = "/tmp/sipvet-help-XXXXXX", line[512];
    struct command_line c;
    bool found = false;
    int fd = mkstemp(log);
    FILE *f = fd >= 0 ? fdopen(fd, "r") : NULL;

    if (!f)
        return "-merge=1";
    command_begin(&c);
    command_add(&c, "%s", engine_program(k, ENGINE_LIBFUZZER, t));
    command_add(&c, "-help=1");
    child_run(&c, log, 60);
    command_free(&c);
    while (!found && fgets(line, sizeof line, f))
        found = strstr(line, "set_cover_merge") != NULL;
    fclose(f);
    unlink(log);
    return found ? "-set_cover_merge=1" : "-merge=1";
}

static void add_if_there(struct command_line *c, const char *path)
{
    if (file_exists(path))
        command_add(c, "%s", path);
}

/* What an earlier merge left when it was ended is input of this one: nothing is lost that another
 * campaign may have brought.  TARGET.old is what was there before, where nothing took its place. */
static int take_leftovers(const struct merge *m)
{
    struct names files = {0};
    int result = EXIT_FINE;

    if (!file_exists(m->goal) && file_exists(m->old) && rename(m->old, m->goal) != 0)
        return fault_of_path(EXIT_INTERNAL, "rename", m->old);
    names_of(m->new, &files);
    if (files.n > 0)
        result = make_folders(m->old);
    for (size_t i = 0; result == EXIT_FINE && i < files.n; i++)
        if (rename(path_of("%s/%s", m->new, files.at[i]), path_of("%s/%s", m->old, files.at[i])) !=
            0)
            result = fault_of_path(EXIT_INTERNAL, "rename", path_of("%s/%s", m->new, files.at[i]));
    names_free(&files);
    if (result == EXIT_FINE && !remove_folder(m->new))
        result = fault_of_path(EXIT_INTERNAL, "remove", m->new);
    return result;
}

/* A copy of what libFuzzer keeps, which exchanges files for smaller ones while it runs; a file that
 * is gone by now is none that is missed. */
static int copy_corpus(const struct merge *m)
{
    struct names files = {0};
    int result;

    if (!remove_folder(m->copy))
        return fault_of_path(EXIT_INTERNAL, "remove", m->copy);
    result = make_folders(m->copy);
    names_of(m->corpus, &files);
    for (size_t i = 0; result == EXIT_FINE && i < files.n; i++) {
        const char *from = path_of("%s/%s", m->corpus, files.at[i]);
        const char *to = path_of("%s/%s", m->copy, files.at[i]);

        result = copy_file(from, to);
        if (result == EXIT_INPUT && errno == ENOENT)
            result = EXIT_FINE;
        else if (result != EXIT_FINE)
            fault_of_copy(result, from, to);
    }
    names_free(&files);
    return result;
}

/* Everything that anybody has found for a target, into an empty folder. */
static void merge_command(const struct merge *m, const char *corpus, struct command_line *c)
{
    const struct kit *k = m->kit;
    const struct fuzz_target *t = m->target;

    command_begin(c);
    command_add(c, "%s", engine_program(k, ENGINE_LIBFUZZER, t));
    command_add(c, "%s", merge_option(k, t));
    command_add(c, "-max_len=%lu", t->longest);
    command_add(c, "-timeout=25");
    if (arguments_have(k->args, "edges"))
        command_add(c, "-use_counters=0");
    command_add(c, "-artifact_prefix=%s/%s/crashes/", k->dir, t->name);
    command_add(c, "%s", m->new);
    add_if_there(c, m->goal);
    add_if_there(c, m->old);
    add_if_there(c, corpus);
    for (size_t i = 0; i < k->args->operand_count; i++)
        add_if_there(c, path_of("%s/%s", k->args->operands[i], t->name));
    engine_add_queues(k, t, c);
}

/* The folders that the command wants. */
static void print_merge(const struct merge *m)
{
    struct command_line c;

    command_begin(&c);
    command_add(&c, "mkdir");
    command_add(&c, "-p");
    command_add(&c, "%s", m->new);
    command_add(&c, "%s/%s/crashes", m->kit->dir, m->target->name);
    command_print(&c);
    command_free(&c);
    merge_command(m, m->corpus, &c);
    command_print(&c);
    command_free(&c);
}

/* Names that begin with a dot are no inputs, and nobody's but the user's. */
static bool keep_hidden(const struct merge *m)
{
    DIR *folder = opendir(m->old);
    struct dirent *entry;
    bool fine = folder != NULL;

    while (fine && (entry = readdir(folder)) != NULL)
        if (entry->d_name[0] == '.' && strcmp(entry->d_name, ".") != 0 &&
            strcmp(entry->d_name, "..") != 0)
            fine = rename(path_of("%s/%s", m->old, entry->d_name),
                          path_of("%s/%s", m->goal, entry->d_name)) == 0;
    if (folder)
        closedir(folder);
    return fine;
}

/* The new corpus takes the place of the old one, which is removed when that has been done. */
static int replace(const struct merge *m)
{
    const bool had = file_exists(m->goal);
    struct names before = {0}, now = {0};
    int result = EXIT_FINE;

    names_of(m->goal, &before);
    names_of(m->new, &now);
    if (now.n == 0 && before.n > 0)
        result = fault(m->kit->args, EXIT_INTERNAL, "of %zu inputs of %s none was chosen", before.n,
                       m->target->name);
    /* What .old has was input too. */
    else if (file_exists(m->old) && !(keep_hidden(m) && remove_folder(m->old)))
        result = fault_of_path(EXIT_INTERNAL, "remove", m->old);
    else if (had && rename(m->goal, m->old) != 0)
        result = fault_of_path(EXIT_INTERNAL, "rename", m->goal);
    else if (rename(m->new, m->goal) != 0) {
        result = fault_of_path(EXIT_INTERNAL, "rename", m->new);
        if (had && rename(m->old, m->goal) != 0)
            fault_of_path(result, "rename", m->old);
    } else {
        out_format("%-20s %zu inputs\n", m->target->name, now.n);
        if (had && !(keep_hidden(m) && remove_folder(m->old)))
            result = fault_of_path(EXIT_INTERNAL, "remove", m->old);
    }
    names_free(&before);
    names_free(&now);
    return result;
}

static int merge_target(const struct merge *m)
{
    const struct kit *k = m->kit;
    const struct fuzz_target *t = m->target;
    const char *missing = engine_missing(k, ENGINE_LIBFUZZER, t);
    struct command_line c;
    int result, status;

    if (missing)
        return fault(k->args, EXIT_INPUT, "%s is left out: %s", t->name, missing);
    if (arguments_have(k->args, "dry-run")) {
        print_merge(m);
        return EXIT_FINE;
    }
    if ((result = take_leftovers(m)) != EXIT_FINE || (result = make_folders(m->new)) != EXIT_FINE ||
        (result = make_folders(path_of("%s/%s/crashes", k->dir, t->name))) != EXIT_FINE ||
        (result = copy_corpus(m)) != EXIT_FINE)
        return result;
    merge_command(m, m->copy, &c);
    status = child_run(&c, path_of("%s/merge-%s.log", k->dir, t->name), 24 * 3600);
    command_free(&c);
    if (!remove_folder(m->copy))
        fault_of_path(EXIT_INTERNAL, "remove", m->copy);
    if (status == 0)
        return replace(m);
    return fault(k->args, EXIT_INTERNAL, "%s failed, see %s/merge-%s.log", t->name, k->dir,
                 t->name);
}

/* Folders that somebody named are there. */
static int check_sources(const struct kit *k)
{
    int result = kit_need_folder(k->args, k->dir);

    for (size_t i = 0; result == EXIT_FINE && i < k->args->operand_count; i++)
        result = kit_need_folder(k->args, k->args->operands[i]);
    return result;
}

static int merge_all(const struct kit *k, const char *into)
{
    int result, worst = EXIT_FINE;
    struct merge m;

    for (size_t i = 0; i < k->count; i++) {
        name_folders(&m, k, &k->targets[i], into);
        result = merge_target(&m);
        worst = result > worst ? result : worst;
        progress_tick(i + 1, k->count);
    }
    return worst;
}

static int run_fuzz_merge(const struct arguments *args)
{
    char merged[FUZZ_PATH];
    const char *into;
    struct kit k;
    int result = kit_open(&k, args);

    if (result != EXIT_FINE)
        return result;
    snprintf(merged, sizeof merged, "%.512s/merged", k.dir);
    if ((result = kit_path(args, "into", merged, &into)) == EXIT_FINE &&
        (result = check_sources(&k)) == EXIT_FINE)
        result = merge_all(&k, into);
    kit_close(&k);
    return result;
}

static const char fuzz_merge_description[] =
    "For each target libFuzzer chooses among the inputs of the campaign, of AFL++'s queues, of\n"
    "the folder --into, and of DIR/TARGET those that reach everything reached, with\n"
    "-set_cover_merge=1 where it knows that. They take the place of what --into had; their names\n"
    "are hashes of their content. With --edges there are fewer: what differs only in how often\n"
    "something is reached is left out.\n"
    "\n"
    "The old inputs go when the new ones are in their place. A merge that fails, or is stopped,\n"
    "leaves TARGET.new or TARGET.old beside them, which the next one takes as input. Names with a\n"
    "dot in front stay. --dry-run shows the command that chooses.\n";

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
