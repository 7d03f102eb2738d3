/* main.c: the program sipvet.  Finds the command, reads its arguments, runs it. */
#include "command.h"
#include "input.h"
#include "output.h"
#include "progress.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* What the common options set for all commands. */
static int apply_common(const struct arguments *args)
{
    const char *text = arguments_value(args, "timeout", "3600");
    uint64_t seconds;

    if (sipv_number(sipv_slice_text(text), 1000000, &seconds) != SIPV_OK)
        return usage_error(args->command,
                           "option '--timeout' takes seconds up to 1000000, not '%s'", text);
    input_timeout_s = (unsigned)seconds;
    progress_begin(args->command->name, arguments_value(args, "progress", "auto"));
    return EXIT_FINE;
}

static int run(const struct command *command, int count, char **words)
{
    struct arguments args;
    int result = arguments_read(command, count, words, &args);

    if (result == EXIT_FINE) {
        if (arguments_have(&args, "help"))
            help_command(command);
        else if ((result = apply_common(&args)) == EXIT_FINE)
            result = command->run(&args);
        progress_end();
    }
    arguments_free(&args);
    return result;
}

/* Words of "sipvet uri parse ...": the group's name and a command of it. */
static int run_in_group(const char *group, int count, char **words)
{
    char name[64];
    const struct command *command = NULL;

    if (count > 0 && (strcmp(words[0], "--help") == 0 || strcmp(words[0], "-h") == 0)) {
        help_overview();
        return EXIT_FINE;
    }
    if (count == 0)
        return usage_error(NULL, "'%s' needs one of its commands", group);
    if (snprintf(name, sizeof name, "%s %s", group, words[0]) < (int)sizeof name)
        command = command_find(name);
    if (!command)
        return usage_error(NULL, "there is no command '%s %s'", group, words[0]);
    return run(command, count - 1, words + 1);
}

static int dispatch(int count, char **words)
{
    const struct command *command;

    if (count == 0)
        return usage_error(NULL, "no command given");
    if (strcmp(words[0], "--help") == 0 || strcmp(words[0], "-h") == 0)
        return run(command_find("help"), count - 1, words + 1);
    if (strcmp(words[0], "--version") == 0)
        return run(command_find("version"), count - 1, words + 1);
    if (command_is_group(words[0]))
        return run_in_group(words[0], count - 1, words + 1);
    if (words[0][0] == '-')
        return usage_error(NULL, "a command comes before option '%s'", words[0]);
    command = command_find(words[0]);
    if (!command || strchr(words[0], ' '))
        return usage_error(NULL, "there is no command '%s'", words[0]);
    return run(command, count - 1, words + 1);
}

int main(int argc, char **argv)
{
    int result;

    /* A closed pipe is seen where we write (output.h). */
    signal(SIGPIPE, SIG_IGN);
    result = dispatch(argc > 0 ? argc - 1 : 0, argv + 1);
    out_flush();
    return result;
}
