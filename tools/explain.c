/* explain.c: `sipvet explain`, the catalogue of diagnostics. */
#include "command.h"
#include "example.h"
#include "fix.h"
#include "sdp_example.h"
#include "vet.h"

#include <stdio.h>
#include <string.h>

static const char *const choices_format[] = {"text", "json", "ndjson", "markdown", NULL};

static const struct option_spec explain_options[] = {
    {"format", 'f', NULL, choices_format, "how the entry is written (default: text)", false},
    {"example", 0, NULL, NULL, "a whole message that causes the diagnostic, and nothing else",
     false},
    {NULL, 0, NULL, NULL, NULL, false},
};

/* Words of `text` in lines of at most 78 columns, each after two blanks. */
static void wrapped(const char *text)
{
    size_t column = 0;

    while (*text) {
        size_t n = strcspn(text, " \n");

        if (column > 0 && column + 1 + n > 78) {
            out_char('\n');
            column = 0;
        }
        out_text(column == 0 ? "  " : " ");
        column += n + (column == 0 ? 2 : 1);
        out_bytes(text, n);
        text += n;
        text += strspn(text, " \n");
    }
    out_char('\n');
}

static void entry_text(const sipv_diag_info *info)
{
    out_format("SV%04u  %s  (%s)\n", (unsigned)info->code, info->name,
               severity_name(info->severity));
    wrapped(info->message);
    out_char('\n');
    wrapped(info->help);
    wrapped(info->fix);
    out_char('\n');
    out_format("  see      %s\n", info->rfc);
    if (info->status)
        out_format("  answer   %u\n", (unsigned)info->status);
    if (*info->example) {
        out_text("  example  ");
        out_escaped(sipv_slice_text(info->example));
        out_char('\n');
    }
}

/* ---- Pages ----------------------------------------------------------------------------------- */

/* What a profile does with the example: relaxations are those of interop, and some faults are
 * faults of a stream only. */
static bool causes(struct vet *v, const sipv_diag_info *info, sipv_slice message)
{
    static const struct {
        sipv_profile profile;
        enum vet_what what;
    } ways[] = {
        {SIPV_STRICT, VET_DATAGRAM}, {SIPV_INTEROP, VET_DATAGRAM}, {SIPV_STRICT, VET_FRAME}};

    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        vet_parse(v, message, ways[i].profile, ways[i].what);
        vet_check_body(v);
        for (size_t k = 0; k < v->all_count; k++)
            if (v->all[k]->code == info->code)
                return true;
    }
    return false;
}

/* What the example is, and how it is shown. */
static void begin_example(const sipv_diag_info *info)
{
    static const char *const what[] = {
        [SIPV_EXAMPLE_FIELDS] = "In an otherwise good message",
        [SIPV_EXAMPLE_START] = "The start line",
        [SIPV_EXAMPLE_MESSAGE] = "The message",
        [SIPV_EXAMPLE_LINES] = "Behind the lines of an otherwise good description",
        [SIPV_EXAMPLE_DESCRIPTION] = "The description",
        [SIPV_EXAMPLE_PAIR] = "The two descriptions",
    };

    out_format("\n## Example\n\n%s\n\n    ", what[info->place]);
    out_escaped(sipv_slice_text(info->example));
}

/* An example of SDP as a finding of `sdp lint` or `sdp check`. */
static void page_sdp_example(const sipv_diag_info *info, sipv_slice text)
{
    struct sdp_example example = {.command = NULL};
    struct fix fix = {.known = false};

    if (sdp_example_find(&example, info, text)) {
        begin_example(info);
        out_format("\n\nis answered by `sipvet %s` with\n\n```\n", example.command);
        fix_advise(&example.finding, &fix);
        finding_text(&example.finding, &fix, "example.sdp", &example.v.lines,
                     (struct palette){false});
        out_text("```\n");
    }
    sdp_example_free(&example);
    fix_free(&fix);
}

/* The example as a finding of lint. */
static void page_example(const sipv_diag_info *info)
{
    struct bytes message = {0};
    struct vet v = {.all = NULL};
    struct fixer fixer = {.left = 0};
    struct fix fix = {.known = false};
    struct finding f;

    example_message(info, &message);
    if (info->place >= SIPV_EXAMPLE_LINES) {
        page_sdp_example(info, bytes_slice(&message));
    } else if (message.n > 0 && causes(&v, info, bytes_slice(&message))) {
        begin_example(info);
        out_format("\n\nis answered by `sipvet %s` with\n\n```\n",
                   v.m.options.stream                    ? "parse --stream"
                   : v.m.options.profile == SIPV_INTEROP ? "lint --profile interop"
                                                         : "lint");
        fixer_begin(&fixer);
        for (size_t i = 0; i < v.all_count; i++) {
            if (v.all[i]->code != info->code)
                continue;
            finding_of(&v, &v.lines, v.all[i], &f);
            fix_find(&fixer, &v, &f, &fix);
            finding_text(&f, &fix, "example.sip", &v.lines, (struct palette){false});
            break;
        }
        out_text("```\n");
    }
    vet_free(&v);
    fixer_free(&fixer);
    fix_free(&fix);
    bytes_free(&message);
}

static void page(const sipv_diag_info *info)
{
    out_format("# SV%04u %s\n\n", (unsigned)info->code, info->name);
    out_format("%c%s.\n\n%s %s\n\n",
               info->message[0] - ('a' <= info->message[0] && info->message[0] <= 'z' ? 32 : 0),
               info->message + 1, info->help, info->fix);
    out_format("| | |\n|---|---|\n| severity | %s |\n| see | %s |\n", severity_name(info->severity),
               info->rfc);
    if (info->status)
        out_format("| an element answers | %u |\n", (unsigned)info->status);
    page_example(info);
}

static void page_list(void)
{
    const sipv_diag_info *info;

    out_text("# Diagnostics\n\n| code | severity | name | |\n|---|---|---|---|\n");
    for (size_t i = 0; (info = catalogue_at(i)) != NULL; i++)
        out_format("| [SV%04u](SV%04u.md) | %s | %s | %s |\n", (unsigned)info->code,
                   (unsigned)info->code, severity_name(info->severity), info->name, info->message);
}

static int show_example(const struct arguments *args, const sipv_diag_info *info)
{
    struct bytes message = {0};

    if (!*info->example)
        return usage_error(args->command, "no message causes %s", info->name);
    example_message(info, &message);
    out_slice(bytes_slice(&message));
    bytes_free(&message);
    return EXIT_FINE;
}

/* ---- The command -------------------------------------------------------------------------------
 */

static void entry_json(const sipv_diag_info *info, bool pretty)
{
    struct json j = json_begin_record(pretty);
    char code[16];

    snprintf(code, sizeof code, "SV%04u", (unsigned)info->code);
    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.explain/1");
    json_text(&j, "code", code);
    json_text(&j, "name", info->name);
    json_text(&j, "severity", severity_name(info->severity));
    json_number(&j, "status", info->status ? (int64_t)info->status : -1);
    json_text(&j, "rfc", info->rfc);
    json_text(&j, "message", info->message);
    json_text(&j, "help", info->help);
    json_text(&j, "fix", info->fix);
    json_text(&j, "example", info->example);
    json_end_object(&j);
    json_end_record(&j);
}

static void show(const sipv_diag_info *info, const char *format)
{
    if (strcmp(format, "text") == 0)
        entry_text(info);
    else if (strcmp(format, "markdown") == 0)
        page(info);
    else
        entry_json(info, strcmp(format, "json") == 0);
}

static void show_all(const char *format)
{
    const sipv_diag_info *info;

    if (strcmp(format, "markdown") == 0) {
        page_list();
        return;
    }
    for (size_t i = 0; (info = catalogue_at(i)) != NULL; i++) {
        if (strcmp(format, "text") == 0)
            out_format("SV%04u  %-7s  %-28s  %s\n", (unsigned)info->code,
                       severity_name(info->severity), info->name, info->message);
        else
            show(info, format);
    }
}

static int run_explain(const struct arguments *args)
{
    const char *format = arguments_value(args, "format", "text");
    const char *code = args->operand_count > 0 ? args->operands[0] : NULL;
    const sipv_diag_info *info = code ? catalogue_find(code, strlen(code)) : NULL;

    if (code && !info)
        return usage_error(args->command, "there is no diagnostic '%s'", code);
    if (arguments_have(args, "example"))
        return info ? show_example(args, info)
                    : usage_error(args->command, "option '--example' needs a CODE");
    if (info)
        show(info, format);
    else
        show_all(format);
    return EXIT_FINE;
}

static const char explain_description[] =
    "CODE is SV0112, 112 or the name of the diagnostic. Without CODE all are listed.\n"
    "\n"
    "--example writes a whole message that causes the diagnostic. markdown is a page with what\n"
    "lint says of it, without CODE the list of pages; the build makes them all.\n";

const struct command command_explain = {
    .name = "explain",
    .operands = "[CODE]",
    .summary = "Explains a diagnostic, or lists all",
    .run = run_explain,
    .options = explain_options,
    .max_operands = 1,
    .kind = OPERAND_CODE,
    .description = explain_description,
    .examples = "sipvet explain SV0112\n"
                "sipvet explain --example SV0112 | sipvet lint\n",
};
