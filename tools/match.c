/* match.c: `sipvet match`. */
#include "command.h"
#include "explaining.h"
#include "input.h"

#include <sipvet/sdp.h>

#include <stdio.h>
#include <string.h>

static const char *const choices_format[] = {"text", "json", "ndjson", NULL};
static const char *const choices_grammar[] = {"sip", "sdp", NULL};

static const struct option_spec match_options[] = {
    {"grammar", 0, NULL, choices_grammar, "whose rule it is (default: SIP, else SDP)", false},
    {"format", 'f', NULL, choices_format, "how the answer is written (default: text)", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static void show_json(const struct explaining *e, int rule, sipv_slice text, bool pretty)
{
    const sipv_grammar *g = e->g;
    struct json j = json_begin_record(pretty);

    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.match/1");
    json_text(&j, "rule", sipv_rule_name(g, rule));
    json_text(&j, "verdict", verdict_name(e->match.accepted));
    if (e->match.accepted)
        json_null(&j, "error_offset");
    else
        json_size(&j, "error_offset", e->match.error_offset);
    json_array(&j, "expected");
    for (unsigned i = 0; !e->match.accepted && i < e->match.n_expected; i++)
        json_text(&j, NULL, e->match.expected[i]);
    json_end_array(&j);
    json_array(&j, "captures");
    for (size_t i = 0; i < e->capture_count; i++) {
        const struct capture *c = &e->captures[i];

        json_object(&j, NULL);
        json_text(&j, "name", sipv_kind_name(g, c->kind));
        json_size(&j, "offset", c->off);
        json_size(&j, "octets", c->len);
        json_string(&j, "value", sipv_slice_of(text.p + c->off, c->len));
        json_end_object(&j);
    }
    json_end_array(&j);
    json_end_object(&j);
    json_end_record(&j);
}

static void show_reject(const struct explaining *e, sipv_slice text)
{
    const sipv_grammar *g = e->g;
    const sipv_match *match = &e->match;
    sipv_alternative alternatives[SIPV_ALTERNATIVES_MAX];
    const size_t n = sipv_explain_alternatives(e->work, alternatives, SIPV_ALTERNATIVES_MAX);
    const char *construct = sipv_rule_name(g, match->rule);

    out_format("reject at byte %zu", match->error_offset);
    if (match->error_offset < text.n) {
        out_text(": '");
        out_visible(sipv_slice_of(text.p + match->error_offset, 1));
        out_char('\'');
    } else {
        out_text(": the text ends");
    }
    if (match->n_expected > 0)
        out_char(';');
    expected_text(match);
    if (construct)
        out_format("; in %s from byte %zu", construct, match->construct_offset);
    if (match->depth_exceeded)
        out_format("; comments may be nested %d deep", SIPV_COMMENT_DEPTH);
    out_char('\n');
    if (n == 0)
        return;
    out_text("  ");
    alternatives_text(g, alternatives, n, 0);
    out_char('\n');
}

static void show_text(const struct explaining *e, sipv_slice text)
{
    const sipv_grammar *g = e->g;

    if (e->match.accepted)
        out_text("accept\n");
    else
        show_reject(e, text);
    for (size_t i = 0; i < e->capture_count; i++) {
        const struct capture *c = &e->captures[i];

        out_format("  %-20s %6zu %6zu  ", sipv_kind_name(g, c->kind), c->off, c->len);
        out_visible(sipv_slice_of(text.p + c->off, c->len));
        out_char('\n');
    }
}

static int match(const sipv_grammar *g, int rule, sipv_slice text, const char *format)
{
    struct explaining e;
    bool accepted;

    explaining_init(&e);
    e.g = g;
    explaining_match_any(&e, rule, text);
    accepted = e.match.accepted;
    if (strcmp(format, "text") == 0)
        show_text(&e, text);
    else
        show_json(&e, rule, text, strcmp(format, "json") == 0);
    explaining_free(&e);
    return accepted ? EXIT_FINE : EXIT_FINDINGS;
}

/* The rule of a name in the grammar that is asked for; else in that of SIP, or of SDP if SIP has
 * none of this name. */
static int find_rule(const char *grammar, const char *name, const sipv_grammar **g)
{
    int rule = -1;

    *g = sipv_sip_grammar();
    if (!grammar || strcmp(grammar, "sip") == 0)
        rule = sipv_rule_find(*g, sipv_slice_text(name));
    if (rule >= 0 || (grammar && strcmp(grammar, "sip") == 0))
        return rule;
    *g = sipv_sdp_grammar();
    return sipv_rule_find(*g, sipv_slice_text(name));
}

static int run_match(const struct arguments *args)
{
    const char *format = arguments_value(args, "format", "text");
    const sipv_grammar *g;
    int rule = find_rule(arguments_value(args, "grammar", NULL), args->operands[0], &g);
    struct input input;
    int result;

    if (rule < 0)
        return usage_error(args->command, "there is no rule '%s'", args->operands[0]);
    if (args->operand_count > 1)
        return match(g, rule, sipv_slice_text(args->operands[1]), format);
    if ((result = input_read("-", &input)) != EXIT_FINE)
        return result;
    result = match(g, rule, sipv_slice_of(input.data, input.n), format);
    input_free(&input);
    return result;
}

static const char match_description[] =
    "Without TEXT standard input is the text, every byte of it: use printf, not echo. A TEXT\n"
    "of '-' is that one character; a TEXT that begins with '-' needs '--' before it. RULE is\n"
    "any rule of RFC 3261 and the extensions that sipvet knows, letters without case; or one of\n"
    "SDP, where names of both grammars mean SIP unless --grammar says otherwise.\n"
    "\n"
    "The answer has the captured parts with offset and length, or the first byte that no\n"
    "sentence of the rule can have there, and what could stand there instead.\n"
    "\n"
    "A header's rule takes the whole field (\"Max-Forwards: 70\") or its value alone (\"70\").\n"
    "\n"
    "The exit status is 0 if the text matches, 1 if not, 2 if there is no such rule.\n";

const struct command command_match = {
    .name = "match",
    .operands = "RULE [TEXT]",
    .summary = "Says whether a text matches a rule of the grammar",
    .run = run_match,
    .options = match_options,
    .min_operands = 1,
    .max_operands = 2,
    .kind = OPERAND_RULE,
    .description = match_description,
    .examples = "sipvet match hostport example.com:5060\n"
                "sipvet match -f json Via 'SIP/2.0/UDP pc33.example.com;branch=z9hG4bK77'\n"
                "printf 'sip:a@b' | sipvet match addr-spec\n",
};
