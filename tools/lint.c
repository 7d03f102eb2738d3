/* lint.c: `sipvet lint` and `sipvet sdp lint`. */
#include "command.h"
#include "fix.h"
#include "input.h"
#include "progress.h"
#include "sarif.h"
#include "sdp_vet.h"
#include "vet.h"

#include <stdlib.h>
#include <string.h>

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_NDJSON, FORMAT_SARIF };

static const char *const choices_format[] = {"text", "json", "ndjson", "sarif", NULL};

static const struct option_spec lint_options[] = {
    {"format", 'f', NULL, choices_format, "how findings are written (default: text)", false},
    {"profile", 0, NULL, choices_profile, "what is accepted (default: strict)", false},
    {"severity", 'W', "CODE=LEVEL", NULL, "treat CODE as off, warning or error; may be repeated",
     false},
    {NULL, 0, NULL, NULL, NULL, false},
};

/* One -W. */
struct override {
    unsigned code;
    int severity; /* -1: off */
};

struct work {
    bool description; /* FILE is a session description, no message */
    struct vet vet;
    struct sdp_vet sdp;
    enum format format;
    sipv_profile profile;
    struct palette palette;
    struct override *overrides;
    size_t override_count;
    size_t errors, warnings, notes;
    struct fixer fixer;
    struct fix fix;
    struct json sarif;
};

/* "SV0112=off", "112=off" or "quoted-string-open=off" */
static int read_override(const struct arguments *args, const char *text, struct override *override)
{
    static const char *const levels[] = {"off", "note", "warning", "error"};
    const char *equal = strchr(text, '=');
    const sipv_diag_info *info;

    if (!equal)
        return usage_error(args->command,
                           "option '-W' takes CODE=off, CODE=warning or CODE=error, not '%s'",
                           text);
    info = catalogue_find(text, (size_t)(equal - text));
    if (!info)
        return usage_error(args->command, "option '-W': there is no diagnostic '%.*s'",
                           (int)(equal - text), text);
    override->code = info->code;
    for (int i = 0; i < 4; i++)
        if (i != 1 && strcmp(levels[i], equal + 1) == 0) {
            override->severity = i == 0 ? -1 : i - 1;
            return EXIT_FINE;
        }
    return usage_error(args->command, "option '-W' takes 'off', 'warning' or 'error', not '%s'",
                       equal + 1);
}

static int read_overrides(const struct arguments *args, struct work *w)
{
    w->overrides = need(args->given_count, sizeof *w->overrides);
    for (size_t i = 0; i < args->given_count; i++) {
        int result;

        if (args->given[i].spec->letter != 'W')
            continue;
        result = read_override(args, args->given[i].value, &w->overrides[w->override_count++]);
        if (result != EXIT_FINE)
            return result;
    }
    return EXIT_FINE;
}

/* The severity to show, or -1 for nothing; the last -W for a code counts. */
static int severity_of(const struct work *w, const sipv_diag *d)
{
    for (size_t i = w->override_count; i-- > 0;)
        if (w->overrides[i].code == d->code)
            return w->overrides[i].severity;
    return d->severity;
}

/* Is the message or description rejected, with the severities as overridden? */
static bool rejected(const struct work *w)
{
    const sipv_diag *diags = w->description ? w->sdp.s.diags : w->vet.m.diags;
    size_t n = w->description ? w->sdp.s.n_diags : w->vet.m.n_diags;

    for (size_t i = 0; i < n; i++)
        if (!diags[i].in_body && severity_of(w, &diags[i]) == SIPV_ERROR)
            return true;
    return false;
}

static unsigned suggested_status(const struct work *w)
{
    const sipv_message *m = &w->vet.m;

    if (w->description)
        return 0;
    for (int severity = SIPV_ERROR; severity >= SIPV_WARNING; severity--)
        for (size_t i = 0; i < m->n_diags; i++)
            if (severity_of(w, &m->diags[i]) == severity && !m->diags[i].in_body &&
                (m->diags[i].status || severity == SIPV_ERROR))
                return m->diags[i].status;
    return 0;
}

static void begin_record(const struct work *w, struct json *j, const char *source)
{
    unsigned status = suggested_status(w);

    json_object(j, NULL);
    json_text(j, "schema", "sipvet.lint/1");
    json_text(j, "source", source);
    json_text(j, "profile", profile_name(w->profile));
    json_size(j, "octets", w->description ? w->sdp.s.data.n : vet_octets(&w->vet));
    json_text(j, "verdict", verdict_name(!rejected(w)));
    json_number(j, "suggested_status", status ? (int64_t)status : -1);
    json_array(j, "diagnostics");
}

/* Parses; returns how many findings there are. */
static size_t vet(struct work *w, sipv_slice data)
{
    if (w->description) {
        sdp_vet_parse(&w->sdp, data, w->profile);
        return w->sdp.s.n_diags;
    }
    vet_parse(&w->vet, data, w->profile, VET_DATAGRAM);
    vet_check_body(&w->vet);
    fixer_begin(&w->fixer);
    return w->vet.all_count;
}

/* Finding number `i`, and what can be done about it. */
static void find(struct work *w, size_t i, int severity, struct finding *f)
{
    if (w->description)
        sdp_finding_of(&w->sdp, &w->sdp.s.diags[i], f);
    else
        finding_of(&w->vet, &w->vet.lines, w->vet.all[i], f);
    f->severity = (unsigned)severity;
    if (w->description)
        fix_advise(f, &w->fix);
    else
        fix_find(&w->fixer, &w->vet, f, &w->fix);
}

static void lint(struct work *w, const char *source, sipv_slice data)
{
    struct json j = json_begin_record(w->format == FORMAT_JSON);
    bool records = w->format == FORMAT_JSON || w->format == FORMAT_NDJSON;
    size_t count = vet(w, data);
    struct lines *lines = w->description ? &w->sdp.lines : &w->vet.lines;

    if (records)
        begin_record(w, &j, source);
    for (size_t i = 0; i < count; i++) {
        int severity = severity_of(w, w->description ? &w->sdp.s.diags[i] : w->vet.all[i]);
        struct finding f;

        if (severity < 0)
            continue;
        w->errors += severity == SIPV_ERROR;
        w->warnings += severity == SIPV_WARNING;
        w->notes += severity == SIPV_NOTE;
        find(w, i, severity, &f);
        if (records)
            finding_json(&j, &f, &w->fix);
        else if (w->format == FORMAT_SARIF)
            sarif_result(&w->sarif, &f, &w->fix, source, lines);
        else
            finding_text(&f, &w->fix, source, lines, w->palette);
    }
    if (records) {
        json_end_array(&j);
        json_end_object(&j);
        json_end_record(&j);
    }
}

static int lint_all(struct work *w, const char *const *names, size_t count)
{
    int result = EXIT_FINE;

    if (w->format == FORMAT_SARIF)
        w->sarif = sarif_begin();
    for (size_t i = 0; i < count; i++) {
        struct input input;

        if (input_read(names[i], &input) != EXIT_FINE) {
            result = EXIT_INPUT;
            continue;
        }
        progress_tick(i, count);
        lint(w, input.name, sipv_slice_of(input.data, input.n));
        input_free(&input);
    }
    if (w->format == FORMAT_SARIF)
        sarif_end(&w->sarif);
    return result == EXIT_FINE && w->errors > 0 ? EXIT_FINDINGS : result;
}

static int run(const struct arguments *args, bool description)
{
    static const char *const standard[] = {"-"};
    const char *format = arguments_value(args, "format", "text");
    struct work w = {.format = FORMAT_TEXT, .description = description};
    int result = read_overrides(args, &w);

    if (result == EXIT_FINE) {
        while (strcmp(choices_format[w.format], format) != 0)
            w.format++;
        w.profile = profile_of(arguments_value(args, "profile", "strict"));
        w.palette = palette_of(arguments_value(args, "color", "auto"));
        result = lint_all(&w, args->operand_count ? args->operands : standard,
                          args->operand_count ? args->operand_count : 1);
    }
    vet_free(&w.vet);
    sdp_vet_free(&w.sdp);
    fixer_free(&w.fixer);
    fix_free(&w.fix);
    free(w.overrides);
    return result;
}

static int run_lint(const struct arguments *args)
{
    return run(args, false);
}

static const char lint_description[] =
    "Every FILE is one message; '-' or no FILE is standard input. Each finding comes with its\n"
    "line, a caret under the bytes it is about, the section of the RFC, the status code an\n"
    "element should answer, and a fix: what to write instead, or what to do.\n"
    "\n"
    "Lines and columns count from 1, columns and offsets count bytes. A control byte is shown\n"
    "by its picture, any other byte that cannot be shown by U+FFFD, each in one column.\n"
    "\n"
    "Bodies of type multipart, message/sip, message/sipfrag and application/sdp are looked\n"
    "into, within each other too. What is found there does not change the verdict on the message; "
    "in JSON it has\n"
    "the member \"in\" with the value \"body\".\n"
    "\n"
    "-W changes the severity of a finding; CODE is SV0112, 112 or the name, and the last -W\n"
    "for a code counts. 'sipvet explain' lists all codes.\n"
    "\n"
    "json and ndjson write one record \"sipvet.lint/1\" for each FILE, sarif one SARIF 2.1.0 log\n"
    "for all of them. Where a fix is known they have it as bytes too; it was tried, and with it\n"
    "the message has fewer findings.\n"
    "\n"
    "The exit status is 1 if a finding of severity error remains, within a body too. Warnings\n"
    "and notes alone leave it 0; -W CODE=error makes one count.\n";

const struct command command_lint = {
    .name = "lint",
    .operands = "[FILE]...",
    .summary = "Shows what is wrong in a SIP message, where, and why",
    .run = run_lint,
    .options = lint_options,
    .max_operands = SIZE_MAX,
    .kind = OPERAND_FILE,
    .description = lint_description,
    .examples = "sipvet lint invite.sip\n"
                "sipvet lint --profile interop -W SV0112=warning trace/*.sip\n"
                "sipvet lint -f sarif *.sip > sipvet.sarif\n",
};

static int run_sdp_lint(const struct arguments *args)
{
    return run(args, true);
}

static const char sdp_lint_description[] =
    "Every FILE is one session description; '-' or no FILE is standard input. Findings, formats\n"
    "and options are those of 'sipvet lint'. What must agree across lines, as a group and its\n"
    "media or a payload type and its rtpmap, is at most a warning.\n"
    "\n"
    "The exit status is 1 if a finding of severity error remains.\n";

const struct command command_sdp_lint = {
    .name = "sdp lint",
    .operands = "[FILE]...",
    .summary = "Shows what is wrong in a session description, where, and why",
    .run = run_sdp_lint,
    .options = lint_options,
    .max_operands = SIZE_MAX,
    .kind = OPERAND_FILE,
    .description = sdp_lint_description,
    .examples = "sipvet sdp lint offer.sdp\n",
};
