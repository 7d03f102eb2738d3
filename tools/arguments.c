/* arguments.c: reads command lines by the tables of command.h. */
#include "command.h"

#include "output.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int usage_error(const struct command *command, const char *format, ...)
{
    char text[1024];
    va_list list;
    int n;

    va_start(list, format);
    n = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    fprintf(stderr, "sipvet%s%s: ", command ? " " : "", command ? command->name : "");
    if (n > 0)
        err_visible(sipv_slice_of(text, strlen(text)));
    fprintf(stderr, " (see 'sipvet help%s%s')\n", command ? " " : "", command ? command->name : "");
    return EXIT_USAGE;
}

static const struct option_spec *in_table(const struct option_spec *table, const char *name,
                                          size_t n, char letter)
{
    for (; table && (table->name || table->letter); table++) {
        if (letter && table->letter == letter)
            return table;
        if (n > 0 && table->name && strlen(table->name) == n && memcmp(table->name, name, n) == 0)
            return table;
    }
    return NULL;
}

static const struct option_spec *find(const struct command *command, const char *name, size_t n,
                                      char letter)
{
    const struct option_spec *spec = in_table(command->options, name, n, letter);

    return spec ? spec : in_table(common_options, name, n, letter);
}

static bool takes_value(const struct option_spec *spec)
{
    return spec->argument || spec->choices;
}

/* "'strict' or 'interop'" */
static void list_choices(const char *const *choices, char *text, size_t cap)
{
    size_t n = 0;

    text[0] = '\0';
    for (size_t i = 0; choices[i] && n < cap; i++) {
        const char *join = i == 0 ? "" : choices[i + 1] ? ", " : " or ";

        n += (size_t)snprintf(text + n, cap - n, "%s'%s'", join, choices[i]);
    }
}

static int check_choice(const struct command *command, const struct option_spec *spec,
                        const char *as_written, const char *value)
{
    char list[256];

    if (!spec->choices)
        return EXIT_FINE;
    for (size_t i = 0; spec->choices[i]; i++)
        if (strcmp(spec->choices[i], value) == 0)
            return EXIT_FINE;
    list_choices(spec->choices, list, sizeof list);
    return usage_error(command, "option '%s' takes %s, not '%s'", as_written, list, value);
}

static int add(struct arguments *args, const struct option_spec *spec, const char *as_written,
               const char *value)
{
    args->given[args->given_count].spec = spec;
    args->given[args->given_count++].value = value;
    return value ? check_choice(args->command, spec, as_written, value) : EXIT_FINE;
}

/* "--name", "--name=value", "--name value".  `*at` is the word's index and moves to the last word
 * used. */
static int read_long(struct arguments *args, int count, char **words, int *at)
{
    char as_written[64];
    const char *name = words[*at] + 2;
    size_t n = strcspn(name, "=");
    const struct option_spec *spec = find(args->command, name, n, 0);

    snprintf(as_written, sizeof as_written, "--%.*s", n < 50 ? (int)n : 50, name);
    if (!spec || n == 0)
        return usage_error(args->command, "there is no option '%s'", as_written);
    if (!takes_value(spec)) {
        if (name[n] == '=')
            return usage_error(args->command, "option '%s' takes no argument", as_written);
        return add(args, spec, as_written, NULL);
    }
    if (name[n] == '=')
        return add(args, spec, as_written, name + n + 1);
    if (*at + 1 >= count)
        return usage_error(args->command, "option '%s' needs an argument", as_written);
    return add(args, spec, as_written, words[++*at]);
}

/* "-f", "-fjson", "-f json", and switches together: "-ab". */
static int read_short(struct arguments *args, int count, char **words, int *at)
{
    for (const char *c = words[*at] + 1; *c; c++) {
        char as_written[3] = {'-', *c, '\0'};
        const struct option_spec *spec = find(args->command, NULL, 0, *c);
        int result;

        if (!spec)
            return usage_error(args->command, "there is no option '%s'", as_written);
        if (takes_value(spec)) {
            if (c[1])
                return add(args, spec, as_written, c + 1);
            if (*at + 1 >= count)
                return usage_error(args->command, "option '%s' needs an argument", as_written);
            return add(args, spec, as_written, words[++*at]);
        }
        if ((result = add(args, spec, as_written, NULL)) != EXIT_FINE)
            return result;
    }
    return EXIT_FINE;
}

static int read_words(struct arguments *args, int count, char **words)
{
    bool options = true;
    int result;

    for (int i = 0; i < count; i++) {
        const char *word = words[i];

        result = EXIT_FINE;
        if (options && strcmp(word, "--") == 0)
            options = false;
        else if (options && word[0] == '-' && word[1] == '-')
            result = read_long(args, count, words, &i);
        else if (options && word[0] == '-' && word[1])
            result = read_short(args, count, words, &i);
        else
            args->operands[args->operand_count++] = word;
        if (result != EXIT_FINE)
            return result;
    }
    return EXIT_FINE;
}

static int check_operands(const struct arguments *args)
{
    const struct command *command = args->command;

    if (arguments_have(args, "help"))
        return EXIT_FINE;
    if (args->operand_count < command->min_operands)
        return usage_error(command, "an argument is missing: %s", command->operands);
    if (args->operand_count > command->max_operands)
        return usage_error(command, "there is one argument too many: '%s'",
                           args->operands[command->max_operands]);
    return EXIT_FINE;
}

int arguments_read(const struct command *command, int count, char **words, struct arguments *args)
{
    size_t letters = 1;
    int result;

    for (int i = 0; i < count; i++)
        letters += strlen(words[i]); /* "-abc" is three options */
    memset(args, 0, sizeof *args);
    args->command = command;
    args->given = need(letters, sizeof *args->given);
    args->operands = need((size_t)count, sizeof *args->operands);
    result = read_words(args, count, words);
    return result == EXIT_FINE ? check_operands(args) : result;
}

void arguments_free(struct arguments *args)
{
    free(args->given);
    free(args->operands);
}

static const struct given_option *last(const struct arguments *args, const char *name)
{
    for (size_t i = args->given_count; i-- > 0;)
        if (args->given[i].spec->name && strcmp(args->given[i].spec->name, name) == 0)
            return &args->given[i];
    return NULL;
}

bool arguments_have(const struct arguments *args, const char *name)
{
    return last(args, name) != NULL;
}

const char *arguments_value(const struct arguments *args, const char *name, const char *otherwise)
{
    const struct given_option *given = last(args, name);

    return given ? given->value : otherwise;
}
