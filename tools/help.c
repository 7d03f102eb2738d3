/* help.c: `sipvet help`, and what every command says to --help. */
#include "command.h"

#include "output.h"

#include <stdio.h>
#include <string.h>

static const struct option_spec help_options[] = {
    {"man", 0, NULL, NULL, "the manual page, as scdoc source", true},
    {NULL, 0, NULL, NULL, NULL, false},
};

enum { HELP_COLUMN = 32 };

void help_overview(void)
{
    out_text("usage: sipvet COMMAND [OPTION]... [ARGUMENT]...\n"
             "Vets SIP messages, session descriptions, digests, captures, URIs and whatever has a\n"
             "rule in the grammar of SIP or SDP.\n\n");
    for (size_t i = 0; i < command_count; i++)
        out_format("  %-14s  %s\n", commands[i]->name, commands[i]->summary);
    out_text(
        "\n'sipvet help COMMAND' tells more.  Results go to standard output, everything else to\n"
        "standard error.  Exit status: 0 fine or accepted, 1 findings or rejected, 2 usage,\n"
        "3 input unreadable, 4 network failure or no answer, 5 internal fault.\n");
}

/* "-f, --format=text|json" */
static size_t left_side(const struct option_spec *spec, char *text, size_t cap)
{
    int n = snprintf(text, cap, "  %c%c%s%s%s%s", spec->letter ? '-' : ' ',
                     spec->letter ? spec->letter : ' ', spec->letter && spec->name ? ", " : "",
                     !spec->letter && spec->name ? "  " : "", spec->name ? "--" : "",
                     spec->name ? spec->name : "");
    const char *join = spec->name ? "=" : " ";

    if (spec->argument)
        n += snprintf(text + n, cap - (size_t)n, "%s%s", join, spec->argument);
    for (size_t i = 0; !spec->argument && spec->choices && spec->choices[i]; i++)
        n += snprintf(text + n, cap - (size_t)n, "%s%s", i ? "|" : join, spec->choices[i]);
    return (size_t)n;
}

static void options_of(const struct option_spec *spec)
{
    char text[256];

    for (; spec && (spec->name || spec->letter); spec++) {
        size_t n;

        if (spec->hidden)
            continue;
        n = left_side(spec, text, sizeof text);
        out_text(text);
        if (n + 2 > HELP_COLUMN) {
            out_char('\n');
            n = 0;
        }
        out_repeat(' ', HELP_COLUMN - n);
        out_format("%s\n", spec->help);
    }
}

/* Lines of `text`, each after two blanks. */
static void indented(const char *text)
{
    while (*text) {
        size_t n = strcspn(text, "\n");

        if (n > 0) {
            out_text("  ");
            out_bytes(text, n);
        }
        out_char('\n');
        text += n + (text[n] == '\n');
    }
}

void help_command(const struct command *command)
{
    out_format("usage: sipvet %s [OPTION]...%s%s\n%s.\n", command->name,
               *command->operands ? " " : "", command->operands, command->summary);
    out_text("\n");
    options_of(command->options);
    options_of(common_options);
    out_text("\n");
    out_text(command->description);
    if (*command->examples) {
        out_text("\nExamples:\n");
        indented(command->examples);
    }
}

/* All commands of a group. */
static void help_group(const char *group)
{
    size_t n = strlen(group);
    bool more = false;

    for (size_t i = 0; i < command_count; i++) {
        if (strncmp(commands[i]->name, group, n) != 0 || commands[i]->name[n] != ' ')
            continue;
        if (more)
            out_text("\n");
        more = true;
        help_command(commands[i]);
    }
}

static int run_help(const struct arguments *args)
{
    char name[64];
    const char *first = args->operand_count > 0 ? args->operands[0] : NULL;
    bool man = arguments_have(args, "man");
    const struct command *command;

    if (!first) {
        if (man)
            man_page(NULL);
        else
            help_overview();
        return EXIT_FINE;
    }
    if (args->operand_count == 1 && command_is_group(first) && !man) {
        help_group(first);
        return EXIT_FINE;
    }
    snprintf(name, sizeof name, "%.30s%s%.30s", first, args->operand_count > 1 ? " " : "",
             args->operand_count > 1 ? args->operands[1] : "");
    command = command_find(name);
    if (!command)
        return usage_error(args->command, "there is no command '%s'", name);
    if (man)
        man_page(command);
    else
        help_command(command);
    return EXIT_FINE;
}

const struct command command_help = {
    .name = "help",
    .operands = "[COMMAND]",
    .summary = "Shows how a command is used",
    .run = run_help,
    .options = help_options,
    .max_operands = 2,
    .kind = OPERAND_COMMAND,
    .description = "Without COMMAND all commands are listed.\n",
    .examples = "sipvet help lint\n",
};
