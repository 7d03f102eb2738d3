/* parse.c: `sipvet parse`. */
#include "command.h"
#include "input.h"
#include "progress.h"
#include "vet.h"

#include <string.h>

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_NDJSON, FORMAT_SPANS };

static const char *const choices_format[] = {"text", "json", "ndjson", "spans", NULL};

static const struct option_spec parse_options[] = {
    {"format", 'f', NULL, choices_format, "how the message is written (default: text)", false},
    {"profile", 0, NULL, choices_profile, "what is accepted (default: strict)", false},
    {"stream", 0, NULL, NULL, "FILE holds many messages, framed as on TCP", false},
    {"stats", 0, NULL, NULL, "counts of messages, verdicts, octets and headers at the end", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

struct work {
    struct vet vet;
    enum format format;
    sipv_profile profile;
    struct palette palette;
    size_t messages, accepted, octets, headers;
    bool findings; /* something was not accepted */
};

static void show_message(struct work *w, const char *source, sipv_slice data, int64_t stream_offset)
{
    struct json j;

    vet_parse(&w->vet, data, w->profile, stream_offset >= 0 ? VET_FRAME : VET_DATAGRAM);
    vet_check_body(&w->vet);
    w->messages++;
    if (stream_offset >= 0)
        progress_tick(w->messages, 0);
    w->accepted += w->vet.m.accepted;
    w->octets += vet_octets(&w->vet);
    w->headers += w->vet.m.n_headers;
    if (!w->vet.m.accepted)
        w->findings = true;
    switch (w->format) {
    case FORMAT_TEXT: vet_tree(&w->vet, source, stream_offset, w->palette); break;
    case FORMAT_SPANS: vet_spans(&w->vet, source, stream_offset); break;
    case FORMAT_JSON:
    case FORMAT_NDJSON:
        j = json_begin_record(w->format == FORMAT_JSON);
        vet_json(&j, &w->vet, source, stream_offset);
        json_end_record(&j);
        break;
    }
}

/* The record that ends a stream; `d` is why it ended, or NULL. */
static void show_end(const struct work *w, const struct input *input, const char *how, size_t end,
                     const sipv_diag *d)
{
    struct lines lines = {0};
    struct finding f;
    struct json j;

    if (d) {
        lines_of(&lines, sipv_slice_of(input->data, input->n));
        finding_of(NULL, &lines, d, &f);
    }
    if (w->format == FORMAT_JSON || w->format == FORMAT_NDJSON) {
        j = json_begin_record(w->format == FORMAT_JSON);
        json_object(&j, NULL);
        json_text(&j, "schema", "sipvet.stream/1");
        json_text(&j, "source", input->name);
        json_text(&j, "end", how);
        json_size(&j, "end_offset", end);
        json_array(&j, "diagnostics");
        if (d)
            finding_json(&j, &f, NULL);
        json_end_array(&j);
        json_end_object(&j);
        json_end_record(&j);
    } else {
        if (w->format == FORMAT_SPANS)
            out_text("# ");
        out_visible(sipv_slice_of(input->name, strlen(input->name)));
        out_format(": end of the stream at %zu: %s\n", end, how);
        if (d && w->format == FORMAT_TEXT)
            finding_text(&f, NULL, input->name, &lines, w->palette);
    }
    lines_free(&lines);
}

static void show_stream(struct work *w, const struct input *input)
{
    sipv_framer framer;
    sipv_frame frame;
    size_t at = 0;

    sipv_framer_init(&framer, w->profile, NULL);
    for (;;) {
        int result = sipv_framer_feed(&framer, input->data + at, input->n - at, &frame);

        if (result == SIPV_OK) {
            at += frame.skip;
            show_message(w, input->name, sipv_slice_of(input->data + at, frame.n), (int64_t)at);
            at += frame.n;
            continue;
        }
        at += frame.skip;
        if (result == SIPV_MORE) {
            bool complete = at == input->n;

            show_end(w, input, complete ? "complete" : "incomplete", at, NULL);
            w->findings = w->findings || !complete;
            return;
        }
        frame.diag.off += at - frame.skip;
        show_end(w, input, "error", at, &frame.diag);
        w->findings = true;
        return;
    }
}

static void show_stats(const struct work *w)
{
    struct json j;

    if (w->format == FORMAT_TEXT || w->format == FORMAT_SPANS) {
        out_format("%s%zu messages: %zu accepted, %zu rejected; %zu octets, %zu headers\n",
                   w->format == FORMAT_SPANS ? "# " : "", w->messages, w->accepted,
                   w->messages - w->accepted, w->octets, w->headers);
        return;
    }
    j = json_begin_record(w->format == FORMAT_JSON);
    json_object(&j, NULL);
    json_text(&j, "schema", "sipvet.stats/1");
    json_size(&j, "messages", w->messages);
    json_size(&j, "accepted", w->accepted);
    json_size(&j, "rejected", w->messages - w->accepted);
    json_size(&j, "octets", w->octets);
    json_size(&j, "headers", w->headers);
    json_end_object(&j);
    json_end_record(&j);
}

static int run_parse(const struct arguments *args)
{
    static const char *const standard[] = {"-"};
    const char *const *names = args->operand_count ? args->operands : standard;
    size_t count = args->operand_count ? args->operand_count : 1;
    const char *format = arguments_value(args, "format", "text");
    bool stream = arguments_have(args, "stream");
    struct work w = {.format = FORMAT_TEXT};
    int result = EXIT_FINE;

    while (strcmp(choices_format[w.format], format) != 0)
        w.format++;
    w.profile = profile_of(arguments_value(args, "profile", "strict"));
    w.palette = palette_of(arguments_value(args, "color", "auto"));
    for (size_t i = 0; i < count; i++) {
        struct input input;

        if (input_read(names[i], &input) != EXIT_FINE) {
            result = EXIT_INPUT;
            continue;
        }
        progress_tick(i, count);
        if (stream)
            show_stream(&w, &input);
        else
            show_message(&w, input.name, sipv_slice_of(input.data, input.n), -1);
        input_free(&input);
    }
    if (arguments_have(args, "stats"))
        show_stats(&w);
    vet_free(&w.vet);
    return result == EXIT_FINE && w.findings ? EXIT_FINDINGS : result;
}

static const char parse_description[] =
    "Every FILE is one message, as in a datagram; '-' or no FILE is standard input. With\n"
    "--stream it is what came over a TCP connection: any number of messages, cut by their\n"
    "Content-Length, and the last line or record says how the stream ended.\n"
    "\n"
    "text is a tree for people. json and ndjson write one record \"sipvet.message/1\" for each\n"
    "message: json over several lines, ndjson on one. spans has one line for each part with\n"
    "offset, octets, name and bytes, separated by tabs; bytes that are not printable ASCII\n"
    "are \\xHH there.\n"
    "\n"
    "In JSON, bytes that are not UTF-8 become U+FFFD, and a member NAME_b64 beside has the\n"
    "exact bytes. Offsets count bytes from the start of the message.\n"
    "\n"
    "The exit status is 0 if every message was accepted, 1 if one was rejected or a stream\n"
    "ended within a message or in an error. A file that cannot be read does not keep the\n"
    "others from being shown; the exit status is then 3. Inputs are at most 256 MiB.\n";

const struct command command_parse = {
    .name = "parse",
    .operands = "[FILE]...",
    .summary = "Shows a SIP message as a tree, as JSON or as byte spans",
    .run = run_parse,
    .options = parse_options,
    .max_operands = SIZE_MAX,
    .kind = OPERAND_FILE,
    .description = parse_description,
    .examples = "sipvet parse invite.sip\n"
                "# the dialog identifiers of many messages\n"
                "sipvet parse -f ndjson *.sip | jq -r '[.call_id, .from.tag, .to.tag] | @tsv'\n"
                "nc -l 5060 | sipvet parse --stream --stats -\n",
};
