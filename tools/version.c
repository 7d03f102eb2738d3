/* version.c: `sipvet version`. */
#include "command.h"
#include "json.h"
#include "output.h"

#include <string.h>

static const char *const choices_format[] = {"text", "json", "ndjson", NULL};

static const struct option_spec version_options[] = {
    {"format", 'f', NULL, choices_format, "how the version is written (default: text)", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static int run_version(const struct arguments *args)
{
    const char *format = arguments_value(args, "format", "text");
    struct json j = json_begin_record(strcmp(format, "json") == 0);

    if (strcmp(format, "text") == 0) {
        out_format("sipvet %s\n", sipv_version());
        return EXIT_FINE;
    }
    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.version/1");
    json_text(&j, "name", "sipvet");
    json_text(&j, "version", sipv_version());
    json_end_object(&j);
    json_end_record(&j);
    return EXIT_FINE;
}

const struct command command_version = {
    .name = "version",
    .operands = "",
    .summary = "Shows the version",
    .run = run_version,
    .options = version_options,
    .description = "The version is that of the library the program was built with.\n",
    .examples = "",
};
