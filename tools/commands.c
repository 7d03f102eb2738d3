/* commands.c: the table of all commands, in the order of the help, and the options that all have.
 */
#include "command.h"

#include <string.h>

static const char *const choices_color[] = {"auto", "always", "never", NULL};
static const char *const choices_progress[] = {"auto", "json", "none", NULL};

const struct option_spec common_options[] = {
    {"color", 0, NULL, choices_color, "colours in text (default: auto, which honours NO_COLOR)",
     false},
    {"progress", 0, NULL, choices_progress,
     "how far long work is, on stderr (default: auto, on a terminal)", false},
    {"timeout", 0, "SECONDS", NULL,
     "give up on an input or a network silent for so long; 0: never (default: 3600)", false},
    {"help", 'h', NULL, NULL, "this text", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

const struct command *const commands[] = {
    &command_parse,        &command_lint,          &command_match,          &command_uri_parse,
    &command_uri_compare,  &command_gen,           &command_sdp_parse,      &command_sdp_lint,
    &command_sdp_answer,   &command_sdp_check,
#ifdef SIPVET_WITH_AUTH
    &command_digest_calc,  &command_digest_verify, &command_digest_explain,
#ifdef SIPVET_WITH_NET
    &command_digest_audit,
#endif
#endif
    &command_trace_ls,     &command_trace_show,    &command_trace_ladder,   &command_trace_lint,
#ifdef SIPVET_WITH_AUTH
    &command_trace_digest,
#endif
#ifdef SIPVET_WITH_NET
    &command_ua_register,  &command_ua_call,       &command_ua_answer,      &command_ua_options,
    &command_registrar,    &command_proxy,
#endif
#ifdef SIPVET_WITH_FLOW
    &command_flow_list,    &command_flow_show,     &command_flow_run,       &command_demo,
#endif
    &command_fuzz_list,    &command_fuzz_start,    &command_fuzz_status,    &command_fuzz_sync,
    &command_fuzz_merge,   &command_fuzz_triage,   &command_fuzz_report,    &command_fuzz_torture,
    &command_explain,      &command_completion,    &command_version,        &command_help,
};

const size_t command_count = sizeof commands / sizeof *commands;

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

bool command_is_group(const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 0; i < command_count; i++)
        if (strncmp(commands[i]->name, word, n) == 0 && commands[i]->name[n] == ' ')
            return true;
    return false;
}
