/* show.c: `sipvet trace show`: the messages of a capture. */
#include "work.h"

#include <string.h>

static const char *const choices_format[] = {"text", "json", "ndjson", NULL};

static const struct option_spec trace_show_options[] = {
    {"format", 'f', NULL, choices_format, "how messages are written (default: text)", false},
    {"call-id", 0, "TEXT", NULL, "only messages with this Call-ID", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

/* Line by line, each without what could move the cursor. */
static void show_lines(sipv_slice data)
{
    while (data.n > 0) {
        const unsigned char *end = memchr(data.p, '\n', data.n);
        size_t n = end ? (size_t)(end - data.p) : data.n;
        size_t shown = end && n > 0 && data.p[n - 1] == '\r' ? n - 1 : n;

        out_text("    ");
        out_visible(sipv_slice_of(data.p, shown));
        out_char('\n');
        n += end != NULL;
        data = sipv_slice_of(data.p + n, data.n - n);
    }
}

static void show_text(const struct trace_work *w, const struct trace_message *m)
{
    char time[TIME_TEXT];

    time_text(m->time_ns, time);
    out_color(w->palette, COLOR_BOLD);
    out_format("frame %llu  %s  ", (unsigned long long)m->frame, time);
    out_visible(sipv_slice_text(m->source));
    out_text(" -> ");
    out_visible(sipv_slice_text(m->destination));
    out_text("  ");
    out_visible(sipv_slice_text(m->transport));
    out_format("  %zu octets", m->data.n);
    out_color(w->palette, COLOR_NONE);
    if (*m->damage) {
        out_text("  (");
        out_visible(sipv_slice_text(m->damage));
        out_char(')');
    }
    out_char('\n');
    show_lines(m->data);
    out_char('\n');
}

static void show(void *user, const struct trace_message *m)
{
    struct trace_work *w = user;
    struct json j;

    if (w->call_id.p && !work_take(w, m))
        return;
    if (work_is_format(w, "text")) {
        show_text(w, m);
        return;
    }
    j = work_record(w);
    record_write(&j, m);
    json_end_record(&j);
}

static int run_trace_show(const struct arguments *args)
{
    struct trace_work w;
    int result;

    work_begin(&w, args, show, &w);
    result = work_read(&w);
    return work_end(&w, result, false);
}

static const char trace_show_description[] =
    "FILEs are as with 'trace ls'. The frame of a message is the packet that completed it.\n"
    "\n"
    "json and ndjson write a record \"sipvet.trace/1\" for each message: frame, time, source,\n"
    "destination, transport, damage (why it is not whole, or null), octets, message; with\n"
    "message_b64 where it is not UTF-8. ndjson can be read back by all commands of 'trace'.\n"
    "\n"
    "The exit status is as that of 'trace ls'.\n";

const struct command command_trace_show = {
    .name = "trace show",
    .operands = "[FILE]...",
    .summary = "Shows the SIP messages of a capture",
    .run = run_trace_show,
    .options = trace_show_options,
    .max_operands = SIZE_MAX,
    .kind = OPERAND_FILE,
    .description = trace_show_description,
    .examples = "sipvet trace show --call-id a84b@pc33 call.pcap\n"
                "sipvet trace show -f ndjson call.pcap > call.ndjson\n",
};
