/* completion.c: `sipvet completion`: scripts for the shells, made from the table of commands. */
#include "completion.h"

#include "catalogue.h"
#ifdef SIPVET_WITH_FLOW
#include "flow/callflow.h"
#endif

#include <sipvet/parser.h>

#include <string.h>

void completion_first_words(char separator)
{
    for (size_t i = 0; i < command_count; i++) {
        size_t n = strcspn(commands[i]->name, " ");

        if (i > 0 && strcspn(commands[i - 1]->name, " ") == n &&
            memcmp(commands[i - 1]->name, commands[i]->name, n) == 0)
            continue;
        out_bytes(commands[i]->name, n);
        out_char(separator);
    }
}

static void flow_names(char separator)
{
#ifdef SIPVET_WITH_FLOW
    for (size_t i = 0; callflows[i]; i++)
        out_format("%s%c", callflows[i]->name, separator);
#else
    (void)separator;
#endif
}

void completion_operands(enum operand_kind kind, char separator)
{
    const sipv_grammar *g = sipv_sip_grammar();
    const sipv_diag_info *info;

    switch (kind) {
    case OPERAND_RULE:
        /* Names with a blank are values of parameters, not rules that anybody would type. */
        for (int i = 0; i < sipv_rule_count(g); i++)
            if (!strchr(sipv_rule_name(g, i), ' '))
                out_format("%s%c", sipv_rule_name(g, i), separator);
        break;
    case OPERAND_CODE:
        for (size_t i = 0; (info = catalogue_at(i)) != NULL; i++)
            out_format("SV%04u%c", (unsigned)info->code, separator);
        break;
    case OPERAND_FLOW: flow_names(separator); break;
    case OPERAND_SHELL: out_format("bash%czsh%cfish%c", separator, separator, separator); break;
    case OPERAND_COMMAND: completion_first_words(separator); break;
    case OPERAND_NONE:
    case OPERAND_FILE: break;
    }
}

bool completion_begins_group(size_t i)
{
    size_t n = strcspn(commands[i]->name, " ");

    return commands[i]->name[n] &&
           (i == 0 || strncmp(commands[i - 1]->name, commands[i]->name, n + 1) != 0);
}

void completion_second_words(size_t i)
{
    size_t n = strcspn(commands[i]->name, " ") + 1;

    for (size_t k = i; k < command_count; k++)
        if (strncmp(commands[k]->name, commands[i]->name, n) == 0)
            out_format("%s ", commands[k]->name + n);
}

void completion_groups(void)
{
    bool any = false;

    for (size_t i = 0; i < command_count; i++) {
        size_t n = strcspn(commands[i]->name, " ");

        if (!completion_begins_group(i))
            continue;
        out_text(any ? "|" : "");
        out_bytes(commands[i]->name, n);
        any = true;
    }
}

bool completion_takes_file(const struct option_spec *spec)
{
    return spec->argument && strcmp(spec->argument, "FILE") == 0;
}

static int run_completion(const struct arguments *args)
{
    const char *shell = args->operands[0];

    if (strcmp(shell, "bash") == 0)
        completion_bash();
    else if (strcmp(shell, "zsh") == 0)
        completion_zsh();
    else if (strcmp(shell, "fish") == 0)
        completion_fish();
    else
        return usage_error(args->command,
                           "there is no completion for '%s', only for bash, zsh and fish", shell);
    return EXIT_FINE;
}

const struct command command_completion = {
    .name = "completion",
    .operands = "SHELL",
    .summary = "Writes a completion script for bash, zsh or fish",
    .run = run_completion,
    .min_operands = 1,
    .max_operands = 1,
    .kind = OPERAND_SHELL,
    .description = "The script completes commands, options, their values, rules and codes.\n",
    .examples = "source <(sipvet completion bash)\n"
                "sipvet completion zsh > ~/.zfunc/_sipvet\n"
                "sipvet completion fish > ~/.config/fish/completions/sipvet.fish\n",
};
