/* man.c: manual pages as scdoc source, from the same tables as the help.
 *
 * The build runs `sipvet help --man COMMAND | scdoc`. */
#include "command.h"

#include "output.h"

#include <string.h>

/* Plain text; scdoc gives * _ ~ [ ] # \ < > a meaning, a backslash takes it away. */
static void plain(const char *text)
{
    for (; *text; text++) {
        if (strchr("*_~[]#\\<>|.-", *text))
            out_char('\\');
        out_char(*text);
    }
}

static void bold(const char *text)
{
    out_char('*');
    plain(text);
    out_char('*');
}

static void underlined(const char *text)
{
    out_char('_');
    plain(text);
    out_char('_');
}

static void page_name(const struct command *command)
{
    out_text("sipvet");
    for (const char *c = command ? command->name : ""; *c; c++) {
        if (c == command->name)
            out_char('-');
        out_char(*c == ' ' ? '-' : *c);
    }
}

static void option_head(const struct option_spec *spec)
{
    if (spec->letter) {
        char letter[3] = {'-', spec->letter, '\0'};

        bold(letter);
        if (spec->name)
            out_text(", ");
    }
    if (spec->name) {
        out_text("*\\-\\-");
        plain(spec->name);
        out_char('*');
    }
    if (spec->argument || spec->choices)
        out_char(spec->name ? '=' : ' ');
    if (spec->argument)
        underlined(spec->argument);
    for (size_t i = 0; !spec->argument && spec->choices && spec->choices[i]; i++) {
        if (i > 0)
            out_text("\\|");
        bold(spec->choices[i]);
    }
}

static void options_of(const struct option_spec *spec)
{
    for (; spec && (spec->name || spec->letter); spec++) {
        if (spec->hidden)
            continue;
        option_head(spec);
        out_text("\n\t");
        plain(spec->help);
        out_text("\n\n");
    }
}

/* Paragraphs stay paragraphs; lines that begin with a blank (tables) are kept as they are. */
static void description(const char *text)
{
    bool literal = false;

    while (*text) {
        size_t n = strcspn(text, "\n");
        bool want = *text == ' ';
        char line[256];

        if (want != literal)
            out_text("```\n");
        literal = want;
        if (n >= sizeof line)
            n = sizeof line - 1;
        memcpy(line, text, n);
        line[n] = '\0';
        if (literal)
            out_text(line);
        else
            plain(line);
        out_char('\n');
        text += n;
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
    if (literal)
        out_text("```\n");
}

static void exit_status(void)
{
    out_text("# EXIT STATUS\n\n"
             "*0*\n\tfine, accepted, equal\n\n"
             "*1*\n\tfindings, rejected, different\n\n"
             "*2*\n\tthe command line is wrong\n\n"
             "*3*\n\tan input cannot be read\n\n"
             "*5*\n\tinternal fault, or standard output cannot be written\n\n"
             "A reader that closes the pipe ends the program quietly with status 0.\n\n");
}

static void of_program(void)
{
    out_text("sipvet(1)\n\n# NAME\n\nsipvet - vets SIP messages by their grammar\n\n"
             "# SYNOPSIS\n\n*sipvet* _COMMAND_ [_OPTION_]... [_ARGUMENT_]...\n\n# COMMANDS\n\n");
    for (size_t i = 0; i < command_count; i++) {
        bold(commands[i]->name);
        out_text("\n\t");
        plain(commands[i]->summary);
        out_text(". See *");
        page_name(commands[i]);
        out_text("*(1).\n\n");
    }
    out_text(
        "# ENVIRONMENT\n\n*NO_COLOR*\n\tset and not empty: no colours with *\\-\\-color*=auto\n\n");
    exit_status();
}

void man_page(const struct command *command)
{
    if (!command) {
        of_program();
        return;
    }
    page_name(command);
    out_text("(1)\n\n# NAME\n\n");
    page_name(command);
    out_text(" - ");
    plain(command->summary);
    out_text("\n\n# SYNOPSIS\n\n*sipvet ");
    plain(command->name);
    out_text("* [_OPTION_]... ");
    plain(command->operands);
    out_text("\n\n# DESCRIPTION\n\n");
    description(command->description);
    out_text("\n# OPTIONS\n\n");
    options_of(command->options);
    options_of(common_options);
    if (*command->examples) {
        out_text("# EXAMPLES\n\n```\n");
        out_text(command->examples);
        out_text("```\n\n");
    }
    exit_status();
    out_text("# SEE ALSO\n\n*sipvet*(1)\n");
}
