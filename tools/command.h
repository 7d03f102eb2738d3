/* command.h: what a command of sipvet is: its name, its options, its help, its function.
 *
 * Each stands in the file of its function, with its options and its help; one table (commands.c)
 * holds all of them.  Parsing, --help, the manual pages and the shell completions are made from
 * these. */
#ifndef SIPVET_TOOLS_COMMAND_H
#define SIPVET_TOOLS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit statuses of all commands. */
enum {
    EXIT_FINE = 0,     /* fine, accepted, equal */
    EXIT_FINDINGS = 1, /* findings, rejected, different */
    EXIT_USAGE = 2,    /* the command line is wrong */
    EXIT_INPUT = 3,    /* an input cannot be read */
    EXIT_NETWORK = 4,  /* network failure, peer timeout */
    EXIT_INTERNAL = 5  /* internal fault, results cannot be written */
};

/* One option.  `choices` ends with NULL; an option with neither `argument` nor `choices` is a
 * switch. */
struct option_spec {
    const char *name;           /* long name without "--"; may be NULL if there is a letter */
    char letter;                /* short name, or 0 */
    const char *argument;       /* name of its argument in the help, or NULL */
    const char *const *choices; /* all values it may have, or NULL */
    const char *help;
    bool hidden;
};

/* What the operands of a command are, for shell completion. */
enum operand_kind {
    OPERAND_NONE,
    OPERAND_FILE,
    OPERAND_RULE,
    OPERAND_CODE,
    OPERAND_FLOW,
    OPERAND_SHELL,
    OPERAND_COMMAND
};

struct arguments;

struct command {
    const char *name;     /* "lint", or two words as "uri parse" */
    const char *operands; /* as shown in the help, "" for none */
    const char *summary;  /* one line */
    int (*run)(const struct arguments *args);
    const struct option_spec *options; /* ends with an all zero line; NULL for none */
    size_t min_operands, max_operands; /* SIZE_MAX: as many as one likes */
    enum operand_kind kind;
    const char *description; /* paragraphs of plain text, lines as they are printed */
    const char *examples;    /* command lines, each may have a comment line before it */
};

/* All commands; the one of a name; the options that every command has. */
extern const struct command *const commands[];
extern const size_t command_count;
extern const struct option_spec common_options[];
const struct command *command_find(const char *name);
/* Is `word` the first word of names of two words, as "uri"? */
bool command_is_group(const char *word);

/* ---- A command line that was read ------------------------------------------------------------ */

struct given_option {
    const struct option_spec *spec;
    const char *value; /* NULL for a switch */
};

struct arguments {
    const struct command *command;
    struct given_option *given;
    size_t given_count;
    const char **operands;
    size_t operand_count;
};

/* Reads the words behind the command's name, as getopt_long() does: options and operands in any
 * order, "--" ends the options, "-" is an operand.  Long names are never abbreviated, so that a new
 * option cannot change the meaning of an old command line.
 * Returns EXIT_FINE, or EXIT_USAGE after a message. */
int arguments_read(const struct command *command, int count, char **words, struct arguments *args);
void arguments_free(struct arguments *args);

/* Was the switch given?  The last value of an option, or `otherwise`. */
bool arguments_have(const struct arguments *args, const char *name);
const char *arguments_value(const struct arguments *args, const char *name, const char *otherwise);

/* A complaint about the command line on stderr, which ends with where to read on.  Returns
 * EXIT_USAGE.  `command` may be NULL. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
int usage_error(const struct command *command, const char *format, ...);

/* Choices used by several commands. */
extern const char *const choices_profile[];

/* ---- The commands ---------------------------------------------------------------------------- */

extern const struct command command_parse;
extern const struct command command_lint;
extern const struct command command_match;
extern const struct command command_uri_parse;
extern const struct command command_uri_compare;
extern const struct command command_gen;
extern const struct command command_sdp_parse;
extern const struct command command_sdp_lint;
extern const struct command command_sdp_answer;
extern const struct command command_sdp_check;
extern const struct command command_digest_calc;
extern const struct command command_digest_verify;
extern const struct command command_digest_explain;
extern const struct command command_digest_audit;
extern const struct command command_trace_ls;
extern const struct command command_trace_show;
extern const struct command command_trace_ladder;
extern const struct command command_trace_lint;
extern const struct command command_trace_digest;
extern const struct command command_ua_register;
extern const struct command command_ua_call;
extern const struct command command_ua_answer;
extern const struct command command_ua_options;
extern const struct command command_registrar;
extern const struct command command_proxy;
extern const struct command command_flow_list;
extern const struct command command_flow_show;
extern const struct command command_flow_run;
extern const struct command command_demo;
extern const struct command command_fuzz_list;
extern const struct command command_fuzz_start;
extern const struct command command_fuzz_status;
extern const struct command command_fuzz_sync;
extern const struct command command_fuzz_merge;
extern const struct command command_fuzz_triage;
extern const struct command command_fuzz_report;
extern const struct command command_fuzz_torture;
extern const struct command command_explain;
extern const struct command command_completion;
extern const struct command command_version;
extern const struct command command_help;

/* help.c: the help of a command on stdout. */
void help_command(const struct command *command);
void help_overview(void);
/* man.c: the manual page of a command, or of the program (NULL), as scdoc source. */
void man_page(const struct command *command);

#endif
