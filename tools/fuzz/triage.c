/* triage.c: `sipvet fuzz triage`: crashes become findings: reproduced, grouped, made small, kept.
 */
#include "../json.h"
#include "../output.h"
#include "../progress.h"
#include "crash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const choices_format[] = {"text", "json", "ndjson", NULL};

static const struct option_spec fuzz_triage_options[] = {
    KIT_OPTIONS,
    {"regressions", 0, "DIR", NULL, "also write the smallest input of each finding there", false},
    {"minimise", 0, "TIME", NULL, "how long an input is made smaller (default: 10s)", false},
    {"format", 'f', NULL, choices_format, "how findings are written (default: text)", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

enum { REPRODUCED = 5, LIMIT_S = 60 };

struct finding {
    const struct fuzz_target *target;
    char group[FINDING_TEXT];
    struct verdict verdict;
    char input[FUZZ_PATH]; /* the smallest crash of the group */
    size_t octets, crashes;
    unsigned failures; /* of REPRODUCED runs; 0: it is no finding */
};

struct triage {
    struct kit kit;
    struct finding *findings;
    size_t n, crashes;
    uint64_t minimise_s;
    unsigned limit_s; /* of a run */
    bool *skipped;    /* targets that cannot be run */
};

static size_t size_of(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? (size_t)st.st_size : 0;
}

/* ---- Grouping ---------------------------------------------------------------------------------
 */

static struct finding *finding_of(struct triage *tr, const struct fuzz_target *t, const char *group)
{
    struct finding *f;

    for (size_t i = 0; i < tr->n; i++)
        if (strcmp(tr->findings[i].group, group) == 0)
            return &tr->findings[i];
    tr->findings = need_more(tr->findings, tr->n + 1, sizeof *tr->findings);
    f = &tr->findings[tr->n++];
    memset(f, 0, sizeof *f);
    f->target = t;
    snprintf(f->group, sizeof f->group, "%s", group);
    return f;
}

/* Runs it until it fails, or has not failed REPRODUCED times. */
static int see_crash(const struct triage *tr, const struct fuzz_target *t, const char *path,
                     struct verdict *v)
{
    for (unsigned i = 0; i < REPRODUCED; i++) {
        int result = verdict_of(&tr->kit, t, path, tr->limit_s, v);

        if (result != EXIT_FINE || v->failed)
            return result;
    }
    strcpy(v->what, "not reproduced");
    return EXIT_FINE;
}

/* One crash; the smallest of a group stands for it. */
static int take_crash(struct triage *tr, const struct fuzz_target *t, const char *path)
{
    char group[FINDING_TEXT], input[FUZZ_PATH];
    struct verdict v;
    struct finding *f;
    int result;

    snprintf(input, sizeof input, "%s", path);
    if ((result = see_crash(tr, t, input, &v)) != EXIT_FINE)
        return result;
    tr->crashes++;
    verdict_group(t, &v, group);
    f = finding_of(tr, t, group);
    f->crashes++;
    if (f->crashes > 1 && size_of(input) >= f->octets)
        return EXIT_FINE;
    f->verdict = v;
    f->octets = size_of(input);
    snprintf(f->input, sizeof f->input, "%s", input);
    return EXIT_FINE;
}

static int take_folder(struct triage *tr, const struct fuzz_target *t, const char *folder)
{
    struct names files = {0};
    char where[FUZZ_PATH];
    int result = EXIT_FINE;

    snprintf(where, sizeof where, "%s", folder);
    names_of(where, &files);
    if (files.n > 0 && !crash_program(&tr->kit, t))
        result = fault(tr->kit.args, EXIT_INPUT, "%s is left out: neither %s nor %s has it",
                       t->name, tr->kit.libfuzzer, tr->kit.runner);
    for (size_t i = 0; result == EXIT_FINE && i < files.n; i++)
        if (strcmp(files.at[i], "README.txt") != 0) {
            result = take_crash(tr, t, path_of("%s/%s", where, files.at[i]));
            progress_tick(tr->crashes, 0);
        }
    names_free(&files);
    return result;
}

/* An instance of AFL++ that goes on gives the folders that it has a name with the time. */
static int take_instance(struct triage *tr, const struct fuzz_target *t, const char *instance)
{
    struct names folders = {0};
    char where[FUZZ_PATH];
    int result = EXIT_FINE;

    snprintf(where, sizeof where, "%.512s/%.63s/afl/%.255s", tr->kit.dir, t->name, instance);
    names_of_folders(where, &folders);
    for (size_t i = 0; result == EXIT_FINE && i < folders.n; i++)
        if (strncmp(folders.at[i], "crashes", 7) == 0 || strncmp(folders.at[i], "hangs", 5) == 0)
            result = take_folder(tr, t, path_of("%s/%s", where, folders.at[i]));
    names_free(&folders);
    return result;
}

static int take_target(struct triage *tr, const struct fuzz_target *t)
{
    struct names instances = {0};
    int result = take_folder(tr, t, path_of("%s/%s/crashes", tr->kit.dir, t->name));

    names_of_folders(path_of("%s/%s/afl", tr->kit.dir, t->name), &instances);
    for (size_t i = 0; result == EXIT_FINE && i < instances.n; i++)
        result = take_instance(tr, t, instances.at[i]);
    names_free(&instances);
    return result;
}

/* ---- One finding ------------------------------------------------------------------------------
 */

static int reproduce(struct triage *tr, struct finding *f)
{
    int result = EXIT_FINE;

    for (unsigned i = 0; f->verdict.failed && result == EXIT_FINE && i < REPRODUCED; i++) {
        struct verdict v;

        result = verdict_of(&tr->kit, f->target, f->input, tr->limit_s, &v);
        f->failures += result == EXIT_FINE && v.failed;
    }
    return result;
}

/* libFuzzer makes it smaller; the result counts if it still belongs to the group. */
static void minimise(struct triage *tr, struct finding *f)
{
    const char *program = engine_program(&tr->kit, ENGINE_LIBFUZZER, f->target);
    char small[FUZZ_PATH], group[FINDING_TEXT];
    struct command_line c;
    struct verdict v;

    if (!file_exists(program) || f->octets < 2 || tr->minimise_s == 0)
        return;
    snprintf(small, sizeof small, "%.512s/%s/smaller", tr->kit.dir, f->target->name);
    remove(small);
    command_begin(&c);
    command_add(&c, "%s", program);
    command_add(&c, "-minimize_crash=1");
    command_add(&c, "-max_total_time=%llu", (unsigned long long)tr->minimise_s);
    command_add(&c, "-exact_artifact_path=%s", small);
    command_add(&c, "%s", f->input);
    child_run(&c, path_of("%s/%s/minimise.log", tr->kit.dir, f->target->name),
              (unsigned)tr->minimise_s + 30);
    command_free(&c);
    if (size_of(small) == 0 || size_of(small) >= f->octets)
        return;
    if (verdict_of(&tr->kit, f->target, small, tr->limit_s, &v) != EXIT_FINE)
        return;
    verdict_group(f->target, &v, group);
    if (!v.failed || strcmp(group, f->group) != 0)
        return;
    snprintf(f->input, sizeof f->input, "%s", small);
    f->octets = size_of(small);
}

static int keep(const struct finding *f, const char *folder)
{
    const char *path = path_of("%s/%s", folder, f->group);
    int result = make_folders(folder);

    if (result != EXIT_FINE || (result = copy_file(f->input, path)) == EXIT_FINE)
        return result;
    return fault_of_copy(result, f->input, path);
}

/* ---- What is said -----------------------------------------------------------------------------
 */

static const char *frames_of(const struct finding *f)
{
    static char text[FINDING_FRAMES * (FUZZ_NAME + 4)];

    text[0] = '\0';
    for (size_t i = 0; i < f->verdict.n_frames; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? " < " : "",
                 f->verdict.frames[i]);
    return text;
}

static void say_text(const struct finding *f)
{
    if (f->failures == 0) {
        out_format("not reproduced: %s: %zu crashes", f->target->name, f->crashes);
        if (f->verdict.failed) {
            out_text(", which failed once: ");
            out_visible(sipv_slice_text(f->verdict.what));
        }
        out_text("; one is ");
        out_visible(sipv_slice_text(f->input));
        out_char('\n');
        return;
    }
    out_format("%s: ", f->target->name);
    out_visible(sipv_slice_text(f->verdict.oracle));
    out_text(f->verdict.oracle[0] ? ": " : "");
    out_visible(sipv_slice_text(f->verdict.what));
    out_char('\n');
    if (f->verdict.n_frames > 0)
        out_format("  in %s\n", frames_of(f));
    out_format("  %zu crashes, %zu octets, fails %u of %d times: %s\n", f->crashes, f->octets,
               f->failures, REPRODUCED, f->group);
}

static void say_json(const struct finding *f, bool pretty)
{
    struct json j = json_begin_record(pretty);

    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.fuzz-finding/1");
    json_text(&j, "target", f->target->name);
    json_text(&j, "group", f->group);
    json_text(&j, "oracle", f->verdict.oracle[0] ? f->verdict.oracle : NULL);
    json_text(&j, "what", f->verdict.what);
    json_array(&j, "frames");
    for (size_t i = 0; i < f->verdict.n_frames; i++)
        json_text(&j, NULL, f->verdict.frames[i]);
    json_end_array(&j);
    json_size(&j, "crashes", f->crashes);
    json_size(&j, "octets", f->octets);
    json_size(&j, "failures", f->failures);
    json_size(&j, "runs", REPRODUCED);
    json_end_object(&j);
    json_end_record(&j);
}

static const char table_head[] = "group\ttarget\toracle\twhat\tframes\tcrashes\toctets\tfailures\n";

static bool is_judged(const struct triage *tr, sipv_slice target)
{
    for (size_t i = 0; i < tr->kit.count; i++)
        if (sipv_slice_equal(target, sipv_slice_text(tr->kit.targets[i].name)))
            return !tr->skipped[i];
    return false;
}

/* Lines of targets that were not asked for, or cannot be run, stay. */
static void keep_lines(const struct triage *tr, FILE *old)
{
    char line[4096];

    while (old && fgets(line, sizeof line, old)) {
        const char *target = line + strcspn(line, "\t");

        target += *target == '\t';
        if (strchr(line, '\n') && strcmp(line, table_head) != 0 &&
            !is_judged(tr, sipv_slice_of(target, strcspn(target, "\t"))))
            out_text(line);
    }
}

/* Nothing in a field ends it, or the line. */
static void put_finding(const struct finding *f)
{
    out_format("%s\t%s\t", f->group, f->target->name);
    out_visible(sipv_slice_text(f->verdict.oracle[0] ? f->verdict.oracle : "-"));
    out_char('\t');
    out_visible(sipv_slice_text(f->verdict.what));
    out_format("\t%s\t%zu\t%zu\t%u\n", f->verdict.n_frames ? frames_of(f) : "-", f->crashes,
               f->octets, f->failures);
}

/* The table that the report reads, written beside and renamed. */
static int write_table(const struct triage *tr)
{
    char path[FUZZ_PATH], beside[FUZZ_PATH];
    FILE *f, *old, *before;
    bool fine;

    snprintf(path, sizeof path, "%.512s/findings.tsv", tr->kit.dir);
    snprintf(beside, sizeof beside, "%.512s/findings.tsv.new", tr->kit.dir);
    if (!(f = fopen(beside, "w")))
        return fault_of_path(EXIT_INTERNAL, "write", beside);
    old = fopen(path, "r");
    before = out_to(f);
    out_text(table_head);
    keep_lines(tr, old);
    for (size_t i = 0; i < tr->n; i++)
        put_finding(&tr->findings[i]);
    out_to(before);
    if (old)
        fclose(old);
    fine = !ferror(f);
    if (fclose(f) == 0 && fine && rename(beside, path) == 0)
        return EXIT_FINE;
    return fault_of_path(EXIT_INTERNAL, "write", path);
}

static int work_off_one(struct triage *tr, struct finding *f, const char *regressions)
{
    int result = reproduce(tr, f);

    if (result != EXIT_FINE || f->failures == 0)
        return result;
    minimise(tr, f);
    result = keep(f, path_of("%s/findings", tr->kit.dir));
    return result == EXIT_FINE && regressions ? keep(f, regressions) : result;
}

static int work_off(struct triage *tr, const char *regressions)
{
    const char *format = arguments_value(tr->kit.args, "format", "text");
    int result = EXIT_FINE;

    for (size_t i = 0; result == EXIT_FINE && i < tr->n; i++) {
        struct finding *f = &tr->findings[i];

        if ((result = work_off_one(tr, f, regressions)) != EXIT_FINE)
            break;
        if (strcmp(format, "text") == 0)
            say_text(f);
        else
            say_json(f, strcmp(format, "json") == 0);
        out_flush();
    }
    return result == EXIT_FINE ? write_table(tr) : result;
}

static bool any_reproduced(const struct triage *tr)
{
    for (size_t i = 0; i < tr->n; i++)
        if (tr->findings[i].failures > 0)
            return true;
    return false;
}

/* A target that cannot be run is left out, and what is known of it stays. */
static int triage(struct triage *tr, const char *regressions)
{
    int result = kit_need_folder(tr->kit.args, tr->kit.dir), left_out = EXIT_FINE;

    if (result != EXIT_FINE)
        return result;
    for (size_t i = 0; i < tr->kit.count; i++) {
        const size_t before = tr->n;

        result = take_target(tr, &tr->kit.targets[i]);
        tr->skipped[i] = result != EXIT_FINE;
        if (result != EXIT_FINE) {
            left_out = result;
            tr->n = before;
        }
    }
    if ((result = work_off(tr, regressions)) != EXIT_FINE)
        return result;
    if (left_out != EXIT_FINE)
        return left_out;
    return any_reproduced(tr) ? EXIT_FINDINGS : EXIT_FINE;
}

static int run_fuzz_triage(const struct arguments *args)
{
    const char *duration = arguments_value(args, "minimise", "10s"), *regressions;
    uint64_t limit_s = LIMIT_S;
    struct triage tr;
    int result;

    memset(&tr, 0, sizeof tr);
    if (!read_duration(duration, &tr.minimise_s) || tr.minimise_s > 86400)
        return usage_error(args->command, "option '--minimise' takes 10s, 5m, not '%s'", duration);
    if (arguments_have(args, "timeout")) /* which has been looked at: it is a number */
        sipv_number(sipv_slice_text(arguments_value(args, "timeout", "")), 1000000, &limit_s);
    tr.limit_s = (unsigned)limit_s;
    if ((result = kit_path(args, "regressions", NULL, &regressions)) != EXIT_FINE ||
        (result = kit_open(&tr.kit, args)) != EXIT_FINE)
        return result;
    tr.skipped = need(tr.kit.count, sizeof *tr.skipped);
    result = triage(&tr, regressions);
    free(tr.skipped);
    free(tr.findings);
    kit_close(&tr.kit);
    return result;
}

static const char fuzz_triage_description[] =
    "Runs every crash of the campaign and groups them: by the oracle and what it says, else by\n"
    "the three innermost functions of the project. The smallest of a group is run five times,\n"
    "made smaller as long as it stays in its group, and written to DIR/findings and to\n"
    "--regressions. A run may take --timeout seconds (here 60 by default).\n"
    "\n"
    "Crashes that do not fail in five runs are no findings: they are said apart, with 0 failures,\n"
    "and nothing of them is written. Of targets that were not asked for, findings.tsv keeps what\n"
    "it has.\n"
    "\n"
    "json and ndjson write records \"sipvet.fuzz-finding/1\". The exit status is 1 if there is a\n"
    "finding, 3 if a target with crashes cannot be run.\n";

const struct command command_fuzz_triage = {
    .name = "fuzz triage",
    .operands = "",
    .summary = "Makes findings of crashes",
    .run = run_fuzz_triage,
    .options = fuzz_triage_options,
    .description = fuzz_triage_description,
    .examples = "sipvet fuzz triage --dir campaign --regressions corpus/regressions\n",
};
