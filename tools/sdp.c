/* sdp.c: `sipvet sdp parse`. */
#include "command.h"
#include "input.h"
#include "progress.h"
#include "sdp_vet.h"

#include <string.h>

static const char *const choices_format[] = {"text", "json", "ndjson", NULL};

static const struct option_spec sdp_parse_options[] = {
    {"format", 'f', NULL, choices_format, "how the description is written (default: text)", false},
    {"profile", 0, NULL, choices_profile, "what is accepted (default: strict)", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static int run_sdp_parse(const struct arguments *args)
{
    static const char *const standard[] = {"-"};
    const char *const *names = args->operand_count ? args->operands : standard;
    const size_t count = args->operand_count ? args->operand_count : 1;
    const char *format = arguments_value(args, "format", "text");
    const sipv_profile profile = profile_of(arguments_value(args, "profile", "strict"));
    const struct palette palette = palette_of(arguments_value(args, "color", "auto"));
    struct sdp_vet v = {.cap_lines = 0};
    bool rejected = false;
    int result = EXIT_FINE;

    for (size_t i = 0; i < count; i++) {
        struct input input;

        if (input_read(names[i], &input) != EXIT_FINE) {
            result = EXIT_INPUT;
            continue;
        }
        progress_tick(i, count);
        sdp_vet_parse(&v, sipv_slice_of(input.data, input.n), profile);
        rejected = rejected || !v.s.accepted;
        if (strcmp(format, "text") == 0) {
            sdp_tree(&v, input.name, palette);
        } else {
            struct json j = json_begin_record(strcmp(format, "json") == 0);

            sdp_json(&j, &v, input.name);
            json_end_record(&j);
        }
        input_free(&input);
    }
    sdp_vet_free(&v);
    return result == EXIT_FINE && rejected ? EXIT_FINDINGS : result;
}

static const char sdp_parse_description[] =
    "Every FILE is one session description (SDP, RFC 8866); '-' or no FILE is standard input.\n"
    "\n"
    "text is a tree for people: every line, and the parts of those whose grammar is known. json\n"
    "and ndjson write one record \"sipvet.sdp/1\" for each description: json over several\n"
    "lines, ndjson on one. An attribute with a grammar of its own has its parts in \"parsed\".\n"
    "\n"
    "The exit status is 0 if every description was accepted, 1 if one was rejected, 3 if a\n"
    "file cannot be read.\n";

const struct command command_sdp_parse = {
    .name = "sdp parse",
    .operands = "[FILE]...",
    .summary = "Shows a session description as a tree or as JSON",
    .run = run_sdp_parse,
    .options = sdp_parse_options,
    .max_operands = SIZE_MAX,
    .kind = OPERAND_FILE,
    .description = sdp_parse_description,
    .examples = "sipvet sdp parse offer.sdp\n"
                "sipvet sdp parse -f json offer.sdp | jq '.media[].formats'\n",
};
