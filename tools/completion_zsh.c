/* completion_zsh.c: the completion script for zsh. */
#include "completion.h"

#include <string.h>

/* Help within [ ] of an _arguments specification, in single quotes. */
static void zsh_text(const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            out_text("'\\''");
        else if (strchr("[]:\\", *text))
            out_format("\\%c", *text);
        else
            out_char(*text);
    }
}

static void zsh_option(const struct option_spec *spec, const char *form, const char *name)
{
    out_format(" \\\n            '*%s%s%s[", form, name,
               spec->argument || spec->choices ? (form[1] ? "=" : "+") : "");
    zsh_text(spec->help);
    out_char(']');
    if (spec->choices) {
        out_text(":value:(");
        for (size_t i = 0; spec->choices[i]; i++)
            out_format("%s%s", i ? " " : "", spec->choices[i]);
        out_char(')');
    } else if (spec->argument) {
        out_text(completion_takes_file(spec) ? ":file:_files" : ":value: ");
    }
    out_char('\'');
}

static void zsh_options(const struct option_spec *spec)
{
    for (; spec && (spec->name || spec->letter); spec++) {
        char letter[2] = {spec->letter, '\0'};

        if (spec->hidden)
            continue;
        if (spec->letter)
            zsh_option(spec, "-", letter);
        if (spec->name)
            zsh_option(spec, "--", spec->name);
    }
}

static void zsh_command(const struct command *command)
{
    out_format("    '%s')\n        _arguments -s -S", command->name);
    zsh_options(command->options);
    zsh_options(common_options);
    if (command->kind == OPERAND_FILE) {
        out_text(" \\\n            '*:file:_files'");
    } else if (command->kind != OPERAND_NONE) {
        out_text(" \\\n            '1:argument:(");
        completion_operands(command->kind, ' ');
        out_text(")'");
    }
    out_text(" ;;\n");
}

void completion_zsh(void)
{
    out_text("#compdef sipvet\n# zsh completion of sipvet, made by `sipvet completion zsh`\n"
             "_sipvet() {\n"
             "    local command\n"
             "    if (( CURRENT == 2 )); then\n        compadd ");
    completion_first_words(' ');
    out_text("\n        return\n    fi\n    command=$words[2]\n    case $command in\n    ");
    completion_groups();
    out_text(")\n        if (( CURRENT > 3 )); then\n            command+=\" $words[3]\"\n"
             "            shift words\n            (( CURRENT-- ))\n        fi ;;\n    esac\n"
             "    shift words\n    (( CURRENT-- ))\n    case $command in\n");
    for (size_t i = 0; i < command_count; i++) {
        size_t n = strcspn(commands[i]->name, " ");

        if (!completion_begins_group(i))
            continue;
        out_text("    '");
        out_bytes(commands[i]->name, n);
        out_text("') compadd ");
        completion_second_words(i);
        out_text(";;\n");
    }
    for (size_t i = 0; i < command_count; i++)
        zsh_command(commands[i]);
    out_text("    esac\n}\nif [[ $funcstack[1] == _sipvet ]]; then\n    _sipvet \"$@\"\nelse\n"
             "    compdef _sipvet sipvet\nfi\n");
}
