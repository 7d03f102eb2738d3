/* sdp.c: `sipvet sdp parse`. */
#include "command.h"
#include "input.h"
#include "progress.h"
#include "sdp_vet.h"

#include <string.h>

static const char *const choices_format[] = {"text", "json", "ndjson", NULL};

const struct option_spec sdp_parse_options[] = {
    {"format", 'f', NULL, choices_format, "how the description is written (default: text)", false},
    {"profile", 0, NULL, choices_profile, "what is accepted (default: strict)", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

int run_sdp_parse(const struct arguments *args)
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
