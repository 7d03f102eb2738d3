/* completion.c: completion scripts for bash, zsh and fish, made from the table of commands. */
#include "catalogue.h"
#include "command.h"
#include "output.h"
#ifdef SIPVET_WITH_FLOW
#include "flow/callflow.h"
#endif

#include <sipvet/parser.h>

#include <string.h>

/* Words that may stand behind `sipvet`: names, of two words the first, once. */
static void first_words(char separator)
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

/* What operands of a kind can be, separated by `separator`; nothing for files. */
static void operand_words(enum operand_kind kind, char separator)
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
    case OPERAND_COMMAND: first_words(separator); break;
    case OPERAND_NONE:
    case OPERAND_FILE: break;
    }
}

/* Is command `i` the first of a group of names of two words? */
static bool begins_group(size_t i)
{
    size_t n = strcspn(commands[i]->name, " ");

    return commands[i]->name[n] &&
           (i == 0 || strncmp(commands[i - 1]->name, commands[i]->name, n + 1) != 0);
}

/* The second words of the group that command `i` begins. */
static void group_words(size_t i)
{
    size_t n = strcspn(commands[i]->name, " ") + 1;

    for (size_t k = i; k < command_count; k++)
        if (strncmp(commands[k]->name, commands[i]->name, n) == 0)
            out_format("%s ", commands[k]->name + n);
}

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

/* ---- bash ------------------------------------------------------------------------------------ */

static bool takes_file(const struct option_spec *spec)
{
    return spec->argument && strcmp(spec->argument, "FILE") == 0;
}

/* Cases of `$previous` that complete the values of options. */
static void bash_values(const struct command *command, const struct option_spec *spec)
{
    for (; spec && (spec->name || spec->letter); spec++) {
        if ((!spec->choices && !takes_file(spec)) || spec->hidden)
            continue;
        out_format("    \"%s:", command->name);
        if (spec->letter)
            out_format("-%c\"%s", spec->letter, spec->name ? "" : ")");
        if (spec->name)
            out_format("%s%s%s--%s\")", spec->letter ? "|\"" : "",
                       spec->letter ? command->name : "", spec->letter ? ":" : "", spec->name);
        if (takes_file(spec)) {
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
        operand_words(command->kind, ' ');
        out_text("\"\n");
    }
    out_text("        fi ;;\n");
}

static void bash_groups(void)
{
    for (size_t i = 0; i < command_count; i++) {
        size_t n = strcspn(commands[i]->name, " ");

        if (!begins_group(i))
            continue;
        out_text("    \"");
        out_bytes(commands[i]->name, n);
        out_text("\") words=\"");
        group_words(i);
        out_text("\" ;;\n");
    }
}

/* "uri|sdp", for a case of the shells. */
static void group_pattern(void)
{
    bool any = false;

    for (size_t i = 0; i < command_count; i++) {
        size_t n = strcspn(commands[i]->name, " ");

        if (!begins_group(i))
            continue;
        out_text(any ? "|" : "");
        out_bytes(commands[i]->name, n);
        any = true;
    }
}

static void bash(void)
{
    out_text("# bash completion of sipvet, made by `sipvet completion bash`\n"
             "_sipvet() {\n"
             "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
             "    local command=${COMP_WORDS[1]} words= files=\n"
             "    COMPREPLY=()\n"
             "    if (( COMP_CWORD == 1 )); then\n"
             "        mapfile -t COMPREPLY < <(compgen -W \"");
    first_words(' ');
    out_text("\" -- \"$current\")\n        return\n    fi\n    case $command in\n    ");
    group_pattern();
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

/* ---- zsh ------------------------------------------------------------------------------------- */

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
        out_text(takes_file(spec) ? ":file:_files" : ":value: ");
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
        operand_words(command->kind, ' ');
        out_text(")'");
    }
    out_text(" ;;\n");
}

static void zsh(void)
{
    out_text("#compdef sipvet\n# zsh completion of sipvet, made by `sipvet completion zsh`\n"
             "_sipvet() {\n"
             "    local command\n"
             "    if (( CURRENT == 2 )); then\n        compadd ");
    first_words(' ');
    out_text("\n        return\n    fi\n    command=$words[2]\n    case $command in\n    ");
    group_pattern();
    out_text(")\n        if (( CURRENT > 3 )); then\n            command+=\" $words[3]\"\n"
             "            shift words\n            (( CURRENT-- ))\n        fi ;;\n    esac\n"
             "    shift words\n    (( CURRENT-- ))\n    case $command in\n");
    for (size_t i = 0; i < command_count; i++) {
        size_t n = strcspn(commands[i]->name, " ");

        if (!begins_group(i))
            continue;
        out_text("    '");
        out_bytes(commands[i]->name, n);
        out_text("') compadd ");
        group_words(i);
        out_text(";;\n");
    }
    for (size_t i = 0; i < command_count; i++)
        zsh_command(commands[i]);
    out_text("    esac\n}\nif [[ $funcstack[1] == _sipvet ]]; then\n    _sipvet \"$@\"\nelse\n"
             "    compdef _sipvet sipvet\nfi\n");
}

/* ---- fish ------------------------------------------------------------------------------------ */

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
            if (begins_group(i)) {
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
            out_text(takes_file(spec) ? " -r -F" : " -x");
        }
        out_text(" -d ");
        fish_text(spec->help);
        out_char('\n');
    }
}

static void fish(void)
{
    out_text("# fish completion of sipvet, made by `sipvet completion fish`\n"
             "complete -c sipvet -f\n");
    for (size_t i = 0; i < command_count; i++) {
        const struct command *command = commands[i];
        const char *second = strchr(command->name, ' ');

        if (second) {
            if (begins_group(i)) {
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
        fish_options(command, command->options);
        fish_options(command, common_options);
        if (command->kind == OPERAND_FILE) {
            fish_condition(command);
            out_text(" -F\n");
        } else if (command->kind != OPERAND_NONE) {
            fish_condition(command);
            out_text(" -a '");
            operand_words(command->kind, ' ');
            out_text("'\n");
        }
    }
}

static int run_completion(const struct arguments *args)
{
    const char *shell = args->operands[0];

    if (strcmp(shell, "bash") == 0)
        bash();
    else if (strcmp(shell, "zsh") == 0)
        zsh();
    else if (strcmp(shell, "fish") == 0)
        fish();
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
