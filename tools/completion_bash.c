/* completion_bash.c: the completion script for bash. */
#include "completion.h"

#include <string.h>

static void option_words(const struct option_spec *spec)
{
    for (; spec && (spec->name || spec->letter); spec++) {
        if (spec->hidden)
            continue;
        if (spec->letter)
            out_format("-%c ", spec->letter);
        if (spec->name)
            out_format("--%s ", spec->name);
    }
}

/* Cases of `$previous` that complete the values of options. */
static void bash_values(const struct command *command, const struct option_spec *spec)
{
    for (; spec && (spec->name || spec->letter); spec++) {
        if ((!spec->choices && !completion_takes_file(spec)) || spec->hidden)
            continue;
        out_format("    \"%s:", command->name);
        if (spec->letter)
            out_format("-%c\"%s", spec->letter, spec->name ? "" : ")");
        if (spec->name)
            out_format("%s%s%s--%s\")", spec->letter ? "|\"" : "",
                       spec->letter ? command->name : "", spec->letter ? ":" : "", spec->name);
        if (completion_takes_file(spec)) {
            out_text(" files=yes ;;\n");
            continue;
        }
        out_text(" words=\"");
        for (size_t i = 0; spec->choices[i]; i++)
            out_format("%s%s", i ? " " : "", spec->choices[i]);
        out_text("\" ;;\n");
    }
}

static void bash_command(const struct command *command)
{
    out_format("    \"%s\")\n        if [[ $current == -* ]]; then\n            words=\"",
               command->name);
    option_words(command->options);
    option_words(common_options);
    out_text("\"\n");
    if (command->kind == OPERAND_FILE) {
        out_text("        else\n            compopt -o filenames 2>/dev/null\n"
                 "            mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
                 "            return\n");
    } else if (command->kind != OPERAND_NONE) {
        out_text("        else\n            words=\"");
        completion_operands(command->kind, ' ');
        out_text("\"\n");
    }
    out_text("        fi ;;\n");
}

static void bash_groups(void)
{
    for (size_t i = 0; i < command_count; i++) {
        size_t n = strcspn(commands[i]->name, " ");

        if (!completion_begins_group(i))
            continue;
        out_text("    \"");
        out_bytes(commands[i]->name, n);
        out_text("\") words=\"");
        completion_second_words(i);
        out_text("\" ;;\n");
    }
}

void completion_bash(void)
{
    out_text("# bash completion of sipvet, made by `sipvet completion bash`\n"
             "_sipvet() {\n"
             "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
             "    local command=${COMP_WORDS[1]} words= files=\n"
             "    COMPREPLY=()\n"
             "    if (( COMP_CWORD == 1 )); then\n"
             "        mapfile -t COMPREPLY < <(compgen -W \"");
    completion_first_words(' ');
    out_text("\" -- \"$current\")\n        return\n    fi\n    case $command in\n    ");
    completion_groups();
    out_text(") (( COMP_CWORD > 2 )) && command+=\" ${COMP_WORDS[2]}\" ;;\n    esac\n"
             "    # --name=value: bash makes \"=\" a word of its own\n"
             "    if [[ $current == = ]]; then\n        current=\n"
             "    elif [[ $previous == = ]]; then\n"
             "        previous=${COMP_WORDS[COMP_CWORD-2]}\n    fi\n"
             "    case \"$command:$previous\" in\n");
    for (size_t i = 0; i < command_count; i++) {
        bash_values(commands[i], commands[i]->options);
        bash_values(commands[i], common_options);
    }
    out_text("    *) ;;\n    esac\n"
             "    if [[ -n $files ]]; then\n"
             "        compopt -o filenames 2>/dev/null\n"
             "        mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
             "        return\n    fi\n"
             "    if [[ -n $words ]]; then\n"
             "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
             "        return\n    fi\n"
             "    case $command in\n");
    bash_groups();
    for (size_t i = 0; i < command_count; i++)
        bash_command(commands[i]);
    out_text("    esac\n"
             "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
             "}\n"
             "complete -F _sipvet sipvet\n");
}
