/* lint.c: `sipvet trace lint`: what is wrong in the messages of a capture. */
#include "../fix.h"
#include "work.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const choices_format[] = {"text", "json", "ndjson", NULL};

static const struct option_spec trace_lint_options[] = {
    {"format", 'f', NULL, choices_format, "how findings are written (default: text)", false},
    {"profile", 0, NULL, choices_profile, "what is accepted (default: strict)", false},
    {"call-id", 0, "TEXT", NULL, "only messages with this Call-ID", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

struct linting {
    struct trace_work w;
    struct fixer fixer;
    struct fix fix;
    uint64_t messages, errors, warnings, notes;
};

static void lint_json(struct linting *l, const struct trace_message *m)
{
    struct json j = work_record(&l->w);
    struct vet *v = &l->w.vet;
    struct finding f;

    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.trace-lint/1");
    work_place_json(&j, m);
    json_string(&j, "call_id", v->m.call_id);
    json_text(&j, "profile", profile_name(l->w.profile));
    json_size(&j, "octets", vet_octets(v));
    json_text(&j, "verdict", verdict_name(v->m.accepted));
    json_array(&j, "diagnostics");
    for (size_t i = 0; i < v->all_count; i++) {
        finding_of(v, &v->lines, v->all[i], &f);
        fix_find(&l->fixer, v, &f, &l->fix);
        finding_json(&j, &f, &l->fix);
    }
    json_end_array(&j);
    json_end_object(&j);
    json_end_record(&j);
}

/* The place of a finding is FILE#FRAME:LINE:COLUMN. */
static void lint_text(struct linting *l, const struct trace_message *m)
{
    struct vet *v = &l->w.vet;
    size_t n = strlen(m->file) + 24;
    char *source = need(n, 1);
    struct finding f;

    snprintf(source, n, "%s#%" PRIu64, m->file, m->frame);
    for (size_t i = 0; i < v->all_count; i++) {
        finding_of(v, &v->lines, v->all[i], &f);
        fix_find(&l->fixer, v, &f, &l->fix);
        finding_text(&f, &l->fix, source, &v->lines, l->w.palette);
    }
    if (*m->damage && v->all_count > 0) {
        out_text("      = of this message: ");
        out_visible(sipv_slice_text(m->damage));
        out_char('\n');
    }
    free(source);
}

static void lint(void *user, const struct trace_message *m)
{
    struct linting *l = user;
    struct vet *v = &l->w.vet;

    if (!work_take(&l->w, m))
        return;
    vet_check_body(v);
    fixer_begin(&l->fixer);
    l->messages++;
    for (size_t i = 0; i < v->all_count; i++) {
        l->errors += v->all[i]->severity == SIPV_ERROR;
        l->warnings += v->all[i]->severity == SIPV_WARNING;
        l->notes += v->all[i]->severity == SIPV_NOTE;
    }
    if (work_is_format(&l->w, "text"))
        lint_text(l, m);
    else
        lint_json(l, m);
}

static int run_trace_lint(const struct arguments *args)
{
    struct linting l;
    int result;

    memset(&l, 0, sizeof l);
    work_begin(&l.w, args, lint, &l);
    result = work_read(&l.w);
    if (work_is_format(&l.w, "text"))
        out_format("%" PRIu64 " messages: %" PRIu64 " errors, %" PRIu64 " warnings, %" PRIu64
                   " notes\n",
                   l.messages, l.errors, l.warnings, l.notes);
    fixer_free(&l.fixer);
    fix_free(&l.fix);
    return work_end(&l.w, result, l.errors > 0);
}

static const char trace_lint_description[] =
    "FILEs are as with 'trace ls', findings as with 'lint'; their place is "
    "FILE#FRAME:LINE:COLUMN.\n"
    "Messages that came over TCP are judged as those of a stream: Content-Length is required.\n"
    "json and ndjson write a record \"sipvet.trace-lint/1\" for each message.\n"
    "\n"
    "The exit status is 1 if there is a finding of severity error, else as that of 'trace ls'.\n";

const struct command command_trace_lint = {
    .name = "trace lint",
    .operands = "[FILE]...",
    .summary = "Shows what is wrong in the messages of a capture",
    .run = run_trace_lint,
    .options = trace_lint_options,
    .max_operands = SIZE_MAX,
    .kind = OPERAND_FILE,
    .description = trace_lint_description,
    .examples =
        "sipvet trace lint --profile interop call.pcap\n"
        "sipvet trace lint -f ndjson call.pcap | jq 'select(.verdict == \"reject\") | .frame'\n",
};
