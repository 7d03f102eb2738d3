/* explain.c: `sipvet explain`, the catalogue of diagnostics. */
#include "command.h"
#include "vet.h"

#include <stdio.h>
#include <string.h>

static const char *const choices_format[] = {"text", "json", "ndjson", NULL};

const struct option_spec explain_options[] = {
    {"format", 'f', NULL, choices_format, "how the entry is written (default: text)", false},
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
    if (info->help && *info->help) {
        out_char('\n');
        wrapped(info->help);
    }
    out_char('\n');
    if (info->rfc)
        out_format("  see      %s\n", info->rfc);
    if (info->status)
        out_format("  answer   %u\n", (unsigned)info->status);
    if (info->example && *info->example) {
        out_text("  example  ");
        out_escaped(sipv_slice_text(info->example));
        out_char('\n');
    }
}

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
    json_text(&j, "example", info->example);
    json_end_object(&j);
    json_end_record(&j);
}

int run_explain(const struct arguments *args)
{
    const char *format = arguments_value(args, "format", "text");
    bool text = strcmp(format, "text") == 0, pretty = strcmp(format, "json") == 0;
    const sipv_diag_info *info;

    if (args->operand_count > 0) {
        const char *code = args->operands[0];

        info = catalogue_find(code, strlen(code));
        if (!info)
            return usage_error(args->command, "there is no diagnostic '%s'", code);
        if (text)
            entry_text(info);
        else
            entry_json(info, pretty);
        return EXIT_FINE;
    }
    for (size_t i = 0; (info = sipv_diag_at(i)) != NULL; i++) {
        if (text)
            out_format("SV%04u  %-7s  %-28s  %s\n", (unsigned)info->code,
                       severity_name(info->severity), info->name, info->message);
        else
            entry_json(info, pretty);
    }
    return EXIT_FINE;
}
