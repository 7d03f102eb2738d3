/* work.h: what the commands of `sipvet trace` share: options, the reader, the message at hand. */
#ifndef SIPVET_TOOLS_TRACE_WORK_H
#define SIPVET_TOOLS_TRACE_WORK_H

#include "../command.h"
#include "../vet.h"
#include "trace.h"

struct trace_work {
    const struct arguments *args;
    const char *format;
    sipv_profile profile;
    struct palette palette;
    sipv_slice call_id; /* of --call-id, or absent */
    struct trace trace;
    struct vet vet; /* the message, after work_take */
};

/* `sink` gets every message, with `user`. */
void work_begin(struct trace_work *w, const struct arguments *args, trace_sink *sink, void *user);
/* Parses a message into w->vet; false if --call-id asks for others. */
bool work_take(struct trace_work *w, const struct trace_message *m);
bool work_is_format(const struct trace_work *w, const char *name);
/* A record of JSON, over several lines with `-f json`. */
struct json work_record(const struct trace_work *w);
/* Reads all FILEs.  The exit status so far. */
int work_read(struct trace_work *w);
/* Frees.  The exit status; `findings`: something is not as it should be. */
int work_end(struct trace_work *w, int result, bool findings);

/* "INVITE", "200 OK", "?" where even that cannot be read; any bytes. */
void work_label(const sipv_message *m, struct bytes *out);
/* When, between whom: members of an open JSON object. */
void work_place_json(struct json *j, const struct trace_message *m);

#endif
