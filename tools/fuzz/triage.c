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

enum { REPRODUCED = 5 };

struct finding {
    const struct fuzz_target *target;
    char group[FINDING_TEXT];
    struct verdict verdict;
    char input[FUZZ_PATH]; /* the smallest crash of the group */
    size_t octets, crashes;
    unsigned failures; /* of REPRODUCED runs */
};

struct triage {
    struct kit kit;
    struct finding *findings;
    size_t n, crashes;
    uint64_t minimise_s;
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

/* One crash: run once to see its group; the smallest of a group stands for it. */
static void take_crash(struct triage *tr, const struct fuzz_target *t, const char *path)
{
    char group[FINDING_TEXT], input[FUZZ_PATH];
    struct verdict v;
    struct finding *f;

    snprintf(input, sizeof input, "%s", path);
    tr->crashes++;
    verdict_of(&tr->kit, t, input, &v);
    if (!v.failed) {
        memset(&v, 0, sizeof v);
        strcpy(v.what, "not reproduced");
    }
    verdict_group(t, &v, group);
    f = finding_of(tr, t, group);
    f->crashes++;
    if (f->crashes > 1 && size_of(input) >= f->octets)
        return;
    f->verdict = v;
    f->octets = size_of(input);
    snprintf(f->input, sizeof f->input, "%s", input);
}

static void take_folder(struct triage *tr, const struct fuzz_target *t, const char *folder)
{
    struct names files = {0};
    char where[FUZZ_PATH];

    snprintf(where, sizeof where, "%s", folder);
    names_of(where, &files);
    for (size_t i = 0; i < files.n; i++)
        if (strcmp(files.at[i], "README.txt") != 0) {
            take_crash(tr, t, path_of("%s/%s", where, files.at[i]));
            progress_tick(tr->crashes, 0);
        }
    names_free(&files);
}

static void take_target(struct triage *tr, const struct fuzz_target *t)
{
    struct names instances = {0};

    take_folder(tr, t, path_of("%s/%s/crashes", tr->kit.dir, t->name));
    names_of_folders(path_of("%s/%s/afl", tr->kit.dir, t->name), &instances);
    for (size_t i = 0; i < instances.n; i++) {
        take_folder(tr, t, path_of("%s/%s/afl/%s/crashes", tr->kit.dir, t->name, instances.at[i]));
        take_folder(tr, t, path_of("%s/%s/afl/%s/hangs", tr->kit.dir, t->name, instances.at[i]));
    }
    names_free(&instances);
}

/* ---- One finding ------------------------------------------------------------------------------
 */

static void reproduce(struct triage *tr, struct finding *f)
{
    for (unsigned i = 0; i < REPRODUCED; i++) {
        struct verdict v;

        verdict_of(&tr->kit, f->target, f->input, &v);
        f->failures += v.failed;
    }
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
    snprintf(small, sizeof small, "%.900s/%s/smaller", tr->kit.dir, f->target->name);
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
    verdict_of(&tr->kit, f->target, small, &v);
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

    if (result != EXIT_FINE || copy_file(f->input, path))
        return result;
    fprintf(stderr, "sipvet: cannot write %s\n", path);
    return EXIT_INTERNAL;
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
    out_format("%s: %s%s%s\n", f->target->name, f->verdict.oracle, f->verdict.oracle[0] ? ": " : "",
               f->verdict.what);
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

/* The table that the report reads. */
static int write_table(const struct triage *tr)
{
    const char *path = path_of("%s/findings.tsv", tr->kit.dir);
    FILE *f = fopen(path, "w");
    bool fine = f != NULL;

    if (fine)
        fine = fputs("group\ttarget\toracle\twhat\tframes\tcrashes\toctets\tfailures\n", f) >= 0;
    for (size_t i = 0; fine && i < tr->n; i++) {
        const struct finding *x = &tr->findings[i];

        fine = fprintf(f, "%s\t%s\t%s\t%s\t%s\t%zu\t%zu\t%u\n", x->group, x->target->name,
                       x->verdict.oracle[0] ? x->verdict.oracle : "-", x->verdict.what,
                       x->verdict.n_frames ? frames_of(x) : "-", x->crashes, x->octets,
                       x->failures) > 0;
    }
    if (f && fclose(f) != 0)
        fine = false;
    if (fine)
        return EXIT_FINE;
    fprintf(stderr, "sipvet: cannot write %s\n", path);
    return EXIT_INTERNAL;
}

static int work_off(struct triage *tr)
{
    const char *format = arguments_value(tr->kit.args, "format", "text");
    const char *regressions = arguments_value(tr->kit.args, "regressions", NULL);
    char findings[FUZZ_PATH];
    int result = EXIT_FINE;

    snprintf(findings, sizeof findings, "%s/findings", tr->kit.dir);
    for (size_t i = 0; result == EXIT_FINE && i < tr->n; i++) {
        struct finding *f = &tr->findings[i];

        reproduce(tr, f);
        if (f->failures > 0)
            minimise(tr, f);
        if ((result = keep(f, findings)) == EXIT_FINE && regressions && f->failures > 0)
            result = keep(f, regressions);
        if (strcmp(format, "text") == 0)
            say_text(f);
        else
            say_json(f, strcmp(format, "json") == 0);
        out_flush();
    }
    return result == EXIT_FINE ? write_table(tr) : result;
}

static int run_fuzz_triage(const struct arguments *args)
{
    const char *duration = arguments_value(args, "minimise", "10s");
    struct triage tr;
    int result;

    memset(&tr, 0, sizeof tr);
    if (!read_duration(duration, &tr.minimise_s) || tr.minimise_s > 86400)
        return usage_error(args->command, "option '--minimise' takes 10s, 5m, not '%s'", duration);
    if ((result = kit_open(&tr.kit, args)) != EXIT_FINE)
        return result;
    for (size_t i = 0; i < tr.kit.count; i++)
        if (file_exists(path_of("%s/%s", tr.kit.dir, tr.kit.targets[i].name)))
            take_target(&tr, &tr.kit.targets[i]);
    if (tr.n > 0 || file_exists(tr.kit.dir))
        result = work_off(&tr);
    if (result == EXIT_FINE && tr.n > 0)
        result = EXIT_FINDINGS;
    free(tr.findings);
    kit_close(&tr.kit);
    return result;
}

static const char fuzz_triage_description[] =
    "Runs every crash of the campaign once and groups them: by the oracle and what it says, else\n"
    "by the three innermost functions of the project. The smallest of a group is run five times,\n"
    "made smaller as long as it stays in its group, and written to DIR/findings, and where it\n"
    "fails at all to --regressions.\n"
    "\n"
    "json and ndjson write records \"sipvet.fuzz-finding/1\". The exit status is 1 if there is a\n"
    "finding.\n";

const struct command command_fuzz_triage = {
    .name = "fuzz triage",
    .operands = "",
    .summary = "Makes findings of crashes",
    .run = run_fuzz_triage,
    .options = fuzz_triage_options,
    .description = fuzz_triage_description,
    .examples = "sipvet fuzz triage --dir campaign --regressions corpus/regressions\n",
};
