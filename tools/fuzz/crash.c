/* crash.c: see crash.h. */
#include "crash.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void copy_line(char *out, size_t cap, const char *from)
{
    snprintf(out, cap, "%.*s", (int)strcspn(from, "\r\n"), from);
}

/* "oracle digest: what does not hold" */
static void see_oracle(const char *line, struct verdict *v)
{
    size_t n;

    if (strncmp(line, "oracle ", 7) != 0 || (n = strcspn(line + 7, ":")) >= sizeof v->oracle)
        return;
    snprintf(v->oracle, sizeof v->oracle, "%.*s", (int)n, line + 7);
    copy_line(v->what, sizeof v->what, line + 7 + n + strspn(line + 7 + n, ": "));
}

/* "SUMMARY: AddressSanitizer: heap-buffer-overflow ...", "x.c:149:51: runtime error: ..." */
static void see_sanitizer(const char *line, struct verdict *v)
{
    const char *at = strstr(line, "runtime error: ");

    if (v->what[0])
        return;
    if (at) {
        copy_line(v->what, sizeof v->what, at + 15);
        return;
    }
    at = strstr(line, "Sanitizer: ");
    if (at && strncmp(line, "SUMMARY", 7) != 0) {
        copy_line(v->what, sizeof v->what, at + 11);
        v->what[strcspn(v->what, " ")] = '\0'; /* addresses follow, which differ each time */
    }
}

/* Frames of the kit itself, the engine and the system say nothing about the cause. */
static bool is_of_project(const char *place)
{
    static const char *const folders[] = {"/grammar/", "/parser/", "/sdp/",
                                          "/auth/",    "/tools/",  "/fuzz/fuzz_"};

    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (strstr(place, folders[i]))
            return true;
    return false;
}

/* "    #7 0x55c87130f30c in check_diags /x/sdp/src/parse.c:135:9" */
static void see_frame(const char *line, struct verdict *v)
{
    const char *at = strstr(line, " in ");
    char function[FUZZ_NAME], place[FINDING_TEXT];

    line += strspn(line, " ");
    if (line[0] != '#' || !isdigit((unsigned char)line[1]) || !at || v->n_frames == FINDING_FRAMES)
        return;
    if (sscanf(at, " in %63s %511s", function, place) == 2 && is_of_project(place))
        strcpy(v->frames[v->n_frames++], function);
}

static void read_log(const char *path, struct verdict *v)
{
    FILE *f = fopen(path, "r");
    char line[2048];

    while (f && fgets(line, sizeof line, f)) {
        see_oracle(line, v);
        see_sanitizer(line, v);
        see_frame(line, v);
        if (strstr(line, "takes too long") || strstr(line, "ERROR: libFuzzer: timeout"))
            strcpy(v->what, "takes too long");
    }
    if (f)
        fclose(f);
}

const char *crash_program(const struct kit *k, const struct fuzz_target *t)
{
    const char *program = engine_program(k, ENGINE_LIBFUZZER, t);

    if (access(program, X_OK) == 0)
        return program;
    program = path_of("%s/%s", k->runner, t->name);
    return access(program, X_OK) == 0 ? program : NULL;
}

static int run_over(const struct kit *k, const struct fuzz_target *t, const char *path,
                    const char *log, unsigned limit_s)
{
    const char *program = crash_program(k, t);
    struct command_line c;
    int status;

    if (!program)
        return CHILD_NONE;
    command_begin(&c);
    engine_explain_crashes(&c);
    command_add(&c, "%s", program);
    if (strcmp(program, engine_program(k, ENGINE_LIBFUZZER, t)) == 0) {
        command_add(&c, "-timeout=10");
        command_add(&c, "-rss_limit_mb=2048");
    }
    command_add(&c, "%s", path);
    status = child_run(&c, log, limit_s);
    command_free(&c);
    return status;
}

int verdict_of(const struct kit *k, const struct fuzz_target *t, const char *path, unsigned limit_s,
               struct verdict *out)
{
    char log[FUZZ_PATH];
    int status;

    memset(out, 0, sizeof *out);
    snprintf(log, sizeof log, "%.512s/%s/triage.log", k->dir, t->name);
    status = run_over(k, t, path, log, limit_s);
    /* What a shell says too where there is no program, or none that can begin. */
    if (status == CHILD_NONE || status == 126 || status == 127)
        return fault(k->args, EXIT_INPUT, "%s cannot be run, see %s", t->name, log);
    out->failed = status != 0;
    if (status == CHILD_TOO_LONG)
        strcpy(out->what, "takes too long");
    if (out->failed)
        read_log(log, out);
    if (out->failed && !out->what[0])
        snprintf(out->what, sizeof out->what, "exit status %d", status);
    return EXIT_FINE;
}

/* Letters, digits and hyphens. */
static void add_plain(char out[FINDING_TEXT], const char *text, size_t most)
{
    size_t n = strlen(out);

    if (n > 0 && n + 1 < FINDING_TEXT)
        out[n++] = '.';
    for (size_t i = 0; i < most && text[i] && n + 1 < FINDING_TEXT; i++)
        out[n++] = isalnum((unsigned char)text[i]) || text[i] == '_' ? text[i] : '-';
    out[n] = '\0';
}

void verdict_group(const struct fuzz_target *t, const struct verdict *v, char out[FINDING_TEXT])
{
    out[0] = '\0';
    add_plain(out, t->name, FUZZ_NAME);
    if (v->oracle[0]) {
        add_plain(out, v->oracle, FUZZ_NAME);
        add_plain(out, v->what, 80);
        return;
    }
    add_plain(out, v->what, 40);
    for (size_t i = 0; i < v->n_frames; i++)
        add_plain(out, v->frames[i], FUZZ_NAME);
}
