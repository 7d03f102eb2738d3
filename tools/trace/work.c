/* work.c: see work.h. */
#include "work.h"

#include <string.h>

void work_begin(struct trace_work *w, const struct arguments *args, trace_sink *sink, void *user)
{
    const char *call_id = arguments_value(args, "call-id", NULL);

    memset(w, 0, sizeof *w);
    w->args = args;
    w->format = arguments_value(args, "format", "text");
    w->profile = profile_of(arguments_value(args, "profile", "strict"));
    w->palette = palette_of(arguments_value(args, "color", "auto"));
    if (call_id)
        w->call_id = sipv_slice_text(call_id);
    trace_begin(&w->trace, sink, user);
}

bool work_take(struct trace_work *w, const struct trace_message *m)
{
    vet_parse(&w->vet, m->data, w->profile, trace_is_stream(m) ? VET_FRAME : VET_DATAGRAM);
    return !w->call_id.p || (w->vet.m.call_id.p && sipv_slice_equal(w->vet.m.call_id, w->call_id));
}

bool work_is_format(const struct trace_work *w, const char *name)
{
    return strcmp(w->format, name) == 0;
}

struct json work_record(const struct trace_work *w)
{
    return json_begin_record(work_is_format(w, "json"));
}

int work_read(struct trace_work *w)
{
    return trace_read(&w->trace, w->args->operands, w->args->operand_count);
}

int work_end(struct trace_work *w, int result, bool findings)
{
    int complete;

    out_flush();
    complete = trace_end(&w->trace);
    vet_free(&w->vet);
    if (result != EXIT_FINE)
        return result;
    return findings ? EXIT_FINDINGS : complete;
}

void work_label(const sipv_message *m, struct bytes *out)
{
    out->n = 0;
    if (m->kind == SIPV_REQUEST && m->method.p)
        bytes_add(out, m->method.p, m->method.n);
    else if (m->kind == SIPV_RESPONSE && m->status_text.p)
        bytes_add(out, m->status_text.p, m->status_text.n);
    else
        bytes_text(out, "?");
    if (m->kind == SIPV_RESPONSE && m->reason.p && m->reason.n > 0) {
        bytes_text(out, " ");
        bytes_add(out, m->reason.p, m->reason.n);
    }
}

void work_place_json(struct json *j, const struct trace_message *m)
{
    char time[TIME_TEXT];

    time_text(m->time_ns, time);
    json_text(j, "file", m->file);
    json_size(j, "frame", (size_t)m->frame);
    json_text(j, "time", time);
    json_text(j, "source", m->source);
    json_text(j, "destination", m->destination);
    json_text(j, "transport", m->transport);
    json_text(j, "damage", *m->damage ? m->damage : NULL);
}
