/* gen.c: `sipvet gen`. */
#include "gen.h"

#include "command.h"
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum format { FORMAT_TEXT, FORMAT_RAW, FORMAT_JSON, FORMAT_NDJSON };

static const char *const choices_format[] = {"text", "raw", "json", "ndjson", NULL};

static const struct option_spec gen_options[] = {
    {"format", 'f', NULL, choices_format, "how sentences are written (default: text)", false},
    {"count", 'n', "N", NULL, "how many (default: 1)", false},
    {"seed", 0, "S", NULL, "a number that decides what is chosen (default: 1)", false},
    {"near-miss", 0, NULL, NULL, "texts that the rule just rejects", false},
    {"coverage", 0, NULL, NULL, "also tell what of the grammar the sentences have visited", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

struct work {
    const char *rule_name;
    int rule;
    bool messages; /* SIP-message */
    bool near;
    enum format format;
    uint64_t count, seed;
    uint64_t written, escaped;
    struct coverage *cover; /* &coverage, or NULL if nobody asked */
    struct coverage coverage;
};

/* Bytes the format can carry. */
static enum allowed allowed(const struct work *w)
{
    if (w->format == FORMAT_JSON || w->format == FORMAT_NDJSON || w->messages)
        return w->format == FORMAT_RAW ? ALLOWED_NO_NUL : ALLOWED_ALL;
    return w->format == FORMAT_RAW ? ALLOWED_NO_NUL : ALLOWED_PRINTABLE;
}

static void write_json(struct work *w, sipv_slice text, const struct near_miss *miss)
{
    struct json j = json_begin_record(w->format == FORMAT_JSON);

    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.sentence/1");
    json_text(&j, "rule", w->rule_name);
    json_string(&j, "value", text);
    json_size(&j, "octets", text.n);
    json_bool(&j, "near_miss", miss != NULL);
    json_text(&j, "broken", miss ? miss->broken : NULL);
    if (miss)
        json_size(&j, "error_offset", miss->error_offset);
    else
        json_null(&j, "error_offset");
    json_string(&j, "repaired", miss ? bytes_slice(&miss->repaired) : sipv_slice_of(NULL, 0));
    json_end_object(&j);
    json_end_record(&j);
}

static void write_text(struct work *w, sipv_slice text, const struct near_miss *miss)
{
    if (w->messages && !miss) {
        out_slice(text);
        return;
    }
    if (!w->messages && text_is_printable(text)) {
        out_slice(text);
    } else {
        out_escaped(text);
        w->escaped++;
    }
    if (miss)
        out_format("\t%zu\t%s", miss->error_offset, miss->broken);
    out_char('\n');
}

static void write_one(struct work *w, sipv_slice text, const struct near_miss *miss)
{
    switch (w->format) {
    case FORMAT_TEXT: write_text(w, text, miss); break;
    case FORMAT_RAW:
        if (w->written > 0)
            out_char('\0');
        out_slice(text);
        break;
    case FORMAT_JSON:
    case FORMAT_NDJSON: write_json(w, text, miss); break;
    }
    progress_tick(++w->written, w->count);
}

/* "cannot be broken here: a, b" */
static void list_unbroken(const char *name, bool *any)
{
    fprintf(stderr, "%s%s", *any ? ", " : "sipvet gen: not broken by any near miss found: ", name);
    *any = true;
}

static void sentences(struct work *w)
{
    enum { TRIES = 256 };
    uint64_t seed = w->seed;
    struct bytes text = {0};

    for (uint64_t i = 0; i < w->count; i++) {
        bool found = false;

        for (int k = 0; k < TRIES && !found; k++)
            found = sentence(w->rule, false, &seed, &text, w->cover) &&
                    is_allowed(allowed(w), bytes_slice(&text));
        /* A rule such as CRLF has no other sentences. */
        if (!found && w->format == FORMAT_TEXT)
            found = sentence(w->rule, false, &seed, &text, w->cover);
        if (!found)
            break;
        if (w->cover)
            coverage_keep(w->cover);
        write_one(w, bytes_slice(&text), NULL);
    }
    bytes_free(&text);
}

static void near_misses(struct work *w)
{
    struct near_miss miss = {0};
    struct breaker b;
    const char *name;
    size_t at = 0;
    bool any = false;

    breaker_init(&b, w->rule, false, w->seed, allowed(w));
    while (w->written < w->count) {
        if (!breaker_next(&b, &miss)) {
            if (b.allowed != ALLOWED_PRINTABLE)
                break;
            b.allowed = ALLOWED_ALL; /* they are escaped then */
            continue;
        }
        write_one(w, bytes_slice(&miss.text), &miss);
    }
    while ((name = breaker_unbroken(&b, &at)) != NULL)
        list_unbroken(name, &any);
    if (w->written == 0)
        list_unbroken(w->rule_name, &any);
    if (any)
        putc('\n', stderr);
    breaker_free(&b);
    near_miss_free(&miss);
}

static void messages(struct work *w)
{
    struct maker *m = maker_new(w->seed, allowed(w), w->cover);
    struct near_miss miss = {0};
    struct bytes text = {0};
    const char *name;
    size_t at = 0;
    bool any = false;

    while (w->written < w->count) {
        if (w->near ? !maker_near_miss(m, &miss) : !maker_next(m, &text))
            break;
        write_one(w, bytes_slice(w->near ? &miss.text : &text), w->near ? &miss : NULL);
    }
    while (w->near && (name = maker_unbroken(m, &at)) != NULL)
        list_unbroken(name, &any);
    if (any)
        putc('\n', stderr);
    bytes_free(&text);
    near_miss_free(&miss);
    maker_free(m);
}

/* Sentences with the coverage behind them: a record in JSON, else on stderr. */
static void with_coverage(struct work *w)
{
    coverage_init(&w->coverage);
    w->cover = &w->coverage;
    if (w->messages) {
        maker_reach(w->cover);
        messages(w);
    } else {
        coverage_reach(w->cover, w->rule, false);
        sentences(w);
    }
    if (w->format == FORMAT_JSON || w->format == FORMAT_NDJSON)
        coverage_json(w->cover, w->rule_name, w->written, w->format == FORMAT_JSON);
    else
        coverage_text(w->cover, w->rule_name, w->written);
    coverage_free(w->cover);
    w->cover = NULL;
}

static int read_number(const struct arguments *args, const char *name, const char *otherwise,
                       uint64_t max, uint64_t *value)
{
    const char *text = arguments_value(args, name, otherwise);

    if (sipv_number(sipv_slice_text(text), max, value) == SIPV_OK)
        return EXIT_FINE;
    return usage_error(args->command, "option '--%s' takes a number up to %llu, not '%s'", name,
                       (unsigned long long)max, text);
}

static int run_gen(const struct arguments *args)
{
    const sipv_grammar *g = sipv_sip_grammar();
    const char *format = arguments_value(args, "format", "text");
    struct work w = {.near = arguments_have(args, "near-miss")};
    int result;

    if (strcmp(args->operands[0], "torture") == 0 || strncmp(args->operands[0], "torture/", 8) == 0)
        return gen_torture(args);
    w.rule = sipv_rule_find(g, sipv_slice_text(args->operands[0]));
    if (w.rule < 0)
        return usage_error(args->command, "there is no rule '%s'", args->operands[0]);
    w.rule_name = sipv_rule_name(g, w.rule);
    w.messages = sipv_slice_is(sipv_slice_text(w.rule_name), "SIP-message");
    if ((result = read_number(args, "count", "1", UINT32_MAX, &w.count)) != EXIT_FINE ||
        (result = read_number(args, "seed", "1", UINT64_MAX, &w.seed)) != EXIT_FINE)
        return result;
    if (w.near && arguments_have(args, "coverage"))
        return usage_error(args->command, "option '--coverage' does not go with '--near-miss'");
    while (strcmp(choices_format[w.format], format) != 0)
        w.format++;
    if (arguments_have(args, "coverage"))
        with_coverage(&w);
    else if (w.messages)
        messages(&w);
    else if (w.near)
        near_misses(&w);
    else
        sentences(&w);
    if (w.escaped > 0 && !w.messages)
        fprintf(stderr, "sipvet gen: %llu with control characters are written with escapes\n",
                (unsigned long long)w.escaped);
    if (w.written == w.count)
        return EXIT_FINE;
    fprintf(stderr, "sipvet gen: only %llu found\n", (unsigned long long)w.written);
    return EXIT_FINDINGS;
}

static const char gen_description[] =
    "Sentences are chosen at random, the same ones for the same seed. RULE is any rule of the\n"
    "grammar; a header's rule gives whole fields. SIP-message gives whole messages that are\n"
    "accepted in the strict profile.\n"
    "\n"
    "text writes one sentence a line, exact bytes: sentences with control characters are drawn\n"
    "again; where a rule has no others they are escaped (\\r \\n \\t \\0 \\xHH \\\\) and\n"
    "standard error says so. Messages of SIP-message are written as they are, one behind the\n"
    "other, as on a TCP connection. raw writes exact bytes with a NUL between two sentences;\n"
    "sentences that hold a NUL are drawn again. json and ndjson write a record\n"
    "\"sipvet.sentence/1\" for each sentence.\n"
    "\n"
    "--near-miss writes texts that the rule rejects and that would be accepted if one named\n"
    "part were repaired. A line of text has three columns with tabs between them: the text,\n"
    "the first impossible byte, the rule or part that is broken. Records also have the\n"
    "repaired text. Of SIP-message one header is broken; the texts are escaped, and rejected by\n"
    "'sipvet parse'. Parts for which no near miss was found are listed on standard error.\n"
    "\n"
    "torture in place of a rule gives a suite of broken messages: an INVITE with one element of "
    "it\n"
    "replaced by all that might break a reader, in the 54 groups of the classic suite of 2002, "
    "and\n"
    "on to responses, REGISTER with digests, IPv6, folding, compact names, multipart bodies,\n"
    "dialogs and streams. Each case is announced with the verdict it must get, made from the\n"
    "rules of the RFCs and not by the parser: strict, interop, and of a session description in\n"
    "its body. torture/GROUP is one group, torture/GROUP/CASE one case. text has a line for each\n"
    "case with tabs: its name, strict verdict or how a stream ends, interop verdict, that on the\n"
    "body, octets, what it is; '-' where nothing is said. json and ndjson write records\n"
    "\"sipvet.torture-case/1\" with the message, raw the message of one case.\n"
    "\n"
    "--coverage tells behind the sentences which rules, alternatives and parameter names they\n"
    "have visited (+) and which they could have visited too (-): on standard error, in JSON as\n"
    "a record \"sipvet.coverage/1\". An alternative is named by its rule, the number of the\n"
    "choice in it, 1 or 2, and what it begins with; of a repetition 1 goes on, 2 ends.\n";

const struct command command_gen = {
    .name = "gen",
    .operands = "RULE",
    .summary = "Writes random sentences of a rule, or near misses",
    .run = run_gen,
    .options = gen_options,
    .min_operands = 1,
    .max_operands = 1,
    .kind = OPERAND_RULE,
    .description = gen_description,
    .examples = "sipvet gen -n 5 --seed 7 SIP-URI\n"
                "sipvet gen -n 1000 -f ndjson --coverage Via | tail -n 1 | jq .missing\n"
                "sipvet gen --near-miss -n 20 Via\n"
                "sipvet gen -n 100 SIP-message | sipvet parse --stream --stats\n"
                "sipvet gen torture | cut -f 1 | cut -d / -f 1 | uniq -c\n"
                "sipvet gen -f raw torture/via-host/3 | sipvet lint -\n",
};
