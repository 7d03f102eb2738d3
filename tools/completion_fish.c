/* completion_fish.c: the completion script for fish. */
#include "completion.h"

#include <string.h>

static void fish_text(const char *text)
{
    out_char('\'');
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            out_char('\\');
        out_char(*text);
    }
    out_char('\'');
}

/* "complete -c sipvet" with the condition that `command` was typed. */
static void fish_condition(const struct command *command)
{
    const char *second = strchr(command->name, ' ');

    out_text("complete -c sipvet -n '__fish_seen_subcommand_from ");
    out_bytes(command->name, strcspn(command->name, " "));
    if (second) {
        out_format("; and __fish_seen_subcommand_from%s", second);
    } else {
        /* "uri parse" is not "parse". */
        out_text("; and not __fish_seen_subcommand_from");
        for (size_t i = 0; i < command_count; i++)
            if (completion_begins_group(i)) {
                out_char(' ');
                out_bytes(commands[i]->name, strcspn(commands[i]->name, " "));
            }
    }
    out_char('\'');
}

static void fish_options(const struct command *command, const struct option_spec *spec)
{
    for (; spec && (spec->name || spec->letter); spec++) {
        if (spec->hidden)
            continue;
        fish_condition(command);
        if (spec->letter)
            out_format(" -s %c", spec->letter);
        if (spec->name)
            out_format(" -l %s", spec->name);
        if (spec->choices) {
            out_text(" -x -a '");
            for (size_t i = 0; spec->choices[i]; i++)
                out_format("%s%s", i ? " " : "", spec->choices[i]);
            out_char('\'');
        } else if (spec->argument) {
            out_text(completion_takes_file(spec) ? " -r -F" : " -x");
        }
        out_text(" -d ");
        fish_text(spec->help);
        out_char('\n');
    }
}

/* That the name of command `i` may be typed, the first word of a group once. */
static void fish_name(size_t i)
{
    const struct command *command = commands[i];
    const char *second = strchr(command->name, ' ');

    if (second) {
        if (completion_begins_group(i)) {
            out_text("complete -c sipvet -n __fish_use_subcommand -a ");
            out_bytes(command->name, (size_t)(second - command->name));
            out_char('\n');
        }
        out_text("complete -c sipvet -n '__fish_seen_subcommand_from ");
        out_bytes(command->name, (size_t)(second - command->name));
        out_format("' -a %s -d ", second + 1);
    } else {
        out_format("complete -c sipvet -n __fish_use_subcommand -a %s -d ", command->name);
    }
    fish_text(command->summary);
    out_char('\n');
}

static void fish_operands(const struct command *command)
{
    if (command->kind == OPERAND_NONE)
        return;
    fish_condition(command);
    if (command->kind == OPERAND_FILE) {
        out_text(" -F\n");
        return;
    }
    out_text(" -a '");
    completion_operands(command->kind, ' ');
    out_text("'\n");
}

void completion_fish(void)
{
    out_text("# fish completion of sipvet, made by `sipvet completion fish`\n"
             "complete -c sipvet -f\n");
    for (size_t i = 0; i < command_count; i++) {
        fish_name(i);
        fish_options(commands[i], commands[i]->options);
        fish_options(commands[i], common_options);
        fish_operands(commands[i]);
    }
}
